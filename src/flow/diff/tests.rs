//! Two versions of a small line.

use super::*;
use crate::flow::{Files, load};

const LINE: &str = "\
format: 1
name: small
languages: [en]
time-zone: Asia/Shanghai
start: main.menu
home: main.menu
keys: { 9: again }
timers: { first-key: 6s, between-keys: 5s, slow-after: 2 }
ladder: { silent: [a, a], wrong-key: [a, a], short: a, long: a, then: bye }
wait: a
expired: { prompt: a, next: main.menu }
apology: { prompt: a, dial: desk, end: a }
unknown-call: a
too-long: a
longest-call: 60m
topics: { main: general }
";
const CALENDAR: &str = "format: 1\nopens: 09:00\ncloses: 17:00\nyears: {}\n";
const MAIN: &str = "\
format: 1
nodes:
  main.menu:
    kind: menu
    prompt: menu
    keys: { 1: hours, 2: bye, 3: bye }
  hours:
    kind: say
    prompt: hours
    next: main.menu
  bye:
    kind: end
    prompt: a
";
const TEXTS: &str =
    "word.topic.general: \"something\"\na: \"Well.\"\nmenu: \"Hours, press one.\"\nhours: \"We are open.\"\n";

fn loaded(changes: &[(&str, &str)]) -> Loaded {
    let mut files =
        [("line.yaml", LINE), ("calendar.yaml", CALENDAR), ("main.yaml", MAIN), ("prompts/en/all.yaml", TEXTS)]
            .map(|(path, text)| (path.to_owned(), text.to_owned()));
    for (from, to) in changes {
        assert!(files.iter().any(|(_, text)| text.contains(from)), "{from}");
        for (_, text) in &mut files {
            *text = text.replace(from, to);
        }
    }
    load(&Files(files.into()), &[]).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn told(changes: &[(&str, &str)]) -> Vec<String> {
    let sections = diff(&loaded(&[]), &loaded(changes));
    sections
        .into_iter()
        .flat_map(|Section { title, changes }| changes.into_iter().map(move |change| format!("{title}: {change}")))
        .collect()
}

#[test]
fn a_version_is_like_itself() {
    assert_eq!(told(&[]), Vec::<String>::new());
}

#[test]
fn it_is_told_what_callers_notice() {
    for (changes, expected) in [
        (
            &[("keys: { 1: hours, 2: bye, 3: bye }", "keys: { 1: bye, 2: bye, 4: hours }")][..],
            &[
                "Keys: main.menu: 1 now leads to bye instead of hours, 3 means nothing any more (it led to bye), 4 is new and leads to hours",
            ][..],
        ),
        (
            &[("    prompt: hours\n    next: main.menu", "    prompt: hours\n    next: bye")],
            &["Other ways: hours: everybody now comes to bye instead of main.menu"],
        ),
        (
            &[
                ("2: bye, 3", "2: place, 3"),
                ("  bye:\n", "  place:\n    kind: say\n    prompt: place\n    next: bye\n  bye:\n"),
                ("menu: \"Hours", "place: \"Here.\"\nmenu: \"Hours"),
            ],
            &[
                "Keys: main.menu: 2 now leads to place instead of bye",
                "New: place (say): a caller who presses 2",
                "Said in other words: place, en\n    + Here.",
            ],
        ),
        (
            &[("We are open.", "We are closed.")],
            &["Said in other words: hours, en\n    - We are open.\n    + We are closed."],
        ),
        (
            &[("first-key: 6s", "first-key: 8s"), ("closes: 17:00", "closes: 18:00")],
            &[
                "Settings of the line: closes is 18:00 instead of 17:00",
                "Settings of the line: timers.first-key is 8s instead of 6s",
            ],
        ),
        (
            &[("kind: say\n    prompt: hours", "kind: say\n    listen: onward\n    prompt: hours")],
            &["What happens there: hours: listen is new: onward"],
        ),
    ] {
        assert_eq!(told(changes), expected);
    }
}
