//! A day of the shipped line in compressed time, through the real service and the real engine: callers with and without
//! patience, some of whom choose to be called back, operators who miss calls, decline them and go on breaks, and a
//! service that is killed and started again.
//!
//! Nothing here sleeps: what happens next is taken from an agenda, and the clock is set to it. What callers do is in
//! `callers.rs`, what operators do in `operators.rs`, and how well waits were foretold in `told.rs`.

mod callers;
mod operators;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use hotline::call::{DialOutcome, Timestamp};
use hotline::clip_files::ClipFiles;
use hotline::clock::Clock as _;
use hotline::dialect::PublicUrl;
use hotline::line_files;
use hotline::lookup::pin::PinHashing;
use hotline::service::{Lines, SmsSettings, Speech};
use hotline::simulator::{Carrier, Hearing, Memory, Neutral, Setup, Wire, World};
use hotline::store::Database;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::app::{DATA_KEY, NoDeadlines};
use callers::{Caller, Wants};
use operators::Operator;
pub(crate) use told::Told;

/// 2026-03-31, a Tuesday, 0:00 in China.
const MIDNIGHT: i64 = 1_774_886_400_000;
const HOUR: f64 = 3_600.0;
/// How often operators look up, and the server looks after the queue.
const TICK: f64 = 10.0;
/// The share of callers who are content with the menus (domain reference 5.1).
const SELF_SERVICE: f64 = 0.587;
/// From when to when people answer. Whoever waits when they close is still served.
const OPENS: f64 = 9.0 * HOUR;
const CLOSES: f64 = 17.0 * HOUR;
const EMPTY: f64 = CLOSES + 2.0 * HOUR;
/// No piece of the wait is longer, seconds: that would be the offer of what else can be done, a menu.
const LONGEST_PIECE: f64 = 15.0;

/// How much happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) calls: u32,
    pub(crate) operators: u32,
    pub(crate) seed: u64,
}

/// When the service is killed, and for how long it is gone: twice while many wait, in between, and for so long that
/// every desk counts as closed. Seconds.
const KILLS: &[(f64, f64)] =
    &[(9.9 * HOUR, 3.0), (10.6 * HOUR, 12.0), (13.1 * HOUR, 6.0), (15.2 * HOUR, 8.0), (15.6 * HOUR, 90.0)];

/// The share of the day's calls that come in an hour: 12 % in a busy one (domain reference 1.6 and 5.2).
fn share(second: f64) -> f64 {
    let hour = second / HOUR;
    if (9.5..11.0).contains(&hour) || (14.5..16.0).contains(&hour) {
        0.12
    } else if (9.0..17.0).contains(&hour) {
        0.09
    } else {
        0.012
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Arrives {
        wants: Wants,
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
    /// An operator has called somebody back, or tried to: by operator and wait.
    CalledBack(usize, i64, bool),
    Tick,
    Kill(f64),
}

pub(crate) struct Day {
    plan: Plan,
    runtime: Option<Runtime>,
    world: Option<World>,
    folder: TempDir,
    dice: StdRng,
    now: f64,
    /// By millisecond, and among those of one in the order in which they were planned.
    agenda: BTreeMap<(i64, u64), Event>,
    planned: u64,
    callers: Vec<Caller>,
    /// Those whose call goes on.
    on_the_line: BTreeSet<usize>,
    operators: Vec<Operator>,
    longest_piece: f64,
    kills: usize,
    ticks: u32,
}

impl Day {
    fn new(plan: Plan) -> Self {
        let mut day = Self {
            plan,
            runtime: None,
            world: None,
            folder: tempfile::tempdir().unwrap(),
            dice: StdRng::seed_from_u64(plan.seed),
            now: 0.0,
            agenda: BTreeMap::new(),
            planned: 0,
            callers: Vec::new(),
            on_the_line: BTreeSet::new(),
            operators: Vec::new(),
            longest_piece: 0.0,
            kills: 0,
            ticks: 0,
        };
        day.starts();
        day.hires();
        let mut at = 0.0;
        let mut from = 0;
        // As many as in a busy hour, thinned to the rate of the hour.
        while at < 24.0 * HOUR {
            at += day.exponential(HOUR / (f64::from(plan.calls) * 0.12));
            if day.happens(share(at) / 0.12) {
                from += 1;
                let wants = day.wish();
                day.plans(at, Event::Arrives { wants, from });
            }
        }
        let mut tick = OPENS - 60.0;
        while tick < EMPTY {
            day.plans(tick, Event::Tick);
            tick += TICK;
        }
        for (kill, gone_for) in KILLS {
            day.plans(*kill, Event::Kill(*gone_for));
        }
        day
    }

    /// Lives through all of it.
    fn passes(&mut self) {
        while let Some(((at, _), event)) = self.agenda.pop_first() {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a day")]
            let at = at as f64 / 1_000.0;
            self.now = self.now.max(at);
            self.sets_clock();
            self.lives(event);
        }
        self.now += 2.0 * HOUR;
        self.sets_clock();
        let world = self.world();
        self.block_on(async {
            world.service.sweep().await;
            world.database.match_waiting(world.clock.now()).await.unwrap();
        });
    }

    fn lives(&mut self, event: Event) {
        match event {
            Event::Arrives { wants, from } => self.arrives(wants, from),
            Event::Due(at, document) if self.is_current(at, document) => self.passes_on(at, None),
            Event::Presses(at, document, key) if self.is_current(at, document) => self.passes_on(at, Some(key)),
            Event::GivesUp(at) => self.gives_up(at),
            Event::PicksUp(at, document, takes) if self.is_current(at, document) => self.picks_up(at, takes),
            Event::Answers(at, document, takes) if self.is_current(at, document) => self.answers(at, takes),
            Event::DialEnds(at, document, outcome) if self.is_current(at, document) => self.dial_ends(at, outcome),
            Event::Due(..) | Event::Presses(..) | Event::PicksUp(..) | Event::Answers(..) | Event::DialEnds(..) => {}
            Event::CalledBack(operator, waiting, reached) => self.called_back(operator, waiting, reached),
            Event::Tick => self.ticks(),
            Event::Kill(gone_for) => self.is_killed(gone_for),
        }
    }

    /// The service ends in the midst of a request, and is started again some seconds later.
    fn is_killed(&mut self, gone_for: f64) {
        self.kills += 1;
        let waiting = self.on_the_line.iter().copied().find(|at| self.waits_in_queue(*at));
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
            self.plans(self.now + gone_for + 5.0, Event::Due(at, document));
        }
        self.world = None;
        // Every task of it is dropped where it stands.
        self.runtime.take().unwrap().shutdown_background();
        self.now += gone_for;
        self.starts();
        for at in 0..self.callers.len() {
            let world = self.world.as_ref().unwrap();
            let wire = &mut self.callers[at].wire;
            *wire = Wire { exchange: exchange(world), clock: Arc::clone(&world.clock) as _, ..wire.clone() };
        }
    }

    fn starts(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let world = runtime.block_on(open(&self.folder.path().join("hotline.db")));
        self.runtime = Some(runtime);
        self.world = Some(world);
        self.sets_clock();
        let world = self.world();
        self.block_on(world.database.await_desks(world.clock.now())).unwrap();
    }

    fn world(&self) -> &World {
        self.world.as_ref().unwrap()
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.as_ref().unwrap().block_on(future)
    }

    fn sets_clock(&self) {
        self.world().clock.set(instant(self.now));
    }

    fn is_current(&self, at: usize, document: u32) -> bool {
        self.callers[at].over.is_none() && self.callers[at].document == document
    }

    fn plans(&mut self, at: f64, event: Event) {
        self.planned += 1;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a day")]
        self.agenda.insert(((at * 1_000.0).ceil() as i64, self.planned), event);
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
    let line = (line_files::SHIPPED.to_owned(), line_files::shipped(), Vec::new());
    World::open(Setup {
        lines: Lines::open(database.clone(), speech, vec![line], false).await.unwrap(),
        database,
        data_key: DATA_KEY,
        public: PublicUrl::parse("http://127.0.0.1:8080").unwrap(),
        profiles: vec![Neutral::profile()],
        dial: BTreeMap::new(),
        hashing: PinHashing::SMALLEST,
        sms: SmsSettings::default(),
        record_talks: false,
    })
    .unwrap()
}

/// Lives through a day, and checks that nobody was lost, served twice or stuck.
pub(crate) fn lived(plan: Plan) -> Told {
    let mut day = Day::new(plan);
    day.passes();
    let count = |how: &str| day.callers.iter().filter(|caller| caller.over == Some(how)).count();
    let talks = day.callers.iter().filter(|caller| caller.talks > 0).count();
    let lost = day.callers.iter().filter(|caller| caller.over.is_none()).count();
    let sent_away = day.callers.iter().filter(|caller| caller.was_sent_away()).count();
    let database = day.world().database.clone();
    let (waiting, operators, [served, twice, called_back, not_reached, faults]) = day.block_on(async {
        let mut counts = [0_i64; 5];
        for (count, sql) in counts.iter_mut().zip([
            "SELECT count(*) FROM waiting WHERE outcome = 'served'",
            "SELECT count(*) FROM (SELECT 1 FROM waiting WHERE outcome IN ('served', 'called-back') \
             GROUP BY call HAVING count(*) > 1)",
            "SELECT count(*) FROM waiting WHERE outcome = 'called-back'",
            "SELECT count(*) FROM waiting WHERE outcome = 'not-reached'",
            "SELECT count(*) FROM calls WHERE end_cause = 'our-fault' OR ended_at IS NULL",
        ]) {
            *count = sqlx::query_scalar(sql).fetch_one(database.readers()).await.unwrap();
        }
        (database.waiting_now().await.unwrap(), database.operators_now().await.unwrap(), counts)
    });
    // Who asked to be called back on another day is still to be.
    let tomorrow = |due: Timestamp| due.as_millis() >= MIDNIGHT + 24 * 3_600_000;
    let waiting: Vec<_> = waiting.into_iter().filter(|waiter| !waiter.due_at.is_some_and(tomorrow)).collect();
    let twice = usize::try_from(twice).unwrap() + day.callers.iter().filter(|caller| caller.talks > 1).count();
    let stuck: Vec<_> = operators.iter().filter(|one| one.state != "offline").collect();
    let told = day.told();
    println!(
        "{plan:?}: {} calls; {talks} talked, {called_back} were called back, {not_reached} were not reached; {} came to \
         their end, {} gave up, {} vanished; {} kills; longest piece {:.1} s\n\
         {lost} lost, {sent_away} sent away, {twice} served twice, {} operators stuck, {} left waiting\n{told}",
        day.callers.len(),
        count("told"),
        count("gave up"),
        count("vanished"),
        day.kills,
        day.longest_piece,
        stuck.len(),
        waiting.len(),
    );
    assert_eq!((lost, sent_away, twice, faults), (0, 0, 0, 0));
    assert_eq!(waiting, [], "nobody waits in the evening");
    assert!(stuck.is_empty(), "{stuck:?}");
    assert_eq!(usize::try_from(served).unwrap(), talks);
    assert_eq!(day.kills, KILLS.len());
    assert!(day.longest_piece <= LONGEST_PIECE, "{}", day.longest_piece);
    told
}

/// Few calls, so they are held to what so few can show; a day of 30,000 is in `cargo bench --bench queue -- day`.
#[test]
fn nobody_is_lost_in_a_day_and_waits_are_about_as_announced() {
    let told = lived(Plan { calls: 1_600, operators: 5, seed: 12_333 });
    assert!(told.waits.len() > 40, "{told}");
    assert!(told.is_true(3.0), "{told}");
}
