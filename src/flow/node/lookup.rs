//! `lookup`: a question to an outside system, with an edge for each way it can end.

use std::collections::BTreeMap;

use super::{Missing, Move, Prompt};
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
    Word(String),
}

impl Argument {
    /// The path of the value that is given.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Path(path) => Some(path),
            Self::Number(_) | Self::Word(_) => None,
        }
    }
}

impl std::fmt::Display for Argument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(text) | Self::Word(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// The values of arguments.
pub(super) fn values(run: &Run<'_>, arguments: &BTreeMap<String, Argument>) -> Result<ValueRecord, Missing> {
    let value = |argument: &Argument| match argument {
        Argument::Number(number) => Ok(Value::Number(*number)),
        Argument::Word(word) => Ok(Value::Word(word.clone())),
        Argument::Path(path) => match run.session.value(path) {
            Some((value, _)) => Ok(value),
            None => Err(Missing(path.clone())),
        },
    };
    arguments.iter().map(|(name, argument)| Ok((name.clone(), value(argument)?))).collect()
}

impl Lookup {
    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        if self.signature.personal && !matches!(run.session.verification, Verification::Verified { .. }) {
            return self.outcome(Signature::EXPIRED);
        }
        match values(run, &self.arguments) {
            Ok(values) => run.ask(&self.lookup, values),
            Err(missing) => missing.into(),
        }
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
