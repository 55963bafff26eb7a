//! `hotline load` on real servers: what it measures, tells, and leaves behind.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use hotline::call::Timestamp;
use hotline::simulator::load::{Arrivals, Load, Mix, Plan, Route, Speed, Stop, StopWatch, Until};
use hotline::simulator::{Carrier, Hearing, Http, calls_of, read_calls};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::app::{App, Way};
use crate::client::SECRET;
use crate::server::Server;

/// The program's own scripts.
fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/load/calls")
}

/// Exit status, standard output and standard error of a command.
async fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.args(arguments).env_clear().env("HOTLINE_TWILIO_AUTH_TOKEN", SECRET).current_dir(folder);
    let done = command.stdin(Stdio::null()).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

fn demo(data: &Path) -> Server {
    Server::start_with(data, &["--demo", "--demo-members", "60"])
}

/// What the document of `--json` is.
fn schema() -> Value {
    let times = json!({
        "type": "object",
        "additionalProperties": { "type": "number", "minimum": 0 },
        "required": ["count", "p50-ms", "p90-ms", "p99-ms", "p99-9-ms", "max-ms"],
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "seconds": { "type": "number" },
            "calls": {
                "type": "object",
                "additionalProperties": { "type": "integer" },
                "required": ["begun", "as-told", "otherwise", "troubled", "cut-off"],
            },
            "calls-per-second": { "type": "number" },
            "turns": { "type": "integer" },
            "turns-per-second": { "type": "number" },
            "kinds": { "type": "object", "additionalProperties": times, "required": ["arrive", "keys", "silent", "pin", "status"] },
            "all-turns": times,
            "late": times,
            "errors": { "type": "array", "maxItems": 0 },
            "otherwise": { "type": "array", "maxItems": 0 },
            "own-cpu-ms": { "type": "number", "exclusiveMinimum": 0 },
            "own-cpu-ms-per-turn": { "type": "number", "exclusiveMinimum": 0 },
        },
        "required": [
            "seconds", "calls", "calls-per-second", "turns", "turns-per-second", "kinds", "all-turns", "late", "errors",
            "otherwise", "own-cpu-ms", "own-cpu-ms-per-turn",
        ],
    })
}

#[tokio::test]
async fn calls_go_as_told_are_marked_and_are_in_no_report_unless_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let server = demo(data.path());
    let load = ["load", &server.url, "--data", ".", "--callers", "3", "--calls", "24", "--json"];
    let (code, printed, said) = run(data.path(), &load).await;
    assert_eq!(code, 0, "{printed}{said}");
    assert!(said.contains("3 callers, each one call after the other, 24 calls in all"), "{said}");
    let json: Value = serde_json::from_str(&printed).unwrap();
    if let Err(wrong) = jsonschema::validator_for(&schema()).unwrap().validate(&json) {
        panic!("{wrong}: {printed}");
    }
    assert_eq!((&json["calls"]["begun"], &json["calls"]["as-told"]), (&json!(24), &json!(24)));
    assert_eq!(json["kinds"]["arrive"]["count"], 24);
    let (printed, keyed) = (printed + &said, ["000101198503121233", "204816"]);
    assert!(keyed.iter().all(|keyed| !printed.contains(keyed)), "{printed}");

    // Beside those that were measured, each script was tried once in each language.
    let graph = ["graph", "--calls", "--format", "text", "--data", "."];
    let (_, _, said) = run(data.path(), &graph).await;
    assert!(said.contains("0 call(s) on version"), "{said}");
    let (_, table, said) = run(data.path(), &[&graph[..], &["--simulated"]].concat()).await;
    assert!(said.contains("32 call(s) on version") && table.contains("main.menu"), "{said}{table}");
    let replay = ["replay", "--all", "--data", "."];
    let (_, printed, _) = run(data.path(), &replay).await;
    assert!(printed.contains("0 call(s) replayed") && printed.contains("32 call(s) left out"), "{printed}");
    let (_, printed, _) = run(data.path(), &[&replay[..], &["--simulated"]].concat()).await;
    assert!(printed.contains("32 call(s) replayed, 32 the same"), "{printed}");
    server.stop();
}

/// Passes requests on, but fails those in these places: more than a provider asks again for.
async fn failing(
    State((to, http, seen)): State<(String, reqwest::Client, Arc<AtomicU64>)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, Bytes) {
    let seen = seen.fetch_add(1, Ordering::Relaxed);
    if FAIL.contains(&seen) {
        return (StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), Bytes::new());
    }
    let method = if body.is_empty() { reqwest::Method::GET } else { reqwest::Method::POST };
    let mut asked = http.request(method, format!("{to}{uri}")).body(body);
    for (name, value) in &headers {
        if !matches!(name.as_str(), "host" | "content-length") {
            asked = asked.header(name, value);
        }
    }
    let answer = asked.send().await.unwrap();
    let mut kept = HeaderMap::new();
    for name in ["content-type", "cache-control"] {
        if let Some(value) = answer.headers().get(name) {
            kept.insert(name, value.clone());
        }
    }
    (answer.status(), kept, answer.bytes().await.unwrap())
}

/// Behind all that is asked before the load.
const FAIL: std::ops::Range<u64> = 300..340;

#[tokio::test]
async fn errors_are_counted_and_end_with_1() {
    let data = tempfile::tempdir().unwrap();
    let server = demo(data.path());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let state = (server.url.clone(), server.http.clone(), Arc::new(AtomicU64::new(0)));
    let serving =
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(failing).with_state(state)).await });
    let script = own().join("guidance.call");
    let load = [
        "load",
        &proxy,
        "--public-url",
        &server.url,
        "--profile",
        "twilio",
        "--calls",
        "20",
        "--callers",
        "2",
        "--mix",
        script.to_str().unwrap(),
    ];
    let (code, printed, said) = run(data.path(), &load).await;
    assert_eq!(code, 1, "{printed}{said}");
    let told = printed.lines().filter(|line| line.starts_with("error: ") && line.ends_with(": status 500"));
    assert!(told.count() > 0, "{printed}");
    assert!(!printed.contains(" 0 ended by an error"), "{printed}");
    assert!(printed.contains("20 calls in "), "the others go on: {printed}");
    serving.abort();
    server.stop();
}

#[tokio::test]
async fn what_cannot_be_a_load_is_told_before_anything_is_called() {
    let data = tempfile::tempdir().unwrap();
    let calls = Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows/12333/calls");
    let down = calls.join("database-down.call");
    let down = down.to_str().unwrap();
    let server = demo(data.path());
    // Nobody is at a desk.
    let answered = calls.join("silence-three-times.call");
    let answered = answered.to_str().unwrap();
    for (code, arguments, expected) in [
        (
            2,
            vec!["http://192.0.2.1", "--profile", "twilio"],
            "192.0.2.1 is not this machine; if that server is yours to load, say so with --yes",
        ),
        (2, vec!["http://localhost.example.org", "--profile", "twilio"], "is not this machine"),
        (2, vec!["--mix", down, "--profile", "twilio"], "it takes the database away; a load can only call"),
        (2, vec!["--mix", "http://127.0.0.1:1", "--profile", "twilio"], "write the URL of the server before --mix"),
        (2, vec!["--data", "/nowhere"], "/nowhere/embedded-secret is not there"),
        (2, vec!["http://127.0.0.1:1", "--profile", "twilio"], "Connection refused"),
        (
            2,
            vec![&server.url, "--public-url", "http://127.0.0.1:1", "--profile", "twilio"],
            "does not take the signature",
        ),
        (1, vec![&server.url, "--profile", "twilio", "--mix", answered], "does not go as its script tells"),
    ] {
        let (ended, printed, said) = run(data.path(), &[&["load"], &arguments[..]].concat()).await;
        assert_eq!((ended, printed.as_str()), (code, ""), "{said}");
        assert!(said.contains(expected), "{said}");
    }
    server.stop();
}

/// At the times that they are told for, with all audio fetched and checked.
#[tokio::test]
async fn the_programs_own_scripts_go_as_told() {
    let scripts = read_calls(&calls_of(&own()).unwrap()).unwrap();
    assert_eq!(scripts.len(), 4);
    for script in scripts {
        let app = App::start(Way::Http).await;
        let loaded = app.world.service.lines().first();
        let at = script.at.to_zoned(loaded.line.zone.clone()).unwrap();
        let now = Timestamp::from_millis(at.timestamp().as_millisecond());
        app.world.clock.set(now);
        let (profile, public) = (app.carrier.profile.clone(), app.carrier.public.clone());
        let route = Route { public: public.to_string(), reached: public.to_string() };
        // No provider's patience runs out on a busy machine: this clock stands.
        let carrier = Carrier::new(profile, public, Arc::new(Http::default()), Hearing::Words)
            .with_clock(Arc::clone(&app.world.clock) as _);
        let mix = Mix::of(vec![(script, 1)], &loaded.line.languages).unwrap();
        let arrivals = Arrivals::Rate { per_s: 1_000.0, at_once: NonZeroU32::MIN };
        let plan = Plan { arrivals, until: Until::Calls(4), speed: Speed::Fast, mix };
        let (watch, connect) = (Arc::new(StopWatch::start()), Box::new(|| Arc::new(Http::default()) as _));
        let load = Arc::new(Load::new(plan, loaded, carrier, route, connect, (watch, now), Stop::default()));
        if let Err(failed) = load.try_out().await {
            panic!("{failed}");
        }
        let (measured, failures) = Arc::clone(&load).make().await;
        assert_eq!(measured.calls.as_told, 4, "{failures:?} {:?}", measured.errors);
        assert!(measured.is_good() && measured.took < Duration::from_mins(1));
        app.stop().await;
    }
}
