//! Operators as the queue sees them: what they can, what they do, for how long.

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::Written;
use crate::call::Timestamp;
use crate::store::{Database, Error};

/// What an operator does now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorNow {
    pub no: i64,
    pub number: String,
    pub name: String,
    /// available, away, reserved, talking, wrap-up, offline.
    pub state: String,
    /// Why away.
    pub reason: String,
    pub since: Timestamp,
    pub ends_at: Option<Timestamp>,
    /// `waiting.no` of whom they are reserved for, talk to, or write up.
    pub waiting: Option<i64>,
}

/// An operator with their skills.
pub(super) struct Skilled {
    pub(super) no: i64,
    /// They serve callers now, and are not away for having missed one.
    pub(super) serves: bool,
    languages: Vec<String>,
    subjects: Vec<String>,
}

impl Skilled {
    /// Whether they serve callers of this language and subject. A call without a subject is for everybody.
    pub(super) fn can(&self, language: &str, subject: &str) -> bool {
        let speaks = self.languages.iter().any(|known| known == language);
        let knows =
            subject.is_empty() || self.subjects.is_empty() || self.subjects.iter().any(|known| known == subject);
        speaks && knows
    }
}

fn skilled(row: &SqliteRow) -> Written<Skilled> {
    let list = |at: usize| -> Written<Vec<String>> {
        let text: String = row.try_get(at)?;
        // What cannot be read is no skill.
        Ok(serde_json::from_str(&text).unwrap_or_default())
    };
    Ok(Skilled { no: row.try_get(0)?, languages: list(1)?, subjects: list(2)?, serves: row.try_get(3)? })
}

/// Who is free, the one who has waited longest first.
pub(super) async fn free(connection: &mut SqliteConnection, now: Timestamp) -> Written<Vec<Skilled>> {
    let rows = sqlx::query(
        "SELECT o.no, o.languages, o.subjects, 1 FROM presence p JOIN operators o ON o.no = p.operator \
         WHERE p.state = 'available' AND p.seen_until >= ? AND o.disabled_at IS NULL ORDER BY p.idle_since, o.no",
    )
    .bind(now.as_millis())
    .fetch_all(connection)
    .await?;
    rows.iter().map(skilled).collect()
}

/// Who is at work: busy ones too, and who is away only because of a call that they missed or of a restart of the server.
pub(super) async fn at_work(connection: &mut SqliteConnection, now: Timestamp) -> Written<Vec<Skilled>> {
    let rows = sqlx::query(
        "SELECT o.no, o.languages, o.subjects, p.state <> 'away' OR p.reason = 'restart' FROM presence p JOIN operators o ON o.no = p.operator \
         WHERE (p.state IN ('reserved', 'talking', 'wrap-up') \
                OR p.state = 'available' AND p.seen_until >= ?1 \
                OR p.state = 'away' AND p.seen_until >= ?1 AND p.reason IN ('no-answer', 'declined', 'busy', 'failed', 'restart')) \
         AND o.disabled_at IS NULL",
    )
    .bind(now.as_millis())
    .fetch_all(connection)
    .await?;
    rows.iter().map(skilled).collect()
}

impl Database {
    /// Every operator who has ever logged in and is not disabled, by number.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn operators_now(&self) -> Result<Vec<OperatorNow>, Error> {
        let rows = sqlx::query(
            "SELECT o.no, o.number, o.name, p.state, p.reason, p.since, p.ends_at, p.waiting \
             FROM presence p JOIN operators o ON o.no = p.operator WHERE o.disabled_at IS NULL ORDER BY o.number",
        )
        .fetch_all(self.readers())
        .await?;
        let one = |row: &SqliteRow| -> Written<OperatorNow> {
            let ends_at: Option<i64> = row.try_get(6)?;
            Ok(OperatorNow {
                no: row.try_get(0)?,
                number: row.try_get(1)?,
                name: row.try_get(2)?,
                state: row.try_get(3)?,
                reason: row.try_get(4)?,
                since: Timestamp::from_millis(row.try_get(5)?),
                ends_at: ends_at.map(Timestamp::from_millis),
                waiting: row.try_get(7)?,
            })
        };
        Ok(rows.iter().map(one).collect::<Written<Vec<_>>>()?)
    }
}
