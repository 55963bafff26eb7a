//! How the line does: figures of now, of a day by half hours, of days.
//!
//! They are worked out of tables that hold no personal data in the clear, by readers only, and kept for a few seconds,
//! so that many pages cost what one does. It is *not* the wall (`http/desk/wall` is): no words, no charts. Start with
//! [`Figures`]; `sums.rs` says what each rate is.

mod calls;
mod day;
mod now;
mod queue;
mod sums;

pub use day::Day;
pub use now::Now;
pub use sums::{Details, Sums, Task};

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::Mutex;

use crate::call::Timestamp;
use crate::store::{Database, Error};

/// How old the figures of today may be.
const FRESH: Duration = Duration::from_secs(5);
/// So long after its end a day does not change any more: the longest call has ended.
const SETTLED: Duration = Duration::from_hours(5);
/// How many days are kept in memory.
const MOST_DAYS: usize = 200;

/// Which calls are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    pub line: String,
    /// Simulated calls too: where there are no others.
    pub simulated: bool,
}

/// The figures of a database; cheap to clone.
#[derive(Clone)]
pub struct Figures {
    database: Database,
    days: Arc<Mutex<Known>>,
}

/// Days, and when each was worked out.
type Known = HashMap<(Scope, Date), (Timestamp, Arc<Day>)>;

impl Figures {
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, days: Arc::default() }
    }

    /// How it stands at this moment.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn now(&self, scope: &Scope, now: Timestamp) -> Result<Now, Error> {
        now::read(&self.database, scope, now).await
    }

    /// A day in `zone`, up to `now` if it is today.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn day(&self, scope: &Scope, date: Date, zone: &TimeZone, now: Timestamp) -> Result<Arc<Day>, Error> {
        // Whoever comes while a day is being worked out waits for it, rather than working it out as well.
        let mut days = self.days.lock().await;
        let key = (scope.clone(), date);
        if let Some((at, day)) = days.get(&key)
            && (day.until.plus(SETTLED) < *at || now.since(*at) < FRESH)
        {
            return Ok(Arc::clone(day));
        }
        let day = Arc::new(day::read(&self.database, scope, date, zone, now).await?);
        if days.len() >= MOST_DAYS {
            days.clear();
        }
        days.insert(key, (now, Arc::clone(&day)));
        Ok(day)
    }

    /// The last `count` days, the earliest first; today is the last of them.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn days(
        &self,
        scope: &Scope,
        count: u16,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Vec<Arc<Day>>, Error> {
        let today = now.in_zone(zone).date();
        let mut days = Vec::with_capacity(usize::from(count));
        for back in (0..count).rev() {
            let Ok(date) = today.checked_sub(jiff::Span::new().days(i64::from(back))) else { continue };
            days.push(self.day(scope, date, zone, now).await?);
        }
        Ok(days)
    }
}
