//! Who waits for whom: callers, operators, and which of them belong together now.
//!
//! All of it is in the database, so it outlives the process. Whatever changes it is one transaction on the one writer:
//! no operator gets two calls, and no caller two operators. It is *not* decided here what a caller hears
//! (`flow/node/queue.rs`). Start with [`Database::ask_queue`], which a caller who waits does again and again.

mod ahead;
mod change;
mod desk;
mod dialled;
mod estimate;
mod matching;
mod operators;
mod presence;
mod standing;
mod waiters;

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;

use crate::call::{CallId, DialOutcome, Timestamp};

pub use desk::CalledBack;
pub use operators::OperatorNow;
pub use presence::Presence;
pub use waiters::{Waiter, WaiterState};

pub(super) use change::apply;

/// A caller who waits asks again within this time, or has gone: a piece of the wait, its request, and some patience.
pub const CALLER_SEEN: Duration = Duration::from_secs(40);
/// A desk is heard of again within this time, or is closed.
pub const DESK_SEEN: Duration = Duration::from_mins(1);
/// A server that was gone for longer expects nobody back.
const AWAITED: Duration = Duration::from_mins(10);
/// How long whoever dropped out keeps the place.
pub const PLACE_KEPT: Duration = Duration::from_mins(5);
/// How long an operator is reserved for a caller who has not come to be joined yet.
const RESERVED: Duration = Duration::from_secs(30);
/// After a telephone has rung for as long as it may: the whisper, its key, and the provider's report.
const RUNG: Duration = Duration::from_secs(40);
/// How long a caller who was passed on to an operator waits for nobody else.
const WANTED: Duration = Duration::from_mins(1);
/// How long an operator has after a talk.
pub const WRAP_UP: Duration = Duration::from_secs(30);

/// How high a caller's place is: among equals, who came first is first.
pub mod priority {
    pub const USUAL: i64 = 0;
    /// Verified, and 65 years old or older.
    pub const ELDERLY: i64 = 1;
    /// The call was passed on.
    pub const BACK: i64 = 2;
}

/// What a caller who waits asks.
#[derive(Clone, Debug)]
pub struct Ask {
    pub call: CallId,
    pub line: String,
    pub queue: String,
    pub simulated: bool,
    pub language: String,
    /// The topic; empty if there is none.
    pub subject: String,
    pub priority: i64,
    /// Keyed hash of the calling number.
    pub caller: Option<Vec<u8>>,
    /// How the telephone of the operator who was reserved was left, if it was rung just now.
    pub ended: Option<DialOutcome>,
    /// How many dials the call has made: the end of one counts once, however often it is told.
    pub dials: u16,
    /// Somebody else is rung where nobody here can serve them.
    pub overflows: bool,
    pub limits: Limits,
    pub now: Timestamp,
}

/// How much waiting there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub most_waiting: u32,
    pub longest: Duration,
    /// How long an operator is rung.
    pub ring: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { most_waiting: 200, longest: Duration::from_mins(30), ring: Duration::from_secs(25) }
    }
}

/// Where a caller stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// So many are served up to them, themselves among these; four of five such callers wait no longer than this.
    Waiting {
        place: u32,
        bound: Duration,
    },
    /// This operator is theirs: ring them.
    Operator {
        number: String,
        address: Option<String>,
    },
    /// They have talked, and nobody passed them on.
    Served,
    /// No operator who could serve them is at work.
    Nobody,
    Full,
    TooLong,
}

pub(super) type Written<T> = Result<T, sqlx::Error>;

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Runs a statement that is the same every time.
macro_rules! run {
    ($connection:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        sqlx::query($sql)$(.bind($value))*.execute(&mut *$connection).await?.rows_affected()
    };
}
use run;

/// Ends what has lasted too long, and gives those who wait the operators who are free. How much of this there was.
async fn settle(connection: &mut SqliteConnection, now: Timestamp) -> Written<u32> {
    let ended = matching::lapse(connection, now).await?;
    Ok(ended + matching::match_waiting(connection, now).await?)
}
