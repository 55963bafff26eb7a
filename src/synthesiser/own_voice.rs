//! The voice of an installation's own for texts without clips: what has been spoken is at hand, what has not is spoken
//! once, however many wait for it, and goes on being spoken when nobody waits any more.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tracing::{info, warn};

use super::cache::{Disk, Key, Memory};
use super::speaker::{Source, SpeakError, Speaker, Words};
use crate::call::Timestamp;

/// How much is kept in memory: more than an hour of speech.
const MEMORY_BYTES: usize = 32 << 20;
/// How much of what everybody hears is kept on disk.
const DISK_BYTES: u64 = 200 << 20;
/// After so many waits that ran out, nobody waits for so long.
const WAITS_IN_VAIN: u32 = 3;
const NO_PATIENCE: Duration = Duration::from_secs(30);
/// Troubles are told no more often than this.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// A synthesiser with what it has spoken.
pub struct OwnVoice {
    speaker: Speaker,
    setting: String,
    wait: Duration,
    salt: [u8; 32],
    memory: Mutex<Memory>,
    disk: Arc<Disk>,
    /// What is being spoken; its channel closes when that is over.
    under_way: Mutex<HashMap<Key, watch::Receiver<()>>>,
    /// Until when troubles are not told.
    quiet_until: Mutex<Timestamp>,
    patience: Mutex<Patience>,
}

/// Whether it is worth waiting for: a synthesiser that hangs must not make every caller wait.
#[derive(Default)]
struct Patience {
    /// How many waits in a row ran out.
    in_vain: u32,
    /// No document waits until then.
    none_until: Timestamp,
}

impl fmt::Debug for OwnVoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnVoice").field("speaker", &self.speaker).finish_non_exhaustive()
    }
}

impl OwnVoice {
    /// `wait`: how long a document waits for it. `data`: the data folder; what everybody hears is kept in its
    /// `speech`.
    #[must_use]
    pub fn new(source: Source, wait: Duration, data: &Path) -> Self {
        Self::with_room(source, wait, data, MEMORY_BYTES)
    }

    /// The same with room for so many bytes in memory.
    #[must_use]
    pub fn with_room(source: Source, wait: Duration, data: &Path, memory_bytes: usize) -> Self {
        let folder = data.join("speech");
        Self {
            setting: source.written.clone(),
            speaker: Speaker::new(source, folder.join("now")),
            wait,
            salt: rand::random(),
            memory: Mutex::new(Memory::new(memory_bytes)),
            disk: Arc::new(Disk::new(folder, DISK_BYTES)),
            under_way: Mutex::default(),
            quiet_until: Mutex::default(),
            patience: Mutex::default(),
        }
    }

    /// How long a caller's document waits for all that it says together: not at all for a while after it was too late
    /// several times in a row.
    #[must_use]
    pub fn wait(&self, now: Timestamp) -> Duration {
        if now < lock(&self.patience).none_until { Duration::ZERO } else { self.wait }
    }

    /// Whether the wait of a document came to an end by itself.
    pub fn waited(&self, in_time: bool, now: Timestamp) {
        let mut patience = lock(&self.patience);
        patience.in_vain = if in_time { 0 } else { patience.in_vain + 1 };
        if patience.in_vain >= WAITS_IN_VAIN {
            *patience = Patience { in_vain: 0, none_until: now.plus(NO_PATIENCE) };
        }
    }

    /// The samples of words that have been spoken and are at hand.
    #[must_use]
    pub fn held(&self, words: &Words) -> Option<Bytes> {
        lock(&self.memory).get(&self.key(words))
    }

    /// Has words spoken from now on, and waits until they are, or cannot be: which is told in the log at most once a
    /// minute. Whoever stops waiting does not stop it.
    pub fn ask(self: &Arc<Self>, words: &Words, now: Timestamp) -> impl Future<Output = Option<Bytes>> + use<> {
        let own = Arc::clone(self);
        let key = own.key(words);
        let mut over = own.begin(key, words, now);
        async move {
            if let Some(over) = &mut over {
                // It closes; nothing is ever sent.
                let _ = over.changed().await;
            }
            lock(&own.memory).get(&key)
        }
    }

    /// Has words spoken whether or not they are at hand, and says in the log whether that works.
    pub async fn check(&self, words: &Words, now: Timestamp) {
        match self.speaker.speak(words).await {
            Ok(_) => info!(language = %words.language, "the synthesiser speaks {}", words.language),
            Err(why) => self.tell(why, now),
        }
    }

    /// `None` if the words are at hand.
    fn begin(self: &Arc<Self>, key: Key, words: &Words, now: Timestamp) -> Option<watch::Receiver<()>> {
        let mut under_way = lock(&self.under_way);
        // One that closed without leaving ended in a panic.
        if let Some(over) = under_way.get(&key).filter(|over| over.has_changed().is_ok()) {
            return Some(over.clone());
        }
        if lock(&self.memory).get(&key).is_some() {
            return None;
        }
        let (ends, over) = watch::channel(());
        under_way.insert(key, over.clone());
        let (own, words) = (Arc::clone(self), words.clone());
        tokio::spawn(async move {
            match own.find_or_speak(key, &words, now).await {
                Ok(samples) => lock(&own.memory).insert(key, samples),
                Err(why) => own.tell(why, now),
            }
            lock(&own.under_way).remove(&key);
            drop(ends);
        });
        Some(over)
    }

    async fn find_or_speak(&self, key: Key, words: &Words, now: Timestamp) -> Result<Bytes, SpeakError> {
        if words.is_fixed {
            let disk = Arc::clone(&self.disk);
            let found = tokio::task::spawn_blocking(move || disk.read(&key)).await;
            if let Ok(Some(samples)) = found {
                return Ok(samples);
            }
        }
        let samples = Bytes::from(self.speaker.speak(words).await?);
        if words.is_fixed {
            let (disk, kept) = (Arc::clone(&self.disk), samples.clone());
            let written = tokio::task::spawn_blocking(move || disk.write(&key, &kept)).await;
            if let Ok(Err(failed)) = written
                && self.may_tell(now)
            {
                warn!(
                    "what the synthesiser speaks cannot be kept for the next start; make room in the data folder: {failed}"
                );
            }
        }
        Ok(samples)
    }

    fn tell(&self, why: SpeakError, now: Timestamp) {
        if self.may_tell(now) {
            warn!(
                "the synthesiser of [speech] does not speak, callers hear the provider's voice where there is no clip; \
                 docs/prompts.md says how to try it alone: {:#}",
                anyhow::Error::from(why)
            );
        }
    }

    fn may_tell(&self, now: Timestamp) -> bool {
        let mut quiet_until = lock(&self.quiet_until);
        let may = now >= *quiet_until;
        if may {
            *quiet_until = now.plus(TELL_EVERY);
        }
        may
    }

    fn key(&self, words: &Words) -> Key {
        Key::of(words, &self.setting, &self.salt)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_three_waits_that_ran_out_nobody_waits_for_a_while() {
        let data = tempfile::tempdir().unwrap();
        let source = Source::parse("cat").unwrap();
        let own_voice = OwnVoice::new(source, Duration::from_secs(1), data.path());
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        for in_time in [false, false, true, false, false] {
            own_voice.waited(in_time, at(10));
            assert_eq!(own_voice.wait(at(10)), Duration::from_secs(1));
        }
        own_voice.waited(false, at(10));
        assert_eq!(own_voice.wait(at(39)), Duration::ZERO);
        assert_eq!(own_voice.wait(at(40)), Duration::from_secs(1));
    }
}
