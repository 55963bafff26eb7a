//! Load: many scripted calls at once through a provider's door, and how long each kind of turn takes.
//!
//! In the open loop ([`Arrivals::Rate`]) calls begin at their instants whatever the server does, so one that stalls is seen
//! by everybody who would have called meanwhile. In the closed loop ([`Arrivals::Callers`]) so many callers make one call
//! after the other: saturation, if nothing is waited for. What a telephone does is *not* here: that is the very
//! [`Phone`](super::Phone) of tests; here are its clock (`pace.rs`) and the line that it is connected to (`line.rs`).

mod figures;
mod line;
mod mix;
mod pace;
mod scene;
#[cfg(test)]
mod tests;
mod watch;

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::carrier::{Carrier, Transport};
use super::clock::MovableClock;
use super::failure::Failure;
use super::player::play;
use crate::call::{PhoneNumber, Timestamp};
use crate::flow::Loaded;
use figures::{Figures, Went};
use line::{CallLine, Secrets, TimedCall};
use pace::RealPace;
use scene::Outside;

pub use figures::{Calls, Measured, Progress, Timed, Times};
pub use line::Route;
pub use mix::{Mix, NotForLoad, Part};
pub use watch::{StopWatch, Watch};

/// When calls begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrivals {
    /// So many a second, evenly, whatever the server does; at most so many at once. One that finds all callers busy waits
    /// for one, and that counts.
    Rate { per_s: f64, at_once: NonZeroU32 },
    /// When the call before is over: so many callers.
    Callers(NonZeroU32),
}

/// When no more calls begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// So long after the first.
    After(Duration),
    /// When there were so many.
    Calls(u64),
}

/// How time passes in calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// Nothing is waited for.
    Fast,
    /// As with people: prompts are heard, timers run out, keys are pressed after a moment.
    Real,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    pub arrivals: Arrivals,
    pub until: Until,
    pub speed: Speed,
    pub mix: Mix,
}

/// Makes a connection for one caller.
pub type Connect = Box<dyn Fn() -> Arc<dyn Transport> + Send + Sync>;

/// A load, ready to be made.
pub struct Load {
    plan: Plan,
    loaded: Arc<Loaded>,
    secrets: Arc<Secrets>,
    carrier: Carrier,
    route: Arc<Route>,
    watch: Arc<dyn Watch>,
    /// What time it was when the watch began.
    began: Timestamp,
    callers: Callers,
    figures: Arc<Figures>,
    stop: Stop,
}

/// Tells a load to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// No more calls begin; those in progress go on to their end.
    pub begin_none: CancellationToken,
    /// Nor do they.
    pub at_once: CancellationToken,
}

/// Why a load would be of no use: a script that does not work in a call alone.
#[derive(Debug, thiserror::Error)]
pub enum NotWorth {
    #[error(transparent)]
    Otherwise(Box<Failure>),
    #[error("{file}: {kind}: {why}")]
    Trouble { file: String, kind: &'static str, why: String },
}

/// Those who call. A caller has a number and a connection, and one call at a time.
struct Callers {
    connect: Connect,
    idle: Mutex<Vec<Caller>>,
    made: AtomicU64,
}

struct Caller {
    number: PhoneNumber,
    transport: Arc<dyn Transport>,
}

impl Callers {
    fn take(&self) -> Caller {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| {
            let place = self.made.fetch_add(1, Ordering::Relaxed);
            // Everybody has a number of their own: limits on a number are not what is measured.
            let number = PhoneNumber::parse(&format!("+86120{:08}", place % 100_000_000)).expect("it is a number");
            Caller { number, transport: (self.connect)() }
        })
    }

    fn give_back(&self, caller: Caller) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(caller);
    }
}

impl Load {
    /// A load on the server that `route` leads to. Its callers connect with `connect`; `now` is what time it is, `stop`
    /// is how it can be ended before its time.
    #[must_use]
    pub fn new(
        plan: Plan,
        loaded: Arc<Loaded>,
        carrier: Carrier,
        route: Route,
        connect: Connect,
        (watch, now): (Arc<dyn Watch>, Timestamp),
        stop: Stop,
    ) -> Self {
        let began = now.before(watch.now());
        Self {
            secrets: Arc::new(Secrets::of(&loaded)),
            callers: Callers { connect, idle: Mutex::default(), made: AtomicU64::new(0) },
            figures: Arc::new(Figures::new()),
            route: Arc::new(route),
            plan,
            loaded,
            carrier,
            watch,
            began,
            stop,
        }
    }

    /// Plays each script once in each of its languages, alone and unmeasured: what does not work there is not worth a load.
    /// What everybody hears is at hand afterwards.
    ///
    /// # Errors
    /// The first call that does not go as told.
    pub async fn try_out(&self) -> Result<(), NotWorth> {
        for part in &self.plan.mix.parts {
            for language in &part.languages {
                let figures = Arc::new(Figures::new());
                let only = Part { languages: vec![language.clone()], ..part.clone() };
                self.call(&only, 0, self.watch.now(), &figures, Speed::Fast).await;
                let (measured, mut failures) = figures.told();
                if let Some(failure) = failures.pop() {
                    return Err(NotWorth::Otherwise(Box::new(failure)));
                }
                if let Some(((timed, why), _)) = measured.errors.into_iter().next() {
                    return Err(NotWorth::Trouble { file: part.script.file.clone(), kind: timed.name(), why });
                }
            }
        }
        Ok(())
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.figures.progress()
    }

    /// Makes the calls, and tells what has been measured, with the first calls that did not go as told.
    pub async fn make(self: Arc<Self>) -> (Measured, Vec<Failure>) {
        let from = self.watch.now();
        match self.plan.arrivals {
            Arrivals::Rate { per_s, at_once } => self.open_loop(from, per_s, at_once).await,
            Arrivals::Callers(callers) => self.closed_loop(from, callers).await,
        }
        let (mut measured, failures) = self.figures.told();
        measured.took = measured.took.saturating_sub(from);
        (measured, failures)
    }

    async fn open_loop(self: &Arc<Self>, from: Duration, per_s: f64, at_once: NonZeroU32) {
        let (tasks, free) = (TaskTracker::new(), Arc::new(Semaphore::new(at_once.get() as usize)));
        for place in 0_u64.. {
            #[allow(clippy::cast_precision_loss, reason = "nobody makes 2^52 calls")]
            let due = from + Duration::from_secs_f64(place as f64 / per_s);
            if !self.begins(place, due, from) {
                break;
            }
            tokio::select! {
                () = self.watch.until(due) => {}
                () = self.stop.begin_none.cancelled() => break,
            }
            let (load, free) = (Arc::clone(self), Arc::clone(&free));
            tasks.spawn(async move {
                let _turn = free.acquire_owned().await;
                if !load.stop.begin_none.is_cancelled() {
                    load.next_call(place, due).await;
                }
            });
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn closed_loop(self: &Arc<Self>, from: Duration, callers: NonZeroU32) {
        let (tasks, next) = (TaskTracker::new(), Arc::new(AtomicU64::new(0)));
        for _ in 0..callers.get() {
            let (load, next) = (Arc::clone(self), Arc::clone(&next));
            tasks.spawn(async move {
                loop {
                    let (place, now) = (next.fetch_add(1, Ordering::Relaxed), load.watch.now());
                    if load.stop.begin_none.is_cancelled() || !load.begins(place, now, from) {
                        return;
                    }
                    load.next_call(place, now).await;
                }
            });
        }
        tasks.close();
        tasks.wait().await;
    }

    /// Whether a call begins that is due at `due` and has `place` before it.
    fn begins(&self, place: u64, due: Duration, from: Duration) -> bool {
        match self.plan.until {
            Until::After(time) => due.saturating_sub(from) < time,
            Until::Calls(calls) => place < calls,
        }
    }

    async fn next_call(&self, place: u64, due: Duration) {
        let (part, round) = self.plan.mix.at(place);
        self.call(part, round, due, &self.figures, self.plan.speed).await;
    }

    /// One call, by a caller who is free.
    async fn call(&self, part: &Part, round: u64, due: Duration, figures: &Arc<Figures>, speed: Speed) {
        let caller = self.callers.take();
        figures.begun(self.watch.now().saturating_sub(due));
        let transport = Arc::clone(&caller.transport);
        let (route, watch) = (Arc::clone(&self.route), Arc::clone(&self.watch));
        let timed = Arc::new(TimedCall::new(transport, route, watch, Arc::clone(figures), due));
        let now = self.began.plus(self.watch.now());
        let line = Arc::new(CallLine::new(self.carrier.clone(), Arc::clone(&timed), Arc::clone(&self.secrets)));
        let scene = Outside {
            loaded: Arc::clone(&self.loaded),
            clock: match speed {
                Speed::Fast => Arc::new(MovableClock::new(now)),
                Speed::Real => Arc::new(RealPace { watch: Arc::clone(&self.watch), began: self.began, timed }),
            },
            caller: caller.number.clone(),
        };
        let language = part.language(round);
        let went = tokio::select! {
            ended = play(&scene, Arc::clone(&line) as _, &part.script, language) => match ended {
                Ok(_) => Went::AsTold,
                Err(_) if line.is_troubled() => Went::Troubled,
                Err(failure) => Went::Otherwise(Box::new(failure)),
            },
            () = self.stop.at_once.cancelled() => Went::CutOff,
        };
        if !matches!(went, Went::AsTold) {
            line.give_up(self.watch.now(), now).await;
        }
        figures.over(went, self.watch.now());
        self.callers.give_back(caller);
    }
}
