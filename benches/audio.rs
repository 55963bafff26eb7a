//! What the audio of a call costs: the time to put a personal sentence together. Run with `cargo bench --bench audio`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a bench may")]

#[path = "../tests/it/client.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod client;
#[path = "../tests/it/tones.rs"]
mod tones;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use client::Caller;
use hotline::audio::wav;
use hotline::call::Timestamp;
use hotline::clip_files::ClipFiles;
use hotline::dialect::PublicUrl;
use hotline::http;
use hotline::line_files;
use hotline::lookup::demo;
use hotline::lookup::pin::PinHashing;
use hotline::service::Speech;
use hotline::simulator::{Setup, World};
use hotline::store::Database;
use tokio::net::TcpListener;

const ROUNDS: u32 = 20_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let data = tempfile::tempdir_in("target").unwrap();
        compose(data.path()).await;
    });
}

/// Utterance, token, parts and header of one sentence.
async fn compose(data: &Path) {
    let (world, listener) = world(data).await;
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = http::router(http::App { service: Arc::clone(&world.service), database: world.database.clone() });
    let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let path = to_the_balance(&reqwest::Client::new(), &url, 1).await;
    let name = path.trim_start_matches("/audio/").trim_end_matches(".wav");
    let began = Instant::now();
    let mut length = 0;
    for _ in 0..ROUNDS {
        let audio = world.service.audio(name).await.unwrap();
        length = audio.parts.iter().map(bytes::Bytes::len).sum();
        black_box((wav::header(u32::try_from(length).unwrap()), audio));
    }
    let each = began.elapsed() / ROUNDS;
    let heard = hotline::audio::length(length);
    println!("a personal sentence of {:.1} s put together: {each:?} (budget 1 ms for 12 s)", heard.as_secs_f64());
    server.abort();
    world.database.close().await.unwrap();
}

/// A call of the first demo person up to the balance; the path of its audio.
async fn to_the_balance(http: &reqwest::Client, url: &str, number: u64) -> String {
    let mut caller = Caller::new(http, url, number);
    caller.arrives().await;
    caller.is_silent().await;
    for keys in ["1", "1", "1", "000101198503121233#", "204816#"] {
        assert_eq!(caller.presses(keys).await, 200);
    }
    let files = caller.document.split("/audio/").skip(1).map(|rest| rest.split('<').next().unwrap());
    // What everybody hears has a shorter name.
    format!("/audio/{}", files.max_by_key(|file| file.len()).unwrap())
}

async fn world(data: &Path) -> (World, TcpListener) {
    let database = Database::open(&data.join("hotline.db")).await.unwrap();
    demo::fill(&database, 100, PinHashing::SMALLEST, |_, _| {}).await.unwrap();
    let (files, clips) = tones::line();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let setup = Setup {
        database,
        data_key: [7; 32],
        line: (line_files::SHIPPED.to_owned(), files),
        public: PublicUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap(),
        profiles: vec![client::twilio()],
        dial: BTreeMap::new(),
        hashing: PinHashing::SMALLEST,
        speech: Speech::new(ClipFiles::with(clips)),
    };
    let world = World::open(setup).await.unwrap();
    world.clock.set(Timestamp::from_millis(1_775_000_000_000));
    (world, listener)
}
