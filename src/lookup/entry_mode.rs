//! `entry-mode`: whether callers hear the menus first or a person. Switch `direct-to-operator`, `true` or `false`.

use super::switches::{switch, unreadable};
use super::{Answer, Context, Error};
use crate::call::{Outcome, Signature, ValueRecord};

pub(super) static SIGNATURE: Signature = Signature {
    name: "entry-mode",
    summary: "Whether a call begins with the menus or goes straight to an operator.",
    args: &[],
    outcomes: &[Outcome::bare("self-service"), Outcome::bare("operator")],
    personal: false,
    secret: false,
};

pub(super) async fn answer(context: &Context<'_>, _: &ValueRecord) -> Result<Answer, Error> {
    let value = switch(context, "direct-to-operator").await?;
    let direct = match value {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| unreadable(context, "direct-to-operator"))?,
    };
    Ok(Answer::bare(if direct { "operator" } else { "self-service" }))
}
