//! The opaque end of our URLs: which step of which call, or which sentence of its reply. It cannot be made up: not
//! every provider's signature covers the URL, and audio is fetched without one.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::call::{CallId, Leg, Step};

/// Call (16 bytes), leg (2), turn (4).
const STEP_BYTES: usize = 22;
/// 64 bits: a guess costs a request and is good for one step of one call.
const MAC_BYTES: usize = 8;
/// 128 bits: whoever has the token hears what is said.
const AUDIO_MAC_BYTES: usize = 16;

/// Writes and reads the tokens of this installation.
pub(super) struct Tokens {
    key: [u8; 32],
}

/// The same for sentences, under a key of their own: a step's token is no sentence's.
pub(super) struct AudioTokens {
    key: [u8; 32],
}

impl Tokens {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// 40 characters that stand in a path as they are.
    pub(super) fn write(&self, step: Step) -> String {
        seal(&self.key, bytes_of(step), MAC_BYTES)
    }

    /// What the recording is known by that the document of a step asked for: the same each time it is told of, and
    /// nobody can guess it.
    pub(super) fn recording(&self, step: Step) -> String {
        let mut bytes = b"recording".to_vec();
        bytes.extend(bytes_of(step));
        let mac = mac(&self.key, &bytes).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode(mac.iter().take(AUDIO_MAC_BYTES).copied().collect::<Vec<u8>>())
    }

    /// The step of a token of ours; `None` for any other text.
    pub(super) fn read(&self, token: &str) -> Option<Step> {
        step_of(&open(&self.key, token, STEP_BYTES, MAC_BYTES)?)
    }
}

impl AudioTokens {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// 52 characters for sentence `number` of the reply of a step. The same for ever: there is no time in it.
    pub(super) fn write(&self, step: Step, number: u8) -> String {
        let mut bytes = bytes_of(step);
        bytes.push(number);
        seal(&self.key, bytes, AUDIO_MAC_BYTES)
    }

    /// The sentence of a token of ours; `None` for any other text.
    pub(super) fn read(&self, token: &str) -> Option<(Step, u8)> {
        let bytes = open(&self.key, token, STEP_BYTES + 1, AUDIO_MAC_BYTES)?;
        Some((step_of(&bytes)?, *bytes.last()?))
    }
}

fn bytes_of(step: Step) -> Vec<u8> {
    let mut bytes = step.call.as_bytes().to_vec();
    bytes.extend_from_slice(&step.leg.0.to_be_bytes());
    bytes.extend_from_slice(&step.turn.to_be_bytes());
    bytes
}

fn step_of(bytes: &[u8]) -> Option<Step> {
    let (call, rest) = bytes.split_first_chunk::<16>()?;
    let (leg, rest) = rest.split_first_chunk::<2>()?;
    let turn = rest.first_chunk::<4>()?;
    Some(Step { call: CallId::from_bytes(*call), leg: Leg(u16::from_be_bytes(*leg)), turn: u32::from_be_bytes(*turn) })
}

/// The bytes and so much of their MAC.
fn seal(key: &[u8; 32], mut bytes: Vec<u8>, mac_bytes: usize) -> String {
    let mac = mac(key, &bytes).finalize().into_bytes();
    bytes.extend(mac.iter().take(mac_bytes));
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that were sealed, if they are as many and were not changed; compared in constant time.
fn open(key: &[u8; 32], token: &str, length: usize, mac_bytes: usize) -> Option<Vec<u8>> {
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (sealed, found) = bytes.split_at_checked(length)?;
    if found.len() != mac_bytes {
        return None;
    }
    mac(key, sealed).verify_truncated_left(found).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

fn mac(key: &[u8; 32], bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(bytes);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_audio_tokens_are_read() {
        let tokens = AudioTokens::new([7; 32]);
        let step = Step { call: CallId::from_bytes([9; 16]), leg: Leg(2), turn: 70_000 };
        let token = tokens.write(step, 3);
        assert_eq!(token.len(), 52);
        assert_eq!(tokens.read(&token), Some((step, 3)));
        assert_ne!(tokens.write(step, 4), token);
        assert_eq!(AudioTokens::new([8; 32]).read(&token), None);
        assert_eq!(tokens.read(&Tokens::new([7; 32]).write(step)), None);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(tokens.read(std::str::from_utf8(&changed).unwrap()), None, "character {at}");
        }
    }

    #[test]
    fn only_our_own_tokens_are_read() {
        let tokens = Tokens::new([7; 32]);
        let step = Step { call: CallId::from_bytes([9; 16]), leg: Leg(2), turn: 70_000 };
        let token = tokens.write(step);
        assert_eq!(token.len(), 40);
        assert_eq!(tokens.read(&token), Some(step));
        assert_eq!(Tokens::new([8; 32]).read(&token), None);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(tokens.read(std::str::from_utf8(&changed).unwrap()), None, "character {at}");
        }
        for other in ["", "A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "***"] {
            assert_eq!(tokens.read(other), None);
        }
    }
}
