//! Values in a state: where each comes from, and what is wrong with needing it.

use std::collections::BTreeSet;

use super::{Proof, State, States};
use crate::call::{Field, Name, Type};
use crate::flow::node::QUEUE;
use crate::flow::{Line, Node};

/// What is held under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::flow::check) enum Held {
    Unset,
    /// The answer of an outcome: its node, and the number of the outcome among those of its signature.
    Answer {
        node: usize,
        outcome: usize,
        personal: bool,
    },
    /// A word that an author wrote: the node that set it. `told`: what is known about the verified member chose it.
    Word {
        node: usize,
        told: bool,
    },
    /// What chose the word was known about a member who is verified no more.
    StaleWord {
        node: usize,
    },
    /// Digits that were keyed, or an item of a list.
    Whole {
        personal: bool,
    },
    /// It was read about a member whose time is over, or who said goodbye to it by another verification.
    Dropped {
        replaced: bool,
    },
}

/// Something that is needed where it may not be there, or may not be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::flow::check) struct Misuse {
    /// The state in which it happens.
    pub(in crate::flow::check) at: usize,
    pub(in crate::flow::check) of: Use,
    pub(in crate::flow::check) path: String,
    pub(in crate::flow::check) wrong: Wrong,
}

/// What a node needs a value for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::flow::check) enum Use {
    /// It fills this placeholder.
    Said(String),
    /// It fills this placeholder of what an operator hears.
    Whispered(String),
    /// A lookup takes it as this argument.
    Sent(String),
    /// A verification takes it.
    Claimed(String),
    Compared,
    Browsed,
}

/// What is wrong with needing a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::flow::check) enum Wrong {
    /// Nothing has been held yet under this name.
    Unset,
    /// The outcome that was, does not bring it.
    NotBrought,
    /// It is about a member, and nobody is verified.
    Unverified,
    /// It is about somebody who was verified before.
    OfAnother,
}

/// The names that a line holds values under: each with those that are read with it, and with the words that an author
/// sets and goes by, since they say which of the other values are there.
pub(super) fn groups(line: &Line) -> Vec<Vec<Name>> {
    let mut names: BTreeSet<Name> = BTreeSet::new();
    let mut set: BTreeSet<Name> = BTreeSet::new();
    let mut items: Vec<(&Name, &str)> = Vec::new();
    for node in line.nodes.values() {
        match node {
            Node::Collect(collect) => names.extend(collect.name.clone()),
            Node::Verify(verify) => names.extend([verify.name.clone()]),
            Node::Lookup(lookup) => names.extend(lookup.name.clone()),
            Node::Queue(queue) => names.extend([queue.name.clone()]),
            Node::Set(node) => set.extend(node.values.keys().map(|name| Name::from(name.as_str()))),
            Node::Record(record) => names.extend([record.name.clone()]),
            Node::Browse(browse) => items.push((&browse.item, root(&browse.list))),
            Node::Say(_)
            | Node::Menu(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Call(_)
            | Node::Return(_)
            | Node::Dial(_)
            | Node::End(_) => {}
        }
    }
    names.extend(set.iter().cloned());
    let branches = line
        .nodes
        .values()
        .filter_map(|node| if let Node::Branch(branch) = node { Some(root(&branch.of)) } else { None });
    let gone_by: BTreeSet<&str> = branches.collect();
    let decide: Vec<&Name> = set.iter().filter(|name| gone_by.contains(name.as_str())).collect();
    let group = |name: Name| {
        let mut group = vec![name.clone()];
        group.extend(items.iter().filter(|(_, list)| *list == name.as_str()).map(|(item, _)| (*item).clone()));
        group.extend(decide.iter().filter(|other| ***other != name).map(|other| (*other).clone()));
        group.dedup();
        group
    };
    names.into_iter().map(group).collect()
}

fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

impl State {
    /// The subject has ended: by time, or because somebody else is verified or turned away.
    pub(super) fn forget_personal(&mut self, replaced: bool) {
        for held in &mut self.held {
            match held {
                Held::Answer { personal: true, .. } | Held::Whole { personal: true } => {
                    *held = Held::Dropped { replaced }
                }
                Held::Dropped { replaced: before } => *before |= replaced,
                Held::Word { node, told: true } => *held = Held::StaleWord { node: *node },
                Held::Unset
                | Held::Answer { personal: false, .. }
                | Held::Whole { personal: false }
                | Held::Word { told: false, .. }
                | Held::StaleWord { .. } => {}
            }
        }
    }
}

impl States<'_> {
    /// The place of a name in [`State::held`]. What is always there has none.
    pub(super) fn name(&self, path: &str) -> Option<usize> {
        let root = root(path);
        self.names.iter().position(|name| name.as_str() == root)
    }

    /// What is wrong with needing the value at `path`.
    pub(super) fn wrong(&self, state: &State, path: &str) -> Option<Wrong> {
        let name = self.name(path)?;
        let verified = state.proof == Proof::Verified;
        match state.held[name] {
            Held::Unset if self.is_personal(name) && !verified => Some(Wrong::Unverified),
            Held::Unset => Some(Wrong::Unset),
            Held::Answer { node, outcome, .. } => {
                let fields = self.answer(node, outcome);
                (!brings(fields, path.split_once('.').map_or("", |(_, rest)| rest))).then_some(Wrong::NotBrought)
            }
            Held::Word { .. } | Held::Whole { .. } => None,
            Held::StaleWord { .. } => Some(Wrong::OfAnother),
            // By time alone: the caller is told so and the call goes to the line's `expired`.
            Held::Dropped { replaced: false } if !verified => None,
            Held::Dropped { .. } if verified => Some(Wrong::OfAnother),
            Held::Dropped { .. } => Some(Wrong::Unverified),
        }
    }

    /// Whether a value that is needed has ended with its subject, so that the call goes to the line's `expired`.
    pub(super) fn has_ended(&self, state: &State, path: &str) -> bool {
        self.name(path).is_some_and(|name| matches!(state.held[name], Held::Dropped { .. }))
    }

    pub(super) fn is_personal_value(&self, state: &State, path: &str) -> bool {
        let held = self.name(path).map(|name| state.held[name]);
        matches!(
            held,
            Some(
                Held::Answer { personal: true, .. }
                    | Held::Whole { personal: true }
                    | Held::Word { told: true, .. }
                    | Held::StaleWord { .. }
                    | Held::Dropped { .. }
            )
        )
    }

    /// What is held under this name is read about a verified member.
    fn is_personal(&self, name: usize) -> bool {
        self.nodes.iter().any(|(_, node)| match node {
            Node::Lookup(lookup) => lookup.signature.personal && lookup.name.as_ref() == Some(&self.names[name]),
            Node::Browse(browse) if browse.item == self.names[name] => {
                self.name(&browse.list).is_some_and(|list| list != name && self.is_personal(list))
            }
            _ => false,
        })
    }

    /// The first lookup that asks the same: what its answers bring is the same, too.
    pub(super) fn answer_of(&self, node: usize) -> usize {
        if let Node::Queue(_) = self.nodes[node].1 {
            let queues = self.nodes.iter().position(|(_, other)| matches!(other, Node::Queue(_)));
            return queues.unwrap_or(node);
        }
        let Node::Lookup(asks) = self.nodes[node].1 else { return node };
        let same =
            |other: &Node| matches!(other, Node::Lookup(lookup) if std::ptr::eq(lookup.signature, asks.signature));
        self.nodes.iter().position(|(_, other)| same(other)).unwrap_or(node)
    }

    /// The first outcome of the same node that brings the same fields: which of them it was decides nothing more.
    pub(super) fn outcome_of(&self, node: usize, outcome: usize) -> usize {
        let brought = self.answer(node, outcome);
        (0..outcome).find(|other| std::ptr::eq(self.answer(node, *other), brought)).unwrap_or(outcome)
    }

    /// The node whose word is held. Where nobody goes by the word, all nodes that set one are alike.
    pub(super) fn word_of(&self, node: usize, name: usize) -> usize {
        let name = self.names[name].as_str();
        let goes_by = |node: &Node| matches!(node, Node::Branch(branch) if branch.of == name);
        if self.nodes.iter().any(|(_, node)| goes_by(node)) {
            return node;
        }
        let sets = |node: &Node| matches!(node, Node::Set(set) if set.values.contains_key(name));
        self.nodes.iter().position(|(_, node)| sets(node)).unwrap_or(node)
    }

    /// What an outcome brings.
    pub(super) fn answer(&self, node: usize, outcome: usize) -> &'static [Field] {
        match self.nodes[node].1 {
            Node::Lookup(lookup) => lookup.signature.outcomes.get(outcome).map_or(&[], |outcome| outcome.answer),
            Node::Verify(_) => const { &[Field::new("left", Type::Number)] },
            Node::Queue(_) => QUEUE.outcomes.get(outcome).map_or(&[], |outcome| outcome.answer),
            _ => &[],
        }
    }
}

/// Whether `path` is always there in such an answer.
fn brings(fields: &[Field], path: &str) -> bool {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(field) = fields.iter().find(|field| field.name == first) else { return path.is_empty() };
    match (field.optional, field.of, rest) {
        (true, ..) => false,
        (false, Type::Record(fields), Some(rest)) => brings(fields, rest),
        (false, ..) => true,
    }
}
