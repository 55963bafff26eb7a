//! The verified member's records, as lookups answer them: while the caller is there, verified, and talks to this operator.

use jiff::tz::TimeZone;

use super::member::subject;
use super::{Error, Work, Worker};
use crate::call::{Language, Timestamp, Value, ValueRecord};
use crate::desk::audit::Deed;
use crate::lookup::{self, Answer, Context};
use crate::store::Database;

/// The lookups that are offered.
pub const OFFERED: &[&str] = &[
    "medical-account",
    "medical-costs",
    "medical-credit",
    "payments",
    "payments-year",
    "employer-year",
    "rights",
    "remote-filing",
];
/// How many months of payments are looked up.
const MONTHS: i64 = 12;

/// Asks one of [`OFFERED`] about the member whom call `no` has verified. It is on record first, in the audit and among
/// the looks.
///
/// # Errors
/// [`Error::Over`]; [`Error::Refused`] if nobody is verified any more.
pub async fn look(
    database: &Database,
    worker: &Worker,
    (no, name): (i64, &str),
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Answer, Error> {
    let Some(name) = OFFERED.iter().find(|offered| **offered == name) else { return Err(Error::None) };
    let work = Work::talking(database, worker.no, no).await?;
    let subject = subject(database, &work, now).await?;
    let deed = Deed {
        call: Some(work.call),
        reason: (*name).to_owned(),
        ..Deed::new(worker.who.clone(), "looked-up", subject.person_no())
    };
    deed.record(database, now).await?;
    let language = Language::from(work.language.as_str());
    let context = Context { db: database, now, zone, line: &work.line, language: &language, call: work.call };
    Ok(lookup::ask(&context, name, Some(&subject), &arguments(name, &context)).await?)
}

fn arguments(name: &str, context: &Context<'_>) -> ValueRecord {
    let all = || ("insurance".to_owned(), Value::Word("all".to_owned()));
    match name {
        "payments" => ValueRecord::from([all(), ("last".to_owned(), Value::Number(MONTHS))]),
        "payments-year" => ValueRecord::from([all(), ("year".to_owned(), Value::Year(context.today().year()))]),
        _ => ValueRecord::new(),
    }
}
