//! `--update`: calls that go otherwise expect what was heard. Only lines that expect something are written anew.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;

use crate::call::Language;
use crate::simulator::call_file::{self, Expectation, Script, Step};
use crate::simulator::{Hall, Rehearsal, Stage, hear, perform};

/// The lines of a file that are to be others, by number.
type Lines = BTreeMap<u32, Option<String>>;

pub(super) async fn run(hall: &Arc<Hall>, scripts: &[Script]) -> anyhow::Result<ExitCode> {
    let (mut updated, mut refused) = (0, 0);
    for script in scripts {
        match update(hall, script).await? {
            Ok(0) => {}
            Ok(lines) => {
                println!("{}: {lines} line(s) expect what was heard", script.file);
                updated += 1;
            }
            Err(why) => {
                println!("{why}");
                refused += 1;
            }
        }
    }
    println!("{} calls: {updated} updated, {refused} refused, the others go as told.", scripts.len());
    if updated > 0 {
        println!("Read the changes before you keep them: what is heard now may be wrong.");
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many lines were written anew; or why none was.
async fn update(hall: &Arc<Hall>, script: &Script) -> anyhow::Result<Result<usize, String>> {
    let lines = match lines_of(hall, script).await {
        Ok(lines) if lines.is_empty() => return Ok(Ok(0)),
        Ok(lines) => lines,
        Err(why) => return Ok(Err(why)),
    };
    let text = std::fs::read_to_string(&script.file).with_context(|| format!("{} cannot be read", script.file))?;
    let text = call_file::with_lines(&text, &lines);
    // What was heard may not be all: a call that ends sooner has lines too many.
    let again = match call_file::read(&script.file, &text) {
        Ok(again) => again,
        Err(mistakes) => {
            let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            return Ok(Err(format!("{}: it would not be a call any more; change it by hand", mistakes.join("; "))));
        }
    };
    let stage = Stage { threads: 1, times: 1, watched: false };
    let played = perform(hall, &[again], &hall.loaded().line.languages, stage).await;
    if let Some(failure) = played.iter().find_map(|played| played.ended.as_ref().err()) {
        let (file, line, text) = (&failure.file, failure.line, &failure.text);
        return Ok(Err(format!("{file}:{line}: it would still not go as told: {text}; change it by hand")));
    }
    std::fs::write(&script.file, text).with_context(|| format!("{} cannot be written", script.file))?;
    Ok(Ok(lines.len()))
}

/// What the lines would have to be that do not hold.
async fn lines_of(hall: &Arc<Hall>, script: &Script) -> Result<Lines, String> {
    let languages = &hall.loaded().line.languages;
    let is_for = |language: &&Language| script.language.as_ref().is_none_or(|only| only == *language);
    let languages: Vec<&Language> = languages.iter().filter(is_for).collect();
    let mut by_line: BTreeMap<u32, Vec<(&Language, Option<String>)>> = BTreeMap::new();
    for language in &languages {
        let rehearsal = Arc::new(Rehearsal::new(Arc::clone(hall)));
        let heard = hear(&*rehearsal, Arc::clone(&rehearsal) as _, script, language).await;
        let heard = heard.map_err(|failure| {
            let (file, line, text) = (failure.file, failure.line, failure.text);
            format!("{file}:{line}: in {language}: {text}; what callers do is not changed here, change it by hand")
        })?;
        for (line, difference) in heard {
            by_line.entry(line).or_default().push((language, difference.instead));
        }
    }
    let mut lines = Lines::new();
    for (line, heard) in by_line {
        let is_of_one = script
            .steps
            .iter()
            .any(|(number, step)| *number == line && matches!(step, Step::Expects(Expectation::Says { .. })));
        let in_all = is_of_one || heard.len() == languages.len();
        match heard.as_slice() {
            [(_, first), others @ ..] if in_all && others.iter().all(|(_, other)| other == first) => {
                lines.insert(line, first.clone());
            }
            _ => {
                let told: Vec<String> = heard
                    .iter()
                    .map(|(language, instead)| format!("{language} {}", instead.as_deref().unwrap_or("nothing")))
                    .collect();
                return Err(format!(
                    "{}:{line}: it is not the same in all languages ({}); make a file for each, with `in LANGUAGE` in its first line",
                    script.file,
                    told.join(", "),
                ));
            }
        }
    }
    Ok(lines)
}
