//! What lookups answer in a rehearsal: the real ones are asked once for each person and question, and remembered.
//!
//! Records do not change while calls are rehearsed, so what was answered once is the answer. Who may ask is *not*
//! decided here (`turn.rs`).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;

use super::people::{Member, some_call};
use crate::call::{Arrival, Keys, Language, Leg, Name, PhoneNumber, Secret, Timestamp, Value, ValueRecord};
use crate::flow::{Loaded, LookupRequest};
use crate::lookup;
use crate::lookup::identity::{self, Identity, SetPin, set_pin};
use crate::lookup::pin::PinHashing;
use crate::service::{Answered, Desk, LinesError, Lookups as _, Question};
use crate::store::{self, Database};

/// What somebody is verified by where the real lookups are asked.
const PIN: &str = "204816";
const OTHER_PIN: &str = "738291";

/// Why lines cannot be rehearsed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Line(#[from] LinesError),
    #[error(transparent)]
    Lookup(#[from] lookup::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Answers to questions.
pub(super) struct Answers {
    desk: Desk,
    loaded: Arc<Loaded>,
    known: Mutex<HashMap<Key, Answered>>,
    /// Questions are asked one after the other: switches are set for each.
    asking: tokio::sync::Mutex<()>,
}

/// A question: who it is about, and all that its answer can depend on.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    lookup: Name,
    arguments: String,
    person: Option<usize>,
    /// Of the caller, for texts.
    language: Language,
    switches: String,
    today: Date,
}

/// A question of a call.
pub(super) struct Asked<'a> {
    pub(super) request: &'a LookupRequest,
    /// The verified member: their number and who it is.
    pub(super) person: Option<(usize, &'a Member)>,
    pub(super) language: &'a Language,
    pub(super) switches: &'a serde_json::Map<String, serde_json::Value>,
    pub(super) arrival: &'a Arrival,
    pub(super) now: Timestamp,
}

impl Answers {
    pub(super) fn new(
        database: Database,
        dial: BTreeMap<Name, Vec<PhoneNumber>>,
        loaded: Arc<Loaded>,
    ) -> Result<Self, Error> {
        let settings = identity::Settings { hashing: PinHashing::SMALLEST, key: [0; 32], checks_at_once: 1 };
        let identity = Identity::new(database.clone(), &settings)?;
        let desk = Desk { database, identity, dial, demo: false };
        Ok(Self { desk, loaded, known: Mutex::default(), asking: tokio::sync::Mutex::default() })
    }

    pub(super) async fn get(&self, asked: &Asked<'_>) -> Answered {
        let arguments = &asked.request.arguments;
        let arguments =
            if arguments.is_empty() { String::new() } else { serde_json::to_string(arguments).unwrap_or_default() };
        let key = Key {
            lookup: asked.request.lookup.clone(),
            arguments,
            person: asked.person.map(|(number, _)| number),
            language: asked.language.clone(),
            switches: serde_json::to_string(asked.switches).unwrap_or_default(),
            today: asked.now.in_zone(&self.loaded.line.zone).date(),
        };
        if let Some(known) = self.known().get(&key) {
            return known.clone();
        }
        let _alone = self.asking.lock().await;
        match self.ask(asked).await {
            Ok(answered) => {
                self.known().insert(key, answered.clone());
                answered
            }
            Err(_) => Answered::unavailable(),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Key, Answered>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the real lookup, in a call of its own whose caller proves who they are.
    async fn ask(&self, asked: &Asked<'_>) -> Result<Answered, Error> {
        let line = self.loaded.line.name.as_str();
        for name in ["bulletin", "maintenance", "direct-to-operator"] {
            self.desk.database.set_switch(line, name, asked.switches.get(name)).await?;
        }
        let question = |lookup: &Name, arguments: ValueRecord, secret| Question {
            call: some_call(),
            leg: Leg::CALLER,
            turn: 1,
            loaded: Arc::clone(&self.loaded),
            language: asked.language.clone(),
            arrival: asked.arrival.clone(),
            request: LookupRequest { number: 1, lookup: lookup.clone(), arguments },
            secret,
            candidate: None,
            texted: None,
            records_talks: false,
            now: asked.now,
        };
        let own = question(&asked.request.lookup, asked.request.arguments.clone(), None);
        if let Some((_, member)) = asked.person {
            let pin = self.new_pin(member, asked.now).await?;
            let id = Value::Digits(member.id.as_str().to_owned());
            let proof = question(&Name::from("verify"), [("id".to_owned(), id)].into(), Some(pin));
            let proof = Question { call: own.call, arrival: nobody(asked.arrival), ..proof };
            self.desk.ask(proof).await;
        }
        Ok(self.desk.ask(own).await)
    }

    /// A PIN that is not an initial one: `members set-pin`, as an outlet does it.
    async fn new_pin(&self, member: &Member, now: Timestamp) -> Result<Secret, Error> {
        let mut pin = Secret::from_keys(&Keys::parse(PIN).unwrap_or_default());
        for digits in [PIN, OTHER_PIN] {
            pin = Secret::from_keys(&Keys::parse(digits).unwrap_or_default());
            let set = SetPin { id: &member.id, pin: &pin, initial: false, hashing: PinHashing::SMALLEST, now };
            if set_pin(&self.desk.database, set).await? == identity::Outlet::Done {
                break;
            }
        }
        Ok(pin)
    }
}

/// A call whose number is withheld: tries are not counted by it.
fn nobody(arrival: &Arrival) -> Arrival {
    Arrival { caller: None, ..arrival.clone() }
}
