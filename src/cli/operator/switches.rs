//! `hotline operator switch`: the switches of a line. A running server sees them at the next call that asks.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::call::Language;
use crate::clip_files::ClipFiles;
use crate::clock::{Clock as _, SystemClock};
use crate::desk::switches;
use crate::flow::Files;
use crate::line_files;
use crate::service::{Lines, Speech};
use crate::store::Database;

#[derive(Debug, clap::Args)]
pub(super) struct Where {
    /// The data folder of the server
    #[arg(long, value_name = "DIR", env = "HOTLINE_DATA", default_value = "data")]
    data: PathBuf,
    /// The line
    #[arg(long, value_name = "NAME", default_value = line_files::SHIPPED)]
    line: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Switch {
    #[command(flatten)]
    place: Where,
    /// Which one
    #[arg(value_enum)]
    name: Name,
    /// `on` or `off`; for maintenance the time of day at which it ends (14:30) or `off`; for a bulletin its text in
    /// each language as it is to be spoken ("zh-CN=今天系统升级" "en=We are upgrading today") or `off`
    #[arg(required = true, value_name = "VALUE")]
    value: Vec<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Name {
    /// Callers reach a person first, self-service is the overflow
    DirectToOperator,
    /// Nobody answers today, whatever the calendar says
    ClosedToday,
    /// Account queries are closed until a time of day
    Maintenance,
    /// An announcement before the main menu
    Bulletin,
}

impl Name {
    const fn switch(self) -> switches::Switch {
        match self {
            Self::DirectToOperator => switches::Switch::DirectToOperator,
            Self::ClosedToday => switches::Switch::ClosedToday,
            Self::Maintenance => switches::Switch::Maintenance,
            Self::Bulletin => switches::Switch::Bulletin,
        }
    }
}

pub(super) async fn show(place: &Where) -> anyhow::Result<ExitCode> {
    let switches = open(place).await?.switches(&place.line).await?;
    if switches.is_empty() {
        println!("no switch of line {} is set", place.line);
    }
    for (name, value) in switches.iter() {
        println!("{name}: {value}");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn set(switch: &Switch) -> anyhow::Result<ExitCode> {
    let line = switch.place.line.as_str();
    let database = open(&switch.place).await?;
    let value = value(switch.name, &switch.value, &database, line).await?;
    switch.name.switch().set(&database, line, value.as_ref(), super::who(), SystemClock.now()).await?;
    let state = if value.is_some() { "set" } else { "off" };
    println!("{} of line {line} is {state}", switch.name.switch().name());
    Ok(ExitCode::SUCCESS)
}

async fn open(place: &Where) -> anyhow::Result<Database> {
    let path = place.data.join("hotline.db");
    if !path.is_file() {
        bail!("there is no database in {}; name the data folder of the server with --data", place.data.display());
    }
    let database = Database::open(&path).await?;
    if database.active(&place.line).await?.is_none() {
        bail!("there is no line `{}` in {}; name it with --line", place.line, place.data.display());
    }
    Ok(database)
}

/// The switch's value; `None` if it is switched off.
async fn value(name: Name, written: &[String], database: &Database, line: &str) -> anyhow::Result<Option<Value>> {
    let all = written.join(" ");
    if all == "off" {
        return Ok(None);
    }
    match name {
        Name::DirectToOperator | Name::ClosedToday => Ok(switches::on_or_off(&all)?),
        Name::Maintenance => Ok(Some(switches::until(&all)?)),
        Name::Bulletin => {
            let texts = written.iter().map(|text| {
                let parts = text.split_once('=');
                parts.with_context(|| {
                    format!("expected LANGUAGE=TEXT, like \"zh-CN=今天系统升级\", or `off`, found `{text}`")
                })
            });
            let texts = texts.collect::<anyhow::Result<Vec<_>>>()?;
            Ok(Some(switches::bulletin(&languages(database, line).await?, texts)?))
        }
    }
}

/// What a line speaks.
async fn languages(database: &Database, line: &str) -> anyhow::Result<Vec<Language>> {
    let line_files = vec![(line.to_owned(), Files::default(), Vec::new())];
    let lines = Lines::open(database.clone(), Speech::new(ClipFiles::default()), line_files, false).await?;
    Ok(lines.first().line.languages.clone())
}
