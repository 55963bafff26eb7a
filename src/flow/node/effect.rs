//! `effect`: something that must happen because of this turn; it is written with it.

use super::Move;
use crate::call::NodeId;
use crate::flow::run::Run;
use crate::flow::{Effect, SUBJECT_LIFETIME, Verification};

/// Makes something happen.
#[derive(Clone, Debug)]
pub struct EffectNode {
    pub effect: Effect,
    pub next: NodeId,
}

impl EffectNode {
    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        match self.effect {
            // A queue's own; no flow names it.
            Effect::Queue(_) => {}
            // Whoever had an initial PIN has now proved more than that.
            Effect::ChangePin => {
                let until = run.session.initial_at.map(|proved_at| proved_at.plus(SUBJECT_LIFETIME));
                if let (Verification::Open, Some(until)) = (run.session.verification, until)
                    && run.now < until
                {
                    run.verified_until(until);
                }
            }
        }
        run.effects.push(self.effect);
        Move::Goto(self.next.clone())
    }
}
