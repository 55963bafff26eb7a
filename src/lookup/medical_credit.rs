//! `medical-credit`: the latest money that came into the current-year account.

use sqlx::Row as _;

use super::{Answer, Context, Error, Subject};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};

pub(super) static SIGNATURE: Signature = Signature {
    name: "medical-credit",
    summary: "The latest credit to the verified member's current-year medical account.",
    args: &[],
    outcomes: &[
        Outcome::with("found", &[Field::new("date", Type::Date), Field::new("amount", Type::Amount)]),
        Outcome::bare("none"),
    ],
    personal: true,
    secret: false,
};

pub(super) async fn answer(context: &Context<'_>, subject: &Subject, _: &ValueRecord) -> Result<Answer, Error> {
    let row = sqlx::query(
        "SELECT credited_on, amount FROM account_credits WHERE person_no = ? ORDER BY credited_on DESC LIMIT 1",
    )
    .bind(subject.person_no())
    .fetch_optional(context.db.readers())
    .await?;
    let Some(row) = row else { return Ok(Answer::bare("none")) };
    let damaged = |_| Error::Damaged { table: "account_credits", column: "credited_on" };
    let date = row.try_get::<&str, _>("credited_on")?.parse().map_err(damaged)?;
    Ok(Answer::with("found", [("date", Value::Date(date)), ("amount", Value::Amount(row.try_get("amount")?))]))
}
