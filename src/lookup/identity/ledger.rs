//! Tries counted in memory, by the very limits of [`super::count`]: for calls that are rehearsed without a database.
//!
//! It is *not* for callers: nothing of it outlives the process, so nobody would ever be locked.

use super::Verdict;
use super::count::Counts;
use crate::call::Timestamp;

/// The tries of a rehearsal.
#[derive(Debug, Default)]
pub struct Ledger(Vec<Row>);

/// A try that was checked.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) call: u32,
    pub(super) person: String,
    pub(super) caller: Option<String>,
    pub(super) at: i64,
    pub(super) failed: bool,
}

/// Who tries, in which call.
#[derive(Debug)]
pub struct Attempt {
    pub call: u32,
    /// The person, whether there is one or not.
    pub person: String,
    /// `None` if the number is withheld.
    pub caller: Option<String>,
    pub now: Timestamp,
}

impl Ledger {
    /// What becomes of a try; `initial` is `None` for a PIN that is not right, otherwise whether it is an initial one.
    pub fn verdict(&mut self, attempt: Attempt, initial: Option<bool>) -> Verdict {
        let Attempt { call, person, caller, now } = attempt;
        if let Some(closed) = Counts::of(&self.0, call, &person, caller.as_deref(), now).closed() {
            return closed;
        }
        let failed = initial.is_none();
        self.0.push(Row { call, person: person.clone(), caller: caller.clone(), at: now.as_millis(), failed });
        match initial {
            Some(false) => Verdict::Verified,
            Some(true) => Verdict::Initial,
            None => Counts::of(&self.0, call, &person, caller.as_deref(), now).after_a_wrong_try(),
        }
    }
}
