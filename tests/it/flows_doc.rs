//! `docs/flows.md` shows files as they are: every piece of YAML and every call on it stands in the file that it names, the
//! clinic's flows, settings and prompts are there whole, and its links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hotline::line_files;

use crate::line::line_folder;

const PAGE: &str = include_str!("../../docs/flows.md");

/// A box of the page that shows a file, or a piece of one.
struct Shown {
    /// The line of the page at which it begins.
    at: usize,
    /// Which file: a path under `call-flows/`, or one that begins with `prompts/`.
    file: String,
    text: String,
}

/// The boxes with YAML or a call in them.
fn shown() -> Vec<Shown> {
    let mut lines = (1..).zip(PAGE.lines());
    let mut all = Vec::new();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        let text = inside.flat_map(|line| [line, "\n"]).collect();
        let (kind, file) = info.split_once(' ').unwrap_or((info, ""));
        if matches!(kind, "yaml" | "call") {
            all.push(Shown { at, file: file.to_owned(), text });
        } else {
            assert_eq!(file, "", "docs/flows.md:{at}: only YAML and calls are shown from files");
        }
    }
    all
}

fn text_of(shown: &Shown) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = if shown.file.starts_with("prompts/") { root.to_owned() } else { line_folder("") };
    std::fs::read_to_string(folder.join(&shown.file)).unwrap_or_else(|_| {
        panic!("docs/flows.md:{}: there is no {:?}; name the file behind the kind of the box", shown.at, shown.file)
    })
}

#[test]
fn what_is_shown_stands_in_its_file() {
    let all = shown();
    assert!(all.len() > 20, "{}", all.len());
    for shown in all {
        let file = text_of(&shown);
        let begins_a_line = |(at, _): (usize, &str)| at == 0 || file[..at].ends_with('\n');
        assert!(
            file.match_indices(&shown.text).any(begins_a_line),
            "docs/flows.md:{}: {} does not have this; copy it from there:\n{}",
            shown.at,
            shown.file,
            shown.text
        );
    }
}

/// Who types what is shown has the whole line.
#[test]
fn the_clinic_is_shown_whole() {
    let shown: BTreeMap<String, String> = shown().into_iter().map(|shown| (shown.file, shown.text)).collect();
    for (path, text) in line_files::read_folder(&line_folder("clinic")).unwrap().0 {
        let on_the_page = shown.get(&format!("clinic/{path}")).map(String::as_str);
        assert_eq!(on_the_page, Some(text.as_str()), "docs/flows.md does not show clinic/{path} as it is");
    }
}

#[test]
fn links_lead_to_headings_and_files() {
    let anchor = |heading: &str| -> String {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    let headings: BTreeSet<String> = PAGE
        .lines()
        .filter(|line| line.starts_with('#') && line.trim_start_matches('#').starts_with(' '))
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect();
    for target in PAGE.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        match target.strip_prefix('#') {
            Some(heading) => assert!(headings.contains(heading), "no heading for #{heading}"),
            None => assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(target).is_file(), "{target}"),
        }
    }
}
