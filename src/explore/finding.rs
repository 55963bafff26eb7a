//! What an exploration can find, each with its reason and its fix, and what it has found.

use std::collections::BTreeMap;

use crate::call::NodeId;
use crate::flow::check::written_at;
use crate::flow::{Files, Line};
use crate::yaml::Problem;

/// Something that is looked for at every step.
#[derive(Debug)]
pub struct Kind {
    /// A stable name: `ends-without-a-word`.
    pub name: &'static str,
    /// What it is, one sentence.
    pub finds: &'static str,
    /// What it does to a caller.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

pub(super) const PANICS: Kind = Kind {
    name: "call-panics",
    finds: "The program panics.",
    why: "The caller hears an apology and is put through to a person, or loses the call.",
    fix: "this is a mistake of the program: report it with the way there",
};
pub(super) const FAULT: Kind = Kind {
    name: "call-fails",
    finds: "The flow cannot go on: it passes too many nodes without listening, or something that it needs is not there.",
    why: "The caller hears an apology and is put through to a person, or loses the call.",
    fix: "give the node a way on for what happens there",
};
pub(super) const ASKS_ON: Kind = Kind {
    name: "asks-on-and-on",
    finds: "Lookups follow one another without a word, more than one request may make.",
    why: "The caller hears nothing for long, and then an apology.",
    fix: "let a menu or a prompt that listens stand between them",
};
pub(super) const NO_WORD: Kind = Kind {
    name: "ends-without-a-word",
    finds: "The call ends, and the last that the caller hears is nothing.",
    why: "Somebody who is hung up on without a word calls again.",
    fix: "give the `end` a prompt that says why, and good-bye",
};
pub(super) const AFTER_THE_END: Kind = Kind {
    name: "goes-on-after-the-end",
    finds: "A call that has ended says or does something.",
    why: "Nobody is there to hear it.",
    fix: "this is a mistake of the program: report it with the way there",
};
pub(super) const STRANGER: Kind = Kind {
    name: "tells-a-stranger",
    finds: "A personal value is said, or whispered, while nobody is verified.",
    why: "A stranger may hear it.",
    fix: "this is a mistake of the program: report it with the way there",
};
pub(super) const UNSAID: Kind = Kind {
    name: "cannot-be-said",
    finds: "A prompt cannot be said with the values that it gets.",
    why: "The caller hears an apology instead.",
    fix: "give the prompt a text and a reading for every value that can come, or lead those that cannot be said elsewhere",
};
pub(super) const DOCUMENT: Kind = Kind {
    name: "bad-document",
    finds: "A provider that is known cannot do what is written for it.",
    why: "The call is broken off, at that provider alone.",
    fix: "say less at once, or configure a voice for the language",
};

/// Everything that is looked for.
pub const ALL: &[&Kind] =
    &[&PANICS, &FAULT, &ASKS_ON, &NO_WORD, &AFTER_THE_END, &STRANGER, &UNSAID, &DOCUMENT];

/// What has been found: the same only once at a node, with the shortest way there.
#[derive(Default)]
pub(super) struct Found(BTreeMap<(&'static str, NodeId, String), (&'static Kind, Vec<String>)>);

impl Found {
    pub(super) fn knows(&self, kind: &Kind, node: Option<&NodeId>, text: &str) -> bool {
        node.is_some_and(|node| self.0.contains_key(&(kind.name, node.clone(), text.to_owned())))
    }

    pub(super) fn add(&mut self, kind: &'static Kind, node: NodeId, text: String, way: Vec<String>) {
        self.0.entry((kind.name, node, text)).or_insert((kind, way));
    }

    /// The same at their places in the files.
    pub(super) fn into_problems(self, files: &Files, line: &Line) -> Vec<Problem> {
        let nodes: Vec<NodeId> = self.0.keys().map(|(_, node, _)| node.clone()).collect();
        let mut problems: Vec<Problem> = written_at(files, line, &nodes)
            .into_iter()
            .zip(self.0)
            .map(|((file, place), ((code, _, text), (kind, way)))| Problem {
                file,
                place,
                code,
                text,
                caller: Some(format!("a caller who {}", way.join(", "))),
                help: Some(kind.fix.to_owned()),
                fix: None,
            })
            .collect();
        problems.sort_by(|a, b| (&a.file, a.place.start, a.code).cmp(&(&b.file, b.place.start, b.code)));
        problems
    }
}
