//! What providers are asked to do by themselves, with a provider's API that does as it is told and a clock that is moved.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use hotline::call::{CallId, Language, PhoneNumber, Timestamp, What};
use hotline::config::ControlSettings;
use hotline::control::{Controls, Error, Parts};
use hotline::desk::DialPrefixes;
use hotline::desk::accounts::{Accounts, NewOperator, Role};
use hotline::desk::audit::Who;
use hotline::dialect::Account;
use hotline::lookup::hasher::Hasher;
use hotline::lookup::pin::PinHashing;
use hotline::service::{Errand, NotGiven, Sounds};
use hotline::simulator::trust;
use hotline::store::queue::Presence;
use hotline::store::{CallKey, OutKind, SOUND, SOURCE, enqueue};
use tokio::net::TcpListener;

use crate::app::{App, TEXTS_A_DAY, Way};
use crate::client::Caller;

const OPERATOR: &str = "+12025550177";
const FROM: &str = "+12025550123";
const CITIZEN: &str = "+8612012345678";
/// `ACtest:s3cret`
const AUTHORIZATION: &str = "Basic QUN0ZXN0OnMzY3JldA==";

/// What the provider's API does with a request.
#[derive(Clone, Copy)]
enum Does {
    Answers(u16),
    /// Takes it and hangs up.
    BreaksOff,
    /// Takes it and says nothing.
    IsStuck,
}

/// A request that it got: the path, the header of who asks, the form.
type Got = (String, String, Vec<(String, String)>);

#[derive(Clone, Default)]
struct Api {
    got: Arc<Mutex<Vec<Got>>>,
    /// What it does next; with nothing left it creates what is asked for.
    does: Arc<Mutex<VecDeque<Does>>>,
}

async fn answer(State(api): State<Api>, request: Request) -> StatusCode {
    let path = format!("{} {}", request.method(), request.uri().path());
    let who = request.headers()["authorization"].to_str().unwrap().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 100_000).await.unwrap();
    let form = form_urlencoded::parse(&body).into_owned().collect();
    api.got.lock().unwrap().push((path, who, form));
    let does = api.does.lock().unwrap().pop_front();
    match does.unwrap_or(Does::Answers(201)) {
        Does::Answers(status) => StatusCode::from_u16(status).unwrap(),
        Does::BreaksOff => panic!("the provider breaks off"),
        Does::IsStuck => std::future::pending().await,
    }
}

struct Stage {
    app: App,
    api: Api,
    controls: Controls,
    caller: Caller,
    /// Of the API.
    url: String,
}

impl Stage {
    async fn open() -> Self {
        let app = App::start(Way::Http).await;
        // A Monday morning.
        app.world.clock.set(Timestamp::from_millis(1_772_417_000_000));
        let api = Api::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().fallback(answer).with_state(api.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let controls = controls(&app, settings(&url));
        let public = app.world.service.settings().public.to_string();
        let mut caller = Caller::new(&reqwest::Client::new(), &public, 7);
        caller.arrives().await;
        Self { app, api, controls, caller, url }
    }

    fn does(&self, does: &[Does]) {
        self.api.does.lock().unwrap().extend(does);
    }

    fn got(&self) -> Vec<Got> {
        std::mem::take(&mut *self.api.got.lock().unwrap())
    }

    fn passes(&self, seconds: u64) {
        let clock = &self.app.world.clock;
        clock.set(hotline::clock::Clock::now(&**clock).plus(Duration::from_secs(seconds)));
    }

    fn now(&self) -> Timestamp {
        hotline::clock::Clock::now(&*self.app.world.clock)
    }

    async fn call(&self) -> (CallId, CallKey) {
        let database = &self.app.world.database;
        let id: Vec<u8> = sqlx::query_scalar("SELECT id FROM calls").fetch_one(database.readers()).await.unwrap();
        let id = CallId::from_bytes(id.try_into().unwrap());
        (id, self.app.world.service.key_of(id).await.unwrap().unwrap())
    }

    async fn state(&self, kind: OutKind) -> String {
        let (call, _) = self.call().await;
        self.app.world.database.last_outgoing(call, kind).await.unwrap().map_or_else(String::new, |(state, _)| state)
    }

    async fn joins(&self) -> Result<(), Error> {
        let (call, key) = self.call().await;
        self.controls.join((call, &key), PhoneNumber::parse(OPERATOR).unwrap(), CITIZEN).await
    }

    /// A text that is to be sent, as the flow writes it.
    async fn sends(&self, to: &str, text: &str) {
        let (call, key) = self.call().await;
        let errand = Errand::Sms { to: PhoneNumber::parse(to).unwrap(), text: text.to_owned() };
        let (body, now) = (errand.seal(&key).unwrap(), self.now());
        let writing = self.app.world.database.write(move |connection| {
            Box::pin(async move { enqueue(connection, call, "twilio", OutKind::Sms, body, now).await })
        });
        writing.await.unwrap();
    }

    /// An operator who is not free yet, and the caller, who waits for them.
    async fn waits(&mut self) -> i64 {
        let database = self.app.world.database.clone();
        let accounts = Accounts::new(database.clone(), Hasher::new(PinHashing::SMALLEST, 1).unwrap());
        let operator = NewOperator {
            number: "1001".to_owned(),
            name: "Somebody".to_owned(),
            role: Role::Operator,
            languages: vec![Language::from("zh-CN")],
            subjects: Vec::new(),
            address: Some(PhoneNumber::parse(OPERATOR).unwrap()),
        };
        accounts.add_known(Who::command_line("root"), operator, "a password", self.now()).await.unwrap();
        let no = accounts.list().await.unwrap()[0].no;
        database.enter_presence(no, self.now()).await.unwrap();
        assert!(database.set_presence(no, Presence::Away("no-answer".to_owned()), self.now()).await.unwrap());
        self.caller.presses("1").await;
        self.caller.presses("0").await;
        assert_eq!(database.waiting_now().await.unwrap().len(), 1, "{}", self.caller.document);
        no
    }

    async fn is_free(&self, operator: i64) {
        let free = self.app.world.database.set_presence(operator, Presence::Available, self.now());
        assert!(free.await.unwrap());
    }
}

fn settings(url: &str) -> ControlSettings {
    let number = |number| Some(PhoneNumber::parse(number).unwrap());
    let account =
        Account { url: url.to_owned(), id: "ACtest".to_owned(), user: "ACtest".to_owned(), secret: "s3cret".into() };
    ControlSettings {
        account,
        calls_from: number(FROM),
        sms_from: number(FROM),
        sms_per_day: TEXTS_A_DAY,
        keep_recordings: false,
    }
}

fn controls(app: &App, settings: ControlSettings) -> Controls {
    Controls::new(Parts {
        database: app.world.database.clone(),
        service: Arc::clone(&app.world.service),
        clock: Arc::clone(&app.world.clock) as _,
        settings: [("twilio".to_owned(), settings)].into(),
        prefixes: DialPrefixes::parse(&["+86120".to_owned(), "+8613".to_owned()]).unwrap(),
        tls: trust(None).unwrap(),
        patience: Duration::from_millis(500),
    })
}

#[tokio::test]
async fn a_caller_who_waits_is_sent_on_when_an_operator_is_free() {
    let mut stage = Stage::open().await;
    let operator = stage.waits().await;
    stage.controls.redirect().await;
    assert!(stage.got().is_empty());
    stage.is_free(operator).await;
    // It is told again until it is done, for as long as that is of use.
    stage.does(&[Does::Answers(503), Does::Answers(429), Does::BreaksOff]);
    stage.controls.redirect().await;
    let [(path, who, form)] = &stage.got()[..] else { panic!("not one request") };
    assert_eq!(*path, format!("POST /2010-04-01/Accounts/ACtest/Calls/{}.json", stage.caller.sid));
    assert_eq!(who, AUTHORIZATION);
    assert_eq!(form[0], ("Method".to_owned(), "POST".to_owned()));
    let (name, url) = &form[1];
    assert!(name == "Url" && url.contains("/voice/twilio/next/"), "{url}");
    // Not at once.
    stage.controls.redirect().await;
    assert!(stage.got().is_empty());
    for wait in [1, 2, 4] {
        stage.passes(wait);
        stage.controls.redirect().await;
        let again = stage.got();
        assert_eq!((again.len(), &again[0].2[1].1), (1, url), "after {wait} s");
    }
    assert_eq!(stage.state(OutKind::Redirect).await, "done");
    // The provider does it: the caller is joined.
    assert_eq!(stage.caller.send(url, What::Continued).await, 200);
    assert!(stage.caller.heard(OPERATOR) && stage.caller.heard("<Dial"), "{}", stage.caller.document);
    // And does it once more: nothing new happens.
    let document = stage.caller.document.clone();
    assert_eq!(stage.caller.post(url, What::Continued).await, (200, document));
    stage.passes(1);
    stage.controls.redirect().await;
    assert!(stage.got().is_empty());
}

#[tokio::test]
async fn who_has_come_by_themselves_or_gone_is_not_sent_on() {
    for hangs_up in [false, true] {
        let mut stage = Stage::open().await;
        let operator = stage.waits().await;
        stage.does(&[Does::Answers(500)]);
        stage.is_free(operator).await;
        stage.controls.redirect().await;
        assert_eq!(stage.got().len(), 1);
        if hangs_up {
            stage.caller.hangs_up().await
        } else {
            stage.caller.is_silent().await
        };
        stage.passes(5);
        stage.controls.redirect().await;
        assert!(stage.got().is_empty());
        assert_eq!(stage.state(OutKind::Redirect).await, "done");
    }
}

#[tokio::test]
async fn a_call_and_an_sms_are_asked_for_once() {
    let stage = Stage::open().await;
    stage.joins().await.unwrap();
    stage.sends(CITIZEN, "登记号 260301 & <b>").await;
    let stored: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT body FROM outbox").fetch_all(stage.app.world.database.readers()).await.unwrap();
    assert!(stored.iter().all(|body| !String::from_utf8_lossy(body).contains("2012345678")));
    stage.controls.deliver(true).await;
    assert!(stage.got().is_empty());
    stage.controls.deliver(false).await;
    let mut got = stage.got();
    got.sort();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let twiml = format!("<Dial callerId=\"{FROM}\"><Number>{CITIZEN}</Number></Dial></Response>");
    let (path, who, form) = &got[0];
    assert_eq!((path.as_str(), who.as_str()), ("POST /2010-04-01/Accounts/ACtest/Calls.json", AUTHORIZATION));
    assert_eq!(form[..2], [field("To", OPERATOR), field("From", FROM)]);
    assert!(form[2].0 == "Twiml" && form[2].1.ends_with(&twiml), "{form:?}");
    let (path, _, form) = &got[1];
    assert_eq!(path, "POST /2010-04-01/Accounts/ACtest/Messages.json");
    assert_eq!(form[..], [field("To", CITIZEN), field("From", FROM), field("Body", "登记号 260301 & <b>")]);
    stage.passes(60);
    stage.controls.deliver(false).await;
    assert!(stage.got().is_empty());
    assert_eq!((stage.state(OutKind::Call).await.as_str(), stage.state(OutKind::Sms).await.as_str()), ("done", "done"));
}

/// Through the flow itself: whoever calls from a mobile is offered the address, and asks for it twice.
#[tokio::test]
async fn a_caller_asks_for_a_text_and_gets_it_once() {
    const MOBILE: &str = "+8613800138000";
    for (number, from, texts) in [(8, MOBILE, 1), (9, "+862155550123", 0), (10, "+8613800138", 0), (11, "anonymous", 0)]
    {
        let stage = Stage::open().await;
        let database = &stage.app.world.database;
        let public = stage.app.world.service.settings().public.to_string();
        let mut caller = Caller::new(&reqwest::Client::new(), &public, number);
        caller.from = from.to_owned();
        caller.arrives().await;
        // The notice is over; English, guidance, the ways to query, the offer; and once more.
        for keys in ["1", "2", "3", "2", "1", "2", "1"] {
            caller.presses(keys).await;
        }
        let stored: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT body FROM outbox").fetch_all(database.readers()).await.unwrap();
        let shows =
            |body: &Vec<u8>| ["138001", "outlet"].iter().any(|text| String::from_utf8_lossy(body).contains(text));
        assert!(stored.len() == texts && !stored.iter().any(shows), "{from}: {} texts", stored.len());
        stage.controls.deliver(false).await;
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for (path, _, form) in stage.got() {
            assert_eq!(path, "POST /2010-04-01/Accounts/ACtest/Messages.json");
            assert_eq!(form[..2], [field("To", MOBILE), field("From", FROM)]);
            assert!(form[2].1.starts_with("12333: the outlet is at "), "{form:?}");
        }
    }
}

/// A number may be somebody else's: whoever seems to call from it cannot have it filled with texts, however often they call.
#[tokio::test]
async fn a_number_is_sent_so_many_texts_a_day_and_then_offered_none() {
    let stage = Stage::open().await;
    let database = &stage.app.world.database;
    let public = stage.app.world.service.settings().public.to_string();
    let client = reqwest::Client::new();
    // As far as the offer, if there is one: where the caller stands then.
    let call = async |number: u64, from: &str| {
        let mut caller = Caller::new(&client, &public, number);
        caller.from = from.to_owned();
        caller.arrives().await;
        for keys in ["1", "2", "3", "2"] {
            caller.presses(keys).await;
        }
        let node: Option<String> = sqlx::query_scalar("SELECT node FROM turns ORDER BY no DESC LIMIT 1")
            .fetch_one(database.readers())
            .await
            .unwrap();
        (caller, node.unwrap_or_default())
    };
    let offer = "guide.sms";
    let sent = async || stage.got().len();
    let (mobile, other) = ("+8613800138000", "+8613800138001");
    // Three calls at once, all of them asked before any has answered: not more than two texts come of it.
    let mut callers = Vec::new();
    for number in 20..23 {
        callers.push(call(number, mobile).await);
    }
    for (caller, node) in &mut callers {
        assert_eq!(node, offer);
        caller.presses("1").await;
    }
    stage.controls.deliver(false).await;
    assert_eq!(sent().await, 2);
    // From then on the key is not offered to that number, to any other it is.
    assert_eq!(call(23, mobile).await.1, "guide.menu");
    assert_eq!(call(24, other).await.1, offer);
    // Nobody can read from the database whose number it was.
    let hashes: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT DISTINCT recipient FROM outbox").fetch_all(database.readers()).await.unwrap();
    assert_eq!(hashes.iter().map(Vec::len).collect::<Vec<_>>(), [32]);
    // A day later it may get some again.
    stage.passes(24 * 3_600);
    assert_eq!(call(25, mobile).await.1, offer);
}

/// Gives every recording at once, and would have it deleted.
struct Given;

#[async_trait]
impl Sounds for Given {
    async fn give(&self, _: &str, _: bool, _: &str) -> Result<Vec<u8>, NotGiven> {
        Ok(b"RIFF\x04\0\0\0WAVE".to_vec())
    }

    fn deletes(&self, _: &str) -> bool {
        true
    }
}

#[tokio::test]
async fn a_recording_that_is_here_is_deleted_at_the_provider() {
    let stage = Stage::open().await;
    let (call, key) = stage.call().await;
    let database = &stage.app.world.database;
    let source = key.seal(SOURCE, b"https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE5.wav?x=1");
    let now = stage.now();
    let recorded = database.write(move |connection| {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO recordings (call, name, kind, made_at, length_ms, source) VALUES (?, 'r', 'message', ?, 1, ?)",
            )
            .bind(call.as_bytes().as_slice())
            .bind(now.as_millis())
            .bind(source)
            .execute(connection)
            .await
            .map(drop)
        })
    });
    recorded.await.unwrap();
    // Not before it is here.
    stage.controls.delete_recordings().await;
    assert!(stage.got().is_empty());
    stage.app.world.service.fetch_recordings(database, &Given, stage.now()).await.unwrap();
    // Nor where the installation leaves it there, nor of a call that no provider had.
    let keeping = ControlSettings { keep_recordings: true, ..settings(&stage.url) };
    controls(&stage.app, keeping).delete_recordings().await;
    for simulated in ["UPDATE calls SET simulated = 1", "UPDATE recordings SET tries = 0"] {
        let switching = database.write(move |connection| {
            Box::pin(async move { sqlx::query(simulated).execute(connection).await.map(drop) })
        });
        switching.await.unwrap();
    }
    stage.controls.delete_recordings().await;
    assert!(stage.got().is_empty());
    let real = database.write(|connection| {
        Box::pin(async move { sqlx::query("UPDATE calls SET simulated = 0").execute(connection).await.map(drop) })
    });
    real.await.unwrap();
    stage.does(&[Does::Answers(500), Does::BreaksOff, Does::Answers(404)]);
    let mut asked = Vec::new();
    for second in 0..30 {
        stage.controls.delete_recordings().await;
        for (path, who, form) in stage.got() {
            assert_eq!(path, "DELETE /2010-04-01/Accounts/ACtest/Recordings/RE5.json");
            assert!(who == AUTHORIZATION && form.is_empty());
            asked.push(second);
        }
        stage.passes(1);
    }
    assert_eq!(asked, [0, 5, 15], "again until it is gone, and then no more");
    let (sound, is_deleted): (Vec<u8>, bool) =
        sqlx::query_as("SELECT sound, source IS NULL FROM recordings").fetch_one(database.readers()).await.unwrap();
    assert!(is_deleted && !sound.windows(4).any(|four| four == b"WAVE"), "it is kept, sealed");
    assert_eq!(key.open(SOUND, &sound).unwrap(), b"RIFF\x04\0\0\0WAVE");
}

#[tokio::test]
async fn what_two_processes_find_due_is_sent_by_one() {
    let stage = Stage::open().await;
    stage.sends(CITIZEN, "x").await;
    tokio::join!(stage.controls.deliver(false), stage.controls.deliver(false));
    assert_eq!(stage.got().len(), 1);
}

#[tokio::test]
async fn what_may_have_happened_is_never_tried_again() {
    for does in [Does::Answers(500), Does::Answers(302), Does::BreaksOff, Does::IsStuck] {
        let stage = Stage::open().await;
        stage.sends(CITIZEN, "x").await;
        stage.does(&[does]);
        stage.controls.deliver(false).await;
        assert_eq!(stage.got().len(), 1);
        assert_eq!(stage.state(OutKind::Sms).await, "unknown");
        stage.passes(300);
        stage.controls.deliver(false).await;
        assert!(stage.got().is_empty());
    }
}

#[tokio::test]
async fn what_surely_did_not_happen_is_tried_again_for_a_while() {
    let stage = Stage::open().await;
    stage.sends(CITIZEN, "x").await;
    stage.does(&[Does::Answers(429), Does::Answers(429), Does::Answers(400)]);
    let mut asked = Vec::new();
    for second in 0..60 {
        stage.controls.deliver(false).await;
        asked.extend(stage.got().iter().map(|_| second));
        stage.passes(1);
    }
    assert_eq!(asked, [0, 1, 3]);
    assert_eq!(stage.state(OutKind::Sms).await, "failed");

    // Nobody listens there, and an operator does not wait for ever.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nowhere = Stage { controls: controls(&stage.app, settings(&format!("http://{gone}"))), ..stage };
    nowhere.joins().await.unwrap();
    nowhere.controls.deliver(false).await;
    assert_eq!(nowhere.state(OutKind::Call).await, "due");
    nowhere.passes(61);
    nowhere.controls.deliver(false).await;
    assert_eq!(nowhere.state(OutKind::Call).await, "failed");
}

#[tokio::test]
async fn a_death_between_the_mark_and_the_sending_leaves_it_unknown() {
    let stage = Stage::open().await;
    stage.joins().await.unwrap();
    let database = &stage.app.world.database;
    let due = database.outgoing(false, stage.now(), 10).await.unwrap();
    assert!(database.mark_sending(due[0].no).await.unwrap());
    assert!(!database.mark_sending(due[0].no).await.unwrap());
    // The next process finds it so.
    assert_eq!(database.recover_outgoing().await.unwrap(), 1);
    assert_eq!(stage.state(OutKind::Call).await, "unknown");
    stage.passes(5);
    stage.controls.deliver(false).await;
    assert!(stage.got().is_empty());
}

#[tokio::test]
async fn only_what_the_prefixes_allow_is_dialled() {
    let stage = Stage::open().await;
    let (call, key) = stage.call().await;
    let operator = || PhoneNumber::parse(OPERATOR).unwrap();
    for number in ["+85291234567", "+19005550100", "sip:a@b.example", "client:desk", ""] {
        let refused = stage.controls.join((call, &key), operator(), number).await;
        assert!(matches!(refused, Err(Error::Undialable(_))), "{number}");
    }
    stage.sends("+85291234567", "x").await;
    stage.controls.deliver(false).await;
    assert!(stage.got().is_empty());
    assert_eq!(stage.state(OutKind::Sms).await, "failed");
    // Allowed when it was asked for, and not any more.
    stage.joins().await.unwrap();
    let url = "http://127.0.0.1:1";
    let strict = Controls::new(Parts {
        database: stage.app.world.database.clone(),
        service: Arc::clone(&stage.app.world.service),
        clock: Arc::clone(&stage.app.world.clock) as _,
        settings: [(
            "twilio".to_owned(),
            ControlSettings {
                account: Account { url: url.to_owned(), id: "A".to_owned(), user: "A".to_owned(), secret: "s".into() },
                calls_from: Some(operator()),
                sms_from: None,
                sms_per_day: TEXTS_A_DAY,
                keep_recordings: false,
            },
        )]
        .into(),
        prefixes: DialPrefixes::default(),
        tls: trust(None).unwrap(),
        patience: Duration::from_millis(500),
    });
    strict.deliver(false).await;
    assert_eq!(stage.state(OutKind::Call).await, "failed");
    // Without a number to write from nothing is sent.
    stage.sends(CITIZEN, "x").await;
    strict.deliver(false).await;
    assert_eq!(stage.state(OutKind::Sms).await, "failed");
}
