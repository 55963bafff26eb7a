//! `hotline phone`: a telephone in the terminal. It is one more provider: what it hears came as a provider's documents,
//! from a server, or from a line that is served in this process.

mod acts;
mod call;
mod clock;
mod ears;
mod event;
mod hand;
mod known;
mod place;
mod recorder;
mod screen;
mod side;
mod speaker;
mod terminal;

use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use jiff::civil::DateTime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::system_player::SystemPlayer;
use crate::call::{EndCause, PhoneNumber};
use crate::clock::Clock as _;
use crate::line_files;
use crate::simulator::{Exchange, Wire, embedded};
use call::{Call, Went};
use clock::PhoneClock;
use ears::Ears;
use hand::{Hand, Typed};
use known::Known;
use place::{Served, Server};
use recorder::Recorder;
use screen::Screen;
use speaker::Speaker;
use terminal::KeyByKey;

pub(in crate::cli) use place::signing;

const HELP: &str = "Scripts (--keys, or a line for each piece on standard input): pieces with commas between them. A piece \
    waits until something is asked, then its keys are pressed one after the other. What a key only cuts short (it \
    waits for a second) is heard out. Other pieces:
  wait      nothing is pressed or done until what listens, rings or talks has run out
  answer    whoever is rung picks up; the keys of the next piece are theirs
  busy, decline   what whoever is rung does instead; after any other piece nobody answers
  talk 60s  they talk so long, then the operator hangs up
  hang up   the caller hangs up
When all pieces are used up, the call goes on until it ends or keys are waited for in vain; then the caller hangs up.

Examples:
  hotline phone --demo                          the shipped line, without a server
  hotline phone --line DIR                      your own line as its files are now
  hotline phone                                 a server that was started here with `hotline serve --demo`
  hotline phone http://192.168.1.20:8080 --data DIR
  hotline phone --demo --fast --keys \"1,1,1,000101198503121233#,204816#\"
  hotline phone --demo --at \"2026-03-31 10:00\" --keys \"1,0,answer,1,talk 20s\"
  hotline phone --line DIR --record DIR/calls/balance.call
Exit 0 if the call went to its end, 1 if keys were left over or lost, or the service failed, 2 if no call could be made.";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
#[allow(clippy::struct_excessive_bools, reason = "a flag is one")]
pub(super) struct Args {
    /// The server, by the URL that providers reach it at [default: as configured, `http://127.0.0.1:8080`]
    url: Option<String>,
    /// Serves the line of this folder in this process, with demo people and a store that is thrown away; beside a URL,
    /// tells which line the server has, for --record
    #[arg(long, value_name = "DIR")]
    line: Option<PathBuf>,
    /// The same with the line of call-flows/12333 if it is here, otherwise the shipped line
    #[arg(long, conflicts_with_all = ["url", "line"])]
    demo: bool,
    /// When it is as the call begins, in the line's own time, like "2026-03-31 10:00"; only without a server
    #[arg(long, value_name = "TIME", conflicts_with = "url")]
    at: Option<DateTime>,
    /// Who calls: a number, or `withheld`
    #[arg(long, value_name = "NUMBER", default_value = "+8612012345678", value_parser = caller)]
    from: Caller,
    /// The number that is called [default: the name of the line]
    #[arg(long, value_name = "NUMBER", value_parser = called)]
    to: Option<PhoneNumber>,
    /// Presses keys by itself: pieces with commas between them, each for the next time that keys are waited for
    #[arg(long, value_name = "SCRIPT", value_parser = script)]
    keys: Option<Script>,
    /// Waits out neither prompts nor what a script lets run out
    #[arg(long, conflicts_with = "audio")]
    fast: bool,
    /// Plays what is heard through the system's own player
    #[arg(long)]
    audio: bool,
    /// Writes the call as a test, for `hotline test`; keys stand in it as they were pressed: only call as demo people
    #[arg(long, value_name = "FILE.call")]
    record: Option<PathBuf>,
    /// Replaces that file
    #[arg(long, requires = "record")]
    force: bool,
    /// Prints a line of JSON for each event
    #[arg(long)]
    json: bool,
    /// The provider whose calls it makes: `embedded`, or one that the server has the secret of
    #[arg(long, value_name = "NAME", default_value = embedded::NAME)]
    profile: String,
    /// A PEM file with the certificate of a server that nobody vouches for, or of who does
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The settings file; `hotline.toml` in this folder if there is one
    #[arg(long, value_name = "FILE", env = "HOTLINE_CONFIG")]
    config: Option<PathBuf>,
    /// The data folder of the server, where its secret is [default: data]
    #[arg(long, value_name = "DIR", env = "HOTLINE_DATA")]
    data: Option<PathBuf>,
}

/// Who calls; `None` withholds the number.
type Caller = Option<PhoneNumber>;

#[derive(Clone)]
struct Script(Vec<Typed>);

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} piece(s)", self.0.len())
    }
}

fn script(text: &str) -> Result<Script, String> {
    hand::script(text).map(Script)
}

fn called(text: &str) -> Result<PhoneNumber, String> {
    PhoneNumber::parse(text).map_err(|wrong| wrong.to_string())
}

fn caller(text: &str) -> Result<Caller, String> {
    if text == "withheld" {
        return Ok(None);
    }
    let number = PhoneNumber::parse(text).ok().filter(PhoneNumber::is_number);
    number.map(Some).ok_or_else(|| "expected a number like +8612012345678, or `withheld`".to_owned())
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.record {
        if file.exists() && !args.force {
            bail!("{} is there already; --force replaces it", file.display());
        }
        eprintln!("keys will stand in {} as they are pressed: call as a demo person only", file.display());
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(call(args))
}

async fn call(args: Args) -> anyhow::Result<ExitCode> {
    let speaker = args.audio.then(speaker).transpose()?;
    if args.url.is_none() && (args.demo || args.line.is_some()) {
        let opened = place::line(args.line.clone())?;
        let clock = Arc::new(args.at.map_or_else(|| Ok(PhoneClock::default()), |at| place::clock_at(at, &opened))?);
        let served = Served::open(&opened, Arc::clone(&clock)).await?;
        let known = Known::of(&opened);
        let ended = follow(&args, Arc::clone(&served.exchange), clock, known, speaker).await;
        served.close().await?;
        return ended;
    }
    if args.at.is_some() {
        bail!("a server has its own time: --at is for a line that is served here, with --demo or --line");
    }
    let known = place::known(args.line.clone())?;
    let (url, profile) = (args.url.clone(), args.profile.clone());
    let (ca, config, data) = (args.ca.clone(), args.config.clone(), args.data.clone());
    let server = Server { url, profile, ca, config, data };
    follow(&args, server.exchange()?, Arc::default(), known, speaker).await
}

/// Makes the call and follows it to its end.
async fn follow(
    args: &Args,
    exchange: Arc<dyn Exchange>,
    clock: Arc<PhoneClock>,
    known: Option<Known>,
    speaker: Option<Speaker>,
) -> anyhow::Result<ExitCode> {
    let stop = told_to_stop()?;
    let is_typed = args.keys.is_none() && std::io::stdin().is_terminal();
    let _key_by_key = is_typed.then(KeyByKey::begin).transpose().context("the terminal cannot be read key by key")?;
    let mut hand = match &args.keys {
        Some(Script(script)) => Hand::scripted(script.clone()),
        None if is_typed => Hand::typed(),
        None => Hand::piped(),
    };
    let began = clock.now();
    let has_timers = std::io::stdout().is_terminal() && !args.json;
    if args.record.is_some() && known.is_none() {
        bail!("to write the call as a test, the line has to be known: give its folder with --line");
    }
    let mut ears = Ears {
        began,
        screen: Screen::new(args.json, has_timers, !is_typed),
        speaker,
        recorder: args.record.is_some().then(|| Recorder::new(began, args.from.as_ref())),
        known,
    };
    let own = ears.known.as_ref().map_or(line_files::SHIPPED, |known| known.name.as_str());
    let to = args.to.clone().map_or_else(|| PhoneNumber::parse(own), Ok).context("the name of the line; give --to")?;
    let wire = Wire { exchange: Arc::clone(&exchange), from: args.from.clone(), to, clock: Arc::clone(&clock) as _ };
    let went = tokio::select! {
        went = Call::make((wire, clock), args.fast, &mut hand, &mut ears, stop.clone()) => went,
        () = told_twice(stop) => bail!("given up before the end of the call was told"),
    };
    let went = went.map_err(|trouble| place::cannot_call(trouble, &*exchange))?;
    if let Some(speaker) = &mut ears.speaker {
        speaker.ends().await;
    }
    if let (Some(file), Some(recorder), Some(known)) = (&args.record, ears.recorder, &ears.known) {
        write(file, args.force, recorder, known)?;
    }
    Ok(exit(&went, hand.left()))
}

/// How often the program was told to stop.
fn told_to_stop() -> anyhow::Result<watch::Receiver<u32>> {
    let (told, stop) = watch::channel(0);
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let (mut signals, told) = (signal(kind)?, told.clone());
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                told.send_modify(|times| *times += 1);
            }
        });
    }
    Ok(stop)
}

/// The server may be slow to answer a caller who hangs up.
async fn told_twice(mut stop: watch::Receiver<u32>) {
    if stop.wait_for(|times| *times > 1).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn speaker() -> anyhow::Result<Speaker> {
    let player = SystemPlayer::find();
    let player =
        player.with_context(|| format!("no player is installed; --audio needs one of {}", SystemPlayer::names()));
    player.map(Speaker::new)
}

/// Writes the call as a test.
fn write(file: &Path, replaces: bool, recorder: Recorder, known: &Known) -> anyhow::Result<()> {
    let unknown = recorder.unknown;
    let text = recorder.written(known);
    let mut options = OpenOptions::new();
    options.write(true).truncate(true).create(replaces).create_new(!replaces);
    let written = options.open(file).and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("{} cannot be written", file.display()))?;
    eprintln!("{} is written; `hotline test` plays it in the folder `calls` of its line", file.display());
    if unknown > 0 {
        eprintln!(
            "{unknown} sentence(s) are no prompts of line `{}`, so what was heard there is left out; --line names the \
             folder of the line that the server has",
            known.name
        );
    }
    Ok(())
}

fn exit(went: &Went, left: usize) -> ExitCode {
    if left > 0 {
        eprintln!("hotline: the call was over before {left} piece(s) of the script");
    }
    if went.lost > 0 {
        eprintln!("hotline: {} key(s) or line(s) of the script did nothing", went.lost);
    }
    let failed = match went.cause {
        EndCause::OurFault | EndCause::ProviderFault | EndCause::Lost => true,
        EndCause::Finished
        | EndCause::CallerHungUp
        | EndCause::HandedOver
        | EndCause::Refused
        | EndCause::TooLong
        | EndCause::Unknown => false,
    };
    if failed || went.is_broken || left > 0 || went.lost > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
