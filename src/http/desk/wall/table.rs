//! A table, as a page shows it and as a spreadsheet takes it.

use std::fmt;
use std::time::Duration;

/// A table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// Of the file and of the place in the page.
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) heads: Vec<String>,
    /// Each has a cell for each head.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Figures that belong together, each with its name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) title: String,
    pub(super) lines: Vec<(String, Cell)>,
}

/// What stands in a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Count(u64),
    Share(Option<f64>),
    Score(Option<f64>),
    Time(Option<Duration>),
}

/// Where there is nothing to be told.
const NOTHING: &str = "–";

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Count(count) => count.fmt(f),
            Self::Share(Some(share)) => write!(f, "{:.1} %", share * 100.0),
            Self::Score(Some(score)) => write!(f, "{score:.2}"),
            Self::Time(Some(time)) => f.write_str(&time_in_words(*time)),
            Self::Share(None) | Self::Score(None) | Self::Time(None) => f.write_str(NOTHING),
        }
    }
}

/// `12 s`, `3:05`, `1:02:03`.
pub(super) fn time_in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60),
    }
}

impl Cell {
    /// A word or name.
    #[allow(clippy::needless_pass_by_value, reason = "it reads better where cells are made")]
    pub(super) fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// Whether it stands at the right.
    pub(super) const fn is_figure(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    /// A number that spreadsheets reckon with: percent, seconds. A text can be no formula (source:
    /// <https://owasp.org/www-community/attacks/CSV_Injection>).
    fn csv(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => format!("'{text}"),
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Share(Some(share)) => format!("{:.2}", share * 100.0),
            Self::Score(Some(score)) => format!("{score:.2}"),
            Self::Time(Some(time)) => format!("{:.1}", time.as_secs_f64()),
            Self::Share(None) | Self::Score(None) | Self::Time(None) => String::new(),
        }
    }
}

impl Table {
    /// Whether figures stand in a column.
    pub(super) fn has_figures(&self, column: usize) -> bool {
        self.rows.first().and_then(|row| row.get(column)).is_some_and(Cell::is_figure)
    }

    /// As a file, with the mark by which Excel knows UTF-8.
    pub(super) fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".into());
        file.write_record(self.heads.iter().map(|head| Cell::text(head).csv()))?;
        for row in &self.rows {
            file.write_record(row.iter().map(Cell::csv))?;
        }
        file.into_inner().map_err(|failed| csv::Error::from(failed.into_error()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        let cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "main.menu", "a,\"b\""];
        let rows = cells.iter().map(|cell| vec![Cell::text(cell), Cell::Share(Some(0.9115))]).collect();
        let table = Table { heads: vec!["=head".to_owned(), "%".to_owned()], rows, ..Table::default() };
        let csv = String::from_utf8(table.csv().unwrap()).unwrap();
        let expected = "\u{feff}'=head,%\r\n'=1+1,91.15\r\n'+1,91.15\r\n'-1,91.15\r\n'@SUM(A1),91.15\r\n'\t=1,91.15\r\n\
                        \"'\r=1\",91.15\r\n'=1,91.15\r\nmain.menu,91.15\r\n\"a,\"\"b\"\"\",91.15\r\n";
        assert_eq!(csv, expected);
    }

    #[test]
    fn times_are_read_as_on_a_clock() {
        let told = |seconds| time_in_words(Duration::from_secs(seconds));
        assert_eq!([told(9), told(65), told(3_725)], ["9 s", "1:05", "1:02:05"]);
        assert_eq!(Cell::Time(None).to_string(), "–");
    }
}
