//! Which versions of a line were published, by whom, and which one a rollback goes back to.

use super::{Database, Error};
use crate::call::Timestamp;

/// How a version became the one that new calls start on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Published,
    RolledBack,
}

impl How {
    /// Its word in the database and in lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::RolledBack => "rolled-back",
        }
    }
}

/// From when on new calls started on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub version: String,
    pub at: Timestamp,
    pub how: How,
    /// The user of the system who did it, or `server`.
    pub who: String,
}

/// A version that is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KeptVersion {
    pub version: String,
    /// How many calls are on it.
    pub calls: i64,
}

impl Database {
    /// Lets new calls of the line start on a version that is kept, and writes down that it is so.
    ///
    /// # Errors
    /// [`Error::UnknownVersion`] if it is not kept.
    pub async fn activate(&self, line: &str, version: &str, how: How, who: &str) -> Result<(), Error> {
        let (named_line, named_version, who) = (line.to_owned(), version.to_owned(), who.to_owned());
        let activated = self
            .write(move |connection| {
                Box::pin(async move {
                    let activated = sqlx::query(
                        "INSERT INTO active (line, version, since) \
                         SELECT line, version, CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM versions \
                         WHERE line = ? AND version = ? \
                         ON CONFLICT (line) DO UPDATE SET version = excluded.version, since = excluded.since",
                    )
                    .bind(named_line.as_str())
                    .bind(named_version.as_str())
                    .execute(&mut *connection)
                    .await?;
                    sqlx::query(
                        "INSERT INTO publications (line, version, at, how, who) \
                         SELECT line, version, since, ?, ? FROM active WHERE line = ? AND version = ?",
                    )
                    .bind(how.name())
                    .bind(who)
                    .bind(named_line)
                    .bind(named_version)
                    .execute(connection)
                    .await?;
                    Ok(activated)
                })
            })
            .await?;
        if activated.rows_affected() == 0 {
            return Err(Error::UnknownVersion { line: line.to_owned(), version: version.to_owned() });
        }
        Ok(())
    }

    /// Every publication of a line, the earliest first.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn publications(&self, line: &str) -> Result<Vec<Publication>, Error> {
        let rows: Vec<(String, i64, String, String)> =
            sqlx::query_as("SELECT version, at, how, who FROM publications WHERE line = ? ORDER BY no")
                .bind(line)
                .fetch_all(self.readers())
                .await?;
        let read = |(version, at, how, who): (String, i64, String, String)| {
            let how = if how == How::RolledBack.name() { How::RolledBack } else { How::Published };
            Publication { version, at: Timestamp::from_millis(at), how, who }
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// The lines that have been published, by name.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn published_lines(&self) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar("SELECT line FROM active ORDER BY line").fetch_all(self.readers()).await?)
    }

    /// The versions of a line that are kept, the newest first.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn kept_of(&self, line: &str) -> Result<Vec<KeptVersion>, Error> {
        let kept = sqlx::query_as(
            "SELECT version, (SELECT count(*) FROM calls c \
                              WHERE c.ended_at IS NULL AND c.line = v.line AND c.version = v.version) AS calls \
             FROM versions v WHERE line = ? ORDER BY made_at DESC, version",
        );
        Ok(kept.bind(line).fetch_all(self.readers()).await?)
    }

    /// Deletes versions of a line that nobody needs any more: no call is on them, the log of none names them, no
    /// rollback goes back to them, and they were made before `older_than`. Which were deleted.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn forget_versions(&self, line: &str, older_than: Timestamp) -> Result<Vec<String>, Error> {
        let publications = self.publications(line).await?;
        if publications.last().is_some_and(|last| last.at >= older_than) {
            // Servers may not have noticed yet, and calls may begin on the version that was active.
            return Ok(Vec::new());
        }
        let mut wanted = in_order(&publications);
        wanted.drain(..wanted.len().saturating_sub(ROLLBACKS + 1));
        let old: Vec<String> = sqlx::query_scalar(
            "SELECT version FROM versions v WHERE line = ? AND made_at < ? \
             AND NOT EXISTS (SELECT 1 FROM active a WHERE a.line = v.line AND a.version = v.version) \
             AND NOT EXISTS (SELECT 1 FROM calls c \
                             WHERE c.line = v.line AND c.version = v.version AND (c.ended_at IS NULL OR c.kept <> 'none'))",
        )
        .bind(line)
        .bind(older_than.as_millis())
        .fetch_all(self.readers())
        .await?;
        let mut deleted = Vec::new();
        for version in old.into_iter().filter(|version| !wanted.contains(&version.as_str())) {
            let (of, which) = (line.to_owned(), version.clone());
            let gone = self
                .write(move |connection| {
                    Box::pin(async move {
                        // Somebody may have rolled back to it meanwhile.
                        sqlx::query(
                            "DELETE FROM versions WHERE line = ?1 AND version = ?2 \
                             AND NOT EXISTS (SELECT 1 FROM active WHERE line = ?1 AND version = ?2) \
                             AND NOT EXISTS (SELECT 1 FROM calls c \
                                             WHERE c.ended_at IS NULL AND c.line = ?1 AND c.version = ?2)",
                        )
                        .bind(of)
                        .bind(which)
                        .execute(connection)
                        .await
                    })
                })
                .await?;
            if gone.rows_affected() > 0 {
                deleted.push(version);
            }
        }
        Ok(deleted)
    }
}

/// How many rollbacks in a row there is always a version for.
const ROLLBACKS: usize = 5;

/// The version that a rollback goes back to: the one that was active before the one that is; `None` if there was none.
#[must_use]
pub fn version_before(publications: &[Publication]) -> Option<&str> {
    in_order(publications).into_iter().rev().nth(1)
}

/// The versions that led to the active one, which is the last: what was rolled back from is not among them.
fn in_order(publications: &[Publication]) -> Vec<&str> {
    let mut order: Vec<&str> = Vec::new();
    for Publication { version, how, .. } in publications {
        let known = order.iter().rposition(|earlier| earlier == version);
        match (how, known) {
            (How::RolledBack, Some(place)) => order.truncate(place + 1),
            (How::Published, Some(place)) if place + 1 == order.len() => {}
            (How::RolledBack, None) | (How::Published, _) => order.push(version),
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_goes_to_what_was_active_before_and_not_back_again() {
        let before = |history: &str| {
            let publication = |word: &str| {
                let (how, version) = match word.strip_prefix('<') {
                    Some(version) => (How::RolledBack, version),
                    None => (How::Published, word),
                };
                Publication { version: version.to_owned(), at: Timestamp::default(), how, who: String::new() }
            };
            let history: Vec<Publication> = history.split_whitespace().map(publication).collect();
            version_before(&history).map(ToOwned::to_owned)
        };
        for (history, expected) in [
            ("", None),
            ("a", None),
            ("a a", None),
            ("a b", Some("a")),
            ("a b c <b", Some("a")),
            ("a b c <b <a", None),
            ("a b <a c", Some("a")),
            ("a b a", Some("b")),
            ("a b c <a", None),
            ("a <x", Some("a")),
        ] {
            assert_eq!(before(history).as_deref(), expected, "{history}");
        }
    }
}
