//! The store through its public door: whole turns, one writer, keys, versions.

use std::path::Path;
use std::sync::Arc;

use hotline::call::{CallId, EndCause, Leg, Timestamp};
use hotline::store::{
    CallKey, Committed, DataKey, Database, Effect, Error, How, Opening, Options, SealError, Store, Trouble, Turn,
};
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

const NOON: i64 = 1_700_000_000_000;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

async fn open(folder: &TempDir) -> Database {
    Database::open(&folder.path().join("hotline.db")).await.unwrap()
}

fn call(number: u32) -> CallId {
    CallId::from_bytes((u128::from(number) << 64 | 0x00C0_FFEE).to_be_bytes())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOON + seconds * 1000)
}

fn opening() -> Opening {
    Opening {
        line: "12333".to_owned(),
        version: "v1".to_owned(),
        profile: "twilio".to_owned(),
        simulated: false,
        key: vec![9; 60],
    }
}

/// Turn `number` on the caller's leg, at second `number`, due a minute later; the first opens the call.
fn turn(call: CallId, number: u32) -> Turn {
    Turn {
        call,
        leg: Leg::CALLER,
        turn: number,
        at: at(number.into()),
        opening: (number == 1).then(opening),
        session: Some(format!("session {number}").into()),
        document: format!("document {number}").into(),
        log: format!("log {number}").into(),
        node: Some(format!("node.{number}")),
        wake_at: at(i64::from(number) + 60),
        ended: None,
        effects: Vec::new(),
    }
}

async fn logged(database: &Database, call: CallId) -> Vec<(u16, u32)> {
    database.log(call).await.unwrap().into_iter().map(|row| (row.leg.0, row.turn)).collect()
}

#[tokio::test]
async fn a_turn_comes_back_whole() {
    let folder = folder();
    let database = open(&folder).await;
    assert_eq!(database.load(call(1)).await.unwrap(), None);
    assert_eq!(database.commit(turn(call(1), 1)).await.unwrap(), Committed::Written);
    let second = Turn { session: None, ended: Some(EndCause::CallerHungUp), ..turn(call(1), 2) };
    assert_eq!(database.commit(second).await.unwrap(), Committed::Written);

    let stored = database.load(call(1)).await.unwrap().unwrap();
    assert_eq!((stored.line.as_str(), stored.version.as_str(), stored.profile.as_str()), ("12333", "v1", "twilio"));
    assert_eq!((stored.simulated, stored.key, stored.started_at), (false, vec![9; 60], at(1)));
    assert_eq!(stored.session, b"session 1", "a turn without a session leaves it");
    assert_eq!(stored.ended, Some((EndCause::CallerHungUp, at(2))));
    let [leg] = stored.legs.as_slice() else { panic!("one leg") };
    assert_eq!((leg.leg, leg.turn, leg.document.as_slice()), (Leg::CALLER, 2, b"document 2".as_slice()));

    let log = database.log(call(1)).await.unwrap();
    assert_eq!(log.len(), 2);
    assert_eq!(
        (log[1].at, log[1].node.as_deref(), log[1].log.as_slice()),
        (at(2), Some("node.2"), b"log 2".as_slice())
    );
}

#[tokio::test]
async fn the_log_of_any_turn_comes_back() {
    let folder = folder();
    let database = open(&folder).await;
    for number in 1..=40 {
        database.commit(turn(call(1), number)).await.unwrap();
        database.commit(turn(call(2), number)).await.unwrap();
    }
    let operators = Turn { leg: Leg(1), log: b"log of an operator".to_vec(), ..turn(call(1), 1) };
    database.commit(Turn { opening: None, ..operators }).await.unwrap();
    let log = async |number, leg, turn| database.turn_log(call(number), Leg(leg), turn).await.unwrap();
    for number in [1, 2, 17, 39, 40] {
        assert_eq!(log(1, 0, number).await, Some(format!("log {number}").into()));
    }
    assert_eq!(log(1, 1, 1).await, Some(b"log of an operator".to_vec()));
    assert_eq!((log(1, 0, 41).await, log(1, 0, 0).await, log(1, 1, 2).await), (None, None, None));
    assert_eq!((log(2, 1, 1).await, log(3, 0, 1).await), (None, None), "of another call, of none");
    assert_eq!(database.load(call(2)).await.unwrap().unwrap().wake_at, at(40 + 60));
}

#[tokio::test]
async fn every_cause_of_an_end_comes_back() {
    let folder = folder();
    let database = open(&folder).await;
    let causes = [
        EndCause::Finished,
        EndCause::CallerHungUp,
        EndCause::HandedOver,
        EndCause::Refused,
        EndCause::TooLong,
        EndCause::Lost,
        EndCause::OurFault,
        EndCause::ProviderFault,
        EndCause::Unknown,
    ];
    for (number, cause) in (0..).zip(causes) {
        database.commit(Turn { ended: Some(cause), ..turn(call(number), 1) }).await.unwrap();
        database.commit(Turn { ended: Some(EndCause::Lost), ..turn(call(number), 2) }).await.unwrap();
        let ended = database.load(call(number)).await.unwrap().unwrap().ended;
        assert_eq!(ended, Some((cause, at(1))), "the first cause stands");
    }
}

#[tokio::test]
async fn only_the_next_turn_of_a_leg_is_written() {
    let folder = folder();
    let database = open(&folder).await;
    for (number, expected) in [
        (1, Committed::Written),
        (1, Committed::Superseded),
        (3, Committed::Superseded),
        (2, Committed::Written),
        (2, Committed::Superseded),
        (1, Committed::Superseded),
        (3, Committed::Written),
    ] {
        assert_eq!(database.commit(turn(call(1), number)).await.unwrap(), expected, "turn {number}");
    }
    assert_eq!(logged(&database, call(1)).await, [(0, 1), (0, 2), (0, 3)]);
    assert_eq!(database.load(call(1)).await.unwrap().unwrap().session, b"session 3");
}

#[tokio::test]
async fn a_call_that_was_never_opened_is_an_error() {
    let folder = folder();
    let database = open(&folder).await;
    let stray = Turn { opening: None, ..turn(call(1), 1) };
    assert!(matches!(database.commit(stray).await, Err(Error::UnknownCall { turn: 1 })));
    assert!(matches!(database.commit(turn(call(1), 7)).await, Err(Error::UnknownCall { turn: 7 })));
    let operators = Turn { leg: Leg(1), opening: None, ..turn(call(1), 1) };
    assert!(matches!(database.commit(operators).await, Err(Error::UnknownCall { .. })));
    let late = Turn { opening: Some(opening()), ..turn(call(1), 2) };
    assert_eq!(database.commit(late).await.unwrap(), Committed::Superseded);
    assert_eq!(database.load(call(1)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twins_exactly_one_is_written() {
    let folder = folder();
    let database = open(&folder).await;
    for number in 1..=50 {
        let twins = (0..4_u8).map(|twin| {
            let database = database.clone();
            let turn = Turn { document: vec![twin], ..turn(call(1), number) };
            tokio::spawn(async move { (twin, database.commit(turn).await.unwrap()) })
        });
        let mut written = Vec::new();
        for twin in twins.collect::<Vec<_>>() {
            let (twin, committed) = twin.await.unwrap();
            if committed == Committed::Written {
                written.push(twin);
            }
        }
        let document = database.load(call(1)).await.unwrap().unwrap().legs[0].document.clone();
        assert_eq!(written, document, "turn {number}: exactly one twin, and what it wrote");
    }
    assert_eq!(logged(&database, call(1)).await.len(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_turns_of_five_hundred_calls_keep_their_order() {
    const CALLS: u32 = 500;
    const TURNS: u32 = 40;
    let folder = folder();
    let database = Arc::new(open(&folder).await);
    let callers: Vec<_> = (0..CALLS)
        .map(|number| {
            let database = Arc::clone(&database);
            tokio::spawn(async move {
                for turn_no in 1..=TURNS {
                    assert_eq!(database.commit(turn(call(number), turn_no)).await.unwrap(), Committed::Written);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let expected: Vec<_> = (1..=TURNS).map(|turn| (0, turn)).collect();
    for number in 0..CALLS {
        assert_eq!(logged(&database, call(number)).await, expected);
        let stored = database.load(call(number)).await.unwrap().unwrap();
        assert_eq!((stored.legs[0].turn, stored.session), (TURNS, format!("session {TURNS}").into_bytes()));
    }
}

#[tokio::test]
async fn a_bad_turn_takes_no_other_with_it() {
    let folder = folder();
    let database = open(&folder).await;
    for number in 0..8 {
        database.commit(turn(call(number), 1)).await.unwrap();
    }
    // All at once, so that they share a batch: a gap, a twin, a stray, and five that are fine.
    let turns = [
        turn(call(0), 2),
        turn(call(1), 4),
        turn(call(2), 2),
        turn(call(3), 1),
        turn(call(99), 2),
        turn(call(4), 2),
        turn(call(5), 2),
        turn(call(6), 2),
    ];
    let outcomes = futures_util::future::join_all(turns.into_iter().map(|turn| database.commit(turn))).await;
    let told: Vec<_> = outcomes.into_iter().map(Result::ok).collect();
    let (written, superseded) = (Some(Committed::Written), Some(Committed::Superseded));
    assert_eq!(told, [written, superseded, written, superseded, None, written, written, written]);
    for (number, turns) in [(0, 2), (1, 1), (2, 2), (3, 1), (4, 2), (5, 2), (6, 2), (7, 1)] {
        assert_eq!(logged(&database, call(number)).await.len(), turns, "call {number}");
    }
}

#[tokio::test]
async fn failing_work_rolls_back_itself_alone() {
    let folder = folder();
    let database = open(&folder).await;
    database.commit(turn(call(1), 1)).await.unwrap();
    let set = |name: &'static str, then: &'static str| {
        database.write(move |connection| {
            Box::pin(async move {
                sqlx::query("INSERT INTO switches VALUES ('12333', ?, '1', 0)")
                    .bind(name)
                    .execute(&mut *connection)
                    .await?;
                sqlx::query(then).execute(connection).await.map(drop)
            })
        })
    };
    let panics = database.write(|connection| {
        Box::pin(async move {
            sqlx::query("INSERT INTO switches VALUES ('12333', 'panics', '1', 0)").execute(connection).await?;
            panic!("as a test should")
        })
    });
    let (first, breaks, panicked, last, committed) = tokio::join!(
        set("first", "SELECT 1"),
        set("breaks", "INSERT INTO calls (no) VALUES (NULL)"),
        async { panics.await as Result<(), Error> },
        set("last", "SELECT 1"),
        database.commit(turn(call(1), 2)),
    );
    first.unwrap();
    last.unwrap();
    assert!(matches!(breaks, Err(Error::Database { trouble: Trouble::Other, .. })));
    assert!(matches!(panicked, Err(Error::JobBroke)));
    assert_eq!(committed.unwrap(), Committed::Written);
    assert_eq!(database.switches("12333").await.unwrap().keys().collect::<Vec<_>>(), ["first", "last"]);
}

#[tokio::test]
async fn legs_of_operators_have_turns_of_their_own() {
    let folder = folder();
    let database = open(&folder).await;
    database.commit(Turn { wake_at: at(600), ..turn(call(1), 1) }).await.unwrap();
    let operators = |leg, number| Turn { leg: Leg(leg), opening: None, ..turn(call(1), number) };
    assert_eq!(database.commit(operators(1, 1)).await.unwrap(), Committed::Written);
    assert_eq!(database.commit(operators(1, 1)).await.unwrap(), Committed::Superseded);
    let declined = Turn { ended: Some(EndCause::HandedOver), session: None, ..operators(1, 2) };
    assert_eq!(database.commit(declined).await.unwrap(), Committed::Written);
    assert_eq!(database.commit(operators(2, 1)).await.unwrap(), Committed::Written);
    assert_eq!(database.commit(turn(call(1), 2)).await.unwrap(), Committed::Written);

    let stored = database.load(call(1)).await.unwrap().unwrap();
    let legs: Vec<_> = stored.legs.iter().map(|leg| (leg.leg.0, leg.turn, leg.ended)).collect();
    assert_eq!(legs, [(0, 2, None), (1, 2, Some((EndCause::HandedOver, at(2)))), (2, 1, None)]);
    assert_eq!(stored.ended, None, "the end of an operator's leg is not the call's");
    assert_eq!(logged(&database, call(1)).await, [(0, 1), (1, 1), (1, 2), (2, 1), (0, 2)]);
}

#[tokio::test]
async fn an_operators_leg_never_makes_the_call_due_sooner() {
    let folder = folder();
    let database = open(&folder).await;
    database.commit(Turn { wake_at: at(600), ..turn(call(1), 1) }).await.unwrap();
    database.commit(Turn { leg: Leg(1), opening: None, wake_at: at(60), ..turn(call(1), 1) }).await.unwrap();
    assert_eq!(database.overdue(at(599), 9).await.unwrap(), []);
    assert_eq!(database.overdue(at(600), 9).await.unwrap(), [call(1)]);
    database.commit(Turn { leg: Leg(1), opening: None, wake_at: at(900), ..turn(call(1), 2) }).await.unwrap();
    assert_eq!(database.overdue(at(899), 9).await.unwrap(), []);
    assert_eq!(database.overdue(at(900), 9).await.unwrap(), [call(1)]);
}

#[tokio::test]
async fn calls_are_overdue_until_they_move_or_end() {
    let folder = folder();
    {
        let database = open(&folder).await;
        for (number, wake) in [(1, 30), (2, 10), (3, 20), (4, 99)] {
            database.commit(Turn { wake_at: at(wake), ..turn(call(number), 1) }).await.unwrap();
        }
        assert_eq!(database.overdue(at(9), 9).await.unwrap(), []);
        assert_eq!(database.overdue(at(30), 9).await.unwrap(), [call(2), call(3), call(1)]);
        assert_eq!(database.overdue(at(30), 2).await.unwrap(), [call(2), call(3)]);
        assert_eq!(database.overdue(at(30), 0).await.unwrap(), []);
    }
    // What was in progress is found again by another process.
    let database = open(&folder).await;
    database.commit(Turn { wake_at: at(25), ..turn(call(4), 2) }).await.unwrap();
    assert_eq!(database.overdue(at(30), 9).await.unwrap(), [call(2), call(3), call(4), call(1)]);
    database.commit(Turn { ended: Some(EndCause::Lost), ..turn(call(2), 2) }).await.unwrap();
    database.commit(Turn { wake_at: at(90), ..turn(call(3), 2) }).await.unwrap();
    assert_eq!(database.overdue(at(30), 9).await.unwrap(), [call(4), call(1)]);
    assert_eq!(database.overdue(at(90), 9).await.unwrap(), [call(4), call(1), call(3)]);
}

#[tokio::test]
async fn a_turn_that_nobody_waits_for_is_swept_all_the_same() {
    let folder = folder();
    let database = open(&folder).await;
    {
        let commit = database.commit(turn(call(1), 1));
        let mut commit = Box::pin(commit);
        // Polled once: it is with the writer, and then dropped as a handler is when its client goes away.
        assert!(futures_util::poll!(commit.as_mut()).is_pending());
    }
    database.ping().await.unwrap();
    assert!(database.load(call(1)).await.unwrap().is_some());
    assert_eq!(database.overdue(at(61), 9).await.unwrap(), [call(1)]);
}

#[tokio::test]
async fn effects_are_written_with_the_turn_or_not_at_all() {
    let folder = folder();
    let database = open(&folder).await;
    database.commit(turn(call(1), 1)).await.unwrap();
    database
        .write(|connection| {
            Box::pin(async move {
                for statement in [
                    "CREATE TABLE IF NOT EXISTS pins (person_no TEXT PRIMARY KEY, hash TEXT NOT NULL, \
                     initial INTEGER NOT NULL, set_at INTEGER NOT NULL) STRICT",
                    "CREATE TABLE IF NOT EXISTS verifications (call BLOB PRIMARY KEY, person_no TEXT NOT NULL, \
                     verified_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, full INTEGER NOT NULL) STRICT",
                    "PRAGMA defer_foreign_keys = ON",
                    "INSERT INTO pins (person_no, hash, initial, set_at) VALUES ('P1', 'old', 1, 0)",
                ] {
                    sqlx::query(statement).execute(&mut *connection).await?;
                }
                sqlx::query(
                    "INSERT INTO verifications (call, person_no, verified_at, ends_at, full) VALUES (?, 'P1', 0, ?, 0)",
                )
                .bind(call(1).as_bytes().as_slice())
                .bind(at(6).as_millis())
                .execute(connection)
                .await
            })
        })
        .await
        .unwrap();
    let set_pin = |number, person: &str, hash: &str| Turn {
        effects: vec![Effect::SetPin { person_no: person.to_owned(), hash: hash.to_owned(), at: at(5) }],
        ..turn(call(1), number)
    };
    let pin = async || -> (String, i64, i64, i64) {
        let read = "SELECT hash, initial, set_at, full FROM pins JOIN verifications USING (person_no)";
        sqlx::query_as(read).fetch_one(database.readers()).await.unwrap()
    };

    let nobody = database.commit(set_pin(2, "P2", "other")).await;
    assert!(matches!(nobody, Err(Error::NoSuchRow { effect: "set-pin" })));
    assert_eq!(database.commit(set_pin(3, "P1", "too soon")).await.unwrap(), Committed::Superseded);
    let late = Turn {
        effects: vec![Effect::SetPin { person_no: "P1".to_owned(), hash: "late".to_owned(), at: at(6) }],
        ..turn(call(1), 2)
    };
    assert!(matches!(database.commit(late).await, Err(Error::NoSuchRow { .. })), "the verification has ended");
    assert_eq!(pin().await, ("old".to_owned(), 1, 0, 0));
    assert_eq!(logged(&database, call(1)).await, [(0, 1)]);

    assert_eq!(database.commit(set_pin(2, "P1", "new")).await.unwrap(), Committed::Written);
    assert_eq!(pin().await, ("new".to_owned(), 0, NOON + 5000, 1));
    assert_eq!(logged(&database, call(1)).await, [(0, 1), (0, 2)]);
    let shown = format!("{:?}", set_pin(3, "P1", "$argon2id$secret"));
    assert!(!shown.contains("P1") && !shown.contains("argon2id"), "{shown}");
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_drop_without_close() {
    let folder = folder();
    let copy = self::folder();
    let database = open(&folder).await;
    for number in 1..=30 {
        database.commit(turn(call(1), number)).await.unwrap();
    }
    // The files as they lie on the disk while the writer lives: what `kill -9` would leave.
    for file in ["hotline.db", "hotline.db-wal"] {
        std::fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
    }
    drop(database);
    for folder in [folder, copy] {
        let database = open(&folder).await;
        assert_eq!(logged(&database, call(1)).await.len(), 30);
        assert_eq!(database.commit(turn(call(1), 31)).await.unwrap(), Committed::Written);
    }
}

#[tokio::test]
async fn close_writes_what_waits_and_empties_the_log() {
    let folder = folder();
    let database = open(&folder).await;
    let commits = futures_util::future::join_all((0..200).map(|number| database.commit(turn(call(number), 1))));
    let (committed, closed) = tokio::join!(commits, database.close());
    closed.unwrap();
    let written = committed.iter().filter(|outcome| matches!(outcome, Ok(Committed::Written))).count();
    assert!(!folder.path().join("hotline.db-wal").exists());
    assert!(matches!(database.commit(turn(call(1), 2)).await, Err(Error::WriterStopped)));
    assert!(matches!(database.close().await, Err(Error::WriterStopped)));

    let database = open(&folder).await;
    let stored =
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM turns").fetch_one(database.readers()).await.unwrap();
    assert_eq!(usize::try_from(stored).unwrap(), written, "exactly what was told to be written");
    assert!(written > 0);
}

#[tokio::test]
async fn a_full_disk_fails_the_batch_and_nothing_else() {
    let folder = folder();
    let path = folder.path().join("hotline.db");
    let database = Database::open_with(&path, Options { max_pages: Some(120), ..Options::default() }).await.unwrap();
    let big = |number, turn_no| Turn { document: vec![1; 20_000], ..turn(call(number), turn_no) };
    let mut written = 0;
    let failed = loop {
        match database.commit(big(written, 1)).await {
            Ok(Committed::Written) => written += 1,
            other => break other,
        }
    };
    assert!(matches!(failed, Err(Error::Database { trouble: Trouble::Full, .. })), "{failed:?}");
    assert!(failed.unwrap_err().to_string().contains("make room"));
    assert!(written > 0);

    // Everybody in a failed batch is told so, whichever way their turn is written.
    let operators = |number| Turn { leg: Leg(1), opening: None, ..big(number, 1) };
    let (one, other, third) =
        tokio::join!(database.commit(big(901, 1)), database.commit(operators(0)), database.commit(big(902, 1)));
    for outcome in [one, other, third] {
        assert!(matches!(outcome, Err(Error::Database { trouble: Trouble::Full, .. })), "{outcome:?}");
    }
    // What takes no more room still goes, and what was written is there.
    assert_eq!(database.commit(turn(call(0), 2)).await.unwrap(), Committed::Written);
    for number in 0..written {
        assert!(database.load(call(number)).await.unwrap().is_some());
    }
    assert_eq!(database.load(call(901)).await.unwrap(), None);

    drop(database);
    let database = open(&folder).await;
    assert_eq!(database.commit(big(901, 1)).await.unwrap(), Committed::Written);
}

#[tokio::test]
async fn a_short_lock_of_another_process_is_waited_for() {
    let folder = folder();
    let database = open(&folder).await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("hotline.db"));
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let commit = database.commit(turn(call(1), 1));
    let release = async {
        database.readers().acquire().await.unwrap();
        held.rollback().await.unwrap();
    };
    let (committed, ()) = tokio::join!(commit, release);
    assert_eq!(committed.unwrap(), Committed::Written);
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_says_what_to_do() {
    let folder = folder();
    let check = async |path: &Path, expected: &str| {
        let Err(error) = Database::open(path).await else { panic!("{expected}: opened") };
        assert!(error.to_string().contains(expected), "expected `{expected}`, found `{error}`");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    };
    check(&folder.path().join("nowhere/hotline.db"), "does not exist").await;
    check(folder.path(), "may not be opened").await;
    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database, but long enough to be read as the header of one\n".repeat(20)).unwrap();
    check(&text, "not a database").await;

    let newer = folder.path().join("newer.db");
    let database = Database::open(&newer).await.unwrap();
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'later', 1, x'00', 0)";
    database.write(move |connection| Box::pin(sqlx::query(later).execute(connection))).await.unwrap();
    database.close().await.unwrap();
    check(&newer, "newer version").await;
}

#[tokio::test]
async fn a_write_where_only_reading_is_allowed_is_told_apart() {
    let folder = folder();
    let database = open(&folder).await;
    let error = sqlx::query("DELETE FROM pings").execute(database.readers()).await.unwrap_err();
    assert_eq!(Trouble::of(&error), Trouble::ReadOnly);
    assert!(Error::from(error).to_string().contains("the right to write"));
}

#[tokio::test]
async fn a_database_that_is_removed_is_noticed() {
    let folder = folder();
    let database = open(&folder).await;
    database.ping().await.unwrap();
    database.commit(turn(call(1), 1)).await.unwrap();
    std::fs::remove_file(folder.path().join("hotline.db")).unwrap();
    assert!(matches!(database.commit(turn(call(1), 2)).await, Err(Error::Gone { .. })));
    assert!(matches!(database.ping().await, Err(Error::Gone { .. })));
}

#[tokio::test]
async fn documents_go_after_ten_minutes_and_keys_when_told() {
    let folder = folder();
    let database = open(&folder).await;
    for number in 0..3 {
        database.commit(turn(call(number), 1)).await.unwrap();
        database.commit(Turn { leg: Leg(1), opening: None, ..turn(call(number), 1) }).await.unwrap();
    }
    for (number, end) in [(0, 100), (1, 200)] {
        let last = Turn { at: at(end), ended: Some(EndCause::Finished), ..turn(call(number), 2) };
        database.commit(last).await.unwrap();
    }
    let kept = async |number| {
        let stored = database.load(call(number)).await.unwrap().unwrap();
        (!stored.session.is_empty(), stored.legs.iter().filter(|leg| !leg.document.is_empty()).count())
    };
    assert_eq!(database.tidy(at(699)).await.unwrap(), 0);
    assert_eq!(database.tidy(at(700)).await.unwrap(), 1);
    assert_eq!(database.tidy(at(700)).await.unwrap(), 0);
    assert_eq!([kept(0).await, kept(1).await, kept(2).await], [(false, 0), (true, 2), (true, 2)]);

    assert_eq!(database.forget(at(99)).await.unwrap(), 0);
    assert_eq!(database.forget(at(9_999)).await.unwrap(), 2);
    assert_eq!(database.forget(at(9_999)).await.unwrap(), 0);
    assert_eq!(database.tidy(at(9_999)).await.unwrap(), 0);
    assert_eq!(database.load(call(0)).await.unwrap(), None);
    assert_eq!(database.load(call(1)).await.unwrap(), None);
    assert_eq!(kept(2).await, (true, 2), "a call in progress is left alone");
    let keys = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM call_keys").fetch_one(database.readers()).await;
    assert_eq!(keys.unwrap(), 1);
}

#[tokio::test]
async fn a_forgotten_key_is_not_left_in_the_file() {
    let folder = folder();
    let database = open(&folder).await;
    let key = b"this is the key of a call, wrapped as it should be, sixty by".to_vec();
    let opened = Turn { opening: Some(Opening { key: key.clone(), ..opening() }), ..turn(call(1), 1) };
    database.commit(Turn { ended: Some(EndCause::Finished), ..opened }).await.unwrap();
    let (path, key) = (folder.path().join("hotline.db"), key.as_slice());
    let found = || std::fs::read(&path).unwrap().windows(key.len()).any(|window| window == key);
    database.close().await.unwrap();
    assert!(found(), "or this test looks for the wrong thing");
    let database = open(&folder).await;
    database.forget(at(100)).await.unwrap();
    database.close().await.unwrap();
    assert!(!found());
}

#[tokio::test]
async fn versions_are_kept_and_one_is_active() {
    let folder = folder();
    let database = open(&folder).await;
    assert_eq!(database.active("12333").await.unwrap(), None);
    assert!(matches!(database.activate("12333", "v1", How::Published, "ann").await, Err(Error::UnknownVersion { .. })));
    database.keep_version("12333", "v1", b"first").await.unwrap();
    database.keep_version("12333", "v2", b"second").await.unwrap();
    database.keep_version("12333", "v1", b"other").await.unwrap();
    let mut kept = database.kept_versions(9).await.unwrap();
    kept.sort();
    assert_eq!(kept, ["v1", "v2"].map(|version| ("12333".to_owned(), version.to_owned())));
    assert_eq!(database.kept_versions(1).await.unwrap().len(), 1);
    for version in ["v1", "v2", "v1"] {
        database.activate("12333", version, How::Published, "ann").await.unwrap();
        assert_eq!(database.active("12333").await.unwrap().as_deref(), Some(version));
    }
    assert_eq!(database.bundle("12333", "v1").await.unwrap().as_deref(), Some(b"first".as_slice()));
    assert_eq!(database.bundle("12333", "v3").await.unwrap(), None);
    assert_eq!(database.bundle("clinic", "v1").await.unwrap(), None);
}

#[tokio::test]
async fn switches_are_set_and_taken_away() {
    let folder = folder();
    let database = open(&folder).await;
    database.set_switch("12333", "closed-today", Some(&json!(true))).await.unwrap();
    database.set_switch("12333", "bulletin", Some(&json!({ "zh-CN": "系统维护" }))).await.unwrap();
    database.set_switch("clinic", "closed-today", Some(&json!(false))).await.unwrap();
    database.set_switch("12333", "closed-today", Some(&json!(false))).await.unwrap();
    let switches = database.switches("12333").await.unwrap();
    assert_eq!(json!(switches), json!({ "bulletin": { "zh-CN": "系统维护" }, "closed-today": false }));
    database.set_switch("12333", "bulletin", None).await.unwrap();
    assert_eq!(database.switches("12333").await.unwrap().len(), 1);
}

#[test]
fn what_is_sealed_opens_only_in_its_place_and_unchanged() {
    let key = CallKey::random();
    let sealed = key.seal(b"session", "余额".as_bytes());
    assert_eq!(key.open(b"session", &sealed).unwrap(), "余额".as_bytes());
    assert_ne!(sealed, key.seal(b"session", "余额".as_bytes()), "a nonce of its own each time");
    assert!(matches!(key.open(b"document", &sealed), Err(SealError::Tampered)));
    assert!(matches!(CallKey::random().open(b"session", &sealed), Err(SealError::Tampered)));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(key.open(b"session", &changed).is_err(), "byte {at}");
        assert!(key.open(b"session", &sealed[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn a_call_key_opens_under_its_own_data_key_and_call() {
    let data_key = DataKey::from_bytes([1; 32]);
    let key = CallKey::random();
    let wrapped = key.wrap(&data_key, call(1));
    let again = CallKey::unwrap(&data_key, call(1), &wrapped).unwrap();
    assert_eq!(again.open(b"x", &key.seal(b"x", b"y")).unwrap(), b"y");
    let wrong = CallKey::unwrap(&DataKey::from_bytes([2; 32]), call(1), &wrapped).unwrap_err();
    assert!(wrong.to_string().contains("start with the data key file"), "{wrong}");
    assert!(CallKey::unwrap(&data_key, call(2), &wrapped).is_err());
    assert!(!format!("{key:?} {data_key:?}").contains('1'), "keys are not shown");
}

#[test]
fn a_data_key_is_made_once_and_read_back() {
    let folder = folder();
    let path = folder.path().join("data.key");
    let made = DataKey::load_or_make(&path).unwrap();
    let read = DataKey::load_or_make(&path).unwrap();
    assert_eq!(made.derive("audio"), read.derive("audio"));
    assert_ne!(made.derive("audio"), made.derive("tokens"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    // HMAC-SHA256, so that other programs can derive the same keys.
    let derived = DataKey::from_bytes(*b"0123456789abcdef0123456789abcdef").derive("label");
    std::fs::write(&path, "30313233343536373839616263646566".repeat(2)).unwrap();
    assert_eq!(DataKey::load_or_make(&path).unwrap().derive("label"), derived);
    std::fs::write(&path, b"0123456789abcdef0123456789abcdef").unwrap();
    assert_eq!(DataKey::load_or_make(&path).unwrap().derive("label"), derived);
}

#[test]
fn a_data_key_that_is_no_key_says_what_to_do() {
    let folder = folder();
    let path = folder.path().join("data.key");
    let check = |path: &Path, expected: &str| {
        let error = DataKey::load_or_make(path).unwrap_err();
        assert!(error.to_string().contains(expected), "expected `{expected}`, found `{error}`");
    };
    check(&folder.path().join("nowhere/data.key"), "make its folder");
    check(folder.path(), "cannot be read");
    DataKey::load_or_make(&path).unwrap();
    for content in ["", "short", &"g".repeat(64), &"0".repeat(66)] {
        std::fs::write(&path, content).unwrap();
        check(&path, &format!("{} bytes that are no key", content.len()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        check(&path, "chmod 600");
    }
}
