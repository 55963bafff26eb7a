//! Tickets at the desk: messages, complaints, reports. All see that there are some; who works on one sees what is in it.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::contact::text;
use super::{Error, LONGEST_NOTE, Worker, call_id};
use crate::call::{CallId, Timestamp};
use crate::desk::audit::Deed;
use crate::store::{CONTACT, CallKey, Database};

/// What a note is bound to, beside its call.
const NOTE: &[u8] = b"ticket-note";
/// How many are shown.
const MOST: u32 = 100;

/// How far a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketState {
    Registered,
    InProgress,
    Settled,
    Forwarded,
    Rejected,
}

impl TicketState {
    /// Every one with its word.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Registered, "registered"),
        (Self::InProgress, "in-progress"),
        (Self::Settled, "settled"),
        (Self::Forwarded, "forwarded"),
        (Self::Rejected, "rejected"),
    ];

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(state, _)| *state)
    }

    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

/// A ticket on the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
#[serde(rename_all = "kebab-case")]
pub struct Ticket {
    pub reference: String,
    pub kind: String,
    pub language: String,
    pub subject: String,
    pub state: String,
    pub made_at: i64,
    pub due_at: i64,
    pub confidential: bool,
    /// The number of whoever works on it.
    pub operator: Option<String>,
}

/// What was done about a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    pub at: i64,
    /// The number of the operator; none if it was the caller.
    pub operator: Option<String>,
    pub state: String,
    pub note: String,
}

/// All of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Opened {
    pub ticket: Ticket,
    /// Since which month, as 202603.
    pub since: Option<i64>,
    /// The number to call.
    pub contact: Option<String>,
    /// The name of what the caller recorded.
    pub recording: Option<String>,
    pub steps: Vec<Step>,
}

/// Open tickets, and those that `worker` works on or may see for other reasons: the most urgent first.
///
/// # Errors
/// Trouble of the database.
pub async fn tickets(database: &Database, simulated: bool) -> Result<Vec<Ticket>, Error> {
    let tickets = "SELECT t.reference, t.kind, t.language, t.subject, t.state, t.made_at, t.due_at, t.confidential, \
             o.number AS operator \
         FROM tickets t LEFT JOIN operators o ON o.no = t.operator \
         WHERE t.state IN ('registered', 'in-progress') AND t.simulated <= ? ORDER BY t.due_at LIMIT ?";
    Ok(sqlx::query_as(tickets).bind(simulated).bind(MOST).fetch_all(database.readers()).await?)
}

/// Takes a ticket that nobody works on; from then on `worker` sees what is in it. Taking it again changes nothing.
///
/// # Errors
/// [`Error::None`]; [`Error::Refused`] if somebody else was first, or it is closed.
pub async fn take_ticket(database: &Database, worker: &Worker, reference: &str, now: Timestamp) -> Result<(), Error> {
    let (operator, who, reference) = (worker.no, worker.who.clone(), reference.to_owned());
    let taken = database.write(move |connection| {
        Box::pin(async move {
            let Some((no, owner, state)) = find(connection, &reference).await? else { return Ok(Err(Error::None)) };
            if owner == Some(operator) {
                return Ok(Ok(()));
            }
            if owner.is_some() || !matches!(state.as_str(), "registered" | "in-progress") {
                return Ok(Err(Error::Refused("taken")));
            }
            sqlx::query("UPDATE tickets SET operator = ?, state = 'in-progress', changed_at = ? WHERE no = ?")
                .bind(operator)
                .bind(now.as_millis())
                .bind(no)
                .execute(&mut *connection)
                .await?;
            log(connection, no, operator, (TicketState::InProgress, None), now).await?;
            Deed::new(who, "ticket-taken", reference).write(connection, now).await?;
            Ok(Ok(()))
        })
    });
    taken.await?
}

/// Sets the state of a ticket that `worker` works on, with a note.
///
/// # Errors
/// [`Error::None`] for a ticket that is not theirs; [`Error::Refused`] for a note that is too long.
pub async fn change_ticket(
    database: &Database,
    worker: &Worker,
    reference: &str,
    (state, note): (TicketState, &str),
    key: &CallKey,
    now: Timestamp,
) -> Result<(), Error> {
    if note.chars().count() > LONGEST_NOTE {
        return Err(Error::Refused("too-long"));
    }
    let note = (!note.is_empty()).then(|| key.seal(NOTE, note.as_bytes()));
    let (operator, supervises, who) = (worker.no, worker.supervises, worker.who.clone());
    let reference = reference.to_owned();
    let changed = database.write(move |connection| {
        Box::pin(async move {
            let found = find(connection, &reference).await?;
            let Some((no, ..)) = found.filter(|(_, owner, _)| supervises || *owner == Some(operator)) else {
                return Ok(Err(Error::None));
            };
            sqlx::query("UPDATE tickets SET state = ?, changed_at = ? WHERE no = ?")
                .bind(state.name())
                .bind(now.as_millis())
                .bind(no)
                .execute(&mut *connection)
                .await?;
            log(connection, no, operator, (state, note), now).await?;
            let deed = Deed { reason: state.name().to_owned(), ..Deed::new(who, "ticket-changed", reference) };
            deed.write(connection, now).await?;
            Ok(Ok(()))
        })
    });
    changed.await?
}

async fn find(
    connection: &mut SqliteConnection,
    reference: &str,
) -> Result<Option<(i64, Option<i64>, String)>, sqlx::Error> {
    let found = sqlx::query_as("SELECT no, operator, state FROM tickets WHERE reference = ?").bind(reference);
    found.fetch_optional(connection).await
}

async fn log(
    connection: &mut SqliteConnection,
    ticket: i64,
    operator: i64,
    (state, note): (TicketState, Option<Vec<u8>>),
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO ticket_log (ticket, at, operator, state, note) VALUES (?, ?, ?, ?, ?)")
        .bind(ticket)
        .bind(now.as_millis())
        .bind(operator)
        .bind(state.name())
        .bind(note)
        .execute(connection)
        .await
        .map(drop)
}

/// The call that a ticket is from, if `worker` works on it or supervises.
///
/// # Errors
/// [`Error::None`] if not.
pub async fn ticket_call(database: &Database, worker: &Worker, reference: &str) -> Result<CallId, Error> {
    let row: Option<(Vec<u8>, Option<i64>)> = sqlx::query_as("SELECT call, operator FROM tickets WHERE reference = ?")
        .bind(reference)
        .fetch_optional(database.readers())
        .await?;
    let mine = row.filter(|(_, operator)| worker.supervises || *operator == Some(worker.no));
    Ok(call_id(mine.ok_or(Error::None)?.0)?)
}

/// All of a ticket that `worker` works on, or supervises. The look is on record first.
///
/// # Errors
/// [`Error::None`] if it is neither.
pub async fn open_ticket(
    database: &Database,
    worker: &Worker,
    reference: &str,
    key: &CallKey,
    now: Timestamp,
) -> Result<Opened, Error> {
    let call = ticket_call(database, worker, reference).await?;
    let deed = Deed { call: Some(call), ..Deed::new(worker.who.clone(), "ticket-read", reference) };
    deed.record(database, now).await?;
    let row = sqlx::query(
        "SELECT t.no, t.reference, t.kind, t.language, t.subject, t.state, t.made_at, t.due_at, t.confidential, \
             o.number AS operator, t.since, t.contact, t.recording \
         FROM tickets t LEFT JOIN operators o ON o.no = t.operator WHERE t.reference = ?",
    )
    .bind(reference)
    .fetch_optional(database.readers())
    .await?
    .ok_or(Error::None)?;
    let contact: Option<Vec<u8>> = row.try_get("contact")?;
    let contact = contact.map(|sealed| text(Some(&sealed), CONTACT, key)).transpose()?;
    Ok(Opened {
        since: row.try_get("since")?,
        contact,
        recording: row.try_get("recording")?,
        steps: steps(database, row.try_get("no")?, key).await?,
        ticket: sqlx::FromRow::from_row(&row)?,
    })
}

async fn steps(database: &Database, ticket: i64, key: &CallKey) -> Result<Vec<Step>, Error> {
    let rows = sqlx::query(
        "SELECT l.at, o.number, l.state, l.note FROM ticket_log l LEFT JOIN operators o ON o.no = l.operator \
         WHERE l.ticket = ? ORDER BY l.rowid",
    )
    .bind(ticket)
    .fetch_all(database.readers())
    .await?;
    let step = |row: &SqliteRow| -> Result<Step, Error> {
        let note: Option<Vec<u8>> = row.try_get("note")?;
        let note = text(note.as_deref(), NOTE, key)?;
        Ok(Step { at: row.try_get("at")?, operator: row.try_get("number")?, state: row.try_get("state")?, note })
    };
    rows.iter().map(step).collect()
}
