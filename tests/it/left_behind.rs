//! What calls leave behind: recordings, messages, tickets, call-backs, ratings, lost cards. The calls of `tests/lines/desk`
//! are played, and then it is looked what is in the database, and what is not.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use hotline::call::{CallId, Kind, Language, Leg, Recording, Timestamp, What};
use hotline::clip_files::ClipFiles;
use hotline::desk::audit::Who;
use hotline::desk::recordings::{MOST_TRIES, Recorded, due, play as play_recording};
use hotline::desk::work::{Error, Worker};
use hotline::line_files;
use hotline::service::{NotGiven, Sounds, Speech};
use hotline::simulator::call_file::{self, Script};
use hotline::simulator::{Hall, Scene as _, Stage, calls_of, perform, play, read_calls};
use hotline::store::{CONTACT, CallBack, CallKey, Database, Effect, Store as _, Turn};
use sqlx::Row as _;

use crate::app::{App, Way, template};
use crate::client::Caller;

/// What the callers of these tests key in and say; the numbers are nobody's.
const CALLER: &str = "+8613800001234";
const KEYED: [&str; 2] = ["13800001234", "02112345678"];
const SPOKEN: &[u8] = b"canary of a voice";

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lines/desk")
}

fn scripts() -> Vec<Script> {
    read_calls(&calls_of(&folder().join("calls")).unwrap()).unwrap_or_else(|_| panic!("a call cannot be read"))
}

async fn app(way: Way) -> App {
    App::with(way, "desk", line_files::read_folder(&folder()).unwrap()).await
}

async fn played(app: &App, call: &str) {
    let script = scripts().into_iter().find(|script| script.file.ends_with(call)).unwrap();
    let played = play(&app.world, app.exchange(), &script, &Language::from("en")).await;
    played.unwrap_or_else(|failure| panic!("{failure}"));
}

async fn told(app: &App, text: &str) {
    let script = call_file::read("told.call", text).unwrap();
    let played = play(&app.world, app.exchange(), &script, &Language::from("en")).await;
    played.unwrap_or_else(|failure| panic!("{failure}"));
}

async fn rows(database: &Database, sql: &'static str) -> Vec<sqlx::sqlite::SqliteRow> {
    sqlx::query(sql).fetch_all(database.readers()).await.unwrap()
}

fn call_id(bytes: Vec<u8>) -> CallId {
    CallId::from_bytes(bytes.try_into().unwrap())
}

async fn key(app: &App, call: Vec<u8>) -> CallKey {
    app.world.service.key_of(call_id(call)).await.unwrap().unwrap()
}

fn wav(sound: &[u8]) -> Vec<u8> {
    let length = u32::try_from(4 + sound.len()).unwrap();
    [b"RIFF".as_slice(), &length.to_le_bytes(), b"WAVE", sound].concat()
}

/// A provider that gives what it is told to, one answer for each time it is asked.
#[derive(Default)]
struct Gives(Mutex<VecDeque<Result<Vec<u8>, NotGiven>>>);

impl Gives {
    fn these(answers: impl IntoIterator<Item = Result<Vec<u8>, NotGiven>>) -> Self {
        Self(Mutex::new(answers.into_iter().collect()))
    }
}

#[async_trait]
impl Sounds for Gives {
    async fn give(&self, _: &str, _: bool, url: &str) -> Result<Vec<u8>, NotGiven> {
        assert!(url.starts_with("https://"), "{url}");
        self.0.lock().unwrap().pop_front().expect("it is asked once more than it should be")
    }
}

#[tokio::test]
async fn calls_that_leave_something_are_the_same_in_a_rehearsal() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("hotline.db");
    std::fs::write(&path, template().await).unwrap();
    let database = Database::open(&path).await.unwrap();
    let line = ("desk".to_owned(), line_files::read_folder(&folder()).unwrap());
    let hall = Hall::open(database.clone(), line, Speech::new(ClipFiles::default())).await.unwrap();
    let stage = Stage { threads: 1, times: 1, watched: false };
    let played = perform(&Arc::new(hall), &scripts(), &["en".into()], stage).await;
    for played in &played {
        assert!(played.ended.is_ok(), "{}", played.ended.as_ref().err().unwrap());
    }
    assert!(played.len() > 6, "{}", played.len());
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_message_is_a_ticket_with_a_recording() {
    let app = app(Way::Memory).await;
    played(&app, "message.call").await;
    let database = &app.world.database;
    let tickets = rows(
        database,
        "SELECT t.*, r.length_ms, r.kind AS what, r.source FROM tickets t JOIN recordings r ON r.name = t.recording",
    )
    .await;
    let [ticket] = tickets.as_slice() else { panic!("{} messages", tickets.len()) };
    assert_eq!((ticket.get::<&str, _>("kind"), ticket.get::<&str, _>("state")), ("message", "registered"));
    assert_eq!((ticket.get::<&str, _>("subject"), ticket.get::<&str, _>("language")), ("general", "en"));
    assert_eq!((ticket.get::<&str, _>("what"), ticket.get::<i64, _>("length_ms")), ("message", 12_000));
    // By the end of the next working day: people answer up to six.
    let due_at = ticket.get::<i64, _>("due_at") - ticket.get::<i64, _>("made_at");
    assert_eq!(Duration::from_millis(due_at.try_into().unwrap()).as_secs() / 3_600, 31);
    let key = key(&app, ticket.get("call")).await;
    assert_eq!(key.open(CONTACT, ticket.get("contact")).unwrap(), CALLER.as_bytes());
    assert_eq!(rows(database, "SELECT * FROM ticket_log").await.len(), 1);
    // Who said nothing was not recorded.
    assert_eq!(rows(database, "SELECT * FROM recordings").await.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn whoever_hangs_up_while_they_are_recorded_has_left_a_message() {
    let app = app(Way::Memory).await;
    played(&app, "hang-up.call").await;
    let database = &app.world.database;
    let tickets = rows(database, "SELECT r.length_ms FROM tickets t JOIN recordings r ON r.name = t.recording").await;
    assert_eq!(tickets.len(), 1);
    assert_eq!(tickets[0].get::<i64, _>(0), 4_000);
    let open = rows(database, "SELECT 1 FROM calls WHERE ended_at IS NULL").await;
    assert!(open.is_empty(), "{} calls have not ended", open.len());
    app.stop().await;
}

/// The requests of a provider that tells the end of the call first, and what was recorded afterwards; or never.
#[tokio::test]
async fn a_message_is_kept_in_whatever_order_a_provider_tells_of_it() {
    let app = app(Way::Http).await;
    let base = app.world.service.settings().public.join("").trim_end_matches('/').to_owned();
    let http = reqwest::Client::new();
    let url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1".to_owned();
    let said = || Recording::Made { url: url.clone(), seconds: 9, hung_up: false };
    let recording = async |number| {
        let mut caller = Caller::new(&http, &base, number);
        caller.arrives().await;
        caller.presses("1").await;
        caller.is_silent().await;
        assert!(caller.document.contains("<Record "), "{}", caller.document);
        caller
    };
    let tickets = async || rows(&app.world.database, "SELECT 1 FROM tickets").await.len();
    let open = async || rows(&app.world.database, "SELECT 1 FROM calls WHERE ended_at IS NULL").await.len();

    // The action, then the end; the file twice.
    let mut caller = recording(1).await;
    let file = caller.url(Kind::File);
    caller.send(&caller.url(Kind::Recorded), What::Recorded(said())).await;
    caller.hangs_up().await;
    for _ in 0..2 {
        assert_eq!(caller.post(&file, What::FileReady(said())).await.0, 204);
    }
    assert_eq!((tickets().await, open().await), (1, 0));

    // The end, told twice, then the action.
    let mut caller = recording(2).await;
    let action = caller.url(Kind::Recorded);
    caller.hangs_up().await;
    caller.hangs_up().await;
    assert_eq!((tickets().await, open().await), (1, 1));
    caller.post(&action, What::Recorded(said())).await;
    assert_eq!((tickets().await, open().await), (2, 0));

    // The end, then only the file, and the action late.
    let mut caller = recording(3).await;
    let (action, file) = (caller.url(Kind::Recorded), caller.url(Kind::File));
    caller.hangs_up().await;
    caller.post(&file, What::FileReady(said())).await;
    assert_eq!((tickets().await, open().await), (3, 0));
    caller.post(&action, What::Recorded(said())).await;
    assert_eq!(tickets().await, 3);

    // The end, and nothing any more: the call ends as it did for the caller.
    recording(4).await.hangs_up().await;
    app.world.set(&call_file::Setting::Later(Duration::from_mins(5))).await.unwrap();
    app.world.service.sweep().await;
    let causes = rows(&app.world.database, "SELECT DISTINCT end_cause FROM calls").await;
    assert_eq!(causes.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>(), ["caller-hung-up"]);
    assert_eq!(tickets().await, 3);
    app.stop().await;
}

#[tokio::test]
async fn a_recording_that_is_said_to_be_at_another_host_is_not_believed() {
    let app = app(Way::Http).await;
    let base = app.world.service.settings().public.join("").trim_end_matches('/').to_owned();
    let mut caller = Caller::new(&reqwest::Client::new(), &base, 9);
    caller.arrives().await;
    caller.presses("1").await;
    caller.is_silent().await;
    let made =
        Recording::Made { url: "https://169.254.169.254/latest/meta-data".to_owned(), seconds: 9, hung_up: false };
    caller.send(&caller.url(Kind::Recorded), What::Recorded(made)).await;
    assert!(caller.heard("That did not work"), "{}", caller.document);
    assert!(rows(&app.world.database, "SELECT 1 FROM recordings").await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_complaint_is_the_verified_members_and_a_report_is_nobodys() {
    let app = app(Way::Memory).await;
    played(&app, "complaint.call").await;
    played(&app, "message-ends.call").await;
    let database = &app.world.database;
    let tickets = rows(
        database,
        "SELECT kind, subject, since, member, reference FROM tickets WHERE kind <> 'message' ORDER BY no",
    )
    .await;
    let told: Vec<(String, String, i64, bool)> = tickets
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get::<Option<String>, _>(3).is_some()))
        .collect();
    let about = |kind: &str, by_member| (kind.to_owned(), "underpaid".to_owned(), 202_601, by_member);
    assert_eq!(told, [about("complaint", true), about("report", false)]);
    let lost = rows(
        database,
        "SELECT l.until, l.person_no = t.member FROM card_losses l, tickets t WHERE t.kind = 'complaint'",
    )
    .await;
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].get::<&str, _>(0), lost[0].get::<bool, _>(1)), ("2026-04-07", true));
    app.stop().await;
}

#[tokio::test]
async fn wrong_references_are_none_after_a_while_and_then_right_ones_too() {
    let app = app(Way::Memory).await;
    played(&app, "complaint.call").await;
    let ask = |reference: &str, hears: &str| {
        format!("presses 4\nhears sup.progress\npresses {reference}#\nhears {hears} main.menu\n")
    };
    let head = format!("line desk at 2026-04-01 10:00 from {CALLER}\nhears main.menu\n");
    let found = ask("61803399", "sup.read");
    let wrong = ask("11111111", "sup.none");
    // Five in a call, then ten of a number.
    let five = wrong.repeat(5);
    told(&app, &format!("{head}{found}{five}{}hangs up\nends caller-hung-up\n", ask("61803399", "sup.none"))).await;
    told(&app, &format!("{head}{five}hangs up\nends caller-hung-up\n")).await;
    told(&app, &format!("{head}{}hangs up\nends caller-hung-up\n", ask("61803399", "sup.none"))).await;
    let next_day = head.replace("04-01 10:00", "04-02 10:01");
    told(&app, &format!("{next_day}{found}hangs up\nends caller-hung-up\n")).await;
    app.stop().await;
}

#[tokio::test]
async fn a_call_back_is_booked_once_and_a_rating_has_its_reason() {
    let app = app(Way::Memory).await;
    played(&app, "call-back.call").await;
    let database = &app.world.database;
    let booked = rows(database, "SELECT * FROM waiting").await;
    let [row] = booked.as_slice() else { panic!("{} are to be called back", booked.len()) };
    assert_eq!((row.get::<&str, _>("kind"), row.get::<&str, _>("state")), ("call-back", "waiting"));
    let key = key(&app, row.get("call")).await;
    assert_eq!(key.open(CONTACT, row.get("contact")).unwrap(), KEYED[1].as_bytes());
    // Until eleven.
    assert_eq!(Timestamp::from_millis(row.get("due_at")), Timestamp::from_millis(1_774_926_000_000));
    let rated = rows(database, "SELECT s.score, r.kind FROM surveys s JOIN recordings r ON r.name = s.recording").await;
    assert_eq!(rated.len(), 1);
    assert_eq!((rated[0].get::<i64, _>(0), rated[0].get::<&str, _>(1)), (2, "reason"));
    app.stop().await;
}

#[tokio::test]
async fn a_call_back_keeps_the_place() {
    let app = app(Way::Memory).await;
    told(&app, "line desk at 2026-03-31 10:00\nhears main.menu\nhangs up\nends caller-hung-up\n").await;
    let database = &app.world.database;
    let call = call_id(rows(database, "SELECT id FROM calls").await[0].get(0));
    let book = async |turn, contact: &[u8]| {
        let now = app.world.clock().now();
        let booked = CallBack {
            queue: "operators".to_owned(),
            language: "en".to_owned(),
            subject: "general".to_owned(),
            contact: contact.to_vec(),
            at: now,
            due_at: now.plus(Duration::from_hours(1)),
        };
        let turn = Turn {
            call,
            leg: Leg::CALLER,
            turn,
            at: now,
            opening: None,
            session: None,
            document: Vec::new(),
            log: Vec::new(),
            node: None,
            wake_at: now,
            ended: None,
            effects: vec![Effect::BookCallBack(booked)],
        };
        database.commit(turn).await.unwrap();
    };
    let add = |state: &'static str, outcome: Option<&'static str>| {
        database.write(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM waiting").execute(&mut *connection).await?;
                sqlx::query(
                    "INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, arrived_at, \
                     joined_at, state, seen_until, outcome) SELECT id, line, 'other', 'call', simulated, 'en', 'x', 1, 5, 5, \
                     ?, 6, ? FROM calls",
                )
                .bind(state)
                .bind(outcome)
                .execute(connection)
                .await
                .map(drop)
            })
        })
    };
    for (turn, (state, outcome, kept)) in (3..).zip([
        ("waiting", None, true),
        ("over", Some("left"), true),
        ("over", Some("abandoned"), true),
        // Who has talked to somebody begins anew.
        ("over", Some("served"), false),
    ]) {
        add(state, outcome).await.unwrap();
        book(turn, b"sealed").await;
        let row = rows(database, "SELECT * FROM waiting ORDER BY no DESC").await.remove(0);
        assert_eq!((row.get::<&str, _>("kind"), row.get::<&str, _>("state")), ("call-back", "waiting"), "{outcome:?}");
        assert_eq!(row.get::<i64, _>("arrived_at") == 5, kept, "{outcome:?}");
        assert_eq!(row.get::<&str, _>("queue"), if kept { "other" } else { "operators" });
    }
    app.stop().await;
}

#[tokio::test]
async fn a_recording_is_asked_for_until_it_is_there_and_played_to_whoever_works_on_it() {
    let app = app(Way::Memory).await;
    played(&app, "message.call").await;
    let (database, service) = (&app.world.database, &app.world.service);
    let row = rows(database, "SELECT name, call, made_at FROM recordings").await.remove(0);
    let (name, call, made_at): (String, Vec<u8>, i64) = (row.get(0), row.get(1), row.get(2));
    let after = |seconds| Timestamp::from_millis(made_at).plus(Duration::from_secs(seconds));
    let yet = || Err(NotGiven::Yet("it is down"));
    let cut = wav(SPOKEN)[..20].to_vec();
    let sounds = Gives::these([yet(), Ok(b"<html>".to_vec()), Ok(cut), Ok(wav(SPOKEN))]);
    let key = key(&app, call).await;
    let no = database
        .write(|connection| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO operators (number, name, role, password, must_change, languages, subjects, made_at) \
                     VALUES ('1001', 'A', 'operator', '', 0, '[]', '[]', 0)",
                )
                .execute(connection)
                .await
                .map(|done| done.last_insert_rowid())
            })
        })
        .await
        .unwrap();
    let worker = |supervises| Worker { no, who: Who { operator: Some(no), name: "1001".to_owned() }, supervises };
    let hear = async |supervises| play_recording(database, &worker(supervises), &name, Some(&key), after(0)).await;

    assert_eq!(hear(true).await.unwrap(), Recorded::Coming);
    // Each wait is as long as all before it: 5 s, 10 s, 20 s.
    for (at, left) in [(0, 3), (4, 3), (5, 2), (14, 2), (15, 1), (34, 1), (35, 0), (1_000_000, 0)] {
        service.fetch_recordings(database, &sounds, after(at)).await.unwrap();
        assert_eq!(sounds.0.lock().unwrap().len(), left, "after {at} s");
    }
    assert_eq!(hear(true).await.unwrap(), Recorded::Here(wav(SPOKEN)));
    assert!(matches!(hear(false).await, Err(Error::None)), "it is nobody's yet");
    database
        .write(move |connection| {
            Box::pin(async move {
                sqlx::query("UPDATE tickets SET operator = ?").bind(no).execute(connection).await.map(drop)
            })
        })
        .await
        .unwrap();
    assert_eq!(hear(false).await.unwrap(), Recorded::Here(wav(SPOKEN)));
    assert!(matches!(play_recording(database, &worker(true), "other", Some(&key), after(0)).await, Err(Error::None)));
    let heard = rows(database, "SELECT subject FROM audit WHERE action = 'listened' AND call IS NOT NULL").await;
    assert_eq!(heard.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>(), [name.clone(), name.clone()]);
    // Its call's key is gone.
    assert_eq!(play_recording(database, &worker(true), &name, None, after(0)).await.unwrap(), Recorded::Lost);
    app.stop().await;
}

#[tokio::test]
async fn a_recording_that_cannot_be_had_is_given_up_and_stays_on_record() {
    let app = app(Way::Memory).await;
    played(&app, "message.call").await;
    played(&app, "hang-up.call").await;
    let (database, service) = (&app.world.database, &app.world.service);
    let late = app.world.clock().now().plus(Duration::from_hours(24 * 30));
    let lost = Gives::these([Err(NotGiven::Ever("it is gone")), Err(NotGiven::Yet("it is down"))]);
    service.fetch_recordings(database, &lost, late).await.unwrap();
    let down = Gives::these((1..MOST_TRIES).map(|_| Err(NotGiven::Yet("it is down"))));
    for _ in 0..MOST_TRIES + 5 {
        service.fetch_recordings(database, &down, late).await.unwrap();
    }
    assert!(down.0.lock().unwrap().is_empty());
    assert!(due(database, late, 10).await.unwrap().is_empty());
    let left = rows(database, "SELECT source IS NULL, tries FROM recordings ORDER BY no").await;
    let left: Vec<(bool, u32)> = left.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(left, [(true, 0), (false, MOST_TRIES)]);
    app.stop().await;
}

#[tokio::test]
async fn nothing_that_was_said_or_keyed_can_be_read_in_the_files() {
    let app = app(Way::Memory).await;
    for call in ["complaint.call", "message.call", "call-back.call", "withheld.call"] {
        played(&app, call).await;
    }
    let (database, service) = (&app.world.database, &app.world.service);
    let files = || -> Vec<u8> {
        let files = std::fs::read_dir(app.folder()).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
    };
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    let late = app.world.clock().now().plus(Duration::from_hours(1));
    let before = files();
    assert!(has(&before, b"underpaid"), "the files are not those of the database");
    for secret in KEYED.map(str::as_bytes).into_iter().chain([b"recordings.invalid".as_slice()]) {
        assert!(!has(&before, secret), "{}", String::from_utf8_lossy(secret));
    }
    let sounds = Gives::these((0..4).map(|_| Ok(wav(SPOKEN))));
    service.fetch_recordings(database, &sounds, late).await.unwrap();
    assert_eq!(rows(database, "SELECT 1 FROM recordings WHERE sound IS NOT NULL").await.len(), 3);
    assert!(!has(&files(), SPOKEN));
    app.stop().await;
}
