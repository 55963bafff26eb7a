//! Calls that somebody looks for, by time, place and cause: *never* by person. What was said in them is sealed and not
//! here.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::figures::Scope;
use crate::call::{CallId, Timestamp};
use crate::store::{Database, Error};

/// Which calls.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Began then or later.
    pub from: Option<Timestamp>,
    /// Began before.
    pub until: Option<Timestamp>,
    /// Where it stood when it ended.
    pub node: Option<String>,
    /// The word of its [`EndCause`](crate::call::EndCause).
    pub cause: Option<String>,
}

/// A call, as far as it can be told without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: CallId,
    pub line: String,
    pub version: String,
    pub simulated: bool,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub cause: Option<String>,
    /// Where it stands, or stood when it ended.
    pub node: Option<String>,
}

/// A time in which a call wanted a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub queue: String,
    pub call_back: bool,
    pub joined_at: Timestamp,
    /// The number of the operator.
    pub operator: Option<String>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Words: what became of it, and the operator's code for it.
    pub outcome: Option<String>,
    pub result: String,
}

/// A turn without what was said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    pub at: Timestamp,
    pub of_operator: bool,
    pub node: Option<String>,
}

fn at(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_millis))
}

fn found(row: &SqliteRow) -> Result<Found, sqlx::Error> {
    let id: Vec<u8> = row.try_get("id")?;
    let id = <[u8; 16]>::try_from(id.as_slice()).map_err(|wrong| sqlx::Error::Decode(wrong.into()))?;
    Ok(Found {
        id: CallId::from_bytes(id),
        line: row.try_get("line")?,
        version: row.try_get("version")?,
        simulated: row.try_get("simulated")?,
        started_at: at(row, "started_at")?.unwrap_or_default(),
        ended_at: at(row, "ended_at")?,
        cause: row.try_get("end_cause")?,
        node: row.try_get("node")?,
    })
}

/// Calls that are over, the newest first.
///
/// # Errors
/// Trouble of the database.
pub async fn search(database: &Database, scope: &Scope, wanted: &Wanted, most: u32) -> Result<Vec<Found>, Error> {
    let rows = sqlx::query(
        "SELECT c.id, c.line, c.version, c.simulated, c.started_at, c.ended_at, c.end_cause, k.node \
         FROM counted_calls k JOIN calls c ON c.no = k.no \
         WHERE k.line = ?1 AND k.simulated <= ?2 AND k.started_at >= ?3 AND k.started_at < ?4 \
         AND (?5 IS NULL OR k.node = ?5) AND (?6 IS NULL OR k.end_cause = ?6) ORDER BY k.started_at DESC LIMIT ?7",
    )
    .bind(scope.line.as_str())
    .bind(scope.simulated)
    .bind(wanted.from.map_or(0, Timestamp::as_millis))
    .bind(wanted.until.map_or(i64::MAX, Timestamp::as_millis))
    .bind(wanted.node.as_deref())
    .bind(wanted.cause.as_deref())
    .bind(most)
    .fetch_all(database.readers())
    .await?;
    Ok(rows.iter().map(found).collect::<Result<_, _>>()?)
}

/// Calls that are in progress, the newest first.
///
/// # Errors
/// Trouble of the database.
pub async fn in_progress(database: &Database, scope: &Scope, most: u32) -> Result<Vec<Found>, Error> {
    let rows = sqlx::query(
        "SELECT c.id, c.line, c.version, c.simulated, c.started_at, c.ended_at, c.end_cause, t.node \
         FROM calls c INDEXED BY calls_in_progress JOIN sessions s ON s.call = c.no LEFT JOIN turns t ON t.no = s.log_end \
         WHERE c.ended_at IS NULL AND c.line = ? AND c.simulated <= ? ORDER BY c.no DESC LIMIT ?",
    )
    .bind(scope.line.as_str())
    .bind(scope.simulated)
    .bind(most)
    .fetch_all(database.readers())
    .await?;
    Ok(rows.iter().map(found).collect::<Result<_, _>>()?)
}

/// One call; `None` if there is no such call, or none that counts.
///
/// # Errors
/// Trouble of the database.
pub async fn one(database: &Database, call: CallId, simulated: bool) -> Result<Option<Found>, Error> {
    let row = sqlx::query(
        "SELECT c.id, c.line, c.version, c.simulated, c.started_at, c.ended_at, c.end_cause, k.node \
         FROM calls c LEFT JOIN counted_calls k ON k.no = c.no WHERE c.id = ? AND c.simulated <= ?",
    )
    .bind(call.as_bytes().as_slice())
    .bind(simulated)
    .fetch_optional(database.readers())
    .await?;
    Ok(row.as_ref().map(found).transpose()?)
}

/// How often a call wanted a person, and what came of it.
///
/// # Errors
/// Trouble of the database.
pub async fn waits(database: &Database, call: CallId) -> Result<Vec<Wait>, Error> {
    let rows = sqlx::query(
        "SELECT w.queue, w.kind, w.joined_at, o.number, w.answered_at, w.ended_at, w.outcome, w.result \
         FROM waiting w LEFT JOIN operators o ON o.no = w.operator WHERE w.call = ? ORDER BY w.no",
    )
    .bind(call.as_bytes().as_slice())
    .fetch_all(database.readers())
    .await?;
    let wait = |row: &SqliteRow| -> Result<Wait, sqlx::Error> {
        Ok(Wait {
            queue: row.try_get("queue")?,
            call_back: row.try_get::<String, _>("kind")? == "call-back",
            joined_at: at(row, "joined_at")?.unwrap_or_default(),
            operator: row.try_get("number")?,
            answered_at: at(row, "answered_at")?,
            ended_at: at(row, "ended_at")?,
            outcome: row.try_get("outcome")?,
            result: row.try_get("result")?,
        })
    };
    Ok(rows.iter().map(wait).collect::<Result<_, _>>()?)
}

/// How the caller rated it, 1 to 5.
///
/// # Errors
/// Trouble of the database.
pub async fn score(database: &Database, call: CallId) -> Result<Option<u32>, Error> {
    let score = sqlx::query_scalar("SELECT score FROM surveys WHERE call = ?").bind(call.as_bytes().as_slice());
    Ok(score.fetch_optional(database.readers()).await?)
}

/// When a call came by where, without what was said.
///
/// # Errors
/// Trouble of the database.
pub async fn passed(database: &Database, call: CallId) -> Result<Vec<Passed>, Error> {
    let turns = database.log(call).await?;
    let one = |turn: crate::store::LoggedTurn| Passed { at: turn.at, of_operator: turn.leg.0 > 0, node: turn.node };
    Ok(turns.into_iter().map(one).collect())
}
