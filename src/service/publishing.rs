//! How a line gets new versions while calls go on: published here or by another process, rolled back, forgotten.
//!
//! The active version is a row in the database. Calls stay on the version that they began on.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tracing::{error, info};

use super::lines::everybody_hears;
use super::{Lines, LinesError, signatures};
use crate::call::Timestamp;
use crate::flow::{self, Files, Loaded};
use crate::store::How;

/// Who publishes what `serve` publishes.
const SERVER: &str = "server";
/// No version is deleted that may just be about to be published, or that a call may just be about to begin on.
const YOUNG: Duration = Duration::from_hours(1);

/// Reads a line that is to be published: it must have no mistakes, and nothing that checks find.
///
/// # Errors
/// [`LinesError::Broken`] with everything that is wrong.
pub fn draft(line: &str, files: &Files) -> Result<Loaded, LinesError> {
    let loaded = read(line, files)?;
    let problems = flow::check::check(files, &loaded).problems;
    if problems.is_empty() { Ok(loaded) } else { Err(LinesError::Broken { line: line.to_owned(), problems }) }
}

fn read(line: &str, files: &Files) -> Result<Loaded, LinesError> {
    let loaded =
        flow::load(files, &signatures()).map_err(|problems| LinesError::Broken { line: line.to_owned(), problems })?;
    if loaded.line.name.as_str() != line {
        return Err(LinesError::OtherName { folder: line.to_owned(), name: loaded.line.name });
    }
    Ok(loaded)
}

impl Lines {
    /// How often [`Lines::follow`] should run: what another process publishes is heard within that time.
    pub const FOLLOW_EVERY: Duration = Duration::from_secs(1);

    /// Whether these files are not what was published last. What was published and then rolled back is no news: a
    /// start or a look at the folder never undoes a rollback.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn is_news(&self, line: &str, files: &Files) -> Result<bool, LinesError> {
        let publications = self.database.publications(line).await?;
        let last = publications.iter().rev().find(|publication| publication.how == How::Published);
        Ok(last.is_none_or(|last| last.version != files.version()))
    }

    /// Makes `files` the active version of a line, if they can be read; whether they are good says [`draft`]. Calls in
    /// progress stay where they are; on an error so does the line.
    ///
    /// # Errors
    /// [`LinesError::Broken`] with every mistake.
    ///
    /// # Panics
    /// Never: a map of texts is JSON.
    pub async fn publish(&self, line: &str, files: &Files) -> Result<Arc<Loaded>, LinesError> {
        let loaded = read(line, files)?;
        self.report_clips(&loaded);
        let version = loaded.line.version.clone();
        // Its clips may be there now that were not before: that is no new version.
        if self.database.active(line).await?.as_deref() != Some(version.as_str()) {
            let bundle = serde_json::to_vec(files).expect("a map of texts is JSON");
            self.database.keep_version(line, &version, &bundle).await?;
            self.database.activate(line, &version, How::Published, SERVER).await?;
        }
        let loaded = self.keep(loaded);
        self.activate(&loaded);
        info!(line, version = short(&version), "line `{line}` is published");
        Ok(loaded)
    }

    /// Whether new calls of a line start on this version.
    #[must_use]
    pub fn is_active(&self, line: &str, version: &str) -> bool {
        self.active.load().get(line).is_some_and(|loaded| loaded.line.version == version)
    }

    /// Takes over what another process has published or rolled back; calls in progress stay where they are.
    ///
    /// # Errors
    /// Trouble of the database, or a version that this program cannot read, told once: callers hear the one before.
    pub async fn follow(&self) -> Result<(), LinesError> {
        let lines: Vec<(String, String)> =
            self.active.load().iter().map(|(line, loaded)| (line.to_string(), loaded.line.version.clone())).collect();
        for (line, heard) in lines {
            let Some(version) = self.database.active(&line).await?.filter(|version| *version != heard) else {
                continue;
            };
            if self.unusable.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&version) {
                continue;
            }
            match self.version(&line, &version).await {
                Ok(loaded) => {
                    self.report_clips(&loaded);
                    self.activate(&loaded);
                    info!(
                        line,
                        version = short(&version),
                        "new calls of line `{line}` start on version {}",
                        short(&version)
                    );
                }
                Err(failed @ LinesError::Store(_)) => return Err(failed),
                Err(failed) => {
                    *self.unusable.lock().unwrap_or_else(PoisonError::into_inner) = Some(version);
                    return Err(failed);
                }
            }
        }
        Ok(())
    }

    /// Deletes versions that no call, no log and no rollback needs any more.
    pub async fn forget_old(&self, now: Timestamp) {
        let lines: Vec<String> = self.active.load().keys().map(ToString::to_string).collect();
        for line in lines {
            match self.database.forget_versions(&line, now.before(YOUNG)).await {
                Ok(deleted) if deleted.is_empty() => {}
                Ok(deleted) => {
                    self.drop_from_memory(&deleted);
                    info!(
                        line,
                        versions = deleted.len(),
                        "versions of line `{line}` that nothing needs any more were deleted"
                    );
                }
                Err(failed) => error!(line, "old versions could not be deleted: {:#}", anyhow::Error::from(failed)),
            }
        }
    }

    fn drop_from_memory(&self, deleted: &[String]) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.retain(|version, _| !deleted.contains(version));
        let kept: Vec<Arc<Loaded>> = versions.values().cloned().collect();
        drop(versions);
        let mut fixed = self.fixed.lock().unwrap_or_else(PoisonError::into_inner);
        fixed.retain(|_, (loaded, _)| !deleted.contains(&loaded.line.version));
        for loaded in kept {
            for (hash, spoken) in everybody_hears(&loaded) {
                fixed.entry(hash).or_insert_with(|| (Arc::clone(&loaded), spoken));
            }
        }
    }
}

/// As much of a version as people read.
fn short(version: &str) -> &str {
    version.get(..12).unwrap_or(version)
}
