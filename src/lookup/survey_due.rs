//! `survey-due`: whether a caller who has talked with nobody is asked how satisfied they are. By the number of the call,
//! so that it is the same however often it is asked.

use super::{Answer, Context};
use crate::call::{CallId, Outcome, Signature};

/// One call of so many is asked.
const ONE_IN: u128 = 5;

pub(super) static SIGNATURE: Signature = Signature {
    name: "survey-due",
    summary: "Whether this call is one of the fifth that is asked for a rating.",
    args: &[],
    outcomes: &[Outcome::bare("due"), Outcome::bare("not-due")],
    personal: false,
    secret: false,
};

pub(super) fn answer(context: &Context<'_>) -> Answer {
    Answer::bare(if is_due(context.call) { "due" } else { "not-due" })
}

fn is_due(call: CallId) -> bool {
    u128::from_be_bytes(*call.as_bytes()).is_multiple_of(ONE_IN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_in_five_is_asked() {
        let calls = (0..1000_u128).map(|number| CallId::from_bytes((u128::MAX / 1000 * number + number).to_be_bytes()));
        assert_eq!(calls.filter(|call| is_due(*call)).count(), 200);
    }
}
