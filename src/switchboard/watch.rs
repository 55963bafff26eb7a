//! Turns for authors: every request that was sent for a call, with its document and what the line did, secrets masked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Switchboard;
use super::message::TurnTold;
use crate::call::Kind;
use crate::simulator::{Exchanged, Watcher};

/// For how many legs there may be something that nobody has asked for yet.
const MOST_LEGS: usize = 2_000;
/// The parameter with what was keyed.
const KEYED: &str = "Digits";

/// How many keys are shown.
const SHOWN: usize = 6;

/// Keeps what is sent until the leg that it is for asks.
#[derive(Default)]
pub struct Watching(Mutex<HashMap<String, Vec<Seen>>>);

/// A request and its answer, as they went over the wire.
pub(super) struct Seen {
    kind: Kind,
    method: &'static str,
    url: String,
    body: Vec<u8>,
    status: u16,
    document: Vec<u8>,
    took: Duration,
    tries: u32,
}

impl Watcher for Watching {
    fn exchanged(&self, exchanged: &Exchanged<'_>) {
        let Exchanged { leg, kind, request, received, tries, took, .. } = exchanged;
        if matches!(kind, Kind::Status | Kind::File) {
            return;
        }
        let seen = Seen {
            kind: *kind,
            method: request.method,
            url: request.url.clone(),
            body: request.body.clone(),
            status: received.map_or(0, |received| received.status),
            document: received.map_or_else(Vec::new, |received| received.body.clone()),
            took: *took,
            tries: *tries,
        };
        let mut legs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if legs.len() >= MOST_LEGS {
            // What is fresh is asked for at once: these are of legs that never came to be.
            legs.clear();
        }
        legs.entry((*leg).to_owned()).or_default().push(seen);
    }
}

impl Watching {
    /// What has been sent for a leg since this was asked last.
    pub(super) fn take(&self, leg: &str) -> Vec<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(leg).unwrap_or_default()
    }
}

impl Seen {
    /// As an author sees it. `last`: the line's log is of this one.
    pub(super) async fn told(self, board: &Switchboard, leg: &str, parent: Option<&str>, last: bool) -> TurnTold {
        let profile = board.exchange.name();
        let trace = if last { board.service.last_turn(profile, leg, parent).await } else { None }.unwrap_or_default();
        let mut parameters: Vec<(String, String)> = form_urlencoded::parse(&self.body).into_owned().collect();
        for (name, value) in &mut parameters {
            // What is longer may be somebody's number; a turn whose log is not at hand may be a secret.
            let hides = trace.secret || value.len() > SHOWN || !last;
            if name == KEYED && hides {
                *value = "•".repeat(value.chars().count());
            }
        }
        TurnTold {
            number: 0,
            leg: if parent.is_some() { "operator" } else { "caller" },
            kind: if self.kind == Kind::Arrive { "arrive" } else { self.kind.name() },
            method: self.method,
            url: self.url,
            parameters,
            status: self.status,
            document: String::from_utf8_lossy(&self.document).into_owned(),
            took_us: u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX),
            tries: self.tries,
            nodes: trace.nodes,
            events: trace.events,
        }
    }
}
