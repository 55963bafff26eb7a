//! What callers hear of clips, over TCP: the files, who can fetch them and until when, and what happens where a clip
//! cannot be played.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hotline::audio::{mulaw, wav};
use hotline::call::{Ending, Kind, Segment, Timestamp};
use hotline::clip_files::ClipFiles;
use hotline::dialect::PublicUrl;
use hotline::flow::{self, Files};
use hotline::http;
use hotline::line_files;
use hotline::lookup::pin::PinHashing;
use hotline::prompt::{AudioHash, Manifest, Part};
use hotline::service::{Answer, Lines, SmsSettings, Speech, signatures};
use hotline::simulator::{Setup, World};
use hotline::store::Database;
use reqwest::{Response, StatusCode, header};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::app::{self, DATA_KEY};
use crate::client::{self, Caller};
use crate::tones;

/// The shipped line with tones for clips, and the file of each.
static LINE: LazyLock<(Files, Vec<Vec<u8>>)> = LazyLock::new(tones::line);

fn clips() -> Speech {
    Speech::new(ClipFiles::with(LINE.1.iter().cloned()))
}

/// A service with a door of its own, perhaps one of several on a database.
pub(crate) struct House {
    pub(crate) world: World,
    url: String,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl House {
    /// `data` is filled with demo people if it is empty; `files` is published.
    pub(crate) async fn open(data: &Path, speech: Speech, files: &Files) -> Self {
        let path = data.join("hotline.db");
        if !path.exists() {
            std::fs::write(&path, app::template().await).unwrap();
        }
        let database = Database::open(&path).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let line = (line_files::SHIPPED.to_owned(), files.clone(), Vec::new());
        let setup = Setup {
            database: database.clone(),
            data_key: DATA_KEY,
            lines: Lines::open(database.clone(), speech, vec![line], false).await.unwrap(),
            public: PublicUrl::parse(&url).unwrap(),
            profiles: vec![client::twilio()],
            dial: BTreeMap::new(),
            hashing: PinHashing::SMALLEST,
            sms: SmsSettings::default(),
            record_talks: false,
        };
        let world = World::open(setup).unwrap();
        world.clock.set(Timestamp::from_millis(1_775_000_000_000));
        world.service.lines().publish(line_files::SHIPPED, files).await.unwrap();
        let routes = http::router(http::App { service: Arc::clone(&world.service), database });
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { world, url, http: reqwest::Client::new(), server }
    }

    pub(crate) fn caller(&self, number: u64) -> Caller {
        Caller::new(&self.http, &self.url, number)
    }

    /// Gets a file by its path, whatever door it was named for.
    pub(crate) async fn get(&self, url: &str) -> Response {
        self.http.get(format!("{}{}", self.url, path(url))).send().await.unwrap()
    }

    pub(crate) async fn status(&self, url: &str) -> u16 {
        self.get(url).await.status().as_u16()
    }

    pub(crate) async fn bytes(&self, url: &str) -> Vec<u8> {
        let response = self.get(url).await;
        assert_eq!(response.status(), StatusCode::OK, "{url}");
        response.bytes().await.unwrap().to_vec()
    }

    pub(crate) async fn close(self) {
        self.server.abort();
        self.world.database.close().await.unwrap();
    }
}

fn path(url: &str) -> &str {
    url.find("/audio/").map_or(url, |at| &url[at..])
}

/// What stands between `/audio/` and the extension.
pub(crate) fn name(url: &str) -> &str {
    path(url).trim_start_matches("/audio/").split('.').next().unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The audio that the current document names, in order.
pub(crate) fn urls(caller: &Caller) -> Vec<String> {
    let reply = caller.reply.as_ref().unwrap();
    let listened = match &reply.ending {
        Ending::Listen(listen) => listen.prompts.as_slice(),
        Ending::Dial(_) | Ending::Record(_) | Ending::GoTo | Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => {
            &[]
        }
    };
    let segments = reply.prompts.iter().chain(listened).flat_map(|sentence| &sentence.segments);
    let url = |segment: &Segment| match segment {
        Segment::Audio { url } => Some(url.clone()),
        Segment::Text(_) | Segment::Silence(_) => None,
    };
    segments.filter_map(url).collect()
}

/// Somebody's own audio in the current document.
pub(crate) fn personal(caller: &Caller) -> String {
    let found = urls(caller).into_iter().find(|url| AudioHash::parse(name(url)).is_err());
    found.unwrap_or_else(|| panic!("nothing is personal in {}", caller.document))
}

const ID: &str = "000101198503121233#";
const PIN: &str = "204816#";

/// To the balance of the first demo person, in Mandarin.
pub(crate) async fn to_the_balance(caller: &mut Caller) {
    caller.arrives().await;
    caller.is_silent().await;
    for keys in ["1", "1", "1", ID, PIN] {
        assert_eq!(caller.presses(keys).await, 200);
    }
}

#[tokio::test]
async fn a_verified_call_is_heard_in_clips_and_each_file_is_its_recipe() {
    let data = folder();
    let house = House::open(data.path(), clips(), &LINE.0).await;
    let samples: HashMap<AudioHash, &[u8]> =
        LINE.1.iter().map(|file| (AudioHash::of(file), wav::read(file).unwrap())).collect();
    let mut caller = house.caller(1);
    let mut texts = String::new();
    for keys in ["arrives", "silent", "1", "1", "1", ID, PIN, "9"] {
        let status = match keys {
            "arrives" => caller.arrives().await,
            "silent" => caller.is_silent().await,
            keys => caller.presses(keys).await,
        };
        assert_eq!(status, 200);
        assert!(!caller.heard("<Say") && caller.heard("<Play>"), "after {keys}: {}", caller.document);
        for url in urls(&caller) {
            let response = house.get(&url).await;
            assert_eq!(response.status(), StatusCode::OK, "{url}");
            let fixed = AudioHash::parse(name(&url)).is_ok();
            let kept = response.headers()[header::CACHE_CONTROL].to_str().unwrap();
            assert_eq!(kept, if fixed { "public, max-age=31536000, immutable" } else { "no-store" });
            assert_eq!(response.headers().contains_key(header::ETAG), fixed);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "audio/wav");
            let length: usize = response.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
            let file = response.bytes().await.unwrap();
            assert_eq!(file.len(), length);

            let audio = house.world.service.audio(name(&url)).await.unwrap();
            let recipe = audio.utterance.recipe.as_ref().unwrap();
            let heard = wav::read(&file).unwrap();
            assert_eq!(hotline::audio::length(heard.len()), recipe.length());
            let expected = recipe.parts.iter().flat_map(|part| match part {
                Part::Clip(clip) => samples[&clip.audio].to_vec(),
                Part::Pause(samples) => vec![0xFF; *samples as usize],
            });
            assert!(expected.eq(heard.iter().copied()), "{url} is not its recipe");
            assert_eq!(fixed, audio.utterance.is_fixed);
            texts.push_str(&audio.utterance.text);
        }
    }
    assert!(texts.contains("余额共一万一千零二十三元五角五分"), "{texts}");
    house.close().await;
}

#[tokio::test]
async fn a_file_is_had_in_parts_in_other_formats_and_only_once() {
    let data = folder();
    let house = House::open(data.path(), clips(), &LINE.0).await;
    let mut caller = house.caller(1);
    to_the_balance(&mut caller).await;
    let own = personal(&caller);
    let fixed = urls(&caller).into_iter().find(|url| *url != own).unwrap();
    for url in [&own, &fixed] {
        let whole = house.bytes(url).await;
        let size = whole.len();
        let head = house.http.head(url).send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
        assert_eq!(head.headers()[header::CONTENT_LENGTH].to_str().unwrap(), size.to_string());
        assert_eq!(head.headers()[header::ACCEPT_RANGES], "bytes");
        assert!(head.bytes().await.unwrap().is_empty());

        let ranged = async |range: &str| house.http.get(url).header(header::RANGE, range).send().await.unwrap();
        for (range, from, to) in [("bytes=0-57", 0, 58), ("bytes=100-", 100, size), ("bytes=-7", size - 7, size)] {
            let part = ranged(range).await;
            assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
            let shown = format!("bytes {from}-{}/{size}", to - 1);
            assert_eq!(part.headers()[header::CONTENT_RANGE].to_str().unwrap(), shown);
            assert_eq!(part.headers()[header::CONTENT_LENGTH].to_str().unwrap(), (to - from).to_string());
            assert_eq!(part.bytes().await.unwrap(), whole[from..to], "{range}");
        }
        for range in ["bytes=0-1,5-6", "bytes=x", "lines=0-1"] {
            let part = ranged(range).await;
            assert_eq!((part.status(), part.bytes().await.unwrap().len()), (StatusCode::OK, size), "{range}");
        }
        let head = house.http.head(url).header(header::RANGE, "bytes=0-57").send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK, "a part is asked for with GET only");
        assert_eq!(head.headers()[header::CONTENT_LENGTH].to_str().unwrap(), size.to_string());
        let none = ranged("bytes=9999999-").await;
        assert_eq!(none.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(none.headers()[header::CONTENT_RANGE].to_str().unwrap(), format!("bytes */{size}"));

        let samples = wav::read(&whole).unwrap();
        let raw = house.get(&url.replace(".wav", ".ulaw")).await;
        assert_eq!(raw.headers()[header::CONTENT_TYPE], "audio/basic");
        assert_eq!(raw.bytes().await.unwrap(), samples);
        let pcm = house.get(&url.replace(".wav", ".pcm.wav")).await;
        assert_eq!(pcm.headers()[header::CONTENT_LENGTH].to_str().unwrap(), (44 + 2 * samples.len()).to_string());
        let header = wav::pcm_header(u32::try_from(samples.len()).unwrap());
        assert_eq!(pcm.bytes().await.unwrap(), [&header[..], &mulaw::to_pcm(samples)].concat());
    }

    let tag = house.get(&fixed).await.headers()[header::ETAG].clone();
    let again = house.http.get(&fixed).header(header::IF_NONE_MATCH, &tag).send().await.unwrap();
    assert_eq!((again.status(), again.bytes().await.unwrap().len()), (StatusCode::NOT_MODIFIED, 0));
    for (condition, status) in [(tag.to_str().unwrap(), StatusCode::PARTIAL_CONTENT), ("\"other\"", StatusCode::OK)] {
        let get = house.http.get(&fixed).header(header::RANGE, "bytes=0-1").header(header::IF_RANGE, condition);
        assert_eq!(get.send().await.unwrap().status(), status, "{condition}");
    }
    house.close().await;
}

#[tokio::test]
async fn what_is_no_file_of_ours_is_not_found() {
    let data = folder();
    let house = House::open(data.path(), clips(), &LINE.0).await;
    let mut caller = house.caller(1);
    to_the_balance(&mut caller).await;
    let own = personal(&caller);
    assert_eq!(house.status(&own).await, 200);
    let token = name(&own);
    for at in 0..token.len() {
        for other in ["A", "b", "-", "_", "9", "%41"] {
            if &token[at..=at] != other {
                let changed = format!("/audio/{}{other}{}.wav", &token[..at], &token[at + 1..]);
                assert_eq!(house.status(&changed).await, 404, "{changed}");
            }
        }
    }
    let step = caller.keys_url();
    let step = step.rsplit('/').next().unwrap().split('#').next().unwrap();
    for file in [
        format!("{token}A.wav"),
        format!("{}.wav", &token[1..]),
        format!("{token}.mp3"),
        format!("{token}.wav.wav"),
        token.to_owned(),
        format!("{step}.wav"),
        "0123456789abcdef0123456789abcdef.wav".to_owned(),
        "0123456789ABCDEF0123456789ABCDEF.wav".to_owned(),
        ".wav".to_owned(),
        "%".to_owned(),
        "%FF%FE.wav".to_owned(),
        "%2e%2e%2fhotline.db".to_owned(),
        "..%2f..%2fdata.key.wav".to_owned(),
        "x".repeat(20_000),
    ] {
        let response = house.get(&format!("/audio/{file}")).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{file}");
        assert!(response.bytes().await.unwrap().is_empty());
    }
    assert_eq!(house.status(&own).await, 200);
    house.close().await;
}

#[tokio::test]
async fn a_callers_own_audio_is_there_on_every_node_until_they_hang_up() {
    let data = folder();
    let house = House::open(data.path(), clips(), &LINE.0).await;
    let other = House::open(data.path(), clips(), &LINE.0).await;
    let mut caller = house.caller(1);
    to_the_balance(&mut caller).await;
    let (own, fixed) = (personal(&caller), urls(&caller).into_iter().find(|url| AudioHash::parse(name(url)).is_ok()));
    let fixed = fixed.unwrap();
    let heard = house.bytes(&own).await;
    assert_eq!(other.bytes(&own).await, heard, "another node makes it from the log");

    // Other turns of the call, and another version of the line.
    let mut published = LINE.0.clone();
    let welcome = published.0.get_mut("prompts/en/entry.yaml").unwrap();
    welcome.push_str("\nentry.not-used: New.\n");
    published.0.get_mut("prompts/zh-CN/entry.yaml").unwrap().push_str("\nentry.not-used: 新。\n");
    house.world.service.lines().publish(line_files::SHIPPED, &published).await.unwrap();
    assert_eq!(caller.presses("9").await, 200);
    let again = personal(&caller);
    assert_ne!(again, own);
    assert_eq!(house.bytes(&again).await, heard, "the same sentence, said again");
    assert_eq!(house.bytes(&own).await, heard, "an older turn");
    assert_eq!(other.bytes(&again).await, heard);

    house.close().await;
    let house = House::open(data.path(), clips(), &LINE.0).await;
    assert_eq!(house.bytes(&own).await, heard, "after a restart");
    assert_eq!(house.bytes(&again).await, heard);
    // Nothing comes of it for long, but it is not over.
    house.world.clock.advance(Duration::from_mins(10));
    assert_eq!(house.bytes(&again).await, heard);

    let mut same = other.caller(1);
    assert_eq!(same.hangs_up().await, 204);
    for node in [&house, &other] {
        assert_eq!((node.status(&own).await, node.status(&again).await), (404, 404));
        assert_eq!(node.status(&fixed).await, 200, "everybody hears it");
    }
    house.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_call_that_is_lost_is_not_heard_any_more() {
    let data = folder();
    let house = House::open(data.path(), clips(), &LINE.0).await;
    let mut caller = house.caller(1);
    to_the_balance(&mut caller).await;
    let own = personal(&caller);
    house.world.clock.advance(Duration::from_hours(1));
    house.world.service.sweep().await;
    assert_eq!(house.status(&own).await, 404);
    house.close().await;
}

#[tokio::test]
async fn versions_that_others_publish_are_found_and_strangers_cost_nothing() {
    let data = folder();
    // Another version, whose callers are welcomed by another clip.
    let (clip, _) = first_clip();
    let new = wav::file(&[0x11; 9_001]);
    let mut files = LINE.0.clone();
    let manifest = files.0.get_mut("prompts/zh-CN/clips.csv").unwrap();
    let mut rows = Manifest::read(manifest).0;
    let row = rows.rows.get_mut(&clip).unwrap();
    (row.audio, row.samples) = (AudioHash::of(&new), 9_001);
    *manifest = rows.write();
    let clips = || Speech::new(ClipFiles::with(LINE.1.iter().chain([&new]).cloned()));
    let house = House::open(data.path(), clips(), &LINE.0).await;
    let stranger = "/audio/0123456789abcdef0123456789abcdef.wav";
    assert_eq!(house.status(stranger).await, 404, "all kept versions have been looked through");
    let other = House::open(data.path(), clips(), &files).await;
    let mut caller = other.caller(1);
    caller.arrives().await;
    let url = urls(&caller)[0].clone();
    assert_eq!(other.status(&url).await, 200);
    assert_eq!(house.status(&url).await, 404, "nobody looks again so soon");
    house.world.clock.advance(Duration::from_secs(2));
    assert_eq!(house.status(&url).await, 200);
    house.close().await;
    other.close().await;
}

/// The welcome of a new call on this line, as a document.
async fn welcome(speech: Speech, files: &Files) -> String {
    let data = folder();
    let house = House::open(data.path(), speech, files).await;
    let mut caller = house.caller(1);
    caller.arrives().await;
    for url in urls(&caller) {
        assert_eq!(house.status(&url).await, 200, "what a document names is there");
    }
    house.close().await;
    caller.document
}

/// The prompts of the first document.
fn first_clip() -> (String, AudioHash) {
    let loaded = flow::load(&LINE.0, &signatures()).unwrap();
    let manifest = loaded.catalogue.manifest(loaded.line.first_language()).unwrap();
    let row = &manifest.rows["entry.welcome"];
    (row.clip.clone(), row.audio)
}

#[tokio::test]
async fn a_stale_clip_is_spoken_unless_it_is_told_otherwise() {
    let mut files = LINE.0.clone();
    let (clip, _) = first_clip();
    for text in files.0.values_mut() {
        *text =
            text.lines()
                .map(|line| {
                    if line.starts_with(&format!("{clip}:")) {
                        format!("{clip}: 您好\n")
                    } else {
                        format!("{line}\n")
                    }
                })
                .collect();
    }
    let good = welcome(clips(), &LINE.0).await;
    assert!(good.contains("<Play>") && !good.contains("<Say"), "{good}");
    let stale = welcome(clips(), &files).await;
    assert!(stale.contains(">您好</Say>"), "{stale}");
    let played = welcome(Speech { play_stale: true, ..clips() }, &files).await;
    assert!(played.contains("<Play>") && !played.contains("<Say"), "{played}");
    let off = welcome(Speech { clips: false, ..clips() }, &LINE.0).await;
    assert!(off.contains("<Say") && !off.contains("<Play>"), "{off}");
}

#[tokio::test]
async fn a_clip_that_is_missing_or_broken_is_spoken() {
    let (_, audio) = first_clip();
    let all = || LINE.1.iter().filter(|file| AudioHash::of(file) != audio).cloned();
    let missing = welcome(Speech::new(ClipFiles::with(all())), &LINE.0).await;
    assert!(missing.contains("<Say"), "{missing}");

    let file = LINE.1.iter().find(|file| AudioHash::of(file) == audio).unwrap();
    let kept = folder();
    let path = kept.path().join(format!("{audio}.wav"));
    let heard = async || welcome(Speech::new(ClipFiles::in_folder(kept.path().to_owned())), &LINE.0).await;
    std::fs::write(&path, file).unwrap();
    let there = heard().await;
    assert!(there.contains("<Play>"), "{there}");
    std::fs::write(&path, &file[..file.len() / 2]).unwrap();
    let half = heard().await;
    assert!(half.contains("<Say") && !half.contains("<Play>"), "{half}");
    // As long as it should be, and still not what it was.
    let mut changed = file.clone();
    changed[1_000] ^= 1;
    std::fs::write(&path, changed).unwrap();
    let changed = heard().await;
    assert!(changed.contains("<Say") && !changed.contains("<Play>"), "{changed}");
}

#[tokio::test]
async fn an_apology_begins_with_a_tone_that_needs_no_call() {
    for (speech, tone) in [(clips(), true), (Speech { clips: false, ..clips() }, false)] {
        let data = folder();
        let house = House::open(data.path(), speech, &LINE.0).await;
        let Answer::Document(document) = house.world.service.apologise("twilio", Kind::Keys, None) else {
            panic!("the profile is there")
        };
        let document = String::from_utf8(document.body).unwrap();
        assert_eq!(document.contains("<Play>"), tone, "{document}");
        if tone {
            let url = document.split("<Play>").nth(1).unwrap().split("</Play>").next().unwrap();
            let audio = house.world.service.audio(name(url)).await.unwrap();
            assert_eq!(audio.utterance.prompt.as_str(), "sound.failure");
            assert_eq!(house.status(url).await, 200);
            assert!(!document.contains("<Say"), "{document}");
        }
        house.close().await;
    }
}

/// The shipped clips lie with the data, so that a program that brings other ones still plays the versions of today.
#[test]
fn what_is_shipped_today_is_there_when_a_later_program_is_not() {
    let folder = folder();
    let clips = folder.path().join("clips");
    let files = ClipFiles::in_folder(clips.clone());
    files.keep_shipped().unwrap();
    let rows = |path: &str| Manifest::read(line_files::shipped().0.get(path).unwrap()).0.rows;
    for (id, row) in rows("prompts/zh-CN/clips.csv").into_iter().chain(rows("prompts/sounds/clips.csv")) {
        let kept = std::fs::read(clips.join(format!("{}.wav", row.audio))).unwrap();
        assert_eq!(AudioHash::of(&kept), row.audio, "{id}");
    }
    // One that was cut short is made whole the next time.
    let any = rows("prompts/en/clips.csv").into_values().next().unwrap();
    let path = clips.join(format!("{}.wav", any.audio));
    std::fs::write(&path, "RIFF").unwrap();
    files.keep_shipped().unwrap();
    assert_eq!(AudioHash::of(&std::fs::read(&path).unwrap()), any.audio);
}
