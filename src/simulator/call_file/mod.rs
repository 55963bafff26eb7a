//! `.call` files: a call told line by line, as an author writes it and as the player plays it.
//!
//! The grammar is in `docs/flows.md`, "Calls as tests". Whether the prompts and lookups that a file names
//! exist is *not* checked here; a call that names another prompt than it hears fails when it is played.

mod read;
#[cfg(test)]
mod tests;
mod words;
pub(super) mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::civil::{DateTime, Time};

use super::said::Medium;
use crate::call::{DialOutcome, EndCause, Keys, Language, Name, PhoneNumber, PromptId};

pub use read::read;
pub use write::{with_lines, write};

/// A call, as told.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// The path of its file, for messages.
    pub file: String,
    /// The comment lines before the first line: what the call shows.
    pub comment: String,
    /// The line that is called.
    pub line: Name,
    /// When the first call arrives, in the line's own time.
    pub at: DateTime,
    pub from: Caller,
    /// The only language in which it is played; `None` for every language of the line.
    pub language: Option<Language>,
    /// Each with the number of its line in the file, from 1.
    pub steps: Vec<(u32, Step)>,
}

/// Who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Any number will do.
    #[default]
    Anybody,
    Withheld,
    Number(PhoneNumber),
}

/// One line of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Sets(Setting),
    Does(Action),
    Expects(Expectation),
}

/// How the world around the call is from here on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    Lookup {
        name: Name,
        does: LookupDoes,
    },
    Switch(Switch),
    DatabaseDown(bool),
    /// So much time passes, after a call.
    Later(Duration),
}

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Presses(Keys),
    /// Presses the key of the language that the call is played in.
    ChoosesLanguage,
    /// Says and presses nothing until the listen ends.
    WaitsSilent,
    /// Until the next document comes by itself.
    Waits,
    /// Speaks for so long into a recording, from the beep on.
    Speaks(Duration),
    /// The provider cannot record, whatever is spoken.
    RecordingFails,
    HangsUp,
    CallsAgain,
    OperatorAnswers,
    OperatorPresses(Keys),
    OperatorWaits,
    /// `talk`: how long they talked, if they did.
    DialEnds {
        outcome: DialOutcome,
        talk: Option<Duration>,
    },
}

/// What has to be so by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Exactly these prompts have been heard since the caller's last action.
    Hears(Vec<Expected>),
    /// The same word for word, checked when the call is played in this language.
    Says {
        language: Language,
        text: String,
    },
    OperatorHears(Vec<Expected>),
    /// The reply rings this target.
    Dials(Name),
    Ends(EndCause),
}

/// A prompt that has to be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub prompt: PromptId,
    /// From clips or as text; `None` if either will do. Where the service's clips are off, either does.
    pub medium: Option<Medium>,
}

/// What a lookup does from here on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LookupDoes {
    /// Answers as usual.
    #[default]
    Works,
    /// Ends so, with these numbers as its values.
    Answers(String, BTreeMap<String, i64>),
    /// Answers as usual, but so late.
    Takes(Duration),
    Fails,
}

impl LookupDoes {
    /// What a lookup does as long as a script says nothing about it. A call that is told line by line is in no sample:
    /// it would not end the same every time.
    pub(super) fn unless_told(lookup: &Name) -> Self {
        if lookup.as_str() == "survey-due" {
            return Self::Answers("not-due".to_owned(), BTreeMap::new());
        }
        Self::Works
    }
}

/// A supervisor's switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    ClosedToday(bool),
    DirectToOperator(bool),
    /// Until when, if it is on.
    Maintenance(Option<Time>),
    /// A text for each language of the line, in its order; `None` takes it down.
    Bulletin(Option<Vec<String>>),
    /// No operator has a number that could be rung.
    Nobody(bool),
}

/// A line that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    /// From 1.
    pub line: u32,
    /// What is wrong, with the form that was expected; lower case, no full stop.
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// Every line that can be written, as messages and help show it.
pub const FORMS: &[&str] = &[
    "line 12333 at 2026-03-31 10:00 [from +8612012345678 | from withheld] [in zh-CN]",
    "member 000101198503121233",
    "hears main.menu [another.prompt ...] | clip main.menu | text entry.emergency",
    "says zh-CN \"...\" | says 12s",
    "presses 1",
    "chooses language",
    "waits [silent]",
    "recording fails",
    "hangs up",
    "lookup NAME answers OUTCOME [VALUE NUMBER] ... | takes 5s | fails | works",
    "switch closed-today on | direct-to-operator on | nobody on | maintenance until 14:30 | bulletin \"...\" \"...\" (or off)",
    "database down | works",
    "dials operators",
    "operator answers | hears op.whisper | presses 1 | waits",
    "dial ends busy | no-answer | declined | failed | abandoned | talked 60s",
    "ends finished",
    "later 24h",
    "calls again",
];
