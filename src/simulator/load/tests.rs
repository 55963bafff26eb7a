//! Loads on a server that stalls, is silent or names others, in time that is moved.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use super::*;
use crate::call::{EndCause, Ending, KeyPlan, Kind, Listen, Reply, Sentence};
use crate::clock::Clock as _;
use crate::dialect::{OutRequest, Place, PublicUrl, ResumeUrls};
use crate::flow;
use crate::line_files;
use crate::service::signatures;
use crate::simulator::call_file;
use crate::simulator::carrier::{Fetched, Hearing, Received};
use crate::simulator::embedded;
use crate::simulator::trouble::Trouble;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const PUBLIC: &str = "http://ivr.example.org";
/// The caller waits 5 s, then the server hangs up.
const SCRIPT: &str = "line 12333 at 2026-03-31 10:00\nwaits silent\nends finished";

#[derive(Debug)]
struct Moved(Arc<MovableClock>);

#[async_trait]
impl Watch for Moved {
    fn now(&self) -> Duration {
        self.0.now().since(Timestamp::default())
    }

    async fn until(&self, then: Duration) {
        self.0.sleep(then.saturating_sub(self.now())).await;
    }
}

/// A server that answers in a millisecond, but for what comes while it stalls.
#[derive(Debug)]
struct Server {
    clock: Arc<MovableClock>,
    stalls: std::ops::Range<Duration>,
    /// What its URLs begin with.
    public: &'static str,
    requests: AtomicU64,
}

#[async_trait]
impl Transport for Server {
    async fn send(&self, request: OutRequest) -> Result<Received, Trouble> {
        assert!(request.url.starts_with("http://127.0.0.1:1/voice/embedded"), "{} is asked", request.url);
        self.requests.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now().since(Timestamp::default());
        if self.stalls.contains(&now) {
            self.clock.sleep(self.stalls.end.saturating_sub(now)).await;
        }
        self.clock.sleep(MS).await;
        let listen = Listen {
            prompts: Vec::new(),
            keys: KeyPlan::One,
            first_key: 5 * SECOND,
            between_keys: 5 * SECOND,
            secret: false,
        };
        let ending: Ending<Sentence> = match Place::parse(&request.url).unwrap().kind {
            Kind::Arrive => Ending::Listen(listen),
            Kind::Silent | Kind::Fallback => Ending::HangUp(EndCause::Finished),
            Kind::Status => return Ok(received(204, Vec::new())),
            other @ (Kind::Keys
            | Kind::Next
            | Kind::Dialled
            | Kind::Whisper
            | Kind::Recorded
            | Kind::File
            | Kind::Talk) => panic!("{other:?} is not expected"),
        };
        let (public, profile) = (PublicUrl::parse(self.public).unwrap(), profile());
        let urls = ResumeUrls { public: &public, profile: &profile, token: "T", dialled: "D" };
        let document = profile.dialect.write(&profile, &Reply { prompts: Vec::new(), ending }, &urls).unwrap();
        Ok(received(document.status, document.body))
    }

    async fn fetch(&self, _: &str) -> Result<Fetched, Trouble> {
        panic!("nothing is played")
    }
}

fn received(status: u16, body: Vec<u8>) -> Received {
    Received { status, content_type: "text/xml".to_owned(), location: None, body }
}

fn profile() -> crate::dialect::Profile {
    embedded::profile("0123456789abcdef0123456789abcdef").unwrap()
}

/// What is measured of a server.
async fn measure(arrivals: Arrivals, until: Until, speed: Speed, stalls: std::ops::Range<Duration>) -> Measured {
    made(arrivals, until, speed, stalls, PUBLIC).await.0
}

async fn made(
    arrivals: Arrivals,
    until: Until,
    speed: Speed,
    stalls: std::ops::Range<Duration>,
    public: &'static str,
) -> (Measured, u64) {
    let clock = Arc::new(MovableClock::new(Timestamp::default()));
    let server = Arc::new(Server { clock: Arc::clone(&clock), stalls, public, requests: AtomicU64::new(0) });
    let loaded = Arc::new(flow::load(&line_files::shipped(), &signatures()).unwrap());
    let script = call_file::read("a.call", SCRIPT).unwrap();
    let mix = Mix::of(vec![(script, 1)], &["en".into()]).unwrap();
    let public_url = PublicUrl::parse(PUBLIC).unwrap();
    let carrier = Carrier::new(profile(), public_url, Arc::clone(&server) as _, Hearing::Words);
    let carrier = carrier.with_clock(Arc::clone(&clock) as _);
    let route = Route { public: PUBLIC.to_owned(), reached: "http://127.0.0.1:1".to_owned() };
    let watch = Arc::new(Moved(Arc::clone(&clock)));
    let (transport, plan) = (Arc::clone(&server), Plan { arrivals, until, speed, mix });
    let connect = Box::new(move || Arc::clone(&transport) as _);
    let load = Load::new(plan, loaded, carrier, route, connect, (watch, clock.now()), Stop::default());
    let making = tokio::spawn(Arc::new(load).make());
    // Where a server is silent for long, nothing happens in most of the time.
    let step = if server.stalls.end > 10 * SECOND { 50 * MS } else { MS };
    while !making.is_finished() {
        // Everybody who can go on does, before time does.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        clock.advance(step);
    }
    (making.await.unwrap().0, server.requests.load(Ordering::Relaxed))
}

/// How many turns of a kind took longer.
fn over(measured: &Measured, kind: Kind, time: Duration) -> u64 {
    let times = &measured.times[&Timed::Turn(kind)];
    let from = u64::try_from(time.as_micros()).unwrap();
    times.len() - times.count_between(0, from)
}

fn callers(callers: u32) -> NonZeroU32 {
    NonZeroU32::new(callers).unwrap()
}

const STALL: std::ops::Range<Duration> = Duration::from_secs(1)..Duration::from_secs(2);

#[tokio::test]
async fn a_stall_is_felt_by_everybody_who_would_have_called_meanwhile() {
    let rate = |at_once| Arrivals::Rate { per_s: 100.0, at_once: callers(at_once) };
    let measured = measure(rate(1_000), Until::After(3 * SECOND), Speed::Fast, STALL).await;
    assert_eq!((measured.calls.begun, measured.calls.as_told), (300, 300), "{:?}", measured.errors);
    assert_eq!(over(&measured, Kind::Arrive, 10 * MS), 100, "all who arrived in that second");
    assert!((49..=51).contains(&over(&measured, Kind::Arrive, 500 * MS)), "half of them half a second");

    // A load that cannot keep up does not hide it: its calls begin late, and that counts.
    let measured = measure(rate(1), Until::After(3 * SECOND), Speed::Fast, STALL).await;
    assert_eq!(measured.calls.as_told, 300);
    assert!(over(&measured, Kind::Arrive, 500 * MS) >= 50);
    assert!(measured.late.max() > 900_000);
    assert_eq!(over(&measured, Kind::Silent, 10 * MS), 0, "later turns are timed from the answer before them");

    // A closed loop waits with the server: that is what it is.
    let measured = measure(Arrivals::Callers(callers(1)), Until::After(3 * SECOND), Speed::Fast, STALL).await;
    let slow: u64 = [Kind::Arrive, Kind::Silent, Kind::Status].iter().map(|kind| over(&measured, *kind, 10 * MS)).sum();
    assert_eq!(slow, 1);
}

#[tokio::test]
async fn what_callers_take_is_not_counted_as_the_servers() {
    let nothing = Duration::ZERO..Duration::ZERO;
    let measured = measure(Arrivals::Callers(callers(2)), Until::Calls(6), Speed::Real, nothing).await;
    assert_eq!(measured.calls.as_told, 6);
    assert!(measured.took > 15 * SECOND, "two callers wait three times 5 s: {:?}", measured.took);
    assert_eq!(measured.turns().len(), 18);
    assert!(measured.turns().max() < 10_000, "{} us", measured.turns().max());
}

#[tokio::test]
async fn what_is_never_answered_is_an_error_and_took_as_long_as_was_waited() {
    let for_ever = Duration::ZERO..100 * SECOND;
    let measured = measure(Arrivals::Callers(callers(1)), Until::Calls(1), Speed::Fast, for_ever).await;
    assert_eq!((measured.calls.troubled, measured.is_good()), (1, false));
    let arrive = Timed::Turn(Kind::Arrive);
    assert_eq!(measured.errors[&(arrive, "there was no answer in time".to_owned())], 1);
    assert!((15_000_000..15_100_000).contains(&measured.times[&arrive].max()));
}

#[tokio::test]
async fn no_server_is_called_that_was_not_named() {
    let nothing = Duration::ZERO..Duration::ZERO;
    for other in ["http://ivr.example.org.example.com", "http://127.0.0.1:1"] {
        let (measured, requests) =
            made(Arrivals::Callers(callers(1)), Until::Calls(1), Speed::Fast, nothing.clone(), other).await;
        let ((_, why), _) = measured.errors.first_key_value().unwrap();
        assert!(why.contains("another server"), "{why}");
        assert_eq!(requests, 3, "the arrival, the fallback, the end");
    }
}
