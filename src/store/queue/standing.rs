//! A caller who waits, asking where they stand.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::dialled::dial_ended;
use super::estimate::{Load, USUAL_HANDLING, bound};
use super::matching::end;
use super::operators::at_work;
use super::{Ask, CALLER_SEEN, PLACE_KEPT, RUNG, Standing, Written, millis, priority, run, settle};
use crate::store::{Database, Error};

/// So many of the last talks tell how long one takes.
const TALKS: i64 = 50;

impl Database {
    /// Where a caller stands, who waits from the first time that they ask. Asking again is what keeps the place.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn ask_queue(&self, ask: Ask) -> Result<Standing, Error> {
        self.change_queue(move |connection| Box::pin(async move { stand(connection, &ask).await })).await
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

async fn stand(connection: &mut SqliteConnection, ask: &Ask) -> Written<Standing> {
    let now = ask.now;
    if let Some(outcome) = ask.ended
        && dial_ended(connection, ask, outcome).await?
    {
        return Ok(Standing::Served);
    }
    let at_work = at_work(connection, &ask.language, &ask.subject, now).await?;
    let row = of_call(connection, ask).await?;
    if at_work == 0 {
        match row {
            Some(row) => {
                let outcome = if ask.overflows { "overflow" } else { "left" };
                end(connection, row.no, &row.state, row.operator, outcome, now).await?;
            }
            None if ask.overflows => went_over(connection, ask).await?,
            None => {}
        }
        return Ok(Standing::Nobody);
    }
    let row = match row {
        Some(row) => row,
        None if !join(connection, ask).await? => {
            if ask.overflows {
                went_over(connection, ask).await?;
            }
            return Ok(Standing::Full);
        }
        None => of_call(connection, ask).await?.ok_or(sqlx::Error::RowNotFound)?,
    };
    let seen = now.plus(CALLER_SEEN).as_millis();
    run!(connection, "UPDATE waiting SET seen_until = ? WHERE no = ?", seen, row.no);
    if row.state == "waiting" && now.as_millis() - row.joined_at > millis(ask.limits.longest) {
        let outcome = if ask.overflows { "overflow" } else { "too-long" };
        end(connection, row.no, &row.state, None, outcome, now).await?;
        return Ok(Standing::TooLong);
    }
    settle(connection, now).await?;
    let row = of_call(connection, ask).await?.ok_or(sqlx::Error::RowNotFound)?;
    match (row.state.as_str(), row.operator) {
        ("reserved" | "talking", Some(operator)) => ring(connection, &row, operator, ask).await,
        _ => {
            let place = place(connection, &row).await?;
            let handling = handling(connection).await?;
            let bound = bound(Load { place, operators: at_work, handling });
            let told = "UPDATE waiting SET told_wait_s = coalesce(told_wait_s, ?) WHERE no = ?";
            run!(connection, told, i64::try_from(bound.as_secs()).unwrap_or(i64::MAX), row.no);
            Ok(Standing::Waiting { place, bound })
        }
    }
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
    let waiting = "SELECT count(*) FROM waiting WHERE state = 'waiting' AND line = ? AND queue = ?";
    let waiting: i64 = sqlx::query_scalar(waiting).bind(&ask.line).bind(&ask.queue).fetch_one(&mut *connection).await?;
    let before = dropped(connection, ask, kept_from).await?;
    if before.is_none() && waiting >= i64::from(ask.limits.most_waiting) {
        return Ok(false);
    }
    let (arrived_at, priority) = match before {
        Some(arrived_at) => (arrived_at, priority::BACK.max(ask.priority)),
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
async fn dropped(connection: &mut SqliteConnection, ask: &Ask, kept_from: i64) -> Written<Option<i64>> {
    let Some(caller) = ask.caller.clone() else { return Ok(None) };
    let row = sqlx::query(
        "SELECT no, arrived_at, state, operator FROM waiting \
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
    let (no, arrived_at, state): (i64, i64, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if state != "over" {
        end(connection, no, &state, None, "abandoned", ask.now).await?;
    }
    run!(connection, "UPDATE waiting SET caller = NULL WHERE no = ?", no);
    Ok(Some(arrived_at))
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

/// How many are served up to this one.
async fn place(connection: &mut SqliteConnection, row: &Waits) -> Written<u32> {
    let before = "SELECT count(*) FROM waiting a JOIN waiting w ON w.no = ? \
                  WHERE a.line = w.line AND a.queue = w.queue AND a.state = 'waiting' \
                  AND (a.kind = 'call-back' OR a.seen_until >= w.seen_until - ?) \
                  AND (a.priority > w.priority OR a.priority = w.priority AND (a.arrived_at, a.no) < (w.arrived_at, w.no))";
    let before: i64 = sqlx::query_scalar(before).bind(row.no).bind(millis(CALLER_SEEN)).fetch_one(connection).await?;
    Ok(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
}

/// How long a call has kept an operator lately.
async fn handling(connection: &mut SqliteConnection) -> Written<Duration> {
    let mean = "SELECT sum(until - since) / max(count(*) FILTER (WHERE state = 'talking'), 1), \
                count(*) FILTER (WHERE state = 'talking') FROM \
                (SELECT state, since, until FROM presence_log WHERE state IN ('talking', 'wrap-up') \
                 ORDER BY until DESC LIMIT ?)";
    let row = sqlx::query(mean).bind(2 * TALKS).fetch_one(connection).await?;
    let (mean, talks): (Option<i64>, i64) = (row.try_get(0)?, row.try_get(1)?);
    // A few talks tell little: the usual length counts as much as five of them.
    let weight = 5;
    let usual = millis(USUAL_HANDLING);
    let mean = (mean.unwrap_or(0) * talks + usual * weight) / (talks + weight);
    Ok(Duration::from_millis(u64::try_from(mean).unwrap_or(0)))
}
