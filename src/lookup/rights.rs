//! `rights`: the summary of the personal rights record (个人权益记录单).

use sqlx::Row as _;

use super::{Answer, Context, Error, Subject};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};

pub(super) static SIGNATURE: Signature = Signature {
    name: "rights",
    summary: "Summary of the personal rights record: months per insurance, pension account, last year.",
    args: &[],
    outcomes: &[
        Outcome::with(
            "found",
            &[
                Field::new("as-of", Type::Date),
                Field::new("months", Type::Number),
                Field::new("account", Type::Amount),
                Field::new("year-months", Type::Number),
                Field::new("interest", Type::Amount),
                Field::new("pension", Type::Number),
                Field::new("medical", Type::Number),
                Field::new("unemployment", Type::Number),
                Field::new("injury", Type::Number),
            ],
        ),
        Outcome::bare("none"),
    ],
    personal: true,
    secret: false,
};

pub(super) async fn answer(context: &Context<'_>, subject: &Subject, _: &ValueRecord) -> Result<Answer, Error> {
    let row = sqlx::query("SELECT * FROM rights WHERE person_no = ?")
        .bind(subject.person_no())
        .fetch_optional(context.db.readers())
        .await?;
    let Some(row) = row else { return Ok(Answer::bare("none")) };
    let damaged = |_| Error::Damaged { table: "rights", column: "as_of" };
    let number = |column| row.try_get(column).map(Value::Number);
    let amount = |column| row.try_get(column).map(Value::Amount);
    Ok(Answer::with(
        "found",
        [
            ("as-of", Value::Date(row.try_get::<&str, _>("as_of")?.parse().map_err(damaged)?)),
            ("months", number("pension_months")?),
            ("account", amount("pension_account")?),
            ("year-months", number("year_months")?),
            ("interest", amount("interest")?),
            ("pension", number("pension_months")?),
            ("medical", number("medical_months")?),
            ("unemployment", number("unemployment_months")?),
            ("injury", number("injury_months")?),
        ],
    ))
}
