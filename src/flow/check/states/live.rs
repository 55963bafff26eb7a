//! Which values can still be needed where: two calls that differ only in what nobody will ask for are one state.

use foldhash::HashMap;

use super::step::{What, uses};
use super::{Frames, States};
use crate::call::{Name, RecordOutcome};
use crate::flow::Node;
use crate::flow::node::{QUEUE, Verify};

/// Names of values, as bits.
pub(super) type Names = u128;
/// So many names a line may have and be proved.
pub(super) const MOST_NAMES: usize = Names::BITS as usize;

/// For each node within its sub-flows, the names that can be needed from there on.
pub(super) struct Live {
    names: Vec<Name>,
    places: HashMap<(usize, Frames), usize>,
    needed: Vec<Names>,
    /// Of each state without values, its place.
    place_of: Vec<usize>,
}

impl Live {
    /// From states without values, by going back over every way.
    pub(super) fn of(ways: &States<'_>, names: Vec<Name>) -> Self {
        let mut live = Self { names, places: HashMap::default(), needed: Vec::new(), place_of: Vec::new() };
        let place_of: Vec<usize> = ways
            .states
            .iter()
            .map(|state| {
                let next = live.places.len();
                *live.places.entry((state.node, state.frames)).or_insert(next)
            })
            .collect();
        live.needed = vec![0; live.places.len()];
        let own = |node: &Node| uses(node).iter().fold(0, |all, (_, path)| all | live.bit(path));
        let own: Vec<Names> = ways.nodes.iter().map(|(_, node)| own(node)).collect();
        // Of each way: from where, to where, and what is set on it.
        let mut ways_on: Vec<(usize, usize, Names)> = Vec::new();
        for (at, state) in ways.states.iter().enumerate() {
            live.needed[place_of[at]] |= own[state.node];
            let node = ways.nodes[state.node].1;
            let on = |onward: &super::Onward| (place_of[at], place_of[onward.to], live.set_on(node, onward.how.what));
            ways_on.extend(ways.onward[at].iter().map(on));
        }
        ways_on.sort_unstable();
        ways_on.dedup();
        // A name is needed before a way if it is needed after and not set on it.
        let mut grew = true;
        while grew {
            grew = false;
            for (from, to, set) in ways_on.iter().rev() {
                let more = live.needed[*to] & !set & !live.needed[*from];
                live.needed[*from] |= more;
                grew |= more != 0;
            }
        }
        live.place_of = place_of;
        live
    }

    /// What can be needed from a state without values on.
    pub(super) fn of_state(&self, at: usize) -> Names {
        self.needed[self.place_of[at]]
    }

    /// What can be needed from a node on.
    pub(super) fn at(&self, node: usize, frames: Frames) -> Names {
        self.places.get(&(node, frames)).map_or(0, |place| self.needed[*place])
    }

    /// The name of the value at `path`.
    pub(super) fn bit(&self, path: &str) -> Names {
        let root = path.split('.').next().unwrap_or_default();
        self.names.iter().position(|name| name.as_str() == root).map_or(0, |name| 1 << name)
    }

    /// The names that are set on a way.
    fn set_on(&self, node: &Node, what: What) -> Names {
        match (node, what) {
            (Node::Collect(collect), What::Enters) => collect.name.as_ref().map_or(0, |name| self.bit(name.as_str())),
            (Node::Verify(verify), What::Outcome(number)) if Verify::OUTCOMES.get(number) == Some(&"wrong") => {
                self.bit(verify.name.as_str())
            }
            (Node::Set(set), _) => set.values.keys().fold(0, |all, name| all | self.bit(name)),
            (Node::Lookup(lookup), What::Outcome(number)) => {
                match (&lookup.name, lookup.signature.outcomes.get(number)) {
                    (Some(name), Some(outcome)) if !outcome.answer.is_empty() => self.bit(name.as_str()),
                    _ => 0,
                }
            }
            (Node::Queue(queue), What::Outcome(number)) => {
                let brings = QUEUE.outcomes.get(number).is_some_and(|outcome| !outcome.answer.is_empty());
                if brings { self.bit(queue.name.as_str()) } else { 0 }
            }
            (Node::Record(record), What::RecordEnds(RecordOutcome::Recorded)) => self.bit(record.name.as_str()),
            _ => 0,
        }
    }
}
