//! `collect`: a prompt and digits up to `#`.

use super::{Missing, Move, Prompt, Waiting, Why};
use crate::call::{KeyPlan, Name, NodeId, PromptId};
use crate::flow::definition::Format;
use crate::flow::run::Run;
use crate::flow::{Entry, Input, SecretEntry, Universal, read_entry};

/// Says a prompt and takes digits.
#[derive(Clone, Debug)]
pub struct Collect {
    pub prompt: Prompt,
    pub format: Format,
    pub secret: bool,
    /// A secret has none.
    pub name: Option<Name>,
    pub next: NodeId,
    /// Said when what was keyed is not of the format.
    pub invalid: Option<PromptId>,
    /// Where a leading `*` goes, instead of back.
    pub left: Option<NodeId>,
    pub then: Option<NodeId>,
}

impl Collect {
    pub(super) fn waiting(&self, run: &Run<'_>) -> Result<Waiting, Missing> {
        Ok(Waiting {
            own: run.spoken(&self.prompt)?,
            keys: KeyPlan::UntilPound,
            secret: self.secret,
            first_key: None,
            stop: true,
            then: self.then.clone(),
        })
    }

    pub(super) fn resume(&self, run: &mut Run<'_>, input: &Input) -> Move {
        let entry = match input {
            Input::Pressed(keys) => read_entry(keys, self.format, run.today()),
            Input::Entered(SecretEntry::Complete) if self.secret => return run.moved_to(&self.next),
            Input::Entered(SecretEntry::TooShort) => Entry::TooShort,
            Input::Entered(SecretEntry::TooLong) => Entry::TooLong,
            Input::Entered(SecretEntry::Operator) => Entry::Operator,
            Input::Entered(SecretEntry::Left) => Entry::Left,
            // Where no secret was asked for, one says nothing.
            Input::Entered(SecretEntry::Complete | SecretEntry::Nothing)
            | Input::Silent
            | Input::Arrived
            | Input::Continued
            | Input::LookupDone { .. }
            | Input::LookupLate
            | Input::DialEnded { .. }
            | Input::PeerAnswered { .. }
            | Input::PeerPressed { .. }
            | Input::PeerSilent { .. }
            | Input::RecordEnded { .. }
            | Input::HungUp
            | Input::Lost => Entry::Nothing,
        };
        match entry {
            Entry::Complete(value) => {
                if let Some(name) = &self.name {
                    run.hold(name.as_str(), value, false);
                }
                run.moved_to(&self.next)
            }
            Entry::TooShort => Move::Retry(Why::TooShort),
            Entry::TooLong => Move::Retry(Why::TooLong),
            Entry::Invalid => Move::Retry(Why::Invalid(self.invalid.clone())),
            Entry::Nothing => Move::Retry(Why::Silent),
            Entry::Left => self.left.as_ref().map_or(Move::Back, |left| run.moved_to(left)),
            Entry::Operator => match run.line.keys.get(&'0') {
                Some(Universal::Node(node)) => run.leave_for(node),
                _ => Move::Retry(Why::TooShort),
            },
        }
    }
}
