//! Where the questions of calls go: tables, the calendar, identity.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::{duty, sms, tickets};
use crate::call::{
    Arrival, CallId, IdNumber, Language, Leg, Name, PhoneNumber, Secret, Signature, Timestamp, Value, ValueRecord,
};
use crate::flow::{Line, Loaded, LookupRequest};
use crate::lookup::identity::{Claim, Identity, NewPin, Who};
use crate::lookup::{self, Context, PinHolder, Subject};
use crate::store::{Database, Recipient};

/// One question of a call.
#[derive(Clone)]
pub struct Question {
    pub call: CallId,
    pub leg: Leg,
    /// The turn that asks: a try at a PIN is counted once for it.
    pub turn: u32,
    pub loaded: Arc<Loaded>,
    pub language: Language,
    pub arrival: Arrival,
    pub request: LookupRequest,
    /// What was keyed in this turn and must not be kept.
    pub secret: Option<Secret>,
    pub candidate: Option<Candidate>,
    /// Whom a text of the call would go to; `None` if none can be sent.
    pub texted: Option<Recipient>,
    /// Talks are recorded, and the provider can do that.
    pub records_talks: bool,
    pub now: Timestamp,
}

/// A new PIN that was keyed once: whose it will be and its Argon2id hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub person_no: String,
    pub hash: String,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a new PIN")
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    pub outcome: String,
    pub values: ValueRecord,
    /// A new PIN that must be keyed once more.
    pub candidate: Option<Candidate>,
}

impl Answered {
    /// The lookup could not be made.
    #[must_use]
    pub fn unavailable() -> Self {
        Self { outcome: Signature::UNAVAILABLE.to_owned(), values: ValueRecord::new(), candidate: None }
    }
}

/// Whoever answers the questions of calls. Tests answer some of them themselves.
#[async_trait]
pub trait Lookups: Send + Sync + 'static {
    async fn ask(&self, question: Question) -> Answered;
}

/// Answers from the database.
pub struct Desk {
    pub database: Database,
    pub identity: Identity,
    /// The numbers behind dial targets: nobody is on duty who cannot be rung.
    pub dial: BTreeMap<Name, Vec<PhoneNumber>>,
    /// People are on duty whatever the calendar says, and simulated calls reach them: whoever tries a demo shall.
    pub demo: bool,
}

#[async_trait]
impl Lookups for Desk {
    async fn ask(&self, question: Question) -> Answered {
        let name = question.request.lookup.clone();
        let call = question.call;
        match self.answer(question).await {
            Ok(answered) => answered,
            Err(error) => {
                let error = anyhow::Error::from(error);
                warn!(call.id = %call, lookup = %name, "lookup `{name}` failed: {error:#}");
                Answered::unavailable()
            }
        }
    }
}

impl Desk {
    async fn answer(&self, question: Question) -> Result<Answered, lookup::Error> {
        match question.request.lookup.as_str() {
            "verify" => self.verify(question).await,
            "check-new-pin" => self.check_new_pin(question).await,
            "confirm-new-pin" => self.confirm_new_pin(question).await,
            "duty" => self.duty(&question).await,
            "queue" => self.queue(&question).await,
            "new-reference" => self.new_reference(&question).await,
            "ticket-state" => self.ticket_state(&question).await,
            "call-back-time" => Ok(tickets::call_back_time(&question.loaded.line, question.now)),
            "sms-available" => {
                let may = match &question.texted {
                    Some(to) => self.database.may_be_texted(to, question.now).await?,
                    None => false,
                };
                Ok(sms::available(may))
            }
            "caller-number" => Ok(tickets::caller_number(question.arrival.caller.as_ref())),
            name => {
                let line = &question.loaded.line;
                let context = Context {
                    db: &self.database,
                    now: question.now,
                    zone: &line.zone,
                    line: line.name.as_str(),
                    language: &question.language,
                    call: question.call,
                };
                let personal = lookup::ALL.iter().any(|known| known.signature.name == name && known.signature.personal);
                let subject =
                    if personal { Subject::of_call(&self.database, question.call, question.now).await? } else { None };
                let answer = lookup::ask(&context, name, subject.as_ref(), &question.request.arguments).await?;
                Ok(answered(answer))
            }
        }
    }

    async fn verify(&self, question: Question) -> Result<Answered, lookup::Error> {
        let today = question.now.in_zone(&question.loaded.line.zone).date();
        let by = claimed(&question.request.arguments, today);
        let Some(by) = by else { return Ok(Answered::unavailable()) };
        let Some(pin) = question.secret else {
            // The process has restarted since the PIN was keyed, and it is nowhere. The try may be settled; if it is
            // not, it was none.
            let verdict = self.identity.verdict_of(question.call, question.leg, question.turn).await?;
            return Ok(verdict.map_or_else(Answered::unavailable, |verdict| answered(verdict.answer())));
        };
        let claim = Claim {
            by,
            pin,
            call: question.call,
            leg: question.leg,
            turn: question.turn,
            caller: question.arrival.caller,
            now: question.now,
        };
        Ok(answered(self.identity.verify(claim).await?.answer()))
    }

    async fn check_new_pin(&self, question: Question) -> Result<Answered, lookup::Error> {
        let holder = PinHolder::of_call(&self.database, question.call, question.now).await?;
        let (Some(holder), Some(pin)) = (holder, question.secret) else { return Ok(Answered::unavailable()) };
        let person_no = holder.person_no().to_owned();
        let today = question.now.in_zone(&question.loaded.line.zone).date();
        let checked = self.identity.check_new_pin(&pin, &holder, question.arrival.caller.as_ref(), today).await?;
        let (outcome, candidate) = match checked {
            NewPin::Weak => ("weak", None),
            NewPin::Accepted(hash) => ("accepted", Some(Candidate { person_no, hash })),
        };
        Ok(Answered { outcome: outcome.to_owned(), values: ValueRecord::new(), candidate })
    }

    async fn confirm_new_pin(&self, question: Question) -> Result<Answered, lookup::Error> {
        let holder = PinHolder::of_call(&self.database, question.call, question.now).await?;
        let (Some(holder), Some(candidate), Some(pin)) = (holder, question.candidate, question.secret) else {
            return Ok(Answered::unavailable());
        };
        if holder.person_no() != candidate.person_no {
            return Ok(Answered::unavailable());
        }
        let same = self.identity.confirm_new_pin(&pin, &candidate.hash).await?;
        let outcome = if same { "same" } else { "differs" };
        Ok(Answered { outcome: outcome.to_owned(), values: ValueRecord::new(), candidate: same.then_some(candidate) })
    }

    async fn duty(&self, question: &Question) -> Result<Answered, lookup::Error> {
        let line = &question.loaded.line;
        let closed_today = self.is_closed_today(line.name.as_str()).await?;
        let reachable = self.dial.values().any(|numbers| !numbers.is_empty());
        Ok(self.hours(line, question.now, closed_today, reachable))
    }

    /// Whether people answer at this time.
    pub(super) fn hours(&self, line: &Line, now: Timestamp, closed_today: bool, reachable: bool) -> Answered {
        let answer = if self.demo { duty::answer_at_any_hour } else { duty::answer };
        let (outcome, values) = answer(line, now, closed_today, reachable);
        Answered { outcome: outcome.to_owned(), values, candidate: None }
    }

    pub(super) async fn is_closed_today(&self, line: &str) -> Result<bool, lookup::Error> {
        let switches = self.database.switches(line).await?;
        Ok(switches.get("closed-today").and_then(serde_json::Value::as_bool).unwrap_or(false))
    }
}

/// Who a caller says that they are.
pub(crate) fn claimed(arguments: &ValueRecord, today: jiff::civil::Date) -> Option<Who> {
    let digits = |name: &str| match arguments.get(name) {
        Some(Value::Digits(digits)) => Some(digits.clone()),
        _ => None,
    };
    match (digits("id"), digits("card"), digits("last-four")) {
        (Some(id), ..) => IdNumber::parse(&id, today).ok().map(Who::ById),
        (None, Some(digits), Some(last_four)) => Some(Who::ByCard { digits, last_four }),
        _ => None,
    }
}

fn answered(answer: lookup::Answer) -> Answered {
    Answered { outcome: answer.outcome.to_owned(), values: answer.values, candidate: None }
}
