//! What of a session decides where its call can go: two sessions of one outline lead the same ways.
//!
//! For the exhaustive exploration, which has to come to an end although figures and texts are without number. Of what
//! is held it sees what a node on the way can still read, and of that only what nodes go by. It is *not* a session:
//! whoever explores keeps one of each outline.

mod live;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use live::{Live, Read};

use super::session::{Held, Stop};
use super::{Line, SUBJECT_LIFETIME, Session, Stage, Verification};
use crate::call::{Signature, Spoken, Timestamp, Value};

/// How many of the prompts count that 9 says again, or that are yet to be said.
const SAID: usize = 2;

/// The outlines of the sessions of a line.
pub struct Outlines<'a> {
    line: &'a Line,
    live: Live<'a>,
}

impl<'a> Outlines<'a> {
    /// `signatures`: of every lookup that the line may ask.
    #[must_use]
    pub fn of(line: &'a Line, signatures: &[&'static Signature]) -> Self {
        Self { line, live: Live::of(line, signatures) }
    }

    /// The outline of a session, hashed.
    #[must_use]
    pub fn outline(&self, session: &Session, now: Timestamp) -> u64 {
        let mut hash = DefaultHasher::new();
        std::mem::discriminant(&session.stage).hash(&mut hash);
        match &session.stage {
            Stage::New => {}
            Stage::Waiting { node, attempt, said_more, at } => (node, attempt, said_more, at).hash(&mut hash),
            Stage::Asking { node, .. } => node.hash(&mut hash),
            Stage::Dialling { node, answered, accepted, .. } => (node, answered, accepted).hash(&mut hash),
            Stage::Recording { node } => (node, session.hung_up).hash(&mut hash),
            Stage::Ended { cause, .. } => {
                cause.name().hash(&mut hash);
                return hash.finish();
            }
        }
        session.language.hash(&mut hash);
        session.verification.word().hash(&mut hash);
        session.initial_at.map(|at| now < at.plus(SUBJECT_LIFETIME)).hash(&mut hash);
        (session.silences >= self.line.timers.slow_after).hash(&mut hash);
        for frame in &session.frames {
            frame.caller.hash(&mut hash);
        }
        back(session).map(|stop| (&stop.node, stop.depth)).hash(&mut hash);
        for spoken in [&session.said, &session.pending, &session.plain] {
            (spoken.is_empty(), spoken.iter().any(|spoken: &Spoken| spoken.personal)).hash(&mut hash);
            for spoken in spoken.iter().rev().take(SAID) {
                (&spoken.prompt, &spoken.language).hash(&mut hash);
            }
        }
        self.held(session, &mut hash);
        hash.finish()
    }

    /// What the call holds and may still go by or say.
    fn held(&self, session: &Session, hash: &mut DefaultHasher) {
        let back = back(session).map(|stop| &stop.node);
        let ahead = session.node().into_iter().chain(session.frames.iter().map(|frame| &frame.caller)).chain(back);
        for read in self.live.at(ahead) {
            match read.path.as_str() {
                // What everything is checked for anyway.
                "verification" | "language" => {}
                "topic" => {
                    let topic = session.topic().map(|word| Value::Word(word.to_owned()));
                    topic.map(|topic| taken(read, &topic)).hash(hash);
                }
                path => match find(session, path) {
                    None => 0_u8.hash(hash),
                    Some((value, personal)) => {
                        (1_u8, personal).hash(hash);
                        if let Value::List(items) = value {
                            items.len().hash(hash);
                        }
                        taken(read, value).hash(hash);
                    }
                },
            }
        }
    }
}

/// The stop that `*` goes back to.
fn back(session: &Session) -> Option<&Stop> {
    let mut stops = session.path.iter().rev().skip_while(|stop| Some(&stop.node) == session.node());
    stops.next()
}

/// Which case of each branch a value takes.
fn taken(read: &Read<'_>, value: &Value) -> Vec<Option<usize>> {
    read.cases.iter().map(|cases| cases.iter().position(|(case, _)| case.holds(value))).collect()
}

/// The value at `path`, without a copy.
fn find<'a>(session: &'a Session, path: &str) -> Option<(&'a Value, bool)> {
    let (root, rest) = path.split_once('.').map_or((path, None), |(root, rest)| (root, Some(rest)));
    let Held { value, personal } = session.values.get(root)?;
    match (rest, value) {
        (None, value) => Some((value, *personal)),
        (Some(rest), Value::Record(record)) => Value::at(record, rest).map(|value| (value, *personal)),
        (Some(_), _) => None,
    }
}

impl Session {
    /// The same call, had all of it been `by` longer ago: so time passes while the clock stands.
    #[must_use]
    pub fn aged(mut self, by: Duration) -> Self {
        self.started_at = self.started_at.before(by);
        self.initial_at = self.initial_at.map(|at| at.before(by));
        if let Verification::Verified { until } = &mut self.verification {
            *until = until.before(by);
        }
        if let Stage::Asking { since, .. } = &mut self.stage {
            *since = since.before(by);
        }
        self
    }

    /// Whether what the call has proved will not be true for ever.
    #[must_use]
    pub const fn can_expire(&self) -> bool {
        matches!(self.verification, Verification::Verified { .. }) || self.initial_at.is_some()
    }
}
