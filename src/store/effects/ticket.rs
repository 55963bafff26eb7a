//! Messages, complaints and reports.

use sqlx::sqlite::SqliteConnection;

use crate::call::{CallId, Timestamp, YearMonth};

/// A ticket that is filed.
#[derive(Clone, PartialEq, Eq)]
pub struct NewTicket {
    /// Digits; no two tickets have the same.
    pub reference: String,
    pub kind: TicketKind,
    pub language: String,
    /// What is complained about, or the topic of a message.
    pub subject: String,
    pub since: Option<YearMonth>,
    /// The number to call, sealed as [`CONTACT`](super::CONTACT).
    pub contact: Option<Vec<u8>>,
    /// `recordings.name`.
    pub recording: Option<String>,
    pub at: Timestamp,
    pub due_at: Timestamp,
}

/// What a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    Message,
    /// By whom it concerns, who has proved who they are.
    Complaint,
    Report,
}

impl TicketKind {
    /// The word in the database and in flow files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Complaint => "complaint",
            Self::Report => "report",
        }
    }
}

/// A complaint is the verified member's; without one there is no complaint. A report is nobody's.
pub(super) async fn file(
    connection: &mut SqliteConnection,
    call: CallId,
    ticket: &NewTicket,
) -> Result<bool, sqlx::Error> {
    let member: Option<String> = match ticket.kind {
        TicketKind::Report => None,
        TicketKind::Message | TicketKind::Complaint => super::member(connection, call, ticket.at).await?,
    };
    if ticket.kind == TicketKind::Complaint && member.is_none() {
        return Ok(false);
    }
    let since = ticket.since.map(|since| i32::from(since.year()) * 100 + i32::from(since.month()));
    let filed = sqlx::query(
        "INSERT INTO tickets (reference, kind, call, line, simulated, language, subject, since, contact, member, \
         recording, state, made_at, due_at, changed_at) \
         SELECT ?, ?, id, line, simulated, ?, ?, ?, ?, ?, ?, 'registered', ?, ?, ? FROM calls WHERE id = ?",
    )
    .bind(ticket.reference.as_str())
    .bind(ticket.kind.name())
    .bind(ticket.language.as_str())
    .bind(ticket.subject.as_str())
    .bind(since)
    .bind(ticket.contact.as_deref())
    .bind(member)
    .bind(ticket.recording.as_deref())
    .bind(ticket.at.as_millis())
    .bind(ticket.due_at.as_millis())
    .bind(ticket.at.as_millis())
    .bind(call.as_bytes().as_slice())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO ticket_log (ticket, at, state) SELECT no, made_at, state FROM tickets WHERE reference = ?",
    )
    .bind(ticket.reference.as_str())
    .execute(connection)
    .await?;
    Ok(filed.rows_affected() > 0)
}
