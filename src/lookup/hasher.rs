//! Hashes and checks PINs and passwords off the async threads, a few at a time: each takes tens of milliseconds and
//! megabytes.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use super::Error;
use super::pin::{self, PinHashing};

/// Cheap to clone: clones share the threads.
#[derive(Clone)]
pub struct Hasher {
    hashing: PinHashing,
    threads: Arc<Semaphore>,
    /// What a secret is checked against where there is no hash.
    dummy: Arc<str>,
}

impl Hasher {
    /// Makes hashes that cost what `hashing` says, `at_once` at a time; as many as there are cores is right.
    ///
    /// # Errors
    /// [`Error::Hash`] if the parameters are out of Argon2's range.
    pub fn new(hashing: PinHashing, at_once: usize) -> Result<Self, Error> {
        let dummy = hashing.hash("nobody's: it is checked where there is no other")?.into();
        Ok(Self { hashing, threads: Arc::new(Semaphore::new(at_once.max(1))), dummy })
    }

    /// The hash of a secret under a salt of its own.
    ///
    /// # Errors
    /// The system has no randomness, or a thread died.
    pub async fn hash(&self, secret: SecretString) -> Result<String, Error> {
        let hashing = self.hashing;
        self.on_a_thread(move || hashing.hash(secret.expose_secret())).await
    }

    /// Whether `secret` is what was hashed. Without a hash it takes as long and is never right.
    ///
    /// # Errors
    /// The hash cannot be read, or a thread died.
    pub async fn is_right(&self, secret: SecretString, hash: Option<String>) -> Result<bool, Error> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        let same = self.on_a_thread(move || pin::matches(secret.expose_secret(), &hash)).await?;
        Ok(same && known)
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = Arc::clone(&self.threads).acquire_owned().await.expect("the semaphore is never closed");
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        done.await?
    }
}
