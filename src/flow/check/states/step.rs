//! What one node does to a state: the same as in the engine, without times and figures.

use std::collections::BTreeMap;

use super::held::{Misuse, Use};
use super::{Bits, DEEPEST, Frames, Held, Proof, State, States, Stop};
use crate::call::{DialOutcome, NodeId, RecordOutcome, Signature};
use crate::flow::definition::Listening;
use crate::flow::node::{self, Case, Prompt, Walk};
use crate::flow::{EffectKind, Node, Universal};

/// A way from a state to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow::check) struct Onward {
    pub(in crate::flow::check) how: How,
    pub(in crate::flow::check) to: usize,
}

/// What happens on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::flow::check) struct How {
    pub(in crate::flow::check) what: What,
    /// The time of the subject is over when it happens.
    pub(in crate::flow::check) late: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::flow::check) enum What {
    /// The call goes on by itself.
    Goes,
    /// A key that the node names.
    Key(char),
    /// A key that holds everywhere.
    Universal(char),
    /// What was asked for.
    Enters,
    /// A leading `*`, where the collect names a way for it.
    Leaves,
    Silence,
    /// The third silence or wrong key.
    Thrice,
    /// The same node asks again.
    Again,
    /// Beyond the last item of a list, or before the first.
    PastEnd,
    PastStart,
    /// The outcome of this number; those behind the signature's own are `expired` and `unavailable`.
    Outcome(usize),
    DialEnds(DialOutcome),
    /// Of a recording in which somebody was heard, or that failed.
    RecordEnds(RecordOutcome),
    Case(usize),
    /// A value has ended with its subject: the line's `expired`.
    Ended,
}

impl How {
    /// How unlikely it is, for choosing which call shows something.
    pub(super) const fn cost(self) -> u32 {
        let what = match self.what {
            What::Goes | What::Again | What::Case(_) => 0,
            What::Silence
            | What::Key(_)
            | What::Enters
            | What::Outcome(0)
            | What::RecordEnds(RecordOutcome::Recorded | RecordOutcome::Empty) => 2,
            What::Outcome(_) | What::PastEnd | What::PastStart => 3,
            What::Universal(_) | What::Leaves | What::Thrice | What::Ended => 5,
            What::DialEnds(_) | What::RecordEnds(RecordOutcome::Failed) => 8,
        };
        what + if self.late { 10 } else { 0 } + 1
    }
}

/// What comes of needing values.
enum Needs {
    Fine,
    /// The call goes to the line's `expired`.
    Ended,
    /// The call ends in an apology.
    Fault,
}

/// Ways on, as they are gathered.
type Ways = Vec<(How, State)>;

impl States<'_> {
    /// Every way from a state but that of `back`.
    pub(super) fn onward_from(&mut self, state: &State) -> Ways {
        let mut ways = Vec::new();
        match self.entering(state) {
            Needs::Fine => {}
            Needs::Fault => return ways,
            Needs::Ended => {
                add(&mut ways, what(What::Ended), self.leave(state, &self.line.expired.1));
                return ways;
            }
        }
        match self.nodes[state.node].1 {
            Node::Say(say) if say.listen.is_none() => {
                add(&mut ways, what(What::Goes), self.goto(state, &say.next));
            }
            Node::Say(_) | Node::Menu(_) | Node::Collect(_) | Node::Browse(_) | Node::Record(_) => {
                for (state, late) in now_or_late(state) {
                    self.listening(&state, late, &mut ways);
                }
            }
            Node::Verify(verify) => {
                for (state, late) in now_or_late(state) {
                    self.verify(verify, &state, late, &mut ways);
                }
            }
            Node::Lookup(lookup) => self.lookup(lookup, state, &mut ways),
            Node::Effect(effect) => {
                add(&mut ways, what(What::Goes), self.goto(state, &effect.next));
                if effect.effect == EffectKind::ChangePin && state.proof == Proof::Initial {
                    let verified = State { proof: Proof::Verified, once: true, ..state.clone() };
                    add(&mut ways, what(What::Goes), self.goto(&verified, &effect.next));
                }
            }
            Node::Branch(branch) => self.branch(branch, state, &mut ways),
            Node::Set(set) => {
                let mut after = state.clone();
                for name in set.values.keys() {
                    if let Some(name) = self.name(name) {
                        let node = self.word_of(state.node, name);
                        after.held[name] = Held::Word { node, told: state.personal_way };
                    }
                }
                add(&mut ways, what(What::Goes), self.goto(&after, &set.next));
            }
            Node::Call(call) => {
                if self.frames.depth(state.frames) >= DEEPEST {
                    self.complete = false;
                } else if let Some(flow) = self.line.flows.get(&call.flow) {
                    let frames = self.frames.push(state.frames, state.node);
                    let inside = State { frames, ..state.clone() };
                    add(&mut ways, what(What::Goes), self.goto(&inside, &flow.start));
                }
            }
            Node::Return(exit) => {
                if let Some((frames, caller)) = self.frames.pop(state.frames)
                    && let Node::Call(call) = self.nodes[caller].1
                    && let Some(target) = call.on.get(&exit.exit)
                {
                    let outside = State { frames, ..state.clone() };
                    add(&mut ways, what(What::Goes), self.goto(&outside, target));
                }
            }
            Node::Dial(dial) => {
                for (state, late) in now_or_late(state) {
                    for (outcome, target) in &dial.on {
                        let how = How { what: What::DialEnds(*outcome), late };
                        add(&mut ways, how, self.goto(&state, target));
                    }
                }
            }
            Node::Queue(queue) => {
                for (state, late) in now_or_late(state) {
                    self.queue(queue, &state, late, &mut ways);
                }
            }
            Node::End(_) => {}
        }
        ways
    }

    /// Where `*` leads: to any menu or collect that may be on the path.
    pub(super) fn back_from(&self, state: &State, path: &Bits) -> Ways {
        let mut ways = Vec::new();
        let Some(key) = self.back_key(state) else { return ways };
        let how = |late| How { what: What::Universal(key), late };
        for (state, late) in now_or_late(state) {
            for earlier in path.iter().filter(|earlier| !self.is_at(&state, *earlier)) {
                let Stop { node, frames, .. } = self.stops[earlier];
                let there = State { node, frames, personal_way: false, ..state.clone() };
                // A call cannot go back into a sub-flow that it is not in, nor to what cannot be said any more.
                if self.frames.has(state.frames, frames) && self.can_be_said(&there) {
                    ways.push((how(late), self.arrived(there)));
                }
            }
        }
        ways
    }

    /// Where `*` leads if nothing is behind the call.
    pub(super) fn home_from(&self, state: &State) -> Ways {
        let mut ways = Vec::new();
        let Some(key) = self.back_key(state) else { return ways };
        for (state, late) in now_or_late(state) {
            let state = State { personal_way: false, ..state };
            add(&mut ways, How { what: What::Universal(key), late }, self.leave(&state, &self.line.home));
        }
        ways
    }

    /// The key that goes back here, if one does.
    fn back_key(&self, state: &State) -> Option<char> {
        let (key, _) = self.line.keys.iter().find(|(_, does)| **does == Universal::Back)?;
        match self.nodes[state.node].1 {
            Node::Menu(menu) => (!menu.keys.contains_key(key)).then_some(*key),
            Node::Browse(browse) => (!browse.keys.contains_key(key)).then_some(*key),
            // A leading star, whatever the line's key is.
            Node::Collect(collect) => collect.left.is_none().then_some('*'),
            Node::Say(say) => (say.listen == Some(Listening::Onward)).then_some(*key),
            Node::Record(_) => Some(*key),
            Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Set(_)
            | Node::Call(_)
            | Node::Return(_)
            | Node::Dial(_)
            | Node::Queue(_)
            | Node::End(_) => None,
        }
    }

    fn goto(&self, state: &State, target: &NodeId) -> Option<State> {
        let node = *self.index.get(target)?;
        Some(self.arrived(State { node, ..state.clone() }))
    }

    /// Out of every sub-flow.
    fn leave(&self, state: &State, target: &NodeId) -> Option<State> {
        self.goto(&State { frames: Frames::NONE, ..state.clone() }, target)
    }

    /// A key, or none in time: what decided the way until here is said and done.
    fn moved(&self, state: &State, target: &NodeId) -> Option<State> {
        self.goto(&State { personal_way: false, ..state.clone() }, target)
    }

    /// What coming to a node does.
    fn arrived(&self, mut state: State) -> State {
        if let Node::Browse(browse) = self.nodes[state.node].1
            && let Some(item) = self.name(browse.item.as_str())
            && let Some(list) = self.name(&browse.list)
        {
            match state.held[list] {
                Held::Answer { personal, .. } | Held::Whole { personal } => state.held[item] = Held::Whole { personal },
                Held::Unset | Held::Word { .. } | Held::StaleWord { .. } | Held::Dropped { .. } => {}
            }
        }
        state
    }

    fn listening(&self, state: &State, late: bool, ways: &mut Ways) {
        let how = |what| How { what, late };
        let again = |ways: &mut Ways| {
            if late {
                ways.push((how(What::Again), State { personal_way: false, ..state.clone() }));
            }
        };
        let universal = |ways: &mut Ways, own: &dyn Fn(char) -> bool| {
            for (key, does) in self.line.keys.iter().filter(|(key, _)| !own(**key)) {
                if let Universal::Node(target) = does {
                    let state = State { personal_way: false, ..state.clone() };
                    add(ways, how(What::Universal(*key)), self.leave(&state, target));
                }
            }
        };
        let thrice = |ways: &mut Ways, then: Option<&NodeId>| {
            let to = match then {
                Some(then) => self.moved(state, then),
                None => self.leave(&State { personal_way: false, ..state.clone() }, &self.line.ladder.then),
            };
            add(ways, how(What::Thrice), to);
        };
        match self.nodes[state.node].1 {
            Node::Say(say) => {
                add(ways, how(What::Silence), self.moved(state, &say.next));
                universal(ways, &|_| false);
                match say.listen {
                    // A notice that is cut short is said once more, and goes on.
                    Some(Listening::Whole) => add(ways, how(What::Key('#')), self.moved(state, &say.next)),
                    Some(Listening::Onward) | None => thrice(ways, None),
                }
                again(ways);
            }
            Node::Menu(menu) => {
                for (key, target) in &menu.keys {
                    add(ways, how(What::Key(*key)), self.moved(state, target));
                }
                if let Some(silent) = &menu.silent {
                    add(ways, how(What::Silence), self.moved(state, silent));
                }
                universal(ways, &|key| menu.keys.contains_key(&key));
                thrice(ways, menu.then.as_ref());
                again(ways);
            }
            Node::Collect(collect) => {
                let mut after = state.clone();
                if let Some(name) = collect.name.as_ref().and_then(|name| self.name(name.as_str())) {
                    after.held[name] = Held::Whole { personal: false };
                }
                add(ways, how(What::Enters), self.moved(&after, &collect.next));
                if let Some(left) = &collect.left {
                    add(ways, how(What::Leaves), self.moved(state, left));
                }
                // Of the keys that hold everywhere, a lone 0 is one here too, and the star.
                universal(ways, &|key| key != '0');
                thrice(ways, collect.then.as_ref());
                again(ways);
            }
            Node::Browse(browse) => {
                for (key, walk) in &browse.keys {
                    match walk {
                        Walk::Node(target) => add(ways, how(What::Key(*key)), self.moved(state, target)),
                        // The next item of the same list: nothing is held that was not.
                        Walk::Next | Walk::Previous => again(ways),
                    }
                }
                add(ways, how(What::PastEnd), self.moved(state, &browse.past_end));
                add(ways, how(What::PastStart), self.moved(state, &browse.past_start));
                universal(ways, &|key| browse.keys.contains_key(&key));
                thrice(ways, browse.then.as_ref());
                again(ways);
            }
            Node::Record(record) => {
                for (outcome, target) in &record.on {
                    let mut after = state.clone();
                    if let Some(name) = self.name(record.name.as_str())
                        && *outcome == RecordOutcome::Recorded
                    {
                        after.held[name] = Held::Whole { personal: false };
                    }
                    // Who says nothing is not recorded.
                    let what =
                        if *outcome == RecordOutcome::Empty { What::Silence } else { What::RecordEnds(*outcome) };
                    add(ways, how(what), self.moved(&after, target));
                    if let Some(target) = record.hung_up.as_ref().filter(|_| *outcome == RecordOutcome::Recorded) {
                        add(ways, how(what), self.moved(&after, target));
                    }
                }
                universal(ways, &|_| false);
                thrice(ways, record.then.as_ref());
                again(ways);
            }
            Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Set(_)
            | Node::Call(_)
            | Node::Return(_)
            | Node::Dial(_)
            | Node::Queue(_)
            | Node::End(_) => {}
        }
    }

    fn verify(&self, verify: &node::Verify, state: &State, late: bool, ways: &mut Ways) {
        for (number, outcome) in node::Verify::OUTCOMES.iter().enumerate() {
            let Some(target) = verify.on.get(*outcome) else { continue };
            let mut after = state.clone();
            match *outcome {
                "verified" | "initial" => {
                    after.forget_personal(true);
                    after.proof = if *outcome == "verified" { Proof::Verified } else { Proof::Initial };
                    after.once |= *outcome == "verified";
                    for claim in verify.claim.values().filter_map(|claim| self.name(claim)) {
                        after.held[claim] = Held::Unset;
                    }
                }
                "refused" => {
                    after.forget_personal(true);
                    after.proof = Proof::Closed;
                }
                "wrong" => {
                    if let Some(name) = self.name(verify.name.as_str()) {
                        after.held[name] = Held::Answer { node: state.node, outcome: number, personal: false };
                    }
                }
                _ => {}
            }
            add(ways, How { what: What::Outcome(number), late }, self.goto(&after, target));
        }
    }

    fn lookup(&self, lookup: &node::Lookup, state: &State, ways: &mut Ways) {
        let signature = lookup.signature;
        let own = signature.outcomes.len();
        let to_expired = |ways: &mut Ways, state: &State, late| {
            if let Some(target) = lookup.on.get(Signature::EXPIRED) {
                add(ways, How { what: What::Outcome(own), late }, self.goto(state, target));
            }
        };
        if signature.personal && state.proof != Proof::Verified {
            return to_expired(ways, state, false);
        }
        for (state, late) in now_or_late(state) {
            if signature.personal && late {
                to_expired(ways, &state, true);
                continue;
            }
            for (number, outcome) in signature.outcomes.iter().enumerate() {
                let Some(target) = lookup.on.get(outcome.name) else { continue };
                let mut after = State { personal_way: state.personal_way || signature.personal, ..state.clone() };
                if let Some(name) = lookup.name.as_ref().and_then(|name| self.name(name.as_str()))
                    && !outcome.answer.is_empty()
                {
                    let node = self.answer_of(state.node);
                    let outcome = self.outcome_of(node, number);
                    after.held[name] = Held::Answer { node, outcome, personal: signature.personal };
                }
                add(ways, How { what: What::Outcome(number), late }, self.goto(&after, target));
            }
            if let Some(target) = lookup.on.get(Signature::UNAVAILABLE) {
                let number = own + usize::from(signature.personal);
                add(ways, How { what: What::Outcome(number), late }, self.goto(&state, target));
            }
        }
    }

    /// A whole wait: what the queue answers, how a dial ends, what is pressed meanwhile.
    fn queue(&self, queue: &node::Queue, state: &State, late: bool, ways: &mut Ways) {
        let outcomes = node::QUEUE.outcomes;
        let answered = |outcome: usize| {
            let mut after = state.clone();
            if let Some(name) = self.name(queue.name.as_str())
                && outcomes.get(outcome).is_some_and(|outcome| !outcome.answer.is_empty())
            {
                let node = self.answer_of(state.node);
                after.held[name] = Held::Answer { node, outcome: self.outcome_of(node, outcome), personal: false };
            }
            after
        };
        // Before whatever ends it, the caller may have been told where they stand.
        let mut before = vec![state.clone()];
        let waited = outcomes.iter().position(|outcome| outcome.name == "waiting").map(answered);
        before.extend(waited.filter(|waited| waited != state));
        for (key, target) in &queue.keys {
            for state in &before {
                add(ways, How { what: What::Key(*key), late }, self.moved(state, target));
            }
        }
        for (end, target) in &queue.on {
            let dialled = DialOutcome::ALL.iter().find(|outcome| outcome.name() == end.as_str());
            let outcome = outcomes.iter().position(|outcome| outcome.name == end.as_str()).unwrap_or(outcomes.len());
            let what = dialled.map_or(What::Outcome(outcome), |outcome| What::DialEnds(*outcome));
            let brings = outcomes.get(outcome).is_some_and(|outcome| !outcome.answer.is_empty());
            let after = if brings { vec![answered(outcome)] } else { before.clone() };
            for state in &after {
                add(ways, How { what, late }, self.goto(state, target));
            }
        }
    }

    fn branch(&self, branch: &node::Branch, state: &State, ways: &mut Ways) {
        let known = match branch.of.as_str() {
            "verification" => Some(match state.proof {
                Proof::Open | Proof::Initial => "open",
                Proof::Verified => "verified",
                Proof::Closed => "closed",
            }),
            path => self.word(state, path),
        };
        let personal_way = state.personal_way || self.is_personal_value(state, &branch.of);
        let after = State { personal_way, ..state.clone() };
        for (number, (case, target)) in branch.cases.iter().enumerate() {
            let fits = match (case, known) {
                (Case::Word(word), Some(known)) => word == known,
                (Case::Word(_) | Case::Flag(_) | Case::Numbers(..), _) => true,
            };
            if fits {
                add(ways, what(What::Case(number)), self.goto(&after, target));
            }
        }
    }

    /// The word that is held at `path`, if an author wrote it.
    fn word(&self, state: &State, path: &str) -> Option<&str> {
        let name = self.name(path)?;
        let (Held::Word { node, .. } | Held::StaleWord { node }) = state.held[name] else { return None };
        match self.nodes[node].1 {
            Node::Set(set) => set.values.get(path).map(String::as_str),
            Node::Say(_)
            | Node::Menu(_)
            | Node::Collect(_)
            | Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Call(_)
            | Node::Return(_)
            | Node::Browse(_)
            | Node::Record(_)
            | Node::Dial(_)
            | Node::Queue(_)
            | Node::End(_) => None,
        }
    }

    /// What a node needs as the call comes to it.
    fn entering(&mut self, state: &State) -> Needs {
        let node = self.nodes[state.node].1;
        if matches!(node, Node::Lookup(lookup) if lookup.signature.personal && state.proof != Proof::Verified) {
            return Needs::Fine;
        }
        // What is the verified member's does not happen without one.
        let personal = matches!(node, Node::Effect(effect) if effect.effect.is_personal());
        let mut needs = if personal && state.proof != Proof::Verified { Needs::Ended } else { Needs::Fine };
        for (of, path) in uses(node) {
            if let Some(wrong) = self.wrong(state, &path) {
                self.misuse(state, of, &path, wrong);
                // A word is held by nobody's name, so it would be said.
                if self.word(state, &path).is_none() {
                    needs = if state.proof == Proof::Verified { Needs::Fault } else { Needs::Ended };
                }
            } else if self.has_ended(state, &path) {
                needs = Needs::Ended;
            }
        }
        needs
    }

    /// Whether all that a node needs is there, so that `*` may lead to it.
    fn can_be_said(&self, state: &State) -> bool {
        let fine = |path: &str| match self.wrong(state, path) {
            Some(_) => self.word(state, path).is_some(),
            None => !self.has_ended(state, path),
        };
        uses(self.nodes[state.node].1).iter().all(|(_, path)| fine(path))
    }

    /// Somebody is verified anew, or turned away: `*` leads back to nothing that was for whoever was before.
    pub(super) fn forgets_path(&self, at: usize, how: How) -> bool {
        let What::Outcome(outcome) = how.what else { return false };
        matches!(self.nodes[self.states[at].node].1, Node::Verify(_))
            && node::Verify::OUTCOMES.get(outcome).is_some_and(|outcome| node::Verify::FORGETS.contains(outcome))
    }

    fn misuse(&mut self, state: &State, of: Use, path: &str, wrong: super::Wrong) {
        let at = self.known[state];
        let known = self.misuses.iter().any(|known| {
            self.states[known.at].node == state.node && known.of == of && known.path == path && known.wrong == wrong
        });
        if !known {
            self.misuses.push(Misuse { at, of, path: path.to_owned(), wrong });
        }
    }

    /// What happens on a way, in words; nothing if the call goes by itself.
    pub(super) fn words(&self, at: usize, how: How) -> Option<String> {
        let (_, node) = self.node(at);
        let late = if how.late { " after their verification has ended" } else { "" };
        let words = match how.what {
            What::Goes | What::Again => return how.late.then(|| "waits until their verification has ended".to_owned()),
            What::Key(key) | What::Universal(key) => format!("presses {key}"),
            What::Enters => match node {
                Node::Collect(collect) => format!("keys {}", collect.format.in_words()),
                _ => "keys digits".to_owned(),
            },
            What::Leaves => "leaves with *".to_owned(),
            What::Silence => "presses nothing".to_owned(),
            What::Thrice => "presses nothing three times".to_owned(),
            What::PastEnd => "goes on behind the last item".to_owned(),
            What::PastStart => "goes back before the first item".to_owned(),
            What::Outcome(number) => match node {
                Node::Lookup(lookup) => {
                    let outcome = lookup.signature.outcome_names().nth(number).unwrap_or_default();
                    format!("has `{}` answer {outcome}", lookup.lookup)
                }
                Node::Queue(queue) => {
                    let outcome = node::QUEUE.outcome_names().nth(number).unwrap_or_default();
                    format!("has queue `{}` answer {outcome}", queue.queue)
                }
                _ => format!("has the PIN check end as {}", node::Verify::OUTCOMES.get(number).unwrap_or(&"")),
            },
            What::RecordEnds(RecordOutcome::Recorded | RecordOutcome::Empty) => "says something".to_owned(),
            What::RecordEnds(RecordOutcome::Failed) => "cannot be recorded".to_owned(),
            What::DialEnds(outcome) => format!("has the transfer end as {}", outcome.name()),
            What::Case(number) => match node {
                // Who is verified has been told by what they did.
                Node::Branch(branch) if branch.of != "verification" => {
                    let case = branch.cases.get(number).map(|(case, _)| case.to_string()).unwrap_or_default();
                    format!("has {case} as `{}`", branch.of)
                }
                _ => return None,
            },
            What::Ended => "hears that their verification has ended".to_owned(),
        };
        Some(words + late)
    }
}

/// A way by itself.
const fn what(what: What) -> How {
    How { what, late: false }
}

/// The subject's time is over.
fn ended(state: &State) -> State {
    let mut ended = State { proof: Proof::Open, ..state.clone() };
    ended.forget_personal(false);
    ended
}

/// The values that a node needs, and for what.
pub(super) fn uses(node: &Node) -> Vec<(Use, String)> {
    let said = |prompt: &Prompt, of: fn(String) -> Use| -> Vec<(Use, String)> {
        prompt.bindings.iter().map(|binding| (of(binding.placeholder.clone()), binding.path.clone())).collect()
    };
    let sent = |arguments: &BTreeMap<String, node::Argument>| -> Vec<(Use, String)> {
        let path =
            |(name, argument): (&String, &node::Argument)| Some((Use::Sent(name.clone()), argument.path()?.to_owned()));
        arguments.iter().filter_map(path).collect()
    };
    match node {
        Node::Say(say) => said(&say.prompt, Use::Said),
        Node::Menu(menu) => said(&menu.prompt, Use::Said),
        Node::Collect(collect) => said(&collect.prompt, Use::Said),
        Node::Record(record) => said(&record.prompt, Use::Said),
        Node::Verify(verify) => {
            verify.claim.iter().map(|(name, path)| (Use::Claimed(name.clone()), path.clone())).collect()
        }
        Node::Lookup(lookup) => sent(&lookup.arguments),
        Node::Effect(effect) => sent(&effect.arguments),
        Node::Branch(branch) => vec![(Use::Compared, branch.of.clone())],
        Node::Browse(browse) => vec![(Use::Browsed, browse.list.clone())],
        Node::Dial(dial) => {
            let mut all = said(&dial.prompt, Use::Said);
            all.extend(dial.whisper.iter().flat_map(|whisper| said(&whisper.prompt, Use::Whispered)));
            all
        }
        Node::Queue(queue) => said(&queue.whisper.prompt, Use::Whispered),
        Node::End(end) => end.prompt.iter().flat_map(|prompt| said(prompt, Use::Said)).collect(),
        Node::Set(_) | Node::Call(_) | Node::Return(_) => Vec::new(),
    }
}

/// The state as it is, and as it is when the subject's time is over.
fn now_or_late(state: &State) -> Vec<(State, bool)> {
    let mut both = vec![(state.clone(), false)];
    if state.proof == Proof::Verified {
        both.push((ended(state), true));
    }
    both
}

fn add(ways: &mut Ways, how: How, to: Option<State>) {
    ways.extend(to.map(|to| (how, to)));
}
