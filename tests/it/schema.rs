//! The JSON Schema of the files of a line: it is the committed one, the shipped files are valid under it, and what
//! is wrong by its shape is wrong for an editor too. After a change of the format,
//! `HOTLINE_WRITE_SCHEMA=1 cargo test --test it schema` writes `call-flows/schema/` anew.

use std::path::{Path, PathBuf};

use hotline::flow::Files;
use hotline::flow::definition::{SCHEMAS, schema};
use hotline::line_files;
use hotline::yaml::{Problem, Problems, Tree, read};
use serde_json::{Map, Value, json};

use super::line::line_folders;
use super::mistakes::{examples, good_line};

fn committed(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("call-flows/schema/{file}.json"))
}

/// The lines under `call-flows/`.
fn own_lines() -> Vec<Files> {
    line_folders().iter().map(|folder| line_files::read_folder(folder).unwrap()).collect()
}

/// The schema that a file of a line is under; prompts have none.
fn kind(path: &str) -> Option<&'static str> {
    match path {
        "line.yaml" => Some("line"),
        "calendar.yaml" => Some("calendar"),
        _ if path.starts_with("prompts/") => None,
        _ => Some("flow"),
    }
}

/// The text of a scalar as YAML's core schema has it, which editors go by.
fn as_an_editor_sees(value: Value) -> Value {
    match value {
        Value::String(text) => match text.as_str() {
            "" => Value::Null,
            "true" => json!(true),
            "false" => json!(false),
            _ => text.parse::<i64>().map_or(Value::String(text), |number| json!(number)),
        },
        Value::Array(items) => items.into_iter().map(as_an_editor_sees).collect(),
        Value::Object(pairs) => {
            pairs.into_iter().map(|(key, value)| (key, as_an_editor_sees(value))).collect::<Map<_, _>>().into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn as_json(path: &str, text: &str) -> Option<Value> {
    let problems = Problems::default();
    let tree = Tree::parse(path, text, &problems)?;
    let value: Value = read(&tree, &problems)?;
    Some(as_an_editor_sees(value))
}

fn complaints(kind: &str, value: &Value) -> Vec<String> {
    let schema = serde_json::to_value(schema(kind).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_committed_schema_is_the_readers() {
    for file in SCHEMAS {
        let current = serde_json::to_string_pretty(&schema(file).unwrap()).unwrap() + "\n";
        if std::env::var_os("HOTLINE_WRITE_SCHEMA").is_some() {
            std::fs::write(committed(file), &current).unwrap();
        }
        let found = std::fs::read_to_string(committed(file)).unwrap_or_default();
        assert_eq!(found, current, "run HOTLINE_WRITE_SCHEMA=1 cargo test --test it schema");
    }
    assert!(schema("prompts").is_none());
}

#[test]
fn good_files_are_valid() {
    let mut checked = 0;
    for files in own_lines().into_iter().chain([good_line()]) {
        for (path, text) in &files.0 {
            if let Some(kind) = kind(path) {
                assert_eq!(complaints(kind, &as_json(path, text).unwrap()), [""; 0], "{path}");
                checked += 1;
            }
        }
    }
    assert!(checked > 10);
}

/// Wrong by shape; what a schema cannot say (a name that leads nowhere, `as` where there is no `secret`) is not.
fn by_shape(problem: &Problem) -> bool {
    match problem.code {
        "wrong-type" | "unknown-field" | "unknown-kind" | "format" => true,
        "missing-field" => problem.text.starts_with("missing field"),
        "wrong-value" => problem.text.contains("length of time"),
        _ => false,
    }
}

#[test]
fn what_is_wrong_by_shape_is_invalid() {
    let mut checked = 0;
    for example in examples() {
        let problems = example.problems();
        // What an alias stands for is seen by an editor and not by us.
        if problems.iter().any(|problem| problem.code == "yaml-alias") {
            continue;
        }
        for (path, text) in &example.files.0 {
            let shape = problems.iter().find(|problem| *problem.file == **path && by_shape(problem));
            if let (Some(kind), Some(problem)) = (kind(path), shape) {
                let value = as_json(path, text).unwrap();
                assert_ne!(complaints(kind, &value), [""; 0], "{}: {problem}", example.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 10, "{checked}");
}

/// An editor finds the schema by the first line of each file under `call-flows/`.
#[test]
fn files_name_their_schema() {
    for (path, text) in own_lines().iter().flat_map(|files| &files.0) {
        if let Some(kind) = kind(path) {
            let first = format!("# yaml-language-server: $schema=../schema/{kind}.json");
            assert_eq!(text.lines().next(), Some(first.as_str()), "{path}");
        }
    }
}
