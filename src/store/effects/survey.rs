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
         SELECT c.id, c.line, c.simulated, ?, ?, w.operator FROM calls c \
         LEFT JOIN waiting w ON w.call = c.id AND w.answered_at IS NOT NULL WHERE c.id = ? \
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
