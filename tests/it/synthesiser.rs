//! A synthesiser of the installation's own says what there are no clips for: in time, too late, not at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use hotline::audio::{decode, prepare, wav};
use hotline::clip_files::ClipFiles;
use hotline::clock::Clock as _;
use hotline::line_files;
use hotline::service::Speech;
use hotline::synthesiser::{OwnVoice, Source};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::audio::{House, name, personal, to_the_balance, urls};
use crate::client::Caller;
use crate::server::Server;

const WAIT: Duration = Duration::from_millis(1_200);
/// What a sentence ends in.
const PAUSE: usize = 3_200;
const BALANCE: &str = "一万一千零二十三元五角五分";
/// 44.1 kHz, two channels.
const FLAC: &[u8] = include_bytes!("../audio/tone.flac");

/// A command that answers every text with the same tone, and keeps a list of the texts in a folder of its own. While
/// a file `slow` lies there it waits, and it does what a file `dead`, `rubbish` or `refuses` says.
struct Command {
    folder: TempDir,
    line: String,
}

impl Command {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tone.wav"), tone()).unwrap();
        // No field but the last may be empty for `read`, so each is cut out.
        let script = "cd \"$(dirname \"$0\")\"\nwhile IFS= read -r line; do\n\
            id=$(printf '%s' \"$line\" | cut -f1); text=$(printf '%s' \"$line\" | cut -f3)\n\
            path=$(printf '%s' \"$line\" | cut -f5)\n\
            printf '%s\\n' \"$text\" >>asked\n\
            echo \"speaking $text\" >&2\n\
            while [ -e slow ]; do sleep 0.02; done\n\
            if [ -e dead ]; then exit 7; fi\n\
            if [ -e refuses ]; then printf '%s\\tcannot say %s\\n' \"$id\" \"$text\"; continue; fi\n\
            if [ -e rubbish ]; then echo \"$text\" >\"$path\"; else cp tone.wav \"$path\"; fi\n\
            echo \"$id\"\n\
            done\n";
        std::fs::write(folder.path().join("speak.sh"), script).unwrap();
        let line = format!("/bin/sh '{}'", folder.path().join("speak.sh").display());
        Self { folder, line }
    }

    fn is(&self, what: &str) {
        std::fs::write(self.folder.path().join(what), "").unwrap();
    }

    fn is_no_more(&self, what: &str) {
        std::fs::remove_file(self.folder.path().join(what)).unwrap();
    }

    /// The texts that it was asked for, in order.
    fn asked(&self) -> Vec<String> {
        let asked = std::fs::read_to_string(self.folder.path().join("asked")).unwrap_or_default();
        asked.lines().map(ToOwned::to_owned).collect()
    }

    fn speech(&self, data: &Path) -> Speech {
        speech(&self.line, data, 1 << 20)
    }
}

/// No clips, and a synthesiser for all of it.
fn speech(setting: &str, data: &Path, room: usize) -> Speech {
    let own_voice = OwnVoice::with_room(Source::parse(setting).unwrap(), WAIT, data, room);
    Speech { clips: false, own_voice: Some(Arc::new(own_voice)), ..Speech::new(ClipFiles::default()) }
}

/// Half a second of 400 Hz, 16-bit PCM, 8 kHz.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "it is a small tone")]
fn tone() -> Vec<u8> {
    let sample = |at: u32| ((f64::from(at) * 400.0 / 8_000.0 * std::f64::consts::TAU).sin() * 9_000.0) as i16;
    [&wav::pcm_header(4_000)[..], &(0..4_000).flat_map(|at| sample(at).to_le_bytes()).collect::<Vec<u8>>()].concat()
}

/// What is heard of an audio file of a synthesiser.
fn heard(file: &[u8]) -> Vec<u8> {
    let pcm = decode::decode(file, None).unwrap();
    let mut samples = prepare::prepare(&pcm, &prepare::Target::default()).unwrap();
    samples.extend([0xFF; PAUSE]);
    wav::file(&samples)
}

async fn open(data: &Path, speech: Speech) -> House {
    House::open(data, speech, &line_files::shipped()).await
}

/// Does something while the clock is moved, a little at a time.
async fn while_time_passes<T>(house: &House, work: impl Future<Output = T>) -> (T, Duration) {
    let began = house.world.clock.now();
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return (done, house.world.clock.now().since(began)),
            () = tokio::time::sleep(Duration::from_millis(10)) => house.world.clock.advance(Duration::from_millis(100)),
        }
    }
}

fn is_played(caller: &Caller) -> bool {
    caller.heard("<Play>") && !caller.heard("<Say")
}

fn is_text(caller: &Caller) -> bool {
    caller.heard("<Say") && !caller.heard("<Play>")
}

/// All files in a folder, and in the folders in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).map(|entries| entries.map(|entry| entry.unwrap().path()).collect());
    let entries: Vec<PathBuf> = entries.unwrap_or_default();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn what_has_no_clip_is_heard_in_our_own_voice_and_only_what_is_everybodys_is_on_disk() {
    let (data, command) = (tempfile::tempdir().unwrap(), Command::new());
    let house = open(data.path(), command.speech(data.path())).await;
    let mut caller = house.caller(1);
    let expected = heard(&tone());
    let mut fixed = BTreeSet::new();
    for keys in ["arrives", "silent", "1", "1", "1", "000101198503121233#", "204816#"] {
        match keys {
            "arrives" => caller.arrives().await,
            "silent" => caller.is_silent().await,
            keys => caller.presses(keys).await,
        };
        assert!(is_played(&caller), "after {keys}: {}", caller.document);
        for url in urls(&caller) {
            let response = house.get(&url).await;
            assert_eq!(response.headers()["cache-control"], "no-store");
            assert!(response.bytes().await.unwrap() == expected, "{url}");
            let utterance = house.world.service.audio(name(&url)).await.unwrap().utterance;
            if utterance.is_fixed {
                fixed.insert(utterance.text);
            }
        }
    }
    let asked = command.asked();
    assert!(asked.iter().any(|text| text.contains(BALANCE)), "{asked:?}");
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len(), "nothing is spoken twice");
    assert!(asked.len() > fixed.len());

    let kept = files(&data.path().join("speech"));
    assert_eq!(kept.len(), fixed.len(), "{kept:?}");
    for path in files(data.path()) {
        let content = std::fs::read(&path).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains(BALANCE), "{}", path.display());
    }
    let own = personal(&caller);
    house.close().await;

    // Another process finds what is everybody's, and speaks the rest again when it is fetched.
    let house = open(data.path(), command.speech(data.path())).await;
    let mut other = house.caller(2);
    other.arrives().await;
    assert!(is_played(&other), "{}", other.document);
    assert_eq!(command.asked().len(), asked.len());
    for url in urls(&caller) {
        assert!(house.bytes(&url).await == expected);
    }
    assert!(house.bytes(&own).await == expected);
    assert!(command.asked().len() > asked.len());
    house.close().await;
}

#[tokio::test]
async fn a_slow_one_is_waited_for_so_long_and_heard_the_next_time() {
    let (data, command) = (tempfile::tempdir().unwrap(), Command::new());
    command.is("slow");
    let house = open(data.path(), command.speech(data.path())).await;
    let (mut first, mut second) = (house.caller(1), house.caller(2));
    let (status, took) = while_time_passes(&house, first.arrives()).await;
    assert_eq!(status, 200);
    assert!(is_text(&first), "{}", first.document);
    assert!((WAIT..WAIT * 2).contains(&took), "{took:?}");

    command.is_no_more("slow");
    // What is under way is waited for, not asked for again.
    second.arrives().await;
    assert!(is_played(&second), "{}", second.document);
    let asked = command.asked();
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len(), "{asked:?}");
    house.close().await;
}

#[tokio::test]
async fn a_broken_one_costs_no_time_and_is_tried_again() {
    let (data, command) = (tempfile::tempdir().unwrap(), Command::new());
    let house = open(data.path(), command.speech(data.path())).await;
    for (number, how) in (0..).zip(["dead", "refuses", "rubbish"]) {
        command.is(how);
        let mut caller = house.caller(number);
        caller.arrives().await;
        assert!(is_text(&caller), "{how}: {}", caller.document);
        command.is_no_more(how);
    }
    assert!(files(&data.path().join("speech")).is_empty(), "nothing stays behind");
    let mut caller = house.caller(9);
    caller.arrives().await;
    assert!(is_played(&caller), "{}", caller.document);
    house.close().await;

    let house = open(data.path(), speech("/nowhere/speak", data.path(), 1 << 20)).await;
    let mut caller = house.caller(10);
    to_the_balance(&mut caller).await;
    assert!(caller.heard(BALANCE), "{}", caller.document);
    house.close().await;
}

#[tokio::test]
async fn what_memory_has_no_room_for_is_spoken_again_when_it_is_fetched() {
    let (data, command) = (tempfile::tempdir().unwrap(), Command::new());
    let expected = heard(&tone());
    // Five sentences: their pauses are not kept.
    let room = 5 * (expected.len() - wav::HEADER_BYTES - PAUSE);
    let house = open(data.path(), speech(&command.line, data.path(), room)).await;
    let mut caller = house.caller(1);
    to_the_balance(&mut caller).await;
    let own = personal_text(&house, &caller).await;
    assert!(house.bytes(&own).await == expected);
    another(&mut house.caller(2)).await;
    let asked = command.asked().len();
    assert!(house.bytes(&own).await == expected, "the same file at the same address");
    assert_eq!(command.asked().len(), asked + 1);
    assert!(house.bytes(&own).await == expected);
    assert_eq!(command.asked().len(), asked + 1, "now it is at hand");

    another(&mut house.caller(3)).await;
    command.is("slow");
    let (status, took) = while_time_passes(&house, house.status(&own)).await;
    assert_eq!(status, 404);
    assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&took), "{took:?}");
    command.is_no_more("slow");
    assert!(house.bytes(&own).await == expected, "it was spoken nevertheless");
    house.close().await;
}

/// Hears more than memory has room for, in Mandarin and in English, and nobody's balance.
async fn another(caller: &mut Caller) {
    caller.arrives().await;
    caller.is_silent().await;
    for keys in ["1", "2", "*", "3", "*", "4", "*", "5"] {
        caller.presses(keys).await;
        assert!(is_played(caller), "{}", caller.document);
    }
}

/// The sentence with the balance in the current document.
async fn personal_text(house: &House, caller: &Caller) -> String {
    for url in urls(caller) {
        if house.world.service.audio(name(&url)).await.unwrap().utterance.text.contains(BALANCE) {
            return url;
        }
    }
    panic!("no balance in {}", caller.document)
}

#[tokio::test]
async fn a_service_is_asked_in_json() {
    let data = tempfile::tempdir().unwrap();
    let asked: Arc<Mutex<Vec<serde_json::Value>>> = Arc::default();
    let requests = Arc::new(AtomicUsize::new(0));
    let handler = {
        let (asked, requests) = (Arc::clone(&asked), Arc::clone(&requests));
        async move |body: Bytes| {
            let request = serde_json::from_slice(&body).unwrap();
            asked.lock().unwrap().push(request);
            match requests.fetch_add(1, Ordering::SeqCst) {
                0 => (StatusCode::INTERNAL_SERVER_ERROR, Bytes::from_static(FLAC)),
                1 => (StatusCode::OK, body),
                _ => (StatusCode::OK, Bytes::from_static(FLAC)),
            }
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/speak?voice=a", listener.local_addr().unwrap());
    let routes = axum::Router::new().route("/speak", post(handler));
    let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });

    let own_voice = Arc::new(OwnVoice::new(Source::parse(&url).unwrap(), WAIT, data.path()));
    let words = hotline::synthesiser::Words {
        language: "zh-CN".into(),
        text: "还款请按二。".to_owned(),
        pronounced: "还款=huan2 kuan3".to_owned(),
        is_fixed: false,
    };
    let now = hotline::call::Timestamp::default();
    for failed in ["a status", "no audio"] {
        assert_eq!(own_voice.ask(&words, now).await, None, "{failed}");
    }
    // Two who ask at once ask once.
    let (one, two) = tokio::join!(own_voice.ask(&words, now), own_voice.ask(&words, now));
    assert!(one.is_some() && one == two);
    assert!(own_voice.ask(&words, now).await == one && own_voice.held(&words) == one);
    assert!(wav::file(&[&one.unwrap()[..], &[0xFF; PAUSE]].concat()) == heard(FLAC));
    let asked = asked.lock().unwrap().clone();
    let request = serde_json::json!({
        "language": "zh-CN", "text": "还款请按二。", "pronounced": "还款=huan2 kuan3"
    });
    assert_eq!(asked, vec![request; 3]);
    server.abort();

    let house = open(data.path(), speech(&url, data.path(), 1 << 20)).await;
    let mut caller = house.caller(1);
    caller.arrives().await;
    assert!(is_text(&caller), "nobody answers there any more: {}", caller.document);
    house.close().await;
}

#[tokio::test]
async fn the_log_tells_of_trouble_once_and_never_with_a_text() {
    for how in ["refuses", "rubbish", "dead"] {
        let (data, command) = (tempfile::tempdir().unwrap(), Command::new());
        command.is(how);
        let settings = format!("[speech]\nclips = false\nsynthesiser = \"{}\"\n", command.line);
        std::fs::write(data.path().join("hotline.toml"), settings).unwrap();
        let arguments = ["--demo", "--demo-members", "200", "--log", "debug"];
        let server = Server::start_with(data.path(), &arguments);
        let mut caller = server.caller(1);
        to_the_balance(&mut caller).await;
        assert!(caller.heard(BALANCE), "{}", caller.document);
        let asked = command.asked();
        assert!(asked.iter().any(|text| text.contains(BALANCE)));
        caller.hangs_up().await;
        let log = server.stop();
        assert_eq!(log.matches("the synthesiser of [speech] does not speak").count(), 1, "{log}");
        for text in asked {
            assert!(!log.contains(&text), "{how}: a text is in the log: {log}");
        }
        assert!(files(&data.path().join("speech")).is_empty());
    }
}
