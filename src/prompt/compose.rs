//! What a sentence is put together of: clips and pauses. *Not* the bytes: whoever sends them has the clips.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::clip::{AudioHash, Clip};
use crate::audio::{self, RATE};

/// A piece of a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Clip(Arc<Clip>),
    /// Silence, in samples.
    Pause(u32),
}

/// Clips and pauses, in order: one audio file.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipe {
    pub parts: Vec<Part>,
}

impl fmt::Debug for Recipe {
    /// Which clips follow one another may be somebody's balance.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parts, {:?}", self.parts.len(), self.length())
    }
}

impl Recipe {
    /// How many samples it has.
    #[must_use]
    pub fn samples(&self) -> u32 {
        let one = |part: &Part| match part {
            Part::Clip(clip) => clip.samples,
            Part::Pause(samples) => *samples,
        };
        self.parts.iter().map(one).sum()
    }

    /// How long it is heard.
    #[must_use]
    pub fn length(&self) -> Duration {
        audio::length(self.samples() as usize)
    }

    /// The hash of what it sounds like: the same clips and pauses have the same.
    #[must_use]
    pub fn hash(&self) -> AudioHash {
        let mut digest = Sha256::new();
        for part in &self.parts {
            match part {
                Part::Clip(clip) => {
                    digest.update([1]);
                    digest.update(clip.audio.as_bytes());
                }
                Part::Pause(samples) => {
                    digest.update([0]);
                    digest.update(samples.to_be_bytes());
                }
            }
        }
        AudioHash::from_digest(digest)
    }
}

/// Milliseconds of silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause(u32);

/// The pauses of a sentence. A caller who was silent twice gets the slow ones: figures one can follow.
///
/// Inside figures as measured on the voices that prompts are made with; at commas and between items as the domain
/// reference has them (section 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pauses {
    /// Between words that belong together: a text and the figure in it.
    pub(super) join: Pause,
    /// Between the pieces of a figure.
    pub(super) piece: Pause,
    /// Between the pieces of a string of digits.
    pub(super) digits: Pause,
    /// At a comma.
    pub(super) comma: Pause,
    /// Between items of a list and after a sentence.
    pub(super) item: Pause,
}

impl Pauses {
    const USUAL: Self =
        Self { join: Pause(40), piece: Pause(30), digits: Pause(150), comma: Pause(250), item: Pause(400) };
    const SLOW: Self =
        Self { join: Pause(200), piece: Pause(180), digits: Pause(400), comma: Pause(600), item: Pause(900) };

    pub(super) const fn of(slow: bool) -> Self {
        if slow { Self::SLOW } else { Self::USUAL }
    }

    /// The pause at a mark of a text; `None` for a character that is heard.
    pub(super) const fn at(self, mark: char) -> Option<Pause> {
        match mark {
            '，' | ',' | '；' | ';' | '：' | ':' => Some(self.comma),
            '、' | '。' | '！' | '？' | '.' | '!' | '?' => Some(self.item),
            _ if mark.is_whitespace() => Some(Pause(0)),
            _ => None,
        }
    }
}

/// Puts a recipe together.
#[derive(Debug)]
pub(super) struct Composer {
    parts: Vec<Part>,
    /// Before the next clip.
    pending: Pause,
}

impl Composer {
    pub(super) const fn new() -> Self {
        Self { parts: Vec::new(), pending: Pause(0) }
    }

    /// At least this pause before whatever comes next.
    pub(super) fn pause(&mut self, pause: Pause) {
        self.pending = Pause(self.pending.0.max(pause.0));
    }

    pub(super) fn clip(&mut self, clip: &Arc<Clip>) {
        if !self.parts.is_empty() {
            self.silence();
        }
        self.pending = Pause(0);
        self.parts.push(Part::Clip(Arc::clone(clip)));
    }

    /// The longest of the pauses that the marks of a text ask for.
    pub(super) fn marks(&mut self, marks: &str, pauses: Pauses) {
        marks.chars().filter_map(|mark| pauses.at(mark)).for_each(|pause| self.pause(pause));
    }

    /// What there is, without a pause behind it: a sound that goes round has none.
    pub(super) fn bare(self) -> Option<Recipe> {
        (!self.parts.is_empty()).then_some(Recipe { parts: self.parts })
    }

    /// Every sentence ends in a pause, because another may follow. `None` if nothing is said.
    pub(super) fn finish(mut self, pauses: Pauses) -> Option<Recipe> {
        if self.parts.is_empty() {
            return None;
        }
        self.pending = pauses.item;
        self.silence();
        Some(Recipe { parts: self.parts })
    }

    fn silence(&mut self) {
        let samples = self.pending.0 * RATE / 1000;
        if samples > 0 {
            self.parts.push(Part::Pause(samples));
        }
    }
}
