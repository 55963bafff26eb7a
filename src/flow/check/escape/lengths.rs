//! How long everything lasts that stands between a caller and a person.

use std::collections::HashMap;
use std::time::Duration;

use crate::call::{Language, PromptId};
use crate::flow::definition::Listening;
use crate::flow::node::{Prompt, Record};
use crate::flow::{LOOKUP_LIMIT, LOOKUP_WAIT, Line, Loaded, Node};

/// The prompts of a line in one language, by their lengths, and its timers at their slowest.
pub(super) struct Lengths<'a> {
    line: &'a Line,
    prompts: HashMap<&'a str, Duration>,
}

impl<'a> Lengths<'a> {
    pub(super) fn of(loaded: &'a Loaded, language: &Language) -> Self {
        let catalogue = &loaded.catalogue;
        // A text that somebody posts is as long as it may be, which nobody knows; it can be stopped like all others.
        let length =
            |id: &PromptId| catalogue.with_long_values(id, language).map_or(Duration::ZERO, |said| said.length());
        let prompts = loaded.line.prompts.iter().map(|id| (id.as_str(), length(id))).collect();
        Self { line: &loaded.line, prompts }
    }

    pub(super) fn prompt(&self, id: &PromptId) -> Duration {
        self.prompts.get(id.as_str()).copied().unwrap_or_default()
    }

    fn said(&self, prompt: &Prompt) -> Duration {
        let languages = if prompt.every_language { self.line.languages.len() } else { 1 };
        self.prompt(&prompt.id) * u32::try_from(languages).unwrap_or(1)
    }

    /// What a node says itself.
    pub(super) fn own(&self, node: &Node) -> Duration {
        match node {
            Node::Say(say) => self.said(&say.prompt),
            Node::Menu(menu) => self.said(&menu.prompt),
            Node::Collect(collect) => self.said(&collect.prompt),
            Node::Record(record) => self.said(&record.prompt),
            // An item with one entry, its longest.
            Node::Browse(browse) => {
                let longest = browse.cases.values().map(|prompt| self.said(prompt)).max().unwrap_or_default();
                longest + self.prompt(&browse.prompt)
            }
            Node::Dial(dial) => self.said(&dial.prompt),
            Node::Queue(queue) => {
                let recorded = queue.recorded.as_ref().map_or(Duration::ZERO, |prompt| self.said(prompt));
                self.said(&queue.connecting) + recorded
            }
            Node::End(end) => end.prompt.as_ref().map_or(Duration::ZERO, |prompt| self.said(prompt)),
            Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Set(_)
            | Node::Call(_)
            | Node::Return(_) => Duration::ZERO,
        }
    }

    /// From the request to the answer of the slowest lookup that still counts: fillers between polls.
    pub(super) fn slowest_lookup(&self, node: &Node) -> Duration {
        let filler = match node {
            Node::Lookup(lookup) => lookup.filler.as_ref().map(|prompt| &prompt.id),
            _ => None,
        };
        let filler = self.prompt(filler.unwrap_or(&self.line.wait));
        let mut passed = LOOKUP_WAIT;
        while passed < LOOKUP_LIMIT {
            passed += filler + LOOKUP_WAIT;
        }
        passed
    }

    /// From the end of a prompt until silence counts, for a caller who is given more time.
    pub(super) fn first_key(&self, node: &Node) -> Duration {
        let own = match node {
            Node::Menu(menu) => menu.first_key,
            Node::Say(say) => say.listen.map(Listening::timer),
            Node::Record(record) => Some(Record::BEFORE + record.silence),
            Node::Collect(_) => Some(self.line.timers.first_key.max(self.line.timers.between_keys)),
            _ => None,
        };
        own.unwrap_or(self.line.timers.first_key) * 3 / 2
    }

    /// A key counts at once but in a collect, where the timer between keys ends the entry.
    pub(super) fn key(&self, node: &Node) -> Duration {
        match node {
            Node::Collect(_) => self.line.timers.between_keys.max(self.line.timers.first_key) * 3 / 2,
            _ => Duration::ZERO,
        }
    }

    /// Three times nothing: the prompt, the timer and what is said in between.
    pub(super) fn ladder(&self, node: &Node) -> Duration {
        let rungs = self.line.ladder.silent.iter().map(|prompt| self.prompt(prompt));
        rungs.sum::<Duration>() + (self.own(node) + self.first_key(node)) * 2 + self.first_key(node)
    }
}
