//! `hotline check --explore`: a small good line has nothing to be found, and each thing that can be found is.

use std::collections::BTreeSet;

use hotline::explore::{EXPLANATIONS, Explored, explore};
use hotline::flow::{self, Files};
use hotline::service::signatures;

use super::mistakes::good_line;

fn explored(files: &Files) -> Explored {
    let known = signatures();
    let loaded = flow::load(files, &known).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut reports = 0;
    let explored = explore(files, &loaded, &known, &mut |_| reports += 1);
    assert!(reports > 0, "somebody is told how far it is");
    explored
}

/// The good line with pieces of a file put in the place of others.
fn line(file: &str, changes: &[(&str, &str)]) -> Files {
    let mut files = good_line();
    let text = files.0.get_mut(file).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{file} has no\n{old}");
        *text = text.replacen(old, new, 1);
    }
    files
}

/// The only finding, as it is told: where, what, why, to whom.
fn finding(files: &Files) -> String {
    let problems = explored(files).problems;
    let told = |problem: &hotline::yaml::Problem| {
        let place = problem.place;
        let caller = problem.caller.as_deref().unwrap_or_default();
        format!("{}:{}:{} {}: {}; {caller}", problem.file, place.line, place.column, problem.code, problem.text)
    };
    problems.iter().map(told).collect::<Vec<_>>().join("\n")
}

const MENU: &str = "  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: main.verify, 2: main.month, 3: main.bye }
";

#[test]
fn a_good_line_is_explored_to_its_end_and_has_nothing() {
    let Explored { figures, problems } = explored(&good_line());
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(figures.waiting, 0);
    assert!(figures.states > 200 && figures.transitions > 10 * figures.states, "{figures:?}");
    assert!(figures.replies > 50 && figures.documents >= 4 * figures.replies, "{figures:?}");
    assert_eq!(explored(&good_line()).figures, figures, "the same line, the same exploration");
}

#[test]
fn what_is_not_there_is_found_with_the_call_that_needs_it() {
    let files =
        line("main.yaml", &[("found: main.balance, none: main.menu", "found: main.balance, none: main.balance")]);
    assert_eq!(
        finding(&files),
        "main.yaml:13:3 call-fails: the value `account.as-of` is not there; a caller who arrives, presses 1, keys an \
         identity number, keys a PIN, has the PIN check end as verified, has `medical-account` answer none"
    );
}

#[test]
fn nodes_that_go_round_in_circles_are_found() {
    let files = line("main.yaml", &[("    next: main.stage", "    next: main.balance")]);
    let found = finding(&files);
    assert!(found.starts_with("main.yaml:13:3 call-fails: the flow passed 100 nodes without listening"), "{found}");
}

#[test]
fn lookups_that_go_round_in_circles_are_found() {
    let files = line(
        "main.yaml",
        &[(
            "expired: main.verify, unavailable: main.menu }\n\n  main.balance",
            "expired: main.verify, unavailable: main.account }\n\n  main.balance",
        )],
    );
    assert_eq!(
        finding(&files),
        "main.yaml:13:3 asks-on-and-on: the same lookups can be asked again and again without a word; a caller who \
         arrives, presses 1, keys an identity number, keys a PIN, has the PIN check end as verified"
    );
}

#[test]
fn an_end_without_a_word_is_found_behind_silence_too() {
    let silent = &format!("{MENU}    silent: main.gone\n  main.gone: {{ kind: end }}\n");
    assert_eq!(
        finding(&line("main.yaml", &[(MENU, silent)])),
        "main.yaml:3:3 ends-without-a-word: the call ends without a word; a caller who arrives, waits"
    );
}

#[test]
fn a_figure_that_is_not_always_there_cannot_be_said() {
    let mut files = line("main.yaml", &[("plain: pay.record,", "plain: pay.settled,")]);
    for language in ["zh-CN", "en"] {
        files
            .0
            .get_mut(&format!("prompts/{language}/all.yaml"))
            .unwrap()
            .push_str("pay.settled: \"{settled: year-month}\"\n");
    }
    let found = finding(&files);
    assert!(found.contains("main.yaml:44:3 cannot-be-said: "), "{found}");
    assert!(found.contains("has `payments` answer found"), "{found}");
    // Of `back-paid` it always is.
    let mut files = line("main.yaml", &[("back-paid: pay.record,", "back-paid: pay.settled,")]);
    for language in ["zh-CN", "en"] {
        files
            .0
            .get_mut(&format!("prompts/{language}/all.yaml"))
            .unwrap()
            .push_str("pay.settled: \"{settled: year-month}\"\n");
    }
    assert_eq!(finding(&files), "");
}

#[test]
fn a_document_that_no_provider_takes_is_found() {
    let long = format!("main.menu: {}\n", "press one. ".repeat(7_000));
    let files = line(
        "prompts/en/all.yaml",
        &[("main.menu: For your account press one, for a month press two, to leave press three.\n", &long)],
    );
    let found = finding(&files);
    assert!(found.contains("bad-document: twilio: the document has"), "{found}");
}

#[test]
fn every_finding_is_explained_in_whole_sentences() {
    let names: BTreeSet<&str> = EXPLANATIONS.iter().map(|known| known.name).collect();
    assert_eq!(names.len(), EXPLANATIONS.len());
    for known in EXPLANATIONS {
        assert!(
            known.finds.ends_with('.') && known.why.ends_with('.') && known.example.ends_with('\n'),
            "{}",
            known.name
        );
        assert!(!known.fix.ends_with('.'), "{}", known.name);
    }
}
