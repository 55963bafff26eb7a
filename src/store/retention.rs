//! What is deleted, and when: documents soon after a call, its key when it has been kept for long enough.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::{Database, Error};
use crate::call::Timestamp;

/// How long after a call a late request can still have its last document.
const DOCUMENTS_KEPT: Duration = Duration::from_mins(10);
/// Calls in one go; the writer does others' work in between.
const CHUNK: u32 = 200;

impl Database {
    /// Deletes the documents and the session of calls that ended ten minutes ago or earlier; how many calls.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn tidy(&self, now: Timestamp) -> Result<u64, Error> {
        let until = Timestamp::from_millis(now.as_millis().saturating_sub(millis(DOCUMENTS_KEPT)));
        self.in_chunks(until, |connection, calls| Box::pin(tidy(connection, calls)), TO_TIDY).await
    }

    /// Makes calls that ended at `older_than` or earlier unreadable: deletes their keys and all that a later turn
    /// would need; how many calls. Times and nodes of their turns stay, for figures.
    ///
    /// The deleted keys are overwritten in the file; the write-ahead log has them until it comes round.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn forget(&self, older_than: Timestamp) -> Result<u64, Error> {
        self.in_chunks(older_than, |connection, calls| Box::pin(forget(connection, calls)), TO_FORGET).await
    }

    async fn in_chunks<F>(&self, until: Timestamp, delete: F, which: &'static str) -> Result<u64, Error>
    where
        F: for<'c> Fn(&'c mut SqliteConnection, String) -> futures_util::future::BoxFuture<'c, Result<(), sqlx::Error>>
            + Copy
            + Send
            + 'static,
    {
        let mut deleted = 0;
        loop {
            let calls: Vec<i64> =
                sqlx::query_scalar(which).bind(until.as_millis()).bind(CHUNK).fetch_all(self.readers()).await?;
            if calls.is_empty() {
                return Ok(deleted);
            }
            deleted += calls.len() as u64;
            let numbers = calls.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            self.write(move |connection| delete(connection, numbers)).await?;
        }
    }
}

const TO_TIDY: &str = "SELECT no FROM calls \
     WHERE ended_at IS NOT NULL AND kept <> 'none' AND kept = 'all' AND ended_at <= ? LIMIT ?";

const TO_FORGET: &str = "SELECT no FROM calls \
     WHERE ended_at IS NOT NULL AND kept <> 'none' AND kept IN ('all', 'log') AND ended_at <= ? LIMIT ?";

async fn tidy(connection: &mut SqliteConnection, calls: String) -> Result<(), sqlx::Error> {
    execute(connection, format!("UPDATE sessions SET session = NULL, document = NULL WHERE call IN ({calls})")).await?;
    execute(connection, format!("UPDATE legs SET document = NULL WHERE call IN ({calls})")).await?;
    execute(connection, format!("UPDATE calls SET kept = 'log' WHERE no IN ({calls})")).await
}

async fn forget(connection: &mut SqliteConnection, calls: String) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA secure_delete = ON").execute(&mut *connection).await?;
    let deleted = delete(connection, &calls).await;
    sqlx::query("PRAGMA secure_delete = OFF").execute(connection).await?;
    deleted
}

async fn delete(connection: &mut SqliteConnection, calls: &str) -> Result<(), sqlx::Error> {
    execute(connection, format!("DELETE FROM call_keys WHERE call IN ({calls})")).await?;
    execute(connection, format!("DELETE FROM sessions WHERE call IN ({calls})")).await?;
    execute(connection, format!("DELETE FROM legs WHERE call IN ({calls})")).await?;
    execute(connection, format!("UPDATE calls SET kept = 'none' WHERE no IN ({calls})")).await
}

/// Statements that name rows by number are as many as there are rows, so they are not kept prepared.
async fn execute(connection: &mut SqliteConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(statement)).persistent(false).execute(connection).await.map(drop)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
