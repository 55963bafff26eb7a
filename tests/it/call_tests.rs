//! `hotline test` as an author uses it, on a small line with calls of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const LEAVES: &str = "# Somebody leaves at once.\nline small at 2026-03-31 10:00\nhears main.menu\npresses 3\nhears sys.bye\nends finished\n";

/// A line in a folder, with these calls.
struct Line {
    folder: TempDir,
}

impl Line {
    fn with(calls: &[(&str, &str)]) -> Self {
        let line = Self { folder: tempfile::tempdir().unwrap() };
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes/line");
        copy(&from, line.folder.path());
        fs::create_dir(line.folder.path().join("calls")).unwrap();
        for (name, text) in calls {
            fs::write(line.file(name), text).unwrap();
        }
        line
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("calls").join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Exit code and what was printed, the folder's own path left out.
    fn test(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        let Output { status, stdout, stderr } =
            command.arg("test").args(arguments).arg(self.folder.path()).output().unwrap();
        let printed = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (status.code().unwrap(), printed.replace(&format!("{}/", self.folder.path().display()), ""))
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn calls_are_played_in_each_language_and_a_filter_chooses() {
    let line = Line::with(&[("leaves.call", LEAVES), ("again.call", LEAVES)]);
    let (code, printed) = line.test(&[]);
    assert!(code == 0 && printed.starts_with("4 calls: all went as told."), "{printed}");
    let (code, printed) = line.test(&["--language", "en", "--only", "again"]);
    assert!(code == 0 && printed.starts_with("1 call: all went as told."), "{printed}");
    let (code, printed) = line.test(&["--only", "nothing"]);
    assert!(code == 2 && printed.contains("no calls to play"), "{printed}");
}

#[test]
fn the_first_difference_is_marked_under_the_call_so_far() {
    let call = "line small at 2026-03-31 10:00\nhears main.menu\npresses 7\nhears sys.wrong main.month\nhangs up\n";
    let line = Line::with(&[("wrong.call", call)]);
    let (code, printed) = line.test(&["--language", "en"]);
    let expected = "calls/wrong.call:4: in en: expected to hear sys.wrong main.month; heard sys.wrong main.menu
    2  calls
    2  hears zh-CN \"查账户请按一，查月份请按二，结束请按三。\"
    3  presses 1 key(s)
    3  hears zh-CN \"按键无效。\"
    3  hears zh-CN \"查账户请按一，查月份请按二，结束请按三。\"
  expected  hears sys.wrong main.month
  heard     hears sys.wrong main.menu
                            ^
";
    assert!(code == 1 && printed.starts_with(expected), "{printed}");
    assert!(printed.contains("1 call: 1 did not go as told."), "{printed}");

    let (code, printed) = line.test(&["--json"]);
    let report: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let failure = &report["failures"][0];
    assert_eq!((code, &report["calls"]), (1, &serde_json::json!(2)));
    assert_eq!((&failure["line"], &failure["language"]), (&serde_json::json!(4), &serde_json::json!("zh-CN")));
    assert_eq!(failure["expected"], "hears sys.wrong main.month");
    assert_eq!(failure["heard"], "hears sys.wrong main.menu");
}

#[test]
fn a_line_that_is_not_understood_is_told_with_the_form() {
    let line = Line::with(&[("odd.call", "line small at 2026-03-31 10:00\nhears main.menu\npushes 1\n")]);
    let (code, printed) = line.test(&[]);
    assert!(code == 2 && printed.contains("calls/odd.call:3: no line begins so; expected one of:"), "{printed}");
    assert!(printed.contains("nothing was played"), "{printed}");
}

#[test]
fn an_update_writes_what_is_heard_and_keeps_comments_and_actions() {
    let line = Line::with(&[(
        "stale.call",
        "# What it shows.\nline small at 2026-03-31 10:00\n\n  hears main.month   # the menu\npresses 0\nhears sys.bye\n\
         dials people # who answers\ndial ends busy\nhears main.menu\npresses 3\nhears sys.bye\n\
         says zh-CN \"晚安。\"\nends caller-hung-up",
    )]);
    let (code, printed) = line.test(&["--update"]);
    assert!(code == 0 && printed.starts_with("calls/stale.call: 5 line(s) expect what was heard\n"), "{printed}");
    assert_eq!(
        line.text("stale.call"),
        "# What it shows.\nline small at 2026-03-31 10:00\n\n  hears main.menu  # the menu\npresses 0\nhears sys.wait\n\
         dials operators  # who answers\ndial ends busy\nhears main.menu\npresses 3\nhears sys.bye\n\
         says zh-CN \"再见。\"\nends finished"
    );
    assert_eq!(line.test(&[]).0, 0);
}

/// What callers do is their author's business; and a call that would be another in each language is two.
#[test]
fn an_update_refuses_where_an_action_is_impossible_or_languages_differ() {
    let over = "line small at 2026-03-31 10:00\nhears main.month\npresses 3\nhears sys.bye\npresses 1\n";
    let differs = "line small at 2026-03-31 10:00\nhears main.menu\nchooses language\nhears sys.bye\nhangs up\n";
    let line = Line::with(&[("over.call", over), ("differs.call", differs), ("leaves.call", LEAVES)]);
    let (code, printed) = line.test(&["--update"]);
    assert_eq!(code, 1, "{printed}");
    assert!(
        printed.contains("calls/over.call:5: in zh-CN: the call is over; what callers do is not changed"),
        "{printed}"
    );
    assert!(printed.contains("calls/differs.call:4: it is not the same in all languages"), "{printed}");
    assert!(printed.contains("3 calls: 0 updated, 2 refused"), "{printed}");
    assert_eq!((line.text("over.call"), line.text("differs.call")), (over.to_owned(), differs.to_owned()));
}

#[test]
fn coverage_tells_what_no_call_comes_by() {
    let again = "line small at 2026-03-31 10:00 in en\nhears main.menu\npresses 0\nhears sys.wait\ndials operators\n\
                 dial ends busy\nhears main.menu\n";
    let line = Line::with(&[("leaves.call", LEAVES), ("busy.call", again)]);
    let page = line.folder.path().join("page.html");
    let (code, printed) = line.test(&["--coverage", "--html", page.to_str().unwrap()]);
    assert_eq!(code, 0, "{printed}");
    // Another edge of the same node to the same node was not taken.
    assert!(printed.contains(": no call comes by edge main.person on.no-answer  (in en)\n"), "{printed}");
    assert!(printed.contains("main.yaml:75: no call comes by node main.person  (in zh-CN)\n"), "{printed}");
    assert!(!printed.contains("edge main.menu keys.3"), "{printed}");
    assert!(printed.contains("prompts/zh-CN/all.yaml:2: no call comes by prompt main.month\n"), "{printed}");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("main.person on.no-answer") && page.contains("<svg"), "{page}");
    // Nothing is fetched; a name of XML is no address.
    let fetches = page.replace("\"http://www.w3.org/2000/svg\"", "").contains("http");
    assert!(!page.contains("<script") && !fetches, "{page}");
    let (code, printed) = line.test(&["--min-coverage", "50"]);
    assert!(code == 1 && printed.contains("50 % are wanted"), "{printed}");
    assert_eq!(line.test(&["--min-coverage", "2"]).0, 0);
}
