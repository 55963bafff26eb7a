//! Ways round: how a call can come back to where it was while the caller does nothing.
//!
//! It follows the edges and, because a verification that has ended leads to a new one and not round again, whether
//! the caller is verified. A sub-flow is left by the exit that its nodes come to, for the node that called it. It
//! knows no other values.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::call::{Name, NodeId, Signature};
use crate::flow::{Line, Node};

/// Where a call goes on without anything from the caller.
pub(super) struct Onward<'a> {
    /// Edges of its own, by their names in the node.
    pub(super) edges: Vec<crate::flow::node::Edge<'a>>,
    /// A node of the main flow, out of every sub-flow.
    pub(super) out: Option<&'a NodeId>,
}

/// Where a call is, and whether its caller is verified, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State<'a> {
    node: &'a NodeId,
    verified: Option<bool>,
}

/// A line with what is followed of it.
pub(super) struct Rounds<'a> {
    line: &'a Line,
    follow: fn(&'a Line, &'a Node) -> Onward<'a>,
    /// Sub-flow and what is known when it is called -> its exits, and what is known there.
    exits: BTreeMap<(&'a Name, Option<bool>), BTreeSet<(&'a Name, Option<bool>)>>,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(line: &'a Line, follow: fn(&'a Line, &'a Node) -> Onward<'a>) -> Self {
        let mut rounds = Self { line, follow, exits: BTreeMap::new() };
        // An exit that is found may open a way to another: until there is nothing new.
        loop {
            let mut exits = BTreeMap::new();
            for (name, flow) in &line.flows {
                for verified in [None, Some(false), Some(true)] {
                    exits.insert((name, verified), rounds.exits_from(State { node: &flow.start, verified }));
                }
            }
            if exits == rounds.exits {
                return rounds;
            }
            rounds.exits = exits;
        }
    }

    /// The shortest way from a node back to itself, the node first.
    pub(super) fn back_to(&self, node: &'a NodeId) -> Option<Vec<&'a NodeId>> {
        // Whoever is verified at the end of a round has to be so at its beginning.
        [None, Some(false), Some(true)].into_iter().find_map(|verified| self.round(State { node, verified }))
    }

    fn round(&self, start: State<'a>) -> Option<Vec<&'a NodeId>> {
        let mut before: BTreeMap<State<'a>, State<'a>> = BTreeMap::new();
        let mut next = VecDeque::from([start]);
        while let Some(state) = next.pop_front() {
            for onward in self.onward(state, true) {
                if onward == start {
                    let way = std::iter::successors(Some(state), |at| before.get(at).copied());
                    let mut way: Vec<&NodeId> = way.map(|state| state.node).collect();
                    way.reverse();
                    return Some(way);
                }
                if !before.contains_key(&onward) {
                    before.insert(onward, state);
                    next.push_back(onward);
                }
            }
        }
        None
    }

    /// The exits of a sub-flow that a call comes to from its first node.
    fn exits_from(&self, start: State<'a>) -> BTreeSet<(&'a Name, Option<bool>)> {
        let mut exits = BTreeSet::new();
        let mut seen = BTreeSet::from([start]);
        let mut next = vec![start];
        while let Some(state) = next.pop() {
            if let Some(Node::Return(leaves)) = self.line.nodes.get(state.node) {
                exits.insert((&leaves.exit, state.verified));
            }
            next.extend(self.onward(state, false).into_iter().filter(|onward| seen.insert(*onward)));
        }
        exits
    }

    /// Where a call goes on from here. `inside`: also into a sub-flow that is called, and out of all.
    fn onward(&self, state: State<'a>, inside: bool) -> Vec<State<'a>> {
        let Some(node) = self.line.nodes.get(state.node) else { return Vec::new() };
        let follow = (self.follow)(self.line, node);
        if let Node::Call(call) = node {
            let exits = self.exits.get(&(&call.flow, state.verified)).into_iter().flatten();
            let back =
                exits.filter_map(|(exit, verified)| Some(State { node: call.on.get(*exit)?, verified: *verified }));
            let start = self.line.flows.get(&call.flow).filter(|_| inside);
            return back.chain(start.map(|flow| State { node: &flow.start, verified: state.verified })).collect();
        }
        let edges = follow.edges.iter().filter_map(|edge| {
            let verified = after(node, edge.key.as_deref().unwrap_or_default(), state.verified)?;
            Some(State { node: edge.target, verified })
        });
        let out = follow.out.filter(|_| inside).map(|node| State { node, verified: None });
        edges.chain(out).collect()
    }
}

/// What is known of the caller behind an edge; `None` if it cannot be taken.
fn after(node: &Node, key: &str, verified: Option<bool>) -> Option<Option<bool>> {
    let only_if = |is: bool| (verified != Some(!is)).then_some(Some(is));
    match node {
        Node::Lookup(_) if key == Signature::EXPIRED => Some(Some(false)),
        Node::Lookup(lookup) if lookup.personal => only_if(true),
        Node::Branch(branch) if branch.of == "verification" => only_if(key == "verified"),
        Node::Verify(_) => Some(match key {
            "verified" => Some(true),
            "initial" | "refused" => Some(false),
            _ => verified,
        }),
        // Time passes while a caller listens or talks.
        Node::Menu(_) | Node::Collect(_) | Node::Browse(_) | Node::Dial(_) => Some(None),
        Node::Say(say) if say.listen.is_some() => Some(None),
        Node::Say(_)
        | Node::Lookup(_)
        | Node::Effect(_)
        | Node::Branch(_)
        | Node::Set(_)
        | Node::Call(_)
        | Node::Return(_)
        | Node::End(_) => Some(verified),
    }
}

/// Whether a node waits for what the caller does.
pub(super) fn listens(node: &Node) -> bool {
    match node {
        Node::Menu(_) | Node::Collect(_) | Node::Browse(_) => true,
        Node::Say(say) => say.listen.is_some(),
        Node::Verify(_)
        | Node::Lookup(_)
        | Node::Effect(_)
        | Node::Branch(_)
        | Node::Set(_)
        | Node::Call(_)
        | Node::Return(_)
        | Node::Dial(_)
        | Node::End(_) => false,
    }
}

/// Rounds that nobody has been told of yet: those of nodes that are on none before.
pub(super) fn each_once<'a>(rounds: &Rounds<'a>, nodes: impl IntoIterator<Item = &'a NodeId>) -> Vec<Vec<&'a NodeId>> {
    let mut told: BTreeSet<&NodeId> = BTreeSet::new();
    let mut found = Vec::new();
    for node in nodes {
        if told.contains(node) {
            continue;
        }
        if let Some(round) = rounds.back_to(node) {
            told.extend(&round);
            found.push(round);
        }
    }
    found
}

/// "from `a` over `b` and `c` back to `a`".
pub(super) fn in_words(round: &[&NodeId]) -> String {
    let names: Vec<String> = round.iter().map(|node| format!("`{node}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => format!("from {only} straight back to {only}"),
        [first, between @ .., last] if between.is_empty() => format!("from {first} over {last} back to {first}"),
        [first, between @ .., last] => format!("from {first} over {} and {last} back to {first}", between.join(", ")),
    }
}
