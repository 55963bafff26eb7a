//! `hotline prompts import`: takes a person's recording, or a folder of them, to our form and level.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::open::Place;
use super::shelf::Shelf;
use crate::audio::{self, decode, prepare};
use crate::call::Language;
use crate::prompt::{Maker, Row, Wanted, speaking_time};
use crate::yaml::did_you_mean;

/// What a recording may be.
const EXTENSIONS: &[&str] = &["wav", "flac"];

/// A recording is clipped where so many samples in a row are at full scale.
const CUT: usize = 4;
const FULL: f32 = 0.998;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// The language that is spoken [default: the line's first]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The clip that it is, as `hotline prompts sheet` names it: main.menu, med.balance+2
    #[arg(required_unless_present = "folder", requires = "file")]
    clip: Option<String>,
    /// The recording: WAV or FLAC of any rate
    file: Option<PathBuf>,
    /// A folder of recordings that are named as their clips: main.menu.wav, value/二十三元.flac
    #[arg(long, value_name = "DIR", conflicts_with = "clip")]
    folder: Option<PathBuf>,
    /// Who speaks, for the manifest
    #[arg(long, value_name = "NAME")]
    by: String,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let opened = args.place.open_good()?;
    let language = match &args.language {
        Some(tag) => opened.language(tag)?,
        None => opened.languages.first().cloned().context("the line speaks no language")?,
    };
    let shelf = opened.shelf()?;
    let files = match (&args.folder, &args.clip, &args.file) {
        (Some(folder), _, _) => recordings(folder)?,
        (None, Some(clip), Some(file)) => vec![(clip.clone(), file.clone())],
        _ => bail!("give a clip and its file, or --folder"),
    };
    let wanted = opened.catalogue.wanted(&language);
    let mut manifest = opened.catalogue.manifest(&language).cloned().unwrap_or_default();
    let (mut kept, mut failed) = (0, 0);
    for (clip, file) in &files {
        match import(&shelf, &language, &wanted, clip, file, &args.by) {
            Ok(row) => {
                kept += 1;
                manifest.rows.insert(clip.clone(), row);
            }
            Err(why) => {
                failed += 1;
                eprintln!("{}: {why:#}", file.display());
            }
        }
    }
    if kept > 0 {
        shelf.write_manifest(language.as_str(), &manifest)?;
    }
    if files.len() > 1 {
        println!("{kept} recordings taken, {failed} not");
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn import(
    shelf: &Shelf,
    language: &Language,
    wanted: &[Wanted],
    clip: &str,
    file: &Path,
    by: &str,
) -> anyhow::Result<Row> {
    let Some(wanted) = wanted.iter().find(|wanted| wanted.clip == clip) else {
        let near = did_you_mean(clip, wanted.iter().map(|wanted| wanted.clip.as_str()));
        let help = near.map_or_else(
            || "`hotline prompts sheet` lists what is said".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        bail!("no text of {language} has a clip `{clip}`; {help}");
    };
    let bytes = std::fs::read(file).context("cannot read it")?;
    let extension = file.extension().and_then(|extension| extension.to_str());
    let pcm = decode::decode(&bytes, extension)?;
    // Levelled it could not be seen any more.
    let cut = pcm.samples.windows(CUT).filter(|run| run.iter().all(|sample| sample.abs() >= FULL)).count();
    if cut > 0 {
        eprintln!(
            "{language}/{clip}: the recording is clipped in {cut} places and will sound harsh; record it at a lower level"
        );
    }
    let samples = prepare::prepare(&pcm, &prepare::Target::default())?;
    let (length, target) = (audio::length(samples.len()), speaking_time(language, &wanted.text));
    let row = shelf.keep(language.as_str(), wanted, &samples, by, Maker::Person)?;
    println!("{language}/{clip}: {:.1} s, {} dBFS", length.as_secs_f32(), row.level_dbfs);
    if length > target * 2 || length < target / 2 {
        eprintln!(
            "{language}/{clip}: about {:.1} s were expected for `{}`; listen to it: hotline prompts play {clip} --language {language}",
            target.as_secs_f32(),
            wanted.text,
        );
    }
    Ok(row)
}

/// The recordings in a folder by the names of their clips, sorted.
fn recordings(folder: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    list(folder, "", &mut found).with_context(|| format!("cannot read {}", folder.display()))?;
    if found.is_empty() {
        bail!("there is no recording in {}; they are named as their clips, main.menu.wav", folder.display());
    }
    found.sort();
    Ok(found)
}

fn list(folder: &Path, prefix: &str, found: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            list(&path, &format!("{prefix}{name}/"), found)?;
        } else if let Some((clip, extension)) = name.rsplit_once('.')
            && EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
        {
            found.push((format!("{prefix}{clip}"), path.clone()));
        }
    }
    Ok(())
}
