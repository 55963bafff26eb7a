//! What a turn of a call changes: written with it.

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::matching::{end, match_waiting};
use super::presence::{State, enter};
use super::{Written, run};
use crate::call::{CallId, Timestamp};
use crate::flow::QueueChange;

/// Applies it. A caller whose wait is over already is left alone.
pub(in crate::store) async fn apply(
    connection: &mut SqliteConnection,
    call: CallId,
    change: QueueChange,
    now: Timestamp,
) -> Written<()> {
    let row =
        sqlx::query("SELECT no, state, operator FROM waiting WHERE call = ? AND state <> 'over' AND kind = 'call'")
            .bind(call.as_bytes().as_slice())
            .fetch_optional(&mut *connection)
            .await?;
    let Some(row) = row else { return Ok(()) };
    let (no, state, operator): (i64, String, Option<i64>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    match change {
        QueueChange::Taken => {
            if let ("reserved", Some(operator)) = (state.as_str(), operator) {
                taken(connection, no, operator, now).await?;
            }
            return Ok(());
        }
        QueueChange::Left => end(connection, no, &state, operator, "left", now).await?,
        QueueChange::Gone => end(connection, no, &state, operator, "abandoned", now).await?,
    }
    match_waiting(connection, now).await.map(drop)
}

pub(super) async fn taken(connection: &mut SqliteConnection, no: i64, operator: i64, now: Timestamp) -> Written<()> {
    run!(connection, "UPDATE waiting SET state = 'talking', answered_at = ? WHERE no = ?", now.as_millis(), no);
    let talking = State { state: "talking", reason: "", ends_at: None, waiting: Some(no) };
    enter(connection, operator, talking, now).await
}
