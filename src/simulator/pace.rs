//! How time passes for a telephone that plays a script: it is moved as far as things take, or waited for.

use std::fmt::Debug;

use async_trait::async_trait;

use super::clock::MovableClock;
use crate::call::Timestamp;
use crate::clock::Clock;

/// The clock of a telephone, which says when it goes on.
#[async_trait]
pub trait Pace: Clock + Debug {
    /// Until `then`; at once if it is that late already.
    async fn until(&self, then: Timestamp);
}

#[async_trait]
impl Pace for MovableClock {
    async fn until(&self, then: Timestamp) {
        self.advance_to(then);
    }
}
