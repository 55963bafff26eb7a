//! All that one operator may see now, as the page is told it. What stands in no snapshot is asked for by a click, and is
//! on record: records, a field in full, what is in a ticket.
//!
//! Who rings is told what the call is about, and nothing personal; that comes with the talk and goes with it.

use serde::Serialize;
use tracing::warn;

use super::DeskState;
use super::calling::Calling;
use crate::call::{Name, Timestamp};
use crate::desk::accounts::{Person, Role};
use crate::desk::work::{self, CallBack, Colleague, Earlier, Masked, Presence, Stage, Ticket, Work, Worker};
use crate::lookup::Subject;
use crate::service::{Context, InLanguages, Proof, Read};
use crate::store::queue::WaiterState;

/// What an operator sees.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Snapshot {
    pub(super) now: Timestamp,
    /// Whose snapshot it is: somebody else may have logged in with the same browser.
    number: String,
    /// Calls can ring in the browser.
    voice: bool,
    supervises: bool,
    pub(super) presence: Option<Presence>,
    waiting: Waiting,
    work: Option<Card>,
    colleagues: Vec<Colleague>,
    queues: Vec<Name>,
    call_backs: Vec<About<CallBack>>,
    tickets: Vec<About<Ticket>>,
}

/// How many wait, and since when.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Waiting {
    count: usize,
    since: Option<Timestamp>,
}

/// Something with its subject in words.
#[derive(Serialize)]
struct About<T> {
    #[serde(flatten)]
    it: T,
    topic: InLanguages,
}

/// The call that rings, goes on, or has just ended.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Card {
    no: i64,
    stage: Stage,
    is_call_back: bool,
    ends_at: Option<Timestamp>,
    queue: String,
    language: String,
    topic: InLanguages,
    joined_at: Timestamp,
    answered_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    tries: u32,
    accept: Option<char>,
    recorded: bool,
    transfer_note: String,
    path: Vec<InLanguages>,
    mistakes: u32,
    proof: Proof,
    read: Vec<Read>,
    member: Option<Masked>,
    earlier: Vec<EarlierTold>,
    contact: Option<String>,
    /// Their telephone can be rung and joined to the contact from here.
    calling: Option<Calling>,
    result: String,
    note: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct EarlierTold {
    #[serde(flatten)]
    it: Earlier,
    /// The subject in words, in place of its own.
    subject: Option<InLanguages>,
}

/// What is known of the call that was looked at last: a log grows by turns, and none come while two people talk.
#[derive(Default)]
pub(super) struct Known(Option<(i64, Stage, Context)>);

impl DeskState {
    #[allow(clippy::unused_self, reason = "whoever asks has the desk at hand")]
    pub(super) fn worker(&self, person: &Person) -> Worker {
        Worker { no: person.no, who: person.who(), supervises: person.role >= Role::Supervisor }
    }

    /// # Errors
    /// Trouble of the database, or of a call's key.
    pub(super) async fn snapshot(&self, person: &Person, known: &mut Known) -> Result<Snapshot, work::Error> {
        let (database, now) = (&self.database, self.clock.now());
        let work = Work::of(database, person.no).await?;
        let lines = self.service.lines().reached();
        let line = work.as_ref().map_or_else(
            || lines.first().map(|(loaded, _)| loaded.line.name.to_string()),
            |work| Some(work.line.clone()),
        );
        let line = line.unwrap_or_default();
        let topic = |subject: &str| self.topic(&line, subject);
        let call_backs = work::call_backs(database, self.settings.demo).await?;
        let tickets = work::tickets(database, self.settings.demo).await?;
        Ok(Snapshot {
            now,
            number: person.number.clone(),
            voice: self.switchboard.is_some(),
            supervises: person.role >= Role::Supervisor,
            presence: work::presence(database, person.no).await?,
            waiting: self.waiting().await?,
            colleagues: work::colleagues(database, person.no, now).await?,
            queues: self.service.place(&line).map(|(queues, _)| queues).unwrap_or_default(),
            call_backs: call_backs.into_iter().map(|it| About { topic: topic(&it.subject), it }).collect(),
            tickets: tickets.into_iter().map(|it| About { topic: topic(&it.subject), it }).collect(),
            work: match work {
                Some(work) => Some(self.card(person.no, work, known, now).await?),
                None => None,
            },
        })
    }

    async fn waiting(&self) -> Result<Waiting, work::Error> {
        let waiting = self.database.waiting_now().await?;
        let waiting = waiting.iter().filter(|waiter| waiter.state == WaiterState::Waiting && !waiter.call_back);
        let since: Vec<Timestamp> =
            waiting.filter(|waiter| !waiter.simulated || self.settings.demo).map(|waiter| waiter.joined_at).collect();
        Ok(Waiting { count: since.len(), since: since.into_iter().min() })
    }

    /// A topic of the line in words; what is complained about has its words in the page.
    pub(super) fn topic(&self, line: &str, subject: &str) -> InLanguages {
        self.service.in_languages(line, &format!("word.topic.{subject}"))
    }

    async fn card(&self, operator: i64, work: Work, known: &mut Known, now: Timestamp) -> Result<Card, work::Error> {
        let context = self.context(&work, known).await;
        let key = self.service.key_of(work.call).await.ok().flatten();
        let is_talk = work.stage == Stage::Talking;
        let subject = if is_talk { Subject::of_call(&self.database, work.call, now).await? } else { None };
        let earlier = if work.stage == Stage::Reserved {
            Vec::new()
        } else {
            let day = self.service.place(&work.line).map(|(_, zone)| now.in_zone(&zone).start_of_day());
            let day =
                day.and_then(Result::ok).map_or(now, |day| Timestamp::from_millis(day.timestamp().as_millisecond()));
            work::earlier(&self.database, &work, subject.as_ref().map(Subject::person_no), day).await?
        };
        let told = |it: Earlier| {
            let subject = it.subject.as_deref().map(|subject| self.topic(&work.line, subject));
            EarlierTold { it, subject }
        };
        let member = match &subject {
            Some(subject) => work::masked(&self.database, subject).await?,
            None => None,
        };
        // Who rings does not see what was read out, and nobody does once the caller has gone.
        let read = context.read.into_iter().filter(|read| is_talk && (!read.personal || member.is_some()));
        let proof = match context.proof {
            Proof::Verified { .. } if is_talk && member.is_none() => Proof::Open,
            proof @ (Proof::Open | Proof::Verified { .. } | Proof::Closed) => proof,
        };
        Ok(Card {
            no: work.no,
            stage: work.stage,
            is_call_back: work.is_call_back,
            ends_at: work.ends_at,
            queue: work.queue.clone(),
            language: work.language.clone(),
            topic: self.topic(&work.line, &work.subject),
            joined_at: work.joined_at,
            answered_at: work.answered_at,
            due_at: work.due_at,
            tries: work.tries,
            accept: context.accept,
            recorded: context.recorded,
            transfer_note: key.as_ref().map(|key| work::transfer_note(&work, key)).transpose()?.unwrap_or_default(),
            path: context.path,
            mistakes: context.mistakes,
            proof,
            read: read.collect(),
            member,
            earlier: earlier.into_iter().map(told).collect(),
            contact: key.as_ref().map(|key| work::contact(&work, key)).transpose()?.flatten(),
            calling: self.calling(operator, &work).await?,
            result: work.result.clone(),
            note: key.as_ref().map(|key| work::note(&work, key)).transpose()?.unwrap_or_default(),
        })
    }

    /// What the log of the call tells. Without one a call is answered all the same.
    async fn context(&self, work: &Work, known: &mut Known) -> Context {
        if let Some((no, stage, context)) = &known.0
            && (*no, *stage) == (work.no, work.stage)
        {
            return context.clone();
        }
        let context = match self.service.context(work.call).await {
            Ok(context) => context.unwrap_or_default(),
            Err(failed) => {
                warn!(call.id = %work.call, "an operator does not see what a call is about: {:#}", anyhow::Error::from(failed));
                Context::default()
            }
        };
        known.0 = Some((work.no, work.stage, context.clone()));
        context
    }
}
