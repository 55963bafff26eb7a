//! The calls in progress that this process has at hand: one turn at a time each, and the state as last committed,
//! so that a turn reads nothing. The store is the truth; a slot may be dropped at any time.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{Answered, Candidate};
use crate::call::{Arrival, CallId, Leg, Spoken, Timestamp};
use crate::dialect::Document;
use crate::flow::{Loaded, Session, Tally};
use crate::store::CallKey;

const SHARDS: usize = 16;
/// How many calls a shard keeps before it drops those that nobody is asking about.
const MOST_IN_SHARD: usize = 8_192;

/// One call: whoever holds the lock makes its next turn.
#[derive(Default)]
pub(super) struct Slot {
    /// As last committed; `None` if it must be read from the store.
    pub(super) live: Option<Live>,
    /// A lookup that is under way.
    pub(super) asking: Option<Asking>,
}

/// The state of a call.
pub(super) struct Live {
    pub(super) loaded: Arc<Loaded>,
    pub(super) key: CallKey,
    pub(super) kept: Kept,
    pub(super) legs: BTreeMap<Leg, Current>,
    /// When it counts as lost, as far as this process knows.
    pub(super) wake_at: Timestamp,
}

/// What is written of a call with every turn, encrypted.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) session: Session,
    pub(super) arrival: Arrival,
    /// The provider's own id of the caller's leg.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) leg: String,
    /// A new PIN that has been keyed once, as a hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) candidate: Option<Candidate>,
    /// The question that was asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<Asked>,
    /// The texts that the caller is sent: each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) texts: Vec<String>,
    /// What is counted of it when it has ended.
    #[serde(default)]
    pub(super) tally: Tally,
}

/// A question of a call: its number there, and the turn that asked it first.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) number: u32,
    pub(super) turn: u32,
}

/// Where a leg stands.
pub(super) struct Current {
    pub(super) turn: u32,
    pub(super) document: Document,
    /// What it says, in its order; nothing if it was read from the store.
    pub(super) said: Vec<Spoken>,
}

/// A lookup that has not answered.
pub(super) struct Asking {
    pub(super) asked: Asked,
    pub(super) answer: oneshot::Receiver<Answered>,
}

type Shared = Arc<tokio::sync::Mutex<Slot>>;

/// All slots, in shards.
pub(super) struct Calls {
    shards: [Mutex<HashMap<CallId, Shared>>; SHARDS],
}

impl Default for Calls {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Calls {
    /// The slot of a call, made if there is none.
    pub(super) fn slot(&self, call: CallId) -> Shared {
        let mut shard = self.shard(call).lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= MOST_IN_SHARD {
            shard.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(shard.entry(call).or_default())
    }

    /// The slot of a call, if there is one.
    pub(super) fn find(&self, call: CallId) -> Option<Shared> {
        self.shard(call).lock().unwrap_or_else(PoisonError::into_inner).get(&call).cloned()
    }

    /// Forgets a call that is over.
    pub(super) fn forget(&self, call: CallId) {
        self.shard(call).lock().unwrap_or_else(PoisonError::into_inner).remove(&call);
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn shard(&self, call: CallId) -> &Mutex<HashMap<CallId, Shared>> {
        let [first, ..] = call.as_bytes();
        let index = usize::from(*first) % SHARDS;
        self.shards.get(index).unwrap_or(&self.shards[0])
    }
}
