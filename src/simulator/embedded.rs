//! The provider in the box: a profile for calls that come from nowhere but here, from the browser, the terminal or a load
//! test.
//!
//! It speaks Twilio's dialect and signs like any provider, so that nothing on the way is special. Its secret is a file in
//! the data folder, or `HOTLINE_EMBEDDED_SECRET` on another machine. It is *not* a provider that anybody can subscribe to,
//! so `hotline providers` does not list it.

use crate::dialect::{BadSecret, Profile, provider};

/// The word of its profile in our URLs.
pub const NAME: &str = "embedded";
/// The file in the data folder that holds its secret.
pub const SECRET_FILE: &str = "embedded-secret";
/// The environment variable with the secret, where there is no such file.
pub const SECRET_VARIABLE: &str = "HOTLINE_EMBEDDED_SECRET";

/// Its profile.
///
/// # Errors
/// [`BadSecret`] if `secret` is not one like those that a server makes.
///
/// # Panics
/// Never: its dialect is known.
pub fn profile(secret: &str) -> Result<Profile, BadSecret> {
    let like = provider("twilio").expect("it is known");
    Ok(Profile { name: NAME.to_owned(), ..like.profile(like.read_secrets(secret)?) })
}
