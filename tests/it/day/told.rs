//! How well waits were foretold.
//!
//! Measured on callers who were told a place when they came to the queue, and who wait for as long as it takes: theirs
//! are the waits that are known to the end, of which nothing has to be inferred. Three in ten are so, by lot, and nobody
//! knows it of them but this file. A wait lasts from joining the queue to an operator's taking the call.
//!
//! Two numbers are behind an announcement (`src/store/queue/estimate.rs`). The *bound*, which is said in whole minutes, is
//! meant to hold for four of five: [`Told::held`] is the share for which it did. It lies above the usual wait on purpose, so
//! it is not what errors are measured of. That is the *expected wait*, from which the bound is made: [`Told::error`] is the
//! sum of (expected - true) over the sum of the true waits, so positive means that more is foretold than comes.

use std::fmt;

use hotline::service::minutes;

use super::Day;
use super::callers::Wants;

/// A wait that was announced; seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    bound: f64,
    expected: f64,
    lasted: f64,
}

impl Wait {
    /// The bound as the caller heard it.
    fn said(&self) -> f64 {
        let bound = std::time::Duration::from_secs_f64(self.bound);
        #[expect(clippy::cast_precision_loss, reason = "some minutes")]
        let said = minutes(bound) as f64 * 60.0;
        said
    }
}

#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) waits: Vec<Wait>,
}

impl Told {
    /// The share of waits that were within the minutes that were said.
    pub(crate) fn held(&self) -> f64 {
        share(&self.waits, |wait| wait.lasted <= wait.said())
    }

    /// By how much the expected waits are off, as a share of the true ones.
    pub(crate) fn error(&self) -> f64 {
        let (expected, lasted) = self
            .waits
            .iter()
            .fold((0.0, 0.0), |(expected, lasted), wait| (expected + wait.expected, lasted + wait.lasted));
        expected / lasted - 1.0
    }

    /// Four in five, give or take five points; and what is expected is right on average, give or take 15 %. Waits of a small
    /// day are few and like their neighbours: there so many standard errors more are allowed of each.
    pub(crate) fn is_true(&self, errors: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a day's calls")]
        let root = (self.waits.len() as f64).sqrt();
        (self.held() - 0.8).abs() <= 0.05 + errors * 0.4 / root && self.error().abs() <= 0.15 + errors / root
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exactly = share(&self.waits, |wait| wait.lasted <= wait.bound);
        let (count, held, error) = (self.waits.len(), self.held(), self.error());
        write!(
            f,
            "{count} waits foretold: {held:.3} within what was said ({exactly:.3} before rounding), error {error:+.3}"
        )?;
        for (from, to) in [(0.0, 60.0), (60.0, 150.0), (150.0, 300.0), (300.0, f64::INFINITY)] {
            let some = self.waits.iter().filter(|wait| (from..to).contains(&wait.expected)).copied().collect();
            let some = Self { waits: some };
            if !some.waits.is_empty() {
                let (count, held, error) = (some.waits.len(), some.held(), some.error());
                write!(f, "\n  expected {from:.0} to {to:.0} s: {count}, {held:.3}, {error:+.3}")?;
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a day's calls")]
fn share(waits: &[Wait], such: impl Fn(&Wait) -> bool) -> f64 {
    waits.iter().filter(|wait| such(wait)).count() as f64 / waits.len() as f64
}

/// The number of the call, bound and expected wait as they were told, when they joined, when an operator came.
type Row = (i64, i64, i64, i64, Option<i64>);

impl Day {
    pub(super) fn told(&self) -> Told {
        let database = &self.world().database;
        let rows: Vec<Row> = self.block_on(async {
            let told = "SELECT c.no, w.told_wait_s, w.told_mean_s, w.joined_at, w.answered_at \
                        FROM waiting w JOIN calls c ON c.id = w.call WHERE w.told_wait_s IS NOT NULL AND w.kind = 'call'";
            sqlx::query_as(told).fetch_all(database.readers()).await.unwrap()
        });
        let waits = rows.into_iter().filter_map(|(no, bound, expected, joined, answered)| {
            // Calls are numbered as they come.
            let caller = &self.callers[usize::try_from(no - 1).unwrap()];
            if caller.wants != (Wants::Person { patience: None, call_back: false }) {
                return None;
            }
            let answered = answered.expect("whoever waits for as long as it takes is served");
            #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
            Some(Wait { bound: bound as f64, expected: expected as f64, lasted: (answered - joined) as f64 / 1_000.0 })
        });
        Told { waits: waits.collect() }
    }
}
