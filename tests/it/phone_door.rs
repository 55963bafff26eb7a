//! The door of the phone in the box: who comes in, what browsers are told, what is encrypted.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Command;

use futures_util::{SinkExt as _, StreamExt as _};
use hotline::dialect::OutRequest;
use hotline::simulator::{Http, Transport as _, Trouble};
use rcgen::{CertificateParams, KeyPair};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error as Failed, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::client::SECRET;
use crate::server::{Server, shipped_line, text};

const DEMO: &[&str] = &["--demo", "--demo-members", "20", "--no-clips"];
/// Every path of the door.
const PATHS: &[&str] = &[
    "/phone",
    "/desk",
    "/phone/files/phone.js",
    "/phone/files/phone.css",
    "/phone/line",
    "/phone/picture.svg",
    "/phone/recordings/nothing.wav",
    "/phone/ws",
    "/desk/ws",
    "/desk/login",
];
/// What there is although the phone is off: operators may be rung elsewhere. The files are of both.
const OF_THE_DESK: &[&str] = &["/desk", "/desk/ws", "/desk/login", "/phone/files/phone.js", "/phone/files/phone.css"];

/// A client that goes where it is told and no further.
pub(crate) fn browser() -> Client {
    Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).build().unwrap()
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// A connection to a page's WebSocket, with these headers; the status if there is none.
pub(crate) async fn socket(
    url: &str,
    headers: &[(&'static str, &str)],
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, StatusCode> {
    let mut request = url.replacen("http", "ws", 1).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Failed::Http(refused)) => Err(refused.status()),
        Err(failed) => panic!("{failed}"),
    }
}

/// How often a page that is told nothing is asked whether it is there before a test gives up.
const MOST_PINGS: u32 = 2;

/// What a page is told next.
pub(crate) async fn told(page: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Option<Message> {
    let mut pings = 0;
    loop {
        match page.next().await? {
            Ok(Message::Ping(_)) if pings < MOST_PINGS => pings += 1,
            Ok(Message::Ping(_)) => panic!("the page is told nothing"),
            Ok(message) => return Some(message),
            Err(_) => return None,
        }
    }
}

/// Logs in at the desk; the cookie.
pub(crate) async fn log_in(server: &Server, number: &str, password: &str) -> String {
    let entered = post_form(server, "/desk/login", &[("number", number), ("password", password)], "").await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    header(&entered, "set-cookie").split(';').next().unwrap().to_owned()
}

/// Sends a form as a page of ours does.
pub(crate) async fn post_form(server: &Server, path: &str, fields: &[(&str, &str)], cookie: &str) -> Response {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let form = "application/x-www-form-urlencoded";
    let post = browser().post(format!("{}{path}", server.url)).header("content-type", form).header("cookie", cookie);
    post.header("origin", &server.url).body(body).send().await.unwrap()
}

#[tokio::test]
async fn without_a_switch_there_is_no_phone() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), &[]);
    for path in PATHS {
        let status = browser().get(format!("{}{path}", server.url)).send().await.unwrap().status();
        assert_eq!(status == 404, !OF_THE_DESK.contains(path), "{path}: {status}");
    }
    let arrival = browser().post(format!("{}/voice/embedded", server.url)).send().await.unwrap();
    assert_eq!(arrival.status(), 404);
    for made in ["phone-key", "embedded-secret", "demo-certificate.pem"] {
        assert!(!data.path().join(made).exists(), "{made}");
    }
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_what_is_not_ours() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    for path in PATHS {
        let answer = browser().get(format!("{}{path}", server.url)).send().await.unwrap();
        let policy = header(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&answer, "referrer-policy"), "same-origin", "{path}");
        assert!(header(&answer, "permissions-policy").starts_with("microphone=(self)"), "{path}");
        assert!(!header(&answer, "cache-control").is_empty() || !answer.status().is_success(), "{path}");
    }
    // What nobody but providers sees has none of it.
    let elsewhere = browser().get(format!("{}/healthz", server.url)).send().await.unwrap();
    assert_eq!(header(&elsewhere, "content-security-policy"), "");
}

#[tokio::test]
async fn pages_and_their_files_are_there() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let cookie = log_in(&server, "1001", "demo-operator").await;
    let get = async |path: &str| {
        browser().get(format!("{}{path}", server.url)).header("cookie", &cookie).send().await.unwrap()
    };
    for page in ["/phone", "/desk", "/desk/login", "/desk/password"] {
        let answer = get(page).await;
        assert_eq!((answer.status(), header(&answer, "content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
        let html = answer.text().await.unwrap();
        // Whatever it names is there.
        let named: Vec<&str> = html.split(['"', '\'']).filter(|word| word.starts_with("/phone/files/")).collect();
        assert!(named.len() > 1, "{named:?}");
        for file in named {
            assert_eq!(get(file).await.status(), 200, "{file}");
        }
    }
    let script = get("/phone/files/phone.js").await;
    assert_eq!(header(&script, "content-type"), "text/javascript; charset=utf-8");
    let tag = header(&script, "etag").to_owned();
    let again = browser().get(format!("{}/phone/files/phone.js", server.url)).header("if-none-match", tag);
    let again = again.send().await.unwrap();
    assert_eq!((again.status(), again.text().await.unwrap().len()), (StatusCode::NOT_MODIFIED, 0));
    for nothing in ["phone.html", "none.js", "..%2fphone.html", "phone.js%00", ""] {
        assert_eq!(get(&format!("/phone/files/{nothing}")).await.status(), 404, "{nothing}");
    }

    let line: Value = serde_json::from_slice(&get("/phone/line").await.bytes().await.unwrap()).unwrap();
    assert_eq!(line["lines"][0]["number"], "12333");
    assert_eq!(line["lines"][0]["languages"], serde_json::json!(["zh-CN", "en"]));
    assert_eq!(line["people"][0]["id"], "000101198503121233");
    assert_eq!(line["people"].as_array().unwrap().len(), 3);
    assert_eq!((&line["secure"], &line["https-url"], &line["demo"]), (&true.into(), &Value::Null, &true.into()));
    // A browser elsewhere gives no microphone here, and is told where it does.
    let far =
        browser().get(format!("{}/phone/line", server.url)).header("host", "192.0.2.7:8080").send().await.unwrap();
    let far: Value = serde_json::from_slice(&far.bytes().await.unwrap()).unwrap();
    assert_eq!((&far["secure"], &far["https-url"]), (&false.into(), &"https://192.0.2.7:8080/phone".into()));

    let picture = get("/phone/picture.svg").await;
    assert_eq!(header(&picture, "content-type"), "image/svg+xml");
    let whole = picture.text().await.unwrap();
    let part = get("/phone/picture.svg?part=pin").await.text().await.unwrap();
    assert!(part.starts_with("<svg") && part.contains("id=\"node-") && part.len() < whole.len() / 2);
    assert_eq!(get("/phone/picture.svg?part=nothing").await.status(), 404);
}

#[tokio::test]
async fn what_comes_from_elsewhere_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let own = server.url.clone();
    let cookie = log_in(&server, "1001", "demo-operator").await;
    for path in ["/phone/ws", "/desk/ws"] {
        let url = format!("{}{path}", server.url);
        for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1.evil.example"] {
            let asked = [("origin", origin), ("cookie", &cookie)];
            assert_eq!(socket(&url, &asked).await.err(), Some(StatusCode::FORBIDDEN), "{origin}");
        }
        assert!(socket(&url, &[("origin", &own), ("cookie", &cookie)]).await.is_ok());
        // A name that somebody has given to our address.
        let named = [("host", "evil.example:8080"), ("origin", "http://evil.example:8080"), ("cookie", &cookie)];
        assert_eq!(socket(&url, &named).await.err(), Some(StatusCode::MISDIRECTED_REQUEST));
    }
    let named = browser().get(format!("{own}/phone/line")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(named.status(), 421);
    let local = browser().get(format!("{own}/phone/line")).header("host", "localhost:8080").send().await.unwrap();
    assert_eq!(local.status(), 200);
}

#[tokio::test]
async fn messages_are_bounded_and_bad_ones_are_told() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), &[DEMO, &["--log", "trace,tungstenite=trace"]].concat());
    let url = format!("{}/phone/ws", server.url);
    let mut page = socket(&url, &[]).await.unwrap();
    for bad in ["", "{", "[]", r#"{"t":"dance"}"#, r#"{"t":"key","key":"12"}"#] {
        page.send(Message::text(bad)).await.unwrap();
        let trouble = Message::text(r#"{"t":"trouble","what":"bad-message"}"#);
        assert_eq!(told(&mut page).await.unwrap(), trouble, "{bad}");
    }
    for large in [Message::text("x".repeat(5_000)), Message::binary(vec![0xff; 5_000])] {
        let mut page = socket(&url, &[]).await.unwrap();
        page.send(large).await.unwrap();
        assert!(matches!(told(&mut page).await, Some(Message::Close(Some(_))) | None));
    }
    // The first page is as it was.
    page.send(Message::text("{")).await.unwrap();
    assert!(told(&mut page).await.unwrap().is_text());
    // What pages send is what callers key in.
    let log = server.stop();
    assert!(log.contains("TRACE") && !log.contains("dance") && !log.contains("64616e6365"), "{log}");
}

#[tokio::test]
async fn pages_hear_that_the_server_stops_and_do_not_keep_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let mut pages = Vec::new();
    let cookie = log_in(&server, "1001", "demo-operator").await;
    for path in ["/phone/ws", "/desk/ws"] {
        pages.push(socket(&format!("{}{path}", server.url), &[("cookie", &cookie)]).await.unwrap());
    }
    let stopping = tokio::task::spawn_blocking(|| server.stop());
    for page in &mut pages {
        let close = loop {
            match told(page).await {
                Some(Message::Close(Some(close))) => break close,
                // A desk is greeted first.
                Some(greeting) if greeting.is_text() => {}
                other => panic!("no goodbye: {other:?}"),
            }
        };
        assert_eq!(u16::from(close.code), 1012);
    }
    let log = stopping.await.unwrap();
    assert!(log.contains("stopped") && !log.contains("in progress"), "{log}");
}

#[tokio::test]
async fn without_a_demo_a_key_lets_people_in() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), &["--phone", "--log", "trace"]);
    let key = std::fs::read_to_string(data.path().join("phone-key")).unwrap().trim().to_owned();
    let get = async |path: &str, cookie: &str| {
        browser().get(format!("{}{path}", server.url)).header("cookie", cookie).send().await.unwrap()
    };
    let connects =
        async |cookie: &str| socket(&format!("{}/phone/ws", server.url), &[("cookie", cookie)]).await.is_ok();
    for path in PATHS.iter().filter(|path| !OF_THE_DESK.contains(path)) {
        let answer = get(path, "").await;
        assert_eq!(answer.status(), 403, "{path}");
        assert!(header(&answer, "content-security-policy").contains("default-src 'none'"), "{path}");
        let body = answer.text().await.unwrap();
        assert_eq!(body.contains("<form"), *path == "/phone", "{path}");
    }
    assert!(!connects("hotline-phone=1.2.3").await);
    let wrong = get(&format!("/phone?key={}", key.replace(|digit| digit != '0', "0")), "").await;
    assert_eq!((wrong.status(), header(&wrong, "set-cookie")), (StatusCode::FORBIDDEN, ""));
    // Only pages take a key in their URL.
    assert_eq!(get(&format!("/phone/line?key={key}"), "").await.status(), 403);

    let right = get(&format!("/phone?key={key}"), "").await;
    assert_eq!((right.status(), header(&right, "location")), (StatusCode::SEE_OTHER, "/phone"));
    let cookie = header(&right, "set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    for path in ["/phone", "/phone/line", "/phone/picture.svg?part=pin"] {
        assert_eq!(get(path, cookie).await.status(), 200, "{path}");
    }
    assert!(connects(cookie).await);
    // Whoever may call may not answer.
    assert_eq!(get("/desk", cookie).await.status(), 401);
    assert_eq!(get("/desk/ws", cookie).await.status(), 401);
    let line: Value = serde_json::from_slice(&get("/phone/line", cookie).await.bytes().await.unwrap()).unwrap();
    assert_eq!((&line["demo"], &line["people"]), (&false.into(), &serde_json::json!([])));

    let post = async |body: String, origin: &str| {
        let form = "application/x-www-form-urlencoded";
        let post = browser().post(format!("{}/phone/key", server.url)).header("content-type", form);
        post.header("origin", origin).body(body).send().await.unwrap()
    };
    let body = format!("key=+{key}");
    let entered = post(body.clone(), &server.url).await;
    assert_eq!((entered.status(), header(&entered, "location")), (StatusCode::SEE_OTHER, "/phone"));
    assert!(header(&entered, "set-cookie").starts_with("hotline-phone="));
    assert_eq!(post(body, "http://evil.example").await.status(), 403);
    assert_eq!(post(format!("key={}", "0".repeat(5_000)), &server.url).await.status(), 413);
    // Guessing becomes slow: in the end the right one has to wait too.
    let mut guesses = Vec::new();
    for _ in 0..6 {
        guesses.push(post("key=0000".to_owned(), &server.url).await.status().as_u16());
    }
    assert_eq!(guesses, [403, 403, 403, 403, 403, 429]);
    assert_eq!(get(&format!("/phone?key={key}"), "").await.status(), 429);

    // The session goes on when the server does.
    let address = server.url.trim_start_matches("http://").to_owned();
    let log = server.stop();
    assert!(!log.contains(&key), "the key is in the log");
    let session = cookie.split('=').nth(1).unwrap();
    assert!(!log.contains(session), "a session is in the log");
    let server = Server::start_with(data.path(), &["--phone", "--listen", &address]);
    let after = browser().get(format!("{}/phone/line", server.url)).header("cookie", cookie).send().await.unwrap();
    assert_eq!(after.status(), 200);
    server.kill();
}

#[tokio::test]
async fn in_a_demo_a_person_is_reached_at_any_hour() {
    let data = tempfile::tempdir().unwrap();
    let line = shipped_line(data.path());
    let calendar = line.join("calendar.yaml");
    let shipped = std::fs::read_to_string(&calendar).unwrap();
    let hour = jiff::Timestamp::now().in_tz("Asia/Shanghai").unwrap().hour();
    let (opens, closes) = if hour < 12 { ("22:00", "23:00") } else { ("01:00", "02:00") };
    let hours = shipped.lines().map(|line| match line.split_once(": ") {
        Some(("opens", _)) => format!("opens: \"{opens}\"\n"),
        Some(("closes", _)) => format!("closes: \"{closes}\"\n"),
        _ => format!("{line}\n"),
    });
    let hours: String = hours.collect();
    assert!(hours.contains(opens) && hours.contains(closes));
    std::fs::write(&calendar, hours).unwrap();
    let line = ["--no-clips", "--operators", "+12025550100", "--line", line.to_str().unwrap()];
    let dials = async |server: Server| {
        let mut caller = server.caller(rand::random());
        caller.arrives().await;
        caller.presses("1").await;
        caller.presses("0").await;
        let dials = caller.heard("<Dial");
        server.kill();
        dials
    };
    assert!(!dials(Server::start_with(data.path(), &line)).await);
    assert!(dials(Server::start_with(data.path(), &[&line[..], &["--demo", "--demo-members", "20"]].concat())).await);
}

/// A certificate for 127.0.0.1 and its key.
fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let pair = KeyPair::generate().unwrap();
    let params = CertificateParams::new([IpAddr::V4(Ipv4Addr::LOCALHOST).to_string()]).unwrap();
    let (certificate, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}-key.pem")));
    std::fs::write(&certificate, params.self_signed(&pair).unwrap().pem()).unwrap();
    std::fs::write(&key, pair.serialize_pem()).unwrap();
    (certificate, key)
}

/// What is answered over TLS to who believes this certificate.
async fn encrypted(server: &Server, path: &str, believes: &Path) -> Result<(u16, String), Trouble> {
    let url = format!("{}{path}", server.url.replacen("http:", "https:", 1));
    let http = Http::trusting(Some(believes)).unwrap();
    let got = http.send(OutRequest { method: "GET", url, headers: Vec::new(), body: Vec::new() }).await?;
    Ok((got.status, String::from_utf8(got.body).unwrap()))
}

#[tokio::test]
async fn a_demo_speaks_both_on_one_port() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), DEMO);
    let port: u16 = server.url.rsplit(':').next().unwrap().parse().unwrap();
    // Who connects and says nothing keeps nobody waiting, nor who begins a handshake and stops.
    let silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut slow = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    slow.write_all(&[0x16, 3, 1]).await.unwrap();
    let own = data.path().join("demo-certificate.pem");
    assert_eq!(encrypted(&server, "/healthz", &own).await.unwrap(), (200, "ok\n".to_owned()));
    let (status, line) = encrypted(&server, "/phone/line", &own).await.unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((status, &line["secure"]), (200, &true.into()));
    let plain = browser().get(format!("{}/healthz", server.url)).send().await.unwrap();
    assert_eq!(plain.text().await.unwrap(), "ok\n");
    let (stranger, _) = certificate(data.path(), "stranger");
    assert!(matches!(encrypted(&server, "/healthz", &stranger).await, Err(Trouble::Connect { .. })));
    drop((silent, slow));
    // It is the same after a restart: a browser that was told to go on is not asked again.
    let before = std::fs::read(&own).unwrap();
    server.kill();
    let server = Server::start_with(data.path(), DEMO);
    assert_eq!(std::fs::read(&own).unwrap(), before);
    server.kill();
}

#[tokio::test]
async fn a_certificate_is_shown_and_read_again() {
    let data = tempfile::tempdir().unwrap();
    let (file, key) = certificate(data.path(), "given");
    let arguments = ["--phone", "--tls-cert", file.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let server = Server::start_with(data.path(), &arguments);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let first = data.path().join("first.pem");
    std::fs::copy(&file, &first).unwrap();
    assert_eq!(encrypted(&server, "/healthz", &first).await.unwrap().0, 200);
    // A connection that is there goes on.
    let url = format!("{}/healthz", server.url);
    let kept = Http::trusting(Some(&first)).unwrap();
    assert_eq!(kept.fetch(&url).await.unwrap().status, 200);
    let (next, next_key) = certificate(data.path(), "next");
    let id = server.id().to_string();
    let reload = || assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    let logged = async |what: &str| {
        while !text(&server.log).contains(what) {
            tokio::task::yield_now().await;
        }
    };
    // With half of it nothing changes.
    std::fs::copy(&next, &file).unwrap();
    reload();
    logged("the old one goes on").await;
    assert_eq!(encrypted(&server, "/healthz", &first).await.unwrap().0, 200);
    std::fs::copy(&next_key, &key).unwrap();
    reload();
    logged("the certificate was read again").await;
    assert_eq!(encrypted(&server, "/healthz", &next).await.unwrap().0, 200);
    assert!(encrypted(&server, "/healthz", &first).await.is_err());
    assert_eq!(kept.fetch(&url).await.unwrap().status, 200);

    // A session of an encrypted page stays on encrypted pages.
    let phone_key = std::fs::read_to_string(data.path().join("phone-key")).unwrap();
    let plain = server.url.replacen("https:", "http:", 1);
    let entered = browser().get(format!("{plain}/phone?key={}", phone_key.trim())).header("x-forwarded-proto", "https");
    let entered = entered.send().await.unwrap();
    assert!(header(&entered, "set-cookie").ends_with("; Secure"));
    server.kill();
}

#[tokio::test]
async fn with_a_certificate_plain_http_is_for_this_machine() {
    let own = hotline::http::tls::addresses().into_iter().find(|address| address.is_ipv4() && !address.is_loopback());
    let data = tempfile::tempdir().unwrap();
    let (file, key) = certificate(data.path(), "given");
    let arguments = ["--tls-cert", file.to_str().unwrap(), "--tls-key", key.to_str().unwrap(), "--listen", "0.0.0.0:0"];
    let server = Server::start_with(data.path(), &arguments);
    let port: u16 = server.url.rsplit(':').next().unwrap().parse().unwrap();
    let ask = async |address: IpAddr| {
        let mut stream = TcpStream::connect((address, port)).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    assert!(ask(Ipv4Addr::LOCALHOST.into()).await.ends_with("ok\n"));
    // A machine without a network has no other address.
    if let Some(own) = own {
        let refused = ask(own).await;
        assert!(refused.starts_with("HTTP/1.1 400 ") && refused.contains("https://"), "{refused}");
    }
    server.kill();
}

#[test]
fn a_certificate_that_cannot_be_used_says_why() {
    let data = tempfile::tempdir().unwrap();
    let (file, key) = certificate(data.path(), "one");
    let (_, other_key) = certificate(data.path(), "other");
    let sealed = data.path().join("sealed.pem");
    let pem = std::fs::read_to_string(&key).unwrap();
    std::fs::write(&sealed, pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")).unwrap();
    let fails = |arguments: &[(&str, &Path)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).env_clear();
        command.env("HOTLINE_TWILIO_AUTH_TOKEN", SECRET).current_dir(data.path());
        for (name, value) in arguments {
            command.arg(name).arg(value);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    for (certificate, key, parts) in [
        (file.as_path(), Path::new("nowhere.pem"), ["nowhere.pem", "cannot be read"]),
        (&file, &other_key, ["other-key.pem", "give files that belong together"]),
        (&file, &sealed, ["needs a password", "openssl pkey"]),
        (&file, &file, ["one.pem", "has no private key"]),
        (&key, &key, ["one-key.pem", "has no certificate"]),
    ] {
        let said = fails(&[("--tls-cert", certificate), ("--tls-key", key)]);
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
    assert!(fails(&[("--tls-cert", &file)]).contains("--tls-key"));
}
