//! What an operator sees of others, and of their own presence.

use serde::Serialize;

use super::Error;
use crate::call::Timestamp;
use crate::store::Database;

/// What somebody does now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
#[serde(rename_all = "kebab-case")]
pub struct Presence {
    pub state: String,
    pub reason: String,
    pub since: i64,
    pub ends_at: Option<i64>,
    /// They are rung elsewhere than at the page.
    pub rings_elsewhere: bool,
}

/// Somebody to whom a caller can be passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
#[serde(rename_all = "kebab-case")]
pub struct Colleague {
    pub number: String,
    pub name: String,
    pub state: String,
}

/// What `operator` does now; `None` if they were never here.
///
/// # Errors
/// Trouble of the database.
pub async fn presence(database: &Database, operator: i64) -> Result<Option<Presence>, Error> {
    let presence = "SELECT p.state, p.reason, p.since, p.ends_at, o.address IS NOT NULL AS rings_elsewhere \
         FROM presence p JOIN operators o ON o.no = p.operator WHERE p.operator = ?";
    Ok(sqlx::query_as(presence).bind(operator).fetch_optional(database.readers()).await?)
}

/// Everybody else who is at work.
///
/// # Errors
/// Trouble of the database.
pub async fn colleagues(database: &Database, operator: i64, now: Timestamp) -> Result<Vec<Colleague>, Error> {
    let colleagues = "SELECT o.number, o.name, p.state FROM presence p JOIN operators o ON o.no = p.operator \
         WHERE p.operator <> ? AND p.state <> 'offline' AND p.seen_until > ? AND o.disabled_at IS NULL ORDER BY o.number";
    let colleagues = sqlx::query_as(colleagues).bind(operator).bind(now.as_millis());
    Ok(colleagues.fetch_all(database.readers()).await?)
}
