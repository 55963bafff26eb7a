//! `employer-year`: what the employer paid and owes over the last twelve months on record, all insurances together.

use super::months::{self, Tally};
use super::{Answer, Context, Error, Subject};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};

const MONTHS: i32 = 12;

pub(super) static SIGNATURE: Signature = Signature {
    name: "employer-year",
    summary: "Months paid in full and months owed by the employer, of the last twelve on record.",
    args: &[],
    outcomes: &[
        Outcome::with(
            "found",
            &[
                Field::new("to", Type::YearMonth),
                Field::new("paid", Type::Number),
                Field::new("owed", Type::Number),
                Field::new("arrears", Type::Periods),
            ],
        ),
        Outcome::bare("none"),
    ],
    personal: true,
    secret: false,
};

pub(super) async fn answer(context: &Context<'_>, subject: &Subject, _: &ValueRecord) -> Result<Answer, Error> {
    let Some(newest) = months::newest(context.db, subject).await? else { return Ok(Answer::bare("none")) };
    let payments = months::between(context.db, subject, newest.plus(1 - MONTHS), newest).await?;
    let tally = Tally::of(payments.iter());
    Ok(Answer::with(
        "found",
        [
            ("to", Value::YearMonth(newest)),
            ("paid", Value::Number(tally.paid)),
            ("owed", Value::Number(tally.owed())),
            ("arrears", tally.arrears_value()),
        ],
    ))
}
