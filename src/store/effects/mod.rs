//! What must happen because of a turn and is written with it, in the same transaction: with a turn that is made once it
//! happens once. One file for each kind of row; *when* anything happens is the flow's business.
//!
//! What is personal comes here sealed under the key of its call, with one of these purposes.

mod call_back;
mod card_loss;
mod count;
mod pin;
mod recording;
mod survey;
mod ticket;

use std::fmt;

use jiff::civil::Date;
use sqlx::sqlite::SqliteConnection;
use tracing::warn;

use super::Error;
use super::outbox::{Recipient, enqueue_text};
use crate::call::{CallId, Timestamp};
use crate::flow::QueueChange;

pub use call_back::CallBack;
pub use recording::KeptRecording;
pub use ticket::{NewTicket, TicketKind};

/// The purpose under which telephone numbers of `tickets` and `waiting` are sealed.
pub const CONTACT: &[u8] = b"contact";
/// The same for `recordings.source`.
pub const SOURCE: &[u8] = b"recording-source";
/// The same for `recordings.sound`.
pub const SOUND: &[u8] = b"recording-sound";

/// Something that must happen because of a turn and is written with it.
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    /// The verified person has a new PIN, of which this is the hash; this call is then fully verified.
    SetPin {
        person_no: String,
        hash: String,
        at: Timestamp,
    },
    /// What becomes of a caller who waits for an operator, and of the operator.
    Queue {
        change: QueueChange,
        at: Timestamp,
    },
    /// The call is over: what is counted of it, as JSON, and where it stood.
    Count {
        node: Option<String>,
        tally: String,
    },
    KeepRecording(KeptRecording),
    FileTicket(Box<NewTicket>),
    BookCallBack(CallBack),
    /// 1 to 5; the last one counts.
    Rate {
        score: u8,
        at: Timestamp,
    },
    /// The recording of why.
    RateReason {
        recording: String,
    },
    /// The card of the member whom this call has verified is lost.
    ReportCardLoss {
        until: Date,
        at: Timestamp,
    },
    /// The caller is sent an SMS, unless they have had as many as they may: `body` is what the outbox has, sealed.
    Sms {
        profile: String,
        to: Recipient,
        body: Vec<u8>,
        at: Timestamp,
    },
}

impl Effect {
    /// Its word in logs and errors.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SetPin { .. } => "set-pin",
            Self::Queue { .. } => "queue",
            Self::Count { .. } => "count",
            Self::KeepRecording(_) => "keep-recording",
            Self::FileTicket(_) => "file-ticket",
            Self::BookCallBack(_) => "book-call-back",
            Self::Rate { .. } => "rate",
            Self::RateReason { .. } => "rate-reason",
            Self::ReportCardLoss { .. } => "report-card-loss",
            Self::Sms { .. } => "sms",
        }
    }

    /// Writes it.
    pub(super) async fn apply(&self, connection: &mut SqliteConnection, call: CallId) -> Result<(), Error> {
        let found = match self {
            Self::SetPin { person_no, hash, at } => pin::set(connection, call, (person_no, hash), *at).await?,
            Self::Queue { change, at } => {
                super::queue::apply(connection, call, *change, *at).await?;
                true
            }
            Self::Count { node, tally } => {
                count::write(connection, call, node.as_deref(), tally).await?;
                true
            }
            Self::KeepRecording(recording) => recording::keep(connection, call, recording).await?,
            Self::FileTicket(new) => ticket::file(connection, call, new).await?,
            Self::BookCallBack(booked) => call_back::book(connection, call, booked).await?,
            Self::Rate { score, at } => survey::rate(connection, call, *score, *at).await?,
            Self::RateReason { recording } => survey::reason(connection, call, recording).await?,
            Self::ReportCardLoss { until, at } => card_loss::report(connection, call, *until, *at).await?,
            Self::Sms { profile, to, body, at } => {
                if !enqueue_text(connection, call, profile, (to, body.clone()), *at).await? {
                    warn!(call.id = %call, "a text is not sent: other calls of the same number have used up what it may get");
                }
                true
            }
        };
        if found { Ok(()) } else { Err(Error::NoSuchRow { effect: self.name() }) }
    }
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The member whom the call has verified, if that still holds.
async fn member(
    connection: &mut SqliteConnection,
    call: CallId,
    now: Timestamp,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT person_no FROM verifications WHERE call = ? AND full = 1 AND ends_at > ?")
        .bind(call.as_bytes().as_slice())
        .bind(now.as_millis())
        .fetch_optional(connection)
        .await
}
