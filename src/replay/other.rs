//! A call on another version: what its caller would hear there with the same keys, at the same times.
//!
//! Everything from outside is taken from the log as long as it fits. It is *not* a guess at what a caller would do who
//! hears something else: the first difference is told, and the rest as it is for one who goes on pressing the same keys.

use std::collections::{BTreeSet, VecDeque};

use super::fit::fit;
use super::own::{Answer, Came, Exchange, Trace};
use super::words;
use crate::call::{EndCause, Ending, Language, PromptId};
use crate::flow::{self, Line, Loaded, LookupRequest, Next, Session, Stage};

/// What would become of a call on another version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// The first turn in which something else is heard, and what.
    pub differs: Option<(u32, String)>,
    /// The turn whose input does not fit any more, and why.
    pub stopped: Option<(u32, String)>,
    /// Why it ended, and how it would end, if that is something else. Not told of a call that could not be followed.
    pub ends: Option<(EndCause, Ends)>,
    pub person: Person,
    /// Our own mistake that would stop it.
    pub fault: Option<String>,
    /// What is heard in other words than before, under the same name.
    pub reworded: BTreeSet<(PromptId, Language)>,
}

/// How a call would end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    As(EndCause),
    /// It has not ended when nothing more comes.
    GoesOn,
}

/// Whether a person is rung for the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Person {
    /// As before.
    #[default]
    Same,
    /// The caller would not reach one any more.
    Lost,
    /// The caller would reach one, and did not.
    Won,
    /// The caller did; on the other version something is asked that nobody asked in the call.
    Unknown,
}

/// Why a call cannot be followed any further.
pub(super) enum Stop {
    /// What came does not fit.
    Unfit(String),
    /// A question that has no answer in the log.
    Unasked(String),
    Fault(String),
    /// It has ended before.
    Over,
}

impl Fate {
    /// Whether the caller would notice anything.
    #[must_use]
    pub fn is_same(&self) -> bool {
        *self == Self::default()
    }
}

/// Follows a call that was on version `own` on version `new`.
#[must_use]
pub fn follow(own: &Loaded, new: &Loaded, trace: &Trace) -> Fate {
    let mut fate = Fate::default();
    let Some(first) = trace.exchanges.first() else { return fate };
    let session = Session::new(new.line.first_language().clone(), first.at);
    let answers = trace.exchanges.iter().flat_map(|exchange| &exchange.answers).map(|answer| (answer, false)).collect();
    let mut player = Player { line: &new.line, session, answers };
    let (mut reached, mut unasked) = (false, false);
    for exchange in &trace.exchanges {
        match player.play(&own.line, exchange) {
            Ok(came) => {
                reached |= rings(&came);
                fate.note(own, new, exchange, &came);
            }
            Err(Stop::Over) => break,
            Err(Stop::Fault(fault)) => {
                fate.fault = Some(fault);
                break;
            }
            Err(Stop::Unfit(why)) => {
                fate.stopped = Some((exchange.turn, why));
                break;
            }
            Err(Stop::Unasked(why)) => {
                unasked = true;
                fate.stopped = Some((exchange.turn, why));
                break;
            }
        }
    }
    fate.person = match (trace.exchanges.iter().any(|exchange| rings(&exchange.came)), reached) {
        (true, false) if unasked => Person::Unknown,
        (true, false) => Person::Lost,
        (false, true) => Person::Won,
        (true, true) | (false, false) => Person::Same,
    };
    let ends = if fate.fault.is_some() { Some(EndCause::OurFault) } else { player.session.ended() };
    if let (Some(cause), None, true) = (trace.ended, &fate.stopped, ends != trace.ended) {
        fate.ends = Some((cause, ends.map_or(Ends::GoesOn, Ends::As)));
    }
    fate
}

fn rings(came: &Came) -> bool {
    came.reply.as_ref().is_some_and(|reply| matches!(reply.ending, Ending::Dial(_)))
}

impl Fate {
    fn note(&mut self, own: &Loaded, new: &Loaded, exchange: &Exchange, came: &Came) {
        let text = |loaded: &Loaded, prompt: &PromptId, language| loaded.catalogue.text(prompt.as_str(), language);
        for spoken in &came.heard {
            let before = text(own, &spoken.prompt, &spoken.language);
            if before.is_some() && before != text(new, &spoken.prompt, &spoken.language) {
                self.reworded.insert((spoken.prompt.clone(), spoken.language.clone()));
            }
        }
        if self.differs.is_none() {
            self.differs = difference(&exchange.came, came).map(|text| (exchange.turn, text));
        }
    }
}

/// What is heard or can be pressed otherwise.
fn difference(own: &Came, new: &Came) -> Option<String> {
    if let Some(other) = words::instead(&own.heard, &new.heard) {
        return Some(other);
    }
    if let Some((_, other)) = own.heard.iter().zip(&new.heard).find(|(own, new)| own != new) {
        return Some(format!("hear {} with other values or in another language", other.prompt));
    }
    let (before, now) = (words::shape(own.reply.as_ref()), words::shape(new.reply.as_ref()));
    if own.reply == new.reply {
        return None;
    }
    let last = own.heard.last().map_or_else(String::new, |spoken| format!("after {}: ", spoken.prompt));
    Some(if before == now { format!("{last}other timers") } else { format!("{last}the line {now}, where it {before}") })
}

/// A call on a version that it was not on.
struct Player<'a> {
    line: &'a Line,
    session: Session,
    /// Every answer of the call, and whether it has been given.
    answers: Vec<(&'a Answer, bool)>,
}

impl Player<'_> {
    fn play(&mut self, own: &Line, exchange: &Exchange) -> Result<Came, Stop> {
        let mut came = Came::default();
        let Some(input) = fit(own, exchange, self.line, &self.session)? else { return Ok(came) };
        let mut inputs = VecDeque::from([(input, exchange.at)]);
        while let Some((input, at)) = inputs.pop_front() {
            let before = question(&self.session);
            let step = flow::step(self.line, self.session.clone(), &input, at);
            came.take(step.events, &step.next);
            self.session = step.session;
            match step.next {
                Next::Fault(fault) => return Err(Stop::Fault(fault.to_string())),
                Next::Ask(request) if before != Some(request.number) => {
                    let answer = self.answer(&request)?;
                    inputs = answer.inputs.iter().map(|(input, time)| (input.clone(), (*time).max(at))).collect();
                }
                Next::Ask(_) | Next::Reply(_) | Next::Current => {}
            }
        }
        Ok(came)
    }

    /// What was answered to the same question: the first time that has not been used, or else the last.
    fn answer(&mut self, request: &LookupRequest) -> Result<Answer, Stop> {
        let same = |answer: &Answer| answer.lookup == request.lookup && answer.arguments == request.arguments;
        if let Some((answer, given)) = self.answers.iter_mut().find(|(answer, given)| !given && same(answer)) {
            *given = true;
            return Ok((*answer).clone());
        }
        let last = self.answers.iter().rev().find(|(answer, _)| same(answer));
        let unasked = || Stop::Unasked(format!("are asked about by lookup {}, which was not asked so", request.lookup));
        last.map(|(answer, _)| (*answer).clone()).ok_or_else(unasked)
    }
}

/// The number of the question that is open.
const fn question(session: &Session) -> Option<u32> {
    match &session.stage {
        Stage::Asking { request, .. } => Some(request.number),
        Stage::New | Stage::Waiting { .. } | Stage::Dialling { .. } | Stage::Recording { .. } | Stage::Ended { .. } => {
            None
        }
    }
}
