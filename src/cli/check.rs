//! `hotline check`: everything that is wrong with a line, without a call.

mod explore;
mod providers;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use serde::Serialize;

use super::prompts::open::{Opened, Place};
use super::report;
use crate::dialect::{PROFILES, Provider};
use crate::flow::Loaded;
use crate::flow::check::{self, Escape, Report, Worst};
use crate::yaml::{Explanation, Problem, did_you_mean};
use providers::{Note, notes};

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
    /// Notes on this provider alone: twilio, signalwire, ...
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Explains a problem: what it is, why, an example, the fix; without a name, lists all
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "",
        conflicts_with_all = ["line", "explore", "json", "provider"])]
    explain: Option<String>,
    /// Lists everything that is looked for
    #[arg(long, conflicts_with_all = ["line", "explore", "json", "provider", "explain"])]
    list: bool,
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
    match args.explain.as_deref() {
        Some("") => return Ok(list()),
        Some(name) => return explain(name),
        None if args.list => return Ok(list()),
        None => {}
    }
    let providers: Vec<&'static Provider> = match &args.provider {
        Some(name) => vec![super::providers::find(name)?],
        None => PROFILES.iter().collect(),
    };
    if let Some(folder) = &args.line {
        refuse_a_folder_of_lines(folder)?;
    }
    let started = Instant::now();
    let Opened { files, catalogue, line, problems, .. } = Place { line: args.line.clone() }.open()?;
    let (mut problems, escapes, notes, loaded) = match line {
        Some(line) => {
            let loaded = Loaded { line, catalogue };
            let Report { problems, escapes } = check::check(&files, &loaded);
            (problems, escapes, notes(&loaded.line, &providers), Some(loaded))
        }
        // What cannot be read is looked at no further.
        None => (problems, Vec::new(), Vec::new(), None),
    };
    let took = started.elapsed();
    let loaded = loaded.filter(|_| args.explore);
    let explored = loaded.map(|loaded| explore::run(&files, &loaded, &mut problems));
    if args.json {
        let findings: Vec<_> = problems.iter().map(Finding::of).collect();
        let mut document = serde_json::json!({
            "findings": findings,
            "escape": escapes.iter().map(measured).collect::<Vec<_>>(),
            "notes": notes,
            "took_ms": took.as_millis(),
        });
        if let (Some(explored), Some(fields)) = (&explored, document.as_object_mut()) {
            fields.insert("explored".to_owned(), serde_json::to_value(explored)?);
        }
        println!("{}", serde_json::to_string_pretty(&document)?);
    } else {
        report::problems(&files, &problems);
        escapes.iter().for_each(near);
        tell(&notes);
        if let Some(explored) = &explored {
            println!("{explored}");
        }
        let findings = if problems.len() == 1 { "finding" } else { "findings" };
        println!("{} {findings} in {took:.0?}", problems.len());
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(notes: &[Note]) {
    if !notes.is_empty() {
        println!("What providers do otherwise:");
        for note in notes {
            println!("  {note}");
        }
    }
}

/// A folder with lines in it is no line: which of them is meant?
fn refuse_a_folder_of_lines(folder: &Path) -> anyhow::Result<()> {
    if folder.join("line.yaml").is_file() {
        return Ok(());
    }
    let inside = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut lines: Vec<_> = inside.filter(|path| path.join("line.yaml").is_file()).collect();
    lines.sort();
    if !lines.is_empty() {
        let lines: Vec<String> = lines.iter().map(|line| line.display().to_string()).collect();
        bail!("{} has no line.yaml but lines in it; give one of {}", folder.display(), lines.join(", "));
    }
    Ok(())
}

fn explain(name: &str) -> anyhow::Result<ExitCode> {
    let all = [check::explanations().as_slice(), crate::explore::EXPLANATIONS].concat();
    let Some(Explanation { finds, why, example, fix, .. }) = all.iter().find(|known| known.name == name) else {
        match did_you_mean(name, all.iter().map(|known| known.name)) {
            Some(near) => bail!("nothing is called `{name}`; did you mean `{near}`?"),
            None => bail!("nothing is called `{name}`; `hotline check --list` lists what is"),
        }
    };
    println!("{name}: {finds}\n\n{why}\n\n{example}\nFix: {fix}");
    Ok(ExitCode::SUCCESS)
}

fn list() -> ExitCode {
    let all = check::explanations();
    let width = all.iter().map(|known| known.name.len()).max().unwrap_or_default();
    for (number, Explanation { name, finds, .. }) in all.iter().enumerate() {
        if number == check::ALL.len() {
            println!("\nWhat keeps a line from being read:");
        }
        println!("{name:width$}  {finds}");
    }
    println!("\nWhat only --explore finds:");
    for Explanation { name, finds, .. } in crate::explore::EXPLANATIONS {
        println!("{name:width$}  {finds}");
    }
    println!("\nhotline check --explain NAME says more.");
    ExitCode::SUCCESS
}

/// How near a person is, for people.
fn near(Escape { language, keys, asking, silent }: &Escape) {
    println!("{language}: from anywhere a person is at most {keys} {} away", if *keys == 1 { "key" } else { "keys" });
    for (who, worst) in [("asks for one", asking), ("presses nothing", silent)] {
        println!("  {who}: at most {:.1} s, from `{}`: {}", worst.time.as_secs_f32(), worst.node, worst.call);
    }
}

/// How near a person is, for programs.
fn measured(Escape { language, keys, asking, silent }: &Escape) -> serde_json::Value {
    let worst = |worst: &Worst| serde_json::json!({ "seconds": worst.time.as_secs_f32(), "node": worst.node.as_str(), "caller": worst.call });
    serde_json::json!({
        "language": language.as_str(), "keys": keys, "asking": worst(asking), "silent": worst(silent),
    })
}
