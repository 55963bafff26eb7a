//! A turn as it is stored, and a call as it comes back: sealed bytes and plain facts, no SQL.

use async_trait::async_trait;

use super::{Effect, Error};
use crate::call::{CallId, EndCause, Leg, Timestamp};

/// What keeps calls: whole turns in, whole calls out.
#[async_trait]
pub trait Store: Send + Sync {
    /// The call as last committed; `None` if there is no such call, or its key was deleted.
    async fn load(&self, call: CallId) -> Result<Option<StoredCall>, Error>;

    /// Writes one turn, whole or not at all: turn number checked per leg, session, document, events, effects.
    ///
    /// # Errors
    /// [`Error::UnknownCall`] for a turn without an opening of a call that is not there, [`Error::NoSuchRow`] for
    /// an effect on nothing; else trouble of the database. Nothing of the turn is written then.
    async fn commit(&self, turn: Turn) -> Result<Committed, Error>;

    /// The events of one turn, sealed; `None` if there is no such turn, or its call was forgotten.
    async fn turn_log(&self, call: CallId, leg: Leg, turn: u32) -> Result<Option<Vec<u8>>, Error>;

    /// Calls in progress whose `wake_at` has passed, the longest due first; at most `limit`.
    async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<CallId>, Error>;
}

/// Everything that one turn leaves behind.
#[derive(Clone, Debug)]
pub struct Turn {
    pub call: CallId,
    pub leg: Leg,
    /// From 1 in each leg, without gaps.
    pub turn: u32,
    pub at: Timestamp,
    /// With the first turn of the caller's leg, and with no other.
    pub opening: Option<Opening>,
    /// The sealed session; `None` leaves it as it is.
    pub session: Option<Vec<u8>>,
    /// The leg's current document, sealed.
    pub document: Vec<u8>,
    /// The events of the turn, sealed.
    pub log: Vec<u8>,
    /// The node that the turn ended at.
    pub node: Option<String>,
    /// When the call is overdue if nothing more comes. From an operator's leg it can make it later, never sooner:
    /// the caller's leg may be in a long dial.
    pub wake_at: Timestamp,
    /// The turn ended its leg; the caller's leg ends the call. The first cause stands.
    pub ended: Option<EndCause>,
    pub effects: Vec<Effect>,
}

/// What is known of a call when it begins, and never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub line: String,
    pub version: String,
    pub profile: String,
    pub simulated: bool,
    /// The call's key, wrapped by the data key.
    pub key: Vec<u8>,
}

/// What became of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    Written,
    /// Nothing was written: the leg is not at the turn before this one. Another turn with the number was first.
    Superseded,
}

/// A call as it was last committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCall {
    pub line: String,
    pub version: String,
    pub profile: String,
    pub simulated: bool,
    /// The call's key, wrapped by the data key.
    pub key: Vec<u8>,
    /// The caller's leg first, then those of operators by number.
    pub legs: Vec<StoredLeg>,
    /// Sealed; empty once the call is tidied away.
    pub session: Vec<u8>,
    pub started_at: Timestamp,
    /// When the last turn will have been heard, and a minute more.
    pub wake_at: Timestamp,
    pub ended: Option<(EndCause, Timestamp)>,
}

/// One leg of a stored call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLeg {
    pub leg: Leg,
    /// The number of its last turn.
    pub turn: u32,
    /// Sealed; empty once the call is tidied away.
    pub document: Vec<u8>,
    pub ended: Option<(EndCause, Timestamp)>,
}

/// One row of a call's event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedTurn {
    pub leg: Leg,
    pub turn: u32,
    pub at: Timestamp,
    pub node: Option<String>,
    /// Sealed.
    pub log: Vec<u8>,
}
