//! What `hotline check` knows: every problem is explained once, and `docs/checks.md` says the same. After a change,
//! `HOTLINE_WRITE_CHECKS=1 cargo test --test it checks` writes the page anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hotline::explore::EXPLANATIONS;
use hotline::flow::check::{ALL, explanations};
use hotline::yaml::Explanation;

use super::mistakes::{examples, known_codes};

const TOP: &str = "\
# What `hotline check` finds

This page is made of what the program itself says (`hotline check --explain NAME`); it is not written by hand.

`hotline check [DIR]` reads a line and tells everything that is wrong with it, each finding with its place, its name, who
comes to hear it and what to do. It exits with 0 if there is nothing, 1 if there are findings, 2 if it could not look.
`--json` prints the same for other programs.
";

const CHECKS: &str = "\
## What a line would do to its callers

";

const LOADING: &str = "\
## What keeps a line from being read

These are told by every command that reads a line. Until they are mended nothing above is looked for.

";

const EXPLORING: &str = "\
## What exploration finds

`hotline check --explore` drives the line through every call that it can have. A line without findings above has none of
these, as a rule; what is found here is told with the whole call that led to it.

";

fn page() -> String {
    let mut page = format!("{TOP}\n{CHECKS}");
    let all = [explanations().as_slice(), EXPLANATIONS].concat();
    for (number, Explanation { name, finds, why, example, fix }) in all.iter().enumerate() {
        if number == ALL.len() {
            page.push_str(LOADING);
        }
        if number == explanations().len() {
            page.push_str(EXPLORING);
        }
        write!(page, "### {name}\n\n{finds}\n\n{why}\n\n```yaml\n{example}```\n\nFix: {fix}.\n\n").unwrap();
    }
    page.trim_end().to_owned() + "\n"
}

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md")
}

#[test]
fn the_page_says_what_the_program_says() {
    let current = page();
    if std::env::var_os("HOTLINE_WRITE_CHECKS").is_some() {
        std::fs::write(committed(), &current).unwrap();
    }
    let found = std::fs::read_to_string(committed()).unwrap_or_default();
    assert_eq!(found, current, "run HOTLINE_WRITE_CHECKS=1 cargo test --test it checks");
}

#[test]
fn every_problem_is_explained_once() {
    let mut explained = BTreeSet::new();
    for Explanation { name, finds, why, example, fix } in explanations() {
        assert!(explained.insert(name.to_owned()), "{name} is explained twice");
        assert!(finds.ends_with('.') && why.ends_with('.'), "{name}: whole sentences");
        assert!(example.ends_with('\n') && example.trim().len() > 5, "{name}: an example ends its line");
        assert!(!fix.is_empty() && !fix.ends_with('.'), "{name}: what to do, without a full stop");
    }
    let mut told = known_codes();
    told.extend(ALL.iter().map(|check| check.name.to_owned()));
    assert!(
        EXPLANATIONS.iter().all(|known| !told.contains(known.name)),
        "an exploration tells the same by another name"
    );
    assert_eq!(explained, told);
}

/// One shows that it finds something; two, that it finds no less than that.
#[test]
fn every_check_has_two_examples() {
    let problems: Vec<_> = examples().iter().map(super::mistakes::Example::problems).collect();
    for check in ALL {
        let shown = problems.iter().filter(|problems| problems.iter().any(|problem| problem.code == check.name));
        assert!(shown.count() >= 2, "fewer than two examples in tests/mistakes for {}", check.name);
    }
}

fn check_command(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("check").args(arguments).output().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_good_line_has_no_findings_and_notes_on_providers() {
    let output = check_command(&["call-flows/12333", "--json"]);
    let told = json(&output);
    assert_eq!((output.status.code(), &told["findings"]), (Some(0), &serde_json::json!([])));
    let notes = told["notes"].as_array().unwrap();
    let whisper = notes.iter().find(|note| note["text"].as_str().unwrap().starts_with("no whisper")).unwrap();
    assert_eq!(whisper["providers"], serde_json::json!(["somleng"]));
    assert!(whisper["nodes"].as_array().unwrap().contains(&"op.transfer".into()), "{whisper}");
    let only = json(&check_command(&["call-flows/12333", "--json", "--provider", "twilio"]));
    assert!(only["notes"].as_array().unwrap().iter().all(|note| note["providers"] == serde_json::json!(["twilio"])));
}

#[test]
fn a_line_with_findings_exits_with_one_and_a_folder_without_a_line_with_two() {
    let line = tempfile::tempdir().unwrap();
    let example = examples().iter().find(|example| example.name == "long-menu").unwrap();
    for (path, text) in &example.files.0 {
        let path = line.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let output = check_command(&[line.path().to_str().unwrap(), "--json"]);
    let finding = &json(&output)["findings"][0];
    assert_eq!((output.status.code(), finding["name"].as_str()), (Some(1), Some("long-menu")));
    assert_eq!((&finding["file"], &finding["line"], &finding["column"]), (&"main.yaml".into(), &6.into(), &5.into()));

    let folder = check_command(&["call-flows"]);
    let error = String::from_utf8(folder.stderr).unwrap();
    assert_eq!(folder.status.code(), Some(2));
    assert!(error.contains("call-flows/12333"), "{error}");
}

#[test]
fn problems_are_explained_by_name() {
    let told = |arguments: &[&str]| {
        let output = check_command(arguments);
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let (code, text) = told(&["--explain", "endless-loop"]);
    assert!(code == Some(0) && text.contains("Fix: "), "{text}");
    let (code, text) = told(&["--explain", "endless-lop"]);
    assert!(code == Some(2) && text.contains("did you mean `endless-loop`?"), "{text}");
    for list in [&["--explain"], &["--list"]] {
        let (code, text) = told(list);
        assert!(code == Some(0) && explanations().iter().all(|known| text.contains(known.name)), "{text}");
    }
}

/// `hotline check FOLDER | head`: nobody reads to the end.
#[test]
fn who_has_read_enough_is_told_nothing_more() {
    for arguments in [
        &["check", "call-flows/12333"][..],
        &["check", "--explain", "endless-loop"],
        &["demo", "--members", "50"],
        &["say", "amount", "1023.05"],
        &["providers"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        command.args(arguments).env_clear().current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).stdout(writer);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), said.as_ref()), (Some(141), ""), "{arguments:?}");
    }
}
