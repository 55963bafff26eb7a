//! How callers rate the service.

use sqlx::sqlite::SqliteConnection;

use crate::call::{CallId, Timestamp};

pub(super) async fn rate(
    connection: &mut SqliteConnection,
    call: CallId,
    score: u8,
    at: Timestamp,
) -> Result<bool, sqlx::Error> {
    let rated = sqlx::query(
        "INSERT INTO surveys (call, line, simulated, at, score, operator) \
         SELECT id, line, simulated, ?, ?, (SELECT operator FROM waiting WHERE call = calls.id \
         AND answered_at IS NOT NULL ORDER BY no DESC LIMIT 1) FROM calls WHERE id = ? \
         ON CONFLICT (call) DO UPDATE SET score = excluded.score, at = excluded.at",
    )
    .bind(at.as_millis())
    .bind(score)
    .bind(call.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(rated.rows_affected() > 0)
}

pub(super) async fn reason(
    connection: &mut SqliteConnection,
    call: CallId,
    recording: &str,
) -> Result<bool, sqlx::Error> {
    let noted = sqlx::query("UPDATE surveys SET recording = ? WHERE call = ?")
        .bind(recording)
        .bind(call.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(noted.rows_affected() > 0)
}
