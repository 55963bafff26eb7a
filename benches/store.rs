//! What a durable turn costs: CPU time of the whole process (writer, checkpoints, channels) for each 1,000 commits,
//! beside the floor: one connection and one many-row upsert of the same size a batch.
//!
//! `cargo bench --bench store` runs all cases; `-- store-500-64` runs that with 500 calls in progress and 64 committers.
//! `BENCH_DIR` is the folder for its database, `target` if it is not set. Linux only: it reads `/proc`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a bench may")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use hotline::call::{CallId, EndCause, Leg, Timestamp};
use hotline::store::{Committed, Database, Opening, Options, Store, Turn};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

/// A call has so many turns before the next takes its place.
const TURNS_OF_A_CALL: usize = 20;
const SESSION_BYTES: usize = 2_000;
const DOCUMENT_BYTES: usize = 2_000;
const LOG_BYTES: usize = 500;

/// Calls in progress, committers at once (a batch of the floor), turns that are measured.
const CASES: [(usize, usize, usize); 4] =
    [(500, 64, 96_000), (500, 8, 48_000), (500, 1, 12_000), (100_000, 64, 96_000)];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for (calls, committers, turns) in CASES {
        for what in ["store", "floor"] {
            let name = format!("{what}-{calls}-{committers}");
            if !only.is_empty() && !only.contains(&name) {
                continue;
            }
            let folder =
                tempfile::tempdir_in(std::env::var_os("BENCH_DIR").unwrap_or_else(|| "target".into())).unwrap();
            let path = folder.path().join("bench.db");
            let (cpu_ms, wall_ms) = match what {
                "store" => runtime.block_on(store(path, calls, committers, turns)),
                _ => runtime.block_on(floor(path, calls, committers, turns)),
            };
            let per_1000 = 1000.0 / f64::from(u32::try_from(turns).unwrap());
            let (cpu, wall) = (cpu_ms * per_1000, wall_ms * per_1000);
            println!("{name:>15}: {cpu:5.1} CPU-ms, {wall:5.1} ms for 1,000 turns");
        }
    }
}

/// Each committer has its share of the calls and goes round them.
async fn store(path: PathBuf, calls: usize, committers: usize, turns: usize) -> (f64, f64) {
    let database = Database::open_with(&path, Options::default()).await.unwrap();
    let mut shares: Vec<Vec<Slot>> = vec![Vec::new(); committers];
    for slot in 0..calls {
        // The first calls are of all lengths, so that later ones do not all begin and end at once.
        shares[slot % committers].push(Slot { call: slot, turn: 0, last: 2 + slot % TURNS_OF_A_CALL });
    }
    let shares = commit(&database, shares, calls, calls.div_ceil(committers)).await;
    let (cpu, wall) = (cpu_ms(), Instant::now());
    commit(&database, shares, calls, turns / committers).await;
    let spent = (cpu_ms() - cpu, wall.elapsed().as_secs_f64() * 1000.0);
    database.close().await.unwrap();
    spent
}

/// A call in progress; when it has ended, another takes its place.
#[derive(Clone, Copy)]
struct Slot {
    call: usize,
    turn: usize,
    last: usize,
}

async fn commit(database: &Database, shares: Vec<Vec<Slot>>, calls: usize, turns: usize) -> Vec<Vec<Slot>> {
    let committer = |mut share: Vec<Slot>| {
        let database = database.clone();
        tokio::spawn(async move {
            for at in 0..turns {
                let length = share.len();
                let slot = &mut share[at % length];
                if slot.turn == slot.last {
                    *slot = Slot { call: slot.call + calls, turn: 0, last: TURNS_OF_A_CALL };
                }
                slot.turn += 1;
                assert_eq!(database.commit(turn(*slot)).await.unwrap(), Committed::Written);
            }
            share
        })
    };
    let committers: Vec<_> = shares.into_iter().map(committer).collect();
    let mut shares = Vec::new();
    for committer in committers {
        shares.push(committer.await.unwrap());
    }
    shares
}

fn turn(Slot { call, turn, last }: Slot) -> Turn {
    let opening = || Opening {
        line: "12333".to_owned(),
        version: "0123456789abcdef".repeat(4),
        profile: "twilio".to_owned(),
        simulated: true,
        key: vec![7; 60],
    };
    Turn {
        call: id(call),
        leg: Leg::CALLER,
        turn: u32::try_from(turn).unwrap(),
        at: Timestamp::from_millis(1_700_000_000_000),
        opening: (turn == 1).then(opening),
        session: Some(vec![1; SESSION_BYTES + (call * 37 + turn * 61) % 200 - 100]),
        document: vec![2; DOCUMENT_BYTES + (call * 31 + turn * 59) % 200 - 100],
        log: vec![3; LOG_BYTES + (call * 29 + turn * 53) % 100 - 50],
        node: Some("main.menu".to_owned()),
        wake_at: Timestamp::from_millis(1_700_000_060_000),
        ended: (turn == last).then_some(EndCause::CallerHungUp),
        effects: Vec::new(),
    }
}

fn id(number: usize) -> CallId {
    let number = number as u128;
    CallId::from_bytes((number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)).to_be_bytes())
}

/// The cheapest durable write that there could be: no checks, no log, no channel, `batch` rows at a time.
async fn floor(path: PathBuf, calls: usize, batch: usize, turns: usize) -> (f64, f64) {
    let mut connection = connect(&path).await;
    let table = "CREATE TABLE floor (call INTEGER PRIMARY KEY, turn INTEGER NOT NULL, state BLOB NOT NULL)";
    connection.execute(table).await.unwrap();
    upsert(&mut connection, 0..calls, 1, 20).await;
    let (cpu, wall) = (cpu_ms(), Instant::now());
    // A prime spreads the rows of a batch over the table, as the calls of a batch are.
    upsert(&mut connection, (0..turns).map(|turn| turn * 7_919 % calls), 2, batch).await;
    (cpu_ms() - cpu, wall.elapsed().as_secs_f64() * 1000.0)
}

async fn upsert(connection: &mut SqliteConnection, calls: impl IntoIterator<Item = usize>, turn: i64, batch: usize) {
    let rows = vec!["(?,?,?)"; batch].join(",");
    let conflict = "ON CONFLICT (call) DO UPDATE SET turn = excluded.turn, state = excluded.state";
    let text: Arc<str> = format!("INSERT INTO floor (call, turn, state) VALUES {rows} {conflict}").into();
    let mut calls = calls.into_iter().enumerate().peekable();
    while calls.peek().is_some() {
        let mut query = sqlx::query(AssertSqlSafe(Arc::clone(&text)));
        for (number, call) in calls.by_ref().take(batch) {
            let state = vec![1_u8; SESSION_BYTES + DOCUMENT_BYTES + LOG_BYTES + number * 37 % 400 - 200];
            query = query.bind(i64::try_from(call).unwrap()).bind(turn).bind(state);
        }
        query.execute(&mut *connection).await.unwrap();
    }
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .disable_statement_logging();
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// User and system time of this process so far (source: proc(5), fields 14 and 15 of `stat`, 100 ticks a second).
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(") ").next().unwrap().split(' ').skip(11).take(2);
    fields.map(|ticks| ticks.parse::<f64>().unwrap() * 10.0).sum()
}
