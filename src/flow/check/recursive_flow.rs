//! `recursive-flow`: a sub-flow that calls itself, directly or by way of others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Check, Subject};
use crate::call::{Name, NodeId};
use crate::flow::Node;
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "recursive-flow",
    finds: "A sub-flow that calls itself, directly or by way of others.",
    why: "Each round has to be left by its own `return`: whoever has gone round five times has to come out five times, \
          and passes the edges behind the `call` as often.",
    example: "\
flow: verify
nodes:
  verify.wrong:
    kind: call
    flow: verify              # back to its start with an edge is what is meant
    on: { verified: verify.ok, refused: verify.refused }
",
    fix: "lead an edge back to a node of the sub-flow instead of calling it",
    run,
};

/// A call of a sub-flow: where it stands, and what it calls.
type Call<'a> = (&'a NodeId, &'a Name);

fn run(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    let flow_of: BTreeMap<Arc<str>, &Name> =
        line.flows.iter().map(|(name, flow)| (subject.places.of_flow(flow, &[]).0, name)).collect();
    let mut calls: BTreeMap<&Name, Vec<Call<'_>>> = BTreeMap::new();
    for (id, node) in &line.nodes {
        if let (Node::Call(call), Some(flow)) = (node, flow_of.get(&subject.places.of_node(id, &[]).0)) {
            calls.entry(flow).or_default().push((id, &call.flow));
        }
    }
    let mut told: BTreeSet<&Name> = BTreeSet::new();
    for flow in line.flows.keys() {
        if told.contains(flow) {
            continue;
        }
        let back = calls.get(flow).into_iter().flatten().find_map(|call| Some((call, round(&calls, call, flow)?)));
        if let Some(((id, _), round)) = back {
            told.extend(&round);
            let text = match round.as_slice() {
                [_] => format!("sub-flow `{flow}` calls itself"),
                others => {
                    let over: Vec<String> = others.iter().skip(1).map(|name| format!("`{name}`")).collect();
                    format!("sub-flow `{flow}` calls itself by way of {}", over.join(" and "))
                }
            };
            subject.find(problems, &CHECK, id, &["flow"], text);
        }
    }
}

/// The sub-flows of a way from a call back to `flow`, `flow` first.
fn round<'a>(
    calls: &BTreeMap<&'a Name, Vec<Call<'a>>>,
    (_, first): &Call<'a>,
    flow: &'a Name,
) -> Option<Vec<&'a Name>> {
    let mut seen = BTreeSet::from([*first]);
    let mut ways = vec![(*first, vec![flow])];
    while let Some((at, mut way)) = ways.pop() {
        if at == flow {
            return Some(way);
        }
        way.push(at);
        let onward = calls.get(at).into_iter().flatten().filter(|(_, called)| seen.insert(called));
        ways.extend(onward.map(|(_, called)| (*called, way.clone())));
    }
    None
}
