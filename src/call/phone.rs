//! Telephone numbers and other addresses that can be dialled or can call.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An address at one end of a leg: a number (`+8613800138000`, `12333`) or a SIP or client address.
///
/// Providers write numbers leniently, so only what could break a document or a log is refused: control
/// characters and white space, and more than 256 bytes. `Debug` and logs show a mask.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

/// A text that is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a telephone number, `sip:` address or `client:` name of at most 256 characters without spaces")]
pub struct NotANumber;

impl PhoneNumber {
    /// Reads an address.
    ///
    /// # Errors
    /// [`NotANumber`] if it is empty, too long, or has white space or control characters in it.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        let text = text.trim();
        let fine = !text.is_empty() && text.len() <= 256 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if fine { Ok(Self(text.to_owned())) } else { Err(NotANumber) }
    }

    /// The address in clear: for dialling and for keyed hashes, never for a log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a telephone number: digits with an optional leading `+`.
    #[must_use]
    pub fn is_number(&self) -> bool {
        let digits = self.0.strip_prefix('+').unwrap_or(&self.0);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    }

    /// The digits of the number, without `+` and any other sign.
    #[must_use]
    pub fn digits(&self) -> String {
        self.0.chars().filter(char::is_ascii_digit).collect()
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::mask_phone(&self.0))
    }
}
