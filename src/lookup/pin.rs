//! PINs: how they are hashed, and which are too easy to guess.
//!
//! It is *not* who may try one and how often; that is [`identity`](super::identity).

use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::Error;
use crate::call::{IdNumber, PhoneNumber, Secret};

/// Digits of a PIN.
pub const PIN_LENGTH: usize = 6;

/// What a hash costs: Argon2id's parameters. A hash carries its own, so old ones stay good when these change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinHashing {
    /// Memory in KiB, at least 8 for each lane.
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

/// 19 MiB, two passes, one lane (source: OWASP Password Storage Cheat Sheet, Argon2id).
impl Default for PinHashing {
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

impl PinHashing {
    /// The least that Argon2id can do: for demo people, whose PINs are public.
    pub const SMALLEST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// Hashes a PIN under a salt of its own.
    ///
    /// # Errors
    /// [`Error::Hash`] if the parameters are out of Argon2's range or the system has no randomness.
    pub fn hash(self, pin: &str) -> Result<String, Error> {
        let unusable = |_| Error::Hash(password_hash::Error::ParamsInvalid);
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(unusable)?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(hasher.hash_password(pin.as_bytes()).map_err(Error::Hash)?.to_string())
    }
}

/// Whether `pin` is the one that was hashed, in constant time.
///
/// # Errors
/// [`Error::Hash`] if the hash cannot be read.
pub fn matches(pin: &str, hash: &str) -> Result<bool, Error> {
    match Argon2::default().verify_password(pin.as_bytes(), hash) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(Error::Hash(error)),
    }
}

/// What a guesser knows about a person.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub id: &'a IdNumber,
    pub card_no: Option<&'a str>,
    pub caller: Option<&'a PhoneNumber>,
}

/// Whether a PIN is too easy to guess, or is no PIN (domain reference 1.5). That it is not the old one is checked
/// against the old one's hash, by [`identity`](super::identity).
#[must_use]
pub fn is_weak(pin: &Secret, known: Known<'_>) -> bool {
    let pin = pin.expose();
    if pin.len() != PIN_LENGTH || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let birth = known.id.birth();
    let (year, month, day) = (birth.year() % 100, birth.month(), birth.day());
    let birthdays = [format!("{year:02}{month:02}{day:02}"), format!("{month:02}{day:02}{year:02}")];
    let card = known.card_no.map(super::records::digits_of).unwrap_or_default();
    let caller = known.caller.map(PhoneNumber::digits).unwrap_or_default();
    is_run(pin)
        || birthdays.iter().any(|birthday| birthday == pin)
        || [known.id.as_str(), &card, &caller].iter().any(|digits| digits.contains(pin))
}

/// All equal, or each key the one after (or before) the last; 0 comes after 9, as on the keypad.
fn is_run(pin: &str) -> bool {
    let steps: Vec<u8> =
        pin.as_bytes().windows(2).filter_map(|pair| Some((pair.get(1)? + 10 - pair.first()?) % 10)).collect();
    [0, 1, 9].iter().any(|step| steps.iter().all(|other| other == step))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::call::Keys;

    fn secret(pin: &str) -> Secret {
        Secret::from_keys(&Keys::parse(pin).unwrap())
    }

    fn weak(pin: &str) -> bool {
        let id = IdNumber::parse("000101198503121233", date(2026, 4, 1)).unwrap();
        let caller = PhoneNumber::parse("+8612012345678").unwrap();
        is_weak(&secret(pin), Known { id: &id, card_no: Some("A904718352"), caller: Some(&caller) })
    }

    #[test]
    fn what_is_easy_to_guess_is_refused() {
        for pin in [
            "000000", "777777", // equal
            "123456", "345678", "567890", "654321", "098765", "210987", // runs
            "000101", "985031", "121233", "503121", // of the identity number
            "904718", "718352", // of the card
            "861201", "201234", "345678", // of the caller's number
            "850312", "031285", // birthdays
            "", "12345", "1234567", "12345*", // no PINs
        ] {
            assert!(weak(pin), "{pin}");
        }
        for pin in ["204816", "121212", "112233", "123457", "738291"] {
            assert!(!weak(pin), "{pin}");
        }
    }

    #[test]
    fn a_hash_is_good_for_its_own_pin_only_and_says_its_parameters() {
        let hash = PinHashing::SMALLEST.hash("204816").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(matches("204816", &hash).unwrap());
        assert!(!matches("204817", &hash).unwrap());
        assert!(matches("204816", "no hash").is_err());
        assert_ne!(hash, PinHashing::SMALLEST.hash("204816").unwrap());
        assert!(PinHashing { memory_kib: 1, passes: 1, lanes: 1 }.hash("204816").is_err());
    }

    proptest! {
        #[test]
        fn any_six_digits_in_a_row_of_the_identity_number_are_refused(at in 0_usize..=12) {
            let id = "000101198503121233";
            prop_assert!(weak(&id[at..at + 6]));
        }
    }
}
