//! Calls on the engine itself, with everything around it in memory: where thousands of calls a second matter.
//!
//! Engine, texts, clips, timers and rules of identity are the real ones. What is *not* here is what a service does for
//! calls that must not be lost: requests and documents, sealing, the store. Tests compare every call with the same call
//! over HTTP (`tests/it/calls.rs`). A [`Hall`] is made once, a [`Rehearsal`] is fresh for each call file.

mod answers;
mod people;
mod turn;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Mutex as Held, MutexGuard};

use super::call_file::{LookupDoes, Setting, Switch};
use super::carrier::Exchange;
use super::clock::MovableClock;
use super::pace::Pace;
use super::player::Scene;
use super::said::{Medium, Said};
use super::trouble::Trouble;
use super::world::target_of;
use crate::call::{
    EndCause, Ending, Kind, Language, Leg, Name, NodeId, PhoneNumber, PromptId, Reply, Spoken, Timestamp, Value, What,
};
use crate::dialect::{Performance, Report};
use crate::flow::{Files, Line, Loaded, Node, Taken};
use crate::lookup::identity::Ledger;
use crate::prompt;
use crate::service::{Lines, SHORTEST_FILLER, Speech};
use crate::store::Database;
use answers::Answers;
use people::{People, Pins, Verified};
use turn::Live;

pub use answers::Error;

/// Reserved for use in fiction: none of them rings anywhere.
const OPERATORS: std::ops::RangeInclusive<u32> = 100..=199;

/// What all rehearsals of a line have in common.
pub struct Hall {
    loaded: Arc<Loaded>,
    speech: Speech,
    dial: BTreeMap<Name, Vec<PhoneNumber>>,
    people: People,
    answers: Answers,
    /// What has been said before, as it is heard.
    said: Mutex<HashMap<Key, Said>>,
}

/// A prompt with its values, as it is spoken.
type Key = (PromptId, Language, bool, String);

/// One call file's world.
pub struct Rehearsal {
    hall: Arc<Hall>,
    clock: Arc<MovableClock>,
    state: Held<State>,
}

/// What calls of one file leave behind for each other.
#[derive(Default)]
struct State {
    /// The call that came last, and how many there were.
    live: Option<Live>,
    calls: u32,
    tries: Ledger,
    pins: Pins,
    left: Left,
    switches: serde_json::Map<String, serde_json::Value>,
    lookups: BTreeMap<Name, LookupDoes>,
    is_down: bool,
    /// `None` if nobody wants to know.
    seen: Option<Seen>,
}

/// What calls have left behind that later ones are asked about.
#[derive(Default)]
struct Left {
    /// How many tickets of any kind.
    filed: i64,
    /// By reference.
    tickets: Vec<String>,
    /// By person: until when their card is reported lost.
    losses: BTreeMap<usize, Value>,
}

/// What calls came by.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub nodes: BTreeSet<NodeId>,
    pub edges: BTreeSet<Taken>,
    pub prompts: BTreeSet<PromptId>,
}

impl Hall {
    /// Demo people who call: all that are unusual, and as many who are not.
    pub const PEOPLE: u32 = people::COUNT;

    /// A hall for the line. `database` has the demo people in it; lookups are asked there once and remembered.
    ///
    /// # Errors
    /// [`Error::Line`] with every mistake of a line that is not good.
    pub async fn open(database: Database, (line, files): (String, Files), speech: Speech) -> Result<Self, Error> {
        let lines = Lines::open(database.clone(), speech.clone(), vec![(line, files, Vec::new())], true).await?;
        let loaded = lines.first();
        let dial = fictional_numbers(&loaded.line);
        let answers = Answers::new(database, dial.clone(), Arc::clone(&loaded))?;
        Ok(Self { loaded, speech, dial, people: People::of_the_demo(), answers, said: Mutex::default() })
    }

    /// The line.
    #[must_use]
    pub fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }

    /// A prompt as it is heard.
    fn say(&self, spoken: &Spoken) -> Result<Said, prompt::Error> {
        let values = if spoken.values.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&spoken.values).unwrap_or_default()
        };
        let key = (spoken.prompt.clone(), spoken.language.clone(), spoken.slow, values);
        if let Some(known) = self.said().get(&key) {
            return Ok(known.clone());
        }
        let mut utterance = self.loaded.catalogue.utterance(spoken)?;
        utterance.recipe.take_if(|recipe| self.speech.files.parts(recipe).is_none());
        let medium = if utterance.recipe.is_some() { Medium::Clip } else { Medium::Text };
        let length = utterance.length();
        let said = Said {
            prompt: Some(utterance.prompt),
            language: utterance.language,
            text: utterance.text.into(),
            medium,
            length,
            sound: Arc::default(),
        };
        self.said().insert(key, said.clone());
        Ok(said)
    }

    fn said(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Said>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number for each target that the line may dial; none of them rings anywhere.
///
/// # Panics
/// Never: they are numbers.
#[must_use]
pub fn fictional_numbers(line: &Line) -> BTreeMap<Name, Vec<PhoneNumber>> {
    let dials =
        line.nodes.values().filter_map(|node| if let Node::Dial(dial) = node { Some(&dial.target) } else { None });
    let queues =
        line.nodes.values().filter_map(|node| if let Node::Queue(queue) = node { Some(&queue.overflow) } else { None });
    let targets: BTreeSet<&Name> = dials.chain(queues).chain([&line.apology.dial]).collect();
    let number = |last: u32| PhoneNumber::parse(&format!("+12025550{last}")).expect("it is a number");
    targets.into_iter().zip(OPERATORS).map(|(target, last)| (target.clone(), vec![number(last)])).collect()
}

impl Rehearsal {
    /// A fresh one. Its clock stands at the beginning of time until a call is played.
    #[must_use]
    pub fn new(hall: Arc<Hall>) -> Self {
        Self { hall, clock: Arc::new(MovableClock::new(Timestamp::from_millis(0))), state: Held::default() }
    }

    /// The same, which notes what its calls come by.
    #[must_use]
    pub fn watched(hall: Arc<Hall>) -> Self {
        let state = State { seen: Some(Seen::default()), ..State::default() };
        Self { state: Held::new(state), ..Self::new(hall) }
    }

    /// What its calls came by; nothing if it is not watched.
    pub async fn seen(&self) -> Seen {
        self.state().await.seen.clone().unwrap_or_default()
    }

    async fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().await
    }

    /// A reply as a telephone acts on it. `dialled`: the leg that a dial in it rings.
    fn perform(
        &self,
        reply: Reply,
        leg: Leg,
        dialled: Leg,
        state: &mut State,
    ) -> Result<Performance<Said>, prompt::Error> {
        let mut reply = reply.try_map(|spoken| {
            if let Some(seen) = &mut state.seen
                && !seen.prompts.contains(&spoken.prompt)
            {
                seen.prompts.insert(spoken.prompt.clone());
            }
            self.hall.say(&spoken)
        })?;
        if matches!(reply.ending, Ending::GoTo) {
            let rest = SHORTEST_FILLER.saturating_sub(super::said::length(&reply.prompts));
            if let Some(last) = reply.prompts.last_mut() {
                last.length += rest;
            }
        }
        let kinds: &[Kind] = match &reply.ending {
            Ending::Listen(_) => &[Kind::Keys, Kind::Silent],
            Ending::Dial(dial) if dial.whisper.is_some() => &[Kind::Dialled, Kind::Whisper],
            Ending::Dial(_) => &[Kind::Dialled],
            Ending::Record(_) => &[Kind::Recorded, Kind::File],
            Ending::GoTo => &[Kind::Next],
            Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => &[],
        };
        let leg = |kind: &Kind| if *kind == Kind::Whisper { dialled } else { leg };
        // Where a provider has a URL, a rehearsal has the number of the leg.
        let urls = kinds.iter().map(|kind| (*kind, leg(kind).0.to_string())).collect();
        Ok(Performance { reply, urls, answers_on_bridge: false })
    }
}

impl std::fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a rehearsal")
    }
}

#[async_trait]
impl Exchange for Rehearsal {
    fn name(&self) -> &'static str {
        "rehearsal"
    }

    fn arrivals(&self) -> String {
        Leg::CALLER.0.to_string()
    }

    async fn ask(&self, _: Kind, url: &str, report: Report, _: Timestamp) -> Result<Performance<Said>, Trouble> {
        let leg = url.parse().map(Leg).map_err(|_| Trouble::Url(url.to_owned()))?;
        let mut state = self.state().await;
        Ok(self.turn(&mut state, leg, report.event.what).await)
    }

    async fn tell(&self, _: Kind, _: Option<&str>, report: Report, _: Timestamp) -> Result<(), Trouble> {
        let mut state = self.state().await;
        let what = report.event.what;
        if matches!(what, What::CallEnded { .. }) {
            self.hung_up(&mut state).await;
        } else if matches!(what, What::FileReady(_)) {
            self.file_ready(&mut state, what).await;
        }
        // Of the recording of a talk nothing comes that a call could notice.
        Ok(())
    }
}

#[async_trait]
impl Scene for Rehearsal {
    fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.hall.loaded)
    }

    fn clock(&self) -> Arc<dyn Pace> {
        Arc::clone(&self.clock) as _
    }

    fn begin(&self, at: Timestamp) {
        self.clock.set(at);
    }

    fn has_clips(&self) -> bool {
        self.hall.speech.clips
    }

    fn target_of(&self, numbers: &[PhoneNumber]) -> Option<Name> {
        target_of(&self.hall.dial, numbers)
    }

    async fn set(&self, setting: &Setting) -> Result<(), String> {
        let mut state = self.state().await;
        match setting {
            Setting::Lookup { name, does } => drop(state.lookups.insert(name.clone(), does.clone())),
            Setting::Switch(switch) => state.switch(&self.hall.loaded.line, switch),
            Setting::DatabaseDown(down) => state.is_down = *down,
            Setting::Later(time) => self.clock.advance(*time),
        }
        Ok(())
    }

    async fn cause_of_last_end(&self) -> Result<Option<EndCause>, String> {
        Ok(self.state().await.live.as_ref().and_then(|live| live.session.ended()))
    }
}

impl State {
    fn switch(&mut self, line: &Line, switch: &Switch) {
        let (name, value) = switch.stored(line);
        match value {
            Some(value) => drop(self.switches.insert(name.to_owned(), value)),
            None => drop(self.switches.remove(name)),
        }
    }

    fn is_on(&self, switch: &str) -> bool {
        self.switches.get(switch).and_then(serde_json::Value::as_bool).unwrap_or(false)
    }
}
