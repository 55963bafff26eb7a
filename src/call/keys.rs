//! What a caller keyed in. It is in no log: its `Debug` tells the length only.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A string of telephone keys, `0-9`, `*`, `#` (and `A-D`, which no caller has but some equipment sends).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keys(String);

/// Something that no telephone can send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected telephone keys (0-9, *, #, A-D), found another character")]
pub struct NotKeys;

impl Keys {
    /// Reads what a provider reports; white space between keys is dropped.
    ///
    /// # Errors
    /// [`NotKeys`] if anything else than a telephone key is in it.
    pub fn parse(text: &str) -> Result<Self, NotKeys> {
        let keys: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if keys.chars().all(|c| matches!(c, '0'..='9' | '*' | '#' | 'A'..='D')) { Ok(Self(keys)) } else { Err(NotKeys) }
    }

    /// The keys in the order in which they were pressed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key, if it is exactly one: what a menu takes.
    #[must_use]
    pub fn single(&self) -> Option<char> {
        let mut all = self.0.chars();
        all.next().filter(|_| all.next().is_none())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} key(s)", self.0.len())
    }
}
