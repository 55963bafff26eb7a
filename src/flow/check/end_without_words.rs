//! `end-without-words`: a call that ends and nothing is said.

use std::collections::{BTreeSet, VecDeque};

use super::loops::listens;
use super::{Check, Subject};
use crate::call::NodeId;
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
    for (id, node) in &subject.line().nodes {
        if matches!(node, Node::End(end) if end.prompt.is_none()) && in_silence(subject.line()).contains(id) {
            subject.find(problems, &CHECK, id, &[], format!("a call can end at `{id}` without a word"));
        }
    }
}

/// The nodes that a call can come to with nothing said since the caller's last key, or the end of a dial.
fn in_silence(line: &Line) -> BTreeSet<&NodeId> {
    let universal =
        line.keys.values().filter_map(|key| if let Universal::Node(node) = key { Some(node) } else { None });
    let mut next: VecDeque<&NodeId> = universal.chain([&line.start, &line.ladder.then]).collect();
    let mut seen: BTreeSet<&NodeId> = BTreeSet::new();
    let after_keys = line.nodes.values().filter(|node| listens(node) || matches!(node, Node::Dial(_)));
    next.extend(after_keys.flat_map(Node::edges).map(|edge| edge.target));
    while let Some(id) = next.pop_front() {
        let Some(node) = line.nodes.get(id).filter(|_| seen.insert(id)) else { continue };
        match node {
            Node::Say(_) => {}
            Node::Call(call) => next.extend(line.flows.get(&call.flow).map(|flow| &flow.start)),
            // To whichever node called: which that was is not known here.
            Node::Return(leaves) => {
                let calls =
                    line.nodes.values().filter_map(|node| if let Node::Call(call) = node { Some(call) } else { None });
                next.extend(calls.filter_map(|call| call.on.get(&leaves.exit)));
            }
            _ if listens(node) => {}
            Node::Menu(_)
            | Node::Collect(_)
            | Node::Browse(_)
            | Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Set(_)
            | Node::Dial(_)
            | Node::End(_) => next.extend(node.edges().iter().map(|edge| edge.target)),
        }
    }
    seen
}
