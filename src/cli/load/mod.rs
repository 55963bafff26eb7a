//! `hotline load`: many scripted calls at once on a server, and how long its turns take.

mod announce;
mod place;
mod report;
mod scripts;

use std::io::{IsTerminal as _, Write as _};
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::machine;
use crate::clock::{Clock as _, SystemClock};
use crate::flow::definition::Span;
use crate::simulator::load::{Arrivals, Load, Mix, NotWorth, Plan, Speed, Stop, StopWatch, Until};
use crate::simulator::{Carrier, Hearing};
use report::Report;

/// Callers of a closed loop, and the length of a load, where nothing is said.
const CALLERS: NonZeroU32 = NonZeroU32::new(10).expect("it is not zero");
const LENGTH: Duration = Duration::from_secs(30);
/// Calls at once in an open loop, where nothing is said: with more, it is the load that falls behind.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(1_000).expect("it is not zero");

const ABOUT: &str = "With --rate the loop is open: calls begin evenly, whatever the server does, and a turn is timed from when it should\n\
    have been sent. Without, it is closed: so many callers make one call after the other.\n\
    Calls are marked as simulated: nobody's telephone rings, and reports leave them out.\n\
    The secret of `embedded` is in the data folder of the server, or in HOTLINE_EMBEDDED_SECRET; that of another profile\n\
    is where the server has it, like HOTLINE_TWILIO_AUTH_TOKEN.\n\
    Exit 0: every call went as told; 1: not all did, or there were errors; 2: there was no load.";

#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT, after_long_help = ABOUT)]
pub(super) struct Args {
    #[command(flatten)]
    place: place::Whom,
    /// How many callers, each with one call after the other; with --rate, the most calls at once [default: 10, or 1000]
    #[arg(long, value_name = "N")]
    callers: Option<NonZeroU32>,
    /// So many calls begin each second, whatever the server does
    #[arg(long, value_name = "CALLS_PER_S", value_parser = rate)]
    rate: Option<f64>,
    /// For how long calls begin, like 30s or 5m [default: 30s]
    #[arg(long = "for", value_name = "TIME", conflicts_with = "calls")]
    length: Option<Span>,
    /// How many calls there are
    #[arg(long, value_name = "N")]
    calls: Option<u64>,
    /// Call files to play, each with how often it is played beside the others; a few of the shipped line by default
    #[arg(long, value_name = "FILE.call[:WEIGHT]", num_args = 1..)]
    mix: Vec<String>,
    /// Whether anything is waited for: fast, nothing; real, prompts are heard and keys pressed as people do
    #[arg(long, value_enum, default_value_t = Pace::Fast)]
    pace: Pace,
    /// Fetches also the audio that one caller alone hears, as providers do, and checks what it says
    #[arg(long)]
    audio: bool,
    /// Prints one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Pace {
    Fast,
    Real,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let target = args.place.target()?;
    let now = SystemClock.now();
    let scripts = scripts::read(&args.mix)?;
    let plan = plan(args, scripts.mix)?;
    let at_once = match plan.arrivals {
        Arrivals::Callers(callers) => callers,
        Arrivals::Rate { at_once, .. } => at_once,
    };
    machine::raise_file_limit(u64::from(at_once.get())).context("fewer --callers need fewer files")?;
    announce::tell(&plan, &target, args.hears_all());
    if !args.place.may_call(&target)? {
        bail!("nothing was called");
    }
    let hearing = if args.hears_all() { Hearing::Words } else { Hearing::WordsOfEverybodys };
    let http = target.http;
    let carrier = Carrier::new(target.profile, target.public, Arc::new(http.another()), hearing);
    let stop = Stop::default();
    let connect = Box::new(move || Arc::new(http.another()) as _);
    let watch = Arc::new(StopWatch::start());
    let load = Load::new(plan, scripts.loaded, carrier, target.route, connect, (watch, now), stop.clone());
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(make(Arc::new(load), stop, args.json))
}

async fn make(load: Arc<Load>, stop: Stop, json: bool) -> anyhow::Result<ExitCode> {
    match load.try_out().await {
        Ok(()) => {}
        Err(NotWorth::Otherwise(failure)) => {
            eprintln!("A call alone, before the load, does not go as its script tells:\n  {}", report::line(&failure));
            eprintln!(
                "There was no load. Scripts have to fit the line, its members and the time of day; give others with --mix."
            );
            return Ok(ExitCode::FAILURE);
        }
        Err(trouble @ NotWorth::Trouble { .. }) => {
            bail!(
                "a call alone, before the load, comes to nothing: {trouble}. There was no load{}",
                place::hint(&trouble)
            )
        }
    }
    let cpu = machine::cpu_time();
    let stopping = tokio::spawn(stop_when_told(stop));
    let showing = std::io::stderr().is_terminal().then(|| tokio::spawn(show(Arc::clone(&load))));
    let (measured, failures) = Arc::clone(&load).make().await;
    stopping.abort();
    if let Some(showing) = showing {
        showing.abort();
        eprint!("\r\x1b[K");
    }
    let report = Report::of(&measured, &failures, machine::cpu_time().saturating_sub(cpu));
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(if measured.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn plan(args: &Args, mix: Mix) -> anyhow::Result<Plan> {
    if args.calls == Some(0) {
        bail!("--calls 0 is no load");
    }
    let arrivals = match args.rate {
        Some(per_s) => Arrivals::Rate { per_s, at_once: args.callers.unwrap_or(AT_ONCE) },
        None => Arrivals::Callers(args.callers.unwrap_or(CALLERS)),
    };
    let until = match (args.calls, args.length) {
        (Some(calls), _) => Until::Calls(calls),
        (None, length) => Until::After(length.map_or(LENGTH, |Span(length)| length)),
    };
    let speed = match args.pace {
        Pace::Fast => Speed::Fast,
        Pace::Real => Speed::Real,
    };
    Ok(Plan { arrivals, until, speed, mix })
}

impl Args {
    /// Whoever hears prompts out has to fetch all of them.
    fn hears_all(&self) -> bool {
        self.audio || self.pace == Pace::Real
    }
}

/// The first Ctrl-C lets calls come to their end, the second does not.
async fn stop_when_told(stop: Stop) {
    let told = async || {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    told().await;
    stop.begin_none.cancel();
    eprintln!("\nNo more calls begin; those in progress come to their end. Ctrl-C again hangs them up.");
    told().await;
    stop.at_once.cancel();
}

/// Shows how far it is, each second.
async fn show(load: Arc<Load>) {
    let mut before = load.progress();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = load.progress();
        let in_progress = now.calls.begun - now.calls.over();
        eprint!(
            "\r\x1b[K{} calls, {in_progress} in progress; {} turns/s; {} errors, {} not as told",
            now.calls.begun,
            now.turns - before.turns,
            now.errors,
            now.calls.otherwise
        );
        let _ = std::io::stderr().flush();
        before = now;
    }
}

fn rate(written: &str) -> Result<f64, String> {
    let rate = written.parse::<f64>().ok().filter(|rate| (0.001..=100_000.0).contains(rate));
    rate.ok_or_else(|| "expected calls a second, from 0.001 to 100000".to_owned())
}
