//! Which values can still be read from a node on, before something else is held under their name.

use std::collections::{BTreeMap, BTreeSet};

use crate::call::{Name, NodeId, Signature};
use crate::flow::node::{Argument, Case, Prompt};
use crate::flow::{Line, Node, Universal};

/// A value that some node reads.
pub(super) struct Read<'a> {
    pub(super) path: String,
    /// The cases of every branch that goes by it.
    pub(super) cases: Vec<&'a [(Case, NodeId)]>,
}

/// What can be read from each node on.
pub(super) struct Live<'a> {
    reads: Vec<Read<'a>>,
    ahead: BTreeMap<&'a NodeId, BTreeSet<usize>>,
}

/// A way on, and the names under which something else is held behind it.
struct Way<'a> {
    to: &'a NodeId,
    replaced: Vec<&'a str>,
}

impl<'a> Live<'a> {
    pub(super) fn of(line: &'a Line, signatures: &[&'static Signature]) -> Self {
        let mut paths: BTreeMap<String, Vec<&'a [(Case, NodeId)]>> = BTreeMap::new();
        for node in line.nodes.values() {
            for path in read_by(node) {
                paths.entry(path.to_owned()).or_default();
            }
            if let Node::Branch(branch) = node {
                paths.entry(branch.of.clone()).or_default().push(&branch.cases);
            }
        }
        let reads: Vec<Read<'a>> = paths.into_iter().map(|(path, cases)| Read { path, cases }).collect();
        let mut all = Self { ahead: BTreeMap::new(), reads };
        let ways: Vec<(&NodeId, Vec<Way<'a>>)> =
            line.nodes.iter().map(|(id, node)| (id, ways(line, node, signatures))).collect();
        for (id, node) in &line.nodes {
            all.ahead.insert(id, read_by(node).into_iter().filter_map(|path| all.number(path)).collect());
        }
        // What is read further on is read from here on, until nothing more is found.
        let mut found = true;
        while found {
            found = false;
            for (id, ways) in ways.iter().rev() {
                let mut more: BTreeSet<usize> = BTreeSet::new();
                for way in ways {
                    let there = all.ahead.get(way.to).into_iter().flatten().copied();
                    more.extend(there.filter(|number| !all.is_replaced(*number, &way.replaced)));
                }
                let known = all.ahead.entry(id).or_default();
                let before = known.len();
                known.append(&mut more);
                found |= known.len() > before;
            }
        }
        all
    }

    /// What can be read from any of these nodes on.
    pub(super) fn at<'b>(&'b self, nodes: impl Iterator<Item = &'b NodeId>) -> impl Iterator<Item = &'b Read<'a>> {
        let mut all = vec![false; self.reads.len()];
        for number in nodes.filter_map(|node| self.ahead.get(node)).flatten() {
            if let Some(is_read) = all.get_mut(*number) {
                *is_read = true;
            }
        }
        self.reads.iter().zip(all).filter_map(|(read, is_read)| is_read.then_some(read))
    }

    fn number(&self, path: &str) -> Option<usize> {
        self.reads.binary_search_by(|read| read.path.as_str().cmp(path)).ok()
    }

    fn is_replaced(&self, number: usize, names: &[&str]) -> bool {
        let path = self.reads.get(number).map_or("", |read| read.path.as_str());
        let root = path.split('.').next().unwrap_or_default();
        names.contains(&root) || names.contains(&path)
    }
}

/// The paths that a node reads.
fn read_by(node: &Node) -> Vec<&str> {
    fn of(prompt: &Prompt) -> impl Iterator<Item = &str> {
        prompt.bindings.iter().map(|binding| binding.path.as_str())
    }
    fn sent(arguments: &BTreeMap<String, Argument>) -> impl Iterator<Item = &str> {
        arguments.values().filter_map(Argument::path)
    }
    match node {
        Node::Say(say) => of(&say.prompt).collect(),
        Node::Menu(menu) => of(&menu.prompt).collect(),
        Node::Collect(collect) => of(&collect.prompt).collect(),
        Node::Record(record) => of(&record.prompt).collect(),
        Node::Dial(dial) => {
            of(&dial.prompt).chain(dial.whisper.iter().flat_map(|whisper| of(&whisper.prompt))).collect()
        }
        Node::Queue(queue) => of(&queue.whisper.prompt).collect(),
        Node::End(end) => end.prompt.iter().flat_map(of).collect(),
        Node::Branch(branch) => vec![&branch.of],
        Node::Browse(browse) => vec![&browse.list],
        Node::Verify(verify) => verify.claim.values().map(String::as_str).collect(),
        Node::Lookup(lookup) => sent(&lookup.arguments).collect(),
        Node::Effect(effect) => sent(&effect.arguments).collect(),
        Node::Set(_) | Node::Call(_) | Node::Return(_) => Vec::new(),
    }
}

/// Where a call can go from a node. What leads back is looked up on its path, and a return in its frames.
fn ways<'a>(line: &'a Line, node: &'a Node, signatures: &[&'static Signature]) -> Vec<Way<'a>> {
    let brings = |lookup: &str, outcome: &str| {
        let signature = signatures.iter().find(|signature| signature.name == lookup);
        signature.is_some_and(|signature| !signature.answer(outcome).is_empty())
    };
    let mut ways: Vec<Way<'a>> = node
        .edges()
        .into_iter()
        .map(|edge| {
            let outcome = edge.key.as_deref().unwrap_or_default();
            let replaced = match node {
                Node::Collect(collect) if edge.field == "next" => collect.name.iter().map(Name::as_str).collect(),
                Node::Set(set) => set.values.keys().map(String::as_str).collect(),
                Node::Browse(browse) => vec![browse.item.as_str()],
                Node::Verify(verify) if matches!(outcome, "verified" | "initial") => {
                    verify.claim.values().map(String::as_str).collect()
                }
                Node::Verify(verify) if outcome == "wrong" => vec![verify.name.as_str()],
                Node::Lookup(lookup) if brings(lookup.lookup.as_str(), outcome) => {
                    lookup.name.iter().map(Name::as_str).collect()
                }
                Node::Record(record) if outcome == "recorded" || edge.field == "hung-up" => vec![record.name.as_str()],
                Node::Say(_)
                | Node::Menu(_)
                | Node::Collect(_)
                | Node::Verify(_)
                | Node::Lookup(_)
                | Node::Effect(_)
                | Node::Branch(_)
                | Node::Call(_)
                | Node::Return(_)
                | Node::Record(_)
                | Node::Dial(_)
                | Node::Queue(_)
                | Node::End(_) => Vec::new(),
            };
            Way { to: edge.target, replaced }
        })
        .collect();
    if let Node::Call(call) = node {
        ways.extend(line.flows.get(&call.flow).map(|flow| Way { to: &flow.start, replaced: Vec::new() }));
    }
    // Where keys lead that hold everywhere, and a value that has ended with its subject.
    let universal =
        line.keys.values().filter_map(|key| if let Universal::Node(node) = key { Some(node) } else { None });
    let everywhere = universal.chain([&line.ladder.then, &line.expired.1, &line.home]);
    ways.extend(everywhere.map(|to| Way { to, replaced: Vec::new() }));
    ways
}
