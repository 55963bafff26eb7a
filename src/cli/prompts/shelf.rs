//! The folder of the clips: `<language>/clips/<clip>.wav`, `<language>/clips.csv`, and `sounds/`. What is written there is
//! there whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::audio::{SILENCE, level, wav};
use crate::prompt::{AudioHash, Maker, Manifest, Part, Recipe, Row, Wanted, file_of};

/// The folder of what is heard and is no speech, beside those of the languages.
pub(super) const SOUNDS: &str = "sounds";

#[derive(Clone, Debug)]
pub(in crate::cli) struct Shelf {
    prompts: PathBuf,
}

impl Shelf {
    pub(super) const fn new(prompts: PathBuf) -> Self {
        Self { prompts }
    }

    /// The file of a clip. `folder`: a language, or [`SOUNDS`].
    pub(super) fn path(&self, folder: &str, clip: &str) -> PathBuf {
        let inside = if folder == SOUNDS { format!("{clip}.wav") } else { file_of(clip) };
        self.prompts.join(folder).join(inside)
    }

    /// The clip files that are there, sorted.
    pub(super) fn clips(&self, folder: &str) -> anyhow::Result<Vec<String>> {
        let root = self.prompts.join(folder);
        let root = if folder == SOUNDS { root } else { root.join("clips") };
        let mut found = Vec::new();
        if root.is_dir() {
            list(&root, "", &mut found).with_context(|| format!("cannot read {}", root.display()))?;
        }
        found.sort();
        Ok(found)
    }

    /// Writes a clip.
    ///
    /// Returns what the manifest is to say of it.
    pub(super) fn keep(
        &self,
        folder: &str,
        wanted: &Wanted,
        samples: &[u8],
        voice: &str,
        made_by: Maker,
    ) -> anyhow::Result<Row> {
        let file = wav::file(samples);
        replace(&self.path(folder, &wanted.clip), &file)?;
        let measured = level::measure(samples);
        Ok(Row {
            clip: wanted.clip.clone(),
            text: wanted.hash(),
            audio: AudioHash::of(&file),
            samples: u32::try_from(samples.len()).context("the clip is days long")?,
            level_dbfs: tenths(measured.active_dbfs),
            peak_dbfs: tenths(measured.peak_dbfs),
            voice: voice.to_owned(),
            made_by,
        })
    }

    /// A clip's samples.
    fn samples(&self, folder: &str, clip: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.path(folder, clip);
        let shown = || path.display().to_string();
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", shown()))?;
        Ok(wav::read(&bytes).with_context(shown)?.to_vec())
    }

    /// The samples of a sentence.
    pub(super) fn compose(&self, folder: &str, recipe: &Recipe) -> anyhow::Result<Vec<u8>> {
        let mut sentence = Vec::with_capacity(recipe.samples() as usize);
        for part in &recipe.parts {
            match part {
                Part::Clip(clip) => sentence.extend(self.samples(folder, &clip.id)?),
                Part::Pause(samples) => sentence.resize(sentence.len() + *samples as usize, SILENCE),
            }
        }
        Ok(sentence)
    }

    pub(super) fn write_manifest(&self, folder: &str, manifest: &Manifest) -> anyhow::Result<()> {
        replace(&self.prompts.join(folder).join(Manifest::FILE), manifest.write().as_bytes())
    }

    /// Deletes a clip's file, if it is there.
    pub(super) fn remove(&self, folder: &str, clip: &str) -> anyhow::Result<()> {
        let path = self.path(folder, clip);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot delete {}", path.display()))
            }
            _ => Ok(()),
        }
    }
}

/// As precise as the manifest has it.
pub(super) fn tenths(decibels: f32) -> f32 {
    (decibels * 10.0).round() / 10.0
}

/// Puts a file in place at once: under another name first.
pub(in crate::cli) fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let write = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&part, bytes)?;
        fs::rename(&part, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn list(folder: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{prefix}{name}/"), found)?;
        } else if let Some(clip) = name.strip_suffix(".wav") {
            found.push(format!("{prefix}{clip}"));
        }
    }
    Ok(())
}
