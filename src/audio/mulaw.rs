//! G.711 mu-law: sixteen bits in eight, fine where it is quiet and coarse where it is loud.
//!
//! It is *not* a file format: see `wav`. The tables are those of ITU-T G.711, written as arithmetic.
//! Source: <https://www.itu.int/rec/T-REC-G.711>.

/// The largest sample that a code stands for.
pub const FULL_SCALE: u16 = 32_124;

/// What is added before the segment is looked for, so that each is twice as wide as the one below.
const BIAS: i32 = 0x84;
/// The loudest that can be said. What is louder is said as this.
const LOUDEST: i32 = 32_635;

/// The code nearest to a 16-bit sample.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seven bits are left when it is cut")]
pub fn encode(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let biased = i32::from(sample).abs().min(LOUDEST) + BIAS;
    let segment = biased.ilog2() - 7;
    let step = (biased >> (segment + 3)) & 0x0F;
    !(sign | (segment as u8) << 4 | step as u8)
}

/// The 16-bit sample that a code stands for, at most [`FULL_SCALE`] up or down.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "`FULL_SCALE` is the largest")]
pub fn decode(code: u8) -> i16 {
    let bits = !code;
    let step = i32::from(bits & 0x0F);
    let size = (((step << 3) + BIAS) << ((bits & 0x70) >> 4)) - BIAS;
    if bits & 0x80 == 0 { size as i16 } else { -size as i16 }
}

/// The code nearest to a sample whose full scale is -1 to 1. What is no number is silence.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "a cast from float stops at the ends of the range")]
pub fn from_float(sample: f32) -> u8 {
    encode((sample * 32_768.0).round() as i16)
}

/// The sample that a code stands for, where full scale is -1 to 1.
#[must_use]
pub fn to_float(code: u8) -> f32 {
    f32::from(decode(code)) / 32_768.0
}

/// The same samples as 16-bit little-endian PCM, two bytes each.
#[must_use]
pub fn to_pcm(codes: &[u8]) -> Vec<u8> {
    codes.iter().flat_map(|&code| decode(code).to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SILENCE;

    /// The first and the last value of each segment, positive, from tables 2a and 2b of G.711 (there in 14 bits).
    #[test]
    fn codes_stand_for_the_values_of_the_standard() {
        for (code, value) in [
            (0x80, 8031),
            (0x8F, 4191),
            (0x90, 3999),
            (0x9F, 2079),
            (0xA0, 1983),
            (0xAF, 1023),
            (0xB0, 975),
            (0xBF, 495),
            (0xC0, 471),
            (0xCF, 231),
            (0xD0, 219),
            (0xDF, 99),
            (0xE0, 93),
            (0xEF, 33),
            (0xF0, 30),
            (0xFE, 2),
            (0xFF, 0),
        ] {
            assert_eq!(decode(code), value * 4, "{code:02x}");
            assert_eq!(decode(code & 0x7F), -value * 4, "{code:02x} negative");
        }
    }

    #[test]
    fn every_code_comes_back() {
        for code in 0..=u8::MAX {
            // Zero has two codes; the positive one is written.
            let expected = if code == 0x7F { SILENCE } else { code };
            assert_eq!(encode(decode(code)), expected, "{code:02x}");
        }
        assert_eq!(encode(0), SILENCE);
    }

    /// The decision values at which segments begin, and the last ones, from the same tables.
    #[test]
    fn the_standard_decides_between_two_codes() {
        for (value, code) in [
            (1, 0xFE),
            (31, 0xEF),
            (95, 0xDF),
            (223, 0xCF),
            (479, 0xBF),
            (991, 0xAF),
            (2015, 0x9F),
            (4063, 0x8F),
            (7903, 0x80),
        ] {
            assert_eq!((encode(value * 4 - 1), encode(value * 4)), (code + 1, code), "{value}");
            assert_eq!((encode(1 - value * 4), encode(-value * 4)), ((code + 1) & 0x7F, code & 0x7F), "-{value}");
        }
        for sample in i16::MIN..i16::MAX {
            assert!(decode(encode(sample)) <= decode(encode(sample + 1)), "{sample}");
        }
    }

    #[test]
    fn floats_are_the_same_samples() {
        for code in 0..=u8::MAX {
            assert_eq!(decode(from_float(to_float(code))), decode(code));
        }
        assert_eq!(from_float(2.0), encode(i16::MAX));
        assert_eq!(from_float(-2.0), encode(i16::MIN));
        assert_eq!(from_float(f32::NAN), SILENCE);
        assert_eq!(from_float(-0.0), SILENCE);
    }

    #[test]
    fn pcm_is_little_endian() {
        assert_eq!(to_pcm(&[SILENCE, 0x80, 0x00]), [0, 0, 0x7C, 0x7D, 0x84, 0x82]);
    }
}
