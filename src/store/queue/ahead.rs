//! What a wait is foretold from: who is served before a caller, and how it has gone lately.

use sqlx::sqlite::SqliteConnection;

use super::Written;
use super::estimate::{Ahead, Lately, Measured, expected};
use super::matching::DUE_MS;
use super::operators::Skilled;
use crate::call::Timestamp;

/// So many of the last talks tell how long one takes.
const TALKS: i64 = 100;
/// So many of those who came last tell how many give up, and how long it takes to be joined.
const WAITS: i64 = 200;

/// The caller's place, and who is served before them: of those who could be given any of the same operators. Call-backs
/// that will have come due before the caller's turn go before them too, though they have no place yet.
pub(super) async fn ahead(
    connection: &mut SqliteConnection,
    no: i64,
    able: &[&Skilled],
    operators: u32,
    lately: &Lately,
    now: Timestamp,
) -> Written<(u32, Ahead)> {
    let shared = |language: &str, subject: &str| able.iter().any(|able| able.can(language, subject));
    let callers = "SELECT a.language, a.subject, count(*) FROM waiting a JOIN waiting w ON w.no = ?2 \
                   WHERE a.state <> 'over' AND a.state = 'waiting' AND a.kind = 'call' AND a.seen_until >= ?1 \
                   AND (a.priority, w.arrived_at, w.no) > (w.priority, a.arrived_at, a.no) \
                   GROUP BY a.language, a.subject";
    let callers = sqlx::query_as(callers).bind(now.as_millis()).bind(no).fetch_all(&mut *connection).await?;
    let callers: Vec<(String, String, u32)> = callers;
    let callers = callers.iter().filter(|(language, subject, _)| shared(language, subject));
    let callers = callers.map(|(.., count)| count).sum();
    // From when on each of them goes before the caller.
    let call_backs = "SELECT a.language, a.subject, max(coalesce(a.not_before, 0), \
                      iif((a.priority, w.arrived_at, w.no) > (w.priority, a.arrived_at, a.no), 0, a.due_at - ?2)) AS since \
                      FROM waiting a JOIN waiting w ON w.no = ?1 \
                      WHERE a.state <> 'over' AND a.state = 'waiting' AND a.kind = 'call-back' ORDER BY since";
    let call_backs = sqlx::query_as(call_backs).bind(no).bind(DUE_MS).fetch_all(&mut *connection).await?;
    let call_backs: Vec<(String, String, i64)> = call_backs;
    let mut ahead = Ahead { callers, call_backs: 0 };
    let mut place = callers.saturating_add(1);
    for (language, subject, since) in call_backs {
        if since > now.plus(expected(ahead, operators, lately)).as_millis() {
            break;
        }
        if shared(&language, &subject) {
            ahead.call_backs += 1;
            place += u32::from(since <= now.as_millis());
        }
    }
    Ok((place, ahead))
}

/// How it has gone lately.
pub(super) async fn lately(connection: &mut SqliteConnection, now: Timestamp) -> Written<Lately> {
    let kept = "SELECT coalesce(sum(until - since), 0), count(*) FILTER (WHERE state = 'talking') FROM \
                (SELECT state, since, until FROM presence_log WHERE state IN ('reserved', 'talking', 'wrap-up') \
                 ORDER BY until DESC LIMIT ?)";
    let kept: (i64, i64) = sqlx::query_as(kept).bind(3 * TALKS).fetch_one(&mut *connection).await?;
    // Whoever calls again and has their place back has not given up.
    let waits = "SELECT coalesce(sum(waited), 0), count(*) FILTER (WHERE gave_up) - count(*) FILTER (WHERE came_back), \
                 count(joining), coalesce(sum(joining), 0), coalesce(total(joining * joining), 0.0) FROM \
                 (SELECT coalesce(turn_at, ended_at, ?1) - joined_at AS waited, answered_at - turn_at AS joining, \
                  turn_at IS NULL AND outcome IN ('abandoned', 'left', 'message') AS gave_up, \
                  arrived_at < joined_at AS came_back \
                  FROM waiting WHERE kind = 'call' ORDER BY joined_at DESC LIMIT ?2)";
    let waits = sqlx::query_as(waits).bind(now.as_millis()).bind(WAITS).fetch_one(&mut *connection).await?;
    let (waited, gave_up, joined, joining, joining_squares): (i64, i64, i64, i64, f64) = waits;
    Ok(Lately::measured(Measured { kept, gave_up, waited, joined, joining, joining_squares }))
}
