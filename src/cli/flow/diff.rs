//! `hotline flow diff`: what callers notice from one version or folder to another.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;

use super::{shipped, usual_folders};
use crate::cli::replay::{DataPlace, database_file};
use crate::cli::report;
use crate::config::Config;
use crate::flow::diff::{Section, diff};
use crate::flow::{self, Files, Loaded};
use crate::line_files;
use crate::replay::Versions;
use crate::service::signatures;
use crate::store::Database;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// From here, or to here if it is the only one: a line folder, or the beginning of a version's hash. Without any, from
    /// the version that new calls start on to the folder
    #[arg(value_name = "A")]
    first: Option<String>,
    /// To here
    #[arg(value_name = "B")]
    second: Option<String>,
    #[command(flatten)]
    place: DataPlace,
}

/// Exit 0 if callers notice nothing, 1 if they do.
pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.place.config()?;
    let (old, new) = match (&args.first, &args.second) {
        (Some(old), Some(new)) => (named(&config, old).await?, named(&config, new).await?),
        (first, _) => {
            let new = match first {
                Some(new) => named(&config, new).await?,
                None => folder(&config)?,
            };
            (active(&config, new.line.name.as_str()).await?, new)
        }
    };
    let sections = diff(&old, &new);
    for Section { title, changes } in &sections {
        println!("{title}:");
        for change in changes {
            println!("  {change}");
        }
        println!();
    }
    if sections.is_empty() {
        println!("callers notice nothing");
    }
    Ok(if sections.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A folder, or a version that is kept.
async fn named(config: &Config, name: &str) -> anyhow::Result<Arc<Loaded>> {
    let folder = Path::new(name);
    if folder.is_dir() {
        return read(name, &line_files::read_folder(folder)?);
    }
    let database = Database::open(&database_file(&config.data)?).await?;
    let records = database.records();
    let mut found = records.versions_like(name).await?.into_iter();
    match (found.next(), found.next()) {
        (Some((line, version)), None) => kept(&database, &line, &version).await,
        (Some(_), Some(_)) => bail!("several versions begin with `{name}`; write more of it"),
        (None, _) => {
            bail!("`{name}` is neither a line folder nor a version that is kept; `hotline flow list` shows those")
        }
    }
}

/// What the folder says that is meant if none is named.
fn folder(config: &Config) -> anyhow::Result<Arc<Loaded>> {
    match usual_folders(config).as_slice() {
        [] => read("the shipped line", &shipped().1),
        [folder] => read(&folder.display().to_string(), &line_files::read_folder(folder)?),
        _ => bail!("several lines are configured; name the folder that is meant"),
    }
}

fn read(name: &str, files: &Files) -> anyhow::Result<Arc<Loaded>> {
    flow::load(files, &signatures()).map(Arc::new).map_err(|problems| {
        report::problems(files, &problems);
        anyhow::anyhow!("{name} has {} mistake(s); mend them first", problems.len())
    })
}

/// The version that new calls of a line start on.
async fn active(config: &Config, line: &str) -> anyhow::Result<Arc<Loaded>> {
    let database = Database::open(&database_file(&config.data)?).await?;
    match database.active(line).await? {
        Some(version) => kept(&database, line, &version).await,
        None => bail!("line `{line}` has not been published; there is nothing to compare with"),
    }
}

async fn kept(database: &Database, line: &str, version: &str) -> anyhow::Result<Arc<Loaded>> {
    let records = database.records();
    let loaded = Versions::new(&records).get(line, version).await?;
    loaded.map_err(|why| anyhow::anyhow!("version {version} of line `{line}` cannot be had: {why}"))
}
