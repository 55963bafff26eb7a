//! Reads what people record: WAV of any common kind and FLAC, any rate, any number of channels up to eight.
//!
//! It is *not* what makes a recording fit for the telephone: see `prepare`.

use std::io::Cursor;
use std::time::Duration;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as Cause;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::default::formats::{FlacReader, WavReader};
use symphonia::default::get_codecs;

use super::{Pcm, wav};

/// The longest recording that is read.
const LONGEST: Duration = Duration::from_mins(10);
/// The most channels that are mixed into one.
const MOST_CHANNELS: usize = 8;
/// The most samples a second that are read.
const HIGHEST_RATE: u32 = 384_000;

/// Why bytes are no recording.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the file is empty")]
    Empty,
    #[error("this is {found}; import takes WAV and FLAC")]
    OtherKind { found: String },
    #[error("the WAV file cannot be read")]
    Wav(#[source] wav::Error),
    #[error("the {kind} cannot be read")]
    Unreadable { kind: String, source: Cause },
    #[error("the {kind} says nothing of its {missing}")]
    Unsaid { kind: String, missing: &'static str },
    #[error("the {kind} has {found} samples a second; at most {HIGHEST_RATE} are read")]
    Rate { kind: String, found: u32 },
    #[error("the {kind} has {found} channels; at most {MOST_CHANNELS} are mixed into one")]
    Channels { kind: String, found: usize },
    #[error("the {kind} is longer than {} minutes", LONGEST.as_secs() / 60)]
    TooLong { kind: String },
    #[error("the {kind} ends early: it says that it has {expected} samples, of which {found} are there")]
    Truncated { kind: String, expected: u64, found: u64 },
    #[error("the {kind} is damaged: its sound is not what its checksum says")]
    Damaged { kind: String },
}

/// What can be read.
#[derive(Clone, Copy)]
enum Kind {
    Wav,
    Flac,
}

/// The sound of a WAV or FLAC file, its channels mixed into one.
///
/// What it is says its content; `extension` (without a point) only helps to name what is not known. WAV may hold
/// PCM of 8 to 32 bits, float, mu-law or A-law.
///
/// # Errors
/// [`Error`], with what was found. A file that ends early or is longer than ten minutes is one.
pub fn decode(bytes: &[u8], extension: Option<&str>) -> Result<Pcm, Error> {
    let bytes = without_tag(bytes);
    let kind = recognise(bytes, extension)?;
    let named = match kind {
        Kind::Flac => "FLAC file".to_owned(),
        Kind::Wav => checked_wav(bytes)?,
    };
    let unreadable = |source| Error::Unreadable { kind: named.clone(), source };
    let mut reader = open(kind, bytes).map_err(unreadable)?;
    let track = reader.default_track(TrackType::Audio);
    let expected = track.and_then(|track| track.num_frames);
    let Some(parameters) = track.and_then(|track| track.codec_params.as_ref()?.audio()).cloned() else {
        return Err(Error::Unsaid { kind: named, missing: "format" });
    };
    let channels = parameters.channels.as_ref().map_or(0, Channels::count);
    let rate = check(parameters.sample_rate, channels, &named)?;
    let most = u64::from(rate) * LONGEST.as_secs();
    let options = AudioDecoderOptions::default().verify(true);
    let mut decoder = get_codecs().make_audio_decoder(&parameters, &options).map_err(unreadable)?;
    let samples = mixed(&mut *reader, &mut *decoder, most).map_err(unreadable)?;
    let found = samples.len() as u64;
    if found > most {
        return Err(Error::TooLong { kind: named });
    }
    if let Some(expected) = expected.filter(|&expected| expected > found) {
        return Err(Error::Truncated { kind: named, expected, found });
    }
    if decoder.finalize().verify_ok == Some(false) {
        return Err(Error::Damaged { kind: named });
    }
    Ok(Pcm { rate, samples })
}

/// How a WAV file is spoken of, if its header can be believed: the reader reckons with what it says.
fn checked_wav(bytes: &[u8]) -> Result<String, Error> {
    let format = wav::format(bytes).map_err(Error::Wav)?;
    let named = format!("WAV file ({format})");
    check(Some(format.rate), format.channels.into(), &named)?;
    Ok(named)
}

/// The rate, if rate and channels are what recordings have.
fn check(rate: Option<u32>, channels: usize, named: &str) -> Result<u32, Error> {
    let kind = || named.to_owned();
    match (rate.unwrap_or(0), channels) {
        (0, _) => Err(Error::Unsaid { kind: kind(), missing: "rate" }),
        (_, 0) => Err(Error::Unsaid { kind: kind(), missing: "channels" }),
        (found, _) if found > HIGHEST_RATE => Err(Error::Rate { kind: kind(), found }),
        (_, found) if found > MOST_CHANNELS => Err(Error::Channels { kind: kind(), found }),
        (rate, _) => Ok(rate),
    }
}

/// All samples, channels mixed, and no more than a packet beyond `most`.
fn mixed(reader: &mut dyn FormatReader, decoder: &mut dyn AudioDecoder, most: u64) -> Result<Vec<f32>, Cause> {
    let mut samples = Vec::new();
    let mut frames: Vec<f32> = Vec::new();
    while let Some(packet) = next_packet(reader)? {
        let sound = decoder.decode(&packet)?;
        let channels = sound.spec().channels().count().max(1);
        sound.copy_to_vec_interleaved(&mut frames);
        #[allow(clippy::cast_precision_loss, reason = "there are few channels")]
        let part = 1.0 / channels as f32;
        samples.extend(frames.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * part));
        if samples.len() as u64 > most {
            break;
        }
    }
    Ok(samples)
}

/// The next packet; a file that just ends has none, and whether it ended early is seen by its length.
fn next_packet(reader: &mut dyn FormatReader) -> Result<Option<symphonia::core::packet::Packet>, Cause> {
    match reader.next_packet() {
        Err(Cause::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        result => result,
    }
}

fn open(kind: Kind, bytes: &[u8]) -> Result<Box<dyn FormatReader + '_>, Cause> {
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    match kind {
        Kind::Wav => Ok(Box::new(WavReader::try_new(stream, FormatOptions::default())?)),
        Kind::Flac => Ok(Box::new(FlacReader::try_new(stream, FormatOptions::default())?)),
    }
}

/// What stands behind an ID3 tag, which some programs put before FLAC; an MP3 is still seen by its tag.
fn without_tag(bytes: &[u8]) -> &[u8] {
    let Some((&[b'I', b'D', b'3', _, _, _, size @ ..], rest)) = bytes.split_first_chunk::<10>() else { return bytes };
    let size = size.into_iter().fold(0, |size, part| size << 7 | usize::from(part & 0x7F));
    rest.get(size..).filter(|rest| rest.starts_with(b"fLaC")).unwrap_or(bytes)
}

fn recognise(bytes: &[u8], extension: Option<&str>) -> Result<Kind, Error> {
    let at = |from: usize, text: &[u8]| bytes.get(from..).is_some_and(|bytes| bytes.starts_with(text));
    let found = match bytes {
        [] => return Err(Error::Empty),
        _ if at(0, b"RIFF") && at(8, b"WAVE") => return Ok(Kind::Wav),
        _ if at(0, b"fLaC") => return Ok(Kind::Flac),
        _ if at(0, b"RF64") || at(0, b"BW64") => "a WAV for more than 4 GB",
        _ if at(0, b"ID3") => "an MP3",
        _ if at(0, b"OggS") => "an Ogg file",
        _ if at(4, b"ftyp") => "an M4A or MP4",
        _ if at(0, b"FORM") => "an AIFF",
        _ if at(0, b"caff") => "a CAF",
        _ if at(0, b".snd") => "an AU file",
        _ if at(0, b"#!AMR") => "an AMR",
        _ if at(0, b"#!SILK") || at(1, b"#!SILK") => "a SILK voice message",
        _ if at(0, b"\x30\x26\xB2\x75") => "a WMA",
        _ if at(0, b"\x1A\x45\xDF\xA3") => "a WebM or Matroska file",
        [0xFF, second, ..] if second & 0xF6 == 0xF0 => "an AAC",
        [0xFF, second, ..] if second & 0xE0 == 0xE0 => "an MP3",
        _ => {
            let named = extension.map(|extension| format!(", though it is named .{extension}")).unwrap_or_default();
            return Err(Error::OtherKind { found: format!("no audio file that is known{named}") });
        }
    };
    Err(Error::OtherKind { found: found.to_owned() })
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "samples are made from floats"
)]
mod tests {
    use std::error::Error as _;

    use proptest::prelude::*;

    use super::*;
    use crate::audio::mulaw;

    /// 0.1 s of 1 kHz at -6 dB on both channels, 44.1 kHz, 16 bits.
    const FLAC: &[u8] = include_bytes!("../../tests/audio/tone.flac");

    fn wav(format: wav::Format, data: &[u8]) -> Vec<u8> {
        let frame = format.channels.wrapping_mul(format.bits / 8);
        let second = format.rate.wrapping_mul(u32::from(frame));
        let whole = u32::try_from(data.len()).unwrap();
        [
            b"RIFF",
            &(whole + 38).to_le_bytes()[..],
            b"WAVEfmt \x12\x00\x00\x00",
            &format.code.to_le_bytes(),
            &format.channels.to_le_bytes(),
            &format.rate.to_le_bytes(),
            &second.to_le_bytes(),
            &frame.to_le_bytes(),
            &format.bits.to_le_bytes(),
            &[0, 0],
            b"data",
            &whole.to_le_bytes(),
            data,
        ]
        .concat()
    }

    fn format(code: u16, bits: u16) -> wav::Format {
        wav::Format { code, channels: 1, rate: 16_000, bits }
    }

    fn told(bytes: &[u8], extension: Option<&str>) -> String {
        let error = decode(bytes, extension).unwrap_err();
        error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
    }

    #[test]
    fn every_way_of_writing_samples_is_read() {
        let wave: Vec<f32> = (0..4_000).map(|n| 0.5 * (n as f32 / 9.0).sin()).collect();
        let written =
            |write: &dyn Fn(f32) -> Vec<u8>| wave.iter().flat_map(|&sample| write(sample)).collect::<Vec<_>>();
        // A-law of full scale by its sign alone: enough to know it from mu-law.
        let a_law = |sample: f32| vec![if sample >= 0.0 { 0xAA } else { 0x2A }];
        for (format, data, error) in [
            (format(1, 8), written(&|s| vec![(s * 128.0 + 128.0) as u8]), 0.01),
            (format(1, 16), written(&|s| ((s * 32_768.0) as i16).to_le_bytes().to_vec()), 1e-4),
            (format(1, 24), written(&|s| ((s * 8_388_608.0) as i32).to_le_bytes()[..3].to_vec()), 1e-6),
            (format(1, 32), written(&|s| ((s * 2_147_483_648.0) as i32).to_le_bytes().to_vec()), 1e-6),
            (format(3, 32), written(&|s| s.to_le_bytes().to_vec()), 1e-6),
            (format(3, 64), written(&|s| f64::from(s).to_le_bytes().to_vec()), 1e-6),
            (format(7, 8), written(&|s| vec![mulaw::from_float(s)]), 0.02),
            (format(6, 8), written(&a_law), 1.5),
        ] {
            let pcm = decode(&wav(format, &data), Some("wav")).unwrap();
            assert_eq!((pcm.rate, pcm.samples.len()), (16_000, wave.len()), "{format}");
            for (found, expected) in pcm.samples.iter().zip(&wave) {
                assert!((found - expected).abs() < error && found * expected >= 0.0, "{format}: {found} {expected}");
            }
        }
    }

    #[test]
    fn channels_become_one() {
        let data: Vec<u8> = [8_000_i16, -4_000].repeat(1_000).into_iter().flat_map(i16::to_le_bytes).collect();
        let pcm = decode(&wav(wav::Format { channels: 2, ..format(1, 16) }, &data), None).unwrap();
        assert_eq!(pcm.samples, vec![2_000.0 / 32_768.0; 1_000]);
    }

    #[test]
    fn flac_is_read_with_a_tag_before_it_or_without() {
        let plain = decode(FLAC, Some("flac")).unwrap();
        assert_eq!((plain.rate, plain.samples.len()), (44_100, 4_410));
        let loudest = plain.samples.iter().fold(0.0_f32, |loudest, sample| loudest.max(*sample));
        assert!((loudest - 0.5).abs() < 0.02, "{loudest}");
        let tag = b"ID3\x04\x00\x00\x00\x00\x00\x05tag: ";
        assert_eq!(decode(&[tag, FLAC].concat(), None).unwrap(), plain);
    }

    #[test]
    fn what_is_found_is_told() {
        let long = wav(wav::Format { rate: 1, ..format(1, 8) }, &[0x80; 601]);
        let early = &wav(format(1, 16), &[0; 4_000])[..1_046];
        for (bytes, extension, expected) in [
            (&b""[..], None, "the file is empty"),
            (b"ID3\x03\x00\x00\x00\x00\x00\x00", None, "this is an MP3; import takes WAV and FLAC"),
            (b"\xFF\xFB\x90\x64", Some("wav"), "this is an MP3; import takes WAV and FLAC"),
            (b"\xFF\xF1\x50\x80", None, "this is an AAC; import takes WAV and FLAC"),
            (b"\x00\x00\x00\x20ftypM4A ", None, "this is an M4A or MP4; import takes WAV and FLAC"),
            (b"OggS", None, "this is an Ogg file; import takes WAV and FLAC"),
            (
                b"hello",
                Some("wav"),
                "this is no audio file that is known, though it is named .wav; import takes WAV and FLAC",
            ),
            (
                &wav(wav::Format { channels: 32_769, ..format(1, 16) }, &[]),
                None,
                "the WAV file (16-bit PCM, 32769 channels, 16000 Hz) has 32769 channels; at most 8 are mixed into one",
            ),
            (b"RIFF....WAVEfmt ", None, "the WAV file cannot be read: the WAV file has no `fmt` chunk"),
            (&long, None, "the WAV file (8-bit PCM, 1 channel, 1 Hz) is longer than 10 minutes"),
            (
                early,
                None,
                "the WAV file (16-bit PCM, 1 channel, 16000 Hz) ends early: \
                 it says that it has 2000 samples, of which 500 are there",
            ),
            (
                &wav(format(85, 0), &[0; 100]),
                None,
                "the WAV file (MP3 in a WAV file, 1 channel, 16000 Hz) cannot be read",
            ),
        ] {
            let found = told(bytes, extension);
            assert!(found.starts_with(expected), "{found}");
        }
    }

    #[test]
    fn damaged_flac_is_refused() {
        let mut bytes = FLAC.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        assert!(decode(&bytes, None).is_err());
        assert!(decode(&FLAC[..middle], None).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_stop_it(at in 4_usize..60, value in any::<u8>(), flac in any::<bool>(), cut in 0_usize..400) {
            let mut bytes = if flac { FLAC.to_vec() } else { wav(format(1, 16), &[1; 400]) };
            bytes[at] = value;
            bytes.truncate(bytes.len() - cut);
            let _ = decode(&bytes, None);
        }
    }
}
