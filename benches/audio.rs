//! What the audio of a call costs: the time to put a personal sentence together, and the memory of the server while
//! a thousand calls fetch theirs at once.
//!
//! `cargo bench --bench audio`. Linux only: it reads the memory of the server from `/proc`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a bench may")]

#[path = "../tests/it/client.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod client;
#[path = "../tests/it/tones.rs"]
mod tones;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::Caller;
use hotline::audio::wav;
use hotline::call::Timestamp;
use hotline::clip_files::ClipFiles;
use hotline::dialect::PublicUrl;
use hotline::http;
use hotline::line_files;
use hotline::lookup::demo;
use hotline::lookup::pin::PinHashing;
use hotline::service::{Lines, SmsSettings, Speech};
use hotline::simulator::{Setup, World};
use hotline::store::Database;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const ROUNDS: u32 = 20_000;
/// Calls that fetch their audio at once.
const CALLS: u64 = 1_000;
/// The most that all of it may take, and how long everybody is kept half served.
const AT_MOST: Duration = Duration::from_secs(400);
const HELD: Duration = Duration::from_secs(1);
/// What a provider's connection takes before it reads on: little, so that the server cannot be done with it at once.
const WINDOW: u32 = 4_096;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let data = tempfile::tempdir_in("target").unwrap();
        compose(data.path()).await;
        tokio::time::timeout(AT_MOST, fetch_at_once(data.path())).await.expect("every file arrives in time");
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
    let line = (line_files::SHIPPED.to_owned(), files, Vec::new());
    let speech = Speech::new(ClipFiles::with(clips));
    let setup = Setup {
        lines: Lines::open(database.clone(), speech, vec![line], false).await.unwrap(),
        database,
        data_key: [7; 32],
        public: PublicUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap(),
        profiles: vec![client::twilio()],
        dial: BTreeMap::new(),
        hashing: PinHashing::SMALLEST,
        sms: SmsSettings::default(),
        record_talks: false,
    };
    let world = World::open(setup).unwrap();
    world.clock.set(Timestamp::from_millis(1_775_000_000_000));
    (world, listener)
}

/// The server is a process of its own, so that its memory is nobody else's.
async fn fetch_at_once(data: &Path) {
    let (server, url) = Server::start(data);
    let address: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
    let http = reqwest::Client::new();
    let first = to_the_balance(&http, &url, 1).await;
    let whole = body(ask(address, &first).await, &[]).await;
    let fresh = server.memory("VmRSS");
    let mut paths = BTreeSet::from([first]);
    for number in 2..=CALLS {
        paths.insert(to_the_balance(&http, &url, number).await);
    }
    assert_eq!(paths.len() as u64, CALLS, "every call has a token of its own");
    server.forget_the_peak();
    let before = server.memory("VmRSS");
    let mut connections = Vec::new();
    for path in &paths {
        connections.push(ask(address, path).await);
    }
    let mut waiting = Vec::new();
    for mut connection in connections {
        let mut start = [0; 12];
        connection.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
        waiting.push((connection, start));
    }
    tokio::time::sleep(HELD).await;
    for (connection, start) in waiting {
        assert!(body(connection, &start).await == whole, "every file is whole");
    }
    // What the calls before have given back may serve the fetches, so the rise since the first call is told too.
    let most = server.memory("VmHWM");
    let megabytes = |bytes: u64| Duration::from_micros(bytes).as_secs_f64();
    println!(
        "{CALLS} calls fetch {:.1} s each at once: {:.1} MB more than before the fetches (budget 20 MB); {:.1} MB more than \
         before all but one of the calls; {:.1} MB in all",
        hotline::audio::length(whole.len() - wav::HEADER_BYTES).as_secs_f64(),
        megabytes(most.saturating_sub(before)),
        megabytes(most.saturating_sub(fresh)),
        megabytes(most),
    );
}

/// A connection of its own on which a file was asked for.
async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(WINDOW).unwrap();
    let mut connection = socket.connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

/// The body of an answer whose start has been read; it has the length that its head says.
async fn body(mut connection: TcpStream, start: &[u8]) -> Vec<u8> {
    let mut answer = start.to_vec();
    connection.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse::<usize>().unwrap();
    let body = answer.split_off(end + 4);
    assert_eq!(body.len(), length);
    body
}

/// A demo server, ended when it is dropped.
struct Server(Child);

impl Server {
    fn start(data: &Path) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
        command.args([
            "serve",
            "--demo",
            "--demo-members",
            "100",
            "--log",
            "warn",
            "--listen",
            "127.0.0.1:0",
            "--data",
        ]);
        command.arg(data.join("served")).env("HOTLINE_TWILIO_AUTH_TOKEN", client::SECRET).stderr(Stdio::null());
        let mut child = Self(command.stdout(Stdio::piped()).spawn().unwrap());
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        let url = first.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        (child, url.trim_end_matches(';').trim_end_matches("/phone").to_owned())
    }

    /// Bytes of `VmRSS`, what is resident, or `VmHWM`, its most.
    fn memory(&self, what: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
        line.trim_start_matches(':').trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
    }

    /// From here on `VmHWM` is counted anew.
    fn forget_the_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.0.id()), "5").unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
