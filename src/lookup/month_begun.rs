//! `month-begun`: whether a month that a caller keyed is not one of the future.

use super::{Answer, Context, Error};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord, YearMonth};

pub(super) static SIGNATURE: Signature = Signature {
    name: "month-begun",
    summary: "Whether a month has begun.",
    args: &[Field::new("month", Type::YearMonth)],
    outcomes: &[Outcome::bare("begun"), Outcome::bare("future")],
    personal: false,
    secret: false,
};

pub(super) fn answer(context: &Context<'_>, args: &ValueRecord) -> Result<Answer, Error> {
    let Some(Value::YearMonth(month)) = args.get("month") else {
        return Err(Error::Argument { lookup: SIGNATURE.name, argument: "month" });
    };
    Ok(Answer::bare(if *month <= YearMonth::from(context.today()) { "begun" } else { "future" }))
}
