//! Calls that are over, as they are read long after: by whoever counts or replays them. Beside a running server, and
//! without its leave: every connection may only read, and no transaction is longer than a page of calls.

use std::path::Path;
use std::sync::Arc;

use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use super::calls::{ended, log};
use super::database::reading;
use super::{Error, LoggedTurn, Trouble};
use crate::call::{CallId, EndCause, Timestamp};

/// Calls in one read.
const PAGE: u32 = 200;

/// The calls of a database, and nothing but reading.
#[derive(Clone, Debug)]
pub struct Archive(SqlitePool);

/// A call that is over and can still be read.
#[derive(Clone, Debug)]
pub struct FinishedCall {
    pub call: CallId,
    pub line: String,
    pub version: String,
    pub simulated: bool,
    /// The call's key, wrapped by the data key.
    pub key: Vec<u8>,
    pub started_at: Timestamp,
    pub ended: (EndCause, Timestamp),
}

/// Calls, the newest first.
#[derive(Debug)]
pub struct Page {
    pub calls: Vec<FinishedCall>,
    /// What to go on with; `None` if all have been read.
    pub before: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    no: i64,
    id: Vec<u8>,
    line: String,
    version: String,
    simulated: bool,
    started_at: i64,
    ended_at: Option<i64>,
    end_cause: Option<String>,
    key: Option<Vec<u8>>,
}

impl Archive {
    /// Opens the database file of a server, which may be running.
    ///
    /// # Errors
    /// [`Error::Open`].
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let connected = SqlitePoolOptions::new().max_connections(1).connect_with(reading(path)).await;
        connected.map(Self).map_err(|source| Error::Open {
            path: path.display().to_string(),
            trouble: Trouble::of(&source),
            source: Arc::new(source),
        })
    }

    /// The next page of calls that began at `since` or later. `before`: where the page before ended.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn finished(&self, since: Timestamp, before: Option<i64>) -> Result<Page, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT c.no, c.id, c.line, c.version, c.simulated, c.started_at, c.ended_at, c.end_cause, k.key \
             FROM calls c LEFT JOIN call_keys k ON k.call = c.no WHERE c.no < ? ORDER BY c.no DESC LIMIT ?",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(PAGE)
        .fetch_all(&self.0)
        .await?;
        // Calls are numbered as they begin, so that once a whole page is too old, all others are.
        let some_began = rows.iter().any(|row| row.started_at >= since.as_millis());
        let before = rows.last().map(|row| row.no).filter(|_| some_began);
        let calls = rows.into_iter().filter(|row| row.started_at >= since.as_millis());
        let calls = calls.filter_map(|row| finished(row).transpose()).collect::<Result<_, _>>()?;
        Ok(Page { calls, before })
    }

    /// What happened in a call, in order.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn log(&self, call: CallId) -> Result<Vec<LoggedTurn>, Error> {
        log(&self.0, call).await
    }

    /// The version that new calls of the line start on; `None` if none was ever activated.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn active(&self, line: &str) -> Result<Option<String>, Error> {
        super::versions::active(&self.0, line).await
    }

    /// The bundle of a version, if it is kept.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn bundle(&self, line: &str, version: &str) -> Result<Option<Vec<u8>>, Error> {
        super::versions::bundle(&self.0, line, version).await
    }

    /// The lines and versions that are kept, the newest first.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn kept_versions(&self) -> Result<Vec<(String, String)>, Error> {
        Ok(sqlx::query_as("SELECT line, version FROM versions ORDER BY made_at DESC, version")
            .fetch_all(&self.0)
            .await?)
    }
}

/// `None` if the call is not over, or its key is gone.
fn finished(row: Row) -> Result<Option<FinishedCall>, Error> {
    let (Some(key), Ok(id)) = (row.key, row.id.try_into()) else { return Ok(None) };
    let Some(ended) = ended(row.end_cause.as_deref(), row.ended_at)? else { return Ok(None) };
    Ok(Some(FinishedCall {
        call: CallId::from_bytes(id),
        line: row.line,
        version: row.version,
        simulated: row.simulated,
        key,
        started_at: Timestamp::from_millis(row.started_at),
        ended,
    }))
}
