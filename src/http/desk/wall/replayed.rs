//! A call once more, as `hotline replay` does it: on its own version, and on the one that new calls are on.

use super::look::Look;
use crate::flow::Loaded;
use crate::replay::{self, Recorded, Report};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replayed {
    /// Nothing is otherwise.
    pub(super) is_same: bool,
    pub(super) verdict: String,
    /// What is otherwise, line by line, in the words of `hotline replay`.
    pub(super) told: String,
}

/// Plays a call on its own version; on `active`, if that is another.
pub(super) fn replayed(look: &Look, own: &Loaded, active: &Loaded, call: &Recorded) -> Vec<Replayed> {
    let mut report = Report::default();
    let trace = match replay::replay(&own.line, call) {
        Ok(trace) => trace,
        Err(differs) => {
            report.differs(call.call, *differs);
            let verdict = look.of("与记录不同：程序有误。", "Not as it is on record: a mistake of this program.");
            return vec![Replayed { is_same: false, verdict: verdict.to_owned(), told: report.to_string() }];
        }
    };
    let verdict = look.of("在原版本上与记录相同。", "On its own version it is as it is on record.");
    let mut all = vec![Replayed { is_same: true, verdict: verdict.to_owned(), told: String::new() }];
    if own.line.version == active.line.version {
        return all;
    }
    report.follow(call.call, replay::follow(own, active, &trace));
    let is_same = report.is_same();
    let verdict = if is_same {
        look.of("在现行版本上听到的相同。", "On the version of today it would be heard the same.")
    } else {
        look.of("在现行版本上听到的会不同。", "On the version of today it would be heard otherwise.")
    };
    let told = if is_same { String::new() } else { report.to_string() };
    all.push(Replayed { is_same, verdict: verdict.to_owned(), told });
    all
}
