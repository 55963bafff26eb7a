//! A day of a line in compressed time, through the real service and the real engine: callers with and without patience,
//! operators who miss calls, decline them and go on breaks, and a service that is killed and started again.
//!
//! Nothing here sleeps: what happens next is taken from a heap, and the clock is set to it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;
use std::sync::Arc;

use hotline::call::{Arrival, DialOutcome, Ending, Kind, PhoneNumber, Timestamp, What};
use hotline::clip_files::ClipFiles;
use hotline::dialect::PublicUrl;
use hotline::flow::Files;
use hotline::line_files;
use hotline::lookup::pin::PinHashing;
use hotline::service::{Lines, SmsSettings, Speech};
use hotline::simulator::{Carrier, Hearing, Leg, Memory, Neutral, Setup, Then, Wire, World};
use hotline::store::Database;
use hotline::store::queue::Presence;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::app::{DATA_KEY, NoDeadlines};

/// 2026-03-31, a Tuesday, 0:00 in New York.
const MIDNIGHT: i64 = 1_774_929_600_000;
const HOUR: f64 = 3_600.0;
/// How often operators look up, and the server looks after the queue.
const TICK: f64 = 10.0;
/// The share of callers who are content with the menus (domain reference 5.1).
const SELF_SERVICE: f64 = 0.587;
/// From when to when people answer.
const OPENS: f64 = 8.0 * HOUR;
const CLOSES: f64 = 18.0 * HOUR;
/// What is said of a wait.
const NEWS: [&str; 3] = ["desk.place", "desk.better", "desk.soon"];
/// No piece of the wait is longer, seconds.
const LONGEST_PIECE: f64 = 12.0;

/// How much happens.
pub(crate) struct Plan {
    pub(crate) calls: u32,
    pub(crate) operators: u32,
    pub(crate) seed: u64,
    /// When the service is killed, seconds of the day.
    pub(crate) kills: &'static [f64],
}

/// The share of the day's calls that come in an hour: 12 % in a busy one (domain reference 1.6 and 5.2).
fn share(second: f64) -> f64 {
    let hour = second / HOUR;
    if (9.5..11.0).contains(&hour) || (14.5..16.0).contains(&hour) {
        0.12
    } else if (8.0..18.0).contains(&hour) {
        0.074
    } else {
        0.0087
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Arrives {
        seeks: bool,
        from: u32,
    },
    /// The caller's document has come to its end; the number is of the document.
    Due(usize, u32),
    /// The caller presses a key.
    Presses(usize, u32, char),
    GivesUp(usize),
    PicksUp(usize, u32, bool),
    Answers(usize, u32, bool),
    DialEnds(usize, u32, DialOutcome),
    Tick,
    Kill,
}

/// Somebody who calls.
struct Caller {
    leg: Leg,
    /// The operator's end of a dial.
    peer: Option<Leg>,
    wire: Wire,
    began: f64,
    seeks: bool,
    from: u32,
    /// Counts the documents: what was planned for one is void with the next.
    document: u32,
    keys: u32,
    talking: Option<f64>,
    talks: u32,
    over: Option<&'static str>,
}

/// What an operator does besides what the queue has them do.
struct Operator {
    no: i64,
    back_at: f64,
    break_at: f64,
}

pub(crate) struct Day {
    plan: Plan,
    runtime: Option<Runtime>,
    world: Option<World>,
    folder: TempDir,
    dice: StdRng,
    now: f64,
    events: BinaryHeap<Reverse<(i64, u64)>>,
    planned: std::collections::HashMap<u64, Event>,
    next: u64,
    callers: Vec<Caller>,
    operators: Vec<Operator>,
    longest_piece: f64,
    kills: u32,
    ticks: u32,
}

impl Day {
    pub(crate) fn new(plan: Plan) -> Self {
        let dice = StdRng::seed_from_u64(plan.seed);
        let folder = tempfile::tempdir().unwrap();
        let mut day = Self {
            plan,
            runtime: None,
            world: None,
            folder,
            dice,
            now: 0.0,
            events: BinaryHeap::new(),
            planned: std::collections::HashMap::new(),
            next: 0,
            callers: Vec::new(),
            operators: Vec::new(),
            longest_piece: 0.0,
            kills: 0,
            ticks: 0,
        };
        day.starts();
        for number in 0..day.plan.operators {
            let no = day.hires(1001 + number);
            let (back_at, break_at) = (OPENS, day.between(9.0 * HOUR, 11.0 * HOUR));
            day.operators.push(Operator { no, back_at, break_at });
        }
        let calls = f64::from(day.plan.calls);
        let mut at = 0.0;
        let mut from = 0;
        // Thinned to the rate of the hour.
        while at < 24.0 * HOUR {
            at += day.exponential(HOUR / (calls * 0.12));
            if day.happens(share(at) / 0.12) {
                let seeks = !day.happens(SELF_SERVICE);
                from += 1;
                day.plans(at, Event::Arrives { seeks, from });
            }
        }
        let mut tick = OPENS - 60.0;
        while tick < CLOSES + 3_600.0 {
            day.plans(tick, Event::Tick);
            tick += TICK;
        }
        for kill in day.plan.kills {
            day.plans(*kill, Event::Kill);
        }
        day
    }

    /// Lives through all of it.
    pub(crate) fn passes(&mut self) {
        while let Some(Reverse((at, number))) = self.events.pop() {
            let Some(event) = self.planned.remove(&number) else { continue };
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a day")]
            let at = at as f64 / 1_000.0;
            self.now = self.now.max(at);
            self.sets_clock();
            self.lives(event);
        }
        self.now += 2.0 * HOUR;
        self.sets_clock();
        let world = self.world.as_ref().unwrap();
        self.runtime.as_ref().unwrap().block_on(async {
            world.service.sweep().await;
            world.database.match_waiting(world.clock_now()).await.unwrap();
        });
    }

    fn lives(&mut self, event: Event) {
        match event {
            Event::Arrives { seeks, from } => self.arrives(seeks, from),
            Event::Due(at, document) if self.is_current(at, document) => self.passes_on(at, None),
            Event::Presses(at, document, key) if self.is_current(at, document) => self.passes_on(at, Some(key)),
            Event::GivesUp(at) => self.gives_up(at),
            Event::PicksUp(at, document, takes) if self.is_current(at, document) => self.picks_up(at, takes),
            Event::Answers(at, document, takes) if self.is_current(at, document) => self.answers(at, takes),
            Event::DialEnds(at, document, outcome) if self.is_current(at, document) => self.dial_ends(at, outcome),
            Event::Due(..) | Event::Presses(..) | Event::PicksUp(..) | Event::Answers(..) | Event::DialEnds(..) => {}
            Event::Tick => self.ticks(),
            Event::Kill => self.is_killed(),
        }
    }

    fn arrives(&mut self, seeks: bool, from: u32) {
        let world = self.world.as_ref().unwrap();
        let number = PhoneNumber::parse(&format!("+1202{from:07}")).unwrap();
        // One in ten withholds the number.
        let known = !from.is_multiple_of(10);
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
            seeks,
            from,
            document: 0,
            keys: 0,
            talking: None,
            talks: 0,
            over: None,
        });
        let at = self.callers.len() - 1;
        if seeks {
            let patience = 20.0 + self.exponential(400.0);
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
        if self.waits_in_queue(at) {
            self.longest_piece = self.longest_piece.max(due - self.now);
        }
        let (seeks, keys) = (self.callers[at].seeks, self.callers[at].keys);
        match listens {
            Some(from) if seeks && keys == 0 => {
                self.callers[at].keys = 1;
                let when = from.max(self.now) + self.between(0.5, 3.0);
                self.plans(when.min(due - 0.1), Event::Presses(at, document, '0'));
            }
            Some(from) if !seeks => {
                self.callers[at].keys += 1;
                if keys > 3 {
                    let when = self.now + self.between(1.0, 20.0);
                    self.plans(when, Event::GivesUp(at));
                }
                let key = ['1', '2', '3', '9'][self.dice.random_range(0..4)];
                let when = from.max(self.now) + self.between(1.0, 6.0);
                self.plans(when.min(due - 0.1), Event::Presses(at, document, key));
            }
            _ => self.plans(due, Event::Due(at, document)),
        }
    }

    /// A piece of the wait: nothing is said but news of the wait, or nothing at all.
    fn waits_in_queue(&self, at: usize) -> bool {
        let Ending::Listen(listen) = &self.callers[at].leg.playing().performance().reply.ending else { return false };
        listen.prompts.iter().all(|said| said.prompt.as_ref().is_some_and(|prompt| NEWS.contains(&prompt.as_str())))
    }

    /// The document ends, or a key is pressed.
    fn passes_on(&mut self, at: usize, key: Option<char>) {
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

    fn picks_up(&mut self, at: usize, takes: bool) {
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

    fn answers(&mut self, at: usize, takes: bool) {
        let runtime = self.runtime.as_ref().unwrap();
        let Caller { peer, wire, document, .. } = &mut self.callers[at];
        let (mut peer, document) = (peer.take().unwrap(), *document);
        runtime.block_on(peer.press(wire, if takes { '1' } else { '2' })).unwrap();
        let joined = peer.playing().performance().reply.ending == Ending::Join;
        assert_eq!(joined, takes);
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

    fn dial_ends(&mut self, at: usize, outcome: DialOutcome) {
        let runtime = self.runtime.as_ref().unwrap();
        let now = self.now;
        let Caller { leg, wire, talking, .. } = &mut self.callers[at];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a talk of minutes")]
        let talk_s = talking.take().map(|since| (now - since) as u32);
        let what = What::DialEnded { outcome, talk_s, verbatim: outcome.name().to_owned() };
        runtime.block_on(leg.ask(wire, Kind::Dialled, what)).unwrap();
        self.hears(at);
    }

    fn gives_up(&mut self, at: usize) {
        let caller = &self.callers[at];
        // Who talks has what they wanted.
        if caller.over.is_some() || caller.talks > 0 {
            return;
        }
        let (seeks, from) = (caller.seeks, caller.from);
        let reported = !self.happens(0.05);
        if reported {
            self.ends(at, "gave up");
        } else {
            // Nothing is heard of them any more.
            self.callers[at].over = Some("vanished");
        }
        if seeks && self.happens(0.3) {
            let again = self.now + self.between(5.0, 360.0);
            self.plans(again, Event::Arrives { seeks, from });
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
    }

    /// Operators look up, and the server looks after the queue.
    fn ticks(&mut self) {
        let now = self.now;
        self.ticks += 1;
        // A desk is heard of every 40 s.
        let looks = self.ticks.is_multiple_of(4);
        let world = self.world.as_ref().unwrap();
        let (database, at) = (world.database.clone(), world.clock_now());
        let states = self.block_on(async {
            world.service.sweep().await;
            database.match_waiting(at).await.unwrap();
            database.operators_now().await.unwrap()
        });
        for place in 0..self.operators.len() {
            let Operator { no, back_at, break_at } = self.operators[place];
            let state = states.iter().find(|one| one.no == no);
            let name = state.map_or("offline", |one| one.state.as_str());
            if (OPENS - 30.0..CLOSES).contains(&now) && state.is_none_or(|one| one.state == "offline") {
                self.block_on(async { database.enter_presence(no, at).await.unwrap() });
            }
            let free = name != "reserved" && name != "talking";
            let to = match name {
                _ if now >= CLOSES && free && name != "offline" => Some(Presence::Offline),
                "available" if now >= break_at && now < CLOSES - HOUR => {
                    self.operators[place].back_at = now + 600.0;
                    self.operators[place].break_at = now + 2.0 * HOUR;
                    Some(Presence::Away("break".to_owned()))
                }
                // Whoever missed a call notices some time later.
                "away" if state.is_some_and(|one| one.reason != "break") && now < CLOSES => {
                    self.happens(0.12).then_some(Presence::Available)
                }
                "away" | "offline" if now >= back_at && now < CLOSES => Some(Presence::Available),
                "wrap-up" if self.happens(0.2) => Some(Presence::Available),
                _ => None,
            };
            self.block_on(async {
                match to {
                    Some(to) => drop(database.set_presence(no, to, at).await.unwrap()),
                    None if now < CLOSES && looks => database.keep_seen(no, at).await.unwrap(),
                    None => {}
                }
            });
        }
    }

    /// The service ends in the midst of a request, and is started again some seconds later.
    fn is_killed(&mut self) {
        self.kills += 1;
        let waiting = (0..self.callers.len()).find(|at| self.callers[*at].over.is_none() && self.waits_in_queue(*at));
        if let Some(at) = waiting {
            let due = self.callers[at].leg.playing().due();
            self.now = self.now.max(seconds(due));
            self.sets_clock();
            let turns = self.dice.random_range(0..12);
            let runtime = self.runtime.as_ref().unwrap();
            let Caller { leg, wire, .. } = &mut self.callers[at];
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    // What comes of it is not heard any more. The provider asks again.
                    _ = leg.pass(wire) => {}
                    () = async { for _ in 0..turns { tokio::task::yield_now().await } } => {}
                }
            });
            self.callers[at].document += 1;
            let document = self.callers[at].document;
            self.plans(self.now + 5.0, Event::Due(at, document));
        }
        self.world = None;
        // Every task of it is dropped where it stands.
        self.runtime.take().unwrap().shutdown_background();
        self.now += self.between(3.0, 12.0);
        self.starts();
        for at in 0..self.callers.len() {
            let world = self.world.as_ref().unwrap();
            let wire = &mut self.callers[at].wire;
            *wire = Wire { exchange: exchange(world), clock: Arc::clone(&world.clock) as _, ..wire.clone() };
        }
    }

    fn starts(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let path = self.folder.path().join("hotline.db");
        let world = runtime.block_on(open(&path));
        self.runtime = Some(runtime);
        self.world = Some(world);
        self.sets_clock();
    }

    fn hires(&self, number: u32) -> i64 {
        let database = self.world.as_ref().unwrap().database.clone();
        self.block_on(database.write(move |connection| {
            Box::pin(async move {
                sqlx::query_scalar(
                    "INSERT INTO operators (number, name, role, password, must_change, languages, subjects, made_at) \
                     VALUES (?, 'Somebody', 'operator', '', 0, '[\"en\"]', '[]', 0) RETURNING no",
                )
                .bind(number.to_string())
                .fetch_one(connection)
                .await
            })
        }))
        .unwrap()
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.as_ref().unwrap().block_on(future)
    }

    fn sets_clock(&self) {
        self.world.as_ref().unwrap().clock.set(instant(self.now));
    }

    fn is_current(&self, at: usize, document: u32) -> bool {
        self.callers[at].over.is_none() && self.callers[at].document == document
    }

    fn plans(&mut self, at: f64, event: Event) {
        self.next += 1;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a day")]
        self.events.push(Reverse(((at * 1_000.0).ceil() as i64, self.next)));
        self.planned.insert(self.next, event);
    }

    fn happens(&mut self, share: f64) -> bool {
        self.dice.random_bool(share.clamp(0.0, 1.0))
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        self.dice.random_range(from..to)
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.dice.random::<f64>()).ln()
    }

    /// What has come of it all.
    pub(crate) fn told(&self) -> Told {
        let database = &self.world.as_ref().unwrap().database;
        let waits: Vec<Row> = self.block_on(async {
            sqlx::query_as(
                "SELECT told_wait_s, told_mean_s, joined_at, answered_at, ended_at FROM waiting WHERE state = 'over'",
            )
            .fetch_all(database.readers())
            .await
            .unwrap()
        });
        let told = waits.iter().filter_map(|(bound, mean, joined, answered, ended)| {
            #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
            let lasted = (answered.unwrap_or(*ended) - joined) as f64 / 1_000.0;
            #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
            Some(Wait { bound: (*bound)? as f64, mean: (*mean)? as f64, lasted, came: answered.is_some() })
        });
        Told { waits: told.collect() }
    }
}

/// Bound and mean that were told, when they joined, when an operator came, when it was over.
type Row = (Option<i64>, Option<i64>, i64, Option<i64>, i64);

/// A wait that was announced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    pub(crate) bound: f64,
    pub(crate) mean: f64,
    pub(crate) lasted: f64,
    /// An operator came; else the caller has waited at least so long.
    pub(crate) came: bool,
}

pub(crate) struct Told {
    pub(crate) waits: Vec<Wait>,
}

impl Told {
    /// The share of those who were connected within the bound that they were told. Whoever gave up before would have
    /// been connected some time later: they count for as long as they waited (Kaplan and Meier).
    pub(crate) fn held(&self) -> f64 {
        let survived = survival(self.waits.iter().map(|wait| (wait.lasted / wait.bound, wait.came)));
        1.0 - survived.iter().rev().find(|(at, _)| *at <= 1.0).map_or(1.0, |(_, left)| *left)
    }

    /// The same for the minutes as they are said.
    pub(crate) fn held_as_said(&self) -> f64 {
        let said = |bound: f64| ((bound + 30.0) / 60.0).floor().max(1.0) * 60.0;
        let survived = survival(self.waits.iter().map(|wait| (wait.lasted / said(wait.bound), wait.came)));
        1.0 - survived.iter().rev().find(|(at, _)| *at <= 1.0).map_or(1.0, |(_, left)| *left)
    }

    /// The mean of wait less expected wait, as a share of the mean expected wait. Positive: callers wait longer than
    /// expected. Whoever came through counts also for those who had less patience: as often as one over the share of
    /// callers who would have waited so long.
    pub(crate) fn error(&self) -> f64 {
        let patient = survival(self.waits.iter().map(|wait| (wait.lasted, !wait.came)));
        let came = self.waits.iter().filter(|wait| wait.came);
        let (waited, expected) = came.fold((0.0, 0.0), |(waited, expected), wait| {
            let patience = patient.iter().rev().find(|(at, _)| *at < wait.lasted).map_or(1.0, |(_, left)| *left);
            (waited + wait.lasted / patience, expected + wait.mean / patience)
        });
        waited / expected - 1.0
    }
}

/// After each value that came, the share of those that are larger; what did not come counts until it was lost.
fn survival(values: impl Iterator<Item = (f64, bool)>) -> Vec<(f64, f64)> {
    let mut values: Vec<(f64, bool)> = values.collect();
    values.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut left = 1.0;
    let count = values.len();
    let mut survived = Vec::new();
    for (place, (value, came)) in values.into_iter().enumerate() {
        if came {
            #[expect(clippy::cast_precision_loss, reason = "a day's calls")]
            let at_risk = (count - place) as f64;
            left *= 1.0 - 1.0 / at_risk;
            survived.push((value, left));
        }
    }
    survived
}

fn instant(second: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a day")]
    Timestamp::from_millis(MIDNIGHT + (second * 1_000.0).round() as i64)
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a day")]
fn seconds(at: Timestamp) -> f64 {
    (at.as_millis() - MIDNIGHT) as f64 / 1_000.0
}

fn exchange(world: &World) -> Arc<Carrier> {
    let public = world.service.settings().public.clone();
    let memory = Arc::new(Memory(Arc::clone(&world.service)));
    Arc::new(Carrier::new(Neutral::profile(), public, memory, Hearing::Lengths).with_clock(Arc::new(NoDeadlines)))
}

async fn open(path: &Path) -> World {
    let database = Database::open(path).await.unwrap();
    let speech = Speech { clips: false, ..Speech::new(ClipFiles::default()) };
    let line = ("clinic".to_owned(), line(), Vec::new());
    World::open(Setup {
        lines: Lines::open(database.clone(), speech, vec![line], false).await.unwrap(),
        database,
        data_key: DATA_KEY,
        public: PublicUrl::parse("http://127.0.0.1:8080").unwrap(),
        profiles: vec![Neutral::profile()],
        dial: std::collections::BTreeMap::new(),
        hashing: PinHashing::SMALLEST,
        sms: SmsSettings::default(),
    })
    .unwrap()
}

/// The example line with a queue before its front desk.
pub(crate) fn line() -> Files {
    let mut files = line_files::read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows/clinic")).unwrap();
    let desk = files.0.get_mut("desk.yaml").unwrap();
    let (before, after) = (desk.find("  desk.check:").unwrap(), desk.find("  desk.nobody:").unwrap());
    desk.replace_range(before..after, QUEUE);
    let prompts = files.0.get_mut("prompts/en/desk.yaml").unwrap();
    prompts.push_str(PROMPTS);
    files
}

const QUEUE: &str = "  desk.check:
    kind: queue
    queue: desk
    as: duty
    connecting: desk.ring
    place: desk.place
    better: desk.better
    soon: desk.soon
    whisper:
      prompt: desk.whisper
      values: { topic: topic }
      accept: 1
    ring: 20s
    overflow: operators
    on:
      talked: main.bye
      closed: help.closed
      holiday: help.closed
      closed-today: help.closed
      nobody: desk.nobody
      full: desk.nobody
      too-long: desk.nobody
      busy: desk.nobody
      no-answer: desk.nobody
      declined: desk.nobody
      failed: desk.nobody
      unavailable: desk.nobody

";
const PROMPTS: &str = "
desk.place: \"You are {place: ordinal} in line. We expect to connect you within {minutes: count minute}.\"
desk.better: \"Thank you for waiting. You are now {place: ordinal} in line.\"
desk.soon: You are next.
";

trait ClockNow {
    fn clock_now(&self) -> Timestamp;
}

impl ClockNow for World {
    fn clock_now(&self) -> Timestamp {
        hotline::clock::Clock::now(&*self.clock)
    }
}

/// Lives through a day, and checks that nobody was lost, served twice or stuck.
pub(crate) fn lived(plan: Plan) -> Told {
    let kills = u32::try_from(plan.kills.len()).unwrap();
    let mut day = Day::new(plan);
    day.passes();
    let told = day.told();
    let count = |how: &str| day.callers.iter().filter(|caller| caller.over == Some(how)).count();
    let talks = day.callers.iter().filter(|caller| caller.talks > 0).count();
    println!(
        "{} calls: {} told, {} gave up, {} vanished; {talks} talks; {} waits announced, {:.3} within the bound, {:.3} as \
         said; error {:+.3}; longest piece {:.1} s; {} kills",
        day.callers.len(),
        count("told"),
        count("gave up"),
        count("vanished"),
        told.waits.len(),
        told.held(),
        told.held_as_said(),
        told.error(),
        day.longest_piece,
        day.kills
    );
    assert!(day.callers.iter().all(|caller| caller.over.is_some()), "a call did not come to an end");
    assert!(day.callers.iter().all(|caller| caller.talks <= 1), "a caller was served twice");
    assert_eq!(day.kills, kills);
    assert!(day.longest_piece <= LONGEST_PIECE, "{}", day.longest_piece);
    let database = day.world.as_ref().unwrap().database.clone();
    let (waiting, operators, served, twice, faults) = day.block_on(async {
        let number =
            async |sql: &'static str| -> i64 { sqlx::query_scalar(sql).fetch_one(database.readers()).await.unwrap() };
        let twice = "SELECT count(*) FROM \
                     (SELECT 1 FROM waiting WHERE outcome = 'served' GROUP BY call HAVING count(*) > 1)";
        (
            database.waiting_now().await.unwrap(),
            database.operators_now().await.unwrap(),
            number("SELECT count(*) FROM waiting WHERE outcome = 'served'").await,
            number(twice).await,
            number("SELECT count(*) FROM calls WHERE end_cause = 'our-fault' OR ended_at IS NULL").await,
        )
    });
    assert_eq!(waiting, [], "nobody waits in the evening");
    let stuck: Vec<_> = operators.iter().filter(|one| one.state != "offline").collect();
    assert!(stuck.is_empty(), "{stuck:?}");
    assert_eq!((usize::try_from(served).unwrap(), twice, faults), (talks, 0, 0));
    told
}

/// Four in five, give or take five points; and what is expected is right on average, give or take 15 %.
pub(crate) fn is_as_announced(told: &Told) {
    assert!((0.75..=0.85).contains(&told.held()), "{}", told.held());
    assert!((0.75..=0.85).contains(&told.held_as_said()), "{}", told.held_as_said());
    assert!(told.error().abs() <= 0.15, "{}", told.error());
}

/// In the busy hours, twice while many wait, and twice in between.
pub(crate) const KILLS: &[f64] = &[9.9 * HOUR, 10.6 * HOUR, 13.1 * HOUR, 15.2 * HOUR];

#[test]
fn nobody_is_lost_in_a_day_and_waits_are_as_announced() {
    let told = lived(Plan { calls: 1_600, operators: 6, seed: 12_333, kills: KILLS });
    assert!(told.waits.len() > 150, "{}", told.waits.len());
    is_as_announced(&told);
}
