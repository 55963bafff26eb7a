//! What a provider can be asked to do by itself, without a document of ours being awaited.

use secrecy::{ExposeSecret as _, SecretString};

use crate::call::PhoneNumber;

/// Something a provider is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// A leg goes on with the document at this URL of ours.
    Redirect {
        /// The provider's own id of the leg.
        leg: String,
        url: String,
    },
    /// The first is rung, then joined to the second.
    Join {
        first: PhoneNumber,
        second: PhoneNumber,
        /// The number that both see.
        from: PhoneNumber,
    },
    /// The recording at this URL of the provider's is deleted.
    DeleteRecording {
        url: String,
    },
    Sms {
        to: PhoneNumber,
        from: PhoneNumber,
        text: String,
    },
}

/// Where a provider is asked, and as who.
#[derive(Clone, Debug)]
pub struct Account {
    /// The beginning of every URL, without a slash at its end: `https://api.twilio.com`.
    pub url: String,
    /// The account's or the project's id.
    pub id: String,
    /// Who asks: the id, or that of a key.
    pub user: String,
    pub secret: SecretString,
}

impl Account {
    pub(super) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }
}

/// Where the control API of a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    At(&'static str),
    /// Each customer has a host of their own there: the settings say which.
    OwnHost,
    /// It has none that is understood here.
    None,
}
