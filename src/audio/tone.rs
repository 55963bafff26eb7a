//! The sounds that nobody records: tones, and the music on hold. Composed here, from plain oscillators.
//!
//! Each is the same bytes on every machine: only sums, products and square roots are used, no library's sine. They are
//! *not* read at run time: `prompts/sounds/` holds them as files, and a test writes those anew.
#![allow(clippy::cast_precision_loss, reason = "counts of samples are far below what a float holds exactly")]

use std::sync::LazyLock;

use super::level::active;
use super::{RATE, mulaw};

/// Makes a sound anew: its mu-law samples.
pub type Compose = fn() -> Vec<u8>;

/// Every sound by the name of its file in `prompts/sounds/`.
pub static ALL: &[(&str, Compose)] = &[
    ("beep", beep),
    ("failure", failure),
    ("hold", hold),
    ("hold-0", hold_piece::<0>),
    ("hold-1", hold_piece::<1>),
    ("hold-2", hold_piece::<2>),
    ("hold-3", hold_piece::<3>),
    ("hold-4", hold_piece::<4>),
    ("hold-5", hold_piece::<5>),
    ("hold-6", hold_piece::<6>),
    ("hold-7", hold_piece::<7>),
    ("hold-8", hold_piece::<8>),
    ("hold-9", hold_piece::<9>),
    ("ringing", ringing),
];

/// The active level of tones, -20 dB below full scale, as that of prompts.
const LEVEL: f32 = 0.1;
/// The active level of music, -26 dB, so that an announcement stands out from it.
const MUSIC_LEVEL: f32 = 0.050_118_723;
/// How long a tone takes to come and to go, so that it does not click: 8 ms.
const EDGE: usize = 64;

/// What sounds before a recording: 1,000 Hz for 0.4 s.
#[must_use]
pub fn beep() -> Vec<u8> {
    let mut sound = silence(400);
    add(&mut sound, 0, &tone(1_000.0, 400, EDGE));
    finish(&sound, LEVEL)
}

/// What a caller hears while a telephone rings, as in China: 450 Hz for 1 s, and 4 s of nothing. One cycle.
/// Source: ITU-T E.180, Supplement 2: various tones used in national networks.
#[must_use]
pub fn ringing() -> Vec<u8> {
    let mut sound = silence(5_000);
    add(&mut sound, 0, &tone(450.0, 1_000, EDGE));
    finish(&sound, LEVEL)
}

/// Something did not work: three short tones that fall (E, C, A), 0.9 s. Gentle, so that it is no alarm.
#[must_use]
pub fn failure() -> Vec<u8> {
    let mut sound = silence(900);
    for (at_ms, hz) in [(0, 659.255), (300, 523.251), (600, 440.0)] {
        add(&mut sound, samples(at_ms), &tone(hz, 270, 4 * EDGE));
    }
    finish(&sound, LEVEL)
}

/// Music on hold: 40 s that go round without a seam, quiet and calm.
///
/// Four chords of F major in slow broken figures, and above them a melody of five notes. All fundamentals are
/// between 349 and 1,175 Hz, where a telephone carries them. Its tail runs on into its beginning.
#[must_use]
pub fn hold() -> Vec<u8> {
    let mut sound = silence(40_000);
    let eighth = samples(40_000) / (16 * 8);
    for bar in 0..16 {
        let figure = CHORDS.iter().cycle().nth(bar).into_iter().flatten();
        for (step, &note) in figure.enumerate() {
            add(&mut sound, (bar * 8 + step) * eighth, &plucked(note));
        }
    }
    let mut at = 0;
    for &(note, eighths) in MELODY {
        if let Some(note) = note {
            add(&mut sound, at * eighth, &sung(note, eighths * eighth));
        }
        at += eighths;
    }
    finish(&sound, MUSIC_LEVEL)
}

/// The music on hold in ten pieces of 4 s, for callers who are told something between them. Each comes and goes within
/// 8 ms, so that none clicks; two that follow each other in one sentence sound as the whole does, but for that.
fn hold_piece<const PIECE: usize>() -> Vec<u8> {
    static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(hold);
    let length = samples(4_000);
    let piece = WHOLE.iter().copied().skip(PIECE * length).take(length);
    let fade = |at: usize| (at.min(length - 1 - at).min(EDGE) as f32) / EDGE as f32;
    piece.enumerate().map(|(at, sample)| mulaw::encode(scaled(mulaw::decode(sample), fade(at)))).collect()
}

/// A sample, softer.
#[allow(clippy::cast_possible_truncation, reason = "no louder than it was")]
fn scaled(sample: i16, by: f32) -> i16 {
    (f32::from(sample) * by) as i16
}

const F4: f64 = 349.228;
const G4: f64 = 391.995;
const A4: f64 = 440.0;
const B_FLAT_4: f64 = 466.164;
const C5: f64 = 523.251;
const D5: f64 = 587.330;
const E5: f64 = 659.255;
const F5: f64 = 698.456;
const G5: f64 = 783.991;
const A5: f64 = 880.0;
const C6: f64 = 1_046.502;
const D6: f64 = 1_174.659;

/// One bar of eighths for each chord: F, D minor, B flat, C.
const CHORDS: [[f64; 8]; 4] = [
    [F4, A4, C5, F5, C5, A4, C5, A4],
    [F4, A4, D5, F5, D5, A4, D5, A4],
    [F4, B_FLAT_4, D5, F5, D5, B_FLAT_4, D5, B_FLAT_4],
    [G4, C5, E5, G5, E5, C5, E5, C5],
];

/// The melody over sixteen bars: a note or a rest, and how many eighths it lasts.
const MELODY: &[(Option<f64>, usize)] = &[
    // It opens ...
    (Some(A5), 6),
    (Some(G5), 2),
    (Some(F5), 8),
    (Some(D5), 4),
    (Some(F5), 4),
    (Some(G5), 6),
    (None, 2),
    // ... says it again, higher ...
    (Some(A5), 4),
    (Some(C6), 4),
    (Some(D6), 6),
    (Some(C6), 2),
    (Some(A5), 4),
    (Some(F5), 4),
    (Some(G5), 6),
    (None, 2),
    // ... leaves the figures alone for a while ...
    (None, 4),
    (Some(C6), 4),
    (Some(A5), 8),
    (Some(F5), 4),
    (Some(D5), 4),
    (Some(C5), 8),
    // ... and comes home.
    (Some(D5), 4),
    (Some(F5), 4),
    (Some(A5), 6),
    (Some(G5), 2),
    (Some(F5), 8),
    (Some(G5), 4),
    (None, 4),
];

/// A note of the figures: struck softly, dying away over two seconds.
fn plucked(hz: f64) -> Vec<f32> {
    const FALL: f64 = 0.999_75; // a sample: to a third in half a second
    let mut strength = 0.4;
    let overtones = [(1.0, 1.0), (2.0, 0.22), (3.0, 0.05)];
    shaped(hz, 2_000, &overtones, 2 * EDGE, |_| {
        strength *= FALL;
        strength
    })
}

/// A note of the melody: swelling, held, and running out after its time.
fn sung(hz: f64, held: usize) -> Vec<f32> {
    let ms = held * 1_000 / RATE as usize + 250;
    shaped(hz, ms, &[(1.0, 1.0), (2.0, 0.12)], samples(250), |part| 0.5 - 0.2 * part)
}

fn tone(hz: f64, ms: usize, edge: usize) -> Vec<f32> {
    shaped(hz, ms, &[(1.0, 1.0)], edge, |_| 1.0)
}

/// A note: its overtones (times its pitch, strength) in a strength that follows the part of it that is over, with
/// round edges of so many samples.
fn shaped(hz: f64, ms: usize, overtones: &[(f64, f64)], edge: usize, mut strength: impl FnMut(f64) -> f64) -> Vec<f32> {
    let length = samples(ms);
    let sample = |at: usize| {
        let turns = hz * at as f64 / f64::from(RATE);
        let wave: f64 = overtones.iter().map(|(times, part)| part * sine(turns * times)).sum();
        let from_edge = at.min(length - 1 - at).min(edge) as f64 / edge as f64;
        // Half a turn of a cosine, from nothing to all.
        let rounded = 0.5 - 0.5 * sine(0.25 + from_edge / 2.0);
        #[allow(clippy::cast_possible_truncation, reason = "a sample's precision is enough")]
        let sample = (wave * rounded * strength(at as f64 / length as f64)) as f32;
        sample
    };
    (0..length).map(sample).collect()
}

/// The sine of so many whole turns, by its series.
fn sine(turns: f64) -> f64 {
    let part = turns - turns.floor();
    // From -1/4 to 1/4 of a turn the series is good to 1e-9.
    let folded = if part < 0.25 {
        part
    } else if part < 0.75 {
        0.5 - part
    } else {
        part - 1.0
    };
    let angle = folded * std::f64::consts::TAU;
    let square = angle * angle;
    let series = [156.0, 110.0, 72.0, 42.0, 20.0, 6.0].iter().fold(1.0, |sum, divisor| 1.0 - square / divisor * sum);
    angle * series
}

fn samples(ms: usize) -> usize {
    ms * RATE as usize / 1_000
}

fn silence(ms: usize) -> Vec<f32> {
    vec![0.0; samples(ms)]
}

/// Adds a note at a place; what runs over the end goes on at the beginning.
fn add(sound: &mut [f32], at: usize, note: &[f32]) {
    let (before, after) = sound.split_at_mut(at);
    for (place, sample) in after.iter_mut().chain(before).zip(note) {
        *place += sample;
    }
}

fn finish(sound: &[f32], level: f32) -> Vec<u8> {
    let gain = level / active(sound);
    sound.iter().map(|sample| mulaw::from_float(sample * gain)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::audio::level::{Measured, decibels, measure};

    /// How much of a pitch there is, in dB below full scale.
    fn level_of(hz: f32, sound: &[u8]) -> f32 {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, &code) in sound.iter().enumerate() {
            let turn = std::f32::consts::TAU * (hz * n as f32 / RATE as f32).fract();
            re += mulaw::to_float(code) * turn.cos();
            im += mulaw::to_float(code) * turn.sin();
        }
        decibels(re.hypot(im) * 2.0 / sound.len() as f32)
    }

    fn check(sound: &[u8], ms: u64, level: f32) -> Measured {
        let found = measure(sound);
        assert_eq!(super::super::wav::length(found.samples), Duration::from_millis(ms));
        assert!((found.active_dbfs - level).abs() < 0.5, "{found:?}");
        assert!(found.peak_dbfs < -10.0, "{found:?}");
        assert_eq!(found.clipped, 0);
        found
    }

    fn jumps(sound: &[u8]) -> impl Iterator<Item = u16> {
        sound.windows(2).map(|pair| mulaw::decode(pair[0]).abs_diff(mulaw::decode(pair[1])))
    }

    #[test]
    fn a_sine_is_a_sine() {
        for n in -1_000..3_000 {
            let turns = f64::from(n) / 1_000.0;
            assert!((sine(turns) - (turns * std::f64::consts::TAU).sin()).abs() < 1e-8, "{turns}");
        }
    }

    #[test]
    fn the_beep_is_1000_hz() {
        let sound = beep();
        assert_eq!(check(&sound, 400, -20.0).click, 0);
        let levels = [900.0, 1_000.0, 1_100.0].map(|hz| level_of(hz, &sound));
        assert!(levels[1] > -19.0 && levels[0] < -45.0 && levels[2] < -45.0, "{levels:?}");
    }

    #[test]
    fn ringing_is_a_second_of_450_hz_and_four_of_nothing() {
        let sound = ringing();
        let found = check(&sound, 5_000, -20.0);
        assert_eq!((found.tail_silence, found.click), (Duration::from_secs(4), 0));
        assert!(level_of(450.0, &sound[..8_000]) > -18.0);
        assert!(level_of(425.0, &sound[..8_000]) < -45.0);
    }

    #[test]
    fn failure_falls_in_three_steps() {
        let sound = failure();
        assert_eq!(check(&sound, 900, -20.0).click, 0);
        for (part, hz) in sound.chunks(2_400).zip([659.255, 523.251, 440.0]) {
            let loudest =
                [659.255, 523.251, 440.0].into_iter().max_by(|a, b| level_of(*a, part).total_cmp(&level_of(*b, part)));
            assert_eq!(loudest, Some(hz));
        }
    }

    #[test]
    fn the_music_goes_round_without_a_seam() {
        let sound = hold();
        let found = check(&sound, 40_000, -26.0);
        assert!(found.lead_silence.is_zero() && found.tail_silence.is_zero(), "{found:?}");
        let seam = [&sound[sound.len() - 400..], &sound[..400]].concat();
        let at_seam = jumps(&seam[399..401]).next().unwrap();
        let beside = jumps(&seam[..400]).chain(jumps(&seam[400..])).max().unwrap();
        assert!(at_seam <= beside, "{at_seam} {beside}");
        // The seam is as loud as any other beginning of a bar.
        assert!((measure(&seam).active_dbfs - measure(&sound[79_600..80_400]).active_dbfs).abs() < 6.0);
    }

    #[test]
    fn the_music_is_where_a_telephone_carries_it() {
        let sound = hold();
        let power = |from: u32, to: u32| {
            let bar = &sound[40_000..56_000];
            (from..to).step_by(5).map(|hz| 10_f32.powf(level_of(hz as f32, bar) / 10.0)).sum::<f32>()
        };
        let (below, within, above) = (power(20, 300), power(300, 3_400), power(3_400, 3_990));
        assert!(below + above < within / 1_000.0, "{below} {within} {above}");
    }

    #[test]
    fn the_melody_is_as_long_as_the_figures() {
        assert_eq!(MELODY.iter().map(|(_, eighths)| eighths).sum::<usize>(), 16 * 8);
    }
}
