//! `end-without-words`: a call that ends and nothing is said.

use std::collections::{BTreeMap, VecDeque};

use super::loops::listens;
use super::{Check, Subject};
use crate::call::NodeId;
use crate::flow::node::End;
use crate::flow::{Line, Node, Universal};
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "end-without-words",
    finds: "An end that a caller can come to without being told anything.",
    why: "The line goes dead in the middle of a call. The caller takes it for a fault and calls again.",
    example: "\
nodes:
  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: balance, 2: main.end }
  main.end:
    kind: end            # no prompt
",
    fix: "give the end a `prompt` that says goodbye, and why",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    let silent = in_silence(line);
    for (id, node) in &line.nodes {
        if let (Node::End(End { prompt: None }), Some(after)) = (node, silent.get(id)) {
            let text = match after {
                Some(last) => format!("a call can end at `{id}` without a word after `{last}`"),
                None => format!("a call can end at `{id}` without a word"),
            };
            subject.find(problems, &CHECK, id, &[], text);
        }
    }
}

/// The nodes that a call can come to with nothing said since it listened or rang somebody, and where that was; `None`
/// for a call that has just begun, or a key that holds everywhere.
fn in_silence(line: &Line) -> BTreeMap<&NodeId, Option<&NodeId>> {
    let universal =
        line.keys.values().filter_map(|key| if let Universal::Node(node) = key { Some(node) } else { None });
    let mut next: VecDeque<_> = universal.chain([&line.start, &line.ladder.then]).map(|node| (node, None)).collect();
    for (id, node) in
        line.nodes.iter().filter(|(_, node)| listens(node) || matches!(node, Node::Dial(_) | Node::Queue(_)))
    {
        next.extend(node.edges().iter().map(|edge| (edge.target, Some(id))));
    }
    let mut seen: BTreeMap<&NodeId, Option<&NodeId>> = BTreeMap::new();
    while let Some((id, after)) = next.pop_front() {
        let Some(node) = line.nodes.get(id) else { continue };
        if seen.contains_key(id) {
            continue;
        }
        seen.insert(id, after);
        let onward: Vec<&NodeId> = match node {
            Node::Say(_)
            | Node::Menu(_)
            | Node::Collect(_)
            | Node::Browse(_)
            | Node::Record(_)
            | Node::Dial(_)
            | Node::Queue(_)
            | Node::End(_) => continue,
            Node::Call(call) => line.flows.get(&call.flow).map(|flow| &flow.start).into_iter().collect(),
            // To whichever node called: which that was is not known here.
            Node::Return(leaves) => {
                let nodes = line.nodes.values();
                let calls = nodes.filter_map(|node| if let Node::Call(call) = node { Some(call) } else { None });
                calls.filter_map(|call| call.on.get(&leaves.exit)).collect()
            }
            Node::Verify(_) | Node::Lookup(_) | Node::Effect(_) | Node::Branch(_) | Node::Set(_) => {
                node.edges().iter().map(|edge| edge.target).collect()
            }
        };
        next.extend(onward.into_iter().map(|node| (node, after)));
    }
    seen
}
