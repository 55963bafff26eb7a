//! Where the bytes of clips are: those of the shipped line in the program, those of other lines in a folder, each
//! file named by the hash of what is in it.
//!
//! It is *not* what knows which clip says what: that is a line's manifest (`prompt`).

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rust_embed::Embed;
use tracing::warn;

use crate::audio::{SILENCE, wav};
use crate::flow::Files;
use crate::prompt::{AudioHash, Clip, Manifest, Part, Recipe, Row, file_of};

#[derive(Embed)]
#[folder = "prompts"]
#[include = "*.wav"]
struct Shipped;

/// The samples of every shipped clip.
static SHIPPED: LazyLock<HashMap<AudioHash, Bytes>> = LazyLock::new(|| {
    let clip = |file: rust_embed::EmbeddedFile| {
        let hash = AudioHash::of_sha256(&file.metadata.sha256_hash());
        Some((hash, samples_of(&Bytes::from_owner(file.data))?))
    };
    Shipped::iter().filter_map(|path| clip(Shipped::get(&path)?)).collect()
});

/// A second without sound.
static QUIET: [u8; 8_000] = [SILENCE; 8_000];

/// The clips of this installation, by hash.
#[derive(Debug, Default)]
pub struct ClipFiles {
    /// `None`: there are none beside the shipped ones and those that were given.
    folder: Option<PathBuf>,
    /// The samples of those that were read or given; `None` for one that cannot be played, which was told.
    held: Mutex<HashMap<AudioHash, Option<Bytes>>>,
}

/// Why a file cannot be played.
struct Trouble {
    why: String,
    /// It may be gone the next time: too many open files, a disk that does not answer.
    may_pass: bool,
}

/// The folder cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the clip file {path} cannot be written; make room, or give this user the right to write there")]
pub struct NotWritten {
    path: PathBuf,
    source: io::Error,
}

impl ClipFiles {
    /// The shipped clips, and those that are in `folder` (`<data>/clips`), which need not exist.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder: Some(folder), ..Self::default() }
    }

    /// The shipped clips, and these WAV files.
    #[must_use]
    pub fn with(files: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let held = files.into_iter().map(|file| {
            let file = Bytes::from(file);
            (AudioHash::of(&file), samples_of(&file))
        });
        Self { folder: None, held: Mutex::new(held.collect()) }
    }

    /// Whether there is a clip, as far as can be told without reading it.
    #[must_use]
    pub fn has(&self, clip: &Clip) -> bool {
        let fits = |samples: &Bytes| samples.len() == clip.samples as usize;
        if let Some(samples) = SHIPPED.get(&clip.audio) {
            return fits(samples);
        }
        if let Some(known) = self.held().get(&clip.audio) {
            return known.as_ref().is_some_and(fits);
        }
        let size = wav::HEADER_BYTES as u64 + u64::from(clip.samples) + u64::from(clip.samples % 2);
        self.path(clip.audio)
            .and_then(|path| std::fs::metadata(path).ok())
            .is_some_and(|file| file.is_file() && file.len() == size)
    }

    /// The samples of a recipe, in order: shared, nothing is copied. `None` if a clip of it cannot be played; which,
    /// and why, is logged once.
    #[must_use]
    pub fn parts(&self, recipe: &Recipe) -> Option<Vec<Bytes>> {
        let mut parts = Vec::with_capacity(recipe.parts.len());
        for part in &recipe.parts {
            match part {
                Part::Clip(clip) => parts.push(self.get(clip)?),
                Part::Pause(samples) => {
                    let mut left = *samples as usize;
                    while left > 0 {
                        let piece = QUIET.get(..left).unwrap_or(&QUIET);
                        parts.push(Bytes::from_static(piece));
                        left -= piece.len();
                    }
                }
            }
        }
        Some(parts)
    }

    fn get(&self, clip: &Clip) -> Option<Bytes> {
        let fits = |samples: &Bytes| samples.len() == clip.samples as usize;
        if let Some(samples) = SHIPPED.get(&clip.audio) {
            return Some(samples.clone()).filter(fits);
        }
        if let Some(known) = self.held().get(&clip.audio) {
            return known.clone().filter(fits);
        }
        let samples = match self.read(clip.audio) {
            Ok(samples) => Some(samples),
            Err(trouble) => {
                // Not which clip: it may be a piece of somebody's figure. The manifest knows it by its hash.
                warn!(audio = %clip.audio, "a clip cannot be played; what needs it is spoken as text: {}", trouble.why);
                if trouble.may_pass {
                    return None;
                }
                None
            }
        };
        self.held().entry(clip.audio).or_insert(samples).clone().filter(fits)
    }

    /// Reads a file of the folder.
    fn read(&self, hash: AudioHash) -> Result<Bytes, Trouble> {
        let lasting = |why: String| Trouble { why, may_pass: false };
        let path = self.path(hash).ok_or_else(|| lasting("it is not in the program".to_owned()))?;
        let file = std::fs::read(&path).map_err(|failed| Trouble {
            why: format!("{}: {failed}", path.display()),
            may_pass: failed.kind() != io::ErrorKind::NotFound,
        })?;
        let file = Bytes::from(file);
        if AudioHash::of(&file) != hash {
            return Err(lasting(format!("{} is not what it was", path.display())));
        }
        samples_of(&file).ok_or_else(|| lasting(format!("{} is no clip", path.display())))
    }

    /// Copies the shipped clips into the folder, where a later program finds those that it does not bring along any
    /// more: calls and versions of today need them. What is there already is left alone.
    ///
    /// # Errors
    /// [`NotWritten`] at the first that cannot be kept.
    pub fn keep_shipped(&self) -> Result<(), NotWritten> {
        for file in Shipped::iter().filter_map(|path| Shipped::get(&path)) {
            let Some(to) = self.path(AudioHash::of_sha256(&file.metadata.sha256_hash())) else { return Ok(()) };
            let is_there = std::fs::metadata(&to).is_ok_and(|kept| kept.len() == file.data.len() as u64);
            if !is_there {
                write(&to, &file.data).map_err(|source| NotWritten { path: to, source })?;
            }
        }
        Ok(())
    }

    /// Copies the clips that a line's manifests name out of its folder of prompts, so that calls can stay on this
    /// version whatever happens to that folder. What is shipped or there already is left alone; a file that is not
    /// what the manifest says is left out and logged, and what needs it is spoken as text.
    ///
    /// # Errors
    /// [`NotWritten`] at the first that cannot be kept.
    pub fn take_in(&self, prompts: &Path, files: &Files) -> Result<(), NotWritten> {
        for (path, text) in &files.0 {
            let Some(folder) = path.strip_prefix("prompts/").and_then(|path| path.strip_suffix(Manifest::FILE)) else {
                continue;
            };
            if !folder.ends_with('/') {
                continue;
            }
            for row in Manifest::read(text).0.rows.values() {
                let own = if folder == "sounds/" { format!("{}.wav", row.clip) } else { file_of(&row.clip) };
                self.take_in_one(row, &prompts.join(folder).join(own))?;
            }
        }
        Ok(())
    }

    fn take_in_one(&self, row: &Row, from: &Path) -> Result<(), NotWritten> {
        let Some(to) = self.path(row.audio).filter(|_| !SHIPPED.contains_key(&row.audio)) else { return Ok(()) };
        let is_it = |file: &[u8]| AudioHash::of(file) == row.audio;
        if std::fs::read(&to).is_ok_and(|file| is_it(&file)) {
            self.forget_trouble(row.audio);
            return Ok(());
        }
        let told = |why: &str| {
            let clip = &row.clip;
            warn!(clip, file = %from.display(), "clip `{clip}` is left out, what needs it is spoken as text: {why}");
        };
        let file = match std::fs::read(from) {
            Ok(file) => Bytes::from(file),
            Err(failed) => {
                told(&failed.to_string());
                return Ok(());
            }
        };
        if !is_it(&file) {
            told("the file is not the one that the manifest describes");
            return Ok(());
        }
        if samples_of(&file).is_none_or(|samples| samples.len() != row.samples as usize) {
            told("the file is no mu-law WAV of 8 kHz with as many samples as the manifest says");
            return Ok(());
        }
        write(&to, &file).map_err(|source| NotWritten { path: to, source })?;
        self.forget_trouble(row.audio);
        Ok(())
    }

    /// What could not be played before can be now.
    fn forget_trouble(&self, hash: AudioHash) {
        let mut held = self.held();
        if held.get(&hash).is_some_and(Option::is_none) {
            held.remove(&hash);
        }
    }

    fn path(&self, hash: AudioHash) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(format!("{hash}.wav")))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<AudioHash, Option<Bytes>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The samples of a clip's file; `None` if it is none. Not copied.
fn samples_of(file: &Bytes) -> Option<Bytes> {
    wav::read(file).ok().map(|samples| file.slice_ref(samples))
}

/// Written aside and moved into place, so that nobody ever reads half a file. A folder that is missing is made for this
/// user alone.
pub(crate) fn write(path: &Path, file: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
    }
    let aside = path.with_extension(format!("{:016x}", rand::random::<u64>()));
    let written = std::fs::File::create_new(&aside).and_then(|mut new| new.write_all(file));
    let placed = written.and_then(|()| std::fs::rename(&aside, path));
    if placed.is_err() {
        let _ = std::fs::remove_file(&aside);
    }
    placed
}
