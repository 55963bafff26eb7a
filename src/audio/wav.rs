//! WAV files in the one format that clips have: mu-law, one channel, 8 kHz. Written whole, read strictly.
//!
//! It is *not* the reader for what people record: any other format is refused here and goes through `decode`.
//! Source: <https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html>.

use std::fmt;
use std::time::Duration;

use super::RATE;

/// How many bytes stand before the samples of a mu-law file.
pub const HEADER_BYTES: usize = 58;
/// How many bytes stand before the samples of a 16-bit file.
pub const PCM_HEADER_BYTES: usize = 44;

const PCM: u16 = 1;
const MU_LAW: u16 = 7;
/// The format that every clip has.
const OURS: Format = Format { code: MU_LAW, channels: 1, rate: RATE, bits: 8 };

/// Why bytes are not a clip.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Error {
    #[error("it is no WAV file: it starts with `{found}` where RIFF and WAVE are expected")]
    NotWav { found: String },
    #[error("the file ends early: its `{chunk}` chunk has {expected} bytes, of which {found} are there")]
    Truncated { chunk: String, expected: usize, found: usize },
    #[error("the WAV file has no `{chunk}` chunk")]
    Missing { chunk: &'static str },
    #[error("its `fmt ` chunk has {found} bytes; it has at least 16")]
    ShortFormat { found: usize },
    #[error("the WAV file is {found}; expected is {OURS}")]
    WrongFormat { found: Format },
}

/// How the samples of a WAV file are written, as its `fmt ` chunk says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// What Microsoft numbers formats by: 1 is PCM, 7 is mu-law.
    pub code: u16,
    pub channels: u16,
    /// Samples a second and channel.
    pub rate: u32,
    /// Bits a sample.
    pub bits: u16,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            PCM => write!(f, "{}-bit PCM", self.bits)?,
            2 | 17 => write!(f, "ADPCM")?,
            3 => write!(f, "{}-bit float", self.bits)?,
            6 => write!(f, "A-law")?,
            MU_LAW => write!(f, "{}-bit mu-law", self.bits)?,
            49 => write!(f, "GSM")?,
            80 => write!(f, "MPEG")?,
            85 => write!(f, "MP3 in a WAV file")?,
            0xFFFE => write!(f, "{}-bit extensible", self.bits)?,
            code => write!(f, "format {code}")?,
        }
        let plural = if self.channels == 1 { "" } else { "s" };
        write!(f, ", {} channel{plural}, {} Hz", self.channels, self.rate)
    }
}

/// How long so many samples last.
#[must_use]
pub fn length(samples: usize) -> Duration {
    Duration::from_micros(u64::try_from(samples).unwrap_or(u64::MAX).saturating_mul(1_000_000 / u64::from(RATE)))
}

/// What stands before `samples` mu-law samples. An odd number of them is followed by one byte of padding, which the
/// size of the whole counts and the size of the data does not.
#[must_use]
pub fn header(samples: u32) -> [u8; HEADER_BYTES] {
    let whole = samples.saturating_add(50).saturating_add(samples & 1);
    lay_out(&[
        b"RIFF",
        &whole.to_le_bytes(),
        b"WAVEfmt ",
        &18_u32.to_le_bytes(),
        &format_fields(OURS),
        &[0, 0],
        b"fact",
        &4_u32.to_le_bytes(),
        &samples.to_le_bytes(),
        b"data",
        &samples.to_le_bytes(),
    ])
}

/// What stands before `samples` 16-bit little-endian samples, one channel, 8 kHz.
#[must_use]
pub fn pcm_header(samples: u32) -> [u8; PCM_HEADER_BYTES] {
    let data = samples.saturating_mul(2);
    lay_out(&[
        b"RIFF",
        &data.saturating_add(36).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &format_fields(Format { code: PCM, bits: 16, ..OURS }),
        b"data",
        &data.to_le_bytes(),
    ])
}

/// A whole mu-law file with these samples.
///
/// # Panics
/// If there are 2^32 samples or more: they would last six days.
#[must_use]
pub fn file(samples: &[u8]) -> Vec<u8> {
    let count = u32::try_from(samples.len()).expect("a clip is shorter than six days");
    let padding: &[u8] = if samples.len() % 2 == 1 { &[0] } else { &[] };
    [&header(count), samples, padding].concat()
}

/// The mu-law samples of a clip. Chunks may come in any order, and those that are not known are passed over.
///
/// # Errors
/// [`Error`], with what was found and what is expected.
pub fn read(bytes: &[u8]) -> Result<&[u8], Error> {
    let found = format(bytes)?;
    if found != OURS {
        return Err(Error::WrongFormat { found });
    }
    chunk(bytes, *b"data")?.ok_or(Error::Missing { chunk: "data" })
}

/// How the samples of a WAV file are written.
///
/// # Errors
/// [`Error`], if it is no WAV file or ends before it says.
pub fn format(bytes: &[u8]) -> Result<Format, Error> {
    let fields = chunk(bytes, *b"fmt ")?.ok_or(Error::Missing { chunk: "fmt" })?;
    let words = fields.as_chunks::<2>().0.first_chunk::<8>();
    let Some(words) = words.map(|words| words.map(u16::from_le_bytes)) else {
        return Err(Error::ShortFormat { found: fields.len() });
    };
    let [code, channels, rate_low, rate_high, _, _, _, bits] = words;
    Ok(Format { code, channels, rate: u32::from(rate_high) << 16 | u32::from(rate_low), bits })
}

/// What the first chunk with this name holds. What stands before it is whole.
fn chunk(bytes: &[u8], wanted: [u8; 4]) -> Result<Option<&[u8]>, Error> {
    let mut rest = match bytes.split_at_checked(12) {
        Some((start, rest)) if start.starts_with(b"RIFF") && start.ends_with(b"WAVE") => rest,
        _ => return Err(Error::NotWav { found: printable(bytes.get(..12).unwrap_or(bytes)) }),
    };
    while let Some((name, after)) = rest.split_first_chunk::<4>() {
        let Some((size, after)) = after.split_first_chunk::<4>() else { break };
        let size = usize::try_from(u32::from_le_bytes(*size)).unwrap_or(usize::MAX);
        let Some((content, after)) = after.split_at_checked(size) else {
            return Err(Error::Truncated { chunk: printable(name), expected: size, found: after.len() });
        };
        if *name == wanted {
            return Ok(Some(content));
        }
        rest = after.get(size % 2..).unwrap_or_default();
    }
    Ok(None)
}

/// The fields that every `fmt ` chunk starts with, sixteen bytes.
fn format_fields(format: Format) -> [u8; 16] {
    let frame = format.channels * (format.bits / 8);
    lay_out(&[
        &format.code.to_le_bytes(),
        &format.channels.to_le_bytes(),
        &format.rate.to_le_bytes(),
        &(format.rate * u32::from(frame)).to_le_bytes(),
        &frame.to_le_bytes(),
        &format.bits.to_le_bytes(),
    ])
}

fn lay_out<const LENGTH: usize>(parts: &[&[u8]]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    for (place, byte) in bytes.iter_mut().zip(parts.iter().copied().flatten()) {
        *place = *byte;
    }
    bytes
}

fn printable(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_chunks(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut body = b"WAVE".to_vec();
        for (name, content) in chunks {
            body.extend_from_slice(*name);
            body.extend_from_slice(&u32::try_from(content.len()).unwrap().to_le_bytes());
            body.extend_from_slice(content);
            body.extend(std::iter::repeat_n(0, content.len() % 2));
        }
        [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
    }

    #[test]
    fn a_header_is_these_bytes() {
        let expected = [
            &b"RIFF\x36\x00\x00\x00WAVE"[..],
            b"fmt \x12\x00\x00\x00\x07\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00\x00\x00",
            b"fact\x04\x00\x00\x00\x03\x00\x00\x00",
            b"data\x03\x00\x00\x00",
        ];
        assert_eq!(header(3).as_slice(), expected.concat());
        assert_eq!(file(&[1, 2, 3]), [&expected.concat()[..], &[1, 2, 3, 0]].concat());
        assert_eq!(file(&[1, 2]).len(), HEADER_BYTES + 2);
        assert_eq!(length(12_000), Duration::from_millis(1_500));
    }

    #[test]
    fn a_pcm_header_is_these_bytes() {
        let expected = [
            &b"RIFF\x2a\x00\x00\x00WAVE"[..],
            b"fmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00",
            b"data\x06\x00\x00\x00",
        ];
        assert_eq!(pcm_header(3).as_slice(), expected.concat());
    }

    #[test]
    fn chunks_come_in_any_order() {
        let fields = format_fields(OURS);
        let samples: &[u8] = &[1, 2, 3];
        for chunks in [
            &[(b"fmt ", &fields[..]), (b"data", samples)][..],
            &[(b"data", samples), (b"fmt ", &fields)],
            &[(b"LIST", b"odd"), (b"data", samples), (b"junk", b""), (b"fmt ", &fields)],
        ] {
            assert_eq!(read(&with_chunks(chunks)), Ok(samples));
        }
    }

    #[test]
    fn what_is_no_clip_is_told_so() {
        let stereo = format_fields(Format { code: PCM, channels: 2, rate: 44_100, bits: 16 });
        for (bytes, expected) in [
            (vec![], "it is no WAV file: it starts with `` where RIFF and WAVE are expected"),
            (
                b"fLaC\x00\x00\x00\x22........".to_vec(),
                "it is no WAV file: it starts with `fLaC\\x00\\x00\\x00\\\"....` where RIFF and WAVE are expected",
            ),
            (with_chunks(&[(b"data", &[1, 2])]), "the WAV file has no `fmt` chunk"),
            (with_chunks(&[(b"fmt ", &format_fields(OURS))]), "the WAV file has no `data` chunk"),
            (with_chunks(&[(b"fmt ", &[7, 0])]), "its `fmt ` chunk has 2 bytes; it has at least 16"),
            (
                with_chunks(&[(b"fmt ", &stereo), (b"data", &[])]),
                "the WAV file is 16-bit PCM, 2 channels, 44100 Hz; expected is 8-bit mu-law, 1 channel, 8000 Hz",
            ),
            (
                file(&[1; 10])[..HEADER_BYTES + 4].to_vec(),
                "the file ends early: its `data` chunk has 10 bytes, of which 4 are there",
            ),
        ] {
            assert_eq!(read(&bytes).unwrap_err().to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn a_file_is_read_back(samples in prop::collection::vec(any::<u8>(), 0..500)) {
            let bytes = file(&samples);
            prop_assert_eq!(bytes.len() % 2, 0);
            prop_assert_eq!(bytes.len(), u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize + 8);
            prop_assert_eq!(read(&bytes), Ok(&samples[..]));
        }

        #[test]
        fn a_file_cut_short_is_never_taken(
            samples in prop::collection::vec(any::<u8>(), 1..200),
            cut in any::<prop::sample::Index>(),
        ) {
            let kept = cut.index(HEADER_BYTES + samples.len());
            prop_assert!(read(&file(&samples)[..kept]).is_err());
        }

        #[test]
        fn no_bytes_stop_it(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            if let Some(start) = bytes.get_mut(..12) {
                start.copy_from_slice(b"RIFF....WAVE");
            }
            let _ = read(&bytes);
        }
    }
}
