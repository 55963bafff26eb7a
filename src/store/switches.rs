//! What supervisors switch: bulletin, closed today, maintenance, straight to a person. Names and values are the line's.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Database, Error};

/// How old a switch may be that a call sees. Every call asks for several; "at once" is within a second.
const FRESH: Duration = Duration::from_secs(1);

/// The switches of a line that are set.
pub type Switches = BTreeMap<String, Value>;

/// The switches as last read, and when, by line.
#[derive(Clone, Default)]
pub(super) struct Seen(Arc<Mutex<ByLine>>);

type ByLine = HashMap<String, (Instant, Arc<Switches>)>;

impl Seen {
    fn fresh(&self, line: &str) -> Option<Arc<Switches>> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, switches) = seen.get(line)?;
        (at.elapsed() < FRESH).then(|| Arc::clone(switches))
    }

    fn keep(&self, line: &str, switches: &Arc<Switches>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(line.to_owned(), (Instant::now(), Arc::clone(switches)));
    }

    fn forget(&self, line: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(line);
    }
}

impl Database {
    /// Sets a switch of a line; `None` takes it away. This process sees it at once, others within a second.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn set_switch(&self, line: &str, name: &str, value: Option<&Value>) -> Result<(), Error> {
        let (of, name, value) = (line.to_owned(), name.to_owned(), value.map(Value::to_string));
        self.write(move |connection| {
            Box::pin(async move {
                let query = match value {
                    Some(value) => sqlx::query(
                        "INSERT INTO switches (line, name, value, set_at) \
                         VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER)) \
                         ON CONFLICT (line, name) DO UPDATE SET value = excluded.value, set_at = excluded.set_at",
                    )
                    .bind(of)
                    .bind(name)
                    .bind(value),
                    None => sqlx::query("DELETE FROM switches WHERE line = ? AND name = ?").bind(of).bind(name),
                };
                query.execute(connection).await.map(drop)
            })
        })
        .await?;
        self.seen_switches.forget(line);
        Ok(())
    }

    /// The switches of a line that are set, at most a second old.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn switches(&self, line: &str) -> Result<Arc<Switches>, Error> {
        if let Some(switches) = self.seen_switches.fresh(line) {
            return Ok(switches);
        }
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT name, value FROM switches WHERE line = ?")
            .bind(line)
            .fetch_all(self.readers())
            .await?;
        let read = |(name, text): (String, String)| Ok((name, serde_json::from_str(&text)?));
        let read: Result<_, serde_json::Error> = rows.into_iter().map(read).collect();
        let switches = Arc::new(read.map_err(|unreadable| sqlx::Error::Decode(unreadable.into()))?);
        self.seen_switches.keep(line, &switches);
        Ok(switches)
    }
}
