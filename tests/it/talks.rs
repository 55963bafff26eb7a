//! Talks that are recorded: who is told, what is kept of them, and who may listen.

use std::time::Duration;

use async_trait::async_trait;
use hotline::call::{DialOutcome, Keys, Kind, PromptId, Recording, What};
use hotline::clock::Clock as _;
use hotline::service::{NotGiven, Sounds};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::app::{App, Way};
use crate::client::Caller;
use crate::office::Office;
use crate::phone_door::header;
use crate::random::MORNING;

/// As a provider has it: its address is nobody's business.
const FILE: &str = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1";
const MP3: &[u8] = b"ID3 canary of two voices";

/// A provider that has one file everywhere.
struct Gives;

#[async_trait]
impl Sounds for Gives {
    async fn give(&self, _: &str, _: bool, _: &str) -> Result<Vec<u8>, NotGiven> {
        Ok(MP3.to_vec())
    }
}

async fn recordings(app: &App) -> Vec<SqliteRow> {
    let rows = sqlx::query("SELECT name, kind, length_ms, source FROM recordings");
    rows.fetch_all(app.world.database.readers()).await.unwrap()
}

fn keys(keys: &str) -> Keys {
    Keys::parse(keys).unwrap()
}

#[tokio::test]
async fn who_is_recorded_is_told_first_and_only_supervisors_listen() {
    let office = Office::over(App::start_recording(Way::Text).await, true).await;
    let (service, database) = (&office.app.world.service, &office.app.world.database);
    let (mut phone, call) = office.verified().await;
    phone.press(&keys("0")).await.unwrap();
    let heard: Vec<&str> = phone.heard().iter().filter_map(|said| said.prompt.as_ref()).map(PromptId::as_str).collect();
    assert_eq!(heard, ["op.transfer", "op.recorded"]);
    assert!(phone.dialling().unwrap().recorded);
    assert!(service.context(call).await.unwrap().unwrap().recorded, "whoever picks up is told too");
    phone.operator_answers().await.unwrap();
    phone.operator_presses(&keys("1")).await.unwrap();
    phone.dial_ends(DialOutcome::Talked, Some(Duration::from_secs(61))).await.unwrap();

    let [row] = recordings(&office.app).await.try_into().unwrap_or_else(|rows: Vec<_>| panic!("{} rows", rows.len()));
    let (name, source): (String, Vec<u8>) = (row.get("name"), row.get("source"));
    assert_eq!((row.get::<&str, _>("kind"), row.get::<i64, _>("length_ms")), ("talk", 61_000));
    assert!(!String::from_utf8_lossy(&source).contains("http"), "where it is is sealed");

    let (operator, supervisor) = (office.seat("1001").await, office.seat("9001").await);
    let sound = format!("/desk/api/recordings/{name}");
    assert_eq!(supervisor.get(&sound).await.status(), 503, "it has not been fetched yet");
    service.fetch_recordings(database, &Gives, office.app.world.clock.now()).await.unwrap();
    let page = supervisor.text(&format!("/desk/wall/calls/{call}?lang=en")).await;
    assert!(page.contains("Talk with an operator · 1:01") && page.contains(&format!("src=\"{sound}\"")), "{page}");
    let listened = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM audit WHERE action = 'listened'");
    assert_eq!(listened.fetch_one(database.readers()).await.unwrap(), 0, "to see that it is there is not to listen");
    assert_eq!(operator.get(&sound).await.status(), 404);
    let played = supervisor.get(&sound).await;
    assert_eq!((header(&played, "content-type"), header(&played, "cache-control")), ("audio/mpeg", "no-store"));
    assert_eq!(played.bytes().await.unwrap().as_ref(), MP3);
    let listened = sqlx::query_as::<_, (String, String)>("SELECT who, subject FROM audit WHERE action = 'listened'");
    assert_eq!(listened.fetch_all(database.readers()).await.unwrap(), [("9001".to_owned(), name)]);

    // Its time is over.
    let until = office.app.world.clock.now();
    hotline::desk::retention::forget_recordings(database, until).await.unwrap();
    let page = supervisor.text(&format!("/desk/wall/calls/{call}?lang=en")).await;
    assert!(page.contains("It has been deleted") && !page.contains("<audio"), "{page}");
    assert_eq!(supervisor.get(&sound).await.status(), 410);
    office.app.stop().await;
}

#[tokio::test]
async fn nobody_is_recorded_unless_it_is_switched_on() {
    let office = Office::open(true).await;
    let (mut phone, call) = office.verified().await;
    phone.press(&keys("0")).await.unwrap();
    assert!(phone.heard().iter().all(|said| said.prompt.as_ref().is_none_or(|id| id.as_str() != "op.recorded")));
    assert!(!phone.dialling().unwrap().recorded);
    assert!(!office.app.world.service.context(call).await.unwrap().unwrap().recorded);
    phone.operator_answers().await.unwrap();
    phone.operator_presses(&keys("1")).await.unwrap();
    phone.dial_ends(DialOutcome::Talked, Some(Duration::from_secs(61))).await.unwrap();
    assert!(recordings(&office.app).await.is_empty());
    office.app.stop().await;
}

#[tokio::test]
async fn a_provider_tells_of_a_talk_once_or_twice_or_after_the_call_and_of_its_own_files_only() {
    let app = App::start_recording(Way::Http).await;
    app.world.clock.set(MORNING);
    let base = app.world.service.settings().public.join("").trim_end_matches('/').to_owned();
    let mut caller = Caller::new(&reqwest::Client::new(), &base, 7);
    caller.arrives().await;
    caller.is_silent().await;
    caller.presses("1").await;
    caller.presses("0").await;
    assert!(caller.document.contains("record=\"record-from-answer\""), "{}", caller.document);
    let (talk, dialled) = (caller.url(Kind::Talk), caller.url(Kind::Dialled));
    let made = |url: &str| What::TalkReady(Recording::Made { url: url.to_owned(), seconds: 9, hung_up: false });
    let ended = What::DialEnded { outcome: DialOutcome::Talked, talk_s: Some(9), verbatim: "completed".to_owned() };
    caller.send(&dialled, ended).await;
    assert!(caller.heard("<Gather"), "the call goes on: {}", caller.document);

    for other in ["https://169.254.169.254/latest/meta-data", "http://api.twilio.com/x"] {
        assert_eq!(caller.post(&talk, made(other)).await.0, 204);
    }
    for nothing in [Recording::Nothing, Recording::Failed] {
        assert_eq!(caller.post(&talk, What::TalkReady(nothing)).await.0, 204);
    }
    // Another call's URL, and one of none.
    let mut other = Caller::new(&reqwest::Client::new(), &base, 8);
    other.arrives().await;
    other.post(&talk, made(FILE)).await;
    caller.post(&talk.replace("/talk/", "/talk/x"), made(FILE)).await;
    assert!(recordings(&app).await.is_empty());

    caller.hangs_up().await;
    for _ in 0..2 {
        assert_eq!(caller.post(&talk, made(FILE)).await.0, 204);
    }
    assert_eq!(recordings(&app).await.len(), 1);
    app.stop().await;
}
