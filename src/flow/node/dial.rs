//! `dial`: rings somebody, tells them who comes and why, and joins them to the caller if they take the call.

use std::collections::BTreeMap;
use std::time::Duration;

use super::queue::in_first_language;
use super::{Missing, Move, Prompt};
use crate::call::{self, DialOutcome, EndCause, Name, NodeId, Whisper};
use crate::flow::run::Run;
use crate::flow::{Fault, Input};

/// Rings somebody.
#[derive(Clone, Debug)]
pub struct Dial {
    pub target: Name,
    /// Said to the caller first.
    pub prompt: Prompt,
    /// `None`: whoever picks up is joined at once.
    pub whisper: Option<WhisperPrompt>,
    pub ring: Duration,
    pub on: BTreeMap<DialOutcome, NodeId>,
}

/// Said to whoever picks up.
#[derive(Clone, Debug)]
pub struct WhisperPrompt {
    pub prompt: Prompt,
    /// The key that takes the call.
    pub accept: char,
}

/// The longest talk with an operator: what providers allow by default.
const LONGEST_TALK: Duration = Duration::from_hours(4);

impl Dial {
    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        let whisper = match (run.spoken(&self.prompt), self.whisper(run)) {
            (Ok(prompt), Ok(whisper)) => {
                run.say(prompt);
                whisper
            }
            (Err(missing), _) | (_, Err(missing)) => return missing.into(),
        };
        Move::Dial(call::Dial {
            target: self.target.clone(),
            numbers: Vec::new(),
            ring: self.ring,
            limit: LONGEST_TALK,
            whisper,
            recorded: false,
        })
    }

    pub(super) fn resume(&self, input: &Input) -> Move {
        let Input::DialEnded { outcome, .. } = input else {
            return Move::Fault(Fault::Unexpected { input: "an event that is no end of a dial" });
        };
        match (outcome, self.on.get(outcome)) {
            (DialOutcome::Abandoned, _) => Move::End(EndCause::CallerHungUp),
            (_, Some(target)) => Move::Goto(target.clone()),
            (_, None) => Move::Fault(Fault::Unexpected { input: "an end of a dial without an edge" }),
        }
    }

    /// What whoever picks up hears.
    pub(in crate::flow) fn whisper(&self, run: &Run<'_>) -> Result<Option<Whisper>, Missing> {
        let Some(whisper) = &self.whisper else { return Ok(None) };
        let prompts = in_first_language(run, run.spoken(&whisper.prompt)?);
        Ok(Some(Whisper { prompts, accept: whisper.accept }))
    }
}
