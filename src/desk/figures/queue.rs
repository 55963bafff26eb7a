//! Who waited for a person, how it came out, and what operators did meanwhile.

use std::time::Duration;

use super::Scope;
use super::day::{Day, slot};
use super::sums::{LEVELS, SHORT_ABANDON, Sums};
use crate::call::Timestamp;
use crate::store::{Database, Error};

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    joined_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    outcome: Option<String>,
    told_wait_s: Option<u64>,
    /// An operator passed them on, and they wait for the next.
    passed_on: bool,
}

const WAITED: &str = "SELECT kind, joined_at, answered_at, ended_at, outcome, told_wait_s, \
     EXISTS (SELECT 1 FROM waiting p WHERE p.call = w.call AND p.no < w.no AND p.transfer_to IS NOT NULL \
             AND p.ended_at = w.joined_at) AS passed_on \
     FROM waiting w WHERE joined_at >= ? AND joined_at < ? AND line = ? AND simulated <= ?";

/// What operators did, the state that they are in now among it. Nobody waits for calls at a desk whose page is gone.
const DID: &str = "SELECT state, since, until FROM presence_log WHERE until > ?1 AND since < ?2 \
     UNION ALL SELECT state, since, CASE WHEN state IN ('available', 'away') THEN min(?3, max(seen_until, since)) \
     ELSE ?3 END FROM presence WHERE since < ?2 AND state <> 'offline'";

pub(super) async fn read(database: &Database, scope: &Scope, day: &mut Day, now: Timestamp) -> Result<(), Error> {
    let rows: Vec<Row> = sqlx::query_as(WAITED)
        .bind(day.from.as_millis())
        .bind(day.until.as_millis())
        .bind(scope.line.as_str())
        .bind(scope.simulated)
        .fetch_all(database.readers())
        .await?;
    for row in rows {
        if let Some(sums) = slot(day, row.joined_at) {
            add(sums, &row);
        }
    }
    let did: Vec<(String, i64, i64)> = sqlx::query_as(DID)
        .bind(day.from.as_millis())
        .bind(day.until.as_millis())
        .bind(now.as_millis())
        .fetch_all(database.readers())
        .await?;
    for (state, since, until) in did {
        spend(day, &state, since, until);
    }
    Ok(())
}

fn between(from: i64, to: i64) -> Duration {
    Timestamp::from_millis(to).since(Timestamp::from_millis(from))
}

fn add(sums: &mut Sums, row: &Row) {
    if let (Some(answered), Some(ended)) = (row.answered_at, row.ended_at) {
        sums.talks += 1;
        sums.talked_for += between(answered, ended);
    }
    if row.kind == "call-back" {
        sums.call_backs += 1;
        match row.outcome.as_deref() {
            Some("called-back" | "served") => sums.called_back += 1,
            Some("not-reached") => sums.not_reached += 1,
            _ => {}
        }
        return;
    }
    let end = row.answered_at.or(row.ended_at);
    let waited = end.map_or(Duration::ZERO, |end| between(row.joined_at, end));
    sums.longest_wait = sums.longest_wait.max(waited);
    if row.passed_on {
        // They came to the queue once, and were answered once.
        return;
    }
    sums.queued += 1;
    if row.answered_at.is_some() {
        sums.answered += 1;
        sums.waited += waited;
        if let Some(told) = row.told_wait_s {
            sums.told += 1;
            sums.held += u64::from(waited <= Duration::from_secs(told));
        }
        for (within, level) in sums.within.iter_mut().zip(LEVELS) {
            *within += u64::from(waited <= level);
        }
    } else {
        match row.outcome.as_deref() {
            Some("abandoned") if waited < SHORT_ABANDON => sums.abandoned_at_once += 1,
            Some("abandoned") => sums.abandoned += 1,
            Some("overflow" | "too-long") => sums.sent_away += 1,
            Some("left" | "message" | "called-back" | "not-reached") => sums.chose_else += 1,
            // Whoever still waits, or is being rung.
            _ => {}
        }
    }
}

/// Puts a time into the half hours that it touches.
fn spend(day: &mut Day, state: &str, since: i64, until: i64) {
    let slot_ms = i64::try_from(super::day::SLOT.as_millis()).unwrap_or(i64::MAX);
    let (mut at, until) = (since.max(day.from.as_millis()), until.min(day.until.as_millis()));
    while at < until {
        let next = day.from.as_millis() + ((at - day.from.as_millis()) / slot_ms + 1) * slot_ms;
        let Some(sums) = slot(day, at) else { return };
        let spent = between(at, until.min(next));
        match state {
            "talking" => sums.talking += spent,
            "wrap-up" => sums.wrapping_up += spent,
            "reserved" => sums.reserved += spent,
            "available" => sums.available += spent,
            "away" => sums.away += spent,
            _ => {}
        }
        at = next;
    }
}
