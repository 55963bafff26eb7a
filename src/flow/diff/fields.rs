//! What can be told of a line and of a node beside its ways: names and values, to be compared.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use crate::flow::definition::Listening;
use crate::flow::node::{Argument, Binding, Prompt, Walk};
use crate::flow::{Line, Node, Universal};

type Fields = BTreeMap<String, String>;

fn join<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(" ")
}

/// The settings of a line, its calendar among them.
pub(super) fn of_line(line: &Line) -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: String| drop(fields.insert(name.to_owned(), value));
    put("languages", join(&line.languages));
    put("time-zone", line.zone.iana_name().unwrap_or("unknown").to_owned());
    put("start", line.start.to_string());
    put("home", line.home.to_string());
    for (key, universal) in &line.keys {
        let does = match universal {
            Universal::Node(node) => node.to_string(),
            Universal::Again => "again".to_owned(),
            Universal::Back => "back".to_owned(),
            Universal::Onward => "onward".to_owned(),
        };
        put(&format!("key {key} everywhere"), does);
    }
    put("timers.first-key", format!("{:?}", line.timers.first_key));
    put("timers.between-keys", format!("{:?}", line.timers.between_keys));
    put("timers.slow-after", line.timers.slow_after.to_string());
    put("ladder.silent", join(&line.ladder.silent));
    put("ladder.wrong-key", join(&line.ladder.wrong_key));
    put("ladder.short", line.ladder.short.to_string());
    put("ladder.long", line.ladder.long.to_string());
    put("ladder.then", line.ladder.then.to_string());
    put("wait", line.wait.to_string());
    put("expired", join([&line.expired.0.to_string(), &line.expired.1.to_string()]));
    put("apology.prompt", line.apology.prompt.to_string());
    put("apology.dial", line.apology.dial.to_string());
    put("apology.end", line.apology.end.to_string());
    put("unknown-call", line.unknown_call.to_string());
    put("too-long", line.too_long.to_string());
    put("longest-call", format!("{:?}", line.longest_call));
    for (topic, word) in &line.topics {
        put(&format!("topic of {topic}"), word.clone());
    }
    for (task, done_at) in &line.tasks {
        put(&format!("{task} is done at"), join(done_at));
    }
    put("opens", line.calendar.opens.strftime("%H:%M").to_string());
    put("closes", line.calendar.closes.strftime("%H:%M").to_string());
    for (year, days) in &line.calendar.years {
        put(&format!("days off in {year}"), join(&days.off));
        put(&format!("weekend days worked in {year}"), join(&days.work));
    }
    fields
}

/// The kind of a node, as flow files write it.
pub(super) const fn kind(node: &Node) -> &'static str {
    match node {
        Node::Say(_) => "say",
        Node::Menu(_) => "menu",
        Node::Collect(_) => "collect",
        Node::Verify(_) => "verify",
        Node::Lookup(_) => "lookup",
        Node::Effect(_) => "effect",
        Node::Branch(_) => "branch",
        Node::Set(_) => "set",
        Node::Call(_) => "call",
        Node::Return(_) => "return",
        Node::Browse(_) => "browse",
        Node::Record(_) => "record",
        Node::Dial(_) => "dial",
        Node::Queue(_) => "queue",
        Node::End(_) => "end",
    }
}

/// What a node does, its ways left out.
#[allow(clippy::too_many_lines, reason = "a line for each field of each kind")]
pub(super) fn of_node(node: &Node) -> Fields {
    let mut fields = Fields::new();
    fields.insert("kind".to_owned(), kind(node).to_owned());
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    match node {
        Node::Say(say) => {
            put("prompt", Some(prompt(&say.prompt)));
            put(
                "listen",
                say.listen.map(|listen| match listen {
                    Listening::Whole => "whole".to_owned(),
                    Listening::Onward => "onward".to_owned(),
                }),
            );
        }
        Node::Menu(menu) => {
            put("prompt", Some(prompt(&menu.prompt)));
            put("first-key", menu.first_key.as_ref().map(debug));
        }
        Node::Collect(collect) => {
            put("prompt", Some(prompt(&collect.prompt)));
            put("format", Some(collect.format.in_words().to_owned()));
            put("secret", Some(collect.secret.to_string()));
            put("as", collect.name.as_ref().map(ToString::to_string));
            put("invalid", collect.invalid.as_ref().map(ToString::to_string));
        }
        Node::Verify(verify) => {
            put("claim", Some(join(verify.claim.iter().map(|(name, path)| format!("{name}: {path}")))));
            put("as", Some(verify.name.to_string()));
        }
        Node::Lookup(lookup) => {
            put("lookup", Some(lookup.lookup.to_string()));
            put("with", with(&lookup.arguments));
            put("as", lookup.name.as_ref().map(ToString::to_string));
            put("filler", lookup.filler.as_ref().map(prompt));
        }
        Node::Effect(effect) => {
            put("effect", Some(debug(&effect.effect)));
            put("prompt", effect.text.as_ref().map(ToString::to_string));
            put("with", with(&effect.arguments));
        }
        Node::Branch(branch) => put("of", Some(branch.of.clone())),
        Node::Set(set) => {
            put("language", set.language.as_ref().map(ToString::to_string));
            for (name, word) in &set.values {
                put(name, Some(word.clone()));
            }
        }
        Node::Call(call) => put("flow", Some(call.flow.to_string())),
        Node::Return(exit) => put("exit", Some(exit.exit.to_string())),
        Node::Browse(browse) => {
            put("list", Some(browse.list.clone()));
            put("each", Some(browse.each.clone()));
            put("of", Some(browse.of.clone()));
            for (word, said) in &browse.cases {
                put(&format!("case {word}"), Some(prompt(said)));
            }
            put("several", browse.several.as_ref().map(prompt));
            put("prompt", Some(browse.prompt.to_string()));
            for (key, walk) in &browse.keys {
                put(
                    &format!("key {key}"),
                    match walk {
                        Walk::Next => Some("next".to_owned()),
                        Walk::Previous => Some("previous".to_owned()),
                        Walk::Node(_) => None,
                    },
                );
            }
        }
        Node::Record(record) => {
            put("prompt", Some(prompt(&record.prompt)));
            put("what", Some(record.what.name().to_owned()));
            put("longest", Some(debug(&record.longest)));
            put("silence", Some(debug(&record.silence)));
            put("as", Some(record.name.to_string()));
        }
        Node::Dial(dial) => {
            put("target", Some(dial.target.to_string()));
            put("prompt", Some(prompt(&dial.prompt)));
            put("whisper", dial.whisper.as_ref().map(|whisper| prompt(&whisper.prompt)));
            put("accept", dial.whisper.as_ref().map(|whisper| whisper.accept.to_string()));
            put("ring", Some(debug(&dial.ring)));
        }
        Node::Queue(queue) => {
            put("queue", Some(queue.queue.to_string()));
            put("as", Some(queue.name.to_string()));
            for (name, said) in [
                ("connecting", &queue.connecting),
                ("place", &queue.place),
                ("better", &queue.better),
                ("soon", &queue.soon),
                ("whisper", &queue.whisper.prompt),
            ] {
                put(name, Some(prompt(said)));
            }
            put("recorded", queue.recorded.as_ref().map(prompt));
            put("offer", queue.offer.as_ref().map(|offer| format!("{} from {:?}", prompt(&offer.prompt), offer.after)));
            put("accept", Some(queue.whisper.accept.to_string()));
            put("ring", Some(debug(&queue.ring)));
            put("overflow", Some(queue.overflow.to_string()));
        }
        Node::End(end) => put("prompt", end.prompt.as_ref().map(prompt)),
    }
    fields
}

fn with(arguments: &BTreeMap<String, Argument>) -> Option<String> {
    let with = join(arguments.iter().map(|(name, argument)| format!("{name}: {argument}")));
    (!with.is_empty()).then_some(with)
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?}")
}

/// `med.balance (total: account.total)`.
fn prompt(prompt: &Prompt) -> String {
    let languages = if prompt.every_language { " in every language" } else { "" };
    let binding = |Binding { placeholder, path }: &Binding| format!("{placeholder}: {path}");
    match prompt.bindings.as_slice() {
        [] => format!("{}{languages}", prompt.id),
        bindings => format!("{} ({}){languages}", prompt.id, join(bindings.iter().map(binding))),
    }
}
