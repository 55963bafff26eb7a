//! Those who wait, as desks and the wall see them. Nothing personal: that is in the calls themselves.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Written, settle};
use crate::call::{CallId, Timestamp};
use crate::store::{Database, Error};

/// Somebody who wants a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    pub no: i64,
    pub call: CallId,
    pub line: String,
    pub queue: String,
    /// To be called back; else on the line.
    pub call_back: bool,
    pub simulated: bool,
    pub language: String,
    pub subject: String,
    pub priority: i64,
    pub arrived_at: Timestamp,
    pub joined_at: Timestamp,
    pub state: WaiterState,
    /// `operators.no` of whom they are given to.
    pub operator: Option<i64>,
    pub answered_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
}

/// How far they have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaiterState {
    Waiting,
    Reserved,
    Talking,
    Over,
}

const COLUMNS: &str = "no, call, line, queue, kind, simulated, language, subject, priority, arrived_at, joined_at, state, \
                       operator, answered_at, due_at";

fn waiter(row: &SqliteRow) -> Written<Waiter> {
    let bytes: Vec<u8> = row.try_get("call")?;
    let call = <[u8; 16]>::try_from(bytes.as_slice()).map_err(|wrong| sqlx::Error::Decode(wrong.into()))?;
    let kind: String = row.try_get("kind")?;
    let state: String = row.try_get("state")?;
    let optional = |name: &str| -> Written<Option<Timestamp>> {
        Ok(row.try_get::<Option<i64>, _>(name)?.map(Timestamp::from_millis))
    };
    Ok(Waiter {
        no: row.try_get("no")?,
        call: CallId::from_bytes(call),
        line: row.try_get("line")?,
        queue: row.try_get("queue")?,
        call_back: kind == "call-back",
        simulated: row.try_get("simulated")?,
        language: row.try_get("language")?,
        subject: row.try_get("subject")?,
        priority: row.try_get("priority")?,
        arrived_at: Timestamp::from_millis(row.try_get("arrived_at")?),
        joined_at: Timestamp::from_millis(row.try_get("joined_at")?),
        state: match state.as_str() {
            "waiting" => WaiterState::Waiting,
            "reserved" => WaiterState::Reserved,
            "talking" => WaiterState::Talking,
            _ => WaiterState::Over,
        },
        operator: row.try_get("operator")?,
        answered_at: optional("answered_at")?,
        due_at: optional("due_at")?,
    })
}

impl Database {
    /// Everybody who waits or talks now or is to be called back, in the order in which they are served.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn waiting_now(&self) -> Result<Vec<Waiter>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM waiting WHERE state <> 'over' ORDER BY line, queue, priority DESC, arrived_at, no"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(self.readers()).await?;
        Ok(rows.iter().map(waiter).collect::<Written<Vec<_>>>()?)
    }

    /// One of them, by `waiting.no`, whatever has become of them.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn waiter(&self, no: i64) -> Result<Option<Waiter>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM waiting WHERE no = ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(no).fetch_optional(self.readers()).await?;
        Ok(row.as_ref().map(waiter).transpose()?)
    }

    /// The last wait of a call.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn waiter_of(&self, call: CallId) -> Result<Option<Waiter>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM waiting WHERE call = ? ORDER BY no DESC LIMIT 1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(call.as_bytes().as_slice());
        Ok(row.fetch_optional(self.readers()).await?.as_ref().map(waiter).transpose()?)
    }

    /// Ends what has lasted too long and gives those who wait the operators who are free. How much of that there was.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn match_waiting(&self, now: Timestamp) -> Result<u32, Error> {
        let matched = self.write(move |connection| Box::pin(settle(connection, now))).await?;
        if matched > 0 {
            self.ring_bell();
        }
        Ok(matched)
    }
}
