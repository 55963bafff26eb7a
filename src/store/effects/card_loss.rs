//! Cards that are reported lost.

use jiff::civil::Date;
use sqlx::sqlite::SqliteConnection;

use crate::call::{CallId, Timestamp};

pub(super) async fn report(
    connection: &mut SqliteConnection,
    call: CallId,
    until: Date,
    at: Timestamp,
) -> Result<bool, sqlx::Error> {
    let Some(member) = super::member(connection, call, at).await? else { return Ok(false) };
    sqlx::query("INSERT INTO card_losses (person_no, at, until, call) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(member)
        .bind(at.as_millis())
        .bind(until.to_string())
        .bind(call.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(true)
}
