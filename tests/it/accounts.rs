//! Operators' accounts, with a clock that is moved: who gets in, for how long, and what a wrong try costs.

use std::time::Duration;

use hotline::call::{Language, PhoneNumber, Timestamp};
use hotline::desk::accounts::password::Unfit;
use hotline::desk::accounts::{
    ABSOLUTE, Accounts, Changed, Error, IDLE, LogIn, NewOperator, Person, Role, Session, SessionId,
};
use hotline::desk::audit::{self, Deed, Who};
use hotline::lookup::hasher::Hasher;
use hotline::lookup::pin::PinHashing;
use hotline::store::Database;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "a lane of old lime trees";
const MINUTE: Duration = Duration::from_mins(1);

struct Office {
    _folder: TempDir,
    database: Database,
    accounts: Accounts,
    now: Timestamp,
}

impl Office {
    /// With operator 1001, who has a password of their own.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("hotline.db")).await.unwrap();
        let accounts = Accounts::new(database.clone(), Hasher::new(PinHashing::SMALLEST, 2).unwrap());
        let now = Timestamp::from_millis(1_770_000_000_000);
        accounts.add_known(admin(), operator("1001"), PASSWORD, now).await.unwrap();
        Self { _folder: folder, database, accounts, now }
    }

    fn passes(&mut self, time: Duration) {
        self.now = self.now.plus(time);
    }

    async fn tries(&self, number: &str, password: &str) -> LogIn {
        self.accounts.log_in(number, password.to_owned().into(), None, self.now).await.unwrap()
    }

    async fn logs_in(&self, number: &str, password: &str) -> Session {
        match self.tries(number, password).await {
            LogIn::In(session) => session,
            other @ (LogIn::Wrong | LogIn::Locked) => panic!("{number}: {other:?}"),
        }
    }

    async fn person(&self, session: &Session) -> Option<Person> {
        let id = SessionId::of(session.token.expose_secret());
        self.accounts.person(id, self.now).await.unwrap()
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.database.readers()).await.unwrap()
    }

    async fn deeds(&self) -> Vec<(String, String, String)> {
        let mut rows = audit::list(&self.database, None, 100).await.unwrap();
        rows.reverse();
        rows.into_iter().map(|row| (row.who, row.action, row.subject)).collect()
    }
}

fn admin() -> Who {
    Who::command_line("root")
}

fn operator(number: &str) -> NewOperator {
    NewOperator {
        number: number.to_owned(),
        name: "Demo operator".to_owned(),
        role: Role::Operator,
        languages: vec![Language::from("zh-CN")],
        subjects: Vec::new(),
        address: Some(PhoneNumber::parse("+12025550100").unwrap()),
    }
}

#[tokio::test]
async fn the_right_password_lets_in_and_nothing_of_it_is_kept() {
    let office = Office::open().await;
    let session = office.logs_in("1001", PASSWORD).await;
    let person = office.person(&session).await.unwrap();
    assert_eq!((person.number.as_str(), person.role, person.must_change), ("1001", Role::Operator, false));
    for (number, password) in
        [("1001", OTHER), ("1001", ""), ("1002", PASSWORD), ("", ""), ("10 01", PASSWORD), ("1001' OR 1", PASSWORD)]
    {
        assert!(matches!(office.tries(number, password).await, LogIn::Wrong), "{number}");
    }
    let long = "x".repeat(1_000_000);
    assert!(matches!(office.tries("1001", &long).await, LogIn::Wrong));
    // What is in the database lets nobody in.
    let token: Vec<u8> =
        sqlx::query_scalar("SELECT token FROM logins").fetch_one(office.database.readers()).await.unwrap();
    assert_eq!(token.len(), 32);
    assert!(
        !token.windows(8).any(|part| session.token.expose_secret().as_bytes().windows(8).any(|other| other == part))
    );
    let hash: String =
        sqlx::query_scalar("SELECT password FROM operators").fetch_one(office.database.readers()).await.unwrap();
    assert!(hash.starts_with("$argon2id$"));
    assert!(!format!("{session:?}").contains(session.token.expose_secret()));
}

#[tokio::test]
async fn five_failures_lock_a_number_known_or_not_for_a_quarter_of_an_hour() {
    for number in ["1001", "4711"] {
        let mut office = Office::open().await;
        for _ in 0..5 {
            assert!(matches!(office.tries(number, OTHER).await, LogIn::Wrong));
            office.passes(MINUTE);
        }
        assert!(matches!(office.tries(number, PASSWORD).await, LogIn::Locked), "{number}");
        // What is not looked at does not lock for longer; it is a quarter of an hour after the last failure.
        office.passes(MINUTE * 13);
        assert!(matches!(office.tries(number, PASSWORD).await, LogIn::Locked), "{number}");
        office.passes(MINUTE);
        let after = office.tries(number, PASSWORD).await;
        assert_eq!(matches!(after, LogIn::In(_)), number == "1001", "{number}");
        // Other numbers were open all the time.
        assert!(!matches!(office.tries("1003", PASSWORD).await, LogIn::Locked));
    }
}

#[tokio::test]
async fn failures_far_apart_do_not_lock_and_a_right_try_forgets_them() {
    let mut office = Office::open().await;
    for _ in 0..12 {
        assert!(matches!(office.tries("1001", OTHER).await, LogIn::Wrong));
        office.passes(MINUTE * 4);
        office.accounts.tidy(office.now).await.unwrap();
    }
    for _ in 0..4 {
        assert!(matches!(office.tries("1001", OTHER).await, LogIn::Wrong));
        office.passes(MINUTE * 4);
    }
    office.logs_in("1001", PASSWORD).await;
    assert_eq!(office.count("SELECT count(*) FROM login_tries").await, 0);
    for _ in 0..4 {
        assert!(matches!(office.tries("1001", OTHER).await, LogIn::Wrong));
    }
    office.logs_in("1001", PASSWORD).await;
}

#[tokio::test]
async fn many_tries_at_once_are_no_more_than_one_after_the_other() {
    let office = Office::open().await;
    let tries = (0..40).map(|_| office.tries("1001", OTHER));
    let came = futures_util::future::join_all(tries).await;
    let looked_at = came.iter().filter(|tried| matches!(tried, LogIn::Wrong)).count();
    assert_eq!((looked_at, came.len() - looked_at), (5, 35));
}

#[tokio::test]
async fn a_session_ends_when_nobody_is_there_and_after_twelve_hours() {
    let mut office = Office::open().await;
    let left_alone = office.logs_in("1001", PASSWORD).await;
    let used = office.logs_in("1001", PASSWORD).await;
    office.passes(IDLE.saturating_sub(MINUTE));
    assert!(office.person(&used).await.is_some());
    office.passes(MINUTE);
    assert!(office.person(&left_alone).await.is_none());
    let mut since = IDLE;
    while since + MINUTE * 30 < ABSOLUTE {
        assert!(office.person(&used).await.is_some(), "{since:?}");
        office.passes(MINUTE * 30);
        since += MINUTE * 30;
    }
    assert!(office.person(&used).await.is_some());
    office.passes(ABSOLUTE.checked_sub(since).unwrap());
    assert!(office.person(&used).await.is_none());
    assert_eq!(office.count("SELECT count(*) FROM logins").await, 2);
    office.accounts.tidy(office.now).await.unwrap();
    assert_eq!(office.count("SELECT count(*) FROM logins").await, 0);
}

#[tokio::test]
async fn somebody_may_be_logged_in_twice_and_not_without_end() {
    let mut office = Office::open().await;
    let mut sessions = Vec::new();
    for _ in 0..5 {
        sessions.push(office.logs_in("1001", PASSWORD).await);
        office.passes(MINUTE);
    }
    assert!(office.person(&sessions[0]).await.is_none());
    let mut tokens = std::collections::BTreeSet::new();
    for session in &sessions[1..] {
        let person = office.person(session).await.unwrap();
        tokens.insert(person.csrf);
    }
    assert_eq!(tokens.len(), 4);
    // Leaving one leaves the others.
    let person = office.person(&sessions[1]).await.unwrap();
    assert!(!office.accounts.log_out(&person, office.now).await.unwrap());
    assert!(office.person(&sessions[1]).await.is_none());
    assert!(office.person(&sessions[2]).await.is_some());
}

#[tokio::test]
async fn a_login_ends_the_session_that_the_browser_had() {
    let office = Office::open().await;
    let before = office.logs_in("1001", PASSWORD).await;
    let old = SessionId::of(before.token.expose_secret());
    let LogIn::In(after) =
        office.accounts.log_in("1001", PASSWORD.to_owned().into(), Some(old), office.now).await.unwrap()
    else {
        panic!("not let in")
    };
    assert_ne!(before.token.expose_secret(), after.token.expose_secret());
    assert!(office.person(&before).await.is_none());
    assert!(office.person(&after).await.is_some());
}

#[tokio::test]
async fn who_is_disabled_or_has_a_new_password_is_out() {
    let office = Office::open().await;
    let session = office.logs_in("1001", PASSWORD).await;
    office.accounts.disable(admin(), "1001", office.now).await.unwrap();
    assert!(office.person(&session).await.is_none());
    assert!(matches!(office.tries("1001", PASSWORD).await, LogIn::Wrong));
    office.accounts.enable(admin(), "1001", office.now).await.unwrap();
    assert!(office.person(&session).await.is_none());
    // Even if somebody wrote it into the database by hand.
    let session = office.logs_in("1001", PASSWORD).await;
    for (disabled_at, is_in) in [(Some(1), false), (None, true)] {
        let writing = office.database.write(move |connection| {
            let sql = "UPDATE operators SET disabled_at = ? WHERE number = '1001'";
            Box::pin(async move { sqlx::query(sql).bind(disabled_at).execute(connection).await })
        });
        writing.await.unwrap();
        assert_eq!(office.person(&session).await.is_some(), is_in);
    }
    for _ in 0..5 {
        office.tries("1001", OTHER).await;
    }
    // A reset opens a number that is locked.
    let issued = office.accounts.reset(admin(), "1001", office.now).await.unwrap();
    assert!(office.person(&session).await.is_none());
    assert!(matches!(office.tries("1001", PASSWORD).await, LogIn::Wrong));
    let session = office.logs_in("1001", issued.expose_secret()).await;
    assert!(session.must_change && office.person(&session).await.unwrap().must_change);
    for unknown in [
        office.accounts.disable(admin(), "1002", office.now).await.unwrap_err(),
        office.accounts.reset(admin(), "1002", office.now).await.unwrap_err(),
    ] {
        assert!(matches!(&unknown, Error::Unknown(number) if number == "1002"), "{unknown}");
    }
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_ends_other_sessions() {
    let office = Office::open().await;
    let issued = office.accounts.add(admin(), operator("1002"), office.now).await.unwrap();
    let (first, second) =
        (office.logs_in("1002", issued.expose_secret()).await, office.logs_in("1002", issued.expose_secret()).await);
    let person = office.person(&first).await.unwrap();
    let change = async |old: &str, new: &str| {
        office
            .accounts
            .change_password(&person, old.to_owned().into(), new.to_owned().into(), office.now)
            .await
            .unwrap()
    };
    let issued = issued.expose_secret();
    for (new, why) in [("short", Unfit::TooShort), ("100210021002", Unfit::Number), (issued, Unfit::Same)] {
        assert!(matches!(change(issued, new).await, Changed::Unfit(found) if found == why), "{new}");
    }
    assert!(matches!(change(OTHER, PASSWORD).await, Changed::Wrong));
    let Changed::In(new) = change(issued, OTHER).await else { panic!("not changed") };
    assert!(office.person(&first).await.is_none() && office.person(&second).await.is_none());
    assert!(!office.person(&new).await.unwrap().must_change);
    assert!(matches!(office.tries("1002", issued).await, LogIn::Wrong));
    office.logs_in("1002", OTHER).await;
    // The one who knew the old password cannot guess on through an open page.
    let person = office.person(&new).await.unwrap();
    for _ in 0..5 {
        let guess = office.accounts.change_password(
            &person,
            "guess guess".to_owned().into(),
            PASSWORD.to_owned().into(),
            office.now,
        );
        assert!(matches!(guess.await.unwrap(), Changed::Wrong));
    }
    let guess =
        office.accounts.change_password(&person, OTHER.to_owned().into(), PASSWORD.to_owned().into(), office.now);
    assert!(matches!(guess.await.unwrap(), Changed::Locked));
    let changed = |(_, action, _): &&(String, String, String)| action == "password-changed";
    assert_eq!(office.deeds().await.iter().filter(changed).count(), 1, "it is on record");
}

#[tokio::test]
async fn accounts_are_kept_as_they_were_given() {
    let office = Office::open().await;
    for bad in ["", "1", "123456789", "10a1", "１００１"] {
        assert!(
            matches!(office.accounts.add(admin(), operator(bad), office.now).await, Err(Error::BadNumber(_))),
            "{bad}"
        );
    }
    assert!(matches!(office.accounts.add(admin(), operator("1001"), office.now).await, Err(Error::Taken(_))));
    let known = office.accounts.list().await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].name.as_str(), known[0].languages.len()), ("Demo operator", 1));
    assert_eq!(known[0].address.as_ref().unwrap().as_str(), "+12025550100");
    assert!(office.accounts.is_anybody().await.unwrap());
    office.accounts.disable(admin(), "1001", office.now).await.unwrap();
    assert!(!office.accounts.is_anybody().await.unwrap());
}

#[tokio::test]
async fn what_was_done_is_on_record_and_stays() {
    let office = Office::open().await;
    let session = office.logs_in("1001", PASSWORD).await;
    let person = office.person(&session).await.unwrap();
    let call = hotline::call::CallId::from_bytes([7; 16]);
    let reveal =
        Deed { call: Some(call), reason: "asked for it".to_owned(), ..Deed::new(person.who(), "revealed", "P1") };
    reveal.record(&office.database, office.now).await.unwrap();
    office.accounts.log_out(&person, office.now).await.unwrap();
    office.accounts.disable(admin(), "1001", office.now).await.unwrap();
    let row = |who: &str, action: &str, subject: &str| (who.to_owned(), action.to_owned(), subject.to_owned());
    let expected = [
        row("root", "operator-added", "1001"),
        row("1001", "logged-in", ""),
        row("1001", "revealed", "P1"),
        row("1001", "logged-out", ""),
        row("root", "operator-disabled", "1001"),
    ];
    assert_eq!(office.deeds().await, expected);
    let revealed = audit::list(&office.database, Some(4), 1).await.unwrap();
    assert_eq!(
        (revealed[0].call.as_deref(), revealed[0].reason.as_str()),
        (Some("07".repeat(16).as_str()), "asked for it")
    );
    for change in [
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE no = 1",
        "INSERT OR REPLACE INTO audit SELECT no, at, operator, 'nobody', action, call, subject, reason FROM audit",
    ] {
        let changing = office
            .database
            .write(move |connection| Box::pin(async move { sqlx::query(change).execute(connection).await.map(drop) }));
        let refused = changing.await.unwrap_err();
        let refused = format!("{:?}", anyhow::Error::from(refused));
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert_eq!(office.deeds().await, expected);
}

#[tokio::test]
async fn recordings_are_deleted_when_they_are_old() {
    let office = Office::open().await;
    let make = office.database.write(|connection| {
        Box::pin(async move {
            let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25) \
                INSERT INTO recordings (call, name, kind, made_at, length_ms, sound) \
                SELECT x'00', 'r' || i, 'message', i, 1000, x'0102' FROM n";
            sqlx::query(sql).execute(connection).await
        })
    });
    make.await.unwrap();
    let forgotten = hotline::desk::retention::forget_recordings(&office.database, Timestamp::from_millis(22)).await;
    assert_eq!(forgotten.unwrap(), 22);
    assert_eq!(office.count("SELECT min(made_at) FROM recordings WHERE sound IS NOT NULL").await, 23);
    assert_eq!(office.count("SELECT count(*) FROM recordings").await, 25);
}
