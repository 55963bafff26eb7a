//! Passwords: how they are made up, and which are refused.

use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretString};

/// The fewest characters of a password that somebody chose. There are no other rules of composition (source: NIST
/// SP 800-63B, 5.1.1.2).
pub const SHORTEST: usize = 10;
/// The most, bytes: what is longer only makes us work.
pub const LONGEST: usize = 200;
/// Letters and digits that are not taken for one another: 31 of them.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Groups of four: 12 characters, 59 bits. It lives until the first login, behind the limit of tries.
const GROUPS: usize = 3;

/// Why a password cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    TooShort,
    TooLong,
    /// It is the number that they log in with, or has little more in it.
    Number,
    /// It is the one that they have.
    Same,
}

/// One to be given to an operator: it must be changed at the first login.
#[must_use]
pub fn issue() -> SecretString {
    let mut random = rand::rng();
    let mut letters = || *LETTERS.get(random.random_range(0..LETTERS.len())).unwrap_or(&b'a');
    let group = |_| (0..4).map(|_| char::from(letters())).collect::<String>();
    (0..GROUPS).map(group).collect::<Vec<_>>().join("-").into()
}

/// Whether somebody with this number may choose this password; that it is not the old one is checked by its hash.
///
/// # Errors
/// Why not.
pub fn check(password: &SecretString, number: &str) -> Result<(), Unfit> {
    let password = password.expose_secret();
    if password.len() > LONGEST {
        return Err(Unfit::TooLong);
    }
    if password.chars().count() < SHORTEST {
        return Err(Unfit::TooShort);
    }
    // Their number written often enough to be long.
    if password.replace(number, "").trim().is_empty() {
        return Err(Unfit::Number);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_not_the_number() {
        let check = |password: &str| check(&password.to_owned().into(), "1001");
        assert_eq!(check("123456789"), Err(Unfit::TooShort));
        assert_eq!(check("一二三四五六七八九"), Err(Unfit::TooShort));
        assert_eq!(check("100110011001"), Err(Unfit::Number));
        assert_eq!(check(&"x".repeat(201)), Err(Unfit::TooLong));
        for fine in ["1234567890", "一二三四五六七八九十", "number 1001", "correct horse battery"] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn issued_passwords_differ_and_are_fit() {
        let issued: std::collections::BTreeSet<String> = (0..100).map(|_| issue().expose_secret().to_owned()).collect();
        assert_eq!(issued.len(), 100);
        for password in issued {
            assert_eq!(password.len(), 14);
            assert_eq!(check(&password.into(), "1001"), Ok(()));
        }
    }
}
