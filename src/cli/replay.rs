//! `hotline replay`: finished calls again, from their logs. It reads only, also while a server runs.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::report;
use crate::call::{CallId, Timestamp};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, Flags};
use crate::flow::definition::Span;
use crate::flow::{self, Loaded};
use crate::line_files;
use crate::replay::{self, Recorded, Report, Versions, Walk, Walked};
use crate::service::signatures;
use crate::store::{DataKey, Records};

/// A terminal is told how far it is every so many calls.
const TOLD_EVERY: u64 = 500;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true)))]
pub(super) struct Args {
    /// The call, by its id in the server's log
    #[arg(value_name = "CALL", group = "which")]
    call: Option<String>,
    /// Every finished call that has a log
    #[arg(long, group = "which")]
    all: bool,
    /// Every call that ended so lately, like 24h
    #[arg(long, value_name = "TIME", group = "which")]
    since: Option<Span>,
    /// On this version instead of the call's own: the beginning of its hash (`hotline flow list`)
    #[arg(long, value_name = "HASH", conflicts_with = "line")]
    version: Option<String>,
    /// On the line in this folder instead of the call's own version
    #[arg(long, value_name = "DIR")]
    line: Option<PathBuf>,
    /// Calls of simulated phones (`hotline load`, the telephone in the browser) and no others; without it they are left
    /// out
    #[arg(long, conflicts_with = "call")]
    simulated: bool,
    /// Prints one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: DataPlace,
}

/// Where the records are.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct DataPlace {
    /// The data folder of the server [default: that of the settings file, else data]
    #[arg(long, value_name = "DIR", env = "HOTLINE_DATA")]
    pub(super) data: Option<PathBuf>,
    /// The settings file; `hotline.toml` in this folder if there is one
    #[arg(long, value_name = "FILE", env = "HOTLINE_CONFIG")]
    pub(super) config: Option<PathBuf>,
}

impl DataPlace {
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        Config::read(Flags { data: self.data.clone(), config: self.config.clone(), ..Flags::default() })
    }
}

/// The database file of a data folder in which there has to be one.
pub(super) fn database_file(data: &Path) -> anyhow::Result<PathBuf> {
    let path = data.join("hotline.db");
    if !path.is_file() {
        bail!("there is no database in {}; name the data folder of the server with --data", data.display());
    }
    Ok(path)
}

/// The records and the key of a data folder.
pub(super) async fn records(data: &Path) -> anyhow::Result<(Records, DataKey)> {
    let records = Records::open(&database_file(data)?).await?;
    let key_file = std::env::var_os("HOTLINE_DATA_KEY_FILE").map_or_else(|| data.join("data.key"), Into::into);
    Ok((records, DataKey::load(&key_file)?))
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (records, key) = records(&args.place.config()?.data).await?;
        let other = other(args, &records).await?;
        let report = if let Some(call) = &args.call {
            replay_one(&records, &key, CallId::parse(call)?, other.as_ref()).await?
        } else {
            let since = args.since.map_or(Timestamp::default(), |Span(time)| ago(time));
            replay_since(&records, &key, (since, args.simulated), other.as_ref()).await?
        };
        if args.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{report}");
        }
        Ok(if report.is_same() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// So long ago.
pub(super) fn ago(time: Duration) -> Timestamp {
    SystemClock.now().before(time)
}

/// The version that calls are followed on, if it is not their own.
async fn other(args: &Args, records: &Records) -> anyhow::Result<Option<Arc<Loaded>>> {
    if let Some(folder) = &args.line {
        let files = line_files::read_folder(folder)?;
        let loaded = flow::load(&files, &signatures()).map_err(|problems| {
            report::problems(&files, &problems);
            anyhow::anyhow!("the line in {} has {} mistake(s); mend them first", folder.display(), problems.len())
        })?;
        return Ok(Some(Arc::new(loaded)));
    }
    let Some(hash) = &args.version else { return Ok(None) };
    let mut found = records.versions_like(hash).await?.into_iter();
    match (found.next(), found.next()) {
        (Some((line, version)), None) => {
            let loaded = Versions::new(records).get(&line, &version).await?;
            Ok(Some(loaded.map_err(|why| anyhow::anyhow!("{hash} cannot be used: {why}"))?))
        }
        (Some(_), Some(_)) => bail!("several versions begin with `{hash}`; write more of it"),
        (None, _) => bail!("no version that begins with `{hash}` is kept; `hotline flow list` shows those that are"),
    }
}

async fn replay_one(
    records: &Records,
    key: &DataKey,
    call: CallId,
    other: Option<&Arc<Loaded>>,
) -> anyhow::Result<Report> {
    let finished = records.call(call).await?;
    let finished = finished.with_context(|| format!("there is no finished call {call} on record"))?;
    let (mut report, mut versions) = (Report::default(), Versions::new(records));
    match Recorded::open(records, key, finished).await? {
        Walked::Call(call) => {
            if let Some(other) = other.filter(|other| other.line.name.as_str() != call.line) {
                bail!("the call was on line `{}`, not on `{}`", call.line, other.line.name);
            }
            replay_call(&mut report, &mut versions, &call, other).await?;
        }
        Walked::Forgotten => bail!("the log of call {call} has been deleted: it is older than logs are kept"),
    }
    Ok(report)
}

/// Replays what ended since then, of simulated phones or of all others; on `other` only the calls of its line.
pub(super) async fn replay_since(
    records: &Records,
    key: &DataKey,
    (since, simulated): (Timestamp, bool),
    other: Option<&Arc<Loaded>>,
) -> anyhow::Result<Report> {
    let (mut report, mut versions) = (Report::default(), Versions::new(records));
    let mut walk = Walk::new(records, key, since);
    let shows = std::io::stderr().is_terminal();
    loop {
        let call = match walk.next().await {
            Ok(Some(Walked::Call(call))) => call,
            Ok(Some(Walked::Forgotten)) => {
                report.forgotten += 1;
                continue;
            }
            Ok(None) => break,
            Err(replay::Error::Sealed { call, source }) => {
                report.unreadable(call, source.to_string());
                continue;
            }
            Err(replay::Error::Log { call, source }) => {
                report.unreadable(call, source.to_string());
                continue;
            }
            Err(failed @ replay::Error::Store(_)) => return Err(failed.into()),
        };
        if call.simulated != simulated {
            report.left_out += 1;
        } else if other.is_none_or(|other| other.line.name.as_str() == call.line) {
            replay_call(&mut report, &mut versions, &call, other).await?;
        }
        if shows && report.calls.is_multiple_of(TOLD_EVERY) {
            eprint!("\r{} calls", report.calls);
            let _ = std::io::stderr().flush();
        }
    }
    if shows && report.calls >= TOLD_EVERY {
        eprintln!();
    }
    Ok(report)
}

async fn replay_call(
    report: &mut Report,
    versions: &mut Versions<'_>,
    call: &Recorded,
    other: Option<&Arc<Loaded>>,
) -> anyhow::Result<()> {
    let own = match versions.get(&call.line, &call.version).await? {
        Ok(own) => own,
        Err(why) => {
            report.unreadable(call.call, why);
            return Ok(());
        }
    };
    match (replay::replay(&own.line, call), other) {
        (Err(differs), _) => report.differs(call.call, *differs),
        (Ok(_), None) => report.same(),
        (Ok(trace), Some(other)) => report.follow(call.call, replay::follow(&own, other, &trace)),
    }
    Ok(())
}
