//! Makes a recording fit for the telephone: its rate, its band, its ends, its level.
//!
//! It is *not* an editor: what was said, and how fast, stays as it is.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "rates and counts are below what a float holds exactly; a sample's precision is enough"
)]

use std::f32::consts::PI;
use std::time::Duration;

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType, WindowFunction};

use super::level::{active, decibels, measure, peak, sounding};
use super::wav::length;
use super::{Pcm, RATE, SILENCE, mulaw};

/// The shortest and the longest sound that a clip is made of.
const SHORTEST: Duration = Duration::from_millis(60);
const LONGEST: Duration = Duration::from_mins(1);
/// The rates that recordings have.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;
/// A recording whose loudest sample is below this, -60 dB, holds nothing.
const NOTHING: f32 = 0.001;

/// How much is kept before the first and after the last sound: 20 ms.
const PAD: usize = RATE as usize / 50;
/// How long it takes to come from silence and to go back: 5 ms.
const FADE: usize = RATE as usize / 200;
/// Where the soft limit begins, as a part of the limit.
const KNEE: f32 = 0.7;
/// How often the level is corrected for what the limit took away.
const CORRECTIONS: usize = 16;
/// What is near enough.
const EXACT_DB: f32 = 0.05;
/// How much more than its own level asks for a recording is raised: more would be nothing but its limit.
const MOST_DRIVE_DB: f32 = 12.0;

/// How loud a clip is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The active level, in dB below full scale. Default -20.
    pub level_dbfs: f32,
    /// No sample is above this, in dB below full scale. Default -2.
    pub peak_dbfs: f32,
}

impl Default for Target {
    fn default() -> Self {
        Self { level_dbfs: -20.0, peak_dbfs: -2.0 }
    }
}

/// Why no clip can be made of a recording.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no sound in it")]
    Silent,
    #[error("the sound in it lasts {} ms; a clip is at least {} ms", found.as_millis(), SHORTEST.as_millis())]
    TooShort { found: Duration },
    #[error("the sound in it lasts {} s; a clip is at most {} s", found.as_secs(), LONGEST.as_secs())]
    TooLong { found: Duration },
    #[error("it has {rate} samples a second; a recording has {} to {}", RATES.start(), RATES.end())]
    Rate { rate: u32 },
}

/// A clip of a recording, in mu-law samples.
///
/// It is brought to 8 kHz, freed of what is below 200 Hz, cut to the sound in it with 20 ms on each side, brought to
/// the level, limited softly, and starts and ends in silence. Its level, as [`measure`] has it, is within 0.5 dB of
/// the target, unless the recording is so uneven that the limit keeps it below.
///
/// # Errors
/// [`Error`]: there is no sound in it, less than 60 ms, more than 60 s, or the rate is none.
pub fn prepare(pcm: &Pcm, target: &Target) -> Result<Vec<u8>, Error> {
    let mut sound = without_rumble(&resample(pcm)?);
    if peak(&sound) < NOTHING {
        return Err(Error::Silent);
    }
    let part = sounding(&sound).ok_or(Error::Silent)?;
    match length(part.len()) {
        found if found < SHORTEST => return Err(Error::TooShort { found }),
        found if found > LONGEST => return Err(Error::TooLong { found }),
        _ => {}
    }
    sound.truncate(part.end + PAD);
    sound.drain(..part.start.saturating_sub(PAD));
    Ok(to_level(&sound, *target))
}

/// The recording at 8 kHz. The filter is flat to 3.4 kHz, and what is above 4 kHz is gone.
fn resample(pcm: &Pcm) -> Result<Vec<f32>, Error> {
    if !RATES.contains(&pcm.rate) {
        return Err(Error::Rate { rate: pcm.rate });
    }
    // Where it starts is where it rests, or a microphone's offset would be a step at both ends.
    let rest = pcm.samples.iter().copied().find(|sample| sample.is_finite()).unwrap_or(0.0);
    let samples: Vec<f32> =
        pcm.samples.iter().map(|&sample| if sample.is_finite() { sample - rest } else { 0.0 }).collect();
    if samples.is_empty() {
        return Err(Error::Silent);
    }
    if pcm.rate == RATE {
        return Ok(samples);
    }
    let filter =
        SincInterpolationParameters::new(160 * pcm.rate.div_ceil(RATE) as usize, WindowFunction::BlackmanHarris)
            .oversampling_factor(64)
            .interpolation(SincInterpolationType::Linear);
    let ratio = f64::from(RATE) / f64::from(pcm.rate);
    let mut resampler = Async::<f32>::new_sinc(ratio, 1.0, &filter, 4_096, 1, FixedAsync::Input)
        .expect("a ratio of two rates is a number above zero");
    let input = InterleavedSlice::new(&samples, 1, samples.len()).expect("one channel is as long as it is");
    let output = resampler.process_all(&input, samples.len(), None).expect("the buffers are as large as asked for");
    Ok(output.take_data())
}

/// What is left above 200 Hz: a fourth-order Butterworth filter, as two sections of the second order.
/// Source: <https://www.w3.org/TR/audio-eq-cookbook/>.
fn without_rumble(sound: &[f32]) -> Vec<f32> {
    let turn = std::f64::consts::TAU * 200.0 / f64::from(RATE);
    let mut sound: Vec<f64> = sound.iter().copied().map(f64::from).collect();
    for quality in [0.541_196_100_146_197, 1.306_562_964_876_377] {
        let alpha = turn.sin() / (2.0 * quality);
        let unit = 1.0 + alpha;
        let gain = f64::midpoint(1.0, turn.cos()) / unit;
        let (back_1, back_2) = (-2.0 * turn.cos() / unit, (1.0 - alpha) / unit);
        let (mut held_1, mut held_2) = (0.0, 0.0);
        for sample in &mut sound {
            let input = *sample;
            *sample = gain * input + held_1;
            held_1 = -2.0 * gain * input - back_1 * *sample + held_2;
            held_2 = gain * input - back_2 * *sample;
        }
    }
    sound.into_iter().map(|sample| sample as f32).collect()
}

/// Raises or lowers a sound to the target. The limit takes some of the level away, so it is measured and corrected.
fn to_level(sound: &[f32], target: Target) -> Vec<u8> {
    let ceiling = ceiling(target.peak_dbfs);
    let plain_db = target.level_dbfs - decibels(active(sound));
    let mut gain_db = plain_db;
    let mut best = (f32::INFINITY, Vec::new());
    for _ in 0..CORRECTIONS {
        let gain = 10_f32.powf(gain_db / 20.0);
        let clip = encode(sound.iter().map(|sample| limited(sample * gain, ceiling)), sound.len());
        let missing_db = target.level_dbfs - measure(&clip).active_dbfs;
        if missing_db.abs() < best.0 {
            best = (missing_db.abs(), clip);
        }
        if best.0 < EXACT_DB || !missing_db.is_finite() {
            break;
        }
        gain_db = (gain_db + missing_db).min(plain_db + MOST_DRIVE_DB);
    }
    best.1
}

/// The loudest mu-law sample that is not above this level.
fn ceiling(peak_dbfs: f32) -> f32 {
    let most = 10_f32.powf(peak_dbfs / 20.0);
    (0x80..=SILENCE).map(mulaw::to_float).find(|&level| level <= most).unwrap_or(0.0)
}

fn limited(sample: f32, ceiling: f32) -> f32 {
    let knee = KNEE * ceiling;
    let room = ceiling - knee;
    if sample.abs() > knee { (knee + room * ((sample.abs() - knee) / room).tanh()).copysign(sample) } else { sample }
}

/// In mu-law, with both ends drawn down to silence.
fn encode(sound: impl Iterator<Item = f32>, samples: usize) -> Vec<u8> {
    let faded = sound.enumerate().map(|(at, sample)| {
        let from_edge = at.min(samples - 1 - at).min(FADE) as f32 / FADE as f32;
        sample * (0.5 - 0.5 * (PI * from_edge).cos())
    });
    faded.map(mulaw::from_float).collect()
}

#[cfg(test)]
#[allow(clippy::cast_sign_loss, reason = "lengths and rates are above zero")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audio::level::Measured;

    fn tone(rate: u32, hz: f32, seconds: f32, amplitude: f32) -> Pcm {
        let sample =
            |n: u32| amplitude * (std::f64::consts::TAU * f64::from(n) * f64::from(hz) / f64::from(rate)).sin() as f32;
        Pcm { rate, samples: (0..(rate as f32 * seconds) as u32).map(sample).collect() }
    }

    /// Bursts of noise with pauses: about as uneven as speech.
    fn noise(rate: u32, seconds: f32, amplitude: f32, mut seed: u32) -> Pcm {
        let samples = (0..(rate as f32 * seconds) as u32).map(|n| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let swell = (f64::from(n) * 9.0 / f64::from(rate)).sin().max(0.0) as f32;
            amplitude * swell * (f64::from(seed) / f64::from(u32::MAX) * 2.0 - 1.0) as f32
        });
        Pcm { rate, samples: samples.collect() }
    }

    fn check(clip: &[u8]) -> Measured {
        let found = measure(clip);
        assert!((found.active_dbfs + 20.0).abs() < 0.5, "{found:?}");
        assert!(found.peak_dbfs <= -2.0, "{found:?}");
        assert_eq!((clip.first(), clip.last()), (Some(&SILENCE), Some(&SILENCE)));
        assert_eq!((found.click, found.clipped), (0, 0));
        found
    }

    fn level_of(hz: f32, clip: &[u8]) -> f32 {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, &code) in clip.iter().enumerate() {
            let turn = std::f32::consts::TAU * (hz * n as f32 / 8_000.0).fract();
            re += mulaw::to_float(code) * turn.cos();
            im += mulaw::to_float(code) * turn.sin();
        }
        decibels(re.hypot(im) * 2.0 / clip.len() as f32)
    }

    #[test]
    fn what_a_telephone_cannot_carry_is_gone() {
        for (rate, unwanted) in
            [(48_000, 5_000.0), (48_000, 7_200.0), (44_100, 9_000.0), (22_050, 4_500.0), (48_000, 50.0)]
        {
            let mut pcm = tone(rate, 1_130.0, 1.0, 0.3);
            for (sample, other) in pcm.samples.iter_mut().zip(tone(rate, unwanted, 1.0, 0.3).samples) {
                *sample += other;
            }
            let clip = prepare(&pcm, &Target::default()).unwrap();
            check(&clip);
            let folded = if unwanted > 4_000.0 { 8_000.0 - unwanted } else { unwanted }.abs();
            let below = level_of(1_130.0, &clip) - level_of(folded, &clip);
            assert!(below > 40.0, "{rate} {unwanted}: {below}");
        }
    }

    #[test]
    fn the_band_of_a_voice_is_flat() {
        for rate in [16_000, 24_000, 44_100, 96_000] {
            let mut pcm = tone(rate, 400.0, 1.0, 0.2);
            for hz in [1_100.0, 3_300.0] {
                for (sample, other) in pcm.samples.iter_mut().zip(tone(rate, hz, 1.0, 0.2).samples) {
                    *sample += other;
                }
            }
            let clip = prepare(&pcm, &Target::default()).unwrap();
            let levels = [400.0, 1_100.0, 3_300.0].map(|hz| level_of(hz, &clip));
            assert!(levels.iter().all(|level| (level - levels[1]).abs() < 0.5), "{rate}: {levels:?}");
        }
    }

    #[test]
    fn silence_around_it_is_cut() {
        let mut pcm = tone(16_000, 700.0, 0.5, 0.4);
        pcm.samples.splice(0..0, vec![0.001; 16_000]);
        pcm.samples.extend(vec![0.001; 32_000]);
        let found = check(&prepare(&pcm, &Target::default()).unwrap());
        assert!(length(found.samples).abs_diff(Duration::from_millis(540)) < Duration::from_millis(25), "{found:?}");
    }

    #[test]
    fn an_offset_makes_no_click() {
        let mut pcm = tone(44_100, 700.0, 0.5, 0.05);
        pcm.samples.splice(0..0, vec![0.0; 44_100]);
        pcm.samples.extend(vec![0.0; 44_100]);
        pcm.samples.iter_mut().for_each(|sample| *sample += 0.5);
        let found = check(&prepare(&pcm, &Target::default()).unwrap());
        assert!(length(found.samples).abs_diff(Duration::from_millis(540)) < Duration::from_millis(25), "{found:?}");
    }

    #[test]
    fn what_makes_no_clip_is_told_so() {
        let told = |pcm: &Pcm| prepare(pcm, &Target::default()).unwrap_err().to_string();
        for samples in [vec![], vec![0.0; 8_000], vec![0.7; 8_000], vec![f32::NAN; 8_000]] {
            assert_eq!(told(&Pcm { rate: 48_000, samples }), "there is no sound in it");
        }
        let mut short = tone(8_000, 1_500.0, 0.005, 0.5);
        short.samples.splice(0..0, vec![0.0; 800]);
        short.samples.extend(vec![0.0; 800]);
        assert_eq!(told(&short), "the sound in it lasts 10 ms; a clip is at least 60 ms");
        assert_eq!(told(&tone(8_000, 700.0, 62.0, 0.5)), "the sound in it lasts 62 s; a clip is at most 60 s");
        assert_eq!(told(&tone(1, 0.1, 9.0, 0.5)), "it has 1 samples a second; a recording has 4000 to 384000");
    }

    #[test]
    fn a_recording_that_is_all_peaks_is_limited_and_not_blown_up() {
        let samples = (0..16_000).map(|n| if n % 400 == 200 { 0.9 } else { 0.03 * (n as f32).sin() }).collect();
        let found = measure(&prepare(&Pcm { rate: 8_000, samples }, &Target::default()).unwrap());
        assert!(found.peak_dbfs <= -2.0 && found.active_dbfs < -19.5, "{found:?}");
    }

    #[test]
    fn what_is_no_number_is_silence() {
        let mut pcm = noise(16_000, 1.0, 0.3, 1);
        for at in [0, 1_000, 9_000] {
            pcm.samples[at] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY][at % 3];
        }
        check(&prepare(&pcm, &Target::default()).unwrap());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn tones_of_any_rate_and_level(
            rate in prop_oneof![Just(8_000), Just(44_100), Just(48_000), 6_000_u32..96_000],
            hz in 300.0_f32..2_800.0,
            seconds in 0.08_f32..0.6,
            level in -50.0_f32..0.0,
        ) {
            check(&prepare(&tone(rate, hz, seconds, 10_f32.powf(level / 20.0)), &Target::default()).unwrap());
        }

        #[test]
        fn noise_of_any_rate_and_level(
            rate in prop_oneof![Just(8_000), Just(22_050), Just(48_000), 6_000_u32..96_000],
            seconds in 0.5_f32..1.5,
            level in -40.0_f32..20.0,
            seed in any::<u32>(),
        ) {
            check(&prepare(&noise(rate, seconds, 10_f32.powf(level / 20.0), seed), &Target::default()).unwrap());
        }
    }
}
