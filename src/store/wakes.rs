//! When each call in progress is next due: a hint in memory for the sweeper.
//!
//! The truth is `sessions.wake_at`. An index on it would be rewritten by every turn at a place of its own, which
//! costs a page a turn once many calls are in progress. So the times are kept here, filled from the tables when
//! they are first asked for, and what they name is looked up again before anybody acts on it. A time here may be
//! too early, never too late.

use std::collections::{BTreeSet, HashMap};

use crate::call::{CallId, Timestamp};

/// The calls in progress in order of time.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    /// The tables have been read.
    pub(super) filled: bool,
    by_call: HashMap<CallId, Timestamp>,
    by_time: BTreeSet<(Timestamp, CallId)>,
}

impl Wakes {
    /// The call is next due at `wake_at`.
    pub(super) fn set(&mut self, call: CallId, wake_at: Timestamp) {
        self.forget(call);
        self.by_call.insert(call, wake_at);
        self.by_time.insert((wake_at, call));
    }

    /// The call will perhaps be due at `wake_at`: a turn that says so is about to be written.
    pub(super) fn expect(&mut self, call: CallId, wake_at: Timestamp) {
        if self.by_call.get(&call).is_none_or(|known| *known > wake_at) {
            self.set(call, wake_at);
        }
    }

    /// The tables say `truth` of a call that was thought to be due at `thought`; `None` for one that has ended.
    pub(super) fn correct(&mut self, call: CallId, thought: Timestamp, truth: Option<Timestamp>) {
        if self.by_call.get(&call) != Some(&thought) {
            return;
        }
        match truth {
            Some(truth) => self.set(call, truth),
            None => self.forget(call),
        }
    }

    /// The call has ended.
    pub(super) fn forget(&mut self, call: CallId) {
        if let Some(known) = self.by_call.remove(&call) {
            self.by_time.remove(&(known, call));
        }
    }

    /// Takes in what the tables say of calls that nothing newer is known of.
    pub(super) fn fill(&mut self, calls: impl IntoIterator<Item = (CallId, Timestamp)>) {
        for (call, wake_at) in calls {
            if !self.by_call.contains_key(&call) {
                self.set(call, wake_at);
            }
        }
        self.filled = true;
    }

    /// Up to `limit` calls that are due, the longest due first.
    pub(super) fn due(&self, now: Timestamp, limit: usize) -> Vec<(Timestamp, CallId)> {
        self.by_time.iter().take_while(|(at, _)| *at <= now).take(limit).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: u8) -> CallId {
        CallId::from_bytes([number; 16])
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn calls_are_due_in_order_and_once() {
        let mut wakes = Wakes::default();
        wakes.set(call(1), at(30));
        wakes.set(call(2), at(10));
        wakes.set(call(1), at(20));
        assert_eq!(wakes.due(at(9), 5), []);
        assert_eq!(wakes.due(at(20), 5), [(at(10), call(2)), (at(20), call(1))]);
        assert_eq!(wakes.due(at(20), 1), [(at(10), call(2))]);
        wakes.forget(call(2));
        assert_eq!(wakes.due(at(40), 5), [(at(20), call(1))]);
    }

    #[test]
    fn a_turn_that_may_fail_makes_a_call_due_sooner_never_later() {
        let mut wakes = Wakes::default();
        wakes.expect(call(1), at(50));
        wakes.expect(call(1), at(70));
        assert_eq!(wakes.due(at(60), 5), [(at(50), call(1))]);
        wakes.expect(call(1), at(40));
        assert_eq!(wakes.due(at(45), 5), [(at(40), call(1))]);
    }

    #[test]
    fn what_is_newer_stands() {
        let mut wakes = Wakes::default();
        wakes.set(call(1), at(50));
        wakes.fill([(call(1), at(10)), (call(2), at(15))]);
        assert_eq!(wakes.due(at(20), 5), [(at(15), call(2))]);
        wakes.set(call(2), at(18));
        wakes.correct(call(2), at(15), None);
        assert_eq!(wakes.due(at(20), 5), [(at(18), call(2))]);
        wakes.correct(call(2), at(18), Some(at(60)));
        assert_eq!(wakes.due(at(59), 5), [(at(50), call(1))]);
        wakes.correct(call(1), at(50), None);
        assert_eq!(wakes.due(at(99), 5), [(at(60), call(2))]);
    }
}
