//! Every reading within the ranges that the line speaks can be put together of its pieces, and what is put together
//! says exactly the reading.

use jiff::civil::{Date, Time};

use super::clip::{Manifest, Row, text_hash};
use super::compose::{Part, Pauses, Recipe};
use super::say::{self, Tongue};
use super::voice::{Voice, wanted_pieces};
use super::{AudioHash, Maker, Reading, Unit};
use crate::call::{Period, Value, YearMonth};

/// A voice that has every piece.
fn complete(tongue: &Tongue) -> Voice {
    let wanted = wanted_pieces(tongue, &Voice::default());
    let row = |clip: &str, text: &str| Row {
        clip: clip.to_owned(),
        text: text_hash(text, ""),
        audio: AudioHash::of(clip.as_bytes()),
        samples: 4_000,
        level_dbfs: -20.0,
        peak_dbfs: -3.0,
        voice: "test".to_owned(),
        made_by: Maker::Voice,
    };
    let rows = wanted.iter().map(|wanted| (wanted.clip.clone(), row(&wanted.clip, &wanted.text))).collect();
    let mut voice = Voice::new(Manifest { rows });
    voice.settle(&wanted);
    voice
}

/// One figure after the other, and how many were put together of how many pieces.
struct Check {
    tongue: &'static Tongue,
    voice: Voice,
    figures: usize,
    pieces: usize,
    lone: usize,
}

impl Check {
    fn all(mut check: impl FnMut(&mut Self)) {
        for tongue in say::ALL {
            let mut one = Self { tongue, voice: complete(tongue), figures: 0, pieces: 0, lone: 0 };
            check(&mut one);
        }
    }

    fn says(&mut self, reading: &Reading, value: &Value) -> Recipe {
        let said = self.tongue.value(reading, value).unwrap();
        let recipe = self.voice.recipe_of(self.tongue, reading, &said, Pauses::of(false));
        let recipe = recipe.unwrap_or_else(|| panic!("{}: no pieces for {said}", self.tongue.tag));
        let clips = recipe.parts.iter().filter_map(|part| match part {
            Part::Clip(clip) => clip.id.strip_prefix("value/"),
            Part::Pause(_) => None,
        });
        let clips: Vec<&str> = clips.collect();
        let bare = |text: &str| {
            let text = text.to_lowercase();
            text.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect::<String>()
        };
        assert_eq!(bare(&clips.concat()), bare(&said), "{}", self.tongue.tag);
        self.figures += 1;
        self.pieces += clips.len();
        self.lone += clips.iter().filter(|clip| clip.chars().count() == 1).count();
        recipe
    }
}

/// Numbers that take every shape: all small ones, then ones with few digits that are not zero.
fn shapes(most: i64) -> impl Iterator<Item = i64> {
    let mut state = 12_333_u64;
    let random = std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bits = state >> 20;
        let mut number = 0_i64;
        for _ in 0..11 {
            let digit = if bits & 1 == 0 { i64::try_from(bits >> 1 & 15).unwrap() % 10 } else { 0 };
            number = number * 10 + digit;
            bits >>= 4;
        }
        number % (most + 1)
    });
    (0..=most.min(3_000)).chain(random.take(12_000)).chain([most])
}

#[test]
fn every_amount_of_money_has_its_pieces() {
    Check::all(|check| {
        for fen in shapes(9_999_999_999) {
            check.says(&Reading::Amount, &Value::Amount(fen));
        }
        // Few pieces, and seldom a syllable alone.
        assert!(check.pieces < check.figures * 10, "{} {} {}", check.tongue.tag, check.pieces, check.figures);
        assert!(check.tongue.spaced || check.lone * 20 < check.pieces, "{} of {}", check.lone, check.pieces);
        for fen in shapes(100_000) {
            check.says(&Reading::Amount, &Value::Amount(-fen));
        }
    });
}

#[test]
fn every_number_and_count_has_its_pieces() {
    Check::all(|check| {
        for number in shapes(99_999_999) {
            check.says(&Reading::Integer, &Value::Number(number));
            check.says(&Reading::Percent, &Value::Number(number));
            check.says(&Reading::Decimal, &Value::Number(number));
            check.says(&Reading::Integer, &Value::Number(-number));
        }
        for number in shapes(9_999) {
            check.says(&Reading::Ordinal, &Value::Number(number + 1));
        }
        for (unit, _) in Unit::ALL {
            for number in (0..1_000).chain([1_000, 2_000, 2_002, 9_999]) {
                check.says(&Reading::Count(*unit), &Value::Number(number));
            }
        }
        for number in 0..12 * 100 {
            check.says(&Reading::Months, &Value::Number(number));
        }
        for seconds in (0..3_700).chain((7_300..100 * 3600).step_by(59)) {
            check.says(&Reading::Duration, &Value::Number(seconds));
        }
    });
}

#[test]
fn every_decimal_has_its_pieces() {
    for tongue in say::ALL {
        let voice = complete(tongue);
        for whole in [0, 1, 2, 10, 12, 100, 205, 1_000] {
            for fraction in 0..1000 {
                for kind in ["decimal", "percent"] {
                    let percent = if kind == "percent" { "%" } else { "" };
                    let language = tongue.tag.into();
                    let said = say::read_text(&language, kind, &format!("{whole}.{fraction:03}{percent}")).unwrap();
                    let reading = Reading::parse(kind).unwrap();
                    assert!(voice.recipe_of(tongue, &reading, &said, Pauses::of(false)).is_some(), "{said}");
                }
            }
        }
    }
}

#[test]
fn every_date_and_time_has_its_pieces() {
    Check::all(|check| {
        let first = Date::constant(1950, 1, 1);
        for date in first.series(jiff::Span::new().days(1)).take_while(|date| date.year() < 2100) {
            check.says(&Reading::Date, &Value::Date(date));
            if date.year() == 2000 {
                check.says(&Reading::MonthDay, &Value::Date(date));
            }
        }
        let months: Vec<YearMonth> =
            (1950..2100).flat_map(|year| (1..=12).filter_map(move |month| YearMonth::new(year, month))).collect();
        for year in 1950..2100 {
            check.says(&Reading::Year, &Value::Year(year));
        }
        for (place, month) in months.iter().enumerate() {
            check.says(&Reading::YearMonth, &Value::YearMonth(*month));
            for length in [0, 1, 11, 30] {
                if let Some(to) = months.get(place + length) {
                    let period = Period { from: *month, to: *to };
                    check.says(&Reading::Period, &Value::Periods(vec![period]));
                    check.says(&Reading::Periods, &Value::Periods(vec![period, period, period]));
                }
            }
        }
        for (hour, minute) in (0..24).flat_map(|hour| (0..60).map(move |minute| (hour, minute))) {
            check.says(&Reading::Clock, &Value::Clock(Time::constant(hour, minute, 0, 0)));
        }
    });
}

#[test]
fn every_string_of_digits_has_its_pieces() {
    Check::all(|check| {
        for number in 0..2_000_u64 {
            let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let digits = format!("{spread:020}");
            let part = |length: usize| Value::Digits(digits.chars().rev().take(length).collect());
            for length in [1, 2, 3, 4, 5, 8, 11] {
                check.says(&Reading::Digits, &part(length));
                check.says(&Reading::EmployeeNo, &part(length));
            }
            for length in [5, 8, 11] {
                check.says(&Reading::Phone, &part(length));
                check.says(&Reading::Hotline, &part(5));
            }
            check.says(&Reading::Id, &part(18));
            check.says(&Reading::Id, &part(15));
            check.says(&Reading::Masked, &part(4));
        }
        let id = check.says(&Reading::Id, &Value::Digits("00010119881020037X".to_owned()));
        assert!(id.length().as_secs() >= 4);
        check.says(&Reading::Phone, &Value::Digits("021-12333".to_owned()));
        check.says(&Reading::Hotline, &Value::Digits("12345".to_owned()));
        check.says(&Reading::Digits, &Value::Digits("1*#".to_owned()));
        for key in "0123456789*#".chars() {
            check.says(&Reading::MenuKey, &Value::Digits(key.to_string()));
        }
    });
}

/// Every kind of reading is in one of the tests above.
#[test]
fn no_kind_is_forgotten() {
    let tested = include_str!("pieces_properties.rs");
    for name in say::kinds() {
        let camel: String = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        let tested_as = format!("Reading::{camel}");
        // The ticket is said as digits in groups are.
        assert!(tested.contains(&tested_as) || name == "ticket", "{name}");
    }
}
