//! A clock that moves only when it is moved.

use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;

use crate::call::Timestamp;
use crate::clock::Clock;

/// The time of a test. Whoever sleeps on it wakes when somebody has moved it far enough; no real time passes.
#[derive(Debug)]
pub struct MovableClock {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    now: Timestamp,
    /// Everybody who waits for the clock.
    waiting: Vec<Waiting>,
    next: u64,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    until: Timestamp,
    waker: Waker,
    /// It moves the clock for those who do not.
    moves: bool,
}

impl MovableClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { state: Mutex::new(State { now, waiting: Vec::new(), next: 0 }) }
    }

    /// Moves it to `now`, forwards or back.
    pub fn set(&self, now: Timestamp) {
        self.with(|state| {
            state.now = now;
            state.wake(|waiting| waiting.until <= now);
        });
    }

    /// Moves it forwards.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().plus(duration));
    }

    /// Moves it to `then`, unless it stands there or later.
    pub fn advance_to(&self, then: Timestamp) {
        if then > self.now() {
            self.set(then);
        }
    }

    /// When the next of those who sleep wakes; `None` if nobody does.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.with(|state| state.waiting.iter().filter(|waiting| !waiting.moves).map(|waiting| waiting.until).min())
    }

    /// A slow piece of work that takes `duration`.
    ///
    /// While somebody else sleeps, nobody is there to move the clock: then this moves it, to the end of the next sleep
    /// or to its own end, whichever is first, and lets the others run. While nobody sleeps, a telephone plays what was
    /// said, and it moves the clock. Work that nobody waits for any more must be dropped, or it would go on moving the
    /// clock for others.
    pub async fn mover(&self, duration: Duration) {
        let place = Place::take(self, self.now().plus(duration), true);
        poll_fn(|context| self.move_on(&place, context)).await;
    }

    fn move_on(&self, place: &Place<'_>, context: &Context<'_>) -> Poll<()> {
        self.with(|state| {
            if state.now < place.until {
                let sleeps = state.waiting.iter().filter(|waiting| !waiting.moves).map(|waiting| waiting.until);
                if let Some(next) = sleeps.min() {
                    let to = next.min(place.until).max(state.now);
                    state.now = to;
                    state.wake(|waiting| waiting.until <= to);
                }
            }
            state.wait(place, context)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn wake(&self, who: impl Fn(&Waiting) -> bool) {
        self.waiting.iter().filter(|waiting| who(waiting)).for_each(|waiting| waiting.waker.wake_by_ref());
    }

    /// Ready once the time of `place` has come.
    fn wait(&mut self, place: &Place<'_>, context: &Context<'_>) -> Poll<()> {
        if self.now >= place.until {
            return Poll::Ready(());
        }
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.number == place.number) {
            waiting.waker.clone_from(context.waker());
            return Poll::Pending;
        }
        let (number, until, moves) = (place.number, place.until, place.moves);
        self.waiting.push(Waiting { number, until, waker: context.waker().clone(), moves });
        if !moves {
            // Now there is somebody to move the clock for.
            self.wake(|waiting| waiting.moves);
        }
        Poll::Pending
    }
}

/// A place among those who wait; given up when dropped.
struct Place<'a> {
    clock: &'a MovableClock,
    number: u64,
    until: Timestamp,
    moves: bool,
}

impl<'a> Place<'a> {
    fn take(clock: &'a MovableClock, until: Timestamp, moves: bool) -> Self {
        let number = clock.with(|state| {
            state.next += 1;
            state.next
        });
        Self { clock, number, until, moves }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.clock.with(|state| state.waiting.retain(|waiting| waiting.number != self.number));
    }
}

#[async_trait]
impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    async fn sleep(&self, duration: Duration) {
        let place = Place::take(self, self.now().plus(duration), false);
        poll_fn(|context| self.with(|state| state.wait(&place, context))).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;

    fn clock() -> Arc<MovableClock> {
        Arc::new(MovableClock::new(Timestamp::from_millis(1_000)))
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_moved_and_not_before() {
        let clock = clock();
        let sleeping = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.sleep(s(5)).await }
        });
        tokio::task::yield_now().await;
        clock.advance(s(4));
        tokio::task::yield_now().await;
        assert!(!sleeping.is_finished());
        clock.advance(s(1));
        sleeping.await.unwrap();
        assert_eq!(clock.now(), Timestamp::from_millis(6_000));
        assert!(clock.sleep(Duration::ZERO).now_or_never().is_some());
        clock.advance_to(Timestamp::from_millis(2_000));
        assert_eq!(clock.now(), Timestamp::from_millis(6_000), "never back by itself");
    }

    #[tokio::test]
    async fn slow_work_lets_a_sleep_run_out_and_ends_when_the_telephone_has_played() {
        let clock = clock();
        let work = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.mover(s(5)).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(clock.now(), Timestamp::from_millis(1_000), "nobody sleeps: the telephone moves the clock");
        clock.sleep(Duration::from_millis(1_500)).await;
        assert_eq!(clock.now(), Timestamp::from_millis(2_500), "no further than the sleep");
        tokio::task::yield_now().await;
        assert!(!work.is_finished());
        clock.advance(s(4));
        work.await.unwrap();
        assert_eq!(clock.now(), Timestamp::from_millis(6_500));
    }

    #[tokio::test]
    async fn quick_work_ends_before_the_sleep() {
        let clock = clock();
        let done = {
            let (work, sleep) = (clock.mover(s(1)), clock.sleep(s(2)));
            tokio::select! { biased; () = work => "work", () = sleep => "sleep" }
        };
        assert_eq!((done, clock.now()), ("work", Timestamp::from_millis(2_000)));
    }

    #[tokio::test]
    async fn a_sleep_that_was_given_up_moves_nothing() {
        let clock = clock();
        assert!(clock.sleep(s(1)).now_or_never().is_none());
        let work = clock.mover(s(9));
        assert!(work.now_or_never().is_none());
        assert_eq!(clock.now(), Timestamp::from_millis(1_000));
    }
}
