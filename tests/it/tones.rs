//! The shipped line with a tone in place of every clip: for tests that change, break or take away clips, and know each
//! by its bytes. Shared with the benchmarks.

use hotline::audio::{self, wav};
use hotline::flow::{self, Files};
use hotline::line_files;
use hotline::prompt::{AudioHash, Maker, Manifest, Row, speaking_time};
use hotline::service::signatures;

const SOUNDS: &[(&str, &[u8])] = &[("failure", include_bytes!("../../prompts/sounds/failure.wav"))];

/// The files of the line, with manifests, and the WAV file of each clip.
pub(crate) fn line() -> (Files, Vec<Vec<u8>>) {
    let mut files = line_files::shipped();
    let loaded = flow::load(&files, &signatures()).unwrap();
    let mut clips = Vec::new();
    for language in &loaded.line.languages {
        let mut manifest = Manifest::default();
        for wanted in loaded.catalogue.wanted(language) {
            let length = audio::samples(speaking_time(language, &wanted.text));
            let file = wav::file(&tone(u32::try_from(clips.len()).unwrap(), length));
            manifest.rows.insert(wanted.clip.clone(), row(&wanted.clip, wanted.hash(), &file));
            clips.push(file);
        }
        files.0.insert(format!("prompts/{language}/{}", Manifest::FILE), manifest.write());
    }
    let mut sounds = Manifest::default();
    for (name, file) in SOUNDS {
        sounds.rows.insert((*name).to_owned(), row(name, String::new(), file));
        clips.push(file.to_vec());
    }
    files.0.insert(format!("prompts/sounds/{}", Manifest::FILE), sounds.write());
    (files, clips)
}

fn row(clip: &str, text: String, file: &[u8]) -> Row {
    Row {
        clip: clip.to_owned(),
        text,
        audio: AudioHash::of(file),
        samples: u32::try_from(wav::read(file).unwrap().len()).unwrap(),
        level_dbfs: -20.0,
        peak_dbfs: -3.0,
        voice: "tone".to_owned(),
        made_by: Maker::Voice,
    }
}

/// Samples that no other clip has: its number stands in the first ones. About as many as it would take to say, and
/// as often an odd number as an even one.
fn tone(number: u32, length: usize) -> Vec<u8> {
    let mut samples: Vec<u8> =
        [0x20, 0xA0].into_iter().cycle().take(length.max(800) + (number as usize * 7) % 320).collect();
    samples.iter_mut().zip(number.to_le_bytes()).for_each(|(to, from)| *to = from);
    samples
}
