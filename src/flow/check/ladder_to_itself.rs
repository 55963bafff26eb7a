//! `ladder-to-itself`: whoever says nothing is asked the same for ever.

use super::loops::{Onward, Rounds, each_once, in_words, listens};
use super::{Check, Subject};
use crate::call::RecordOutcome;
use crate::flow::node::Edge;
use crate::flow::{Line, Node};
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "ladder-to-itself",
    finds: "A menu, a browse or an entry that silence leads back to, past nobody who could help.",
    why: "A caller who cannot press keys, or has put the telephone down, is asked the same for an hour. A ladder ends \
          with a person, or with a goodbye that says why.",
    example: "\
nodes:
  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: balance, 2: payments }
    then: main.menu
",
    fix: "lead `then` (or `silent`) to a person, or to an end that says why",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    let rounds = Rounds::new(line, in_silence);
    let listening = subject.ways.nearest_first().into_iter().filter(|node| line.nodes.get(*node).is_some_and(listens));
    for round in each_once(&rounds, listening) {
        let Some(first) = round.first() else { continue };
        let silent = matches!(line.nodes.get(*first), Some(Node::Menu(menu)) if menu.silent.is_some());
        let field = if silent { "silent" } else { "then" };
        let text = format!("silence leads {}", in_words(&round));
        let help = format!("lead `{field}` of `{first}` to a person, or to an end that says why");
        subject.advise(problems, &CHECK, first, &[field], text, help);
    }
}

/// Where a caller comes who presses nothing. Where somebody is rung there is a person.
fn in_silence<'a>(line: &'a Line, node: &'a Node) -> Onward<'a> {
    let field = match node {
        Node::Menu(menu) if menu.silent.is_some() => "silent",
        Node::Menu(_) | Node::Collect(_) | Node::Browse(_) => "then",
        // Who says nothing is not recorded.
        Node::Record(_) => {
            let empty = |edge: &Edge<'_>| edge.key.as_deref() == Some(RecordOutcome::Empty.name());
            return Onward { edges: node.edges().into_iter().filter(empty).collect(), out: None };
        }
        Node::Dial(_) | Node::Queue(_) => return Onward { edges: Vec::new(), out: None },
        Node::Say(_)
        | Node::Verify(_)
        | Node::Lookup(_)
        | Node::Effect(_)
        | Node::Branch(_)
        | Node::Set(_)
        | Node::Call(_)
        | Node::Return(_)
        | Node::End(_) => return Onward { edges: node.edges(), out: None },
    };
    let edges: Vec<_> = node.edges().into_iter().filter(|edge| edge.field == field).collect();
    let out = edges.is_empty().then_some(&line.ladder.then);
    Onward { edges, out }
}
