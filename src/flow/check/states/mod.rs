//! Every situation that a call can come to, as far as proofs must tell situations apart.
//!
//! A [`State`] is a call that comes to a node: the sub-flows that it is in, whether somebody is verified, and of the
//! values that can still be needed where each comes from. Figures are not in it, nor times: at every input the subject
//! may have ended. What `*` goes back to is an edge to every menu that can lead here, with values as held. It says more
//! can happen than can, never less, so what holds in every state holds in every call. It is *not* how long anything
//! takes (`escape`) and runs no engine (`hotline check --explore` does).
#![allow(clippy::indexing_slicing, reason = "numbers of states, nodes and stops are given here and never taken back")]
#![allow(clippy::wildcard_enum_match_arm, reason = "most questions are about one or two kinds of node or way")]

mod held;
mod live;
mod step;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;
use std::thread;

use foldhash::HashMap;
use smallvec::SmallVec;

pub(super) use held::{Held, Misuse, Use, Wrong};
use live::{Live, MOST_NAMES, Names};
pub(super) use step::{How, Onward, What};

use crate::call::{Name, NodeId};
use crate::flow::{Line, Node};

/// So many are never needed: a line with more is not proved, which is told.
const MOST: usize = 100_000;
/// Sub-flows within sub-flows; more is one that calls itself.
const DEEPEST: usize = 12;

/// States that are to be followed, the likeliest first.
type Waiting = BinaryHeap<(Reverse<u32>, Reverse<usize>)>;

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
    pub(super) held: SmallVec<[Held; 2]>,
}

/// How a state was reached first.
#[derive(Clone, Copy, Debug)]
struct Before {
    at: usize,
    /// It is one of the states without values.
    outside: bool,
    how: How,
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
    frames: Stacks,
    #[allow(clippy::struct_field_names, reason = "they are what it is")]
    pub(super) states: Vec<State>,
    known: HashMap<State, usize>,
    /// All states without values, what is needed where, and the names that are followed here: then only those states
    /// are here in which one of them is needed.
    without: Option<(&'a States<'a>, Arc<Live>, Vec<Names>)>,
    /// There are words to set, which can tell what has decided the way to them.
    sets_words: bool,
    /// Ways on, of each state.
    pub(super) onward: Vec<Vec<Onward>>,
    /// The state by which each was reached first, and how; the start has none.
    before: Vec<Option<Before>>,
    /// The menus and collects that may be on the path, as bits over `stops`.
    back: Vec<Bits>,
    /// Whether a state has been followed, and back to which stops.
    followed: Vec<(bool, Bits)>,
    /// A state is to be followed as things stand.
    queued: Vec<bool>,
    /// How unlikely it is to come to each state.
    cost: Vec<u32>,
    stops: Vec<Stop>,
    stop_index: HashMap<Stop, usize>,
    /// The same stop, but for whether somebody had been verified.
    twins: Vec<Option<usize>>,
    /// Those to which calls came before anybody was verified.
    unverified: Bits,
    /// By depth: those in no more sub-flows.
    open: Vec<Bits>,
    /// What is needed where it may not be there, once per place and kind.
    pub(super) misuses: Vec<Misuse>,
    pub(super) complete: bool,
}

impl<'a> States<'a> {
    /// Follows every way of the line; of its values, none.
    pub(super) fn of(line: &'a Line) -> Self {
        let mut states = Self::new(line, Vec::new());
        if let Some(start) = states.start() {
            let mut waiting = BinaryHeap::new();
            states.put(start, None, &mut waiting);
            states.follow(waiting);
        }
        states
    }

    /// Follows the values too, each by itself with those that go with it: together they would be too many. Whatever
    /// another value decides is taken to be able to happen.
    pub(super) fn of_values(&'a self) -> Vec<Self> {
        let groups = held::groups(self.line);
        let names: BTreeSet<Name> = groups.iter().flatten().cloned().collect();
        let live = Arc::new(Live::of(self, names.into_iter().take(MOST_NAMES).collect()));
        let follow = |names| self.of_value(names, Arc::clone(&live));
        thread::scope(|scope| {
            let followed: Vec<_> = groups.into_iter().map(|names| scope.spawn(|| follow(names))).collect();
            followed.into_iter().map(|states| states.join().expect("following states does not fail")).collect()
        })
    }

    /// The states in which these values are needed or still can be. All others are as without values.
    fn of_value(&'a self, names: Vec<Name>, live: Arc<Live>) -> Self {
        let bits: Vec<Names> = names.iter().map(|name| live.bit(name.as_str())).collect();
        let mut states = Self::new(self.line, names);
        states.complete = self.complete && !bits.contains(&0);
        let group = bits.iter().fold(0, |all, bit| all | bit);
        let likely = 2 * self.states.len();
        states.known.reserve(likely);
        states.states.reserve(likely);
        states.back.reserve(likely);
        states.followed.reserve(likely);
        let followed = Arc::clone(&live);
        let inside = |at: usize| followed.of_state(at) & group != 0;
        states.without = Some((self, live, bits));
        states.frames = self.frames.clone();
        states.stops.clone_from(&self.stops);
        states.stop_index.clone_from(&self.stop_index);
        states.twins.clone_from(&self.twins);
        states.unverified = self.unverified.clone();
        states.open.clone_from(&self.open);
        let mut waiting = BinaryHeap::new();
        if let Some(start) = states.start().filter(|start| states.is_followed(start)) {
            states.put(start, None, &mut waiting);
        }
        for (at, outside) in self.states.iter().enumerate() {
            if inside(at) || !self.onward[at].iter().any(|way| inside(way.to)) {
                continue;
            }
            let state = State { held: SmallVec::from_elem(Held::Unset, states.names.len()), ..outside.clone() };
            let mut ways = states.onward_from(&state);
            ways.extend(states.home_from(&state));
            ways.extend(states.back_from(&state, &states.once_each(&self.back[at], &Bits::default())));
            let mut path = self.back[at].clone();
            if states.is_stop(&state) {
                path.set(states.stop(Stop { node: state.node, frames: state.frames, verified: state.once }));
            }
            for (how, target) in ways {
                if states.is_followed(&target) {
                    let before = Before { at, outside: true, how };
                    let to = states.put(target, Some(before), &mut waiting);
                    states.pass_on(&path, to, self.forgets_path(at, how));
                }
            }
        }
        states.follow(waiting);
        states
    }

    /// Whether any of the values is needed from there on.
    fn is_followed(&self, state: &State) -> bool {
        match &self.without {
            None => true,
            Some((_, live, bits)) => {
                let needed = live.at(state.node, state.frames);
                bits.iter().any(|bit| needed & bit != 0)
            }
        }
    }

    fn start(&self) -> Option<State> {
        let node = *self.index.get(&self.line.start)?;
        let held = SmallVec::from_elem(Held::Unset, self.names.len());
        Some(State { node, frames: Frames::NONE, proof: Proof::Open, once: false, personal_way: false, held })
    }

    fn new(line: &'a Line, names: Vec<Name>) -> Self {
        let nodes: Vec<_> = line.nodes.iter().collect();
        let index: BTreeMap<_, _> = nodes.iter().enumerate().map(|(number, (id, _))| (*id, number)).collect();
        Self {
            line,
            names,
            without: None,
            sets_words: line.nodes.values().any(|node| matches!(node, Node::Set(set) if !set.values.is_empty())),
            index,
            nodes,
            frames: Stacks::default(),
            states: Vec::new(),
            known: HashMap::default(),
            onward: Vec::new(),
            before: Vec::new(),
            back: Vec::new(),
            stops: Vec::new(),
            stop_index: HashMap::default(),
            followed: Vec::new(),
            queued: Vec::new(),
            cost: Vec::new(),
            twins: Vec::new(),
            unverified: Bits::default(),
            open: Vec::new(),
            misuses: Vec::new(),
            complete: true,
        }
    }

    fn follow(&mut self, mut waiting: Waiting) {
        while let Some((Reverse(_), Reverse(at))) = waiting.pop() {
            if self.states.len() > MOST {
                self.complete = false;
                return;
            }
            self.queued[at] = false;
            let first = !std::mem::replace(&mut self.followed[at].0, true);
            if !first && self.back[at] == self.followed[at].1 {
                continue;
            }
            let mut path = self.back[at].clone();
            let new = self.once_each(&path.without(&self.followed[at].1), &self.followed[at].1);
            let state = self.states[at].clone();
            if first {
                let mut ways = self.onward_from(&state);
                ways.extend(self.home_from(&state));
                for (how, target) in ways {
                    self.lead(at, how, target, &mut waiting);
                }
            }
            // More may have come to be behind a call that comes here.
            for (how, target) in self.back_from(&state, &new) {
                self.lead(at, how, target, &mut waiting);
            }
            self.followed[at].1 = path.clone();
            if self.is_stop(&state) {
                path.set(self.stop(Stop { node: state.node, frames: state.frames, verified: state.once }));
            }
            for way in 0..self.onward[at].len() {
                let Onward { how, to } = self.onward[at][way];
                if self.pass_on(&path, to, self.forgets_path(at, how)) && !std::mem::replace(&mut self.queued[to], true)
                {
                    waiting.push((Reverse(self.cost[to]), Reverse(to)));
                }
            }
        }
    }

    /// Of stops that differ in when calls first came there alone, one: `*` leads to the same state.
    fn once_each(&self, new: &Bits, known: &Bits) -> Bits {
        let mut each = new.clone();
        for stop in new.iter() {
            if let Some(twin) = self.twins[stop].filter(|twin| each.has(*twin) || known.has(*twin)) {
                each.clear(if known.has(twin) { stop } else { stop.max(twin) });
            }
        }
        each
    }

    /// A way from a state to the next, which is new if need be.
    fn lead(&mut self, at: usize, how: How, target: State, waiting: &mut Waiting) {
        if !self.is_followed(&target) {
            return;
        }
        let to = self.put(target, Some(Before { at, outside: false, how }), waiting);
        if !self.onward[at].iter().any(|known| known.how == how && known.to == to) {
            self.onward[at].push(Onward { how, to });
        }
    }

    /// What is behind a call goes with it, as far as it is still some; whether any of it is new there.
    fn pass_on(&mut self, path: &Bits, to: usize, forgotten: bool) -> bool {
        let mut back = std::mem::take(&mut self.back[to]);
        let open = self.open_at(self.frames.depth(self.states[to].frames));
        let grew = back.join(path, open, if forgotten { &self.unverified } else { open });
        self.back[to] = back;
        grew
    }

    /// The stops that are still some in a call that is in so many sub-flows.
    fn open_at(&self, depth: usize) -> &Bits {
        const NONE: &Bits = &Bits(SmallVec::new_const());
        self.open.get(depth).unwrap_or(NONE)
    }

    /// The number of a state, which is new if need be.
    fn put(&mut self, mut state: State, before: Option<Before>, waiting: &mut Waiting) -> usize {
        if let Some((_, live, bits)) = &self.without {
            let needed = live.at(state.node, state.frames);
            for (held, bit) in state.held.iter_mut().zip(bits) {
                if needed & bit == 0 {
                    *held = Held::Unset;
                }
            }
        }
        state.personal_way &= self.sets_words;
        let cost = before.map_or(0, |before| before.how.cost() + self.cost_before(before));
        if let Some(known) = self.known.get(&state).copied() {
            // The way that is told is one that callers take rather than another.
            if cost < self.cost[known] && !self.followed[known].0 {
                self.cost[known] = cost;
                self.before[known] = before;
                waiting.push((Reverse(cost), Reverse(known)));
            }
            return known;
        }
        let number = self.states.len();
        self.known.insert(state.clone(), number);
        self.states.push(state);
        self.onward.push(Vec::new());
        self.before.push(before);
        self.back.push(Bits::default());
        self.followed.push((false, Bits::default()));
        self.queued.push(true);
        self.cost.push(cost);
        waiting.push((Reverse(cost), Reverse(number)));
        number
    }

    /// Whether a stop is where the state is.
    fn is_at(&self, state: &State, stop: usize) -> bool {
        self.stops[stop].node == state.node && self.stops[stop].frames == state.frames
    }

    fn is_stop(&self, state: &State) -> bool {
        matches!(self.nodes[state.node].1, Node::Menu(_) | Node::Collect(_) | Node::Browse(_))
    }

    fn stop(&mut self, stop: Stop) -> usize {
        let next = self.stops.len();
        let number = *self.stop_index.entry(stop).or_insert(next);
        if number == next {
            self.stops.push(stop);
            let twin = self.stop_index.get(&Stop { verified: !stop.verified, ..stop }).copied();
            self.twins.push(twin);
            if let Some(twin) = twin {
                self.twins[twin] = Some(number);
            }
            if !stop.verified {
                self.unverified.set(number);
            }
            let depth = self.frames.depth(stop.frames);
            self.open.resize(self.open.len().max(DEEPEST + 1), Bits::default());
            self.open[depth..].iter_mut().for_each(|open| open.set(number));
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
            Node::Menu(_) | Node::Collect(_) | Node::Browse(_) | Node::Record(_) | Node::Queue(_) => true,
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
        let mut words = self.words_to(at);
        words.extend(on.iter().filter_map(|(at, how)| self.words(*at, *how)));
        in_words(&words).unwrap_or_else(|| "every caller".to_owned())
    }

    /// Steps of a call in words: the state in which each is taken, and what happens.
    pub(super) fn in_words(&self, steps: &[(usize, How)]) -> String {
        let words: Vec<String> = steps.iter().filter_map(|(at, how)| self.words(*at, *how)).collect();
        in_words(&words).unwrap_or_else(|| "every caller".to_owned())
    }

    /// How a caller comes to a state, in words; `None` if every caller does.
    pub(super) fn way_to(&self, at: usize) -> Option<String> {
        in_words(&self.words_to(at))
    }

    fn words_to(&self, mut at: usize) -> Vec<String> {
        let mut words = Vec::new();
        let mut states = self;
        while let Some(before) = states.before[at] {
            if let (true, Some((without, ..))) = (before.outside, &states.without) {
                states = without;
            }
            at = before.at;
            words.extend(states.words(at, before.how));
        }
        words.reverse();
        words
    }

    fn cost_before(&self, before: Before) -> u32 {
        match (before.outside, &self.without) {
            (true, Some((without, ..))) => without.cost[before.at],
            _ => self.cost[before.at],
        }
    }
}

fn in_words(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| format!("a caller who {}", words.join(", then ")))
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
pub(super) struct Bits(SmallVec<[u64; 8]>);

impl Bits {
    fn set(&mut self, bit: usize) {
        if self.0.len() <= bit / 64 {
            self.0.resize(bit / 64 + 1, 0);
        }
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    /// Takes in what is in all three; whether any of it was new.
    fn join(&mut self, other: &Self, first: &Self, second: &Self) -> bool {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut grew = false;
        for (own, ((more, first), second)) in self.0.iter_mut().zip(other.0.iter().zip(&first.0).zip(&second.0)) {
            let more = more & first & second;
            grew |= more & !*own != 0;
            *own |= more;
        }
        grew
    }

    fn has(&self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    fn clear(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word &= !(1 << (bit % 64));
        }
    }

    fn without(&self, other: &Self) -> Self {
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        Self(self.0.iter().zip(others).map(|(own, other)| own & !other).collect())
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let of_word = |(word, bits): (usize, &u64)| {
            // The lowest bit that is left, each time.
            let left = std::iter::successors(Some(*bits), |bits| Some(bits & bits.wrapping_sub(1)));
            left.take_while(|bits| *bits != 0).map(move |bits| word * 64 + bits.trailing_zeros() as usize)
        };
        self.0.iter().enumerate().flat_map(of_word)
    }
}
