//! A call that did not go as told: the call so far, and where it went another way.

use serde_json::{Value, json};

use crate::simulator::{Difference, Failure};

/// As its author reads it.
pub(super) fn print(failure: &Failure) {
    print!("{}", told(failure));
}

fn told(failure: &Failure) -> String {
    let Failure { file, line, language, text, difference, transcript, .. } = failure;
    let reason = text.lines().next().unwrap_or_default();
    let mut told = format!("{file}:{line}: in {language}: {reason}\n{transcript}");
    match difference {
        Some(difference) => {
            let Difference { expected, instead } = difference;
            let instead = instead.as_deref().unwrap_or("(nothing)");
            let same = expected.get(..difference.first()).unwrap_or_default();
            let mark = " ".repeat(width(same));
            told.extend(["  expected  ", expected, "\n  heard     ", instead, "\n            ", &mark, "^\n\n"]);
        }
        None => told.extend(["      ^ this cannot be done here\n\n"]),
    }
    told
}

/// Columns on a terminal: Chinese signs take two.
fn width(text: &str) -> usize {
    text.chars().map(|sign| if sign >= '\u{2e80}' { 2 } else { 1 }).sum()
}

/// As other programs read it.
pub(super) fn json(failure: &Failure) -> Value {
    let Failure { file, line, language, text, difference, transcript, .. } = failure;
    json!({
        "file": file,
        "line": line,
        "language": language,
        "reason": text,
        "expected": difference.as_ref().map(|difference| &difference.expected),
        "heard": difference.as_ref().and_then(|difference| difference.instead.as_ref()),
        "transcript": transcript.to_string().lines().collect::<Vec<_>>(),
    })
}
