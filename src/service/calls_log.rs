//! Calls that are over, one after the other, with what happened in them.

use super::{LogError, read_log};
use crate::call::{CallId, EndCause, Leg, Timestamp};
use crate::flow::Event;
use crate::store::{self, Archive, CallKey, DataKey, FinishedCall};

/// A call that is over.
#[derive(Debug)]
pub struct PastCall {
    pub call: CallId,
    pub simulated: bool,
    pub started_at: Timestamp,
    pub ended: (EndCause, Timestamp),
    /// In the order in which they happened, on all legs.
    pub turns: Vec<PastTurn>,
}

/// A turn of it.
#[derive(Debug)]
pub struct PastTurn {
    pub leg: Leg,
    pub turn: u32,
    pub at: Timestamp,
    pub events: Vec<Event>,
}

/// Why past calls cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PastCallsError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Which calls.
#[derive(Clone, Copy, Debug)]
pub struct Which<'a> {
    pub line: &'a str,
    pub version: &'a str,
    /// Those that began then or later.
    pub since: Timestamp,
}

/// Shows each finished call to `look`, the newest first, one in memory at a time. Says how many could not be read
/// because another version of this program wrote their logs.
///
/// # Errors
/// [`PastCallsError::Log`] if the data key is not the one that this database was made with.
pub async fn past_calls(
    archive: &Archive,
    key: &DataKey,
    which: Which<'_>,
    mut look: impl FnMut(PastCall),
) -> Result<u64, PastCallsError> {
    let mut unreadable = 0;
    let mut before = None;
    loop {
        let page = archive.finished(which.since, before).await?;
        for call in page.calls {
            if call.line != which.line || call.version != which.version {
                continue;
            }
            match past_call(archive, key, call).await {
                Ok(call) => look(call),
                Err(PastCallsError::Log(LogError::Unknown(_))) => unreadable += 1,
                Err(error) => return Err(error),
            }
        }
        before = page.before;
        if before.is_none() {
            return Ok(unreadable);
        }
    }
}

async fn past_call(archive: &Archive, key: &DataKey, call: FinishedCall) -> Result<PastCall, PastCallsError> {
    let key = CallKey::unwrap(key, call.call, &call.key).map_err(LogError::Sealed)?;
    let turns = archive.log(call.call).await?.into_iter().map(|turn| {
        let events = read_log(&key, &turn.log)?;
        Ok(PastTurn { leg: turn.leg, turn: turn.turn, at: turn.at, events })
    });
    let turns = turns.collect::<Result<_, LogError>>()?;
    let FinishedCall { call, simulated, started_at, ended, .. } = call;
    Ok(PastCall { call, simulated, started_at, ended, turns })
}
