//! Values written as text, for the command line and test tables: `1023.05`, `2 month`, `2025-11..2026-02`.

use jiff::civil::{Date, Time};

use super::figure::Decimal;
use super::{Error, Figure, kinds};
use crate::call::{Period, Value, YearMonth};
use crate::prompt::{Reading, Unit};
use crate::yaml::did_you_mean;

/// The figure that `value` writes.
pub(super) fn figure(kind: &str, value: &str) -> Result<Figure, Error> {
    let kind = kind.replace('_', "-");
    if kind == "count" {
        let (number, unit) = value.split_once(' ').unwrap_or((value, ""));
        let wrong = Error::WrongForm {
            kind: "count",
            expected: "a whole number and a unit, `2 month`; units: second minute hour day working-day month year person record time",
        };
        let unit = Unit::parse(&unit.replace('_', "-")).ok_or(wrong)?;
        return Figure::count(whole("count", number)?, unit);
    }
    match Reading::parse(&kind) {
        Ok(reading) => plain(&reading, value),
        Err(_) => Err(unknown(&kind)),
    }
}

fn plain(reading: &Reading, text: &str) -> Result<Figure, Error> {
    // A count has its unit in the value; words and texts are prompts, no figures.
    if matches!(reading, Reading::Count(_) | Reading::Word(_) | Reading::Text) {
        return Err(unknown(reading.kind()));
    }
    // Those with decimals are values of no prompt.
    if *reading == Reading::Decimal {
        return decimal("decimal", text).map(Figure::Decimal);
    }
    if *reading == Reading::Percent {
        let wrong = Error::WrongForm { kind: "percent", expected: "a number and %" };
        return decimal("percent", text.strip_suffix('%').ok_or(wrong)?).map(Figure::Percent);
    }
    Figure::new(reading, &value(reading, text)?)
}

/// The value that `text` writes, for a placeholder of this reading: a number where it counts something, and a word or a
/// text as it stands.
///
/// # Errors
/// [`Error::WrongForm`], [`Error::OutOfRange`]. What is a value may still be one that cannot be said so.
pub fn value(reading: &Reading, text: &str) -> Result<Value, Error> {
    let kind = reading.kind();
    let wrong = |expected| move || Error::WrongForm { kind, expected };
    match reading {
        Reading::Amount => fen(text).map(Value::Amount),
        Reading::Integer
        | Reading::Count(_)
        | Reading::Months
        | Reading::Duration
        | Reading::Ordinal
        | Reading::Decimal
        | Reading::Percent => whole(kind, text).map(Value::Number),
        Reading::Year => four_digits(text).map(Value::Year).ok_or_else(wrong("a year, YYYY")),
        Reading::YearMonth => month(text).map(Value::YearMonth).ok_or_else(wrong("a month from 1900 to 2199, YYYY-MM")),
        Reading::Date => date(text).map(Value::Date).ok_or_else(wrong("a date, YYYY-MM-DD")),
        // In a leap year, so that February has all its days.
        Reading::MonthDay => {
            date(&format!("2000-{text}")).map(Value::Date).ok_or_else(wrong("a month and a day, MM-DD"))
        }
        Reading::Period => {
            let period = period(text).ok_or_else(wrong("two months, YYYY-MM..YYYY-MM"))?;
            Ok(Value::Periods(vec![period]))
        }
        Reading::Periods => {
            let periods: Option<Vec<Period>> = text.split(',').map(period).collect();
            periods.map(Value::Periods).ok_or_else(wrong("periods, YYYY-MM..YYYY-MM,YYYY-MM"))
        }
        Reading::Clock => clock(text).map(Value::Clock).ok_or_else(wrong("a time of day, HH:MM")),
        Reading::Digits
        | Reading::Phone
        | Reading::Id
        | Reading::Hotline
        | Reading::Ticket
        | Reading::EmployeeNo
        | Reading::MenuKey
        | Reading::Masked => Ok(Value::Digits(text.to_owned())),
        Reading::Word(_) => Ok(Value::Word(text.to_owned())),
        Reading::Text => Ok(Value::Text(text.to_owned())),
    }
}

/// The kind is not repeated: it may be a value in the wrong column.
fn unknown(kind: &str) -> Error {
    let all = kinds().collect::<Vec<_>>().join(", ");
    let help = match did_you_mean(kind, kinds()) {
        Some(near) => format!("did you mean `{near}`? kinds: {all}"),
        None => format!("kinds: {all}"),
    };
    Error::UnknownKind { help }
}

/// Digits only; `None` if that is not what it is.
fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

fn size(kind: &'static str, text: &str, expected: &'static str) -> Result<u64, Error> {
    let text = digits(text).ok_or(Error::WrongForm { kind, expected })?;
    text.parse().map_err(|_| Error::OutOfRange { kind, expected: "at most twelve digits" })
}

fn whole(kind: &'static str, text: &str) -> Result<i64, Error> {
    let size = size(kind, text.strip_prefix('-').unwrap_or(text), "a whole number")?;
    let number = i64::try_from(size).map_err(|_| Error::OutOfRange { kind, expected: "at most twelve digits" })?;
    Ok(if text.starts_with('-') { -number } else { number })
}

/// Yuan with at most two decimals. More are an error, not rounded (rule A7).
fn fen(text: &str) -> Result<i64, Error> {
    const EXPECTED: &str = "yuan with at most two decimals, `1023.05`";
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (yuan, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if decimals.len() > 2 {
        return Err(Error::WrongForm { kind: "amount", expected: EXPECTED });
    }
    let decimals = size("amount", decimals, EXPECTED)? * if decimals.len() == 1 { 10 } else { 1 };
    let fen = size("amount", yuan, EXPECTED)?.checked_mul(100).and_then(|fen| fen.checked_add(decimals));
    let fen = fen.and_then(|fen| i64::try_from(fen).ok());
    let fen = fen.ok_or(Error::OutOfRange { kind: "amount", expected: "at most twelve digits of yuan" })?;
    Ok(if text.starts_with('-') { -fen } else { fen })
}

fn decimal(kind: &'static str, text: &str) -> Result<Decimal, Error> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (number, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let fraction = digits(fraction).ok_or(Error::WrongForm { kind, expected: "a number, decimals after a point" })?;
    Decimal::new(kind, text.starts_with('-'), size(kind, number, "a number, decimals after a point")?, fraction)
}

fn four_digits(text: &str) -> Option<i16> {
    digits(text).filter(|text| text.len() == 4)?.parse().ok()
}

fn two_digits(text: &str) -> Option<i8> {
    digits(text).filter(|text| text.len() == 2)?.parse().ok()
}

fn month(text: &str) -> Option<YearMonth> {
    let (year, month) = text.split_once('-')?;
    YearMonth::new(four_digits(year)?, two_digits(month)?)
}

fn date(text: &str) -> Option<Date> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    Date::new(four_digits(year)?, two_digits(month)?, two_digits(day)?).ok()
}

/// One month alone is a period too.
fn period(text: &str) -> Option<Period> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    Some(Period { from: month(from)?, to: month(to)? })
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).ok()
}
