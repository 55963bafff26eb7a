//! `hotline prompts render`: has a synthesiser speak what is missing or stale, and brings it to our form and level.
//! It never touches what a person recorded.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::open::{Opened, Scope};
use super::shelf::Shelf;
use crate::audio::{decode, prepare};
use crate::call::Language;
use crate::prompt::{Maker, Manifest, Wanted};
use crate::synthesiser::{Request, Synthesiser};

/// How long one clip may take.
const LIMIT: Duration = Duration::from_mins(1);
/// After so many clips the manifest is written, so that little is lost with the power.
const CLIPS_BETWEEN_WRITES: usize = 50;
/// Between two lines about the progress where it is not a terminal that shows them.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

const NO_COMMAND: &str = "which program is to speak the clips? Give it with --command or HOTLINE_RENDERER; how to get \
    the renderer that the shipped clips were made with is in prompts/render/README.md, then: \
    --command \"python3 prompts/render/render.py --voice-dir VOICES\"";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scope: Scope,
    /// The program that speaks, with its arguments; docs/prompts.md says what it is asked and answers
    #[arg(long, value_name = "COMMAND", env = "HOTLINE_RENDERER")]
    command: Option<String>,
    /// What the manifest says of the voice: one name for all, or LANGUAGE=NAME, several times
    #[arg(long, value_name = "NAME")]
    voice: Vec<String>,
    /// How many of the program run at once
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Anew also what has a clip made by a voice
    #[arg(long)]
    all: bool,
    /// Delete the clips that no text wants any more
    #[arg(long)]
    prune: bool,
}

/// A clip to be spoken.
#[derive(Clone, Debug)]
struct Job {
    language: Language,
    wanted: Wanted,
    voice: Arc<str>,
}

/// A clip that was tried.
struct Done {
    job: Job,
    samples: anyhow::Result<Vec<u8>>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (opened, languages) = args.scope.open()?;
    let mut work = Work::new(&opened, &languages)?;
    if args.prune {
        work.prune(&opened)?;
    }
    let jobs = jobs(args, &opened, &languages)?;
    if jobs.is_empty() {
        println!("nothing for a voice to render");
        return Ok(ExitCode::SUCCESS);
    }
    let command = args.command.as_deref().context(NO_COMMAND)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let rendered = runtime.block_on(render(command, args.jobs, jobs, &mut work));
    work.write()?;
    rendered?;
    Ok(work.tell())
}

/// What there is to do.
fn jobs(args: &Args, opened: &Opened, languages: &[Language]) -> anyhow::Result<VecDeque<Job>> {
    let mut jobs = VecDeque::new();
    for language in languages {
        let mut stale_recordings = 0;
        let mut to_do = Vec::new();
        for wanted in opened.catalogue.wanted(language) {
            let status = opened.status(language, &wanted);
            if status.made_by == Some(Maker::Person) {
                stale_recordings += usize::from(status.is_wanting());
            } else if args.all || status.is_wanting() {
                to_do.push(wanted);
            }
        }
        if stale_recordings > 0 {
            eprintln!(
                "{language}: recordings of people that are missing or say an old text: {stale_recordings}; `hotline prompts sheet --missing` lists them"
            );
        }
        if to_do.is_empty() {
            continue;
        }
        args.command.as_deref().context(NO_COMMAND)?;
        let voice: Arc<str> = voice(&args.voice, language, &opened.languages)?.into();
        let job = |wanted| Job { language: language.clone(), wanted, voice: Arc::clone(&voice) };
        jobs.extend(to_do.into_iter().map(job));
    }
    Ok(jobs)
}

/// The name of the voice in a language.
fn voice<'a>(written: &'a [String], language: &Language, all: &[Language]) -> anyhow::Result<&'a str> {
    let mut found = None;
    for voice in written {
        match voice.split_once('=') {
            Some((tag, name)) if tag == language.as_str() => found = Some(name),
            Some((tag, _)) if all.iter().any(|language| language.as_str() == tag) => {}
            Some((tag, _)) => bail!("--voice {voice}: the line does not speak `{tag}`"),
            None => found = found.or(Some(voice)),
        }
    }
    let example = format!("--voice \"{language}=Kokoro zf_xiaobei\"");
    found
        .filter(|name| !name.is_empty())
        .with_context(|| format!("name the voice of {language}, for the manifest: {example}"))
}

/// Has all of it spoken by so many processes; Ctrl-C ends it with what has been done.
async fn render(command: &str, processes: u16, jobs: VecDeque<Job>, work: &mut Work<'_>) -> anyhow::Result<()> {
    let mut progress = Progress::new(&jobs);
    let scratch = Arc::new(Scratch::new()?);
    let queue = Arc::new(Mutex::new(jobs));
    let (sender, mut done) = mpsc::channel::<Done>(16);
    let mut workers = JoinSet::new();
    for number in 0..processes {
        let synthesiser = Synthesiser::new(command, LIMIT)?;
        let file = scratch.0.join(format!("{number}.wav"));
        workers.spawn(speak(synthesiser, Arc::clone(&queue), file, sender.clone()));
    }
    drop(sender);
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        tokio::select! {
            _ = &mut interrupt => {
                work.interrupted = true;
                break;
            }
            done = done.recv() => match done {
                Some(done) => {
                    progress.tell(&done.job);
                    work.take(done)?;
                }
                None => break,
            },
        }
    }
    progress.end();
    workers.shutdown().await;
    Ok(())
}

/// One process, from clip to clip.
async fn speak(
    mut synthesiser: Synthesiser,
    queue: Arc<Mutex<VecDeque<Job>>>,
    file: PathBuf,
    done: mpsc::Sender<Done>,
) {
    let next = || queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
    while let Some(job) = next() {
        let samples = clip(&mut synthesiser, &job, &file).await;
        if done.send(Done { job, samples }).await.is_err() {
            return;
        }
    }
}

/// The clip's samples.
async fn clip(synthesiser: &mut Synthesiser, job: &Job, file: &Path) -> anyhow::Result<Vec<u8>> {
    // What an earlier clip left behind must not pass for this one.
    match tokio::fs::remove_file(file).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let Wanted { clip, text, pronounced, .. } = &job.wanted;
    let language = job.language.as_str();
    synthesiser.speak(&Request { id: clip, language, text, pronounced, path: file }).await?;
    let bytes = tokio::fs::read(file).await?;
    tokio::task::spawn_blocking(move || {
        let pcm = decode::decode(&bytes, Some("wav")).context("what the program wrote is no recording")?;
        Ok(prepare::prepare(&pcm, &prepare::Target::default())?)
    })
    .await?
}

/// The manifests, and what has been done.
struct Work<'a> {
    shelf: Shelf,
    opened: &'a Opened,
    manifests: BTreeMap<Language, Manifest>,
    done: usize,
    failed: Vec<String>,
    interrupted: bool,
}

impl<'a> Work<'a> {
    fn new(opened: &'a Opened, languages: &[Language]) -> anyhow::Result<Self> {
        let manifest = |language: &Language| opened.catalogue.manifest(language).cloned().unwrap_or_default();
        let manifests = languages.iter().map(|language| (language.clone(), manifest(language))).collect();
        Ok(Self { shelf: opened.shelf()?, opened, manifests, done: 0, failed: Vec::new(), interrupted: false })
    }

    /// Keeps a clip, or why there is none.
    fn take(&mut self, done: Done) -> anyhow::Result<()> {
        let Job { language, wanted, voice } = done.job;
        match done.samples {
            Ok(samples) => {
                let row = self.shelf.keep(language.as_str(), &wanted, &samples, &voice, Maker::Voice)?;
                self.manifests.entry(language).or_default().rows.insert(row.clip.clone(), row);
                self.done += 1;
                if self.done.is_multiple_of(CLIPS_BETWEEN_WRITES) {
                    self.write()?;
                }
            }
            Err(why) => self.failed.push(format!("{language}/{}: {why:#}", wanted.clip)),
        }
        Ok(())
    }

    /// Drops what no text wants.
    fn prune(&mut self, opened: &Opened) -> anyhow::Result<()> {
        for (language, manifest) in &mut self.manifests {
            let wanted: BTreeSet<String> =
                opened.catalogue.wanted(language).into_iter().map(|wanted| wanted.clip).collect();
            let there = self.shelf.clips(language.as_str())?;
            let mut unused: BTreeSet<String> = manifest.rows.keys().cloned().chain(there).collect();
            unused.retain(|clip| !wanted.contains(clip));
            for clip in &unused {
                self.shelf.remove(language.as_str(), clip)?;
                manifest.rows.remove(clip);
                println!("{language}/{clip}: deleted, no text wants it");
            }
        }
        self.write()
    }

    fn write(&self) -> anyhow::Result<()> {
        for (language, manifest) in &self.manifests {
            if self.opened.catalogue.manifest(language) != Some(manifest) {
                self.shelf.write_manifest(language.as_str(), manifest)?;
            }
        }
        Ok(())
    }

    /// Says how it went.
    fn tell(&self) -> ExitCode {
        for failed in &self.failed {
            eprintln!("{failed}");
        }
        println!("{} clips rendered, {} failed", self.done, self.failed.len());
        if self.interrupted {
            println!("stopped; what is done is kept, the same command goes on with the rest");
        }
        if self.interrupted || !self.failed.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS }
    }
}

/// A folder for what is not finished, gone in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("hotline-render-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How far it is, on standard error.
struct Progress {
    began: Instant,
    told: Option<Instant>,
    clips: usize,
    all: usize,
    /// Time goes with the length of the texts.
    letters: usize,
    all_letters: usize,
    terminal: bool,
}

impl Progress {
    fn new(jobs: &VecDeque<Job>) -> Self {
        Self {
            began: Instant::now(),
            told: None,
            clips: 0,
            all: jobs.len(),
            letters: 0,
            all_letters: jobs.iter().map(letters).sum(),
            terminal: std::io::stderr().is_terminal(),
        }
    }

    fn tell(&mut self, job: &Job) {
        self.clips += 1;
        self.letters += letters(job);
        let due = self.told.is_none_or(|told| told.elapsed() >= BETWEEN_LINES) || self.clips == self.all;
        if !self.terminal && !due {
            return;
        }
        self.told = Some(Instant::now());
        let rest = u32::try_from(self.all_letters - self.letters).unwrap_or(u32::MAX);
        let left = self.began.elapsed() * rest / u32::try_from(self.letters).unwrap_or(u32::MAX).max(1);
        let (minutes, seconds) = (left.as_secs() / 60, left.as_secs() % 60);
        let line =
            format!("{}/{}  {minutes}:{seconds:02} left  {}/{}", self.clips, self.all, job.language, job.wanted.clip);
        if self.terminal {
            eprint!("\r\x1b[K{line}");
        } else {
            eprintln!("{line}");
        }
    }

    fn end(&self) {
        if self.terminal {
            eprintln!();
        }
    }
}

/// A clip takes time for itself, too.
fn letters(job: &Job) -> usize {
    job.wanted.text.len() + 10
}
