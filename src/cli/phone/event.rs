//! What is noticed of a call, in the order of time: for whoever reads along, as text or as JSON.

use serde::Serialize;

use crate::call::{DialOutcome, EndCause};

/// Something that is noticed.
#[derive(Serialize)]
#[serde(tag = "t", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(super) enum Event {
    Calls {
        to: String,
        /// None withholds it.
        from: Option<String>,
    },
    /// A sentence begins.
    Says {
        who: Who,
        prompt: Option<String>,
        language: String,
        text: String,
        /// No clip says it: the provider's own voice would.
        is_text: bool,
        ms: u64,
    },
    /// All is said, and keys are waited for, so long.
    Listens {
        who: Who,
        keys: Taken,
        timer_ms: u64,
    },
    Key {
        who: Who,
        key: char,
        /// Nothing listens.
        lost: bool,
    },
    /// The caller is recorded.
    Records {
        longest_s: u64,
    },
    /// Somebody is rung, for at most so long.
    Rings {
        target: Option<String>,
        ring_s: u64,
    },
    Answers,
    /// The two talk.
    Talks,
    /// The dial is over.
    Apart {
        outcome: DialOutcome,
        talk_s: Option<u64>,
    },
    /// What could not be done.
    Trouble {
        text: String,
    },
    Ended {
        cause: EndCause,
        seconds: u64,
    },
}

/// One end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Who {
    Caller,
    /// Whoever picks up.
    Operator,
}

/// How many keys are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Taken {
    One,
    UntilPound,
}
