//! What calls came by, of all that an author wrote: nodes, edges and prompts, in each language.
//!
//! An edge is what [`Node::edges`](crate::flow::Node::edges) tells; a universal key, the line's ladder and a hang-up are
//! none of a node's author. A word of a set is spoken within other prompts and is *not* counted, nor is what is sent as an SMS.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rehearsal::Seen;
use super::suite::Played;
use crate::call::{Language, PromptId};
use crate::flow::check::Places;
use crate::flow::{Files, Line, Taken};
use crate::prompt::is_written;

/// Whether a prompt is said by itself.
fn is_said(prompt: &PromptId) -> bool {
    !prompt.as_str().starts_with("word.") && !is_written(prompt.as_str())
}

/// What calls came by, and what they did not.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    pub languages: Vec<Language>,
    /// By flow file, in each language.
    pub files: BTreeMap<String, Vec<Figures>>,
    /// In each language.
    pub prompts: Vec<Share>,
    /// In the order of the files.
    pub missed: Vec<Missed>,
}

/// What of a file was come by in a language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    pub nodes: Share,
    pub edges: Share,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    pub seen: usize,
    pub all: usize,
}

/// Something that no call came by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missed {
    pub file: String,
    pub line: usize,
    pub what: What,
    /// In which languages.
    pub languages: Vec<Language>,
}

/// A node, an edge of one, or a prompt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Node(String),
    /// The node and the edge: `on.found`.
    Edge(String, String),
    Prompt(String),
}

impl Share {
    fn add(&mut self, seen: bool) {
        self.all += 1;
        self.seen += usize::from(seen);
    }

    fn plus(self, other: Self) -> Self {
        Self { seen: self.seen + other.seen, all: self.all + other.all }
    }

    /// Of a hundred; of nothing it is all.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "there are fewer edges than 2^52")]
    pub fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { self.seen as f64 * 100.0 / self.all as f64 }
    }
}

impl Figures {
    fn plus(self, other: Self) -> Self {
        Self { nodes: self.nodes.plus(other.nodes), edges: self.edges.plus(other.edges) }
    }
}

impl Coverage {
    /// What `played` came by, each call in the language that it was played in.
    #[must_use]
    pub fn of(files: &Files, line: &Line, played: &[Played]) -> Self {
        let seen: Vec<Seen> = line.languages.iter().map(|language| together(played, language)).collect();
        let places = Places::of(files, line);
        let mut coverage = Self {
            languages: line.languages.clone(),
            files: BTreeMap::new(),
            prompts: vec![Share::default(); seen.len()],
            missed: Vec::new(),
        };
        for (id, node) in &line.nodes {
            let (file, place) = places.of_node(id, &[]);
            let was_seen: Vec<bool> = seen.iter().map(|seen| seen.nodes.contains(id)).collect();
            coverage.figures(&file).zip(&was_seen).for_each(|(figures, seen)| figures.nodes.add(*seen));
            coverage.miss(&file, place.line, What::Node(id.to_string()), &was_seen);
            for edge in node.edges() {
                let taken = Taken { node: id.clone(), edge: edge.name() };
                let was_taken: Vec<bool> = seen.iter().map(|seen| seen.edges.contains(&taken)).collect();
                coverage.figures(&file).zip(&was_taken).for_each(|(figures, seen)| figures.edges.add(*seen));
                let (_, place) = places.of_node(id, &edge.place());
                // What is not come to is said once.
                let told: Vec<bool> = was_taken.iter().zip(&was_seen).map(|(taken, seen)| *taken || !seen).collect();
                coverage.miss(&file, place.line, What::Edge(id.to_string(), taken.edge), &told);
            }
        }
        for prompt in line.prompts.iter().filter(|prompt| is_said(prompt)) {
            let was_said: Vec<bool> = seen.iter().map(|seen| seen.prompts.contains(prompt)).collect();
            coverage.prompts.iter_mut().zip(&was_said).for_each(|(share, said)| share.add(*said));
            let unsaid = line.languages.iter().zip(&was_said).find(|(_, said)| !**said);
            if let Some((language, _)) = unsaid {
                let (file, place) = places.of_text(prompt.as_str(), language);
                coverage.miss(&file, place.line, What::Prompt(prompt.to_string()), &was_said);
            }
        }
        coverage.missed.sort();
        coverage
    }

    /// All files together, in each language.
    #[must_use]
    pub fn total(&self) -> Vec<Figures> {
        let none = vec![Figures::default(); self.languages.len()];
        self.files
            .values()
            .fold(none, |total, file| total.into_iter().zip(file).map(|(total, file)| total.plus(*file)).collect())
    }

    /// The edges of the language in which the fewest were taken, of a hundred.
    #[must_use]
    pub fn least(&self) -> f64 {
        self.total().iter().map(|figures| figures.edges.percent()).fold(100.0, f64::min)
    }

    fn figures(&mut self, file: &str) -> impl Iterator<Item = &mut Figures> {
        let none = vec![Figures::default(); self.languages.len()];
        self.files.entry(file.to_owned()).or_insert(none).iter_mut()
    }

    fn miss(&mut self, file: &str, line: usize, what: What, seen: &[bool]) {
        let missing = self.languages.iter().zip(seen).filter(|(_, seen)| !**seen);
        let languages: Vec<Language> = missing.map(|(language, _)| language.clone()).collect();
        if !languages.is_empty() {
            self.missed.push(Missed { file: file.to_owned(), line, what, languages });
        }
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Node(node) => write!(f, "node {node}"),
            Self::Edge(node, edge) => write!(f, "edge {node} {edge}"),
            Self::Prompt(prompt) => write!(f, "prompt {prompt}"),
        }
    }
}

/// What the calls in a language came by.
fn together(played: &[Played], language: &Language) -> Seen {
    let mut all = Seen::default();
    for played in played.iter().filter(|played| played.language == *language) {
        all.nodes.extend(played.seen.nodes.iter().cloned());
        all.edges.extend(played.seen.edges.iter().cloned());
        all.prompts.extend(played.seen.prompts.iter().cloned());
    }
    all
}
