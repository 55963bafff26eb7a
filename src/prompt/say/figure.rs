//! Values that can be said, checked once: what every language has to have words for.

use jiff::civil::{Date, Time};

use super::{Error, groups};
use crate::call::{Period, Value, YearMonth};
use crate::prompt::{Reading, Unit};

/// The largest number that is said: twelve digits (rule N1).
pub(super) const LARGEST: u64 = 999_999_999_999;
/// The years that are said. Four digits for Chinese, two pairs for English.
const YEARS: std::ops::RangeInclusive<i16> = 1000..=2999;

/// Something to say. Made by the functions below, which see to the ranges; a language relies on them.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::prompt) enum Figure {
    /// Fen, at most 999 999 999 999.99 yuan.
    Amount {
        negative: bool,
        fen: u64,
    },
    Integer {
        negative: bool,
        size: u64,
    },
    Count(u64, Unit),
    Months(u64),
    /// Seconds.
    Duration(u64),
    /// From 1.
    Ordinal(u64),
    Decimal(Decimal),
    Percent(Decimal),
    Year(i16),
    YearMonth(YearMonth),
    Date(Date),
    MonthDay(Date),
    /// At least one; none ends before it begins.
    Periods(Vec<Period>),
    Clock(Time),
    /// Digits, `X`, `*`, `#` one by one, with a pause between groups.
    Digits(Vec<String>),
    /// The same, where a group may be a hotline with a name of its own.
    Phone(Vec<String>),
    /// One of `0-9*#`.
    MenuKey(char),
    /// The last one to four characters.
    Masked(String),
}

/// A decimal number, trailing zeros cut.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::prompt) struct Decimal {
    pub(super) negative: bool,
    pub(super) whole: u64,
    /// Digits; empty for a whole number.
    pub(super) fraction: String,
}

impl Decimal {
    /// Zero has no sign.
    pub(super) fn new(kind: &'static str, negative: bool, whole: u64, fraction: &str) -> Result<Self, Error> {
        let whole = within(kind, whole)?;
        let fraction = fraction.trim_end_matches('0').to_owned();
        Ok(Self { negative: negative && (whole > 0 || !fraction.is_empty()), whole, fraction })
    }
}

impl Figure {
    /// Makes `value` ready to be said as `reading`.
    pub(super) fn new(reading: &Reading, value: &Value) -> Result<Self, Error> {
        let wrong = || Error::WrongType { kind: reading.kind(), found: format!("{value:?}") };
        let number = || if let Value::Number(number) = value { Ok(*number) } else { Err(wrong()) };
        let date = || if let Value::Date(date) = value { Ok(*date) } else { Err(wrong()) };
        let digits = || if let Value::Digits(digits) = value { Ok(digits.as_str()) } else { Err(wrong()) };
        let periods = || if let Value::Periods(periods) = value { Ok(periods.as_slice()) } else { Err(wrong()) };
        let whole = |kind| number().and_then(|n| Decimal::new(kind, n < 0, n.unsigned_abs(), ""));
        match reading {
            Reading::Amount => {
                let Value::Amount(fen) = value else { return Err(wrong()) };
                Self::amount(*fen)
            }
            Reading::Integer => Self::integer(number()?),
            Reading::Count(unit) => Self::count(number()?, *unit),
            Reading::Months => Self::months(number()?),
            Reading::Duration => Self::duration(number()?),
            Reading::Ordinal => Self::ordinal(number()?),
            Reading::Decimal => whole("decimal").map(Self::Decimal),
            Reading::Percent => whole("percent").map(Self::Percent),
            Reading::Year => {
                let Value::Year(year) = value else { return Err(wrong()) };
                Self::year(*year)
            }
            Reading::YearMonth => {
                let Value::YearMonth(month) = value else { return Err(wrong()) };
                Ok(Self::YearMonth(*month))
            }
            Reading::Date => Self::date(date()?),
            Reading::MonthDay => Ok(Self::MonthDay(date()?)),
            Reading::Period => Self::period(periods()?),
            Reading::Periods => Self::periods(periods()?),
            Reading::Clock => {
                let Value::Clock(time) = value else { return Err(wrong()) };
                Ok(Self::Clock(*time))
            }
            Reading::Digits => groups::digits("digits", digits()?).map(Self::Digits),
            Reading::Phone => groups::phone(digits()?).map(Self::Phone),
            Reading::Id => groups::id(digits()?).map(Self::Digits),
            Reading::Hotline => groups::hotline(digits()?).map(Self::Phone),
            Reading::Ticket => groups::ticket(digits()?).map(Self::Digits),
            Reading::EmployeeNo => groups::digits("employee-no", digits()?).map(Self::Digits),
            Reading::MenuKey => groups::menu_key(digits()?).map(Self::MenuKey),
            Reading::Masked => groups::masked(digits()?).map(Self::Masked),
            Reading::Word(_) | Reading::Text => Err(wrong()),
        }
    }

    pub(super) fn amount(fen: i64) -> Result<Self, Error> {
        if fen.unsigned_abs() > LARGEST * 100 + 99 {
            return Err(Error::OutOfRange { kind: "amount", expected: "at most twelve digits of yuan" });
        }
        Ok(Self::Amount { negative: fen < 0, fen: fen.unsigned_abs() })
    }

    pub(super) fn integer(number: i64) -> Result<Self, Error> {
        Ok(Self::Integer { negative: number < 0, size: within("integer", number.unsigned_abs())? })
    }

    pub(super) fn count(number: i64, unit: Unit) -> Result<Self, Error> {
        natural("count", number).map(|size| Self::Count(size, unit))
    }

    pub(super) fn months(number: i64) -> Result<Self, Error> {
        natural("months", number).map(Self::Months)
    }

    pub(super) fn duration(seconds: i64) -> Result<Self, Error> {
        natural("duration", seconds).map(Self::Duration)
    }

    pub(super) fn ordinal(number: i64) -> Result<Self, Error> {
        match natural("ordinal", number)? {
            0 => Err(Error::OutOfRange { kind: "ordinal", expected: "a number from one up" }),
            size => Ok(Self::Ordinal(size)),
        }
    }

    pub(super) fn year(year: i16) -> Result<Self, Error> {
        spoken_year("year", year).map(Self::Year)
    }

    pub(super) fn date(date: Date) -> Result<Self, Error> {
        spoken_year("date", date.year()).map(|_| Self::Date(date))
    }

    pub(super) fn period(periods: &[Period]) -> Result<Self, Error> {
        match periods {
            [_] => Self::periods(periods),
            _ => Err(Error::OutOfRange { kind: "period", expected: "exactly one period; say several as `periods`" }),
        }
    }

    pub(super) fn periods(periods: &[Period]) -> Result<Self, Error> {
        if periods.is_empty() || periods.iter().any(|period| period.to < period.from) {
            let expected = "at least one period, none that ends before it begins";
            return Err(Error::OutOfRange { kind: "periods", expected });
        }
        Ok(Self::Periods(periods.to_vec()))
    }
}

fn within(kind: &'static str, size: u64) -> Result<u64, Error> {
    let expected = "at most twelve digits";
    if size <= LARGEST { Ok(size) } else { Err(Error::OutOfRange { kind, expected }) }
}

fn natural(kind: &'static str, number: i64) -> Result<u64, Error> {
    let size = u64::try_from(number).map_err(|_| Error::OutOfRange { kind, expected: "no negative number" })?;
    within(kind, size)
}

fn spoken_year(kind: &'static str, year: i16) -> Result<i16, Error> {
    let expected = "a year of four digits before the year three thousand";
    if YEARS.contains(&year) { Ok(year) } else { Err(Error::OutOfRange { kind, expected }) }
}
