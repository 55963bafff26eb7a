//! The supervisor's switches of a line, as lookups read them: a name and a value in JSON. The desk sets them.

use super::{Context, Error};

/// The value of switch `name` on this call's line; `None` if it is not set.
pub(super) async fn switch(context: &Context<'_>, name: &str) -> Result<Option<serde_json::Value>, Error> {
    Ok(context.db.switches(context.line).await?.get(name).cloned())
}

/// The error of a switch whose value is not what it should be.
pub(super) fn unreadable(context: &Context<'_>, name: &'static str) -> Error {
    Error::Switch { line: context.line.to_owned(), name }
}
