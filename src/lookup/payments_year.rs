//! `payments-year`: a year's payments in one sentence: months due, paid and owed, and what has come.

use super::months::{self, INSURANCE, Tally, Wanted};
use super::{Answer, Context, Error, Subject, word_argument};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord, YearMonth};

pub(super) static SIGNATURE: Signature = Signature {
    name: "payments-year",
    summary: "A year's payments: months due, paid and in arrears, and the sums that have come.",
    args: &[Field::new("insurance", INSURANCE), Field::new("year", Type::Year)],
    outcomes: &[
        Outcome::with(
            "found",
            &[
                Field::new("year", Type::Year),
                Field::new("insurance", INSURANCE),
                Field::new("due", Type::Number),
                Field::new("paid", Type::Number),
                Field::new("owed", Type::Number),
                Field::new("employer", Type::Amount),
                Field::new("personal", Type::Amount),
                Field::new("arrears", Type::Periods),
            ],
        ),
        Outcome::bare("future"),
        Outcome::with("too-old", &[Field::new("earliest", Type::YearMonth)]),
        Outcome::bare("none"),
    ],
    personal: true,
    secret: false,
};

/// A year counts as old once none of its months is read on the telephone.
pub(super) async fn answer(context: &Context<'_>, subject: &Subject, args: &ValueRecord) -> Result<Answer, Error> {
    let wanted = word_argument(SIGNATURE.name, "insurance", args, Wanted::parse)?;
    let argument = Error::Argument { lookup: SIGNATURE.name, argument: "year" };
    let Some(Value::Year(year)) = args.get("year") else { return Err(argument) };
    let Some(newest) = months::newest(context.db, subject).await? else { return Ok(Answer::bare("none")) };
    let earliest = months::earliest(newest);
    if *year > context.today().year().max(newest.year()) {
        return Ok(Answer::bare("future"));
    }
    if *year < earliest.year() {
        return Ok(Answer::with("too-old", [("earliest", Value::YearMonth(earliest))]));
    }
    let (Some(from), Some(to)) = (YearMonth::new(*year, 1), YearMonth::new(*year, 12)) else { return Err(argument) };
    let payments = months::between(context.db, subject, from, to).await?;
    if !payments.iter().any(|payment| wanted.has(payment)) {
        return Ok(Answer::bare("none"));
    }
    let tally = Tally::of(payments.iter().filter(|payment| wanted.has(payment)));
    Ok(Answer::with(
        "found",
        [
            ("year", Value::Year(*year)),
            ("insurance", Value::Word(wanted.name().to_owned())),
            ("due", Value::Number(tally.due)),
            ("paid", Value::Number(tally.paid)),
            ("owed", Value::Number(tally.owed())),
            ("employer", Value::Amount(tally.employer)),
            ("personal", Value::Amount(tally.personal)),
            ("arrears", tally.arrears_value()),
        ],
    ))
}
