//! `hotline test`: the calls beside a line, played in memory in each of its languages.

mod failures;
mod hall;
mod page;
mod table;
mod update;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::json;

use super::prompts::open::{Opened, Place};
use crate::call::Language;
use crate::simulator::call_file::Script;
use crate::simulator::{Coverage, Hall, Played, Stage, Unreadable, calls_of, perform, read_calls};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of a line, or call files of one; call-flows/12333 if it is here
    #[arg(value_name = "DIR|FILE.call")]
    paths: Vec<PathBuf>,
    /// Plays in this language only: zh-CN or en
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Plays only the calls whose file name has this in it
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Makes calls that go otherwise expect what was heard; what callers do stays, and so do comments
    #[arg(long, conflicts_with_all = ["language", "repeat"])]
    update: bool,
    /// Prints which nodes, edges and prompts the calls came by, and which they did not
    #[arg(long)]
    coverage: bool,
    /// Writes that as a page that stands by itself
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Fails if the calls take less of the edges in any language
    #[arg(long, value_name = "PERCENT")]
    min_coverage: Option<f64>,
    /// Prints one JSON document
    #[arg(long)]
    json: bool,
    /// Plays everything so many times more, to measure how fast that is
    #[arg(long, value_name = "N", default_value_t = 0)]
    repeat: u32,
}

/// Everything that was asked for, played.
struct Report {
    played: Vec<Played>,
    coverage: Option<Coverage>,
    /// How many calls were played in which time, on so many threads.
    calls: usize,
    took: Duration,
    threads: usize,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (line, mut files) = chosen(&args.paths)?;
    let opened = Place { line }.open_good()?;
    if let Some(only) = &args.only {
        files.retain(|file| name_of(file).contains(only));
    }
    if files.is_empty() {
        bail!("there are no calls to play; calls lie in the folder `calls` of a line, as FILE.call");
    }
    let scripts = match read_calls(&files) {
        Err(Unreadable::Mistakes(mistakes)) => {
            for mistake in &mistakes {
                eprintln!("{mistake}");
            }
            bail!("{} line(s) are not understood (above); nothing was played", mistakes.len());
        }
        scripts => scripts?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let house = hall::House::open(&opened).await?;
        if args.update {
            let ended = update::run(&house.hall, &scripts).await;
            house.close().await?;
            return ended;
        }
        let report = play(&house.hall, &opened, &scripts, args).await?;
        house.close().await?;
        print(args, &opened, &report)
    })
}

/// The folder of the line and the call files of it that are meant.
fn chosen(paths: &[PathBuf]) -> anyhow::Result<(Option<PathBuf>, Vec<PathBuf>)> {
    let is_folder = |path: &Path| path.join("line.yaml").is_file();
    let folder = match paths {
        [] => Some(Path::new(super::prompts::open::HERE).to_owned()).filter(|here| is_folder(here)),
        [folder] if is_folder(folder) => Some(folder.clone()),
        files => {
            let line_of = |file: &PathBuf| file.parent().and_then(Path::parent).map(Path::to_owned);
            let folder =
                files.first().and_then(line_of).context("a call file lies in the folder `calls` of its line")?;
            if let Some(stray) = files.iter().find(|file| !file.is_file() || line_of(file).as_ref() != Some(&folder)) {
                bail!("{} is neither the folder of a line nor a call file beside the others", stray.display());
            }
            return Ok((Some(folder), files.to_vec()));
        }
    };
    let folder = folder.context("the line in the program has no calls with it; give the folder of a line")?;
    let calls = folder.join("calls");
    if !calls.is_dir() {
        bail!("{} has no folder `calls`; put FILE.call in it", folder.display());
    }
    let files = calls_of(&calls)?;
    Ok((Some(folder), files))
}

async fn play(hall: &Arc<Hall>, opened: &Opened, scripts: &[Script], args: &Args) -> anyhow::Result<Report> {
    let languages: Vec<Language> = match &args.language {
        Some(tag) => vec![opened.language(tag)?],
        None => opened.languages.clone(),
    };
    let threads = std::thread::available_parallelism()?.get();
    let watched = args.coverage || args.html.is_some() || args.min_coverage.is_some() || args.json;
    let began = Instant::now();
    let mut played = perform(hall, scripts, &languages, Stage { threads, times: 1, watched }).await;
    let (mut took, mut calls) = (began.elapsed(), played.len());
    if args.repeat > 0 {
        let began = Instant::now();
        let stage = Stage { threads, times: args.repeat as usize, watched: false };
        let again = perform(hall, scripts, &languages, stage).await;
        (took, calls) = (began.elapsed(), calls * stage.times);
        // What goes as told once and not again is told too.
        played.extend(again.into_iter().filter(|again| again.ended.is_err()));
    }
    let coverage = watched.then(|| Coverage::of(&opened.files, &hall.loaded().line, &played));
    Ok(Report { played, coverage, calls, took, threads })
}

fn print(args: &Args, opened: &Opened, report: &Report) -> anyhow::Result<ExitCode> {
    let failures: Vec<_> = report.played.iter().filter_map(|played| played.ended.as_ref().err()).collect();
    let (all, failed) = (report.played.len(), failures.len());
    if args.json {
        let failures: Vec<_> = failures.iter().map(|failure| failures::json(failure)).collect();
        let document = json!({
            "calls": all,
            "failures": failures,
            "coverage": report.coverage,
            "calls-per-second": report.rate(),
        });
        println!("{}", serde_json::to_string_pretty(&document)?);
    } else {
        for failure in &failures {
            failures::print(failure);
        }
        if let Some(coverage) = report.coverage.as_ref().filter(|_| args.coverage) {
            table::print(coverage);
        }
        let ended = if failed == 0 { "all went as told".to_owned() } else { format!("{failed} did not go as told") };
        let calls = if all == 1 { "call" } else { "calls" };
        println!("{all} {calls}: {ended}. {}", report.speed());
        if failed > 0 {
            println!("`hotline test --update` makes them expect what is heard; read what it changes.");
        }
    }
    if let (Some(path), Some(coverage)) = (&args.html, &report.coverage) {
        let page = page::page(opened, coverage, all, failed);
        std::fs::write(path, page).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let too_little = args.min_coverage.zip(report.coverage.as_ref()).filter(|(least, is)| is.least() < *least);
    if let Some((least, is)) = too_little {
        eprintln!(
            "the calls take {:.1} % of the edges; {least} % are wanted (`--coverage` lists the others)",
            is.least()
        );
    }
    Ok(if failed == 0 && too_little.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Report {
    #[allow(clippy::cast_precision_loss, reason = "nobody plays 2^52 calls")]
    fn rate(&self) -> f64 {
        self.calls as f64 / self.took.as_secs_f64()
    }

    fn speed(&self) -> String {
        format!("{} in {:.3?} on {} threads: {:.0} calls a second.", self.calls, self.took, self.threads, self.rate())
    }
}

fn name_of(file: &Path) -> String {
    file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
