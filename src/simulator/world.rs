//! A service to play calls on, with everything around it in the hands of a test: time, lookups, the store.
//!
//! The service is the real one, with the real tables; only what a script says is different is different.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::call_file::{LookupDoes, Setting, Switch};
use super::clock::MovableClock;
use super::pace::Pace;
use super::player::Scene;
use crate::call::{CallId, DialOutcome, EndCause, Leg, Name, PhoneNumber, Timestamp, Type};
use crate::clock::Clock;
use crate::dialect::{Profile, PublicUrl};
use crate::flow::{Line, Loaded, LookupRequest};
use crate::lookup;
use crate::lookup::identity::{self, Identity};
use crate::lookup::pin::PinHashing;
use crate::service::{Answered, Desk, Lines, Lookups, Question, Service, Settings, SmsSettings, signatures};
use crate::store::{self, Committed, DataKey, Database, Store, StoredCall, Turn};

/// What a world is made of.
pub struct Setup {
    /// With the people whom calls are about.
    pub database: Database,
    pub data_key: [u8; 32],
    /// Of the same database.
    pub lines: Lines,
    pub public: PublicUrl,
    pub profiles: Vec<Profile>,
    /// The numbers behind dial targets.
    pub dial: BTreeMap<Name, Vec<PhoneNumber>>,
    pub hashing: PinHashing,
    /// Who can be sent an SMS.
    pub sms: SmsSettings,
    /// Talks are recorded.
    pub record_talks: bool,
}

/// A service and what surrounds it.
pub struct World {
    pub service: Arc<Service>,
    /// Whether there are clips to be heard, and not only text.
    pub clips: bool,
    pub clock: Arc<MovableClock>,
    pub lookups: Arc<ScriptedLookups>,
    pub store: Arc<WatchedStore>,
    pub database: Database,
}

/// Why a world cannot be made or looked into.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Lookup(#[from] lookup::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl World {
    /// A world of its own. Its clock stands at the beginning of time until a call is played.
    ///
    /// # Errors
    /// [`Error::Lookup`] if the people cannot be asked about.
    pub fn open(setup: Setup) -> Result<Self, Error> {
        let Setup { database, data_key, lines, public, profiles, dial, hashing, sms, record_talks } = setup;
        let key = DataKey::from_bytes(data_key);
        let clips = lines.speech().clips;
        let desk = |dial: BTreeMap<Name, Vec<PhoneNumber>>| -> Result<Arc<dyn Lookups>, Error> {
            let settings = identity::Settings { hashing, key: key.derive("identity"), checks_at_once: 1 };
            let identity = Identity::new(database.clone(), &settings)?;
            Ok(Arc::new(Desk { database: database.clone(), identity, dial, demo: false }))
        };
        let clock = Arc::new(MovableClock::new(Timestamp::from_millis(0)));
        let (asked, _) = watch::channel(0);
        let lookups = Arc::new(ScriptedLookups {
            usual: desk(dial.clone())?,
            nobody: desk(BTreeMap::new())?,
            clock: Arc::clone(&clock),
            script: Mutex::default(),
            asked,
        });
        let store = Arc::new(WatchedStore {
            inner: database.clone(),
            is_down: AtomicBool::new(false),
            calls: Mutex::default(),
        });
        let profiles = profiles.into_iter().map(|profile| (profile.name.clone(), profile)).collect();
        let service = Service::new(
            Settings { public, profiles, dial, most_calls: usize::MAX, sms, record_talks },
            lines,
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::clone(&lookups) as Arc<dyn Lookups>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            DataKey::from_bytes(data_key),
        );
        Ok(Self { service: Arc::new(service), clips, clock, lookups, store, database })
    }

    /// Sets a supervisor's switch.
    ///
    /// # Errors
    /// [`Error::Store`] if it cannot be written.
    pub async fn switch(&self, line: &Line, switch: &Switch) -> Result<(), Error> {
        if let Switch::Nobody(on) = switch {
            self.lookups.script().nobody = *on;
            return Ok(());
        }
        let (name, value) = switch.stored(line);
        Ok(self.database.set_switch(line.name.as_str(), name, value.as_ref()).await?)
    }

    /// Whether from here on nothing can be read or written.
    pub fn set_database_down(&self, down: bool) {
        self.store.is_down.store(down, Ordering::Relaxed);
        self.lookups.script().is_down = down;
    }

    /// Why the call that came last has ended, if that is on record.
    ///
    /// # Errors
    /// [`Error::Store`] if it cannot be read.
    pub async fn cause_of_last_end(&self) -> Result<Option<EndCause>, Error> {
        let Some(call) = self.store.calls().last().copied() else { return Ok(None) };
        let stored = self.database.load(call).await?;
        Ok(stored.and_then(|stored| stored.ended).map(|(cause, _)| cause))
    }
}

#[async_trait]
impl Scene for World {
    fn loaded(&self) -> Arc<Loaded> {
        self.service.lines().first()
    }

    fn clock(&self) -> Arc<dyn Pace> {
        Arc::clone(&self.clock) as _
    }

    fn begin(&self, at: Timestamp) {
        self.clock.set(at);
    }

    fn has_clips(&self) -> bool {
        self.clips
    }

    fn target_of(&self, numbers: &[PhoneNumber]) -> Option<Name> {
        target_of(&self.service.settings().dial, numbers)
    }

    async fn set(&self, setting: &Setting) -> Result<(), String> {
        match setting {
            Setting::Lookup { name, does } => self.lookups.set(name.clone(), does.clone()),
            Setting::Switch(switch) => {
                self.switch(&self.loaded().line, switch).await.map_err(|failed| failed.to_string())?;
            }
            Setting::DatabaseDown(down) => self.set_database_down(*down),
            Setting::Later(time) => self.clock.advance(*time),
        }
        Ok(())
    }

    async fn cause_of_last_end(&self) -> Result<Option<EndCause>, String> {
        self.cause_of_last_end().await.map_err(|failed| failed.to_string())
    }
}

/// The name of the dial target that these numbers are behind.
pub(super) fn target_of(dial: &BTreeMap<Name, Vec<PhoneNumber>>, numbers: &[PhoneNumber]) -> Option<Name> {
    dial.iter().find(|(_, behind)| *behind == numbers).map(|(target, _)| target.clone())
}

impl Switch {
    /// The name and the value under which it is stored. `nobody` is not stored: it is about numbers.
    pub(super) fn stored(&self, line: &Line) -> (&'static str, Option<Value>) {
        match self {
            Self::ClosedToday(on) => ("closed-today", on.then_some(Value::Bool(true))),
            Self::DirectToOperator(on) => ("direct-to-operator", on.then_some(Value::Bool(true))),
            Self::Maintenance(until) => {
                ("maintenance", until.map(|until| json!({ "until": until.strftime("%H:%M").to_string() })))
            }
            Self::Bulletin(texts) => {
                let texts = texts.as_ref().map(|texts| {
                    let named = line.languages.iter().zip(texts);
                    named.map(|(language, text)| (language.to_string(), Value::from(text.as_str()))).collect()
                });
                ("bulletin", texts.map(Value::Object))
            }
            Self::Nobody(on) => ("nobody", on.then_some(Value::Bool(true))),
        }
    }
}

/// The real lookups, but for what a script says of them.
pub struct ScriptedLookups {
    usual: Arc<dyn Lookups>,
    /// The same where no operator has a number.
    nobody: Arc<dyn Lookups>,
    clock: Arc<MovableClock>,
    script: Mutex<LookupScript>,
    /// How many questions have been asked.
    asked: watch::Sender<u64>,
}

#[derive(Default)]
struct LookupScript {
    does: BTreeMap<Name, LookupDoes>,
    nobody: bool,
    is_down: bool,
}

impl ScriptedLookups {
    /// From here on lookup `name` does this.
    pub fn set(&self, name: Name, does: LookupDoes) {
        self.script().does.insert(name, does);
    }

    fn script(&self) -> MutexGuard<'_, LookupScript> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Lookups for ScriptedLookups {
    async fn ask(&self, question: Question) -> Answered {
        self.asked.send_modify(|asked| *asked += 1);
        let mut asked = self.asked.subscribe();
        let (does, who) = {
            let script = self.script();
            let lookup = &question.request.lookup;
            let does = script.does.get(lookup).cloned().unwrap_or_else(|| LookupDoes::unless_told(lookup));
            let does = if script.is_down { LookupDoes::Fails } else { does };
            (does, if script.nobody { &self.nobody } else { &self.usual })
        };
        match does {
            LookupDoes::Works => who.ask(question).await,
            LookupDoes::Answers(..) if is_after_a_talk(&question.request) => {
                Answered { outcome: "served".to_owned(), ..Answered::unavailable() }
            }
            LookupDoes::Answers(outcome, values) => scripted(&question.request.lookup, outcome, &values),
            LookupDoes::Fails => Answered::unavailable(),
            LookupDoes::Takes(time) => tokio::select! {
                () = self.clock.mover(time) => who.ask(question).await,
                // A call asks one question at a time: this one has been given up.
                _ = asked.changed() => Answered::unavailable(),
            },
        }
    }
}

/// A queue is asked what comes after a talk. A script that says where a caller stands says nothing of it.
pub(super) fn is_after_a_talk(request: &LookupRequest) -> bool {
    let talked = crate::call::Value::Word(DialOutcome::Talked.name().to_owned());
    request.lookup.as_str() == "queue" && request.arguments.get("ended") == Some(&talked)
}

/// The answer that a script gives for a lookup: its values are numbers, or digits where the lookup has digits.
pub(super) fn scripted(lookup: &Name, outcome: String, values: &BTreeMap<String, i64>) -> Answered {
    let signature = signatures().into_iter().find(|signature| signature.name == lookup.as_str());
    let fields = signature.map_or(&[][..], |signature| signature.answer(&outcome));
    let value = |name: &str, number: i64| {
        let digits = fields.iter().any(|field| field.name == name && field.of == Type::Digits);
        if digits { crate::call::Value::Digits(number.to_string()) } else { crate::call::Value::Number(number) }
    };
    let values = values.iter().map(|(name, number)| (name.clone(), value(name, *number))).collect();
    Answered { outcome, values, candidate: None }
}

/// The real store until it is down. It knows which calls there were.
pub struct WatchedStore {
    inner: Database,
    is_down: AtomicBool,
    calls: Mutex<Vec<CallId>>,
}

impl WatchedStore {
    /// The calls that began, the earliest first.
    fn calls(&self) -> MutexGuard<'_, Vec<CallId>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn up(&self) -> Result<(), store::Error> {
        if self.is_down.load(Ordering::Relaxed) { Err(store::Error::WriterStopped) } else { Ok(()) }
    }
}

#[async_trait]
impl Store for WatchedStore {
    async fn load(&self, call: CallId) -> Result<Option<StoredCall>, store::Error> {
        self.up()?;
        self.inner.load(call).await
    }

    async fn commit(&self, turn: Turn) -> Result<Committed, store::Error> {
        self.up()?;
        if turn.opening.is_some() {
            self.calls().push(turn.call);
        }
        self.inner.commit(turn).await
    }

    async fn turn_log(&self, call: CallId, leg: Leg, turn: u32) -> Result<Option<Vec<u8>>, store::Error> {
        self.up()?;
        self.inner.turn_log(call, leg, turn).await
    }

    async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<CallId>, store::Error> {
        self.up()?;
        self.inner.overdue(now, limit).await
    }
}
