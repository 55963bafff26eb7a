//! Finished calls once more, from their logs: on their own version, where every reply has to be the same, or on another,
//! where it is told what callers would hear differently.
//!
//! The engine is pure, so a log that has inputs and times is enough; secrets are not needed and not there. What is found
//! is told in ids of prompts and nodes, *never* in values. Start with [`replay`], which is exact, then [`follow`];
//! [`Walk`] reads calls, [`Report`] gathers what many of them have in common.

mod fit;
mod other;
mod own;
mod read;
mod report;
mod words;

pub use other::{Ends, Fate, Person, follow};
pub use own::{Difference, Trace, replay};
pub use read::{Error, Recorded, RecordedTurn, Versions, Walk, Walked};
pub use report::{Group, OwnDifference, Report};
