//! The engine under any call: the shipped line is walked by callers who press, wait, leave and come back at random,
//! with answers of the types that lookups declare. What must hold at every step stands in `Walk::check`.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use hotline::call::{
    DialOutcome, Ending, Field, Keys, Leg, NodeId, Period, RecordOutcome, Reply, Signature, Spoken, Timestamp, Type,
    Value, ValueRecord, YearMonth,
};
use hotline::flow::definition::Format;
use hotline::flow::node::{QUEUE, Verify};
use hotline::flow::{
    self, Event, Input, Line, Loaded, Next, Node, SUBJECT_LIFETIME, SecretEntry, Session, Stage, Step, Universal,
    Verification,
};
use hotline::line_files;
use hotline::service::signatures;
use proptest::prelude::*;

static LOADED: LazyLock<Loaded> =
    LazyLock::new(|| flow::load(&line_files::shipped(), &signatures()).expect("the shipped line is good"));
static SIGNATURES: LazyLock<Vec<&'static Signature>> = LazyLock::new(signatures);

/// 2026-03-31 10:00 in Shanghai.
const MORNING: Timestamp = Timestamp::from_millis(1_774_922_400_000);
/// What a session may grow to at a menu, without what lookups answered.
const SESSION_LIMIT_BYTES: usize = 4_096;

/// Chooses by a number that proptest gave: the same number, the same choices.
struct Dice(u64);

impl Dice {
    /// From 0 to below `sides` (splitmix64).
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(sides).unwrap()).unwrap()
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())].clone()
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.roll(100) < chance
    }

    fn number(&mut self, sides: usize) -> i64 {
        i64::try_from(self.roll(sides)).unwrap()
    }

    fn month(&mut self) -> YearMonth {
        YearMonth::new(2025, 1).unwrap().plus(i32::try_from(self.roll(24)).unwrap())
    }

    /// A value of a type. A list has an item and a run of months has a month: that is what `found` promises.
    fn value(&mut self, of: &Type) -> Value {
        match of {
            Type::Amount => Value::Amount(self.number(2_000_000)),
            Type::Number => Value::Number(self.of(&[0, 1, 2, 12, 13, 185])),
            Type::Date => {
                Value::Date(jiff::civil::date(2026, 3, 1).saturating_add(jiff::Span::new().days(self.number(60))))
            }
            Type::YearMonth => Value::YearMonth(self.month()),
            Type::Year => Value::Year(self.of(&[2024, 2025, 2026])),
            Type::Clock => Value::Clock(jiff::civil::time(self.of(&[0, 9, 12, 17, 23]), self.of(&[0, 5, 30]), 0, 0)),
            Type::Word { words, .. } => Value::Word(self.of(words).to_owned()),
            Type::Digits => Value::Digits(self.of(&["12333", "0037"]).to_owned()),
            Type::Flag => Value::Flag(self.percent(50)),
            Type::Text => Value::Text("今天系统升级。".to_owned()),
            Type::Periods => {
                let months: Vec<YearMonth> = (0..=self.roll(4)).map(|_| self.month()).collect();
                Value::Periods(Period::cover(&months))
            }
            Type::Record(fields) => Value::Record(self.record(fields)),
            Type::List(of) => Value::List((0..=self.roll(3)).map(|_| self.value(of)).collect()),
        }
    }

    fn record(&mut self, fields: &[Field]) -> ValueRecord {
        let mut record: ValueRecord =
            fields.iter().map(|field| (field.name.to_owned(), self.value(&field.of))).collect();
        // What may be missing is sometimes, but a month that was paid later always says when.
        let back_paid = record.get("reading") == Some(&Value::Word("back-paid".to_owned()));
        for field in fields.iter().filter(|field| field.optional) {
            if !back_paid && self.percent(50) {
                record.remove(field.name);
            }
        }
        record
    }

    /// The answer to a question, of the types that its signature declares.
    fn answer(&mut self, lookup: &str) -> Input {
        if lookup == Verify::NAME {
            let outcome = if self.percent(60) { "verified" } else { self.of(Verify::OUTCOMES) };
            let left = [("left".to_owned(), Value::Number(1 + self.number(2)))];
            let values = if outcome == "wrong" { left.into() } else { ValueRecord::new() };
            return Input::LookupDone { outcome: outcome.to_owned(), values };
        }
        let known = SIGNATURES.iter().copied().chain([&QUEUE]);
        let signature = known.into_iter().find(|signature| signature.name == lookup).unwrap();
        let all: Vec<&str> = signature.outcome_names().collect();
        let outcome = if self.percent(50) { all[0] } else { self.of(&all) };
        let mut values = self.record(signature.answer(outcome));
        if let Some(Value::Number(place)) = values.get_mut("place") {
            // Places are counted from one.
            *place = (*place).max(1);
        }
        Input::LookupDone { outcome: outcome.to_owned(), values }
    }

    fn any_keys(&mut self) -> Keys {
        let length = self.of(&[0, 1, 1, 2, 4, 6, 15, 18, 20, 33]);
        let keys: String = (0..length).map(|_| self.of(&ALL_KEYS)).collect();
        Keys::parse(&keys).unwrap()
    }

    /// What somebody does who understands what is asked of them.
    fn sensible(&mut self, line: &Line, session: &Session) -> Input {
        let pressed = |keys: &str| Input::Pressed(Keys::parse(keys).unwrap());
        match &session.stage {
            Stage::New => Input::Arrived,
            Stage::Waiting { node, .. } => match &line.nodes[node] {
                Node::Menu(menu) => {
                    let keys: Vec<char> = menu.keys.keys().copied().collect();
                    pressed(&self.of(&keys).to_string())
                }
                Node::Browse(browse) => {
                    let keys: Vec<char> = browse.keys.keys().copied().collect();
                    pressed(&self.of(&keys).to_string())
                }
                Node::Collect(collect) if collect.secret => Input::Entered(SecretEntry::Complete),
                Node::Collect(collect) => pressed(right_entry(collect.format)),
                Node::Queue(queue) => {
                    let keys: Vec<char> = queue.keys.keys().copied().collect();
                    if self.percent(20) && !keys.is_empty() {
                        pressed(&self.of(&keys).to_string())
                    } else {
                        Input::Silent
                    }
                }
                Node::Say(_)
                | Node::Verify(_)
                | Node::Lookup(_)
                | Node::Effect(_)
                | Node::Branch(_)
                | Node::Set(_)
                | Node::Call(_)
                | Node::Return(_)
                | Node::Record(_)
                | Node::Dial(_)
                | Node::End(_) => Input::Silent,
            },
            Stage::Asking { request, .. } => self.answer(request.lookup.as_str()),
            Stage::Dialling { leg, answered: false, .. } if self.percent(60) => Input::PeerAnswered { leg: *leg },
            Stage::Dialling { leg, accepted: false, answered: true, .. } if self.percent(60) => {
                Input::PeerPressed { leg: *leg, keys: Keys::parse(self.of(&["1", "2"])).unwrap() }
            }
            Stage::Dialling { .. } => Input::DialEnded { outcome: self.of(DialOutcome::ALL), talk_s: Some(60) },
            Stage::Recording { .. } => {
                Input::RecordEnded { outcome: self.of(RecordOutcome::ALL), name: "recording".to_owned(), seconds: 9 }
            }
            Stage::Ended { .. } => Input::HungUp,
        }
    }

    /// Anything at all, whether it fits or not.
    fn anything(&mut self, session: &Session) -> Input {
        let leg = self.of(&[Leg(0), Leg(1), session.peer().unwrap_or(Leg(2))]);
        match self.roll(40) {
            0 => Input::Arrived,
            1..=8 => Input::Pressed(self.any_keys()),
            9..=18 => Input::Pressed(Keys::parse(&self.of(&ALL_KEYS).to_string()).unwrap()),
            19..=21 => Input::Entered(self.of(&SECRET_ENTRIES)),
            29 => Input::RecordEnded { outcome: self.of(RecordOutcome::ALL), name: "recording".to_owned(), seconds: 9 },
            30 => Input::Continued,
            31 | 32 => match &session.stage {
                Stage::Asking { .. } => Input::LookupLate,
                Stage::New
                | Stage::Waiting { .. }
                | Stage::Dialling { .. }
                | Stage::Recording { .. }
                | Stage::Ended { .. } => self.answer("duty"),
            },
            33 => Input::LookupLate,
            34 => Input::DialEnded { outcome: self.of(DialOutcome::ALL), talk_s: None },
            35 => Input::PeerAnswered { leg },
            36 => Input::PeerPressed { leg, keys: self.any_keys() },
            37 => Input::PeerSilent { leg },
            38 if self.percent(30) => Input::HungUp,
            39 if self.percent(10) => Input::Lost,
            _ => Input::Silent,
        }
    }

    fn input(&mut self, line: &Line, session: &Session) -> Input {
        let input = if self.percent(75) { self.sensible(line, session) } else { self.anything(session) };
        // An answer that no lookup can give is no input that `service` makes.
        match (&session.stage, &input) {
            (Stage::Asking { request, .. }, Input::LookupDone { .. }) => self.answer(request.lookup.as_str()),
            _ => input,
        }
    }

    /// How long it took: seconds, now and then longer than a verification lasts.
    fn pause(&mut self) -> Duration {
        let seconds = if self.percent(3) { 900 + self.roll(60) } else { self.roll(15) };
        Duration::from_secs(u64::try_from(seconds).unwrap())
    }
}

const ALL_KEYS: [char; 12] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'];
const SECRET_ENTRIES: [SecretEntry; 6] = [
    SecretEntry::Complete,
    SecretEntry::TooShort,
    SecretEntry::TooLong,
    SecretEntry::Operator,
    SecretEntry::Left,
    SecretEntry::Nothing,
];

const fn right_entry(format: Format) -> &'static str {
    match format {
        Format::IdNumber => "000101198503121233",
        Format::LastFour => "1233",
        Format::CardNumber | Format::Phone | Format::Free => "12333",
        Format::Pin => "135790",
        Format::YearMonth => "202602",
        Format::Year => "2025",
    }
}

fn press(key: char) -> Input {
    Input::Pressed(Keys::parse(&key.to_string()).unwrap())
}

/// Everything that a reply says, to the caller and to whoever picks up.
fn said(reply: &Reply) -> Vec<Spoken> {
    let within = match &reply.ending {
        Ending::Listen(listen) => listen.prompts.clone(),
        Ending::Dial(dial) => dial.whisper.iter().flat_map(|whisper| whisper.prompts.clone()).collect(),
        Ending::Record(_) | Ending::GoTo | Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => Vec::new(),
    };
    reply.prompts.iter().cloned().chain(within).collect()
}

fn entered(step: &Step) -> Vec<NodeId> {
    let node = |event: &Event| if let Event::Entered(node) = event { Some(node.clone()) } else { None };
    step.events.iter().filter_map(node).collect()
}

/// A call under way.
struct Walk {
    session: Session,
    now: Timestamp,
    /// Since the last key that moved the call nothing but the flow itself has spoken.
    fresh: bool,
    visited: BTreeSet<NodeId>,
    prompts: BTreeSet<String>,
    said_personal: bool,
}

impl Walk {
    fn begin() -> Self {
        let first = flow::begin(&LOADED.line, MORNING);
        let mut walk = Self {
            session: first.session.clone(),
            now: MORNING,
            fresh: false,
            visited: entered(&first).into_iter().collect(),
            prompts: BTreeSet::new(),
            said_personal: false,
        };
        walk.check(&first, &Input::Arrived);
        walk
    }

    fn roll(&mut self, dice: &mut Dice) {
        self.now = self.now.plus(dice.pause());
        let input = dice.input(&LOADED.line, &self.session);
        self.step(&input);
    }

    fn step(&mut self, input: &Input) -> Step {
        let before = self.session.clone();
        let step = flow::step(&LOADED.line, before.clone(), input, self.now);
        assert_eq!(step, flow::step(&LOADED.line, before.clone(), input, self.now), "the same inputs, the same step");
        if let Some(cause) = before.ended() {
            let goodbye = Next::Reply(Reply { prompts: Vec::new(), ending: Ending::HangUp(cause) });
            assert_eq!((&step.session, &step.next), (&before, &goodbye), "nothing happens after the end");
            assert!(step.effects.is_empty());
        }
        let moved = match (&before.stage, input) {
            (Stage::Waiting { node, .. }, Input::Pressed(_)) => {
                !matches!(LOADED.line.nodes[node], Node::Say(_)) && !entered(&step).is_empty()
            }
            (Stage::Waiting { node, .. }, Input::Entered(SecretEntry::Complete)) => {
                matches!(&LOADED.line.nodes[node], Node::Collect(collect) if collect.secret)
            }
            _ => false,
        };
        self.fresh = moved || (self.fresh && matches!(input, Input::LookupDone { .. }));
        self.session = step.session.clone();
        self.visited.extend(entered(&step));
        self.check(&step, input);
        step
    }

    /// What holds after every step.
    fn check(&mut self, step: &Step, input: &Input) {
        let saved = serde_json::to_string(&step.session).unwrap();
        let loaded: Session = serde_json::from_str(&saved).unwrap();
        assert_eq!(loaded, step.session, "saved and loaded, it is the same");
        let verified = match step.session.verification {
            Verification::Verified { until } => {
                assert!(step.session.ended().is_some() || self.now < until || matches!(step.next, Next::Current));
                true
            }
            Verification::Open | Verification::Closed => false,
        };
        if !verified || step.session.ended().is_some() {
            assert!(!saved.contains("\"s\":true"), "nothing personal outlives its verification");
        }
        let reply = match &step.next {
            Next::Reply(reply) => reply,
            Next::Ask(request) => {
                assert!(matches!(&step.session.stage, Stage::Asking { request: asked, .. } if asked == request));
                return;
            }
            Next::Current => {
                assert!(step.effects.is_empty());
                return;
            }
            Next::Fault(fault) => panic!("{fault} after {input:?}"),
        };
        let all = said(reply);
        for spoken in &all {
            assert!(verified || !spoken.personal, "`{}` is personal and nobody is verified", spoken.prompt);
            let sentence = LOADED.catalogue.utterance(spoken);
            assert!(sentence.is_ok(), "`{}` cannot be said: {:?}", spoken.prompt, sentence.err());
            self.said_personal |= spoken.personal;
            self.prompts.insert(spoken.prompt.to_string());
        }
        let to_peer =
            matches!(input, Input::PeerAnswered { .. } | Input::PeerPressed { .. } | Input::PeerSilent { .. });
        match (&reply.ending, &step.session.stage) {
            (Ending::Listen(_) | Ending::Join | Ending::HangUp(_), _) if to_peer => {}
            (Ending::Listen(listen), Stage::Waiting { node, .. }) => {
                assert!(!all.is_empty() || *input == press('#'), "silence at {node} after {input:?}");
                assert!((1..=600).contains(&listen.first_key.as_secs()));
                assert!((1..=600).contains(&listen.between_keys.as_secs()));
                Self::menu_is_small(node, &saved);
                self.nine_says_it_again(reply);
            }
            (Ending::Dial(_), Stage::Dialling { .. })
            | (Ending::Record(_) | Ending::HangUp(_), Stage::Recording { .. })
            | (Ending::HangUp(_), Stage::Ended { .. }) => {}
            (Ending::GoTo, Stage::Asking { .. }) => assert!(*input == Input::LookupLate && !reply.prompts.is_empty()),
            (ending, stage) => panic!("{ending:?} while {stage:?}"),
        }
    }

    fn menu_is_small(node: &NodeId, saved: &str) {
        if matches!(LOADED.line.nodes[node], Node::Menu(_)) {
            let mut saved: serde_json::Value = serde_json::from_str(saved).unwrap();
            // What lookups answered is as large as the answers.
            saved["values"] = serde_json::Value::Null;
            for spoken in saved["said"].as_array_mut().unwrap() {
                spoken["v"] = serde_json::Value::Null;
            }
            let length = saved.to_string().len();
            assert!(length < SESSION_LIMIT_BYTES, "{length} bytes at {node}");
        }
    }

    /// `9` says what the last key led to, all of it and nothing else, as often as one likes.
    fn nine_says_it_again(&self, reply: &Reply) {
        let Stage::Waiting { node, .. } = &self.session.stage else { return };
        // In an entry it is a digit; in a queue the news are said again, after it was asked.
        if matches!(LOADED.line.nodes[node], Node::Collect(_) | Node::Queue(_)) {
            return;
        }
        if self.now.since(self.session.started_at) >= LOADED.line.longest_call {
            return;
        }
        let nine = |session: &Session| flow::step(&LOADED.line, session.clone(), &press('9'), self.now);
        let again = nine(&self.session);
        let Next::Reply(heard) = &again.next else { panic!("9 at {node} led to {:?}", again.next) };
        assert!(heard.prompts.is_empty() && !said(heard).is_empty(), "9 at {node} says {heard:?}");
        assert_eq!(again.session.stage.clone(), self.session.stage.clone());
        if self.fresh {
            assert_eq!(said(heard), said(reply), "9 at {node}");
        }
        assert_eq!(nine(&again.session).next, again.next, "9 twice at {node}");
    }

    /// `0` leads to a person, or to why there is none.
    fn zero_leads_to_a_person(&self, dice: &mut Dice) {
        let Stage::Waiting { node, .. } = &self.session.stage else { return };
        // Who waits for a person does so already.
        if matches!(&LOADED.line.nodes[node], Node::Queue(_)) {
            return;
        }
        let secret = matches!(&LOADED.line.nodes[node], Node::Collect(collect) if collect.secret);
        let input = if secret { Input::Entered(SecretEntry::Operator) } else { press('0') };
        let mut walk =
            Self { session: self.session.clone(), visited: BTreeSet::new(), prompts: BTreeSet::new(), ..*self };
        // A call that is over its time is told so instead.
        if walk.now.since(walk.session.started_at) >= LOADED.line.longest_call {
            return;
        }
        let mut step = walk.step(&input);
        for _ in 0..2 {
            if let Next::Ask(request) = &step.next {
                assert_eq!(request.lookup.as_str(), "queue", "0 at {node}");
                let answer = std::iter::repeat_with(|| dice.answer("queue"));
                let is_first =
                    |answer: &Input| !matches!(answer, Input::LookupDone { outcome, .. } if outcome == "served");
                step = walk.step(&answer.filter(is_first).find(|_| true).unwrap());
            }
        }
        assert!(
            walk.visited.iter().all(|visited| visited.as_str().starts_with("op.")),
            "0 at {node}: {:?}",
            walk.visited
        );
        let Next::Reply(reply) = &step.next else { panic!("0 at {node} led to {:?}", step.next) };
        assert!(matches!(reply.ending, Ending::Dial(_) | Ending::Listen(_)), "0 at {node}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_call_goes_on_or_ends(rolls in proptest::collection::vec(any::<u64>(), 1..80)) {
        let mut walk = Walk::begin();
        for roll in &rolls {
            walk.roll(&mut Dice(*roll));
        }
        walk.zero_leads_to_a_person(&mut Dice(rolls[0]));
        // However it stands, a hang-up ends it, and nothing comes after that.
        walk.step(&Input::HungUp);
        if walk.session.ended().is_none() {
            // Who hangs up while they are recorded has left what they said: the call waits for that, but not for ever.
            walk.step(&Input::Lost);
        }
        prop_assert!(walk.session.ended().is_some());
        for roll in rolls.iter().take(5) {
            walk.roll(&mut Dice(*roll));
        }
    }
}

/// The walks above are worth something only if they come everywhere.
#[test]
fn walks_come_everywhere() {
    let (mut visited, mut prompts, mut personal) = (BTreeSet::new(), BTreeSet::new(), false);
    let missed = |visited: &BTreeSet<NodeId>| -> Vec<&NodeId> {
        LOADED.line.nodes.keys().filter(|node| !visited.contains(*node)).collect()
    };
    let said = [&LOADED.line.expired.0, &LOADED.line.too_long, &LOADED.line.wait].map(hotline::call::PromptId::as_str);
    for seed in 0..20_000 {
        if personal && said.iter().all(|prompt| prompts.contains(*prompt)) && missed(&visited).is_empty() {
            break;
        }
        let mut dice = Dice(seed);
        let mut walk = Walk::begin();
        for _ in 0..100 {
            walk.roll(&mut dice);
            if walk.session.ended().is_some() {
                break;
            }
        }
        visited.extend(walk.visited);
        prompts.extend(walk.prompts);
        personal |= walk.said_personal;
    }
    assert!(missed(&visited).is_empty(), "no walk came to {:?}", missed(&visited));
    assert!(personal, "nothing personal was said");
    assert!(said.iter().all(|prompt| prompts.contains(*prompt)), "not all of {said:?} was said");
}

/// A call that has come to `node` by these inputs.
fn call(inputs: &[Input], node: &str) -> Walk {
    let mut walk = Walk::begin();
    for input in inputs {
        walk.now = walk.now.plus(Duration::from_secs(2));
        walk.step(input);
    }
    assert_eq!(walk.session.node().map(NodeId::as_str), Some(node));
    walk
}

fn done(outcome: &str) -> Input {
    Input::LookupDone { outcome: outcome.to_owned(), values: ValueRecord::new() }
}

fn to_main_menu() -> Vec<Input> {
    vec![Input::Silent, press('1'), done("none"), done("self-service")]
}

/// A member who listens to their payments.
fn to_payments() -> Vec<Input> {
    let id = Input::Pressed(Keys::parse("000101198503121233").unwrap());
    let secret = Input::Entered(SecretEntry::Complete);
    let found = |answer: &Input| matches!(answer, Input::LookupDone { outcome, .. } if outcome == "found");
    let payments = (0..100).map(|seed| Dice(seed).answer("payments")).find(found).unwrap();
    let verified =
        [press('2'), done("none"), press('1'), id, secret, done("verified"), press('1'), press('1'), payments];
    to_main_menu().into_iter().chain(verified).collect()
}

#[test]
fn after_fifteen_minutes_nothing_personal_is_said() {
    let keys = ALL_KEYS.iter().map(|key| press(*key));
    for input in keys.chain([Input::Silent, Input::Continued, Input::Pressed(Keys::parse("12").unwrap())]) {
        for (wait, personal_before) in [(Duration::from_mins(14), true), (SUBJECT_LIFETIME, false)] {
            let mut walk = call(&to_payments(), "pay.months");
            assert!(walk.said_personal);
            walk.now = walk.now.plus(wait);
            let step = walk.step(&input);
            let still = matches!(step.session.verification, Verification::Verified { .. });
            assert_eq!(still, personal_before, "{input:?} after {wait:?}");
            if let (Next::Reply(reply), false) = (&step.next, personal_before) {
                assert!(said(reply).iter().all(|spoken| !spoken.personal), "{input:?}");
            }
        }
    }
}

/// The verification ends while the answer is on its way: the caller is asked to verify again and hears none of it.
#[test]
fn an_answer_that_comes_after_the_end_of_the_verification_is_not_told() {
    let mut inputs = to_payments();
    let answer = inputs.pop().unwrap();
    let mut walk = call(&inputs, "pay.recent");
    walk.now = walk.now.plus(SUBJECT_LIFETIME);
    let step = walk.step(&answer);
    let Next::Ask(request) = &step.next else { panic!("{:?}", step.next) };
    assert_eq!(request.lookup.as_str(), "maintenance", "the first node of the verification");
    let step = walk.step(&done("none"));
    let Next::Reply(reply) = &step.next else { panic!("{:?}", step.next) };
    let heard: Vec<_> = said(reply).iter().map(|spoken| spoken.prompt.to_string()).collect();
    assert_eq!(heard, ["auth.expired", "auth.method"]);
}

#[test]
fn star_goes_back_one_stop_at_a_time_and_ends_at_the_first() {
    let mut walk = call(&to_payments(), "pay.months");
    let mut stops = Vec::new();
    for _ in 0..6 {
        walk.step(&press('*'));
        stops.push(walk.session.node().unwrap().to_string());
    }
    assert_eq!(stops, ["pay.range", "pay.ins", "main.menu", "entry.lang", "entry.lang", "entry.lang"]);
}

/// However long somebody plays with the keys that hold everywhere, the session does not grow.
#[test]
fn wandering_does_not_make_the_session_grow() {
    let mut walk = call(&to_main_menu(), "main.menu");
    let size = |walk: &Walk| serde_json::to_string(&walk.session).unwrap().len();
    let lap = ["5", "*", "4", "2", "*", "9", "#", "3", "*", "9", "*", "1"];
    let mut sizes = Vec::new();
    for _ in 0..30 {
        for key in lap {
            // Lookups on the way are down, and nobody answers.
            loop {
                match walk.session.stage {
                    Stage::Asking { .. } => walk.step(&done("unavailable")),
                    Stage::Dialling { .. } => {
                        walk.step(&Input::DialEnded { outcome: DialOutcome::NoAnswer, talk_s: None })
                    }
                    Stage::New | Stage::Waiting { .. } | Stage::Recording { .. } | Stage::Ended { .. } => break,
                };
            }
            walk.step(&Input::Pressed(Keys::parse(key).unwrap()));
        }
        sizes.push(size(&walk));
    }
    let (first, last) = (sizes[3], sizes[29]);
    assert!(last <= first + 64 && last < SESSION_LIMIT_BYTES, "{sizes:?}");
}

/// Every listening node of the line knows the keys that hold everywhere.
#[test]
fn the_line_has_its_four_keys() {
    let keys: Vec<_> = LOADED.line.keys.iter().map(|(key, does)| (*key, does.clone())).collect();
    let person = Universal::Node(NodeId::from("op.queue"));
    assert_eq!(keys, [('#', Universal::Onward), ('*', Universal::Back), ('0', person), ('9', Universal::Again)]);
}
