//! `hotline prompts check`: all that is wrong with the clips of a line, each thing with what to do about it.

mod clips;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde::Serialize;

use super::open::{Opened, Scope};
use super::shelf::{SOUNDS, Shelf};
use crate::call::Language;
use crate::cli::report;
use crate::prompt::Manifest;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scope: Scope,
    /// Prints one JSON document
    #[arg(long)]
    json: bool,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    /// A language, `sounds`, or `line`.
    folder: String,
    /// The clip, or the prompt.
    clip: String,
    code: &'static str,
    /// What is wrong, and what to do.
    text: String,
}

/// What was looked at, and what is wrong with it.
#[derive(Debug, Serialize)]
struct Report {
    findings: Vec<Finding>,
    /// How many clips there have to be: language, or `sounds`, -> number.
    clips: BTreeMap<String, usize>,
}

impl Report {
    fn find(&mut self, folder: &str, clip: &str, code: &'static str, text: impl Into<String>) {
        self.findings.push(Finding { folder: folder.to_owned(), clip: clip.to_owned(), code, text: text.into() });
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let opened = args.scope.place.open()?;
    let languages = args.scope.languages(&opened)?;
    let shelf = opened.shelf()?;
    let mut found = Report { findings: Vec::new(), clips: BTreeMap::new() };
    for problem in &opened.problems {
        found.find("line", &problem.file, problem.code, problem.to_string());
    }
    for language in &languages {
        language_clips(&opened, &shelf, language, &mut found)?;
        texts::too_long(&opened, language, &mut found);
    }
    texts::unused(&opened, &mut found);
    sounds(&opened, &shelf, &mut found)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        report::problems(&opened.files, &opened.problems);
        tell(&found);
    }
    Ok(if found.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The clips of a language, and what nobody wants there.
fn language_clips(opened: &Opened, shelf: &Shelf, language: &Language, found: &mut Report) -> anyhow::Result<()> {
    let folder = language.as_str();
    let empty = Manifest::default();
    let manifest = opened.catalogue.manifest(language).unwrap_or(&empty);
    let wanted = opened.catalogue.wanted(language);
    found.clips.insert(folder.to_owned(), wanted.len());
    for wanted in &wanted {
        let state = opened.catalogue.clip_state(language, &wanted.clip);
        for (code, text) in clips::wanted(shelf, folder, wanted, state, manifest.rows.get(&wanted.clip)) {
            found.find(folder, &wanted.clip, code, text);
        }
    }
    let names: BTreeSet<&str> = wanted.iter().map(|wanted| wanted.clip.as_str()).collect();
    let rows = manifest.rows.keys().cloned();
    let unused: BTreeSet<String> = rows.chain(shelf.clips(folder)?).collect();
    for clip in unused.iter().filter(|clip| !names.contains(clip.as_str())) {
        found.find(folder, clip, "unused", "no text wants this clip: hotline prompts render --prune deletes it");
    }
    Ok(())
}

/// What is heard and is no speech: as loud, as quiet and as long as its maker wants it.
fn sounds(opened: &Opened, shelf: &Shelf, found: &mut Report) -> anyhow::Result<()> {
    let rows = &opened.catalogue.sounds().rows;
    found.clips.insert(SOUNDS.to_owned(), rows.len());
    for row in rows.values() {
        for (code, text) in clips::sound(shelf, row) {
            found.find(SOUNDS, &row.clip, code, text);
        }
    }
    for name in shelf.clips(SOUNDS)?.iter().filter(|name| !rows.contains_key(*name)) {
        found.find(SOUNDS, name, "unused", "it is not in prompts/sounds/clips.csv: write its row, or delete the file");
    }
    Ok(())
}

fn tell(found: &Report) {
    for Finding { folder, clip, code, text } in &found.findings {
        println!("{folder}/{clip}: {code}: {text}");
    }
    for (folder, clips) in &found.clips {
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in found.findings.iter().filter(|finding| finding.folder == *folder) {
            *codes.entry(finding.code).or_default() += 1;
        }
        let codes: Vec<String> = codes.iter().map(|(code, number)| format!("{number} {code}")).collect();
        let state = if codes.is_empty() { "nothing wrong".to_owned() } else { codes.join(", ") };
        println!("{folder}: {clips} clips, {state}");
    }
}
