//! The call-flow state machine: what happens next.
//!
//! Pure: [`step`] is told what happened and when, and gives the next session and what to do. It asks nobody and
//! does nothing; `service` does. It is *not* how anything is said (`prompt`) nor what a provider understands
//! (`dialect`). Start with [`step`] in `engine.rs`; one file per kind of node stands in `node/`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod check;
pub mod definition;
pub mod diff;

mod calendar;
mod effect;
mod engine;
mod entry;
mod input;
mod line;
mod load;
pub mod node;
mod outline;
mod run;
mod session;
mod taken;
mod tally;
mod traffic;

pub use calendar::{Calendar, Duty};
pub use effect::{COMPLAINTS, Effect, EffectKind, QueueChange, TICKETS};
pub use engine::{
    Event, Fault, LOOKUP_LIMIT, LOOKUP_WAIT, LookupRequest, MAX_NODES_PER_STEP, Next, SUBJECT_LIFETIME, Step, begin,
    step, step_with_edges,
};
pub use entry::{Entry, SecretEntry, last_digits, read_entry};
pub use input::Input;
pub use line::{Apology, Escape, Ladder, Line, SubFlow, Timers, Universal};
pub use load::{Files, Loaded, load};
pub use node::Node;
pub use outline::Outlines;
pub use session::{Session, Stage, Verification};
pub use taken::Taken;
pub use tally::Tally;
pub use traffic::{AtNode, Traffic};
