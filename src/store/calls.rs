//! Calls as they are read: for the next turn, for the sweeper, for whoever looks at what happened.

use async_trait::async_trait;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as UnknownWord, StrDeserializer};

use super::{Committed, Database, Error, LoggedTurn, Store, StoredCall, StoredLeg, Turn};
use crate::call::{CallId, EndCause, Leg, Timestamp};

/// A call with its key and its session, once for each leg of an operator, and once if there is none.
#[derive(sqlx::FromRow)]
struct Row {
    line: String,
    version: String,
    profile: String,
    simulated: bool,
    started_at: i64,
    ended_at: Option<i64>,
    end_cause: Option<String>,
    key: Vec<u8>,
    turn: u32,
    wake_at: i64,
    session: Option<Vec<u8>>,
    document: Option<Vec<u8>>,
    leg: Option<u16>,
    leg_turn: Option<u32>,
    leg_document: Option<Vec<u8>>,
    leg_ended_at: Option<i64>,
    leg_end_cause: Option<String>,
}

const LOAD: &str = "SELECT c.line, c.version, c.profile, c.simulated, c.started_at, c.ended_at, c.end_cause, k.key, \
     s.turn, s.wake_at, s.session, s.document, l.leg, l.turn AS leg_turn, l.document AS leg_document, \
     l.ended_at AS leg_ended_at, l.end_cause AS leg_end_cause \
     FROM calls c JOIN call_keys k ON k.call = c.no JOIN sessions s ON s.call = c.no \
     LEFT JOIN legs l ON l.call = c.no WHERE c.id = ? ORDER BY l.leg";

#[async_trait]
impl Store for Database {
    async fn load(&self, call: CallId) -> Result<Option<StoredCall>, Error> {
        let mut rows: Vec<Row> =
            sqlx::query_as(LOAD).bind(call.as_bytes().as_slice()).fetch_all(self.readers()).await?;
        let operators = rows.iter_mut().filter_map(operator_leg).collect::<Result<Vec<_>, _>>()?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let ended = ended(row.end_cause.as_deref(), row.ended_at)?;
        let document = row.document.unwrap_or_default();
        let mut legs = vec![StoredLeg { leg: Leg::CALLER, turn: row.turn, document, ended }];
        legs.extend(operators);
        Ok(Some(StoredCall {
            line: row.line,
            version: row.version,
            profile: row.profile,
            simulated: row.simulated,
            key: row.key,
            legs,
            session: row.session.unwrap_or_default(),
            started_at: Timestamp::from_millis(row.started_at),
            wake_at: Timestamp::from_millis(row.wake_at),
            ended,
        }))
    }

    async fn commit(&self, turn: Turn) -> Result<Committed, Error> {
        let (call, wake_at, ended) = (turn.call, turn.wake_at, turn.ended.is_some());
        let of_the_caller = turn.leg == Leg::CALLER;
        // Before, too: whoever asked may stop waiting while the writer still writes.
        if of_the_caller && !ended {
            self.wakes(|wakes| wakes.expect(call, wake_at));
        }
        let changes_queue = turn
            .effects
            .iter()
            .any(|effect| matches!(effect, super::Effect::Queue { .. } | super::Effect::BookCallBack(_)));
        let committed = self.write_turn(turn).await?;
        if changes_queue {
            self.ring_bell();
        }
        if of_the_caller && committed == Committed::Written {
            self.wakes(|wakes| if ended { wakes.forget(call) } else { wakes.set(call, wake_at) });
        }
        Ok(committed)
    }

    async fn turn_log(&self, call: CallId, leg: Leg, turn: u32) -> Result<Option<Vec<u8>>, Error> {
        self.records().turn_log(call, leg, turn).await
    }

    async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<CallId>, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if !self.wakes(|wakes| wakes.filled) {
            let in_progress = self.in_progress().await?;
            self.wakes(|wakes| wakes.fill(in_progress));
        }
        loop {
            let thought = self.wakes(|wakes| wakes.due(now, limit));
            let mut overdue = Vec::with_capacity(thought.len());
            for (at, call) in &thought {
                let truth = self.wake_at(*call).await?;
                if truth.is_some_and(|truth| truth <= now) {
                    overdue.push(*call);
                } else {
                    self.wakes(|wakes| wakes.correct(*call, *at, truth));
                }
            }
            if overdue.len() == thought.len() {
                return Ok(overdue);
            }
        }
    }
}

impl Database {
    /// What happened in a call, in order; nothing if there is no such call, or it was forgotten.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn log(&self, call: CallId) -> Result<Vec<LoggedTurn>, Error> {
        self.records().log(call).await
    }

    /// When each call in progress is due.
    async fn in_progress(&self) -> Result<Vec<(CallId, Timestamp)>, Error> {
        let rows: Vec<(Vec<u8>, i64)> = sqlx::query_as(
            "SELECT c.id, s.wake_at FROM calls c INDEXED BY calls_in_progress JOIN sessions s ON s.call = c.no \
             WHERE c.ended_at IS NULL",
        )
        .fetch_all(self.readers())
        .await?;
        let due =
            |(id, at): (Vec<u8>, i64)| Some((CallId::from_bytes(id.try_into().ok()?), Timestamp::from_millis(at)));
        Ok(rows.into_iter().filter_map(due).collect())
    }

    /// When the call is due; `None` if it is not in progress.
    async fn wake_at(&self, call: CallId) -> Result<Option<Timestamp>, Error> {
        let at: Option<i64> = sqlx::query_scalar(
            "SELECT s.wake_at FROM calls c JOIN sessions s ON s.call = c.no WHERE c.id = ? AND +c.ended_at IS NULL",
        )
        .bind(call.as_bytes().as_slice())
        .fetch_optional(self.readers())
        .await?;
        Ok(at.map(Timestamp::from_millis))
    }
}

/// The leg of an operator that a row has, if it has one.
fn operator_leg(row: &mut Row) -> Option<Result<StoredLeg, Error>> {
    let (leg, turn) = (row.leg?, row.leg_turn?);
    let document = row.leg_document.take().unwrap_or_default();
    let ended = ended(row.leg_end_cause.as_deref(), row.leg_ended_at);
    Some(ended.map(|ended| StoredLeg { leg: Leg(leg), turn, document, ended }))
}

pub(super) fn ended(cause: Option<&str>, at: Option<i64>) -> Result<Option<(EndCause, Timestamp)>, Error> {
    let (Some(word), Some(at)) = (cause, at) else { return Ok(None) };
    let word: StrDeserializer<'_, UnknownWord> = word.into_deserializer();
    let cause = EndCause::deserialize(word).map_err(|unknown| sqlx::Error::Decode(unknown.into()))?;
    Ok(Some((cause, Timestamp::from_millis(at))))
}
