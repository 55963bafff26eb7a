//! The nouns that every other module shares: parsed once, valid ever after.
//!
//! Pure: no sockets, files, clock, environment or randomness, and no word of any provider. It is *not* the
//! state machine (`flow`), nor how anything is said (`prompt`). Start with [`Reply`]: all that a caller ever
//! gets is one of those.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod event;
mod id;
mod id_number;
mod keys;
mod mask;
mod phone;
mod reply;
mod secret;
mod signature;
mod time;
mod value;

pub use event::{Arrival, CallEvent, DialOutcome, Kind, RecordOutcome, Recording, RecordingKind, What};
pub use id::{CallId, Language, Leg, Name, NodeId, PromptId, Step, UnknownId};
pub use id_number::{BadId, IdNumber};
pub use keys::{Keys, NotKeys};
pub use mask::{mask_card, mask_id, mask_name, mask_phone};
pub use phone::{NotANumber, PhoneNumber};
pub use reply::{Dial, EndCause, Ending, KeyPlan, Listen, Record, Refusal, Reply, Segment, Sentence, Spoken, Whisper};
pub use secret::Secret;
pub use signature::{Field, Outcome, Signature, Type};
pub use time::{Period, Timestamp, YearMonth};
pub use value::{Record as ValueRecord, Value};
