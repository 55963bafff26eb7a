//! `long-menu`: more to choose from than a caller can keep in mind.

use super::{Check, Subject};
use crate::flow::Node;
use crate::yaml::Problems;

/// What callers can keep in mind until the end of a menu.
const MOST: usize = 5;

pub(super) const CHECK: Check = Check {
    name: "long-menu",
    finds: "A menu with more than five keys of its own.",
    why: "Whoever hears the sixth choice has forgotten the first. Older callers give up, or press 0 for a person.",
    example: "\
nodes:
  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: a, 2: b, 3: c, 4: d, 5: e, 6: f }
",
    fix: "put what is asked for least into a menu of its own behind the last key",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    for (id, node) in &subject.line().nodes {
        let keys = own_keys(node);
        if let Some(beyond) = keys.get(MOST) {
            let text = format!("`{id}` has {} keys to choose from; a menu has at most {MOST}", keys.len());
            let help = format!("put what is asked for least, from key {beyond} on, into a menu of its own");
            subject.advise(problems, &CHECK, id, &["keys"], text, help);
        }
    }
}

/// The keys of a menu or a browse, those that hold everywhere left out.
pub(super) fn own_keys(node: &Node) -> Vec<char> {
    match node {
        Node::Menu(menu) => menu.keys.keys().copied().collect(),
        Node::Browse(browse) => browse.keys.keys().copied().collect(),
        Node::Say(_)
        | Node::Collect(_)
        | Node::Verify(_)
        | Node::Lookup(_)
        | Node::Effect(_)
        | Node::Branch(_)
        | Node::Set(_)
        | Node::Call(_)
        | Node::Return(_)
        | Node::Record(_)
        | Node::Dial(_)
        | Node::Queue(_)
        | Node::End(_) => Vec::new(),
    }
}
