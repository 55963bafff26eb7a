//! Which numbers that somebody typed or keyed may be dialled: those that begin with one of these.

use crate::call::PhoneNumber;

/// How what may be dialled begins: `+8621`, `sip:`. None: nothing that was typed is dialled (toll fraud).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialPrefixes(Vec<String>);

/// A text that is no prefix.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no beginning of a number; write digits with a leading +, like +8621, or sip: for SIP addresses")]
pub struct BadPrefix(String);

/// Why what somebody typed is not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undialable {
    #[error("this is neither a number like +862155551234 nor an address like sip:desk@pbx.example.org")]
    NoAddress,
    #[error("numbers that begin like this are not dialled; add their beginning to `dial-prefixes` in hotline.toml")]
    NotAllowed,
}

impl DialPrefixes {
    /// Reads prefixes: `+` and digits, digits, or a scheme of addresses and what follows it.
    ///
    /// # Errors
    /// The first that is none.
    pub fn parse(written: &[String]) -> Result<Self, BadPrefix> {
        let bad = |prefix: &&String| {
            let number = PhoneNumber::parse(prefix).is_ok_and(|number| number.is_number());
            let address = ["sip:", "sips:"].iter().any(|scheme| prefix.starts_with(scheme));
            !number && !address
        };
        match written.iter().find(bad) {
            Some(prefix) => Err(BadPrefix(prefix.clone())),
            None => Ok(Self(written.to_vec())),
        }
    }

    /// What somebody typed, if it can and may be dialled.
    ///
    /// # Errors
    /// Why not.
    pub fn dialable(&self, typed: &str) -> Result<PhoneNumber, Undialable> {
        let number = PhoneNumber::parse(typed).map_err(|_| Undialable::NoAddress)?;
        let is_address = ["sip:", "sips:"].iter().any(|scheme| number.as_str().starts_with(scheme));
        if !number.is_number() && !is_address {
            return Err(Undialable::NoAddress);
        }
        if self.allow(&number) { Ok(number) } else { Err(Undialable::NotAllowed) }
    }

    /// Whether this may be dialled.
    #[must_use]
    pub fn allow(&self, number: &PhoneNumber) -> bool {
        self.0.iter().any(|prefix| number.as_str().starts_with(prefix.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_as_listed_is_dialled() {
        let prefixes =
            |written: &[&str]| DialPrefixes::parse(&written.iter().map(ToString::to_string).collect::<Vec<_>>());
        let number = |text| PhoneNumber::parse(text).unwrap();
        let some = prefixes(&["+8621", "sip:desk@"]).unwrap();
        assert!(some.allow(&number("+862155551234")) && some.allow(&number("sip:desk@pbx.example.org")));
        for other in ["+85291234567", "862155551234", "02155551234", "sip:other@pbx.example.org", "client:operator-1"] {
            assert!(!some.allow(&number(other)), "{other}");
        }
        assert_eq!(some.dialable(" +862155551234 "), Ok(number("+862155551234")));
        assert_eq!(some.dialable("+85291234567"), Err(Undialable::NotAllowed));
        for neither in ["client:operator-1", "021 5555", "tel:+8621", ""] {
            assert_eq!(some.dialable(neither), Err(Undialable::NoAddress), "{neither}");
        }
        assert!(!DialPrefixes::default().allow(&number("+862155551234")));
        for bad in ["", "+", "86 21", "sip", "client:", "all"] {
            assert_eq!(prefixes(&["+86", bad]), Err(BadPrefix(bad.to_owned())));
        }
    }
}
