//! What survives a crash: calls, their turns, the versions of lines, switches.
//!
//! SQL lives here and in `lookup`, which keeps tables of its own in the same database. It is *not* a cache; the
//! sessions of calls in progress are also held by `service`. Start with [`Store`], the one trait that takes whole
//! turns; [`Database`] implements it. One task, in `writer.rs`, owns the one connection that writes.

mod calls;
mod checkpoint;
mod database;
mod effects;
mod error;
mod outbox;
mod publications;
pub mod queue;
mod records;
mod retention;
mod seal;
mod switches;
mod turn;
mod turns;
mod versions;
mod wakes;
mod writer;

pub use database::{Database, Options};
pub use effects::{CONTACT, CallBack, Effect, KeptRecording, NewTicket, SOUND, SOURCE, TicketKind};
pub use error::{Error, Trouble};
pub use outbox::{OutKind, OutState, Outgoing, Recipient, enqueue};
pub use publications::{How, KeptVersion, Publication, version_before};
pub use records::{FinishedCall, Records};
pub use seal::{CallKey, DataKey, SealError};
pub use switches::Switches;
pub use turn::{Committed, LoggedTurn, Opening, Store, StoredCall, StoredLeg, Turn};
