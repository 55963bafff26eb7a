//! Where a call stands: everything that the engine must know at the next input, and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::LookupRequest;
use super::node::Queued;
use crate::call::{EndCause, Language, Leg, Name, NodeId, Spoken, Timestamp, Value};

/// The state of one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub language: Language,
    pub started_at: Timestamp,
    pub stage: Stage,
    pub verification: Verification,
    /// Somebody has been verified in this call, whatever has become of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) once_verified: bool,
    /// When an initial PIN was right: setting a new one verifies the call, counted from then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) initial_at: Option<Timestamp>,
    /// Sub-flows that have been called and not left, outermost first.
    pub(super) frames: Vec<Frame>,
    /// The menus and collects that `*` can go back to, oldest first.
    pub(super) path: Vec<Stop>,
    pub(super) values: BTreeMap<String, Held>,
    /// Said, but not heard yet: it goes out with the next listen.
    pub(super) pending: Vec<Spoken>,
    /// To be said as plain prompts, before anything else: a notice that was not heard whole.
    pub(super) plain: Vec<Spoken>,
    /// Everything said since the last key that moved the call, retries left out.
    pub(super) said: Vec<Spoken>,
    pub(super) silences: u32,
    pub(super) lookups: u32,
    pub(super) dials: u16,
    /// The caller hung up while they were recorded: what was said is still on its way, and the flow goes on with it for as
    /// long as it says and asks nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) hung_up: bool,
    /// What the call is about: the last word of the set `topic` that it came by.
    pub(super) topic: Option<String>,
    /// What a caller who waits for an operator has been told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) queue: Option<Queued>,
}

/// What the call is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It has not been answered.
    New,
    /// A document listens for keys.
    Waiting {
        node: NodeId,
        /// How often the caller was silent or wrong here.
        attempt: u8,
        /// The document said more than the node's own prompt.
        said_more: bool,
        /// Where a list is being browsed.
        at: usize,
    },
    /// A lookup is under way.
    Asking {
        node: NodeId,
        request: LookupRequest,
        since: Timestamp,
    },
    /// Somebody is being rung, or talked to.
    Dialling {
        node: NodeId,
        leg: Leg,
        answered: bool,
        accepted: bool,
    },
    /// The caller is recorded.
    Recording {
        node: NodeId,
    },
    Ended {
        cause: EndCause,
        at: Timestamp,
    },
}

/// Whether this call has proved whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verification {
    Open,
    Verified {
        until: Timestamp,
    },
    /// Three wrong tries: account queries are closed for this call.
    Closed,
}

impl Verification {
    /// The words of the set `verification`.
    pub const WORDS: &'static [&'static str] = &["open", "verified", "closed"];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Verified { .. } => "verified",
            Self::Closed => "closed",
        }
    }
}

/// A sub-flow that was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frame {
    pub(super) flow: Name,
    /// The node that called it and names the way on for each exit.
    pub(super) caller: NodeId,
    /// How long the path was then: the stops of a finished sub-flow are none.
    pub(super) path: usize,
}

/// A menu or collect on the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stop {
    pub(super) node: NodeId,
    /// How many sub-flows were open there.
    pub(super) depth: usize,
    /// Somebody had been verified when the call first came here.
    #[serde(rename = "v", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) verified: bool,
}

/// A value that the call holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Held {
    #[serde(rename = "v")]
    pub(super) value: Value,
    /// It was read under a subject and ends with it.
    #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) personal: bool,
}

impl Session {
    /// A call that has just arrived.
    #[must_use]
    pub fn new(language: Language, now: Timestamp) -> Self {
        Self {
            language,
            started_at: now,
            stage: Stage::New,
            verification: Verification::Open,
            once_verified: false,
            initial_at: None,
            frames: Vec::new(),
            path: Vec::new(),
            values: BTreeMap::new(),
            pending: Vec::new(),
            plain: Vec::new(),
            said: Vec::new(),
            silences: 0,
            lookups: 0,
            dials: 0,
            hung_up: false,
            topic: None,
            queue: None,
        }
    }

    /// For whoever compares sessions: a wait in a queue is the same however long it has lasted.
    #[must_use]
    pub fn with_blurred_wait(mut self) -> Self {
        if let Some(queued) = &mut self.queue {
            queued.blur();
        }
        // It counts on with every operator who does not answer.
        if let Stage::Asking { request, .. } = &mut self.stage
            && let Some(dials) = request.arguments.get_mut("dials")
        {
            *dials = Value::Number(1);
        }
        self
    }

    /// The node that the call stands at, for logs and pictures.
    #[must_use]
    pub const fn node(&self) -> Option<&NodeId> {
        match &self.stage {
            Stage::Waiting { node, .. }
            | Stage::Asking { node, .. }
            | Stage::Dialling { node, .. }
            | Stage::Recording { node } => Some(node),
            Stage::New | Stage::Ended { .. } => None,
        }
    }

    /// The cause of the end, if the call is over.
    #[must_use]
    pub const fn ended(&self) -> Option<EndCause> {
        match &self.stage {
            Stage::Ended { cause, .. } => Some(*cause),
            Stage::New
            | Stage::Waiting { .. }
            | Stage::Asking { .. }
            | Stage::Dialling { .. }
            | Stage::Recording { .. } => None,
        }
    }

    /// The caller hears a piece of their wait for an operator: it may be cut short at any time.
    #[must_use]
    pub fn waits_in_queue(&self) -> bool {
        let (Stage::Waiting { node, .. }, Some(queued)) = (&self.stage, &self.queue) else { return false };
        queued.node == *node
    }

    /// What the call is about, if it came by a topic.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    /// The caller has hung up; the call goes on with what they said last.
    #[must_use]
    pub const fn has_hung_up(&self) -> bool {
        self.hung_up
    }

    /// The caller has hung up, and what they said into a recording is still to come.
    #[must_use]
    pub const fn awaits_recording(&self) -> bool {
        self.hung_up && matches!(self.stage, Stage::Recording { .. })
    }

    /// The leg that is being rung or talked to.
    #[must_use]
    pub const fn peer(&self) -> Option<Leg> {
        match &self.stage {
            Stage::Dialling { leg, .. } => Some(*leg),
            Stage::New
            | Stage::Waiting { .. }
            | Stage::Asking { .. }
            | Stage::Recording { .. }
            | Stage::Ended { .. } => None,
        }
    }

    /// Drops every value that was read under a subject, said or held. Whether there was any.
    pub(super) fn forget_personal(&mut self) -> bool {
        let count =
            |session: &Self| session.values.len() + session.said.len() + session.pending.len() + session.plain.len();
        let before = count(self);
        self.values.retain(|_, held| !held.personal);
        for spoken in [&mut self.said, &mut self.pending, &mut self.plain] {
            spoken.retain(|spoken| !spoken.personal);
        }
        before != count(self)
    }

    /// The value at `path`, and whether it is personal.
    pub(super) fn value(&self, path: &str) -> Option<(Value, bool)> {
        let word = |text: &str| Some((Value::Word(text.to_owned()), false));
        match path {
            "verification" => return word(self.verification.word()),
            "topic" => return word(self.topic.as_deref()?),
            "language" => return word(self.language.as_str()),
            _ => {}
        }
        let (root, rest) = path.split_once('.').map_or((path, None), |(root, rest)| (root, Some(rest)));
        let held = self.values.get(root)?;
        match (rest, &held.value) {
            (None, value) => Some((value.clone(), held.personal)),
            (Some(rest), Value::Record(record)) => Value::at(record, rest).map(|value| (value.clone(), held.personal)),
            (Some(_), _) => None,
        }
    }
}
