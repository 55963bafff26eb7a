//! The versions of lines: their bundles, and which one new calls start on.

use super::{Database, Error};

impl Database {
    /// Keeps the bundle of a version; one that is kept already stays as it is, since its hash names its content.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn keep_version(&self, line: &str, version: &str, bundle: &[u8]) -> Result<(), Error> {
        let (line, version, bundle) = (line.to_owned(), version.to_owned(), bundle.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO versions (line, version, bundle, made_at) \
                     VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO NOTHING",
                )
                .bind(line)
                .bind(version)
                .bind(bundle)
                .execute(connection)
                .await
                .map(drop)
            })
        })
        .await
    }

    /// The version that new calls of the line start on; `None` if none was ever activated.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn active(&self, line: &str) -> Result<Option<String>, Error> {
        self.records().active(line).await
    }

    /// The versions that are kept, as line and version, the newest first; at most `limit`.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn kept_versions(&self, limit: u32) -> Result<Vec<(String, String)>, Error> {
        let kept = sqlx::query_as(
            "SELECT line, version FROM versions v ORDER BY \
             EXISTS (SELECT 1 FROM calls c WHERE c.ended_at IS NULL AND c.line = v.line AND c.version = v.version) DESC, \
             made_at DESC, version LIMIT ?",
        );
        Ok(kept.bind(limit).fetch_all(self.readers()).await?)
    }

    /// The bundle of a version, if it is kept.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn bundle(&self, line: &str, version: &str) -> Result<Option<Vec<u8>>, Error> {
        self.records().bundle(line, version).await
    }
}
