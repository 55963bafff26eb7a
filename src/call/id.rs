//! Identifiers: of calls, legs and steps, and the names that authors give.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One telephone call, 128 bits; shown as 32 hexadecimal digits.
///
/// Derived by `service` from the profile and the provider's own call id, so that the same call has the same id
/// on every node and a repeated arrival is the same call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId([u8; 16]);

/// A text that is no [`CallId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a call id; a call id has 32 hexadecimal digits")]
pub struct UnknownId(pub String);

impl CallId {
    /// The call with these bits.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bits, for keys and tokens.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads the 32 hexadecimal digits that [`fmt::Display`] writes.
    ///
    /// # Errors
    /// [`UnknownId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, UnknownId> {
        let unknown = || UnknownId(text.to_owned());
        if text.len() != 32 || !text.is_ascii() {
            return Err(unknown());
        }
        u128::from_str_radix(text, 16).map(|bits| Self(bits.to_be_bytes())).map_err(|_| unknown())
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// One end of a call: 0 is the caller's; an operator's leg has the number of the dial that rang it, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Leg(pub u16);

impl Leg {
    /// The caller's own leg.
    pub const CALLER: Self = Self(0);
}

/// The place in a call that a URL of ours stands for: what the provider sends there answers the document of
/// turn `turn` on leg `leg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    pub call: CallId,
    pub leg: Leg,
    pub turn: u32,
}

// Names are copied all over a call and never change: a copy is a count, not a text.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<T: Into<String>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(Arc::from(text.into()))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// A node of a line, `med.balance`: unique in the line.
    NodeId;
    /// A prompt of the catalogue, `med.balance`.
    PromptId;
    /// A language that a line speaks, as the name of its folder under `prompts/`: `zh-CN`, `en`.
    Language;
    /// Any other name that an author gives: a flow, an exit, a value, a dial target.
    Name;
}
