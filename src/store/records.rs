//! What finished calls have left behind, for reading only: who and when, their logs, the versions that they were on.
//! It waits for nobody and nobody waits for it, whatever another process writes meanwhile.

use std::path::Path;
use std::sync::Arc;

use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use super::calls::ended;
use super::{Database, Error, LoggedTurn, Trouble, database};
use crate::call::{CallId, EndCause, Leg, Timestamp};

/// The records of a database.
#[derive(Clone)]
pub struct Records {
    pool: SqlitePool,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedCall {
    /// Counts the calls in the order in which they began.
    pub no: i64,
    pub id: CallId,
    pub line: String,
    pub version: String,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub cause: EndCause,
    pub simulated: bool,
    /// The call's key, wrapped by the data key; `None` once it was deleted, and its log with it.
    pub key: Option<Vec<u8>>,
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

/// The calls of which a condition holds; `$which` ends the statement.
macro_rules! finished {
    ($which:literal) => {
        concat!(
            "SELECT c.no, c.id, c.line, c.version, c.simulated, c.started_at, c.ended_at, c.end_cause, k.key FROM calls c \
             LEFT JOIN call_keys k ON k.call = c.no WHERE c.ended_at IS NOT NULL AND ",
            $which
        )
    };
}

/// The turns of a call, backwards from the end, row by row.
macro_rules! chain {
    ($then:literal) => {
        concat!(
            "WITH RECURSIVE chain (no, leg, turn, at, node, log, previous) AS ( \
                 SELECT t.no, t.leg, t.turn, t.at, t.node, t.log, t.previous FROM turns t \
                 WHERE t.no = (SELECT s.log_end FROM sessions s JOIN calls c ON c.no = s.call WHERE c.id = ?) \
                 UNION ALL \
                 SELECT t.no, t.leg, t.turn, t.at, t.node, t.log, t.previous \
                 FROM chain JOIN turns t ON t.no = chain.previous \
             ) ",
            $then
        )
    };
}

const LOG: &str = chain!("SELECT leg, turn, at, node, log FROM chain ORDER BY no");
/// It goes back no further than to the turn.
const TURN_LOG: &str = chain!("SELECT log FROM chain WHERE leg = ? AND turn = ? LIMIT 1");

impl Records {
    /// Opens the records in a database file that is there.
    ///
    /// # Errors
    /// [`Error::Open`].
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source: sqlx::Error| Error::Open {
            path: path.display().to_string(),
            trouble: Trouble::of(&source),
            source: Arc::new(source),
        };
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(database::reading(path)).await;
        Ok(Self { pool: pool.map_err(failed)? })
    }

    /// Calls that ended at `since` or later, in the order in which they began; at most `limit` of those behind call
    /// number `after`.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn finished(&self, since: Timestamp, after: i64, limit: u32) -> Result<Vec<FinishedCall>, Error> {
        let rows: Vec<Row> = sqlx::query_as(finished!("c.ended_at >= ? AND c.no > ? ORDER BY c.no LIMIT ?"))
            .bind(since.as_millis())
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().filter_map(finished_call).collect()
    }

    /// The call, if it is on record and over.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn call(&self, call: CallId) -> Result<Option<FinishedCall>, Error> {
        let row: Option<Row> =
            sqlx::query_as(finished!("c.id = ?")).bind(call.as_bytes().as_slice()).fetch_optional(&self.pool).await?;
        row.and_then(finished_call).transpose()
    }

    /// What happened in a call, in order; nothing if there is no such call, or it was forgotten.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn log(&self, call: CallId) -> Result<Vec<LoggedTurn>, Error> {
        type Row = (u16, u32, i64, Option<String>, Vec<u8>);
        let rows: Vec<Row> = sqlx::query_as(LOG).bind(call.as_bytes().as_slice()).fetch_all(&self.pool).await?;
        let turn = |(leg, turn, at, node, log): Row| {
            let (leg, at) = (Leg(leg), Timestamp::from_millis(at));
            LoggedTurn { leg, turn, at, node, log }
        };
        Ok(rows.into_iter().map(turn).collect())
    }

    /// The events of one turn, sealed; `None` if there is no such turn, or its call was forgotten.
    pub(super) async fn turn_log(&self, call: CallId, leg: Leg, turn: u32) -> Result<Option<Vec<u8>>, Error> {
        let log = sqlx::query_scalar(TURN_LOG).bind(call.as_bytes().as_slice()).bind(leg.0).bind(turn);
        Ok(log.fetch_optional(&self.pool).await?)
    }

    /// The versions that are kept and whose hash begins so, as line and version.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn versions_like(&self, beginning: &str) -> Result<Vec<(String, String)>, Error> {
        let like = sqlx::query_as("SELECT line, version FROM versions WHERE substr(version, 1, length(?1)) = ?1");
        Ok(like.bind(beginning).fetch_all(&self.pool).await?)
    }

    /// The version that new calls of the line start on; `None` if none was ever activated.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn active(&self, line: &str) -> Result<Option<String>, Error> {
        let active = sqlx::query_scalar("SELECT version FROM active WHERE line = ?").bind(line);
        Ok(active.fetch_optional(&self.pool).await?)
    }

    /// The bundle of a version, if it is kept.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn bundle(&self, line: &str, version: &str) -> Result<Option<Vec<u8>>, Error> {
        let bundle = sqlx::query_scalar("SELECT bundle FROM versions WHERE line = ? AND version = ?");
        Ok(bundle.bind(line).bind(version).fetch_optional(&self.pool).await?)
    }
}

impl Database {
    /// What finished calls have left behind.
    #[must_use]
    pub fn records(&self) -> Records {
        Records { pool: self.readers().clone() }
    }
}

/// `None` for a row that is no finished call.
fn finished_call(row: Row) -> Option<Result<FinishedCall, Error>> {
    let id = CallId::from_bytes(row.id.try_into().ok()?);
    let (cause, ended_at) = match ended(row.end_cause.as_deref(), row.ended_at) {
        Ok(ended) => ended?,
        Err(unknown) => return Some(Err(unknown)),
    };
    let (line, version, simulated, key) = (row.line, row.version, row.simulated, row.key);
    let started_at = Timestamp::from_millis(row.started_at);
    Some(Ok(FinishedCall { no: row.no, id, line, version, started_at, ended_at, cause, simulated, key }))
}
