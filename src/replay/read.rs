//! Reads finished calls, one after the other, and the versions that they were on.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::call::{CallId, EndCause, Leg, Timestamp};
use crate::flow::{self, Event, Files, Loaded};
use crate::service::{LogError, LoggedStep, read_steps, signatures};
use crate::store::{self, CallKey, DataKey, FinishedCall, Records, SealError};

/// How many calls are looked up at a time.
const CALLS: u32 = 500;

/// A finished call and all that happened in it.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub call: CallId,
    pub line: String,
    pub version: String,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub cause: EndCause,
    pub simulated: bool,
    /// In the order in which they were made, on whatever leg.
    pub turns: Vec<RecordedTurn>,
}

/// One turn of it.
#[derive(Clone, Debug)]
pub struct RecordedTurn {
    pub leg: Leg,
    pub turn: u32,
    pub at: Timestamp,
    /// Each begins with its input.
    pub steps: Vec<LoggedStep>,
}

/// Why the records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("call {call} cannot be opened")]
    Sealed { call: CallId, source: SealError },
    #[error("call {call} cannot be read")]
    Log { call: CallId, source: LogError },
}

/// A finished call that was come to.
#[derive(Debug)]
pub enum Walked {
    Call(Box<Recorded>),
    /// Its log has been deleted: it is older than logs are kept.
    Forgotten,
}

/// Goes through finished calls in the order in which they began.
pub struct Walk<'a> {
    records: &'a Records,
    key: &'a DataKey,
    since: Timestamp,
    last: i64,
    ahead: VecDeque<FinishedCall>,
}

impl<'a> Walk<'a> {
    /// Through the calls that ended at `since` or later.
    #[must_use]
    pub fn new(records: &'a Records, key: &'a DataKey, since: Timestamp) -> Self {
        Self { records, key, since, last: 0, ahead: VecDeque::new() }
    }

    /// The next one; `None` behind the last.
    ///
    /// # Errors
    /// [`Error`]. After one that is about a call it can go on with the next.
    pub async fn next(&mut self) -> Result<Option<Walked>, Error> {
        if self.ahead.is_empty() {
            self.ahead.extend(self.records.finished(self.since, self.last, CALLS).await?);
        }
        let Some(finished) = self.ahead.pop_front() else { return Ok(None) };
        self.last = finished.no;
        Recorded::open(self.records, self.key, finished).await.map(Some)
    }
}

impl Recorded {
    /// Opens the log of a finished call.
    ///
    /// # Errors
    /// [`Error`] if it cannot be read, or not under this key.
    pub async fn open(records: &Records, key: &DataKey, finished: FinishedCall) -> Result<Walked, Error> {
        let call = finished.id;
        let Some(wrapped) = &finished.key else { return Ok(Walked::Forgotten) };
        let key = CallKey::unwrap(key, call, wrapped).map_err(|source| Error::Sealed { call, source })?;
        Self::read(records, &key, finished).await.map(|call| Walked::Call(Box::new(call)))
    }

    /// Reads the log of a finished call with the call's own key.
    ///
    /// # Errors
    /// [`Error`] if it cannot be read, or not under this key.
    pub async fn read(records: &Records, key: &CallKey, finished: FinishedCall) -> Result<Self, Error> {
        let call = finished.id;
        let mut turns = Vec::new();
        for logged in records.log(call).await? {
            let steps = read_steps(key, &logged.log).map_err(|source| Error::Log { call, source })?;
            let steps = steps.into_iter().flat_map(by_input).collect();
            turns.push(RecordedTurn { leg: logged.leg, turn: logged.turn, at: logged.at, steps });
        }
        let FinishedCall { line, version, started_at, ended_at, cause, simulated, .. } = finished;
        Ok(Self { call, line, version, started_at, ended_at, cause, simulated, turns })
    }
}

impl RecordedTurn {
    /// What happened in it.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.steps.iter().flat_map(|step| &step.events)
    }
}

/// A step for each input; older logs have all of a turn in one.
fn by_input(logged: LoggedStep) -> Vec<LoggedStep> {
    let mut steps: Vec<LoggedStep> = Vec::new();
    for event in logged.events {
        match steps.last_mut() {
            Some(step) if !matches!(event, Event::Input(_)) => step.events.push(event),
            _ => steps.push(LoggedStep { at: logged.at, events: vec![event], reply: None }),
        }
    }
    if let Some(last) = steps.last_mut() {
        last.reply = logged.reply;
    }
    steps
}

/// The versions that calls were on, each read once.
pub struct Versions<'a> {
    records: &'a Records,
    read: HashMap<(String, String), Result<Arc<Loaded>, String>>,
}

impl<'a> Versions<'a> {
    #[must_use]
    pub fn new(records: &'a Records) -> Self {
        Self { records, read: HashMap::new() }
    }

    /// The version, or why it cannot be had.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn get(&mut self, line: &str, version: &str) -> Result<Result<Arc<Loaded>, String>, Error> {
        let name = (line.to_owned(), version.to_owned());
        if let Some(known) = self.read.get(&name) {
            return Ok(known.clone());
        }
        let bundle = self.records.bundle(line, version).await?;
        let read = bundle.map_or_else(|| Err("its version is not kept".to_owned()), |bundle| load(&bundle));
        self.read.insert(name, read.clone());
        Ok(read)
    }
}

fn load(bundle: &[u8]) -> Result<Arc<Loaded>, String> {
    let files: Files =
        serde_json::from_slice(bundle).map_err(|_| "its version is damaged in the database".to_owned())?;
    let loaded = flow::load(&files, &signatures());
    loaded.map(Arc::new).map_err(|_| "its version cannot be read by this program".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Input;

    #[test]
    fn an_old_log_is_taken_apart_at_its_inputs() {
        let (first, second) = (Event::Input(Input::Silent), Event::Input(Input::LookupLate));
        let (there, end) = (Event::Entered("main.menu".into()), Event::Ended(EndCause::Finished));
        let events = vec![first.clone(), there.clone(), second.clone(), end.clone()];
        let step = |events| LoggedStep { at: None, events, reply: None };
        assert_eq!(by_input(step(events)), [step(vec![first, there]), step(vec![second, end])]);
    }
}
