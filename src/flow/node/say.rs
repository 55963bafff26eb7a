//! `say`: a prompt. Usually it is heard within the next listen; a notice and the steps of a guide listen alone.

use std::time::Duration;

use super::{Missing, Move, Prompt, Waiting};
use crate::call::{KeyPlan, NodeId};
use crate::flow::definition::Listening;
use crate::flow::run::Run;
use crate::flow::{Input, Universal};

/// How long after a notice it counts as heard whole: the shortest that every provider can wait.
const AFTER_NOTICE: Duration = Duration::from_secs(1);
/// How long after a step the next one begins by itself.
const AFTER_STEP: Duration = Duration::from_secs(3);

impl Listening {
    /// How long after the prompt the call goes on by itself.
    pub(in crate::flow) const fn timer(self) -> Duration {
        match self {
            Self::Whole => AFTER_NOTICE,
            Self::Onward => AFTER_STEP,
        }
    }
}

/// Says a prompt and goes on.
#[derive(Clone, Debug)]
pub struct Say {
    pub prompt: Prompt,
    pub listen: Option<Listening>,
    pub next: NodeId,
}

impl Say {
    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        if self.listen.is_some() {
            return Move::Listen;
        }
        match run.spoken(&self.prompt) {
            Ok(spoken) => {
                run.say(spoken);
                Move::Goto(self.next.clone())
            }
            Err(missing) => missing.into(),
        }
    }

    pub(super) fn waiting(&self, run: &Run<'_>) -> Result<Option<Waiting>, Missing> {
        let Some(listen) = self.listen else { return Ok(None) };
        Ok(Some(Waiting {
            own: run.spoken(&self.prompt)?,
            keys: KeyPlan::One,
            secret: false,
            first_key: Some(listen.timer()),
            stop: false,
            then: None,
        }))
    }

    pub(super) fn resume(&self, run: &mut Run<'_>, input: &Input) -> Move {
        let Input::Pressed(keys) = input else { return Move::Goto(self.next.clone()) };
        let key = keys.single();
        let universal = key.and_then(|key| run.line.keys.get(&key));
        match self.listen {
            // Every key but the one that asks for it again cuts the notice short: it is said in full before anything else.
            Some(Listening::Whole) if universal != Some(&Universal::Again) => {
                match run.spoken(&self.prompt) {
                    Ok(notice) => run.session.plain.extend(notice),
                    Err(missing) => return missing.into(),
                }
                match universal {
                    Some(Universal::Node(node)) => run.leave_for(node),
                    _ => Move::Goto(self.next.clone()),
                }
            }
            _ => match (key, universal) {
                (_, Some(Universal::Onward)) => run.moved_to(&self.next),
                (Some(key), _) => run.universal(key),
                (None, _) => Move::Retry(super::Why::WrongKey),
            },
        }
    }
}
