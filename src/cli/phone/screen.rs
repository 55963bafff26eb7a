//! What a call looks like: a line for each event with the time since it began, or a line of JSON.

use std::io::{self, Write as _};
use std::time::Duration;

use serde::Serialize;

use super::event::{Event, Taken, Who};

/// Standard output.
pub(super) struct Screen {
    pub(super) is_json: bool,
    /// Somebody watches: timers run.
    pub(super) has_timers: bool,
    /// Pieces of a script are typed, not single keys.
    pub(super) is_paced: bool,
    /// Keys that have been pressed one after the other, after whose they are.
    keys: String,
    /// The last line, if it is one that goes when there is another.
    passing: Option<String>,
}

/// A line of JSON.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Line<'a> {
    at_ms: u128,
    #[serde(flatten)]
    event: &'a Event,
}

impl Screen {
    pub(super) const fn new(is_json: bool, has_timers: bool, is_paced: bool) -> Self {
        Self { is_json, has_timers, is_paced, keys: String::new(), passing: None }
    }

    /// Shows an event, so long after the call began.
    pub(super) fn event(&mut self, at: Duration, event: &Event) {
        if self.is_json {
            let line = serde_json::to_string(&Line { at_ms: at.as_millis(), event });
            let _ = writeln!(io::stdout(), "{}", line.unwrap_or_default());
            return;
        }
        match event {
            // Keys that follow one another stand in one line.
            Event::Key { who, key, lost: false } => {
                if self.keys.is_empty() {
                    self.keys.extend([who.before(), "> "]);
                }
                self.keys.push(*key);
            }
            // It stands in the line that passes.
            Event::Listens { .. } if self.has_timers => self.shows_keys(at),
            Event::Calls { .. }
            | Event::Says { .. }
            | Event::Listens { .. }
            | Event::Key { .. }
            | Event::Records { .. }
            | Event::Rings { .. }
            | Event::Answers
            | Event::Talks
            | Event::Apart { .. }
            | Event::Trouble { .. }
            | Event::Ended { .. } => {
                self.shows_keys(at);
                self.line(at, &self.text(event));
            }
        }
    }

    /// Shows what is waited for, in a line that goes when there is another.
    pub(super) fn waits(&mut self, text: Option<String>) {
        let Some(text) = text.filter(|_| self.has_timers && !self.is_json) else { return };
        let text = format!("{text}  {}", self.keys);
        if self.passing.as_ref() != Some(&text) {
            let _ = write!(io::stdout(), "\r\x1b[K       {text}");
            let _ = io::stdout().flush();
            self.passing = Some(text);
        }
    }

    /// A document has come: keys before it have done their work.
    pub(super) fn shows_keys(&mut self, at: Duration) {
        if !self.keys.is_empty() {
            let keys = std::mem::take(&mut self.keys);
            self.line(at, &keys);
        }
    }

    fn line(&mut self, at: Duration, text: &str) {
        let clear = if self.passing.take().is_some() { "\r\x1b[K" } else { "" };
        // Nobody need read along.
        let _ = writeln!(io::stdout(), "{clear}{:>5}  {text}", clock(at));
    }

    fn text(&self, event: &Event) -> String {
        match event {
            Event::Calls { to, from } => {
                let from = from.as_deref().unwrap_or("a withheld number");
                let keys = if self.is_paced { "" } else { "; 0-9 * # are its keys, h hangs up" };
                format!("calling {to} from {from}{keys}")
            }
            Event::Says { who, text, .. } => format!("{}{text}", who.before()),
            Event::Listens { who, keys, timer_ms } => {
                format!("{}{}", who.before(), listens(*keys, Duration::from_millis(*timer_ms)))
            }
            Event::Key { who, key, lost } => {
                let lost = if *lost { "  (lost: nothing listens)" } else { "" };
                format!("{}> {key}{lost}", who.before())
            }
            Event::Records { longest_s } => format!("[recording, at most {longest_s} s; # ends it]"),
            Event::Rings { target, ring_s } => self.rings(target.as_deref(), Duration::from_secs(*ring_s)),
            Event::Answers => "somebody answers".to_owned(),
            Event::Talks => self.talks(Duration::ZERO),
            Event::Apart { outcome, talk_s } => {
                let talk = talk_s.map_or(String::new(), |talk| format!(" for {talk} s"));
                format!("the dial is over: {}{talk}", outcome.name())
            }
            Event::Trouble { text } => format!("! {text}"),
            Event::Ended { cause, seconds } => format!("the call is over after {seconds} s: {}", cause.name()),
        }
    }

    /// What rings, and what can be done about it.
    pub(super) fn rings(&self, target: Option<&str>, left: Duration) -> String {
        let who = target.unwrap_or("somebody");
        let how = if self.is_paced {
            "answer, busy, decline or wait"
        } else {
            "type a (answer), b (busy), d (decline) or wait"
        };
        format!("[ringing {who}, {} s: {how}]", seconds(left))
    }

    /// That they talk.
    pub(super) fn talks(&self, since: Duration) -> String {
        let how = if self.is_paced { "talk 60s or hang up" } else { "type e (the operator hangs up) or h (hang up)" };
        let since = if since.is_zero() { String::new() } else { format!(", {} s", since.as_secs()) };
        format!("[talking{since}: {how}]")
    }
}

impl Who {
    const fn before(self) -> &'static str {
        match self {
            Self::Caller => "",
            Self::Operator => "operator: ",
        }
    }
}

/// What is listened for, and for how long.
pub(super) fn listens(keys: Taken, left: Duration) -> String {
    let keys = match keys {
        Taken::One => "one key",
        Taken::UntilPound => "keys and #",
    };
    format!("[{keys}, {} s]", seconds(left))
}

/// As much as a person counts: the second under way is still to come.
fn seconds(left: Duration) -> u128 {
    left.as_millis().div_ceil(1_000)
}

/// `1:05`
fn clock(at: Duration) -> String {
    format!("{}:{:02}", at.as_secs() / 60, at.as_secs() % 60)
}
