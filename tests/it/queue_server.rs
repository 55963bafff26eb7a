//! Those who wait and those who talk, and a server that dies under them: the real binary, in real time.

use std::path::Path;

use hotline::call::{CallEvent, DialOutcome, Ending, Keys, Kind, What};
use hotline::clock::{Clock as _, SystemClock};
use hotline::flow::Files;
use hotline::line_files;
use hotline::store::Database;
use hotline::store::queue::Presence;

use crate::client::{Caller, twilio};
use crate::server::Server;

/// The example line with a queue before its front desk.
fn clinic() -> Files {
    let mut files = line_files::read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows/clinic")).unwrap();
    let desk = files.0.get_mut("desk.yaml").unwrap();
    let (before, after) = (desk.find("  desk.check:").unwrap(), desk.find("  desk.nobody:").unwrap());
    desk.replace_range(before..after, QUEUE);
    files.0.get_mut("prompts/en/desk.yaml").unwrap().push_str(PROMPTS);
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

/// A server of the line with a queue, on the database that is there.
fn start(data: &Path, listen: &str) -> Server {
    let line = data.join("clinic");
    if !line.exists() {
        for (path, text) in clinic().0 {
            let path = line.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    let line = line.to_str().unwrap();
    Server::start_with(data, &["--demo", "--demo-members", "10", "--no-clips", "--line", line, "--listen", listen])
}

/// Kills it and starts another where it was.
fn killed_and_started_again(server: Server, data: &Path) -> Server {
    let listened = server.url.rsplit('/').next().unwrap().to_owned();
    server.kill();
    start(data, &listened)
}

/// An operator who is available.
async fn operator(database: &Database, number: &'static str) -> i64 {
    let operator = database
        .write(move |connection| {
            Box::pin(async move {
                sqlx::query_scalar(
                    "INSERT INTO operators (number, name, role, password, must_change, languages, subjects, made_at) \
                     VALUES (?, 'Somebody', 'operator', '', 0, '[\"en\"]', '[]', 0) RETURNING no",
                )
                .bind(number)
                .fetch_one(connection)
                .await
            })
        })
        .await
        .unwrap();
    database.enter_presence(operator, SystemClock.now()).await.unwrap();
    assert!(database.set_presence(operator, Presence::Available, SystemClock.now()).await.unwrap());
    operator
}

/// A caller who wants a person.
async fn caller(server: &Server, number: u64) -> Caller {
    let mut caller = server.caller(number);
    caller.from = format!("+1202555{number:04}");
    caller.arrives().await;
    assert_eq!(caller.presses("0").await, 200);
    caller
}

fn is_rung(caller: &Caller) -> bool {
    caller.reply.as_ref().is_some_and(|reply| matches!(reply.ending, Ending::Dial(_)))
}

async fn doing(database: &Database, operator: i64) -> String {
    let all = database.operators_now().await.unwrap();
    all.into_iter().find(|one| one.no == operator).unwrap().state
}

#[tokio::test]
async fn a_place_in_the_queue_outlives_the_server() {
    let data = tempfile::tempdir().unwrap();
    let server = start(data.path(), "127.0.0.1:0");
    let database = Database::open(&data.path().join("hotline.db")).await.unwrap();
    operator(&database, "2001").await;
    let rung = caller(&server, 1).await;
    assert!(is_rung(&rung), "{}", rung.document);
    let (mut first, mut second) = (caller(&server, 2).await, caller(&server, 3).await);
    assert!(
        first.heard("number one in line") && second.heard("number two in line"),
        "{} {}",
        first.document,
        second.document
    );

    let server = killed_and_started_again(server, data.path());
    for caller in [&mut first, &mut second] {
        assert_eq!(caller.is_silent().await, 200);
        assert!(!is_rung(caller), "{}", caller.document);
    }
    operator(&database, "2002").await;
    assert_eq!(second.is_silent().await, 200);
    assert!(!is_rung(&second), "{}", second.document);
    assert_eq!(first.is_silent().await, 200);
    assert!(is_rung(&first), "{}", first.document);
    server.kill();
}

#[tokio::test]
async fn a_talk_that_outlived_the_server_ends_in_a_wrap_up() {
    let data = tempfile::tempdir().unwrap();
    let server = start(data.path(), "127.0.0.1:0");
    let database = Database::open(&data.path().join("hotline.db")).await.unwrap();
    let operator = operator(&database, "2001").await;
    let mut caller = caller(&server, 1).await;
    assert!(is_rung(&caller), "{}", caller.document);
    let whisper = caller.urls[&Kind::Whisper].clone();
    let ended = caller.urls[&Kind::Dialled].clone();
    let leg = |what| CallEvent { leg: format!("CA{:032x}", 99), parent: Some(caller.sid.clone()), what };
    let (status, question) = caller.tell(&whisper, leg(What::PeerAnswered)).await;
    assert_eq!(status, 200);
    let twilio = twilio();
    let keys = twilio.dialect.perform(&twilio, question.as_bytes()).unwrap().urls[&Kind::Keys].clone();
    assert_eq!(caller.tell(&keys, leg(What::Pressed(Keys::parse("1").unwrap()))).await.0, 200);
    assert_eq!(doing(&database, operator).await, "talking");

    let server = killed_and_started_again(server, data.path());
    assert_eq!(doing(&database, operator).await, "talking");
    let talked = What::DialEnded { outcome: DialOutcome::Talked, talk_s: Some(30), verbatim: "completed".to_owned() };
    assert_eq!(caller.send(&ended, talked).await, 200);
    assert_eq!(doing(&database, operator).await, "wrap-up");
    assert_eq!(database.waiting_now().await.unwrap(), []);
    server.kill();
}
