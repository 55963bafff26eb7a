//! The cells of one line, read by column name; what is wrong is gathered.

use std::str::FromStr;

use jiff::civil::Date;

use crate::call::YearMonth;

pub(super) struct Cells<'a> {
    columns: &'a [String],
    record: &'a csv::StringRecord,
    /// Column and what is wrong with it.
    pub(super) mistakes: Vec<(Option<String>, String)>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(columns: &'a [String], record: &'a csv::StringRecord) -> Self {
        Self { columns, record, mistakes: Vec::new() }
    }

    pub(super) fn wrong(&mut self, column: Option<&str>, what: impl Into<String>) {
        self.mistakes.push((column.map(str::to_owned), what.into()));
    }

    /// A cell that may be empty or have no column.
    pub(super) fn peek(&self, column: &str) -> Option<String> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.record.get(at).filter(|cell| !cell.is_empty()).map(str::to_owned)
    }

    /// A cell that must be filled.
    pub(super) fn text(&mut self, column: &str) -> Option<String> {
        let cell = self.peek(column);
        if cell.is_none() {
            self.wrong(Some(column), "this cell must be filled");
        }
        cell
    }

    /// Yuan with at most two decimals, as fen.
    pub(super) fn amount(&mut self, column: &str) -> Option<i64> {
        let cell = self.text(column)?;
        let fen = fen(&cell);
        if fen.is_none() {
            self.wrong(Some(column), "expected an amount in yuan, with at most two decimals: 1920.00");
        }
        fen
    }

    pub(super) fn number(&mut self, column: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let cell = self.text(column)?;
        let number = i64::from_str(&cell).ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.wrong(Some(column), format!("expected a whole number, {} to {}", range.start(), range.end()));
        }
        number
    }

    pub(super) fn date(&mut self, column: &str) -> Option<Date> {
        self.text(column)?;
        self.optional_date(column)?
    }

    /// The outer `None` is a mistake, the inner one an empty cell.
    #[expect(clippy::option_option, reason = "a mistake and an empty cell differ")]
    pub(super) fn optional_date(&mut self, column: &str) -> Option<Option<Date>> {
        let Some(cell) = self.peek(column) else { return Some(None) };
        // `parse` would also take a time of day and other forms.
        let date = if cell.len() == 10 { Date::from_str(&cell).ok() } else { None };
        if date.is_none() {
            self.wrong(Some(column), "expected a date: 2026-03-31");
        }
        date.map(Some)
    }

    pub(super) fn month(&mut self, column: &str) -> Option<YearMonth> {
        self.text(column)?;
        self.optional_month(column)?
    }

    /// The outer `None` is a mistake, the inner one an empty cell.
    #[expect(clippy::option_option, reason = "a mistake and an empty cell differ")]
    pub(super) fn optional_month(&mut self, column: &str) -> Option<Option<YearMonth>> {
        let Some(cell) = self.peek(column) else { return Some(None) };
        let month = YearMonth::parse(&cell);
        if month.is_none() {
            self.wrong(Some(column), "expected a month: 2026-03");
        }
        month.map(Some)
    }

    /// One of `words`; an empty cell is `usual`, if there is one.
    pub(super) fn word<T>(
        &mut self,
        column: &str,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
        usual: Option<T>,
    ) -> Option<T> {
        let cell = match (self.peek(column), usual) {
            (None, Some(usual)) => return Some(usual),
            (Some(cell), _) => cell,
            (None, None) => self.text(column)?,
        };
        let word = parse(&cell);
        if word.is_none() {
            self.wrong(Some(column), format!("expected one of {}", words.join(", ")));
        }
        word
    }
}

/// `1920`, `1920.5` and `1920.50` are 192050 fen or so; a sign is allowed, a comma is not.
fn fen(cell: &str) -> Option<i64> {
    let (sign, digits) = cell.strip_prefix('-').map_or((1, cell), |digits| (-1, digits));
    let (yuan, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 12 || decimals.len() > 2 || !all_digits(yuan) || !all_digits(decimals) {
        return None;
    }
    let fen = i64::from_str(&format!("{decimals:0<2}")).ok()?;
    Some(sign * (i64::from_str(yuan).ok()? * 100 + fen))
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::inconsistent_digit_grouping,
        clippy::mistyped_literal_suffixes,
        reason = "1_023_05 is 1,023.05 yuan in fen"
    )]

    use super::*;

    #[test]
    fn amounts_are_yuan() {
        for (cell, expected) in [
            ("1920", Some(1_920_00)),
            ("1920.5", Some(1_920_50)),
            ("0.05", Some(5)),
            ("-12.30", Some(-12_30)),
            ("1920.555", None),
            ("1,920", None),
            (".5", None),
            ("1e3", None),
            ("一百", None),
            ("-", None),
            ("9999999999999", None),
        ] {
            assert_eq!(fen(cell), expected, "{cell}");
        }
    }
}
