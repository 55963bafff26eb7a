//! `maintenance`: whether queries are closed for a while, and until when. Switch `maintenance`, `{"until": "14:30"}`.

use super::switches::{switch, unreadable};
use super::{Answer, Context, Error};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};

pub(super) static SIGNATURE: Signature = Signature {
    name: "maintenance",
    summary: "Whether queries are closed for maintenance, and until when.",
    args: &[],
    outcomes: &[Outcome::bare("none"), Outcome::with("on", &[Field::new("until", Type::Clock)])],
    personal: false,
    secret: false,
};

pub(super) async fn answer(context: &Context<'_>, _: &ValueRecord) -> Result<Answer, Error> {
    let Some(value) = switch(context, "maintenance").await? else { return Ok(Answer::bare("none")) };
    let until = value.get("until").and_then(|until| until.as_str()).and_then(|until| until.parse().ok());
    let until = until.ok_or_else(|| unreadable(context, "maintenance"))?;
    Ok(Answer::with("on", [("until", Value::Clock(until))]))
}
