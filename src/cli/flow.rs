//! `hotline flow schema`: the JSON Schema of a kind of file, for editors. *Not* a check of files.

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;

use crate::flow::definition::{SCHEMAS, schema};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Prints the JSON Schema of a kind of file; `call-flows/schema/` has them for editors.
    Schema {
        /// Which kind of file
        #[arg(value_parser = PossibleValuesParser::new(SCHEMAS))]
        file: String,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Command::Schema { file } = &args.command;
    let schema = schema(file).ok_or_else(|| anyhow::anyhow!("there is no schema of `{file}`"))?;
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(ExitCode::SUCCESS)
}
