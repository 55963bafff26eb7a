//! How many calls a second are rehearsed on one core: the shipped line's call files, each whole (from the arrival to
//! its end, every turn, every expectation), in both languages, as `hotline test` plays them.
//!
//! `cargo bench --bench calls`. Linux only: time is the CPU time of the playing thread, so other work on the machine does
//! not count. The first round, which asks the real lookups, is not measured.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench may"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use hotline::clip_files::ClipFiles;
use hotline::line_files;
use hotline::lookup::demo;
use hotline::lookup::pin::PinHashing;
use hotline::service::Speech;
use hotline::simulator::{Hall, Stage, calls_of, perform, read_calls};
use hotline::store::Database;

/// How often all calls are played in a round.
const TIMES: usize = 40;
const ROUNDS: usize = 5;
const BUDGET: f64 = 10_000.0;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("hotline.db")).await.unwrap();
    demo::fill(&database, Hall::PEOPLE, PinHashing::SMALLEST, |_, _| {}).await.unwrap();
    let line = (line_files::SHIPPED.to_owned(), line_files::shipped());
    let hall = Arc::new(Hall::open(database, line, Speech::new(ClipFiles::default())).await.unwrap());
    let calls = Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows/12333/calls");
    let scripts = read_calls(&calls_of(&calls).unwrap()).unwrap();
    let languages = hall.loaded().line.languages.clone();

    let began = Instant::now();
    let first = perform(&hall, &scripts, &languages, Stage { threads: 1, times: 1, watched: false }).await;
    assert!(first.iter().all(|played| played.ended.is_ok()), "a call does not go as told: run `hotline test`");
    println!("first round: {} calls in {:.0?}", first.len(), began.elapsed());

    let (calls, stage) = (first.len() * TIMES, Stage { threads: 1, times: TIMES, watched: false });
    let mut rates: Vec<f64> = Vec::new();
    for _ in 0..ROUNDS {
        let before = cpu_s();
        let played = perform(&hall, &scripts, &languages, stage).await;
        assert!(played.iter().all(|played| played.ended.is_ok()));
        rates.push(calls as f64 / (cpu_s() - before));
        println!("{calls} calls: {:.0} a second", rates.last().unwrap());
    }
    rates.sort_by(f64::total_cmp);
    println!("middle of {ROUNDS}: {:.0} calls a second on a core (budget {BUDGET})", rates[rates.len() / 2]);
}

/// CPU time of this thread, seconds.
fn cpu_s() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}
