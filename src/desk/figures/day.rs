//! A day by half hours.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::sums::{Details, Sums};
use super::{Scope, calls, queue};
use crate::call::Timestamp;
use crate::store::{Database, Error};

/// How long a part of a day is.
pub(super) const SLOT: Duration = Duration::from_mins(30);

/// A day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// From midnight on; on days when clocks are changed there are 46 or 50.
    pub halves: Vec<Sums>,
    pub all: Sums,
    pub details: Details,
}

/// The part of a day in which something was. Slots before and behind it have it not.
pub(super) fn slot(day: &mut Day, at: i64) -> Option<&mut Sums> {
    let into = u128::try_from(at - day.from.as_millis()).ok()?;
    day.halves.get_mut(usize::try_from(into / SLOT.as_millis()).ok()?)
}

pub(super) async fn read(
    database: &Database,
    scope: &Scope,
    date: Date,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Day, Error> {
    let midnight = |date: Date| {
        let first = date.to_zoned(zone.clone()).map_or(0, |zoned| zoned.timestamp().as_millisecond());
        Timestamp::from_millis(first)
    };
    let (from, until) = (midnight(date), midnight(date.tomorrow().unwrap_or(date)));
    let count = usize::try_from(until.since(from).as_millis() / SLOT.as_millis()).unwrap_or_default();
    let halves = vec![Sums::default(); count];
    let mut day = Day { date, from, until, halves, all: Sums::default(), details: Details::default() };
    calls::read(database, scope, &mut day).await?;
    queue::read(database, scope, &mut day, now).await?;
    for half in &day.halves {
        day.all.add(half);
    }
    Ok(day)
}
