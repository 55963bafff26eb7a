//! A caller who presses nothing: prompts are heard whole, timers run out, and the third time leads on.

use std::time::Duration;

use super::asking::said_on;
use super::lengths::Lengths;
use super::{Trap, Worst, reaches_a_person};
use crate::call::Signature;
use crate::flow::check::states::{How, Onward, States, What};
use crate::flow::{Node, Universal};

/// How far a person is from every state for somebody who presses nothing.
pub(super) struct Silent {
    time: Vec<Way>,
    next: Vec<Option<Onward>>,
    ends: Vec<Ends>,
    /// The ways by which a caller first came to each state astray, and by choice.
    by: By,
}

/// What comes of silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Unknown,
    /// It is being followed: to come here again is to go round for ever.
    Open,
    /// A person, or an end, after so long.
    Ends(Duration),
    Never,
}

/// What has been by the time that a state is come to; any of them that may have been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    /// Nobody was offered in this call, and the caller has not chosen to come here.
    astray: bool,
    /// Nobody was offered, but the last key asked for just this.
    chosen: bool,
    /// A person was rung, or it was said that nobody can be reached.
    offered: bool,
}

/// By state, how a caller first came to be there so.
struct By {
    astray: Vec<Option<Came>>,
    chosen: Vec<Option<Came>>,
}

/// A way to a state.
#[derive(Clone, Copy)]
struct Came {
    from: usize,
    /// Whether the caller was astray there already, or had chosen to come there.
    astray: bool,
    how: How,
}

impl Silent {
    pub(super) fn of(states: &States<'_>, lengths: &Lengths<'_>) -> Self {
        let count = states.states.len();
        let (ends, by) = ends(states);
        let mut silent = Self { time: vec![Way::Unknown; count], next: vec![None; count], ends, by };
        for at in 0..count {
            silent.follow(states, lengths, at);
        }
        silent
    }

    fn follow(&mut self, states: &States<'_>, lengths: &Lengths<'_>, at: usize) -> Way {
        match self.time[at] {
            Way::Unknown => {}
            Way::Open => return Way::Never,
            known @ (Way::Ends(_) | Way::Never) => return known,
        }
        self.time[at] = Way::Open;
        let node = states.node(at).1;
        let listens = states.listens(at);
        let mut worst = Way::Ends(Duration::ZERO);
        for onward in &states.onward[at] {
            let here = match (node, onward.how.what) {
                (Node::Lookup(_) | Node::Verify(_), _) => lengths.slowest_lookup(node),
                (Node::Dial(_) | Node::Queue(_), _) => continue,
                (_, What::Silence) if listens => lengths.own(node) + lengths.first_key(node),
                (_, What::Thrice) if listens && !goes_on(states, at) => lengths.own(node) + lengths.ladder(node),
                _ if listens => continue,
                (_, _) => said_on(states, lengths, at, onward.how),
            };
            let then = if reaches_a_person(states, at, onward.how) {
                Way::Ends(Duration::ZERO)
            } else {
                self.follow(states, lengths, onward.to)
            };
            let longer = match (then, worst) {
                (Way::Ends(more), Way::Ends(known)) if here + more >= known => Way::Ends(here + more),
                (Way::Ends(_), _) => continue,
                (Way::Never | Way::Unknown | Way::Open, _) => Way::Never,
            };
            (worst, self.next[at]) = (longer, Some(*onward));
        }
        if let (Node::Dial(_) | Node::Queue(_) | Node::End(_), Way::Ends(_)) = (node, worst) {
            worst = Way::Ends(lengths.own(node));
        }
        self.time[at] = worst;
        worst
    }

    /// A state from which silence goes round for ever, or an end to which a caller came who was offered nobody.
    /// With the call that shows it.
    pub(super) fn trapped(&self, states: &States<'_>) -> Option<(usize, Trap, String)> {
        let hung_up_on = |at: &usize| matches!(states.node(*at).1, Node::End(_)) && self.ends[*at].astray;
        let never = (0..self.time.len()).find(|at| self.time[*at] == Way::Never);
        let never = never.map(|at| (at, Trap::Round, states.call(at, &[])));
        never.or_else(|| (0..self.time.len()).find(hung_up_on).map(|at| (at, Trap::End, self.astray(states, at))))
    }

    /// How a caller comes to a state whom nobody was offered.
    fn astray(&self, states: &States<'_>, at: usize) -> String {
        let mut steps = Vec::new();
        let (mut at, mut astray) = (at, true);
        while let Some(came) = if astray { self.by.astray[at] } else { self.by.chosen[at] } {
            steps.push((came.from, came.how));
            (at, astray) = (came.from, came.astray);
        }
        steps.reverse();
        states.in_words(&steps)
    }

    pub(super) fn worst(&self, states: &States<'_>) -> Worst {
        let time = |at: usize| if let Way::Ends(time) = self.time[at] { time } else { Duration::ZERO };
        let worst = (0..self.time.len()).max_by_key(|at| time(*at)).unwrap_or_default();
        let mut on = Vec::new();
        let mut at = worst;
        while let Some(Onward { how, to }) = self.next[at].filter(|_| on.len() < self.time.len()) {
            on.push((at, how));
            if reaches_a_person(states, at, how) {
                break;
            }
            at = to;
        }
        Worst { time: time(worst), node: states.node(worst).0.clone(), call: states.call(worst, &on) }
    }
}

/// What may have been before each state.
fn ends(states: &States<'_>) -> (Vec<Ends>, By) {
    let none = vec![None; states.states.len()];
    let mut by = By { astray: none.clone(), chosen: none };
    let mut ends = vec![Ends::default(); states.states.len()];
    if let Some(start) = ends.first_mut() {
        start.astray = true;
    }
    let closing = closing(states);
    let mut changed = true;
    while changed {
        changed = false;
        for at in 0..states.states.len() {
            for onward in &states.onward[at] {
                let after = passed(states, at, onward.how, ends[at]);
                // Whoever chose to come here has chosen the end: it is no surprise, whatever leads there.
                let chosen = ends[at].chosen && closing[at] && closing[onward.to];
                let after = if chosen { Ends { astray: ends[at].astray, chosen, ..after } } else { after };
                let known = ends[onward.to];
                let joined = Ends {
                    astray: known.astray || after.astray,
                    chosen: known.chosen || after.chosen,
                    offered: known.offered || after.offered,
                };
                changed |= joined != known;
                let came = Some(Came { from: at, astray: ends[at].astray, how: onward.how });
                if after.astray && !known.astray {
                    by.astray[onward.to] = came;
                }
                if after.chosen && !known.chosen {
                    by.chosen[onward.to] = came;
                }
                ends[onward.to] = joined;
            }
        }
    }
    (ends, by)
}

/// From where every way ends the call or leads to a person, but for the keys that hold everywhere: a rating before the
/// goodbye, say.
fn closing(states: &States<'_>) -> Vec<bool> {
    let count = states.states.len();
    let mut closing: Vec<bool> = (0..count).map(|at| matches!(states.node(at).1, Node::End(_))).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for at in (0..count).rev().filter(|at| !matches!(states.node(*at).1, Node::End(_))) {
            let mut ways = states.onward[at].iter().filter(|onward| {
                let (to, node) = states.node(onward.to);
                let again = to == states.node(at).0;
                let person = matches!(node, Node::Dial(_) | Node::Queue(_));
                !again && !person && !matches!(onward.how.what, What::Universal(_) | What::Leaves)
            });
            if !closing[at] && !states.onward[at].is_empty() && ways.all(|onward| closing[onward.to]) {
                (closing[at], changed) = (true, true);
            }
        }
    }
    closing
}

/// What has been once a way is taken.
fn passed(states: &States<'_>, at: usize, how: How, before: Ends) -> Ends {
    let not_offered = before.astray || before.chosen;
    let offered = Ends { offered: not_offered || before.offered, ..Ends::default() };
    // What was chosen did not come: whoever chose it is left with nothing.
    let astray = Ends { astray: not_offered, chosen: false, ..before };
    match how.what {
        What::Key(_) | What::Enters | What::RecordEnds(_) | What::Leaves | What::PastEnd | What::PastStart => {
            Ends { astray: false, chosen: not_offered, ..before }
        }
        // Where `*` leads, the call has been: nothing is new there.
        What::Universal(key) if !matches!(states.line.keys.get(&key), Some(Universal::Node(_))) => Ends::default(),
        What::Universal(_) | What::Silence | What::Thrice | What::Ended => astray,
        What::DialEnds(_) => offered,
        What::Outcome(_) if reaches_a_person(states, at, how) => offered,
        What::Outcome(number) => match states.node(at).1 {
            Node::Lookup(lookup) => {
                let name = lookup.signature.outcome_names().nth(number);
                if matches!(name, Some(Signature::UNAVAILABLE | Signature::EXPIRED)) { astray } else { before }
            }
            _ => astray,
        },
        What::Goes | What::Again | What::Case(_) => before,
    }
}

/// One silence leads on, so there is no third.
fn goes_on(states: &States<'_>, at: usize) -> bool {
    states.onward[at].iter().any(|onward| onward.how.what == What::Silence)
}
