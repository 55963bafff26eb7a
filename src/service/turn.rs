//! One turn: load the call, run steps and lookups, write the reply, commit, answer.
//!
//! One turn is in flight per call: whoever holds its slot. A twin waits there and finds the turn made.

use std::time::Duration;

use tokio::sync::oneshot;
use tracing::{debug, error, info};

use super::apology::Apology;
use super::audio::said_last;
use super::calls::{Asked, Asking, Current, Kept, Live, Slot};
use super::log::{LoggedStep, write_log};
use super::render::{self, Rendered};
use super::speech::OwnAudio;
use super::{Answered, Question, Service, effects, lines, sms};
use crate::call::{
    Arrival, CallId, DialOutcome, EndCause, Ending, Leg, Name, RecordOutcome, Recording, Refusal, Reply, Secret,
    Step as Place, Timestamp, What,
};
use crate::dialect::{Document, Feature, Profile};
use crate::flow::{self, Fault, Input, LOOKUP_WAIT, Line, Next, SecretEntry, Session, Stage, Tally};
use crate::store::{self, CallKey, Committed, Opening, Turn};

/// How many steps one request may make: the one that it asks for, and one for each lookup that is answered in it.
pub const MOST_STEPS: usize = 16;
/// After the prompt and its timers, how long a provider may take before its call counts as lost.
const LOST_AFTER: Duration = Duration::from_mins(1);
/// What the parts of a call that are encrypted are bound to, beside the call itself.
const SESSION: &[u8] = b"session";
const DOCUMENT: &[u8] = b"document";
pub(super) const LOG: &[u8] = b"log";

/// Why there is no ordinary reply.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Sealed(#[from] store::SealError),
    #[error(transparent)]
    Line(#[from] lines::Error),
    #[error(transparent)]
    Reply(#[from] render::Error),
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The reason is not told: serde quotes what it read.
    #[error("the state of the call cannot be read: a newer version of the program may have written it")]
    State,
}

impl From<serde_json::Error> for Trouble {
    fn from(_: serde_json::Error) -> Self {
        Self::State
    }
}

/// A turn that has been made, but not committed.
struct Made {
    kept: Kept,
    steps: Vec<LoggedStep>,
    effects: Vec<store::Effect>,
    rendered: Rendered,
}

impl Service {
    /// The document for a call that arrives.
    pub(super) async fn arrived(&self, profile: &Profile, call: CallId, leg: &str, arrival: Arrival) -> Document {
        let here = Place { call, leg: Leg::CALLER, turn: 0 };
        let slot = self.calls.slot(call);
        let mut slot = slot.lock().await;
        match self.arrive(profile, &mut slot, call, leg, arrival).await {
            Ok(document) => document,
            Err(trouble) => self.failed(profile, &mut slot, here, &trouble, Apology::Dial(here)),
        }
    }

    async fn arrive(
        &self,
        profile: &Profile,
        slot: &mut Slot,
        call: CallId,
        leg: &str,
        arrival: Arrival,
    ) -> Result<Document, Trouble> {
        // Nearly every arrival is new, so the store is not asked first: if the call is there, the commit finds it.
        if let Some(live) = slot.live.as_ref().filter(|live| live.legs.contains_key(&Leg::CALLER)) {
            return Ok(self.current(profile, live, Leg::CALLER));
        }
        slot.live = None;
        if self.is_draining() || self.calls.len() > self.settings.most_calls {
            self.wake(profile, slot, call).await?;
            if let Some(live) = &slot.live {
                return Ok(self.current(profile, live, Leg::CALLER));
            }
            info!(call.id = %call, profile = %profile.name, "the line is full: a call hears the busy tone");
            self.calls.forget(call);
            let busy = Reply { prompts: Vec::new(), ending: Ending::Refuse(Refusal::Busy) };
            let here = Place { call, leg: Leg::CALLER, turn: 1 };
            return Ok(self
                .render(profile, &self.lines.first(), busy, &OwnAudio::default(), here, Leg::CALLER)?
                .document);
        }
        let loaded = self.lines.reached_by(&arrival.called);
        let now = self.clock.now();
        let key = CallKey::random();
        let opening = Opening {
            line: loaded.line.name.to_string(),
            version: loaded.line.version.clone(),
            profile: profile.name.clone(),
            simulated: arrival.simulated,
            key: key.wrap(&self.key, call),
        };
        let session = Session::new(loaded.line.first_language().clone(), now);
        let kept = Kept {
            session,
            arrival,
            leg: leg.to_owned(),
            candidate: None,
            asked: None,
            texts: Vec::new(),
            tally: Tally::default(),
        };
        info!(call.id = %call, profile = %profile.name, line = %loaded.line.name, "a call has arrived");
        let legs = std::collections::BTreeMap::new();
        slot.live = Some(Live { loaded, key, kept, legs, wake_at: now });
        let here = Place { call, leg: Leg::CALLER, turn: 1 };
        self.make_and_commit(profile, slot, here, Input::Arrived, Aside::default(), Some(opening)).await
    }

    /// The document for anything else that happens to a call.
    pub(super) async fn turn(&self, profile: &Profile, asked: Place, what: What) -> Document {
        let slot = self.calls.slot(asked.call);
        let mut slot = slot.lock().await;
        let how = match (asked.leg, matches!(what, What::DialEnded { .. })) {
            (Leg::CALLER, true) => Apology::End,
            (Leg::CALLER, false) => Apology::Dial(asked),
            _ => Apology::Peer,
        };
        match self.next_turn(profile, &mut slot, asked, what).await {
            Ok(Some(document)) => {
                if slot.live.as_ref().is_none_or(|live| live.kept.session.ended().is_some()) {
                    self.calls.forget(asked.call);
                }
                document
            }
            Ok(None) => {
                self.calls.forget(asked.call);
                info!(call.id = %asked.call, "a request is for a call that is not on record");
                self.unknown_call(profile)
            }
            Err(trouble) => self.failed(profile, &mut slot, asked, &trouble, how),
        }
    }

    /// The provider says that a call is over.
    pub(super) async fn hung_up(&self, profile: &Profile, call: CallId) {
        self.end(profile, call, Input::HungUp).await;
    }

    /// Ends a call from outside: hung up, or lost.
    pub(super) async fn end(&self, profile: &Profile, call: CallId, input: Input) {
        let slot = self.calls.slot(call);
        let mut slot = slot.lock().await;
        let lives = slot.live.as_ref().is_some_and(|live| live.wake_at > self.clock.now());
        if input == Input::Lost && lives {
            // Something has come of it since it was found.
            return;
        }
        if let Err(trouble) = self.end_call(profile, &mut slot, call, input).await {
            slot.live = None;
            error!(call.id = %call, "the end of a call could not be written: {:#}", anyhow::Error::from(trouble));
        }
        self.calls.forget(call);
    }

    async fn end_call(&self, profile: &Profile, slot: &mut Slot, call: CallId, input: Input) -> Result<(), Trouble> {
        self.wake(profile, slot, call).await?;
        let Some(live) = slot.live.as_ref().filter(|live| live.kept.session.ended().is_none()) else { return Ok(()) };
        let turn = live.legs.get(&Leg::CALLER).map_or(1, |current| current.turn + 1);
        let here = Place { call, leg: Leg::CALLER, turn };
        self.make_and_commit(profile, slot, here, input, Aside::default(), None).await.map(|_| ())
    }

    async fn next_turn(
        &self,
        profile: &Profile,
        slot: &mut Slot,
        asked: Place,
        what: What,
    ) -> Result<Option<Document>, Trouble> {
        self.wake(profile, slot, asked.call).await?;
        let turn_of = |slot: &Slot| {
            let live = slot.live.as_ref()?;
            Some(live.legs.get(&asked.leg).map_or(0, |current| current.turn))
        };
        if turn_of(slot).is_some_and(|turn| turn < asked.turn) {
            // Another node has made turns that this one has not seen.
            slot.live = None;
            self.wake(profile, slot, asked.call).await?;
        }
        let (Some(turn), Some(live)) = (turn_of(slot), slot.live.as_ref()) else { return Ok(None) };
        // The end of a call that counted as lost was said to nobody: whoever comes back is told.
        if asked.leg == Leg::CALLER && live.kept.session.ended() == Some(EndCause::Lost) {
            return Ok(None);
        }
        // What was said before a hang-up comes after it, with the URL of the document that recorded it.
        let said_last = matches!(what, What::Recorded(_) | What::FileReady(_))
            && live.kept.session.awaits_recording()
            && turn == asked.turn + 1;
        if turn > asked.turn && !said_last {
            debug!(call.id = %asked.call, turn = asked.turn, "a request came again or late: it gets the current document");
            return Ok(Some(self.current(profile, live, asked.leg)));
        }
        if live.kept.session.ended().is_some() && asked.leg == Leg::CALLER {
            return Ok(None);
        }
        let (input, aside) = if turn < asked.turn {
            // The turn that wrote this URL was lost with the machine's power; the call goes on where it is on record.
            (Input::Continued, Aside::default())
        } else {
            let recording = || self.tokens.recording(asked);
            let what = Self::believed(profile, live.kept.arrival.simulated, what);
            input(what, asked.leg, &live.loaded.line, &live.kept.session, recording)
        };
        let here = Place { turn: turn + 1, ..asked };
        self.make_and_commit(profile, slot, here, input, aside, None).await.map(Some)
    }

    /// Fills an empty slot from the store; it stays empty if there is no such call.
    pub(super) async fn wake(&self, profile: &Profile, slot: &mut Slot, call: CallId) -> Result<(), Trouble> {
        // Without a document its arrival was cut short: only the store knows whether that was written.
        if slot.live.as_ref().is_some_and(|live| !live.legs.is_empty()) {
            return Ok(());
        }
        slot.live = None;
        let Some(stored) = self.store.load(call).await? else { return Ok(()) };
        if stored.session.is_empty() {
            // It was over long ago, and what it held has been cleared away.
            return Ok(());
        }
        let key = CallKey::unwrap(&self.key, call, &stored.key)?;
        let kept: Kept = serde_json::from_slice(&key.open(SESSION, &stored.session)?)?;
        let loaded = self.lines.version(&stored.line, &stored.version).await?;
        let mut legs = std::collections::BTreeMap::new();
        for leg in stored.legs {
            let body = if leg.document.is_empty() { Vec::new() } else { key.open(DOCUMENT, &leg.document)? };
            let document = Document { status: 200, content_type: profile.dialect.content_type(), body };
            legs.insert(leg.leg, Current { turn: leg.turn, document, said: Vec::new() });
        }
        slot.live = Some(Live { loaded, key, kept, legs, wake_at: Timestamp::default() });
        Ok(())
    }

    /// Makes turn `here`, commits it and returns its document. Nothing of it has happened if this fails.
    async fn make_and_commit(
        &self,
        profile: &Profile,
        slot: &mut Slot,
        here: Place,
        input: Input,
        aside: Aside,
        opening: Option<Opening>,
    ) -> Result<Document, Trouble> {
        let began = self.clock.now();
        let first = opening.is_some();
        let made = self.make(profile, slot, here, input, aside).await?;
        let Some(live) = slot.live.as_mut() else { return Err(Trouble::Store(store::Error::WriterStopped)) };
        let Some(mut made) = made else { return Ok(self.current(profile, live, here.leg)) };
        let now = self.clock.now();
        let ended = made.kept.session.ended();
        if ended.is_some() {
            made.kept.candidate = None;
            if here.leg == Leg::CALLER {
                let stood = live.kept.session.node().map(ToString::to_string);
                made.effects
                    .push(store::Effect::Count { node: stood, tally: serde_json::to_string(&made.kept.tally)? });
            }
        }
        let wake_at = now.plus(made.rendered.lasts + LOST_AFTER);
        let turn = Turn {
            call: here.call,
            leg: here.leg,
            turn: here.turn,
            at: now,
            opening,
            session: Some(live.key.seal(SESSION, &serde_json::to_vec(&made.kept)?)),
            document: live.key.seal(DOCUMENT, &made.rendered.document.body),
            log: write_log(&live.key, &made.steps)?,
            node: made.kept.session.node().map(ToString::to_string),
            wake_at,
            ended,
            effects: made.effects,
        };
        match self.store.commit(turn).await? {
            Committed::Written => {}
            Committed::Superseded => {
                // Another node was first: what it answered is the answer.
                slot.live = None;
                slot.asking = None;
                self.wake(profile, slot, here.call).await?;
                let current = slot.live.as_ref().map(|live| self.current(profile, live, here.leg));
                return Ok(current.unwrap_or_else(|| self.unknown_call(profile)));
            }
        }
        let document = made.rendered.document;
        live.kept = made.kept;
        live.wake_at = if here.leg == Leg::CALLER { wake_at } else { live.wake_at.max(wake_at) };
        let said = said_last(&made.steps).to_vec();
        live.legs.insert(here.leg, Current { turn: here.turn, document: document.clone(), said });
        note(profile, here, live, first, now.since(began));
        if ended.is_some() {
            self.calls.forget(here.call);
        }
        Ok(document)
    }

    /// Runs the engine on `input`, with the lookups that it asks for, up to a reply that is written.
    async fn make(
        &self,
        profile: &Profile,
        slot: &mut Slot,
        here: Place,
        input: Input,
        aside: Aside,
    ) -> Result<Option<Made>, Trouble> {
        let Slot { live: Some(live), asking } = slot else { return Err(Trouble::Store(store::Error::WriterStopped)) };
        let deadline = self.clock.now().plus(LOOKUP_WAIT);
        let mut kept = live.kept.clone();
        let (mut steps, mut effects, mut asked_about) = (Vec::new(), Vec::new(), false);
        let mut input = input;
        for _ in 0..MOST_STEPS {
            let now = self.clock.now();
            if kept.session.stage == Stage::New {
                // A call begins with its first step: a replay knows no other time.
                kept.session.started_at = now;
            }
            let before = kept.session.clone();
            let step = flow::step(&live.loaded.line, kept.session, &input, now);
            kept.tally.add(&live.loaded.line, &before, &step.events);
            steps.push(LoggedStep::new(step.events, &step.next, now));
            kept.session = step.session;
            for effect in step.effects {
                let source = aside.source.as_deref();
                let texts = sms::Around {
                    call: here.call,
                    profile: profile.name.as_str(),
                    loaded: &live.loaded,
                    key: &live.key,
                    to: self.text_to(&profile.name, &kept),
                };
                let around = effects::Around { line: &live.loaded.line, key: &live.key, source, texts, now };
                asked_about |= effect.is_asked_about();
                effects.extend(effects::to_be_written(&effect, &mut kept, &around)?);
            }
            input = match step.next {
                Next::Reply(reply) => match self.with_numbers(reply) {
                    Ok(reply) => {
                        let dialled = kept.session.peer().unwrap_or(here.leg);
                        let own = self.speak_ahead(&live.loaded, said_last(&steps)).await;
                        let rendered = self.render(profile, &live.loaded, reply, &own, here, dialled)?;
                        return Ok(Some(Made { kept, steps, effects, rendered }));
                    }
                    Err(target) => {
                        error!(call.id = %here.call, target = %target, "no number is configured for dial target `{target}`");
                        Input::DialEnded { outcome: DialOutcome::Failed, talk_s: None }
                    }
                },
                Next::Current => return Ok(None),
                // What this turn does must be on record before anything is asked that may depend on it.
                Next::Ask(_) if asked_about => {
                    let reply = Reply { prompts: Vec::new(), ending: Ending::GoTo };
                    let rendered = self.render(profile, &live.loaded, reply, &OwnAudio::default(), here, here.leg)?;
                    return Ok(Some(Made { kept, steps, effects, rendered }));
                }
                Next::Ask(request) => {
                    // However many polls it takes, a question is asked by the turn that first asked it.
                    let turn = match kept.asked {
                        Some(asked) if asked.number == request.number => asked.turn,
                        _ => here.turn,
                    };
                    kept.asked = Some(Asked { number: request.number, turn });
                    let question = Question {
                        call: here.call,
                        leg: here.leg,
                        turn,
                        loaded: std::sync::Arc::clone(&live.loaded),
                        language: kept.session.language.clone(),
                        arrival: kept.arrival.clone(),
                        request,
                        secret: aside.secret.clone(),
                        candidate: kept.candidate.clone(),
                        texted: self.text_to(&profile.name, &kept).map(|(_, to)| to),
                        records_talks: self.settings.record_talks && profile.capabilities.has(Feature::RecordsTalks),
                        now: self.clock.now(),
                    };
                    match self.ask(asking, question, deadline).await {
                        Some(answered) => {
                            kept.candidate = answered.candidate.or(kept.candidate);
                            Input::LookupDone { outcome: answered.outcome, values: answered.values }
                        }
                        None => Input::LookupLate,
                    }
                }
                Next::Fault(fault) => return Err(fault.into()),
            };
        }
        Err(Fault::Unexpected { input: "one lookup after the other" }.into())
    }

    /// Waits for an answer until `deadline`; a lookup that takes longer goes on, and the next poll finds it.
    async fn ask(&self, asking: &mut Option<Asking>, question: Question, deadline: Timestamp) -> Option<Answered> {
        let asked = Asked { number: question.request.number, turn: question.turn };
        if asking.as_ref().is_none_or(|asking| asking.asked != asked) {
            let (sender, answer) = oneshot::channel();
            let lookups = std::sync::Arc::clone(&self.lookups);
            tokio::spawn(async move {
                // Nobody waits any more if the call is over.
                let _ = sender.send(lookups.ask(question).await);
            });
            *asking = Some(Asking { asked, answer });
        }
        let waiting = &mut asking.as_mut()?.answer;
        let left = deadline.since(self.clock.now());
        let answered = tokio::select! {
            biased;
            answered = waiting => answered.unwrap_or_else(|_| Answered::unavailable()),
            () = self.clock.sleep(left) => return None,
        };
        *asking = None;
        Some(answered)
    }

    /// Puts the numbers behind the name of a dial's target; the target if it has none.
    fn with_numbers(&self, mut reply: Reply) -> Result<Reply, Name> {
        if let Ending::Dial(dial) = &mut reply.ending {
            match self.settings.dial.get(&dial.target) {
                // An operator of a queue has an address of their own.
                _ if !dial.numbers.is_empty() => {}
                Some(numbers) if !numbers.is_empty() => dial.numbers.clone_from(numbers),
                _ => return Err(dial.target.clone()),
            }
        }
        Ok(reply)
    }

    /// The document that a leg has now.
    fn current(&self, profile: &Profile, live: &Live, leg: Leg) -> Document {
        match live.legs.get(&leg) {
            Some(current) if !current.document.body.is_empty() => current.document.clone(),
            // Documents are forgotten some time after the call.
            _ => self.unknown_call(profile),
        }
    }

    /// Logs once why a step failed, and apologises. What was not committed has not happened.
    fn failed(&self, profile: &Profile, slot: &mut Slot, here: Place, trouble: &Trouble, how: Apology) -> Document {
        slot.live = None;
        slot.asking = None;
        self.calls.forget(here.call);
        let mut causes = String::new();
        let mut cause: Option<&dyn std::error::Error> = Some(trouble);
        while let Some(error) = cause {
            if !causes.is_empty() {
                causes.push_str(": ");
            }
            causes.push_str(&error.to_string());
            cause = error.source();
        }
        error!(call.id = %here.call, turn = here.turn, profile = %profile.name, "a step failed, the caller hears an apology: {causes}");
        self.apology(profile, how)
    }
}

/// What came with an input and stays out of the engine.
#[derive(Default)]
pub(crate) struct Aside {
    /// What was keyed and must not be kept.
    pub(crate) secret: Option<Secret>,
    /// Where the provider has what was recorded.
    pub(crate) source: Option<String>,
}

/// What the engine is told. Of a secret it is told only what kind of entry it was, of a recording what it is known by:
/// `recording` makes that up.
pub(crate) fn input(
    what: What,
    leg: Leg,
    line: &Line,
    session: &Session,
    recording: impl FnOnce() -> String,
) -> (Input, Aside) {
    let plain = |input| (input, Aside::default());
    match what {
        What::Pressed(keys) if leg != Leg::CALLER => plain(Input::PeerPressed { leg, keys }),
        What::PeerAnswered => plain(Input::PeerAnswered { leg }),
        _ if leg != Leg::CALLER => plain(Input::PeerSilent { leg }),
        What::Pressed(keys) => match secret_format(line, session) {
            Some(format) => {
                let entry = SecretEntry::of(&keys, format);
                let secret = (entry == SecretEntry::Complete).then(|| Secret::from_keys(&flow::last_digits(&keys)));
                (Input::Entered(entry), Aside { secret, source: None })
            }
            None => plain(Input::Pressed(keys)),
        },
        What::Silent => plain(Input::Silent),
        What::DialEnded { outcome, talk_s, .. } => plain(Input::DialEnded { outcome, talk_s }),
        What::CallEnded { .. } => plain(Input::HungUp),
        What::Recorded(told) | What::FileReady(told) => {
            let nothing = |outcome| plain(Input::RecordEnded { outcome, name: String::new(), seconds: 0 });
            match told {
                Recording::Made { url, seconds, .. } => {
                    let ended = Input::RecordEnded { outcome: RecordOutcome::Recorded, name: recording(), seconds };
                    (ended, Aside { secret: None, source: Some(url) })
                }
                Recording::Nothing => nothing(RecordOutcome::Empty),
                Recording::Failed => nothing(RecordOutcome::Failed),
            }
        }
        What::Continued | What::Arrived(_) | What::TalkReady(_) | What::Faulted { .. } | What::Progress { .. } => {
            plain(Input::Continued)
        }
    }
}

/// The format of the secret that the call waits for, if it does.
fn secret_format(line: &Line, session: &Session) -> Option<flow::definition::Format> {
    let node = line.nodes.get(session.node()?)?;
    if let flow::Node::Collect(collect) = node
        && collect.secret
    {
        return Some(collect.format);
    }
    None
}

/// The log of a turn: where the call stands, never what was keyed or said.
fn note(profile: &Profile, here: Place, live: &Live, first: bool, took: Duration) {
    let session = &live.kept.session;
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match (session.ended(), session.node()) {
        (Some(cause), _) => {
            let lasted_s = length_s(session);
            info!(call.id = %here.call, profile = %profile.name, turn = here.turn, cause = cause.name(), lasted_s, duration_ms, "a call has ended");
        }
        (None, Some(node)) => {
            debug!(call.id = %here.call, profile = %profile.name, leg = here.leg.0, turn = here.turn, node.id = %node, first, duration_ms, "a call is at `{node}`");
        }
        (None, None) => {}
    }
}

/// How long a call lasted, seconds.
fn length_s(session: &Session) -> u64 {
    match &session.stage {
        flow::Stage::Ended { at, .. } => at.since(session.started_at).as_secs(),
        flow::Stage::New
        | flow::Stage::Waiting { .. }
        | flow::Stage::Asking { .. }
        | flow::Stage::Dialling { .. }
        | flow::Stage::Recording { .. } => 0,
    }
}
