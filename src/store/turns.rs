//! How turns are written: many by one statement, or one by one.
//!
//! The statement inserts into the view `commits`, whose trigger (migration 0001) writes the tables and has them
//! refuse a turn that is not its leg's next. Then nothing is written, and each turn is tried by itself and tells
//! what it is. One statement for a batch, because each costs a message to the driver's thread and back, which is
//! most of what a small batch costs.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use sqlx::AssertSqlSafe;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};

use super::error::broke_a_rule;
use super::writer::{Answer, Job, MAX_BATCH, Work};
use super::{Committed, Error, Turn};
use crate::call::{CallId, EndCause, Leg};

/// The text for so many turns, made when it is first needed.
fn text(turns: usize) -> Arc<str> {
    static TEXTS: [OnceLock<Arc<str>>; MAX_BATCH] = [const { OnceLock::new() }; MAX_BATCH];
    let kept = TEXTS.get(turns - 1).expect("a batch has 1 to MAX_BATCH turns");
    Arc::clone(kept.get_or_init(|| format!("{INSERT} {}", vec![ROW; turns].join(",")).into()))
}

const INSERT: &str = "INSERT INTO commits (id, line, version, profile, simulated, key, turn, at, node, log, wake_at, \
                      session, document, end_cause) VALUES";

/// The parameters of a turn, in the order of [`bind`].
const ROW: &str = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

type Insert = Query<'static, Sqlite, SqliteArguments>;

fn bind(insert: Insert, turn: &Turn) -> Insert {
    let opening = turn.opening.as_ref();
    insert
        .bind(turn.call.as_bytes().to_vec())
        .bind(opening.map(|opening| opening.line.clone()))
        .bind(opening.map(|opening| opening.version.clone()))
        .bind(opening.map(|opening| opening.profile.clone()))
        .bind(opening.map(|opening| opening.simulated))
        .bind(opening.map(|opening| opening.key.clone()))
        .bind(turn.turn)
        .bind(turn.at.as_millis())
        .bind(turn.node.clone())
        .bind(turn.log.clone())
        .bind(turn.wake_at.as_millis())
        .bind(turn.session.clone())
        .bind(turn.document.clone())
        .bind(turn.ended.map(EndCause::name))
}

/// Turns that can be written together: of the callers' legs, one of each call, without effects.
#[derive(Default)]
pub(super) struct Many {
    turns: Vec<(Box<Turn>, Answer<Committed>)>,
    calls: HashSet<CallId>,
}

/// What became of [`Many`] turns. Who is not in it has been answered.
pub(super) enum Outcome {
    Written,
    /// One of them broke a rule, and nothing is written.
    OneByOne(Vec<Box<dyn Job>>),
    /// The database failed; the connection should not be used again.
    Failed,
}

impl Many {
    /// Takes in a turn, or gives it back if it must be written by itself.
    pub(super) fn take(
        &mut self,
        turn: Box<Turn>,
        answer: Answer<Committed>,
    ) -> Result<(), (Box<Turn>, Answer<Committed>)> {
        let usual = turn.leg == Leg::CALLER && turn.effects.is_empty() && (turn.opening.is_none() || turn.turn == 1);
        if usual && self.turns.len() < MAX_BATCH && self.calls.insert(turn.call) {
            self.turns.push((turn, answer));
            Ok(())
        } else {
            Err((turn, answer))
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.turns.len()).unwrap_or(u32::MAX)
    }

    /// Answers all of them with the same error.
    pub(super) fn fail(self, error: &Error) {
        for (_, answer) in self.turns {
            answer.send(Err(error.clone())).ok();
        }
    }

    /// Writes them in a transaction of their own.
    pub(super) async fn write(self, connection: &mut SqliteConnection) -> Outcome {
        match self.execute(connection).await {
            Ok(()) => {
                for (_, answer) in self.turns {
                    answer.send(Ok(Committed::Written)).ok();
                }
                Outcome::Written
            }
            Err(error) if broke_a_rule(&error) => {
                Outcome::OneByOne(self.turns.into_iter().map(|(turn, answer)| single(turn, answer)).collect())
            }
            Err(error) => {
                let error = Error::from(error);
                tracing::error!(%error, "the database could not be written");
                self.fail(&error);
                Outcome::Failed
            }
        }
    }

    /// One statement is a transaction of its own.
    async fn execute(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let insert = sqlx::query(AssertSqlSafe(text(self.turns.len())));
        let insert = self.turns.iter().fold(insert, |insert, (turn, _)| bind(insert, turn));
        insert.execute(connection).await.map(drop)
    }
}

fn id(turn: &Turn) -> &[u8] {
    turn.call.as_bytes().as_slice()
}

/// A turn as a job of its own.
pub(super) fn single(turn: Box<Turn>, answer: Answer<Committed>) -> Box<dyn Job> {
    Box::new(Work::new(move |connection| Box::pin(write_one(connection, turn)), answer))
}

async fn write_one(connection: &mut SqliteConnection, turn: Box<Turn>) -> Result<Committed, Error> {
    let committed = if turn.leg == Leg::CALLER {
        write_on_callers_leg(connection, &turn).await?
    } else {
        write_on_operators_leg(connection, &turn).await?
    };
    if committed == Committed::Written {
        for effect in &turn.effects {
            effect.apply(connection, turn.call).await?;
        }
    }
    Ok(committed)
}

async fn write_on_callers_leg(connection: &mut SqliteConnection, turn: &Turn) -> Result<Committed, Error> {
    match bind(sqlx::query(AssertSqlSafe(text(1))), turn).execute(&mut *connection).await {
        Ok(_) => Ok(Committed::Written),
        Err(error) if broke_a_rule(&error) => {
            let known: Option<i64> = sqlx::query_scalar("SELECT no FROM calls WHERE id = ?")
                .bind(id(turn))
                .fetch_optional(connection)
                .await?;
            if known.is_some() || turn.opening.is_some() {
                Ok(Committed::Superseded)
            } else {
                Err(Error::UnknownCall { turn: turn.turn })
            }
        }
        Err(error) => Err(error.into()),
    }
}

async fn write_on_operators_leg(connection: &mut SqliteConnection, turn: &Turn) -> Result<Committed, Error> {
    let place = "SELECT c.no, ifnull(l.turn, 0), s.log_end FROM calls c JOIN sessions s ON s.call = c.no \
                 LEFT JOIN legs l ON l.call = c.no AND l.leg = ? WHERE c.id = ?";
    let place: Option<(i64, u32, i64)> =
        sqlx::query_as(place).bind(turn.leg.0).bind(id(turn)).fetch_optional(&mut *connection).await?;
    let Some((call, last, log_end)) = place else { return Err(Error::UnknownCall { turn: turn.turn }) };
    if turn.opening.is_some() || turn.turn != last + 1 {
        return Ok(Committed::Superseded);
    }
    let logged = sqlx::query("INSERT INTO turns (call, leg, turn, at, node, log, previous) VALUES (?,?,?,?,?,?,?)")
        .bind(call)
        .bind(turn.leg.0)
        .bind(turn.turn)
        .bind(turn.at.as_millis())
        .bind(turn.node.as_deref())
        .bind(turn.log.as_slice())
        .bind(log_end)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO legs (call, leg, turn, document, ended_at, end_cause) VALUES (?,?,?,?,?,?) \
         ON CONFLICT (call, leg) DO UPDATE SET turn = excluded.turn, document = excluded.document, \
         ended_at = coalesce(ended_at, excluded.ended_at), end_cause = coalesce(end_cause, excluded.end_cause)",
    )
    .bind(call)
    .bind(turn.leg.0)
    .bind(turn.turn)
    .bind(turn.document.as_slice())
    .bind(turn.ended.map(|_| turn.at.as_millis()))
    .bind(turn.ended.map(EndCause::name))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE sessions SET log_end = ?, wake_at = max(wake_at, ?), session = coalesce(?, session) WHERE call = ?",
    )
    .bind(logged.last_insert_rowid())
    .bind(turn.wake_at.as_millis())
    .bind(turn.session.as_deref())
    .bind(call)
    .execute(connection)
    .await?;
    Ok(Committed::Written)
}
