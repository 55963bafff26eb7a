//! What is known of the line that is called, beyond what a provider is told: which prompt a text is, who is dialled.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::call::{Dial, Name, PromptId};
use crate::cli::prompts::open::Opened;
use crate::prompt::Catalogue;
use crate::simulator::{Said, fictional_numbers};

/// A line, as far as its files tell.
pub(super) struct Known {
    pub(super) name: Name,
    pub(super) zone: TimeZone,
    catalogue: Arc<Catalogue>,
    /// Who can be dialled.
    targets: Vec<Name>,
    /// What callers hear last when the service has failed.
    apology: PromptId,
}

impl Known {
    /// `None` if the line has problems.
    pub(super) fn of(opened: &Opened) -> Option<Self> {
        let line = opened.line.as_ref()?;
        Some(Self {
            name: line.name.clone(),
            zone: line.zone.clone(),
            catalogue: Arc::clone(&opened.catalogue),
            targets: fictional_numbers(line).into_keys().collect(),
            apology: line.apology.end.clone(),
        })
    }

    /// Which prompt a sentence is; the likeliest, where only its text is told.
    pub(super) fn prompt(&self, said: &Said) -> Option<PromptId> {
        let recognised = || self.catalogue.recognise(&said.language, &said.text).into_iter().next();
        said.prompt.clone().or_else(recognised)
    }

    /// Who is dialled, if that can be told: documents of providers have numbers only.
    pub(super) fn target(&self, dial: &Dial<Said>) -> Option<Name> {
        if !dial.target.as_str().is_empty() {
            return Some(dial.target.clone());
        }
        match self.targets.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// Whether the service says that it has failed.
    pub(super) fn is_apology(&self, said: &Said) -> bool {
        said.has_words() && self.prompt(said).is_some_and(|prompt| prompt == self.apology)
    }
}
