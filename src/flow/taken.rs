//! Which edges a call takes: for coverage and pictures. A call that nobody watches pays one comparison for it.
//!
//! Universal keys, the line's ladder and its `expired` are the line's; only edges that a node's author wrote are told,
//! by the names that [`Edge::name`](super::node::Edge::name) gives them.

use super::node::{Move, Walk};
use super::run::Run;
use super::{Input, Node, SecretEntry, Universal, Verification};
use crate::call::{NodeId, Signature};

/// An edge that a call took.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    pub node: NodeId,
    /// `on.found`, `keys.1`, `next`.
    pub edge: String,
}

impl Run<'_> {
    pub(super) fn take(&mut self, node: &NodeId, edge: impl FnOnce() -> String) {
        if let Some(taken) = &mut self.taken {
            taken.push(Taken { node: node.clone(), edge: edge() });
        }
    }

    /// What came back leads on from where the call stood.
    pub(super) fn take_on_input(&mut self, at: &NodeId, node: &Node, input: &Input, led: &Move) {
        if self.taken.is_some()
            && let Move::Goto(target) = led
            && let Some(edge) = self.on_input(node, input, target)
        {
            self.take(at, || edge);
        }
    }

    /// A node that waits for nothing leads on.
    pub(super) fn take_at_once(&mut self, at: &NodeId, node: &Node, led: &Move) {
        if self.taken.is_none() || !matches!(led, Move::Goto(_)) {
            return;
        }
        let edge = match node {
            Node::Say(_) | Node::Set(_) | Node::Effect(_) => Some("next".to_owned()),
            Node::Branch(branch) => {
                let value = self.session.value(&branch.of);
                let case = value.and_then(|(value, _)| branch.case_of(&value));
                case.map(|(case, _)| format!("cases.{case}"))
            }
            // Nothing was asked: nobody is verified.
            Node::Lookup(_) => Some(format!("on.{}", Signature::EXPIRED)),
            // The way into a sub-flow is no edge; what it is left by is, when it is left.
            Node::Call(_)
            | Node::Return(_)
            | Node::Verify(_)
            | Node::Dial(_)
            | Node::Queue(_)
            | Node::End(_)
            | Node::Menu(_)
            | Node::Collect(_)
            | Node::Browse(_)
            | Node::Record(_) => None,
        };
        if let Some(edge) = edge {
            self.take(at, || edge);
        }
    }

    /// The edge of a node that waited; `None` if a universal key leads away.
    fn on_input(&self, node: &Node, input: &Input, target: &NodeId) -> Option<String> {
        let key = if let Input::Pressed(keys) = input { keys.single() } else { None };
        let universal = key.and_then(|key| self.line.keys.get(&key));
        match node {
            Node::Say(say) => {
                let leaves = matches!(universal, Some(Universal::Node(_)));
                (!leaves && *target == say.next).then(|| "next".to_owned())
            }
            Node::Menu(menu) => match (input, key) {
                (Input::Pressed(_), Some(key)) => menu.keys.contains_key(&key).then(|| format!("keys.{key}")),
                (Input::Pressed(_), None) => None,
                _ => Some("silent".to_owned()),
            },
            Node::Collect(_) => {
                let keyed = if let Input::Pressed(keys) = input { keys.as_str() } else { "" };
                let is = |entry| *input == Input::Entered(entry);
                match (keyed == "0" || is(SecretEntry::Operator), keyed.starts_with('*') || is(SecretEntry::Left)) {
                    (true, _) => None,
                    (_, true) => Some("left".to_owned()),
                    (false, false) => Some("next".to_owned()),
                }
            }
            Node::Browse(browse) => match browse.keys.get(&key?) {
                Some(Walk::Node(_)) => Some(format!("keys.{}", key?)),
                Some(Walk::Previous) => Some("past-start".to_owned()),
                Some(Walk::Next) => Some("past-end".to_owned()),
                None => (universal == Some(&Universal::Onward)).then(|| "past-end".to_owned()),
            },
            // The verification may have ended while the answer was on its way.
            Node::Lookup(lookup) if lookup.signature.personal && !self.is_verified() => {
                Some(format!("on.{}", Signature::EXPIRED))
            }
            Node::Lookup(_) | Node::Verify(_) => {
                let Input::LookupDone { outcome, .. } = input else { return None };
                Some(format!("on.{outcome}"))
            }
            Node::Dial(_) => {
                let Input::DialEnded { outcome, .. } = input else { return None };
                Some(format!("on.{}", outcome.name()))
            }
            Node::Record(record) if self.session.hung_up && record.hung_up.as_ref() == Some(target) => {
                Some("hung-up".to_owned())
            }
            Node::Record(_) => {
                let Input::RecordEnded { outcome, .. } = input else { return None };
                Some(format!("on.{}", outcome.name()))
            }
            Node::Queue(queue) => {
                if let Input::DialEnded { outcome, .. } = input {
                    return Some(format!("on.{}", outcome.name()));
                }
                if let Input::LookupDone { outcome, .. } = input {
                    let end = if outcome == "served" { "talked" } else { outcome };
                    return Some(format!("on.{end}"));
                }
                key.filter(|key| queue.keys.contains_key(key)).map(|key| format!("keys.{key}"))
            }
            Node::Effect(_) | Node::Branch(_) | Node::Set(_) | Node::Call(_) | Node::Return(_) | Node::End(_) => None,
        }
    }

    fn is_verified(&self) -> bool {
        matches!(self.session.verification, Verification::Verified { .. })
    }
}
