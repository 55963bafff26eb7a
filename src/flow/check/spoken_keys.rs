//! `spoken-keys`: what a caller is told to press is not what is listened for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::long_menu::own_keys;
use super::{Check, Subject};
use crate::call::{Language, NodeId, PromptId};
use crate::flow::{Line, Node, Universal};
use crate::prompt::spoken_keys;
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "spoken-keys",
    finds: "A text that says other keys than those that are listened for where it is heard.",
    why: "A caller who does as they are told hears that the key is wrong, or comes to what they did not ask for; and \
          nobody finds a choice that is never said. Also said where it is heard: a key before a dial, at an end, while \
          a lookup is under way, is lost.",
    example: "\
main.yaml:           keys: { 1: balance, 2: payments, 3: guide }
prompts/en:          main.menu: For your balance press one, for payments press two.
",
    fix: "make `keys` and the texts in every language say the same",
    run,
};

/// The keys that do something.
type Keys = BTreeSet<char>;

fn run(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    let search = Search { subject, problems, told: RefCell::default() };
    for (id, node) in &line.nodes {
        let nothing = Keys::new();
        match node {
            Node::Menu(menu) => search.menu(id, node, &menu.prompt.id, menu.prompt.every_language),
            Node::Browse(browse) => {
                search.menu(id, node, &browse.prompt, false);
                let items = browse.cases.values().chain(&browse.several);
                items.for_each(|item| search.only(Some(id), &item.id, &in_a_menu(line, node)));
            }
            Node::Collect(collect) => {
                for prompt in [Some(&collect.prompt.id), collect.invalid.as_ref()].into_iter().flatten() {
                    search.only(Some(id), prompt, &in_an_entry(line));
                }
            }
            Node::Say(say) if say.listen.is_some() => search.only(Some(id), &say.prompt.id, &everywhere(line)),
            // `#` ends what is said.
            Node::Record(record) => {
                let keys = everywhere(line).into_iter().chain(['#']).collect();
                search.only(Some(id), &record.prompt.id, &keys);
            }
            Node::Say(say) => search.only(Some(id), &say.prompt.id, &heard_with(line, &say.next)),
            Node::Dial(dial) => {
                search.only(Some(id), &dial.prompt.id, &nothing);
                dial.whisper.iter().for_each(|whisper| search.whisper(id, &whisper.prompt.id, whisper.accept));
            }
            Node::Queue(queue) => {
                let waits = in_a_queue(line, &queue.keys);
                let told = [&queue.place, &queue.better, &queue.soon].into_iter();
                let told = told.chain(queue.offer.as_ref().map(|offer| &offer.prompt));
                told.for_each(|prompt| search.only(Some(id), &prompt.id, &waits));
                let rings = [&queue.connecting].into_iter().chain(&queue.recorded);
                rings.for_each(|prompt| search.only(Some(id), &prompt.id, &nothing));
                search.whisper(id, &queue.whisper.prompt.id, queue.whisper.accept);
            }
            Node::Lookup(lookup) => {
                lookup.filler.iter().for_each(|filler| search.only(Some(id), &filler.id, &nothing));
            }
            Node::End(end) => end.prompt.iter().for_each(|prompt| search.only(Some(id), &prompt.id, &nothing)),
            Node::Verify(_) | Node::Effect(_) | Node::Branch(_) | Node::Set(_) | Node::Call(_) | Node::Return(_) => {}
        }
    }
    for (prompt, keys) in settings(line) {
        search.only(None, prompt, &keys);
    }
}

/// The prompts of `line.yaml`, and what can be pressed where they are heard.
fn settings(line: &Line) -> BTreeMap<&PromptId, Keys> {
    let ladder = line.ladder.silent.iter().chain(&line.ladder.wrong_key).map(|prompt| (prompt, everywhere(line)));
    let entry = [&line.ladder.short, &line.ladder.long].map(|prompt| (prompt, in_an_entry(line)));
    let expired = (&line.expired.0, heard_with(line, &line.expired.1));
    let alone = [&line.wait, &line.apology.prompt, &line.apology.end, &line.unknown_call, &line.too_long];
    ladder.chain(entry).chain([expired]).chain(alone.map(|prompt| (prompt, Keys::new()))).collect()
}

fn everywhere(line: &Line) -> Keys {
    line.keys.keys().copied().collect()
}

/// The keys of a menu or a browse, and those that hold everywhere.
fn in_a_menu(line: &Line, node: &Node) -> Keys {
    own_keys(node).into_iter().chain(everywhere(line)).collect()
}

/// While somebody waits, 1 goes on waiting, as any key does that nothing else is on.
fn in_a_queue(line: &Line, own: &std::collections::BTreeMap<char, NodeId>) -> Keys {
    own.keys().copied().chain(everywhere(line)).chain(['1']).collect()
}

/// In an entry keys are digits, but for three.
fn in_an_entry(line: &Line) -> Keys {
    let operator = matches!(line.keys.get(&'0'), Some(Universal::Node(_))).then_some('0');
    ['*', '#'].into_iter().chain(operator).collect()
}

/// What can be pressed while a prompt is heard that goes on to `next` by itself.
fn heard_with(line: &Line, next: &NodeId) -> Keys {
    let mut keys = Keys::new();
    let mut seen: BTreeSet<&NodeId> = BTreeSet::new();
    let mut ways = vec![next];
    while let Some(id) = ways.pop() {
        let Some((_, node)) = line.nodes.get_key_value(id).filter(|(id, _)| seen.insert(id)) else { continue };
        match node {
            Node::Menu(_) | Node::Browse(_) => keys.extend(in_a_menu(line, node)),
            Node::Collect(_) => keys.extend(in_an_entry(line)),
            Node::Say(say) if say.listen.is_some() => keys.extend(everywhere(line)),
            Node::Record(_) => keys.extend(everywhere(line).into_iter().chain(['#'])),
            Node::Queue(queue) => keys.extend(in_a_queue(line, &queue.keys)),
            Node::Dial(_) | Node::End(_) => {}
            Node::Call(call) => ways.extend(line.flows.get(&call.flow).map(|flow| &flow.start)),
            Node::Return(leaves) => {
                for node in line.nodes.values() {
                    if let Node::Call(call) = node {
                        ways.extend(call.on.get(&leaves.exit));
                    }
                }
            }
            Node::Say(_) | Node::Verify(_) | Node::Lookup(_) | Node::Effect(_) | Node::Branch(_) | Node::Set(_) => {
                ways.extend(node.edges().iter().map(|edge| edge.target));
            }
        }
    }
    keys
}

struct Search<'a> {
    subject: &'a Subject<'a>,
    problems: &'a Problems,
    /// Keys that a text should not say, which has been told.
    told: RefCell<BTreeSet<(PromptId, Language, char)>>,
}

impl Search<'_> {
    /// A prompt that says exactly the keys of its node, and perhaps some that hold everywhere.
    fn menu(&self, id: &NodeId, node: &Node, prompt: &PromptId, every_language: bool) {
        let line = self.subject.line();
        let own: Keys = own_keys(node).into_iter().collect();
        self.only(Some(id), prompt, &in_a_menu(line, node));
        let mut said_in_all = Keys::new();
        for language in &line.languages {
            let Some(said) = self.said(prompt, language) else { return };
            if every_language {
                said_in_all.extend(said);
            } else {
                self.missing(id, prompt, language, own.iter().filter(|key| !said.contains(key)));
            }
        }
        if every_language {
            let unsaid = own.iter().filter(|key| !said_in_all.contains(key));
            self.missing(id, prompt, line.first_language(), unsaid);
        }
    }

    fn missing<'k>(&self, id: &NodeId, prompt: &PromptId, language: &Language, keys: impl Iterator<Item = &'k char>) {
        for key in keys {
            let text = format!("`{id}` takes key {key}, which this text does not say");
            let help = format!("say what key {key} does, or take it out of the `keys` of `{id}`");
            self.subject.in_text(self.problems, &CHECK, (prompt, language), Some(id), text, help);
        }
    }

    /// A prompt that may say these keys and no others.
    fn only(&self, id: Option<&NodeId>, prompt: &PromptId, keys: &Keys) {
        let node = id.and_then(|id| self.subject.line().nodes.get(id));
        for language in &self.subject.line().languages {
            for key in self.said(prompt, language).into_iter().flatten().filter(|key| !keys.contains(key)) {
                if !self.told.borrow_mut().insert((prompt.clone(), language.clone(), key)) {
                    continue;
                }
                let heard_at = id.map_or_else(|| "where it is heard".to_owned(), |id| format!("at `{id}`"));
                let text = if keys.is_empty() {
                    format!("this text says key {key}, and no key is listened for {heard_at}")
                } else {
                    format!("this text says key {key}, which means nothing {heard_at}")
                };
                let help = match (node, id) {
                    (Some(Node::Menu(_) | Node::Browse(_)), Some(id)) => {
                        format!("give `{id}` a key {key}, or take it out of the text")
                    }
                    _ => format!("take key {key} out of the text, or say it where it is listened for"),
                };
                self.subject.in_text(self.problems, &CHECK, (prompt, language), id, text, help);
            }
        }
    }

    /// What whoever picks up hears, in the first language: it says the key that takes the call.
    fn whisper(&self, id: &NodeId, prompt: &PromptId, accept: char) {
        let language = self.subject.line().first_language();
        if self.said(prompt, language).is_some_and(|said| !said.contains(&accept)) {
            let text =
                format!("whoever picks up at `{id}` takes the call with key {accept}, which this text does not say");
            let help = format!("say that key {accept} takes the call: whoever does not press it declines");
            self.subject.in_text(self.problems, &CHECK, (prompt, language), Some(id), text, help);
        }
    }

    /// The keys that a text says; `None` if a value of it may say one.
    fn said(&self, prompt: &PromptId, language: &Language) -> Option<Vec<char>> {
        let text = self.subject.loaded.catalogue.text(prompt.as_str(), language)?;
        let open = [": menu-key}", ": text}"].iter().any(|reading| text.contains(reading));
        (!open).then(|| spoken_keys(language, &text))
    }
}
