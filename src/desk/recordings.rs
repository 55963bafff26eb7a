//! What was recorded, of callers and of talks with operators: fetched from where the provider keeps it, kept sealed under
//! the key of its call, played to whoever works on it, talks to supervisors. Menus are never recorded. Fetching itself is
//! *not* here (`service`), nor is what the caller hears.
//!
//! A row is made with the turn that ends the recording, or when the provider tells of a talk, so it is never forgotten:
//! until its sound is here it says where the provider has it, and how often that was tried.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::audit::Deed;
use super::work::{Error, Worker};
use crate::call::{CallId, Timestamp};
use crate::store::{self, CallKey, Database, SOUND};

/// So often a recording is asked for; the last time a day and a half after it was made.
pub const MOST_TRIES: u32 = 15;
/// From a recording to the second try; each next wait is as long as all before it.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// A recording whose sound is still with the provider.
#[derive(Clone, Debug)]
pub struct Due {
    pub name: String,
    pub call: CallId,
    pub profile: String,
    pub simulated: bool,
    /// The URL, sealed as [`SOURCE`](store::SOURCE).
    pub source: Vec<u8>,
    pub tries: u32,
}

/// A recording, for somebody who may hear it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// A file that has a [`media_type`].
    Here(Vec<u8>),
    /// It has not been fetched yet.
    Coming,
    /// It could not be had, or it has been kept for as long as it may.
    Lost,
}

/// What kind of sound a file is; `None` if it is none, such as a page with an error, or a WAV file that was cut short.
#[must_use]
pub fn media_type(file: &[u8]) -> Option<&'static str> {
    let (head, length) = (file.first_chunk::<12>()?, file.get(4..8)?);
    if head.starts_with(b"RIFF") && head.ends_with(b"WAVE") {
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let is_whole = usize::try_from(length).is_ok_and(|length| length + 8 <= file.len());
        return is_whole.then_some("audio/wav");
    }
    // The eleven bits with which a frame begins; layer III.
    let is_frame = matches!(head, [0xFF, second, ..] if second & 0xE6 == 0xE2);
    (head.starts_with(b"ID3") || is_frame).then_some("audio/mpeg")
}

/// Recordings that are to be fetched by now, the oldest first.
///
/// # Errors
/// Trouble of the database.
pub async fn due(database: &Database, now: Timestamp, limit: u32) -> Result<Vec<Due>, store::Error> {
    with_a_source(database, "r.sound IS NULL", now, limit).await
}

/// Recordings that are here and are to be deleted where they were by now, the oldest first.
///
/// # Errors
/// Trouble of the database.
pub async fn to_be_deleted(database: &Database, now: Timestamp, limit: u32) -> Result<Vec<Due>, store::Error> {
    with_a_source(database, "r.sound IS NOT NULL AND c.simulated = 0", now, limit).await
}

async fn with_a_source(
    database: &Database,
    which: &'static str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Due>, store::Error> {
    let sql = format!(
        "SELECT r.name, r.call, r.source, r.tries, c.profile, c.simulated FROM recordings r \
         JOIN calls c ON c.id = r.call JOIN call_keys k ON k.call = c.no \
         WHERE r.source IS NOT NULL AND {which} AND r.tries < ?1 \
         AND r.made_at + ?2 * ((1 << r.tries) - 1) <= ?3 ORDER BY r.no LIMIT ?4",
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(MOST_TRIES)
        .bind(i64::try_from(FIRST_WAIT.as_millis()).unwrap_or(i64::MAX))
        .bind(now.as_millis())
        .bind(limit)
        .fetch_all(database.readers())
        .await?;
    let due = |row: &SqliteRow| -> Result<Due, sqlx::Error> {
        Ok(Due {
            name: row.try_get("name")?,
            call: super::work::call_id(row.try_get("call")?)?,
            profile: row.try_get("profile")?,
            simulated: row.try_get("simulated")?,
            source: row.try_get("source")?,
            tries: row.try_get("tries")?,
        })
    };
    Ok(rows.iter().map(due).collect::<Result<_, _>>()?)
}

/// Keeps the sound of a recording; from then on nobody asks the provider for it. `deletes`: where it was is
/// remembered until it is deleted there.
///
/// # Errors
/// Trouble of the database: nothing is changed then.
pub async fn keep(
    database: &Database,
    name: &str,
    file: &[u8],
    key: &CallKey,
    deletes: bool,
) -> Result<(), store::Error> {
    let (name, sealed) = (name.to_owned(), key.seal(SOUND, file));
    let sql = if deletes {
        "UPDATE recordings SET sound = ?2, tries = 0 WHERE name = ?1"
    } else {
        "UPDATE recordings SET sound = ?2, source = NULL WHERE name = ?1"
    };
    change(database, sql, name, Some(sealed)).await
}

/// The recording of a talk between a caller and an operator.
#[derive(Clone, Debug)]
pub struct Talk {
    pub call: CallId,
    /// What the desk knows it by.
    pub name: String,
    pub seconds: u32,
    /// The URL of the provider's file, sealed as [`SOURCE`](store::SOURCE).
    pub source: Vec<u8>,
}

/// A talk was recorded, until `now`. Told twice it is one.
///
/// # Errors
/// Trouble of the database.
pub async fn add_talk(database: &Database, talk: Talk, now: Timestamp) -> Result<(), store::Error> {
    let written = database.write(move |connection| {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO recordings (call, name, kind, made_at, length_ms, source) VALUES (?, ?, 'talk', ?, ?, ?) \
                 ON CONFLICT (name) DO NOTHING",
            )
            .bind(talk.call.as_bytes().as_slice())
            .bind(talk.name)
            .bind(now.as_millis())
            .bind(i64::from(talk.seconds) * 1_000)
            .bind(talk.source)
            .execute(connection)
            .await
            .map(drop)
        })
    });
    written.await
}

/// A recording of a call, as a supervisor sees it listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    /// `talk`, or the word of its [`RecordingKind`](crate::call::RecordingKind).
    pub kind: String,
    pub made_at: Timestamp,
    pub length: Duration,
    /// Its sound is here, or will be.
    pub can_be_heard: bool,
}

/// The recordings of a call, the earliest first.
///
/// # Errors
/// Trouble of the database.
pub async fn of_call(database: &Database, call: CallId) -> Result<Vec<Listed>, store::Error> {
    let rows = sqlx::query(
        "SELECT name, kind, made_at, length_ms, sound IS NOT NULL OR (source IS NOT NULL AND tries < ?) AS can_be_heard \
         FROM recordings WHERE call = ? ORDER BY no",
    )
    .bind(MOST_TRIES)
    .bind(call.as_bytes().as_slice())
    .fetch_all(database.readers())
    .await?;
    let listed = |row: &SqliteRow| -> Result<Listed, sqlx::Error> {
        Ok(Listed {
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            made_at: Timestamp::from_millis(row.try_get("made_at")?),
            length: Duration::from_millis(row.try_get::<i64, _>("length_ms")?.unsigned_abs()),
            can_be_heard: row.try_get("can_be_heard")?,
        })
    };
    Ok(rows.iter().map(listed).collect::<Result<_, _>>()?)
}

/// The provider did not give it, this time.
///
/// # Errors
/// Trouble of the database.
pub async fn tried(database: &Database, name: &str) -> Result<(), store::Error> {
    change(database, "UPDATE recordings SET tries = tries + 1 WHERE name = ?1", name.to_owned(), None).await
}

/// It cannot be had, or is there no longer.
///
/// # Errors
/// Trouble of the database.
pub async fn lost(database: &Database, name: &str) -> Result<(), store::Error> {
    change(database, "UPDATE recordings SET source = NULL WHERE name = ?1", name.to_owned(), None).await
}

async fn change(
    database: &Database,
    sql: &'static str,
    name: String,
    sound: Option<Vec<u8>>,
) -> Result<(), store::Error> {
    let written = database.write(move |connection| {
        Box::pin(async move {
            let change = sqlx::query(sql).bind(name);
            let change = if let Some(sound) = sound { change.bind(sound) } else { change };
            change.execute(connection).await.map(drop)
        })
    });
    written.await
}

/// The call of a recording that `worker` may hear: it belongs to a ticket that they work on. Supervisors may hear all.
///
/// # Errors
/// [`Error::None`] for any other.
pub async fn call_of(database: &Database, worker: &Worker, name: &str) -> Result<CallId, Error> {
    let call: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT call FROM recordings WHERE name = ?1 \
         AND (?2 OR EXISTS (SELECT 1 FROM tickets WHERE recording = ?1 AND operator = ?3))",
    )
    .bind(name)
    .bind(worker.supervises)
    .bind(worker.no)
    .fetch_optional(database.readers())
    .await?;
    Ok(super::work::call_id(call.ok_or(Error::None)?)?)
}

/// A recording that `worker` may hear, as for [`call_of`]; that they did is on record first. `key` is its call's;
/// `None` if that is gone.
///
/// # Errors
/// [`Error::None`]; [`Error::Sealed`] under another call's key.
pub async fn play(
    database: &Database,
    worker: &Worker,
    name: &str,
    key: Option<&CallKey>,
    now: Timestamp,
) -> Result<Recorded, Error> {
    let call = call_of(database, worker, name).await?;
    let row = sqlx::query("SELECT sound, source IS NOT NULL AND tries < ? FROM recordings WHERE name = ?")
        .bind(MOST_TRIES)
        .bind(name)
        .fetch_one(database.readers())
        .await?;
    let (sound, is_coming): (Option<Vec<u8>>, bool) = (row.try_get(0)?, row.try_get(1)?);
    match (sound, key) {
        (Some(sealed), Some(key)) => {
            let sound = key.open(SOUND, &sealed)?;
            let deed = Deed { call: Some(call), ..Deed::new(worker.who.clone(), "listened", name) };
            deed.record(database, now).await?;
            Ok(Recorded::Here(sound))
        }
        (None, Some(_)) if is_coming => Ok(Recorded::Coming),
        _ => Ok(Recorded::Lost),
    }
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn a_page_or_half_a_file_is_no_sound() {
        for (file, kind) in [
            (b"RIFF\x06\0\0\0WAVEab".as_slice(), Some("audio/wav")),
            (b"RIFF\x07\0\0\0WAVEab", None),
            (b"ID3\x04\0\0\0\0\0\0\0\0", Some("audio/mpeg")),
            (b"\xFF\xFB\x90\x64\0\0\0\0\0\0\0\0", Some("audio/mpeg")),
            (b"\xFF\xFE<\0h\0t\0m\0l\0", None),
            (b"<!doctype html>", None),
            (b"ID3", None),
            (b"", None),
        ] {
            assert_eq!(media_type(file), kind, "{file:?}");
        }
    }
}
