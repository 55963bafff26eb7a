//! Values that a call holds and prompts speak. They may be personal, so `Debug` tells the type only.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::{Period, Type, YearMonth};

/// Named values, as a lookup answers them.
pub type Record = BTreeMap<String, Value>;

/// One value; its type is one of [`Type`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Money in fen (1/100 yuan), may be negative.
    Amount(i64),
    /// A whole number: a count, an ordinal, months, seconds; the prompt says which.
    Number(i64),
    Date(Date),
    YearMonth(YearMonth),
    Year(i16),
    /// A time of day; seconds are not spoken.
    Clock(Time),
    /// One of a closed set, translated by the prompt `word.<set>.<word>`: `(insurance, pension)` is `word.insurance.pension`.
    Word(String),
    /// Digits that identify rather than count: a ticket, the end of a telephone number.
    Digits(String),
    Flag(bool),
    /// Free text in the call's language: a bulletin.
    Text(String),
    /// Months, as the periods that cover them.
    Periods(Vec<Period>),
    Record(Record),
    List(Vec<Value>),
}

impl Value {
    /// The value at `path` (`account.total`), seen from a record.
    #[must_use]
    pub fn at<'a>(record: &'a Record, path: &str) -> Option<&'a Self> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        match (record.get(first)?, rest) {
            (value, None) => Some(value),
            (Self::Record(inner), Some(rest)) => Self::at(inner, rest),
            (_, Some(_)) => None,
        }
    }

    /// Whether it is of type `of`, field by field. A record may have more fields than the type names.
    #[must_use]
    pub fn is(&self, of: &Type) -> bool {
        match (self, of) {
            (Self::Amount(_), Type::Amount)
            | (Self::Number(_), Type::Number)
            | (Self::Date(_), Type::Date)
            | (Self::YearMonth(_), Type::YearMonth)
            | (Self::Year(_), Type::Year)
            | (Self::Clock(_), Type::Clock)
            | (Self::Digits(_), Type::Digits)
            | (Self::Flag(_), Type::Flag)
            | (Self::Text(_), Type::Text)
            | (Self::Periods(_), Type::Periods) => true,
            (Self::Word(word), Type::Word { words, .. }) => words.contains(&word.as_str()),
            (Self::Record(record), Type::Record(fields)) => {
                fields.iter().all(|field| record.get(field.name).map_or(field.optional, |value| value.is(&field.of)))
            }
            (Self::List(items), Type::List(of)) => items.iter().all(|item| item.is(of)),
            _ => false,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Amount(_) => "amount",
            Self::Number(_) => "number",
            Self::Date(_) => "date",
            Self::YearMonth(_) => "year-month",
            Self::Year(_) => "year",
            Self::Clock(_) => "clock",
            Self::Word(_) => "word",
            Self::Digits(_) => "digits",
            Self::Flag(_) => "flag",
            Self::Text(_) => "text",
            Self::Periods(_) => "periods",
            Self::Record(_) => "record",
            Self::List(_) => "list",
        })
    }
}
