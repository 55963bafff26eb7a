//! Instants and months. Civil dates and times of day are `jiff`'s.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Handed in from outside, never asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    #[must_use]
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This much earlier.
    #[must_use]
    pub fn before(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long from `earlier` to here; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The date and time of day in `zone`.
    #[must_use]
    pub fn in_zone(self, zone: &jiff::tz::TimeZone) -> jiff::Zoned {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or_default().to_zoned(zone.clone())
    }
}

/// A month of a year, `2026-03`; years 1900 to 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct YearMonth {
    year: i16,
    month: i8,
}

impl YearMonth {
    /// The month `month` (1 to 12) of `year`, if there is one.
    #[must_use]
    pub fn new(year: i16, month: i8) -> Option<Self> {
        ((1900..2200).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// Reads `2026-03`, or `202603` as keyed in by a caller.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.replacen('-', "", 1);
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Self::new(digits.get(..4)?.parse().ok()?, digits.get(4..)?.parse().ok()?)
    }

    #[must_use]
    pub const fn year(self) -> i16 {
        self.year
    }

    #[must_use]
    pub const fn month(self) -> i8 {
        self.month
    }

    /// The month `months` later, earlier if negative; stays within the years that there are.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let count = (i32::from(self.year) * 12 + i32::from(self.month) - 1 + months).clamp(1900 * 12, 2200 * 12 - 1);
        let part = |number: i32| i16::try_from(number).unwrap_or(1900);
        Self { year: part(count / 12), month: i8::try_from(count % 12 + 1).unwrap_or(1) }
    }

    /// How many months from `earlier` to here; negative if `earlier` is later.
    #[must_use]
    pub fn months_since(self, earlier: Self) -> i32 {
        (i32::from(self.year) - i32::from(earlier.year)) * 12 + i32::from(self.month) - i32::from(earlier.month)
    }
}

impl From<Date> for YearMonth {
    fn from(date: Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl From<YearMonth> for String {
    fn from(month: YearMonth) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for YearMonth {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not a month; write it as 2026-03"))
    }
}

/// A run of months without a gap, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from: YearMonth,
    pub to: YearMonth,
}

impl Period {
    /// The fewest periods that cover exactly these months, in order of time.
    #[must_use]
    pub fn cover(months: &[YearMonth]) -> Vec<Self> {
        let mut sorted = months.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut periods: Vec<Self> = Vec::new();
        for month in sorted {
            match periods.last_mut() {
                Some(last) if last.to.plus(1) == month => last.to = month,
                _ => periods.push(Self { from: month, to: month }),
            }
        }
        periods
    }

    /// How many months it has, at least 1.
    #[must_use]
    pub fn months(self) -> i32 {
        self.to.months_since(self.from) + 1
    }
}
