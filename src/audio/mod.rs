//! Sound as the telephone carries it: 8 kHz, one channel, G.711 mu-law, one byte a sample.
//!
//! Pure: bytes in, bytes out; files are read outside and handed in. A person's recording comes in through [`decode`]
//! and [`prepare`]; files are laid out by [`wav`]; [`level`] says how a clip measures; [`tone`] makes the sounds that
//! nobody records. It is *not* speech and knows no prompts: which clip says what is decided elsewhere. Start with
//! [`mulaw`], the form that everything here ends in.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod decode;
pub mod level;
pub mod mulaw;
pub mod prepare;
pub mod tone;
pub mod wav;

use std::time::Duration;

pub use wav::length;

/// Samples a second. One byte each, so bytes a second too.
pub const RATE: u32 = 8_000;

/// The sample that is no sound: zero in mu-law.
pub const SILENCE: u8 = 0xFF;

/// A recording before it is made fit for the telephone: one channel, any rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Pcm {
    /// Samples a second.
    pub rate: u32,
    /// Full scale is -1 to 1; more is allowed, as in float files.
    pub samples: Vec<f32>,
}

/// How many samples a time has.
#[must_use]
pub fn samples(length: Duration) -> usize {
    usize::try_from(length.as_micros() * u128::from(RATE) / 1_000_000).unwrap_or(usize::MAX)
}
