//! What is deleted of what calls left. (Their keys are deleted by `store`, and with them all else that is sealed.)

use crate::call::Timestamp;
use crate::store::{Database, Error};

/// Recordings in one go: each may be a megabyte, and the writer does others' work in between.
const CHUNK: u32 = 10;

/// Deletes the sound of recordings that were made at `older_than` or earlier; how many. That they were made stays.
///
/// # Errors
/// Trouble of the database.
pub async fn forget_recordings(database: &Database, older_than: Timestamp) -> Result<u64, Error> {
    let mut deleted = 0;
    loop {
        let forgetting = database.write(move |connection| {
            Box::pin(async move {
                sqlx::query("PRAGMA secure_delete = ON").execute(&mut *connection).await?;
                let done = sqlx::query(
                    "UPDATE recordings SET sound = NULL, source = NULL WHERE no IN (SELECT no FROM recordings \
                     WHERE made_at <= ? AND (sound IS NOT NULL OR source IS NOT NULL) LIMIT ?)",
                )
                .bind(older_than.as_millis())
                .bind(CHUNK)
                .execute(&mut *connection)
                .await;
                sqlx::query("PRAGMA secure_delete = OFF").execute(connection).await?;
                Ok(done?.rows_affected())
            })
        });
        match forgetting.await? {
            0 => return Ok(deleted),
            more => deleted += more,
        }
    }
}
