//! Working days and hours, with holidays and worked weekends (调休) as yearly data.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, DateTimeRound, Time, Weekday};
use jiff::{RoundMode, SignedDuration, ToSpan, Unit};

/// When people answer, in the time zone of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub opens: Time,
    pub closes: Time,
    pub years: BTreeMap<i16, Year>,
}

/// What differs from Monday to Friday in a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Year {
    pub off: Vec<Date>,
    pub work: Vec<Date>,
}

/// Whether people answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    Open,
    /// Outside the hours; people are back on `resumes`, which is today before opening time.
    Closed {
        resumes: Date,
    },
    /// A public holiday.
    Holiday {
        resumes: Date,
    },
}

/// No holiday is longer; a search that comes so far finds nothing.
const LONGEST_BREAK_DAYS: i32 = 60;
const HALF_HOUR: SignedDuration = SignedDuration::from_mins(30);

impl Calendar {
    /// Whether people answer at `now`, local time of the line.
    #[must_use]
    pub fn duty(&self, now: DateTime) -> Duty {
        let (today, time) = (now.date(), now.time());
        let works = self.works(today);
        if works && (self.opens..self.closes).contains(&time) {
            return Duty::Open;
        }
        let resumes = if works && time < self.opens { today } else { self.next_working_day(today) };
        if self.is_holiday(today) { Duty::Holiday { resumes } } else { Duty::Closed { resumes } }
    }

    /// Whether there is a table for the year; without one it is Monday to Friday and nothing is a holiday.
    #[must_use]
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains_key(&year)
    }

    /// The first working day after `day`.
    #[must_use]
    pub fn next_working_day(&self, day: Date) -> Date {
        let later = |days: i32| day.saturating_add(days.days());
        (1..LONGEST_BREAK_DAYS).map(later).find(|date| self.works(*date)).unwrap_or_else(|| later(1))
    }

    /// The last moment of the `days`th working day after `day`.
    #[must_use]
    pub fn working_days_after(&self, day: Date, days: u16) -> DateTime {
        let day = (0..days).fold(day, |day, _| self.next_working_day(day));
        day.to_datetime(self.closes)
    }

    /// By when somebody can be promised to be called back: the next half hour that is at least half an hour away, within
    /// the hours in which people answer.
    #[must_use]
    pub fn call_back_until(&self, now: DateTime) -> DateTime {
        let first = |day: Date| day.to_datetime(self.opens).saturating_add(HALF_HOUR);
        let until = match self.duty(now) {
            Duty::Closed { resumes } | Duty::Holiday { resumes } => return first(resumes),
            Duty::Open => half_hour_after(now.saturating_add(HALF_HOUR)),
        };
        if until.date() == now.date() && until.time() <= self.closes {
            until
        } else {
            first(self.next_working_day(now.date()))
        }
    }

    fn works(&self, day: Date) -> bool {
        let weekday = !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        match self.years.get(&day.year()) {
            Some(year) => year.work.contains(&day) || (weekday && !year.off.contains(&day)),
            None => weekday,
        }
    }

    fn is_holiday(&self, day: Date) -> bool {
        self.years.get(&day.year()).is_some_and(|year| year.off.contains(&day))
    }
}

/// The half hour that begins at `time` or next.
fn half_hour_after(time: DateTime) -> DateTime {
    let whole = DateTimeRound::new().smallest(Unit::Minute).increment(30).mode(RoundMode::Ceil);
    time.round(whole).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn calendar() -> Calendar {
        let days = |month, days: std::ops::RangeInclusive<i8>| days.map(move |day| date(2026, month, day));
        let year = Year {
            off: days(1, 1..=3).chain(days(5, 1..=5)).collect(),
            work: vec![date(2026, 1, 4), date(2026, 5, 9)],
        };
        Calendar { opens: time(9, 0, 0, 0), closes: time(17, 0, 0, 0), years: [(2026, year)].into() }
    }

    #[test]
    fn hours_holidays_and_worked_weekends() {
        for (at, expected) in [
            ("2026-03-31T10:00", Duty::Open),
            ("2026-03-31T08:59", Duty::Closed { resumes: date(2026, 3, 31) }),
            ("2026-03-31T17:00", Duty::Closed { resumes: date(2026, 4, 1) }),
            ("2026-04-03T18:00", Duty::Closed { resumes: date(2026, 4, 6) }),
            ("2026-05-01T10:00", Duty::Holiday { resumes: date(2026, 5, 6) }),
            ("2026-01-03T10:00", Duty::Holiday { resumes: date(2026, 1, 4) }),
            ("2026-01-04T10:00", Duty::Open),
            ("2026-01-10T10:00", Duty::Closed { resumes: date(2026, 1, 12) }),
            // No table for 2027: Monday to Friday, never a holiday.
            ("2027-01-01T10:00", Duty::Open),
            ("2027-01-02T10:00", Duty::Closed { resumes: date(2027, 1, 4) }),
        ] {
            assert_eq!(calendar().duty(at.parse().unwrap()), expected, "{at}");
        }
    }

    #[test]
    fn call_backs_are_promised_for_half_hours_in_which_people_answer() {
        for (at, expected) in [
            ("2026-03-31T10:00", "2026-03-31T10:30"),
            ("2026-03-31T10:01", "2026-03-31T11:00"),
            ("2026-03-31T16:30", "2026-03-31T17:00"),
            ("2026-03-31T16:31", "2026-04-01T09:30"),
            ("2026-03-31T08:00", "2026-03-31T09:30"),
            ("2026-03-31T23:59:30", "2026-04-01T09:30"),
            ("2026-05-01T10:00", "2026-05-06T09:30"),
        ] {
            let expected: DateTime = expected.parse().unwrap();
            assert_eq!(calendar().call_back_until(at.parse().unwrap()), expected, "{at}");
        }
        let due = calendar().working_days_after(date(2026, 4, 30), 2);
        assert_eq!(due, date(2026, 5, 7).at(17, 0, 0, 0));
        assert_eq!(calendar().working_days_after(date(2026, 4, 30), 0).date(), date(2026, 4, 30));
    }
}
