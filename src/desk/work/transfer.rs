//! Passing a caller on: the operator says where to and why, and hangs up; the caller comes back to the queue.
//!
//! Only the wish is written here. The queue acts on it when the talk ends.

use super::contact::text;
use super::{Error, LONGEST_NOTE, Work, Worker};
use crate::call::Timestamp;
use crate::desk::audit::Deed;
use crate::store::{CallKey, Database};

/// What a note for the next operator is bound to, beside its call.
const NOTE: &[u8] = b"transfer-note";

/// Where a caller is passed on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goes {
    /// To an operator, by number.
    Operator(String),
    /// To whoever is next in a queue.
    Queue(String),
}

impl Goes {
    /// As it stands in `waiting.transfer_to`.
    fn written(&self) -> String {
        match self {
            Self::Operator(number) => format!("operator {number}"),
            Self::Queue(name) => format!("queue {name}"),
        }
    }
}

/// Says where the caller of `no` goes when the talk ends; `None` takes it back.
///
/// # Errors
/// [`Error::Over`] if they do not talk any more; [`Error::Refused`] for an operator who takes no calls now.
pub async fn transfer(
    database: &Database,
    worker: &Worker,
    no: i64,
    goes: Option<(Goes, &str)>,
    key: &CallKey,
    now: Timestamp,
) -> Result<(), Error> {
    if goes.as_ref().is_some_and(|(_, note)| note.chars().count() > LONGEST_NOTE) {
        return Err(Error::Refused("too-long"));
    }
    let call = Work::talking(database, worker.no, no).await?.call;
    let target = match &goes {
        Some((Goes::Operator(number), _)) => Some(number.clone()),
        Some((Goes::Queue(_), _)) | None => None,
    };
    let to = goes.as_ref().map(|(goes, _)| goes.written());
    let note = goes.and_then(|(_, note)| (!note.is_empty()).then(|| key.seal(NOTE, note.as_bytes())));
    let (operator, who) = (worker.no, worker.who.clone());
    let done = database.write(move |connection| {
        Box::pin(async move {
            if let Some(number) = target {
                let free = "SELECT 1 FROM operators o JOIN presence p ON p.operator = o.no WHERE o.number = ? AND o.no <> ? \
                     AND o.disabled_at IS NULL AND p.state NOT IN ('offline', 'away') AND p.seen_until > ?";
                let free = sqlx::query(free).bind(number).bind(operator).bind(now.as_millis());
                if free.fetch_optional(&mut *connection).await?.is_none() {
                    return Ok(Err(Error::Refused("not-free")));
                }
            }
            let update = "UPDATE waiting SET transfer_to = ?, transfer_note = ? WHERE no = ? AND state = 'talking' \
                 AND EXISTS (SELECT 1 FROM presence p WHERE p.operator = ? AND p.waiting = waiting.no AND p.state = 'talking')";
            let written = sqlx::query(update).bind(&to).bind(note).bind(no).bind(operator);
            if written.execute(&mut *connection).await?.rows_affected() == 0 {
                return Ok(Err(Error::Over));
            }
            let action = if to.is_some() { "transferred" } else { "transfer-taken-back" };
            let deed = Deed { call: Some(call), ..Deed::new(who, action, to.unwrap_or_default()) };
            deed.write(connection, now).await?;
            Ok(Ok(()))
        })
    });
    done.await?
}

/// What the operator before wrote for whoever is next.
///
/// # Errors
/// [`Error::Sealed`] under another call's key.
pub fn transfer_note(work: &Work, key: &CallKey) -> Result<String, Error> {
    // Who passes the caller on has written it themselves.
    let own = work.transfer_to.is_some();
    text(work.transfer_note.as_deref().filter(|_| !own), NOTE, key)
}
