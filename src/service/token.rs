//! The opaque end of our URLs: which step of which call. It cannot be made up, because not every provider's
//! signature covers the URL.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::call::{CallId, Leg, Step};

/// Call (16 bytes), leg (2), turn (4).
const STEP_BYTES: usize = 22;
/// 64 bits: a guess costs a request and is good for one step of one call.
const MAC_BYTES: usize = 8;

/// Writes and reads the tokens of this installation.
pub(super) struct Tokens {
    key: [u8; 32],
}

impl Tokens {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// 40 characters that stand in a path as they are.
    pub(super) fn write(&self, step: Step) -> String {
        let mut bytes = Vec::with_capacity(STEP_BYTES + MAC_BYTES);
        bytes.extend_from_slice(step.call.as_bytes());
        bytes.extend_from_slice(&step.leg.0.to_be_bytes());
        bytes.extend_from_slice(&step.turn.to_be_bytes());
        let mac = self.mac(&bytes).finalize().into_bytes();
        bytes.extend(mac.iter().take(MAC_BYTES));
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The step of a token of ours; `None` for any other text.
    pub(super) fn read(&self, token: &str) -> Option<Step> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (step, mac) = bytes.split_at_checked(STEP_BYTES)?;
        if mac.len() != MAC_BYTES {
            return None;
        }
        self.mac(step).verify_truncated_left(mac).ok()?;
        let (call, rest) = step.split_first_chunk::<16>()?;
        let (leg, rest) = rest.split_first_chunk::<2>()?;
        let turn = rest.first_chunk::<4>()?;
        Some(Step {
            call: CallId::from_bytes(*call),
            leg: Leg(u16::from_be_bytes(*leg)),
            turn: u32::from_be_bytes(*turn),
        })
    }

    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(bytes);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
