//! What a microphone hears: a tone of its own for each side.

use std::f64::consts::TAU;

const RATE: u32 = 48_000;
/// The browser takes what never changes for noise and suppresses it; it comes in pieces, as words do.
const SOUNDS: u32 = RATE * 2 / 5;
const PAUSES: u32 = RATE / 5;
const RAMP: u32 = RATE / 50;
const LOUDNESS: f64 = 0.4;

/// A WAV file of it, to be heard over and over.
pub(crate) fn wav(hertz: u32) -> Vec<u8> {
    let samples: Vec<i16> = (0..(SOUNDS + PAUSES) * 5).map(|at| sample(hertz, at)).collect();
    let length = u32::try_from(samples.len() * 2).unwrap();
    let mut file = Vec::new();
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + length).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    for (value, bytes) in [(1, 2), (1, 2), (RATE, 4), (RATE * 2, 4), (2, 2), (16, 2)] {
        file.extend_from_slice(&value.to_le_bytes()[..bytes]);
    }
    file.extend_from_slice(b"data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

#[allow(clippy::cast_possible_truncation, reason = "it is below one")]
fn sample(hertz: u32, at: u32) -> i16 {
    let into = at % (SOUNDS + PAUSES);
    let edge = into.min(SOUNDS.saturating_sub(into)).min(RAMP);
    let loudness = LOUDNESS * f64::from(edge) / f64::from(RAMP);
    let tone = (TAU * f64::from(hertz) * f64::from(at) / f64::from(RATE)).sin();
    (tone * loudness * f64::from(i16::MAX)) as i16
}
