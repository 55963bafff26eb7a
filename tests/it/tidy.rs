//! The house rules that a compiler does not know: which module may use which, and what no file may have in it.

use std::path::{Path, PathBuf};

/// Modules by layer, lowest first; a module uses what is in layers below its own.
const LAYERS: &[&[&str]] = &[
    &["audio", "call", "yaml"],
    &["prompt"],
    &["flow"],
    &["dialect"],
    &["clip_files", "clock", "line_files", "picture", "telemetry"],
    &["store", "synthesiser"],
    &["lookup"],
    &["desk"],
    &["service"],
    &["explore", "simulator", "config", "replay"],
    &["control", "switchboard"],
    &["http"],
    &["cli"],
];

pub(crate) fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn no_module_uses_one_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if matches!(module, "lib" | "main") {
            continue;
        }
        let own =
            layer(module).unwrap_or_else(|| panic!("module `{module}` has no layer; give it one in tests/it/tidy.rs"));
        let text = std::fs::read_to_string(file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let Some((_, used)) = line.split_once("crate::") else { continue };
            let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            if layer(used).is_some_and(|used_layer| used != module && used_layer >= own) {
                wrong.push(format!("{}:{}: `{module}` uses `{used}`", inside.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_modules_say_so() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for module in ["audio", "call", "yaml", "prompt", "flow", "dialect", "picture"] {
        let text = std::fs::read_to_string(src.join(module).join("mod.rs")).unwrap();
        assert!(text.contains("#![deny(clippy::disallowed_methods, clippy::disallowed_types)]"), "{module}");
    }
}

#[test]
fn every_module_says_what_it_is() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let silent: Vec<_> =
        files.iter().filter(|file| !std::fs::read_to_string(file).unwrap().starts_with("//!")).collect();
    assert!(silent.is_empty(), "{silent:?}");
}
