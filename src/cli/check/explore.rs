//! `hotline check --explore`: every call that a line can have, with how many those are.

use std::fmt;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::explore::{self, Figures};
use crate::flow::{Files, Loaded};
use crate::service::signatures;
use crate::yaml::Problem;

/// How far it came and how fast, as other programs read it.
#[derive(Serialize)]
pub(super) struct Explored {
    states: usize,
    transitions: usize,
    replies: usize,
    documents: usize,
    seconds: f64,
    transitions_per_second: u64,
}

impl Explored {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate to be read"
    )]
    fn new(figures: Figures, took: Duration) -> Self {
        let seconds = took.as_secs_f64();
        let Figures { states, transitions, replies, documents, .. } = figures;
        let rate = (transitions as f64 / seconds.max(f64::EPSILON)) as u64;
        Self { states, transitions, replies, documents, seconds, transitions_per_second: rate }
    }
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, transitions, replies, documents, seconds, transitions_per_second } = self;
        write!(
            f,
            "explored {states} states and {transitions} transitions in {seconds:.1} s, {transitions_per_second} a second; \
             {documents} documents of {replies} different replies"
        )
    }
}

/// Explores the line, tells a terminal how far it is, and adds what it finds.
pub(super) fn run(files: &Files, loaded: &Loaded, problems: &mut Vec<Problem>) -> Explored {
    let began = Instant::now();
    let shown = stderr().is_terminal();
    let mut progress = |figures: Figures| {
        if shown {
            let Figures { states, waiting, transitions, .. } = figures;
            // A terminal that cannot be written to is no reason to stop.
            let _ = write!(stderr(), "\r{states} states, {waiting} of them ahead, {transitions} transitions\x1b[K");
        }
    };
    let explored = explore::explore(files, loaded, &signatures(), &mut progress);
    if shown {
        let _ = write!(stderr(), "\r\x1b[K");
    }
    problems.extend(explored.problems);
    Explored::new(explored.figures, began.elapsed())
}
