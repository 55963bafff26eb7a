//! What can go wrong with the database, told so that whoever runs it knows what to do.

use std::sync::Arc;

use sqlx::migrate::MigrateError;

/// Why the store could not do what it was asked. Cloned to every job of a batch that failed as a whole.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("the database {path} cannot be opened: {trouble}")]
    Open { path: String, trouble: Trouble, source: Arc<sqlx::Error> },
    #[error("the database {path} was made by a newer version of this program; run that version, or a newer one")]
    Newer { path: String },
    #[error(
        "the tables of the database {path} could not be brought to this version's; restore a backup, or ask with this: {source}"
    )]
    Migrate { path: String, source: Arc<MigrateError> },
    #[error("{trouble}")]
    Database { trouble: Trouble, source: Arc<sqlx::Error> },
    #[error("the database {path} is gone; put it back, then start the service again")]
    Gone { path: String },
    #[error("the database is closed")]
    WriterStopped,
    #[error("a job for the database broke off, and nothing of it was written")]
    JobBroke,
    #[error("turn {turn} is for a call that is not in the database")]
    UnknownCall { turn: u32 },
    #[error("the effect `{effect}` found no row to change")]
    NoSuchRow { effect: &'static str },
    #[error("line `{line}` has no version `{version}`; publish it first")]
    UnknownVersion { line: String, version: String },
}

/// What kind of trouble the database has, in words that say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("the disk is full, or the database has reached its largest size; make room")]
    Full,
    #[error("it, or its folder, may only be read; give this user the right to write both")]
    ReadOnly,
    #[error("the file or its folder does not exist or may not be opened; look at the path and its rights")]
    CannotOpen,
    #[error("another process holds it locked; end that process, or wait for it")]
    Locked,
    #[error("the file is not a database; look at the path, or move the file away")]
    NotADatabase,
    #[error("the file is damaged; stop the service and restore a backup")]
    Damaged,
    #[error("the disk fails to read or write; look at the system's log")]
    Disk,
    #[error("the database did not do what it was asked")]
    Other,
}

impl Trouble {
    /// The kind of trouble behind an error of the driver.
    ///
    /// By the low byte of the result code (source: <https://www.sqlite.org/rescode.html>).
    #[must_use]
    pub fn of(error: &sqlx::Error) -> Self {
        match result_code(error) {
            Some(13) => Self::Full,
            Some(8) => Self::ReadOnly,
            Some(14) => Self::CannotOpen,
            Some(5 | 6) => Self::Locked,
            Some(26) => Self::NotADatabase,
            Some(11) => Self::Damaged,
            Some(10) => Self::Disk,
            Some(_) | None => Self::Other,
        }
    }
}

/// Whether a statement broke a rule of the tables, and nothing is wrong with the database itself.
pub(super) fn broke_a_rule(error: &sqlx::Error) -> bool {
    result_code(error) == Some(19)
}

/// The result code of SQLite without its extension.
fn result_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        Self::Database { trouble: Trouble::of(&source), source: Arc::new(source) }
    }
}
