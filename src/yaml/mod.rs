//! Reads what authors write: YAML text into types, with every mistake at once and each in its place.
//!
//! serde stops at the first error and forgets places inside tagged enums. So the text becomes a [`Tree`] with
//! places, a deserializer of our own walks it, and every field stands in an [`At`], which reports what is wrong
//! with it and never fails. The same types give the JSON Schema.
//!
//! It is *not* YAML in full: anchors, aliases and tags are refused, and scalars have no type until a field asks
//! for one, so `no`, `010` and `12333` mean what is written.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod at;
mod de;
mod explain;
mod problem;
mod tree;

pub use at::At;
pub use explain::{EXPLANATIONS, Explanation};
pub use problem::{Place, Problem, Problems, did_you_mean};
pub use tree::Tree;

use serde::Deserialize;

/// Reads one file. `None` if nothing could be read of it; what could be read otherwise.
pub fn read<'a, T: Deserialize<'a>>(tree: &'a Tree, problems: &'a Problems) -> Option<T> {
    de::Reader::new(tree, problems).read()
}
