//! The key that lets people in to the telephone, and the sessions that it gives.
//!
//! A session is a cookie with an end, signed with the key: nothing is kept of it, so that a call goes on when the server
//! has started again. A new key ends all of them.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use base64::prelude::*;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::call::Timestamp;
use crate::http::tries::Tries;

/// The name of the cookie.
const COOKIE: &str = "hotline-phone";
/// How long a session lasts.
const SESSION: Duration = Duration::from_hours(12);
/// So many wrong keys cost an address nothing.
const FREE_TRIES: u32 = 5;
/// The key, and who has tried wrong ones.
#[derive(Debug)]
pub struct Key {
    secret: SecretString,
    tries: Tries,
}

/// What became of a try.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tried {
    Right,
    Wrong,
    /// It was not looked at; the next one is, after so long.
    TooSoon(Duration),
}

impl Key {
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self { secret: secret.into(), tries: Tries::with_free(FREE_TRIES) }
    }

    /// Looks at a key. Who was wrong several times has to wait, longer each time.
    pub(super) fn try_one(&self, given: &str, from: IpAddr, now: Instant) -> Tried {
        if let Err(wait) = self.tries.begin(from, now) {
            return Tried::TooSoon(wait);
        }
        if given.as_bytes().ct_eq(self.secret.expose_secret().as_bytes()).into() {
            self.tries.right(from);
            return Tried::Right;
        }
        Tried::Wrong
    }

    /// The cookie of a new session.
    pub(super) fn session(&self, now: Timestamp, is_encrypted: bool) -> String {
        let session = format!("{}.{:032x}", now.plus(SESSION).as_millis(), rand::random::<u128>());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(self.sign(&session).finalize().into_bytes());
        let secure = if is_encrypted { "; Secure" } else { "" };
        let longest = SESSION.as_secs();
        format!("{COOKIE}={session}.{signature}; Path=/; Max-Age={longest}; HttpOnly; SameSite=Strict{secure}")
    }

    /// Whether there is a session of ours that has not ended.
    pub(super) fn admits(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(name, _)| *name == COOKIE).any(|(_, value)| self.is_session(value, now))
    }

    fn is_session(&self, value: &str, now: Timestamp) -> bool {
        let Some((session, signature)) = value.rsplit_once('.') else { return false };
        let Ok(signature) = BASE64_URL_SAFE_NO_PAD.decode(signature) else { return false };
        let ends = session.split('.').next().and_then(|ends| ends.parse().ok()).map(Timestamp::from_millis);
        self.sign(session).verify_slice(&signature).is_ok() && ends.is_some_and(|ends| now < ends)
    }

    fn sign(&self, session: &str) -> Hmac<Sha256> {
        let key = self.secret.expose_secret().as_bytes();
        let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
        mac.chain_update(b"phone-session ").chain_update(session)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_session_ends_and_cannot_be_made_up() {
        let key = Key::new(KEY.to_owned());
        let now = Timestamp::from_millis(1_800_000_000_000);
        let cookie = key.session(now, true);
        assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
        assert!(!key.session(now, false).contains("Secure"));
        assert_ne!(key.session(now, true), cookie);
        let value = cookie.split(';').next().unwrap();
        let admits = |key: &Key, cookies: &str, after: Duration| {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookies).unwrap())]);
            key.admits(&headers, now.plus(after))
        };
        assert!(admits(&key, value, Duration::ZERO));
        assert!(admits(
            &key,
            &format!("a=b; {COOKIE}=1.2.3; {value}"),
            SESSION.saturating_sub(Duration::from_millis(1))
        ));
        // The server has started again meanwhile.
        assert!(admits(&Key::new(KEY.to_owned()), value, Duration::ZERO));
        assert!(!admits(&key, value, SESSION));
        let later = value.replacen("=18", "=19", 1);
        for made_up in [later.as_str(), &value[..value.len() - 1], "", COOKIE, &format!("{COOKIE}=")] {
            assert!(!admits(&key, made_up, Duration::ZERO), "{made_up}");
        }
        assert!(!admits(&Key::new(KEY.replace('0', "1")), value, Duration::ZERO));
    }

    #[test]
    fn who_tries_wrong_keys_has_to_wait() {
        let key = Key::new(KEY.to_owned());
        let here = "192.0.2.1".parse().unwrap();
        let start = Instant::now();
        for wrong in ["", "0123456789abcdef0123456789abcdee", "0123", "x", "y"] {
            assert_eq!(key.try_one(wrong, here, start), Tried::Wrong);
        }
        // The right one too; it takes the wrong ones away.
        assert_eq!(key.try_one(KEY, here, start), Tried::TooSoon(Duration::from_secs(1)));
        let later = start + Duration::from_secs(1);
        assert_eq!(key.try_one(KEY, here, later), Tried::Right);
        assert_eq!(key.try_one("z", here, later), Tried::Wrong);
        assert_eq!(key.try_one(KEY, here, later), Tried::Right);
    }
}
