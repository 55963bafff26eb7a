//! The readings against the table of the domain reference: every row, through the library and through the program.

use std::io::Write;
use std::process::{Command, Stdio};

use hotline::call::Language;
use hotline::prompt::say;

const TABLE: &str = include_str!("../mandarin-readings.tsv");

fn rows() -> Vec<[&'static str; 3]> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap()).collect()
}

#[test]
fn every_row_of_the_table_is_read_so() {
    let language = Language::from("zh-CN");
    let wrong: Vec<String> = rows()
        .into_iter()
        .map(|[kind, value, said]| (kind, value, Ok(said.to_owned()), say::read_text(&language, kind, value)))
        .filter(|(_, _, expected, found)| expected != found)
        .map(|(kind, value, expected, found)| format!("{kind} {value}: expected {expected:?}, found {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(rows().len(), 406);
}

#[test]
fn english_says_every_row_too() {
    let language = Language::from("en");
    for [kind, value, _] in rows() {
        let said = say::read_text(&language, kind, value).unwrap();
        assert!(said.is_ascii() && !said.contains(|c: char| c.is_ascii_digit()), "{kind} {value}: {said}");
    }
}

#[test]
fn the_table_comes_out_of_the_program_as_it_went_in() {
    let mut say = Command::new(env!("CARGO_BIN_EXE_hotline"))
        .args(["say", "--tsv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = say.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(TABLE.as_bytes()));
    let output = say.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), TABLE);
}
