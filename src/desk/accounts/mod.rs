//! Operators, supervisors and admins: who they are, and who of them is logged in.
//!
//! Passwords are hashed as PINs are. It is *not* what they do now (presence, `store/queue`), nor the cookie and the
//! pages of a login (`http/desk`). Start with [`Accounts::log_in`] in `login.rs`.

mod demo;
mod login;
pub mod password;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

pub use demo::DEMO;
pub use login::{ABSOLUTE, Changed, IDLE, LogIn, Person, Session, SessionId};

use super::audit::{Deed, Who};
use crate::call::{Language, Name, PhoneNumber, Timestamp};
use crate::lookup::hasher::Hasher;
use crate::store::{self, Database};

/// The longest number of an operator, digits.
const LONGEST_NUMBER: usize = 8;

/// What can go wrong with an account.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the tables of operators could not be read or written")]
    Store(#[from] store::Error),
    #[error("a password could not be hashed or checked")]
    Hash(#[from] crate::lookup::Error),
    #[error("operator {0} is there already; `hotline operator reset` issues a new password")]
    Taken(String),
    #[error("there is no operator {0}; `hotline operator list` shows all")]
    Unknown(String),
    #[error("`{0}` is no number of an operator; it has 2 to {LONGEST_NUMBER} digits")]
    BadNumber(String),
}

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        Self::Store(source.into())
    }
}

/// What somebody may do; each may do what those before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Operator,
    Supervisor,
    Admin,
}

impl Role {
    /// The word in the database and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Operator, Self::Supervisor, Self::Admin].into_iter().find(|role| role.name() == word)
    }
}

/// Somebody who answers.
#[derive(Clone, Debug)]
pub struct Operator {
    pub no: i64,
    /// Digits: what they log in with, and what callers are told.
    pub number: String,
    pub name: String,
    pub role: Role,
    pub must_change: bool,
    pub languages: Vec<Language>,
    /// Topics; empty for all of them.
    pub subjects: Vec<Name>,
    /// Where they are rung; `None`: at their desk in the browser.
    pub address: Option<PhoneNumber>,
    pub disabled_at: Option<Timestamp>,
}

/// Somebody who is to be added.
#[derive(Clone, Debug)]
pub struct NewOperator {
    pub number: String,
    pub name: String,
    pub role: Role,
    pub languages: Vec<Language>,
    pub subjects: Vec<Name>,
    pub address: Option<PhoneNumber>,
}

/// The accounts of an installation.
#[derive(Clone)]
pub struct Accounts {
    database: Database,
    hasher: Hasher,
}

impl Accounts {
    #[must_use]
    pub fn new(database: Database, hasher: Hasher) -> Self {
        Self { database, hasher }
    }

    /// Adds somebody; the password that was made up for them, which is shown once and must be changed.
    ///
    /// # Errors
    /// [`Error::Taken`], [`Error::BadNumber`]; trouble of the database.
    pub async fn add(&self, who: Who, operator: NewOperator, now: Timestamp) -> Result<SecretString, Error> {
        let issued = password::issue();
        self.add_with(who, operator, issued.clone(), true, now).await?;
        Ok(issued)
    }

    /// Adds somebody of a demo, whose password everybody may know.
    ///
    /// # Errors
    /// [`Error::Taken`], [`Error::BadNumber`]; trouble of the database.
    pub async fn add_known(
        &self,
        who: Who,
        operator: NewOperator,
        password: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.add_with(who, operator, password.to_owned().into(), false, now).await
    }

    async fn add_with(
        &self,
        who: Who,
        operator: NewOperator,
        password: SecretString,
        must_change: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        let number = operator.number.clone();
        if !is_number(&number) || number.len() < 2 {
            return Err(Error::BadNumber(number));
        }
        let hash = self.hasher.hash(password).await?;
        let adding = self.database.write(move |connection| {
            Box::pin(async move {
                let added = insert(connection, &operator, hash, must_change, now).await?;
                if added {
                    let deed = Deed::new(who, "operator-added", operator.number);
                    Deed { reason: operator.role.name().to_owned(), ..deed }.write(connection, now).await?;
                }
                Ok(added)
            })
        });
        if adding.await? { Ok(()) } else { Err(Error::Taken(number)) }
    }

    /// Everybody, by number.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn list(&self) -> Result<Vec<Operator>, Error> {
        let rows = sqlx::query("SELECT * FROM operators ORDER BY length(number), number");
        let rows = rows.fetch_all(self.database.readers()).await?;
        Ok(rows.iter().map(operator_of).collect::<Result<_, _>>()?)
    }

    /// Where an operator is rung; `None` at their desk in the browser.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn address(&self, operator: i64) -> Result<Option<PhoneNumber>, Error> {
        let address: Option<Option<String>> = sqlx::query_scalar("SELECT address FROM operators WHERE no = ?")
            .bind(operator)
            .fetch_optional(self.database.readers())
            .await?;
        Ok(address.flatten().and_then(|address| PhoneNumber::parse(&address).ok()))
    }

    /// Whether there is anybody who could log in.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn is_anybody(&self) -> Result<bool, Error> {
        let any = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM operators WHERE disabled_at IS NULL)");
        Ok(any.fetch_one(self.database.readers()).await?)
    }

    /// Issues a new password, ends all sessions and opens a locked number; the password, which is shown once.
    ///
    /// # Errors
    /// [`Error::Unknown`]; trouble of the database.
    pub async fn reset(&self, who: Who, number: &str, now: Timestamp) -> Result<SecretString, Error> {
        let issued = password::issue();
        let hash = self.hasher.hash(issued.clone()).await?;
        let of = number.to_owned();
        let resetting = self.database.write(move |connection| {
            Box::pin(async move {
                let changed = sqlx::query("UPDATE operators SET password = ?, must_change = 1 WHERE number = ?")
                    .bind(hash)
                    .bind(&of)
                    .execute(&mut *connection)
                    .await?;
                end_sessions(connection, &of).await?;
                sqlx::query("DELETE FROM login_tries WHERE number = ?").bind(&of).execute(&mut *connection).await?;
                let found = changed.rows_affected() > 0;
                if found {
                    Deed::new(who, "operator-reset", of).write(connection, now).await?;
                }
                Ok(found)
            })
        });
        if resetting.await? { Ok(issued) } else { Err(Error::Unknown(number.to_owned())) }
    }

    /// Lets somebody in no more, and ends all their sessions.
    ///
    /// # Errors
    /// [`Error::Unknown`]; trouble of the database.
    pub async fn disable(&self, who: Who, number: &str, now: Timestamp) -> Result<(), Error> {
        self.let_in(Deed::new(who, "operator-disabled", number), Some(now), now).await
    }

    /// Lets somebody in again, with the password that they had.
    ///
    /// # Errors
    /// [`Error::Unknown`]; trouble of the database.
    pub async fn enable(&self, who: Who, number: &str, now: Timestamp) -> Result<(), Error> {
        self.let_in(Deed::new(who, "operator-enabled", number), None, now).await
    }

    /// Gives somebody another role. Their sessions end: what they see was for the one before.
    ///
    /// # Errors
    /// [`Error::Unknown`]; trouble of the database.
    pub async fn set_role(&self, who: Who, number: &str, role: Role, now: Timestamp) -> Result<(), Error> {
        let deed = Deed { reason: role.name().to_owned(), ..Deed::new(who, "operator-role", number) };
        let of = number.to_owned();
        let changing = self.database.write(move |connection| {
            Box::pin(async move {
                let changed = sqlx::query("UPDATE operators SET role = ? WHERE number = ?")
                    .bind(role.name())
                    .bind(&of)
                    .execute(&mut *connection)
                    .await?;
                end_sessions(connection, &of).await?;
                let found = changed.rows_affected() > 0;
                if found {
                    deed.write(connection, now).await?;
                }
                Ok(found)
            })
        });
        if changing.await? { Ok(()) } else { Err(Error::Unknown(number.to_owned())) }
    }

    async fn let_in(&self, deed: Deed, disabled_at: Option<Timestamp>, now: Timestamp) -> Result<(), Error> {
        let number = deed.subject.clone();
        let of = number.clone();
        let changing = self.database.write(move |connection| {
            Box::pin(async move {
                let changed = sqlx::query("UPDATE operators SET disabled_at = ? WHERE number = ?")
                    .bind(disabled_at.map(Timestamp::as_millis))
                    .bind(&of)
                    .execute(&mut *connection)
                    .await?;
                end_sessions(connection, &of).await?;
                let found = changed.rows_affected() > 0;
                if found {
                    deed.write(connection, now).await?;
                }
                Ok(found)
            })
        });
        if changing.await? { Ok(()) } else { Err(Error::Unknown(number)) }
    }
}

/// Whether this can be an operator's number: anything else is neither looked for nor counted.
fn is_number(text: &str) -> bool {
    (1..=LONGEST_NUMBER).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the number was free.
async fn insert(
    connection: &mut SqliteConnection,
    operator: &NewOperator,
    hash: String,
    must_change: bool,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let list = |words: Vec<&str>| serde_json::Value::from(words).to_string();
    let inserted = sqlx::query(
        "INSERT INTO operators (number, name, role, password, must_change, languages, subjects, address, made_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING",
    )
    .bind(&operator.number)
    .bind(&operator.name)
    .bind(operator.role.name())
    .bind(hash)
    .bind(must_change)
    .bind(list(operator.languages.iter().map(Language::as_str).collect()))
    .bind(list(operator.subjects.iter().map(Name::as_str).collect()))
    .bind(operator.address.as_ref().map(PhoneNumber::as_str))
    .bind(now.as_millis())
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

async fn end_sessions(connection: &mut SqliteConnection, number: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM logins WHERE operator = (SELECT no FROM operators WHERE number = ?)")
        .bind(number)
        .execute(connection)
        .await
        .map(drop)
}

fn operator_of(row: &SqliteRow) -> Result<Operator, sqlx::Error> {
    let damaged = |what: &str| sqlx::Error::Decode(format!("the {what} of an operator cannot be read").into());
    let list = |column: &str| {
        let words: Vec<String> = serde_json::from_str(row.try_get(column)?).map_err(|_| damaged(column))?;
        Ok::<_, sqlx::Error>(words)
    };
    let address = row.try_get::<Option<String>, _>("address")?;
    Ok(Operator {
        no: row.try_get("no")?,
        number: row.try_get("number")?,
        name: row.try_get("name")?,
        role: Role::parse(row.try_get("role")?).ok_or_else(|| damaged("role"))?,
        must_change: row.try_get("must_change")?,
        languages: list("languages")?.into_iter().map(Language::from).collect(),
        subjects: list("subjects")?.into_iter().map(Name::from).collect(),
        address: address.map(|address| PhoneNumber::parse(&address)).transpose().map_err(|_| damaged("address"))?,
        disabled_at: row.try_get::<Option<i64>, _>("disabled_at")?.map(Timestamp::from_millis),
    })
}
