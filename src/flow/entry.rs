//! Digits that a caller keyed: the rules for `0` and `*` within them, and the formats.
//!
//! They are applied to the string that came back, because providers cannot apply them. The door uses them too,
//! so that of a secret the engine learns only what kind of entry it was.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::definition::Format;
use crate::call::{IdNumber, Keys, Value, YearMonth};

/// What an entry turned out to be.
#[derive(Clone, PartialEq)]
pub enum Entry<T = Value> {
    Complete(T),
    TooShort,
    TooLong,
    /// Of the right length, but not of the format.
    Invalid,
    /// A lone `0`.
    Operator,
    /// A leading `*`.
    Left,
    /// Nothing at all.
    Nothing,
}

/// What the engine sees of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretEntry {
    Complete,
    TooShort,
    TooLong,
    Operator,
    Left,
    Nothing,
}

/// Reads an entry of `format`; `today` is the date of the line, for dates of birth.
#[must_use]
pub fn read_entry(keys: &Keys, format: Format, today: Date) -> Entry {
    match characters(keys, format) {
        Entry::Complete(text) => value(&text, format, today).map_or(Entry::Invalid, Entry::Complete),
        Entry::TooShort => Entry::TooShort,
        Entry::TooLong => Entry::TooLong,
        Entry::Invalid => Entry::Invalid,
        Entry::Operator => Entry::Operator,
        Entry::Left => Entry::Left,
        Entry::Nothing => Entry::Nothing,
    }
}

impl SecretEntry {
    /// What kind of entry `keys` are; the keys go no further.
    #[must_use]
    pub fn of(keys: &Keys, format: Format) -> Self {
        match characters(keys, format) {
            Entry::Complete(_) => Self::Complete,
            Entry::TooShort | Entry::Invalid => Self::TooShort,
            Entry::TooLong => Self::TooLong,
            Entry::Operator => Self::Operator,
            Entry::Left => Self::Left,
            Entry::Nothing => Self::Nothing,
        }
    }
}

/// The digits of an entry that is complete: what follows the last `*`, which clears what stands before it.
#[must_use]
pub fn last_digits(keys: &Keys) -> Keys {
    let digits = keys.as_str().rsplit('*').next().unwrap_or_default();
    Keys::parse(digits).unwrap_or_default()
}

/// The shortest and longest entry of a format.
const fn lengths(format: Format) -> (usize, usize) {
    match format {
        Format::IdNumber => (15, 18),
        Format::LastFour | Format::Year => (4, 4),
        Format::CardNumber => (4, 20),
        Format::Pin | Format::YearMonth => (6, 6),
        Format::Phone => (3, 20),
        Format::Free => (1, 32),
    }
}

/// What was meant by the keys, `X` for a final `*` where the format has one.
fn characters(keys: &Keys, format: Format) -> Entry<String> {
    let raw = keys.as_str();
    match raw {
        "" => return Entry::Nothing,
        "0" => return Entry::Operator,
        _ if raw.starts_with('*') => return Entry::Left,
        _ => {}
    }
    let (shortest, longest) = lengths(format);
    let ends_in_x = |text: &str| {
        let has_x = matches!(format, Format::IdNumber | Format::LastFour);
        has_x && text.strip_suffix('*').is_some_and(|digits| digits.len() + 1 == longest && !digits.contains('*'))
    };
    // `*` clears what stands before it, unless it is the X at the end of what follows the last clearing one.
    let mut rest = raw;
    while let Some(star) = rest.find('*')
        && !ends_in_x(rest)
    {
        rest = rest.get(star + 1..).unwrap_or_default();
    }
    let text = rest.replace('*', "X");
    match text.len() {
        0 => Entry::TooShort,
        length if length < shortest => Entry::TooShort,
        length if length > longest => Entry::TooLong,
        // Identity numbers have 15 characters or 18.
        16 | 17 if format == Format::IdNumber => Entry::TooShort,
        _ if text.bytes().all(|b| b.is_ascii_digit() || b == b'X') => Entry::Complete(text),
        _ => Entry::Invalid,
    }
}

fn value(text: &str, format: Format, today: Date) -> Option<Value> {
    match format {
        Format::IdNumber => IdNumber::parse(text, today).ok().map(|id| Value::Digits(id.as_str().to_owned())),
        Format::LastFour | Format::CardNumber | Format::Pin | Format::Phone | Format::Free => {
            Some(Value::Digits(text.to_owned()))
        }
        Format::YearMonth => YearMonth::parse(text).map(Value::YearMonth),
        Format::Year => text.parse().ok().filter(|year| (1900..2200).contains(year)).map(Value::Year),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(keys: &str, format: Format) -> String {
        let entry = read_entry(&Keys::parse(keys).unwrap(), format, jiff::civil::date(2026, 3, 31));
        match entry {
            Entry::Complete(Value::Digits(text)) => text,
            Entry::Complete(Value::YearMonth(month)) => month.to_string(),
            Entry::Complete(Value::Year(year)) => year.to_string(),
            Entry::Complete(_) => "?".to_owned(),
            Entry::TooShort => "short".to_owned(),
            Entry::TooLong => "long".to_owned(),
            Entry::Invalid => "invalid".to_owned(),
            Entry::Operator => "operator".to_owned(),
            Entry::Left => "left".to_owned(),
            Entry::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_rules_for_zero_and_star_are_applied_to_what_came_back() {
        for (keys, format, expected) in [
            ("", Format::Pin, "nothing"),
            ("0", Format::Pin, "operator"),
            ("*", Format::IdNumber, "left"),
            ("*123456", Format::Pin, "left"),
            ("12*123456", Format::Pin, "123456"),
            ("12*34*123456", Format::Pin, "123456"),
            ("12*", Format::Pin, "short"),
            ("1234567", Format::Pin, "long"),
            ("000101198503121233", Format::IdNumber, "000101198503121233"),
            ("00010119881020037*", Format::IdNumber, "00010119881020037X"),
            ("9*00010119881020037*", Format::IdNumber, "00010119881020037X"),
            ("00010119881020037*000101198503121233", Format::IdNumber, "000101198503121233"),
            ("000101198503121234", Format::IdNumber, "invalid"),
            ("0001011985031212", Format::IdNumber, "short"),
            ("0001011985031212331", Format::IdNumber, "long"),
            ("037*", Format::LastFour, "037X"),
            ("03*7123", Format::LastFour, "7123"),
            ("202603", Format::YearMonth, "2026-03"),
            ("202613", Format::YearMonth, "invalid"),
            ("2026", Format::Year, "2026"),
            ("0026", Format::Year, "invalid"),
        ] {
            assert_eq!(read(keys, format), expected, "{keys} as {format:?}");
        }
    }
}
