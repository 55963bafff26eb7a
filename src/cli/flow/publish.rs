//! `hotline flow publish`: new calls start on what the folder says. *Not* a way round a finding: a draft that has one is
//! refused.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::{shipped, short, usual_folders, who};
use crate::cli::replay::{DataPlace, ago, database_file, records, replay_since};
use crate::cli::{folders, report};
use crate::clip_files::ClipFiles;
use crate::flow::definition::Span;
use crate::flow::{Files, Loaded};
use crate::service::{LinesError, draft};
use crate::store::{Database, How};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the line; else those of the settings, call-flows/12333 if it is here, or the shipped line
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Replay the calls that ended so lately, like 24h, and refuse a draft on which a caller would no longer reach a person
    /// or would be stopped by a mistake
    #[arg(long, value_name = "TIME")]
    replay: Option<Span>,
    #[command(flatten)]
    place: DataPlace,
}

/// A line that may be published.
struct Draft {
    line: String,
    files: Files,
    loaded: Arc<Loaded>,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.place.config()?;
    let path = database_file(&config.data)?;
    let folders = args.folder.clone().map_or_else(|| usual_folders(&config), |folder| vec![folder]);
    let clips = ClipFiles::in_folder(config.data.join("clips"));
    let mut lines = folders.iter().map(|folder| folders::read(folder, &clips)).collect::<anyhow::Result<Vec<_>>>()?;
    if lines.is_empty() {
        lines.push(shipped());
    }
    let Some(drafts) = drafts(lines)? else { return Ok(ExitCode::FAILURE) };
    if let Some(Span(time)) = args.replay
        && !stands_replay(&config.data, time, &drafts).await?
    {
        return Ok(ExitCode::FAILURE);
    }
    let database = Database::open(&path).await?;
    for Draft { line, files, loaded } in drafts {
        let version = &loaded.line.version;
        if database.active(&line).await?.as_deref() == Some(version.as_str()) {
            println!("line {line}: version {} is what new calls start on already", short(version));
            continue;
        }
        database.keep_version(&line, version, &serde_json::to_vec(&files)?).await?;
        database.activate(&line, version, How::Published, &who()).await?;
        println!("line {line}: new calls start on version {}", short(version));
    }
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the lines; `None`, and everything that is wrong is printed, unless all of them may be published.
fn drafts(lines: Vec<(String, Files)>) -> anyhow::Result<Option<Vec<Draft>>> {
    let mut drafts = Vec::new();
    let mut refused = false;
    for (line, files) in lines {
        match draft(&line, &files) {
            Ok(loaded) => drafts.push(Draft { line, files, loaded: Arc::new(loaded) }),
            Err(LinesError::Broken { problems, .. }) => {
                report::problems(&files, &problems);
                eprintln!("hotline: line `{line}` has {} finding(s) and is not published", problems.len());
                refused = true;
            }
            Err(failed) => return Err(failed.into()),
        }
    }
    Ok((!refused).then_some(drafts))
}

/// Whether no caller of late would have lost by the drafts; prints what they would have heard.
async fn stands_replay(data: &std::path::Path, time: std::time::Duration, drafts: &[Draft]) -> anyhow::Result<bool> {
    let (records, key) = records(data).await?;
    let mut stands = true;
    for Draft { line, loaded, .. } in drafts {
        let report = replay_since(&records, &key, (ago(time), false), Some(loaded)).await?;
        print!("{report}");
        if let Some(why) = report.refusal() {
            eprintln!("hotline: line `{line}` is not published: {why}; without --replay it is published all the same");
            stands = false;
        }
    }
    Ok(stands)
}
