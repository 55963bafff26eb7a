//! Every situation that a call can come to, as far as proofs must tell situations apart.
//!
//! A [`State`] is a call that comes to a node: the sub-flows that it is in, whether somebody is verified, and of the
//! values that can still be needed where each comes from. Figures are not in it, nor times: at every input the subject
//! may have ended. What `*` goes back to is an edge to every menu that can lead here, with values as held. It says more
//! can happen than can, never less, so what holds in every state holds in every call. It is *not* how long anything
//! takes (`escape`) and runs no engine (`hotline check --explore` does).

mod held;
mod live;
mod step;

use std::collections::{BTreeMap, HashMap, VecDeque};

pub(super) use held::{Held, Misuse, Use, Wrong};
use live::Live;
pub(super) use step::{How, Onward, What};

use crate::call::{Name, NodeId};
use crate::flow::{Line, Node};

/// So many are never needed: a line with more is not proved, which is told.
const MOST: usize = 100_000;
/// Sub-flows within sub-flows; more is one that calls itself.
const DEEPEST: usize = 12;

/// A call that comes to a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// Index into [`States::nodes`].
    pub(super) node: usize,
    /// The sub-flows that it is in.
    pub(super) frames: Frames,
    pub(super) proof: Proof,
    /// Somebody has been verified in this call.
    once: bool,
    /// Since the last key, what is known about a member has decided the way.
    pub(super) personal_way: bool,
    /// By name, as far as it can still be needed.
    pub(super) held: Vec<Held>,
}

/// A menu or collect on the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Stop {
    node: usize,
    frames: Frames,
    /// Somebody had been verified when the call first came here.
    verified: bool,
}

/// Whether somebody is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Proof {
    Open,
    /// An initial PIN was right: setting a new one verifies.
    Initial,
    Verified,
    Closed,
}

/// All states, and how one leads to another.
pub(super) struct States<'a> {
    pub(super) line: &'a Line,
    pub(super) nodes: Vec<(&'a NodeId, &'a Node)>,
    index: BTreeMap<&'a NodeId, usize>,
    /// The values that are followed.
    names: Vec<Name>,
    live: Live,
    frames: Stacks,
    pub(super) states: Vec<State>,
    known: HashMap<State, usize>,
    /// Ways on, of each state.
    pub(super) onward: Vec<Vec<Onward>>,
    /// The state by which each was reached first, and how; the start has none.
    before: Vec<Option<(usize, How)>>,
    /// The menus and collects that may be on the path, as bits over `stops`.
    back: Vec<Bits>,
    stops: Vec<Stop>,
    stop_index: HashMap<Stop, usize>,
    /// What is needed where it may not be there, once per place and kind.
    pub(super) misuses: Vec<Misuse>,
    pub(super) complete: bool,
}

impl<'a> States<'a> {
    /// Follows every way of the line; of its values, none.
    pub(super) fn of(line: &'a Line) -> Self {
        Self::explore(line, Vec::new(), Live::default(), Stacks::default())
    }

    /// Follows the values too, each by itself with those that go with it: together they would be too many. Whatever
    /// another value decides is taken to be able to happen.
    pub(super) fn of_values(&self) -> Vec<Self> {
        let groups = held::groups(self.line);
        groups
            .into_iter()
            .map(|names| {
                let live = Live::of(self, &names);
                Self::explore(self.line, names, live, self.frames.clone())
            })
            .collect()
    }

    fn explore(line: &'a Line, names: Vec<Name>, live: Live, frames: Stacks) -> Self {
        let nodes: Vec<_> = line.nodes.iter().collect();
        let index: BTreeMap<_, _> = nodes.iter().enumerate().map(|(number, (id, _))| (*id, number)).collect();
        let mut states = Self {
            line,
            names,
            live,
            index,
            nodes,
            frames,
            states: Vec::new(),
            known: HashMap::new(),
            onward: Vec::new(),
            before: Vec::new(),
            back: Vec::new(),
            stops: Vec::new(),
            stop_index: HashMap::new(),
            misuses: Vec::new(),
            complete: true,
        };
        states.run();
        states
    }

    fn run(&mut self) {
        let Some(node) = self.index.get(&self.line.start).copied() else { return };
        let held = vec![Held::Unset; self.names.len()];
        let start = State { node, frames: Frames::NONE, proof: Proof::Open, once: false, personal_way: false, held };
        let mut waiting = VecDeque::new();
        self.put(start, None, &mut waiting);
        let mut followed = Vec::new();
        while let Some(at) = waiting.pop_front() {
            if self.states.len() > MOST {
                self.complete = false;
                return;
            }
            followed.resize(self.states.len(), false);
            let state = self.states[at].clone();
            if !std::mem::replace(&mut followed[at], true) {
                for (how, target) in self.onward_from(&state) {
                    let to = self.put(target, Some((at, how)), &mut waiting);
                    self.onward[at].push(Onward { how, to });
                }
            }
            // What follows is done again whenever more can be behind a call that comes here.
            let mut path = self.back[at].clone();
            for (how, target) in self.back_from(&state, &path) {
                let to = self.put(target, Some((at, how)), &mut waiting);
                if !self.onward[at].iter().any(|known| known.how == how && known.to == to) {
                    self.onward[at].push(Onward { how, to });
                }
            }
            if self.is_stop(&state) {
                let verified = state.once;
                path.extend([self.stop(Stop { node: state.node, frames: state.frames, verified })]);
            }
            for way in 0..self.onward[at].len() {
                let Onward { how, to } = self.onward[at][way];
                let left = self.kept(&path, to, self.forgets_path(at, how));
                if self.back[to].join(&left) {
                    waiting.push_back(to);
                }
            }
        }
    }

    /// The stops of a path that are still some where the call goes.
    fn kept(&self, path: &Bits, to: usize, forgotten: bool) -> Bits {
        let depth = self.frames.depth(self.states[to].frames);
        let stays = |stop: &Stop| self.frames.depth(stop.frames) <= depth && !(forgotten && stop.verified);
        path.iter().filter(|stop| stays(&self.stops[*stop])).collect()
    }

    /// Whether a stop is where the state is.
    fn is_at(&self, state: &State, stop: usize) -> bool {
        self.stops[stop].node == state.node && self.stops[stop].frames == state.frames
    }

    /// The number of a state, which is new if need be.
    fn put(&mut self, mut state: State, before: Option<(usize, How)>, waiting: &mut VecDeque<usize>) -> usize {
        let live = self.live.at(state.node, state.frames);
        for (name, held) in state.held.iter_mut().enumerate() {
            if live & (1 << name) == 0 {
                *held = Held::Unset;
            }
        }
        state.personal_way &= !self.names.is_empty();
        if let Some(known) = self.known.get(&state) {
            return *known;
        }
        let number = self.states.len();
        self.known.insert(state.clone(), number);
        self.states.push(state);
        self.onward.push(Vec::new());
        self.before.push(before);
        self.back.push(Bits::default());
        waiting.push_back(number);
        number
    }

    fn is_stop(&self, state: &State) -> bool {
        matches!(self.nodes[state.node].1, Node::Menu(_) | Node::Collect(_) | Node::Browse(_))
    }

    fn stop(&mut self, stop: Stop) -> usize {
        let next = self.stops.len();
        let number = *self.stop_index.entry(stop).or_insert(next);
        if number == next {
            self.stops.push(stop);
        }
        number
    }

    /// The node of a state.
    pub(super) fn node(&self, at: usize) -> (&'a NodeId, &'a Node) {
        self.nodes[self.states[at].node]
    }

    /// Whether keys count there.
    pub(super) fn listens(&self, at: usize) -> bool {
        match self.node(at).1 {
            Node::Menu(_) | Node::Collect(_) | Node::Browse(_) => true,
            Node::Say(say) => say.listen.is_some(),
            Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Set(_)
            | Node::Call(_)
            | Node::Return(_)
            | Node::Dial(_)
            | Node::End(_) => false,
        }
    }

    /// A call to a state and on from there, in words.
    pub(super) fn call(&self, at: usize, on: &[(usize, How)]) -> String {
        let mut steps = self.steps_to(at);
        steps.extend_from_slice(on);
        self.in_words(&steps).unwrap_or_else(|| "every caller".to_owned())
    }

    /// How a caller comes to a state, in words; `None` if every caller does.
    pub(super) fn way_to(&self, at: usize) -> Option<String> {
        self.in_words(&self.steps_to(at))
    }

    fn steps_to(&self, at: usize) -> Vec<(usize, How)> {
        let mut steps: Vec<(usize, How)> = std::iter::successors(self.before[at], |(at, _)| self.before[*at]).collect();
        steps.reverse();
        steps
    }

    /// Steps of a call in words: the state in which each is taken, and what happens.
    fn in_words(&self, steps: &[(usize, How)]) -> Option<String> {
        let words: Vec<String> = steps.iter().filter_map(|(at, how)| self.words(*at, *how)).collect();
        (!words.is_empty()).then(|| format!("a caller who {}", words.join(", then ")))
    }
}

/// The sub-flows that a call is in: a stack of the calls that opened them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Frames(usize);

impl Frames {
    const NONE: Self = Self(0);
}

/// Every stack that was met.
#[derive(Clone, Default)]
struct Stacks {
    /// Of stack N + 1: what is below, the call on top, how many there are.
    all: Vec<(Frames, usize, usize)>,
    index: HashMap<(Frames, usize), Frames>,
}

impl Stacks {
    fn push(&mut self, below: Frames, call: usize) -> Frames {
        let depth = self.depth(below) + 1;
        *self.index.entry((below, call)).or_insert_with(|| {
            self.all.push((below, call, depth));
            Frames(self.all.len())
        })
    }

    /// What is below, and the call on top.
    fn pop(&self, frames: Frames) -> Option<(Frames, usize)> {
        let (below, call, _) = self.all.get(frames.0.checked_sub(1)?)?;
        Some((*below, *call))
    }

    fn depth(&self, frames: Frames) -> usize {
        frames.0.checked_sub(1).and_then(|at| self.all.get(at)).map_or(0, |(.., depth)| *depth)
    }

    /// Whether all of `inner` is still open.
    fn has(&self, frames: Frames, inner: Frames) -> bool {
        let mut at = frames;
        while self.depth(at) > self.depth(inner) {
            let Some((below, _)) = self.pop(at) else { return false };
            at = below;
        }
        at == inner
    }
}

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, bit: usize) {
        if self.0.len() <= bit / 64 {
            self.0.resize(bit / 64 + 1, 0);
        }
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    /// Takes in all of `other`; whether any was new.
    fn join(&mut self, other: &Self) -> bool {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut grew = false;
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            grew |= *more & !*own != 0;
            *own |= more;
        }
        grew
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0
            .iter()
            .enumerate()
            .flat_map(|(word, bits)| (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit))
    }
}

impl Extend<usize> for Bits {
    fn extend<T: IntoIterator<Item = usize>>(&mut self, bits: T) {
        bits.into_iter().for_each(|bit| self.set(bit));
    }
}

impl FromIterator<usize> for Bits {
    fn from_iter<T: IntoIterator<Item = usize>>(bits: T) -> Self {
        let mut set = Self::default();
        set.extend(bits);
        set
    }
}
