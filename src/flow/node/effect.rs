//! `effect`: something that must happen because of this turn; it is written with it.

use std::collections::BTreeMap;

use super::lookup::values;
use super::{Argument, Move};
use crate::call::{NodeId, PromptId};
use crate::flow::run::Run;
use crate::flow::{Effect, EffectKind, SUBJECT_LIFETIME, Verification};

/// Makes something happen.
#[derive(Clone, Debug)]
pub struct EffectNode {
    pub effect: EffectKind,
    /// Those of an SMS are the values of its text.
    pub arguments: BTreeMap<String, Argument>,
    /// The text of an SMS.
    pub text: Option<PromptId>,
    pub next: NodeId,
}

impl EffectNode {
    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        if self.effect.is_personal() && !matches!(run.session.verification, Verification::Verified { .. }) {
            return Move::Missing("verification".to_owned());
        }
        let arguments = match values(run, &self.arguments) {
            Ok(arguments) => arguments,
            Err(missing) => return missing.into(),
        };
        if self.effect == EffectKind::ChangePin {
            // Whoever had an initial PIN has now proved more than that.
            let until = run.session.initial_at.map(|proved_at| proved_at.plus(SUBJECT_LIFETIME));
            if let (Verification::Open, Some(until)) = (run.session.verification, until)
                && run.now < until
            {
                run.verified_until(until);
            }
        }
        run.effects.push(match &self.text {
            Some(text) => Effect::sms(text, arguments),
            None => Effect { kind: self.effect, arguments },
        });
        Move::Goto(self.next.clone())
    }
}
