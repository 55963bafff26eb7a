//! Where in the files a node, a setting or a text is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::states::Use;
use crate::call::{Language, NodeId};
use crate::flow::{Files, Line, SubFlow};
use crate::prompt::Manifest;
use crate::yaml::{Place, Problems, Tree};

/// The files of a line with the places of all that is in them.
pub(super) struct Places<'a> {
    trees: BTreeMap<&'a str, Tree>,
    /// The file of each node.
    nodes: BTreeMap<String, &'a str>,
    /// The file of each text: language and prompt.
    texts: BTreeMap<(&'a str, String), &'a str>,
}

impl<'a> Places<'a> {
    /// The files have been read once without a problem.
    pub(super) fn of(files: &'a Files, line: &'a Line) -> Self {
        let mut places = Self { trees: BTreeMap::new(), nodes: BTreeMap::new(), texts: BTreeMap::new() };
        for (path, text) in &files.0 {
            let Some(tree) = path.strip_suffix(".yaml").and_then(|_| Tree::parse(path, text, &Problems::default()))
            else {
                continue;
            };
            let language = line.languages.iter().find(|tag| path.starts_with(&format!("prompts/{tag}/")));
            if let Some(language) = language {
                places
                    .texts
                    .extend(tree.names(&[]).into_iter().map(|id| ((language.as_str(), id.to_owned()), path.as_str())));
            } else {
                places.nodes.extend(tree.names(&["nodes"]).into_iter().map(|id| (id.to_owned(), path.as_str())));
            }
            places.trees.insert(path, tree);
        }
        places
    }

    /// A field of a node, or what of the way to it is written.
    pub(super) fn of_node(&self, node: &NodeId, keys: &[&str]) -> (Arc<str>, Place) {
        let file = self.nodes.get(node.as_str()).copied().unwrap_or_default();
        let whole: Vec<&str> = ["nodes", node.as_str()].into_iter().chain(keys.iter().copied()).collect();
        self.within(file, &whole)
    }

    /// Where a node says what it needs a value for.
    pub(super) fn of_use(&self, node: &NodeId, of: &Use) -> (Arc<str>, Place) {
        let ways: [&[&str]; 3] = match of {
            Use::Said(name) => [&["values", name], &["from"], &["prompt"]],
            Use::Whispered(name) => [&["whisper", "values", name], &["whisper", "prompt"], &["whisper"]],
            Use::Sent(name) => [&["with", name], &["with"], &["lookup"]],
            Use::Claimed(name) => [&[name], &[], &[]],
            Use::Compared => [&["of"], &[], &[]],
            Use::Browsed => [&["list"], &[], &[]],
        };
        let file = self.nodes.get(node.as_str()).copied().unwrap_or_default();
        let exact = |keys: &&[&str]| {
            let whole: Vec<&str> = ["nodes", node.as_str()].into_iter().chain(keys.iter().copied()).collect();
            self.trees.get(file)?.place(&whole)
        };
        (Arc::from(file), ways.iter().find_map(exact).unwrap_or_default())
    }

    /// A setting of `line.yaml`.
    pub(super) fn of_setting(&self, keys: &[&str]) -> (Arc<str>, Place) {
        self.within("line.yaml", keys)
    }

    /// The text of a prompt.
    pub(super) fn of_text(&self, prompt: &str, language: &Language) -> (Arc<str>, Place) {
        let file = self.texts.get(&(language.as_str(), prompt.to_owned())).copied().unwrap_or_default();
        self.within(file, &[prompt])
    }

    /// A field of the file of a sub-flow.
    pub(super) fn of_flow(&self, flow: &SubFlow, keys: &[&str]) -> (Arc<str>, Place) {
        let file = self.nodes.get(flow.start.as_str()).copied().unwrap_or_default();
        self.within(file, keys)
    }

    /// The list of a language's clips.
    pub(super) fn of_clips(language: &Language) -> (Arc<str>, Place) {
        (Arc::from(format!("prompts/{language}/{}", Manifest::FILE)), Place { line: 1, column: 1, ..Place::default() })
    }

    fn within(&self, file: &str, keys: &[&str]) -> (Arc<str>, Place) {
        let tree = self.trees.get(file);
        let place = tree.and_then(|tree| (0..=keys.len()).rev().find_map(|some| tree.place(keys.get(..some)?)));
        (Arc::from(file), place.unwrap_or_default())
    }
}
