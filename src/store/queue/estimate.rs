//! How long a caller waits: not the mean, which half of them exceed, but what four of five stay under.
//!
//! Operators who are all busy finish one call after the other at a rate of their number by the time that a call keeps
//! one of them; and of the callers who wait before one some give up. So the k-th in line waits for k such events, each of
//! which takes an exponential time, and then until they are joined. The sum is taken for a gamma distribution of the
//! same mean and variance. Pure.

use std::time::Duration;

/// What a call kept an operator for, before there were calls to measure it by (domain reference 5.2).
const USUAL_KEPT_S: f64 = 210.0;
/// From an operator's being reserved to a talk: a piece of the wait, the ring, the whisper and its key.
const USUAL_JOINING_S: f64 = 15.0;
/// So many calls is the usual worth: a few that were measured tell little.
const WEIGHT: f64 = 5.0;
/// The standard normal's 80th percentile.
const FOUR_OF_FIVE: f64 = 0.841_621;
/// Nobody is told more.
const LONGEST_S: f64 = 36_000.0;

/// What was counted of the last calls; milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    /// What operators did for callers, rung in vain and written up included; and in how many talks.
    pub(super) kept: (i64, i64),
    /// How many gave up in so much waiting, less those who came back to their places.
    pub(super) gave_up: i64,
    pub(super) waited: i64,
    /// How many were joined, after how long in all since an operator was reserved for them, and its squares.
    pub(super) joined: i64,
    pub(super) joining: i64,
    pub(super) joining_squares: f64,
}

/// How it has gone lately; seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lately {
    /// How long a call keeps an operator, from being reserved to the end of the wrap-up.
    pub(super) kept_s: f64,
    /// The rate at which one who waits gives up.
    pub(super) gives_up: f64,
    /// From an operator's being reserved to a talk, mean and variance.
    pub(super) joining_s: f64,
    pub(super) joining_variance: f64,
}

impl Lately {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred calls of some minutes")]
    pub(super) fn measured(of: Measured) -> Self {
        let seconds = |ms: i64| ms as f64 / 1_000.0;
        let mixed = |sum: f64, count: i64, usual: f64| (sum + usual * WEIGHT) / (count as f64 + WEIGHT);
        let joining_s = mixed(seconds(of.joining), of.joined, USUAL_JOINING_S);
        let usual_square = USUAL_JOINING_S * USUAL_JOINING_S * 1.25;
        let squares = mixed(of.joining_squares / 1e6, of.joined, usual_square);
        Self {
            kept_s: mixed(seconds(of.kept.0), of.kept.1, USUAL_KEPT_S),
            gives_up: of.gave_up.max(0) as f64 / (seconds(of.waited) + 600.0),
            joining_s,
            joining_variance: (squares - joining_s * joining_s).max(0.0),
        }
    }
}

/// Who is served before a caller. Those who are to be called back do not give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ahead {
    pub(super) callers: u32,
    pub(super) call_backs: u32,
}

/// Mean and variance of the wait of whoever has so many before them, for one of so many operators; seconds.
fn moments(ahead: Ahead, operators: u32, lately: &Lately) -> (f64, f64) {
    let served = f64::from(operators.max(1)) / lately.kept_s.max(1.0);
    let all = ahead.callers + ahead.call_backs;
    let gives_up = lately.gives_up * f64::from(ahead.callers) / f64::from(all.max(1));
    let waits = (0..=all).map(|before| 1.0 / (served + f64::from(before) * gives_up));
    waits.fold((lately.joining_s, lately.joining_variance), |(mean, variance), wait| {
        (mean + wait, variance + wait * wait)
    })
}

/// What such callers wait on average.
pub(super) fn expected(ahead: Ahead, operators: u32, lately: &Lately) -> Duration {
    Duration::from_secs_f64(moments(ahead, operators, lately).0.clamp(0.0, LONGEST_S))
}

/// What four of five such callers wait at most. Wilson and Hilferty's approximation of the gamma quantile.
pub(super) fn bound(ahead: Ahead, operators: u32, lately: &Lately) -> Duration {
    let (mean, variance) = moments(ahead, operators, lately);
    let ninth = variance / (9.0 * mean * mean);
    let quantile = mean * (1.0 - ninth + FOUR_OF_FIVE * ninth.sqrt()).powi(3);
    Duration::from_secs_f64(quantile.clamp(0.0, LONGEST_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Measured =
        Measured { kept: (0, 0), gave_up: 0, waited: 0, joined: 0, joining: 0, joining_squares: 0.0 };

    fn after(callers: u32) -> Ahead {
        Ahead { callers, call_backs: 0 }
    }

    #[test]
    fn the_bound_is_the_quantile_of_a_gamma_distribution() {
        let at_once = Lately { kept_s: 100.0, gives_up: 0.0, joining_s: 0.0, joining_variance: 0.0 };
        // R: qgamma(0.8, k), in units of one departure.
        for (place, quantile) in [(1, 1.609), (2, 2.994), (5, 6.721), (10, 12.519), (30, 34.516)] {
            let before = after(place - 1);
            let found = bound(before, 1, &at_once).as_secs_f64() / 100.0;
            assert!((found - quantile).abs() < 0.02 * quantile, "{place}: {found} for {quantile}");
            let three = bound(before, 3, &at_once).as_secs_f64() / 100.0;
            assert!((three * 3.0 - found).abs() < 1e-6);
            assert!((expected(before, 1, &at_once).as_secs_f64() - 100.0 * f64::from(place)).abs() < 1e-6);
        }
    }

    #[test]
    fn who_gives_up_shortens_the_wait_of_those_behind() {
        let patient = Lately { kept_s: 200.0, gives_up: 0.0, joining_s: 10.0, joining_variance: 25.0 };
        let hasty = Lately { gives_up: 1.0 / 200.0, ..patient };
        assert_eq!(expected(after(0), 2, &hasty), expected(after(0), 2, &patient), "nobody is before the first");
        // 200 s by 2, by 3, by 4.
        assert!((expected(after(2), 2, &hasty).as_secs_f64() - (100.0 + 66.667 + 50.0 + 10.0)).abs() < 0.01);
        let to_be_called = Ahead { callers: 0, call_backs: 2 };
        assert_eq!(expected(to_be_called, 2, &hasty), expected(after(2), 2, &patient), "they do not give up");
        assert!(bound(after(2), 2, &hasty) < bound(after(2), 2, &patient));
    }

    #[test]
    fn what_was_measured_outweighs_what_is_usual() {
        let usual = Lately::measured(NOTHING);
        assert!((usual.kept_s - USUAL_KEPT_S).abs() < 1e-9 && usual.gives_up < 1e-9);
        let measured = Measured {
            kept: (45 * 100_000, 45),
            gave_up: 3,
            waited: 2_400_000,
            joined: 45,
            joining: 45 * 20_000,
            joining_squares: 45.0 * 20_000.0 * 20_000.0,
        };
        let found = Lately::measured(measured);
        assert!((found.kept_s - (4_500.0 + 1_050.0) / 50.0).abs() < 1e-9);
        assert!((found.joining_s - 19.5).abs() < 1e-9 && found.joining_variance < 10.0);
        assert!((found.gives_up - 0.001).abs() < 1e-9);
    }
}
