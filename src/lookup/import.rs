//! Reads the files of a small bureau into rows of the tables of members: all mistakes at once, nothing written if any.
//!
//! One file per table; its first line names the columns, and by them it is known which table it is. The format is
//! described in `docs/members-csv.md`. A mistake never repeats what stands in the file: it may be personal.

mod cells;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use sqlx::Row as _;

use super::Error;
use super::records::{Account, Costs, Credit, Employer, Member, Payment, RemoteFiling, Rights};
use super::write::{Row, write};
use crate::store::Database;
use cells::Cells;
use tables::Table;

/// A place in a file and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    pub file: String,
    /// From 1, as editors count.
    pub line: u64,
    /// `None` if it is about the whole line.
    pub column: Option<String>,
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, "{column}: ")?;
        }
        f.write_str(&self.what)
    }
}

/// Rows that were read, and the mistakes.
#[derive(Default)]
pub struct Import {
    rows: Rows,
    mistakes: Vec<Mistake>,
    /// Where somebody is first spoken of, other than in a list of members.
    people: BTreeMap<String, Place>,
    /// Where each key of each table was seen.
    keys: BTreeMap<(Table, String), Place>,
    /// Where each identity number is, and whose.
    ids: BTreeMap<String, (String, Place)>,
}

#[derive(Default)]
struct Rows {
    members: Vec<Member>,
    employers: Vec<Employer>,
    accounts: Vec<Account>,
    costs: Vec<Costs>,
    credits: Vec<Credit>,
    payments: Vec<Payment>,
    rights: Vec<Rights>,
    filings: Vec<RemoteFiling>,
}

/// A line of a file.
#[derive(Clone, Debug)]
struct Place {
    file: String,
    line: u64,
}

/// How many rows a transaction has at most.
const ROWS_AT_ONCE: usize = 1_000;

async fn write_in_parts<R: Row + Send + 'static>(db: &Database, mut rows: Vec<R>) -> Result<(), Error> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS_AT_ONCE));
        let part = std::mem::replace(&mut rows, rest);
        db.write(move |connection| Box::pin(async move { write(connection, &part).await })).await?;
    }
    Ok(())
}

impl Import {
    /// Reads one file. `today` is for what may not be in the future.
    pub fn read(&mut self, file: &str, bytes: &[u8], today: Date) {
        let mistake = |line, what: String| Mistake { file: file.to_owned(), line, column: None, what };
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.mistakes.push(mistake(1, "this is not UTF-8; save it as `CSV UTF-8`".to_owned()));
            return;
        };
        // Spreadsheets put a byte-order mark before the first column.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let columns: Vec<String> = match reader.headers() {
            Ok(columns) => columns.iter().map(str::to_owned).collect(),
            Err(_) => return self.mistakes.push(mistake(1, "the line of column names cannot be read".to_owned())),
        };
        let table = match Table::of_columns(&columns) {
            Ok(table) => table,
            Err(wrong) => return self.mistakes.extend(wrong.into_iter().map(|what| mistake(1, what))),
        };
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    self.mistakes.push(mistake(line, "this line cannot be read as CSV".to_owned()));
                    continue;
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            if record.len() != columns.len() {
                let what = format!("this line has {} cells, the first line has {}", record.len(), columns.len());
                self.mistakes.push(mistake(line, what));
                continue;
            }
            let mut cells = Cells::new(&columns, &record);
            self.row(table, &mut cells, &Place { file: file.to_owned(), line }, today);
            let wrong = cells.mistakes.into_iter();
            self.mistakes.extend(wrong.map(|(column, what)| Mistake { column, ..mistake(line, what) }));
        }
    }

    /// All mistakes, with those that only the database knows of: people who are nowhere, numbers that others have.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub async fn check(&mut self, db: &Database) -> Result<Vec<Mistake>, Error> {
        // With those whose own line has a mistake: that is told once.
        let members = self.keys.keys().filter(|(table, _)| *table == Table::Members);
        let here: BTreeSet<&str> = members.map(|(_, person_no)| person_no.as_str()).collect();
        let mut wrong = Vec::new();
        for (person_no, place) in self.people.iter().filter(|(person_no, _)| !here.contains(person_no.as_str())) {
            let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM members WHERE person_no = ?")
                .bind(person_no)
                .fetch_optional(db.readers())
                .await?;
            if there.is_none() {
                wrong.push(place.mistake("person_no", "nobody has this number, neither here nor in the database"));
            }
        }
        for (id_no, (person_no, place)) in &self.ids {
            let row = sqlx::query("SELECT person_no FROM members WHERE id_no = ? AND person_no <> ?")
                .bind(id_no)
                .bind(person_no)
                .fetch_optional(db.readers())
                .await?;
            if let Some(row) = row {
                let other: String = row.try_get("person_no")?;
                // Unless this import gives the other one another number.
                if !here.contains(other.as_str()) {
                    wrong.push(place.mistake("id_no", "another person in the database has this identity number"));
                }
            }
        }
        self.mistakes.extend(wrong);
        self.mistakes.sort();
        self.mistakes.dedup();
        Ok(self.mistakes.clone())
    }

    /// How many rows were read.
    #[must_use]
    pub fn rows(&self) -> usize {
        let rows = &self.rows;
        rows.members.len()
            + rows.employers.len()
            + rows.accounts.len()
            + rows.costs.len()
            + rows.credits.len()
            + rows.payments.len()
            + rows.rights.len()
            + rows.filings.len()
    }

    /// Writes all rows; a row that is there already is replaced. Call it only if [`Import::check`] found no mistake.
    ///
    /// People are one transaction, the rest many short ones: a line that is being served gets its turn in between.
    ///
    /// # Errors
    /// [`Error::Write`]; a part may be written then, and the same files can be imported again.
    pub async fn write(self, db: &Database) -> Result<(), Error> {
        let rows = self.rows;
        let (members, employers) = (rows.members, rows.employers);
        let people = db.write(move |connection| {
            Box::pin(async move {
                // Two people may swap their numbers: the old ones must be out of the way first.
                for member in &members {
                    sqlx::query("UPDATE members SET id_no = 'replaced ' || person_no WHERE person_no = ?")
                        .bind(&*member.person_no)
                        .execute(&mut *connection)
                        .await?;
                }
                write(connection, &members).await?;
                write(connection, &employers).await
            })
        });
        people.await?;
        write_in_parts(db, rows.accounts).await?;
        write_in_parts(db, rows.costs).await?;
        write_in_parts(db, rows.credits).await?;
        write_in_parts(db, rows.payments).await?;
        write_in_parts(db, rows.rights).await?;
        write_in_parts(db, rows.filings).await
    }

    fn row(&mut self, table: Table, cells: &mut Cells<'_>, place: &Place, today: Date) {
        if !matches!(table, Table::Members | Table::Employers)
            && let Some(person_no) = cells.peek("person_no")
        {
            self.people.entry(person_no).or_insert_with(|| place.clone());
        }
        let key = table.key(cells);
        if let Some(first) = self.keys.get(&(table, key.clone())) {
            cells.wrong(None, format!("this row is there already: {}:{}", first.file, first.line));
        } else {
            self.keys.insert((table, key), place.clone());
        }
        let rows = &mut self.rows;
        match table {
            Table::Members => {
                let Some(member) = tables::member(cells, today) else { return };
                let id = member.id.as_str().to_owned();
                match self.ids.get(&id) {
                    Some((other, first)) if **other != *member.person_no => {
                        let what = format!("another person has this identity number: {}:{}", first.file, first.line);
                        cells.wrong(Some("id_no"), what);
                    }
                    Some(_) => {}
                    None => {
                        self.ids.insert(id, (member.person_no.to_string(), place.clone()));
                    }
                }
                rows.members.push(member);
            }
            Table::Employers => rows.employers.extend(tables::employer(cells)),
            Table::Accounts => rows.accounts.extend(tables::account(cells)),
            Table::AccountCosts => rows.costs.extend(tables::costs(cells)),
            Table::AccountCredits => rows.credits.extend(tables::credit(cells)),
            Table::Payments => rows.payments.extend(tables::payment(cells)),
            Table::Rights => rows.rights.extend(tables::rights(cells)),
            Table::Filings => rows.filings.extend(tables::filing(cells)),
        }
    }
}

impl Place {
    fn mistake(&self, column: &str, what: &str) -> Mistake {
        Mistake { file: self.file.clone(), line: self.line, column: Some(column.to_owned()), what: what.to_owned() }
    }
}
