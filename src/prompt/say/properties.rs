//! What holds for all figures, on a million of them, against two libraries that say numbers too and a parser of
//! money written here.

use std::fmt::Write as _;

use chinese_number::{ChineseCase, ChineseCountMethod, ChineseToNumber, ChineseVariant, NumberToChinese};
use jiff::civil::{Date, Time};
use num2words::Num2Words;
use proptest::prelude::*;

use super::figure::{Figure, LARGEST};
use super::{ALL, Error, Tongue, en, kinds, read_text, zh_cn};
use crate::call::{Language, Period, Value, YearMonth};
use crate::prompt::{Reading, Unit};

/// Numbers below `bound` with many zeros in them, which is where readings go wrong. The same on every run.
fn with_zeros(bound: u64, how_many: usize) -> impl Iterator<Item = u64> {
    let mut state = 12_333_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    std::iter::repeat_with(move || {
        let digits = (0..14).fold(0, |number: u64, _| number * 10 + if random() % 5 < 2 { random() % 10 } else { 0 });
        digits % (bound / 10_u64.pow(u32::try_from(random() % 10).unwrap())).max(1)
    })
    .take(how_many)
}

fn say(tongue: &Tongue, figure: Result<Figure, Error>) -> String {
    (tongue.say)(&figure.unwrap())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

fn check_chinese(number: i64) {
    let said = say(&zh_cn::TONGUE, Figure::integer(number));
    let oracle =
        number.to_chinese(ChineseVariant::Simple, ChineseCase::Lower, ChineseCountMethod::TenThousand).unwrap();
    assert_eq!(said.replace('两', "二"), oracle);
    let back: i64 = said.as_str().to_number(ChineseCountMethod::TenThousand).unwrap();
    assert_eq!(back, number, "{said}");
}

#[test]
fn chinese_integers_are_those_of_another_library_and_can_be_read_back() {
    (0..200_000).for_each(check_chinese);
    with_zeros(LARGEST + 1, 200_000).map(signed).for_each(check_chinese);
    with_zeros(LARGEST + 1, 10_000).map(|number| -signed(number)).filter(|number| *number != 0).for_each(check_chinese);
}

fn check_english(number: i64) {
    let oracle = Num2Words::new(number).to_words().unwrap().replace(" and ", " ");
    assert_eq!(say(&en::TONGUE, Figure::integer(number)), oracle);
}

#[test]
fn english_integers_are_those_of_another_library() {
    (0..20_000).for_each(check_english);
    with_zeros(LARGEST + 1, 20_000).map(signed).for_each(check_english);
}

/// Fen from a Chinese amount: its own grammar of units, nothing of the code under test.
fn fen_of(said: &str) -> Option<u64> {
    let mut fen = 0;
    let mut group = 0;
    let mut yuan = 0;
    let mut digit = None;
    for character in said.chars() {
        let value = "零一二三四五六七八九".chars().position(|known| known == character);
        let value = value.or((character == '两').then_some(2));
        if let Some(value) = value {
            // 零 is a filler between others; two digits never stand side by side.
            if digit.unwrap_or(0) != 0 {
                return None;
            }
            digit = Some(value as u64);
            continue;
        }
        let here = digit.take();
        match character {
            '十' => group += here.filter(|digit| *digit > 0).unwrap_or(1) * 10,
            '百' => group += here? * 100,
            '千' => group += here? * 1000,
            '万' => (yuan, group) = (yuan + (group + here.unwrap_or(0)) * 10_000, 0),
            '亿' => (yuan, group) = (yuan + (group + here.unwrap_or(0)) * 100_000_000, 0),
            '元' => fen += (yuan + group + here.unwrap_or(0)) * 100,
            '角' => fen += here? * 10,
            '分' => fen += here?,
            _ => return None,
        }
    }
    digit.is_none().then_some(fen)
}

fn check_amount(fen: u64) {
    let said = say(&zh_cn::TONGUE, Figure::amount(signed(fen)));
    assert_eq!(fen_of(&said), Some(fen), "{said}");
    assert!(!said.chars().skip(1).any(|c| c == '两'), "两 leads or is not there: {said}");
    assert!(!said.contains("零零") && !said.ends_with('零'), "{said}");
    if fen > 0 {
        assert_eq!(say(&zh_cn::TONGUE, Figure::amount(-signed(fen))), format!("负{said}"));
    }
}

#[test]
fn chinese_amounts_can_be_read_back_to_the_fen() {
    (0..200_000).for_each(check_amount);
    with_zeros(LARGEST * 100 + 100, 200_000).for_each(check_amount);
}

#[test]
fn english_amounts_are_two_integers() {
    let number = |size| say(&en::TONGUE, Figure::integer(signed(size)));
    for fen in (1..50_000).chain(with_zeros(LARGEST * 100 + 100, 50_000)) {
        let mut expected = String::new();
        if fen >= 100 || fen == 0 {
            write!(expected, "{} yuan", number(fen / 100)).unwrap();
        }
        if fen > 100 && fen % 100 > 0 {
            expected.push_str(" and ");
        }
        if fen % 100 > 0 {
            write!(expected, "{} fen", number(fen % 100)).unwrap();
        }
        assert_eq!(say(&en::TONGUE, Figure::amount(signed(fen))), expected);
    }
}

/// Every figure that can be made of this number, whatever it means.
fn figures(number: i64) -> Vec<Figure> {
    let small = |modulus: i64| number.unsigned_abs() % modulus.unsigned_abs();
    let month = |plus: i64| {
        let month = (number.unsigned_abs() % 3600 + plus.unsigned_abs()) % 3600;
        YearMonth::new(1900 + i16::try_from(month / 12).unwrap(), 1 + i8::try_from(month % 12).unwrap()).unwrap()
    };
    let date = Date::constant(1000, 1, 1).saturating_add(jiff::Span::new().days(signed(small(700_000))));
    let time = Time::new(i8::try_from(small(24)).unwrap(), i8::try_from(small(60)).unwrap(), 0, 0).unwrap();
    let run = |plus| Period { from: month(0).min(month(plus)), to: month(0).max(month(plus)) };
    let text = number.unsigned_abs().to_string();
    let digits = Value::Digits(text.clone());
    let made = [
        Figure::amount(number),
        Figure::integer(number),
        Figure::months(number),
        Figure::duration(number),
        Figure::ordinal(number),
        Figure::new(&Reading::Decimal, &Value::Number(number)),
        Figure::new(&Reading::Percent, &Value::Number(number)),
        Figure::year(date.year()),
        Figure::date(date),
        Figure::new(&Reading::MonthDay, &Value::Date(date)),
        Figure::new(&Reading::YearMonth, &Value::YearMonth(month(0))),
        Figure::periods(&[run(7), run(40)]),
        Figure::new(&Reading::Clock, &Value::Clock(time)),
        Figure::new(&Reading::Digits, &digits),
        Figure::new(&Reading::Phone, &digits),
        Figure::new(&Reading::Hotline, &digits),
        Figure::new(&Reading::Ticket, &digits),
        Figure::new(&Reading::EmployeeNo, &digits),
        Figure::new(&Reading::Masked, &digits),
        Figure::new(&Reading::Id, &Value::Digits(format!("{text:0>18}"))),
        Figure::new(&Reading::MenuKey, &Value::Digits(small(10).to_string())),
    ];
    let counts = Unit::ALL.iter().map(|(unit, _)| Figure::count(number, *unit));
    made.into_iter().chain(counts).filter_map(Result::ok).collect()
}

#[test]
fn nothing_that_is_said_has_a_digit_in_it_or_is_empty() {
    for number in (-50..1200).chain(with_zeros(LARGEST + 1, 1000).map(signed)) {
        for figure in figures(number) {
            for tongue in ALL {
                let said = (tongue.say)(&figure);
                assert!(!said.is_empty() && !said.chars().any(char::is_numeric), "{} {figure:?}: {said}", tongue.tag);
                assert_eq!(said.trim(), said);
                assert!(!said.contains("  "));
            }
        }
    }
}

#[test]
fn different_dates_and_times_never_sound_the_same() {
    for tongue in ALL {
        let days = (0..40_000).map(|day| Date::constant(1990, 1, 1).saturating_add(jiff::Span::new().days(day)));
        let dates: std::collections::BTreeSet<String> = days.map(|date| say(tongue, Figure::date(date))).collect();
        assert_eq!(dates.len(), 40_000, "{}", tongue.tag);
        let minutes = (0..24).flat_map(|hour| (0..60).map(move |minute| Time::constant(hour, minute, 0, 0)));
        let times: std::collections::BTreeSet<String> =
            minutes.map(|time| (tongue.say)(&Figure::Clock(time))).collect();
        assert_eq!(times.len(), 24 * 60, "{}", tongue.tag);
    }
}

#[test]
fn what_cannot_be_said_is_an_error_that_does_not_tell_the_value() {
    for (kind, value) in [
        ("integer", "1000000000000"),
        ("integer", "-1000000000000"),
        ("integer", "99999999999999999999999"),
        ("integer", ""),
        ("integer", "-"),
        ("integer", "+5"),
        ("integer", "5.0"),
        ("integer", "1,000"),
        ("integer", "１２"),
        ("amount", "1000000000000"),
        ("amount", "9223372036854775807"),
        ("amount", "1.005"),
        ("amount", "1."),
        ("amount", ".5"),
        ("amount", "--5"),
        ("count", "2"),
        ("count", "2 fortnight"),
        ("count", "-2 month"),
        ("months", "-1"),
        ("duration", "-1"),
        ("ordinal", "0"),
        ("decimal", "1e5"),
        ("decimal", "1000000000000.5"),
        ("percent", "5"),
        ("year", "26"),
        ("year", "3000"),
        ("year_month", "2026-13"),
        ("year_month", "2026-3"),
        ("date", "2026-02-29"),
        ("date", "0999-01-01"),
        ("month_day", "02-30"),
        ("period", "2026-03..2026-02"),
        ("periods", "2026-03,"),
        ("clock", "24:00"),
        ("clock", "9:00"),
        ("digits", "12a"),
        ("id", "123"),
        ("phone", "12333a"),
        ("hotline", "123-33"),
        ("ticket", "20260331-"),
        ("menu_key", "10"),
        ("masked", "123*"),
        ("amuont", "8812349"),
        ("word", "8812349"),
        ("8812349", "amount"),
    ] {
        for tongue in ALL {
            let error = read_text(&Language::from(tongue.tag), kind, value).expect_err(value).to_string();
            assert!(!error.contains("8812349") && (value.len() < 8 || !error.contains(value)), "{error}");
        }
    }
}

#[test]
fn an_unknown_language_or_kind_is_told_with_what_there_is() {
    let error = |language: &str, kind| read_text(&Language::from(language), kind, "5").unwrap_err().to_string();
    assert!(error("zh-cn", "amount").contains("did you mean `zh-CN`?"));
    assert!(error("kokoro", "amount").contains("languages: zh-CN, en"));
    assert!(error("en", "yaer_month").contains("did you mean `year-month`? kinds: amount, integer, "));
    assert!(kinds().all(|kind| error("en", "nonsense").contains(kind)));
}

proptest! {
    #[test]
    fn any_number_is_said_or_refused(number in any::<i64>()) {
        let fits = number.unsigned_abs() <= LARGEST;
        prop_assert_eq!(Figure::integer(number).is_ok(), fits);
        prop_assert_eq!(Figure::amount(number).is_ok(), number.unsigned_abs() <= LARGEST * 100 + 99);
        prop_assert_eq!(Figure::months(number).is_ok(), fits && number >= 0);
        for figure in figures(number) {
            for tongue in ALL {
                prop_assert!(!(tongue.say)(&figure).chars().any(char::is_numeric));
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-0-9.:%*#Xx ]{0,24}|\\PC{0,16}") {
        for kind in kinds() {
            for tongue in ALL {
                if let Ok(said) = read_text(&Language::from(tongue.tag), kind, &text) {
                    prop_assert!(!said.is_empty() && !said.chars().any(char::is_numeric), "{} {}", kind, said);
                }
            }
        }
    }

    #[test]
    fn a_decimal_is_said_digit_by_digit_after_the_point(whole in 0..=LARGEST, fraction in "[0-9]{1,8}") {
        let language = Language::from("zh-CN");
        let said = read_text(&language, "decimal", &format!("{whole}.{fraction}")).unwrap();
        let (number, digits) = said.split_once('点').unwrap_or((&said, ""));
        let back: u64 = number.to_number(ChineseCountMethod::TenThousand).unwrap();
        let digits: String = digits.chars().map(|c| "零一二三四五六七八九".chars().position(|d| d == c).unwrap().to_string()).collect();
        prop_assert_eq!(back, whole);
        prop_assert_eq!(digits, fraction.trim_end_matches('0'));
        prop_assert!(!said.contains('两'));
    }
}
