//! `open-pin`: a PIN that is taken like any other number.

use super::{Check, Subject};
use crate::flow::Node;
use crate::flow::definition::Format;
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "open-pin",
    finds: "An entry of format `pin` that is not secret.",
    why: "Only a secret entry is taken out at the door. This one is held in the session and written to the call's log.",
    example: "\
nodes:
  verify.pin:
    kind: collect
    prompt: verify.pin
    format: pin
    as: pin
    next: verify.check
",
    fix: "write `secret: true` in place of `as`",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    for (id, node) in &subject.line().nodes {
        if matches!(node, Node::Collect(collect) if collect.format == Format::Pin && !collect.secret) {
            subject.find(problems, &CHECK, id, &["format"], format!("`{id}` takes a PIN and keeps it"));
        }
    }
}
