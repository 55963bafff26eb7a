//! The verified member as the desk shows them: masks, and one field in full for a reason.

use serde::Serialize;
use sqlx::Row as _;

use super::{Error, Work, Worker};
use crate::call::{Timestamp, mask_card, mask_id, mask_name, mask_phone};
use crate::desk::audit::Deed;
use crate::lookup::Subject;
use crate::store::Database;

/// What can be shown in full.
pub const FIELDS: &[&str] = &["name", "id", "card", "phone"];
/// What is hardly a reason.
const SHORTEST_REASON: usize = 4;
const LONGEST_REASON: usize = 200;

/// A member, recognisable to whoever knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Masked {
    pub name: String,
    pub id: String,
    pub card: Option<String>,
    pub phone: Option<String>,
}

/// The member in masks.
///
/// # Errors
/// Trouble of the database.
pub async fn masked(database: &Database, subject: &Subject) -> Result<Option<Masked>, Error> {
    let row = sqlx::query("SELECT name, id_no, card_no, phone FROM members WHERE person_no = ?")
        .bind(subject.person_no())
        .fetch_optional(database.readers())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let masked =
        |column, mask: fn(&str) -> String| Ok::<_, sqlx::Error>(row.try_get::<Option<&str>, _>(column)?.map(mask));
    Ok(Some(Masked {
        name: masked("name", mask_name)?.unwrap_or_default(),
        id: masked("id_no", mask_id)?.unwrap_or_default(),
        card: masked("card_no", mask_card)?,
        phone: masked("phone", mask_phone)?,
    }))
}

/// One field in full, of the member whom call `no` has verified, while they talk. It is on record before it is shown.
///
/// # Errors
/// [`Error::Over`]; [`Error::Refused`] without a reason, or if nobody is verified any more.
pub async fn reveal(
    database: &Database,
    worker: &Worker,
    no: i64,
    (field, reason): (&str, &str),
    now: Timestamp,
) -> Result<String, Error> {
    let column = match field {
        "name" => "SELECT name FROM members WHERE person_no = ?",
        "id" => "SELECT id_no FROM members WHERE person_no = ?",
        "card" => "SELECT card_no FROM members WHERE person_no = ?",
        "phone" => "SELECT phone FROM members WHERE person_no = ?",
        _ => return Err(Error::None),
    };
    let reason = reason.trim();
    if !(SHORTEST_REASON..=LONGEST_REASON).contains(&reason.chars().count()) {
        return Err(Error::Refused("no-reason"));
    }
    let work = Work::talking(database, worker.no, no).await?;
    let subject = subject(database, &work, now).await?;
    let deed = Deed {
        who: worker.who.clone(),
        action: "revealed",
        call: Some(work.call),
        subject: format!("{} {field}", subject.person_no()),
        reason: reason.to_owned(),
    };
    deed.record(database, now).await?;
    let shown: Option<Option<String>> =
        sqlx::query_scalar(column).bind(subject.person_no()).fetch_optional(database.readers()).await?;
    shown.flatten().ok_or(Error::None)
}

/// Whom the call has verified.
pub(super) async fn subject(database: &Database, work: &Work, now: Timestamp) -> Result<Subject, Error> {
    let subject = Subject::of_call(database, work.call, now).await?;
    subject.ok_or(Error::Refused("not-verified"))
}
