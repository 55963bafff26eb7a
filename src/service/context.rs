//! A call as whoever takes it should know it: what was asked for, whether it proved whose it is and how, what it was told.
//!
//! Read from the call's log. What callers key in is not in it, and of long numbers only the end. Who may see it is *not*
//! decided here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{LogError, LoggedStep, Service, lines, read_steps};
use crate::call::{CallId, Language, Leg, Name, NodeId, PromptId, Spoken, Timestamp, Value, ValueRecord};
use crate::flow::{Event, Input, Loaded, Node, SUBJECT_LIFETIME};
use crate::prompt::key_words;
use crate::store::{self, CallKey, SealError};

/// The most that is kept of what was read to a caller: the latest.
const MOST_READ: usize = 20;
/// How many digits of a longer number are shown: its end.
const END: usize = 4;

/// A text in each language of the line.
pub type InLanguages = BTreeMap<Language, String>;

/// What is known of a call.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Context {
    pub line: String,
    pub started_at: Timestamp,
    /// What the caller chose, in order.
    pub path: Vec<InLanguages>,
    pub proof: Proof,
    /// How often the caller was silent or pressed what is no choice.
    pub mistakes: u32,
    /// What the caller was told, the latest last.
    pub read: Vec<Read>,
    /// The key that takes the call, for whoever picks up now.
    pub accept: Option<char>,
    /// The talk is recorded, and the caller was told so.
    pub recorded: bool,
}

/// Whether the call has proved whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Proof {
    #[default]
    Open,
    Verified {
        by: ProvedBy,
        at: Timestamp,
        until: Timestamp,
    },
    /// Too many wrong tries.
    Closed,
}

/// What was keyed with the PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProvedBy {
    IdNumber,
    Card,
}

/// A sentence that was said to the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Read {
    pub prompt: PromptId,
    pub language: Language,
    pub text: String,
    /// It has figures of the verified member in it.
    pub personal: bool,
}

/// Why the context of a call cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Sealed(#[from] SealError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Line(#[from] lines::Error),
}

impl Service {
    /// What is known of a call; `None` if there is no such call, or it was forgotten.
    ///
    /// # Errors
    /// [`ContextError`].
    pub async fn context(&self, call: CallId) -> Result<Option<Context>, ContextError> {
        let Some(stored) = self.store.load(call).await? else { return Ok(None) };
        let key = CallKey::unwrap(&self.key, call, &stored.key)?;
        let loaded = self.lines.version(&stored.line, &stored.version).await?;
        let mut reading = Reading::of(&loaded, stored.started_at);
        for turn in self.lines.database.log(call).await? {
            if turn.leg == Leg::CALLER {
                for step in read_steps(&key, &turn.log)? {
                    reading.step(&step, turn.at);
                }
            }
        }
        Ok(Some(reading.done()))
    }

    /// The key that the data of a call are sealed with; `None` if there is no such call, or it was forgotten.
    ///
    /// # Errors
    /// Trouble of the database; [`SealError`] under another data key.
    pub async fn key_of(&self, call: CallId) -> Result<Option<CallKey>, ContextError> {
        let Some(stored) = self.store.load(call).await? else { return Ok(None) };
        Ok(Some(CallKey::unwrap(&self.key, call, &stored.key)?))
    }

    /// The queues that a line has, and where it is what time; nothing for a line that is not served.
    #[must_use]
    pub fn place(&self, line: &str) -> Option<(Vec<Name>, TimeZone)> {
        let reached = self.lines.reached();
        let (loaded, _) = reached.iter().find(|(loaded, _)| loaded.line.name.as_str() == line)?;
        let nodes = loaded.line.nodes.values();
        let queues =
            nodes.filter_map(|node| if let Node::Queue(queue) = node { Some(queue.queue.clone()) } else { None });
        let queues: BTreeSet<Name> = queues.collect();
        Some((queues.into_iter().collect(), loaded.line.zone.clone()))
    }

    /// A prompt's text in each language of a line, as its newest version has it; empty if there is none.
    #[must_use]
    pub fn in_languages(&self, line: &str, prompt: &str) -> InLanguages {
        let reached = self.lines.reached();
        let loaded = reached.iter().map(|(loaded, _)| loaded).find(|loaded| loaded.line.name.as_str() == line);
        loaded
            .map(|loaded| in_languages(loaded, |language| loaded.catalogue.text(prompt, language)))
            .unwrap_or_default()
    }
}

fn in_languages(loaded: &Loaded, text: impl Fn(&Language) -> Option<String>) -> InLanguages {
    loaded.line.languages.iter().filter_map(|language| Some((language.clone(), text(language)?))).collect()
}

/// A log that is being read.
struct Reading<'a> {
    loaded: &'a Loaded,
    /// Prompts that tell something, rather than ask.
    telling: BTreeSet<&'a PromptId>,
    here: Option<NodeId>,
    context: Context,
}

impl<'a> Reading<'a> {
    fn of(loaded: &'a Loaded, started_at: Timestamp) -> Self {
        let mut telling = BTreeSet::new();
        for node in loaded.line.nodes.values() {
            match node {
                Node::Say(say) => telling.extend([&say.prompt.id]),
                Node::Browse(browse) => {
                    telling.extend(browse.cases.values().chain(&browse.several).map(|item| &item.id));
                }
                Node::Menu(_)
                | Node::Collect(_)
                | Node::Verify(_)
                | Node::Lookup(_)
                | Node::Effect(_)
                | Node::Branch(_)
                | Node::Set(_)
                | Node::Call(_)
                | Node::Return(_)
                | Node::Record(_)
                | Node::Dial(_)
                | Node::Queue(_)
                | Node::End(_) => {}
            }
        }
        let context = Context {
            line: loaded.line.name.to_string(),
            started_at,
            path: Vec::new(),
            proof: Proof::Open,
            mistakes: 0,
            read: Vec::new(),
            accept: None,
            recorded: false,
        };
        Self { loaded, telling, here: None, context }
    }

    fn done(self) -> Context {
        let node = self.here.as_ref().and_then(|here| self.loaded.line.nodes.get(here));
        let accept = match node {
            Some(Node::Queue(queue)) => Some(queue.whisper.accept),
            Some(Node::Dial(dial)) => dial.whisper.as_ref().map(|whisper| whisper.accept),
            _ => None,
        };
        Context { accept, ..self.context }
    }

    fn step(&mut self, step: &LoggedStep, at: Timestamp) {
        for event in &step.events {
            match event {
                Event::Input(input) => self.input(input, step.at.unwrap_or(at)),
                Event::Entered(node) => self.here = Some(node.clone()),
                Event::Said(said) => said.iter().for_each(|spoken| self.said(spoken)),
                Event::Fault(_) | Event::Ended(_) => {}
            }
        }
    }

    fn input(&mut self, input: &Input, at: Timestamp) {
        let node = self.here.as_ref().and_then(|here| self.loaded.line.nodes.get(here));
        match (input, node) {
            (Input::Silent, Some(Node::Menu(_) | Node::Collect(_))) => self.context.mistakes += 1,
            (Input::Pressed(keys), Some(Node::Menu(menu))) => {
                let Some(key) = keys.single() else { return self.context.mistakes += 1 };
                if menu.keys.contains_key(&key) {
                    let text = |language: &Language| {
                        key_words(language, &self.loaded.catalogue.text(menu.prompt.id.as_str(), language)?, key)
                    };
                    let words = in_languages(self.loaded, text);
                    if !words.is_empty() {
                        self.context.path.push(words);
                    }
                } else if !self.loaded.line.keys.contains_key(&key) {
                    self.context.mistakes += 1;
                }
            }
            (Input::LookupDone { outcome, .. }, Some(Node::Verify(verify))) => match outcome.as_str() {
                "verified" => {
                    let by = if verify.claim.contains_key("id") { ProvedBy::IdNumber } else { ProvedBy::Card };
                    self.context.proof = Proof::Verified { by, at, until: at.plus(SUBJECT_LIFETIME) };
                    self.context.read.retain(|read| !read.personal);
                }
                "initial" => self.context.proof = Proof::Open,
                "refused" => self.context.proof = Proof::Closed,
                _ => {}
            },
            (Input::LookupDone { values, .. }, Some(Node::Queue(queue))) => {
                self.context.recorded = queue.is_recorded(values);
            }
            _ => {}
        }
    }

    fn said(&mut self, spoken: &Spoken) {
        if !self.telling.contains(&spoken.prompt) {
            return;
        }
        let masked = Spoken { values: masked(&spoken.values), ..spoken.clone() };
        let Spoken { prompt, language, personal, .. } = spoken.clone();
        let written = || self.loaded.catalogue.text(prompt.as_str(), &language);
        let said = self.loaded.catalogue.utterance(&masked).ok().map(|utterance| utterance.text);
        let Some(text) = said.or_else(written).filter(|text| !text.is_empty()) else { return };
        let read = Read { prompt, language, text, personal };
        if self.context.read.last() != Some(&read) {
            self.context.read.push(read);
        }
        let extra = self.context.read.len().saturating_sub(MOST_READ);
        self.context.read.drain(..extra);
    }
}

/// Of numbers that may be somebody's, the end.
fn masked(values: &ValueRecord) -> ValueRecord {
    values.iter().map(|(name, value)| (name.clone(), mask(value))).collect()
}

fn mask(value: &Value) -> Value {
    match value {
        Value::Digits(digits) => {
            let start = digits.char_indices().rev().nth(END - 1).map_or(0, |(at, _)| at);
            Value::Digits(digits.get(start..).unwrap_or_default().to_owned())
        }
        Value::Record(record) => Value::Record(masked(record)),
        Value::List(items) => Value::List(items.iter().map(mask).collect()),
        Value::Amount(_)
        | Value::Number(_)
        | Value::Date(_)
        | Value::YearMonth(_)
        | Value::Year(_)
        | Value::Clock(_)
        | Value::Word(_)
        | Value::Flag(_)
        | Value::Text(_)
        | Value::Periods(_) => value.clone(),
    }
}
