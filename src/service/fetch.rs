//! The sound of recordings is brought here: asked for where its provider has it, again and again, until it is kept.

use async_trait::async_trait;
use tracing::{error, warn};

use super::Service;
use crate::call::Timestamp;
use crate::desk::recordings::{self, Due, MOST_TRIES};
use crate::store::{self, CallKey, Database, SOURCE};

/// How many are fetched in a row.
const AT_ONCE: u32 = 20;
/// No recording is larger: an hour of samples of 16 bits is 58 MB.
pub const LARGEST_RECORDING: usize = 64 * 1_024 * 1_024;

/// Why a recording was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotGiven {
    /// The provider is down or slow, or the file is not there yet.
    #[error("it is not given yet: {0}")]
    Yet(&'static str),
    #[error("it is not given: {0}")]
    Ever(&'static str),
}

/// Whoever gives the sound of recordings.
#[async_trait]
pub trait Sounds: Send + Sync {
    /// The file at `url`, which has been found to be one of the provider's.
    async fn give(&self, profile: &str, simulated: bool, url: &str) -> Result<Vec<u8>, NotGiven>;

    /// Whether the provider is asked to delete what it has given.
    fn deletes(&self, _profile: &str) -> bool {
        false
    }
}

impl Service {
    /// Fetches the recordings that are due. A failure costs one try of that recording; a database that cannot be written
    /// costs none, and the next call tries again.
    ///
    /// # Errors
    /// Trouble of the database, such as a full disk.
    pub async fn fetch_recordings(
        &self,
        database: &Database,
        sounds: &dyn Sounds,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        for due in recordings::due(database, now, AT_ONCE).await? {
            self.fetch(database, sounds, &due).await?;
        }
        Ok(())
    }

    async fn fetch(&self, database: &Database, sounds: &dyn Sounds, due: &Due) -> Result<(), store::Error> {
        let opened = match self.key_of(due.call).await {
            Ok(Some(key)) => open_source(key, due),
            Ok(None) | Err(_) => None,
        };
        let Some((key, url)) = opened else {
            error!(call.id = %due.call, "where a recording is cannot be read: it was sealed with another key");
            return recordings::lost(database, &due.name).await;
        };
        let given = sounds.give(&due.profile, due.simulated, &url).await;
        let is_sound = |sound: &Vec<u8>| recordings::media_type(sound).is_some();
        match given.and_then(|sound| {
            if is_sound(&sound) { Ok(sound) } else { Err(NotGiven::Yet("it is no whole WAV or MP3 file")) }
        }) {
            Ok(sound) => {
                let deletes = !due.simulated && sounds.deletes(&due.profile);
                recordings::keep(database, &due.name, &sound, &key, deletes).await
            }
            Err(why @ NotGiven::Yet(_)) => {
                if due.tries + 1 == MOST_TRIES {
                    error!(call.id = %due.call, profile = %due.profile, "a recording was asked for {MOST_TRIES} times and is given up: {why}");
                } else {
                    warn!(call.id = %due.call, profile = %due.profile, tries = due.tries + 1, "a recording was not fetched and is asked for again: {why}");
                }
                recordings::tried(database, &due.name).await
            }
            Err(why @ NotGiven::Ever(_)) => {
                error!(call.id = %due.call, profile = %due.profile, "a recording is lost: {why}");
                recordings::lost(database, &due.name).await
            }
        }
    }
}

fn open_source(key: CallKey, due: &Due) -> Option<(CallKey, String)> {
    let url = String::from_utf8(key.open(SOURCE, &due.source).ok()?).ok()?;
    Some((key, url))
}
