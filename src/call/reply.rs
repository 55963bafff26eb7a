//! The neutral reply: prompts, then exactly one ending. No provider's words.
//!
//! `P` is what is said: [`Spoken`] (a prompt by id with its values) as the engine decides it, [`Sentence`] (text
//! and audio in a language) as a dialect writes it. Both phones and dialects act on the same shape.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Language, Name, PhoneNumber, PromptId, ValueRecord};

/// All that one turn says and does. `prompts` are said first and cannot be interrupted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply<P = Spoken> {
    pub prompts: Vec<P>,
    pub ending: Ending<P>,
}

/// Where the call goes; nothing may follow it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ending<P = Spoken> {
    /// Says prompts that any key stops and waits for keys; silence comes back as an event of its own.
    Listen(Listen<P>),
    /// Rings somebody and joins them to the caller.
    Dial(Dial<P>),
    /// Records what the caller says.
    Record(Record),
    /// Comes back at once for the next document: a lookup is still under way.
    GoTo,
    /// On an operator's leg: joins it to the caller's.
    Join,
    HangUp(EndCause),
    /// Refuses a call that nobody has answered yet; legal only as the first reply and without prompts.
    Refuse(Refusal),
}

/// How long and for what to listen. Both timers are the flow's own; a dialect clamps them to its provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listen<P = Spoken> {
    /// Said while listening; any key stops them.
    pub prompts: Vec<P>,
    pub keys: KeyPlan,
    /// From the end of the prompts to the first key; 1 to 600 s.
    pub first_key: Duration,
    /// From key to key; 1 to 600 s.
    pub between_keys: Duration,
    /// What is keyed is a secret: providers that can keep it out of their logs are told to.
    pub secret: bool,
}

/// How many keys are taken. There are these two forms only (design section 4): providers with one timer cannot
/// tell an end by length from a caller's `#`, which would leak into the next question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyPlan {
    /// One key, taken at once; `*` and `#` are keys like others.
    One,
    /// Any number of keys up to `#` (which is not reported) or the larger of the two timers.
    UntilPound,
}

/// A call to somebody else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dial<P = Spoken> {
    /// The name by which flows know the target; configuration gives the numbers.
    pub target: Name,
    /// Filled in by `service` from the configuration; all ring at once.
    pub numbers: Vec<PhoneNumber>,
    /// How long it may ring; 5 to 600 s.
    pub ring: Duration,
    /// The longest talk.
    pub limit: Duration,
    pub whisper: Option<Whisper<P>>,
    /// The talk is recorded, and the caller has been told so. Providers that cannot record talks are never asked to.
    pub recorded: bool,
}

/// Said to whoever picks up, before the caller can hear them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Whisper<P = Spoken> {
    pub prompts: Vec<P>,
    /// The key that takes the call; anything else, or nothing, declines it.
    pub accept: char,
}

/// A recording of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub beep: bool,
    /// At most 3,600 s.
    pub longest: Duration,
    /// Silence that ends it.
    pub silence: Duration,
}

/// Why a call ended. The first cause stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndCause {
    /// The flow came to its end.
    Finished,
    CallerHungUp,
    /// The operator's leg was joined, or declined the call; only on an operator's leg.
    HandedOver,
    /// The line admits no more calls.
    Refused,
    /// The longest call was reached.
    TooLong,
    /// Nothing came from the provider for longer than the prompt and its timers last.
    Lost,
    /// A fuse of the engine, a missing prompt or a panic.
    OurFault,
    /// The provider reported a failure of its own.
    ProviderFault,
    /// The caller was told something and the line hung up: an unknown or ended call.
    Unknown,
}

impl EndCause {
    /// The word in logs and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::CallerHungUp => "caller-hung-up",
            Self::HandedOver => "handed-over",
            Self::Refused => "refused",
            Self::TooLong => "too-long",
            Self::Lost => "lost",
            Self::OurFault => "our-fault",
            Self::ProviderFault => "provider-fault",
            Self::Unknown => "unknown",
        }
    }
}

/// How a call is refused before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The caller hears the busy tone.
    Busy,
    Rejected,
}

/// A prompt of the catalogue, to be said in `language` with these values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    #[serde(rename = "p")]
    pub prompt: PromptId,
    #[serde(rename = "l")]
    pub language: Language,
    #[serde(rename = "v", default, skip_serializing_if = "ValueRecord::is_empty")]
    pub values: ValueRecord,
    /// A value in it was read under a subject and ends with it.
    #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
    pub personal: bool,
    /// Figures are said slowly, for a caller who could not follow.
    #[serde(rename = "w", default, skip_serializing_if = "std::ops::Not::not")]
    pub slow: bool,
}

/// One prompt as it goes out: one language, in pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Which prompt it is; `None` where only its text is known.
    pub prompt: Option<PromptId>,
    pub language: Language,
    pub segments: Vec<Segment>,
}

/// A piece of a sentence.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Segment {
    /// Fully written out: no digit is left to misread.
    Text(String),
    /// An audio file of ours, by absolute URL.
    Audio {
        url: String,
    },
    Silence(Duration),
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "text of {} characters", text.chars().count()),
            Self::Audio { .. } => f.write_str("audio"),
            Self::Silence(length) => write!(f, "silence of {length:?}"),
        }
    }
}

impl<P> Reply<P> {
    /// Turns everything that is said into something else, in order.
    ///
    /// # Errors
    /// The first error of `say`.
    pub fn try_map<Q, E>(self, mut say: impl FnMut(P) -> Result<Q, E>) -> Result<Reply<Q>, E> {
        let mut all = |prompts: Vec<P>| prompts.into_iter().map(&mut say).collect::<Result<Vec<Q>, E>>();
        let prompts = all(self.prompts)?;
        let ending = match self.ending {
            Ending::Listen(listen) => Ending::Listen(Listen {
                prompts: all(listen.prompts)?,
                keys: listen.keys,
                first_key: listen.first_key,
                between_keys: listen.between_keys,
                secret: listen.secret,
            }),
            Ending::Dial(dial) => {
                let whisper = match dial.whisper {
                    Some(whisper) => Some(Whisper { prompts: all(whisper.prompts)?, accept: whisper.accept }),
                    None => None,
                };
                Ending::Dial(Dial {
                    target: dial.target,
                    numbers: dial.numbers,
                    ring: dial.ring,
                    limit: dial.limit,
                    whisper,
                    recorded: dial.recorded,
                })
            }
            Ending::Record(record) => Ending::Record(record),
            Ending::GoTo => Ending::GoTo,
            Ending::Join => Ending::Join,
            Ending::HangUp(cause) => Ending::HangUp(cause),
            Ending::Refuse(refusal) => Ending::Refuse(refusal),
        };
        Ok(Reply { prompts, ending })
    }
}
