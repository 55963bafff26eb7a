//! How time passes at the phones of a load: it is moved, so that nothing is waited for, or waited for as people do.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::line::TimedCall;
use super::watch::Watch;
use crate::call::Timestamp;
use crate::clock::Clock;
use crate::simulator::pace::Pace;

/// As long as people take: prompts are heard and timers run out in real time.
#[derive(Debug)]
pub(super) struct RealPace {
    pub(super) watch: Arc<dyn Watch>,
    /// What time it was when the load began.
    pub(super) began: Timestamp,
    /// Is told when its next request is due.
    pub(super) timed: Arc<TimedCall>,
}

#[async_trait]
impl Clock for RealPace {
    fn now(&self) -> Timestamp {
        self.began.plus(self.watch.now())
    }

    async fn sleep(&self, duration: Duration) {
        self.watch.until(self.watch.now() + duration).await;
    }
}

#[async_trait]
impl Pace for RealPace {
    async fn until(&self, then: Timestamp) {
        let then = then.since(self.began);
        self.watch.until(then).await;
        self.timed.due_at(then);
    }
}
