//! The queue under random events: in any order, repeated, too late, and two at a time from two handles on one file. After
//! each of them callers and operators have to agree, and nobody may be passed over.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join;
use hotline::call::{CallId, DialOutcome, EndCause, Timestamp};
use hotline::flow::QueueChange;
use hotline::store::queue::{Ask, Presence, priority};
use hotline::store::{Database, Store as _, Turn};
use proptest::prelude::*;
use sqlx::Row as _;

use crate::queue::{Caller, Hall};

const CALLERS: usize = 7;
/// What operators speak, and what they know.
const OPERATORS: [(&str, &str); 4] = [
    (r#"["zh-CN","en"]"#, "[]"),
    (r#"["zh-CN"]"#, r#"["pension"]"#),
    (r#"["en"]"#, "[]"),
    (r#"["zh-CN","en"]"#, r#"["medical"]"#),
];

#[derive(Clone, Debug)]
enum Event {
    Ask(usize),
    /// The end of a dial, told with its number, or with the number of the one before.
    DialEnded(usize, DialOutcome, bool),
    Taken(usize),
    Left(usize),
    HangsUp(usize),
    /// The call ends, and nothing of it is told to the queue.
    Dies(usize),
    /// Something that comes late, of the call before.
    Late(usize),
    Enters(usize),
    Sets(usize, u8),
    Seen(usize),
    MoreTime(usize),
    Declines(usize),
    /// As a server does that has started again.
    AwaitsDesks,
}

fn event() -> impl Strategy<Value = Event> {
    let caller = 0..CALLERS;
    let operator = 0..OPERATORS.len();
    let outcome = prop::sample::select(DialOutcome::ALL);
    prop_oneof![
        10 => caller.clone().prop_map(Event::Ask),
        3 => (caller.clone(), outcome, any::<bool>()).prop_map(|(caller, outcome, again)| Event::DialEnded(caller, outcome, again)),
        4 => caller.clone().prop_map(Event::Taken),
        1 => caller.clone().prop_map(Event::Left),
        2 => caller.clone().prop_map(Event::HangsUp),
        1 => caller.clone().prop_map(Event::Dies),
        1 => caller.prop_map(Event::Late),
        1 => operator.clone().prop_map(Event::Enters),
        5 => (operator.clone(), 0..5_u8).prop_map(|(operator, to)| Event::Sets(operator, to)),
        4 => operator.clone().prop_map(Event::Seen),
        1 => operator.clone().prop_map(Event::MoreTime),
        1 => operator.prop_map(Event::Declines),
        1 => Just(Event::AwaitsDesks),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    One(Event, bool),
    /// At once, each on a handle of its own.
    Two(Event, Event),
    Later(u32),
    /// One handle is dropped as it is, and opened again.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (event(), any::<bool>()).prop_map(|(event, handle)| Step::One(event, handle)),
        3 => (event(), event()).prop_map(|(one, other)| Step::Two(one, other)),
        4 => prop_oneof![1..12_u32, 20..70_u32].prop_map(Step::Later),
        1 => Just(Step::Restart),
    ]
}

/// Something to be done on a handle.
enum Deed {
    Asks(Box<Ask>),
    Makes(Box<Turn>),
    Enters(i64),
    Sets(i64, Presence),
    Seen(i64),
    MoreTime(i64),
    Declines(i64),
    AwaitsDesks,
}

/// What comes too late may be refused; what is refused must leave everything as it was.
async fn does(database: &Database, deed: Deed, now: Timestamp) {
    match deed {
        Deed::Asks(ask) => drop(database.ask_queue(*ask).await),
        Deed::Makes(turn) => drop(database.commit(*turn).await),
        Deed::Enters(operator) => database.enter_presence(operator, now).await.unwrap(),
        Deed::Sets(operator, presence) => drop(database.set_presence(operator, presence, now).await.unwrap()),
        Deed::AwaitsDesks => database.await_desks(now).await.unwrap(),
        Deed::Seen(operator) => database.keep_seen(operator, now).await.unwrap(),
        Deed::MoreTime(operator) => {
            database.extend_wrap_up(operator, Duration::from_secs(20), now).await.unwrap();
        }
        Deed::Declines(operator) => {
            let theirs = database.operators_now().await.unwrap().into_iter().find(|one| one.no == operator);
            if let Some(waiting) = theirs.and_then(|one| one.waiting) {
                database.decline(operator, waiting, now).await.unwrap();
            }
        }
    }
}

/// A world of callers and operators.
struct World {
    hall: Hall,
    handles: [Database; 2],
    operators: Vec<i64>,
    callers: Vec<Caller>,
    /// The call that each of them made before.
    before: Vec<Option<Caller>>,
}

impl World {
    async fn open() -> Self {
        let hall = Hall::open().await;
        let mut operators = Vec::new();
        for (number, (languages, subjects)) in (1001..).zip(OPERATORS) {
            operators.push(hall.hired(number, languages, subjects).await);
        }
        let handles = [hall.database.clone(), hall.another().await];
        let mut world = Self { hall, handles, operators, callers: Vec::new(), before: vec![None; CALLERS] };
        for place in 0..CALLERS {
            let caller = world.call(place).await;
            world.callers.push(caller);
        }
        world
    }

    /// A new call. Two of them come from one number, and one from none.
    async fn call(&self, place: usize) -> Caller {
        let number = match place {
            0 => None,
            1 | 2 => Some(1),
            other => u8::try_from(other).ok(),
        };
        Caller {
            language: if place.is_multiple_of(3) { "en" } else { "zh-CN" },
            subject: ["", "pension", "medical"][place % 3],
            priority: if place == 4 { priority::ELDERLY } else { priority::USUAL },
            number,
            ..self.hall.caller().await
        }
    }

    fn deed(&mut self, event: &Event) -> Option<Deed> {
        let turn = |hall: &Hall, caller: &mut Caller, change, ended| {
            Deed::Makes(Box::new(hall.next_turn(caller, change, ended)))
        };
        let hung_up = Some(EndCause::CallerHungUp);
        Some(match event {
            Event::Ask(at) => Deed::Asks(Box::new(self.hall.question(&self.callers[*at]))),
            Event::DialEnded(at, outcome, again) => {
                let caller = &mut self.callers[*at];
                caller.dials += u16::from(!again);
                Deed::Asks(Box::new(Ask { ended: Some(*outcome), ..self.hall.question(caller) }))
            }
            Event::Taken(at) => turn(&self.hall, &mut self.callers[*at], Some(QueueChange::Taken), None),
            Event::Left(at) => turn(&self.hall, &mut self.callers[*at], Some(QueueChange::Left), None),
            Event::HangsUp(at) => turn(&self.hall, &mut self.callers[*at], Some(QueueChange::Gone), hung_up),
            Event::Dies(at) => turn(&self.hall, &mut self.callers[*at], None, Some(EndCause::OurFault)),
            Event::Late(at) => Deed::Asks(Box::new(self.hall.question(self.before[*at].as_ref()?))),
            Event::Enters(at) => Deed::Enters(self.operators[*at]),
            Event::Sets(at, to) => {
                let presence = match to {
                    0 => Presence::Offline,
                    1 => Presence::Away("break".to_owned()),
                    _ => Presence::Available,
                };
                Deed::Sets(self.operators[*at], presence)
            }
            Event::Seen(at) => Deed::Seen(self.operators[*at]),
            Event::MoreTime(at) => Deed::MoreTime(self.operators[*at]),
            Event::Declines(at) => Deed::Declines(self.operators[*at]),
            Event::AwaitsDesks => Deed::AwaitsDesks,
        })
    }

    /// Whoever has hung up calls again.
    async fn call_again(&mut self, event: &Event) {
        if let Event::HangsUp(at) | Event::Dies(at) = event {
            let next = self.call(*at).await;
            self.before[*at] = Some(std::mem::replace(&mut self.callers[*at], next));
        }
    }

    /// One step, from what was seen before it to what is seen after it.
    async fn takes(&mut self, step: &Step, before: Seen) -> Seen {
        let now = self.hall.now();
        let between = match step {
            Step::One(event, handle) => {
                if let Some(deed) = self.deed(event) {
                    does(&self.handles[usize::from(*handle)], deed, now).await;
                }
                let between = self.holds(&before, step).await;
                self.call_again(event).await;
                between
            }
            Step::Two(one, other) => {
                let deeds = (self.deed(one), self.deed(other));
                let doing = |deed: Option<Deed>, handle: Database| async move {
                    if let Some(deed) = deed {
                        does(&handle, deed, now).await;
                    }
                };
                let [first, second] = self.handles.clone();
                join(doing(deeds.0, first), doing(deeds.1, second)).await;
                self.call_again(one).await;
                self.call_again(other).await;
                self.seen().await
            }
            Step::Later(seconds) => {
                self.hall.later(Duration::from_secs((*seconds).into()));
                self.seen().await
            }
            Step::Restart => {
                let again = self.hall.another().await;
                self.hall.database = again.clone();
                self.handles[0] = again;
                before
            }
        };
        self.handles[1].match_waiting(self.hall.now()).await.unwrap();
        let after = self.holds(&between, step).await;
        self.is_settled(&after, step);
        after
    }

    async fn seen(&self) -> Seen {
        Seen::read(&self.handles[1], self.hall.now()).await
    }

    /// What must be so at any time.
    async fn holds(&self, before: &Seen, step: &Step) -> Seen {
        let seen = self.seen().await;
        let told = || format!("after {step:?}:\n{seen:#?}");
        for waits in &seen.waiting {
            let held = matches!(waits.state.as_str(), "reserved" | "talking");
            assert_eq!(held, waits.operator.is_some(), "{}", told());
            let Some(operator) = waits.operator else { continue };
            let at = &seen.operators[&operator];
            assert_eq!((at.state.as_str(), at.waiting), (waits.state.as_str(), Some(waits.no)), "{}", told());
        }
        for (no, operator) in &seen.operators {
            match operator.state.as_str() {
                "reserved" | "talking" => {
                    let theirs = seen.waiting.iter().filter(|waits| waits.operator == Some(*no)).count();
                    assert_eq!(theirs, 1, "{}", told());
                    assert_eq!(operator.state == "reserved", operator.ends_at.is_some(), "{}", told());
                }
                "wrap-up" => assert!(operator.ends_at.is_some(), "{}", told()),
                _ => assert_eq!((operator.waiting, operator.ends_at), (None, None), "{}", told()),
            }
        }
        let mut calls: Vec<CallId> = seen.waiting.iter().map(|waits| waits.call).collect();
        calls.sort_unstable();
        calls.dedup();
        assert_eq!(calls.len(), seen.waiting.len(), "nobody waits twice: {}", told());
        for new in seen.waiting.iter().filter(|waits| waits.state == "reserved" && !before.reserved(waits)) {
            let Some(operator) = new.operator else { continue };
            let passed = seen.waiting.iter().find(|waits| {
                waits.state == "waiting" && waits.there && waits.goes_before(new) && seen.can(operator, waits)
            });
            assert!(passed.is_none(), "{passed:?} was passed over, {}", told());
            let idle = seen.operators.iter().find(|(no, idle)| {
                let (was, rung) = (before.operators.get(*no), before.operators.get(&operator));
                let longer = was.zip(rung).is_some_and(|(was, rung)| {
                    was.state == "available" && rung.state == "available" && was.idle_since < rung.idle_since
                });
                idle.state == "available" && longer && seen.can(**no, new)
            });
            assert!(idle.is_none(), "{idle:?} has been free for longer, {}", told());
        }
        seen
    }

    /// What must be so once everything that is due has been done.
    fn is_settled(&self, seen: &Seen, step: &Step) {
        let now = self.hall.now().as_millis();
        let told = || format!("after {step:?} at {now}:\n{seen:#?}");
        for operator in seen.operators.values() {
            assert!(operator.ends_at.is_none_or(|ends| ends > now), "{}", told());
            assert!(operator.state != "available" || operator.seen_until >= now, "{}", told());
        }
        for waits in &seen.waiting {
            assert!(!waits.call_ended, "{}", told());
            if waits.state == "waiting" && waits.there {
                let free = |(no, at): (&i64, &At)| at.state == "available" && seen.can(*no, waits);
                assert!(!seen.operators.iter().any(free), "{waits:?} waits though somebody is free, {}", told());
            }
        }
    }
}

/// All that is in the tables now.
#[derive(Debug)]
struct Seen {
    waiting: Vec<Waits>,
    operators: BTreeMap<i64, At>,
}

#[derive(Debug)]
struct Waits {
    no: i64,
    call: CallId,
    state: String,
    operator: Option<i64>,
    place: (i64, i64, i64),
    language: String,
    subject: String,
    /// The caller is heard of.
    there: bool,
    call_ended: bool,
    reserved_at: Option<i64>,
}

#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "as the column is named")]
struct At {
    state: String,
    seen_until: i64,
    ends_at: Option<i64>,
    waiting: Option<i64>,
    idle_since: i64,
    languages: String,
    subjects: String,
}

impl Waits {
    fn goes_before(&self, other: &Self) -> bool {
        self.place < other.place
    }
}

impl Seen {
    async fn read(database: &Database, now: Timestamp) -> Self {
        let rows = sqlx::query(
            "SELECT w.*, c.ended_at IS NOT NULL AS call_ended FROM waiting w LEFT JOIN calls c ON c.id = w.call \
             WHERE w.state <> 'over'",
        );
        let rows = rows.fetch_all(database.readers()).await.unwrap();
        let waiting = rows.iter().map(|row| Waits {
            no: row.get("no"),
            call: CallId::from_bytes(row.get::<Vec<u8>, _>("call").try_into().unwrap()),
            state: row.get("state"),
            operator: row.get("operator"),
            place: (-row.get::<i64, _>("priority"), row.get("arrived_at"), row.get("no")),
            language: row.get("language"),
            subject: row.get("subject"),
            there: row.get::<i64, _>("seen_until") >= now.as_millis(),
            call_ended: row.get("call_ended"),
            reserved_at: row.get("reserved_at"),
        });
        let waiting = waiting.collect();
        let rows =
            sqlx::query("SELECT p.*, o.languages, o.subjects FROM presence p JOIN operators o ON o.no = p.operator");
        let rows = rows.fetch_all(database.readers()).await.unwrap();
        let operators = rows.iter().map(|row| {
            let at = At {
                state: row.get("state"),
                seen_until: row.get("seen_until"),
                ends_at: row.get("ends_at"),
                waiting: row.get("waiting"),
                idle_since: row.get("idle_since"),
                languages: row.get("languages"),
                subjects: row.get("subjects"),
            };
            (row.get("operator"), at)
        });
        Self { waiting, operators: operators.collect() }
    }

    fn reserved(&self, waits: &Waits) -> bool {
        let same = |before: &&Waits| before.no == waits.no && before.operator == waits.operator;
        self.waiting.iter().find(same).is_some_and(|before| before.reserved_at == waits.reserved_at)
    }

    fn can(&self, operator: i64, waits: &Waits) -> bool {
        let Some(At { languages, subjects, .. }) = self.operators.get(&operator) else { return false };
        let has = |list: &str, word: &str| list.contains(&format!("\"{word}\""));
        has(languages, &waits.language)
            && (waits.subject.is_empty() || subjects == "[]" || has(subjects, &waits.subject))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn callers_and_operators_agree_whatever_happens(steps in prop::collection::vec(step(), 1..70)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::open().await;
            for operator in world.operators.clone() {
                world.handles[0].enter_presence(operator, world.hall.now()).await.unwrap();
                world.handles[0].set_presence(operator, Presence::Available, world.hall.now()).await.unwrap();
            }
            let mut seen = world.seen().await;
            for step in &steps {
                seen = world.takes(step, seen).await;
            }
        });
    }
}
