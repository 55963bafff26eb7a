//! Counts failed tries and says when there are too many (domain reference 1.5).
//!
//! Three limits stand side by side: of the call, of the person, of the number that calls. A try that was reserved and
//! not settled counts as failed. A try that is refused here is not written, so it neither counts nor makes a lock longer.

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::ledger::Row;
use super::{Try, Verdict};
use crate::call::Timestamp;

/// Failed tries that end verification in a call.
const IN_A_CALL: u32 = 3;
/// Failed tries within [`DAY_MS`] that lock a person, until as long after the last of them.
const OF_A_PERSON: usize = 5;
/// Failed tries with no right one between that lock a person until an outlet unlocks.
const OF_A_PERSON_IN_A_ROW: usize = 10;
/// Failed tries within [`DAY_MS`] that lock a calling number, until there are fewer.
const OF_A_CALLER: u32 = 10;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The failed tries that matter to one try.
#[derive(Debug, Default)]
pub(super) struct Counts {
    in_call: u32,
    /// When the person's last failed tries were, the latest first, at most [`OF_A_PERSON_IN_A_ROW`].
    of_person: Vec<i64>,
    person_last_right: Option<i64>,
    of_caller: u32,
    now: i64,
}

impl Counts {
    pub(super) async fn read(connection: &mut SqliteConnection, attempt: &Try) -> Result<Self, sqlx::Error> {
        let now = attempt.now.as_millis();
        let in_call = sqlx::query_scalar("SELECT count(*) FROM tries WHERE call = ? AND failed = 1")
            .bind(attempt.call.as_bytes().as_slice())
            .fetch_one(&mut *connection)
            .await?;
        let rows =
            sqlx::query("SELECT at FROM tries WHERE person = ? AND failed = 1 AND at > ? ORDER BY at DESC LIMIT 10")
                .bind(&attempt.person)
                .bind(attempt.unlocked_at.unwrap_or(i64::MIN))
                .fetch_all(&mut *connection)
                .await?;
        let person_last_right = sqlx::query_scalar("SELECT max(at) FROM tries WHERE person = ? AND failed = 0")
            .bind(&attempt.person)
            .fetch_one(&mut *connection)
            .await?;
        let of_caller = match &attempt.caller {
            None => 0,
            Some(caller) => {
                sqlx::query_scalar("SELECT count(*) FROM tries WHERE caller = ? AND failed = 1 AND at > ?")
                    .bind(caller)
                    .bind(now - DAY_MS)
                    .fetch_one(&mut *connection)
                    .await?
            }
        };
        let of_person = rows.iter().map(|row| row.try_get("at")).collect::<Result<_, _>>()?;
        Ok(Self { in_call, of_person, person_last_right, of_caller, now })
    }

    /// The same from tries in memory, the latest last.
    pub(super) fn of(tries: &[Row], call: u32, person: &str, caller: Option<&str>, now: Timestamp) -> Self {
        let now = now.as_millis();
        let failed = || tries.iter().filter(|row| row.failed);
        let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
        let mut of_person: Vec<i64> = failed().filter(|row| row.person == person).map(|row| row.at).collect();
        of_person.sort_by_key(|at| std::cmp::Reverse(*at));
        of_person.truncate(OF_A_PERSON_IN_A_ROW);
        let right = tries.iter().filter(|row| !row.failed && row.person == person);
        let by_caller = |row: &&Row| caller.is_some() && row.caller.as_deref() == caller && row.at > now - DAY_MS;
        Self {
            in_call: count(failed().filter(|row| row.call == call).count()),
            of_person,
            person_last_right: right.map(|row| row.at).max(),
            of_caller: count(failed().filter(by_caller).count()),
            now,
        }
    }

    /// The verdict of a try that must not even be checked.
    pub(super) fn closed(&self) -> Option<Verdict> {
        if self.in_call >= IN_A_CALL {
            Some(Verdict::Refused)
        } else if self.person_is_locked() || self.of_caller >= OF_A_CALLER {
            Some(Verdict::Locked)
        } else {
            None
        }
    }

    /// The verdict of a wrong try, which is itself among those counted. It tells how often the caller can really try
    /// again, so the try that locks says so.
    pub(super) fn after_a_wrong_try(&self) -> Verdict {
        if let Some(verdict) = self.closed() {
            return verdict;
        }
        let today = self.of_person.iter().filter(|at| self.now - **at < DAY_MS).count();
        let of_person = OF_A_PERSON.saturating_sub(today).min(OF_A_PERSON_IN_A_ROW - self.in_a_row());
        let of_person = u32::try_from(of_person).unwrap_or(u32::MAX);
        Verdict::Wrong { left: (IN_A_CALL - self.in_call).min(of_person).min(OF_A_CALLER - self.of_caller).max(1) }
    }

    fn person_is_locked(&self) -> bool {
        let too_many_today = match (self.of_person.first(), self.of_person.get(OF_A_PERSON - 1)) {
            (Some(last), Some(fifth)) => last - fifth < DAY_MS && self.now < last + DAY_MS,
            (Some(_) | None, _) => false,
        };
        too_many_today || self.in_a_row() >= OF_A_PERSON_IN_A_ROW
    }

    /// Failed tries since the last right one.
    fn in_a_row(&self) -> usize {
        let since = self.person_last_right.unwrap_or(i64::MIN);
        self.of_person.iter().filter(|at| **at > since).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60 * 1000;

    fn hours_ago(hours: &[i64]) -> Vec<i64> {
        hours.iter().map(|hours| -hours * HOUR).collect()
    }

    #[test]
    fn limits_are_those_of_the_domain_reference() {
        for (in_call, person, last_right, of_caller, verdict) in [
            (0, &[][..], None, 0, None),
            (2, &[1, 1][..], None, 2, None),
            (3, &[1, 1, 1], None, 3, Some(Verdict::Refused)),
            (0, &[1, 2, 3, 4], None, 0, None),
            (0, &[1, 2, 3, 4, 5], None, 0, Some(Verdict::Locked)),
            (0, &[23, 30, 31, 32, 46], None, 0, Some(Verdict::Locked)),
            (0, &[23, 30, 31, 32, 47], None, 0, None),
            (0, &[24, 25, 26, 27, 28], None, 0, None),
            // A right one in between does not take away the lock of the day, but the one without end.
            (0, &[1, 2, 3, 4, 5], Some(2), 0, Some(Verdict::Locked)),
            (0, &[30, 31, 60, 61, 90, 91, 120, 121, 150, 151], None, 0, Some(Verdict::Locked)),
            (0, &[30, 31, 60, 61, 90, 91, 120, 121, 150, 151], Some(100), 0, None),
            (0, &[], None, 9, None),
            (0, &[], None, 10, Some(Verdict::Locked)),
        ] {
            let counts = Counts {
                in_call,
                of_person: hours_ago(person),
                person_last_right: last_right.map(|hours: i64| -hours * HOUR),
                of_caller,
                now: 0,
            };
            assert_eq!(counts.closed(), verdict, "{counts:?}");
        }
    }

    #[test]
    fn what_is_left_is_what_can_really_be_tried() {
        for (in_call, person, of_caller, verdict) in [
            (1, &[0][..], 1, Verdict::Wrong { left: 2 }),
            (2, &[0, 0][..], 2, Verdict::Wrong { left: 1 }),
            (1, &[0, 1, 2, 3], 1, Verdict::Wrong { left: 1 }),
            (1, &[0, 1, 2, 3, 4], 1, Verdict::Locked),
            (3, &[0, 0, 0, 3, 4], 3, Verdict::Refused),
            (1, &[0], 9, Verdict::Wrong { left: 1 }),
        ] {
            let of_person = hours_ago(person);
            let counts = Counts { in_call, of_person, person_last_right: None, of_caller, now: 0 };
            assert_eq!(counts.after_a_wrong_try(), verdict, "{counts:?}");
        }
    }
}
