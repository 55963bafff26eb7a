//! The log of a call: what reached the engine and when, what it did, what it answered. Sealed under the call's key. With
//! it any call can be replayed, step by step.

use serde::{Deserialize, Serialize};

use super::turn::LOG;
use crate::call::{Dial, Ending, KeyPlan, Listen, Record, Reply, Timestamp};
use crate::flow::{Event, Next};
use crate::store::{CallKey, SealError};

/// One step of a turn. A turn has one, and one more for each lookup that was answered within it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedStep {
    /// The time that the engine was told; `None` in the logs of older programs.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    #[serde(rename = "e")]
    pub events: Vec<Event>,
    /// All of the neutral reply but its words, which are an event; `None` if it asked a lookup, or in older logs. Short:
    /// turns are most of what a database holds.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

impl LoggedStep {
    /// What is logged of a step that was made at `at`: its events, and what was to be done then.
    #[must_use]
    pub fn new(events: Vec<Event>, next: &Next, at: Timestamp) -> Self {
        let reply = match next {
            Next::Reply(reply) => Some(in_short(reply)),
            Next::Ask(_) | Next::Current | Next::Fault(_) => None,
        };
        Self { at: Some(at), events, reply }
    }
}

/// `0+2 key 6s/5s`: how many prompts no key stops, how many one does, and what comes then. Each reply has another.
fn in_short(reply: &Reply) -> String {
    let plain = reply.prompts.len();
    match &reply.ending {
        Ending::Listen(Listen { prompts, keys, first_key, between_keys, secret }) => {
            let keys = match keys {
                KeyPlan::One => "key",
                KeyPlan::UntilPound => "keys",
            };
            let secret = if *secret { " secret" } else { "" };
            format!("{plain}+{} {keys} {first_key:?}/{between_keys:?}{secret}", prompts.len())
        }
        Ending::Dial(Dial { target, ring, limit, whisper, .. }) => {
            let whisper = whisper.as_ref().map(|whisper| format!(" {}+{}", whisper.prompts.len(), whisper.accept));
            format!("{plain} dial {target} {ring:?}/{limit:?}{}", whisper.unwrap_or_default())
        }
        Ending::Record(Record { beep, longest, silence }) => {
            format!("{plain} record {longest:?}/{silence:?}{}", if *beep { " beep" } else { "" })
        }
        Ending::GoTo => format!("{plain} go-to"),
        Ending::Join => format!("{plain} join"),
        Ending::HangUp(cause) => format!("{plain} hang-up {}", cause.name()),
        Ending::Refuse(refusal) => format!("{plain} refuse {refusal:?}"),
    }
}

/// The log of a turn.
#[derive(Serialize, Deserialize)]
struct Log<S> {
    #[serde(rename = "s")]
    steps: S,
}

/// Why the log of a turn cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Sealed(#[from] SealError),
    #[error("the log of a turn was written by another version of this program")]
    Unknown(#[from] serde_json::Error),
}

/// The log of a turn as the store keeps it.
pub(super) fn write_log(key: &CallKey, steps: &[LoggedStep]) -> Result<Vec<u8>, serde_json::Error> {
    Ok(key.seal(LOG, &serde_json::to_vec(&Log { steps })?))
}

/// The steps of one turn. Of a log of an older program, which has neither times nor replies, all events are one step.
///
/// # Errors
/// [`LogError::Sealed`] under another call's key.
pub fn read_steps(key: &CallKey, log: &[u8]) -> Result<Vec<LoggedStep>, LogError> {
    let text = key.open(LOG, log)?;
    if text.first() == Some(&b'[') {
        let events = serde_json::from_slice(&text)?;
        return Ok(vec![LoggedStep { at: None, events, reply: None }]);
    }
    let log: Log<Vec<LoggedStep>> = serde_json::from_slice(&text)?;
    Ok(log.steps)
}

/// The events of one turn.
///
/// # Errors
/// [`LogError::Sealed`] under another call's key.
pub fn read_log(key: &CallKey, log: &[u8]) -> Result<Vec<Event>, LogError> {
    Ok(read_steps(key, log)?.into_iter().flat_map(|step| step.events).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::EndCause;

    #[test]
    fn logs_of_older_programs_are_read() {
        let key = CallKey::random();
        let old = key.seal(LOG, br#"[{"input":"hung-up"},{"ended":"caller-hung-up"}]"#);
        let events = vec![Event::Input(crate::flow::Input::HungUp), Event::Ended(EndCause::CallerHungUp)];
        assert_eq!(read_log(&key, &old).unwrap(), events);
        let step = LoggedStep { at: None, events: events.clone(), reply: None };
        assert_eq!(read_steps(&key, &old).unwrap(), std::slice::from_ref(&step));
        let step = LoggedStep { at: Some(Timestamp::from_millis(5)), ..step };
        let new = write_log(&key, std::slice::from_ref(&step)).unwrap();
        assert_eq!(read_steps(&key, &new).unwrap(), [step]);
        assert_eq!(read_log(&key, &new).unwrap(), events);
    }
}
