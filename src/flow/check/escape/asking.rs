//! A caller who asks for a person as soon as a key counts.
//!
//! At every listen they take the key that leads there with the fewest keys, then the fewest seconds; whatever else can
//! happen happens at its worst.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::lengths::Lengths;
use super::{Worst, reaches_a_person};
use crate::flow::check::states::{How, Onward, States, What};
use crate::flow::definition::Listening;
use crate::flow::{LOOKUP_WAIT, Node};

/// Longer than any way to a person that ends: nothing waits to be said for so long.
const FOREVER: Duration = Duration::from_mins(10);
/// Ways that get shorter with every round are found in as many rounds as they have listens.
const ROUNDS: usize = 60;

/// How far a person is from a state on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reach {
    keys: u32,
    /// On ways on which a key stops what waits to be said ...
    apart: Option<Duration>,
    /// ... and on those on which it is heard first, its own length not counted.
    behind: Option<Duration>,
}

impl Reach {
    fn time(&self, pending: Duration) -> Duration {
        self.apart.unwrap_or_default().max(self.behind.map_or(Duration::ZERO, |behind| behind + pending))
    }

    /// The worse of two that may both happen.
    fn or(self, other: Self) -> Self {
        Self {
            keys: self.keys.max(other.keys),
            apart: self.apart.max(other.apart),
            behind: self.behind.max(other.behind),
        }
    }
}

/// How far a person is from every state.
pub(super) struct Asking {
    reach: Vec<Option<Reach>>,
    /// The way on of a caller who asks, from each state that listens; elsewhere the worst that happens.
    next: Vec<Option<Onward>>,
    /// The longest that waits to be said when the call comes to a state.
    pending: Vec<Duration>,
}

impl Asking {
    pub(super) fn of(states: &States<'_>, lengths: &Lengths<'_>) -> Self {
        let count = states.states.len();
        let mut asking = Self { reach: vec![None; count], next: vec![None; count], pending: pending(states, lengths) };
        let mut before = vec![Vec::new(); count];
        for (at, ways) in states.onward.iter().enumerate() {
            for way in ways {
                before[way.to].push(at);
            }
        }
        // What leads to a state is looked at again when a person is nearer from there.
        let mut waiting: VecDeque<usize> = (0..count).rev().collect();
        let (mut waits, mut looked) = (vec![true; count], vec![0; count]);
        while let Some(at) = waiting.pop_front() {
            waits[at] = false;
            looked[at] += 1;
            let (reach, next) = asking.from(states, lengths, at);
            asking.next[at] = next;
            if reach == std::mem::replace(&mut asking.reach[at], reach) {
                continue;
            }
            for earlier in &before[at] {
                if looked[*earlier] < ROUNDS && !std::mem::replace(&mut waits[*earlier], true) {
                    waiting.push_back(*earlier);
                }
            }
        }
        asking
    }

    fn from(&self, states: &States<'_>, lengths: &Lengths<'_>, at: usize) -> (Option<Reach>, Option<Onward>) {
        let node = states.node(at).1;
        match node {
            Node::Dial(_) | Node::Queue(_) => {
                (Some(Reach { keys: 0, apart: None, behind: Some(lengths.own(node)) }), None)
            }
            Node::End(_) => (None, None),
            _ if states.listens(at) => self.listening(states, lengths, at),
            _ => self.passing(states, lengths, at),
        }
    }

    /// The best key; where none leads to a person, waiting.
    fn listening(&self, states: &States<'_>, lengths: &Lengths<'_>, at: usize) -> (Option<Reach>, Option<Onward>) {
        let node = states.node(at).1;
        // A notice that is cut short is said once more, and cannot be stopped then.
        let whole = matches!(node, Node::Say(say) if say.listen == Some(Listening::Whole));
        let again = if whole { lengths.own(node) } else { Duration::ZERO };
        let mut keys: BTreeMap<u32, Vec<Onward>> = BTreeMap::new();
        let mut silence = Vec::new();
        for onward in &states.onward[at] {
            match onward.how.what {
                What::Key(key) | What::Universal(key) => keys.entry(u32::from(key)).or_default().push(*onward),
                What::Leaves => keys.entry(u32::from('*')).or_default().push(*onward),
                What::Silence => silence.push(*onward),
                _ => {}
            }
        }
        let by_key = keys.values().filter_map(|ways| {
            let (reach, next) = self.worst_of(ways)?;
            let time = lengths.key(node) + again + reach.time(Duration::ZERO);
            Some((Reach { keys: reach.keys + 1, apart: Some(time), behind: None }, next))
        });
        let best = by_key.min_by_key(|(reach, _)| (reach.keys, reach.time(Duration::ZERO)));
        let waited = || {
            let thrice: Vec<Onward> =
                states.onward[at].iter().filter(|onward| onward.how.what == What::Thrice).copied().collect();
            let (ways, more) =
                if silence.is_empty() { (&thrice, lengths.ladder(node)) } else { (&silence, lengths.first_key(node)) };
            let (reach, next) = self.worst_of(ways)?;
            let time = lengths.own(node) + more + reach.time(Duration::ZERO);
            Some((Reach { keys: reach.keys, apart: None, behind: Some(time) }, next))
        };
        best.or_else(waited).map_or((None, None), |(reach, next)| (Some(reach), Some(next)))
    }

    fn worst_of(&self, ways: &[Onward]) -> Option<(Reach, Onward)> {
        let all: Option<Vec<(Reach, Onward)>> = ways.iter().map(|way| Some((self.reach[way.to]?, *way))).collect();
        let all = all?;
        let next = all.iter().max_by_key(|(reach, _)| (reach.keys, reach.time(Duration::ZERO)))?.1;
        let reach = all.iter().map(|(reach, _)| *reach).reduce(Reach::or)?;
        Some((reach, next))
    }

    /// A node that goes on by itself: whatever can happen may.
    fn passing(&self, states: &States<'_>, lengths: &Lengths<'_>, at: usize) -> (Option<Reach>, Option<Onward>) {
        let node = states.node(at).1;
        let mut worst: Option<(Reach, Onward)> = None;
        for onward in &states.onward[at] {
            let person = Reach { keys: 0, apart: None, behind: Some(Duration::ZERO) };
            let then = if reaches_a_person(states, at, onward.how) { Some(person) } else { self.reach[onward.to] };
            let Some(then) = then else { return (None, None) };
            let reach = match node {
                Node::Lookup(_) | Node::Verify(_) => {
                    // Answered at once; or after fillers, before which all that waits is said as it is.
                    let soon = then.behind.map(|behind| behind + LOOKUP_WAIT);
                    let late = lengths.slowest_lookup(node) + then.time(Duration::ZERO);
                    Reach { apart: then.apart.map(|apart| apart + LOOKUP_WAIT), behind: soon.max(Some(late)), ..then }
                }
                _ => {
                    let said = said_on(states, lengths, at, onward.how);
                    Reach { behind: then.behind.map(|behind| behind + said), ..then }
                }
            };
            let total = |reach: &Reach| (reach.keys, reach.time(Duration::ZERO));
            worst = Some(match worst {
                None => (reach, *onward),
                Some((known, _)) if total(&reach) > total(&known) => (known.or(reach), *onward),
                Some((known, next)) => (known.or(reach), next),
            });
        }
        worst.map_or((None, None), |(reach, next)| (Some(reach), Some(next)))
    }

    /// A state that listens and from which no key and no silence leads to a person.
    pub(super) fn trapped(&self, states: &States<'_>) -> Option<usize> {
        (0..self.reach.len()).find(|at| states.listens(*at) && self.reach[*at].is_none())
    }

    pub(super) fn keys(&self) -> u32 {
        self.reach.iter().flatten().map(|reach| reach.keys).max().unwrap_or_default()
    }

    pub(super) fn worst(&self, states: &States<'_>) -> Worst {
        let time = |at: usize| self.reach[at].map_or(Duration::ZERO, |reach| reach.time(self.pending[at]));
        let worst = (0..self.reach.len()).max_by_key(|at| time(*at)).unwrap_or_default();
        let mut on = Vec::new();
        let mut at = worst;
        while let Some(Onward { how, to }) = self.next[at].filter(|_| on.len() < ROUNDS) {
            on.push((at, how));
            if reaches_a_person(states, at, how) {
                break;
            }
            at = to;
        }
        Worst { time: time(worst), node: states.node(worst).0.clone(), call: states.call(worst, &on) }
    }
}

/// What a node that goes on by itself adds to what waits to be said.
pub(super) fn said_on(states: &States<'_>, lengths: &Lengths<'_>, at: usize, how: How) -> Duration {
    match how.what {
        What::Ended => lengths.prompt(&states.line.expired.0),
        _ => lengths.own(states.node(at).1),
    }
}

/// The longest that can wait to be said in each state.
fn pending(states: &States<'_>, lengths: &Lengths<'_>) -> Vec<Duration> {
    let mut pending = vec![Duration::ZERO; states.states.len()];
    for _ in 0..ROUNDS {
        let mut changed = false;
        for at in 0..states.states.len() {
            if states.listens(at) || matches!(states.node(at).1, Node::Dial(_) | Node::Queue(_)) {
                continue;
            }
            for onward in &states.onward[at] {
                let more = (pending[at] + said_on(states, lengths, at, onward.how)).min(FOREVER);
                changed |= more > pending[onward.to];
                pending[onward.to] = pending[onward.to].max(more);
            }
        }
        if !changed {
            break;
        }
    }
    pending
}
