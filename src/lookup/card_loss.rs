//! `card-loss`: whether the verified member's card is reported lost, and until when a report would hold.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Answer, Context, Error, Subject};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};

const UNTIL: Field = Field::new("until", Type::Date);
/// How long a report by telephone holds, today left out.
const DAYS: i32 = 7;

pub(super) static SIGNATURE: Signature = Signature {
    name: "card-loss",
    summary: "Whether the verified member's card is reported lost until some day, or how many days and until when a \
              report of today would hold.",
    args: &[],
    outcomes: &[Outcome::with("none", &[UNTIL, Field::new("days", Type::Number)]), Outcome::with("reported", &[UNTIL])],
    personal: true,
    secret: false,
};

pub(super) async fn answer(context: &Context<'_>, subject: &Subject, _: &ValueRecord) -> Result<Answer, Error> {
    let reported: Option<String> = sqlx::query_scalar("SELECT max(until) FROM card_losses WHERE person_no = ?")
        .bind(subject.person_no())
        .fetch_one(context.db.readers())
        .await?;
    let damaged = |_| Error::Damaged { table: "card_losses", column: "until" };
    let reported: Option<Date> = reported.map(|until| until.parse().map_err(damaged)).transpose()?;
    if let Some(until) = reported.filter(|until| *until >= context.today()) {
        return Ok(Answer::with("reported", [("until", Value::Date(until))]));
    }
    let until = context.today().saturating_add(DAYS.days());
    Ok(Answer::with("none", [("until", Value::Date(until)), ("days", Value::Number(DAYS.into()))]))
}
