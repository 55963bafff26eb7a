//! Who is rung for whom, and what has lasted too long.

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::operators::{Skilled, free};
use super::presence::{State, enter, wrap_up};
use super::{RESERVED, WANTED, Written, millis, run};
use crate::call::Timestamp;

/// A call-back that was promised for within ten minutes goes before everybody.
pub(super) const DUE_MS: i64 = 10 * 60 * 1_000;

/// Reserves, for each of those who wait in turn, the free operator with the skill who has waited longest. How many.
pub(super) async fn match_waiting(connection: &mut SqliteConnection, now: Timestamp) -> Written<u32> {
    let mut operators = free(connection, now).await?;
    if operators.is_empty() {
        return Ok(0);
    }
    let waiting = sqlx::query(
        "SELECT no, language, subject, wanted, joined_at FROM waiting WHERE state <> 'over' AND state = 'waiting' \
         AND (kind = 'call-back' AND coalesce(not_before, 0) <= ?1 OR kind = 'call' AND seen_until >= ?1) \
         ORDER BY CASE WHEN kind = 'call-back' AND due_at < ?1 + ?2 THEN 9 ELSE priority END DESC, arrived_at, no",
    )
    .bind(now.as_millis())
    .bind(DUE_MS)
    .fetch_all(&mut *connection)
    .await?;
    let mut reserved = 0;
    for row in waiting {
        let (no, language, subject): (i64, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let (wanted, joined_at): (Option<i64>, i64) = (row.try_get(3)?, row.try_get(4)?);
        // Whoever was passed on to somebody is theirs, unless they keep them waiting.
        let anybodys = now.as_millis() - joined_at > millis(WANTED);
        let fits = |operator: &Skilled| match wanted {
            Some(wanted) if !anybodys => operator.no == wanted,
            _ => operator.can(&language, &subject),
        };
        let Some(at) = operators.iter().position(fits) else { continue };
        let operator = operators.remove(at).no;
        run!(
            connection,
            "UPDATE waiting SET state = 'reserved', operator = ?1, reserved_at = ?2, turn_at = coalesce(turn_at, ?2), \
             rung_at = NULL WHERE no = ?3",
            operator,
            now.as_millis(),
            no
        );
        let next = State { state: "reserved", reason: "", ends_at: Some(now.plus(RESERVED)), waiting: Some(no) };
        enter(connection, operator, next, now).await?;
        reserved += 1;
        if operators.is_empty() {
            break;
        }
    }
    Ok(reserved)
}

/// Ends reservations and wrap-ups that are over, and talks and waits whose calls are. How many.
pub(super) async fn lapse(connection: &mut SqliteConnection, now: Timestamp) -> Written<u32> {
    let mut ended = calls_that_ended(connection, now).await?;
    let over = sqlx::query(
        "SELECT p.operator, p.state, p.waiting, w.rung_at IS NOT NULL, w.kind FROM presence p \
         LEFT JOIN waiting w ON w.no = p.waiting \
         WHERE p.state IN ('reserved', 'wrap-up') AND p.ends_at IS NOT NULL AND p.ends_at <= ?",
    )
    .bind(now.as_millis())
    .fetch_all(&mut *connection)
    .await?;
    for row in over {
        ended += 1;
        let (operator, state): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let (waiting, rung, kind): (Option<i64>, bool, Option<String>) =
            (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        if state == "wrap-up" {
            enter(connection, operator, State::AVAILABLE, now).await?;
            continue;
        }
        if let Some(waiting) = waiting {
            wait_on(connection, waiting).await?;
            // Whose caller still hears it ring asks again before another one is rung.
            let unseen = "UPDATE waiting SET seen_until = min(seen_until, ? - 1) WHERE no = ? AND ?";
            run!(connection, unseen, now.as_millis(), waiting, rung);
        }
        // Only whoever was rung, or was shown whom to call back, has missed something.
        if rung || kind.as_deref() == Some("call-back") {
            let away = State { state: "away", reason: "no-answer", ends_at: None, waiting: None };
            enter(connection, operator, away, now).await?;
        } else {
            enter(connection, operator, State::AVAILABLE, now).await?;
        }
    }
    let closed = "SELECT operator FROM presence WHERE state IN ('available', 'away') AND seen_until < ?";
    let closed: Vec<i64> = sqlx::query_scalar(closed).bind(now.as_millis()).fetch_all(&mut *connection).await?;
    for operator in closed {
        ended += 1;
        let offline = State { state: "offline", reason: "", ends_at: None, waiting: None };
        enter(connection, operator, offline, now).await?;
    }
    Ok(ended)
}

/// A call may have ended without a word to the queue: what providers report decides.
async fn calls_that_ended(connection: &mut SqliteConnection, now: Timestamp) -> Written<u32> {
    let gone = sqlx::query(
        "SELECT w.no, w.state, w.operator FROM waiting w JOIN calls c ON c.id = w.call \
         WHERE w.state <> 'over' AND w.kind = 'call' AND c.ended_at IS NOT NULL",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut ended = 0;
    for row in gone {
        ended += 1;
        let (no, state, operator): (i64, String, Option<i64>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        end(connection, no, &state, operator, "abandoned", now).await?;
    }
    Ok(ended)
}

/// Ends a wait or a talk. `unless_served`: what it counts as if they have not talked.
pub(super) async fn end(
    connection: &mut SqliteConnection,
    no: i64,
    state: &str,
    operator: Option<i64>,
    unless_served: &str,
    now: Timestamp,
) -> Written<()> {
    let outcome = if state == "talking" { "served" } else { unless_served };
    run!(
        connection,
        "UPDATE waiting SET state = 'over', outcome = ?, ended_at = ?, \
         operator = CASE WHEN state = 'talking' THEN operator END WHERE no = ?",
        outcome,
        now.as_millis(),
        no
    );
    match (state, operator) {
        ("talking", Some(operator)) => wrap_up(connection, operator, no, now).await,
        ("reserved", Some(operator)) => enter(connection, operator, State::AVAILABLE, now).await,
        _ => Ok(()),
    }
}

/// Whoever was reserved for them does not come: they wait on, in their place.
pub(super) async fn wait_on(connection: &mut SqliteConnection, no: i64) -> Written<()> {
    run!(
        connection,
        "UPDATE waiting SET state = 'waiting', operator = NULL, reserved_at = NULL, rung_at = NULL \
         WHERE no = ? AND state = 'reserved'",
        no
    );
    Ok(())
}
