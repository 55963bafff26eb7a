//! Time from outside. Everything that needs it is handed a [`Clock`]; tests hand in one that moves.

use std::time::Duration;

use async_trait::async_trait;

use crate::call::Timestamp;

/// What time it is, and how to wait.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    async fn sleep(&self, duration: Duration);
}

/// The machine's own time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
