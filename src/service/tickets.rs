//! What a caller who leaves something is told: a reference, how a ticket stands, until when they are called back, and by
//! which number. None of it is about a member.

use super::effects::REFERENCE_DIGITS;
use super::lookups::{Answered, Desk, Question};
use crate::call::{Field, Outcome, PhoneNumber, Signature, Timestamp, Type, Value, ValueRecord};
use crate::flow::Line;
use crate::lookup;

/// How a ticket can stand.
const STATES: &[&str] = &["registered", "in-progress", "settled", "forwarded", "rejected"];
/// How many wrong references a call may key, and how many a calling number within a day; all others are wrong then.
const MISSES_OF_CALL: i64 = 5;
const MISSES_OF_CALLER: i64 = 10;
/// So many digits of a number are said.
const ENDING: usize = 4;

/// What flows check against.
pub(crate) static SIGNATURES: &[&Signature] = &[
    &Signature {
        name: "new-reference",
        summary: "A reference for a ticket that is about to be filed: eight digits that no ticket has.",
        args: &[],
        outcomes: &[Outcome::with("found", &[Field::new("reference", Type::Digits)])],
        personal: false,
        secret: false,
    },
    &Signature {
        name: "ticket-state",
        summary: "How a ticket stands, by its reference. After five wrong ones in a call, or ten of a number in a day, \
                  every reference is none.",
        args: &[Field::new("reference", Type::Digits)],
        outcomes: &[
            Outcome::with(
                "found",
                &[
                    Field::new("ending", Type::Digits),
                    Field::new("state", Type::Word { set: "ticket-state", words: STATES }),
                ],
            ),
            Outcome::bare("none"),
        ],
        personal: false,
        secret: false,
    },
    &Signature {
        name: "call-back-time",
        summary: "Until when somebody who books a call-back now is called.",
        args: &[],
        outcomes: &[Outcome::with("found", &[Field::new("date", Type::Date), Field::new("clock", Type::Clock)])],
        personal: false,
        secret: false,
    },
    &Signature {
        name: "caller-number",
        summary: "Whether the calling number is known; of `number` only the last four digits.",
        args: &[],
        outcomes: &[Outcome::with("known", &[Field::new("number", Type::Digits)]), Outcome::bare("withheld")],
        personal: false,
        secret: false,
    },
];

impl Desk {
    pub(super) async fn new_reference(&self, question: &Question) -> Result<Answered, lookup::Error> {
        if question.arrival.simulated {
            let filed: i64 =
                sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(self.database.readers()).await?;
            return Ok(proposed(simulated_reference(filed)));
        }
        loop {
            let reference = super::effects::new_reference();
            if self.state_of(&reference, false).await?.is_none() {
                return Ok(proposed(reference));
            }
        }
    }

    pub(super) async fn ticket_state(&self, question: &Question) -> Result<Answered, lookup::Error> {
        let Some(Value::Digits(reference)) = question.request.arguments.get("reference") else {
            return Ok(Answered::unavailable());
        };
        let caller = question.arrival.caller.as_ref().map(|number| self.identity.caller_hash(number));
        if self.has_missed_too_often(question, caller.as_deref()).await? {
            return Ok(ticket(None));
        }
        let state = self.state_of(reference, question.arrival.simulated).await?;
        if state.is_none() {
            let (call, now) = (question.call, question.now);
            let missed = self.database.write(move |connection| {
                Box::pin(async move {
                    sqlx::query("INSERT INTO reference_misses (call, caller, at) VALUES (?, ?, ?)")
                        .bind(call.as_bytes().as_slice())
                        .bind(caller)
                        .bind(now.as_millis())
                        .execute(connection)
                        .await
                        .map(drop)
                })
            });
            missed.await?;
        }
        Ok(ticket(state.as_deref().map(|state| (reference.as_str(), state))))
    }

    async fn state_of(&self, reference: &str, simulated: bool) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT state FROM tickets WHERE reference = ? AND simulated >= ?")
            .bind(reference)
            .bind(simulated)
            .fetch_optional(self.database.readers())
            .await
    }

    async fn has_missed_too_often(&self, question: &Question, caller: Option<&[u8]>) -> Result<bool, sqlx::Error> {
        let day_ago = question.now.before(std::time::Duration::from_hours(24));
        let (of_call, of_caller): (i64, i64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE call = ?1), count(*) FILTER (WHERE caller = ?2) FROM reference_misses \
             WHERE at > ?3",
        )
        .bind(question.call.as_bytes().as_slice())
        .bind(caller)
        .bind(day_ago.as_millis())
        .fetch_one(self.database.readers())
        .await?;
        Ok(of_call >= MISSES_OF_CALL || of_caller >= MISSES_OF_CALLER)
    }
}

/// What simulated calls are given, so that the same call always hears the same: the ones that follow each other look
/// like any others, and no two are the same.
pub(crate) fn simulated_reference(filed: i64) -> String {
    const ALL: i64 = 10_i64.pow(8);
    // It has no divisor in common with their number, so it meets each once.
    const STEP: i64 = 61_803_399;
    format!("{:0width$}", (filed % ALL + 1) * STEP % ALL, width = REFERENCE_DIGITS)
}

pub(crate) fn proposed(reference: String) -> Answered {
    answered("found", [("reference", Value::Digits(reference))])
}

/// How a ticket stands, by its reference and its state.
pub(crate) fn ticket(found: Option<(&str, &str)>) -> Answered {
    match found {
        Some((reference, state)) => {
            answered("found", [("ending", Value::Digits(ending(reference))), ("state", Value::Word(state.to_owned()))])
        }
        None => answered("none", []),
    }
}

/// Until when somebody who asks for it now is called back.
pub(crate) fn call_back_time(line: &Line, now: Timestamp) -> Answered {
    let until = line.calendar.call_back_until(now.in_zone(&line.zone).datetime());
    answered("found", [("date", Value::Date(until.date())), ("clock", Value::Clock(until.time()))])
}

/// What may be said of the number that called.
pub(crate) fn caller_number(caller: Option<&PhoneNumber>) -> Answered {
    match caller.filter(|number| number.is_number()) {
        Some(number) => answered("known", [("number", Value::Digits(ending(number.as_str())))]),
        None => answered("withheld", []),
    }
}

fn ending(digits: &str) -> String {
    digits.get(digits.len().saturating_sub(ENDING)..).unwrap_or_default().to_owned()
}

fn answered<const N: usize>(outcome: &str, values: [(&str, Value); N]) -> Answered {
    let values: ValueRecord = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Answered { outcome: outcome.to_owned(), values, candidate: None }
}
