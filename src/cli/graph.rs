//! `hotline graph`: a line as a picture, with what real calls did in it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as Wrong, StrDeserializer};

use super::prompts::open::Place;
use super::report;
use crate::clock::{Clock as _, SystemClock};
use crate::flow::definition::Span;
use crate::flow::{self, Files, Line, Traffic};
use crate::line_files;
use crate::picture::{self, Overlay};
use crate::replay::{Error as Unread, Walk, Walked};
use crate::service::{LogError, signatures};
use crate::store::{DataKey, Records};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the line; call-flows/12333 if it is here, otherwise the shipped line
    #[arg(value_name = "DIR")]
    line: Option<PathBuf>,
    /// What to write; without it the ending of --out decides, then it is svg
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Writes to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Draws one sub-flow, or one topic of the main flow, alone
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// Draws the version that calls are on, as it is in the database, with how many took which way, where they hung up
    /// and how long they stayed
    #[arg(long, conflicts_with = "line")]
    calls: bool,
    #[command(flatten)]
    which: WhichCalls,
}

/// Which calls are counted.
#[derive(Debug, clap::Args)]
struct WhichCalls {
    /// The data folder of the server
    #[arg(long, value_name = "DIR", env = "HOTLINE_DATA", default_value = "data")]
    data: PathBuf,
    /// The line, with --calls
    #[arg(long = "line", value_name = "NAME", default_value = line_files::SHIPPED)]
    name: String,
    /// Calls that began so long ago or later: 24h, 30m; without it all that are kept
    #[arg(long, value_name = "TIME", value_parser = length, requires = "calls")]
    since: Option<Duration>,
    /// Calls on this version, or one that begins like this; without it the active one
    #[arg(long = "version", value_name = "HASH", requires = "calls")]
    version: Option<String>,
    /// Calls of simulated phones (`hotline load`, the telephone in the browser) and no others; without it they are left
    /// out
    #[arg(long, requires = "calls")]
    simulated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A picture for people
    Svg,
    /// A graph for Graphviz
    Dot,
    /// A table of what calls did at each node; with --calls
    Text,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let format = format(args)?;
    let (line, text) = if args.calls {
        let line = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        line.block_on(counted(args, format))?
    } else {
        let opened = Place { line: args.line.clone() }.open_good()?;
        let line = opened.line.context("the line could not be read")?;
        let text = draw(&line, &Overlay::default(), format, args.flow.as_deref());
        (line, text)
    };
    let Some(text) = text else {
        let named = args.flow.as_deref().unwrap_or_default();
        bail!("the line has no part `{named}`; it has {}", picture::parts(&line).join(", "));
    };
    match &args.out {
        Some(file) => std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?,
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn format(args: &Args) -> anyhow::Result<Format> {
    let ending = args.out.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    let format = args.format.unwrap_or(match ending {
        Some("dot" | "gv") => Format::Dot,
        Some("txt") => Format::Text,
        Some(_) | None => Format::Svg,
    });
    if format == Format::Text && !args.calls {
        bail!("a table is of calls; give --calls too");
    }
    Ok(format)
}

fn draw(line: &Line, overlay: &Overlay, format: Format, part: Option<&str>) -> Option<String> {
    match (format, part) {
        (Format::Dot, None) => Some(picture::dot(line, overlay)),
        (Format::Dot, Some(part)) => picture::dot_of(line, overlay, part),
        (Format::Svg | Format::Text, None) => Some(picture::svg(line, overlay)),
        (Format::Svg | Format::Text, Some(part)) => picture::svg_of(line, overlay, part),
    }
}

/// The version that calls are on, and what is to be written of them.
async fn counted(args: &Args, format: Format) -> anyhow::Result<(Line, Option<String>)> {
    let WhichCalls { data, name, since, version, simulated } = &args.which;
    let path = data.join("hotline.db");
    if !path.is_file() {
        bail!("there is no database in {}; name the data folder of the server with --data", data.display());
    }
    let records = Records::open(&path).await?;
    let version = chosen(&records, name, version.as_deref()).await?;
    let line = kept(&records, name, &version).await?;
    let key = DataKey::load(&data.join("data.key"))?;
    let since = since.map_or_else(Default::default, |since| SystemClock.now().before(since));
    let mut traffic = Traffic::new(&line);
    let mut unreadable = 0_u64;
    let mut calls = Walk::new(&records, &key, since);
    loop {
        match calls.next().await {
            Ok(None) => break,
            Ok(Some(Walked::Forgotten)) => {}
            Ok(Some(Walked::Call(call))) => {
                if call.line == *name && call.version == version && call.simulated == *simulated {
                    traffic.add(call.turns.iter().map(|turn| (turn.at, turn.events())));
                }
            }
            Err(Unread::Log { source: LogError::Unknown(_), .. }) => unreadable += 1,
            Err(failed) => return Err(failed.into()),
        }
    }
    let short = version.get(..12).unwrap_or(&version);
    eprintln!("{} call(s) on version {short} of line {name}", traffic.calls);
    if unreadable > 0 {
        eprintln!("{unreadable} more were logged by another version of this program and are left out");
    }
    let text = match format {
        Format::Text => Some(table(&line, &traffic)),
        Format::Svg | Format::Dot => draw(&line, &Overlay::of_traffic(&traffic), format, args.flow.as_deref()),
    };
    drop(traffic);
    Ok((line, text))
}

/// The whole hash of the version that is meant.
async fn chosen(records: &Records, line: &str, version: Option<&str>) -> anyhow::Result<String> {
    let Some(begins) = version else {
        let active = records.active(line).await?;
        return active.with_context(|| format!("there is no line `{line}` in this database; name it with --line"));
    };
    let kept = records.versions_like(begins).await?;
    let mut named = kept.into_iter().filter(|(of, _)| of == line);
    match (named.next(), named.next()) {
        (Some((_, version)), None) => Ok(version),
        (Some(_), Some(_)) => bail!("several versions of line `{line}` begin with {begins}; give more of the hash"),
        (None, _) => bail!("no version of line `{line}` begins with {begins}; without --version it is the active one"),
    }
}

/// A version as it is in the database.
async fn kept(records: &Records, line: &str, version: &str) -> anyhow::Result<Line> {
    let bundle = records.bundle(line, version).await?.context("the version is not in the database any more")?;
    let files: Files = serde_json::from_slice(&bundle).context("the version is damaged in the database")?;
    match flow::load(&files, &signatures()) {
        Ok(loaded) => Ok(loaded.line),
        Err(problems) => {
            report::problems(&files, &problems);
            bail!("this program cannot read the version any more (above); use the program that served it");
        }
    }
}

/// What calls did at each node, the busiest first.
fn table(line: &Line, traffic: &Traffic<'_>) -> String {
    let mut nodes: Vec<_> = traffic.nodes.iter().collect();
    nodes.sort_by_key(|(id, node)| (std::cmp::Reverse(node.visits), *id));
    let widest = line.nodes.keys().map(|id| id.as_str().len()).max().unwrap_or_default();
    let mut table =
        format!("{:widest$} {:>9} {:>9} {:>11} {:>11}\n", "node", "visits", "hung up", "mean stay", "90% under");
    for (id, node) in nodes {
        let stay = |stay: Option<Duration>| stay.map_or_else(|| "-".to_owned(), picture::seconds);
        let (mean, p90) = (stay(node.mean_stay()), stay(node.p90_stay()));
        writeln!(table, "{:widest$} {:>9} {:>9} {mean:>11} {p90:>11}", id.as_str(), node.visits, node.left)
            .expect("a string takes every write");
    }
    table
}

fn length(text: &str) -> Result<Duration, String> {
    let text: StrDeserializer<'_, Wrong> = text.into_deserializer();
    Span::deserialize(text).map(|span| span.0).map_err(|wrong| wrong.to_string())
}
