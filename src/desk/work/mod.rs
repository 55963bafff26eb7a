//! What one operator works on: the caller whom they are rung for, talk to or write about, and what lies on the lists.
//!
//! Every function takes the operator and gives or changes what is theirs, and nothing else. It is *not* the queue: who is
//! rung for whom is decided in `store`. Start with [`Work::of`].

mod call_backs;
mod colleagues;
mod contact;
mod earlier;
mod member;
mod records;
mod tickets;
mod transfer;

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow as _, Row as _};

use super::audit::Who;
use crate::call::{CallId, Timestamp};
use crate::store::{Database, SealError};

pub use call_backs::{CallBack, call_backs, contact};
pub use colleagues::{Colleague, Presence, colleagues, presence};
pub use contact::{LONGEST_NOTE, RESULTS, note, write_contact};
pub use earlier::{Earlier, earlier};
pub use member::{FIELDS, Masked, masked, reveal};
pub use records::{OFFERED, look};
pub use tickets::{Opened, Step, Ticket, TicketState, change_ticket, open_ticket, take_ticket, ticket_call, tickets};
pub use transfer::{Goes, transfer, transfer_note};

/// Why something cannot be done at the desk.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this call is over, or it is somebody else's")]
    Over,
    #[error("there is no such thing here")]
    None,
    /// Why, as a word that the page has a sentence for.
    #[error("that is refused: {0}")]
    Refused(&'static str),
    #[error("the database cannot be read")]
    Read(#[from] sqlx::Error),
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    #[error(transparent)]
    Sealed(#[from] SealError),
    #[error(transparent)]
    Lookup(#[from] crate::lookup::Error),
}

/// Whoever works.
#[derive(Clone, Debug)]
pub struct Worker {
    /// `operators.no`.
    pub no: i64,
    pub who: Who,
    /// May see what lies on the lists whoever works on it.
    pub supervises: bool,
}

/// How far an operator is with somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Rings.
    Reserved,
    Talking,
    WrapUp,
}

/// Whom an operator is rung for, talks to, or has just talked to.
#[derive(Clone, Debug)]
pub struct Work {
    /// `waiting.no`.
    pub no: i64,
    pub call: CallId,
    pub line: String,
    pub queue: String,
    /// It is a number to be called back.
    pub is_call_back: bool,
    pub simulated: bool,
    pub language: String,
    /// The topic; empty if there is none.
    pub subject: String,
    pub stage: Stage,
    /// When the stage ends by itself.
    pub ends_at: Option<Timestamp>,
    pub arrived_at: Timestamp,
    pub joined_at: Timestamp,
    pub reserved_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub tries: u32,
    pub result: String,
    pub(crate) caller: Option<Vec<u8>>,
    pub(crate) contact: Option<Vec<u8>>,
    pub(crate) note: Option<Vec<u8>>,
    pub(crate) transfer_to: Option<String>,
    pub(crate) transfer_note: Option<Vec<u8>>,
}

const OF: &str = "SELECT w.*, p.state AS stage, p.ends_at AS stage_ends_at FROM presence p JOIN waiting w ON w.no = p.waiting \
     WHERE p.operator = ? AND p.state IN ('reserved', 'talking', 'wrap-up')";

impl Work {
    /// What `operator` works on now; `None` if that is nothing.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn of(database: &Database, operator: i64) -> Result<Option<Self>, Error> {
        let row = sqlx::query(OF).bind(operator).fetch_optional(database.readers()).await?;
        Ok(row.as_ref().map(Self::from_row).transpose()?)
    }

    /// The same, if it is `no`.
    ///
    /// # Errors
    /// [`Error::Over`] if it is not: the page is stale, or never was allowed to ask.
    pub async fn on(database: &Database, operator: i64, no: i64) -> Result<Self, Error> {
        Self::of(database, operator).await?.filter(|work| work.no == no).ok_or(Error::Over)
    }

    /// The same, while they talk.
    ///
    /// # Errors
    /// [`Error::Over`].
    pub async fn talking(database: &Database, operator: i64, no: i64) -> Result<Self, Error> {
        let work = Self::on(database, operator, no).await?;
        if work.stage == Stage::Talking { Ok(work) } else { Err(Error::Over) }
    }
}

impl sqlx::FromRow<'_, SqliteRow> for Work {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let instant = |column| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_millis));
        let certain = |column| Ok::<_, sqlx::Error>(Timestamp::from_millis(row.try_get(column)?));
        let stage = match row.try_get::<&str, _>("stage")? {
            "reserved" => Stage::Reserved,
            "talking" => Stage::Talking,
            _ => Stage::WrapUp,
        };
        Ok(Self {
            no: row.try_get("no")?,
            call: call_id(row.try_get("call")?)?,
            line: row.try_get("line")?,
            queue: row.try_get("queue")?,
            is_call_back: row.try_get::<&str, _>("kind")? == "call-back",
            simulated: row.try_get("simulated")?,
            language: row.try_get("language")?,
            subject: row.try_get("subject")?,
            stage,
            ends_at: instant("stage_ends_at")?,
            arrived_at: certain("arrived_at")?,
            joined_at: certain("joined_at")?,
            reserved_at: instant("reserved_at")?,
            answered_at: instant("answered_at")?,
            due_at: instant("due_at")?,
            tries: row.try_get("tries")?,
            result: row.try_get("result")?,
            caller: row.try_get("caller")?,
            contact: row.try_get("contact")?,
            note: row.try_get("note")?,
            transfer_to: row.try_get("transfer_to")?,
            transfer_note: row.try_get("transfer_note")?,
        })
    }
}

pub(super) fn call_id(bytes: Vec<u8>) -> Result<CallId, sqlx::Error> {
    let bytes = bytes.try_into().map_err(|_| sqlx::Error::Decode("a call id has 16 bytes".into()))?;
    Ok(CallId::from_bytes(bytes))
}
