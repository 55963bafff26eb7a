//! Whom a call has verified. Both types are made from the call's verified record and from nothing else.

use std::fmt;

use sqlx::Row as _;

use super::Error;
use crate::call::{CallId, Timestamp};
use crate::store::Database;

/// The member whom this call has verified by a right PIN that is not an initial one. Every personal lookup takes one.
///
/// It has no public constructor and cannot be read from data:
///
/// ```compile_fail
/// let subject = hotline::lookup::Subject { person_no: "d0000000".into(), ends_at: Default::default() };
/// ```
/// ```compile_fail
/// let subject: hotline::lookup::Subject = serde_json::from_str("{}").unwrap();
/// ```
pub struct Subject {
    person_no: String,
    ends_at: Timestamp,
}

/// Whoever may set a PIN in this call: a [`Subject`], or a person whose initial PIN was right.
///
/// ```compile_fail
/// fn balance(holder: &hotline::lookup::PinHolder) -> &hotline::lookup::Subject { holder }
/// ```
pub struct PinHolder {
    person_no: String,
}

impl Subject {
    /// The subject of `call`, if somebody is verified and the time is not over: 15 minutes from the verification.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub async fn of_call(db: &Database, call: CallId, now: Timestamp) -> Result<Option<Self>, Error> {
        let verified = Verified::of_call(db, call, now).await?;
        Ok(verified
            .filter(|verified| verified.full)
            .map(|verified| Self { person_no: verified.person_no, ends_at: verified.ends_at }))
    }

    /// The bureau's number of the person: for queries and effects, never for a log.
    #[must_use]
    pub fn person_no(&self) -> &str {
        &self.person_no
    }

    /// From then on it is good for nothing.
    #[must_use]
    pub const fn ends_at(&self) -> Timestamp {
        self.ends_at
    }
}

impl PinHolder {
    /// Who may set a PIN in `call`, if somebody was verified, by an initial PIN too, and the time is not over.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub async fn of_call(db: &Database, call: CallId, now: Timestamp) -> Result<Option<Self>, Error> {
        Ok(Verified::of_call(db, call, now).await?.map(|verified| Self { person_no: verified.person_no }))
    }

    /// The bureau's number of the person: for queries and effects, never for a log.
    #[must_use]
    pub fn person_no(&self) -> &str {
        &self.person_no
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("subject")
    }
}

impl fmt::Debug for PinHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("holder of a PIN")
    }
}

struct Verified {
    person_no: String,
    ends_at: Timestamp,
    full: bool,
}

impl Verified {
    async fn of_call(db: &Database, call: CallId, now: Timestamp) -> Result<Option<Self>, Error> {
        let row = sqlx::query("SELECT person_no, ends_at, full FROM verifications WHERE call = ? AND ends_at > ?")
            .bind(call.as_bytes().as_slice())
            .bind(now.as_millis())
            .fetch_optional(db.readers())
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Self {
            person_no: row.try_get("person_no")?,
            ends_at: Timestamp::from_millis(row.try_get("ends_at")?),
            full: row.try_get("full")?,
        }))
    }
}
