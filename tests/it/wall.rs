//! The supervisor's wall over HTTP: who sees it, what is never in it, what its switches do, what is on record.

use std::time::Duration;

use hotline::call::{Keys, Timestamp};
use reqwest::Response;
use serde_json::json;

use crate::office::{Office, Seat};
use crate::phone_door::{browser, header};
use crate::random::MORNING;

/// Of the member who calls, and what is said to them.
const PERSONAL: [&str; 6] = ["000101198503121233", "204816", "19850312", "12000000001", "1023", "张"];

impl Office {
    /// A caller keys who they are, hears the balance, waits and is wrong, and hangs up. The call's id.
    async fn call(&self) -> String {
        let (mut phone, call) = self.verified().await;
        phone.press(&Keys::parse("8").unwrap()).await.unwrap();
        phone.hang_up().await.unwrap();
        call.to_string()
    }

    /// What is on record: who, what, to what.
    async fn deeds(&self, action: &'static str) -> Vec<(String, String, String)> {
        let deeds = sqlx::query_as("SELECT who, subject, reason FROM audit WHERE action = ? ORDER BY no").bind(action);
        deeds.fetch_all(self.app.world.database.readers()).await.unwrap()
    }
}

impl Seat {
    async fn set(&self, csrf: &str, fields: &str) -> Response {
        self.sends("/desk/wall/switches?lang=en", &format!("csrf={csrf}&{fields}")).await
    }

    async fn changes(&self, csrf: &str, fields: &str) -> Response {
        self.sends("/desk/wall/accounts?lang=en", &format!("csrf={csrf}&{fields}")).await
    }

    async fn follows(&self, path: &str) -> Response {
        let stream = self.get(path).await;
        assert_eq!((stream.status().as_u16(), header(&stream, "content-type")), (200, "text/event-stream"));
        stream
    }
}

/// Every page and file, of this call too.
fn paths(call: &str) -> Vec<String> {
    let pages = ["", "/days", "/days?days=30", "/calls", "/calls?now=true", "/switches", "/audit", "/picture.svg"];
    let files = ["/calls?csv=true", "/audit?csv=true", "/export/times.csv", "/export/times.csv?days=7"];
    let tables = ["tasks", "hung-up", "asked-again", "causes"].map(|name| format!("/export/{name}.csv?days=30"));
    let mut paths: Vec<String> = pages.iter().chain(&files).map(ToString::to_string).chain(tables).collect();
    paths.extend([format!("/calls/{call}"), format!("/calls/{call}?replay=true")]);
    paths.into_iter().map(|path| format!("/desk/wall{path}")).collect()
}

#[tokio::test]
async fn the_wall_is_for_supervisors() {
    let office = Office::open(true).await;
    let call = office.call().await;
    let (operator, supervisor, admin) =
        (office.seat("1001").await, office.seat("9001").await, office.seat("9009").await);
    let mut all = paths(&call);
    all.push("/desk/wall/events".to_owned());
    for path in &all {
        let refused = operator.get(path).await;
        assert_eq!(refused.status(), 403, "{path}");
        assert_eq!(refused.text().await.unwrap(), r#"{"error":"role"}"#, "{path}");
        assert_eq!(browser().get(format!("{}{path}", office.url)).send().await.unwrap().status(), 401, "{path}");
        for seat in [&supervisor, &admin] {
            assert_eq!(seat.get(path).await.status(), 200, "{path}");
        }
    }
    assert_eq!(operator.set(&operator.csrf, "switch=closed-today&to=on").await.status(), 403);
    assert!(office.app.world.database.switches("12333").await.unwrap().is_empty());
    for (path, status) in [("/desk/wall/export/members.csv", 404), ("/desk/wall/calls/zz", 404)] {
        assert_eq!(supervisor.get(path).await.status(), status);
    }
    // Who looks is told in words.
    let page = browser().get(format!("{}/desk/wall", office.url)).header("accept", "text/html");
    let page = page.header("cookie", &operator.cookie).send().await.unwrap();
    assert_eq!(page.status(), 403);
    assert!(page.text().await.unwrap().contains("for supervisors"));
}

#[tokio::test]
async fn accounts_are_for_admins() {
    let office = Office::open(true).await;
    let (operator, supervisor, admin) =
        (office.seat("1001").await, office.seat("9001").await, office.seat("9009").await);
    let all = "number=1002&role=admin";
    for seat in [&operator, &supervisor] {
        assert_eq!(seat.get("/desk/wall/accounts").await.status(), 403);
        for does in ["disable", "reset", "role"] {
            assert_eq!(seat.changes(&seat.csrf, &format!("does={does}&{all}")).await.status(), 403, "{does}");
        }
        let add = "does=add&number=1003&name=New&role=admin&language.en=on";
        assert_eq!(seat.changes(&seat.csrf, add).await.status(), 403);
    }
    for path in ["/desk/wall", "/desk/wall/days", "/desk/wall/calls", "/desk/wall/switches", "/desk/wall/audit"] {
        assert!(!supervisor.text(path).await.contains("/desk/wall/accounts"), "{path}");
        assert!(admin.text(path).await.contains("/desk/wall/accounts"), "{path}");
    }
    for csrf in ["", "AAAA", supervisor.csrf.as_str()] {
        assert_eq!(admin.changes(csrf, &format!("does=disable&{all}")).await.status(), 403, "{csrf}");
    }
    assert_eq!(browser().get(format!("{}/desk/wall/accounts", office.url)).send().await.unwrap().status(), 401);
    // Nothing came of any of it.
    let page = admin.text("/desk/wall/accounts?lang=en").await;
    assert_eq!(page.matches("<td>may log in</td>").count(), 4, "{page}");
    assert_eq!(page.matches("<td>admin</td>").count(), 1, "{page}");
    assert!(!page.contains("<script>") && page.contains("&#60;script&#62;"), "{page}");
    for (action, count) in [("operator-added", 4), ("operator-role", 0), ("operator-disabled", 0)] {
        assert_eq!(office.deeds(action).await.len(), count, "{action}");
    }
}

#[tokio::test]
async fn an_admin_adds_somebody_changes_their_role_resets_and_disables_them() {
    let office = Office::open(true).await;
    let admin = office.seat("9009").await;
    let change = async |fields: &str| admin.changes(&admin.csrf, fields).await;
    let add = "does=add&number=1003&name=%3Cb%3ENew&role=operator&language.en=on&subject.medical=on";
    let added = change(add).await;
    assert_eq!((added.status().as_u16(), header(&added, "cache-control")), (200, "no-store"));
    let page = added.text().await.unwrap();
    let issued = |page: &str| page.split("<code id=\"issued\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let first = issued(&page);
    assert!(page.contains("&#60;b&#62;New") && page.contains("must change the password"), "{page}");
    assert!(!admin.text("/desk/wall/accounts").await.contains(&first), "it is shown once");
    let entered = office.enters("1003", &first).await;
    assert_eq!((entered.status().as_u16(), header(&entered, "location")), (303, "/desk/password"));

    for (fields, told) in [
        (add, "There is this number already"),
        ("does=add&number=1&name=x&role=operator&language.en=on", "2 to 8 digits"),
        ("does=add&number=1004&name=+&role=operator&language.en=on", "Write a name"),
        ("does=add&number=1004&name=x&role=operator", "at least one language"),
        ("does=add&number=1004&name=x&role=king&language.en=on", "no such thing"),
        ("does=add&number=1004&name=x&role=operator&language.tlh=on", "no such thing"),
        ("does=add&number=1004&name=x&role=operator&language.en=on&address=%2B12025550100", "dial-prefixes"),
        ("does=reset&number=1004", "no such number"),
        ("does=disable&number=9009", "ask another admin"),
        ("does=role&number=9009&role=operator", "ask another admin"),
        ("does=reset&number=9009", "ask another admin"),
    ] {
        let refused = change(fields).await;
        assert_eq!(refused.status(), 422, "{fields}");
        let page = refused.text().await.unwrap();
        assert!(page.contains(told), "{fields}: {page}");
    }
    // What was written is still there.
    let page = change("does=add&number=1&name=Kept&role=admin&language.en=on").await.text().await.unwrap();
    assert!(page.contains("value=\"Kept\"") && page.contains("name=\"language.en\" checked"), "{page}");

    // Another role is another login: what they had open was for the one before.
    let operator = office.seat("1001").await;
    let now = change("does=role&number=1001&role=supervisor").await;
    assert_eq!((now.status().as_u16(), header(&now, "location")), (303, "/desk/wall/accounts?lang=en"));
    assert_eq!(operator.get("/desk/me").await.status(), 401);
    let supervisor = office.seat("1001").await;
    assert_eq!(supervisor.get("/desk/wall").await.status(), 200);
    assert_eq!(change("does=role&number=1001&role=operator").await.status(), 303);
    assert_eq!(supervisor.get("/desk/wall").await.status(), 401);

    let operator = office.seat("1001").await;
    assert_eq!(change("does=disable&number=1001").await.status(), 303);
    assert_eq!(operator.get("/desk/me").await.status(), 401);
    assert_eq!(office.enters("1001", crate::office::PASSWORD).await.status(), 403);
    assert!(admin.text("/desk/wall/accounts?lang=en").await.contains("<td>disabled</td>"));
    assert_eq!(change("does=enable&number=1001").await.status(), 303);
    let operator = office.seat("1001").await;
    let second = issued(&change("does=reset&number=1001").await.text().await.unwrap());
    assert_eq!(operator.get("/desk/me").await.status(), 401);
    assert_eq!(office.enters("1001", crate::office::PASSWORD).await.status(), 403);
    assert_eq!(office.enters("1001", &second).await.status(), 303);

    let roles = office.deeds("operator-role").await;
    assert_eq!(roles[0], ("9009".to_owned(), "1001".to_owned(), "supervisor".to_owned()));
    for (action, count) in [("operator-disabled", 1), ("operator-enabled", 1), ("operator-reset", 1)] {
        assert_eq!(office.deeds(action).await.len(), count, "{action}");
    }
    // Passwords are on no record.
    let audit = admin.text("/desk/wall/audit?csv=true").await;
    assert!(!audit.contains(&first) && !audit.contains(&second), "{audit}");
}

#[tokio::test]
async fn who_looks_is_told_when_it_cannot_be_read() {
    let office = Office::open(true).await;
    let (supervisor, operator) = (office.seat("9001").await, office.seat("1001").await);
    office.write("ALTER TABLE waiting RENAME TO elsewhere").await;
    for (seat, path) in [(&supervisor, "/desk/wall/events"), (&operator, "/desk/events")] {
        let told = Seat::event(&mut seat.follows(path).await).await;
        assert!(told.starts_with("event: stale"), "{path}: {told}");
    }
    let page = supervisor.get("/desk/wall").await;
    assert_eq!(page.status(), 503);
    assert!(page.text().await.unwrap().contains("try again"));
}

#[tokio::test]
async fn who_looks_at_the_wall_is_not_there_for_callers() {
    let office = Office::open(true).await;
    for (number, page) in [("1001", "/desk"), ("9001", "/desk/wall"), ("9009", "/desk/wall")] {
        let entered = office.enters(number, crate::office::PASSWORD).await;
        assert_eq!(header(&entered, "location"), page, "{number}");
    }
    let supervisor = office.seat("9001").await;
    assert!(supervisor.text("/desk/wall?lang=en").await.contains("Nobody is there."));
    Seat::event(&mut supervisor.follows("/desk/events").await).await;
    assert!(!supervisor.text("/desk/wall?lang=en").await.contains("Nobody is there."));
}

#[tokio::test]
async fn nothing_of_a_caller_is_on_the_wall() {
    let office = Office::open(true).await;
    let call = office.call().await;
    let supervisor = office.seat("9001").await;
    office.app.world.database.enter_presence(1, MORNING).await.unwrap();
    for path in paths(&call) {
        for lang in ["zh", "en"] {
            let path = format!("{path}{}lang={lang}", if path.contains('?') { '&' } else { '?' });
            let page = supervisor.text(&path).await;
            // The times of a call are digits, too.
            let page = page.replace(&call, "");
            assert!(PERSONAL[..4].iter().all(|personal| !page.contains(personal)), "{path}");
            assert!(!page.contains("<script>alert"), "{path}");
        }
    }
    let page = supervisor.text(&format!("/desk/wall/calls/{call}?lang=zh")).await.replace(&call, "");
    assert!(PERSONAL.iter().all(|personal| !page.contains(personal)), "{page}");
    assert!(page.contains("000***********1233") && page.contains("输入了密码（不记录）"), "{page}");
    assert!(page.contains("med.balance") && page.contains("＊＊"), "{page}");
    let event = Seat::event(&mut supervisor.follows("/desk/wall/events?lang=en").await).await;
    assert!(PERSONAL[..4].iter().all(|personal| !event.contains(personal)), "{event}");
    assert!(event.contains("&#60;script&#62;"), "the name of an operator is shown as text: {event}");
}

#[tokio::test]
async fn a_call_has_a_page_with_its_part_of_the_operator_and_replay() {
    let office = Office::open(true).await;
    let call = office.call().await;
    let supervisor = office.seat("9001").await;
    let at = MORNING.as_millis();
    let waited = format!(
        "INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, arrived_at, joined_at, \
         state, seen_until, operator, answered_at, ended_at, outcome, result) \
         SELECT id, line, 'operators', 'call', simulated, 'zh-CN', '', 0, {at}, {at}, 'over', 0, 1, {at} + 12000, \
         {at} + 77000, 'served', 'solved' FROM calls"
    );
    office.write(Box::leak(waited.into_boxed_str())).await;
    let page = supervisor.text(&format!("/desk/wall/calls/{call}?lang=en")).await;
    for told in ["The caller hung up", "12 s", "1:05", "1001", "served · answered", "med.menu"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("On its own version"), "nobody asked for it");
    let replayed = supervisor.text(&format!("/desk/wall/calls/{call}?lang=en&replay=true")).await;
    assert!(replayed.contains("On its own version it is as it is on record."), "{replayed}");
    assert!(!replayed.contains("version of today"), "it is the same version");
    // On a version that says something else, it is told.
    let files = crate::replay::changed(&[("entry.yaml", "prompt: main.menu", "prompt: more.menu")]);
    office.app.world.service.lines().publish("12333", &files).await.unwrap();
    let otherwise = supervisor.text(&format!("/desk/wall/calls/{call}?lang=en&replay=true")).await;
    assert!(otherwise.contains("On the version of today it would be heard otherwise."), "{otherwise}");
    assert!(otherwise.contains("more.menu instead of main.menu"), "{otherwise}");
    let looks: Vec<_> = office.deeds("looked-at-call").await.into_iter().map(|(who, ..)| who).collect();
    assert_eq!(looks, ["9001"]);
    assert_eq!(office.deeds("replayed-call").await.len(), 2);
    // By its id one finds it; by who called nobody does.
    let found = supervisor.get(&format!("/desk/wall/calls?id={call}&lang=en")).await;
    assert_eq!(
        (found.status().as_u16(), header(&found, "location")),
        (303, &*format!("/desk/wall/calls/{call}?lang=en"))
    );
    for (query, finds) in [
        ("node=med.menu", true),
        ("node=main.menu", false),
        ("cause=caller-hung-up", true),
        ("cause=lost", false),
        ("from=2026-03-31T10:00", true),
        ("until=2026-03-31T10:00", false),
    ] {
        let page = supervisor.text(&format!("/desk/wall/calls?lang=en&{query}")).await;
        assert_eq!(page.contains(&call), finds, "{query}");
    }
    assert_eq!(supervisor.get("/desk/wall/calls?from=yesterday").await.status(), 400);
    // What is forgotten has times and places only.
    office.app.world.database.forget(MORNING.plus(Duration::from_hours(1))).await.unwrap();
    let page = supervisor.text(&format!("/desk/wall/calls/{call}?lang=en")).await;
    assert!(page.contains("has been deleted") && !page.contains("＊＊"), "{page}");
}

#[tokio::test]
async fn a_switch_is_checked_acts_and_is_on_record() {
    let office = Office::open(true).await;
    let supervisor = office.seat("9001").await;
    let switches = async || json!(&*office.app.world.database.switches("12333").await.unwrap());
    for wrong in ["", "AAAA"] {
        assert_eq!(supervisor.set(wrong, "switch=closed-today&to=on").await.status(), 403);
    }
    for (fields, told) in [
        ("switch=maintenance&to=on&until=soon", "Write a time of day"),
        ("switch=bulletin&to=on&text.zh-CN=升级&text.en=", "missing: en"),
        ("switch=bulletin&to=on&text.zh-CN=升级&text.en=at 10", "numbers in words"),
    ] {
        let refused = supervisor.set(&supervisor.csrf, fields).await;
        assert_eq!(refused.status(), 422, "{fields}");
        let page = refused.text().await.unwrap();
        assert!(page.contains(told), "{page}");
        // What was written is still there.
        assert!(!fields.contains("升级") || page.contains("升级"), "{page}");
    }
    assert_eq!(switches().await, json!({}));
    for fields in [
        "switch=closed-today&to=on",
        "switch=direct-to-operator&to=on",
        "switch=maintenance&to=on&until=14:30",
        "switch=bulletin&to=on&text.zh-CN=今天<升级。&text.en=We are upgrading.",
    ] {
        let set = supervisor.set(&supervisor.csrf, fields).await;
        assert_eq!((set.status().as_u16(), header(&set, "location")), (303, "/desk/wall/switches?lang=en"), "{fields}");
    }
    let all = json!({
        "bulletin": { "en": "We are upgrading.", "zh-CN": "今天<升级。" },
        "closed-today": true, "direct-to-operator": true, "maintenance": { "until": "14:30" },
    });
    assert_eq!(switches().await, all);
    let page = supervisor.text("/desk/wall/switches?lang=en").await;
    assert!(page.contains("until 14:30") && page.contains("今天&#60;升级。"), "{page}");
    assert_eq!(supervisor.set(&supervisor.csrf, "switch=closed-today&to=off").await.status(), 303);
    assert_eq!(switches().await["closed-today"], json!(null));
    let deeds = office.deeds("switched").await;
    let first = ("9001".to_owned(), "12333 closed-today".to_owned(), "true".to_owned());
    assert_eq!((deeds.len(), &deeds[0], deeds[4].2.as_str()), (5, &first, "off"));
}

#[tokio::test]
async fn nothing_is_changed_with_a_password_that_somebody_else_knows() {
    let office = Office::open(true).await;
    let admin = office.seat("9009").await;
    assert_eq!(admin.changes(&admin.csrf, "does=role&number=9001&role=admin").await.status(), 303);
    let page = admin.changes(&admin.csrf, "does=reset&number=9001").await.text().await.unwrap();
    let issued = page.split("<code id=\"issued\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let entered = office.enters("9001", &issued).await;
    let cookie = header(&entered, "set-cookie").split(';').next().unwrap().to_owned();
    let mut seat = Seat { url: office.url.clone(), cookie, csrf: String::new() };
    let form = seat.text("/desk/password").await;
    form.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().clone_into(&mut seat.csrf);
    assert_eq!(seat.set(&seat.csrf, "switch=closed-today&to=on").await.status(), 403);
    assert_eq!(seat.changes(&seat.csrf, "does=disable&number=1001").await.status(), 403);
    assert!(office.app.world.database.switches("12333").await.unwrap().is_empty());
    assert!(office.deeds("operator-disabled").await.is_empty());
}

#[tokio::test]
async fn simulated_calls_are_on_the_wall_of_a_demo_only() {
    for demo in [true, false] {
        let office = Office::open(demo).await;
        let call = office.call().await;
        office.write("UPDATE calls SET simulated = 1").await;
        office.write("UPDATE counted_calls SET simulated = 1").await;
        let supervisor = office.seat("9001").await;
        let wall = supervisor.text("/desk/wall?lang=en").await;
        assert_eq!(wall.contains("<dt>Calls</dt><dd>1</dd>"), demo, "{wall}");
        assert_eq!(supervisor.text("/desk/wall/calls?lang=en").await.contains(&call), demo);
        let status = if demo { 200 } else { 404 };
        assert_eq!(supervisor.get(&format!("/desk/wall/calls/{call}")).await.status(), status);
    }
}

#[tokio::test]
async fn files_are_for_spreadsheets_and_on_record() {
    let office = Office::open(true).await;
    office.call().await;
    office.write("INSERT INTO audit (at, who, action, subject, reason) VALUES (0, 'x', 'y', '=1+1', '@SUM(A1)')").await;
    let supervisor = office.seat("9001").await;
    let answer = supervisor.get("/desk/wall/export/times.csv?lang=en").await;
    assert_eq!(header(&answer, "content-type"), "text/csv; charset=utf-8");
    let disposition = "attachment; filename=\"12333-times-2026-03-31.csv\"";
    assert_eq!(header(&answer, "content-disposition"), disposition);
    let csv = answer.bytes().await.unwrap();
    assert!(csv.starts_with(b"\xef\xbb\xbfHalf hour,Calls,"), "{csv:?}");
    let csv = String::from_utf8(csv.into()).unwrap();
    assert_eq!(csv.lines().count(), 49);
    assert!(csv.lines().any(|line| line.starts_with("10:00,1,1,0,0,100.00,")), "{csv}");
    let audit = supervisor.text("/desk/wall/audit?lang=en&csv=true").await;
    assert!(audit.contains(",'=1+1,'@SUM(A1)"), "{audit}");
    assert_eq!(
        supervisor
            .text("/desk/wall/audit?lang=en&action=exported")
            .await
            .matches("<td>downloaded a table</td>")
            .count(),
        2
    );
    assert!(!supervisor.text("/desk/wall/audit?lang=en&who=nobody").await.contains("<td>downloaded a table</td>"));
}

/// Rows of a queue as it might have been, and what must come of them.
#[tokio::test]
async fn the_figures_of_a_queue_are_what_its_rows_say() {
    let office = Office::open(true).await;
    let at = MORNING.as_millis();
    let row = |kind: &str, wait: &str, talk: &str, outcome: &str, told: &str| {
        format!(
            "INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, arrived_at, joined_at, \
             state, seen_until, answered_at, ended_at, outcome, told_wait_s) VALUES (randomblob(16), '12333', 'q', '{kind}', \
             1, 'en', '', 0, {at}, {at}, 'over', 0, {at} + {talk}, {at} + {wait}, '{outcome}', {told});"
        )
    };
    // Ends, answered: after ms.
    let rows = [
        row("call", "70000", "10000", "served", "60"),
        row("call", "78000", "18000", "served", "15"),
        row("call", "100000", "40000", "served", "NULL"),
        row("call", "30000", "NULL", "abandoned", "NULL"),
        row("call", "4000", "NULL", "abandoned", "NULL"),
        row("call", "50000", "NULL", "overflow", "NULL"),
        row("call", "9000", "NULL", "left", "NULL"),
        row("call-back", "900000", "800000", "called-back", "NULL"),
        row("call-back", "900000", "NULL", "not-reached", "NULL"),
        format!(
            "INSERT INTO presence_log VALUES (1, 'talking', '', {at} - 60000, {at} + 60000), \
             (1, 'wrap-up', '', {at} + 60000, {at} + 90000), (2, 'available', '', {at}, {at} + 300000), \
             (2, 'away', 'meal', {at}, {at} + 300000);"
        ),
        // The first is passed on, waits 8 s and talks a minute more: one caller, answered once, two talks.
        "UPDATE waiting SET transfer_to = 'queue q' WHERE no = 1; \
             INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, arrived_at, joined_at, \
             state, seen_until, answered_at, ended_at, outcome) SELECT call, line, queue, kind, simulated, language, \
             subject, priority, arrived_at, ended_at, 'over', 0, ended_at + 8000, ended_at + 68000, 'served' \
             FROM waiting WHERE no = 1"
        .to_owned(),
    ];
    office.write(Box::leak(rows.concat().into_boxed_str())).await;
    let day = crate::figures::day_of(&office.app.world.database, &crate::figures::scope(), MORNING).await;
    let all = &day.all;
    assert_eq!((all.queued, all.answered, all.abandoned, all.abandoned_at_once), (7, 3, 1, 1));
    assert_eq!((all.sent_away, all.chose_else, all.within), (1, 1, [1, 2]));
    assert_eq!((all.call_backs, all.called_back, all.not_reached), (2, 1, 1));
    assert_eq!((all.told, all.held), (2, 1));
    let near = |is: Option<f64>, expected: f64| assert!((is.unwrap() - expected).abs() < 1e-9, "{is:?} {expected}");
    near(all.level_of_answered()[0], 1.0 / 3.0);
    near(all.level_of_all()[1], 2.0 / 5.0);
    near(all.abandonment(), 1.0 / 5.0);
    assert_eq!(all.speed_of_answer(), Some(Duration::from_millis(68_000 / 3)).map(|_| all.waited / 3));
    assert_eq!((all.waited, all.longest_wait), (Duration::from_secs(68), Duration::from_secs(50)));
    // Four talks of a minute and a call-back of 100 s; half a minute of writing up.
    assert_eq!((all.talks, all.handling_time()), (5, Some(Duration::from_secs(74))));
    // Two minutes of talk and half a minute of writing up, of these and five minutes of being free.
    near(all.occupancy(), 150.0 / 450.0);
    // The talk began in the half hour before ten.
    assert_eq!(day.halves[19].talking, Duration::from_mins(1));
}

/// What the wall costs for a day at Shanghai's 12333; told with `--nocapture`, judged by nobody.
#[tokio::test]
async fn a_day_of_thirty_thousand_calls_is_counted() {
    let office = Office::open(true).await;
    let from = MORNING.as_millis() - 10 * 3_600_000;
    let calls = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) \
         INSERT INTO counted_calls (no, line, simulated, started_at, ended_at, end_cause, node, tally) \
         SELECT 1000 + i, '12333', 0, {from} + i * 2800, {from} + i * 2800 + 90000, 'caller-hung-up', \
         'node.' || (i % 60), '{{\"came-for\":[\"medical\"],\"done\":[\"medical\"],\"asked-again\":{{\"main.menu\":' || (i % 7) \
         || '}},\"checks\":{{\"verified\":1}}}}' FROM n;\
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) \
         INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, arrived_at, joined_at, \
         state, seen_until, answered_at, ended_at, outcome) SELECT randomblob(16), '12333', 'q', 'call', 0, 'zh-CN', '', 0, \
         {from} + i * 7000, {from} + i * 7000, 'over', 0, {from} + i * 7000 + i % 40 * 1000, {from} + i * 7000 + 200000, \
         'served' FROM n;"
    );
    office.write(Box::leak(calls.into_boxed_str())).await;
    let began = std::time::Instant::now();
    let now = Timestamp::from_millis(from + 86_000_000);
    let day = crate::figures::day_of(&office.app.world.database, &crate::figures::scope(), now).await;
    println!("a day of 30,000 calls: {:?}", began.elapsed());
    assert_eq!((day.all.calls, day.all.contained, day.all.queued), (30_000, 30_000, 12_000));
    assert_eq!(day.details.tasks["medical"].done, 30_000);
    assert_eq!(day.details.hung_up_at.len(), 60);
}
