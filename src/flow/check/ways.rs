//! How a caller comes to a node, in words: "a caller who presses 3, then 1 ...".
//!
//! The shortest way by the edges alone. It knows nothing of what a call holds (that is `states`), so it is an example
//! of a way and no proof.

use std::collections::{BTreeMap, VecDeque};

use crate::call::NodeId;
use crate::flow::node::Edge;
use crate::flow::{Line, Node, Universal};

/// The shortest way to each node that can be reached.
pub(in crate::flow) struct Ways<'a> {
    /// Node -> the node before it, and what leads on.
    before: BTreeMap<&'a NodeId, Option<(&'a NodeId, String)>>,
}

impl<'a> Ways<'a> {
    pub(in crate::flow) fn from_the_start(line: &'a Line) -> Self {
        let mut ways = Self { before: BTreeMap::new() };
        let mut next = VecDeque::new();
        ways.before.insert(&line.start, None);
        next.push_back(&line.start);
        while let Some(id) = next.pop_front() {
            for (target, how) in onward(line, id) {
                if !ways.before.contains_key(target) && line.nodes.contains_key(target) {
                    ways.before.insert(target, Some((id, how)));
                    next.push_back(target);
                }
            }
        }
        ways
    }

    /// Whether any call can come to it.
    pub(in crate::flow) fn reaches(&self, node: &NodeId) -> bool {
        self.before.contains_key(node)
    }

    /// All nodes that a call can come to, the nearest to its start first.
    pub(super) fn nearest_first(&self) -> Vec<&'a NodeId> {
        let steps =
            |node: &NodeId| std::iter::successors(Some(node), |at| Some(self.before.get(at)?.as_ref()?.0)).count();
        let mut nodes: Vec<&NodeId> = self.before.keys().copied().collect();
        nodes.sort_by_key(|node| steps(node));
        nodes
    }

    /// Who comes to it: `None` if nobody does, or everybody.
    pub(in crate::flow) fn to(&self, node: &NodeId) -> Option<String> {
        let mut steps = Vec::new();
        let mut at = node;
        while let Some(Some((before, how))) = self.before.get(at) {
            if !how.is_empty() {
                steps.push(how.as_str());
            }
            at = before;
        }
        steps.reverse();
        (!steps.is_empty()).then(|| format!("a caller who {}", steps.join(", then ")))
    }
}

/// Where a call can go from a node, and what the caller does or meets there; nothing if it goes by itself.
fn onward<'a>(line: &'a Line, id: &'a NodeId) -> Vec<(&'a NodeId, String)> {
    let Some(node) = line.nodes.get(id) else { return Vec::new() };
    let mut ways: Vec<_> = node.edges().iter().map(|edge| (edge.target, in_words(node, edge))).collect();
    match node {
        // Out of a sub-flow lead its returns; which exit that is says the edge of the call.
        Node::Call(call) => ways.extend(line.flows.get(&call.flow).map(|flow| (&flow.start, String::new()))),
        Node::Menu(_) | Node::Browse(_) | Node::Collect(_) | Node::Record(_) => {
            for (key, universal) in &line.keys {
                if let Universal::Node(target) = universal {
                    ways.push((target, format!("presses {key}")));
                }
            }
            if !matches!(node, Node::Menu(menu) if menu.then.is_some() || menu.silent.is_some())
                && !matches!(node, Node::Record(_))
            {
                ways.push((&line.ladder.then, "presses nothing three times".to_owned()));
            }
        }
        Node::Say(_)
        | Node::Verify(_)
        | Node::Lookup(_)
        | Node::Effect(_)
        | Node::Branch(_)
        | Node::Set(_)
        | Node::Return(_)
        | Node::Dial(_)
        | Node::Queue(_)
        | Node::End(_) => {}
    }
    ways
}

/// What the caller does or meets.
pub(in crate::flow) fn in_words(node: &Node, edge: &Edge<'_>) -> String {
    let key = edge.key.as_deref().unwrap_or_default();
    match (node, edge.field) {
        (Node::Collect(collect), "next") => format!("keys {}", collect.format.in_words()),
        (_, "keys") => format!("presses {key}"),
        (_, "silent") => "presses nothing".to_owned(),
        (Node::Record(_), "then") => "presses a wrong key three times".to_owned(),
        (_, "then") => "presses nothing three times".to_owned(),
        (_, "left") => "leaves with *".to_owned(),
        (_, "past-end") => "goes on behind the last item".to_owned(),
        (_, "past-start") => "goes back before the first item".to_owned(),
        (Node::Lookup(lookup), _) => format!("has `{}` answer {key}", lookup.lookup),
        (Node::Verify(_), _) => format!("has the PIN check end as {key}"),
        (_, "hung-up") => "is recorded and hangs up".to_owned(),
        (Node::Record(_), _) => match key {
            "recorded" => "says something".to_owned(),
            "empty" => "says nothing".to_owned(),
            _ => "cannot be recorded".to_owned(),
        },
        (Node::Queue(queue), _) => format!("has queue `{}` end as {key}", queue.queue),
        (Node::Dial(_), _) => format!("has the transfer end as {key}"),
        (Node::Branch(branch), _) => format!("has {key} as `{}`", branch.of),
        (Node::Call(call), _) => format!("leaves {} as {key}", call.flow),
        _ => String::new(),
    }
}
