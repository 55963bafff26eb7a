//! The log of a call, read back: what reached the engine and what it did, sealed under the call's key.

use super::turn::LOG;
use crate::flow::Event;
use crate::store::{CallKey, SealError};

/// Why the log of a turn cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Sealed(#[from] SealError),
    #[error("the log of a turn was written by another version of this program")]
    Unknown(#[from] serde_json::Error),
}

/// The events of one turn, as the store keeps them.
///
/// # Errors
/// [`LogError::Sealed`] under another call's key.
pub fn read_log(key: &CallKey, log: &[u8]) -> Result<Vec<Event>, LogError> {
    Ok(serde_json::from_slice(&key.open(LOG, log)?)?)
}
