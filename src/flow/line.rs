//! A line that has been read and found good: what the engine runs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Calendar, Node};
use crate::call::{Language, Name, NodeId, PromptId};
use crate::prompt::Catalogue;

/// A line. Every name in it leads somewhere: the loader saw to that.
#[derive(Clone, Debug)]
pub struct Line {
    pub name: Name,
    /// The hash of everything that its callers can hear.
    pub version: String,
    /// At least one; a call begins in the first.
    pub languages: Vec<Language>,
    pub zone: TimeZone,
    pub calendar: Calendar,
    pub start: NodeId,
    /// Where `back` goes when nothing is earlier on the path.
    pub home: NodeId,
    pub keys: BTreeMap<char, Universal>,
    pub timers: Timers,
    pub ladder: Ladder,
    /// Said while a slow lookup is under way.
    pub wait: PromptId,
    pub expired: (PromptId, NodeId),
    /// What is said when we fail.
    pub apology: Apology,
    /// How near a person has to be: what `hotline check` holds the line to.
    pub escape: Escape,
    pub unknown_call: PromptId,
    pub too_long: PromptId,
    pub longest_call: Duration,
    /// First part of a node's name -> word of the set `topic`.
    pub topics: BTreeMap<String, String>,
    /// What callers can do by themselves: a word of the set `topic` -> the nodes at which it is done.
    pub tasks: BTreeMap<String, BTreeSet<NodeId>>,
    pub nodes: BTreeMap<NodeId, Node>,
    pub flows: BTreeMap<Name, SubFlow>,
    /// Every prompt that a node or a setting names, and the words that their values may be.
    pub prompts: BTreeSet<PromptId>,
}

/// How near a person has to be, from anywhere in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escape {
    /// Keys that a caller who asks has to press.
    pub keys: u32,
    /// How long that takes them at most.
    pub asking: Duration,
    /// How long it takes a caller who presses nothing.
    pub silent: Duration,
}

impl Default for Escape {
    fn default() -> Self {
        Self { keys: 2, asking: Duration::from_secs(45), silent: Duration::from_mins(3) }
    }
}

/// What is said when we fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apology {
    /// Said before somebody is dialled ...
    pub prompt: PromptId,
    /// ... who answers to this name.
    pub dial: Name,
    /// Said where nobody can be dialled.
    pub end: PromptId,
}

/// A sub-flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubFlow {
    pub start: NodeId,
    pub exits: Vec<Name>,
}

/// What a key does wherever the caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Universal {
    /// Goes to a node of the main flow, out of every sub-flow.
    Node(NodeId),
    /// Says again everything since the last key that moved the call.
    Again,
    /// Goes to the nearest earlier menu or collect.
    Back,
    /// Ends the prompt and goes on.
    Onward,
}

/// How long to wait for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    pub first_key: Duration,
    pub between_keys: Duration,
    /// After so many silences in a call the timers are half as long again.
    pub slow_after: u32,
}

/// What is said after a silence or a wrong key. After the last prompt the call goes to `then`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    pub silent: Vec<PromptId>,
    pub wrong_key: Vec<PromptId>,
    pub short: PromptId,
    pub long: PromptId,
    pub then: NodeId,
}

impl Line {
    /// The language that a call begins in.
    ///
    /// # Panics
    /// Never: a line without a language is not loaded.
    #[must_use]
    pub fn first_language(&self) -> &Language {
        self.languages.first().expect("the loader refuses a line without a language")
    }

    /// The prompts that callers choose from.
    pub fn menu_prompts(&self) -> impl Iterator<Item = &PromptId> {
        self.nodes.values().filter_map(|node| match node {
            Node::Menu(menu) => Some(&menu.prompt.id),
            Node::Browse(browse) => Some(&browse.prompt),
            Node::Say(_)
            | Node::Collect(_)
            | Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Set(_)
            | Node::Call(_)
            | Node::Return(_)
            | Node::Record(_)
            | Node::Dial(_)
            | Node::Queue(_)
            | Node::End(_) => None,
        })
    }

    /// The prompts that no node and no setting names.
    pub fn unused_prompts<'a>(&'a self, catalogue: &'a Catalogue) -> impl Iterator<Item = &'a PromptId> {
        catalogue.ids().filter(|prompt| !self.prompts.contains(*prompt))
    }

    /// Which sub-flow each node belongs to, those of the main flow left out. Edges do not leave a flow, so a node is
    /// of the flow whose start leads to it; one that nothing leads to is of the flow that it leads to.
    #[must_use]
    pub fn flows_of_nodes(&self) -> BTreeMap<&NodeId, &Name> {
        let mut flows = BTreeMap::new();
        for (name, flow) in &self.flows {
            let mut next = vec![&flow.start];
            while let Some(id) = next.pop() {
                if let Some((id, node)) = self.nodes.get_key_value(id)
                    && flows.insert(id, name).is_none()
                {
                    next.extend(node.edges().into_iter().map(|edge| edge.target));
                }
            }
        }
        loop {
            let found = self.nodes.iter().find_map(|(id, node)| {
                let flow = node.edges().iter().find_map(|edge| flows.get(edge.target).copied())?;
                (!flows.contains_key(id)).then_some((id, flow))
            });
            let Some((id, flow)) = found else { return flows };
            flows.insert(id, flow);
        }
    }
}
