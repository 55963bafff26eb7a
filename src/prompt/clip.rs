//! Clips: recorded audio that says a text, and the manifest (`prompts/<language>/clips.csv`) that knows each one.
//! *Not* the audio itself, which is a file named by its hash wherever clips are kept.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audio;

/// Half a SHA-256, 32 hexadecimal digits: of a WAV file, or of what a recipe puts together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AudioHash([u8; 16]);

/// A text that is no [`AudioHash`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no hash; a hash has 32 hexadecimal digits in small letters")]
pub struct NoHash(pub String);

impl AudioHash {
    /// The hash of a file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_digest(Sha256::new().chain_update(bytes))
    }

    /// The hash of a file whose SHA-256 is known.
    #[must_use]
    pub fn of_sha256(digest: &[u8; 32]) -> Self {
        let mut half = [0; 16];
        half.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
        Self(half)
    }

    pub(super) fn from_digest(digest: Sha256) -> Self {
        Self::of_sha256(&digest.finalize().into())
    }

    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// [`NoHash`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NoHash> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let bits = if digits { u128::from_str_radix(text, 16).ok() } else { None };
        bits.map(|bits| Self(bits.to_be_bytes())).ok_or_else(|| NoHash(text.to_owned()))
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for AudioHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for AudioHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for AudioHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AudioHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A clip that can be played. Shared by all that is put together of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// As in the manifest: `main.menu`, `med.balance+2`, `value/二十三元`.
    pub id: Arc<str>,
    /// Of its WAV file.
    pub audio: AudioHash,
    /// At [`audio::RATE`].
    pub samples: u32,
}

impl Clip {
    /// How long it is heard.
    #[must_use]
    pub fn length(&self) -> Duration {
        audio::length(self.samples as usize)
    }
}

/// Who speaks in a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Maker {
    /// A synthesiser.
    Voice,
    /// A person; such a clip is never rendered over.
    Person,
}

/// What the manifest knows of a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    pub clip: String,
    /// The [`text_hash`] of the text that it says. A clip whose text has changed since is stale.
    pub text: String,
    /// Of the whole WAV file.
    pub audio: AudioHash,
    pub samples: u32,
    /// RMS of what is not silence, dB below full scale.
    pub level_dbfs: f32,
    pub peak_dbfs: f32,
    /// The name of the voice, or of the person.
    pub voice: String,
    pub made_by: Maker,
}

/// The clips of one language by their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    pub rows: BTreeMap<String, Row>,
}

/// A line of a manifest that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// From 1.
    pub line: u64,
    /// Where it begins, in bytes.
    pub start: u64,
    pub text: String,
}

impl Manifest {
    /// The name of its file in the folder of a language.
    pub const FILE: &'static str = "clips.csv";

    /// Reads a manifest; lines that cannot be read are left out and returned.
    #[must_use]
    pub fn read(text: &str) -> (Self, Vec<BadRow>) {
        let mut manifest = Self::default();
        let mut bad = Vec::new();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for row in reader.deserialize::<Row>() {
            match row {
                Ok(row) => {
                    manifest.rows.insert(row.clip.clone(), row);
                }
                Err(failed) => {
                    let (line, start) = failed.position().map_or((1, 0), |at| (at.line(), at.byte()));
                    bad.push(BadRow { line, start, text: failed.to_string() });
                }
            }
        }
        (manifest, bad)
    }

    /// The file's text: a line a clip, sorted.
    ///
    /// # Panics
    /// Never: rows of texts and numbers are CSV.
    #[must_use]
    pub fn write(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in self.rows.values() {
            writer.serialize(row).expect("a row of texts and numbers is CSV");
        }
        String::from_utf8(writer.into_inner().expect("a vector takes everything")).expect("texts are UTF-8")
    }
}

/// The hash of a text and how it is to be pronounced: 16 hexadecimal digits.
#[must_use]
pub fn text_hash(text: &str, corrections: &str) -> String {
    let digest = Sha256::new().chain_update(text).chain_update([0]).chain_update(corrections);
    AudioHash::from_digest(digest).to_string().chars().take(16).collect()
}

/// Where a clip's file is under the folder of its language: `clips/main.menu.wav`.
#[must_use]
pub fn file_of(clip: &str) -> String {
    format!("clips/{clip}.wav")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(clip: &str) -> Row {
        Row {
            clip: clip.to_owned(),
            text: text_hash("您好，再见", ""),
            audio: AudioHash::of(b"RIFF"),
            samples: 8_000,
            level_dbfs: -20.1,
            peak_dbfs: -2.5,
            voice: "zf_xiaobei, \"mixed\"".to_owned(),
            made_by: Maker::Voice,
        }
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let rows = ["main.menu", "med.balance+2", "value/二十三元"].map(|clip| (clip.to_owned(), row(clip)));
        let manifest = Manifest { rows: rows.into() };
        assert_eq!(Manifest::read(&manifest.write()), (manifest, vec![]));
        assert_eq!(Manifest::read(""), (Manifest::default(), vec![]));
    }

    #[test]
    fn a_bad_line_is_told_and_the_rest_is_read() {
        let good = Manifest { rows: [("a".to_owned(), row("a"))].into() }.write();
        let (manifest, bad) = Manifest::read(&format!("{good}b,x,nonsense,1,1,1,v,voice\n"));
        assert_eq!(manifest.rows.len(), 1);
        assert!(bad.len() == 1 && bad[0].line == 3 && bad[0].text.contains("no hash"), "{bad:?}");
    }

    #[test]
    fn a_text_and_its_pronunciation_have_a_hash() {
        let hashes = [("a", ""), ("b", ""), ("a", "b"), ("", "a")].map(|(text, said)| text_hash(text, said));
        let different: std::collections::BTreeSet<&String> = hashes.iter().collect();
        assert!(different.len() == 4 && hashes.iter().all(|hash| hash.len() == 16));
    }

    #[test]
    fn hashes_are_read_as_they_are_written() {
        let hash = AudioHash::of(b"x");
        assert_eq!(AudioHash::parse(&hash.to_string()), Ok(hash));
        for bad in ["", "0", "+0000000000000000000000000000000", "0000000000000000000000000000000A"] {
            assert!(AudioHash::parse(bad).is_err(), "{bad}");
        }
    }
}
