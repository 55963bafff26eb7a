//! From the files of a line to a [`Line`] that cannot go wrong by name or type, or to all their mistakes at once.
//!
//! Whether a flow is *good* (nobody is trapped, nothing personal is told to strangers) is not decided here.

mod arguments;
mod branch;
mod browse;
mod explain;
mod names;
mod nodes;
mod queue;
mod secrets;
mod settings;
mod values;

pub(super) use explain::EXPLANATIONS;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::definition::{CalendarFile, FORMAT, FlowFile, LineFile};
use super::{Line, SubFlow};
use crate::call::{Name, NodeId, Signature};
use crate::prompt::Catalogue;
use crate::yaml::{At, Place, Problem, Problems, Tree, read};

/// The text files of a line by their paths: `line.yaml`, `calendar.yaml`, flow files beside them and
/// `prompts/<language>/*.yaml`. Kept whole with every version, so that a call can stay on the one it began on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Files(pub BTreeMap<String, String>);

impl Files {
    /// The hash of all paths and texts, as 64 hexadecimal digits.
    #[must_use]
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.0 {
            // Lengths keep a file's end and the next one's name apart.
            for part in [path, text] {
                hash.update(part.len().to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hash.finalize().iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").expect("writing to a string does not fail");
            digits
        })
    }

    /// The prompt files, which `prompt` reads.
    fn prompts(&self) -> BTreeMap<String, String> {
        let prompts = self.0.iter().filter(|(path, _)| path.starts_with("prompts/"));
        prompts.map(|(path, text)| (path.clone(), text.clone())).collect()
    }
}

/// A line and its prompts.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub line: Line,
    pub catalogue: Arc<Catalogue>,
}

/// Reads a line.
///
/// # Errors
/// Every mistake in its files, by file and place.
pub fn load(files: &Files, signatures: &[&'static Signature]) -> Result<Loaded, Vec<Problem>> {
    let problems = Problems::default();
    let loaded = read_all(files, signatures, &problems);
    match loaded {
        Some(loaded) if problems.is_empty() => Ok(loaded),
        _ => Err(problems.into_sorted()),
    }
}

/// A file that must be there.
fn one<T>(files: &Files, path: &str, problems: &Problems, read: impl FnOnce(&Tree) -> Option<T>) -> Option<T> {
    let Some(text) = files.0.get(path) else {
        problems.report(
            &Arc::from(path),
            Place::default(),
            "missing-file",
            format!("a line has a file `{path}`; there is none"),
        );
        return None;
    };
    read(&Tree::parse(path, text, problems)?)
}

/// A flow file and its name.
struct FlowSource {
    file: Arc<str>,
    content: FlowFile,
}

fn read_all(files: &Files, signatures: &[&'static Signature], problems: &Problems) -> Option<Loaded> {
    let line_file: Option<LineFile> = one(files, "line.yaml", problems, |tree| read(tree, problems));
    let calendar_file: Option<CalendarFile> = one(files, "calendar.yaml", problems, |tree| read(tree, problems));
    let mut sources = Vec::new();
    let mut complete = true;
    for (path, text) in &files.0 {
        if path.starts_with("prompts/") || path == "line.yaml" || path == "calendar.yaml" {
            continue;
        }
        if let Some(tree) = Tree::parse(path, text, problems)
            && let Some(content) = read::<FlowFile>(&tree, problems)
        {
            check_format(&Arc::from(path.as_str()), &content.format, problems);
            sources.push(FlowSource { file: Arc::from(path.as_str()), content });
        } else {
            complete = false;
        }
    }
    let line_file = line_file?;
    let languages = settings::languages(&line_file);
    let catalogue = Catalogue::read(&files.prompts(), &languages, problems);
    let index = Index::build(&sources, complete, problems);
    let values = values::Types::gather(&sources, signatures, starts_with_topic(&line_file, &index), problems);
    let checker = nodes::Checker {
        index: &index,
        values: &values,
        catalogue: &catalogue,
        signatures,
        languages: &languages,
        problems,
        named: RefCell::default(),
    };
    let nodes = checker.all(&sources, &line_file);
    let line = settings::line(&line_file, calendar_file.as_ref(), &checker, nodes, files.version())?;
    Some(Loaded { line, catalogue: Arc::new(catalogue) })
}

fn check_format(file: &Arc<str>, format: &At<u32>, problems: &Problems) {
    if format.get().is_some_and(|format| *format != FORMAT) {
        problems.report(file, format.place, "format", format!("this program reads format {FORMAT}"));
    }
}

/// Whether every call has a topic from its first node on. A first node that is wrong has been reported.
fn starts_with_topic(line: &LineFile, index: &Index) -> bool {
    let Some(start) = line.start.get().filter(|start| index.nodes.contains_key(start.as_str())) else { return true };
    let part = start.split('.').next().unwrap_or_default();
    line.topics.as_ref().is_some_and(|topics| topics.get().is_none_or(|topics| topics.contains_key(part)))
}

/// Where every node and sub-flow is.
struct Index {
    /// Every flow file could be read, so what is not here is nowhere.
    complete: bool,
    /// Sub-flows that do not say where they begin and end; that has been reported.
    unfinished: BTreeSet<Name>,
    /// The sub-flow that a node belongs to; `None` for the main flow.
    nodes: BTreeMap<NodeId, Option<Name>>,
    flows: BTreeMap<Name, SubFlow>,
}

impl Index {
    fn build(sources: &[FlowSource], complete: bool, problems: &Problems) -> Self {
        let mut index = Self { complete, unfinished: BTreeSet::new(), nodes: BTreeMap::new(), flows: BTreeMap::new() };
        for source in sources {
            let name = source.content.flow.as_ref().and_then(At::get).map(|name| Name::from(name.as_str()));
            for (id, node) in source.content.nodes.get().into_iter().flatten() {
                if index.nodes.insert(NodeId::from(id.as_str()), name.clone()).is_some() {
                    let text = format!("node `{id}` is in two files; names of nodes are unique in a line");
                    problems.report(&source.file, node.place, "written-twice", text);
                }
            }
            let Some(name) = name else { continue };
            let (start, exits) = (source.content.start.as_ref(), source.content.exits.as_ref());
            let place = source.content.flow.as_ref().map(|flow| flow.place).unwrap_or_default();
            let (Some(start), Some(exits)) = (start.and_then(At::get), exits.and_then(At::get)) else {
                problems.report(&source.file, place, "missing-field", "a sub-flow names its `start` and its `exits`");
                index.unfinished.insert(name);
                continue;
            };
            let exits = exits.iter().filter_map(At::get).map(|exit| Name::from(exit.as_str())).collect();
            let flow = SubFlow { start: NodeId::from(start.as_str()), exits };
            if index.flows.insert(name.clone(), flow).is_some() {
                problems.report(&source.file, place, "written-twice", format!("sub-flow `{name}` is in two files"));
            }
        }
        index
    }
}
