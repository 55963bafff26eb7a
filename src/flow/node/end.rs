//! `end`: the call is over.

use super::{Move, Prompt};
use crate::call::EndCause;
use crate::flow::run::Run;

/// Ends the call.
#[derive(Clone, Debug)]
pub struct End {
    pub prompt: Option<Prompt>,
}

impl End {
    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        if let Some(prompt) = &self.prompt {
            match run.spoken(prompt) {
                Ok(spoken) => run.say(spoken),
                Err(missing) => return missing.into(),
            }
        }
        Move::End(EndCause::Finished)
    }
}
