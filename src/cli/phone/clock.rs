//! The time of a call from the terminal: the machine's own, ahead by what nobody wants to wait for.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use crate::call::Timestamp;
use crate::clock::{Clock, SystemClock};

/// A clock that goes by itself and can be put forward.
#[derive(Debug, Default)]
pub(super) struct PhoneClock {
    ahead_ms: AtomicI64,
}

impl PhoneClock {
    /// One that shows `now` now.
    pub(super) fn at(now: Timestamp) -> Self {
        Self { ahead_ms: AtomicI64::new(now.as_millis() - SystemClock.now().as_millis()) }
    }

    /// Puts it forward to `then`; never back.
    pub(super) fn skip_to(&self, then: Timestamp) {
        let skipped = then.as_millis() - self.now().as_millis();
        self.ahead_ms.fetch_add(skipped.max(0), Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for PhoneClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis() + self.ahead_ms.load(Ordering::Relaxed))
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration).await;
    }
}
