//! What callers do.

use std::sync::Arc;

use hotline::call::{Arrival, DialOutcome, Ending, Kind, PhoneNumber, What};
use hotline::simulator::{Leg, Then, Wire};
use rand::RngExt as _;

use super::{CLOSES, Day, Event, OPENS, SELF_SERVICE, exchange, seconds};

/// The share of those who want a person who wait for as long as it takes.
const PATIENT: f64 = 0.3;
/// The share of those who want a person who choose to be called back when it is offered.
const CALLED_BACK: f64 = 0.1;

/// What somebody calls for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wants {
    Menus,
    Person {
        /// How long they wait, seconds from the first word; for as long as it takes if it is none.
        patience: Option<f64>,
        call_back: bool,
    },
}

/// Somebody who calls.
pub(super) struct Caller {
    pub(super) leg: Leg,
    /// The operator's end of a dial.
    peer: Option<Leg>,
    pub(super) wire: Wire,
    began: f64,
    pub(super) wants: Wants,
    from: u32,
    /// Counts the documents: what was planned for one is void with the next.
    pub(super) document: u32,
    keys: u32,
    chose_call_back: bool,
    talking: Option<f64>,
    pub(super) talks: u32,
    pub(super) over: Option<&'static str>,
}

impl Caller {
    /// They wanted a person, people were there, and nobody came.
    pub(super) fn was_sent_away(&self) -> bool {
        let there = (OPENS + 60.0..CLOSES - 60.0).contains(&self.began);
        let wants = self.wants != Wants::Menus && !self.chose_call_back;
        there && wants && self.over == Some("told") && self.talks == 0
    }

    /// What is said now.
    fn hears(&self, prompt: &str) -> bool {
        let Ending::Listen(listen) = &self.leg.playing().performance().reply.ending else { return false };
        listen.prompts.iter().any(|said| said.prompt.as_ref().is_some_and(|id| id.as_str() == prompt))
    }
}

impl Day {
    pub(super) fn wish(&mut self) -> Wants {
        if self.happens(SELF_SERVICE) {
            return Wants::Menus;
        }
        let patience = 30.0 + self.exponential(400.0);
        let patience = (!self.happens(PATIENT)).then_some(patience);
        Wants::Person { patience, call_back: self.happens(CALLED_BACK) }
    }

    pub(super) fn arrives(&mut self, wants: Wants, from: u32) {
        let number = PhoneNumber::parse(&format!("+8613{from:09}")).unwrap();
        // One in ten withholds the number.
        let known = !from.is_multiple_of(10);
        let world = self.world();
        let wire = Wire {
            exchange: exchange(world),
            from: known.then_some(number),
            to: PhoneNumber::parse("12333").unwrap(),
            clock: Arc::clone(&world.clock) as _,
        };
        let arrival =
            Arrival { caller: wire.from.clone(), called: wire.to.clone(), forwarded_from: None, simulated: false };
        let url = wire.exchange.arrivals();
        let leg = self.block_on(Leg::begin(&wire, None, Kind::Arrive, &url, What::Arrived(arrival))).unwrap();
        let began = self.now;
        self.callers.push(Caller {
            leg,
            peer: None,
            wire,
            began,
            wants,
            from,
            document: 0,
            keys: 0,
            chose_call_back: false,
            talking: None,
            talks: 0,
            over: None,
        });
        let at = self.callers.len() - 1;
        self.on_the_line.insert(at);
        if let Wants::Person { patience: Some(patience), .. } = wants {
            self.plans(began + patience, Event::GivesUp(at));
        }
        self.hears(at);
    }

    /// The caller has a new document: what they do about it.
    fn hears(&mut self, at: usize) {
        self.callers[at].document += 1;
        let document = self.callers[at].document;
        let caller = &self.callers[at];
        let due = seconds(caller.leg.playing().due());
        let listens = caller.leg.playing().listens_from().map(seconds);
        let records = matches!(caller.leg.playing().performance().reply.ending, Ending::Record(_));
        let (wants, keys) = (caller.wants, caller.keys);
        let books = caller.hears("cb.number");
        let offered = caller.hears("op.queue.menu") && caller.wire.from.is_some();
        if self.waits_in_queue(at) {
            self.longest_piece = self.longest_piece.max(due - self.now);
        }
        let presses = |day: &mut Self, from: f64, to: (f64, f64), key: char| {
            let when = from.max(day.now) + day.between(to.0, to.1);
            day.plans(when.min(due - 0.1), Event::Presses(at, document, key));
        };
        match (listens, wants) {
            // They have had their talk: the survey is left without an answer.
            _ if self.callers[at].talks > 0 => self.plans(due, Event::Due(at, document)),
            // Nobody has anything to say to a machine.
            _ if records => self.plans(self.now + 3.0, Event::GivesUp(at)),
            (Some(from), Wants::Person { .. }) if keys == 0 => {
                self.callers[at].keys = 1;
                presses(self, from, (0.5, 3.0), '0');
            }
            (Some(from), Wants::Person { call_back: true, .. }) if offered => {
                self.callers[at].chose_call_back = true;
                presses(self, from, (1.0, 5.0), '2');
            }
            (Some(from), Wants::Person { .. }) if books => presses(self, from, (1.0, 5.0), '1'),
            // Three wrong keys have brought them to a person.
            (Some(_), Wants::Menus) if self.waits_in_queue(at) => {
                self.callers[at].wants = Wants::Person { patience: Some(60.0), call_back: false };
                self.callers[at].keys = 1;
                self.plans(self.now + 60.0, Event::GivesUp(at));
                self.plans(due, Event::Due(at, document));
            }
            (Some(from), Wants::Menus) => {
                self.callers[at].keys += 1;
                if keys > 3 {
                    let when = self.now + self.between(1.0, 20.0);
                    self.plans(when, Event::GivesUp(at));
                }
                let key = ['1', '2', '3', '9'][self.dice.random_range(0..4)];
                presses(self, from, (1.0, 6.0), key);
            }
            _ => self.plans(due, Event::Due(at, document)),
        }
    }

    /// A piece of the wait: nothing is said but music or news of the wait.
    pub(super) fn waits_in_queue(&self, at: usize) -> bool {
        let Ending::Listen(listen) = &self.callers[at].leg.playing().performance().reply.ending else { return false };
        listen.prompts.iter().all(|said| {
            said.prompt.as_ref().is_some_and(|prompt| {
                let prompt = prompt.as_str();
                prompt.starts_with("op.queue") || prompt.starts_with("sound.hold")
            })
        })
    }

    /// The document ends, or a key is pressed.
    pub(super) fn passes_on(&mut self, at: usize, key: Option<char>) {
        let runtime = self.runtime.as_ref().unwrap();
        let Caller { leg, wire, .. } = &mut self.callers[at];
        let then = runtime.block_on(async {
            match key {
                Some(key) => leg.press(wire, key).await,
                None => leg.pass(wire).await,
            }
        });
        let then = then.unwrap();
        match then {
            Then::Plays => self.hears(at),
            Then::Waits => {
                let (due, document) = (seconds(self.callers[at].leg.playing().due()), self.callers[at].document);
                self.plans(due.max(self.now + 0.001), Event::Due(at, document));
            }
            Then::Rings => self.rings(at),
            Then::HangsUp(_) => self.ends(at, "told"),
            Then::Recorded(_) | Then::Joins | Then::Refuses(_) => panic!("{then:?} in a call that has no such thing"),
        }
    }

    /// An operator's telephone rings.
    fn rings(&mut self, at: usize) {
        let caller = &mut self.callers[at];
        caller.document += 1;
        let document = caller.document;
        let Ending::Dial(dial) = &caller.leg.playing().performance().reply.ending else { panic!("nobody is dialled") };
        assert!(dial.numbers[0].as_str().starts_with("client:operator-"), "{:?}", dial.numbers);
        let ring = dial.ring.as_secs_f64();
        let fate = self.dice.random_range(0..100_u32);
        let soon = self.between(2.0, 7.0);
        match fate {
            0..5 => self.plans(self.now + ring, Event::DialEnds(at, document, DialOutcome::NoAnswer)),
            5 => self.plans(self.now + 2.0, Event::DialEnds(at, document, DialOutcome::Busy)),
            6 => self.plans(self.now + 1.0, Event::DialEnds(at, document, DialOutcome::Failed)),
            7..9 => self.plans(self.now + soon, Event::PicksUp(at, document, false)),
            _ => self.plans(self.now + soon, Event::PicksUp(at, document, true)),
        }
    }

    pub(super) fn picks_up(&mut self, at: usize, takes: bool) {
        let caller = &self.callers[at];
        let url = caller.leg.playing().performance().urls[&Kind::Whisper].clone();
        let (wire, parent, document) = (caller.wire.clone(), Some(caller.leg.id().to_owned()), caller.document);
        let asked = Leg::begin(&wire, parent, Kind::Whisper, &url, What::PeerAnswered);
        let peer = self.block_on(asked).unwrap();
        assert!(peer.playing().listens_from().is_some(), "whoever picks up is asked whether they take the call");
        self.callers[at].peer = Some(peer);
        let when = self.now + self.between(1.5, 4.0);
        self.plans(when, Event::Answers(at, document, takes));
    }

    pub(super) fn answers(&mut self, at: usize, takes: bool) {
        let runtime = self.runtime.as_ref().unwrap();
        let Caller { peer, wire, document, .. } = &mut self.callers[at];
        let (mut peer, document) = (peer.take().unwrap(), *document);
        runtime.block_on(peer.press(wire, if takes { '1' } else { '2' })).unwrap();
        let joined = peer.playing().performance().reply.ending == Ending::Join;
        // While the server is gone the time for the key runs out: then it is lost, and the call counts as declined.
        assert!(takes || !joined, "whoever does not take a call is not joined to it");
        if joined {
            let (now, talk) = (self.now, 10.0 + self.exponential(140.0));
            let caller = &mut self.callers[at];
            caller.talking = Some(now);
            caller.talks += 1;
            self.plans(now + talk, Event::DialEnds(at, document, DialOutcome::Talked));
        } else {
            self.plans(self.now + 0.5, Event::DialEnds(at, document, DialOutcome::Declined));
        }
    }

    pub(super) fn dial_ends(&mut self, at: usize, outcome: DialOutcome) {
        let runtime = self.runtime.as_ref().unwrap();
        let now = self.now;
        let Caller { leg, wire, talking, .. } = &mut self.callers[at];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a talk of minutes")]
        let talk_s = talking.take().map(|since| (now - since) as u32);
        let what = What::DialEnded { outcome, talk_s, verbatim: outcome.name().to_owned() };
        runtime.block_on(leg.ask(wire, Kind::Dialled, what)).unwrap();
        self.hears(at);
    }

    pub(super) fn gives_up(&mut self, at: usize) {
        let caller = &self.callers[at];
        // Who talks has what they wanted.
        if caller.over.is_some() || caller.talks > 0 {
            return;
        }
        let (wants, from) = (caller.wants, caller.from);
        let reported = !self.happens(0.05);
        if reported {
            self.ends(at, "gave up");
        } else {
            // Nothing is heard of them any more.
            self.callers[at].over = Some("vanished");
            self.on_the_line.remove(&at);
        }
        if wants != Wants::Menus && self.happens(0.3) {
            let again = self.now + self.between(5.0, 360.0);
            self.plans(again, Event::Arrives { wants, from });
        }
    }

    /// The provider reports the end.
    fn ends(&mut self, at: usize, how: &'static str) {
        let runtime = self.runtime.as_ref().unwrap();
        let now = self.now;
        let Caller { leg, wire, over, began, .. } = &mut self.callers[at];
        *over = Some(how);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a call of minutes")]
        let lasted = (now - *began) as u32;
        runtime.block_on(wire.ended(leg.id(), leg.last_status(), lasted)).unwrap();
        self.on_the_line.remove(&at);
    }
}
