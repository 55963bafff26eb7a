//! The door of the desk over HTTP: who may do what, what browsers are told, what is not said.

use std::path::Path;
use std::process::{Command, Output};

use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use crate::phone_door::{browser, header, log_in, post_form, socket, told};
use crate::server::Server;

const DEMO: &[&str] = &["--demo", "--demo-members", "20", "--no-clips"];

async fn get(server: &Server, path: &str, cookie: &str) -> Response {
    browser().get(format!("{}{path}", server.url)).header("cookie", cookie).send().await.unwrap()
}

async fn me(server: &Server, cookie: &str) -> Value {
    let answer = get(server, "/desk/me", cookie).await;
    assert_eq!(answer.status(), 200);
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

async fn csrf(server: &Server, cookie: &str) -> String {
    me(server, cookie).await["csrf"].as_str().unwrap().to_owned()
}

/// `hotline operator`, as somebody gives it.
fn operator(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.arg("operator").args(arguments).arg("--data").arg(data);
    command.env_clear().env("USER", "root").current_dir(data).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8(output.stderr.clone()).unwrap()
}

/// The password in what a command said.
fn issued(output: &Output) -> String {
    assert!(output.status.success(), "{}", out(output));
    out(output).rsplit(": ").next().unwrap().trim().to_owned()
}

#[tokio::test]
async fn nobody_sees_the_desk_without_a_login() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    for path in ["/desk", "/desk/me", "/desk/audit", "/desk/password", "/desk/ws"] {
        let answer = get(&server, path, "").await;
        assert_eq!(answer.status(), 401, "{path}");
        assert_eq!(answer.text().await.unwrap(), r#"{"error":"log-in"}"#, "{path}");
    }
    // Who looks at a page is sent on.
    let page = browser().get(format!("{}/desk", server.url)).header("accept", "text/html,*/*").send().await.unwrap();
    assert_eq!((page.status(), header(&page, "location")), (StatusCode::SEE_OTHER, "/desk/login"));
    let login = get(&server, "/desk/login", "").await;
    assert!(header(&login, "content-security-policy").contains("form-action 'self'"));
    assert_eq!(header(&login, "cache-control"), "no-store");
    let login = login.text().await.unwrap();
    assert!(login.contains("demo-operator") && login.contains("9001") && !login.contains("operator add"), "{login}");
    for made_up in ["hotline-desk=", "hotline-desk=AAAA", "hotline-phone=1.2.3", "__Host-hotline=AAAA"] {
        assert_eq!(get(&server, "/desk/me", made_up).await.status(), 401, "{made_up}");
    }
    let ws = server.url.clone() + "/desk/ws";
    assert_eq!(socket(&ws, &[]).await.err(), Some(StatusCode::UNAUTHORIZED));
    server.kill();
}

#[tokio::test]
async fn a_login_is_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let fields = [("number", "1001"), ("password", "demo-operator")];
    let plain = post_form(&server, "/desk/login", &fields, "").await;
    let cookie = header(&plain, "set-cookie").to_owned();
    assert!(cookie.starts_with("hotline-desk="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"), "{cookie}");
    assert_eq!(header(&plain, "cache-control"), "no-store");
    let form = "number=1001&password=demo-operator";
    let post = |scheme: &'static str| {
        let post = browser().post(format!("{}/desk/login", server.url)).header("x-forwarded-proto", scheme);
        post.header("content-type", "application/x-www-form-urlencoded").body(form).send()
    };
    let encrypted = post("https").await.unwrap();
    let secure = header(&encrypted, "set-cookie").to_owned();
    assert!(secure.starts_with("__Host-hotline=") && secure.ends_with("; SameSite=Strict; Secure"), "{secure}");
    // One is not taken for the other: the plain one may have been given by a neighbour.
    let token = secure.split(['=', ';']).nth(1).unwrap();
    assert_eq!(get(&server, "/desk/me", &format!("hotline-desk={token}")).await.status(), 200);
    let over_tls = browser().get(format!("{}/desk/me", server.url)).header("x-forwarded-proto", "https");
    let over_tls = over_tls.header("cookie", format!("hotline-desk={token}")).send().await.unwrap();
    assert_eq!(over_tls.status(), 401);

    // Fixation: a session that somebody was given before is not the one after, and is nobody's.
    let planted = "hotline-desk=planted";
    let given = post_form(&server, "/desk/login", &fields, planted).await;
    let given = header(&given, "set-cookie").split(';').next().unwrap().to_owned();
    assert_ne!(given, planted);
    assert_eq!(get(&server, "/desk/me", planted).await.status(), 401);
    let again = post_form(&server, "/desk/login", &fields, &given).await;
    let again = header(&again, "set-cookie").split(';').next().unwrap().to_owned();
    assert_ne!(again, given);
    assert_eq!(get(&server, "/desk/me", &given).await.status(), 401);
    assert_eq!(me(&server, &again).await["number"], "1001");

    // From another site nobody is logged in.
    let other = browser().post(format!("{}/desk/login", server.url)).header("origin", "http://evil.example");
    let other = other.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    assert_eq!((other.status(), header(&other, "set-cookie")), (StatusCode::FORBIDDEN, ""));
    server.kill();
}

#[tokio::test]
async fn what_changes_something_needs_the_token_of_its_own_session() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let mine = log_in(&server, "1001", "demo-operator").await;
    let other = log_in(&server, "1001", "demo-operator").await;
    let (own, others) = (csrf(&server, &mine).await, csrf(&server, &other).await);
    assert_ne!(own, others);
    let log_out = async |fields: &[(&str, &str)]| post_form(&server, "/desk/logout", fields, &mine).await.status();
    assert_eq!(log_out(&[]).await, 422);
    for wrong in ["", "AAAA", &others, &own[1..]] {
        assert_eq!(log_out(&[("csrf", wrong)]).await, 403, "{wrong}");
        let fields =
            [("csrf", wrong), ("old", "demo-operator"), ("new", "a new password"), ("again", "a new password")];
        assert_eq!(post_form(&server, "/desk/password", &fields, &mine).await.status(), 403, "{wrong}");
    }
    assert_eq!(me(&server, &mine).await["number"], "1001");
    let left = post_form(&server, "/desk/logout", &[("csrf", &own)], &mine).await;
    assert_eq!((left.status(), header(&left, "location")), (StatusCode::SEE_OTHER, "/desk/login"));
    assert!(header(&left, "set-cookie").starts_with("hotline-desk=; Path=/; Max-Age=0;"));
    assert_eq!(get(&server, "/desk/me", &mine).await.status(), 401);
    // The other login goes on.
    assert_eq!(me(&server, &other).await["csrf"], others);
    // Who sends a form of a login that has ended is shown where to log in.
    let late = browser().post(format!("{}/desk/wall/switches", server.url)).header("accept", "text/html");
    let late = late.header("cookie", &mine).header("origin", &server.url).send().await.unwrap();
    assert_eq!((late.status(), header(&late, "location")), (StatusCode::SEE_OTHER, "/desk/login"));
    server.kill();
}

#[tokio::test]
async fn operators_are_no_supervisors() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let operator = log_in(&server, "1001", "demo-operator").await;
    let supervisor = log_in(&server, "9001", "demo-supervisor").await;
    let refused = get(&server, "/desk/audit", &operator).await;
    assert_eq!(
        (refused.status(), refused.text().await.unwrap().as_str()),
        (StatusCode::FORBIDDEN, r#"{"error":"role"}"#)
    );
    let seen = get(&server, "/desk/audit", &supervisor).await;
    assert_eq!(header(&seen, "cache-control"), "no-store");
    let rows: Value = serde_json::from_slice(&seen.bytes().await.unwrap()).unwrap();
    let rows = rows.as_array().unwrap();
    assert_eq!((&rows[0]["who"], &rows[0]["action"]), (&"9001".into(), &"logged-in".into()));
    assert_eq!((&rows[1]["who"], &rows[1]["action"]), (&"1001".into(), &"logged-in".into()));
    server.kill();
}

#[tokio::test]
async fn an_open_desk_closes_when_its_session_ends() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let cookie = log_in(&server, "1001", "demo-operator").await;
    let url = server.url.clone() + "/desk/ws";
    let mut page = socket(&url, &[("cookie", &cookie)]).await.unwrap();
    assert!(told(&mut page).await.unwrap().is_text());
    let disabled = operator(data.path(), &["disable", "1001"]);
    assert!(disabled.status.success(), "{}", out(&disabled));
    assert_eq!(get(&server, "/desk/me", &cookie).await.status(), 401);
    match told(&mut page).await {
        Some(Message::Close(Some(close))) => assert_eq!(u16::from(close.code), 4401),
        other => panic!("still open: {other:?}"),
    }
    server.kill();
}

#[tokio::test]
async fn the_first_operator_is_made_on_the_command_line_and_must_change_the_password() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("new");
    // Before anything was ever served.
    let add = ["add", "1001", "--name", "Somebody", "--languages", "zh-CN,en"];
    let password = issued(&operator_in(&folder, data.path(), &add));
    let server = Server::start_with(&folder, &["--log", "trace", "--no-clips"]);
    let login = get(&server, "/desk/login", "").await.text().await.unwrap();
    assert!(!login.contains("operator add") && !login.contains("demo"), "{login}");

    let fields = [("number", "1001"), ("password", password.as_str())];
    let entered = post_form(&server, "/desk/login", &fields, "").await;
    assert_eq!((entered.status(), header(&entered, "location")), (StatusCode::SEE_OTHER, "/desk/password"));
    let cookie = header(&entered, "set-cookie").split(';').next().unwrap().to_owned();
    // Nothing else is for them before that.
    for path in ["/desk", "/desk/me", "/desk/ws", "/desk/audit"] {
        let refused = get(&server, path, &cookie).await;
        assert_eq!(
            (refused.status(), refused.text().await.unwrap().as_str()),
            (StatusCode::FORBIDDEN, r#"{"error":"change-password"}"#)
        );
    }
    let page = browser().get(format!("{}/desk", server.url)).header("accept", "text/html").header("cookie", &cookie);
    assert_eq!(header(&page.send().await.unwrap(), "location"), "/desk/password");
    let form = get(&server, "/desk/password", &cookie).await.text().await.unwrap();
    let token = form.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let chosen = "correct horse battery";
    let change = async |old: &str, new: &str, again: &str| {
        let fields = [("csrf", token.as_str()), ("old", old), ("new", new), ("again", again)];
        post_form(&server, "/desk/password", &fields, &cookie).await
    };
    assert_eq!(change(&password, chosen, "correct horse batter").await.status(), 422);
    assert_eq!(change(&password, "short", "short").await.status(), 422);
    assert_eq!(change("not the one", chosen, chosen).await.status(), 403);
    let changed = change(&password, chosen, chosen).await;
    assert_eq!((changed.status(), header(&changed, "location")), (StatusCode::SEE_OTHER, "/desk"));
    let after = header(&changed, "set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(get(&server, "/desk/me", &cookie).await.status(), 401);
    assert_eq!(get(&server, "/desk", &after).await.status(), 200);

    // A reset while the server runs.
    let again = issued(&operator(&folder, &["reset", "1001"]));
    assert_eq!(get(&server, "/desk/me", &after).await.status(), 401);
    assert_eq!(post_form(&server, "/desk/login", &[("number", "1001"), ("password", chosen)], "").await.status(), 403);
    log_in(&server, "1001", &again).await;
    let log = server.stop();
    let tokens = [&cookie, &after].map(|cookie| cookie.split('=').nth(1).unwrap().to_owned());
    for secret in [&password, &again, &chosen.to_owned(), &chosen.replace(' ', "+"), &token, &tokens[0], &tokens[1]] {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
    }
    assert!(log.contains("could not log in"), "{log}");
}

fn operator_in(folder: &Path, place: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.arg("operator").args(arguments).arg("--data").arg(folder);
    command.env_clear().env("USER", "root").current_dir(place).output().unwrap()
}

#[tokio::test]
async fn guessing_becomes_slow_for_an_address_whatever_the_numbers() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let guess = async |number: usize| {
        let number = (2_000 + number).to_string();
        let answer = post_form(&server, "/desk/login", &[("number", &number), ("password", "x")], "").await;
        (answer.status().as_u16(), header(&answer, "retry-after").to_owned(), answer.text().await.unwrap())
    };
    let mut said = std::collections::BTreeSet::new();
    for number in 0..20 {
        let (status, _, html) = guess(number).await;
        assert_eq!(status, 403);
        said.insert(html);
    }
    assert_eq!(said.len(), 1);
    let (status, wait, _) = guess(21).await;
    assert_eq!((status, wait.is_empty()), (429, false));
    // Somebody else behind the same proxy is not kept out.
    let form = "number=1001&password=demo-operator";
    let other = browser().post(format!("{}/desk/login", server.url)).header("x-forwarded-for", "192.0.2.1, 192.0.2.7");
    let other = other.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    assert_eq!(other.status(), 303);
    server.kill();
}

#[tokio::test]
async fn a_password_is_not_taken_over_a_network_without_encryption() {
    let data = tempfile::tempdir().unwrap();
    issued(&operator(data.path(), &["add", "1001", "--name", "Somebody", "--languages", "en"]));
    let server = Server::start_with(data.path(), &["--no-clips"]);
    let form = "number=1001&password=whatever-it-is";
    let far = browser().post(format!("{}/desk/login", server.url)).header("host", "192.0.2.7:8080");
    let far = far.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    assert_eq!(far.status(), 403);
    assert!(far.text().await.unwrap().contains("open this page with https"));
    server.kill();
}

#[test]
fn operators_are_added_listed_and_changed_on_the_command_line() {
    let data = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| operator(data.path(), arguments);
    let fails = |arguments: &[&str]| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", out(&output));
        out(&output)
    };
    assert!(fails(&["list"]).contains("no database"));
    issued(&run(&["add", "1001", "--name", "Somebody", "--languages", "zh-CN,en", "--subjects", "medical"]));
    for (arguments, expected) in [
        (&["add", "1001", "--name", "x", "--languages", "en"][..], "is there already"),
        (&["add", "x1", "--name", "x", "--languages", "en"], "2 to 8 digits"),
        (&["add", "1002", "--name", "x", "--languages", "cn"], "it speaks zh-CN, en"),
        (&["add", "1002", "--name", "x", "--languages", "en", "--address", "client:desk"], "neither a number"),
        (&["add", "1002", "--name", "x", "--languages", "en", "--address", "+12025550100"], "dial-prefixes"),
        (&["reset", "1002"], "no operator 1002"),
        (&["disable", "1002"], "no operator 1002"),
    ] {
        let said = fails(arguments);
        assert!(said.contains(expected), "{said}");
    }
    std::fs::write(data.path().join("hotline.toml"), "dial-prefixes = [\"+1202\"]\n").unwrap();
    let rung =
        ["add", "9001", "--name", "Other", "--role", "supervisor", "--languages", "en", "--address", "+12025550100"];
    issued(&run(&rung));
    assert!(run(&["disable", "1001"]).status.success());
    let listed = out(&run(&["list"]));
    let rows: Vec<&str> = listed.lines().collect();
    assert_eq!(
        rows[0],
        "1001  operator  Somebody  zh-CN,en  medical  desk  has not logged in with a password of their own; disabled"
    );
    assert!(rows[1].starts_with("9001  supervisor  Other  en  all subjects  +12025550100"), "{listed}");
    assert!(run(&["enable", "1001"]).status.success());
    assert!(!out(&run(&["list"])).contains("disabled"));
}
