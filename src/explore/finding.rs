//! What an exploration can find, each with its reason and its fix, and what it has found.

use std::collections::BTreeMap;

use crate::call::NodeId;
use crate::flow::check::written_at;
use crate::flow::{Files, Line};
use crate::yaml::{Explanation, Problem};

pub(super) const PANICS: Explanation = Explanation {
    name: "call-panics",
    finds: "The program panics.",
    why: "The caller hears an apology and is put through to a person, or loses the call.",
    example: "\
# Any: it is the program that is wrong, not the line.
",
    fix: "report it with the way there; until it is mended lead that way elsewhere",
};
pub(super) const FAULT: Explanation = Explanation {
    name: "call-fails",
    finds: "The call cannot go on: it passes too many nodes without listening, or something that a node needs is not there.",
    why: "The caller hears an apology and is put through to a person, or loses the call.",
    example: "\
nodes:
  med.ask:
    kind: lookup
    lookup: medical-account
    as: account
    on: { found: med.say, none: med.say, ... }      # `none` brings no total
  med.say:
    kind: say
    prompt: med.balance
    values: { total: account.total }
    next: main.menu
",
    fix: "lead what happens there to a node that needs nothing which may be missing",
};
pub(super) const ASKS_ON: Explanation = Explanation {
    name: "asks-on-and-on",
    finds: "Lookups follow one another without a word, more of them than one request may make.",
    why: "The caller hears nothing for long, and then an apology.",
    example: "\
nodes:
  med.ask:
    kind: lookup
    lookup: bulletin
    on: { none: main.menu, posted: main.menu, unavailable: med.ask }
",
    fix: "let a menu, or a prompt that listens, stand between them",
};
pub(super) const NO_WORD: Explanation = Explanation {
    name: "ends-without-a-word",
    finds: "The call ends, and the caller is not told that it does.",
    why: "Somebody who is hung up on without a word calls again.",
    example: "\
nodes:
  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: main.bye }
  main.bye:
    kind: end                                       # no `prompt`
",
    fix: "give the `end` a prompt that says why, and good-bye",
};
pub(super) const AFTER_THE_END: Explanation = Explanation {
    name: "goes-on-after-the-end",
    finds: "A call that has ended says or does something.",
    why: "Nobody is there to hear it.",
    example: "\
# Any: it is the program that is wrong, not the line.
",
    fix: "report it with the way there",
};
pub(super) const STRANGER: Explanation = Explanation {
    name: "tells-a-stranger",
    finds: "A personal value is said, or whispered, while nobody is verified.",
    why: "A stranger may hear it.",
    example: "\
# Any: it is the program that is wrong, not the line.
",
    fix: "report it with the way there; until it is mended lead that way elsewhere",
};
pub(super) const UNSAID: Explanation = Explanation {
    name: "cannot-be-said",
    finds: "A prompt cannot be said with the values that it gets.",
    why: "The caller hears an apology instead.",
    example: "\
nodes:
  pay.months:
    kind: browse
    list: payments.months
    item: month
    each: records
    of: reading
    cases: { plain: pay.back, ... }                 # `pay.back` says {settled}, which only `back-paid` always has
",
    fix: "lead values that the prompt cannot say elsewhere, or use a prompt without them",
};
pub(super) const DOCUMENT: Explanation = Explanation {
    name: "bad-document",
    finds: "A provider that is known does not take what is written for it.",
    why: "The call breaks off, at that provider alone.",
    example: "\
# A prompt of a hundred thousand letters, in prompts/en/guide.yaml.
",
    fix: "say less at once; for a language that the provider has no voice for, record clips",
};

/// Everything that is looked for at every step.
pub const EXPLANATIONS: &[Explanation] = &[PANICS, FAULT, ASKS_ON, NO_WORD, AFTER_THE_END, STRANGER, UNSAID, DOCUMENT];

/// What has been found: the same only once at a node, with the shortest way there.
#[derive(Default)]
pub(super) struct Found(BTreeMap<(&'static str, NodeId, String), (&'static Explanation, Vec<String>)>);

impl Found {
    pub(super) fn knows(&self, kind: &Explanation, node: Option<&NodeId>, text: &str) -> bool {
        node.is_some_and(|node| self.0.contains_key(&(kind.name, node.clone(), text.to_owned())))
    }

    pub(super) fn add(&mut self, kind: &'static Explanation, node: NodeId, text: String, way: Vec<String>) {
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
