//! What an author wrote, field by field, with places: `line.yaml`, `calendar.yaml` and the flow files.
//!
//! One description feeds the reader and the JSON Schema. It is *not* checked here; `flow::load` turns it into a
//! [`Line`](crate::flow::Line) and reports what does not fit. The format is explained in `docs/flows.md`.

mod calendar;
mod line;
mod nodes;
mod schema;
mod span;

pub use calendar::{CalendarFile, YearTable};
pub use line::{Apology, Escape, Expired, Ladder, LineFile, Timers};
pub use nodes::{
    BranchNode, BrowseNode, CallNode, CollectNode, DialNode, EffectNode, EndNode, FlowFile, Format, Listening,
    LookupNode, MenuNode, NodeDefinition, OfferDefinition, QueueNode, RecordNode, ReturnNode, SayNode, SetNode,
    VerifyNode, WhisperDefinition,
};
pub use schema::{SCHEMAS, schema};
pub use span::Span;

/// The format version that this program reads.
pub const FORMAT: u32 = 1;
