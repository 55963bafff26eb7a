//! What is counted of a call that is over, for the wall.

use sqlx::sqlite::SqliteConnection;

use crate::call::CallId;

/// Of a call that ends twice the first end counts.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    call: CallId,
    node: Option<&str>,
    tally: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR IGNORE INTO counted_calls (no, line, simulated, started_at, ended_at, end_cause, node, tally) \
         SELECT no, line, simulated, started_at, ended_at, end_cause, ?, ? FROM calls \
         WHERE id = ? AND ended_at IS NOT NULL",
    )
    .bind(node)
    .bind(tally)
    .bind(call.as_bytes().as_slice())
    .execute(connection)
    .await
    .map(drop)
}
