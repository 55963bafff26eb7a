//! One step under way: what nodes and the engine do to the session, and what they can ask of it.

use std::time::Duration;

use jiff::civil::Date;

use super::effect::{Effect, QueueChange};
use super::engine::Event;
use super::node::{Missing, Move, Prompt, Why};
use super::session::{Frame, Held, Stop};
use super::taken::Taken;
use super::{Fault, Line, LookupRequest, Node, Session, Universal, Verification};
use crate::call::{Language, Name, NodeId, PromptId, Spoken, Timestamp, Value, ValueRecord};

/// One step under way.
pub(super) struct Run<'a> {
    pub(super) line: &'a Line,
    pub(super) session: Session,
    pub(super) now: Timestamp,
    pub(super) events: Vec<Event>,
    pub(super) effects: Vec<Effect>,
    /// Personal values were dropped at the beginning of this step.
    pub(super) expired: bool,
    /// Which edges it takes, if somebody wants to know.
    pub(super) taken: Option<Vec<Taken>>,
}

impl Run<'_> {
    /// Notes that `*` can come back to `at`; a node that is on the path already is gone back to.
    pub(super) fn stop_at(&mut self, at: &NodeId) {
        let depth = self.session.frames.len();
        let path = &mut self.session.path;
        let mut verified = self.session.once_verified;
        if let Some(known) = path.iter().position(|stop| stop.node == *at && stop.depth == depth) {
            verified = path.get(known).is_some_and(|stop| stop.verified);
            path.truncate(known);
        }
        path.push(Stop { node: at.clone(), depth, verified });
    }

    pub(super) fn close_frame(&mut self, exit: Name) -> Move {
        let Some(frame) = self.session.frames.pop() else { return Move::Fault(Fault::NoFrame { exit }) };
        self.session.path.truncate(frame.path);
        match self.line.nodes.get(&frame.caller) {
            Some(Node::Call(call)) => match call.on.get(&exit) {
                Some(target) => {
                    self.take(&frame.caller, || format!("on.{exit}"));
                    Move::Goto(target.clone())
                }
                None => Move::Fault(Fault::NoFrame { exit }),
            },
            _ => Move::Fault(Fault::UnknownNode { node: frame.caller }),
        }
    }

    pub(super) fn entered(&mut self, node: &NodeId) {
        if self.session.queue.as_ref().is_some_and(|queued| queued.node != *node) {
            self.session.queue = None;
            self.effects.push(Effect::queue(QueueChange::Left));
        }
        self.events.push(Event::Entered(node.clone()));
        let topic = node.as_str().split('.').next().unwrap_or_default();
        if let Some(word) = self.line.topics.get(topic) {
            self.session.topic = Some(word.clone());
        }
    }

    /// What must be said in full before anything else happens.
    pub(super) fn take_plain(&mut self) -> Vec<Spoken> {
        let mut prompts = std::mem::take(&mut self.session.plain);
        prompts.append(&mut self.session.pending);
        prompts
    }

    /// Whether the caller has shown that all this is too fast.
    pub(super) fn is_slow(&self) -> bool {
        self.session.silences >= self.line.timers.slow_after
    }

    /// A timer of this call: older callers get more time.
    pub(super) fn patient(&self, timer: Duration) -> Duration {
        if self.is_slow() { timer * 3 / 2 } else { timer }
    }

    pub(super) fn in_language(&self, prompt: &PromptId) -> Spoken {
        spoken_in(prompt, &self.session.language)
    }

    /// A prompt of the flow with its values.
    pub(super) fn spoken(&self, prompt: &Prompt) -> Result<Vec<Spoken>, Missing> {
        let mut values = ValueRecord::new();
        let mut personal = false;
        for binding in &prompt.bindings {
            let (value, held_for_subject) =
                self.session.value(&binding.path).ok_or_else(|| Missing(binding.path.clone()))?;
            personal |= held_for_subject;
            values.insert(binding.placeholder.clone(), value);
        }
        let one = |language: &Language| Spoken {
            prompt: prompt.id.clone(),
            language: language.clone(),
            values: values.clone(),
            personal,
            slow: false,
        };
        Ok(if prompt.every_language {
            self.line.languages.iter().map(one).collect()
        } else {
            vec![one(&self.session.language)]
        })
    }

    /// Says something with the next listen.
    pub(super) fn say(&mut self, spoken: Vec<Spoken>) {
        self.session.said.extend(spoken.iter().cloned());
        self.session.pending.extend(spoken);
    }

    pub(super) fn hold(&mut self, name: &str, value: Value, personal: bool) {
        self.session.values.insert(name.to_owned(), Held { value, personal });
    }

    pub(super) fn ask(&mut self, lookup: &Name, arguments: ValueRecord) -> Move {
        self.session.lookups += 1;
        Move::Ask(LookupRequest { number: self.session.lookups, lookup: lookup.clone(), arguments })
    }

    pub(super) fn open_frame(&mut self, flow: &Name, caller: &NodeId) {
        let path = self.session.path.len();
        self.session.frames.push(Frame { flow: flow.clone(), caller: caller.clone(), path });
    }

    /// A key moved the call: what was said before is not said again.
    pub(super) fn key_moved(&mut self) {
        self.session.said.clear();
    }

    pub(super) fn moved_to(&mut self, target: &NodeId) -> Move {
        self.key_moved();
        Move::Goto(target.clone())
    }

    /// Goes to a node of the main flow, out of every sub-flow.
    pub(super) fn leave_for(&mut self, target: &NodeId) -> Move {
        self.session.frames.clear();
        self.session.path.retain(|stop| stop.depth == 0);
        self.session.said.clone_from(&self.session.pending);
        Move::Goto(target.clone())
    }

    /// What a key does that the node has no use for itself.
    pub(super) fn universal(&mut self, key: char) -> Move {
        match self.line.keys.get(&key) {
            Some(Universal::Node(node)) => self.leave_for(node),
            Some(Universal::Again) => Move::Again,
            Some(Universal::Back) => Move::Back,
            Some(Universal::Onward) => Move::Quiet,
            None => Move::Retry(Why::WrongKey),
        }
    }

    /// From now on until then, what is read about the member may be said.
    pub(super) fn verified_until(&mut self, until: Timestamp) {
        self.session.verification = Verification::Verified { until };
        self.session.once_verified = true;
    }

    /// What was read about the verified member may not be said any more.
    pub(super) fn subject_ended(&mut self) {
        self.session.verification = Verification::Open;
        self.expired |= self.session.forget_personal();
    }

    /// The date at the line.
    pub(super) fn today(&self) -> Date {
        self.now.in_zone(&self.line.zone).date()
    }
}

/// A prompt without values.
pub(super) fn spoken_in(prompt: &PromptId, language: &Language) -> Spoken {
    Spoken {
        prompt: prompt.clone(),
        language: language.clone(),
        values: ValueRecord::new(),
        personal: false,
        slow: false,
    }
}
