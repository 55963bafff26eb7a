//! The lines of this installation and their versions. A call stays on the version that it began on; that version's
//! files are in the database.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tracing::{error, info};

use super::DUTY;
use crate::call::{Name, PhoneNumber, Signature};
use crate::flow::{self, Files, Loaded};
use crate::lookup;
use crate::store::{self, Database};
use crate::yaml::Problem;

/// Every lookup that a line may ask.
#[must_use]
pub fn signatures() -> Vec<&'static Signature> {
    let by_identity = lookup::BY_IDENTITY.iter().copied();
    lookup::ALL.iter().map(|lookup| lookup.signature).chain(by_identity).chain([&DUTY]).collect()
}

/// The active version of each line, and those that calls are still on.
pub struct Lines {
    database: Database,
    active: ArcSwap<BTreeMap<Name, Arc<Loaded>>>,
    /// Called number -> line; a number that is not listed reaches the first line.
    numbers: BTreeMap<PhoneNumber, Name>,
    first: Name,
    versions: Mutex<HashMap<String, Arc<Loaded>>>,
}

/// Why a line cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("line `{line}` has {} problem(s)", problems.len())]
    Broken { line: String, problems: Vec<Problem> },
    #[error("version {version} of line `{line}` is not in the database")]
    NoSuchVersion { line: String, version: String },
    #[error("version {version} of line `{line}` is damaged in the database")]
    Damaged { line: String, version: String, source: serde_json::Error },
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("line.yaml of `{folder}` says `name: {name}`; the folder and the name must agree")]
    OtherName { folder: String, name: Name },
    #[error("no line is configured")]
    None,
}

impl Lines {
    /// Opens the lines of an installation. `folders`: what the folder of each line says now, with the numbers that
    /// reach it. The active version of a line is a row in the database: the folder is published if there is none, or
    /// if `publish` is set.
    ///
    /// # Errors
    /// [`Error::Broken`] with every mistake of a line that would be published.
    pub async fn open(
        database: Database,
        folders: Vec<(String, Files, Vec<PhoneNumber>)>,
        publish: bool,
    ) -> Result<Self, Error> {
        let first = folders.first().map(|(line, ..)| Name::from(line.as_str())).ok_or(Error::None)?;
        let lines = Self {
            database,
            active: ArcSwap::default(),
            numbers: folders
                .iter()
                .flat_map(|(line, _, numbers)| numbers.iter().map(|number| (number.clone(), Name::from(line.as_str()))))
                .collect(),
            first,
            versions: Mutex::default(),
        };
        for (line, files, _) in folders {
            match lines.database.active(&line).await? {
                Some(version) if !publish => {
                    let loaded = lines.version(&line, &version).await?;
                    lines.activate(&loaded);
                }
                _ => {
                    lines.publish(&line, &files).await?;
                }
            }
        }
        Ok(lines)
    }

    /// Makes `files` the active version of a line. Calls in progress stay where they are; on an error so does the
    /// line.
    ///
    /// # Errors
    /// [`Error::Broken`] with every mistake.
    ///
    /// # Panics
    /// Never: a map of texts is JSON.
    pub async fn publish(&self, line: &str, files: &Files) -> Result<Arc<Loaded>, Error> {
        let loaded =
            flow::load(files, &signatures()).map_err(|problems| Error::Broken { line: line.to_owned(), problems })?;
        if loaded.line.name.as_str() != line {
            return Err(Error::OtherName { folder: line.to_owned(), name: loaded.line.name });
        }
        let version = loaded.line.version.clone();
        let bundle = serde_json::to_vec(files).expect("a map of texts is JSON");
        self.database.keep_version(line, &version, &bundle).await?;
        self.database.activate(line, &version).await?;
        let loaded = self.keep(loaded);
        self.activate(&loaded);
        let short = version.get(..12).unwrap_or(&version);
        info!(line, version = short, "line `{line}` is published");
        Ok(loaded)
    }

    /// The active version of the line that a called number reaches.
    ///
    /// # Panics
    /// Never: a line is active from the start on.
    #[must_use]
    pub fn reached_by(&self, called: &PhoneNumber) -> Arc<Loaded> {
        let line = self.numbers.get(called).unwrap_or(&self.first);
        let active = self.active.load();
        let found = active.get(line).or_else(|| active.values().next());
        Arc::clone(found.expect("a line is active from the start on"))
    }

    /// The active version of the first line: what callers hear who have none of their own.
    ///
    /// # Panics
    /// Never: a line is active from the start on.
    #[must_use]
    pub fn first(&self) -> Arc<Loaded> {
        let active = self.active.load();
        let found = active.get(&self.first).or_else(|| active.values().next());
        Arc::clone(found.expect("a line is active from the start on"))
    }

    /// A version that a call is on.
    pub(super) async fn version(&self, line: &str, version: &str) -> Result<Arc<Loaded>, Error> {
        let known = self.versions.lock().unwrap_or_else(PoisonError::into_inner).get(version).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let (line, version) = (line.to_owned(), version.to_owned());
        let bundle = self.database.bundle(&line, &version).await?;
        let Some(bundle) = bundle else { return Err(Error::NoSuchVersion { line, version }) };
        let files: Files = match serde_json::from_slice(&bundle) {
            Ok(files) => files,
            Err(source) => return Err(Error::Damaged { line, version, source }),
        };
        match flow::load(&files, &signatures()) {
            Ok(loaded) => Ok(self.keep(loaded)),
            Err(problems) => {
                error!(line, version, "a version that was good once cannot be read by this program");
                Err(Error::Broken { line, problems })
            }
        }
    }

    fn keep(&self, loaded: Loaded) -> Arc<Loaded> {
        let loaded = Arc::new(loaded);
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.insert(loaded.line.version.clone(), Arc::clone(&loaded));
        loaded
    }

    fn activate(&self, loaded: &Arc<Loaded>) {
        self.active.rcu(|active| {
            let mut active = BTreeMap::clone(active);
            active.insert(loaded.line.name.clone(), Arc::clone(loaded));
            active
        });
    }
}
