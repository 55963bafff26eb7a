//! `hotline check` against lines that nobody has thought of: whatever it passes goes wrong in no call.
//!
//! An [`Author`] writes small lines at random, and changes what they wrote; a [`Caller`] does anything at all in those
//! that the check finds nothing in. None of it may fail, end without a word, or tell a figure about somebody who is
//! not verified. A line that does is a mistake of the check, and is printed, as short as it could be made.

mod author;
mod caller;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use hotline::call::Signature;
use hotline::flow::{self, Files, Loaded};
use hotline::service::signatures;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use author::{Author, Tape, changed};
use caller::Caller;

static SIGNATURES: LazyLock<Vec<&'static Signature>> = LazyLock::new(signatures);

/// What an author can do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Risk {
    /// Something goes round in circles without listening.
    Loop,
    /// An end without words.
    Silence,
    /// A value is used where it may not be there, or not be the caller's.
    Value,
}

impl Risk {
    const ALL: &'static [Self] = &[Self::Loop, Self::Silence, Self::Value];
}

/// What the check does not find yet: authors are careful about it. `what_is_not_checked_yet_goes_unnoticed` says when
/// a risk has to be taken out.
const NOT_CHECKED_YET: &[Risk] = &[];

fn checked() -> Vec<Risk> {
    Risk::ALL.iter().copied().filter(|risk| !NOT_CHECKED_YET.contains(risk)).collect()
}

/// Findings about how a line is worded or tidied up. A line that has them may be driven all the same: whether it goes
/// wrong does not depend on them.
const ABOUT_WORDS: &[&str] = &[
    "escape",
    "unreachable-node",
    "unused-flow",
    "unused-exit",
    "unused-prompt",
    "unused-language",
    "unused-topic",
    "menu-order",
    "long-menu",
    "spoken-keys",
    "same-text",
    "short-filler",
    "odd-timer",
    "too-long",
    "long-notice",
    "personal-notice",
    "missing-clip",
    "stale-clip",
    "ladder-to-itself",
];

/// What became of the lines.
#[derive(Debug, Default)]
struct Tally {
    written: usize,
    loaded: usize,
    passed: usize,
    /// Of changed lines.
    changed: usize,
    changed_passed: usize,
    /// Figures about somebody that were heard, by whoever they are about.
    told: usize,
    /// What refused the others.
    refused: BTreeMap<String, usize>,
}

/// The line, if the check passes it; what it finds otherwise.
fn passes(files: &Files) -> Result<Loaded, Vec<String>> {
    let loaded = flow::load(files, &SIGNATURES)
        .map_err(|problems| problems.iter().map(|problem| format!("load: {problem}")).collect::<Vec<_>>())?;
    let problems = flow::check::check(files, &loaded).problems;
    let found: Vec<String> = problems
        .iter()
        .filter(|problem| !ABOUT_WORDS.contains(&problem.code))
        .map(|problem| problem.code.to_owned())
        .collect();
    if found.is_empty() { Ok(loaded) } else { Err(found) }
}

fn shown(files: &Files) -> String {
    let own = files
        .0
        .iter()
        .filter(|(path, _)| !path.starts_with("prompts/") && !matches!(path.as_str(), "line.yaml" | "calendar.yaml"));
    own.flat_map(|(path, text)| ["--- ", path, "\n", text]).collect()
}

#[test]
fn what_the_check_passes_goes_wrong_in_no_call() {
    let tally = RefCell::new(Tally::default());
    let risks = checked();
    let config = Config { cases: 160, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let tapes = |length| proptest::collection::vec(any::<u16>(), length);
    let result = TestRunner::new(config).run(&(tapes(10..160), tapes(20..200)), |(line, inputs)| {
        let mut tally = tally.borrow_mut();
        let files = Author::write(Tape(&line), &risks);
        tally.written += 1;
        let drive = |loaded: &Loaded, files: &Files| {
            let told = Caller::call(loaded, &SIGNATURES, &mut Tape(&inputs));
            told.map_err(|wrong| TestCaseError::fail(format!("{wrong}\n{}", shown(files))))
        };
        match passes(&files) {
            Ok(loaded) => {
                tally.loaded += 1;
                tally.passed += 1;
                tally.told += drive(&loaded, &files)?;
                if let Some(files) = changed(&files, &mut Tape(&inputs), &risks) {
                    tally.changed += 1;
                    if let Ok(loaded) = passes(&files) {
                        tally.changed_passed += 1;
                        drive(&loaded, &files)?;
                    }
                }
            }
            Err(found) => {
                tally.loaded += usize::from(!found.iter().any(|found| found.starts_with("load")));
                for found in found {
                    *tally.refused.entry(found).or_default() += 1;
                }
            }
        }
        Ok(())
    });
    let tally = tally.into_inner();
    if let Err(wrong) = result {
        panic!("the check passes a line that goes wrong: {wrong}\n{tally:?}");
    }
    println!("{tally:?}");
    // Otherwise it would say nothing.
    assert!(tally.loaded * 5 > tally.written * 4, "most lines can be read: {tally:?}");
    assert!(tally.passed * 4 > tally.written, "many lines pass: {tally:?}");
    assert!(tally.told > tally.passed, "figures are heard: {tally:?}");
    if NOT_CHECKED_YET.is_empty() {
        assert!(tally.changed * 4 > tally.passed, "many are changed: {tally:?}");
        assert!(tally.changed_passed > 0 && tally.changed_passed < tally.changed, "some changes matter: {tally:?}");
    }
}

/// A line of the author's hand with one thing wrong in it.
fn wrong(risk: Risk) -> Files {
    let mut files = Author::write(Tape(&[]), &[]);
    let main = match risk {
        Risk::Loop => {
            "  main.menu: { kind: menu, prompt: main.menu, keys: { 1: main.round, 2: main.menu, 3: main.bye } }
  main.round: { kind: say, prompt: main.menu, next: main.square }
  main.square: { kind: set, language: en, next: main.round }
  main.bye: { kind: end, prompt: sys.bye }"
        }
        Risk::Silence => {
            "  main.menu: { kind: menu, prompt: main.menu, keys: { 1: main.menu, 2: main.menu, 3: main.bye } }
  main.bye: { kind: end }"
        }
        Risk::Value => {
            "  main.menu: { kind: menu, prompt: main.menu, keys: { 1: main.verify, 2: main.menu, 3: main.bye } }
  main.verify: { kind: call, flow: verify, on: { verified: main.ask, refused: main.menu } }
  main.ask: { kind: lookup, lookup: medical-account, as: account, on: { found: main.say, none: main.say, not-normal: main.menu, expired: main.verify, unavailable: main.menu } }
  main.say: { kind: say, prompt: account.balance, from: account, next: main.menu }
  main.bye: { kind: end, prompt: sys.bye }"
        }
    };
    let person = "  main.person:
    kind: dial
    target: operators
    prompt: sys.wait
    whisper: { prompt: main.whisper, values: { topic: topic }, accept: 1 }
    ring: 25s
    on: { talked: main.bye, busy: main.menu, no-answer: main.menu, declined: main.menu, failed: main.menu }";
    files.0.insert("main.yaml".to_owned(), format!("format: 1\nnodes:\n{main}\n{person}\n"));
    files
}

/// Callers come upon everything that an author can do wrong.
#[test]
fn a_caller_notices_what_is_wrong() {
    for risk in Risk::ALL {
        let files = wrong(*risk);
        let loaded = flow::load(&files, &SIGNATURES).unwrap_or_else(|problems| panic!("{risk:?}: {problems:?}"));
        let noticed = (0..20_u16).any(|seed| {
            let inputs: Vec<u16> = (0..400).map(|at: u16| (seed * 401 + at).wrapping_mul(40_503) ^ (at << 5)).collect();
            Caller::call(&loaded, &SIGNATURES, &mut Tape(&inputs)).is_err()
        });
        assert!(noticed, "{risk:?}");
    }
}

#[test]
fn what_is_not_checked_yet_goes_unnoticed() {
    for risk in Risk::ALL {
        let passes = passes(&wrong(*risk)).is_ok();
        let listed = NOT_CHECKED_YET.contains(risk);
        assert_eq!(
            passes, listed,
            "{risk:?}: what the check finds is taken out of NOT_CHECKED_YET, so that authors may do it"
        );
    }
}
