//! `menu-order`: the keys of a menu are not 1, 2, 3 as they are said.

use super::long_menu::own_keys;
use super::{Check, Subject};
use crate::call::{NodeId, PromptId};
use crate::flow::Node;
use crate::prompt::spoken_keys;
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "menu-order",
    finds: "A menu whose keys do not begin with 1, have a gap, or are said in another order.",
    why: "Callers count along: after two they expect three. A key that is passed over sounds like one that was missed, \
          and they wait for the menu to begin again.",
    example: "\
nodes:
  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: balance, 2: payments, 4: guide }
",
    fix: "number the keys from 1 without gaps, and say them in that order",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    for (id, node) in &subject.line().nodes {
        // 0, * and # hold everywhere in most lines; where they do not they are no part of the count.
        let keys: Vec<char> =
            own_keys(node).into_iter().filter(char::is_ascii_digit).filter(|key| *key != '0').collect();
        if let Some((expected, key)) = ('1'..).zip(&keys).find(|(expected, key)| expected != *key) {
            let text = format!("key {key} of `{id}` stands where {expected} is expected");
            let help =
                format!("number the choices from 1 without gaps: make key {key} key {expected}, here and in the texts");
            subject.advise(problems, &CHECK, id, &["keys", &key.to_string()], text, help);
        }
        match node {
            // Each language of it says its own key.
            Node::Menu(menu) if !menu.prompt.every_language => order(subject, problems, id, &menu.prompt.id, &keys),
            Node::Browse(browse) => order(subject, problems, id, &browse.prompt, &keys),
            Node::Menu(_)
            | Node::Say(_)
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
            | Node::End(_) => {}
        }
    }
}

/// The order in which a text says the keys of its node.
fn order(subject: &Subject<'_>, problems: &Problems, id: &NodeId, prompt: &PromptId, keys: &[char]) {
    for language in &subject.line().languages {
        let Some(text) = subject.loaded.catalogue.text(prompt.as_str(), language) else { continue };
        let said: Vec<char> = spoken_keys(language, &text).into_iter().filter(|key| keys.contains(key)).collect();
        if let Some([before, after]) = said.array_windows::<2>().find(|[before, after]| before > after) {
            let text = format!("this text says key {after} of `{id}` after key {before}");
            let help = format!("say what key {after} does before what key {before} does, or number them anew");
            subject.in_text(problems, &CHECK, (prompt, language), Some(id), text, help);
        }
    }
}
