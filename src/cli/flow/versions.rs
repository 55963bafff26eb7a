//! `hotline flow list` and `hotline flow rollback`: the versions of a line that are kept.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;

use super::{short, who};
use crate::cli::replay::{DataPlace, database_file};
use crate::replay::Versions;
use crate::store::{Database, How, Publication, version_before};

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    place: DataPlace,
    /// Only this line
    #[arg(long, value_name = "NAME")]
    line: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rollback {
    /// The version to go back to, the beginning of its hash; else the one that was active before
    #[arg(value_name = "VERSION")]
    version: Option<String>,
    /// The line, if there are several
    #[arg(long, value_name = "NAME")]
    line: Option<String>,
    #[command(flatten)]
    place: DataPlace,
}

pub(super) async fn list(args: &List) -> anyhow::Result<ExitCode> {
    let database = Database::open(&database_file(&args.place.config()?.data)?).await?;
    for line in lines(&database, args.line.as_deref()).await? {
        println!("line {line}");
        let active = database.active(&line).await?;
        let publications = database.publications(&line).await?;
        for kept in database.kept_of(&line).await? {
            let mark = if active.as_ref() == Some(&kept.version) { '*' } else { ' ' };
            let calls = if kept.calls == 0 { String::new() } else { format!(", {} call(s) in progress", kept.calls) };
            let history = publications.iter().filter(|publication| publication.version == kept.version);
            let history = history.map(told).collect::<Vec<_>>().join("; ");
            println!("{mark} {}  {history}{calls}", short(&kept.version));
        }
        if let Some(before) = version_before(&publications) {
            println!("a rollback goes back to {}", short(before));
        }
    }
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// `published 2026-03-31 10:00 by ann`.
fn told(publication: &Publication) -> String {
    let at = publication.at.in_zone(&TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    let how = match publication.how {
        How::Published => "published",
        How::RolledBack => "rolled back to",
    };
    format!("{how} {at} by {}", publication.who)
}

pub(super) async fn roll_back(args: &Rollback) -> anyhow::Result<ExitCode> {
    let database = Database::open(&database_file(&args.place.config()?.data)?).await?;
    let lines = lines(&database, args.line.as_deref()).await?;
    let [line] = lines.as_slice() else { bail!("there are lines {}; say which with --line", lines.join(", ")) };
    let version = match &args.version {
        Some(beginning) => kept_version(&database, line, beginning).await?,
        None => before(&database, line).await?,
    };
    if database.active(line).await?.as_ref() == Some(&version) {
        println!("line {line}: version {} is what new calls start on already", short(&version));
        return Ok(ExitCode::SUCCESS);
    }
    let records = database.records();
    if let Err(why) = Versions::new(&records).get(line, &version).await? {
        bail!("line `{line}` cannot go back to {}: {why}", short(&version));
    }
    database.activate(line, &version, How::RolledBack, &who()).await?;
    println!("line {line}: new calls start on version {} again", short(&version));
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The version that is kept and whose hash begins so.
async fn kept_version(database: &Database, line: &str, beginning: &str) -> anyhow::Result<String> {
    let kept = database.kept_of(line).await?.into_iter().map(|kept| kept.version);
    let mut found: Vec<String> = kept.filter(|version| version.starts_with(beginning)).collect();
    let version = found.pop().with_context(|| {
        format!("no version that begins with `{beginning}` is kept; `hotline flow list` shows those that are")
    })?;
    if !found.is_empty() {
        bail!("several versions begin with `{beginning}`; write more of it");
    }
    Ok(version)
}

/// The version that was active before the one that is.
async fn before(database: &Database, line: &str) -> anyhow::Result<String> {
    let publications = database.publications(line).await?;
    let before = version_before(&publications).map(ToOwned::to_owned);
    before.with_context(|| format!("line `{line}` had no version before this one"))
}

/// The line that is meant, or all of them.
async fn lines(database: &Database, only: Option<&str>) -> anyhow::Result<Vec<String>> {
    let mut lines = database.published_lines().await?;
    if let Some(only) = only {
        lines.retain(|line| line == only);
    }
    if lines.is_empty() {
        bail!("no such line has been published here; `hotline flow publish` does that");
    }
    Ok(lines)
}
