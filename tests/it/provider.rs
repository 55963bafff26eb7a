//! The simulated provider against the reference on TwiML, table by table: what a real provider does with a document, and
//! with a service that does not answer as it should, it does too.
//!
//! One module per group of tables; each test names its row. The service is a script here and time is moved, so that a row
//! is a few lines.

mod acting;
mod asking;
mod dialling;
mod documents;
mod parameters;
mod recording;
mod rows;
mod sockets;

use std::collections::VecDeque;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use hotline::audio::wav;
use hotline::call::{Arrival, Kind, PhoneNumber, Timestamp, What};
use hotline::clock::Clock;
use hotline::dialect::{Authentication, OutRequest, Profile, PublicUrl, Secret, provider};
use hotline::simulator::{
    Carrier, Exchanged, Fetched, Hearing, Leg, MovableClock, Phone, Received, Then, Transport, Trouble, Watcher, Wire,
};

const HOST: &str = "https://ivr.example.org";

/// The profile of a provider with a secret that can sign.
fn profile(name: &str) -> Profile {
    let secret = if name == "telnyx" { Secret::Seed([7; 32]) } else { Secret::Token("0123456789abcdef".into()) };
    provider(name).unwrap().profile(Authentication::Secrets(vec![secret]))
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// What the service does with a request.
#[derive(Clone, Debug)]
enum Does {
    /// A document is what stands in its `<Response>`.
    Answers(String),
    Sends {
        status: u16,
        content_type: &'static str,
        body: String,
    },
    Redirects(&'static str),
    /// Nothing listens.
    IsDown,
    /// It listens after so long.
    Connects(Duration),
    /// What comes next comes after so long.
    Takes(Duration, Box<Does>),
    /// The connection breaks off, before an answer and in it.
    BreaksOff,
    CutsShort,
}

fn answers(verbs: impl Into<String>) -> Does {
    Does::Answers(verbs.into())
}

fn status(status: u16) -> Does {
    Does::Sends { status, content_type: "text/plain", body: String::new() }
}

fn takes(seconds: u64, then: Does) -> Does {
    Does::Takes(s(seconds), Box::new(then))
}

/// A document with these verbs.
fn response(verbs: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{verbs}</Response>")
}

fn url(path: &str) -> String {
    format!("{HOST}/{path}")
}

fn redirect(path: &str) -> String {
    format!("<Redirect method=\"POST\">{HOST}/{path}</Redirect>")
}

/// Audio of so many seconds.
fn play(seconds: u64) -> String {
    format!("<Play>{HOST}/audio/{seconds}.wav</Play>")
}

/// A listen with prompts in it, and where silence leads.
fn gather(keys: &str, timeout: u64, prompts: &str) -> String {
    let gather = format!("<Gather input=\"dtmf\" action=\"{HOST}/keys\" method=\"POST\" timeout=\"{timeout}\" {keys}>");
    format!("{gather}{prompts}</Gather>{}", redirect("silent"))
}

const ONE_KEY: &str = "finishOnKey=\"\" numDigits=\"1\"";
const UNTIL_POUND: &str = "finishOnKey=\"#\"";

/// A service that does as a test tells it, and remembers what it was asked.
#[derive(Debug)]
struct Script {
    clock: Arc<MovableClock>,
    does: Mutex<VecDeque<Does>>,
    requests: Mutex<Vec<OutRequest>>,
}

impl Script {
    /// The next thing to do, if `now` is when it is done.
    fn next(&self, now: impl Fn(&Does) -> bool) -> Option<Does> {
        let mut does = self.does.lock().unwrap();
        if does.front().is_some_and(now) { does.pop_front() } else { None }
    }
}

#[async_trait]
impl Transport for Script {
    async fn connect(&self, url: &str) -> Result<(), Trouble> {
        match self.next(|does| matches!(does, Does::IsDown | Does::Connects(_))) {
            Some(Does::Connects(time)) => self.clock.mover(time).await,
            Some(_) => {
                let source = Error::from(ErrorKind::ConnectionRefused);
                return Err(Trouble::Connect { address: url.to_owned(), source });
            }
            None => {}
        }
        Ok(())
    }

    async fn send(&self, request: OutRequest) -> Result<Received, Trouble> {
        self.requests.lock().unwrap().push(request);
        let mut does = self.next(|_| true).expect("one request more than the test has answers for");
        if let Does::Takes(time, then) = does {
            self.clock.mover(time).await;
            does = *then;
        }
        let received = |status, content_type: &str, body: String| Received {
            status,
            content_type: content_type.to_owned(),
            location: None,
            body: body.into_bytes(),
        };
        Ok(match does {
            Does::Answers(verbs) => received(200, "text/xml; charset=utf-8", response(&verbs)),
            Does::Sends { status, content_type, body } => received(status, content_type, body),
            Does::Redirects(to) => Received { location: Some(to.to_owned()), ..received(307, "", String::new()) },
            Does::BreaksOff => return Err(Trouble::Broken(Error::from(ErrorKind::UnexpectedEof))),
            Does::CutsShort => return Err(Trouble::CutShort(Error::from(ErrorKind::UnexpectedEof))),
            Does::IsDown | Does::Connects(_) | Does::Takes(..) => panic!("{does:?} is not for an answer"),
        })
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, Trouble> {
        let seconds: usize = url.rsplit('/').next().unwrap().trim_end_matches(".wav").parse().unwrap();
        let body = vec![wav::file(&vec![0x55; 8_000 * seconds]).into()];
        Ok(Fetched { status: 200, content_type: "audio/wav".to_owned(), immutable: true, body })
    }
}

/// Kind, status, what was wrong, tries.
type Told = (Kind, Option<u16>, Option<String>, u32);

/// Remembers what it was told.
#[derive(Default)]
struct Panel(Mutex<Vec<Told>>);

impl Watcher for Panel {
    fn exchanged(&self, told: &Exchanged<'_>) {
        let status = told.received.map(|received| received.status);
        self.0.lock().unwrap().push((told.kind, status, told.trouble.map(ToString::to_string), told.tries));
    }
}

/// A provider, what it is connected to, and the time of both.
struct Line {
    clock: Arc<MovableClock>,
    script: Arc<Script>,
    panel: Arc<Panel>,
    wire: Wire,
}

impl Line {
    /// A line of this provider into a service that does this, in turn.
    fn of(profile: Profile, does: impl IntoIterator<Item = Does>) -> Self {
        let clock = Arc::new(MovableClock::new(Timestamp::from_millis(1_760_000_000_000)));
        let script = Script { clock: Arc::clone(&clock), does: Mutex::default(), requests: Mutex::default() };
        let (script, panel) = (Arc::new(script), Arc::new(Panel::default()));
        script.does.lock().unwrap().extend(does);
        let public = PublicUrl::parse(HOST).unwrap();
        let carrier = Carrier::new(profile, public, Arc::clone(&script) as _, Hearing::Lengths);
        let carrier = carrier.with_clock(Arc::clone(&clock) as _).watched(Arc::clone(&panel) as _);
        let (from, to) = (Some(number("+8613800138000")), number("+8601012333"));
        let wire = Wire { exchange: Arc::new(carrier), from, to, clock: Arc::clone(&clock) as _ };
        Self { clock, script, panel, wire }
    }

    fn twilio(does: impl IntoIterator<Item = Does>) -> Self {
        Self::of(profile("twilio"), does)
    }

    /// A call that arrives.
    async fn arrives(&self) -> Result<Leg, Trouble> {
        let Wire { from, to, .. } = self.wire.clone();
        let arrival = Arrival { caller: from, called: to, forwarded_from: None, simulated: true };
        let url = self.wire.exchange.arrivals();
        Leg::begin(&self.wire, None, Kind::Arrive, &url, What::Arrived(arrival)).await
    }

    /// The same as a telephone of `.call` files.
    async fn phone(&self) -> Phone {
        let (exchange, clock) = (Arc::clone(&self.wire.exchange), Arc::clone(&self.clock));
        Phone::call(exchange, clock, self.wire.from.clone(), self.wire.to.clone()).await.unwrap()
    }

    /// Goes on with the leg's document until something happens by itself, and how long that took.
    async fn runs(&self, leg: &mut Leg) -> (u64, Then) {
        let began = self.clock.now();
        self.clock.advance_to(leg.playing().due());
        (self.clock.now().since(began).as_secs(), leg.pass(&self.wire).await.unwrap())
    }

    /// Path and fragment-free URL of each request so far.
    fn asked(&self) -> Vec<String> {
        let requests = self.script.requests.lock().unwrap();
        requests.iter().map(|request| request.url.trim_start_matches(HOST).trim_start_matches('/').to_owned()).collect()
    }

    /// A parameter of the last request.
    fn last(&self, name: &str) -> Option<String> {
        let requests = self.script.requests.lock().unwrap();
        let parameters = requests.last().unwrap().parameters();
        parameters.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// What the last request has of these.
    fn last_of<const N: usize>(&self, names: [&str; N]) -> [Option<String>; N] {
        names.map(|name| self.last(name))
    }

    /// The headers of this name, of every request.
    fn headers(&self, name: &str) -> Vec<String> {
        let requests = self.script.requests.lock().unwrap();
        let all = requests.iter().flat_map(|request| &request.headers);
        all.filter(|(key, _)| *key == name).map(|(_, value)| value.clone()).collect()
    }
}

#[allow(clippy::unnecessary_wraps, reason = "what a request has is an option")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}
