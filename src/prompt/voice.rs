//! The clips of one language: which there have to be, which there are, and how a figure is put together of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Reading;
use super::clip::{Clip, Manifest, text_hash};
use super::compose::{Composer, Pauses, Recipe};
use super::say::Tongue;
use super::template::{Piece, Template};
use crate::call::PromptId;

/// A clip that there has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// `main.menu`; `med.balance+2` for the second text between the placeholders of `med.balance`;
    /// `value/二十三元` for a piece of figures.
    pub clip: String,
    /// What it says.
    pub text: String,
    /// How words in it are pronounced where that is not as usual: `还款=huan2 kuan3;...`.
    pub pronounced: String,
    /// The prompt that it belongs to; `None` for a piece of figures.
    pub prompt: Option<PromptId>,
}

impl Wanted {
    /// The hash that the manifest has of its text.
    #[must_use]
    pub fn hash(&self) -> String {
        text_hash(&self.text, &self.pronounced)
    }
}

/// What is wrong with a clip, as far as the manifest tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClipState {
    Good,
    /// It says what its text was once.
    Stale,
    Missing,
}

/// The clips of one language.
#[derive(Clone, Debug, Default)]
pub(super) struct Voice {
    pub(super) manifest: Manifest,
    /// Word or phrase -> how it is pronounced, in the order of the file.
    pub(super) pronunciation: Vec<(String, String)>,
    /// Those that are played.
    playable: HashMap<String, Arc<Clip>>,
    stale: BTreeSet<String>,
    /// Pieces of figures by what they say, in small letters.
    pieces: HashMap<String, Arc<Clip>>,
}

impl Voice {
    pub(super) fn new(manifest: Manifest) -> Self {
        Self { manifest, ..Self::default() }
    }

    /// Takes up what the manifest has of what is wanted.
    pub(super) fn settle(&mut self, wanted: &[Wanted]) {
        for wanted in wanted {
            let Some(row) = self.manifest.rows.get(&wanted.clip) else { continue };
            if row.text != wanted.hash() {
                self.stale.insert(wanted.clip.clone());
            }
            let clip = Arc::new(Clip { id: wanted.clip.as_str().into(), audio: row.audio, samples: row.samples });
            if wanted.prompt.is_none() {
                self.pieces.insert(wanted.text.to_lowercase(), Arc::clone(&clip));
            }
            self.playable.insert(wanted.clip.clone(), clip);
        }
    }

    /// Drops the clips that may not be played.
    pub(super) fn keep(&mut self, keep: &dyn Fn(&Clip, ClipState) -> bool) {
        let stale = &self.stale;
        let says = |clip: &Clip| if stale.contains(&*clip.id) { ClipState::Stale } else { ClipState::Good };
        self.playable.retain(|_, clip| keep(clip, says(clip)));
        self.pieces.retain(|_, clip| keep(clip, says(clip)));
    }

    pub(super) fn state(&self, clip: &str) -> ClipState {
        match (self.manifest.rows.contains_key(clip), self.stale.contains(clip)) {
            (false, _) => ClipState::Missing,
            (true, true) => ClipState::Stale,
            (true, false) => ClipState::Good,
        }
    }

    pub(super) fn clip(&self, id: &str) -> Option<&Arc<Clip>> {
        self.playable.get(id)
    }

    /// The corrections that a text needs.
    pub(super) fn pronounced(&self, text: &str) -> String {
        let used = self.pronunciation.iter().filter(|(word, _)| text.contains(word.as_str()));
        used.map(|(word, said)| format!("{word}={said}")).collect::<Vec<_>>().join(";")
    }

    /// A figure alone.
    pub(super) fn recipe_of(&self, tongue: &Tongue, reading: &Reading, said: &str, pauses: Pauses) -> Option<Recipe> {
        let mut composer = Composer::new();
        self.figure(&mut composer, tongue, reading, said, pauses)?;
        composer.finish(pauses)
    }

    /// Says a figure, as its reading is written. `None` if it cannot be put together of clips.
    pub(super) fn figure(
        &self,
        composer: &mut Composer,
        tongue: &Tongue,
        reading: &Reading,
        said: &str,
        pauses: Pauses,
    ) -> Option<()> {
        let digits = reading.is_digits();
        let between = if digits { pauses.digits } else { pauses.piece };
        let mut rest = said;
        while !rest.is_empty() {
            let end = group_end(tongue, rest);
            let (group, after) = rest.split_at(end);
            for (place, piece) in self.pieces_of(tongue, group, digits)?.into_iter().enumerate() {
                if place > 0 {
                    composer.pause(between);
                }
                composer.clip(piece);
            }
            rest = after.trim_start_matches(|mark| {
                let pause = pauses.at(mark);
                if let Some(pause) = pause {
                    composer.pause(pause);
                }
                pause.is_some()
            });
        }
        Some(())
    }

    /// The best way to say words of a figure: few pieces, and no lone syllable where it can be helped. Of equal ways
    /// the one that begins with more; in a string of digits with less (幺 二零), because a lone digit at the end is
    /// drawn out and heard twice.
    fn pieces_of(&self, tongue: &Tongue, words: &str, digits: bool) -> Option<Vec<&Arc<Clip>>> {
        let words = words.to_lowercase();
        let units = units(tongue, &words);
        // The best way from each place on.
        let mut best: Vec<Option<Way<'_>>> = vec![None; units.len() + 1];
        *best.last_mut()? = Some(Way { cost: 0, first: None });
        for from in (0..units.len()).rev() {
            let mut cheapest: Option<Way<'_>> = None;
            for to in (from + 1..=units.len().min(from + LONGEST_PIECE)).rev() {
                let text = units.get(from)?.0..units.get(to - 1)?.1;
                let Some(piece) = words.get(text).and_then(|text| self.pieces.get(text)) else { continue };
                let Some(after) = best.get(to).copied().flatten() else { continue };
                let cost = after.cost + if to - from == 1 && !tongue.spaced { LONE } else { PIECE };
                if cheapest.is_none_or(|known| cost < known.cost || (digits && cost == known.cost)) {
                    cheapest = Some(Way { cost, first: Some((piece, to)) });
                }
            }
            *best.get_mut(from)? = cheapest;
        }
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some((piece, next)) = best.get(at).copied().flatten()?.first {
            pieces.push(piece);
            at = next;
        }
        Some(pieces)
    }
}

/// A way to say the rest of a figure.
#[derive(Clone, Copy)]
struct Way<'a> {
    cost: u32,
    /// Its first piece and the place behind it; `None` at the end.
    first: Option<(&'a Arc<Clip>, usize)>,
}

/// What a piece costs, and one that is a lone syllable: those sound cut out.
const PIECE: u32 = 2;
const LONE: u32 = 3;
/// The most syllables or words of a piece.
const LONGEST_PIECE: usize = 8;

/// Where the words end that are said without a pause.
fn group_end(tongue: &Tongue, text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let mark = matches!(character, '，' | '、' | ',');
        let ends_word = characters.peek().is_none_or(|(_, next)| next.is_whitespace());
        if mark && (!tongue.spaced || ends_word) {
            return at;
        }
    }
    text.len()
}

/// The bytes of each syllable or word.
fn units(tongue: &Tongue, text: &str) -> Vec<(usize, usize)> {
    if !tongue.spaced {
        return text.char_indices().map(|(at, character)| (at, at + character.len_utf8())).collect();
    }
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace().map(|word| (start(word), start(word) + word.len())).collect()
}

/// The clips that a prompt needs.
pub(super) fn wanted_of(id: &PromptId, template: &Template, voice: &Voice, into: &mut Vec<Wanted>) {
    let mut add = |clip: String, text: &str| {
        into.push(Wanted { clip, text: text.to_owned(), pronounced: voice.pronounced(text), prompt: Some(id.clone()) });
    };
    if let [Piece::Text(text)] = template.pieces.as_slice() {
        add(id.to_string(), text);
        return;
    }
    let mut number = 0;
    for (place, piece) in template.pieces.iter().enumerate() {
        if let Piece::Text(text) = piece
            && let Some(words) = words_of(text, place + 1 == template.pieces.len())
        {
            number += 1;
            add(fragment(id, number), words);
        }
    }
}

/// The pieces that figures are put together of.
pub(super) fn wanted_pieces(tongue: &Tongue, voice: &Voice) -> Vec<Wanted> {
    let texts: BTreeSet<String> = (tongue.pieces)().into_iter().collect();
    let piece = |text: String| Wanted {
        clip: format!("value/{}", text.replace(' ', "_")),
        pronounced: voice.pronounced(&text),
        text,
        prompt: None,
    };
    texts.into_iter().map(piece).collect()
}

/// The name of a prompt's text between placeholders, from 1.
pub(super) fn fragment(id: &PromptId, number: usize) -> String {
    format!("{id}+{number}")
}

/// What is heard of a text between placeholders: without the marks at its ends, but for those that end the prompt.
/// `None` if it is nothing but marks.
pub(super) fn words_of(text: &str, last: bool) -> Option<&str> {
    let is_mark = |character: char| !character.is_alphanumeric();
    let start = text.trim_start_matches(is_mark);
    let words = if last { start.trim_end() } else { start.trim_end_matches(is_mark) };
    (!words.is_empty()).then_some(words)
}
