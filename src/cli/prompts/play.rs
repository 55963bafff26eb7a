//! `hotline prompts play`: a prompt or a clip, put together as a caller hears it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::open::{Opened, Place};
use super::shelf::{SOUNDS, replace};
use crate::audio::wav;
use crate::call::{Language, PromptId, Spoken, ValueRecord};
use crate::cli::system_player::{SoundFile, SystemPlayer};
use crate::prompt::{Clip, Part, Recipe, Wanted, say};
use crate::yaml::did_you_mean;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// The language [default: the line's first]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// A prompt (med.balance), a sound (sound.hold) or a clip (med.balance+2, value/二十三元)
    what: String,
    /// The values of a prompt, each as `hotline say` takes it: total=1023.05 as-of=2026-03-31
    #[arg(value_name = "NAME=VALUE")]
    values: Vec<String>,
    /// Write a WAV file instead of playing it
    #[arg(long, value_name = "FILE")]
    wav: Option<PathBuf>,
    /// Figures slowly, as a caller hears them who was silent twice
    #[arg(long)]
    slow: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let opened = args.place.open_good()?;
    let language = match &args.language {
        Some(tag) => opened.language(tag)?,
        None => opened.languages.first().cloned().context("the line speaks no language")?,
    };
    let wanted = opened.catalogue.wanted(&language);
    let (text, samples) = if opened.catalogue.contains(&args.what) {
        prompt(&opened, &language, &wanted, args)?
    } else if let Some(wanted) = wanted.iter().find(|wanted| wanted.clip == args.what) {
        (wanted.text.clone(), clip(&opened, &language, &wanted.clip)?)
    } else {
        let ids = opened.catalogue.ids().map(PromptId::as_str);
        let known = ids.chain(wanted.iter().map(|wanted| wanted.clip.as_str()));
        let near = did_you_mean(&args.what, known).map(|near| format!("; did you mean `{near}`?"));
        bail!("there is no prompt and no clip `{}`{}", args.what, near.unwrap_or_default());
    };
    println!("{text}");
    match &args.wav {
        Some(path) => replace(path, &wav::file(&samples))?,
        None => play(&samples)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The text and the sound of a prompt.
fn prompt(opened: &Opened, language: &Language, wanted: &[Wanted], args: &Args) -> anyhow::Result<(String, Vec<u8>)> {
    let prompt = PromptId::from(args.what.as_str());
    let values = values(opened, &args.what, &args.values)?;
    let spoken =
        Spoken { prompt: prompt.clone(), language: language.clone(), values, personal: false, slow: args.slow };
    let utterance = opened.catalogue.utterance(&spoken)?;
    let Some(recipe) = utterance.recipe else {
        let own = wanted.iter().filter(|wanted| wanted.prompt.as_ref() == Some(&prompt));
        let missing: Vec<&str> =
            own.filter(|wanted| opened.status(language, wanted).missing).map(|wanted| wanted.clip.as_str()).collect();
        let which = if missing.is_empty() { "pieces of its values".to_owned() } else { missing.join(", ") };
        bail!("clips are missing in {language}: {which}; hotline prompts render makes them");
    };
    let folder = if utterance.text.is_empty() { SOUNDS } else { language.as_str() };
    Ok((utterance.text, opened.sound(folder, &recipe)?))
}

/// The sound of a clip by itself.
fn clip(opened: &Opened, language: &Language, id: &str) -> anyhow::Result<Vec<u8>> {
    let row = opened.catalogue.manifest(language).and_then(|manifest| manifest.rows.get(id));
    let row = row.with_context(|| format!("there is no clip {language}/{id} yet; hotline prompts render makes it"))?;
    let clip = Clip { id: id.into(), audio: row.audio, samples: row.samples };
    opened.sound(language.as_str(), &Recipe { parts: vec![Part::Clip(Arc::new(clip))] })
}

/// `total=1023.05`, by the reading of the placeholder.
fn values(opened: &Opened, prompt: &str, written: &[String]) -> anyhow::Result<ValueRecord> {
    let slots = opened.catalogue.slots(prompt).unwrap_or_default();
    let known =
        || slots.iter().map(|slot| format!("{}={}", slot.name, slot.reading.kind())).collect::<Vec<_>>().join(" ");
    let mut values = ValueRecord::new();
    for written in written {
        let found = written.split_once('=').and_then(|(name, value)| {
            let slot = slots.iter().find(|slot| slot.name == name)?;
            Some((slot, value))
        });
        let (slot, value) = found.with_context(|| format!("`{written}` is no value of it; they are: {}", known()))?;
        let value = say::read_value(&slot.reading, value).with_context(|| format!("the value of `{}`", slot.name))?;
        values.insert(slot.name.clone(), value);
    }
    if let Some(slot) = slots.iter().find(|slot| !values.contains_key(&slot.name)) {
        bail!("`{prompt}` needs a value of `{}`; give all of: {}", slot.name, known());
    }
    Ok(values)
}

/// Plays samples with what the system has.
fn play(samples: &[u8]) -> anyhow::Result<()> {
    let player = SystemPlayer::find()
        .with_context(|| format!("no player is installed ({}); write a file with --wav FILE", SystemPlayer::names()))?;
    let file = SoundFile::of(samples)?;
    std::io::stdout().flush()?;
    let name = player.name;
    let status = Command::new(name).args(player.arguments).arg(file.path()).status();
    let status = status.with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{name} could not play it ({status}); write a file with --wav FILE and play that");
    }
    Ok(())
}
