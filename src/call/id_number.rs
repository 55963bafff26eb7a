//! Citizen identity numbers (GB 11643): the checks that cost nobody a try, and masks.
//!
//! It is *not* told here whether such a person exists; that is for `lookup::identity`.

use std::fmt;

use jiff::civil::Date;

/// Weights of the first 17 characters: `2^(18-i) mod 11` (source: domain reference 2.1, GB 11643-1999).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The check character for each remainder of the weighted sum by 11.
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// Nobody who was born before this year can call.
const EARLIEST_BIRTH_YEAR: i16 = 1880;

/// An identity number of 18 characters: 17 digits and a check character, `0-9` or `X`. Its `Debug` is a mask.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdNumber {
    text: String,
    birth: Date,
}

/// Why a text is no identity number. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadId {
    #[error("an identity number has 18 characters (15 in its old form), this has {0}")]
    Length(usize),
    #[error("an identity number has digits only; the last of 18 may be X")]
    Character,
    #[error("characters 7 to 14 of an identity number are a date of birth, and this is no date")]
    NoDate,
    #[error("the date of birth in an identity number is from {EARLIEST_BIRTH_YEAR} to today")]
    BirthOutOfRange,
    #[error("the check character does not fit the others: a digit was mistyped or two were swapped")]
    Checksum,
}

impl IdNumber {
    /// Reads 18 characters, or 15 digits of the old form (GB 11643-1989), which are converted: `19` before the year, a
    /// check character at the end. The address code may be any: codes are abolished and reused.
    ///
    /// # Errors
    /// [`BadId`] names the first rule that is broken.
    pub fn parse(text: &str, today: Date) -> Result<Self, BadId> {
        let length = text.chars().count();
        let text = match (length, text.split_at_checked(6)) {
            (15, Some((area, rest))) => {
                let body = format!("{area}19{rest}");
                let check = check_character(&body).ok_or(BadId::Character)?;
                format!("{body}{check}")
            }
            (18, _) => text.to_ascii_uppercase(),
            _ => return Err(BadId::Length(length)),
        };
        let (body, check) = text.split_at_checked(17).ok_or(BadId::Character)?;
        let expected = check_character(body).ok_or(BadId::Character)?;
        if !matches!(check, "X") && !check.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadId::Character);
        }
        let birth = birth_in(&text).ok_or(BadId::NoDate)?;
        if birth.year() < EARLIEST_BIRTH_YEAR || birth > today {
            return Err(BadId::BirthOutOfRange);
        }
        if !check.starts_with(expected) {
            return Err(BadId::Checksum);
        }
        Ok(Self { text, birth })
    }

    /// The number with this body of 17 digits; `None` if it has no real date of birth.
    #[must_use]
    pub fn from_body(body: &str) -> Option<Self> {
        let text = format!("{body}{}", check_character(body)?);
        let birth = birth_in(&text)?;
        Some(Self { text, birth })
    }

    /// All 18 characters: for keyed hashes and queries, never for a log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// First three and last four: `000***********1233`.
    #[must_use]
    pub fn mask(&self) -> String {
        super::mask_id(&self.text)
    }

    #[must_use]
    pub const fn birth(&self) -> Date {
        self.birth
    }

    /// The last four characters, which the card path asks for.
    #[must_use]
    pub fn last_four(&self) -> &str {
        self.text.get(14..).unwrap_or_default()
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mask())
    }
}

/// The check character of 17 digits (ISO 7064, MOD 11-2); `None` if they are not 17 digits.
fn check_character(body: &str) -> Option<char> {
    if body.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (digit, weight) in body.chars().zip(WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    CHECKS.get(usize::try_from(sum % 11).ok()?).copied()
}

fn birth_in(text: &str) -> Option<Date> {
    let year = text.get(6..10)?.parse().ok()?;
    let month = text.get(10..12)?.parse().ok()?;
    let day = text.get(12..14)?.parse().ok()?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<IdNumber, BadId> {
        IdNumber::parse(text, date(2026, 4, 1))
    }

    #[test]
    fn numbers_of_the_standard_and_of_the_demo_are_right() {
        for text in [
            "11010519491231002X",
            "440524188001010014",
            "000101198503121233",
            "00010119881020037X",
            "000101199202290441",
            "000101200111050085",
            "000101197001010010",
            "000101196007080269",
        ] {
            assert_eq!(parse(text).unwrap().as_str(), text);
        }
        assert_eq!(parse("11010519491231002x").unwrap().as_str(), "11010519491231002X");
    }

    #[test]
    fn what_breaks_a_rule_is_told_which() {
        for (text, why) in [
            ("", BadId::Length(0)),
            ("00010119850312123", BadId::Length(17)),
            ("0001011985031212333", BadId::Length(19)),
            ("0001011985031212A3", BadId::Character),
            ("00010119850312123Y", BadId::Character),
            ("X00101198503121233", BadId::Character),
            ("00010X850312123", BadId::Character),
            ("零零零一零一一九八五零三一二一二三三", BadId::Character),
            ("零零零一零一八五零三一二一二三", BadId::Character),
            ("000101198513121233", BadId::NoDate),
            ("000101202304010010", BadId::Checksum),
            ("000101198503121234", BadId::Checksum),
        ] {
            assert_eq!(parse(text), Err(why), "{}", text.len());
        }
        let with_birth = |birth: &str| IdNumber::from_body(&format!("000101{birth}001"));
        for (birth, right) in [("20240229", true), ("20230229", false), ("19000229", false), ("20000229", true)] {
            assert_eq!(with_birth(birth).is_some(), right, "{birth}");
        }
        for (birth, verdict) in [
            ("18791231", Err(BadId::BirthOutOfRange)),
            ("18800101", Ok(())),
            ("20260401", Ok(())),
            ("20260402", Err(BadId::BirthOutOfRange)),
        ] {
            let number = with_birth(birth).unwrap();
            assert_eq!(parse(number.as_str()).map(|_| ()), verdict, "{birth}");
        }
    }

    #[test]
    fn the_old_form_is_converted() {
        assert_eq!(parse("310101000101001").unwrap().as_str(), "310101190001010011");
    }

    #[test]
    fn only_a_mask_is_shown() {
        let number = parse("000101198503121233").unwrap();
        assert_eq!(format!("{number:?}"), "000***********1233");
        assert_eq!((number.last_four(), number.birth()), ("1233", date(1985, 3, 12)));
    }

    prop_compose! {
        fn demo_number()(year in 1900_i16..2026, month in 1_i8..=12, day in 1_i8..=28, area in 0_u32..100, sequence in 0_u32..1000)
            -> String
        {
            let body = format!("0001{area:02}{year:04}{month:02}{day:02}{sequence:03}");
            IdNumber::from_body(&body).unwrap().as_str().to_owned()
        }
    }

    const CHARACTERS: &str = "0123456789X";

    proptest! {
        #[test]
        fn every_single_mistake_is_found(number in demo_number()) {
            prop_assert!(parse(&number).is_ok());
            for (at, _) in number.char_indices() {
                for wrong in CHARACTERS.chars().filter(|wrong| !number[at..].starts_with(*wrong)) {
                    let mut mistyped = number.clone();
                    mistyped.replace_range(at..=at, wrong.encode_utf8(&mut [0; 4]));
                    prop_assert!(parse(&mistyped).is_err());
                }
            }
        }

        #[test]
        fn every_swap_of_neighbours_is_found(number in demo_number()) {
            for at in 0..17 {
                let mut swapped = number.clone().into_bytes();
                swapped.swap(at, at + 1);
                let swapped = String::from_utf8(swapped).unwrap();
                prop_assert!(swapped == number || parse(&swapped).is_err());
            }
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,20}") {
            let _ = parse(&text);
        }
    }
}
