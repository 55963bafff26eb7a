//! Which scripts are played: those that are given, or a few that come with the program and need nothing special.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use crate::cli::report;
use crate::flow::{self, Files, Loaded};
use crate::line_files;
use crate::service::signatures;
use crate::simulator::call_file::{self, Script};
use crate::simulator::load::Mix;
use crate::simulator::{Unreadable, read_calls};

/// For `serve --demo`, whoever is at a desk there or not; each with how often it is played beside the others.
const OWN: &[(&str, &str, u32)] = &[
    ("balance.call", include_str!("calls/balance.call"), 4),
    ("payments.call", include_str!("calls/payments.call"), 3),
    ("guidance.call", include_str!("calls/guidance.call"), 2),
    ("silence.call", include_str!("calls/silence.call"), 1),
];

/// Scripts and the line that they are for.
pub(super) struct Scripts {
    pub(super) mix: Mix,
    pub(super) loaded: Arc<Loaded>,
}

/// Reads the mix that is given.
pub(super) fn read(given: &[String]) -> anyhow::Result<Scripts> {
    let (files, scripts) = if given.is_empty() { (line_files::shipped(), own()) } else { read_given(given)? };
    let loaded = load(&files)?;
    let name = &loaded.line.name;
    if let Some((other, _)) = scripts.iter().find(|(script, _)| script.line != *name) {
        bail!("{} is for line `{}`, not for `{name}`; a load is on one line", other.file, other.line);
    }
    let mix = Mix::of(scripts, &loaded.line.languages).map_err(|refused| {
        for refused in &refused {
            eprintln!("{refused}");
        }
        anyhow::anyhow!("{} script(s) cannot be played as a load (above); nothing was called", refused.len())
    })?;
    if mix.parts.is_empty() {
        bail!("every script weighs 0, so there is nothing to play");
    }
    Ok(Scripts { mix, loaded: Arc::new(loaded) })
}

fn own() -> Vec<(Script, u32)> {
    let read = |text, name| call_file::read(name, text).expect("the program's own scripts are understood");
    OWN.iter().map(|(name, text, weight)| (read(text, name), *weight)).collect()
}

/// The files of the line that call files lie beside, and the call files.
fn read_given(given: &[String]) -> anyhow::Result<(Files, Vec<(Script, u32)>)> {
    let given: Vec<(PathBuf, u32)> = given.iter().map(|written| weighed(written)).collect::<Result<_, _>>()?;
    let paths: Vec<PathBuf> = given.iter().map(|(path, _)| path.clone()).collect();
    let scripts = match read_calls(&paths) {
        Err(Unreadable::Mistakes(mistakes)) => {
            for mistake in &mistakes {
                eprintln!("{mistake}");
            }
            bail!("{} line(s) are not understood (above); nothing was called", mistakes.len());
        }
        scripts => scripts?,
    };
    let folders =
        paths.iter().filter_map(|path| std::fs::canonicalize(path).ok()?.parent()?.parent().map(Path::to_owned));
    let files = match folders.into_iter().find(|folder| folder.join("line.yaml").is_file()) {
        Some(folder) => line_files::read_folder(&folder)?,
        None => line_files::shipped(),
    };
    Ok((files, scripts.into_iter().zip(given.into_iter().map(|(_, weight)| weight)).collect()))
}

/// `FILE.call` or `FILE.call:3`.
fn weighed(written: &str) -> anyhow::Result<(PathBuf, u32)> {
    if written.starts_with("http://") || written.starts_with("https://") {
        bail!("{written} is no call file; write the URL of the server before --mix");
    }
    match written.rsplit_once(':') {
        Some((path, weight)) => {
            let weight = weight.parse().ok().filter(|weight| *weight <= 1_000);
            Ok((
                path.into(),
                weight.with_context(|| format!("{written}: expected a weight from 0 to 1000 behind the colon"))?,
            ))
        }
        None => Ok((written.into(), 1)),
    }
}

fn load(files: &Files) -> anyhow::Result<Loaded> {
    flow::load(files, &signatures()).map_err(|problems| {
        report::problems(files, &problems);
        anyhow::anyhow!("the line has {} mistake(s) (above); mend them first", problems.len())
    })
}
