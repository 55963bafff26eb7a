//! `unreachable-node`: a node that no call can come to.

use super::{Check, Subject};
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "unreachable-node",
    finds: "A node that no call can come to.",
    why: "What an author wrote is never heard; most often an edge elsewhere leads to the wrong node.",
    example: "\
nodes:
  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: balance }
  payments:            # no key leads here
    kind: say
    prompt: pay.intro
    next: main.menu
",
    fix: "lead an edge to it, or delete it",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    // A sub-flow that no call comes into is one finding, `unused-flow`, and not one for each of its nodes.
    let unused = subject.line().flows.values().filter(|flow| !subject.ways.reaches(&flow.start));
    let files: Vec<_> = unused.map(|flow| subject.places.of_flow(flow, &[]).0).collect();
    for id in subject.line().nodes.keys() {
        if !subject.ways.reaches(id) && !files.contains(&subject.places.of_node(id, &[]).0) {
            subject.find(problems, &CHECK, id, &[], format!("no call can come to `{id}`"));
        }
    }
}
