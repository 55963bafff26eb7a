//! The line's own sounds: the committed files are the composed ones. After a change of one,
//! `HOTLINE_WRITE_SOUNDS=1 cargo test --test it sounds` writes `prompts/sounds/` anew.

use std::path::{Path, PathBuf};

use hotline::audio::level::measure;
use hotline::audio::{tone, wav};
use hotline::prompt::{AudioHash, Maker, Manifest, Row, text_hash};

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("prompts/sounds/{name}.wav"))
}

#[test]
fn the_committed_sounds_are_the_composed_ones() {
    for (name, compose) in tone::ALL {
        let current = compose();
        if std::env::var_os("HOTLINE_WRITE_SOUNDS").is_some() {
            std::fs::write(committed(name), wav::file(&current)).unwrap();
        }
        let found = std::fs::read(committed(name)).unwrap_or_default();
        assert!(
            wav::read(&found) == Ok(&current[..]) && found == wav::file(&current),
            "{name} is not as composed; run HOTLINE_WRITE_SOUNDS=1 cargo test --test it sounds"
        );
    }
}

/// The manifest has no texts: sounds say nothing.
fn manifest() -> String {
    let row = |name: &str, samples: &[u8]| {
        let measured = measure(samples);
        Row {
            clip: name.to_owned(),
            text: text_hash("", ""),
            audio: AudioHash::of(&wav::file(samples)),
            samples: u32::try_from(samples.len()).unwrap(),
            level_dbfs: (measured.active_dbfs * 10.0).round() / 10.0,
            peak_dbfs: (measured.peak_dbfs * 10.0).round() / 10.0,
            voice: "computed".to_owned(),
            made_by: Maker::Voice,
        }
    };
    Manifest { rows: tone::ALL.iter().map(|(name, compose)| ((*name).to_owned(), row(name, &compose()))).collect() }
        .write()
}

#[test]
fn the_manifest_knows_each_sound() {
    let path = committed("beep").with_file_name(Manifest::FILE);
    if std::env::var_os("HOTLINE_WRITE_SOUNDS").is_some() {
        std::fs::write(&path, manifest()).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, manifest(), "run HOTLINE_WRITE_SOUNDS=1 cargo test --test it sounds");
}

#[test]
fn no_sound_lies_there_that_nobody_composed() {
    let folder = committed("beep").parent().unwrap().to_owned();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let known = tone::ALL.iter().any(|(name, _)| path == committed(name)) || path.ends_with(Manifest::FILE);
        assert!(known, "{}", path.display());
    }
}
