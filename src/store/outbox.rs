//! What must still happen outside: it is written before it is tried, so that it outlives the process.
//!
//! What may happen twice (a redirect) is tried until it is done. What may not (a call, an SMS) is marked
//! before it is sent; if its end is not known it stays so, for somebody to look at. *What* is sent is not known here.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::{Database, Error};
use crate::call::{CallId, Timestamp};

/// What kind of thing is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutKind {
    /// A caller who waits is sent on to what comes next.
    Redirect,
    /// Two people are joined by a call out.
    Call,
    Sms,
}

impl OutKind {
    const ALL: [Self; 3] = [Self::Redirect, Self::Call, Self::Sms];

    /// Its word in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Call => "call",
            Self::Sms => "sms",
        }
    }

    /// Whether it may happen twice.
    #[must_use]
    pub const fn is_harmless(self) -> bool {
        matches!(self, Self::Redirect)
    }
}

/// Texts to a number are counted over so long.
const COUNTED_OVER: Duration = Duration::from_hours(24);

/// Whom a text goes to, as far as they must be known to count their texts.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Their number, hashed under a key.
    pub hash: [u8; 32],
    /// How many texts they are sent within 24 hours.
    pub most: u32,
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub no: i64,
    pub call: CallId,
    pub profile: String,
    pub kind: OutKind,
    /// Sealed under the key of the call; empty where there is nothing to say.
    pub body: Vec<u8>,
    pub made_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutState {
    /// It is tried again then.
    Due(Timestamp),
    Done,
    /// It did not happen and will not.
    Failed,
    /// It may have happened.
    Unknown,
}

impl OutState {
    const fn name(self) -> &'static str {
        match self {
            Self::Due(_) => "due",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// Writes something that must happen, with whatever else `connection` is writing.
///
/// # Errors
/// What the database says.
pub async fn enqueue(
    connection: &mut SqliteConnection,
    call: CallId,
    profile: &str,
    kind: OutKind,
    body: Vec<u8>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO outbox (call, profile, kind, body, made_at, next_at, state) VALUES (?, ?, ?, ?, ?, ?, 'due')",
    )
    .bind(call.as_bytes().as_slice())
    .bind(profile)
    .bind(kind.name())
    .bind(body)
    .bind(now.as_millis())
    .bind(now.as_millis())
    .execute(connection)
    .await
    .map(drop)
}

/// Writes a text that must be sent, unless its recipient has had as many as they may. Whether it was written.
pub(super) async fn enqueue_text(
    connection: &mut SqliteConnection,
    call: CallId,
    profile: &str,
    (to, body): (&Recipient, Vec<u8>),
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let written = sqlx::query(
        "INSERT INTO outbox (call, profile, kind, body, recipient, made_at, next_at, state) \
         SELECT ?, ?, 'sms', ?, ?4, ?5, ?5, 'due' \
         WHERE (SELECT count(*) FROM outbox WHERE recipient = ?4 AND made_at > ?6 AND state <> 'failed') < ?7",
    )
    .bind(call.as_bytes().as_slice())
    .bind(profile)
    .bind(body)
    .bind(to.hash.as_slice())
    .bind(now.as_millis())
    .bind(now.before(COUNTED_OVER).as_millis())
    .bind(to.most)
    .execute(connection)
    .await?;
    Ok(written.rows_affected() > 0)
}

impl Database {
    /// Whether somebody may be sent one more text. What surely was not sent does not count.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn may_be_texted(&self, to: &Recipient, now: Timestamp) -> Result<bool, Error> {
        let counted = "SELECT count(*) < ? FROM outbox WHERE recipient = ? AND made_at > ? AND state <> 'failed'";
        let counted = sqlx::query_scalar(counted).bind(to.most).bind(to.hash.as_slice());
        Ok(counted.bind(now.before(COUNTED_OVER).as_millis()).fetch_one(self.readers()).await?)
    }

    /// Has every caller who waits and has an operator now sent on at once, if their provider is one of `profiles` (a
    /// JSON list): once for each time that somebody was reserved for them. How many.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn redirect_reserved(&self, profiles: String, now: Timestamp) -> Result<u64, Error> {
        // Nearly always there is nobody, and nothing to write.
        let reserved =
            "SELECT EXISTS (SELECT 1 FROM waiting WHERE state = 'reserved' AND kind = 'call' AND rung_at IS NULL)";
        if !sqlx::query_scalar::<_, bool>(reserved).fetch_one(self.readers()).await? {
            return Ok(0);
        }
        self.write(move |connection| {
            Box::pin(async move {
                let sent = sqlx::query(
                    "INSERT INTO outbox (call, profile, kind, body, made_at, next_at, state) \
                     SELECT w.call, c.profile, 'redirect', x'', ?1, ?1, 'due' \
                     FROM waiting w JOIN calls c ON c.id = w.call \
                     WHERE w.state = 'reserved' AND w.kind = 'call' AND w.rung_at IS NULL \
                     AND c.profile IN (SELECT value FROM json_each(?2)) \
                     AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.call = w.call AND o.kind = 'redirect' \
                                     AND o.made_at >= w.reserved_at)",
                )
                .bind(now.as_millis())
                .bind(profiles)
                .execute(connection)
                .await?;
                Ok(sent.rows_affected())
            })
        })
        .await
    }

    /// What is due of what may happen twice, or of what may not; the longest due first.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn outgoing(&self, harmless: bool, now: Timestamp, most: u32) -> Result<Vec<Outgoing>, Error> {
        let rows = sqlx::query(
            "SELECT no, call, profile, kind, body, made_at, tries FROM outbox \
             WHERE state = 'due' AND next_at <= ? AND (kind = 'redirect') = ? ORDER BY next_at LIMIT ?",
        )
        .bind(now.as_millis())
        .bind(harmless)
        .bind(most)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.iter().map(outgoing_of).collect::<Result<_, _>>()?)
    }

    /// Marks something before it is sent. Whether it is still due: nobody else sends it.
    ///
    /// # Errors
    /// Trouble of the database: it is not to be sent.
    pub async fn mark_sending(&self, no: i64) -> Result<bool, Error> {
        self.write(move |connection| {
            Box::pin(async move {
                let marked = sqlx::query("UPDATE outbox SET state = 'sending' WHERE no = ? AND state = 'due'")
                    .bind(no)
                    .execute(connection)
                    .await?;
                Ok(marked.rows_affected() > 0)
            })
        })
        .await
    }

    /// Writes what became of it; `trouble` has no number and no text of anybody in it.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn settle_outgoing(&self, no: i64, state: OutState, trouble: &'static str) -> Result<(), Error> {
        self.write(move |connection| {
            Box::pin(async move {
                let next = if let OutState::Due(next) = state { Some(next.as_millis()) } else { None };
                sqlx::query("UPDATE outbox SET state = ?, next_at = coalesce(?, next_at), tries = tries + 1, trouble = ? WHERE no = ?")
                    .bind(state.name())
                    .bind(next)
                    .bind(trouble)
                    .bind(no)
                    .execute(connection)
                    .await
                    .map(drop)
            })
        })
        .await
    }

    /// At a start: what a process that is gone was sending. Nobody knows whether it happened. How many.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn recover_outgoing(&self) -> Result<u64, Error> {
        self.write(|connection| {
            Box::pin(async move {
                let unknown = sqlx::query(
                    "UPDATE outbox SET state = 'unknown', trouble = 'the server stopped while it was sent' \
                     WHERE state = 'sending'",
                );
                Ok(unknown.execute(connection).await?.rows_affected())
            })
        })
        .await
    }

    /// The state of the latest call or SMS out for a call, with what was wrong: for the desk.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn last_outgoing(&self, call: CallId, kind: OutKind) -> Result<Option<(String, String)>, Error> {
        let row = sqlx::query("SELECT state, trouble FROM outbox WHERE call = ? AND kind = ? ORDER BY no DESC LIMIT 1")
            .bind(call.as_bytes().as_slice())
            .bind(kind.name())
            .fetch_optional(self.readers())
            .await?;
        Ok(row.map(|row| Ok::<_, sqlx::Error>((row.try_get(0)?, row.try_get(1)?))).transpose()?)
    }
}

fn outgoing_of(row: &SqliteRow) -> Result<Outgoing, sqlx::Error> {
    let unreadable = |what: &str| sqlx::Error::Decode(format!("{what} of the outbox cannot be read").into());
    let call: Vec<u8> = row.try_get("call")?;
    let word: &str = row.try_get("kind")?;
    Ok(Outgoing {
        no: row.try_get("no")?,
        call: CallId::from_bytes(call.try_into().map_err(|_| unreadable("the call"))?),
        profile: row.try_get("profile")?,
        kind: OutKind::ALL.into_iter().find(|kind| kind.name() == word).ok_or_else(|| unreadable("the kind"))?,
        body: row.try_get("body")?,
        made_at: Timestamp::from_millis(row.try_get("made_at")?),
        tries: row.try_get("tries")?,
    })
}
