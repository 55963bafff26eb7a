//! What operators do: the one table of what may follow what.

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;

use super::{AWAITED, DESK_SEEN, RUNG, WRAP_UP, Written, millis, run, settle};
use crate::call::Timestamp;
use crate::store::{Database, Error};

/// Why somebody is away whose desk has not been heard of since the server started again.
const RESTART: &str = "restart";

/// What operators can set themselves to. They come to be reserved, talking and in wrap-up by what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    Available,
    /// Why, as a word.
    Away(String),
    Offline,
}

/// A new state of an operator.
#[expect(clippy::struct_field_names, reason = "as the column is named")]
pub(super) struct State<'a> {
    pub(super) state: &'static str,
    pub(super) reason: &'a str,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) waiting: Option<i64>,
}

impl State<'_> {
    pub(super) const AVAILABLE: State<'static> = State { state: "available", reason: "", ends_at: None, waiting: None };
}

/// Puts an operator into a state, and notes the one before. Who becomes available after a talk, or after having been
/// away, starts waiting anew; who was only reserved, or cut off by a restart, has waited all along.
pub(super) async fn enter(
    connection: &mut SqliteConnection,
    operator: i64,
    next: State<'_>,
    now: Timestamp,
) -> Written<()> {
    run!(
        connection,
        "INSERT INTO presence_log (operator, state, reason, since, until) \
         SELECT operator, state, reason, since, ? FROM presence WHERE operator = ? AND state <> 'offline'",
        now.as_millis(),
        operator
    );
    run!(
        connection,
        "UPDATE presence SET idle_since = CASE WHEN ?1 = 'available' AND state <> 'reserved' AND reason <> 'restart' \
         THEN ?2 ELSE idle_since END, state = ?1, reason = ?3, since = ?2, ends_at = ?4, waiting = ?5 WHERE operator = ?6",
        next.state,
        now.as_millis(),
        next.reason,
        next.ends_at.map(Timestamp::as_millis),
        next.waiting,
        operator
    );
    Ok(())
}

impl Database {
    /// The server has started again, and desks have not been heard of while it was gone: whoever was on duty is expected back
    /// for as long as a desk may be silent. Until then callers wait for them, and nobody is rung.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn await_desks(&self, now: Timestamp) -> Result<(), Error> {
        self.change_queue(move |connection| {
            Box::pin(async move {
                let (now_ms, back) = (now.as_millis(), now.plus(DESK_SEEN).as_millis());
                let gone = "SELECT operator FROM presence WHERE state = 'available' AND seen_until BETWEEN ? AND ?";
                let gone = sqlx::query_scalar(gone).bind(now.before(AWAITED).as_millis()).bind(now_ms);
                let gone: Vec<i64> = gone.fetch_all(&mut *connection).await?;
                for operator in gone {
                    let away = State { state: "away", reason: RESTART, ends_at: None, waiting: None };
                    enter(connection, operator, away, now).await?;
                }
                run!(
                    connection,
                    "UPDATE presence SET seen_until = max(seen_until, ?1), ends_at = max(ends_at, ?2) \
                     WHERE state IN ('away', 'reserved') AND seen_until >= ?3",
                    back,
                    now.plus(RUNG).as_millis(),
                    now.before(AWAITED).as_millis()
                );
                Ok(())
            })
        })
        .await
    }

    /// An operator has logged in: away until they say otherwise. Whoever is there already stays what they are; whoever was
    /// awaited after a restart is available.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn enter_presence(&self, operator: i64, now: Timestamp) -> Result<(), Error> {
        self.change_queue(move |connection| {
            Box::pin(async move {
                let (seen, now_ms) = (now.plus(DESK_SEEN).as_millis(), now.as_millis());
                run!(
                    connection,
                    "INSERT INTO presence (operator, state, reason, since, idle_since, seen_until) \
                     VALUES (?1, 'offline', '', ?2, ?2, ?3) ON CONFLICT (operator) DO UPDATE SET seen_until = ?3",
                    operator,
                    now_ms,
                    seen
                );
                let was = "SELECT state, reason FROM presence WHERE operator = ?";
                let was = sqlx::query_as(was).bind(operator).fetch_one(&mut *connection).await?;
                let (state, reason): (String, String) = was;
                match (state.as_str(), reason.as_str()) {
                    ("offline", _) => {
                        let away = State { state: "away", reason: "logged-in", ends_at: None, waiting: None };
                        enter(connection, operator, away, now).await?;
                    }
                    ("away", RESTART) => {
                        enter(connection, operator, State::AVAILABLE, now).await?;
                        settle(connection, now).await?;
                    }
                    _ => {}
                }
                Ok(())
            })
        })
        .await
    }

    /// What an operator sets themselves to. Whether it was possible: not while they are rung or talk. Out of a wrap-up
    /// anything ends it.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn set_presence(&self, operator: i64, presence: Presence, now: Timestamp) -> Result<bool, Error> {
        self.change_queue(move |connection| {
            Box::pin(async move {
                let free =
                    "SELECT state, reason FROM presence WHERE operator = ? AND state NOT IN ('reserved', 'talking')";
                let free = sqlx::query_as(free).bind(operator).fetch_optional(&mut *connection).await?;
                let Some((state, reason)): Option<(String, String)> = free else { return Ok(false) };
                let next = match &presence {
                    Presence::Available => State::AVAILABLE,
                    Presence::Away(reason) => State { state: "away", reason, ends_at: None, waiting: None },
                    Presence::Offline => State { state: "offline", reason: "", ends_at: None, waiting: None },
                };
                // Their desk has just been heard of.
                let seen = "UPDATE presence SET seen_until = max(seen_until, ?) WHERE operator = ?";
                run!(connection, seen, now.plus(DESK_SEEN).as_millis(), operator);
                // Saying it twice costs nobody the time that they have waited.
                if (next.state, next.reason) != (state.as_str(), reason.as_str()) {
                    enter(connection, operator, next, now).await?;
                }
                settle(connection, now).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Their desk is open. Nobody needs to be told.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn keep_seen(&self, operator: i64, now: Timestamp) -> Result<(), Error> {
        let until = now.plus(DESK_SEEN).as_millis();
        self.write(move |connection| {
            Box::pin(async move {
                run!(connection, "UPDATE presence SET seen_until = ? WHERE operator = ?", until, operator);
                Ok(())
            })
        })
        .await
    }

    /// Gives an operator more time after a talk. Whether they are in a wrap-up.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn extend_wrap_up(&self, operator: i64, by: Duration, now: Timestamp) -> Result<bool, Error> {
        self.change_queue(move |connection| {
            Box::pin(async move {
                let longer =
                    "UPDATE presence SET ends_at = max(ends_at, ?) + ? WHERE operator = ? AND state = 'wrap-up'";
                Ok(run!(connection, longer, now.as_millis(), millis(by), operator) > 0)
            })
        })
        .await
    }
}

/// A talk is over: time to write it up.
pub(super) async fn wrap_up(
    connection: &mut SqliteConnection,
    operator: i64,
    waiting: i64,
    now: Timestamp,
) -> Written<()> {
    let next = State { state: "wrap-up", reason: "", ends_at: Some(now.plus(WRAP_UP)), waiting: Some(waiting) };
    enter(connection, operator, next, now).await
}
