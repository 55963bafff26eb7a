//! `endless-loop`: a way that comes back to itself and listens to nobody.

use super::loops::{Onward, Rounds, each_once, in_words, listens};
use super::{Check, Subject};
use crate::flow::{Line, Node};
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "endless-loop",
    finds: "A way that comes back to itself without listening to the caller.",
    why: "Says, lookups, branches and dials take no keys. A call that goes round among them says the same again and \
          again until we end it, whatever the caller presses.",
    example: "\
nodes:
  account.ask:
    kind: lookup
    lookup: duty
    on:
      on-duty: op.transfer
      closed: account.busy      # and back from there
      ...
  account.busy:
    kind: say
    prompt: sys.busy
    next: account.ask
",
    fix: "lead one of its edges to a menu, or end the call with words that say why",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    let rounds = Rounds::new(subject.line(), without_listening);
    for round in each_once(&rounds, subject.ways.nearest_first()) {
        let [first, ..] = round.as_slice() else { continue };
        let text = format!("nobody is listened to on the way {}", in_words(&round));
        let last = round.last().unwrap_or(first);
        let help = format!("lead an edge of `{last}` to a menu, or to an end with words that say why");
        subject.advise(problems, &CHECK, first, &[], text, help);
    }
}

fn without_listening<'a>(_: &'a Line, node: &'a Node) -> Onward<'a> {
    Onward { edges: if listens(node) { Vec::new() } else { node.edges() }, out: None }
}
