//! Every call that a line can have: the real engine is given everything that can happen wherever a call can stand,
//! until nothing new is found.
//!
//! Figures and texts are without number, so calls are told apart by the outline of their session
//! ([`Outlines`]), and one of each outline is driven on. Of every step it is judged what the caller gets: no fault, no
//! silence for ever, no end without a word, and documents that every provider takes. It is *not* a proof about values
//! (`flow::check`) nor a test of the calls that an author has in mind (`.call` files). Start with [`explore`].

mod answers;
mod chains;
mod documents;
mod finding;
mod happening;

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use finding::EXPLANATIONS;
pub use happening::{Happening, Happenings};

use chains::Chains;
use documents::{Documents, Wrong};
use finding::Found;

use crate::call::{DialOutcome, Ending, NodeId, Reply, Signature, Spoken, Timestamp};
use crate::flow::{self, Files, Input, Loaded, Next, Outlines, Session, Stage, Step, Verification};
use crate::yaml::{Explanation, Problem};

/// When all these calls are: 2026-03-31 10:00 in Shanghai. The clock stands; what a call remembers gets older.
const NOW: Timestamp = Timestamp::from_millis(1_774_922_400_000);
/// How many steps are made between two reports of progress.
const REPORT_EVERY: usize = 1 << 14;

/// How much has been explored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Sessions of different outlines.
    pub states: usize,
    /// Those that have not been driven on yet.
    pub waiting: usize,
    /// Steps of the engine.
    pub transitions: usize,
    /// Replies that differ.
    pub replies: usize,
    pub documents: usize,
}

/// What an exploration has found.
#[derive(Debug)]
pub struct Explored {
    pub figures: Figures,
    pub problems: Vec<Problem>,
}

/// How a state was first come to.
struct Origin {
    before: usize,
    /// Which of the happenings there led here.
    number: usize,
}

struct Exploration<'a> {
    loaded: &'a Loaded,
    outlines: Outlines<'a>,
    happenings: Happenings<'a>,
    documents: Documents<'a>,
    states: HashMap<u64, usize>,
    origins: Vec<Origin>,
    ahead: VecDeque<(usize, Session)>,
    replies: HashSet<u64>,
    chains: Chains,
    figures: Figures,
    found: Found,
}

/// Explores a line that could be read. `progress` is told now and then how far it is.
#[must_use]
pub fn explore(
    files: &Files,
    loaded: &Loaded,
    signatures: &[&'static Signature],
    progress: &mut dyn FnMut(Figures),
) -> Explored {
    let mut exploration = Exploration {
        loaded,
        outlines: Outlines::of(&loaded.line, signatures),
        happenings: Happenings::of(loaded, signatures),
        documents: Documents::of(&loaded.catalogue),
        states: HashMap::new(),
        origins: Vec::new(),
        ahead: VecDeque::new(),
        replies: HashSet::new(),
        chains: Chains::default(),
        figures: Figures::default(),
        found: Found::default(),
    };
    exploration.come_to(Session::new(loaded.line.first_language().clone(), NOW), Origin { before: 0, number: 0 });
    while let Some((state, session)) = exploration.ahead.pop_front() {
        exploration.drive_on(state, &session, progress);
    }
    if let Some((state, text)) = exploration.chains.too_long() {
        let (way, node) = exploration.way(state);
        exploration.found.add(&finding::ASKS_ON, node, text, way);
    }
    progress(exploration.figures());
    Explored { figures: exploration.figures(), problems: exploration.found.into_problems(files, &loaded.line) }
}

impl Exploration<'_> {
    fn figures(&self) -> Figures {
        Figures { states: self.origins.len(), waiting: self.ahead.len(), replies: self.replies.len(), ..self.figures }
    }

    /// The state of a session, which is driven on later if it is new.
    fn come_to(&mut self, session: Session, origin: Origin) -> usize {
        let next = self.origins.len();
        let state = *self.states.entry(self.outlines.outline(&session, NOW)).or_insert(next);
        if state == next {
            self.origins.push(origin);
            self.ahead.push_back((state, session));
        }
        state
    }

    fn drive_on(&mut self, state: usize, session: &Session, progress: &mut dyn FnMut(Figures)) {
        for (number, happening) in self.happenings.at(session).into_iter().enumerate() {
            self.figures.transitions += 1;
            if self.figures.transitions.is_multiple_of(REPORT_EVERY) {
                progress(self.figures());
            }
            let Ok(step) = catch_unwind(AssertUnwindSafe(|| self.step(session, &happening))) else {
                self.find(&finding::PANICS, state, session, &happening, "the program panics".to_owned());
                continue;
            };
            match &step.next {
                // Whoever asked gets what they have: nothing of the step is kept.
                Next::Current => continue,
                Next::Fault(fault) => {
                    self.find(&finding::FAULT, state, session, &happening, fault.to_string());
                    continue;
                }
                Next::Reply(reply) => self.judge(state, session, &happening, &step, reply),
                Next::Ask(_) => {}
            }
            // How long the call lasts matters to its longest length alone, which is tried everywhere.
            let mut next = step.session.with_blurred_wait();
            next.started_at = NOW;
            let asks = matches!(next.stage, Stage::Asking { .. });
            let reached = self.come_to(next, Origin { before: state, number });
            if asks && matches!(happening.input, Input::LookupDone { .. }) {
                self.chains.add(state, reached);
            }
        }
    }

    fn step(&self, session: &Session, happening: &Happening) -> Step {
        flow::step(&self.loaded.line, session.clone().aged(happening.after), &happening.input, NOW)
    }

    /// What is wrong with what the caller, or whoever picked up, gets.
    fn judge(&mut self, state: usize, before: &Session, happening: &Happening, step: &Step, reply: &Reply) {
        let says_nothing = reply.prompts.is_empty();
        let gone = match &happening.input {
            // Nobody is there any more; an operator's phone is hung up without a word.
            Input::HungUp
            | Input::Lost
            | Input::PeerAnswered { .. }
            | Input::PeerPressed { .. }
            | Input::PeerSilent { .. } => true,
            Input::DialEnded { outcome, .. } => *outcome == DialOutcome::Abandoned,
            Input::Arrived
            | Input::Pressed(_)
            | Input::Entered(_)
            | Input::Silent
            | Input::Continued
            | Input::LookupDone { .. }
            | Input::LookupLate
            | Input::RecordEnded { .. } => before.has_hung_up(),
        };
        if before.ended().is_some() {
            if !says_nothing || !matches!(reply.ending, Ending::HangUp(_)) {
                self.find(
                    &finding::AFTER_THE_END,
                    state,
                    before,
                    happening,
                    "the call goes on after its end".to_owned(),
                );
            }
            return;
        }
        if says_nothing && !gone && matches!(reply.ending, Ending::HangUp(_)) {
            self.find(&finding::NO_WORD, state, before, happening, "the call ends without a word".to_owned());
        }
        let verified = matches!(step.session.verification, Verification::Verified { .. });
        if !verified && let Some(spoken) = said(reply).find(|spoken| spoken.personal) {
            let text = format!("`{}` tells what was read about somebody who is not verified", spoken.prompt);
            self.find(&finding::STRANGER, state, before, happening, text);
        }
        if self.replies.insert(hash(reply)) {
            match self.documents.write(reply) {
                Ok(count) => self.figures.documents += count,
                Err(Wrong::Prompt(why)) => self.find(&finding::UNSAID, state, before, happening, why),
                Err(Wrong::Document(why)) => self.find(&finding::DOCUMENT, state, before, happening, why),
            }
        }
    }

    /// Notes what is wrong with a step, at the node where it went wrong.
    fn find(
        &mut self,
        kind: &'static Explanation,
        state: usize,
        before: &Session,
        happening: &Happening,
        text: String,
    ) {
        if self.found.knows(kind, before.node(), &text) {
            return;
        }
        let (mut way, _) = self.way(state);
        way.push(happening.told.clone());
        let node = before.node().cloned().unwrap_or_else(|| self.loaded.line.start.clone());
        self.found.add(kind, node, text, way);
    }

    /// How a call comes to a state, and where it is then.
    fn way(&self, state: usize) -> (Vec<String>, NodeId) {
        let mut numbers = Vec::new();
        let mut at = state;
        while at > 0 {
            let Some(Origin { before, number }) = self.origins.get(at) else { break };
            numbers.push(*number);
            at = *before;
        }
        let mut session = Session::new(self.loaded.line.first_language().clone(), NOW);
        let mut way = Vec::new();
        for number in numbers.into_iter().rev() {
            let Some(happening) = self.happenings.at(&session).into_iter().nth(number) else { break };
            session = self.step(&session, &happening).session.with_blurred_wait();
            session.started_at = NOW;
            way.push(happening.told);
        }
        let node = session.node().cloned().unwrap_or_else(|| self.loaded.line.start.clone());
        (way, node)
    }
}

/// All that a reply says, to the caller and to whoever picks up.
fn said(reply: &Reply) -> impl Iterator<Item = &Spoken> {
    let within: &[Spoken] = match &reply.ending {
        Ending::Listen(listen) => &listen.prompts,
        Ending::Dial(dial) => dial.whisper.as_ref().map_or(&[], |whisper| &whisper.prompts),
        Ending::Record(_) | Ending::GoTo | Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => &[],
    };
    reply.prompts.iter().chain(within)
}

/// The hash of a reply in its neutral form.
fn hash(reply: &Reply) -> u64 {
    struct Bytes(DefaultHasher);
    impl io::Write for Bytes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut bytes = Bytes(DefaultHasher::new());
    serde_json::to_writer(&mut bytes, reply).expect("a reply is texts, numbers and names");
    bytes.0.finish()
}
