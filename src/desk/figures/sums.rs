//! What is added up over a time, and the rates that are worked out of it (domain reference 5.1).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::call::NodeId;

/// Who hangs up in the queue sooner has not waited: such callers are counted by themselves.
pub(super) const SHORT_ABANDON: Duration = Duration::from_secs(5);
/// What the service level is told for.
pub(super) const LEVELS: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(20)];

/// What is added up over a time. Calls count where they began, callers in the queue where they came to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Calls that have ended.
    pub calls: u64,
    /// Of these, those that did a task and wanted nobody.
    pub contained: u64,
    pub wanted_person: u64,
    pub talked: u64,
    /// Calls in which a PIN was checked.
    pub proving: u64,
    pub proved: u64,
    /// Calls that met a lock, or had no try left.
    pub locked_out: u64,
    /// Callers who came to the queue; of these the next are parts.
    pub queued: u64,
    pub answered: u64,
    /// Of the answered, those within 15 s and within 20 s.
    pub within: [u64; 2],
    pub abandoned: u64,
    /// Abandoned within 5 s; not among `abandoned`.
    pub abandoned_at_once: u64,
    /// Sent to the outside number, or told that it takes too long.
    pub sent_away: u64,
    /// Chose something else: to be called back, to leave a message, to go back.
    pub chose_else: u64,
    /// Of the answered, those who were told how long it would take at most, and those of whom that was true.
    pub told: u64,
    pub held: u64,
    /// How long the answered waited, and whoever waited longest.
    pub waited: Duration,
    pub longest_wait: Duration,
    /// Talks that have ended, and how long they were.
    pub talks: u64,
    pub talked_for: Duration,
    /// What operators did, all of them together.
    pub talking: Duration,
    pub wrapping_up: Duration,
    pub reserved: Duration,
    pub available: Duration,
    pub away: Duration,
    pub call_backs: u64,
    pub called_back: u64,
    pub not_reached: u64,
    pub surveys: u64,
    pub score: u64,
}

impl Sums {
    /// Adds what another time had.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.calls, other.calls),
            (&mut self.contained, other.contained),
            (&mut self.wanted_person, other.wanted_person),
            (&mut self.talked, other.talked),
            (&mut self.proving, other.proving),
            (&mut self.proved, other.proved),
            (&mut self.locked_out, other.locked_out),
            (&mut self.queued, other.queued),
            (&mut self.answered, other.answered),
            (&mut self.abandoned, other.abandoned),
            (&mut self.abandoned_at_once, other.abandoned_at_once),
            (&mut self.sent_away, other.sent_away),
            (&mut self.told, other.told),
            (&mut self.held, other.held),
            (&mut self.chose_else, other.chose_else),
            (&mut self.talks, other.talks),
            (&mut self.call_backs, other.call_backs),
            (&mut self.called_back, other.called_back),
            (&mut self.not_reached, other.not_reached),
            (&mut self.surveys, other.surveys),
            (&mut self.score, other.score),
        ] {
            *sum += more;
        }
        for (sum, more) in self.within.iter_mut().zip(other.within) {
            *sum += more;
        }
        for (sum, more) in [
            (&mut self.waited, other.waited),
            (&mut self.talked_for, other.talked_for),
            (&mut self.talking, other.talking),
            (&mut self.wrapping_up, other.wrapping_up),
            (&mut self.reserved, other.reserved),
            (&mut self.available, other.available),
            (&mut self.away, other.away),
        ] {
            *sum += more;
        }
        self.longest_wait = self.longest_wait.max(other.longest_wait);
    }

    /// The share of all calls that got what they came for: from a person, or by themselves.
    #[must_use]
    pub fn combined_connection_rate(&self) -> Option<f64> {
        share(self.talked + self.contained, self.calls)
    }

    /// Of those who wanted a person, the share that got one. A combined rate says nothing of them.
    #[must_use]
    pub fn human_connection_rate(&self) -> Option<f64> {
        share(self.talked, self.wanted_person)
    }

    /// The share of all calls that needed nobody.
    #[must_use]
    pub fn containment(&self) -> Option<f64> {
        share(self.contained, self.calls)
    }

    /// Service level within 15 s and 20 s of those who were answered: who gave up is not in it.
    #[must_use]
    pub fn level_of_answered(&self) -> [Option<f64>; 2] {
        self.within.map(|within| share(within, self.answered))
    }

    /// Service level within 15 s and 20 s of all who waited for a person: who gave up or was sent away counts as not
    /// served in time. Who hung up at once is not in it.
    #[must_use]
    pub fn level_of_all(&self) -> [Option<f64>; 2] {
        self.within.map(|within| share(within, self.answered + self.abandoned + self.sent_away))
    }

    /// Of those who waited for a person, the share that hung up; those who did so at once left out.
    #[must_use]
    pub fn abandonment(&self) -> Option<f64> {
        share(self.abandoned, self.answered + self.abandoned + self.sent_away)
    }

    /// Of those who were told a bound on their wait, the share of whom it was true: four of five is what is promised.
    #[must_use]
    pub fn bound_held(&self) -> Option<f64> {
        share(self.held, self.told)
    }

    /// How long the answered waited on average.
    #[must_use]
    pub fn speed_of_answer(&self) -> Option<Duration> {
        mean(self.waited, self.answered)
    }

    /// Talk and wrap-up of a talk on average.
    #[must_use]
    pub fn handling_time(&self) -> Option<Duration> {
        mean(self.talked_for + self.wrapping_up, self.talks)
    }

    /// Of the time that operators were there for callers, the share in which they had one.
    #[must_use]
    pub fn occupancy(&self) -> Option<f64> {
        let busy = self.talking + self.wrapping_up + self.reserved;
        let all = busy + self.available;
        (!all.is_zero()).then(|| busy.as_secs_f64() / all.as_secs_f64())
    }

    /// Of the calls in which a PIN was checked, the share that was verified.
    #[must_use]
    pub fn verification(&self) -> Option<f64> {
        share(self.proved, self.proving)
    }

    /// The mean score of the survey, 1 to 5.
    #[must_use]
    pub fn mean_score(&self) -> Option<f64> {
        ratio(self.score, self.surveys)
    }

    /// Of the calls with a talk, the share that answered the survey.
    #[must_use]
    pub fn surveyed(&self) -> Option<f64> {
        share(self.surveys, self.talked)
    }
}

/// What is told by name: tasks, nodes, causes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub tasks: BTreeMap<String, Task>,
    /// How often callers were silent or wrong there.
    pub asked_again: BTreeMap<NodeId, u64>,
    /// Where callers hung up.
    pub hung_up_at: BTreeMap<NodeId, u64>,
    pub causes: BTreeMap<String, u64>,
}

/// A task of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    pub came_for: u64,
    pub done: u64,
    /// Done, without wanting a person in the same call.
    pub contained: u64,
}

impl Task {
    /// Of those who came for it, the share that needed nobody.
    #[must_use]
    pub fn containment(&self) -> Option<f64> {
        share(self.contained, self.came_for)
    }
}

impl Details {
    /// Adds what another time had.
    pub fn add(&mut self, other: &Self) {
        for (name, task) in &other.tasks {
            let sum = self.tasks.entry(name.clone()).or_default();
            sum.came_for += task.came_for;
            sum.done += task.done;
            sum.contained += task.contained;
        }
        for (sums, more) in [(&mut self.asked_again, &other.asked_again), (&mut self.hung_up_at, &other.hung_up_at)] {
            for (node, count) in more {
                *sums.entry(node.clone()).or_default() += count;
            }
        }
        for (cause, count) in &other.causes {
            *self.causes.entry(cause.clone()).or_default() += count;
        }
    }
}

/// A part of a whole that has it; `None` of nothing. More than the whole, where a part ended in another time, is all.
fn share(part: u64, whole: u64) -> Option<f64> {
    ratio(part.min(whole), whole)
}

#[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn mean(sum: Duration, count: u64) -> Option<Duration> {
    u32::try_from(count).ok().and_then(|count| sum.checked_div(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(share: Option<f64>) -> String {
        format!("{:.2}", share.unwrap() * 100.0)
    }

    #[test]
    fn rates_are_those_that_were_published_of_ningxia() {
        // 12333 in the third quarter of 2020, domain reference 5.1.
        let (people, by_themselves, abandoned) = (85_582, 154_917, 23_352);
        let sums = Sums {
            calls: 263_851,
            talked: people,
            contained: by_themselves,
            wanted_person: people + abandoned,
            answered: people,
            abandoned,
            ..Sums::default()
        };
        assert_eq!(percent(sums.combined_connection_rate()), "91.15");
        assert_eq!(percent(sums.containment()), "58.71");
        assert_eq!(percent(sums.abandonment()), "21.44");
        assert_eq!(percent(sums.human_connection_rate()), "78.56");
    }

    #[test]
    fn who_gives_up_is_in_one_service_level_and_not_in_the_other() {
        let sums = Sums {
            answered: 80,
            within: [60, 70],
            abandoned: 15,
            sent_away: 5,
            abandoned_at_once: 40,
            ..Sums::default()
        };
        assert_eq!(sums.level_of_answered().map(percent), ["75.00", "87.50"]);
        assert_eq!(sums.level_of_all().map(percent), ["60.00", "70.00"]);
        assert_eq!(percent(sums.abandonment()), "15.00");
    }

    #[test]
    fn of_nothing_there_is_no_rate() {
        let sums = Sums::default();
        assert_eq!(sums.level_of_all(), [None, None]);
        assert_eq!((sums.occupancy(), sums.handling_time(), sums.mean_score()), (None, None, None));
    }

    #[test]
    fn times_are_added_and_the_longest_stays() {
        let second = Duration::from_secs(1);
        let one = Sums { calls: 1, within: [1, 2], longest_wait: 5 * second, talking: second, ..Sums::default() };
        let mut sum = Sums { calls: 2, within: [1, 1], longest_wait: 3 * second, talking: second, ..Sums::default() };
        sum.add(&one);
        let expected = Sums { calls: 3, within: [2, 3], longest_wait: 5 * second, talking: 2 * second, ..one };
        assert_eq!(sum, expected);
    }
}
