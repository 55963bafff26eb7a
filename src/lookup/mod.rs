//! Questions about insured people and about the line, answered from tables in the database.
//!
//! One file per lookup, one line each in [`ALL`]. A personal one takes a [`Subject`] in its type, and only a right PIN
//! makes one ([`identity`]). It only reads; what changes because of a call is an effect, written with the turn by
//! `store`. Start with [`ask`].

mod bulletin;
mod card_loss;
pub mod demo;
mod employer_year;
mod entry_mode;
pub mod hasher;
pub mod identity;
pub mod import;
mod maintenance;
mod medical_account;
mod medical_costs;
mod medical_credit;
mod month_begun;
mod months;
mod payments;
mod payments_year;
pub mod pin;
pub mod records;
mod remote_filing;
mod rights;
mod subject;
mod survey_due;
mod switches;
pub mod write;

use std::future::ready;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;

use crate::call::{CallId, Language, Signature, Timestamp, Value, ValueRecord};
use crate::store::Database;

pub use subject::{PinHolder, Subject};

/// What can go wrong with a lookup or a verification; the caller hears `unavailable`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the tables of members could not be read")]
    Read(#[from] sqlx::Error),
    #[error("the tables of members could not be written")]
    Write(#[from] crate::store::Error),
    #[error("column `{column}` of table `{table}` holds something that cannot be read; import the row again")]
    Damaged { table: &'static str, column: &'static str },
    #[error("the switch `{name}` of line `{line}` cannot be read; set it again with `hotline operator switch`")]
    Switch { line: String, name: &'static str },
    #[error(
        "argument `{argument}` of lookup `{lookup}` is missing or of another type; the check should have found that"
    )]
    Argument { lookup: &'static str, argument: &'static str },
    #[error("there is no lookup `{0}`")]
    Unknown(String),
    #[error("a PIN could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    #[error("a thread that checked a PIN has died")]
    Checker(#[from] tokio::task::JoinError),
}

/// How a lookup ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// One of the outcomes of its signature.
    pub outcome: &'static str,
    /// What that outcome brings.
    pub values: ValueRecord,
}

impl Answer {
    /// An outcome with nothing more to say.
    #[must_use]
    pub fn bare(outcome: &'static str) -> Self {
        Self { outcome, values: ValueRecord::new() }
    }

    /// An outcome with these values.
    #[must_use]
    pub fn with<const N: usize>(outcome: &'static str, values: [(&str, Value); N]) -> Self {
        Self { outcome, values: record(values) }
    }
}

/// Where and when a question is asked.
pub struct Context<'a> {
    pub db: &'a Database,
    pub now: Timestamp,
    /// The line's time zone: what `today` is.
    pub zone: &'a TimeZone,
    pub line: &'a str,
    /// The call's language, for texts that are not prompts.
    pub language: &'a Language,
    /// The call that asks, for the audit.
    pub call: CallId,
}

impl Context<'_> {
    /// The date in the line's time zone.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        self.now.in_zone(self.zone).date()
    }
}

type Answering<'a> = BoxFuture<'a, Result<Answer, Error>>;

/// How a lookup is answered.
pub enum Ask {
    /// It is about nobody.
    Open(for<'a> fn(&'a Context<'a>, &'a ValueRecord) -> Answering<'a>),
    /// It is about the verified member.
    Personal(for<'a> fn(&'a Context<'a>, &'a Subject, &'a ValueRecord) -> Answering<'a>),
}

/// A question that flows can ask.
pub struct Lookup {
    pub signature: &'static Signature,
    pub ask: Ask,
}

/// All lookups that are answered here. (`duty` is answered by the calendar.)
pub static ALL: &[Lookup] = &[
    personal(&medical_account::SIGNATURE, |c, s, a| Box::pin(medical_account::answer(c, s, a))),
    personal(&medical_costs::SIGNATURE, |c, s, a| Box::pin(medical_costs::answer(c, s, a))),
    personal(&medical_credit::SIGNATURE, |c, s, a| Box::pin(medical_credit::answer(c, s, a))),
    personal(&payments::SIGNATURE, |c, s, a| Box::pin(payments::answer(c, s, a))),
    personal(&payments_year::SIGNATURE, |c, s, a| Box::pin(payments_year::answer(c, s, a))),
    personal(&employer_year::SIGNATURE, |c, s, a| Box::pin(employer_year::answer(c, s, a))),
    personal(&rights::SIGNATURE, |c, s, a| Box::pin(rights::answer(c, s, a))),
    personal(&remote_filing::SIGNATURE, |c, s, a| Box::pin(remote_filing::answer(c, s, a))),
    personal(&card_loss::SIGNATURE, |c, s, a| Box::pin(card_loss::answer(c, s, a))),
    open(&bulletin::SIGNATURE, |c, a| Box::pin(bulletin::answer(c, a))),
    open(&maintenance::SIGNATURE, |c, a| Box::pin(maintenance::answer(c, a))),
    open(&entry_mode::SIGNATURE, |c, a| Box::pin(entry_mode::answer(c, a))),
    open(&month_begun::SIGNATURE, |c, a| Box::pin(ready(month_begun::answer(c, a)))),
    open(&survey_due::SIGNATURE, |c, _| Box::pin(ready(Ok(survey_due::answer(c))))),
];

/// What `service` answers with the functions of [`identity`]: flows check against these signatures too.
pub static BY_IDENTITY: &[&Signature] =
    &[&identity::VERIFY_SIGNATURE, &identity::CHECK_NEW_PIN_SIGNATURE, &identity::CONFIRM_NEW_PIN_SIGNATURE];

const fn personal(
    signature: &'static Signature,
    ask: for<'a> fn(&'a Context<'a>, &'a Subject, &'a ValueRecord) -> Answering<'a>,
) -> Lookup {
    Lookup { signature, ask: Ask::Personal(ask) }
}

const fn open(
    signature: &'static Signature,
    ask: for<'a> fn(&'a Context<'a>, &'a ValueRecord) -> Answering<'a>,
) -> Lookup {
    Lookup { signature, ask: Ask::Open(ask) }
}

/// Asks lookup `name`. A personal one without a subject is `expired`; with one, the look is on record before the
/// answer is given.
///
/// # Errors
/// All of [`Error`]; the caller hears `unavailable`.
pub async fn ask(
    context: &Context<'_>,
    name: &str,
    subject: Option<&Subject>,
    args: &ValueRecord,
) -> Result<Answer, Error> {
    let lookup = ALL.iter().find(|lookup| lookup.signature.name == name);
    let lookup = lookup.ok_or_else(|| Error::Unknown(name.to_owned()))?;
    match (&lookup.ask, subject) {
        (Ask::Open(ask), _) => ask(context, args).await,
        (Ask::Personal(ask), Some(subject)) if subject.ends_at() > context.now => {
            let answer = ask(context, subject, args).await?;
            record_look(context, subject, lookup.signature.name, answer.outcome).await?;
            Ok(answer)
        }
        (Ask::Personal(_), _) => Ok(Answer::bare(Signature::EXPIRED)),
    }
}

/// One row, written in the same batch as the turns of other calls: it costs an insert, not a commit.
async fn record_look(
    context: &Context<'_>,
    subject: &Subject,
    lookup: &'static str,
    outcome: &'static str,
) -> Result<(), Error> {
    let look = identity::Look {
        at: context.now,
        call: context.call,
        person_no: subject.person_no().to_owned(),
        lookup,
        outcome,
    };
    context.db.write(move |connection| Box::pin(async move { look.write(connection).await })).await?;
    Ok(())
}

/// A record of values from names and values.
fn record<const N: usize>(values: [(&str, Value); N]) -> ValueRecord {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The word of an argument that the check has found to be there.
fn word_argument<T>(
    lookup: &'static str,
    argument: &'static str,
    args: &ValueRecord,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Error> {
    match args.get(argument) {
        Some(Value::Word(word)) => parse(word).ok_or(Error::Argument { lookup, argument }),
        Some(_) | None => Err(Error::Argument { lookup, argument }),
    }
}
