//! `step`: the state machine, nothing else.

use std::convert::Infallible;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::node::{Missing, Move, Why};
use super::run::Run;
use super::session::Stop;
use super::taken::Taken;
use super::{Effect, Input, Line, Node, QueueChange, Session, Stage, Verification};
use crate::call::{
    DialOutcome, EndCause, Ending, KeyPlan, Leg, Listen, Name, NodeId, RecordOutcome, Reply, Spoken, Timestamp,
    ValueRecord,
};

/// How many nodes one step may pass; a flow that turns in circles without listening reaches it.
pub const MAX_NODES_PER_STEP: usize = 100;
/// How long a subject lasts after its PIN.
pub const SUBJECT_LIFETIME: Duration = Duration::from_mins(15);
/// How long a request waits for its lookups before the caller hears a filler: with it, no silence is over 3 s.
pub const LOOKUP_WAIT: Duration = Duration::from_millis(1_500);
/// A lookup that has not answered by then is unavailable.
pub const LOOKUP_LIMIT: Duration = Duration::from_secs(8);
/// How often in all a caller may be silent or wrong at one node.
const TRIES: u8 = 3;

/// What one input leads to. Nothing of it has happened yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub session: Session,
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
    pub next: Next,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// To the leg that the input came from.
    Reply(Reply),
    /// Ask and feed the answer back.
    Ask(LookupRequest),
    /// Nothing new: whoever asks gets the current document.
    Current,
    /// We failed: the caller gets the apology.
    Fault(Fault),
}

/// A question for `service` to have answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookupRequest {
    /// Counts the questions of a call, from 1.
    pub number: u32,
    pub lookup: Name,
    pub arguments: ValueRecord,
}

/// A line of a call's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    Input(Input),
    Entered(NodeId),
    /// What the reply says, in the order of the reply: with it, its audio can be made again.
    Said(Vec<Spoken>),
    Fault(String),
    Ended(EndCause),
}

/// A mistake of ours that stops a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the flow passed {MAX_NODES_PER_STEP} nodes without listening, last `{node}`")]
    TooManyNodes { node: NodeId },
    #[error("there is no node `{node}`")]
    UnknownNode { node: NodeId },
    #[error("node `{node}` waits for nothing")]
    NothingWaits { node: NodeId },
    #[error("lookup `{lookup}` ended as `{outcome}`, for which there is no edge")]
    UnknownOutcome { lookup: Name, outcome: String },
    #[error("the value `{path}` is not there")]
    NoValue { path: String },
    #[error("{input} came to a node that cannot take it")]
    Unexpected { input: &'static str },
    #[error("exit `{exit}` leaves no sub-flow")]
    NoFrame { exit: Name },
}

/// The first step of a call.
#[must_use]
pub fn begin(line: &Line, now: Timestamp) -> Step {
    step(line, Session::new(line.first_language().clone(), now), &Input::Arrived, now)
}

/// What `input` does to a call. The same arguments give the same step on any machine.
#[must_use]
pub fn step(line: &Line, session: Session, input: &Input, now: Timestamp) -> Step {
    let mut run = Run::new(line, session, input, now);
    let next = run.advance(input);
    run.into_step(next)
}

/// The same, with the edges that the call takes.
#[must_use]
pub fn step_with_edges(line: &Line, session: Session, input: &Input, now: Timestamp) -> (Step, Vec<Taken>) {
    let mut run = Run { taken: Some(Vec::new()), ..Run::new(line, session, input, now) };
    let next = run.advance(input);
    let taken = run.taken.take().unwrap_or_default();
    (run.into_step(next), taken)
}

impl<'a> Run<'a> {
    fn new(line: &'a Line, session: Session, input: &Input, now: Timestamp) -> Self {
        let events = vec![Event::Input(input.clone())];
        Self { line, session, now, events, effects: Vec::new(), expired: false, taken: None }
    }

    fn into_step(self, next: Next) -> Step {
        Step { session: self.session, events: self.events, effects: self.effects, next }
    }

    fn advance(&mut self, input: &Input) -> Next {
        if let Some(cause) = self.session.ended() {
            return Next::Reply(Reply { prompts: Vec::new(), ending: Ending::HangUp(cause) });
        }
        if *input == Input::HungUp {
            if self.session.awaits_recording() {
                return Next::Current;
            }
            if let Stage::Recording { .. } = self.session.stage {
                // What was said is still to come, and is worth as much as if they had pressed a key.
                self.session.hung_up = true;
                return self.reply(Reply { prompts: Vec::new(), ending: Ending::HangUp(EndCause::CallerHungUp) });
            }
            return self.end(EndCause::CallerHungUp);
        }
        if *input == Input::Lost {
            return self.end(EndCause::Lost);
        }
        // An operator's leg neither ends the call nor waits for anything personal. What was said is not thrown away.
        let of_peer =
            matches!(input, Input::PeerAnswered { .. } | Input::PeerPressed { .. } | Input::PeerSilent { .. });
        let of_peer_or_said = of_peer || matches!(input, Input::RecordEnded { .. });
        if !of_peer_or_said && self.now.since(self.session.started_at) >= self.line.longest_call {
            let farewell = self.in_language(&self.line.too_long);
            self.session.pending = vec![farewell];
            return self.end(EndCause::TooLong);
        }
        if matches!(self.session.verification, Verification::Verified { until } if self.now >= until) {
            self.subject_ended();
        }
        let Some((at, first)) = self.first_move(input) else { return Next::Current };
        match first {
            First::Node(first) => self.walk(at, first),
            First::Reply(reply) => self.reply(*reply),
            First::Ask(request) => Next::Ask(request),
        }
    }

    /// Where the call stands and what the input does there; `None` if it does nothing.
    fn first_move(&mut self, input: &Input) -> Option<(NodeId, First)> {
        let line = self.line;
        let resume = |run: &mut Self, node: NodeId, input: &Input| {
            let first = match line.nodes.get(&node) {
                Some(waiting) => {
                    let first = waiting.resume(&node, run, input);
                    run.take_on_input(&node, waiting, input, &first);
                    first
                }
                None => Move::Fault(super::Fault::UnknownNode { node: node.clone() }),
            };
            Some((node, First::Node(first)))
        };
        match (self.session.stage.clone(), input) {
            (Stage::New, Input::Arrived) => Some((line.start.clone(), First::Node(Move::Goto(line.start.clone())))),
            (Stage::Waiting { node, .. }, Input::Pressed(_) | Input::Entered(_) | Input::Silent) => {
                resume(self, node, input)
            }
            // The dial of an apology ends where the call stood: it goes on there.
            (Stage::Waiting { node, .. }, Input::Continued | Input::DialEnded { .. })
                if matches!(line.nodes.get(&node), Some(Node::Queue(_))) =>
            {
                resume(self, node, &Input::Continued)
            }
            (Stage::Waiting { node, .. }, Input::Continued | Input::DialEnded { .. }) => {
                Some((node, First::Node(Move::Again)))
            }
            (Stage::Asking { node, request, .. }, Input::Continued | Input::DialEnded { .. }) => {
                Some((node, First::Ask(request)))
            }
            (Stage::Asking { node, .. }, Input::LookupDone { .. })
            | (Stage::Recording { node }, Input::RecordEnded { .. }) => resume(self, node, input),
            (Stage::Asking { node, since, .. }, Input::LookupLate) => {
                // After a hang-up nobody comes back for the answer.
                if self.now.since(since) < LOOKUP_LIMIT && !self.session.hung_up {
                    let filler = self.filler(&node);
                    return Some((node, First::Reply(Box::new(filler))));
                }
                let outcome = crate::call::Signature::UNAVAILABLE.to_owned();
                resume(self, node, &Input::LookupDone { outcome, values: ValueRecord::new() })
            }
            (Stage::Dialling { node, answered, accepted, .. }, Input::DialEnded { outcome, talk_s }) => {
                // Providers disagree on how a whisper that was refused is told; we know who took the call.
                let declined = answered && !accepted && *outcome != DialOutcome::Abandoned;
                let outcome = if declined { DialOutcome::Declined } else { *outcome };
                resume(self, node, &Input::DialEnded { outcome, talk_s: *talk_s })
            }
            // The provider could not do the step: nothing was recorded that could be had.
            (Stage::Recording { node }, Input::Continued | Input::DialEnded { .. }) => {
                let failed = Input::RecordEnded { outcome: RecordOutcome::Failed, name: String::new(), seconds: 0 };
                resume(self, node, &failed)
            }
            (_, Input::PeerAnswered { leg }) => Some((self.place(), self.peer(*leg, None))),
            (_, Input::PeerPressed { leg, keys }) => Some((self.place(), self.peer(*leg, Some(keys.as_str())))),
            (_, Input::PeerSilent { leg }) => Some((self.place(), self.peer(*leg, Some("")))),
            _ => None,
        }
    }

    fn place(&self) -> NodeId {
        self.session.node().cloned().unwrap_or_else(|| self.line.start.clone())
    }

    /// Follows the flow until something must be said, asked or done.
    fn walk(&mut self, mut at: NodeId, first: Move) -> Next {
        let line = self.line;
        let mut next = first;
        let mut index = match &self.session.stage {
            Stage::Waiting { at, .. } => *at,
            Stage::New
            | Stage::Asking { .. }
            | Stage::Dialling { .. }
            | Stage::Recording { .. }
            | Stage::Ended { .. } => 0,
        };
        for _ in 0..MAX_NODES_PER_STEP {
            next = match next {
                Move::Listen
                | Move::Again
                | Move::Quiet
                | Move::Retry(_)
                | Move::Back
                | Move::Dial(_)
                | Move::Record(_)
                    if self.session.hung_up =>
                {
                    Move::End(EndCause::CallerHungUp)
                }
                Move::Goto(target) => {
                    let Some(node) = line.nodes.get(&target) else {
                        return self.fault(Fault::UnknownNode { node: target });
                    };
                    self.entered(&target);
                    at = target;
                    index = 0;
                    let next = node.enter(&at, self);
                    self.take_at_once(&at, node, &next);
                    next
                }
                Move::Listen => match self.listen(&at, Lead::Enter, index) {
                    Ok(reply) => return self.reply(reply),
                    Err(missing) => missing.into(),
                },
                Move::Again => match self.listen(&at, Lead::Again, index) {
                    Ok(reply) => return self.reply(reply),
                    Err(missing) => missing.into(),
                },
                Move::Quiet => match self.listen(&at, Lead::Quiet, index) {
                    Ok(reply) => return self.reply(reply),
                    Err(missing) => missing.into(),
                },
                Move::Hold(prompts, first_key) => return self.hold_on(at, prompts, first_key),
                Move::Retry(why) => match self.retry(&at, &why, index) {
                    Ok(Ok(reply)) => return self.reply(reply),
                    Ok(Err(onward)) => onward,
                    Err(missing) => missing.into(),
                },
                Move::Back => self.back(&at),
                Move::Return(exit) => self.close_frame(exit),
                Move::Ask(request) => {
                    self.session.stage = Stage::Asking { node: at, request: request.clone(), since: self.now };
                    return Next::Ask(request);
                }
                Move::Dial(dial) => {
                    self.session.dials += 1;
                    let leg = Leg(self.session.dials);
                    self.session.stage = Stage::Dialling { node: at, leg, answered: false, accepted: false };
                    let prompts = self.take_plain();
                    return self.reply(Reply { prompts, ending: Ending::Dial(dial) });
                }
                Move::Record(record) => {
                    self.session.stage = Stage::Recording { node: at };
                    let prompts = self.take_plain();
                    return self.reply(Reply { prompts, ending: Ending::Record(record) });
                }
                Move::End(cause) => return self.end(cause),
                Move::Missing(path) => {
                    if matches!(self.session.verification, Verification::Verified { .. }) {
                        return self.fault(Fault::NoValue { path });
                    }
                    let expired = self.in_language(&line.expired.0);
                    self.say(vec![expired]);
                    self.leave_for(&line.expired.1)
                }
                Move::Fault(fault) => return self.fault(fault),
            };
        }
        self.fault(Fault::TooManyNodes { node: at })
    }

    /// Waits at `at` for keys.
    fn listen(&mut self, at: &NodeId, lead: Lead, index: usize) -> Result<Reply, Missing> {
        let line = self.line;
        let nothing = || Missing(at.to_string());
        let node = line.nodes.get(at).ok_or_else(nothing)?;
        let waiting = node.waiting(self, index)?.ok_or_else(nothing)?;
        let (attempt, said_more) = match &self.session.stage {
            Stage::Waiting { attempt, said_more, .. } => (*attempt, *said_more),
            Stage::New
            | Stage::Asking { .. }
            | Stage::Dialling { .. }
            | Stage::Recording { .. }
            | Stage::Ended { .. } => (0, false),
        };
        let pending = std::mem::take(&mut self.session.pending);
        let (prompts, attempt, said_more) = match lead {
            Lead::Enter => {
                self.session.said.extend(waiting.own.iter().cloned());
                let more = !pending.is_empty();
                (pending.into_iter().chain(waiting.own).collect(), 0, more)
            }
            Lead::Retry(spoken) => ([spoken].into_iter().chain(waiting.own).collect(), attempt + 1, false),
            Lead::Again => {
                let expired = self.expired.then(|| self.in_language(&line.expired.0));
                (expired.into_iter().chain(self.session.said.iter().cloned()).collect(), attempt, said_more)
            }
            // Of figures and the menu behind them, the figures are what one wants to skip.
            Lead::Quiet => (if said_more { waiting.own } else { Vec::new() }, attempt, false),
        };
        if waiting.stop {
            self.stop_at(at);
        }
        if let Node::Browse(browse) = node {
            browse.hold_item(self, index);
        }
        self.session.stage = Stage::Waiting { node: at.clone(), attempt, said_more, at: index };
        let listen = Listen {
            prompts,
            keys: waiting.keys,
            first_key: self.patient(waiting.first_key.unwrap_or(line.timers.first_key)),
            between_keys: self.patient(line.timers.between_keys),
            secret: waiting.secret,
        };
        Ok(Reply { prompts: std::mem::take(&mut self.session.plain), ending: Ending::Listen(listen) })
    }

    /// A piece of waiting in a queue.
    fn hold_on(&mut self, at: NodeId, prompts: Vec<Spoken>, first_key: Duration) -> Next {
        let pending = std::mem::take(&mut self.session.pending);
        self.session.stage = Stage::Waiting { node: at, attempt: 0, said_more: false, at: 0 };
        let listen = Listen {
            prompts: pending.into_iter().chain(prompts).collect(),
            keys: KeyPlan::One,
            first_key,
            between_keys: self.line.timers.between_keys,
            secret: false,
        };
        let plain = std::mem::take(&mut self.session.plain);
        self.reply(Reply { prompts: plain, ending: Ending::Listen(listen) })
    }

    /// Asks again, or after the third time goes where the ladder ends.
    fn retry(&mut self, at: &NodeId, why: &Why, index: usize) -> Result<Result<Reply, Move>, Missing> {
        let line = self.line;
        if *why == Why::Silent {
            self.session.silences += 1;
        }
        let attempt = match &self.session.stage {
            Stage::Waiting { attempt, .. } => *attempt,
            Stage::New
            | Stage::Asking { .. }
            | Stage::Dialling { .. }
            | Stage::Recording { .. }
            | Stage::Ended { .. } => 0,
        };
        if attempt + 1 >= TRIES {
            let waiting = line.nodes.get(at).map(|node| node.waiting(self, index)).transpose()?.flatten();
            let then = waiting.and_then(|waiting| waiting.then);
            return Ok(Err(match then {
                Some(then) => {
                    self.take(at, || "then".to_owned());
                    self.moved_to(&then)
                }
                None => self.leave_for(&line.ladder.then),
            }));
        }
        let step = usize::from(attempt);
        let prompt = match why {
            Why::Silent => line.ladder.silent.get(step),
            Why::WrongKey => line.ladder.wrong_key.get(step),
            Why::TooShort => Some(&line.ladder.short),
            Why::TooLong => Some(&line.ladder.long),
            Why::Invalid(prompt) => prompt.as_ref().or_else(|| line.ladder.wrong_key.get(step)),
        };
        let lead = match prompt {
            Some(prompt) => Lead::Retry(self.in_language(prompt)),
            None => Lead::Again,
        };
        self.listen(at, lead, index).map(Ok)
    }

    /// To the nearest earlier menu or collect; where there is none, home, and from there the same again.
    fn back(&mut self, at: &NodeId) -> Move {
        let depth = self.session.frames.len();
        let here = self.session.path.last().is_some_and(|stop| stop.node == *at && stop.depth == depth);
        let earlier = self.session.path.len() - usize::from(here);
        // What cannot be said any more, because its values have ended, is no stop.
        let can_be_said = |stop: &&Stop| {
            self.line.nodes.get(&stop.node).is_some_and(|node| matches!(node.waiting(self, 0), Ok(Some(_))))
        };
        let Some(stop) = self.session.path.iter().take(earlier).rev().find(can_be_said).cloned() else {
            let home = &self.line.home;
            return if at == home { Move::Again } else { self.leave_for(home) };
        };
        self.session.frames.truncate(stop.depth);
        self.moved_to(&stop.node)
    }

    /// The other end of a dial: what whoever picks up hears, and whether they take the call.
    fn peer(&mut self, leg: Leg, keys: Option<&str>) -> First {
        let line = self.line;
        let reply = |ending| First::Reply(Box::new(Reply { prompts: Vec::new(), ending }));
        let gone = reply(Ending::HangUp(EndCause::HandedOver));
        let (Stage::Dialling { node, leg: ringing, .. }, true) =
            (self.session.stage.clone(), self.session.peer() == Some(leg))
        else {
            return gone;
        };
        let whisper = match line.nodes.get(&node) {
            Some(Node::Dial(dial)) => dial.whisper(self).ok().flatten(),
            Some(Node::Queue(queue)) => queue.whisper(self),
            _ => None,
        };
        let Some(whisper) = whisper else { return gone };
        let taken = keys.is_some_and(|keys| keys.starts_with(whisper.accept));
        self.session.stage = Stage::Dialling { node, leg: ringing, answered: true, accepted: taken };
        match keys {
            None => reply(Ending::Listen(Listen {
                prompts: whisper.prompts,
                keys: KeyPlan::One,
                first_key: line.timers.first_key,
                between_keys: line.timers.between_keys,
                secret: false,
            })),
            Some(_) if taken => {
                if self.session.queue.is_some() {
                    self.effects.push(Effect::queue(QueueChange::Taken));
                }
                reply(Ending::Join)
            }
            Some(_) => gone,
        }
    }

    /// What is said while a lookup is under way.
    fn filler(&mut self, at: &NodeId) -> Reply {
        let own = match self.line.nodes.get(at) {
            Some(Node::Lookup(lookup)) => lookup.filler.as_ref().map(|prompt| prompt.id.clone()),
            _ => None,
        };
        let filler = self.in_language(own.as_ref().unwrap_or(&self.line.wait));
        let mut prompts = self.take_plain();
        prompts.push(filler);
        Reply { prompts, ending: Ending::GoTo }
    }

    fn end(&mut self, cause: EndCause) -> Next {
        let cause = if self.session.hung_up { EndCause::CallerHungUp } else { cause };
        let prompts = self.take_plain();
        if self.session.queue.take().is_some() {
            self.effects.push(Effect::queue(QueueChange::Gone));
        }
        self.session.stage = Stage::Ended { cause, at: self.now };
        self.session.forget_personal();
        self.events.push(Event::Ended(cause));
        self.reply(Reply { prompts, ending: Ending::HangUp(cause) })
    }

    fn fault(&mut self, fault: Fault) -> Next {
        self.session.stage = Stage::Ended { cause: EndCause::OurFault, at: self.now };
        self.events.push(Event::Fault(fault.to_string()));
        Next::Fault(fault)
    }

    fn reply(&mut self, reply: Reply) -> Next {
        let slow = self.is_slow();
        let mut said = Vec::new();
        let told = reply.try_map(|spoken| {
            // Texts are said as always; it is figures that are hard to follow.
            let spoken = Spoken { slow: slow && !spoken.values.is_empty(), ..spoken };
            said.push(spoken.clone());
            Ok::<_, Infallible>(spoken)
        });
        let reply = told.unwrap_or_else(|never| match never {});
        self.events.push(Event::Said(said));
        Next::Reply(reply)
    }
}

/// What the first move of a step is.
enum First {
    Node(Move),
    Reply(Box<Reply>),
    Ask(LookupRequest),
}

/// What is said before a node's own prompt, or instead of it.
enum Lead {
    Enter,
    Retry(Spoken),
    Again,
    Quiet,
}
