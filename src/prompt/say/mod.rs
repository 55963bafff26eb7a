//! Readings: a figure, a date or a string of digits -> words, in each language of [`ALL`].
//!
//! The rules are those of the domain reference, section 4. Values are checked once, when they become a [`Figure`];
//! from then on a language cannot fail, and what lies out of range is an error, never a guess. It is *not* grammar:
//! whole sentences are the authors' texts.

mod en;
#[cfg(test)]
mod eo;
mod figure;
mod form;
mod groups;
#[cfg(test)]
mod properties;
mod zh_cn;

use std::time::Duration;

pub(super) use figure::Figure;
pub use form::value as read_value;

use super::Reading;
use crate::call::{Language, Value};
use crate::yaml::did_you_mean;

/// A language that figures are said in.
pub struct Tongue {
    /// The name of its folder under `prompts/`.
    pub tag: &'static str,
    say: fn(&Figure) -> String,
    /// The texts of the clips that figures are put together of; one may be listed twice.
    pub(super) pieces: fn() -> Vec<String>,
    /// Whether words stand apart: a figure is cut between words, otherwise between any two characters.
    pub(super) spaced: bool,
    /// What an author writes in a text instead of a digit.
    pub(super) instead_of_digits: &'static str,
    /// How a text asks for a key: "press" one.
    pub(super) press: Press,
    /// How fast it is spoken.
    pub(super) pace: Pace,
}

/// How a text asks for a key.
pub(super) struct Press {
    /// The word that a key follows.
    pub(super) word: &'static str,
    /// What stands between two keys of which either will do.
    pub(super) or: &'static str,
    /// What follows a number that is no key: "press one of the keys", 按一下.
    pub(super) no_key: &'static [&'static str],
}

/// How long text takes to say.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// One Chinese character: one syllable.
    pub(super) character: Duration,
    /// One word in letters, on average.
    pub(super) word: Duration,
}

/// Every language that has readings.
pub static ALL: &[&Tongue] = &[
    &zh_cn::TONGUE,
    &en::TONGUE,
    #[cfg(test)]
    &eo::TONGUE,
];

/// Why a value cannot be said. It never holds the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("no readings for language `{language}`; {help}")]
    UnknownLanguage { language: Language, help: String },
    #[error("unknown kind; {help}")]
    UnknownKind { help: String },
    #[error("{kind}: expected {expected}")]
    WrongForm { kind: &'static str, expected: &'static str },
    #[error("{kind} out of range: expected {expected}")]
    OutOfRange { kind: &'static str, expected: &'static str },
    #[error("`{kind}` cannot say a value of type {found}")]
    WrongType { kind: &'static str, found: String },
}

/// The language of this name.
///
/// # Errors
/// [`Error::UnknownLanguage`].
pub fn tongue(language: &Language) -> Result<&'static Tongue, Error> {
    ALL.iter().copied().find(|tongue| tongue.tag == language.as_str()).ok_or_else(|| {
        let tags = ALL.iter().map(|tongue| tongue.tag);
        let help = match did_you_mean(language.as_str(), tags.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("languages: {}", tags.collect::<Vec<_>>().join(", ")),
        };
        Error::UnknownLanguage { language: language.clone(), help }
    })
}

/// The kinds that [`read_text`] takes.
pub fn kinds() -> impl Iterator<Item = &'static str> + Clone {
    Reading::names().filter(|name| !matches!(*name, "word" | "text"))
}

/// How a value written as text is said: `amount` and `1023.05`, `count` and `2 month`, `period` and
/// `2025-11..2026-02`, `percent` and `10.5%`. Underscores in `kind` count as hyphens.
///
/// # Errors
/// An unknown language or kind, a text that has not the form of its kind, a value out of range.
pub fn read_text(language: &Language, kind: &str, value: &str) -> Result<String, Error> {
    let tongue = tongue(language)?;
    Ok((tongue.say)(&form::figure(kind, value)?))
}

impl Tongue {
    /// What a key is called.
    pub(super) fn key(&self, key: char) -> String {
        (self.say)(&Figure::MenuKey(key))
    }

    /// How a value is said. Words and texts are not figures: the catalogue says those.
    pub(super) fn value(&self, reading: &Reading, value: &Value) -> Result<String, Error> {
        Figure::new(reading, value).map(|figure| (self.say)(&figure))
    }
}
