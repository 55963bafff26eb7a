//! Every line under `call-flows/` is good, and the program brings one of them along.

use std::path::{Path, PathBuf};

use hotline::flow::check;
use hotline::service::signatures;
use hotline::{flow, line_files};

/// The folder of a line.
pub(crate) fn line_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows").join(name)
}

/// The folders of all lines under `call-flows/`.
pub(crate) fn line_folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(line_folder("")).unwrap().map(|entry| entry.unwrap().path());
    let mut lines: Vec<PathBuf> = entries.filter(|path| path.join("line.yaml").is_file()).collect();
    lines.sort();
    lines
}

#[test]
fn no_line_has_a_mistake_or_a_finding() {
    for folder in line_folders() {
        let files = line_files::read_folder(&folder).unwrap();
        let problems = match flow::load(&files, &signatures()) {
            Ok(loaded) => check::check(&files, &loaded).problems,
            Err(problems) => problems,
        };
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{}:\n{}", folder.display(), told.join("\n"));
    }
}

/// The program has the shipped line as it lies in its folder, and nothing of any other.
#[test]
fn the_program_brings_the_shipped_line_along_and_no_other() {
    assert!(line_folders().len() > 1);
    let (inside, outside) =
        (line_files::shipped(), line_files::read_folder(&line_folder(line_files::SHIPPED)).unwrap());
    assert_eq!(inside.0.keys().collect::<Vec<_>>(), outside.0.keys().collect::<Vec<_>>());
    assert!(inside == outside);
}
