//! Every mistake that the loader can tell and everything that a line is checked for, by example: `tests/mistakes/line/`
//! is a small good line, and each `tests/mistakes/*.txt` breaks it and says what an author is then told, word for word.
//!
//! An example begins with a comment, says what it changes and ends with what is told:
//!
//! ```text
//! # What is wrong.
//! in main.yaml
//! -    next: main.menu
//! +    next: main.meny
//! ---
//! main.yaml:7:11: `main.meny` is no node [unknown-target]
//!     did you mean `main.menu`?
//! ```
//!
//! Lines with `-` stand in the file exactly once, one after the other, and the lines with `+` take their place;
//! `+` alone is put at the end. `without FILE` takes a file away, `new FILE` begins one. After a change of words,
//! `HOTLINE_WRITE_MISTAKES=1 cargo test --test it mistakes` writes what is told into the examples: read it then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use hotline::flow::check::{ALL, check};
use hotline::flow::{self, Files};
use hotline::line_files;
use hotline::service::signatures;
use hotline::yaml::Problem;

use super::tidy::sources;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes")
}

/// A broken line and what is told of it.
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) files: Files,
    /// Everything above the line `---`.
    change: String,
    expected: String,
    problems: Vec<Problem>,
}

impl Example {
    /// What the loader tells; of a line that can be read, what it is checked for.
    pub(crate) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn told(&self) -> String {
        lines(&self.problems)
    }
}

fn findings(files: &Files) -> Vec<Problem> {
    flow::load(files, &signatures()).map_or_else(|problems| problems, |loaded| check(files, &loaded).problems)
}

/// The problems as an author reads them.
fn lines(problems: &[Problem]) -> String {
    problems.iter().flat_map(|problem| [problem.to_string(), "\n".to_owned()]).collect()
}

pub(crate) fn good_line() -> Files {
    line_files::read_folder(&folder().join("line")).unwrap()
}

/// All examples, by name; looked at once for all tests.
pub(crate) fn examples() -> &'static [Example] {
    static ALL: LazyLock<Vec<Example>> = LazyLock::new(read_examples);
    &ALL
}

fn read_examples() -> Vec<Example> {
    let good = good_line();
    let mut examples = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let (change, expected) = text.split_once("\n---\n").unwrap_or((&text, ""));
            let files = broken(&good, change, &name);
            let problems = findings(&files);
            examples.push(Example { name, files, change: change.to_owned(), expected: expected.to_owned(), problems });
        }
    }
    examples.sort_by(|a, b| a.name.cmp(&b.name));
    examples
}

/// The line with the change made to it.
fn broken(good: &Files, change: &str, name: &str) -> Files {
    let mut files = good.clone();
    let mut file = String::new();
    let (mut old, mut new) = (String::new(), String::new());
    // A last line that is none of ours makes the last change.
    for line in change.lines().chain(["# end"]) {
        let begins = !line.starts_with('+') && (!line.starts_with('-') || !new.is_empty());
        if begins && !(old.is_empty() && new.is_empty()) {
            let text = files.0.get_mut(&file).unwrap_or_else(|| panic!("{name}: there is no {file}"));
            if old.is_empty() {
                text.push_str(&new);
            } else {
                assert_eq!(text.matches(&old).count(), 1, "{name}: {file} has not exactly once\n{old}");
                *text = text.replacen(&old, &new, 1);
            }
            (old, new) = (String::new(), String::new());
        }
        if let Some(line) = line.strip_prefix('-') {
            old.push_str(line);
            old.push('\n');
        } else if let Some(line) = line.strip_prefix('+') {
            new.push_str(line);
            new.push('\n');
        } else if let Some(path) = line.strip_prefix("in ") {
            path.clone_into(&mut file);
        } else if let Some(path) = line.strip_prefix("new ") {
            path.clone_into(&mut file);
            files.0.insert(file.clone(), String::new());
        } else if let Some(path) = line.strip_prefix("without ") {
            assert!(files.0.remove(path).is_some(), "{name}: there is no {path}");
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "{name}: `{line}` is no change");
        }
    }
    files
}

#[test]
fn the_good_line_and_the_shipped_one_are_good() {
    assert_eq!(lines(&findings(&good_line())), "");
    assert_eq!(lines(&findings(&line_files::shipped())), "");
}

#[test]
fn every_mistake_is_told_in_its_place_and_in_these_words() {
    let write = std::env::var_os("HOTLINE_WRITE_MISTAKES").is_some();
    for example in examples() {
        let told = example.told();
        if write {
            let text = format!("{}\n---\n{told}", example.change);
            std::fs::write(folder().join(format!("{}.txt", example.name)), text).unwrap();
        } else {
            assert_eq!(told, example.expected, "{}", example.name);
        }
        assert_ne!(told, "", "{}: nothing is told", example.name);
    }
}

/// The place that is told is in the file, and a fix put there is what the help says.
#[test]
fn places_and_fixes_are_in_the_file() {
    let mut fixes = 0;
    for example in examples() {
        for problem in example.problems() {
            let Some(text) = example.files.0.get(&*problem.file) else {
                assert_eq!(problem.place.line, 0, "{}: a file that is not there has no place", example.name);
                continue;
            };
            let (start, end) = (problem.place.start, problem.place.end);
            assert!(start <= end && text.get(start..end).is_some(), "{}: {problem}", example.name);
            let line = text[..start].matches('\n').count() + 1;
            let column = text[..start].rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            assert_eq!((problem.place.line, problem.place.column), (line, column), "{}: {problem}", example.name);
            if let Some(fix) = &problem.fix {
                fixes += 1;
                let help = problem.help.as_deref().unwrap_or_default();
                let bare = fix.trim_matches(['{', '}']);
                assert!(help.contains(bare) || bare.contains(':'), "{}: {problem}", example.name);
            }
        }
    }
    assert!(fixes > 10, "slips of a finger have a fix");
}

/// The codes that stand in a source file: the first word in quotes after whatever reports a problem.
fn codes_in(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut codes = BTreeSet::new();
    for report in [".report(", ".report_choice(", "Error::new(", "Self::new(", "code: "] {
        for after in code.split(report).skip(1) {
            let statement = after.split(';').next().unwrap_or_default();
            let word = statement.split('"').nth(1).unwrap_or_default();
            if !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
                codes.insert(word.to_owned());
            }
        }
    }
    codes
}

/// The codes of what keeps a line from being read.
pub(crate) fn known_codes() -> BTreeSet<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.join("prompt/files.rs"), src.join("prompt/template.rs")];
    sources(&src.join("yaml"), &mut files);
    sources(&src.join("flow/load"), &mut files);
    files.iter().flat_map(|file| codes_in(&std::fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn every_code_in_the_sources_has_an_example() {
    let known = known_codes();
    assert!(known.len() > 40 && known.contains("unknown-target") && known.contains("yaml-syntax"), "{known:?}");
    let problems = examples().iter().flat_map(Example::problems);
    let shown = problems.map(|problem| problem.code).filter(|code| ALL.iter().all(|check| check.name != *code));
    let shown: BTreeSet<String> = shown.map(str::to_owned).collect();
    let missing: Vec<_> = known.difference(&shown).collect();
    assert!(missing.is_empty(), "no example in tests/mistakes for {missing:?}");
    let unknown: Vec<_> = shown.difference(&known).collect();
    assert!(unknown.is_empty(), "this test does not find {unknown:?} in the sources");
}

#[test]
fn a_folder_that_is_no_line_says_why() {
    let told = |folder: &Path| {
        let error = line_files::read_folder(folder).unwrap_err().to_string();
        error.replace(folder.parent().unwrap().to_str().unwrap(), "")
    };
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("line");
    assert_eq!(told(&folder), "/line is no line folder: it has no line.yaml; give the folder that has it");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("line.yaml"), "format: 1\n").unwrap();
    assert_eq!(told(&folder), "the line has no prompts: they are expected in /line/prompts or in /line/../../prompts");
    std::fs::create_dir(folder.join("prompts")).unwrap();
    // GBK, as old editors save Chinese.
    std::fs::write(folder.join("main.yaml"), b"# \xc4\xe3\xba\xc3\n").unwrap();
    assert_eq!(told(&folder), "/line/main.yaml is not UTF-8 text; save it as UTF-8");
    std::fs::write(folder.join("main.yaml"), "format: 1\nnodes: {}\n").unwrap();
    std::fs::write(folder.join("more.yml"), "").unwrap();
    assert_eq!(told(&folder), "/line/more.yml would not be read; files of a line end in .yaml: rename it");
    std::fs::remove_file(folder.join("more.yml")).unwrap();
    assert_eq!(line_files::read_folder(&folder).unwrap().0.keys().collect::<Vec<_>>(), ["line.yaml", "main.yaml"]);
}

/// What is no mistake: the mark that some editors put first, their line ends, and a last line without one.
#[test]
fn line_ends_and_byte_order_marks_do_not_matter() {
    let change = |change: &dyn Fn(&str) -> String| {
        let files: BTreeMap<_, _> = good_line().0.iter().map(|(path, text)| (path.clone(), change(text))).collect();
        flow::load(&Files(files), &signatures()).map(|_| ()).map_err(|problems| problems[0].to_string())
    };
    assert_eq!(change(&|text| format!("\u{feff}{text}")), Ok(()));
    assert_eq!(change(&|text| text.replace('\n', "\r\n")), Ok(()));
    assert_eq!(change(&|text| text.trim_end().to_owned()), Ok(()));
}

/// Whatever an author leaves in a file, the loader answers: with every line cut out, doubled or cut short.
#[test]
fn no_damage_makes_the_loader_fail() {
    let good = good_line();
    for (path, text) in good.0.iter().filter(|(path, _)| !path.ends_with("en/all.yaml")) {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let half: String = line.chars().take(line.chars().count() / 2).collect();
            for replacement in [vec![], vec![*line, *line], vec![&half], vec!["\t"], vec!["  - [{"]] {
                let mut damaged = lines.clone();
                damaged.splice(at..=at, replacement);
                let mut files = good.clone();
                files.0.insert(path.clone(), damaged.join("\n"));
                if let Err(problems) = flow::load(&files, &signatures()) {
                    assert!(!problems.is_empty(), "{path} at line {}", at + 1);
                }
            }
        }
    }
    let deep = "[".repeat(20_000);
    let files = Files([("line.yaml".to_owned(), deep)].into());
    assert!(flow::load(&files, &signatures()).is_err());
}
