//! Who waits for whom: situations, one after the other, on a database with moved time.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hotline::call::{CallId, DialOutcome, EndCause, Leg, Timestamp};
use hotline::flow::QueueChange;
use hotline::store::queue::{Ask, Limits, OperatorNow, Presence, Standing, priority};
use hotline::store::{Database, Effect, Opening, Store as _, Turn};
use tempfile::TempDir;

/// 2026-03-31 10:00 in China.
const MORNING: i64 = 1_774_922_400_000;
const QUARTER: Duration = Duration::from_secs(15);

/// A database, and the time there.
pub(crate) struct Hall {
    pub(crate) database: Database,
    now: i64,
    calls: AtomicU32,
    folder: TempDir,
}

/// A call, and how many turns it has made.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) call: CallId,
    pub(crate) turn: u32,
    /// How many dials of it have ended.
    pub(crate) dials: u16,
    pub(crate) language: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) priority: i64,
    /// The number they call from; none if it is withheld.
    pub(crate) number: Option<u8>,
}

impl Caller {
    pub(crate) fn new(call: CallId) -> Self {
        Self { call, turn: 0, dials: 0, language: "zh-CN", subject: "", priority: priority::USUAL, number: None }
    }
}

impl Hall {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("hotline.db")).await.unwrap();
        Self { database, now: MORNING, calls: AtomicU32::new(0), folder }
    }

    /// Another handle on the same file, as another process has one.
    pub(crate) async fn another(&self) -> Database {
        Database::open(&self.folder.path().join("hotline.db")).await.unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    pub(crate) fn later(&mut self, by: Duration) {
        self.now += i64::try_from(by.as_millis()).unwrap();
    }

    /// Time passes, and those who are named go on asking.
    async fn later_asking(&mut self, by: Duration, callers: &[&Caller]) {
        let until = self.now + i64::try_from(by.as_millis()).unwrap();
        while self.now < until {
            self.now = until.min(self.now + 10_000);
            for caller in callers {
                self.ask(caller).await;
            }
        }
    }

    /// An operator who is available.
    async fn operator(&self, number: u32) -> i64 {
        self.skilled(number, r#"["zh-CN","en"]"#, "[]").await
    }

    async fn skilled(&self, number: u32, languages: &str, subjects: &str) -> i64 {
        let no = self.hired(number, languages, subjects).await;
        self.database.enter_presence(no, self.now()).await.unwrap();
        assert!(self.available(no).await);
        no
    }

    /// An operator who has not logged in.
    pub(crate) async fn hired(&self, number: u32, languages: &str, subjects: &str) -> i64 {
        let (number, languages, subjects) = (number.to_string(), languages.to_owned(), subjects.to_owned());
        self.database
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query_scalar(
                        "INSERT INTO operators (number, name, role, password, must_change, languages, subjects, made_at) \
                         VALUES (?, 'Somebody', 'operator', '', 0, ?, ?, 0) RETURNING no",
                    )
                    .bind(number)
                    .bind(languages)
                    .bind(subjects)
                    .fetch_one(connection)
                    .await
                })
            })
            .await
            .unwrap()
    }

    async fn available(&self, operator: i64) -> bool {
        self.database.set_presence(operator, Presence::Available, self.now()).await.unwrap()
    }

    async fn away(&self, operator: i64) -> bool {
        self.database.set_presence(operator, Presence::Away("break".to_owned()), self.now()).await.unwrap()
    }

    pub(crate) async fn caller(&self) -> Caller {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let call = CallId::from_bytes((u128::from(number) << 64 | 0x00C0_FFEE).to_be_bytes());
        let mut caller = Caller::new(call);
        self.turn(&mut caller, None, None).await;
        caller
    }

    async fn caller_from(&self, number: u8) -> Caller {
        Caller { number: Some(number), ..self.caller().await }
    }

    /// The next turn of a call, and what it changes.
    pub(crate) fn next_turn(&self, caller: &mut Caller, change: Option<QueueChange>, ended: Option<EndCause>) -> Turn {
        caller.turn += 1;
        let opening = (caller.turn == 1).then(|| Opening {
            line: "12333".to_owned(),
            version: "v1".to_owned(),
            profile: "neutral".to_owned(),
            simulated: false,
            key: vec![9; 60],
        });
        let at = self.now();
        Turn {
            call: caller.call,
            leg: Leg::CALLER,
            turn: caller.turn,
            at,
            opening,
            session: None,
            document: Vec::new(),
            log: Vec::new(),
            node: None,
            wake_at: at.plus(Duration::from_mins(1)),
            ended,
            effects: change.into_iter().map(|change| Effect::Queue { change, at }).collect(),
        }
    }

    pub(crate) async fn turn(&self, caller: &mut Caller, change: Option<QueueChange>, ended: Option<EndCause>) {
        let turn = self.next_turn(caller, change, ended);
        self.database.commit(turn).await.unwrap();
    }

    async fn taken(&self, caller: &mut Caller) {
        self.turn(caller, Some(QueueChange::Taken), None).await;
    }

    async fn talked(&self, caller: &mut Caller) {
        assert_eq!(self.ask_after(caller, DialOutcome::Talked).await, Standing::Served);
    }

    async fn hangs_up(&self, caller: &mut Caller) {
        self.turn(caller, Some(QueueChange::Gone), Some(EndCause::CallerHungUp)).await;
    }

    pub(crate) fn question(&self, caller: &Caller) -> Ask {
        Ask {
            call: caller.call,
            line: "12333".to_owned(),
            queue: "general".to_owned(),
            simulated: false,
            language: caller.language.to_owned(),
            subject: caller.subject.to_owned(),
            priority: caller.priority,
            caller: caller.number.map(|number| vec![number; 32]),
            ended: None,
            dials: caller.dials,
            overflows: false,
            limits: Limits::default(),
            now: self.now(),
        }
    }

    async fn ask(&self, caller: &Caller) -> Standing {
        self.database.ask_queue(self.question(caller)).await.unwrap()
    }

    /// The caller asks at the end of one more dial.
    async fn ask_after(&self, caller: &mut Caller, outcome: DialOutcome) -> Standing {
        caller.dials += 1;
        self.ask_again_after(caller, outcome).await
    }

    /// And once more: the turn that told it first was lost.
    async fn ask_again_after(&self, caller: &Caller, outcome: DialOutcome) -> Standing {
        let ended = Some(outcome);
        self.database.ask_queue(Ask { ended, ..self.question(caller) }).await.unwrap()
    }

    async fn place(&self, caller: &Caller) -> u32 {
        place_of(&self.ask(caller).await)
    }

    async fn settle(&self) {
        self.database.match_waiting(self.now()).await.unwrap();
    }

    async fn now_of(&self, operator: i64) -> OperatorNow {
        let all = self.database.operators_now().await.unwrap();
        all.into_iter().find(|one| one.no == operator).unwrap()
    }

    /// What an operator does, and why if away.
    async fn does(&self, operator: i64) -> String {
        let OperatorNow { state, reason, .. } = self.now_of(operator).await;
        if reason.is_empty() { state } else { format!("{state}: {reason}") }
    }

    async fn outcome(&self, caller: &Caller) -> Option<String> {
        sqlx::query_scalar("SELECT outcome FROM waiting WHERE call = ? ORDER BY no DESC LIMIT 1")
            .bind(caller.call.as_bytes().as_slice())
            .fetch_one(self.database.readers())
            .await
            .unwrap()
    }
}

fn place_of(standing: &Standing) -> u32 {
    let Standing::Waiting { place, .. } = standing else { panic!("{standing:?}") };
    *place
}

fn rings(number: u32) -> Standing {
    Standing::Operator { number: number.to_string(), address: None }
}

#[tokio::test]
async fn who_comes_while_somebody_is_free_is_theirs_at_once() {
    let hall = Hall::open().await;
    let operator = hall.operator(1001).await;
    let mut caller = hall.caller().await;
    assert_eq!(hall.ask(&caller).await, rings(1001));
    assert_eq!(hall.ask(&caller).await, rings(1001), "asked again, it is the same");
    assert_eq!(hall.does(operator).await, "reserved");
    assert!(!hall.away(operator).await, "not while they are rung");
    hall.taken(&mut caller).await;
    assert_eq!(hall.does(operator).await, "talking");
    hall.taken(&mut caller).await;
    hall.talked(&mut caller).await;
    assert_eq!(hall.does(operator).await, "wrap-up");
    assert_eq!(hall.outcome(&caller).await.as_deref(), Some("served"));
    assert_eq!(hall.ask_again_after(&caller, DialOutcome::Talked).await, Standing::Served);
    assert_eq!(hall.does(operator).await, "wrap-up");
}

#[tokio::test]
async fn among_equals_who_came_first_is_first_and_the_elderly_before_all() {
    let mut hall = Hall::open().await;
    let operator = hall.operator(1001).await;
    assert!(hall.away(operator).await);
    let helper = hall.operator(1002).await;
    let mut busy = hall.caller().await;
    assert_eq!(hall.ask(&busy).await, rings(1002));
    let first = hall.caller().await;
    assert_eq!(hall.place(&first).await, 1);
    hall.later(Duration::from_secs(1));
    let second = hall.caller().await;
    assert_eq!(hall.place(&second).await, 2);
    hall.later(Duration::from_secs(1));
    let old = Caller { priority: priority::ELDERLY, ..hall.caller().await };
    assert_eq!(hall.place(&old).await, 1);
    assert_eq!((hall.place(&first).await, hall.place(&second).await), (2, 3));
    hall.available(operator).await;
    for next in [&old, &first, &second] {
        assert_eq!(hall.ask(next).await, rings(1001));
        hall.hangs_up(&mut next.clone()).await;
    }
    hall.taken(&mut busy).await;
    assert_eq!(hall.does(helper).await, "talking");
}

#[tokio::test]
async fn only_who_can_serve_a_caller_is_rung() {
    let hall = Hall::open().await;
    hall.skilled(1001, r#"["zh-CN"]"#, "[]").await;
    hall.skilled(1002, r#"["en"]"#, r#"["medical"]"#).await;
    hall.skilled(1003, r#"["en"]"#, r#"["pension"]"#).await;
    let english = |caller: Caller, subject| Caller { language: "en", subject, ..caller };
    let about_pensions = english(hall.caller().await, "pension");
    assert_eq!(hall.ask(&about_pensions).await, rings(1003));
    let about_work = english(hall.caller().await, "work");
    assert_eq!(hall.ask(&about_work).await, Standing::Nobody);
    let about_anything = english(hall.caller().await, "");
    assert_eq!(hall.ask(&about_anything).await, rings(1002));
    let chinese = Caller { subject: "work", ..hall.caller().await };
    assert_eq!(hall.ask(&chinese).await, rings(1001));
    let french = Caller { language: "fr", ..hall.caller().await };
    assert_eq!(hall.ask(&french).await, Standing::Nobody);
}

#[tokio::test]
async fn a_place_counts_those_before_who_want_the_same_people() {
    let mut hall = Hall::open().await;
    for (number, language) in [(1001, r#"["zh-CN"]"#), (1002, r#"["en"]"#)] {
        hall.skilled(number, language, "[]").await;
    }
    let english = |caller: Caller| Caller { language: "en", ..caller };
    for caller in [hall.caller().await, english(hall.caller().await)] {
        hall.ask(&caller).await;
    }
    for _ in 0..5 {
        hall.place(&hall.caller().await).await;
    }
    let here = english(hall.caller().await);
    assert_eq!(hall.place(&here).await, 1, "nobody before them speaks English");
    assert_eq!(hall.place(&hall.caller().await).await, 6, "and they take nobody from those who speak Chinese");
    let both = hall.operator(1003).await;
    assert_ne!(hall.does(both).await, "available", "who can both serves the first of all");
    hall.later(Duration::from_secs(1));
    assert_eq!(hall.place(&english(hall.caller().await)).await, 7, "now they wait for the same person");
}

#[tokio::test]
async fn who_has_waited_longest_for_a_call_is_rung_first() {
    let mut hall = Hall::open().await;
    for number in [1001, 1002, 1003] {
        hall.operator(number).await;
        hall.later(Duration::from_secs(5));
    }
    let all = hall.database.operators_now().await.unwrap();
    assert!(hall.available(all[0].no).await, "saying it again costs them nothing");
    let mut first = hall.caller().await;
    assert_eq!(hall.ask(&first).await, rings(1001));
    hall.hangs_up(&mut first).await;
    let mut second = hall.caller().await;
    assert_eq!(hall.ask(&second).await, rings(1001), "being reserved in vain costs nothing either");
    hall.taken(&mut second).await;
    hall.talked(&mut second).await;
    assert!(hall.available(all[0].no).await);
    let after = [hall.caller().await, hall.caller().await, hall.caller().await];
    let mut rung = Vec::new();
    for caller in &after {
        rung.push(hall.ask(caller).await);
    }
    assert_eq!(rung, [rings(1002), rings(1003), rings(1001)]);
}

#[tokio::test]
async fn who_does_not_answer_is_set_away_and_the_caller_stays_at_the_head() {
    for outcome in [DialOutcome::NoAnswer, DialOutcome::Declined, DialOutcome::Busy, DialOutcome::Failed] {
        let mut hall = Hall::open().await;
        let first = hall.operator(1001).await;
        let (mut caller, behind) = (hall.caller().await, hall.caller().await);
        assert_eq!(hall.ask(&caller).await, rings(1001));
        hall.later(Duration::from_secs(1));
        assert_eq!(hall.place(&behind).await, 1);
        let place = place_of(&hall.ask_after(&mut caller, outcome).await);
        assert_eq!((place, hall.place(&behind).await), (1, 2));
        assert_eq!(hall.does(first).await, format!("away: {}", outcome.name()));
        let second = hall.operator(1002).await;
        assert_eq!(hall.ask(&caller).await, rings(1002));
        // The report of the first ring comes again, after a crash say: the second has missed nothing.
        assert_eq!(hall.ask_again_after(&caller, outcome).await, rings(1002));
        assert_eq!(hall.does(second).await, "reserved");
        assert!(hall.available(first).await, "they say themselves that they are back");
        assert_eq!(hall.ask(&behind).await, rings(1001));
    }
}

#[tokio::test]
async fn a_reservation_does_not_last() {
    let mut hall = Hall::open().await;
    let operator = hall.operator(1001).await;
    let helper = hall.operator(1002).await;
    let caller = hall.caller().await;
    hall.away(operator).await;
    hall.away(helper).await;
    hall.later(Duration::from_secs(1));
    // Nobody serves, but they are at work again at any moment.
    assert_eq!(hall.ask(&caller).await, Standing::Nobody, "a break is not being at work");
    hall.available(operator).await;
    let mut other = hall.caller().await;
    assert_eq!(hall.ask(&other).await, rings(1001));
    hall.later(Duration::from_secs(1));
    assert_eq!(hall.place(&caller).await, 1);
    hall.available(helper).await;
    assert_eq!(hall.does(helper).await, "reserved");
    // The caller does not come for them, and is not heard of again: their reservation ends, and nobody is blamed.
    hall.later(Duration::from_secs(45));
    for desk in [operator, helper] {
        hall.database.keep_seen(desk, hall.now()).await.unwrap();
    }
    hall.settle().await;
    assert_eq!(hall.does(helper).await, "available");
    // Who was rung and of whose ring nothing more is heard has missed it; the caller hears it ring, and asks again.
    hall.later(Duration::from_secs(25));
    hall.database.keep_seen(helper, hall.now()).await.unwrap();
    hall.settle().await;
    assert_eq!(hall.does(operator).await, "away: no-answer");
    assert_eq!(hall.does(helper).await, "available", "nobody else is rung for whoever does not ask");
    assert_eq!(hall.ask(&other).await, rings(1002));
    hall.taken(&mut other).await;
    assert_eq!(hall.does(helper).await, "talking");
}

#[tokio::test]
async fn a_ring_lasts_as_long_as_the_flow_says() {
    let mut hall = Hall::open().await;
    let operator = hall.operator(1001).await;
    let caller = hall.caller().await;
    let limits = Limits { ring: Duration::from_mins(2), ..Limits::default() };
    hall.database.ask_queue(Ask { limits, ..hall.question(&caller) }).await.unwrap();
    hall.later(Duration::from_mins(2));
    hall.database.keep_seen(operator, hall.now()).await.unwrap();
    hall.settle().await;
    assert_eq!(hall.does(operator).await, "reserved");
    hall.later(Duration::from_secs(41));
    hall.database.keep_seen(operator, hall.now()).await.unwrap();
    hall.settle().await;
    assert_eq!(hall.does(operator).await, "away: no-answer");
}

#[tokio::test]
async fn an_operator_is_free_again_whenever_the_caller_drops() {
    let hall = Hall::open().await;
    let operator = hall.operator(1001).await;
    // Rung, and before they are.
    let mut caller = hall.caller().await;
    hall.ask(&caller).await;
    hall.hangs_up(&mut caller).await;
    assert_eq!(
        (hall.does(operator).await.as_str(), hall.outcome(&caller).await.as_deref()),
        ("available", Some("abandoned"))
    );
    // A key leaves the queue.
    let mut caller = hall.caller().await;
    hall.ask(&caller).await;
    hall.turn(&mut caller, Some(QueueChange::Left), None).await;
    assert_eq!(
        (hall.does(operator).await.as_str(), hall.outcome(&caller).await.as_deref()),
        ("available", Some("left"))
    );
    // In a talk.
    let mut caller = hall.caller().await;
    hall.ask(&caller).await;
    hall.taken(&mut caller).await;
    hall.hangs_up(&mut caller).await;
    assert_eq!(
        (hall.does(operator).await.as_str(), hall.outcome(&caller).await.as_deref()),
        ("wrap-up", Some("served"))
    );
    // The next who waits is given the operator by the hang-up itself.
    hall.available(operator).await;
    let (mut caller, next) = (hall.caller().await, hall.caller().await);
    hall.ask(&caller).await;
    hall.place(&next).await;
    hall.hangs_up(&mut caller).await;
    let waiter = hall.database.waiter_of(next.call).await.unwrap().unwrap();
    assert_eq!(waiter.operator, Some(operator));
}

#[tokio::test]
async fn a_call_that_ended_without_a_word_to_the_queue_leaves_nobody_behind() {
    let hall = Hall::open().await;
    let (first, second) = (hall.operator(1001).await, hall.operator(1002).await);
    let (mut rung, mut talks, mut waits) = (hall.caller().await, hall.caller().await, hall.caller().await);
    hall.ask(&rung).await;
    hall.ask(&talks).await;
    hall.taken(&mut talks).await;
    hall.place(&waits).await;
    for caller in [&mut rung, &mut talks, &mut waits] {
        hall.turn(caller, None, Some(EndCause::OurFault)).await;
    }
    hall.settle().await;
    assert_eq!((hall.does(first).await.as_str(), hall.does(second).await.as_str()), ("available", "wrap-up"));
    assert_eq!(hall.database.waiting_now().await.unwrap(), []);
    let outcomes = [hall.outcome(&rung).await, hall.outcome(&talks).await, hall.outcome(&waits).await];
    assert_eq!(outcomes.map(Option::unwrap), ["abandoned", "served", "abandoned"]);
}

/// A hall in which one operator talks, and three callers wait: from numbers 1, 2 and 3.
async fn queue_of_three() -> (Hall, [Caller; 3]) {
    let mut hall = Hall::open().await;
    let operator = hall.operator(1001).await;
    let mut busy = hall.caller().await;
    hall.ask(&busy).await;
    hall.taken(&mut busy).await;
    assert_eq!(hall.does(operator).await, "talking");
    let mut waiting = Vec::new();
    for number in 1..=3 {
        hall.later(Duration::from_secs(2));
        let caller = hall.caller_from(number).await;
        assert_eq!(hall.place(&caller).await, u32::from(number));
        waiting.push(caller);
    }
    (hall, waiting.try_into().unwrap())
}

#[tokio::test]
async fn who_comes_back_in_the_same_call_has_the_place_for_five_minutes() {
    for (away_s, place) in [(290, 1), (310, 3)] {
        let (mut hall, [mut first, second, third]) = queue_of_three().await;
        hall.turn(&mut first, Some(QueueChange::Left), None).await;
        assert_eq!(hall.place(&second).await, 1);
        hall.later_asking(Duration::from_secs(away_s), &[&second, &third]).await;
        assert_eq!(hall.place(&first).await, place, "after {away_s} s");
    }
}

#[tokio::test]
async fn who_calls_again_has_the_place_for_five_minutes_once() {
    for (away_s, place) in [(290, 2), (310, 3)] {
        let (mut hall, [first, mut second, third]) = queue_of_three().await;
        hall.hangs_up(&mut second).await;
        hall.later_asking(Duration::from_secs(away_s), &[&first, &third]).await;
        let again = hall.caller_from(2).await;
        assert_eq!(hall.place(&again).await, place, "after {away_s} s");
        let twin = hall.caller_from(2).await;
        assert_eq!(hall.place(&twin).await, 4, "the place is given once");
        assert_eq!(hall.place(&first).await, 1, "hanging up does not pay");
    }
}

#[tokio::test]
async fn a_caller_whose_line_went_dead_has_the_place_too() {
    let (mut hall, [first, second, third]) = queue_of_three().await;
    // No hang-up is reported: they only do not ask any more.
    hall.later_asking(Duration::from_secs(50), &[&first, &third]).await;
    assert_eq!(hall.place(&third).await, 2, "who does not ask is passed over");
    let again = hall.caller_from(2).await;
    assert_eq!(hall.place(&again).await, 2);
    assert_eq!(hall.place(&third).await, 3);
    assert_eq!(hall.outcome(&second).await.as_deref(), Some("abandoned"));
}

#[tokio::test]
async fn a_withheld_number_and_a_number_that_still_waits_share_no_place() {
    let (hall, [mut first, second, _]) = queue_of_three().await;
    let withheld = hall.caller().await;
    assert_eq!(hall.place(&withheld).await, 4);
    hall.hangs_up(&mut withheld.clone()).await;
    hall.hangs_up(&mut first).await;
    assert_eq!(hall.place(&hall.caller().await).await, 3, "it is nobody's place");
    assert_eq!(hall.place(&hall.caller_from(2).await).await, 4, "the first call from there still waits");
    assert_eq!(hall.place(&second).await, 1);
}

#[tokio::test]
async fn a_place_is_kept_with_what_it_was_worth() {
    let (mut hall, [first, ..]) = queue_of_three().await;
    hall.later(Duration::from_secs(1));
    let mut old = Caller { priority: priority::ELDERLY, ..hall.caller_from(9).await };
    assert_eq!(hall.place(&old).await, 1);
    hall.hangs_up(&mut old).await;
    assert_eq!(hall.place(&first).await, 1);
    let again = hall.caller_from(9).await;
    assert_eq!(hall.place(&again).await, 1, "before they have proved again who they are");
}

#[tokio::test]
async fn a_wrap_up_ends_by_itself_or_by_hand() {
    let mut hall = Hall::open().await;
    let operator = hall.operator(1001).await;
    for by_hand in [false, true] {
        let mut caller = hall.caller().await;
        hall.ask(&caller).await;
        hall.taken(&mut caller).await;
        assert!(!hall.database.extend_wrap_up(operator, QUARTER, hall.now()).await.unwrap());
        hall.talked(&mut caller).await;
        if by_hand {
            assert!(hall.available(operator).await);
        } else {
            hall.later(Duration::from_secs(29));
            hall.settle().await;
            assert_eq!(hall.does(operator).await, "wrap-up");
            assert!(hall.database.extend_wrap_up(operator, QUARTER, hall.now()).await.unwrap());
            hall.later(QUARTER);
            hall.settle().await;
            assert_eq!(hall.does(operator).await, "wrap-up");
            hall.later(Duration::from_secs(1));
            hall.settle().await;
        }
        assert_eq!(hall.does(operator).await, "available");
    }
    let log = "SELECT state FROM presence_log WHERE operator = ? ORDER BY rowid";
    let log: Vec<String> = sqlx::query_scalar(log).bind(operator).fetch_all(hall.database.readers()).await.unwrap();
    let talk = ["available", "reserved", "talking", "wrap-up"];
    assert_eq!(log, [&["away"], &talk[..], &talk[..]].concat());
}

#[tokio::test]
async fn whose_desk_is_closed_is_offline_but_finishes_a_talk() {
    let mut hall = Hall::open().await;
    let (idle, busy) = (hall.operator(1001).await, hall.operator(1002).await);
    let mut caller = hall.caller().await;
    hall.away(idle).await;
    hall.ask(&caller).await;
    hall.available(idle).await;
    hall.taken(&mut caller).await;
    hall.later(Duration::from_secs(61));
    assert_eq!(hall.place(&hall.caller().await).await, 1);
    assert_eq!((hall.does(idle).await.as_str(), hall.does(busy).await.as_str()), ("offline", "talking"));
    hall.talked(&mut caller).await;
    hall.later(Duration::from_secs(30));
    hall.settle().await;
    assert_eq!(hall.does(busy).await, "offline");
    assert_eq!(hall.ask(&hall.caller().await).await, Standing::Nobody);
}

#[tokio::test]
async fn a_queue_is_full_and_a_wait_too_long() {
    let (mut hall, [first, second, third]) = queue_of_three().await;
    let few = Limits { most_waiting: 3, ..Limits::default() };
    let late = hall.caller().await;
    let ask = Ask { limits: few, ..hall.question(&late) };
    assert_eq!(hall.database.ask_queue(ask).await.unwrap(), Standing::Full);
    assert!(hall.database.waiter_of(late.call).await.unwrap().is_none(), "who is turned away does not wait");
    // Who has gone without a word takes nobody's room.
    hall.later_asking(Duration::from_secs(50), &[&first, &second]).await;
    let ask = Ask { limits: few, ..hall.question(&late) };
    assert!(matches!(hall.database.ask_queue(ask).await.unwrap(), Standing::Waiting { place: 3, .. }));
    // Their place is theirs, full or not.
    let again = hall.caller_from(3).await;
    let ask = Ask { limits: few, ..hall.question(&again) };
    assert!(matches!(hall.database.ask_queue(ask).await.unwrap(), Standing::Waiting { place: 3, .. }));
    assert_eq!(hall.outcome(&third).await.as_deref(), Some("abandoned"));

    hall.later_asking(Duration::from_mins(29), &[&first, &second]).await;
    assert_eq!(hall.place(&first).await, 1);
    hall.later(Duration::from_mins(1));
    assert_eq!(hall.ask(&first).await, Standing::TooLong);
    assert_eq!(hall.outcome(&first).await.as_deref(), Some("too-long"));
    let ask = Ask { overflows: true, ..hall.question(&second) };
    assert_eq!(hall.database.ask_queue(ask).await.unwrap(), Standing::TooLong);
    assert_eq!(hall.outcome(&second).await.as_deref(), Some("overflow"));
}

#[tokio::test]
async fn where_nobody_is_at_work_nobody_waits() {
    let mut hall = Hall::open().await;
    assert_eq!(hall.ask(&hall.caller().await).await, Standing::Nobody);
    let operator = hall.operator(1001).await;
    let (mut talks, waits) = (hall.caller().await, hall.caller().await);
    hall.ask(&talks).await;
    hall.taken(&mut talks).await;
    assert_eq!(hall.place(&waits).await, 1);
    hall.talked(&mut talks).await;
    hall.database.set_presence(operator, Presence::Offline, hall.now()).await.unwrap();
    assert_eq!(hall.ask(&waits).await, Standing::Nobody);
    assert_eq!(hall.outcome(&waits).await.as_deref(), Some("left"));
    hall.later(Duration::from_secs(20));
    hall.database.enter_presence(operator, hall.now()).await.unwrap();
    assert_eq!(hall.does(operator).await, "away: logged-in");
    assert_eq!(hall.ask(&waits).await, Standing::Nobody, "who has just come in is not at work yet");
    hall.available(operator).await;
    assert_eq!(hall.ask(&waits).await, rings(1001));
}

#[tokio::test]
async fn who_was_taken_too_late_is_served_all_the_same_and_once() {
    let mut hall = Hall::open().await;
    let first = hall.operator(1001).await;
    let mut caller = hall.caller().await;
    hall.ask(&caller).await;
    hall.later(Duration::from_secs(66));
    hall.database.keep_seen(first, hall.now()).await.unwrap();
    let second = hall.operator(1002).await;
    hall.settle().await;
    assert_eq!(hall.does(first).await, "away: no-answer");
    hall.taken(&mut caller).await;
    hall.later(Duration::from_secs(30));
    assert_eq!(hall.ask_after(&mut caller, DialOutcome::Talked).await, Standing::Served);
    assert_eq!(hall.outcome(&caller).await.as_deref(), Some("served"));
    assert_eq!(hall.does(second).await, "available", "nobody else is rung for them");
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let (mut hall, [first, second, _]) = queue_of_three().await;
    let operator = hall.operator(1002).await;
    assert_eq!(hall.ask(&first).await, rings(1002));
    let before = (hall.database.waiting_now().await.unwrap(), hall.database.operators_now().await.unwrap());
    // Dropped as it is, and opened again.
    hall.database = hall.another().await;
    let after = (hall.database.waiting_now().await.unwrap(), hall.database.operators_now().await.unwrap());
    assert_eq!(before, after);
    hall.later(Duration::from_secs(5));
    assert_eq!(hall.ask(&first).await, rings(1002), "they ring on");
    assert_eq!(hall.place(&second).await, 1);
    assert_eq!(hall.does(operator).await, "reserved");
}

#[tokio::test]
async fn the_bell_rings_for_news_and_not_for_whoever_waits_on() {
    let (mut hall, [first, ..]) = queue_of_three().await;
    let mut bell = hall.database.bell();
    bell.mark_unchanged();
    hall.later(Duration::from_secs(5));
    hall.place(&first).await;
    hall.settle().await;
    assert!(!bell.has_changed().unwrap());
    hall.place(&hall.caller().await).await;
    assert!(bell.has_changed().unwrap(), "somebody came");
    bell.mark_unchanged();
    hall.hangs_up(&mut first.clone()).await;
    assert!(bell.has_changed().unwrap(), "somebody went");
}
