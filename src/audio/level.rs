//! How loud a clip is, and where it is quiet: what a clip is checked by.
//!
//! It is *not* a judgement: what is too loud or too long is for the caller to say.
#![allow(clippy::cast_precision_loss, reason = "counts of samples are far below what a float holds exactly")]

use std::ops::Range;
use std::time::Duration;

use super::wav::length;
use super::{RATE, mulaw};

/// Samples below this part of the peak are pauses and do not count for the active level.
const ACTIVE: f32 = 0.02;
/// Quiet is what is so far below the loudest window: -38 dB.
const QUIET: f32 = 0.012_589_254;
/// How long the windows are that are quiet or not: 10 ms.
pub(super) const WINDOW: usize = RATE as usize / 100;
/// How many samples of full scale in a row are a clipped place.
const CLIPPED: usize = 3;

/// How a clip measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    pub samples: usize,
    /// Root mean square of what is not a pause, in dB below 32,768. Negative infinity if there is no sound.
    pub active_dbfs: f32,
    /// The loudest sample, in dB below 32,768. Negative infinity if there is no sound.
    pub peak_dbfs: f32,
    /// What is quiet at the start, to 10 ms; everything if there is no sound.
    pub lead_silence: Duration,
    /// What is quiet at the end, to 10 ms; everything if there is no sound.
    pub tail_silence: Duration,
    /// The longest quiet stretch between sounds, to 10 ms; everything if there is no sound.
    pub longest_silence: Duration,
    /// How many samples are in runs of three or more at full scale, which speech never is.
    pub clipped: usize,
    /// The larger of the first and the last sample, of 32,768: how far the sound jumps where it starts and ends.
    pub click: u16,
}

/// Measures mu-law samples.
///
/// Quiet is a window of 10 ms that is 38 dB below the loudest one; a pause, for the active level, is a sample below
/// two parts in a hundred of the peak.
#[must_use]
pub fn measure(samples: &[u8]) -> Measured {
    let sound: Vec<f32> = samples.iter().map(|&code| mulaw::to_float(code)).collect();
    let (lead, tail, longest) = match sounding(&sound) {
        Some(part) => (part.start, sound.len() - part.end, longest_quiet(&sound)),
        None => (sound.len(), sound.len(), sound.len()),
    };
    let edge = |code: Option<&u8>| code.map_or(0, |&code| mulaw::decode(code).unsigned_abs());
    Measured {
        samples: samples.len(),
        active_dbfs: decibels(active(&sound)),
        peak_dbfs: decibels(peak(&sound)),
        lead_silence: length(lead),
        tail_silence: length(tail),
        longest_silence: length(longest),
        clipped: clipped(samples),
        click: edge(samples.first()).max(edge(samples.last())),
    }
}

/// The largest sample by size; 0 where there is none.
pub(super) fn peak(sound: &[f32]) -> f32 {
    sound.iter().fold(0.0, |peak, sample| sample.abs().max(peak))
}

/// Root mean square of what is not a pause; 0 where there is no sound.
pub(super) fn active(sound: &[f32]) -> f32 {
    let floor = ACTIVE * peak(sound);
    let loud = sound.iter().filter(|sample| sample.abs() > floor);
    let (count, sum) =
        loud.fold((0_u32, 0.0_f64), |(count, sum), &sample| (count + 1, sum + f64::from(sample) * f64::from(sample)));
    #[allow(clippy::cast_possible_truncation, reason = "a sample's precision is enough")]
    let level = (sum / f64::from(count.max(1))).sqrt() as f32;
    level
}

/// From the first window that is not quiet to the end of the last one, in samples; nothing if there is no sound.
pub(super) fn sounding(sound: &[f32]) -> Option<Range<usize>> {
    let loud = loud_windows(sound);
    let first = loud.iter().position(|&loud| loud)?;
    let last = loud.iter().rposition(|&loud| loud)?;
    Some(first * WINDOW..((last + 1) * WINDOW).min(sound.len()))
}

pub(super) fn decibels(level: f32) -> f32 {
    20.0 * level.log10()
}

/// The longest quiet stretch between two that are not.
fn longest_quiet(sound: &[f32]) -> usize {
    let loud = loud_windows(sound);
    let between = loud.split(|&loud| loud).map(<[bool]>::len);
    let inner = loud.iter().filter(|&&loud| loud).count().saturating_sub(1);
    between.skip(1).take(inner).max().unwrap_or(0) * WINDOW
}

fn loud_windows(sound: &[f32]) -> Vec<bool> {
    let power = |window: &[f32]| window.iter().map(|sample| sample * sample).sum::<f32>() / window.len() as f32;
    let powers: Vec<f32> = sound.chunks(WINDOW).map(power).collect();
    let loudest = peak(&powers);
    powers.iter().map(|&power| power > loudest * QUIET * QUIET).collect()
}

fn clipped(samples: &[u8]) -> usize {
    let full = |code: &u8| mulaw::decode(*code).unsigned_abs() == mulaw::FULL_SCALE;
    let runs = samples.chunk_by(|a, b| a == b).filter(|run| run.first().is_some_and(full));
    runs.map(<[u8]>::len).filter(|&run| run >= CLIPPED).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SILENCE;

    fn tone(amplitude: f32, ms: usize) -> Vec<u8> {
        let turn = |n: usize| (std::f32::consts::TAU * (n as f32 + 0.5) / 16.0).sin();
        (0..ms * 8).map(|n| mulaw::from_float(amplitude * turn(n))).collect()
    }

    fn near(found: f32, expected: f32) {
        assert!((found - expected).abs() < 0.1, "{found} is not {expected}");
    }

    #[test]
    fn a_tone_is_three_decibels_below_its_peak() {
        let found = measure(&tone(0.5, 1_000));
        near(found.peak_dbfs, -6.2);
        near(found.active_dbfs, -9.0);
        assert_eq!(found.samples, 8_000);
        assert_eq!((found.lead_silence, found.tail_silence), (Duration::ZERO, Duration::ZERO));
        assert_eq!(found.clipped, 0);
    }

    #[test]
    fn pauses_are_found_and_do_not_count_for_the_level() {
        let quiet = |ms: usize| vec![SILENCE; ms * 8];
        let parts = [quiet(150), tone(0.5, 300), quiet(70), tone(0.5, 300), quiet(210), tone(0.5, 300), quiet(400)];
        let found = measure(&parts.concat());
        near(found.active_dbfs, measure(&tone(0.5, 300)).active_dbfs);
        assert_eq!(found.lead_silence, Duration::from_millis(150));
        assert_eq!(found.longest_silence, Duration::from_millis(210));
        assert_eq!(found.tail_silence, Duration::from_millis(400));
    }

    #[test]
    fn silence_is_silent() {
        for samples in [0, 1, 79, 8_000] {
            let found = measure(&vec![SILENCE; samples]);
            assert_eq!((found.active_dbfs, found.peak_dbfs), (f32::NEG_INFINITY, f32::NEG_INFINITY));
            for silence in [found.lead_silence, found.tail_silence, found.longest_silence] {
                assert_eq!(silence, length(samples));
            }
            assert_eq!((found.clipped, found.click), (0, 0));
        }
    }

    #[test]
    fn clipping_and_clicks_are_seen() {
        let mut samples = tone(0.5, 100);
        samples.splice(100..108, [0x80, 0x80, 0x80, 0x80, SILENCE, 0x00, 0x00, 0x80]);
        assert_eq!(measure(&samples).clipped, 4);
        samples.push(mulaw::encode(-4_000));
        assert_eq!(measure(&samples).click, 4_092);
    }
}
