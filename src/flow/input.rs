//! What reaches the engine.

use serde::{Deserialize, Serialize};

use super::SecretEntry;
use crate::call::{DialOutcome, Keys, Leg, RecordOutcome, ValueRecord};

/// One thing that happened to a call. Silence, a hang-up and a late lookup are inputs of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// The call has arrived and can be spoken to.
    Arrived,
    Pressed(Keys),
    /// A secret was keyed; the keys themselves stayed at the door.
    Entered(SecretEntry),
    Silent,
    /// The caller's leg asks for the next document: a filler has been heard.
    Continued,
    LookupDone {
        outcome: String,
        values: ValueRecord,
    },
    /// The lookup has not answered within this request.
    LookupLate,
    DialEnded {
        outcome: DialOutcome,
        talk_s: Option<u32>,
    },
    /// Somebody picked up leg `leg`.
    PeerAnswered {
        leg: Leg,
    },
    PeerPressed {
        leg: Leg,
        keys: Keys,
    },
    PeerSilent {
        leg: Leg,
    },
    /// A recording is over. Of what was said only its name comes here.
    RecordEnded {
        outcome: RecordOutcome,
        /// What the recording is known by; it cannot be guessed.
        name: String,
        seconds: u32,
    },
    HungUp,
    /// Nothing has come from the provider for too long.
    Lost,
}
