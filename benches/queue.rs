//! What a caller who waits costs, and a whole day of a large line.
//!
//! `cargo bench --bench queue`: how long one question of a caller takes with 300 waiting and 100 operators, with and
//! without 100,000 waits that are over.
//!
//! `cargo bench --bench queue -- day [CALLS OPERATORS SEED]`: a whole day, 30,000 calls if nothing else is said, as
//! `tests/it/day` has it. It fails unless the bound on the wait, in minutes as callers hear it, holds for 0.75 to 0.85 of
//! those who are told one, and the sum of (expected - true) waits is within 15 % of the sum of the true ones. The error is
//! that of the expected wait from which the bound is made: the bound itself is above the usual wait by design. Whose waits
//! are measured, and why of them: `tests/it/day/told.rs`.
//!
//! `cargo bench --bench queue -- erlang`: the share of calls within 20 s under Erlang C's own assumptions, ten samples of
//! 10,000 calls; fails if their mean is more than 3 points from the formula.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    dead_code,
    reason = "a bench may"
)]

#[path = "../tests/it/app.rs"]
mod app;
#[path = "../tests/it/client.rs"]
mod client;
#[path = "../tests/it/day/mod.rs"]
mod day;
#[path = "../tests/it/erlang.rs"]
mod erlang;
#[path = "../tests/it/queue.rs"]
mod queue;

use std::time::{Duration, Instant};

use hotline::flow::QueueChange;
use hotline::store::queue::{Presence, Standing};
use queue::Hall;

const WAITING: usize = 300;
const OPERATORS: u32 = 100;
const OLD: i64 = 100_000;
const QUESTIONS: usize = 2_000;

fn main() {
    let asked: Vec<String> = std::env::args().skip_while(|argument| argument != "day").collect();
    if let Some(given) = asked.get(1..) {
        let number = |at: usize, usual: u32| {
            given.get(at).filter(|text| !text.starts_with('-')).map_or(usual, |text| text.parse().unwrap())
        };
        let plan = day::Plan { calls: number(0, 30_000), operators: number(1, 72), seed: number(2, 1).into() };
        let began = Instant::now();
        let told = day::lived(plan);
        println!("a day in {:.0?}", began.elapsed());
        assert!(told.is_true(0.0), "waits were not as they were foretold");
        return;
    }
    if std::env::args().any(|argument| argument == "erlang") {
        erlang();
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for old in [0, OLD] {
            questions(old).await;
        }
    });
}

fn erlang() {
    const SAMPLES: u32 = 10;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let samples: Vec<(f64, f64)> =
        (1..=SAMPLES).map(|seed| runtime.block_on(erlang::control(10_000, seed.into()))).collect();
    let formula = samples[0].1;
    let mean = samples.iter().map(|(measured, _)| measured).sum::<f64>() / f64::from(SAMPLES);
    let squares = samples.iter().map(|(measured, _)| (measured - mean).powi(2)).sum::<f64>();
    let deviation = (squares / f64::from(SAMPLES - 1)).sqrt();
    let error = deviation / f64::from(SAMPLES).sqrt();
    println!(
        "{SAMPLES} samples of 10,000 calls: {mean:.4} within 20 s, standard error {error:.4} (a sample: {deviation:.3}); by \
         the formula {formula:.4}"
    );
    assert!((mean - formula).abs() <= 0.03);
}

async fn questions(old: i64) {
    let mut hall = Hall::open().await;
    fill(&hall, old).await;
    for number in 0..OPERATORS {
        let operator = hall.hired(1001 + number, r#"["zh-CN","en"]"#, "[]").await;
        hall.database.enter_presence(operator, hall.now()).await.unwrap();
        assert!(hall.database.set_presence(operator, Presence::Available, hall.now()).await.unwrap());
        let mut caller = hall.caller().await;
        let standing = hall.database.ask_queue(hall.question(&caller)).await.unwrap();
        assert!(matches!(standing, Standing::Operator { .. }));
        hall.turn(&mut caller, Some(QueueChange::Taken), None).await;
    }
    let mut waiting = Vec::new();
    for _ in 0..WAITING {
        hall.later(Duration::from_millis(10));
        let caller = hall.caller().await;
        let mut ask = hall.question(&caller);
        ask.limits.most_waiting = u32::MAX;
        assert!(matches!(hall.database.ask_queue(ask).await.unwrap(), Standing::Waiting { .. }));
        waiting.push(caller);
    }
    let began = Instant::now();
    for question in 0..QUESTIONS {
        hall.later(Duration::from_millis(1));
        let standing = hall.database.ask_queue(hall.question(&waiting[question % WAITING])).await.unwrap();
        assert!(matches!(standing, Standing::Waiting { .. }));
    }
    let each = began.elapsed() / u32::try_from(QUESTIONS).unwrap();
    println!("{WAITING} waiting, {OPERATORS} operators, {old} old waits: {each:.0?} a question");
}

/// Waits that are over, with what operators did for them.
async fn fill(hall: &Hall, old: i64) {
    let now = hall.now().as_millis();
    hall.database
        .write(move |connection| {
            Box::pin(async move {
                let waits = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1) \
                             INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, caller, \
                             arrived_at, joined_at, state, seen_until, operator, turn_at, answered_at, ended_at, outcome) \
                             SELECT randomblob(16), '12333', 'general', 'call', 0, 'zh-CN', '', 0, randomblob(32), \
                             ?2 - n * 1000, ?2 - n * 1000, 'over', ?2 - n * 1000, 1, ?2 - n * 1000 + 60000, \
                             ?2 - n * 1000 + 75000, ?2 - n * 1000 + 250000, 'served' FROM n WHERE ?1 > 0";
                sqlx::query(waits).bind(old).bind(now).execute(&mut *connection).await?;
                let log = "INSERT INTO presence_log (operator, state, reason, since, until) \
                           SELECT 1, doing, '', answered_at, ended_at FROM waiting, \
                           (SELECT 'talking' AS doing UNION ALL SELECT 'wrap-up' UNION ALL SELECT 'available') AS states \
                           WHERE state = 'over'";
                sqlx::query(log).execute(connection).await
            })
        })
        .await
        .unwrap();
}
