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

/// How often calls are played, and on how many threads of the runtime.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    pub threads: usize,
    pub times: usize,
    /// What calls come by is noted, which costs a little.
    pub watched: bool,
}

/// Rehearses scripts in each of `languages` that they are for. Each is told once, in order; of those that are played more
/// than once, also every failure.
///
/// # Panics
/// If a player does.
pub async fn perform(hall: &Arc<Hall>, scripts: &[Script], languages: &[Language], stage: Stage) -> Vec<Played> {
    let is_for = |script: &Script, language: &Language| script.language.as_ref().is_none_or(|only| only == language);
    let in_each = scripts.iter().flat_map(|script| {
        languages.iter().filter(|language| is_for(script, language)).map(|language| (script.clone(), language.clone()))
    });
    let all: Arc<Vec<(Script, Language)>> = Arc::new(in_each.collect());
    let next = Arc::new(AtomicUsize::new(0));
    let players: Vec<_> = (0..stage.threads.max(1))
        .map(|_| {
            let (hall, all, next) = (Arc::clone(hall), Arc::clone(&all), Arc::clone(&next));
            tokio::spawn(async move {
                let mut told = Vec::new();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some((script, language)) =
                        all.get(place % all.len().max(1)).filter(|_| place < all.len() * stage.times)
                    else {
                        return told;
                    };
                    let played = rehearse(&hall, script, language, stage.watched).await;
                    if place < all.len() || played.ended.is_err() {
                        told.push((place, played));
                    }
                }
            })
        })
        .collect();
    let mut told = Vec::new();
    for player in players {
        told.extend(player.await.expect("a player has died"));
    }
    told.sort_by_key(|(place, _)| *place);
    told.into_iter().map(|(_, played)| played).collect()
}

/// Plays one call file in a rehearsal of its own.
async fn rehearse(hall: &Arc<Hall>, script: &Script, language: &Language, watched: bool) -> Played {
    let rehearsal = if watched { Rehearsal::watched(Arc::clone(hall)) } else { Rehearsal::new(Arc::clone(hall)) };
    let rehearsal = Arc::new(rehearsal);
    let ended = play(&*rehearsal, Arc::clone(&rehearsal) as _, script, language).await;
    let seen = if watched { rehearsal.seen().await } else { Seen::default() };
    Played { file: script.file.clone(), language: language.clone(), ended, seen }
}
