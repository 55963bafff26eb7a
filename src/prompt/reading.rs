//! The kinds of readings: what a placeholder may ask for, and which values it takes. *Not* how they sound: that is
//! `say`.

use std::fmt;

use crate::call::Type;
use crate::yaml::did_you_mean;

/// How a value is said. Its name stands in placeholders, `{total: amount}`, `{n: count month}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// Money, in fen: 一千零二十三元零五分.
    Amount,
    /// A number without a measure word: 两百零二.
    Integer,
    /// A number of something: 两个月.
    Count(Unit),
    /// Months as years and months: 两年零三个月.
    Months,
    /// Seconds as minutes or hours: 两分三十秒.
    Duration,
    /// A place in an order, from 1: 第二, number two.
    Ordinal,
    /// A number with decimals; in prompts a whole one: 二点五.
    Decimal,
    /// A percentage; in prompts a whole one: 百分之八.
    Percent,
    /// 二零二六年.
    Year,
    /// 二零二六年三月.
    YearMonth,
    /// 二零二六年三月三十一日.
    Date,
    /// A date without its year: 三月三十一日.
    MonthDay,
    /// One run of months: 二零二六年一月至三月.
    Period,
    /// Runs of months, as a list.
    Periods,
    /// A time of day: 下午两点三十分.
    Clock,
    /// Digits one by one, without pauses.
    Digits,
    /// A telephone number, with pauses.
    Phone,
    /// An identity number of 15 or 18 characters, with pauses.
    Id,
    /// A short public number: 幺二三三三.
    Hotline,
    /// The number of a ticket: a date, a pause, the rest.
    Ticket,
    /// The number that an operator gives as a name.
    EmployeeNo,
    /// A key to press: 一, 星号键.
    MenuKey,
    /// The end of a string whose rest is hidden: 尾号零零幺五.
    Masked,
    /// A word of this set: the prompt `word.<set>.<word>`.
    Word(String),
    /// Text that is in the call's language already, as it stands.
    Text,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    WorkingDay,
    Month,
    Year,
    Person,
    Record,
    Time,
}

impl Unit {
    /// Every unit with its name in files.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Second, "second"),
        (Self::Minute, "minute"),
        (Self::Hour, "hour"),
        (Self::Day, "day"),
        (Self::WorkingDay, "working-day"),
        (Self::Month, "month"),
        (Self::Year, "year"),
        (Self::Person, "person"),
        (Self::Record, "record"),
        (Self::Time, "time"),
    ];

    /// The unit of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(unit, _)| *unit)
    }

    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(unit, _)| *unit == self).map_or("", |(_, name)| name)
    }
}

/// A text that names no reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct UnknownReading {
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub help: String,
    /// What to write instead of the whole reading, if that is likely.
    pub fix: Option<String>,
}

/// The readings that need nothing but their name.
const PLAIN: &[Reading] = &[
    Reading::Amount,
    Reading::Integer,
    Reading::Months,
    Reading::Duration,
    Reading::Ordinal,
    Reading::Decimal,
    Reading::Percent,
    Reading::Year,
    Reading::YearMonth,
    Reading::Date,
    Reading::MonthDay,
    Reading::Period,
    Reading::Periods,
    Reading::Clock,
    Reading::Digits,
    Reading::Phone,
    Reading::Id,
    Reading::Hotline,
    Reading::Ticket,
    Reading::EmployeeNo,
    Reading::MenuKey,
    Reading::Masked,
    Reading::Text,
];

impl Reading {
    /// The names of all readings, as they stand in files.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        PLAIN.iter().map(Self::kind).chain(["count", "word"])
    }

    /// Whether it says a string of characters one by one, each by itself.
    #[must_use]
    pub const fn is_digits(&self) -> bool {
        match self {
            Self::Digits | Self::Phone | Self::Id | Self::Hotline | Self::Ticket | Self::EmployeeNo | Self::Masked => {
                true
            }
            Self::Amount
            | Self::Integer
            | Self::Count(_)
            | Self::Months
            | Self::Duration
            | Self::Ordinal
            | Self::Decimal
            | Self::Percent
            | Self::Year
            | Self::YearMonth
            | Self::Date
            | Self::MonthDay
            | Self::Period
            | Self::Periods
            | Self::Clock
            | Self::MenuKey
            | Self::Word(_)
            | Self::Text => false,
        }
    }

    /// Reads `amount`, `count month`, `word insurance`.
    ///
    /// # Errors
    /// [`UnknownReading`] says what could stand there.
    pub fn parse(text: &str) -> Result<Self, UnknownReading> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let (of, rest) = (words.next(), words.next());
        let plain = PLAIN.iter().find(|reading| reading.kind() == name);
        match (name, plain, of, rest) {
            (_, Some(reading), None, _) => Ok(reading.clone()),
            ("count", _, Some(unit), None) => Unit::parse(unit).map(Self::Count).ok_or_else(|| unknown_unit(unit)),
            ("count", _, None, _) => Err(unknown_unit("")),
            ("word", _, Some(set), None) => Ok(Self::Word(set.to_owned())),
            ("word", _, None, _) => Err(UnknownReading {
                what: "`word` needs the name of its set".to_owned(),
                help: "write `word insurance` if the words are `word.insurance.*`".to_owned(),
                fix: None,
            }),
            (_, None, _, _) if !matches!(name, "count" | "word") => Err(unknown_kind(name)),
            _ => Err(UnknownReading {
                what: format!("too much behind `{name}`"),
                help: "a reading is `amount`, `count month`, `word insurance` and the like".to_owned(),
                fix: None,
            }),
        }
    }

    /// The readings that say a value of this type, but for those that need more than their name.
    pub fn plain_of(of: &Type) -> impl Iterator<Item = &'static str> {
        PLAIN.iter().filter(move |reading| reading.accepts(of)).map(Self::kind)
    }

    /// The first word of its name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Integer => "integer",
            Self::Months => "months",
            Self::Duration => "duration",
            Self::Ordinal => "ordinal",
            Self::Decimal => "decimal",
            Self::Percent => "percent",
            Self::Year => "year",
            Self::YearMonth => "year-month",
            Self::Date => "date",
            Self::MonthDay => "month-day",
            Self::Period => "period",
            Self::Periods => "periods",
            Self::Clock => "clock",
            Self::Digits => "digits",
            Self::Phone => "phone",
            Self::Id => "id",
            Self::Hotline => "hotline",
            Self::Ticket => "ticket",
            Self::EmployeeNo => "employee-no",
            Self::MenuKey => "menu-key",
            Self::Masked => "masked",
            Self::Text => "text",
            Self::Count(_) => "count",
            Self::Word(_) => "word",
        }
    }

    /// Whether values of type `of` can be said so.
    #[must_use]
    pub fn accepts(&self, of: &Type) -> bool {
        match self {
            Self::Amount => matches!(of, Type::Amount),
            Self::Integer
            | Self::Count(_)
            | Self::Months
            | Self::Duration
            | Self::Ordinal
            | Self::Decimal
            | Self::Percent => matches!(of, Type::Number),
            Self::Year => matches!(of, Type::Year),
            Self::YearMonth => matches!(of, Type::YearMonth),
            Self::Date | Self::MonthDay => matches!(of, Type::Date),
            Self::Period | Self::Periods => matches!(of, Type::Periods),
            Self::Clock => matches!(of, Type::Clock),
            Self::Digits
            | Self::Phone
            | Self::Id
            | Self::Hotline
            | Self::Ticket
            | Self::EmployeeNo
            | Self::MenuKey
            | Self::Masked => matches!(of, Type::Digits),
            Self::Word(set) => matches!(of, Type::Word { set: of, .. } if of == set),
            Self::Text => matches!(of, Type::Text),
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        if let Self::Count(unit) = self {
            write!(f, " {}", unit.name())?;
        } else if let Self::Word(set) = self {
            write!(f, " {set}")?;
        }
        Ok(())
    }
}

fn unknown_kind(name: &str) -> UnknownReading {
    let fix = did_you_mean(name, Reading::names());
    let help = match &fix {
        Some(fix) => format!("did you mean `{fix}`?"),
        None => format!("readings: {}", Reading::names().collect::<Vec<_>>().join(", ")),
    };
    UnknownReading { what: format!("unknown reading `{name}`"), help, fix }
}

fn unknown_unit(unit: &str) -> UnknownReading {
    let names = Unit::ALL.iter().map(|(_, name)| *name);
    let what = if unit.is_empty() { "`count` needs a unit".to_owned() } else { format!("unknown unit `{unit}`") };
    let near = did_you_mean(unit, names.clone()).filter(|_| !unit.is_empty());
    let help = match &near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("units: {}", names.collect::<Vec<_>>().join(", ")),
    };
    UnknownReading { what, help, fix: near.map(|near| format!("count {near}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reading_is_read_back_from_its_name() {
        let counts = Unit::ALL.iter().map(|(unit, _)| Reading::Count(*unit));
        let plain = PLAIN.iter().cloned();
        for reading in plain.chain(counts).chain([Reading::Word("insurance".to_owned())]) {
            assert_eq!(Reading::parse(&reading.to_string()), Ok(reading));
        }
    }

    #[test]
    fn a_slip_is_told_with_what_was_meant() {
        for (written, what, help) in [
            ("amuont", "unknown reading `amuont`", "did you mean `amount`?"),
            ("count monht", "unknown unit `monht`", "did you mean `month`?"),
            ("count", "`count` needs a unit", "units: second, minute"),
            ("colour", "unknown reading `colour`", "readings: amount, integer"),
            ("word", "`word` needs the name of its set", "word insurance"),
            ("amount of money", "too much behind `amount`", "a reading is"),
            ("count month year", "too much behind `count`", "a reading is"),
        ] {
            let error = Reading::parse(written).unwrap_err();
            assert_eq!(error.what, what);
            assert!(error.help.contains(help), "{written}: {}", error.help);
        }
    }

    #[test]
    fn a_reading_takes_its_own_types_only() {
        let insurance = Type::Word { set: "insurance", words: &["pension"] };
        for (reading, yes, no) in [
            ("amount", Type::Amount, Type::Number),
            ("count month", Type::Number, Type::Amount),
            ("months", Type::Number, Type::YearMonth),
            ("year", Type::Year, Type::Number),
            ("year-month", Type::YearMonth, Type::Date),
            ("month-day", Type::Date, Type::YearMonth),
            ("period", Type::Periods, Type::YearMonth),
            ("clock", Type::Clock, Type::Number),
            ("menu-key", Type::Digits, Type::Number),
            ("word insurance", insurance, Type::Word { set: "status", words: &["pension"] }),
            ("text", Type::Text, Type::Digits),
        ] {
            let reading = Reading::parse(reading).unwrap();
            assert!(reading.accepts(&yes) && !reading.accepts(&no), "{reading}");
            assert!(!reading.accepts(&Type::Flag));
        }
    }
}
