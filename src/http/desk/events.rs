//! Server-sent events: snapshots of what this operator may see, one whenever something is other than before. Each is
//! whole, so a page that lost the connection has missed nothing. An open connection is what keeps an operator at work.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::stream;
use tokio::sync::watch;
use tracing::error;

use super::DeskState;
use super::snapshot::Known;
use super::stream::{STALE, send, stale};
use crate::call::Timestamp;
use crate::desk::accounts::Person;
use crate::desk::work;

/// How soon what another process changes is seen.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is written down that the desk is open.
const SEEN_EVERY: Duration = Duration::from_secs(20);

/// A page that looks.
struct Looker {
    desk: DeskState,
    person: Person,
    bell: watch::Receiver<u64>,
    known: Known,
    told: String,
    seen_at: Option<Timestamp>,
}

pub(super) async fn events(person: Person, State(desk): State<DeskState>) -> Response {
    if let Err(failed) = desk.database.enter_presence(person.no, desk.clock.now()).await {
        error!("an operator could not come to work: {:#}", anyhow::Error::from(failed));
    }
    let bell = desk.database.bell();
    let looker = Looker {
        desk: desk.clone(),
        person: person.clone(),
        bell,
        known: Known::default(),
        told: String::new(),
        seen_at: None,
    };
    let snapshots = stream::unfold(looker, |mut looker| async move { Some((looker.next().await, looker)) });
    send(&desk, person, snapshots)
}

impl Looker {
    /// The next snapshot that is other than the last, or that there is none to be had.
    async fn next(&mut self) -> Event {
        if self.told == STALE {
            self.desk.clock.sleep(LOOK_EVERY).await;
        }
        loop {
            self.bell.borrow_and_update();
            match self.look().await {
                Ok(Some(event)) => return event,
                Ok(None) => {}
                Err(failed) => {
                    error!("what an operator sees could not be read: {:#}", anyhow::Error::from(failed));
                    STALE.clone_into(&mut self.told);
                    return stale();
                }
            }
            tokio::select! {
                Ok(()) = self.bell.changed() => {}
                () = self.desk.clock.sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn look(&mut self) -> Result<Option<Event>, work::Error> {
        let now = self.desk.clock.now();
        if self.seen_at.is_none_or(|seen| now.since(seen) >= SEEN_EVERY) {
            self.desk.database.keep_seen(self.person.no, now).await?;
            self.seen_at = Some(now);
        }
        let mut snapshot = self.desk.snapshot(&self.person, &mut self.known).await?;
        if snapshot.presence.as_ref().and_then(|presence| presence.ends_at).is_some_and(|ends| ends <= now.as_millis())
        {
            // A reservation or a wrap-up is over: nobody need come by for it to end.
            self.desk.database.match_waiting(now).await?;
            snapshot = self.desk.snapshot(&self.person, &mut self.known).await?;
        }
        let at = std::mem::take(&mut snapshot.now);
        let text = serde_json::to_string(&snapshot).unwrap_or_default();
        if text == self.told {
            return Ok(None);
        }
        self.told = text;
        snapshot.now = at;
        Ok(Some(Event::default().json_data(&snapshot).unwrap_or_default()))
    }
}
