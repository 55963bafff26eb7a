//! `hotline graph`: a line as a picture, with what real calls did in it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::prompts::open::Place;
use crate::picture::{self, Overlay};

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
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Svg,
    Dot,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let opened = Place { line: args.line.clone() }.open_good()?;
    let line = opened.line.context("the line could not be read")?;
    let overlay = Overlay::default();
    let text = match (args.format.unwrap_or(Format::Svg), args.flow.as_deref()) {
        (Format::Svg, None) => Some(picture::svg(&line, &overlay)),
        (Format::Dot, None) => Some(picture::dot(&line, &overlay)),
        (Format::Svg, Some(part)) => picture::svg_of(&line, &overlay, part),
        (Format::Dot, Some(part)) => picture::dot_of(&line, &overlay, part),
    };
    let Some(text) = text else {
        bail!("there is no such part; there are {}", picture::parts(&line).join(", "));
    };
    match &args.out {
        Some(file) => std::fs::write(file, text)?,
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}
