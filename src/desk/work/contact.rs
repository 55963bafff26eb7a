//! What an operator writes about a call: a result code and a note.

use super::{Error, Work, Worker};
use crate::call::Timestamp;
use crate::desk::audit::Deed;
use crate::store::{CallKey, Database};

/// How a talk ended, as a word.
pub const RESULTS: &[&str] =
    &["solved", "forwarded", "outlet", "follow-up", "not-verified", "wrong-number", "dropped", "abusive"];
/// The longest note, characters.
pub const LONGEST_NOTE: usize = 2_000;
/// What a note is bound to, beside its call.
const NOTE: &[u8] = b"desk-note";

/// Writes the result and the note of call `no`, in place of what stood there. An empty result is none yet.
///
/// # Errors
/// [`Error::Over`] if it is not theirs any more; [`Error::None`] for what is no result; [`Error::Refused`] for a note that is too long.
pub async fn write_contact(
    database: &Database,
    worker: &Worker,
    (no, result, note): (i64, &str, &str),
    key: &CallKey,
    now: Timestamp,
) -> Result<(), Error> {
    if !result.is_empty() && !RESULTS.contains(&result) {
        return Err(Error::None);
    }
    if note.chars().count() > LONGEST_NOTE {
        return Err(Error::Refused("too-long"));
    }
    let call = Work::on(database, worker.no, no).await?.call;
    let (operator, who, result) = (worker.no, worker.who.clone(), result.to_owned());
    let sealed = (!note.is_empty()).then(|| key.seal(NOTE, note.as_bytes()));
    let written = database.write(move |connection| {
        Box::pin(async move {
            let update = "UPDATE waiting SET result = ?, note = ? WHERE no = ? AND operator = ? \
                 AND EXISTS (SELECT 1 FROM presence WHERE operator = ?4 AND state IN ('talking', 'wrap-up'))";
            let written = sqlx::query(update).bind(&result).bind(sealed).bind(no).bind(operator);
            let written = written.execute(&mut *connection).await?.rows_affected();
            if written > 0 {
                let deed = Deed { call: Some(call), reason: result, ..Deed::new(who, "noted", "") };
                deed.write(connection, now).await?;
            }
            Ok(written)
        })
    });
    if written.await? == 0 { Err(Error::Over) } else { Ok(()) }
}

/// The note of a call.
///
/// # Errors
/// [`Error::Sealed`] under another call's key.
pub fn note(work: &Work, key: &CallKey) -> Result<String, Error> {
    text(work.note.as_deref(), NOTE, key)
}

/// A sealed text; an empty one if there is none.
pub(super) fn text(sealed: Option<&[u8]>, purpose: &[u8], key: &CallKey) -> Result<String, Error> {
    let Some(sealed) = sealed else { return Ok(String::new()) };
    Ok(String::from_utf8_lossy(&key.open(purpose, sealed)?).into_owned())
}
