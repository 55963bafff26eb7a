//! What an outlet may do for a person who stands before it: set a PIN, open the telephone again.
//!
//! It is *not* for callers: they set a PIN by an effect of their call.

use sqlx::sqlite::SqliteConnection;

use super::super::pin::{Known, PinHashing, is_weak};
use super::super::records::StoredPin;
use super::super::write::write;
use super::{Error, IdNumber, Secret, Timestamp};
use crate::store::Database;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlet {
    Done,
    NobodyHasThisId,
    /// The PIN is too easy to guess.
    Weak,
}

/// A PIN to be set.
pub struct SetPin<'a> {
    pub id: &'a IdNumber,
    pub pin: &'a Secret,
    /// It must be changed on the first call.
    pub initial: bool,
    pub hashing: PinHashing,
    pub now: Timestamp,
}

/// Sets a person's PIN and opens the telephone to them again.
///
/// # Errors
/// [`Error::Hash`] for unusable parameters, [`Error::Read`] and [`Error::Write`] from the database.
pub async fn set_pin(db: &Database, set: SetPin<'_>) -> Result<Outlet, Error> {
    let row: Option<(String, Option<String>)> =
        sqlx::query_as("SELECT person_no, card_no FROM members WHERE id_no = ?")
            .bind(set.id.as_str())
            .fetch_optional(db.readers())
            .await?;
    let Some((person_no, card_no)) = row else { return Ok(Outlet::NobodyHasThisId) };
    if is_weak(set.pin, Known { id: set.id, card_no: card_no.as_deref(), caller: None }) {
        return Ok(Outlet::Weak);
    }
    let now = set.now;
    let pin = StoredPin {
        person_no: person_no.as_str().into(),
        hash: set.hashing.hash(set.pin.expose())?,
        initial: set.initial,
        set_at: now,
    };
    let written = db.write(move |connection| {
        Box::pin(async move {
            write(connection, &[pin]).await?;
            unlock(connection, &person_no, now).await
        })
    });
    written.await?;
    Ok(Outlet::Done)
}

/// Opens the telephone to a person again: failed tries up to `now` count no more.
///
/// # Errors
/// [`Error::Read`] and [`Error::Write`] from the database.
pub async fn unlock_person(db: &Database, id: &IdNumber, now: Timestamp) -> Result<Outlet, Error> {
    let person_no: Option<String> = sqlx::query_scalar("SELECT person_no FROM members WHERE id_no = ?")
        .bind(id.as_str())
        .fetch_optional(db.readers())
        .await?;
    let Some(person_no) = person_no else { return Ok(Outlet::NobodyHasThisId) };
    db.write(move |connection| Box::pin(async move { unlock(connection, &person_no, now).await })).await?;
    Ok(Outlet::Done)
}

async fn unlock(connection: &mut SqliteConnection, person_no: &str, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO unlocks (person_no, at) VALUES (?, ?) ON CONFLICT (person_no) DO UPDATE SET at = excluded.at",
    )
    .bind(person_no)
    .bind(now.as_millis())
    .execute(connection)
    .await?;
    Ok(())
}
