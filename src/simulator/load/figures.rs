//! What a load has measured: how long turns took, by kind, what went wrong, and which calls did not go as told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::call::Kind;
use crate::simulator::failure::Failure;

/// What is timed: a turn, by its kind, or a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timed {
    /// A turn; its kind is the one in the path.
    Turn(Kind),
    /// A turn that brings a PIN, which is hashed: slow on purpose.
    Pin,
    /// A file of audio.
    Audio,
    /// What a file of audio says.
    Words,
}

impl Timed {
    /// Its word in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Turn(Kind::Arrive) => "arrive",
            Self::Turn(kind) => kind.name(),
            Self::Pin => "pin",
            Self::Audio => "audio",
            Self::Words => "words",
        }
    }

    /// Whether it is a turn.
    #[must_use]
    pub const fn is_turn(self) -> bool {
        match self {
            Self::Turn(_) | Self::Pin => true,
            Self::Audio | Self::Words => false,
        }
    }
}

/// How a call has ended.
#[derive(Debug)]
pub(super) enum Went {
    AsTold,
    Otherwise(Box<Failure>),
    /// There was no answer that could be acted on; it is among the errors.
    Troubled,
    /// It was given up when the load was told to stop.
    CutOff,
}

/// How many calls there were, by how they went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    pub begun: u64,
    pub as_told: u64,
    /// Not as their script tells.
    pub otherwise: u64,
    /// Ended by an error.
    pub troubled: u64,
    /// Given up when the load was told to stop.
    pub cut_off: u64,
}

impl Calls {
    /// Those that are over.
    #[must_use]
    pub const fn over(&self) -> u64 {
        self.as_told + self.otherwise + self.troubled + self.cut_off
    }
}

/// How many calls that did not go as told are kept to be shown.
const SHOWN: usize = 3;

/// Times in microseconds, up to [`LONGEST_US`].
pub type Times = Histogram<u64>;

/// Two minutes: nothing is waited for so long.
const LONGEST_US: u64 = 120_000_000;

/// What has been measured.
#[derive(Clone, Debug)]
pub struct Measured {
    pub calls: Calls,
    /// How late calls began, from when they were due: that is the load's own doing, and within the times of arrivals.
    pub late: Times,
    pub times: BTreeMap<Timed, Times>,
    /// How often what went wrong with what.
    pub errors: BTreeMap<(Timed, String), u64>,
    /// From the beginning to the end of the last call.
    pub took: Duration,
}

impl Measured {
    fn new() -> Self {
        Self {
            calls: Calls::default(),
            late: times(),
            times: BTreeMap::new(),
            errors: BTreeMap::new(),
            took: Duration::ZERO,
        }
    }

    /// All turns together.
    #[must_use]
    pub fn turns(&self) -> Times {
        let mut all = times();
        for (timed, of_kind) in &self.times {
            if timed.is_turn() {
                // Both have the same bounds.
                let _ = all.add(of_kind);
            }
        }
        all
    }

    /// How much went wrong.
    #[must_use]
    pub fn error_count(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Whether every call went as told, without an error.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.errors.is_empty() && self.calls.otherwise == 0 && self.calls.troubled == 0
    }
}

/// How far a load is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub calls: Calls,
    pub turns: u64,
    pub errors: u64,
}

/// The measurement while it goes on. Everybody writes into it.
#[derive(Debug)]
pub(super) struct Figures {
    so_far: Mutex<(Measured, Vec<Failure>)>,
}

impl Figures {
    pub(super) fn new() -> Self {
        Self { so_far: Mutex::new((Measured::new(), Vec::new())) }
    }

    pub(super) fn begun(&self, late: Duration) {
        let so_far = &mut self.so_far().0;
        so_far.calls.begun += 1;
        record(&mut so_far.late, late);
    }

    pub(super) fn took(&self, timed: Timed, time: Duration) {
        record(self.so_far().0.times.entry(timed).or_insert_with(times), time);
    }

    pub(super) fn failed(&self, timed: Timed, why: String) {
        *self.so_far().0.errors.entry((timed, why)).or_default() += 1;
    }

    pub(super) fn over(&self, went: Went, at: Duration) {
        let (so_far, failures) = &mut *self.so_far();
        let calls = &mut so_far.calls;
        match went {
            Went::AsTold => calls.as_told += 1,
            Went::Troubled => calls.troubled += 1,
            Went::CutOff => calls.cut_off += 1,
            Went::Otherwise(failure) => {
                calls.otherwise += 1;
                if failures.len() < SHOWN {
                    failures.push(*failure);
                }
            }
        }
        so_far.took = so_far.took.max(at);
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        let so_far = &self.so_far().0;
        let turns = so_far.times.iter().filter(|(timed, _)| timed.is_turn()).map(|(_, times)| times.len()).sum();
        Progress { calls: so_far.calls, turns, errors: so_far.error_count() }
    }

    /// All of it, and the first calls that did not go as told.
    pub(super) fn told(&self) -> (Measured, Vec<Failure>) {
        let (so_far, failures) = &mut *self.so_far();
        (so_far.clone(), std::mem::take(failures))
    }

    fn so_far(&self) -> MutexGuard<'_, (Measured, Vec<Failure>)> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn times() -> Times {
    Times::new_with_bounds(1, LONGEST_US, 3).expect("the bounds are good")
}

fn record(times: &mut Times, time: Duration) {
    times.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST_US));
}
