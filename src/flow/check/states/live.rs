//! Which values can still be needed where: two calls that differ only in what nobody will ask for are one state.

use std::collections::HashMap;

use super::step::{What, uses};
use super::{Frames, States};
use crate::call::Name;
use crate::flow::Node;

/// For each node within its sub-flows, the names that can be needed from there on, as bits.
#[derive(Default)]
pub(super) struct Live(HashMap<(usize, Frames), u64>);

impl Live {
    /// From states without values, by going back over every way.
    pub(super) fn of(ways: &States<'_>, names: &[Name]) -> Self {
        let bits = |path: &str| -> u64 {
            let root = path.split('.').next().unwrap_or_default();
            names.iter().position(|name| name.as_str() == root).map_or(0, |name| 1 << name)
        };
        let needed: Vec<u64> =
            ways.nodes.iter().map(|(_, node)| uses(node).iter().fold(0, |all, (_, path)| all | bits(path))).collect();
        // A name is needed before a node if the node needs it, or if it is needed after and not set on the way.
        let mut live: HashMap<(usize, Frames), u64> = HashMap::new();
        let mut grew = true;
        while grew {
            grew = false;
            for (at, state) in ways.states.iter().enumerate().rev() {
                let node = ways.nodes[state.node].1;
                let mut all = needed[state.node];
                for onward in &ways.onward[at] {
                    let to = &ways.states[onward.to];
                    let after = live.get(&(to.node, to.frames)).copied().unwrap_or_default();
                    if after != 0 {
                        all |= after & !set_on(node, onward.how.what, &bits);
                    }
                }
                let known = live.entry((state.node, state.frames)).or_default();
                grew |= all & !*known != 0;
                *known |= all;
            }
        }
        Self(live)
    }

    pub(super) fn at(&self, node: usize, frames: Frames) -> u64 {
        self.0.get(&(node, frames)).copied().unwrap_or_default()
    }
}

/// The names that are set on a way.
fn set_on(node: &Node, what: What, bits: &impl Fn(&str) -> u64) -> u64 {
    match (node, what) {
        (Node::Collect(collect), What::Enters) => collect.name.as_ref().map_or(0, |name| bits(name.as_str())),
        (Node::Set(set), _) => set.values.keys().fold(0, |all, name| all | bits(name)),
        (Node::Lookup(lookup), What::Outcome(number)) => match (&lookup.name, lookup.signature.outcomes.get(number)) {
            (Some(name), Some(outcome)) if !outcome.answer.is_empty() => bits(name.as_str()),
            _ => 0,
        },
        _ => 0,
    }
}
