//! What a caller recorded, for whoever works on the ticket that it belongs to.

use super::{Error, Worker};
use crate::call::{CallId, Timestamp};
use crate::desk::audit::Deed;
use crate::store::{CallKey, Database, SOUND};

/// A recording that somebody may hear.
#[derive(Debug)]
pub struct Recording {
    pub call: CallId,
    /// Sealed; `None` while it is on its way here, and when it has been deleted.
    sound: Option<Vec<u8>>,
}

/// The recording with this name, if it belongs to a ticket that `worker` works on, or supervises.
///
/// # Errors
/// [`Error::None`] if it does not.
pub async fn recording(database: &Database, worker: &Worker, name: &str) -> Result<Recording, Error> {
    let row: Option<(Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(
        "SELECT r.call, r.sound FROM recordings r WHERE r.name = ?1 AND (?2 OR EXISTS \
         (SELECT 1 FROM tickets t WHERE t.call = r.call AND t.recording = r.name AND t.operator = ?3))",
    )
    .bind(name)
    .bind(worker.supervises)
    .bind(worker.no)
    .fetch_optional(database.readers())
    .await?;
    let (call, sound) = row.ok_or(Error::None)?;
    Ok(Recording { call: super::call_id(call)?, sound })
}

impl Recording {
    /// Its WAV file. That it was heard is on record first.
    ///
    /// # Errors
    /// [`Error::None`] if it is not there; [`Error::Sealed`] under another call's key.
    pub async fn hear(
        self,
        database: &Database,
        worker: &Worker,
        name: &str,
        key: &CallKey,
        now: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        let sound = self.sound.ok_or(Error::None)?;
        let deed = Deed { call: Some(self.call), ..Deed::new(worker.who.clone(), "listened", name) };
        deed.record(database, now).await?;
        Ok(key.open(SOUND, &sound)?)
    }
}
