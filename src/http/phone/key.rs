//! The key that lets people in while operators have no accounts, and the sessions that it gives.
//!
//! A session is a cookie with an end, signed with the key: nothing is kept of it, so that a call goes on when the server
//! has started again. A new key ends all of them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use base64::prelude::*;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::call::Timestamp;

/// The name of the cookie.
const COOKIE: &str = "hotline-phone";
/// How long a session lasts.
const SESSION: Duration = Duration::from_hours(12);
/// So many wrong keys cost an address nothing.
const FREE_TRIES: u32 = 5;
/// The longest wait before the next try.
const LONGEST_WAIT: Duration = Duration::from_secs(16);
/// Wrong keys are forgotten after so long.
const FORGOTTEN: Duration = Duration::from_mins(15);
/// How many addresses are remembered.
const MOST_ADDRESSES: usize = 10_000;

/// The key, and who has tried wrong ones.
#[derive(Debug)]
pub struct Key {
    secret: SecretString,
    tries: Mutex<HashMap<IpAddr, Tries>>,
}

#[derive(Debug)]
struct Tries {
    wrong: u32,
    last: Instant,
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
        Self { secret: secret.into(), tries: Mutex::default() }
    }

    /// Looks at a key. Who was wrong several times has to wait, longer each time.
    pub(super) fn try_one(&self, given: &str, from: IpAddr, now: Instant) -> Tried {
        let from = network(from);
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.retain(|_, tries| now.duration_since(tries.last) < FORGOTTEN);
        if let Some(tries) = tries.get(&from) {
            let wait = wait_after(tries.wrong).saturating_sub(now.duration_since(tries.last));
            if !wait.is_zero() {
                return Tried::TooSoon(wait);
            }
        }
        if given.as_bytes().ct_eq(self.secret.expose_secret().as_bytes()).into() {
            tries.remove(&from);
            return Tried::Right;
        }
        if tries.len() >= MOST_ADDRESSES && !tries.contains_key(&from) {
            return Tried::TooSoon(LONGEST_WAIT);
        }
        let tries = tries.entry(from).or_insert(Tries { wrong: 0, last: now });
        tries.wrong += 1;
        tries.last = now;
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

/// How long the next try has to wait.
fn wait_after(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE_TRIES) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(30)).min(LONGEST_WAIT),
    }
}

/// Who has one address of IPv6 has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
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
        let [here, there, beside] = ["2001:db8::1", "192.0.2.1", "2001:db8::2"].map(|address| address.parse().unwrap());
        let start = Instant::now();
        for wrong in ["", "0123456789abcdef0123456789abcdee", "0123", "x", "y"] {
            assert_eq!(key.try_one(wrong, here, start), Tried::Wrong);
        }
        // The right one too, and from the same network; another address does not.
        assert_eq!(key.try_one(KEY, beside, start), Tried::TooSoon(Duration::from_secs(1)));
        assert_eq!(key.try_one(KEY, there, start), Tried::Right);
        let later = start + Duration::from_secs(1);
        assert_eq!(key.try_one("z", here, later), Tried::Wrong);
        assert_eq!(key.try_one(KEY, here, later), Tried::TooSoon(Duration::from_secs(2)));
        let later = later + Duration::from_secs(2);
        assert_eq!(key.try_one(KEY, here, later), Tried::Right);
        assert_eq!(key.try_one("z", here, later), Tried::Wrong);
        assert_eq!(wait_after(1_000), LONGEST_WAIT);
    }
}
