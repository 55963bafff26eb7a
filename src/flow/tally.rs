//! What is counted of a call: what it came for and what was done, where it was asked again, how proving went, whether
//! a person was wanted and reached.
//!
//! Names of nodes and words of the line, *never* a key, a value or a number, so that figures need no key of a call. It
//! is no part of the session: nothing in a call goes by it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Event, Input, Line, Node, Session, Stage, Universal};
use crate::call::{DialOutcome, NodeId, PromptId};

/// What is counted of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Tally {
    /// The tasks of the line that it came to.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub came_for: BTreeSet<String>,
    /// Those that were done.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub done: BTreeSet<String>,
    /// How often the caller was silent or wrong, by node.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub asked_again: BTreeMap<NodeId, u32>,
    /// How each check of a PIN came out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, u32>,
    /// The call came to where somebody is dialled or waited for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub wanted_person: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub talked: bool,
}

impl Tally {
    /// Adds a step: what it did to a call that was at `before`.
    pub fn add(&mut self, line: &Line, before: &Session, events: &[Event]) {
        let here = before.node();
        let node = here.and_then(|node| line.nodes.get(node));
        let mut entered =
            events.iter().filter_map(|event| if let Event::Entered(node) = event { Some(node) } else { None });
        if let Some(Event::Input(input)) = events.first() {
            self.input(node, before, input);
        }
        if let (Some(here), Some(node)) = (here, node)
            && (asks_again(line, node, events) || gives_up(line, node, before, events, entered.clone().next()))
        {
            *self.asked_again.entry(here.clone()).or_default() += 1;
        }
        entered.by_ref().for_each(|id| self.enter(line, id));
    }

    fn input(&mut self, node: Option<&Node>, before: &Session, input: &Input) {
        if let (Some(Node::Verify(_)), Input::LookupDone { outcome, .. }) = (node, input) {
            *self.checks.entry(outcome.clone()).or_default() += 1;
        }
        if let Stage::Dialling { answered, accepted, .. } = before.stage {
            let joined = matches!(input, Input::DialEnded { outcome: DialOutcome::Talked, .. }) && answered == accepted;
            self.talked |= joined || (accepted && *input == Input::HungUp);
        }
    }

    fn enter(&mut self, line: &Line, id: &NodeId) {
        let topic = id.as_str().split('.').next().and_then(|part| line.topics.get(part));
        if let Some(topic) = topic.filter(|topic| line.tasks.contains_key(*topic)) {
            self.came_for.insert(topic.clone());
        }
        for (task, _) in line.tasks.iter().filter(|(_, done_at)| done_at.contains(id)) {
            self.came_for.insert(task.clone());
            self.done.insert(task.clone());
        }
        self.wanted_person |= matches!(line.nodes.get(id), Some(Node::Dial(_) | Node::Queue(_)));
    }
}

/// Whether the caller is told that nothing was heard, or nothing that means anything.
fn asks_again(line: &Line, node: &Node, events: &[Event]) -> bool {
    let own = if let Node::Collect(collect) = node { collect.invalid.as_ref() } else { None };
    let is_rung = |prompt: &PromptId| {
        let ladder = &line.ladder;
        let mut rungs = ladder.silent.iter().chain(&ladder.wrong_key).chain([&ladder.short, &ladder.long]).chain(own);
        rungs.any(|rung| rung == prompt)
    };
    events
        .iter()
        .any(|event| matches!(event, Event::Said(said) if said.first().is_some_and(|first| is_rung(&first.prompt))))
}

/// Whether the ladder ends here: the caller is led on without having pressed a key that leads there.
fn gives_up(line: &Line, node: &Node, before: &Session, events: &[Event], to: Option<&NodeId>) -> bool {
    let (Stage::Waiting { attempt: 2.., .. }, Some(to), Some(Event::Input(input))) =
        (&before.stage, to, events.first())
    else {
        return false;
    };
    let own = node.edges().into_iter().find(|edge| edge.field == "then").map(|edge| edge.target);
    let key = if let Input::Pressed(keys) = input { keys.single() } else { None };
    let leads = key.is_some_and(|key| {
        let listed = node.edges().into_iter().any(|edge| edge.key.as_deref() == Some(key.to_string().as_str()));
        listed || matches!(line.keys.get(&key), Some(Universal::Node(node)) if node == to)
    });
    let waits = matches!(input, Input::Silent | Input::Pressed(_) | Input::Entered(_));
    waits && !leads && to == own.unwrap_or(&line.ladder.then)
}
