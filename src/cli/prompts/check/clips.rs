//! What can be wrong with one clip: its file beside its row of the manifest.

use std::time::Duration;

use super::super::shelf::{SOUNDS, Shelf, tenths};
use crate::audio::level::{Measured, measure};
use crate::audio::wav;
use crate::prompt::{AudioHash, ClipState, Maker, Row, Wanted};

/// What a clip is to measure, dB below full scale.
const LEVEL_DBFS: f32 = -20.0;
/// How far a prompt may be off, and a piece of figures: a syllable or two vary more.
const PROMPT_DB: f32 = 2.0;
const PIECE_DB: f32 = 3.0;
/// -2, and what mu-law's steps add.
const PEAK_DBFS: f32 = -1.8;
/// The largest first or last sample, of 32,768: 40 dB below full scale.
const CLICK: u16 = 328;
/// Callers take more for the end.
const SILENCE: Duration = Duration::from_secs(1);
const LONGEST_PIECE: Duration = Duration::from_secs(4);
/// What a manifest's figure may be off from what is measured.
const FIGURE_DB: f32 = 0.15;

/// A finding: its code, and what is wrong and what to do.
type Fault = (&'static str, String);

/// What is wrong with a clip that there has to be.
pub(super) fn wanted(shelf: &Shelf, folder: &str, wanted: &Wanted, state: ClipState, row: Option<&Row>) -> Vec<Fault> {
    let there = shelf.path(folder, &wanted.clip).is_file();
    let Some(row) = row else {
        let text = if there {
            "it is not in clips.csv: render it, or import the recording"
        } else {
            "there is no clip: hotline prompts render makes it, import takes a recording"
        };
        return vec![("missing", text.to_owned())];
    };
    let mut faults = Vec::new();
    if state == ClipState::Stale {
        let text = match row.made_by {
            Maker::Voice => "its text, or how it is pronounced, has changed since: hotline prompts render",
            Maker::Person => "its text has changed since: have it recorded anew (hotline prompts sheet --missing)",
        };
        faults.push(("stale", text.to_owned()));
    }
    let Some(measured) = file(shelf, folder, row, &mut faults) else { return faults };
    let (tolerance, what) = if wanted.prompt.is_some() { (PROMPT_DB, "prompt") } else { (PIECE_DB, "piece") };
    let off = measured.active_dbfs - LEVEL_DBFS;
    let level = |too: &str| {
        let level = measured.active_dbfs;
        format!("too {too}: {level:.1} dBFS where a {what} has {LEVEL_DBFS} ± {tolerance}; {}", again(row))
    };
    if off > tolerance {
        faults.push(("too-loud", level("loud")));
    } else if off < -tolerance {
        faults.push(("too-soft", level("soft")));
    }
    if measured.click > CLICK {
        faults.push(("click", format!("it starts or ends inside the sound, which clicks; {}", again(row))));
    }
    if measured.longest_silence > SILENCE {
        let seconds = measured.longest_silence.as_secs_f32();
        faults.push(("silence", format!("it is silent for {seconds:.1} s in the middle; {}", again(row))));
    }
    let length = crate::audio::length(measured.samples);
    if wanted.prompt.is_none() && length > LONGEST_PIECE {
        let (is, most) = (length.as_secs_f32(), LONGEST_PIECE.as_secs());
        faults.push(("too-long", format!("it lasts {is:.1} s; a piece of figures at most {most} s; {}", again(row))));
    }
    faults
}

/// What is wrong with a sound.
pub(super) fn sound(shelf: &Shelf, row: &Row) -> Vec<Fault> {
    let mut faults = Vec::new();
    file(shelf, SOUNDS, row, &mut faults);
    faults
}

/// Measures a clip's file; `None` if it is not there, not of our form, or holds no sound.
fn file(shelf: &Shelf, folder: &str, row: &Row, faults: &mut Vec<Fault>) -> Option<Measured> {
    let bytes = match std::fs::read(shelf.path(folder, &row.clip)) {
        Ok(bytes) => bytes,
        Err(why) => {
            let what = match row.made_by {
                Maker::Voice if folder == SOUNDS => "put the file back, sounds are not rendered",
                Maker::Voice => "hotline prompts render makes it",
                Maker::Person => "take the recording again: hotline prompts import",
            };
            faults.push(("missing", format!("its file cannot be read ({why}): {what}")));
            return None;
        }
    };
    let edited = AudioHash::of(&bytes) != row.audio;
    if edited {
        let text = "the file is not the one that clips.csv knows, so it is not played: put the old one back, or";
        faults.push(("edited", format!("{text} {}", again(row))));
    }
    let samples = match wav::read(&bytes) {
        Ok(samples) => samples,
        Err(why) => {
            faults.push(("wrong-format", format!("{why}; {}", again(row))));
            return None;
        }
    };
    if wav::file(samples) != bytes {
        let text = format!("its header is not the plain one of {} bytes; {}", wav::HEADER_BYTES, again(row));
        faults.push(("wrong-format", text));
    }
    let measured = measure(samples);
    if !measured.active_dbfs.is_finite() {
        faults.push(("silent", format!("there is no sound in it; {}", again(row))));
        return None;
    }
    if measured.clipped > 0 {
        faults.push(("clipped", format!("{} samples are cut off at full scale; {}", measured.clipped, again(row))));
    }
    if measured.peak_dbfs > PEAK_DBFS {
        let peak = measured.peak_dbfs;
        faults.push(("peak", format!("it peaks at {peak:.1} dBFS where -2 is the most; {}", again(row))));
    }
    if !edited && differs(&measured, row) {
        let is = format!("{} samples, {:.1} dBFS", measured.samples, tenths(measured.active_dbfs));
        faults.push(("wrong-figures", format!("clips.csv has other figures than the file ({is}); {}", again(row))));
    }
    Some(measured)
}

fn differs(measured: &Measured, row: &Row) -> bool {
    let off = |one: f32, other: f32| (one - other).abs() > FIGURE_DB;
    measured.samples != row.samples as usize
        || off(measured.active_dbfs, row.level_dbfs)
        || off(measured.peak_dbfs, row.peak_dbfs)
}

/// How to get it right.
fn again(row: &Row) -> &'static str {
    match row.made_by {
        Maker::Voice => "delete the file and render it again: hotline prompts render",
        Maker::Person => "take the recording again: hotline prompts import",
    }
}
