//! Whoever is to be called back: the list that all see, and what came of a try.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Error, Stage, Work};
use crate::store::{CONTACT, CallKey, Database};

/// How many are shown.
const MOST: u32 = 50;

/// Somebody who waits to be called back. The number is in none: it is shown to whoever is to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CallBack {
    pub no: i64,
    pub language: String,
    pub subject: String,
    pub arrived_at: i64,
    pub due_at: Option<i64>,
    pub tries: u32,
    /// Somebody calls them now.
    pub is_taken: bool,
}

/// Those who wait to be called back, the most urgent first.
///
/// # Errors
/// Trouble of the database.
pub async fn call_backs(database: &Database, simulated: bool) -> Result<Vec<CallBack>, Error> {
    let rows = sqlx::query(
        "SELECT no, language, subject, arrived_at, due_at, tries, state FROM waiting INDEXED BY waiting_now \
         WHERE state <> 'over' AND kind = 'call-back' AND simulated <= ? ORDER BY due_at, arrived_at LIMIT ?",
    )
    .bind(simulated)
    .bind(MOST)
    .fetch_all(database.readers())
    .await?;
    let call_back = |row: &SqliteRow| -> Result<CallBack, sqlx::Error> {
        Ok(CallBack {
            no: row.try_get("no")?,
            language: row.try_get("language")?,
            subject: row.try_get("subject")?,
            arrived_at: row.try_get("arrived_at")?,
            due_at: row.try_get("due_at")?,
            tries: row.try_get("tries")?,
            is_taken: row.try_get::<&str, _>("state")? != "waiting",
        })
    };
    Ok(rows.iter().map(call_back).collect::<Result<_, _>>()?)
}

/// The number to call, for the operator who is to.
///
/// # Errors
/// [`Error::Sealed`] under another call's key.
pub fn contact(work: &Work, key: &CallKey) -> Result<Option<String>, Error> {
    let Some(sealed) = work.contact.as_deref().filter(|_| work.is_call_back && work.stage != Stage::WrapUp) else {
        return Ok(None);
    };
    Ok(Some(String::from_utf8_lossy(&key.open(CONTACT, sealed)?).into_owned()))
}
