//! The kinds of node, one file each: what it does when the call comes to it, and with what the caller answers.
//!
//! A node is read-only; what it does to a call it does through [`Run`].

mod branch;
mod browse;
mod collect;
mod dial;
mod edge;
mod effect;
mod end;
mod lookup;
mod menu;
mod queue;
mod record;
mod say;
mod set;
mod sub_flow;
mod verify;

pub use branch::{Branch, Case};
pub use browse::{Browse, Walk};
pub use collect::Collect;
pub use dial::{Dial, WhisperPrompt};
pub use edge::Edge;
pub use effect::EffectNode;
pub use end::End;
pub use lookup::{Argument, Lookup};
pub use menu::Menu;
pub use queue::{HOURS, MUSIC, Offer, Queue, Queued, RECORDED, SIGNATURE as QUEUE};
pub use record::Record;
pub use say::Say;
pub use set::Set;
pub use sub_flow::{Call, Return};
pub use verify::Verify;

use std::time::Duration;

use super::run::Run;
use super::{Fault, Input, LookupRequest};
use crate::call::{self, EndCause, KeyPlan, NodeId, PromptId, Spoken};

/// A node of a line.
#[derive(Clone, Debug)]
pub enum Node {
    Say(Say),
    Menu(Menu),
    Collect(Collect),
    Verify(Verify),
    Lookup(Lookup),
    Effect(EffectNode),
    Branch(Branch),
    Set(Set),
    Call(Call),
    Return(Return),
    Browse(Browse),
    Record(Record),
    Dial(Dial),
    Queue(Box<Queue>),
    End(End),
}

/// The kinds, as flow files write them.
pub const KINDS: &[&str] = &[
    "say", "menu", "collect", "verify", "lookup", "effect", "branch", "set", "call", "return", "browse", "record",
    "dial", "queue", "end",
];

/// What a node does to a call.
pub(super) enum Move {
    Goto(NodeId),
    /// Says what is pending and the node's own prompt, and waits.
    Listen,
    /// The same after a silence or a wrong key.
    Retry(Why),
    /// Says everything again since the last key that moved the call.
    Again,
    /// Goes to the nearest earlier menu or collect.
    Back,
    /// Waits without saying anything that has been said.
    Quiet,
    /// A piece of waiting in a queue: says this and takes any key, for so long after it. It is not said again.
    Hold(Vec<Spoken>, Duration),
    Ask(LookupRequest),
    Dial(call::Dial),
    Record(call::Record),
    Return(call::Name),
    End(EndCause),
    /// A value that the node needs is not there.
    Missing(String),
    Fault(Fault),
}

/// Why a caller is asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Silent,
    WrongKey,
    TooShort,
    TooLong,
    /// Not of the format; the node may have a prompt of its own for it.
    Invalid(Option<PromptId>),
}

/// How a node waits for keys.
pub(super) struct Waiting {
    /// The node's own prompt.
    pub(super) own: Vec<Spoken>,
    pub(super) keys: KeyPlan,
    pub(super) secret: bool,
    /// Instead of the line's.
    pub(super) first_key: Option<Duration>,
    /// `*` can come back to it.
    pub(super) stop: bool,
    /// Where the ladder ends, instead of the line's.
    pub(super) then: Option<NodeId>,
}

/// A prompt with the places of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub id: PromptId,
    pub bindings: Vec<Binding>,
    /// Said in every language of the line, one after the other.
    pub every_language: bool,
}

/// Where a placeholder's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub placeholder: String,
    pub path: String,
}

impl Prompt {
    /// A prompt without values, in the call's language.
    #[must_use]
    pub fn plain(id: PromptId) -> Self {
        Self { id, bindings: Vec::new(), every_language: false }
    }
}

/// A value that is not there: its path.
pub(super) struct Missing(pub(super) String);

impl From<Missing> for Move {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing.0)
    }
}

impl Node {
    /// What happens when the call comes here.
    pub(super) fn enter(&self, id: &NodeId, run: &mut Run<'_>) -> Move {
        match self {
            Self::Say(say) => say.enter(run),
            Self::Menu(_) | Self::Collect(_) | Self::Browse(_) | Self::Record(_) => Move::Listen,
            Self::Verify(verify) => verify.enter(run),
            Self::Lookup(lookup) => lookup.enter(run),
            Self::Effect(effect) => effect.enter(run),
            Self::Branch(branch) => branch.enter(run),
            Self::Set(set) => set.enter(run),
            Self::Call(call) => call.enter(id, run),
            Self::Return(exit) => Move::Return(exit.exit.clone()),
            Self::Dial(dial) => dial.enter(run),
            Self::Queue(queue) => queue.enter(id, run),
            Self::End(end) => end.enter(run),
        }
    }

    /// How it waits for keys, if it does.
    pub(super) fn waiting(&self, run: &Run<'_>, at: usize) -> Result<Option<Waiting>, Missing> {
        match self {
            Self::Say(say) => say.waiting(run),
            Self::Menu(menu) => menu.waiting(run).map(Some),
            Self::Collect(collect) => collect.waiting(run).map(Some),
            Self::Browse(browse) => browse.waiting(run, at).map(Some),
            Self::Record(record) => record.waiting(run).map(Some),
            Self::Verify(_)
            | Self::Lookup(_)
            | Self::Effect(_)
            | Self::Branch(_)
            | Self::Set(_)
            | Self::Call(_)
            | Self::Return(_)
            | Self::Dial(_)
            | Self::Queue(_)
            | Self::End(_) => Ok(None),
        }
    }

    /// What happens with what came back.
    pub(super) fn resume(&self, id: &NodeId, run: &mut Run<'_>, input: &Input) -> Move {
        match self {
            Self::Say(say) => say.resume(run, input),
            Self::Menu(menu) => menu.resume(run, input),
            Self::Collect(collect) => collect.resume(run, input),
            Self::Browse(browse) => browse.resume(run, input),
            Self::Record(record) => record.resume(run, input),
            Self::Lookup(lookup) => lookup.resume(run, input),
            Self::Verify(verify) => verify.resume(run, input),
            Self::Dial(dial) => dial.resume(input),
            Self::Queue(queue) => queue.resume(run, input),
            Self::Effect(_) | Self::Branch(_) | Self::Set(_) | Self::Call(_) | Self::Return(_) | Self::End(_) => {
                Move::Fault(Fault::NothingWaits { node: id.clone() })
            }
        }
    }
}
