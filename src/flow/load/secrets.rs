//! Secrets: they are held under no name, so what takes one must come right after the collect that took it.

use std::collections::{BTreeMap, BTreeSet};

use super::nodes::{Checker, Edges};
use super::{FlowSource, values};
use crate::flow::definition::NodeDefinition;
use crate::yaml::At;

impl Checker<'_> {
    /// What takes a secret comes right after the collect that took it, and from nowhere else.
    pub(super) fn secrets(&self, sources: &[FlowSource]) {
        let mut takes = BTreeSet::new();
        for node in sources.iter().flat_map(|source| source.content.nodes.get().into_iter().flatten()) {
            if node.1.get().is_some_and(|definition| self.takes_secret(definition)) {
                takes.insert(node.0.as_str());
            }
        }
        for source in sources {
            for (id, node) in source.content.nodes.get().into_iter().flatten() {
                let Some(definition) = node.get() else { continue };
                for target in targets(definition) {
                    let Some(name) = target.get() else { continue };
                    let from_secret = matches!(definition, NodeDefinition::Collect(collect)
                        if collect.secret.as_ref().and_then(At::get) == Some(&true) && collect.next.get() == Some(name));
                    if takes.contains(name.as_str()) && !from_secret {
                        let text = format!(
                            "`{name}` takes a secret; only a collect with `secret: true` may lead to it, `{id}` is none"
                        );
                        self.problems.report(&source.file, target.place, "no-secret", text);
                    }
                    if from_secret && !takes.contains(name.as_str()) {
                        let text = format!("`{name}` does nothing with the secret that was keyed here");
                        self.problems.report(&source.file, target.place, "unused-secret", text);
                    }
                }
            }
        }
    }

    pub(super) fn takes_secret(&self, definition: &NodeDefinition) -> bool {
        let NodeDefinition::Lookup(lookup) = definition else { return matches!(definition, NodeDefinition::Verify(_)) };
        lookup.lookup.get().and_then(|name| values::find(self.signatures, name)).is_some_and(|found| found.secret)
    }
}

/// Every target of a node.
fn targets(definition: &NodeDefinition) -> Vec<&At<String>> {
    match definition {
        NodeDefinition::Say(say) => vec![&say.next],
        NodeDefinition::Menu(menu) => {
            edge_targets(&menu.keys).chain(menu.silent.as_ref()).chain(menu.then.as_ref()).collect()
        }
        NodeDefinition::Collect(collect) => {
            [&collect.next].into_iter().chain(collect.left.as_ref()).chain(collect.then.as_ref()).collect()
        }
        NodeDefinition::Verify(verify) => edge_targets(&verify.on).collect(),
        NodeDefinition::Lookup(lookup) => edge_targets(&lookup.on).collect(),
        NodeDefinition::Effect(effect) => vec![&effect.next],
        NodeDefinition::Branch(branch) => edge_targets(&branch.cases).collect(),
        NodeDefinition::Set(set) => vec![&set.next],
        NodeDefinition::Call(call) => edge_targets(&call.on).collect(),
        NodeDefinition::Browse(browse) => edge_targets(&browse.keys)
            .chain([&browse.past_end, &browse.past_start])
            .chain(browse.then.as_ref())
            .collect(),
        NodeDefinition::Record(record) => {
            edge_targets(&record.on).chain(record.hung_up.as_ref()).chain(record.then.as_ref()).collect()
        }
        NodeDefinition::Dial(dial) => edge_targets(&dial.on).collect(),
        NodeDefinition::Queue(queue) => {
            queue.keys.iter().flat_map(edge_targets).chain(edge_targets(&queue.on)).collect()
        }
        NodeDefinition::Return(_) | NodeDefinition::End(_) => Vec::new(),
    }
}

fn edge_targets(edges: &Edges) -> impl Iterator<Item = &At<String>> {
    edges.get().into_iter().flat_map(BTreeMap::values)
}
