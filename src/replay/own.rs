//! A call on its own version: every step has to do what it did.

use std::convert::Infallible;

use super::read::Recorded;
use super::words;
use crate::call::{EndCause, Leg, Name, NodeId, Reply, Spoken, Timestamp, ValueRecord};
use crate::flow::{self, Event, Input, Line, Next, Session, Stage};
use crate::service::LoggedStep;

/// Where a call did not go as its log says: a mistake of this program, or of the one that wrote the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub leg: Leg,
    pub turn: u32,
    /// Where the call stood.
    pub node: Option<NodeId>,
    pub expected: String,
    pub found: String,
}

/// What a call was, taken apart so that it can be followed on another version.
#[derive(Clone, Debug)]
pub struct Trace {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) ended: Option<EndCause>,
}

/// Something that came from outside, and all up to the next such thing.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) turn: u32,
    pub(super) input: Input,
    pub(super) at: Timestamp,
    /// Where the call stood before.
    pub(super) node: Option<NodeId>,
    pub(super) was_waiting: bool,
    pub(super) answers: Vec<Answer>,
    pub(super) came: Came,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Came {
    pub(super) heard: Vec<Spoken>,
    pub(super) reply: Option<Reply<()>>,
}

/// A question, and everything up to its answer: polls that came too early are part of it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) lookup: Name,
    pub(super) arguments: ValueRecord,
    pub(super) inputs: Vec<(Input, Timestamp)>,
}

/// Whether an input goes on with a question that is open, rather than being news.
const fn goes_on(session: &Session, input: &Input) -> bool {
    let answers =
        matches!(input, Input::LookupDone { .. } | Input::LookupLate | Input::Continued | Input::DialEnded { .. });
    answers && matches!(session.stage, Stage::Asking { .. })
}

/// Plays a call on the line that it was on.
///
/// # Errors
/// The first difference.
pub fn replay(line: &Line, call: &Recorded) -> Result<Trace, Box<Difference>> {
    let mut session = Session::new(line.first_language().clone(), began(call));
    let mut exchanges: Vec<Exchange> = Vec::new();
    // The exchange whose question is open, and the number of that question.
    let mut open: Option<(usize, u32)> = None;
    for turn in &call.turns {
        for logged in &turn.steps {
            let node = session.node().cloned();
            let differs = |expected: String, found: String| {
                Box::new(Difference { leg: turn.leg, turn: turn.turn, node: node.clone(), expected, found })
            };
            let Some(Event::Input(input)) = logged.events.first() else {
                return Err(differs("a step that begins with an input".to_owned(), "one without".to_owned()));
            };
            let at = logged.at.unwrap_or(turn.at);
            let is_part = goes_on(&session, input);
            let was_waiting = matches!(session.stage, Stage::Waiting { .. });
            let step = flow::step(line, session, input, at);
            let found = LoggedStep::new(step.events, &step.next, at);
            if let Some((expected, found)) = compare(logged, &found, &step.next) {
                return Err(differs(expected, found));
            }
            let still_asks = matches!(step.session.stage, Stage::Asking { .. });
            session = step.session;
            if let (true, Some((place, _))) = (is_part, open) {
                if let Some(answer) = exchanges.get_mut(place).and_then(|exchange| exchange.answers.last_mut()) {
                    answer.inputs.push((input.clone(), at));
                }
            } else {
                let (turn, input, answers, came) = (turn.turn, input.clone(), Vec::new(), Came::default());
                exchanges.push(Exchange { turn, input, at, node, was_waiting, answers, came });
            }
            let place =
                if is_part { open.map_or(exchanges.len() - 1, |(place, _)| place) } else { exchanges.len() - 1 };
            let Some(exchange) = exchanges.get_mut(place) else { continue };
            exchange.came.take(found.events, &step.next);
            open = match &step.next {
                Next::Ask(request) if open.is_none_or(|(_, number)| number != request.number) => {
                    let (lookup, arguments) = (request.lookup.clone(), request.arguments.clone());
                    exchange.answers.push(Answer { lookup, arguments, inputs: Vec::new() });
                    Some((place, request.number))
                }
                Next::Ask(_) => open,
                Next::Reply(_) | Next::Current | Next::Fault(_) => open.filter(|_| still_asks),
            };
        }
    }
    if session.ended() != Some(call.cause) {
        let name =
            |cause: Option<EndCause>| cause.map_or("goes on".to_owned(), |cause| format!("ends ({})", cause.name()));
        let (leg, turn, node) = (Leg::CALLER, call.turns.last().map_or(0, |turn| turn.turn), session.node().cloned());
        let (expected, found) = (name(Some(call.cause)), name(session.ended()));
        return Err(Box::new(Difference { leg, turn, node, expected, found }));
    }
    Ok(Trace { exchanges, ended: session.ended() })
}

/// When the first step was made.
fn began(call: &Recorded) -> Timestamp {
    let first = call.turns.first().and_then(|turn| turn.steps.first()?.at);
    first.unwrap_or(call.started_at)
}

impl Came {
    /// A step more.
    pub(super) fn take(&mut self, events: Vec<Event>, next: &Next) {
        for event in events {
            if let Event::Said(said) = event {
                self.heard.extend(said);
            }
        }
        if let Next::Reply(reply) = next {
            let Ok(bare) = reply.clone().try_map(|_| Ok::<_, Infallible>(()));
            self.reply = Some(bare);
        }
    }
}

/// What was expected and what was found; `None` if they are the same.
fn compare(logged: &LoggedStep, found: &LoggedStep, next: &Next) -> Option<(String, String)> {
    if let Next::Fault(fault) = next {
        return Some((told(&logged.events), format!("a fault: {fault}")));
    }
    if logged.events != found.events {
        let (expected, heard) = (told(&logged.events), told(&found.events));
        return Some(if expected == heard {
            (expected, format!("{heard}, with other values or otherwise said"))
        } else {
            (expected, heard)
        });
    }
    // Older logs do not tell it.
    if logged.at.is_some() && logged.reply != found.reply {
        let told = |reply: &Option<String>| reply.clone().unwrap_or_else(|| "asks a lookup".to_owned());
        return Some((told(&logged.reply), told(&found.reply)));
    }
    None
}

/// `main.menu, hears main.menu`.
fn told(events: &[Event]) -> String {
    let event = |event: &Event| match event {
        Event::Input(_) => None,
        Event::Entered(node) => Some(format!("comes to {node}")),
        Event::Said(said) => Some(format!("hears {}", words::prompts(said))),
        Event::Fault(fault) => Some(format!("a fault: {fault}")),
        Event::Ended(cause) => Some(format!("ends ({})", cause.name())),
    };
    let told: Vec<String> = events.iter().filter_map(event).collect();
    if told.is_empty() { "nothing happens".to_owned() } else { told.join(", ") }
}
