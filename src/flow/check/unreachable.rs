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
    for id in subject.loaded.line.nodes.keys() {
        if !subject.ways.reaches(id) {
            subject.find(problems, &CHECK, id, &[], format!("no call can come to `{id}`"));
        }
    }
}
