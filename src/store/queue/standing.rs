//! A caller who waits, asking where they stand.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::ahead::{ahead, lately};
use super::dialled::dial_ended;
use super::estimate::{bound, expected};
use super::matching::end;
use super::operators::{Skilled, at_work};
use super::{Ask, CALLER_SEEN, PLACE_KEPT, RUNG, Standing, Written, millis, run, settle};
use crate::store::{Database, Error};

impl Database {
    /// Where a caller stands, who waits from the first time that they ask. Asking again is what keeps the place.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn ask_queue(&self, ask: Ask) -> Result<Standing, Error> {
        let (standing, changed) =
            self.write(move |connection| Box::pin(async move { stand(connection, &ask).await })).await?;
        // Who only waits on is no news to any desk.
        if changed {
            self.ring_bell();
        }
        Ok(standing)
    }
}

/// A row of the table.
pub(super) struct Waits {
    pub(super) no: i64,
    pub(super) state: String,
    pub(super) operator: Option<i64>,
    joined_at: i64,
    pub(super) rung: bool,
    pub(super) dial_ended: i64,
}

/// And whether anything is different now.
async fn stand(connection: &mut SqliteConnection, ask: &Ask) -> Written<(Standing, bool)> {
    let now = ask.now;
    if let Some(outcome) = ask.ended
        && dial_ended(connection, ask, outcome).await?
    {
        return Ok((Standing::Served, true));
    }
    let at_work = at_work(connection, now).await?;
    let able: Vec<&Skilled> = at_work.iter().filter(|operator| operator.can(&ask.language, &ask.subject)).collect();
    let row = of_call(connection, ask).await?;
    if able.is_empty() {
        match row {
            Some(row) => {
                let outcome = if ask.overflows { "overflow" } else { "left" };
                end(connection, row.no, &row.state, row.operator, outcome, now).await?;
            }
            None if ask.overflows => went_over(connection, ask).await?,
            None => {}
        }
        return Ok((Standing::Nobody, true));
    }
    let joins = row.is_none();
    let row = match row {
        Some(row) => row,
        None if !join(connection, ask).await? => {
            if ask.overflows {
                went_over(connection, ask).await?;
            }
            return Ok((Standing::Full, true));
        }
        None => of_call(connection, ask).await?.ok_or(sqlx::Error::RowNotFound)?,
    };
    let seen = now.plus(CALLER_SEEN).as_millis();
    run!(connection, "UPDATE waiting SET seen_until = ? WHERE no = ?", seen, row.no);
    if row.state == "waiting" && now.as_millis() - row.joined_at > millis(ask.limits.longest) {
        let outcome = if ask.overflows { "overflow" } else { "too-long" };
        end(connection, row.no, &row.state, None, outcome, now).await?;
        return Ok((Standing::TooLong, true));
    }
    let settled = settle(connection, now).await?;
    let row = of_call(connection, ask).await?.ok_or(sqlx::Error::RowNotFound)?;
    if let ("reserved" | "talking", Some(operator)) = (row.state.as_str(), row.operator) {
        return Ok((ring(connection, &row, operator, ask).await?, true));
    }
    let serving = able.iter().filter(|operator| operator.serves).count();
    let operators = u32::try_from(serving).unwrap_or(u32::MAX);
    let lately = lately(connection, now).await?;
    let (place, ahead) = ahead(connection, row.no, &able, operators, &lately, now).await?;
    let bound = bound(ahead, operators, &lately);
    let told = "UPDATE waiting SET told_wait_s = ?, told_mean_s = ? WHERE no = ? AND told_wait_s IS NULL";
    let seconds = |wait: Duration| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
    run!(connection, told, seconds(bound), seconds(expected(ahead, operators, &lately)), row.no);
    Ok((Standing::Waiting { place, bound }, joins || settled > 0))
}

pub(super) async fn of_call(connection: &mut SqliteConnection, ask: &Ask) -> Written<Option<Waits>> {
    let row = sqlx::query(
        "SELECT no, state, operator, joined_at, rung_at IS NOT NULL, dial_ended FROM waiting \
         WHERE call = ? AND state <> 'over' AND kind = 'call'",
    )
    .bind(ask.call.as_bytes().as_slice())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Waits {
            no: row.try_get(0)?,
            state: row.try_get(1)?,
            operator: row.try_get(2)?,
            joined_at: row.try_get(3)?,
            rung: row.try_get(4)?,
            dial_ended: row.try_get(5)?,
        })
    })
    .transpose()
}

/// A place at the end, or the one that this caller had a moment ago. Whether there was room.
async fn join(connection: &mut SqliteConnection, ask: &Ask) -> Written<bool> {
    let (now, call) = (ask.now, ask.call.as_bytes().as_slice());
    let kept_from = now.before(PLACE_KEPT).as_millis();
    let back = "UPDATE waiting SET state = 'waiting', outcome = NULL, ended_at = NULL, operator = NULL \
                WHERE no = (SELECT no FROM waiting WHERE call = ? AND kind = 'call' AND outcome = 'left' AND ended_at >= ? \
                            ORDER BY no DESC LIMIT 1)";
    if run!(connection, back, call, kept_from) > 0 {
        return Ok(true);
    }
    let waiting = "SELECT count(*) FROM waiting WHERE state <> 'over' AND state = 'waiting' AND line = ? AND queue = ? \
                   AND (kind = 'call-back' OR seen_until >= ?)";
    let waiting = sqlx::query_scalar(waiting).bind(&ask.line).bind(&ask.queue).bind(now.as_millis());
    let waiting: i64 = waiting.fetch_one(&mut *connection).await?;
    let before = dropped(connection, ask, kept_from).await?;
    if before.is_none() && waiting >= i64::from(ask.limits.most_waiting) {
        return Ok(false);
    }
    // It is their place again and no better one: hanging up must not pay.
    let (arrived_at, priority) = match before {
        Some((arrived_at, priority)) => (arrived_at, priority.max(ask.priority)),
        None => (now.as_millis(), ask.priority),
    };
    insert(connection, ask, arrived_at, priority).await?;
    Ok(true)
}

async fn insert(connection: &mut SqliteConnection, ask: &Ask, arrived_at: i64, priority: i64) -> Written<()> {
    let now = ask.now;
    run!(
        connection,
        "INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, caller, arrived_at, \
         joined_at, state, seen_until) VALUES (?, ?, ?, 'call', ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)",
        ask.call.as_bytes().as_slice(),
        &ask.line,
        &ask.queue,
        ask.simulated,
        &ask.language,
        &ask.subject,
        priority,
        ask.caller.clone(),
        arrived_at,
        now.as_millis(),
        now.plus(CALLER_SEEN).as_millis(),
    );
    Ok(())
}

/// A caller whom somebody else serves: for the figures.
async fn went_over(connection: &mut SqliteConnection, ask: &Ask) -> Written<()> {
    insert(connection, ask, ask.now.as_millis(), ask.priority).await?;
    match of_call(connection, ask).await? {
        Some(row) => end(connection, row.no, &row.state, None, "overflow", ask.now).await,
        None => Ok(()),
    }
}

/// When the same caller came whose line dropped; that place is theirs again, once. Withheld numbers share none.
async fn dropped(connection: &mut SqliteConnection, ask: &Ask, kept_from: i64) -> Written<Option<(i64, i64)>> {
    let Some(caller) = ask.caller.clone() else { return Ok(None) };
    let row = sqlx::query(
        "SELECT no, arrived_at, priority, state FROM waiting \
         WHERE caller = ?1 AND line = ?2 AND queue = ?3 AND kind = 'call' AND call <> ?4 \
         AND (state = 'over' AND outcome = 'abandoned' AND ended_at >= ?5 OR state = 'waiting' AND seen_until < ?6) \
         ORDER BY no DESC LIMIT 1",
    )
    .bind(caller)
    .bind(&ask.line)
    .bind(&ask.queue)
    .bind(ask.call.as_bytes().as_slice())
    .bind(kept_from)
    .bind(ask.now.as_millis())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (no, arrived_at, priority): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let state: String = row.try_get(3)?;
    if state != "over" {
        end(connection, no, &state, None, "abandoned", ask.now).await?;
    }
    run!(connection, "UPDATE waiting SET caller = NULL WHERE no = ?", no);
    Ok(Some((arrived_at, priority)))
}

async fn ring(connection: &mut SqliteConnection, row: &Waits, operator: i64, ask: &Ask) -> Written<Standing> {
    let until = ask.now.plus(ask.limits.ring + RUNG).as_millis();
    run!(connection, "UPDATE waiting SET rung_at = ?, seen_until = ? WHERE no = ?", ask.now.as_millis(), until, row.no);
    if row.state == "reserved" {
        run!(connection, "UPDATE presence SET ends_at = ? WHERE operator = ?", until, operator);
    }
    let found = sqlx::query("SELECT number, address FROM operators WHERE no = ?").bind(operator);
    let found = found.fetch_one(connection).await?;
    Ok(Standing::Operator { number: found.try_get(0)?, address: found.try_get(1)? })
}
