//! Many call files, each in every language that it is for: read, then rehearsed on every core.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::call_file::{self, Mistake, Script};
use super::failure::Failure;
use super::player::play;
use super::rehearsal::{Hall, Rehearsal, Seen};
use super::transcript::Transcript;
use crate::call::Language;

/// The extension of call files.
const EXTENSION: &str = "call";

/// A call file that was played in a language.
#[derive(Debug)]
pub struct Played {
    pub file: String,
    pub language: Language,
    /// How it went.
    pub ended: Result<Transcript, Failure>,
    /// What it came by, if it was watched.
    pub seen: Seen,
}

/// Files that cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("{path} cannot be read")]
    Read { path: PathBuf, source: io::Error },
    #[error("{} line(s) of call files are not understood", .0.len())]
    Mistakes(Vec<Mistake>),
}

/// The call files in a folder, by name.
///
/// # Errors
/// [`Unreadable::Read`].
pub fn calls_of(folder: &Path) -> Result<Vec<PathBuf>, Unreadable> {
    let failed = |source| Unreadable::Read { path: folder.to_owned(), source };
    let entries: Result<Vec<_>, io::Error> =
        std::fs::read_dir(folder).map_err(failed)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut files = entries.map_err(failed)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == EXTENSION));
    files.sort();
    Ok(files)
}

/// Reads call files, each known by its path as given.
///
/// # Errors
/// [`Unreadable::Mistakes`] with every line of any of them that is not understood.
pub fn read_calls(files: &[PathBuf]) -> Result<Vec<Script>, Unreadable> {
    let (mut scripts, mut mistakes) = (Vec::new(), Vec::new());
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|source| Unreadable::Read { path: path.clone(), source })?;
        match call_file::read(&path.display().to_string(), &text) {
            Ok(script) => scripts.push(script),
            Err(more) => mistakes.extend(more),
        }
    }
    if mistakes.is_empty() { Ok(scripts) } else { Err(Unreadable::Mistakes(mistakes)) }
}

/// Every script in each of `languages` that it is for, in order.
fn plays<'a>(scripts: &'a [Script], languages: &'a [Language]) -> impl Iterator<Item = (&'a Script, &'a Language)> {
    let is_for = |script: &Script, language: &Language| script.language.as_ref().is_none_or(|only| only == language);
    scripts.iter().flat_map(move |script| {
        languages.iter().filter(move |language| is_for(script, language)).map(move |language| (script, language))
    })
}

/// Rehearses scripts in each of `languages` that they are for, on `threads` threads of the runtime. `watched`: what they
/// come by is noted, which costs a little.
///
/// # Panics
/// If a player does.
pub async fn perform(
    hall: &Arc<Hall>,
    scripts: &[Script],
    languages: &[Language],
    threads: usize,
    watched: bool,
) -> Vec<Played> {
    let all: Vec<(Script, Language)> =
        plays(scripts, languages).map(|(script, language)| (script.clone(), language.clone())).collect();
    let all = Arc::new(all);
    let next = Arc::new(AtomicUsize::new(0));
    let players: Vec<_> = (0..threads.max(1))
        .map(|_| {
            let (hall, all, next) = (Arc::clone(hall), Arc::clone(&all), Arc::clone(&next));
            tokio::spawn(async move {
                let mut played = Vec::new();
                while let Some((place, (script, language))) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|place| Some((place, all.get(place)?)))
                {
                    played.push((place, rehearse(&hall, script, language, watched).await));
                }
                played
            })
        })
        .collect();
    let mut played = Vec::new();
    for player in players {
        played.extend(player.await.expect("a player has died"));
    }
    played.sort_by_key(|(place, _)| *place);
    played.into_iter().map(|(_, played)| played).collect()
}

/// Plays one call file in a rehearsal of its own.
async fn rehearse(hall: &Arc<Hall>, script: &Script, language: &Language, watched: bool) -> Played {
    let rehearsal = if watched { Rehearsal::watched(Arc::clone(hall)) } else { Rehearsal::new(Arc::clone(hall)) };
    let rehearsal = Arc::new(rehearsal);
    let ended = play(&*rehearsal, Arc::clone(&rehearsal) as _, script, language).await;
    let seen = if watched { rehearsal.seen().await } else { Seen::default() };
    Played { file: script.file.clone(), language: language.clone(), ended, seen }
}
