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

/// What is known of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Caller {
    /// Nothing.
    Anybody,
    Verified,
    NotVerified,
}

impl Caller {
    const ALL: [Self; 3] = [Self::Anybody, Self::Verified, Self::NotVerified];
}

/// Where a call is, and whether its caller is verified, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State<'a> {
    node: &'a NodeId,
    caller: Caller,
}

/// A sub-flow or an exit of it, and what is known of the caller there.
type At<'a> = (&'a Name, Caller);

/// A line with what is followed of it.
pub(super) struct Rounds<'a> {
    line: &'a Line,
    follow: fn(&'a Line, &'a Node) -> Onward<'a>,
    /// Sub-flow and what is known when it is called -> its exits, and what is known there.
    exits: BTreeMap<At<'a>, BTreeSet<At<'a>>>,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(line: &'a Line, follow: fn(&'a Line, &'a Node) -> Onward<'a>) -> Self {
        let mut rounds = Self { line, follow, exits: BTreeMap::new() };
        // An exit that is found may open a way to another: until there is nothing new.
        loop {
            let mut exits = BTreeMap::new();
            for (name, flow) in &line.flows {
                for caller in Caller::ALL {
                    exits.insert((name, caller), rounds.exits_from(State { node: &flow.start, caller }));
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
        Caller::ALL.into_iter().find_map(|caller| self.round(State { node, caller }))
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
                before.entry(onward).or_insert_with(|| {
                    next.push_back(onward);
                    state
                });
            }
        }
        None
    }

    /// The exits of a sub-flow that a call comes to from its first node.
    fn exits_from(&self, start: State<'a>) -> BTreeSet<At<'a>> {
        let mut exits = BTreeSet::new();
        let mut seen = BTreeSet::from([start]);
        let mut next = vec![start];
        while let Some(state) = next.pop() {
            if let Some(Node::Return(leaves)) = self.line.nodes.get(state.node) {
                exits.insert((&leaves.exit, state.caller));
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
            let exits = self.exits.get(&(&call.flow, state.caller)).into_iter().flatten();
            let back = exits.filter_map(|(exit, caller)| Some(State { node: call.on.get(*exit)?, caller: *caller }));
            let start = self.line.flows.get(&call.flow).filter(|_| inside);
            return back.chain(start.map(|flow| State { node: &flow.start, caller: state.caller })).collect();
        }
        let edges = follow.edges.iter().filter_map(|edge| {
            let caller = after(node, edge.key.as_deref().unwrap_or_default(), state.caller)?;
            Some(State { node: edge.target, caller })
        });
        let out = follow.out.filter(|_| inside).map(|node| State { node, caller: Caller::Anybody });
        edges.chain(out).collect()
    }
}

/// What is known of the caller behind an edge; `None` if it cannot be taken.
fn after(node: &Node, key: &str, caller: Caller) -> Option<Caller> {
    let only = |those: Caller, others: Caller| (caller != others).then_some(those);
    match node {
        Node::Lookup(_) if key == Signature::EXPIRED => Some(Caller::NotVerified),
        Node::Lookup(lookup) if lookup.signature.personal => only(Caller::Verified, Caller::NotVerified),
        Node::Branch(branch) if branch.of == "verification" && key == "verified" => {
            only(Caller::Verified, Caller::NotVerified)
        }
        Node::Branch(branch) if branch.of == "verification" => only(Caller::NotVerified, Caller::Verified),
        Node::Verify(_) => Some(match key {
            "verified" => Caller::Verified,
            "initial" | "refused" => Caller::NotVerified,
            _ => caller,
        }),
        // Time passes while a caller listens or talks.
        Node::Menu(_) | Node::Collect(_) | Node::Browse(_) | Node::Record(_) | Node::Dial(_) | Node::Queue(_) => {
            Some(Caller::Anybody)
        }
        Node::Say(say) if say.listen.is_some() => Some(Caller::Anybody),
        Node::Say(_)
        | Node::Lookup(_)
        | Node::Effect(_)
        | Node::Branch(_)
        | Node::Set(_)
        | Node::Call(_)
        | Node::Return(_)
        | Node::End(_) => Some(caller),
    }
}

/// Whether a node waits for what the caller does.
pub(super) fn listens(node: &Node) -> bool {
    match node {
        Node::Menu(_) | Node::Collect(_) | Node::Browse(_) | Node::Record(_) | Node::Queue(_) => true,
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
        [first, last] => format!("from {first} over {last} back to {first}"),
        [first, between @ .., last] => format!("from {first} over {} and {last} back to {first}", between.join(", ")),
    }
}
