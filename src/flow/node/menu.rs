//! `menu`: a prompt and one key.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Missing, Move, Prompt, Waiting, Why};
use crate::call::{KeyPlan, NodeId};
use crate::flow::Input;
use crate::flow::run::Run;

/// Says a prompt and takes one key.
#[derive(Clone, Debug)]
pub struct Menu {
    pub prompt: Prompt,
    pub keys: BTreeMap<char, NodeId>,
    /// Where silence goes at once, instead of the ladder.
    pub silent: Option<NodeId>,
    /// Where the ladder ends, instead of the line's.
    pub then: Option<NodeId>,
    pub first_key: Option<Duration>,
}

impl Menu {
    pub(super) fn waiting(&self, run: &Run<'_>) -> Result<Waiting, Missing> {
        Ok(Waiting {
            own: run.spoken(&self.prompt)?,
            keys: KeyPlan::One,
            secret: false,
            first_key: self.first_key,
            stop: true,
            then: self.then.clone(),
        })
    }

    pub(super) fn resume(&self, run: &mut Run<'_>, input: &Input) -> Move {
        let Input::Pressed(keys) = input else { return self.after_silence() };
        let Some(key) = keys.single() else { return Move::Retry(Why::WrongKey) };
        match self.keys.get(&key) {
            Some(target) => run.moved_to(target),
            None => run.universal(key),
        }
    }

    fn after_silence(&self) -> Move {
        self.silent.clone().map_or(Move::Retry(Why::Silent), Move::Goto)
    }
}
