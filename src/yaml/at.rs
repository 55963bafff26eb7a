//! A field and where it stands.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use super::Place;

/// The name by which our deserializer knows that an [`At`] is asked for.
pub(super) const NAME: &str = "$at";

thread_local! {
    /// Fields that serde found missing: its error reaches `At` without our problems, so it waits here until the
    /// struct that lacks it is read to its end.
    static MISSING: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Runs `read` and returns with its result the missing fields of that struct alone.
pub(super) fn with_missing<T>(read: impl FnOnce() -> T) -> (T, Vec<String>) {
    let outer = MISSING.take();
    let result = read();
    (result, MISSING.replace(outer))
}

/// A value and its place. `None` if it was wrong or missing; that has been reported.
#[derive(Clone, Debug, Default)]
pub struct At<T> {
    pub place: Place,
    pub value: Option<T>,
}

impl<T> At<T> {
    #[must_use]
    pub const fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Guarded<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Guarded<T> {
            type Value = At<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<At<T>, A::Error> {
                let place: [usize; 4] = seq.next_element()?.unwrap_or_default();
                let [start, end, line, column] = place;
                Ok(At { place: Place { start, end, line, column }, value: seq.next_element()? })
            }
        }
        // Only serde's "missing field" can fail here: our own deserializer feeds a guarded sequence.
        deserializer.deserialize_newtype_struct(NAME, Guarded(PhantomData)).or_else(|missing| {
            MISSING.with_borrow_mut(|all| all.push(missing.to_string()));
            Ok(Self { place: Place::default(), value: None })
        })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
