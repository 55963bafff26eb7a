//! What a load has measured, for people and for programs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::simulator::Failure;
use crate::simulator::load::{Measured, Times};

/// All that is told. Times are in milliseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Report {
    seconds: f64,
    calls: Calls,
    calls_per_second: f64,
    turns: u64,
    turns_per_second: f64,
    /// By kind of turn: `arrive`, `keys`, ...; `pin` for those that bring one.
    kinds: BTreeMap<&'static str, Row>,
    all_turns: Row,
    /// How late calls began.
    late: Row,
    errors: Vec<Trouble>,
    /// The first calls that did not go as told.
    otherwise: Vec<Otherwise>,
    /// CPU time of the load itself.
    own_cpu_ms: f64,
    own_cpu_ms_per_turn: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Calls {
    begun: u64,
    as_told: u64,
    otherwise: u64,
    troubled: u64,
    cut_off: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    count: u64,
    p50_ms: f64,
    p90_ms: f64,
    p99_ms: f64,
    p99_9_ms: f64,
    max_ms: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Trouble {
    kind: &'static str,
    why: String,
    count: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Otherwise {
    file: String,
    line: u32,
    language: String,
    expected: Option<String>,
    heard: Option<String>,
}

impl Report {
    #[allow(clippy::cast_precision_loss, reason = "nobody makes 2^52 turns")]
    pub(super) fn of(measured: &Measured, failures: &[Failure], cpu: Duration) -> Self {
        let seconds = measured.took.as_secs_f64();
        let (turns, calls) = (measured.turns(), measured.calls);
        let each = |count: u64, of: f64| if of > 0.0 { count as f64 / of } else { 0.0 };
        let errors = measured.errors.iter();
        let own_cpu_ms = cpu.as_secs_f64() * 1e3;
        Self {
            seconds: round(seconds),
            calls: Calls {
                begun: calls.begun,
                as_told: calls.as_told,
                otherwise: calls.otherwise,
                troubled: calls.troubled,
                cut_off: calls.cut_off,
            },
            calls_per_second: round(each(calls.over(), seconds)),
            turns: turns.len(),
            turns_per_second: round(each(turns.len(), seconds)),
            kinds: measured.times.iter().map(|(timed, times)| (timed.name(), Row::of(times))).collect(),
            all_turns: Row::of(&turns),
            late: Row::of(&measured.late),
            errors: errors
                .map(|((kind, why), count)| Trouble { kind: kind.name(), why: why.clone(), count: *count })
                .collect(),
            otherwise: failures.iter().map(Otherwise::of).collect(),
            own_cpu_ms: round(own_cpu_ms),
            own_cpu_ms_per_turn: if turns.is_empty() { 0.0 } else { round(own_cpu_ms / turns.len() as f64) },
        }
    }
}

impl Row {
    fn of(times: &Times) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "nobody waits 2^52 us")]
        let at = |quantile| round(times.value_at_quantile(quantile) as f64 / 1e3);
        Self {
            count: times.len(),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p99_9_ms: at(0.999),
            max_ms: at(1.0),
        }
    }
}

/// To the microsecond, which is as fine as is measured.
fn round(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

impl Otherwise {
    /// Expectations are the author's own words, and what was heard is told by the names of prompts. A text may have
    /// somebody's figures in it, so none is told.
    fn of(failure: &Failure) -> Self {
        let Failure { file, line, language, difference, .. } = failure;
        let (expected, heard) = match difference {
            None => (None, None),
            Some(difference) => {
                let heard = difference.instead.as_deref().filter(|heard| is_names(heard));
                let expected = difference.expected.as_str();
                let says = expected.starts_with("says ");
                (Some(expected.to_owned()), heard.filter(|_| !says).map(str::to_owned))
            }
        };
        Self { file: file.clone(), line: *line, language: language.to_string(), expected, heard }
    }
}

/// `hears main.menu sys.more`: words and names of prompts.
fn is_names(line: &str) -> bool {
    line.bytes().all(|byte| byte.is_ascii_alphabetic() || byte.is_ascii_digit() || b" .-_()".contains(&byte))
}

/// A call that did not go as told, on one line.
pub(super) fn line(failure: &Failure) -> String {
    Otherwise::of(failure).to_string()
}

impl fmt::Display for Otherwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, language, expected, heard } = self;
        write!(f, "{file}:{line} in {language}: ")?;
        match (expected, heard) {
            (Some(expected), Some(heard)) => write!(f, "expected `{expected}`; it {heard}"),
            (Some(expected), None) => write!(f, "expected `{expected}`; it was otherwise"),
            (None, _) => write!(f, "what is done there was not possible"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}   ms",
            "kind", "count", "p50", "p90", "p99", "p99.9", "max"
        )?;
        let rows = self.kinds.iter().map(|(kind, row)| (*kind, row));
        for (kind, row) in rows.chain([("all turns", &self.all_turns), ("late", &self.late)]) {
            let Row { count, p50_ms, p90_ms, p99_ms, p99_9_ms, max_ms } = row;
            writeln!(
                f,
                "{kind:<10} {count:>9} {p50_ms:>9.2} {p90_ms:>9.2} {p99_ms:>9.2} {p99_9_ms:>9.2} {max_ms:>9.2}"
            )?;
        }
        let Self { seconds, turns, calls, .. } = self;
        writeln!(
            f,
            "{} calls in {seconds:.1} s: {:.1} calls/s, {:.0} turns/s ({turns} turns)",
            calls.begun, self.calls_per_second, self.turns_per_second
        )?;
        let Calls { as_told, otherwise, troubled, cut_off, .. } = calls;
        writeln!(
            f,
            "{as_told} went as told, {otherwise} otherwise, {troubled} ended by an error, {cut_off} were hung up at the end"
        )?;
        for trouble in &self.errors {
            writeln!(f, "error: {} x {}: {}", trouble.count, trouble.kind, trouble.why)?;
        }
        for call in &self.otherwise {
            writeln!(f, "otherwise: {call}")?;
        }
        writeln!(
            f,
            "This program itself took {:.3} ms of CPU for a turn, {:.1} s in all (clock of the process, all threads).",
            self.own_cpu_ms_per_turn,
            self.own_cpu_ms / 1e3
        )
    }
}
