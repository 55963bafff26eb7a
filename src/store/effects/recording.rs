//! What a caller recorded: that it was, and where the provider has it. The sound comes later.

use sqlx::sqlite::SqliteConnection;

use crate::call::{CallId, RecordingKind, Timestamp};

/// A recording that has been made.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptRecording {
    /// What flows and the desk know it by.
    pub name: String,
    pub kind: RecordingKind,
    pub seconds: u32,
    /// The URL of the provider's file, sealed as [`SOURCE`](super::SOURCE).
    pub source: Vec<u8>,
    pub at: Timestamp,
}

/// The same recording told twice is one.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    call: CallId,
    recording: &KeptRecording,
) -> Result<bool, sqlx::Error> {
    sqlx::query(
        "INSERT INTO recordings (call, name, kind, made_at, length_ms, source) VALUES (?, ?, ?, ?, ?, ?) \
         ON CONFLICT (name) DO NOTHING",
    )
    .bind(call.as_bytes().as_slice())
    .bind(recording.name.as_str())
    .bind(recording.kind.name())
    .bind(recording.at.as_millis())
    .bind(i64::from(recording.seconds) * 1_000)
    .bind(recording.source.as_slice())
    .execute(connection)
    .await?;
    Ok(true)
}
