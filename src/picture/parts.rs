//! A line in parts, each small enough to be read by itself: a part for each sub-flow, and the main flow by topic,
//! which is the first word of its nodes' names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::call::NodeId;
use crate::flow::{Line, Node, SubFlow, Universal};

/// Up to this many nodes, the main flow is one part.
const SMALL: usize = 24;
/// A topic with fewer nodes is drawn with the start of the line.
const TOPIC: usize = 3;

/// What is drawn in one box.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// Of the sub-flow, or the topic.
    pub(super) name: String,
    /// In the order in which a call can come to them.
    pub(super) nodes: Vec<&'a NodeId>,
    pub(super) flow: Option<&'a SubFlow>,
}

/// The parts of a line: the main flow first, from where a call begins.
pub(super) fn parts(line: &Line) -> Vec<Part<'_>> {
    let order = in_order_of_calls(line);
    let flows = line.flows_of_nodes();
    let main: Vec<&NodeId> = order.iter().copied().filter(|id| !flows.contains_key(id)).collect();
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut put = |name: &str, flow, id| match parts.iter_mut().find(|part| part.name == name && part.flow == flow) {
        Some(part) => part.nodes.push(id),
        None => parts.push(Part { name: name.to_owned(), nodes: vec![id], flow }),
    };
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for id in &main {
        *sizes.entry(topic(id)).or_default() += 1;
    }
    for id in &main {
        let own = topic(id);
        let large = sizes.get(own).is_some_and(|size| *size >= TOPIC);
        put(if main.len() <= SMALL || !large { topic(&line.start) } else { own }, None, *id);
    }
    for id in &order {
        if let Some(flow) = flows.get(id) {
            put(flow.as_str(), line.flows.get(*flow), *id);
        }
    }
    parts
}

/// The first word of a node's name.
fn topic(id: &NodeId) -> &str {
    id.as_str().split('.').next().unwrap_or_default()
}

/// All nodes: those that a call comes to sooner first, those that none comes to last.
fn in_order_of_calls(line: &Line) -> Vec<&NodeId> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    let entries = line.keys.values().filter_map(|key| match key {
        Universal::Node(target) => Some(target),
        Universal::Again | Universal::Back | Universal::Onward => None,
    });
    let mut next: VecDeque<&NodeId> = std::iter::once(&line.start).collect();
    let mut later: VecDeque<&NodeId> =
        entries.chain([&line.ladder.then, &line.expired.1]).chain(line.nodes.keys()).collect();
    while let Some(id) = next.pop_front().or_else(|| later.pop_front()) {
        let Some((id, node)) = line.nodes.get_key_value(id) else { continue };
        if !seen.insert(id) {
            continue;
        }
        order.push(id);
        next.extend(node.edges().into_iter().map(|edge| edge.target));
        if let Node::Call(call) = node {
            next.extend(line.flows.get(&call.flow).map(|flow| &flow.start));
        }
    }
    order
}
