//! `duty`: whether a person answers now, by the calendar of the line and its switches.

use jiff::civil::Date;
use tracing::error;

use crate::call::{Outcome, Signature, Timestamp, Value, ValueRecord};
use crate::flow::node::HOURS;
use crate::flow::{Duty, Line};

/// What flows check against.
pub static SIGNATURE: Signature = Signature {
    name: "duty",
    summary: "Whether a person answers now.",
    args: &[],
    outcomes: &[
        Outcome::bare("on-duty"),
        Outcome::nobody("closed", HOURS),
        Outcome::nobody("holiday", HOURS),
        Outcome::nobody("closed-today", HOURS),
        Outcome::nobody("nobody", HOURS),
    ],
    personal: false,
    secret: false,
};

/// The answer: `closed_today` is the switch, `reachable` whether any operator has a number.
pub(crate) fn answer(line: &Line, now: Timestamp, closed_today: bool, reachable: bool) -> (&'static str, ValueRecord) {
    let local = now.in_zone(&line.zone);
    if !line.calendar.knows(local.year()) {
        error!(line = %line.name, year = local.year(), "the calendar has no table for this year; Monday to Friday are working days until it has one");
    }
    let hours = |resumes| hours(line, resumes);
    let next = || line.calendar.next_working_day(local.date());
    match line.calendar.duty(local.datetime()) {
        Duty::Holiday { resumes } => ("holiday", hours(resumes)),
        Duty::Closed { resumes } if !closed_today || resumes != local.date() => ("closed", hours(resumes)),
        Duty::Closed { .. } | Duty::Open if closed_today => ("closed-today", hours(next())),
        Duty::Open if !reachable => ("nobody", hours(next())),
        Duty::Closed { resumes } => ("closed", hours(resumes)),
        Duty::Open => ("on-duty", ValueRecord::new()),
    }
}

/// The answer of a demo, where people answer whenever somebody tries it; not if that was switched off.
pub(crate) fn answer_at_any_hour(
    line: &Line,
    now: Timestamp,
    closed_today: bool,
    reachable: bool,
) -> (&'static str, ValueRecord) {
    let today = now.in_zone(&line.zone).date();
    let back = line.calendar.next_working_day(today);
    match (closed_today, reachable) {
        (false, true) => ("on-duty", ValueRecord::new()),
        (true, _) => ("closed-today", hours(line, back)),
        (false, false) => ("nobody", hours(line, back)),
    }
}

/// When people answer, and on which day they are back.
fn hours(line: &Line, resumes: Date) -> ValueRecord {
    [
        ("opens".to_owned(), Value::Clock(line.calendar.opens)),
        ("closes".to_owned(), Value::Clock(line.calendar.closes)),
        ("resumes".to_owned(), Value::Date(resumes)),
    ]
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow;
    use crate::line_files;
    use crate::service::signatures;

    #[test]
    fn in_a_demo_people_answer_at_any_hour() {
        let line = flow::load(&line_files::shipped(), &signatures()).unwrap().line;
        for (at, usual) in [
            ("2026-03-02T10:00:00+08:00[Asia/Shanghai]", "on-duty"),
            ("2026-03-02T03:00:00+08:00[Asia/Shanghai]", "closed"),
            ("2026-10-01T10:00:00+08:00[Asia/Shanghai]", "holiday"),
        ] {
            let at: jiff::Zoned = at.parse().unwrap();
            let at = Timestamp::from_millis(at.timestamp().as_millisecond());
            assert_eq!(answer(&line, at, false, true).0, usual);
            assert_eq!(answer_at_any_hour(&line, at, false, true).0, "on-duty");
            let (outcome, hours) = answer_at_any_hour(&line, at, true, true);
            assert_eq!((outcome, hours.len()), ("closed-today", 3));
            assert_eq!(answer_at_any_hour(&line, at, false, false).0, "nobody");
        }
    }
}
