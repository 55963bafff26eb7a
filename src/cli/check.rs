//! `hotline check`: everything that is wrong with a line, without a call.

mod explore;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use serde::Serialize;

use super::prompts::open::Place;
use super::report;
use crate::flow::Loaded;
use crate::flow::check::{self, Check};
use crate::yaml::Problem;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the line; call-flows/12333 if it is here, otherwise the shipped line
    #[arg(value_name = "DIR")]
    line: Option<PathBuf>,
    /// Also drives the line through every call that it can have, and tells how many those are
    #[arg(long)]
    explore: bool,
    /// Prints one JSON document
    #[arg(long)]
    json: bool,
    /// Explains a check: what it finds, why, an example, the fix
    #[arg(long, value_name = "NAME", conflicts_with_all = ["line", "json", "explore"])]
    explain: Option<String>,
}

/// A finding as other programs read it.
#[derive(Serialize)]
struct Finding<'a> {
    name: &'static str,
    file: &'a str,
    line: usize,
    column: usize,
    reason: &'a str,
    caller: Option<&'a str>,
    help: Option<&'a str>,
    /// What to write there instead.
    fix: Option<&'a str>,
}

impl<'a> Finding<'a> {
    fn of(problem: &'a Problem) -> Self {
        Self {
            name: problem.code,
            file: &problem.file,
            line: problem.place.line,
            column: problem.place.column,
            reason: &problem.text,
            caller: problem.caller.as_deref(),
            help: problem.help.as_deref(),
            fix: problem.fix.as_deref(),
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(name) = &args.explain {
        return explain(name);
    }
    let started = Instant::now();
    let opened = Place { line: args.line.clone() }.open()?;
    let mut explored = None;
    let problems = match opened.line {
        Some(line) => {
            let loaded = Loaded { line, catalogue: opened.catalogue };
            let mut problems = check::check(&opened.files, &loaded);
            if args.explore {
                explored = Some(explore::run(&opened.files, &loaded, &mut problems));
            }
            problems
        }
        None => opened.problems,
    };
    if args.json {
        let findings: Vec<_> = problems.iter().map(Finding::of).collect();
        let mut told = serde_json::json!({ "findings": findings });
        if let Some(explored) = &explored {
            told["explored"] = serde_json::to_value(explored)?;
        }
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        if let Some(explored) = &explored {
            println!("{explored}");
        }
        report::problems(&opened.files, &problems);
        println!("{} finding(s) in {:.0?}", problems.len(), started.elapsed());
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn explain(name: &str) -> anyhow::Result<ExitCode> {
    if explore::explain(name) {
        return Ok(ExitCode::SUCCESS);
    }
    let Some(Check { name, finds, why, example, fix, .. }) = check::ALL.iter().find(|check| check.name == name) else {
        let known: Vec<&str> = check::ALL.iter().map(|check| check.name).chain(explore::names()).collect();
        bail!("there is no check `{name}`; there are {}", known.join(", "));
    };
    println!("{name}: {finds}\n\n{why}\n\n{example}\nFix: {fix}");
    Ok(ExitCode::SUCCESS)
}
