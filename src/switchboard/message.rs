//! What a page and the switchboard tell each other, as JSON in text messages. Sound goes beside it in binary ones: mu-law
//! samples, 8,000 a second, both ways.
//!
//! Messages and sound come in the order in which they are heard: a [`Told::Says`] stands right before its first sample.

use serde::{Deserialize, Serialize};

use crate::call::{DialOutcome, EndCause};

/// What a page does.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "t", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Does {
    /// A caller calls `to`. `from` is the caller's number; none withholds it.
    Call {
        from: Option<String>,
        to: String,
    },
    /// A page goes on where its connection broke off, or where the server ended.
    Resume {
        ticket: String,
    },
    /// A key of a telephone, down and up.
    Key {
        key: char,
    },
    HangUp,
    /// An author watches: turns are told too. Before the call or in it.
    Watch {
        on: bool,
    },
    /// An operator takes a call that rings, or does not want it.
    Answer {
        call: String,
    },
    Decline {
        call: String,
    },
    /// An operator has the caller wait, who hears music, or goes on talking.
    Hold {
        on: bool,
    },
}

/// What a page is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "t", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Told {
    /// To be kept, and shown with [`Does::Resume`] if the connection breaks off. A later one replaces it.
    Ticket {
        ticket: String,
    },
    /// The call is there: at first, and again after it was taken up again.
    Connected,
    /// A sentence begins. Its sound follows; a text has none, and the page speaks it.
    Says {
        /// Counts the sentences of a connection, from 1.
        number: u32,
        /// Which prompt it is; none for silence and sounds that are no speech.
        prompt: Option<String>,
        language: String,
        text: String,
        is_text: bool,
        ms: u64,
    },
    /// What is still to be heard of the sentences so far is not heard any more: a key has stopped it.
    Stops,
    /// Keys are waited for, from now on: one, or as many as come before `#`.
    Listens {
        keys: KeysTold,
        timer_ms: u64,
    },
    /// A key has been pressed; `lost` where nothing listens.
    Key {
        lost: bool,
    },
    /// Somebody is rung, for at most so long. `desks` is how many can answer.
    Dials {
        ring_s: u64,
        desks: usize,
    },
    /// The two hear each other: the microphone is on from now on.
    Talks,
    /// One of them waits, and neither hears the other; or does not wait any more.
    Held {
        on: bool,
    },
    /// They do not any more.
    Apart {
        outcome: DialOutcome,
    },
    /// The microphone is recorded from now on, for at most so long.
    Records {
        longest_s: u64,
    },
    Recorded {
        seconds: u64,
    },
    /// To an author: a turn.
    Turn(Box<TurnTold>),
    /// The call is over.
    Ended {
        cause: EndCause,
        seconds: u64,
    },
    /// Something does not work; the page shows it.
    Trouble {
        what: TroubleTold,
    },
    /// To a desk: a call rings; it is answered with its name. `waits_s` is for how long it rings at most.
    Rings {
        call: String,
        waits_s: u64,
    },
    /// To a desk: a call does not ring here any more.
    Quiet {
        call: String,
    },
    /// To a desk: another page of the operator has taken its place.
    Elsewhere,
}

/// How many keys are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeysTold {
    One,
    UntilPound,
}

/// What does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleTold {
    /// The service has not answered with a document that can be acted on: the call is lost.
    NoDocument,
    /// A message of the page was not understood.
    BadMessage,
    /// That cannot be done now.
    NotNow,
    /// A number is none.
    BadNumber,
    /// The ticket is for no call that goes on.
    CallGone,
    /// There are as many phones as the switchboard can hold.
    Full,
}

/// One request and its answer, as they went over the wire, with secret keys masked, and what the line did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TurnTold {
    /// Counts the turns that were told in a call, from 1.
    pub number: u32,
    /// `caller` or `operator`.
    pub leg: &'static str,
    /// The kind of event, as in our URLs; `arrive` for an arrival.
    pub kind: &'static str,
    pub method: &'static str,
    pub url: String,
    /// Parameters as sent, decoded.
    pub parameters: Vec<(String, String)>,
    pub status: u16,
    pub document: String,
    /// From the request to its answer, audio not counted.
    pub took_us: u64,
    /// How many requests it took; one, unless the provider asked again.
    pub tries: u32,
    /// The nodes that the call went through in this turn, in order; it waits at the last.
    pub nodes: Vec<String>,
    /// What the line did, in words: inputs, lookups with their outcomes, what is said with which values. Secrets are masks.
    pub events: Vec<String>,
}

impl std::fmt::Debug for Does {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Call { .. } => "call",
            Self::Resume { .. } => "resume",
            Self::Key { .. } => "key",
            Self::HangUp => "hang up",
            Self::Watch { .. } => "watch",
            Self::Answer { .. } => "answer",
            Self::Decline { .. } => "decline",
            Self::Hold { .. } => "hold",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_as_pages_write_and_read_them() {
        for (text, does) in [
            (
                r#"{"t":"call","from":"+8612012345678","to":"12333"}"#,
                Does::Call { from: Some("+8612012345678".to_owned()), to: "12333".to_owned() },
            ),
            (r#"{"t":"call","from":null,"to":"12333"}"#, Does::Call { from: None, to: "12333".to_owned() }),
            (r##"{"t":"key","key":"#"}"##, Does::Key { key: '#' }),
            (r#"{"t":"hang-up"}"#, Does::HangUp),
        ] {
            assert_eq!(serde_json::from_str::<Does>(text).unwrap(), does, "{text}");
        }
        assert!(serde_json::from_str::<Does>(r#"{"t":"key","key":"12"}"#).is_err());
        let told = Told::Says {
            number: 1,
            prompt: Some("main.menu".to_owned()),
            language: "zh-CN".to_owned(),
            text: "您好。".to_owned(),
            is_text: false,
            ms: 1_200,
        };
        let text = r#"{"t":"says","number":1,"prompt":"main.menu","language":"zh-CN","text":"您好。","is-text":false,"ms":1200}"#;
        assert_eq!(serde_json::to_string(&told).unwrap(), text);
    }
}
