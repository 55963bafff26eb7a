//! `bulletin`: what every caller of the line is told today, if anything. Switch `bulletin`, a text per language.

use super::switches::{switch, unreadable};
use super::{Answer, Context, Error};
use crate::call::{Field, Outcome, Signature, Type, Value, ValueRecord};

pub(super) static SIGNATURE: Signature = Signature {
    name: "bulletin",
    summary: "The announcement that a supervisor has posted for this line.",
    args: &[],
    outcomes: &[Outcome::bare("none"), Outcome::with("posted", &[Field::new("text", Type::Text)])],
    personal: false,
    secret: false,
};

/// A text in a language that this call is not in would not be understood: that is `none`.
pub(super) async fn answer(context: &Context<'_>, _: &ValueRecord) -> Result<Answer, Error> {
    let Some(value) = switch(context, "bulletin").await? else { return Ok(Answer::bare("none")) };
    let texts = value.as_object().ok_or_else(|| unreadable(context, "bulletin"))?;
    match texts.get(context.language.as_str()).and_then(|text| text.as_str()).map(str::trim) {
        None | Some("") => Ok(Answer::bare("none")),
        Some(text) => Ok(Answer::with("posted", [("text", Value::Text(text.to_owned()))])),
    }
}
