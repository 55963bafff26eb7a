//! Who did what at the desk, on the wall or on the command line: rows that the database lets nobody change or delete.
//!
//! What somebody saw of a member is here too. What *calls* look up is in `looks` (see `lookup::identity`).

use serde::Serialize;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::call::{CallId, Timestamp};
use crate::store::{Database, Error};

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// `operators.no`; `None` for the command line.
    pub operator: Option<i64>,
    /// The operator's number, or the user of the command line.
    pub name: String,
}

impl Who {
    /// Somebody at the command line, by the name of their user.
    #[must_use]
    pub fn command_line(user: &str) -> Self {
        Self { operator: None, name: user.to_owned() }
    }
}

/// One thing that was done.
#[derive(Clone, Debug)]
pub struct Deed {
    pub who: Who,
    /// A word: `logged-in`, `revealed`, `switched`.
    pub action: &'static str,
    pub call: Option<CallId>,
    /// Whom or what it was done to: a person, a ticket, the number of an operator, a switch. No secret, no name.
    pub subject: String,
    /// Why, where a reason is asked for; otherwise what more there is to say.
    pub reason: String,
}

impl Deed {
    /// Something that needs no call and no reason.
    #[must_use]
    pub fn new(who: Who, action: &'static str, subject: impl Into<String>) -> Self {
        Self { who, action, call: None, subject: subject.into(), reason: String::new() }
    }

    /// Writes it with whatever else `connection` is writing: what is not on record was not done.
    ///
    /// # Errors
    /// What the database says.
    pub async fn write(self, connection: &mut SqliteConnection, now: Timestamp) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO audit (at, operator, who, action, call, subject, reason) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(now.as_millis())
            .bind(self.who.operator)
            .bind(self.who.name)
            .bind(self.action)
            .bind(self.call.map(|call| call.as_bytes().to_vec()))
            .bind(self.subject)
            .bind(self.reason)
            .execute(connection)
            .await
            .map(drop)
    }

    /// Writes it by itself. A look is on record before its answer is given.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn record(self, database: &Database, now: Timestamp) -> Result<(), Error> {
        database.write(move |connection| Box::pin(async move { self.write(connection, now).await })).await
    }
}

/// A row, as supervisors read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub no: i64,
    pub at: i64,
    pub who: String,
    pub action: String,
    pub call: Option<String>,
    pub subject: String,
    pub reason: String,
}

/// Which rows.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Older ones than this.
    pub before: Option<i64>,
    /// Of this number, or user of the command line.
    pub who: Option<String>,
    pub action: Option<String>,
}

/// The newest rows, newest first; `before` a row for those that are older.
///
/// # Errors
/// Trouble of the database.
pub async fn list(database: &Database, before: Option<i64>, most: u32) -> Result<Vec<Entry>, Error> {
    find(database, &Which { before, ..Which::default() }, most).await
}

/// The newest of these rows, newest first.
///
/// # Errors
/// Trouble of the database.
pub async fn find(database: &Database, which: &Which, most: u32) -> Result<Vec<Entry>, Error> {
    let rows = sqlx::query(
        "SELECT no, at, who, action, lower(hex(call)) AS call, subject, reason FROM audit \
         WHERE no < ?1 AND (?2 IS NULL OR who = ?2) AND (?3 IS NULL OR action = ?3) ORDER BY no DESC LIMIT ?4",
    )
    .bind(which.before.unwrap_or(i64::MAX))
    .bind(which.who.as_deref())
    .bind(which.action.as_deref())
    .bind(most)
    .fetch_all(database.readers())
    .await?;
    let entry = |row: &SqliteRow| -> Result<Entry, sqlx::Error> {
        Ok(Entry {
            no: row.try_get("no")?,
            at: row.try_get("at")?,
            who: row.try_get("who")?,
            action: row.try_get("action")?,
            call: row.try_get::<Option<String>, _>("call")?.filter(|call| !call.is_empty()),
            subject: row.try_get("subject")?,
            reason: row.try_get("reason")?,
        })
    };
    Ok(rows.iter().map(entry).collect::<Result<_, _>>()?)
}
