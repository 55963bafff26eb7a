//! A line as the `prompts` commands see it: its texts, which clips it wants, and the folder where they lie.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::shelf::Shelf;
use crate::call::Language;
use crate::cli::report;
use crate::clip_files::ClipFiles;
use crate::flow::{self, Files, Line};
use crate::line_files;
use crate::prompt::{Catalogue, ClipState, Maker, Recipe, Wanted, say};
use crate::service::signatures;
use crate::yaml::{Problem, Problems};

/// Where the line lies for somebody who works on the shipped one.
pub(in crate::cli) const HERE: &str = "call-flows/12333";

/// Which line.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::cli) struct Place {
    /// The line folder; call-flows/12333 if it is here, otherwise the shipped line
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) line: Option<PathBuf>,
}

/// Which line, and which of its languages.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Scope {
    #[command(flatten)]
    pub(super) place: Place,
    /// Only this language: zh-CN or en
    #[arg(long, value_name = "TAG")]
    pub(super) language: Option<String>,
}

/// A line that has been read.
pub(in crate::cli) struct Opened {
    pub(in crate::cli) files: Files,
    pub(in crate::cli) catalogue: Arc<Catalogue>,
    /// `None` if it has problems.
    pub(in crate::cli) line: Option<Line>,
    pub(in crate::cli) problems: Vec<Problem>,
    pub(in crate::cli) languages: Vec<Language>,
    /// Where its clips are; `None` for the line in the program.
    folder: Option<PathBuf>,
}

impl Place {
    /// Reads the line, whatever is wrong with it.
    pub(in crate::cli) fn open(&self) -> anyhow::Result<Opened> {
        let here = Path::new(HERE);
        let folder = self.line.clone().or_else(|| here.join("line.yaml").is_file().then(|| here.to_owned()));
        let files = folder.as_deref().map_or_else(|| Ok(line_files::shipped()), line_files::read_folder)?;
        let folder = folder.as_deref().map(line_files::prompts_folder).transpose()?;
        match flow::load(&files, &signatures()) {
            Ok(loaded) => Ok(Opened {
                files,
                languages: loaded.line.languages.clone(),
                catalogue: loaded.catalogue,
                line: Some(loaded.line),
                problems: Vec::new(),
                folder,
            }),
            Err(problems) => {
                let languages = languages_of(&files);
                let catalogue = Catalogue::read(&files.0, &languages, &Problems::default());
                Ok(Opened { files, catalogue: Arc::new(catalogue), line: None, problems, languages, folder })
            }
        }
    }

    /// Reads a line that has to be right.
    pub(in crate::cli) fn open_good(&self) -> anyhow::Result<Opened> {
        let opened = self.open()?;
        if !opened.problems.is_empty() {
            report::problems(&opened.files, &opened.problems);
            bail!("the line has {} mistakes (above); mend them first", opened.problems.len());
        }
        Ok(opened)
    }
}

/// The languages that there are texts in.
fn languages_of(files: &Files) -> Vec<Language> {
    let there = |tag: &str| files.0.keys().any(|path| path.starts_with(&format!("prompts/{tag}/")));
    say::ALL.iter().map(|tongue| tongue.tag).filter(|tag| there(tag)).map(Language::from).collect()
}

impl Scope {
    /// The line, which has to be right, and the languages that are meant.
    pub(super) fn open(&self) -> anyhow::Result<(Opened, Vec<Language>)> {
        let opened = self.place.open_good()?;
        let languages = self.languages(&opened)?;
        Ok((opened, languages))
    }

    pub(super) fn languages(&self, opened: &Opened) -> anyhow::Result<Vec<Language>> {
        let Some(tag) = &self.language else { return Ok(opened.languages.clone()) };
        Ok(vec![opened.language(tag)?])
    }
}

impl Opened {
    /// The language of this tag.
    pub(in crate::cli) fn language(&self, tag: &str) -> anyhow::Result<Language> {
        let found = self.languages.iter().find(|language| language.as_str() == tag);
        let known = || self.languages.iter().map(Language::as_str).collect::<Vec<_>>().join(", ");
        found.cloned().with_context(|| format!("the line does not speak `{tag}`; it speaks {}", known()))
    }

    /// The folder of its prompts; `None` for the line in the program.
    pub(in crate::cli) fn prompts(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Where its clips are.
    pub(in crate::cli) fn shelf(&self) -> anyhow::Result<Shelf> {
        let folder = self.folder.clone();
        let folder =
            folder.context("the line in the program cannot be changed; give the folder of a line with --line")?;
        Ok(Shelf::new(folder))
    }

    /// The samples of a sentence. `folder`: a language, or that of the sounds.
    pub(in crate::cli) fn sound(&self, folder: &str, recipe: &Recipe) -> anyhow::Result<Vec<u8>> {
        if self.folder.is_some() {
            return self.shelf()?.compose(folder, recipe);
        }
        let parts = ClipFiles::default().parts(recipe);
        Ok(parts.context("a clip of it is not in the program; give the folder of a line with --line")?.concat())
    }

    /// How a clip is now.
    pub(super) fn status(&self, language: &Language, wanted: &Wanted) -> Status {
        let row = self.catalogue.manifest(language).and_then(|manifest| manifest.rows.get(&wanted.clip));
        let made_by = row.map(|row| row.made_by);
        let gone = self.folder.is_some()
            && self.shelf().is_ok_and(|shelf| !shelf.path(language.as_str(), &wanted.clip).is_file());
        match (self.catalogue.clip_state(language, &wanted.clip), made_by) {
            (ClipState::Missing, _) | (_, None) => Status { made_by, missing: true, stale: false },
            (state, Some(_)) => Status { made_by, missing: gone, stale: state == ClipState::Stale },
        }
    }
}

/// How a clip is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    /// Who made the one that there is, or was.
    pub(super) made_by: Option<Maker>,
    /// It is not in the manifest, or its file is gone.
    pub(super) missing: bool,
    /// It says what its text was once.
    pub(super) stale: bool,
}

impl Status {
    pub(super) const fn is_wanting(self) -> bool {
        self.missing || self.stale
    }

    /// In a word: `missing`, `stale`, or who made it.
    pub(super) const fn word(self) -> &'static str {
        match (self.missing, self.stale, self.made_by) {
            (true, _, _) | (_, _, None) => "missing",
            (_, true, Some(Maker::Person)) => "stale, person",
            (_, true, Some(Maker::Voice)) => "stale",
            (_, false, Some(Maker::Person)) => "person",
            (_, false, Some(Maker::Voice)) => "voice",
        }
    }
}
