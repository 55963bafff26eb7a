//! How things are said: prompt texts with typed placeholders, and the readings of figures in each language.
//!
//! Pure: files are read outside and handed in as text. It is *not* speech: a finished [`Sentence`] is still text
//! (clips and voices come later), and it decides nothing about a call. Start with [`Catalogue`]; what `1023.05`
//! sounds like is in [`say`].
//!
//! [`Sentence`]: crate::call::Sentence
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod catalogue;
mod files;
mod pace;
mod reading;
pub mod say;
mod template;

pub use catalogue::{Catalogue, Error};
pub use pace::speaking_time;
pub use reading::{Reading, Unit, UnknownReading};
pub use template::Slot;
