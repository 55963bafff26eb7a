//! From the nodes as written to the nodes that the engine runs, with every name and type checked.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::values::{self, Types};
use super::{FlowSource, Index};
use crate::call::{DialOutcome, Language, Name, NodeId, PromptId, Signature, Type};
use crate::flow::definition::{
    CallNode, CollectNode, DialNode, LineFile, LookupNode, MenuNode, NodeDefinition, ReturnNode, SayNode, SetNode,
    VerifyNode, WhisperDefinition,
};
use crate::flow::node::{self, Node, Prompt};
use crate::prompt::Catalogue;
use crate::yaml::{At, Place, Problems};

pub(super) type Edges = At<BTreeMap<String, At<String>>>;

/// The shortest and the longest that a node may wait for a key.
const WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(10));
/// The shortest and the longest that somebody may be rung.
pub(super) const RING: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(10));

/// What nodes are checked against.
pub(super) struct Checker<'a> {
    pub(super) index: &'a Index,
    pub(super) values: &'a Types,
    pub(super) catalogue: &'a Catalogue,
    pub(super) signatures: &'a [&'static Signature],
    /// What the line speaks.
    pub(super) languages: &'a [Language],
    pub(super) problems: &'a Problems,
    /// The prompts that have been asked for.
    pub(super) named: RefCell<BTreeSet<PromptId>>,
}

/// A node under check: where it stands.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) file: &'a Arc<str>,
    /// The sub-flow that it is in.
    pub(super) flow: Option<&'a Name>,
    /// The place of the node as a whole.
    pub(super) place: Place,
}

impl Checker<'_> {
    /// All nodes of a line. A node with a mistake is left out; the mistake is reported.
    pub(super) fn all(&self, sources: &[FlowSource], line: &LineFile) -> BTreeMap<NodeId, Node> {
        let universal: BTreeSet<&str> = line.keys.get().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let mut nodes = BTreeMap::new();
        for source in sources {
            let flow = source.content.flow.as_ref().and_then(At::get).map(|name| Name::from(name.as_str()));
            if let Some(start) = &source.content.start {
                let site = Site { file: &source.file, flow: flow.as_ref(), place: start.place };
                self.target(site, start);
            }
            for (id, node) in source.content.nodes.get().into_iter().flatten() {
                let Some(definition) = node.get() else { continue };
                let site = Site { file: &source.file, flow: flow.as_ref(), place: node.place };
                self.shadowed(site, definition, &universal);
                if let Some(node) = self.node(site, definition) {
                    nodes.insert(NodeId::from(id.as_str()), node);
                }
            }
        }
        self.secrets(sources);
        nodes
    }

    fn node(&self, site: Site<'_>, definition: &NodeDefinition) -> Option<Node> {
        Some(match definition {
            NodeDefinition::Say(say) => Node::Say(self.say(site, say)?),
            NodeDefinition::Menu(menu) => Node::Menu(self.menu(site, menu)?),
            NodeDefinition::Collect(collect) => Node::Collect(self.collect(site, collect)?),
            NodeDefinition::Verify(verify) => Node::Verify(self.verify(site, verify)?),
            NodeDefinition::Lookup(lookup) => Node::Lookup(self.lookup(site, lookup)?),
            NodeDefinition::Effect(effect) => Node::Effect(self.effect(site, effect)?),
            NodeDefinition::Branch(branch) => Node::Branch(self.branch(site, branch)?),
            NodeDefinition::Set(set) => Node::Set(self.set(site, set)?),
            NodeDefinition::Call(call) => Node::Call(self.call(site, call)?),
            NodeDefinition::Return(exit) => Node::Return(self.exit(site, exit)?),
            NodeDefinition::Browse(browse) => Node::Browse(self.browse(site, browse)?),
            NodeDefinition::Record(record) => Node::Record(self.record(site, record)?),
            NodeDefinition::Dial(dial) => Node::Dial(self.dial(site, dial)?),
            NodeDefinition::Queue(queue) => Node::Queue(Box::new(self.queue(site, queue)?)),
            NodeDefinition::End(end) => {
                let prompt = match &end.prompt {
                    Some(prompt) => Some(Prompt::plain(self.bare_prompt(site.file, prompt)?)),
                    None => None,
                };
                Node::End(node::End { prompt })
            }
        })
    }

    fn say(&self, site: Site<'_>, say: &SayNode) -> Option<node::Say> {
        let prompt =
            self.prompt(site, &say.prompt, say.values.as_ref(), say.from.as_ref(), say.every_language.as_ref());
        let next = self.target(site, &say.next);
        Some(node::Say { prompt: prompt?, listen: say.listen.as_ref().and_then(At::get).copied(), next: next? })
    }

    fn menu(&self, site: Site<'_>, menu: &MenuNode) -> Option<node::Menu> {
        let prompt =
            self.prompt(site, &menu.prompt, menu.values.as_ref(), menu.from.as_ref(), menu.every_language.as_ref());
        let mut keys = BTreeMap::new();
        for (key, target) in menu.keys.get()? {
            if let (Some(key), Some(target)) = (self.key(site, target.place, key), self.target(site, target)) {
                keys.insert(key, target);
            }
        }
        let silent = self.optional_target(site, menu.silent.as_ref());
        let then = self.optional_target(site, menu.then.as_ref());
        let first_key = menu.first_key.as_ref().and_then(|span| self.span(site.file, span, WAIT));
        Some(node::Menu { prompt: prompt?, keys, silent, then, first_key })
    }

    fn collect(&self, site: Site<'_>, collect: &CollectNode) -> Option<node::Collect> {
        let prompt = self.prompt(site, &collect.prompt, collect.values.as_ref(), collect.from.as_ref(), None);
        let next = self.target(site, &collect.next);
        let secret = collect.secret.as_ref().and_then(At::get).copied().unwrap_or(false);
        match (&collect.name, secret) {
            (Some(name), true) => self.problems.report(
                site.file,
                name.place,
                "secret-named",
                "a secret is held under no name: only the next node can use it",
            ),
            (None, false) => {
                self.problems.report(
                    site.file,
                    site.place,
                    "missing-field",
                    "a collect that is not `secret` needs `as`",
                );
            }
            _ => {}
        }
        let invalid = collect.invalid.as_ref().and_then(|prompt| self.bare_prompt(site.file, prompt));
        let left = self.optional_target(site, collect.left.as_ref());
        let then = self.optional_target(site, collect.then.as_ref());
        let name = collect.name.as_ref().and_then(At::get).map(|name| Name::from(name.as_str()));
        let format = *collect.format.get()?;
        Some(node::Collect { prompt: prompt?, format, secret, name, next: next?, invalid, left, then })
    }

    fn verify(&self, site: Site<'_>, verify: &VerifyNode) -> Option<node::Verify> {
        let mut claim = BTreeMap::new();
        for (name, path) in [("id", &verify.id), ("card", &verify.card), ("last-four", &verify.last_four)] {
            let Some(path) = path else { continue };
            match (self.path(site, path), path.get()) {
                (Some(Type::Digits), Some(path)) => {
                    claim.insert(name.to_owned(), path.clone());
                }
                (Some(other), Some(text)) => {
                    let text = format!("`{name}` takes digits; `{text}` is {}", kind_of(&other));
                    self.problems.report(site.file, path.place, "value-type", text);
                }
                (_, _) => {}
            }
        }
        let fine =
            matches!((&verify.id, &verify.card, &verify.last_four), (Some(_), None, None) | (None, Some(_), Some(_)));
        if !fine {
            let text = "a verification goes by `id`, or by `card` and `last-four`";
            self.problems.report(site.file, site.place, "verify-claim", text);
        }
        let on = self.outcomes(site, &verify.on, node::Verify::OUTCOMES.to_vec());
        let name = Name::from(verify.name.get()?.as_str());
        fine.then_some(node::Verify { claim, name, on })
    }

    fn lookup(&self, site: Site<'_>, lookup: &LookupNode) -> Option<node::Lookup> {
        let name = lookup.lookup.get()?;
        let Some(signature) = values::find(self.signatures, name) else {
            let known: Vec<&str> = self.signatures.iter().map(|signature| signature.name).collect();
            let text = format!("there is no lookup `{name}`");
            self.problems.report_choice(site.file, lookup.lookup.place, "unknown-lookup", text, name, known);
            for target in lookup.on.get().into_iter().flatten() {
                self.target(site, target.1);
            }
            return None;
        };
        let arguments = self.arguments(site, signature, "lookup", lookup.with.as_ref());
        let on = self.outcomes(site, &lookup.on, signature.outcome_names().collect());
        let filler = lookup.filler.as_ref().and_then(|filler| self.bare_prompt(site.file, filler)).map(Prompt::plain);
        Some(node::Lookup {
            lookup: Name::from(name.as_str()),
            arguments,
            name: lookup.name.as_ref().and_then(At::get).map(|name| Name::from(name.as_str())),
            filler,
            on,
            signature,
        })
    }

    fn set(&self, site: Site<'_>, set: &SetNode) -> Option<node::Set> {
        let next = self.target(site, &set.next);
        let mut values = BTreeMap::new();
        for (name, word) in set.values.as_ref().and_then(At::get).into_iter().flatten() {
            // An unknown word has been reported where its type was gathered.
            if let Some((_, word)) = word.get().and_then(|word| self.values.word(word)) {
                values.insert(name.clone(), word.to_owned());
            }
        }
        let language = set.language.as_ref().and_then(|language| self.language(site, language));
        Some(node::Set { language, values, next: next? })
    }

    /// A language of the line.
    fn language(&self, site: Site<'_>, language: &At<String>) -> Option<Language> {
        let tag = language.get()?;
        let found = self.languages.iter().find(|known| known.as_str() == tag);
        if found.is_none() && !self.languages.is_empty() {
            let known = self.languages.iter().map(Language::as_str);
            let text = format!("this line does not speak `{tag}`");
            self.problems.report_choice(site.file, language.place, "unknown-language", text, tag, known);
        }
        found.cloned()
    }

    fn call(&self, site: Site<'_>, call: &CallNode) -> Option<node::Call> {
        let name = call.flow.get()?;
        let Some((name, flow)) = self.index.flows.get_key_value(name.as_str()) else {
            if !self.index.complete || self.index.unfinished.contains(name.as_str()) {
                return None;
            }
            let known: Vec<&str> = self.index.flows.keys().map(Name::as_str).collect();
            let text = format!("there is no sub-flow `{name}`");
            self.problems.report_choice(site.file, call.flow.place, "unknown-flow", text, name, known);
            return None;
        };
        let on = self.outcomes(site, &call.on, flow.exits.iter().map(Name::as_str).collect());
        let on = on.into_iter().map(|(exit, target)| (Name::from(exit), target)).collect();
        Some(node::Call { flow: name.clone(), on })
    }

    fn exit(&self, site: Site<'_>, exit: &ReturnNode) -> Option<node::Return> {
        let name = exit.exit.get()?;
        let exits = site.flow.and_then(|flow| self.index.flows.get(flow)).map(|flow| flow.exits.as_slice());
        match exits {
            Some(exits) if exits.iter().any(|known| known.as_str() == name) => {
                Some(node::Return { exit: Name::from(name.as_str()) })
            }
            Some(exits) => {
                let text = format!("`{name}` is no exit of this sub-flow");
                let known: Vec<&str> = exits.iter().map(Name::as_str).collect();
                self.problems.report_choice(site.file, exit.exit.place, "unknown-exit", text, name, known);
                None
            }
            None if site.flow.is_some() => None,
            None => {
                let text = "only a sub-flow can return; the main flow ends with a node of kind `end`";
                self.problems.report(site.file, site.place, "return-from-main", text);
                None
            }
        }
    }

    fn dial(&self, site: Site<'_>, dial: &DialNode) -> Option<node::Dial> {
        let outcomes: Vec<&str> = DialOutcome::ALL
            .iter()
            .filter(|outcome| **outcome != DialOutcome::Abandoned)
            .map(|outcome| outcome.name())
            .collect();
        let mut on = BTreeMap::new();
        let edges = self.outcomes(site, &dial.on, outcomes);
        for outcome in DialOutcome::ALL {
            if let Some(target) = edges.get(outcome.name()) {
                on.insert(*outcome, target.clone());
            }
        }
        let prompt = self.bare_prompt(site.file, &dial.prompt).map(Prompt::plain);
        let ring = self.span(site.file, &dial.ring, RING);
        let whisper = match &dial.whisper {
            Some(whisper) => Some(self.whisper(site, whisper.get()?)?),
            None => None,
        };
        Some(node::Dial { target: Name::from(dial.target.get()?.as_str()), prompt: prompt?, whisper, ring: ring?, on })
    }

    pub(super) fn whisper(&self, site: Site<'_>, whisper: &WhisperDefinition) -> Option<node::WhisperPrompt> {
        let accept = whisper.accept.get().and_then(|key| self.key(site, whisper.accept.place, key));
        let prompt = self.prompt(site, &whisper.prompt, whisper.values.as_ref(), None, None);
        Some(node::WhisperPrompt { prompt: prompt?, accept: accept? })
    }
}

/// A type in an author's words.
pub(super) fn kind_of(of: &Type) -> String {
    match of {
        Type::Amount => "an amount".to_owned(),
        Type::Number => "a number".to_owned(),
        Type::Date => "a date".to_owned(),
        Type::YearMonth => "a month".to_owned(),
        Type::Year => "a year".to_owned(),
        Type::Clock => "a time of day".to_owned(),
        Type::Word { set, .. } => format!("a word of `{set}`"),
        Type::Digits => "digits".to_owned(),
        Type::Flag => "true or false".to_owned(),
        Type::Text => "a text".to_owned(),
        Type::Periods => "periods".to_owned(),
        Type::Record(_) => "a record".to_owned(),
        Type::List(_) => "a list".to_owned(),
    }
}
