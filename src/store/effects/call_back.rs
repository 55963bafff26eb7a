//! Call-backs: rows of `waiting`, at the place that the caller had.

use sqlx::sqlite::SqliteConnection;

use crate::call::{CallId, Timestamp};

/// A call-back that is booked.
#[derive(Clone, PartialEq, Eq)]
pub struct CallBack {
    /// The queue of whoever has not been in one.
    pub queue: String,
    pub language: String,
    /// The topic; empty if there is none.
    pub subject: String,
    /// The number to call, sealed as [`CONTACT`](super::CONTACT).
    pub contact: Vec<u8>,
    pub at: Timestamp,
    pub due_at: Timestamp,
}

/// Whoever is to be called back does not poll: they are there until they are called.
const ALWAYS: i64 = i64::MAX;

/// Whoever waits, or waited until just now, keeps the place (`arrived_at`); whoever came outside hours gets one.
pub(super) async fn book(
    connection: &mut SqliteConnection,
    call: CallId,
    booked: &CallBack,
) -> Result<bool, sqlx::Error> {
    let kept: Option<i64> = sqlx::query_scalar(
        "SELECT no FROM (SELECT no, state, outcome FROM waiting WHERE call = ? ORDER BY no DESC LIMIT 1) \
         WHERE state IN ('waiting', 'reserved') OR outcome IN ('left', 'abandoned', 'too-long')",
    )
    .bind(call.as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await?;
    let made = if let Some(no) = kept {
        // An operator who is reserved already calls back instead.
        sqlx::query(
            "UPDATE waiting SET kind = 'call-back', state = iif(state = 'reserved', state, 'waiting'), seen_until = ?, \
             contact = ?, due_at = ?, language = ?, ended_at = NULL, outcome = NULL WHERE no = ?",
        )
        .bind(ALWAYS)
        .bind(booked.contact.as_slice())
        .bind(booked.due_at.as_millis())
        .bind(booked.language.as_str())
        .bind(no)
    } else {
        sqlx::query(
            "INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, arrived_at, \
             joined_at, state, seen_until, contact, due_at) \
             SELECT id, line, ?, 'call-back', simulated, ?, ?, 0, ?, ?, 'waiting', ?, ?, ? FROM calls WHERE id = ?",
        )
        .bind(booked.queue.as_str())
        .bind(booked.language.as_str())
        .bind(booked.subject.as_str())
        .bind(booked.at.as_millis())
        .bind(booked.at.as_millis())
        .bind(ALWAYS)
        .bind(booked.contact.as_slice())
        .bind(booked.due_at.as_millis())
        .bind(call.as_bytes().as_slice())
    };
    Ok(made.execute(connection).await?.rows_affected() > 0)
}
