//! Every form is read, every mistake is told, all at once.

use std::time::Duration;

use super::*;

const HEAD: &str = "line 12333    at 2026-03-31 10:00\n";

fn step(line: &str) -> Step {
    let script = read("a.call", &format!("{HEAD}{line}\n")).unwrap();
    match script.steps.as_slice() {
        [(2, step)] => step.clone(),
        other => panic!("{line}: {other:?}"),
    }
}

fn mistakes(text: &str) -> Vec<String> {
    read("a.call", text).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_head_is_read() {
    let text = "# What it\n#\n# shows.\n\nline 12333 at 2026-01-04 08:30 in en from +8612012345678  # a note\n# a step\nhangs up\n";
    let script = read("calls/a.call", text).unwrap();
    assert_eq!(
        script,
        Script {
            file: "calls/a.call".to_owned(),
            comment: "What it  shows.".to_owned(),
            line: "12333".into(),
            at: "2026-01-04T08:30".parse().unwrap(),
            from: Caller::Number(PhoneNumber::parse("+8612012345678").unwrap()),
            language: Some("en".into()),
            steps: vec![(7, Step::Does(Action::HangsUp))],
        }
    );
    assert_eq!(read("a", "line x at 2026-01-04 08:30 from withheld").unwrap().from, Caller::Withheld);
    assert_eq!(read("a", HEAD).unwrap().from, Caller::Anybody);
}

#[test]
fn every_form_is_read() {
    let keys = |text| Keys::parse(text).unwrap();
    let lookup = |does| Step::Sets(Setting::Lookup { name: "payments".into(), does });
    let prompts = |prompts: &[(&str, Option<Medium>)]| {
        prompts.iter().map(|(id, medium)| Expected { prompt: (*id).into(), medium: *medium }).collect()
    };
    let (clip, text) = (Some(Medium::Clip), Some(Medium::Text));
    let ends = |outcome, talk| Step::Does(Action::DialEnds { outcome, talk });
    for (line, expected) in [
        (
            "hears entry.welcome  entry.notice # both",
            Step::Expects(Expectation::Hears(prompts(&[("entry.welcome", None), ("entry.notice", None)]))),
        ),
        (
            "hears clip main.menu med.menu",
            Step::Expects(Expectation::Hears(prompts(&[("main.menu", clip), ("med.menu", clip)]))),
        ),
        (
            "hears sys.more text entry.emergency clip main.menu",
            Step::Expects(Expectation::Hears(prompts(&[
                ("sys.more", None),
                ("entry.emergency", text),
                ("main.menu", clip),
            ]))),
        ),
        (
            r#"says zh-CN "他说\"好\" # 不是注释\\。" # a note"#,
            Step::Expects(Expectation::Says {
                language: "zh-CN".into(), text: "他说\"好\" # 不是注释\\。".to_owned()
            }),
        ),
        ("presses 123*#", Step::Does(Action::Presses(keys("123*#")))),
        ("presses #  ", Step::Does(Action::Presses(keys("#")))),
        ("presses 1# # ends the entry", Step::Does(Action::Presses(keys("1#")))),
        ("chooses language", Step::Does(Action::ChoosesLanguage)),
        ("waits silent", Step::Does(Action::WaitsSilent)),
        ("waits", Step::Does(Action::Waits)),
        ("hangs up", Step::Does(Action::HangsUp)),
        ("lookup payments answers none", lookup(LookupDoes::Answers("none".to_owned(), BTreeMap::new()))),
        ("lookup payments takes 5s", lookup(LookupDoes::Takes(Duration::from_secs(5)))),
        ("lookup payments fails", lookup(LookupDoes::Fails)),
        ("lookup payments works", lookup(LookupDoes::Works)),
        ("switch closed-today on", Step::Sets(Setting::Switch(Switch::ClosedToday(true)))),
        ("switch direct-to-operator off", Step::Sets(Setting::Switch(Switch::DirectToOperator(false)))),
        ("switch nobody on", Step::Sets(Setting::Switch(Switch::Nobody(true)))),
        (
            "switch maintenance until 14:30",
            Step::Sets(Setting::Switch(Switch::Maintenance(Some(Time::constant(14, 30, 0, 0))))),
        ),
        ("switch maintenance off", Step::Sets(Setting::Switch(Switch::Maintenance(None)))),
        (
            r#"switch bulletin "今天。" "Today.""#,
            Step::Sets(Setting::Switch(Switch::Bulletin(Some(vec!["今天。".to_owned(), "Today.".to_owned()])))),
        ),
        ("switch bulletin off", Step::Sets(Setting::Switch(Switch::Bulletin(None)))),
        ("database down", Step::Sets(Setting::DatabaseDown(true))),
        ("database works", Step::Sets(Setting::DatabaseDown(false))),
        ("dials operators", Step::Expects(Expectation::Dials("operators".into()))),
        ("operator answers", Step::Does(Action::OperatorAnswers)),
        ("operator hears op.whisper", Step::Expects(Expectation::OperatorHears(prompts(&[("op.whisper", None)])))),
        ("operator presses 1", Step::Does(Action::OperatorPresses(keys("1")))),
        ("operator waits", Step::Does(Action::OperatorWaits)),
        ("dial ends busy", ends(DialOutcome::Busy, None)),
        ("dial ends no-answer", ends(DialOutcome::NoAnswer, None)),
        ("dial ends declined", ends(DialOutcome::Declined, None)),
        ("dial ends failed", ends(DialOutcome::Failed, None)),
        ("dial ends abandoned", ends(DialOutcome::Abandoned, None)),
        ("dial ends talked 16m", ends(DialOutcome::Talked, Some(Duration::from_mins(16)))),
        ("ends caller-hung-up", Step::Expects(Expectation::Ends(EndCause::CallerHungUp))),
        ("ends too-long", Step::Expects(Expectation::Ends(EndCause::TooLong))),
    ] {
        assert_eq!(step(line), expected, "{line}");
    }
}

#[test]
fn a_note_is_no_step_and_calls_follow_each_other() {
    let text = format!(
        "{HEAD}member 000101198503121233 # who\nends finished\nswitch nobody on\nlater 24h\ncalls again\nhangs up\n"
    );
    let steps: Vec<Step> = read("a.call", &text).unwrap().steps.into_iter().map(|(_, step)| step).collect();
    assert_eq!(
        steps,
        [
            Step::Expects(Expectation::Ends(EndCause::Finished)),
            Step::Sets(Setting::Switch(Switch::Nobody(true))),
            Step::Sets(Setting::Later(Duration::from_hours(24))),
            Step::Does(Action::CallsAgain),
            Step::Does(Action::HangsUp),
        ]
    );
}

#[test]
fn every_mistake_is_told_at_once_with_the_form_that_was_expected() {
    let text = "line 12333 at 2026-03-31\nheers main.menu\npresses one\npresses\nlookup payments takes 5\n\
                switch closed-today\nfoo\nends gone\nends finished\nhangs up\nsays zh-CN \"open\nline a at 2026-03-31 10:00\n";
    let found = mistakes(text);
    let beginnings = [
        "a.call:1: expected `line 12333 at 2026-03-31 10:00",
        "a.call:2: no line begins so; did you mean `hears main.menu",
        "a.call:3: expected `presses 1`",
        "a.call:4: expected `presses 1`",
        "a.call:5: expected `lookup NAME answers OUTCOME [VALUE NUMBER] ... | takes 5s",
        "a.call:6: expected `switch closed-today on",
        "a.call:7: no line begins so; expected one of:",
        "a.call:8: expected `ends finished`",
        "a.call:10: the call is over; expected `later 24h`",
        "a.call:11: expected a closing quotation mark",
    ];
    assert_eq!(found.len(), beginnings.len(), "{found:#?}");
    for (found, beginning) in found.iter().zip(beginnings) {
        assert!(found.starts_with(beginning), "{found}");
    }
}

#[test]
fn what_is_not_a_call_is_refused() {
    for (text, told) in [
        ("", "a.call:1: the file is empty; expected `line 12333"),
        ("# only a comment\n", "a.call:1: the file is empty"),
        ("hangs up\n", "a.call:1: expected `line 12333"),
        ("line a at 2026-03-31 10:00\nline b at 2026-03-31 10:00\n", "a.call:2: a file is one call"),
        ("line a at 2026-02-30 10:00\n", "a.call:1: expected `line"),
        ("line a at 2026-03-31 10:00 in en in en\n", "a.call:1: expected `line"),
        ("line a at 2026-03-31 10:00 from somebody\n", "a.call:1: expected `line"),
        ("line a at 2026-03-31 10:00\nlater 1h\n", "a.call:2: expected `ends ...` first"),
        ("line a at 2026-03-31 10:00\ncalls again\n", "a.call:2: expected `ends ...` first"),
        ("line a at 2026-03-31 10:00\ndial ends talked\n", "a.call:2: expected `dial ends busy"),
        ("line a at 2026-03-31 10:00\ndial ends busy 60s\n", "a.call:2: expected `dial ends busy"),
        ("line a at 2026-03-31 10:00\nhears\n", "a.call:2: expected `hears main.menu"),
        ("line a at 2026-03-31 10:00\nhears clip\n", "a.call:2: expected `hears main.menu"),
        ("line a at 2026-03-31 10:00\nhears main.menu text\n", "a.call:2: expected `hears main.menu"),
        ("line a at 2026-03-31 10:00\nhears \"main.menu\"\n", "a.call:2: expected `hears main.menu"),
        ("line a at 2026-03-31 10:00\nsays en text\n", "a.call:2: expected `says zh-CN"),
        ("line a at 2026-03-31 10:00\nsays en \"a\"b\n", "a.call:2: expected a blank after"),
        ("line a at 2026-03-31 10:00\nsays en \"a\\n\"\n", "a.call:2: expected `\\\"`"),
        ("line a at 2026-03-31 10:00\nswitch bulletin zh en\n", "a.call:2: expected `switch"),
        ("line a at 2026-03-31 10:00\nswitch maintenance until 25:00\n", "a.call:2: expected `switch"),
    ] {
        let found = mistakes(text);
        assert!(found.len() == 1 && found[0].starts_with(told), "{text}: {found:#?}");
    }
}

#[test]
fn what_stands_in_a_wrong_line_is_not_repeated() {
    for text in ["presses 204816x", "member 000101198503121233 12", "lookup 204816 12"] {
        assert!(
            mistakes(&format!("{HEAD}{text}\n"))
                .iter()
                .all(|mistake| !mistake.contains("204816") && !mistake.contains("1233 12"))
        );
    }
}
