//! What was done and heard in a call, in our own words: the same whichever way the call was played.

use std::fmt;
use std::sync::Arc;

use super::said::{Medium, Said};
use crate::call::{Language, PromptId};

/// A call as it went, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// With the number of the line of the `.call` file that it came of.
    lines: Vec<(u32, Note)>,
}

/// A line of it. What is heard is written out only for somebody who reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Did(String),
    Hears { operator: bool, language: Language, text: Arc<str> },
    Connecting,
    Over,
}

impl Transcript {
    pub(super) fn note(&mut self, line: u32, note: Note) {
        self.lines.push((line, note));
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|(line, note)| writeln!(f, "{line:>5}  {note}"))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Did(what) => f.write_str(what),
            Self::Hears { operator, language, text } => {
                let who = if *operator { "operator hears" } else { "hears" };
                write!(f, "{who} {language} \"{text}\"")
            }
            Self::Connecting => f.write_str("is connecting"),
            Self::Over => f.write_str("the call is over"),
        }
    }
}

/// A sentence as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The prompts that it can be, the likeliest first: one where the document tells it, otherwise all whose text it
    /// could be.
    pub prompts: Vec<PromptId>,
    pub language: Language,
    pub text: Arc<str>,
    pub medium: Medium,
}

impl Heard {
    /// The sentences that have words in them: silence and sounds are nothing that is said. `recognise` tells what a
    /// text can be.
    pub(super) fn all(said: &[Said], recognise: impl Fn(&Language, &str) -> Vec<PromptId>) -> Vec<Self> {
        let heard = said.iter().filter(|said| said.has_words() || said.is_unheard()).map(|said| Self {
            prompts: match &said.prompt {
                Some(prompt) => vec![prompt.clone()],
                None => recognise(&said.language, &said.text),
            },
            language: said.language.clone(),
            text: Arc::clone(&said.text),
            medium: said.medium,
        });
        heard.collect()
    }

    /// Whether it can be this prompt.
    #[must_use]
    pub fn is(&self, prompt: &PromptId) -> bool {
        self.is_unheard() || self.prompts.contains(prompt)
    }

    /// Whether it is audio that was not asked what it says: it can be anything.
    #[must_use]
    pub fn is_unheard(&self) -> bool {
        self.medium == Medium::Clip && self.prompts.is_empty() && self.text.is_empty()
    }

    /// The prompt that it most likely is, or its text.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.is_unheard() {
            return "(unheard)";
        }
        self.prompts.first().map_or(&self.text, |prompt| prompt.as_str())
    }
}
