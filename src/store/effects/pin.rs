//! A member's new PIN.

use sqlx::sqlite::SqliteConnection;

use crate::call::{CallId, Timestamp};

pub(super) async fn set(
    connection: &mut SqliteConnection,
    call: CallId,
    (person_no, hash): (&str, &str),
    at: Timestamp,
) -> Result<bool, sqlx::Error> {
    let pin = sqlx::query("UPDATE pins SET hash = ?, initial = 0, set_at = ? WHERE person_no = ?")
        .bind(hash)
        .bind(at.as_millis())
        .bind(person_no)
        .execute(&mut *connection)
        .await?;
    let call = sqlx::query("UPDATE verifications SET full = 1 WHERE call = ? AND person_no = ? AND ends_at > ?")
        .bind(call.as_bytes().as_slice())
        .bind(person_no)
        .bind(at.as_millis())
        .execute(connection)
        .await?;
    Ok(pin.rows_affected() > 0 && call.rows_affected() > 0)
}
