//! What plays sound on this system, as a program of its own: which one is installed, and the file that it plays.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::audio::{mulaw, wav};

/// What plays a WAV file on one system or another, with its arguments.
const PLAYERS: &[(&str, &[&str])] = &[
    ("aplay", &["-q"]),
    ("paplay", &[]),
    ("pw-play", &[]),
    ("afplay", &[]),
    ("play", &["-q"]),
    ("ffplay", &["-nodisp", "-autoexit", "-loglevel", "error"]),
];

/// A program that plays a WAV file.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemPlayer {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [&'static str],
}

impl SystemPlayer {
    /// The first that is installed.
    pub(super) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let installed = |name: &str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
        let (name, arguments) = PLAYERS.iter().find(|(name, _)| installed(name))?;
        Some(Self { name, arguments })
    }

    /// The names of all that would do, for messages.
    pub(super) fn names() -> String {
        PLAYERS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// A file for a player, gone when dropped. What is in it may be somebody's figures: only this user can read it.
pub(super) struct SoundFile(PathBuf);

impl SoundFile {
    /// With mu-law samples in 16 bits, because not every player knows mu-law.
    pub(super) fn of(samples: &[u8]) -> anyhow::Result<Self> {
        let header = wav::pcm_header(u32::try_from(samples.len()).context("it lasts days")?);
        let file = Self(std::env::temp_dir().join(format!("hotline-{:016x}.wav", rand::random::<u64>())));
        let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file.0);
        let written = opened.and_then(|mut opened| {
            opened.write_all(&header)?;
            opened.write_all(&mulaw::to_pcm(samples))
        });
        written.with_context(|| format!("cannot write {}", file.0.display()))?;
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SoundFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
