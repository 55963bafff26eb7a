//! What a provider tells us, in our words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Keys, PhoneNumber};

/// The kind of event that a URL of ours is for. It comes from our own path, never from parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A call arrives: `/voice/<profile>`.
    Arrive,
    /// Keys were pressed in a listen.
    Keys,
    /// A listen ended in silence.
    Silent,
    /// A document ended in a go-to.
    Next,
    /// A dial ended.
    Dialled,
    /// Somebody picked up a dialled leg.
    Whisper,
    /// A recording ended.
    Recorded,
    /// A recording can be fetched.
    File,
    /// The recording of a talk can be fetched.
    Talk,
    /// A call's state changed, or it ended.
    Status,
    /// A step failed at the provider.
    Fallback,
}

impl Kind {
    /// Every kind with its word in the path. Arrivals have none.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Keys, "keys"),
        (Self::Silent, "silent"),
        (Self::Next, "next"),
        (Self::Dialled, "dialled"),
        (Self::Whisper, "whisper"),
        (Self::Recorded, "recorded"),
        (Self::File, "file"),
        (Self::Talk, "talk"),
        (Self::Status, "status"),
        (Self::Fallback, "fallback"),
    ];

    /// The kind with this word in its path.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(kind, _)| *kind)
    }

    /// Its word in the path; empty for an arrival.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// One request of a provider, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallEvent {
    /// The provider's own id of the leg that this is about.
    pub leg: String,
    /// The id of the caller's leg, where `leg` is one that was dialled for it.
    pub parent: Option<String>,
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    Arrived(Arrival),
    Pressed(Keys),
    Silent,
    /// The caller's leg asks for the next document, without news.
    Continued,
    DialEnded {
        outcome: DialOutcome,
        /// How long they talked, if it was told.
        talk_s: Option<u32>,
        /// The provider's own word.
        verbatim: String,
    },
    /// Somebody picked up a dialled leg and can be spoken to.
    PeerAnswered,
    Recorded(Recording),
    FileReady(Recording),
    /// The talk of a dial was recorded, or could not be.
    TalkReady(Recording),
    CallEnded {
        /// The provider's own word.
        verbatim: String,
        seconds: Option<u32>,
    },
    /// A step failed at the provider; `failed` is the URL of ours that it was for, if it was told.
    Faulted {
        code: String,
        failed: Option<String>,
    },
    /// Ringing, answered and the like: for the log only.
    Progress {
        verbatim: String,
    },
}

/// A call that arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// `None` if the caller withholds the number.
    pub caller: Option<PhoneNumber>,
    pub called: PhoneNumber,
    pub forwarded_from: Option<PhoneNumber>,
    /// It comes from a simulated phone: it is in no report and at no desk, unless somebody asks for such calls.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// How a dial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialOutcome {
    Talked,
    Busy,
    NoAnswer,
    /// Whoever picked up did not take the call.
    Declined,
    Failed,
    /// The caller hung up first.
    Abandoned,
}

impl DialOutcome {
    /// Every outcome, in the order of the comparison table.
    pub const ALL: &'static [Self] =
        &[Self::Talked, Self::Busy, Self::NoAnswer, Self::Declined, Self::Failed, Self::Abandoned];

    /// The word in flow files, logs and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Talked => "talked",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }
}

/// How a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordOutcome {
    /// Somebody was heard.
    Recorded,
    /// Nobody was.
    Empty,
    /// The provider could not record, or tells of a recording that cannot be had.
    Failed,
}

impl RecordOutcome {
    pub const ALL: &'static [Self] = &[Self::Recorded, Self::Empty, Self::Failed];

    /// The word in flow files and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Empty => "empty",
            Self::Failed => "failed",
        }
    }
}

/// What a recording is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecordingKind {
    /// For whoever works here: they call back.
    Message,
    /// What a complaint or a report is about.
    Statement,
    /// Why the service was rated so.
    Reason,
}

impl RecordingKind {
    /// The word in flow files and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Statement => "statement",
            Self::Reason => "reason",
        }
    }
}

/// A recording as the provider tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recording {
    /// It can be fetched there. `hung_up`: it ended because the caller hung up, as far as that is told with it.
    Made { url: String, seconds: u32, hung_up: bool },
    /// Nobody was heard.
    Nothing,
    /// It could not be made, or what was made is lost.
    Failed,
}
