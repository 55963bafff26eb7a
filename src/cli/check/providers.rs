//! What a provider cannot do of what a line asks for, and what happens instead. Notes for whoever runs the line: a line
//! is not wrong because a provider lacks something.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dialect::{Feature, PROFILES, Provider};
use crate::flow::{Line, Node};

/// What happens at some nodes of a line with some providers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Note {
    /// By the names of their profiles.
    providers: Vec<&'static str>,
    nodes: Vec<String>,
    text: String,
}

/// How many nodes of a note are printed.
const NAMED: usize = 3;

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = self.nodes.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match self.nodes.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let everybody = self.providers.len() == PROFILES.len();
        let who = if everybody { "every provider".to_owned() } else { self.providers.join(", ") };
        write!(f, "{who}: {named}{more}: {}", self.text)
    }
}

/// What these providers do otherwise, those that do the same together.
pub(super) fn notes(line: &Line, providers: &[&'static Provider]) -> Vec<Note> {
    let mut found: Vec<Note> = Vec::new();
    for provider in providers {
        let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, node) in &line.nodes {
            for text in otherwise(line, node, provider) {
                by_text.entry(text).or_default().push(id.to_string());
            }
        }
        for (text, nodes) in by_text {
            match found.iter_mut().find(|note| note.text == text && note.nodes == nodes) {
                Some(note) => note.providers.push(provider.name),
                None => found.push(Note { providers: vec![provider.name], nodes, text }),
            }
        }
    }
    found
}

/// What happens at a node instead of what it asks for.
fn otherwise(line: &Line, node: &Node, provider: &Provider) -> Vec<String> {
    let mut texts = Vec::new();
    match node {
        Node::Dial(_) | Node::Queue(_) => {
            let whispers = !matches!(node, Node::Dial(dial) if dial.whisper.is_none());
            if whispers && !provider.capabilities.has(Feature::Whisper) {
                texts.push(
                    "no whisper: whoever picks up is joined at once, without a word and without a key".to_owned(),
                );
            }
            let records = matches!(node, Node::Queue(queue) if queue.recorded.is_some());
            if records && !provider.capabilities.has(Feature::RecordsTalks) {
                texts.push("no recording of talks: whatever the settings say, they are not recorded".to_owned());
            }
            if !provider.capabilities.has(Feature::Clients) {
                texts.push(
                    "rings no `client:` address: a target that has one fails, give it a number or sip:".to_owned(),
                );
            }
        }
        Node::Collect(collect) => {
            // Every known provider has one timer for the first key and for those behind it (src/dialect/profile.rs).
            let (first, between) = (line.timers.first_key, line.timers.between_keys);
            if first != between {
                let (waits, asked) = (first.max(between).as_secs_f32(), first.min(between).as_secs_f32());
                texts.push(format!(
                    "one timer for an entry: {waits} s for the first key and between keys, never {asked} s"
                ));
            }
            if collect.secret {
                texts.push("the provider's own logs have the keys of a secret entry: have it redact them".to_owned());
            }
        }
        Node::Say(_)
        | Node::Menu(_)
        | Node::Verify(_)
        | Node::Lookup(_)
        | Node::Effect(_)
        | Node::Branch(_)
        | Node::Set(_)
        | Node::Call(_)
        | Node::Return(_)
        | Node::Browse(_)
        | Node::Record(_)
        | Node::End(_) => {}
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::provider;
    use crate::flow;
    use crate::line_files;
    use crate::service::signatures;

    fn lines(providers: &[&'static Provider]) -> Vec<String> {
        let line = flow::load(&line_files::shipped(), &signatures()).unwrap().line;
        notes(&line, providers).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_provider_that_lacks_something_is_told_by_node() {
        let somleng = lines(&[provider("somleng").unwrap()]);
        assert!(
            somleng.contains(
                &"somleng: entry.queue, op.queue, op.transfer: no whisper: whoever picks up is joined at once, without a word \
                  and without a key"
                    .to_owned()
            ),
            "{somleng:#?}"
        );
        let twilio = lines(&[provider("twilio").unwrap()]);
        assert!(twilio.iter().all(|note| !note.contains("whisper") && !note.contains("client:")), "{twilio:#?}");
    }

    #[test]
    fn providers_that_do_the_same_are_told_together() {
        let all = lines(&PROFILES.iter().collect::<Vec<_>>());
        let timers: Vec<&String> = all.iter().filter(|note| note.contains("one timer")).collect();
        assert!(matches!(timers.as_slice(), [note] if note.starts_with("every provider: ")), "{all:#?}");
        assert!(all.len() <= 5, "{all:#?}");
    }
}
