//! `queue`: what a caller who waits is answered; hours, switches, and where they stand.

use std::time::Duration;

use jiff::ToSpan as _;

use super::lookups::{Answered, Desk, Question};
use crate::call::{DialOutcome, Name, Timestamp, Value, ValueRecord};
use crate::flow::node::RECORDED;
use crate::lookup;
use crate::store::queue::{Ask, Limits, Standing, WaiterState, priority};

/// What rings every desk that is open in a browser. It is nobody outside, so no queue overflows to it.
pub const EVERY_DESK: &str = "client:desk";
/// From this age on callers are served first.
const ELDERLY_YEARS: i32 = 65;

impl Desk {
    pub(super) async fn queue(&self, question: &Question) -> Result<Answered, lookup::Error> {
        let line = &question.loaded.line;
        let word = |name: &str| match question.request.arguments.get(name) {
            Some(Value::Word(word)) => Some(word.as_str()),
            _ => None,
        };
        let waiter = self.database.waiter_of(question.call).await?;
        let waits = waiter.is_some_and(|waiter| waiter.state != WaiterState::Over);
        if !waits {
            // Whoever came in time is served; who comes now is told the hours.
            let closed_today = self.is_closed_today(line.name.as_str()).await?;
            let hours = self.hours(line, question.now, closed_today, true);
            if hours.outcome != "on-duty" {
                return Ok(hours);
            }
        }
        let overflows = word("overflow").and_then(|target| self.dial.get(&Name::from(target)));
        let overflows = overflows.is_some_and(|numbers| numbers.iter().any(|number| number.as_str() != EVERY_DESK));
        let standing = if question.arrival.simulated && !self.demo {
            Standing::Nobody
        } else {
            let ended = word("ended");
            let caller = question.arrival.caller.as_ref();
            self.database
                .ask_queue(Ask {
                    call: question.call,
                    line: line.name.to_string(),
                    queue: word("queue").unwrap_or_default().to_owned(),
                    simulated: question.arrival.simulated,
                    language: question.language.to_string(),
                    subject: word("subject").unwrap_or_default().to_owned(),
                    priority: self.priority(question).await?,
                    caller: caller.map(|number| self.identity.caller_hash(number)),
                    ended: DialOutcome::ALL.iter().copied().find(|outcome| Some(outcome.name()) == ended),
                    dials: match question.request.arguments.get("dials") {
                        Some(Value::Number(dials)) => u16::try_from(*dials).unwrap_or(u16::MAX),
                        _ => 0,
                    },
                    overflows,
                    limits: Limits { ring: ring(&question.request.arguments), ..Limits::default() },
                    now: question.now,
                })
                .await?
        };
        let answer =
            |outcome: &str, values: ValueRecord| Answered { outcome: outcome.to_owned(), values, candidate: None };
        let recorded = question.records_talks.then(|| (RECORDED.to_owned(), Value::Number(1)));
        Ok(match standing {
            Standing::Waiting { place, bound } => {
                let values = [("place", i64::from(place)), ("minutes", minutes(bound))];
                answer("waiting", values.map(|(name, number)| (name.to_owned(), Value::Number(number))).into())
            }
            Standing::Operator { number, address } => {
                let address = address.unwrap_or_else(|| format!("client:operator-{number}"));
                let values = [("number", Value::Digits(number)), ("address", Value::Text(address))];
                let values = values.map(|(name, value)| (name.to_owned(), value));
                answer("operator", values.into_iter().chain(recorded).collect())
            }
            Standing::Served => answer("served", ValueRecord::new()),
            Standing::Nobody | Standing::Full | Standing::TooLong if overflows => {
                answer("overflow", recorded.into_iter().collect())
            }
            Standing::Nobody => self.hours(line, question.now, false, false),
            Standing::Full => answer("full", ValueRecord::new()),
            Standing::TooLong => answer("too-long", ValueRecord::new()),
        })
    }

    async fn priority(&self, question: &Question) -> Result<i64, lookup::Error> {
        let born: Option<String> = sqlx::query_scalar(
            "SELECT m.birth FROM verifications v JOIN members m ON m.person_no = v.person_no \
             WHERE v.call = ? AND v.full = 1 AND v.ends_at > ?",
        )
        .bind(question.call.as_bytes().as_slice())
        .bind(question.now.as_millis())
        .fetch_optional(self.database.readers())
        .await?;
        let elderly = born.is_some_and(|born| is_elderly(&born, question.now, question));
        Ok(if elderly { priority::ELDERLY } else { priority::USUAL })
    }
}

/// The bound as it is said: the nearest minute, so that of those who are told a number four in five stay under it. Always
/// rounding up would make it hold for nearly everybody, and say more than it takes.
#[must_use]
pub fn minutes(bound: Duration) -> i64 {
    i64::try_from((bound.as_secs() + 30) / 60).unwrap_or(i64::MAX).max(1)
}

/// How long operators are rung.
fn ring(arguments: &ValueRecord) -> Duration {
    match arguments.get("ring-s") {
        Some(Value::Number(seconds)) => Duration::from_secs(u64::try_from(*seconds).unwrap_or(0)),
        _ => Limits::default().ring,
    }
}

fn is_elderly(born: &str, now: Timestamp, question: &Question) -> bool {
    let today = now.in_zone(&question.loaded.line.zone).date();
    let from = today.checked_sub(ELDERLY_YEARS.years());
    matches!((born.parse::<jiff::civil::Date>(), from), (Ok(born), Ok(from)) if born <= from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_said_in_whole_minutes_and_never_as_none() {
        let said = [0, 29, 30, 89, 90, 149, 150, 1_799].map(|seconds| minutes(Duration::from_secs(seconds)));
        assert_eq!(said, [1, 1, 1, 1, 2, 2, 3, 30]);
    }
}
