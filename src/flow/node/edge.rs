//! Where a node can lead: its edges as its author wrote them. For checks, pictures and coverage; calls do not use it.

use std::borrow::Cow;

use super::{Case, Node, Walk};
use crate::call::NodeId;

/// A way on that an author wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge<'a> {
    /// The field of the node: `next`, `keys`, `on`, `cases`, `silent`, `then`, `left`, `past-end`, `past-start`, `hung-up`.
    pub field: &'static str,
    /// Which of the field's: the key, the outcome, the case, the exit.
    pub key: Option<Cow<'a, str>>,
    pub target: &'a NodeId,
}

impl Edge<'_> {
    /// `next`, `keys.1`, `on.found`: where in the node it is written.
    #[must_use]
    pub fn name(&self) -> String {
        self.key.as_ref().map_or_else(|| self.field.to_owned(), |key| format!("{}.{key}", self.field))
    }

    /// The same, a name at a time.
    #[must_use]
    pub fn place(&self) -> Vec<&str> {
        [self.field].into_iter().chain(self.key.as_deref()).collect()
    }
}

impl Node {
    /// Every way on that its author wrote, in the order in which it is read. The exit of a `call` is an edge of the
    /// call; `return` has none.
    #[must_use]
    pub fn edges(&self) -> Vec<Edge<'_>> {
        let mut edges = Vec::new();
        let mut add = |field, key: Option<Cow<'static, str>>, target| edges.push(Edge { field, key, target });
        match self {
            Self::Say(say) => add("next", None, &say.next),
            Self::Menu(menu) => {
                menu.keys.iter().for_each(|(key, target)| add("keys", Some(key.to_string().into()), target));
                menu.silent.iter().for_each(|target| add("silent", None, target));
                menu.then.iter().for_each(|target| add("then", None, target));
            }
            Self::Collect(collect) => {
                add("next", None, &collect.next);
                collect.left.iter().for_each(|target| add("left", None, target));
                collect.then.iter().for_each(|target| add("then", None, target));
            }
            Self::Verify(verify) => {
                verify.on.iter().for_each(|(on, target)| add("on", Some(on.clone().into()), target));
            }
            Self::Lookup(lookup) => {
                lookup.on.iter().for_each(|(on, target)| add("on", Some(on.clone().into()), target));
            }
            Self::Effect(effect) => add("next", None, &effect.next),
            Self::Branch(branch) => {
                branch.cases.iter().for_each(|(case, target)| add("cases", Some(case.to_string().into()), target));
            }
            Self::Set(set) => add("next", None, &set.next),
            Self::Call(call) => {
                call.on.iter().for_each(|(exit, target)| add("on", Some(exit.to_string().into()), target));
            }
            Self::Browse(browse) => {
                for (key, walk) in &browse.keys {
                    if let Walk::Node(target) = walk {
                        add("keys", Some(key.to_string().into()), target);
                    }
                }
                add("past-end", None, &browse.past_end);
                add("past-start", None, &browse.past_start);
                browse.then.iter().for_each(|target| add("then", None, target));
            }
            Self::Record(record) => {
                record.on.iter().for_each(|(on, target)| add("on", Some(on.name().into()), target));
                record.hung_up.iter().for_each(|target| add("hung-up", None, target));
                record.then.iter().for_each(|target| add("then", None, target));
            }
            Self::Dial(dial) => dial.on.iter().for_each(|(on, target)| add("on", Some(on.name().into()), target)),
            Self::Queue(queue) => {
                queue.keys.iter().for_each(|(key, target)| add("keys", Some(key.to_string().into()), target));
                queue.on.iter().for_each(|(on, target)| add("on", Some(on.clone().into()), target));
            }
            Self::Return(_) | Self::End(_) => {}
        }
        edges
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Numbers(from, to) if from == to => write!(f, "{from}"),
            Self::Numbers(from, i64::MAX) => write!(f, "{from}.."),
            Self::Numbers(from, to) => write!(f, "{from}..{to}"),
        }
    }
}
