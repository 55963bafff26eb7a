//! What calls did in a line, by their own logs: how often they came to each node and took each edge, where they hung up,
//! how long they stayed.
//!
//! A log says what came in and which nodes were entered; the edge between two of them is found again here. It counts
//! calls and says nothing about any of them: no key, value or number gets out.

use std::collections::BTreeMap;
use std::time::Duration;

use super::node::{Edge, Walk};
use super::{Event, Input, Line, Node, SecretEntry, Universal};
use crate::call::{EndCause, Name, NodeId, RecordOutcome, Timestamp};

/// What calls did, added up.
#[derive(Debug)]
pub struct Traffic<'a> {
    line: &'a Line,
    flows: BTreeMap<&'a NodeId, &'a Name>,
    pub calls: u64,
    pub nodes: BTreeMap<NodeId, AtNode>,
    /// By node and [`Edge::name`]. Universal keys, the end of the ladder and `back` are no edges of a node.
    pub edges: BTreeMap<(NodeId, String), u64>,
}

/// What calls did at a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtNode {
    /// How often a call came to it; asking again does not count.
    pub visits: u64,
    /// How many callers hung up there.
    pub left: u64,
    /// How long calls waited there, in milliseconds; those that only passed are not in it.
    stays_ms: Vec<u32>,
}

impl AtNode {
    /// How long a call waits there on average; `None` if none did.
    #[must_use]
    pub fn mean_stay(&self) -> Option<Duration> {
        let sum: u64 = self.stays_ms.iter().copied().map(u64::from).sum();
        sum.checked_div(self.stays_ms.len() as u64).map(Duration::from_millis)
    }

    /// Nine of ten calls do not wait there longer.
    #[must_use]
    pub fn p90_stay(&self) -> Option<Duration> {
        let mut stays = self.stays_ms.clone();
        stays.sort_unstable();
        let rank = (stays.len() * 9).div_ceil(10).checked_sub(1)?;
        stays.get(rank).copied().map(u64::from).map(Duration::from_millis)
    }
}

/// Where a call stands while its log is read.
struct Place<'a> {
    node: Option<&'a NodeId>,
    since: Timestamp,
    /// The `call` nodes whose sub-flows are open, outermost first.
    callers: Vec<&'a NodeId>,
}

impl<'a> Traffic<'a> {
    /// No call so far.
    #[must_use]
    pub fn new(line: &'a Line) -> Self {
        let flows = line.flows_of_nodes();
        Self { line, flows, calls: 0, nodes: BTreeMap::new(), edges: BTreeMap::new() }
    }

    /// Adds a call of this line: its turns in their order, each with its time and its events.
    pub fn add<'e, E: IntoIterator<Item = &'e Event>>(&mut self, turns: impl IntoIterator<Item = (Timestamp, E)>) {
        self.calls += 1;
        let mut place = Place { node: None, since: Timestamp::default(), callers: Vec::new() };
        for (at, events) in turns {
            let mut input = None;
            for event in events {
                match event {
                    Event::Input(new) => input = Some(new),
                    Event::Entered(node) => self.enter(&mut place, node, input.take(), at),
                    Event::Ended(cause) => self.end(&place, *cause, at),
                    Event::Said(_) | Event::Fault(_) => {}
                }
            }
        }
    }

    fn enter(&mut self, place: &mut Place<'a>, node: &NodeId, input: Option<&Input>, at: Timestamp) {
        // A node that this version does not have is not of this line.
        let Some((node, _)) = self.line.nodes.get_key_value(node) else { return };
        self.leave(place, at);
        if let Some(edge) = self.way(place, node, input) {
            *self.edges.entry(edge).or_default() += 1;
        }
        self.nodes.entry(node.clone()).or_default().visits += 1;
        (place.node, place.since) = (Some(node), at);
    }

    fn end(&mut self, place: &Place<'_>, cause: EndCause, at: Timestamp) {
        self.leave(place, at);
        if let (Some(node), EndCause::CallerHungUp) = (place.node, cause) {
            self.nodes.entry(node.clone()).or_default().left += 1;
        }
    }

    fn leave(&mut self, place: &Place<'_>, at: Timestamp) {
        let stayed = u32::try_from(at.since(place.since).as_millis()).unwrap_or(u32::MAX);
        if let (Some(node), 1..) = (place.node, stayed) {
            self.nodes.entry(node.clone()).or_default().stays_ms.push(stayed);
        }
    }

    /// The edge by which a call came to `node`, if it is one; keeps account of the sub-flows that are open.
    fn way(&self, place: &mut Place<'a>, node: &'a NodeId, input: Option<&Input>) -> Option<(NodeId, String)> {
        let (from, before) = self.line.nodes.get_key_value(place.node?)?;
        if let Node::Call(call) = before
            && self.line.flows.get(&call.flow).is_some_and(|flow| flow.start == *node)
        {
            place.callers.push(from);
            return None;
        }
        if let Node::Return(exit) = before {
            let caller = place.callers.pop()?;
            let edges = self.line.nodes.get(caller)?.edges();
            let edge = edges.iter().find(|edge| edge.key.as_deref() == Some(exit.exit.as_str()))?;
            return Some((caller.clone(), edge.name()));
        }
        let edges: Vec<Edge<'_>> = before.edges().into_iter().filter(|edge| edge.target == node).collect();
        if let Some(edge) = taken(self.line, before, &edges, input) {
            return Some((from.clone(), edge.name()));
        }
        self.jump(place, node);
        None
    }

    /// A universal key, `back` or the end of the ladder left all sub-flows that `node` is not in.
    fn jump(&self, place: &mut Place<'a>, node: &NodeId) {
        let own = self.flows.get(node).copied();
        let flow = |caller: &NodeId| match self.line.nodes.get(caller) {
            Some(Node::Call(call)) => Some(call.flow.clone()),
            _ => None,
        };
        while place.callers.last().is_some_and(|caller| flow(caller).as_ref() != own) {
            place.callers.pop();
        }
    }
}

/// Which of the edges that lead there was taken; `None` if none of them was.
fn taken<'e, 'a>(line: &Line, node: &Node, edges: &'e [Edge<'a>], input: Option<&Input>) -> Option<&'e Edge<'a>> {
    let of_field = |field| edges.iter().find(|edge| edge.field == field);
    let of_key = |key: &str| edges.iter().find(|edge| edge.key.as_deref() == Some(key));
    match (node, input) {
        (Node::Menu(_) | Node::Browse(_), Some(Input::Pressed(keys))) => {
            let walks = matches!(node, Node::Browse(browse) if walks(line, &browse.keys, keys.single()));
            if walks {
                return of_field("past-end").or_else(|| of_field("past-start"));
            }
            of_key(keys.as_str()).or_else(|| if universal(line, keys.as_str()) { None } else { of_field("then") })
        }
        (Node::Menu(_) | Node::Browse(_), _) => of_field("silent").or_else(|| of_field("then")),
        (Node::Collect(_), Some(Input::Pressed(keys))) => match keys.as_str() {
            "0" => None,
            keys if keys.starts_with('*') => of_field("left").or_else(|| of_field("next")),
            _ => of_field("next").or_else(|| of_field("then")),
        },
        (Node::Collect(_), Some(Input::Entered(entry))) => match entry {
            SecretEntry::Complete => of_field("next"),
            SecretEntry::Operator => None,
            SecretEntry::Left => of_field("left"),
            SecretEntry::TooShort | SecretEntry::TooLong | SecretEntry::Nothing => of_field("then"),
        },
        (Node::Collect(_), _) => of_field("then"),
        (Node::Say(say), Some(Input::Pressed(keys))) if say.listen.is_some() && leaves(line, keys.as_str()) => None,
        (Node::Lookup(_) | Node::Verify(_), Some(Input::LookupDone { outcome, .. })) => of_key(outcome),
        // A late lookup is unavailable, whatever it would have answered.
        (Node::Lookup(_) | Node::Verify(_), _) => of_key(crate::call::Signature::UNAVAILABLE).or(edges.first()),
        (Node::Record(_), Some(Input::RecordEnded { outcome, .. })) => {
            of_key(outcome.name()).or_else(|| of_field("hung-up"))
        }
        (Node::Record(_), Some(Input::Continued | Input::DialEnded { .. })) => of_key(RecordOutcome::Failed.name()),
        (Node::Queue(_), Some(Input::Pressed(keys))) => of_key(keys.as_str()),
        (Node::Queue(_), Some(Input::LookupDone { outcome, .. })) if outcome == "served" => of_key("talked"),
        (Node::Queue(_), Some(Input::LookupDone { outcome, .. })) => of_key(outcome),
        (Node::Queue(_), Some(Input::DialEnded { outcome, .. })) => of_key(outcome.name()),
        (Node::Queue(_) | Node::Record(_), _) => None,
        // A whisper that was refused is told as something else by some providers.
        (Node::Dial(_), Some(Input::DialEnded { outcome, .. })) => of_key(outcome.name()).or(edges.first()),
        _ => edges.first(),
    }
}

/// Whether a key is one that holds everywhere.
fn universal(line: &Line, key: &str) -> bool {
    line.keys.keys().any(|known| key == known.to_string())
}

/// Whether a key leads somewhere else from everywhere.
fn leaves(line: &Line, key: &str) -> bool {
    let leads = |universal: &Universal| matches!(universal, Universal::Node(_) | Universal::Back);
    line.keys.iter().any(|(known, universal)| key == known.to_string() && leads(universal))
}

/// Whether a key walks the list of a browse.
fn walks(line: &Line, own: &BTreeMap<char, Walk>, key: Option<char>) -> bool {
    let Some(key) = key else { return false };
    match own.get(&key) {
        Some(walk) => matches!(walk, Walk::Next | Walk::Previous),
        None => line.keys.get(&key) == Some(&Universal::Onward),
    }
}
