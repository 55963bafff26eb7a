//! New versions while the server runs: from the line folders, on SIGHUP or when their files change, and from other
//! processes that publish or roll back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};

use super::folders::folders;
use super::report;
use crate::clip_files::ClipFiles;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::flow::Files;
use crate::line_files;
use crate::service::{Lines, LinesError, Service, draft};
use crate::yaml::Problem;

/// How often the files of the folders are looked at. They are taken as they are once nothing has changed for as long.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is read again, and where it goes.
pub(super) struct Reload {
    pub(super) config: Config,
    pub(super) clips: Arc<ClipFiles>,
    pub(super) service: Arc<Service>,
}

/// The files of the folders: when they were changed and how long they are.
type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

impl Reload {
    /// Publishes the folders anew on SIGHUP and, if they are watched, when their files change. What is wrong changes
    /// nothing.
    pub(super) async fn run(self, watch: bool) {
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        // Before they are read: what changes meanwhile is news again.
        let mut published = self.look();
        if watch {
            // What changed while nobody looked.
            self.publish().await;
        }
        let mut before = published.clone();
        loop {
            tokio::select! {
                told = hangup.recv() => if told.is_none() { return },
                () = SystemClock.sleep(LOOK_EVERY), if watch => {
                    let now = self.look();
                    let is_quiet = now == before;
                    before = now;
                    if !is_quiet || before == published {
                        continue;
                    }
                }
            }
            published = self.look();
            before.clone_from(&published);
            self.publish().await;
        }
    }

    /// Publishes what of the folders is news.
    async fn publish(&self) {
        // Thousands of clips may have to be read.
        let folders = match tokio::task::block_in_place(|| folders(&self.config, &self.clips)) {
            Ok(folders) => folders,
            Err(failed) => {
                error!("nothing was reloaded: {failed:#}");
                return;
            }
        };
        for (line, files, _) in folders {
            match self.publish_line(&line, &files).await {
                Ok(()) => {}
                Err(LinesError::Broken { problems, .. }) => {
                    report::problems(&files, &problems);
                    error!(
                        line,
                        problems = problems.len(),
                        "line `{line}` has {} problem(s) and was not reloaded; callers hear the old version",
                        problems.len()
                    );
                }
                Err(failed) => error!(line, "line `{line}` was not reloaded: {:#}", anyhow::Error::from(failed)),
            }
        }
    }

    async fn publish_line(&self, line: &str, files: &Files) -> Result<(), LinesError> {
        let lines = self.service.lines();
        if lines.is_news(line, files).await? {
            tokio::task::block_in_place(|| draft(line, files))?;
        } else if !lines.is_active(line, &files.version()) {
            info!(
                line,
                "the folder of line `{line}` is what was rolled back; `hotline flow publish` publishes it again"
            );
            return Ok(());
        }
        lines.publish(line, files).await.map(drop)
    }

    /// Says what checks find in the folders that are served: a start is not refused for it, a later change would be.
    pub(super) fn warn_of_findings(&self, folders: &BTreeMap<String, Files>) {
        // The shipped line is checked where it is made.
        let own = folders.iter().filter(|(line, files)| {
            !self.config.lines.is_empty() && self.service.lines().is_active(line, &files.version())
        });
        for (line, files) in own {
            let (line, files) = (line.clone(), files.clone());
            tokio::task::spawn_blocking(move || {
                if let Err(LinesError::Broken { problems, .. }) = draft(&line, &files) {
                    let found = problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n  ");
                    warn!(
                        line,
                        "line `{line}` is served although checks find {} thing(s); `hotline check` tells more:\n  {found}",
                        problems.len()
                    );
                }
            });
        }
    }

    fn look(&self) -> Seen {
        let mut seen = Seen::new();
        for folder in &self.config.lines {
            look_into(folder, &mut seen);
            if let Ok(prompts) = line_files::prompts_folder(folder) {
                look_into(&prompts, &mut seen);
            }
        }
        seen
    }
}

/// Notes the files of a folder and of those in it.
fn look_into(folder: &Path, seen: &mut Seen) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(found) if found.is_dir() => look_into(&entry.path(), seen),
            Ok(found) => drop(seen.insert(entry.path(), (found.modified().ok(), found.len()))),
            Err(_) => {}
        }
    }
}

/// Takes over what other processes publish and roll back.
pub(super) async fn follow(service: Arc<Service>) {
    loop {
        SystemClock.sleep(Lines::FOLLOW_EVERY).await;
        match service.lines().follow().await {
            Ok(()) => {}
            Err(LinesError::Broken { line, problems }) => {
                error!(
                    line,
                    problems = problems.len(),
                    "the version of line `{line}` that was published elsewhere cannot be read by this program; callers hear the one before"
                );
            }
            Err(failed) => {
                error!("what was published elsewhere cannot be taken over: {:#}", anyhow::Error::from(failed));
            }
        }
    }
}
