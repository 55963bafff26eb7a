//! How long a caller waits: not the mean, which half of them exceed, but what four of five stay under.
//!
//! Operators who are all busy finish one call after the other at a rate of their number by the mean handling time. Who
//! is k-th in line waits for k of these, which is a gamma-distributed time. Pure.

use std::time::Duration;

/// What the wait depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// How many are served up to this caller, themselves among these.
    pub place: u32,
    /// Operators at work who can serve them.
    pub operators: u32,
    /// How long a call keeps an operator, wrap-up and all.
    pub handling: Duration,
}

/// The handling time before there were calls to measure it by (domain reference 5.2).
pub(super) const USUAL_HANDLING: Duration = Duration::from_mins(3);
/// The standard normal's 80th percentile.
const FOUR_OF_FIVE: f64 = 0.841_621;

/// What four of five such callers wait at most. Wilson and Hilferty's approximation of the gamma quantile.
#[must_use]
pub fn bound(load: Load) -> Duration {
    let place = f64::from(load.place.max(1));
    let each = load.handling.as_secs_f64() / f64::from(load.operators.max(1));
    let ninth = 1.0 / (9.0 * place);
    let quantile = place * (1.0 - ninth + FOUR_OF_FIVE * ninth.sqrt()).powi(3);
    Duration::from_secs_f64((each * quantile).clamp(0.0, 36_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_the_quantile_of_a_gamma_distribution() {
        // R: qgamma(0.8, k), in units of one departure.
        for (place, quantile) in [(1, 1.609), (2, 2.994), (5, 6.721), (10, 12.519), (30, 34.516)] {
            let load = Load { place, operators: 1, handling: Duration::from_secs(100) };
            let found = bound(load).as_secs_f64() / 100.0;
            assert!((found - quantile).abs() < 0.02 * quantile, "{place}: {found} for {quantile}");
            let three = bound(Load { operators: 3, ..load }).as_secs_f64() / 100.0;
            assert!((three * 3.0 - found).abs() < 1e-6);
        }
    }
}
