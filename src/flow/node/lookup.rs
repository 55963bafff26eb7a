//! `lookup`: a question to an outside system, with an edge for each way it can end.

use std::collections::BTreeMap;

use super::{Move, Prompt};
use crate::call::{Name, NodeId, Signature, Value, ValueRecord};
use crate::flow::run::Run;
use crate::flow::{Fault, Input, Verification};

/// Asks an outside system.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub lookup: Name,
    pub arguments: BTreeMap<String, Argument>,
    /// The name under which the answer is held.
    pub name: Option<Name>,
    /// Said while it is slow, instead of the line's.
    pub filler: Option<Prompt>,
    pub on: BTreeMap<String, NodeId>,
    /// What it takes and gives.
    pub signature: &'static Signature,
}

/// Where an argument comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    Path(String),
    Number(i64),
}

impl Lookup {
    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        if self.signature.personal && !matches!(run.session.verification, Verification::Verified { .. }) {
            return self.outcome(Signature::EXPIRED);
        }
        let mut values = ValueRecord::new();
        for (name, argument) in &self.arguments {
            let value = match argument {
                Argument::Number(number) => Value::Number(*number),
                Argument::Path(path) => match run.session.value(path) {
                    Some((value, _)) => value,
                    None => return Move::Missing(path.clone()),
                },
            };
            values.insert(name.clone(), value);
        }
        run.ask(&self.lookup, values)
    }

    pub(super) fn resume(&self, run: &mut Run<'_>, input: &Input) -> Move {
        let Input::LookupDone { outcome, values } = input else {
            return Move::Fault(Fault::Unexpected { input: "an event that is no answer to a lookup" });
        };
        // Whoever asked knows better than our clock that the subject has ended.
        if outcome == Signature::EXPIRED {
            run.subject_ended();
        }
        // It may also have ended while the answer was on its way: then nobody may hear it.
        if self.signature.personal && !matches!(run.session.verification, Verification::Verified { .. }) {
            return self.outcome(Signature::EXPIRED);
        }
        if let Some(name) = &self.name
            && !values.is_empty()
        {
            run.hold(name.as_str(), Value::Record(values.clone()), self.signature.personal);
        }
        self.outcome(outcome)
    }

    fn outcome(&self, outcome: &str) -> Move {
        match self.on.get(outcome) {
            Some(target) => Move::Goto(target.clone()),
            None => Move::Fault(Fault::UnknownOutcome { lookup: self.lookup.clone(), outcome: outcome.to_owned() }),
        }
    }
}
