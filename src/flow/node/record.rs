//! `record`: a prompt, and then what the caller says.
//!
//! The prompt is heard within a listen, as every prompt is: a caller who presses a key while nothing listens would have
//! pressed it for nobody. When it is over, or with the key that goes on, the recording begins.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Missing, Move, Prompt, Waiting, Why};
use crate::call::{self, Field, KeyPlan, Name, NodeId, RecordOutcome, RecordingKind, Type, Value, ValueRecord};
use crate::flow::run::Run;
use crate::flow::{Effect, Fault, Input, Universal};

/// From the end of the prompt to the beep: the shortest that every provider can wait.
const BEFORE_BEEP: Duration = Duration::from_secs(1);

/// Records what the caller says.
#[derive(Clone, Debug)]
pub struct Record {
    pub prompt: Prompt,
    pub what: RecordingKind,
    pub longest: Duration,
    /// Silence that ends it.
    pub silence: Duration,
    /// The name under which it is held.
    pub name: Name,
    pub on: BTreeMap<RecordOutcome, NodeId>,
    /// Where the call of somebody who was recorded and hung up goes on, if not as everybody's who was recorded.
    pub hung_up: Option<NodeId>,
    pub then: Option<NodeId>,
}

impl Record {
    /// What is held of a recording.
    pub const FIELDS: &'static [Field] = &[Field::new("name", Type::Text), Field::new("seconds", Type::Number)];
    /// From the end of the prompt to the beep.
    pub(in crate::flow) const BEFORE: Duration = BEFORE_BEEP;

    pub(super) fn waiting(&self, run: &Run<'_>) -> Result<Waiting, Missing> {
        Ok(Waiting {
            own: run.spoken(&self.prompt)?,
            keys: KeyPlan::One,
            secret: false,
            first_key: Some(BEFORE_BEEP),
            stop: false,
            then: self.then.clone(),
        })
    }

    pub(super) fn resume(&self, run: &mut Run<'_>, input: &Input) -> Move {
        if let Input::RecordEnded { outcome, name, seconds } = input {
            return self.ended(run, *outcome, name, *seconds);
        }
        let Input::Pressed(keys) = input else { return self.record(run) };
        match keys.single() {
            Some(key) if run.line.keys.get(&key) == Some(&Universal::Onward) => self.record(run),
            Some(key) => run.universal(key),
            None => Move::Retry(Why::WrongKey),
        }
    }

    fn record(&self, run: &mut Run<'_>) -> Move {
        run.key_moved();
        Move::Record(call::Record { beep: true, longest: self.longest, silence: self.silence })
    }

    fn ended(&self, run: &mut Run<'_>, outcome: RecordOutcome, name: &str, seconds: u32) -> Move {
        if outcome == RecordOutcome::Recorded {
            let name = Value::Text(name.to_owned());
            let seconds = Value::Number(seconds.into());
            let recording: ValueRecord = [("name".to_owned(), name), ("seconds".to_owned(), seconds)].into();
            run.effects.push(Effect::keep_recording(self.what, recording.clone()));
            run.hold(self.name.as_str(), Value::Record(recording), false);
            if let Some(target) = self.hung_up.as_ref().filter(|_| run.session.hung_up) {
                return Move::Goto(target.clone());
            }
        }
        match self.on.get(&outcome) {
            Some(target) => Move::Goto(target.clone()),
            None => Move::Fault(Fault::Unexpected { input: "an end of a recording without an edge" }),
        }
    }
}
