//! Whether what came of a caller still fits where the call stands on another version.

use super::other::Stop;
use super::own::Exchange;
use crate::call::{Keys, NodeId, Timestamp};
use crate::flow::node::Collect;
use crate::flow::{Entry, Input, Line, Node, SecretEntry, Session, Stage, Universal, read_entry};

/// What came, as it comes to where the call stands now; `None` if nothing does.
pub(super) fn fit(own: &Line, exchange: &Exchange, line: &Line, session: &Session) -> Result<Option<Input>, Stop> {
    let input = &exchange.input;
    let unfit = |why: &str| Err(Stop::Unfit(why.to_owned()));
    match (&session.stage, input) {
        (Stage::Ended { .. }, _) => Err(Stop::Over),
        (_, Input::HungUp | Input::Lost)
        | (Stage::New, Input::Arrived)
        | (Stage::Waiting { .. }, Input::Silent)
        | (Stage::Recording { .. }, Input::RecordEnded { .. })
        | (
            Stage::Dialling { .. },
            Input::DialEnded { .. } | Input::PeerAnswered { .. } | Input::PeerPressed { .. } | Input::PeerSilent { .. },
        ) => Ok(Some(input.clone())),
        // The dial of an apology has ended: the call goes on where it stands.
        (Stage::Waiting { .. }, Input::Continued | Input::DialEnded { .. }) if exchange.was_waiting => {
            Ok(Some(input.clone()))
        }
        (Stage::Waiting { node, .. }, Input::Pressed(keys)) => {
            let meant = exchange.node.as_ref().is_some_and(|node| means(own, node, keys, exchange.at));
            if meant && !means(line, node, keys, exchange.at) {
                // Keys of menus are no secret; what was keyed as an entry may be somebody's number.
                let entry = exchange.node.as_ref().is_some_and(|node| collect(own, node).is_some());
                let key = keys.single().filter(|_| !entry);
                return unfit(&match key {
                    Some(key) => format!("press {key}, which means nothing at {node}"),
                    None => format!("key digits, which mean nothing at {node}"),
                });
            }
            let secret = collect(line, node).filter(|collect| collect.secret);
            Ok(Some(secret.map_or_else(|| input.clone(), |of| Input::Entered(SecretEntry::of(keys, of.format)))))
        }
        (Stage::Waiting { node, .. }, Input::Entered(entry)) => {
            if collect(line, node).is_some_and(|collect| collect.secret) {
                return Ok(Some(input.clone()));
            }
            let key = match entry {
                SecretEntry::Operator => "0",
                SecretEntry::Left => "*",
                SecretEntry::Nothing => return Ok(Some(Input::Silent)),
                SecretEntry::Complete | SecretEntry::TooShort | SecretEntry::TooLong => {
                    return unfit(&format!("key a secret, which {node} does not ask for"));
                }
            };
            Ok(Some(Input::Pressed(Keys::parse(key).unwrap_or_default())))
        }
        (Stage::Dialling { node, .. }, Input::Pressed(_) | Input::Entered(_) | Input::Silent) => {
            unfit(&format!("are put through at {node}, where they were asked something"))
        }
        (Stage::Recording { node }, Input::Pressed(_) | Input::Entered(_) | Input::Silent) => {
            unfit(&format!("are recorded at {node}, where they were asked something"))
        }
        (_, Input::RecordEnded { .. }) => unfit("are not recorded"),
        (_, Input::DialEnded { .. }) => unfit("are not put through"),
        (_, Input::PeerAnswered { .. } | Input::PeerPressed { .. } | Input::PeerSilent { .. }) => Ok(None),
        (Stage::Asking { node, .. }, _) => unfit(&format!("still wait for the lookup of {node}")),
        (
            Stage::New | Stage::Waiting { .. } | Stage::Dialling { .. } | Stage::Recording { .. },
            Input::Arrived
            | Input::Continued
            | Input::LookupDone { .. }
            | Input::LookupLate
            | Input::Pressed(_)
            | Input::Entered(_)
            | Input::Silent,
        ) => unfit("stand where nothing of the kind can come"),
    }
}

/// Whether a key is listed there, or an entry is one.
fn means(line: &Line, node: &NodeId, keys: &Keys, at: Timestamp) -> bool {
    let key = keys.single();
    let everywhere = key.is_some_and(|key| line.keys.contains_key(&key));
    match line.nodes.get(node) {
        Some(Node::Menu(menu)) => everywhere || key.is_some_and(|key| menu.keys.contains_key(&key)),
        Some(Node::Browse(browse)) => everywhere || key.is_some_and(|key| browse.keys.contains_key(&key)),
        Some(Node::Queue(_)) => true,
        Some(Node::Say(say)) => say.listen.is_some() && everywhere,
        Some(Node::Record(_)) => everywhere,
        Some(Node::Collect(collect)) => match read_entry(keys, collect.format, at.in_zone(&line.zone).date()) {
            Entry::Complete(_) | Entry::Left => true,
            Entry::Operator => matches!(line.keys.get(&'0'), Some(Universal::Node(_))),
            Entry::TooShort | Entry::TooLong | Entry::Invalid | Entry::Nothing => false,
        },
        Some(
            Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Set(_)
            | Node::Call(_)
            | Node::Return(_)
            | Node::Dial(_)
            | Node::End(_),
        )
        | None => false,
    }
}

fn collect<'a>(line: &'a Line, node: &NodeId) -> Option<&'a Collect> {
    match line.nodes.get(node) {
        Some(Node::Collect(collect)) => Some(collect),
        _ => None,
    }
}
