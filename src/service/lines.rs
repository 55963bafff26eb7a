//! The lines of this installation and their versions. A call stays on the version that it began on; that version's
//! files are in the database.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tracing::{error, warn};

use super::{DUTY, sms, tickets};
use crate::call::{Language, Name, PhoneNumber, PromptId, Signature, Spoken, Timestamp, ValueRecord};
use crate::clip_files::ClipFiles;
use crate::flow::{self, Files, Loaded};
use crate::lookup;
use crate::prompt::{AudioHash, Catalogue, Clip, ClipState};
use crate::store::{self, Database};
use crate::synthesiser::OwnVoice;
use crate::yaml::Problem;

/// Every lookup that a line may ask.
#[must_use]
pub fn signatures() -> Vec<&'static Signature> {
    let by_identity = lookup::BY_IDENTITY.iter().copied();
    lookup::ALL
        .iter()
        .map(|lookup| lookup.signature)
        .chain(by_identity)
        .chain([&DUTY, &sms::SIGNATURE])
        .chain(tickets::SIGNATURES.iter().copied())
        .collect()
}

/// The active version of each line, and those that calls are still on.
pub struct Lines {
    pub(super) database: Database,
    pub(super) active: ArcSwap<BTreeMap<Name, Arc<Loaded>>>,
    /// Called number -> line; a number that is not listed reaches the first line.
    numbers: BTreeMap<PhoneNumber, Name>,
    first: Name,
    pub(super) versions: Mutex<HashMap<String, Arc<Loaded>>>,
    speech: Speech,
    /// What everybody hears the same in any of the versions, by the hash of its audio.
    pub(super) fixed: Mutex<HashMap<AudioHash, (Arc<Loaded>, Spoken)>>,
    searched: tokio::sync::Mutex<Searched>,
    /// A version that was activated elsewhere and cannot be used here; that has been told.
    pub(super) unusable: Mutex<Option<String>>,
}

/// How lines are heard.
#[derive(Clone, Debug)]
pub struct Speech {
    pub files: Arc<ClipFiles>,
    /// What there are clips for is played.
    pub clips: bool,
    /// Clips are played although their texts have changed since.
    pub play_stale: bool,
    /// What says the rest; without it that is the providers' own voices too.
    pub own_voice: Option<Arc<OwnVoice>>,
}

impl Speech {
    /// Clips are played where they are good.
    #[must_use]
    pub fn new(files: ClipFiles) -> Self {
        Self { files: Arc::new(files), clips: true, play_stale: false, own_voice: None }
    }
}

/// Where audio has been looked for that no loaded version has.
#[derive(Default)]
struct Searched {
    versions: HashSet<String>,
    /// Nobody looks again before.
    until: Timestamp,
}

/// Who makes up names of audio must cost nothing: so seldom are versions looked for that other nodes have published.
const SEARCH_AGAIN: Duration = Duration::from_secs(1);
/// How many versions are looked through: calls may be on them, or a cache may have their documents.
const MOST_SEARCHED: u32 = 8;

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
    /// if `publish` is set and it has changed since it was published.
    ///
    /// # Errors
    /// [`Error::Broken`] with every mistake of a line that would be published.
    pub async fn open(
        database: Database,
        speech: Speech,
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
            speech,
            fixed: Mutex::default(),
            searched: tokio::sync::Mutex::default(),
            unusable: Mutex::default(),
        };
        for (line, files, _) in folders {
            let is_news = publish && lines.is_news(&line, &files).await?;
            match lines.database.active(&line).await? {
                Some(version) if !is_news => {
                    let loaded = lines.version(&line, &version).await?;
                    lines.report_clips(&loaded);
                    lines.activate(&loaded);
                }
                _ => {
                    lines.publish(&line, &files).await?;
                }
            }
        }
        Ok(lines)
    }

    /// The same lines for another database that has these versions of them too: nothing is read again.
    #[must_use]
    pub fn over(&self, database: Database) -> Self {
        Self {
            database,
            active: ArcSwap::new(self.active.load_full()),
            numbers: self.numbers.clone(),
            first: self.first.clone(),
            versions: Mutex::new(self.versions.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            speech: self.speech.clone(),
            fixed: Mutex::new(self.fixed.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            searched: tokio::sync::Mutex::default(),
            unusable: Mutex::default(),
        }
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

    /// The active version of the line with this name, of the first line if there is none.
    #[must_use]
    pub fn named(&self, line: &str) -> Arc<Loaded> {
        let found =
            self.active.load().iter().find(|(name, _)| name.as_str() == line).map(|(_, found)| Arc::clone(found));
        found.unwrap_or_else(|| self.first())
    }

    /// The lines that numbers reach, the first line first: the active version of each, and its numbers.
    #[must_use]
    pub fn reached(&self) -> Vec<(Arc<Loaded>, Vec<PhoneNumber>)> {
        let active = self.active.load();
        let first = active.iter().filter(|(line, _)| **line == self.first);
        let others = active.iter().filter(|(line, _)| **line != self.first);
        let numbers =
            |line: &Name| self.numbers.iter().filter(|(_, to)| *to == line).map(|(number, _)| number.clone()).collect();
        first.chain(others).map(|(line, loaded)| (Arc::clone(loaded), numbers(line))).collect()
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

    /// How its lines are heard.
    #[must_use]
    pub const fn speech(&self) -> &Speech {
        &self.speech
    }

    /// What everybody hears the same and has this hash. Versions that are kept and that nobody has used yet are looked
    /// through once.
    pub(super) async fn fixed(&self, hash: AudioHash, now: Timestamp) -> Option<(Arc<Loaded>, Spoken)> {
        if let Some(found) = self.known_fixed(hash) {
            return Some(found);
        }
        let mut searched = self.searched.lock().await;
        if now < searched.until {
            return self.known_fixed(hash);
        }
        searched.until = now.plus(SEARCH_AGAIN);
        let kept = self.database.kept_versions(MOST_SEARCHED).await;
        let kept = kept.inspect_err(|failed| error!("the kept versions cannot be listed: {failed}")).ok()?;
        for (line, version) in kept {
            // One that this program cannot read has been reported; there is nothing of it to be heard.
            if searched.versions.insert(version.clone()) {
                let _ = self.version(&line, &version).await;
            }
        }
        self.known_fixed(hash)
    }

    fn known_fixed(&self, hash: AudioHash) -> Option<(Arc<Loaded>, Spoken)> {
        self.fixed.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned()
    }

    /// Says how many clips of a version cannot be played. A language without any is spoken as text, as its author has
    /// it.
    pub(super) fn report_clips(&self, loaded: &Loaded) {
        let catalogue = &loaded.catalogue;
        for language in &loaded.line.languages {
            let Some(manifest) = catalogue.manifest(language).filter(|manifest| !manifest.rows.is_empty()) else {
                continue;
            };
            let (mut stale, mut missing) = (0_u32, 0_u32);
            for wanted in catalogue.wanted(language) {
                let row = manifest.rows.get(&wanted.clip);
                let clip =
                    row.map(|row| Clip { id: wanted.clip.as_str().into(), audio: row.audio, samples: row.samples });
                match catalogue.clip_state(language, &wanted.clip) {
                    _ if clip.is_none_or(|clip| !self.speech.files.has(&clip)) => missing += 1,
                    ClipState::Missing => missing += 1,
                    ClipState::Stale => stale += 1,
                    ClipState::Good => {}
                }
            }
            if stale > 0 || missing > 0 {
                let line = &loaded.line.name;
                warn!(line = %line, language = %language, stale, missing, "in {language}, {stale} clip(s) of line `{line}` say an older text and {missing} are missing; what needs them is spoken as text; `hotline prompts check` lists them");
            }
        }
    }

    pub(super) fn keep(&self, mut loaded: Loaded) -> Arc<Loaded> {
        loaded.catalogue = Arc::new(self.with_clips(Arc::unwrap_or_clone(loaded.catalogue)));
        let loaded = Arc::new(loaded);
        let mut fixed = self.fixed.lock().unwrap_or_else(PoisonError::into_inner);
        for (hash, spoken) in everybody_hears(&loaded) {
            fixed.entry(hash).or_insert_with(|| (Arc::clone(&loaded), spoken));
        }
        drop(fixed);
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.insert(loaded.line.version.clone(), Arc::clone(&loaded));
        loaded
    }

    /// The catalogue with the clips that are played, and no others.
    fn with_clips(&self, catalogue: Catalogue) -> Catalogue {
        let Speech { files, clips, play_stale, .. } = &self.speech;
        let catalogue =
            catalogue.with_clips(|clip, state| files.has(clip) && (state == ClipState::Good || *play_stale));
        if *clips { catalogue } else { catalogue.as_text() }
    }

    pub(super) fn activate(&self, loaded: &Arc<Loaded>) {
        self.active.rcu(|active| {
            let mut active = BTreeMap::clone(active);
            active.insert(loaded.line.name.clone(), Arc::clone(loaded));
            active
        });
    }
}

/// Every prompt without placeholders and every sound that a version has audio of.
pub(super) fn everybody_hears(loaded: &Loaded) -> Vec<(AudioHash, Spoken)> {
    let sounds = loaded.catalogue.sounds().rows.keys().map(|sound| PromptId::from(format!("sound.{sound}")));
    let ids: Vec<PromptId> = loaded.catalogue.ids().cloned().chain(sounds).collect();
    let said = |language: &Language, prompt: &PromptId| {
        let (language, prompt, values) = (language.clone(), prompt.clone(), ValueRecord::new());
        let spoken = Spoken { prompt, language, values, personal: false, slow: false };
        let utterance = loaded.catalogue.utterance(&spoken).ok().filter(|utterance| utterance.is_fixed)?;
        Some((utterance.recipe?.hash(), spoken))
    };
    let all = loaded.line.languages.iter().flat_map(|language| ids.iter().filter_map(move |id| said(language, id)));
    all.collect()
}
