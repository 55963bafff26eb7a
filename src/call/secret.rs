//! What a caller keyed in and nobody may keep: a PIN.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::Keys;

/// Secret keys, taken out at the door. It shows nothing, cannot be serialized, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The keys as a secret. The caller drops the keys.
    #[must_use]
    pub fn from_keys(keys: &Keys) -> Self {
        Self(SecretString::from(keys.as_str()))
    }

    /// The keys, for a check against a hash and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_shown() {
        let secret = Secret::from_keys(&Keys::parse("204816").unwrap());
        assert_eq!((format!("{secret:?}").as_str(), secret.expose()), ("secret", "204816"));
    }
}
