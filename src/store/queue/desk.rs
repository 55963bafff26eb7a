//! What operators do about whom they are reserved for, other than answering a telephone.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::change::taken;
use super::matching::{end, wait_on};
use super::presence::{State, enter, wrap_up};
use super::{Written, run, settle};
use crate::call::Timestamp;
use crate::store::{Database, Error};

/// How long after a try in vain somebody is called back again, and how often.
const AGAIN: Duration = Duration::from_mins(15);
const MOST_TRIES: i64 = 3;

/// What came of a call-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalledBack {
    /// The operator calls the number now.
    Calling,
    Reached,
    NotReached,
}

/// Whom an operator has, and how far.
async fn theirs(
    connection: &mut SqliteConnection,
    operator: i64,
    no: i64,
) -> Written<Option<(String, String, bool, i64)>> {
    let row = sqlx::query(
        "SELECT w.state, w.kind, w.rung_at IS NOT NULL, w.tries FROM presence p JOIN waiting w ON w.no = p.waiting \
         WHERE p.operator = ? AND w.no = ? AND w.operator = p.operator AND p.state IN ('reserved', 'talking')",
    )
    .bind(operator)
    .bind(no)
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))).transpose()
}

impl Database {
    /// An operator does not want whom they are reserved for, whose call has not rung yet: they are set away. Whether they
    /// were still theirs.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn decline(&self, operator: i64, no: i64, now: Timestamp) -> Result<bool, Error> {
        self.change_queue(move |connection| {
            Box::pin(async move {
                let Some((state, _, rung, _)) = theirs(connection, operator, no).await? else { return Ok(false) };
                if state != "reserved" || rung {
                    return Ok(false);
                }
                wait_on(connection, no).await?;
                let away = State { state: "away", reason: "declined", ends_at: None, waiting: None };
                enter(connection, operator, away, now).await?;
                settle(connection, now).await?;
                Ok(true)
            })
        })
        .await
    }

    /// What an operator did about somebody who is to be called back. Whether they were theirs, and that far.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn called_back(&self, operator: i64, no: i64, did: CalledBack, now: Timestamp) -> Result<bool, Error> {
        self.change_queue(move |connection| {
            Box::pin(async move {
                let found = theirs(connection, operator, no).await?.filter(|(_, kind, ..)| kind == "call-back");
                let Some((state, _, _, tries)) = found else { return Ok(false) };
                match (did, state.as_str()) {
                    (CalledBack::Calling, "reserved") => taken(connection, no, operator, now).await?,
                    (CalledBack::Reached, "talking") => {
                        end(connection, no, "talking", Some(operator), "called-back", now).await?;
                        run!(connection, "UPDATE waiting SET outcome = 'called-back' WHERE no = ?", no);
                    }
                    (CalledBack::NotReached, "talking") if tries + 1 >= MOST_TRIES => {
                        end(connection, no, "talking", Some(operator), "not-reached", now).await?;
                        let over = "UPDATE waiting SET outcome = 'not-reached', tries = tries + 1 WHERE no = ?";
                        run!(connection, over, no);
                    }
                    (CalledBack::NotReached, "talking") => {
                        run!(
                            connection,
                            "UPDATE waiting SET state = 'waiting', operator = NULL, reserved_at = NULL, answered_at = NULL, \
                             tries = tries + 1, not_before = ? WHERE no = ?",
                            now.plus(AGAIN).as_millis(),
                            no
                        );
                        wrap_up(connection, operator, no, now).await?;
                        run!(connection, "UPDATE presence SET waiting = NULL WHERE operator = ?", operator);
                    }
                    _ => return Ok(false),
                }
                settle(connection, now).await?;
                Ok(true)
            })
        })
        .await
    }
}
