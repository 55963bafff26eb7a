//! Calls that have ended, by what was counted of each, and what callers thought of it.

use super::Scope;
use super::day::{Day, SLOT, slot};
use super::sums::Sums;
use crate::call::{EndCause, NodeId};
use crate::flow::Tally;
use crate::store::{Database, Error};

/// Calls that are alike, and how many they are. Few are not, so the counting is SQLite's.
type Row = (i64, String, Option<String>, String, u64);

const ALIKE: &str = "SELECT (started_at - ?1) / ?2, end_cause, node, tally, count(*) FROM counted_calls \
     WHERE line = ?3 AND started_at >= ?1 AND started_at < ?4 AND simulated <= ?5 GROUP BY 1, 2, 3, 4";

const SURVEYS: &str = "SELECT at, score FROM surveys WHERE at >= ? AND at < ? AND line = ? AND simulated <= ?";

pub(super) async fn read(database: &Database, scope: &Scope, day: &mut Day) -> Result<(), Error> {
    let slot_ms = i64::try_from(SLOT.as_millis()).unwrap_or(i64::MAX);
    let (from, until) = (day.from.as_millis(), day.until.as_millis());
    let rows: Vec<Row> = sqlx::query_as(ALIKE)
        .bind(from)
        .bind(slot_ms)
        .bind(scope.line.as_str())
        .bind(until)
        .bind(scope.simulated)
        .fetch_all(database.readers())
        .await?;
    for (index, cause, node, tally, count) in rows {
        // What a newer program has counted differently is not counted here.
        let Ok(tally) = serde_json::from_str::<Tally>(&tally) else { continue };
        add_details(day, &cause, node, &tally, count);
        if let Some(sums) = slot(day, from + index * slot_ms) {
            add(sums, &tally, count);
        }
    }
    let surveys: Vec<(i64, u64)> = sqlx::query_as(SURVEYS)
        .bind(from)
        .bind(until)
        .bind(scope.line.as_str())
        .bind(scope.simulated)
        .fetch_all(database.readers())
        .await?;
    for (at, score) in surveys {
        if let Some(sums) = slot(day, at) {
            sums.surveys += 1;
            sums.score += score;
        }
    }
    Ok(())
}

fn contained(tally: &Tally) -> bool {
    !tally.done.is_empty() && !tally.wanted_person
}

fn add(sums: &mut Sums, tally: &Tally, count: u64) {
    let when = |holds: bool| if holds { count } else { 0 };
    let checked = |outcomes: &[&str]| outcomes.iter().any(|outcome| tally.checks.contains_key(*outcome));
    sums.calls += count;
    sums.contained += when(contained(tally));
    sums.wanted_person += when(tally.wanted_person);
    sums.talked += when(tally.talked);
    sums.proving += when(!tally.checks.is_empty());
    sums.proved += when(checked(&["verified", "initial"]));
    sums.locked_out += when(checked(&["locked", "refused"]));
}

fn add_details(day: &mut Day, cause: &str, node: Option<String>, tally: &Tally, count: u64) {
    let details = &mut day.details;
    for name in &tally.came_for {
        let task = details.tasks.entry(name.clone()).or_default();
        let done = tally.done.contains(name);
        task.came_for += count;
        task.done += if done { count } else { 0 };
        task.contained += if done && !tally.wanted_person { count } else { 0 };
    }
    for (node, times) in &tally.asked_again {
        *details.asked_again.entry(node.clone()).or_default() += u64::from(*times) * count;
    }
    if let Some(node) = node.filter(|_| cause == EndCause::CallerHungUp.name()) {
        *details.hung_up_at.entry(NodeId::from(node.as_str())).or_default() += count;
    }
    *details.causes.entry(cause.to_owned()).or_default() += count;
}
