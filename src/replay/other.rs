//! A call on another version: what its caller would hear there with the same keys, at the same times.
//!
//! Everything from outside is taken from the log as long as it fits. It is *not* a guess at what a caller would do who
//! hears something else: the first difference is told, and the rest as it is for one who goes on pressing the same keys.

use std::collections::{BTreeSet, VecDeque};

use super::own::{Answer, Came, Exchange, Trace};
use super::words;
use crate::call::{EndCause, Ending, Keys, Language, NodeId, PromptId, Timestamp};
use crate::flow::node::Collect;
use crate::flow::{
    self, Entry, Input, Line, Loaded, LookupRequest, Next, Node, SecretEntry, Session, Stage, Universal, read_entry,
};
use crate::service::LoggedStep;

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
enum Stop {
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
        let Some(input) = self.fit(own, exchange)? else { return Ok(came) };
        let mut inputs = VecDeque::from([(input, exchange.at)]);
        while let Some((input, at)) = inputs.pop_front() {
            let before = question(&self.session);
            let step = flow::step(self.line, self.session.clone(), &input, at);
            came.take(LoggedStep::of(&step, at));
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

    /// What came, as it comes to where the call stands now; `None` if nothing does.
    fn fit(&self, own: &Line, exchange: &Exchange) -> Result<Option<Input>, Stop> {
        let input = &exchange.input;
        let unfit = |why: &str| Err(Stop::Unfit(why.to_owned()));
        match (&self.session.stage, input) {
            (Stage::Ended { .. }, _) => Err(Stop::Over),
            (_, Input::HungUp | Input::Lost)
            | (Stage::New, Input::Arrived)
            | (Stage::Waiting { .. }, Input::Silent)
            | (
                Stage::Dialling { .. },
                Input::DialEnded { .. }
                | Input::PeerAnswered { .. }
                | Input::PeerPressed { .. }
                | Input::PeerSilent { .. },
            ) => Ok(Some(input.clone())),
            // The dial of an apology has ended: the call goes on where it stands.
            (Stage::Waiting { .. }, Input::Continued | Input::DialEnded { .. }) if exchange.was_waiting => {
                Ok(Some(input.clone()))
            }
            (Stage::Waiting { node, .. }, Input::Pressed(keys)) => {
                let meant = exchange.node.as_ref().is_some_and(|node| Self::means(own, node, keys, exchange.at));
                if meant && !Self::means(self.line, node, keys, exchange.at) {
                    let what = keys.single().map_or_else(|| "digits".to_owned(), |key| format!("key {key}"));
                    return unfit(&format!("press {what}, which mean(s) nothing at {node}"));
                }
                let secret = collect(self.line, node).filter(|collect| collect.secret);
                Ok(Some(secret.map_or_else(|| input.clone(), |of| Input::Entered(SecretEntry::of(keys, of.format)))))
            }
            (Stage::Waiting { node, .. }, Input::Entered(entry)) => {
                if collect(self.line, node).is_some_and(|collect| collect.secret) {
                    return Ok(Some(input.clone()));
                }
                let key = match entry {
                    SecretEntry::Operator => "0",
                    SecretEntry::Left => "*",
                    SecretEntry::Nothing => return Ok(Some(Input::Silent)),
                    SecretEntry::Complete | SecretEntry::TooShort | SecretEntry::TooLong => {
                        return unfit(&format!("key a secret, which {node} does not ask for"));
                    }
                };
                Ok(Some(Input::Pressed(Keys::parse(key).unwrap_or_default())))
            }
            (Stage::Dialling { node, .. }, Input::Pressed(_) | Input::Entered(_) | Input::Silent) => {
                unfit(&format!("are put through at {node}, where they were asked something"))
            }
            (_, Input::DialEnded { .. }) => unfit("are not put through"),
            (_, Input::PeerAnswered { .. } | Input::PeerPressed { .. } | Input::PeerSilent { .. }) => Ok(None),
            (Stage::Asking { node, .. }, _) => unfit(&format!("still wait for the lookup of {node}")),
            (
                Stage::New | Stage::Waiting { .. } | Stage::Dialling { .. },
                Input::Arrived
                | Input::Continued
                | Input::LookupDone { .. }
                | Input::LookupLate
                | Input::Pressed(_)
                | Input::Entered(_)
                | Input::Silent,
            ) => unfit("stand where nothing of the kind can come"),
        }
    }

    /// Whether a key is listed there, or an entry is one.
    fn means(line: &Line, node: &NodeId, keys: &Keys, at: Timestamp) -> bool {
        let key = keys.single();
        let everywhere = key.is_some_and(|key| line.keys.contains_key(&key));
        match line.nodes.get(node) {
            Some(Node::Menu(menu)) => everywhere || key.is_some_and(|key| menu.keys.contains_key(&key)),
            Some(Node::Browse(browse)) => everywhere || key.is_some_and(|key| browse.keys.contains_key(&key)),
            Some(Node::Say(say)) => say.listen.is_some() && everywhere,
            Some(Node::Collect(collect)) => match read_entry(keys, collect.format, at.in_zone(&line.zone).date()) {
                Entry::Complete(_) | Entry::Left => true,
                Entry::Operator => matches!(line.keys.get(&'0'), Some(Universal::Node(_))),
                Entry::TooShort | Entry::TooLong | Entry::Invalid | Entry::Nothing => false,
            },
            Some(
                Node::Verify(_)
                | Node::Lookup(_)
                | Node::Effect(_)
                | Node::Branch(_)
                | Node::Set(_)
                | Node::Call(_)
                | Node::Return(_)
                | Node::Dial(_)
                | Node::End(_),
            )
            | None => false,
        }
    }
}

/// The number of the question that is open.
const fn question(session: &Session) -> Option<u32> {
    match &session.stage {
        Stage::Asking { request, .. } => Some(request.number),
        Stage::New | Stage::Waiting { .. } | Stage::Dialling { .. } | Stage::Ended { .. } => None,
    }
}

fn collect<'a>(line: &'a Line, node: &NodeId) -> Option<&'a Collect> {
    match line.nodes.get(node) {
        Some(Node::Collect(collect)) => Some(collect),
        _ => None,
    }
}
