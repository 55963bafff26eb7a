//! The end of an operator's dial: they have talked, perhaps to pass the caller on, or did not take the call.

use sqlx::sqlite::SqliteConnection;

use super::change::taken;
use super::matching::{end, wait_on};
use super::presence::{State, enter};
use super::standing::{Waits, of_call};
use super::{Ask, CALLER_SEEN, Written, priority, run};
use crate::call::DialOutcome;

/// Whether the caller is served. One who was passed on waits again, as one whom an operator did not take does.
pub(super) async fn dial_ended(connection: &mut SqliteConnection, ask: &Ask, outcome: DialOutcome) -> Written<bool> {
    let Some(row) = of_call(connection, ask).await? else { return Ok(outcome == DialOutcome::Talked) };
    let dials = i64::from(ask.dials);
    if row.dial_ended >= dials {
        // It was told before, and the turn that told it was lost.
        return Ok(false);
    }
    run!(connection, "UPDATE waiting SET dial_ended = ? WHERE no = ?", dials, row.no);
    match (outcome, row.state.as_str(), row.operator) {
        (DialOutcome::Talked, "reserved", Some(operator)) if row.rung => {
            // A provider that asks nobody whether they take the call tells only now that there was a talk.
            taken(connection, row.no, operator, ask.now).await?;
            talked(connection, ask, &row).await
        }
        // Even if it was over before there was a talk: the operator took it.
        (_, "talking", _) => talked(connection, ask, &row).await,
        (DialOutcome::Talked, state, operator) => {
            // Whoever took the call did so when it counted as missed. The caller is served all the same.
            end(connection, row.no, state, operator, "served", ask.now).await?;
            Ok(true)
        }
        (_, "reserved", Some(operator)) if row.rung => {
            wait_on(connection, row.no).await?;
            let away = State { state: "away", reason: outcome.name(), ends_at: None, waiting: None };
            enter(connection, operator, away, ask.now).await?;
            Ok(false)
        }
        _ => Ok(false),
    }
}

async fn talked(connection: &mut SqliteConnection, ask: &Ask, row: &Waits) -> Written<bool> {
    end(connection, row.no, "talking", row.operator, "served", ask.now).await?;
    let to = sqlx::query_scalar::<_, Option<String>>("SELECT transfer_to FROM waiting WHERE no = ?").bind(row.no);
    let Some(to) = to.fetch_one(&mut *connection).await? else { return Ok(true) };
    let (operator, queue) = match to.split_once(' ') {
        Some(("operator", number)) => (Some(number.to_owned()), None),
        Some(("queue", name)) => (None, Some(name.to_owned())),
        _ => return Ok(true),
    };
    run!(
        connection,
        "INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, caller, arrived_at, \
         joined_at, state, seen_until, transfer_note, wanted, dial_ended) \
         SELECT call, line, coalesce(?1, queue), kind, simulated, language, CASE WHEN coalesce(?1, queue) = queue THEN subject ELSE '' END, \
         ?2, caller, arrived_at, ?3, 'waiting', ?4, transfer_note, (SELECT no FROM operators WHERE number = ?5), dial_ended \
         FROM waiting WHERE no = ?6",
        queue,
        priority::BACK,
        ask.now.as_millis(),
        ask.now.plus(CALLER_SEEN).as_millis(),
        operator,
        row.no,
    );
    Ok(false)
}
