//! Calls of today that seem to be of the same caller: from the same number, or about the same member.

use serde::Serialize;

use super::{Error, Work};
use crate::call::Timestamp;
use crate::store::Database;

/// How many are shown.
const MOST: u32 = 8;

/// An earlier call. Who talked with the caller and what they noted is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
#[serde(rename_all = "kebab-case")]
pub struct Earlier {
    pub started_at: i64,
    pub ended_at: Option<i64>,
    pub end_cause: Option<String>,
    /// The topic, if it came to a queue.
    pub subject: Option<String>,
    /// How the waiting ended, if it came to a queue.
    pub outcome: Option<String>,
    /// The result code of the operator, if there was a talk.
    pub result: Option<String>,
}

const EARLIER: &str = "SELECT c.started_at, c.ended_at, c.end_cause, w.subject, w.outcome, w.result \
     FROM calls c LEFT JOIN waiting w ON w.call = c.id \
     WHERE c.id IN (SELECT call FROM waiting INDEXED BY waiting_by_time WHERE joined_at >= ?1 AND caller = ?2 \
         UNION SELECT call FROM looks WHERE person_no = ?3 AND at >= ?1) \
         AND c.id <> ?4 AND c.started_at >= ?1 AND c.simulated = ?5 ORDER BY c.started_at DESC LIMIT ?6";

/// Those since the beginning of the day, newest first. `person` is the verified member.
///
/// # Errors
/// Trouble of the database.
pub async fn earlier(
    database: &Database,
    work: &Work,
    person: Option<&str>,
    day: Timestamp,
) -> Result<Vec<Earlier>, Error> {
    let earlier = sqlx::query_as(EARLIER)
        .bind(day.as_millis())
        .bind(work.caller.as_deref())
        .bind(person)
        .bind(work.call.as_bytes().as_slice())
        .bind(work.simulated)
        .bind(MOST);
    Ok(earlier.fetch_all(database.readers()).await?)
}
