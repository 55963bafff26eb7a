//! `not-proved`: a line with more situations than are looked at.

use super::{Check, Subject};
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "not-proved",
    finds: "A line whose calls can come to so many situations that they are not all looked at.",
    why: "What is not looked at is not proved: a caller may be trapped, or hear somebody else's figures.",
    example: "\
# A sub-flow that calls itself has no last situation.
flow: ask
start: ask.again
exits: [done]
nodes:
  ask.again:
    kind: call
    flow: ask
    on: { done: ask.done }
",
    fix: "let no sub-flow call itself, hold fewer values at once, or make two lines of it",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    if !subject.states.complete || subject.values.iter().any(|states| !states.complete) {
        let start = &subject.loaded.line.start;
        subject.find(
            problems,
            &CHECK,
            start,
            &[],
            "there are too many situations in this line to prove anything of it",
        );
    }
}
