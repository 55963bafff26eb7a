//! Logging in: tries are counted, a session is made, looked up, ended.
//!
//! A try is first reserved, as a row that counts as failed; only then is the password checked; who is right takes the
//! rows away. So no crowd of requests gets more tries than one after the other would. A number that nobody has is
//! counted and checked as any other.

use std::time::Duration;

use base64::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::password::{self, LONGEST, Unfit};
use super::{Accounts, Error, Role, end_sessions, is_number};
use crate::call::Timestamp;
use crate::desk::audit::{Deed, Who};

/// A session ends so long after the login, whatever happens.
pub const ABSOLUTE: Duration = Duration::from_hours(12);
/// A session ends when nothing was heard of it for so long. A desk that is open in a browser is heard of all the time.
pub const IDLE: Duration = Duration::from_hours(1);
/// So many failures within [`LOCK_WINDOW`] lock a number.
const MOST_FAILURES: u32 = 5;
const LOCK_WINDOW: Duration = Duration::from_mins(15);
/// For how long, from the last failure.
const LOCKED_FOR: Duration = Duration::from_mins(15);
/// How many sessions somebody may have; one more ends the oldest.
const MOST_SESSIONS: u32 = 4;
/// How exactly it is known when a session was last heard of: a write for each request would be many.
const SEEN_EVERY: Duration = Duration::from_mins(1);

/// Which session: the hash of its token, so that who reads the database cannot come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionId([u8; 32]);

impl SessionId {
    /// The session with this token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Person {
    /// `operators.no`.
    pub no: i64,
    pub number: String,
    pub name: String,
    pub role: Role,
    /// What a request that changes something must bring.
    pub csrf: String,
    /// They have a password that somebody else knows: nothing is for them but changing it.
    pub must_change: bool,
    pub session: SessionId,
}

impl Person {
    /// As who does something.
    #[must_use]
    pub fn who(&self) -> Who {
        Who { operator: Some(self.no), name: self.number.clone() }
    }
}

/// A session that was made.
#[derive(Debug)]
pub struct Session {
    /// What the browser is given. Nothing here knows it afterwards.
    pub token: SecretString,
    /// `operators.no`.
    pub operator: i64,
    pub must_change: bool,
    pub role: Role,
}

/// What became of a try to log in.
#[derive(Debug)]
pub enum LogIn {
    In(Session),
    /// The number, the password, or both; or they are disabled.
    Wrong,
    /// There were too many failures with this number; nothing was checked.
    Locked,
}

/// What became of a new password.
#[derive(Debug)]
pub enum Changed {
    /// All sessions have ended; this is the new one.
    In(Session),
    /// The present password is another.
    Wrong,
    Locked,
    Unfit(Unfit),
}

/// Whether a try may be made.
enum Reserved {
    ToCheck,
    Locked,
}

impl Accounts {
    /// Lets somebody in, or does not. `instead` is the session that their browser had, which ends.
    ///
    /// # Errors
    /// Trouble of the database or of a thread: nobody is let in.
    pub async fn log_in(
        &self,
        number: &str,
        password: SecretString,
        instead: Option<SessionId>,
        now: Timestamp,
    ) -> Result<LogIn, Error> {
        let hash = match self.try_password(number, password, now).await? {
            Tried::Right(hash) => hash,
            Tried::Wrong => return Ok(LogIn::Wrong),
            Tried::Locked => return Ok(LogIn::Locked),
        };
        let number = number.to_owned();
        let making = self.database.write(move |connection| {
            Box::pin(async move {
                if let Some(SessionId(old)) = instead {
                    sqlx::query("DELETE FROM logins WHERE token = ?")
                        .bind(old.as_slice())
                        .execute(&mut *connection)
                        .await?;
                }
                // The password may have been reset while it was checked.
                let row = sqlx::query(
                    "SELECT no, must_change, role FROM operators WHERE number = ? AND password = ? AND disabled_at IS NULL",
                )
                .bind(&number)
                .bind(hash)
                .fetch_optional(&mut *connection)
                .await?;
                let Some(row) = row else { return Ok(None) };
                forget_tries(connection, &number).await?;
                let who = Who { operator: Some(row.try_get("no")?), name: number };
                Deed::new(who, "logged-in", "").write(connection, now).await?;
                make_session(connection, &row, now).await.map(Some)
            })
        });
        Ok(making.await?.map_or(LogIn::Wrong, LogIn::In))
    }

    /// Who has this session, if it has not ended; it has been heard of.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn person(&self, session: SessionId, now: Timestamp) -> Result<Option<Person>, Error> {
        let row = sqlx::query(
            "SELECT l.csrf, l.seen_at, o.no, o.number, o.name, o.role, o.must_change \
             FROM logins l JOIN operators o ON o.no = l.operator \
             WHERE l.token = ? AND l.ends_at > ? AND l.seen_at > ? AND o.disabled_at IS NULL",
        )
        .bind(session.0.as_slice())
        .bind(now.as_millis())
        .bind(now.before(IDLE).as_millis())
        .fetch_optional(self.database.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        if now.since(Timestamp::from_millis(row.try_get("seen_at")?)) >= SEEN_EVERY {
            self.seen(session, now).await?;
        }
        let role = role_of(&row)?;
        Ok(Some(Person {
            no: row.try_get("no")?,
            number: row.try_get("number")?,
            name: row.try_get("name")?,
            role,
            csrf: row.try_get("csrf")?,
            must_change: row.try_get("must_change")?,
            session,
        }))
    }

    async fn seen(&self, SessionId(session): SessionId, now: Timestamp) -> Result<(), Error> {
        let seeing = self.database.write(move |connection| {
            Box::pin(async move {
                sqlx::query("UPDATE logins SET seen_at = max(seen_at, ?) WHERE token = ?")
                    .bind(now.as_millis())
                    .bind(session.as_slice())
                    .execute(connection)
                    .await
            })
        });
        Ok(seeing.await.map(drop)?)
    }

    /// Ends the session. Whether it was the last that they had.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn log_out(&self, person: &Person, now: Timestamp) -> Result<bool, Error> {
        let (no, who, SessionId(session)) = (person.no, person.who(), person.session);
        let ending = self.database.write(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM logins WHERE token = ?")
                    .bind(session.as_slice())
                    .execute(&mut *connection)
                    .await?;
                Deed::new(who, "logged-out", "").write(connection, now).await?;
                sqlx::query_scalar("SELECT NOT EXISTS (SELECT 1 FROM logins WHERE operator = ?)")
                    .bind(no)
                    .fetch_one(connection)
                    .await
            })
        });
        Ok(ending.await?)
    }

    /// Gives somebody the password that they chose. It ends their other sessions: whoever had those may have known
    /// the old one.
    ///
    /// # Errors
    /// Trouble of the database or of a thread: the old password stays.
    pub async fn change_password(
        &self,
        person: &Person,
        old: SecretString,
        new: SecretString,
        now: Timestamp,
    ) -> Result<Changed, Error> {
        if let Err(unfit) = password::check(&new, &person.number) {
            return Ok(Changed::Unfit(unfit));
        }
        if old.expose_secret() == new.expose_secret() {
            return Ok(Changed::Unfit(Unfit::Same));
        }
        let before = match self.try_password(&person.number, old, now).await? {
            Tried::Right(hash) => hash,
            Tried::Wrong => return Ok(Changed::Wrong),
            Tried::Locked => return Ok(Changed::Locked),
        };
        let hash = self.hasher.hash(new).await?;
        let person = person.clone();
        let changing = self.database.write(move |connection| {
            Box::pin(async move {
                let changed = sqlx::query(
                    "UPDATE operators SET password = ?, must_change = 0 \
                     WHERE no = ? AND password = ? AND disabled_at IS NULL RETURNING no, must_change, role",
                )
                .bind(hash)
                .bind(person.no)
                .bind(before)
                .fetch_optional(&mut *connection)
                .await?;
                let Some(row) = changed else { return Ok(None) };
                end_sessions(connection, &person.number).await?;
                forget_tries(connection, &person.number).await?;
                Deed::new(person.who(), "password-changed", "").write(connection, now).await?;
                make_session(connection, &row, now).await.map(Some)
            })
        });
        Ok(changing.await?.map_or(Changed::Wrong, Changed::In))
    }

    /// Deletes sessions that have ended and tries that count no more.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn tidy(&self, now: Timestamp) -> Result<(), Error> {
        let tidying = self.database.write(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM logins WHERE ends_at <= ? OR seen_at <= ?")
                    .bind(now.as_millis())
                    .bind(now.before(IDLE).as_millis())
                    .execute(&mut *connection)
                    .await?;
                sqlx::query("DELETE FROM login_tries WHERE at <= ?")
                    .bind(now.before(LOCK_WINDOW + LOCKED_FOR).as_millis())
                    .execute(connection)
                    .await
            })
        });
        Ok(tidying.await.map(drop)?)
    }

    /// Checks a password; the hash that it fits.
    async fn try_password(&self, number: &str, password: SecretString, now: Timestamp) -> Result<Tried, Error> {
        // What can be no number is not counted: there is no end of it. It takes as long.
        let counted = is_number(number);
        if counted {
            let of = number.to_owned();
            let reserving =
                self.database.write(move |connection| Box::pin(async move { reserve(connection, of, now).await }));
            if let Reserved::Locked = reserving.await? {
                return Ok(Tried::Locked);
            }
        }
        let hash: Option<String> =
            sqlx::query_scalar("SELECT password FROM operators WHERE number = ? AND disabled_at IS NULL")
                .bind(number)
                .fetch_optional(self.database.readers())
                .await?;
        let password = if password.expose_secret().len() > LONGEST { SecretString::default() } else { password };
        let right = self.hasher.is_right(password, hash.clone()).await?;
        Ok(hash.filter(|_| right).map_or(Tried::Wrong, Tried::Right))
    }
}

/// What became of a password that was checked.
enum Tried {
    Right(String),
    Wrong,
    Locked,
}

async fn reserve(connection: &mut SqliteConnection, number: String, now: Timestamp) -> Result<Reserved, sqlx::Error> {
    let latest: Vec<i64> = sqlx::query_scalar("SELECT at FROM login_tries WHERE number = ? ORDER BY at DESC LIMIT ?")
        .bind(&number)
        .bind(MOST_FAILURES)
        .fetch_all(&mut *connection)
        .await?;
    let at = |index: usize| latest.get(index).copied().map(Timestamp::from_millis);
    if let (Some(last), Some(first)) = (at(0), at(MOST_FAILURES as usize - 1))
        && last.since(first) <= LOCK_WINDOW
        && now < last.plus(LOCKED_FOR)
    {
        return Ok(Reserved::Locked);
    }
    sqlx::query("INSERT INTO login_tries (number, at) VALUES (?, ?)")
        .bind(number)
        .bind(now.as_millis())
        .execute(connection)
        .await?;
    Ok(Reserved::ToCheck)
}

async fn forget_tries(connection: &mut SqliteConnection, number: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login_tries WHERE number = ?").bind(number).execute(connection).await.map(drop)
}

fn role_of(row: &SqliteRow) -> Result<Role, sqlx::Error> {
    Role::parse(row.try_get("role")?).ok_or_else(|| sqlx::Error::Decode("no role".into()))
}

/// A session for the operator in `row`; their oldest ones end if they have too many.
async fn make_session(
    connection: &mut SqliteConnection,
    row: &SqliteRow,
    now: Timestamp,
) -> Result<Session, sqlx::Error> {
    let operator: i64 = row.try_get("no")?;
    let token = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    sqlx::query("INSERT INTO logins (token, operator, csrf, made_at, seen_at, ends_at) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(SessionId::of(&token).0.as_slice())
        .bind(operator)
        .bind(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))
        .bind(now.as_millis())
        .bind(now.as_millis())
        .bind(now.plus(ABSOLUTE).as_millis())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM logins WHERE operator = ? AND token NOT IN \
         (SELECT token FROM logins WHERE operator = ? ORDER BY made_at DESC, token = ? DESC LIMIT ?)",
    )
    .bind(operator)
    .bind(operator)
    .bind(SessionId::of(&token).0.as_slice())
    .bind(MOST_SESSIONS)
    .execute(connection)
    .await?;
    Ok(Session { token: token.into(), operator, must_change: row.try_get("must_change")?, role: role_of(row)? })
}
