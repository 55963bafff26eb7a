//! `hotline flow`: the versions of a line, what changes from one to another, and what its files may look like. A running
//! server takes over what is published or rolled back here within a second; calls in progress stay on their version.

mod diff;
mod publish;
mod versions;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;

use crate::config::Config;
use crate::flow::Files;
use crate::flow::definition::{SCHEMAS, schema};
use crate::line_files;

/// Where the line lies for somebody who works on the shipped one.
const HERE: &str = "call-flows/12333";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Tells what callers notice from one version or folder to another: keys, ways, texts, timers, hours.
    Diff(diff::Args),
    /// Lists the versions that are kept, which one new calls start on, and how many calls are on the others.
    List(versions::List),
    /// Lets new calls start on what the folder says, if nothing is wrong with it.
    Publish(publish::Args),
    /// Lets new calls start on the version before, or on another that is kept.
    Rollback(versions::Rollback),
    /// Prints the JSON Schema of a kind of file; `call-flows/schema/` has them for editors.
    Schema {
        /// Which kind of file
        #[arg(value_parser = PossibleValuesParser::new(SCHEMAS))]
        file: String,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match &args.command {
        Command::Diff(args) => runtime.block_on(diff::run(args)),
        Command::List(args) => runtime.block_on(versions::list(args)),
        Command::Publish(args) => runtime.block_on(publish::run(args)),
        Command::Rollback(args) => runtime.block_on(versions::roll_back(args)),
        Command::Schema { file } => {
            let schema = schema(file).ok_or_else(|| anyhow::anyhow!("there is no schema of `{file}`"))?;
            println!("{}", serde_json::to_string_pretty(&schema)?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The folders that are meant if none is named: those of the settings, else the shipped line's own if it is here. None: the
/// line in the program.
fn usual_folders(config: &Config) -> Vec<PathBuf> {
    if !config.lines.is_empty() {
        return config.lines.clone();
    }
    let here = Path::new(HERE);
    here.join("line.yaml").is_file().then(|| here.to_owned()).into_iter().collect()
}

/// The shipped line, by its name.
fn shipped() -> (String, Files) {
    (line_files::SHIPPED.to_owned(), line_files::shipped())
}

/// As much of a version as people read and write.
fn short(version: &str) -> &str {
    version.get(..12).unwrap_or(version)
}

/// Who gave the command, for the list of versions.
pub(super) fn who() -> String {
    ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_else(|| "unknown".to_owned())
}
