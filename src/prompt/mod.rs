//! How things are said: prompt texts with typed placeholders, and the readings of figures in each language.
//!
//! Pure: files are read outside and handed in as text. It is *not* sound: a finished [`Utterance`] is a text and the
//! [`Recipe`] of clips that says it, and it decides nothing about a call. Start with [`Catalogue`]; what `1023.05`
//! sounds like is in [`say`].
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod catalogue;
mod clip;
mod compose;
mod explain;
mod files;
mod keys;
mod long;
mod pace;
#[cfg(test)]
mod pieces_properties;
mod reading;
pub mod say;
mod template;
mod voice;
mod written;

pub use catalogue::{Catalogue, Error, Utterance};
pub use clip::{AudioHash, BadRow, Clip, Maker, Manifest, NoHash, Row, file_of, text_hash};
pub use compose::{Part, Recipe};
pub use explain::EXPLANATIONS;
pub use keys::{key_words, spoken_keys};
pub use long::TooLong;
pub use pace::speaking_time;
pub use reading::{Reading, Unit, UnknownReading};
pub use template::Slot;
pub use voice::{ClipState, Wanted};
pub use written::is_written;
