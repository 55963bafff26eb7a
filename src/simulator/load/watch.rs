//! Time as a load measures it: since its beginning, and finer than a [`Timestamp`](crate::call::Timestamp).

use std::time::{Duration, Instant};

use async_trait::async_trait;

/// How long a load has been going on.
#[async_trait]
pub trait Watch: std::fmt::Debug + Send + Sync {
    fn now(&self) -> Duration;

    /// Until `then`; at once if it is that late already.
    async fn until(&self, then: Duration);
}

/// Timers of the runtime are as coarse as a millisecond or two.
const COARSE: Duration = Duration::from_millis(2);

/// The machine's own time.
#[derive(Clone, Copy, Debug)]
pub struct StopWatch(Instant);

impl StopWatch {
    /// It begins now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

#[async_trait]
impl Watch for StopWatch {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    /// A call that begins a millisecond late would be told as one that was answered a millisecond late: the rest is slept
    /// on a thread, which wakes in time.
    async fn until(&self, then: Duration) {
        let left = |watch: &Self| then.saturating_sub(watch.now());
        if let Some(long) = left(self).checked_sub(COARSE) {
            tokio::time::sleep(long).await;
        }
        let rest = left(self);
        if !rest.is_zero() {
            // It is cancelled with the runtime only, and then nobody waits any more.
            let _ = tokio::task::spawn_blocking(move || std::thread::sleep(rest)).await;
        }
    }
}
