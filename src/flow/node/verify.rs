//! `verify`: checks the PIN that was keyed in this turn. The PIN itself is not here; `service` has it.

use std::collections::BTreeMap;

use super::Move;
use crate::call::{Name, NodeId, Value, ValueRecord};
use crate::flow::run::Run;
use crate::flow::{Fault, Input, SUBJECT_LIFETIME, Verification};

/// Checks a PIN.
#[derive(Clone, Debug)]
pub struct Verify {
    /// Argument (`id`, or `card` and `last-four`) -> value path.
    pub claim: BTreeMap<String, String>,
    /// Holds `left`, the tries that are left in this call.
    pub name: Name,
    pub on: BTreeMap<String, NodeId>,
}

impl Verify {
    /// The name of its request to `service`.
    pub const NAME: &'static str = "verify";
    /// Its outcomes; flows name an edge for each.
    pub const OUTCOMES: &'static [&'static str] = &["verified", "initial", "wrong", "refused", "locked", "unavailable"];

    /// Those after which nothing may be said that was read about anybody before.
    pub const FORGETS: &'static [&'static str] = &["verified", "initial", "refused"];

    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        let mut values = ValueRecord::new();
        for (name, path) in &self.claim {
            match run.session.value(path) {
                Some((value, _)) => values.insert(name.clone(), value),
                None => return Move::Missing(path.clone()),
            };
        }
        run.ask(&Name::from(Self::NAME), values)
    }

    pub(super) fn resume(&self, run: &mut Run<'_>, input: &Input) -> Move {
        let Input::LookupDone { outcome, values } = input else {
            return Move::Fault(Fault::Unexpected { input: "an event that is no answer to a verification" });
        };
        // It may be somebody else: `*` does not lead back to where the call came for whoever was verified before.
        if Self::FORGETS.contains(&outcome.as_str()) {
            run.session.forget_personal();
            run.session.path.retain(|stop| !stop.verified);
        }
        match outcome.as_str() {
            "verified" => {
                run.verified_until(run.now.plus(SUBJECT_LIFETIME));
                self.forget_claim(run);
            }
            "initial" => {
                run.session.initial_at = Some(run.now);
                run.session.verification = Verification::Open;
                self.forget_claim(run);
            }
            "refused" => run.session.verification = Verification::Closed,
            _ => {}
        }
        if !values.is_empty() {
            run.hold(self.name.as_str(), Value::Record(values.clone()), false);
        }
        match self.on.get(outcome) {
            Some(target) => Move::Goto(target.clone()),
            None => Move::Fault(Fault::UnknownOutcome { lookup: Name::from(Self::NAME), outcome: outcome.clone() }),
        }
    }

    /// What was keyed to prove it is not needed any more.
    fn forget_claim(&self, run: &mut Run<'_>) {
        for path in self.claim.values() {
            run.session.values.remove(path);
        }
    }
}
