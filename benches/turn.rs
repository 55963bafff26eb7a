//! What a turn costs on the whole path: HTTP, signature, engine, prompts, XML, sealing, durable commit. Beside it,
//! in the same run, a bare axum handler with one durable write in batched commits. The ratio is what counts:
//! machines are noisy. Turns that hash a PIN are not among them.
//!
//! `cargo bench --bench turn`. Linux only: it reads the CPU time of the servers from `/proc`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a bench may")]

#[path = "../tests/it/client.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod client;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use client::Caller;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, QueryBuilder};
use tokio::sync::{mpsc, oneshot};

/// Callers at once.
const CALLERS: usize = 64;
/// Calls of each; a call has ten turns and its end.
const CALLS: usize = 30;
const TURNS: usize = 10;
/// With a turn each 200 ms, so many callers make 1,000 turns a second.
const PACED_CALLERS: usize = 200;
const PACE: Duration = Duration::from_millis(200);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "bare") {
        runtime.block_on(bare(&arguments[at + 1]));
        return;
    }
    runtime.block_on(async {
        let data = tempfile::tempdir_in("target").unwrap();
        let mut costs = Vec::new();
        for round in 0..3 {
            let bare = measure("bare handler, one write", bare_server(data.path()), false, round).await;
            let full = measure("whole turn", full_server(data.path()), true, round).await;
            costs.push(full / bare);
        }
        costs.sort_by(f64::total_cmp);
        println!("ratio, middle of {}: {:.2} (budget 3)", costs.len(), costs[costs.len() / 2]);
        paced(full_server(data.path())).await;
    });
}

/// CPU-ms of the server for 1,000 requests.
async fn measure(what: &str, (mut server, url): (Child, String), whole: bool, round: u64) -> f64 {
    let http = reqwest::Client::builder().pool_max_idle_per_host(CALLERS).build().unwrap();
    let number = Arc::new(AtomicU64::new((round + 1) << 32));
    let run = async |calls: usize| -> Vec<Duration> {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (http, url, number) = (http.clone(), url.clone(), Arc::clone(&number));
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    for _ in 0..calls {
                        let mut caller = Caller::new(&http, &url, number.fetch_add(1, Ordering::Relaxed));
                        play(&mut caller, whole, &mut times).await;
                    }
                    times
                })
            })
            .collect();
        let mut times = Vec::new();
        for caller in callers {
            times.extend(caller.await.unwrap());
        }
        times
    };
    run(3).await;
    let (cpu, wall) = (cpu_ms(server.id()), Instant::now());
    let mut times = run(CALLS).await;
    let spent = cpu_ms(server.id()) - cpu;
    let requests = f64::from(u32::try_from(times.len()).unwrap());
    times.sort();
    let per_1000 = spent / requests * 1000.0;
    println!(
        "{what:<24} {per_1000:6.1} CPU-ms for 1,000 requests; {:6.0} requests/s, p50 {:?}, p99 {:?}",
        requests / wall.elapsed().as_secs_f64(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
    );
    server.kill().unwrap();
    server.wait().unwrap();
    per_1000
}

/// Latency at 1,000 turns a second, counted from when each turn was due, so that a stall is seen by all behind it.
async fn paced((mut server, url): (Child, String)) {
    let http = reqwest::Client::builder().pool_max_idle_per_host(PACED_CALLERS).build().unwrap();
    let began = Instant::now() + Duration::from_millis(500);
    let callers: Vec<_> = (0..PACED_CALLERS)
        .map(|own| {
            let mut caller = Caller::new(&http, &url, (9 << 32) + own as u64);
            tokio::spawn(async move {
                let mut times = Vec::new();
                let stagger = PACE * u32::try_from(own).unwrap() / u32::try_from(PACED_CALLERS).unwrap();
                for (turn, keys) in
                    (0_u32..).zip(["", "silent", "1"].into_iter().chain(["3", "2", "3", "3"].repeat(12)))
                {
                    let due = began + stagger + PACE * turn;
                    tokio::time::sleep_until(due.into()).await;
                    let status = match keys {
                        "" => caller.arrives().await,
                        "silent" => caller.is_silent().await,
                        keys => caller.presses(keys).await,
                    };
                    assert_eq!(status, 200);
                    times.push(due.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await.unwrap());
    }
    times.sort();
    println!(
        "1,000 turns/s, {} turns, load on the same cores: p50 {:?}, p99 {:?} (budget 5 ms), worst {:?}",
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1],
    );
    server.kill().unwrap();
    server.wait().unwrap();
}

/// A call through the guidance, which asks nothing of members.
async fn play(caller: &mut Caller, whole: bool, times: &mut Vec<Duration>) {
    let mut turn = async |caller: &mut Caller, keys: &str| {
        let began = Instant::now();
        let status = match keys {
            "" => caller.arrives().await,
            "silent" if whole => caller.is_silent().await,
            keys if whole => caller.presses(keys).await,
            _ => caller.arrives().await,
        };
        times.push(began.elapsed());
        assert_eq!(status, 200);
    };
    let keys = ["", "silent", "1", "3", "2", "3", "1", "*", "*", "4"];
    assert_eq!(keys.len(), TURNS);
    for keys in keys {
        turn(caller, keys).await;
    }
    if whole {
        let began = Instant::now();
        caller.hangs_up().await;
        times.push(began.elapsed());
    }
}

fn full_server(data: &Path) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.args(["serve", "--demo", "--demo-members", "1000", "--log", "info", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(data.join("full")).env("HOTLINE_TWILIO_AUTH_TOKEN", client::SECRET).stderr(Stdio::null());
    started(command)
}

fn bare_server(data: &Path) -> (Child, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("bare").arg(data.join("bare.db"));
    started(command)
}

fn started(mut command: Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let url = first
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap()
        .trim_end_matches(';')
        .trim_end_matches("/phone")
        .to_owned();
    std::thread::spawn(move || lines.for_each(drop));
    (child, url)
}

type Write = (u64, Bytes, oneshot::Sender<()>);

/// The yardstick: one handler, one row, many rows a commit.
async fn bare(path: &str) {
    let options =
        SqliteConnectOptions::new().filename(path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let mut connection =
        options.synchronous(SqliteSynchronous::Normal).disable_statement_logging().connect().await.unwrap();
    sqlx::query("CREATE TABLE IF NOT EXISTS calls (id INTEGER PRIMARY KEY, state BLOB)")
        .execute(&mut connection)
        .await
        .unwrap();
    let (sender, mut writes) = mpsc::channel::<Write>(1024);
    tokio::spawn(async move {
        let mut batch = Vec::new();
        while writes.recv_many(&mut batch, 64).await > 0 {
            let mut transaction = connection.begin().await.unwrap();
            let mut upsert = QueryBuilder::new("INSERT INTO calls (id, state) ");
            upsert.push_values(&batch, |mut row, (id, state, _)| {
                row.push_bind(i64::try_from(*id).unwrap()).push_bind(state.as_ref());
            });
            upsert.push(" ON CONFLICT (id) DO UPDATE SET state = excluded.state");
            upsert.build().execute(&mut *transaction).await.unwrap();
            transaction.commit().await.unwrap();
            for (_, _, answer) in batch.drain(..) {
                answer.send(()).unwrap();
            }
        }
    });
    let next = Arc::new(AtomicU64::new(0));
    let handler = async |State((sender, next)): State<(mpsc::Sender<Write>, Arc<AtomicU64>)>, body: Bytes| {
        let (answer, answered) = oneshot::channel();
        sender.send((next.fetch_add(1, Ordering::Relaxed) % 5_000, body, answer)).await.unwrap();
        answered.await.unwrap();
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Hangup/></Response>"
    };
    let router = Router::new().route("/voice/twilio", post(handler)).with_state((sender, next));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
}

/// User and system time of a process so far (`/proc/<pid>/stat`, in ticks of 10 ms).
fn cpu_ms(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) * 10.0
}
