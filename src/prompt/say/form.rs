//! Values written as text, for the command line and test tables: `1023.05`, `2 month`, `2025-11..2026-02`.

use jiff::civil::{Date, Time};

use super::figure::Decimal;
use super::{Error, Figure, groups, kinds};
use crate::call::{Period, YearMonth};
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

fn plain(reading: &Reading, value: &str) -> Result<Figure, Error> {
    let kind = reading.kind();
    let wrong = |expected| move || Error::WrongForm { kind, expected };
    match reading {
        Reading::Amount => Figure::amount(fen(value)?),
        Reading::Integer => Figure::integer(whole(kind, value)?),
        Reading::Months => Figure::months(whole(kind, value)?),
        Reading::Duration => Figure::duration(whole(kind, value)?),
        Reading::Ordinal => Figure::ordinal(whole(kind, value)?),
        Reading::Decimal => decimal(kind, value).map(Figure::Decimal),
        Reading::Percent => {
            let number = value.strip_suffix('%').ok_or_else(wrong("a number and %"))?;
            decimal(kind, number).map(Figure::Percent)
        }
        Reading::Year => Figure::year(four_digits(value).ok_or_else(wrong("a year, YYYY"))?),
        Reading::YearMonth => {
            let month = month(value).ok_or_else(wrong("a month from 1900 to 2199, YYYY-MM"))?;
            Ok(Figure::YearMonth(month))
        }
        Reading::Date => Figure::date(date(value).ok_or_else(wrong("a date, YYYY-MM-DD"))?),
        Reading::MonthDay => {
            // In a leap year, so that February has all its days.
            let date = date(&format!("2000-{value}")).ok_or_else(wrong("a month and a day, MM-DD"))?;
            Ok(Figure::MonthDay(date))
        }
        Reading::Period => Figure::period(&[period(value).ok_or_else(wrong("two months, YYYY-MM..YYYY-MM"))?]),
        Reading::Periods => {
            let periods: Option<Vec<Period>> = value.split(',').map(period).collect();
            Figure::periods(&periods.ok_or_else(wrong("periods, YYYY-MM..YYYY-MM,YYYY-MM"))?)
        }
        Reading::Clock => clock(value).map(Figure::Clock).ok_or_else(wrong("a time of day, HH:MM")),
        Reading::Digits | Reading::EmployeeNo => groups::digits(kind, value).map(Figure::Digits),
        Reading::Phone => groups::phone(value).map(Figure::Phone),
        Reading::Id => groups::id(value).map(Figure::Digits),
        Reading::Hotline => groups::hotline(value).map(Figure::Phone),
        Reading::Ticket => groups::ticket(value).map(Figure::Digits),
        Reading::MenuKey => groups::menu_key(value).map(Figure::MenuKey),
        Reading::Masked => groups::masked(value).map(Figure::Masked),
        // A count has its unit in the value; words and texts are prompts, no figures.
        Reading::Count(_) | Reading::Word(_) | Reading::Text => Err(unknown(kind)),
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
