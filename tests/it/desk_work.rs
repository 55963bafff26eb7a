//! The operator's desk over HTTP, on a clock that is moved: what each of them sees, and does not see, in the page, in
//! JSON and in events; what is refused; what is on record afterwards.

use std::time::Duration;

use hotline::call::{CallId, DialOutcome, Timestamp};
use hotline::clock::Clock as _;
use hotline::desk::audit::Who;
use hotline::desk::work::{Error, TicketState, Worker, change_ticket};
use hotline::simulator::Phone;
use hotline::store::queue::{Ask, Limits};
use hotline::store::{CONTACT, SOUND};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::office::{NAME, Office, Seat as Desk};
use crate::phone_door::{browser, header};

/// A file without sound.
const WAV: &[u8] = b"RIFF\x0A\0\0\0WAVEcanary";

/// Of the member who calls: nothing of it may stand anywhere but where somebody asked for it.
const PERSONAL: [&str; 3] = ["000101198503121233", "198503", "1203121233"];

impl Office {
    /// The desk of an operator who takes calls.
    async fn at_work(&self, number: &str) -> Desk {
        let desk = self.seat(number).await;
        self.app.world.database.enter_presence(self.no(number).await, self.now()).await.unwrap();
        desk.does("presence", json!({ "state": "available" })).await;
        desk
    }

    fn now(&self) -> Timestamp {
        self.app.world.clock.now()
    }

    async fn no(&self, number: &str) -> i64 {
        let no = sqlx::query_scalar("SELECT no FROM operators WHERE number = ?").bind(number);
        no.fetch_one(self.app.world.database.readers()).await.unwrap()
    }

    /// A caller proves who they are, hears the balance and wants a person.
    async fn caller(&self) -> (Phone, CallId) {
        let (phone, call) = self.verified().await;
        self.waits(call, None).await;
        (phone, call)
    }

    /// Waits for a person; `ended` is how it was with the one before.
    async fn waits(&self, call: CallId, ended: Option<DialOutcome>) {
        let ask = Ask {
            call,
            line: "12333".to_owned(),
            queue: "operators".to_owned(),
            simulated: true,
            language: "zh-CN".to_owned(),
            subject: "medical".to_owned(),
            priority: 0,
            caller: Some(vec![1; 32]),
            ended,
            dials: u16::from(ended.is_some()),
            overflows: false,
            limits: Limits::default(),
            now: self.now(),
        };
        self.app.world.database.ask_queue(ask).await.unwrap();
    }

    /// Whoever was rung has answered.
    async fn answered(&self) {
        self.write(
            "UPDATE waiting SET state = 'talking', answered_at = reserved_at WHERE state = 'reserved'; \
             UPDATE presence SET state = 'talking', ends_at = NULL WHERE state = 'reserved'",
        )
        .await;
    }

    /// The talk is over.
    async fn ended(&self) {
        self.write(
            "UPDATE waiting SET state = 'over', outcome = 'served', ended_at = answered_at WHERE state = 'talking'; \
             UPDATE presence SET state = 'wrap-up', ends_at = since + 1000000 WHERE state = 'talking'",
        )
        .await;
    }

    async fn rows(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(self.app.world.database.readers()).await.unwrap()
    }
}

impl Desk {
    async fn ask(&self, path: &str) -> Response {
        browser().get(format!("{}/desk/{path}", self.url)).header("cookie", &self.cookie).send().await.unwrap()
    }

    async fn told(&self, path: &str) -> Value {
        let answer = self.ask(path).await;
        assert_eq!((answer.status(), header(&answer, "cache-control")), (StatusCode::OK, "no-store"), "{path}");
        assert_eq!(header(&answer, "content-type"), "application/json", "{path}");
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    async fn post(&self, path: &str, what: &Value, csrf: &str) -> Response {
        let post = browser().post(format!("{}/desk/api/{path}", self.url)).header("cookie", &self.cookie);
        let post = post.header("content-type", "application/json").header("x-csrf-token", csrf);
        post.body(what.to_string()).send().await.unwrap()
    }

    /// Does something that works.
    async fn does(&self, path: &str, what: Value) -> Value {
        let answer = self.post(path, &what, &self.csrf).await;
        let status = answer.status();
        let told = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
        assert_eq!(status, 200, "{path}: {told}");
        told
    }

    /// Does something that is refused: how, and why.
    async fn cannot(&self, path: &str, what: Value) -> (u16, String) {
        let answer = self.post(path, &what, &self.csrf).await;
        let status = answer.status().as_u16();
        let told: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
        (status, told["error"].as_str().unwrap_or_default().to_owned())
    }

    async fn state(&self) -> Value {
        self.told("api/state").await
    }

    async fn work(&self) -> Value {
        self.state().await["work"].take()
    }
}

fn refused(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

#[tokio::test]
async fn who_is_rung_sees_what_it_is_about_and_who_talks_sees_who_it_is() {
    let office = Office::open(true).await;
    let (first, second) = (office.at_work("1001").await, office.at_work("1002").await);
    let (_phone, _) = office.caller().await;
    // The same number has waited before today.
    office
        .write(
            "INSERT INTO calls (id, profile, line, version, simulated, started_at, kept) \
             SELECT x'0102030405060708090a0b0c0d0e0f10', profile, line, version, simulated, started_at, 'none' FROM calls; \
             INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, arrived_at, joined_at, \
             state, seen_until, caller) SELECT x'0102030405060708090a0b0c0d0e0f10', line, queue, kind, simulated, language, \
             'pin', 0, arrived_at, joined_at, 'over', 0, caller FROM waiting; \
             UPDATE calls SET simulated = 1",
        )
        .await;

    let rings = first.work().await;
    assert_eq!((&rings["stage"], &rings["topic"]["zh-CN"]), (&json!("reserved"), &json!("医保账户")));
    let path = rings["path"].as_array().unwrap();
    assert!(path.contains(&json!({ "zh-CN": "医保账户余额查询", "en": "Medical account balance" })), "{path:?}");
    assert_eq!((&rings["proof"]["state"], &rings["proof"]["by"]), (&json!("verified"), &json!("id-number")));
    for hidden in ["member", "contact"] {
        assert_eq!(rings[hidden], Value::Null, "{hidden}");
    }
    assert_eq!((&rings["read"], &rings["earlier"]), (&json!([]), &json!([])));
    // The other has a line of their own, and nothing of this call.
    let other = second.state().await;
    assert_eq!(other["number"], "1002");
    assert_eq!(other["work"], Value::Null);
    assert!(!other.to_string().contains("医保"), "{other}");

    office.answered().await;
    let talks = first.work().await;
    assert_eq!(talks["stage"], "talking");
    assert_eq!(talks["member"]["id"], "000***********1233");
    assert_eq!(talks["earlier"].as_array().unwrap().len(), 1, "{talks}");
    for field in ["name", "card", "phone"] {
        assert!(talks["member"][field].as_str().unwrap().contains('*'), "{field}: {talks}");
    }
    let read = talks["read"].as_array().unwrap();
    assert!(read.iter().any(|read| read["prompt"] == "med.balance" && read["personal"] == true), "{read:?}");
    for personal in PERSONAL {
        assert!(!talks.to_string().contains(personal), "{talks}");
    }
    assert_eq!(second.work().await, Value::Null);

    // With the caller all of it goes.
    office.ended().await;
    let over = first.work().await;
    assert_eq!((&over["stage"], &over["member"]), (&json!("wrap-up"), &Value::Null));
    assert_eq!(over["read"], json!([]));
    office.app.stop().await;
}

#[tokio::test]
async fn records_are_for_who_talks_with_the_verified_member_and_each_look_is_on_record() {
    let office = Office::open(true).await;
    let (first, second) = (office.at_work("1001").await, office.at_work("1002").await);
    let (_phone, _) = office.caller().await;
    let no = first.work().await["no"].clone();
    let look = |no: &Value| format!("calls/{no}/look");
    let account = json!({ "lookup": "medical-account" });
    let id = json!({ "field": "id", "reason": "the caller doubts it" });

    // Not while it rings, not by somebody else, not what is not offered.
    assert_eq!(first.cannot(&look(&no), account.clone()).await, refused(409, "over"));
    office.answered().await;
    assert_eq!(second.cannot(&look(&no), account.clone()).await, refused(409, "over"));
    assert_eq!(second.cannot(&format!("calls/{no}/reveal"), id.clone()).await, refused(409, "over"));
    // A page that shows another call than the one that goes on.
    assert_eq!(first.cannot(&look(&json!(4711)), account.clone()).await, refused(409, "over"));
    assert_eq!(first.cannot("calls/4711/reveal", id.clone()).await, refused(409, "over"));
    for lookup in ["bulletin", "verify", "nothing"] {
        assert_eq!(first.cannot(&look(&no), json!({ "lookup": lookup })).await, refused(404, "none"), "{lookup}");
    }
    let before = office.rows("SELECT lookup FROM looks").await.len();
    assert_eq!(office.rows("SELECT action FROM audit WHERE action IN ('looked-up', 'revealed')").await.len(), 0);

    let found = first.does(&look(&no), account.clone()).await;
    assert_eq!(found["outcome"], "found");
    let total = found["fields"].as_array().unwrap().iter().find(|field| field[0] == "total").unwrap();
    assert!(total[1]["amount"].as_i64().unwrap() > 0, "{found}");
    assert!(found.to_string().contains("\"stage.account\""), "{found}");
    for lookup in
        ["medical-costs", "medical-credit", "payments", "payments-year", "employer-year", "rights", "remote-filing"]
    {
        first.does(&look(&no), json!({ "lookup": lookup })).await;
    }
    assert_eq!(office.rows("SELECT lookup FROM looks").await.len(), before + 8);
    let audited = office.rows("SELECT who || ' ' || reason FROM audit WHERE action = 'looked-up' ORDER BY no").await;
    assert_eq!((audited.len(), audited[0].as_str()), (8, "1001 medical-account"));

    assert!(first.work().await["read"].to_string().contains("\"personal\":true"));

    // A field in full has a reason.
    let reveal = format!("calls/{no}/reveal");
    for reason in ["", "  x ", "abc"] {
        let asked = json!({ "field": "id", "reason": reason });
        assert_eq!(first.cannot(&reveal, asked).await, refused(422, "no-reason"), "{reason}");
    }
    assert_eq!(first.cannot(&reveal, json!({ "field": "pin", "reason": "because" })).await, refused(404, "none"));
    assert_eq!(first.does(&reveal, id.clone()).await["shown"], PERSONAL[0]);
    let audited = office.rows("SELECT who || ' ' || reason FROM audit WHERE action = 'revealed'").await;
    assert_eq!(audited, ["1001 the caller doubts it"]);

    // The verification ends after a quarter of an hour, the talk before.
    office.app.world.clock.set(office.now().plus(Duration::from_mins(15)));
    office.app.world.database.keep_seen(office.no("1001").await, office.now()).await.unwrap();
    assert_eq!(first.cannot(&look(&no), account.clone()).await, refused(422, "not-verified"));
    assert_eq!(first.cannot(&reveal, id.clone()).await, refused(422, "not-verified"));
    let work = first.work().await;
    assert_eq!(work["member"], Value::Null);
    assert!(!work["read"].to_string().contains("\"personal\":true"), "{work}");
    office.ended().await;
    assert_eq!(first.cannot(&look(&no), account).await, refused(409, "over"));
    assert_eq!(first.cannot(&reveal, id).await, refused(409, "over"));
    office.app.stop().await;
}

#[tokio::test]
async fn a_note_is_text_is_sealed_and_is_written_while_the_call_is_theirs() {
    let office = Office::open(true).await;
    let (first, second) = (office.at_work("1001").await, office.at_work("1002").await);
    let (_phone, _) = office.caller().await;
    let no = first.work().await["no"].clone();
    let path = format!("calls/{no}/note");
    let note = "</textarea><script>alert(\"canary\")</script> {csrf} 您好";
    let contact = json!({ "result": "solved", "note": note });

    assert_eq!(first.cannot(&path, contact.clone()).await, refused(409, "over"), "it only rings");
    office.answered().await;
    assert_eq!(second.cannot(&path, contact.clone()).await, refused(409, "over"));
    assert_eq!(first.cannot(&path, json!({ "result": "made-up", "note": "" })).await, refused(404, "none"));
    let long = json!({ "result": "", "note": "长".repeat(2_001) });
    assert_eq!(first.cannot(&path, long).await, refused(422, "too-long"));
    first.does(&path, contact.clone()).await;
    office.ended().await;
    let work = first.work().await;
    assert_eq!((&work["note"], &work["result"]), (&json!(note), &json!("solved")));
    first.does(&path, json!({ "result": "forwarded", "note": note })).await;
    first.does("wrap-up", json!({ "does": "finish" })).await;
    assert_eq!(first.cannot(&path, contact).await, refused(409, "over"));
    assert_eq!(first.cannot("wrap-up", json!({ "does": "extend" })).await, refused(409, "over"));
    assert_eq!(office.rows("SELECT result FROM waiting").await, ["forwarded"]);
    let noted = office.rows("SELECT who || ' ' || reason FROM audit WHERE action = 'noted' ORDER BY no").await;
    assert_eq!(noted, ["1001 solved", "1001 forwarded"]);

    // A name is text too, in the page and in what it is told.
    let page = first.ask("").await;
    assert_eq!(page.status(), 404);
    let page = browser().get(format!("{}/desk", office.url)).header("cookie", &first.cookie).send().await.unwrap();
    assert!(header(&page, "content-security-policy").contains("script-src 'self'"));
    let page = page.text().await.unwrap();
    assert!(page.contains("&lt;script&gt;alert(&#39;&#123;csrf}&#39;)&lt;/script&gt;") && !page.contains("<script>"));
    assert_eq!(page.matches(&first.csrf).count(), 1);
    assert_eq!(first.state().await["colleagues"][0]["name"], NAME);

    let file = std::fs::read(office.app.folder().join("hotline.db")).unwrap();
    let behind = std::fs::read(office.app.folder().join("hotline.db-wal")).unwrap_or_default();
    for bytes in [file, behind] {
        assert!(!bytes.windows(6).any(|six| six == b"canary"), "the note stands in the database as it was written");
    }
    office.app.stop().await;
}

#[tokio::test]
async fn nobody_does_anything_without_a_login_and_its_token() {
    let office = Office::open(true).await;
    let desk = office.at_work("1001").await;
    let nobody = Desk { url: office.url.clone(), cookie: String::new(), csrf: desk.csrf.clone() };
    let paths = [
        "presence",
        "wrap-up",
        "calls/1/decline",
        "calls/1/note",
        "calls/1/look",
        "calls/1/reveal",
        "calls/1/transfer",
        "calls/1/called",
        "tickets/12345678",
        "tickets/12345678/take",
        "tickets/12345678/open",
    ];
    for path in paths {
        assert_eq!(nobody.post(path, &json!({}), &nobody.csrf).await.status(), 401, "{path}");
        for csrf in ["", "AAAA"] {
            assert_eq!(desk.post(path, &json!({}), csrf).await.status(), 403, "{path}");
        }
    }
    for path in ["api/state", "events", "api/recordings/name"] {
        assert_eq!(nobody.ask(path).await.status(), 401, "{path}");
    }
    // Away for a reason that there is.
    assert_eq!(desk.cannot("presence", json!({ "state": "away", "reason": "<b>" })).await, refused(404, "none"));
    desk.does("presence", json!({ "state": "away", "reason": "lunch" })).await;
    assert_eq!(desk.state().await["presence"]["reason"], "lunch");
    office.app.stop().await;
}

#[tokio::test]
async fn a_call_that_comes_is_told_to_both_pages_of_its_operator_and_to_nobody_else() {
    let office = Office::open(true).await;
    let (first, second) = (office.at_work("1001").await, office.seat("1002").await);
    let again = Desk { url: first.url.clone(), cookie: office.seat("1001").await.cookie, csrf: String::new() };
    let mut streams = Vec::new();
    for desk in [&first, &again, &second] {
        let mut stream = desk.ask("events").await;
        assert_eq!(header(&stream, "content-type"), "text/event-stream");
        let told = String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
        assert!(told.contains("\"work\":null"), "{told}");
        streams.push(stream);
    }
    let (_phone, _) = office.caller().await;
    for stream in &mut streams[..2] {
        let told = loop {
            let told = String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
            if told.contains("\"stage\":\"reserved\"") {
                break told;
            }
        };
        for personal in PERSONAL {
            assert!(!told.contains(personal), "{told}");
        }
    }
    // Whoever declines is away, and the caller waits on.
    let no = first.work().await["no"].clone();
    assert_eq!(second.cannot(&format!("calls/{no}/decline"), json!({})).await, refused(409, "over"));
    // They have not been rung: else declining is the telephone's.
    assert_eq!(first.cannot(&format!("calls/{no}/decline"), json!({})).await, refused(409, "over"));
    office.write("UPDATE waiting SET rung_at = NULL").await;
    first.does(&format!("calls/{no}/decline"), json!({})).await;
    let state = first.state().await;
    assert_eq!((&state["presence"]["reason"], &state["work"]), (&json!("declined"), &Value::Null));
    assert_eq!(state["waiting"]["count"], 1);
    assert_eq!(again.state().await["presence"]["reason"], "declined");
    assert_eq!(first.cannot(&format!("calls/{no}/decline"), json!({})).await, refused(409, "over"));
    office.app.stop().await;
}

#[tokio::test]
async fn a_caller_is_passed_on_to_who_is_at_work_with_a_word_for_them() {
    let office = Office::open(true).await;
    let first = office.at_work("1001").await;
    let (_phone, _) = office.caller().await;
    let no = first.work().await["no"].clone();
    let path = format!("calls/{no}/transfer");
    let to = |number: &str| json!({ "to": { "operator": number }, "note": "asks about <b>a card</b>" });
    assert_eq!(first.cannot(&path, to("1002")).await, refused(409, "over"), "it only rings");
    office.answered().await;
    assert_eq!(first.cannot(&path, to("1002")).await, refused(422, "not-free"));
    assert_eq!(first.cannot(&path, to("1001")).await, refused(422, "not-free"));
    assert_eq!(first.cannot(&path, json!({ "to": { "queue": "made-up" } })).await, refused(404, "none"));
    let second = office.at_work("1002").await;
    assert_eq!(second.cannot(&path, to("1001")).await, refused(409, "over"));
    first.does(&path, to("1002")).await;
    assert_eq!(office.rows("SELECT transfer_to FROM waiting").await, ["operator 1002"]);
    // What they wrote is for the other.
    assert_eq!(first.work().await["transfer-note"], "");
    office.write(
        "UPDATE presence SET state = 'available', waiting = NULL WHERE state = 'talking'; \
         UPDATE waiting SET state = 'reserved', transfer_to = NULL, operator = (SELECT no FROM operators WHERE number = '1002'); \
         UPDATE presence SET state = 'reserved', waiting = (SELECT no FROM waiting) \
             WHERE operator = (SELECT no FROM operators WHERE number = '1002')",
    )
    .await;
    assert_eq!(second.work().await["transfer-note"], "asks about <b>a card</b>");
    assert_eq!(first.work().await, Value::Null);
    office.app.stop().await;
}

#[tokio::test]
async fn a_caller_who_is_passed_on_keeps_the_subject_and_is_counted_once() {
    let office = Office::open(true).await;
    let first = office.at_work("1001").await;
    let (_phone, call) = office.caller().await;
    let no = first.work().await["no"].clone();
    office.answered().await;
    first.does(&format!("calls/{no}/transfer"), json!({ "to": { "queue": "operators" } })).await;
    office.waits(call, Some(DialOutcome::Talked)).await;
    assert_eq!(office.rows("SELECT subject FROM waiting ORDER BY no").await, ["medical", "medical"]);
    let day = crate::figures::day_of(&office.app.world.database, &crate::figures::scope(), office.now()).await;
    assert_eq!((day.all.queued, day.all.answered), (1, 1));
    office.app.stop().await;
}

#[tokio::test]
async fn what_is_in_a_ticket_is_for_who_works_on_it() {
    let office = Office::open(true).await;
    let (first, second, supervisor) =
        (office.at_work("1001").await, office.at_work("1002").await, office.seat("9001").await);
    let (_phone, call) = office.caller().await;
    let key = office.app.world.service.key_of(call).await.unwrap().unwrap();
    let (contact, sound) = (key.seal(CONTACT, b"+8612099999999"), key.seal(SOUND, WAV));
    let id = call.as_bytes().to_vec();
    let filed = office.app.world.database.write(move |connection| {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO tickets (reference, kind, call, line, simulated, language, subject, contact, recording, \
                 state, made_at, due_at, changed_at) \
                 VALUES ('12345678', 'message', ?, '12333', 1, 'en', 'pin', ?, 'unguessable', 'registered', 1, 2, 1)",
            )
            .bind(&id)
            .bind(contact)
            .execute(&mut *connection)
            .await?;
            sqlx::query("INSERT INTO recordings (call, name, kind, made_at, length_ms, sound) VALUES (?, 'unguessable', 'message', 1, 9, ?)")
                .bind(&id)
                .bind(sound)
                .execute(connection)
                .await
        })
    });
    filed.await.unwrap();

    for desk in [&first, &second] {
        let state = desk.state().await;
        assert_eq!(state["tickets"][0]["reference"], "12345678");
        assert!(!state.to_string().contains("12099999999") && !state.to_string().contains("unguessable"), "{state}");
        assert_eq!(desk.cannot("tickets/12345678/open", json!({})).await, refused(404, "none"));
        let settled = json!({ "state": "settled", "note": "" });
        assert_eq!(desk.cannot("tickets/12345678", settled).await, refused(404, "none"));
        assert_eq!(desk.ask("api/recordings/unguessable").await.status(), 404);
    }
    assert_eq!(first.cannot("tickets/00000000/take", json!({})).await, refused(404, "none"));
    first.does("tickets/12345678/take", json!({})).await;
    first.does("tickets/12345678/take", json!({})).await;
    assert_eq!(second.cannot("tickets/12345678/take", json!({})).await, refused(422, "taken"));
    for desk in [&first, &supervisor] {
        let opened = desk.does("tickets/12345678/open", json!({})).await;
        assert_eq!((&opened["contact"], &opened["recording"]), (&json!("+8612099999999"), &json!("unguessable")));
        let heard = desk.ask("api/recordings/unguessable").await;
        assert_eq!((header(&heard, "content-type"), header(&heard, "cache-control")), ("audio/wav", "no-store"));
        assert_eq!(heard.bytes().await.unwrap().as_ref(), WAV);
    }
    let note = "<img src=x onerror=alert(1)>";
    first.does("tickets/12345678", json!({ "state": "settled", "note": note })).await;
    let opened = first.does("tickets/12345678/open", json!({})).await;
    let last = opened["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["state"], &last["note"], &last["operator"]), (&json!("settled"), &json!(note), &json!("1001")));
    assert_eq!(first.state().await["tickets"], json!([]));
    assert_eq!(
        office
            .rows(
                "SELECT who || ' ' || action FROM audit WHERE action LIKE 'ticket%' OR action = 'listened' ORDER BY no"
            )
            .await,
        [
            "1001 ticket-taken",
            "1001 ticket-read",
            "1001 listened",
            "9001 ticket-read",
            "9001 listened",
            "1001 ticket-changed",
            "1001 ticket-read",
        ]
    );
    // A closed one is nobody's to take, and nobody changes another's whichever way they come.
    office.write("UPDATE tickets SET operator = NULL").await;
    assert_eq!(second.cannot("tickets/12345678/take", json!({})).await, refused(422, "taken"));
    let other = Who { operator: Some(2), name: "1002".to_owned() };
    let other = Worker { no: office.no("1002").await, who: other, supervises: false };
    let change = (TicketState::Rejected, "");
    let database = &office.app.world.database;
    let changing = change_ticket(database, &other, "12345678", change, &key, office.now()).await;
    assert!(matches!(changing, Err(Error::None)), "{changing:?}");
    // What was done about it stays, as does who looked at whom and who was there.
    second.does("presence", json!({ "state": "away", "reason": "break" })).await;
    for change in [
        "UPDATE ticket_log SET state = 'rejected'",
        "DELETE FROM ticket_log",
        "UPDATE looks SET person_no = ''",
        "DELETE FROM looks",
        "UPDATE presence_log SET until = since",
    ] {
        let changing =
            office.app.world.database.write(move |connection| {
                Box::pin(async move { sqlx::query(change).execute(connection).await.map(drop) })
            });
        let refused = format!("{:?}", anyhow::Error::from(changing.await.expect_err(change)));
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    office.app.stop().await;
}

#[tokio::test]
async fn an_open_page_is_told_no_more_when_its_session_ends() {
    for ends in ["logs out", "is disabled", "has a new password", "has another role"] {
        let office = Office::open(true).await;
        let (admin, operator) = (office.seat("9009").await, office.seat("1001").await);
        let mut stream = operator.get("/desk/events").await;
        Desk::event(&mut stream).await;
        let form = match ends {
            "logs out" => None,
            "is disabled" => Some("does=disable&number=1001"),
            "has a new password" => Some("does=reset&number=1001"),
            _ => Some("does=role&number=1001&role=supervisor"),
        };
        let done = match form {
            None => operator.sends("/desk/logout", &format!("csrf={}", operator.csrf)).await,
            Some(form) => admin.sends("/desk/wall/accounts", &format!("csrf={}&{form}", admin.csrf)).await,
        };
        assert!(done.status().is_success() || done.status() == 303, "{ends}: {}", done.status());
        office.app.world.clock.set(office.now().plus(Duration::from_secs(5)));
        // A connection that stays says that it is there: what comes of it now is a few words, then its end.
        let mut events = 0;
        while stream.chunk().await.unwrap().is_some() {
            events += 1;
            assert!(events < 5, "who {ends} is still told what happens");
        }
        office.app.stop().await;
    }
}

#[tokio::test]
async fn who_has_logged_out_everywhere_is_not_rung() {
    let office = Office::open(true).await;
    let (first, again) = (office.at_work("1001").await, office.seat("1001").await);
    let leaves = async |seat: &Desk| {
        let left = seat.sends("/desk/logout", &format!("csrf={}", seat.csrf)).await;
        assert_eq!(left.status(), 303);
    };
    leaves(&again).await;
    assert_eq!(first.state().await["presence"]["state"], "available");
    leaves(&first).await;
    let (_phone, _) = office.caller().await;
    assert_eq!(office.rows("SELECT state FROM waiting").await, [""; 0], "nobody is there to be waited for");
    office.app.stop().await;
}

#[tokio::test]
async fn a_number_to_call_back_is_shown_to_who_is_to_call() {
    let office = Office::open(true).await;
    let second = office.at_work("1002").await;
    second.does("presence", json!({ "state": "away", "reason": "break" })).await;
    let first = office.at_work("1001").await;
    let (mut phone, call) = office.caller().await;
    let key = office.app.world.service.key_of(call).await.unwrap().unwrap();
    let contact = key.seal(CONTACT, b"+8612099999999");
    phone.hang_up().await.unwrap();
    let booked = office.app.world.database.write(move |connection| {
        Box::pin(async move {
            sqlx::query("UPDATE waiting SET kind = 'call-back', contact = ?").bind(contact).execute(connection).await
        })
    });
    booked.await.unwrap();
    office.write("UPDATE waiting SET state = 'reserved', outcome = NULL, ended_at = NULL, operator = (SELECT no FROM operators WHERE number = '1001'); \
                  UPDATE presence SET state = 'reserved', waiting = (SELECT no FROM waiting) \
                      WHERE operator = (SELECT no FROM operators WHERE number = '1001')").await;
    let no = first.work().await["no"].clone();
    let path = format!("calls/{no}/called");
    assert_eq!(first.work().await["contact"], "+8612099999999");
    let other = second.state().await;
    assert!(other["call-backs"][0]["is-taken"] == true && !other.to_string().contains("12099999999"), "{other}");
    assert_eq!(second.cannot(&path, json!({ "result": "calling" })).await, refused(409, "over"));
    assert_eq!(first.cannot(&path, json!({ "result": "reached" })).await, refused(409, "over"), "not called yet");

    // Who is rung at a telephone has it joined to that number with one click, and only while it is theirs to call.
    let ring = format!("calls/{no}/ring");
    assert_eq!(first.work().await["calling"], Value::Null);
    assert_eq!(first.cannot(&ring, json!({})).await, refused(404, "none"), "a desk in a browser");
    office.write("UPDATE operators SET address = '+12025550177' WHERE number = '1001'").await;
    assert_eq!(first.work().await["calling"]["state"], "");
    assert_eq!(second.cannot(&ring, json!({})).await, refused(409, "over"));
    assert_eq!(office.rows("SELECT kind FROM outbox").await, [""; 0]);
    first.does(&ring, json!({})).await;
    assert_eq!(office.rows("SELECT kind FROM outbox").await, ["call"]);
    assert_eq!(first.work().await["calling"]["state"], "due");
    assert_eq!(office.rows("SELECT who FROM audit WHERE action = 'called-back'").await, ["1001"]);

    // In vain: later again, by whoever is free then.
    first.does(&path, json!({ "result": "calling" })).await;
    first.does(&path, json!({ "result": "not-reached" })).await;
    assert_eq!(first.state().await["presence"]["state"], "wrap-up");
    first.does("wrap-up", json!({ "does": "finish" })).await;
    assert_eq!(first.state().await["presence"]["state"], "available");
    office.app.world.clock.set(office.now().plus(Duration::from_mins(15)));
    let database = &office.app.world.database;
    database.keep_seen(office.no("1001").await, office.now()).await.unwrap();
    database.match_waiting(office.now()).await.unwrap();
    first.does(&path, json!({ "result": "calling" })).await;
    first.does(&path, json!({ "result": "reached" })).await;
    assert_eq!(office.rows("SELECT outcome FROM waiting").await, ["called-back"]);
    assert_eq!(first.work().await["contact"], Value::Null);
    office.app.stop().await;
}
