//! The desk's side of things: who may log in, what they may see, what calls have left for them, how it all went.
//!
//! It is *not* a door (`http/desk` is) and it moves no call: who waits for whom is in `store/queue`, what a caller
//! hears in the flow. SQL of its own tables (migration 0004) lies here. Start with [`accounts`].

pub mod accounts;
pub mod audit;
pub mod calls;
pub mod figures;
mod prefixes;
pub mod retention;
pub mod switches;
pub mod work;

pub use prefixes::{BadPrefix, DialPrefixes, Undialable};
