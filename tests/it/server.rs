//! The real binary: what survives its death, what it answers to what it should not get.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use hotline::call::{Keys, What};
use hotline::prompt::{AudioHash, Manifest};

use crate::client::{Caller, SECRET};
use crate::tones;

/// A server of its own on a port of its own.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) log: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// One that says everything as text, which tests find in its documents.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &["--demo", "--demo-members", "200", "--operators", "+12025550100", "--no-clips"])
    }

    pub(crate) fn start_with(data: &Path, arguments: &[&str]) -> Self {
        let listen: &[&str] = if arguments.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let mut child =
            command(data).args(listen).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (into, mut stderr) = (Arc::clone(&log), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut piece) {
                into.lock().unwrap().extend_from_slice(&piece[..read]);
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap_or_else(|| panic!("the server said nothing: {}", text(&log))).unwrap();
        let url = first.split_whitespace().find(|word| word.starts_with("http")).unwrap();
        let url = url.trim_end_matches(';').trim_end_matches("/phone").to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        // No connection outlives a request: the server behind them may be another one by then.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { child, url, http, log }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Told to stop as an operating system does it; its log.
    pub(crate) fn stop(mut self) -> String {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "{}", text(&self.log));
        text(&self.log)
    }

    pub(crate) fn caller(&self, number: u64) -> Caller {
        Caller::new(&self.http, &self.url, number)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn text(log: &Arc<Mutex<Vec<u8>>>) -> String {
    String::from_utf8_lossy(&log.lock().unwrap()).into_owned()
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.args(["serve", "--data"]).arg(data).env_clear();
    command.env("HOTLINE_TWILIO_AUTH_TOKEN", SECRET).current_dir(data);
    command
}

/// Up to the question for the PIN, as the first demo person.
async fn up_to_the_pin(caller: &mut Caller) {
    caller.arrives().await;
    caller.is_silent().await;
    for keys in ["1", "1", "1", "000101198503121233#"] {
        assert_eq!(caller.presses(keys).await, 200);
    }
    assert!(caller.heard("请输入六位查询密码"), "{}", caller.document);
}

#[tokio::test]
async fn a_call_goes_on_after_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let mut caller = server.caller(1);
    up_to_the_pin(&mut caller).await;
    let (port, keys_url) = (port(&server.url).to_owned(), caller.keys_url());
    server.kill();

    let address = format!("127.0.0.1:{port}");
    let arguments = ["--demo", "--demo-members", "200", "--no-clips", "--listen", &address];
    let server = Server::start_with(data.path(), &arguments);
    assert_eq!(caller.presses("204816#").await, 200);
    assert!(caller.heard("一万一千零二十三元五角五分"), "{}", caller.document);

    // The request that the dead process had answered gets the bytes of the current document, and no second try.
    let (status, again) = caller.post(&keys_url, What::Pressed(Keys::parse("204816").unwrap())).await;
    assert_eq!((status, &again), (200, &caller.document));
    server.kill();
}

#[test]
fn nobody_else_may_read_the_data_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(data.path(), &["--demo", "--demo-members", "5"]);
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let path = entry.unwrap().path();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    }
    server.kill();
}

fn port(url: &str) -> &str {
    url.rsplit(':').next().unwrap()
}

#[tokio::test]
async fn twins_get_the_same_bytes_and_one_try() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let mut caller = server.caller(1);
    up_to_the_pin(&mut caller).await;
    let url = caller.keys_url();
    let wrong = || What::Pressed(Keys::parse("111222").unwrap());
    let (first, second, third) =
        tokio::join!(caller.post(&url, wrong()), caller.post(&url, wrong()), caller.post(&url, wrong()));
    assert_eq!(first, second);
    assert_eq!(first, third);
    // One try of three is gone, not three.
    assert!(first.1.contains("您还可以再试两次"), "{}", first.1);
    assert_eq!(caller.post(&url, wrong()).await, first);
    let log = server.stop();
    assert!(!log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn what_is_not_the_providers_gets_no_document() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let http = server.http.clone();
    let form = "CallSid=CA00000000000000000000000000000001&From=%2B8612012345678&To=%2B8601012333&CallStatus=ringing";
    let url = server.url.clone();
    let post = |path: &str| {
        let form_type = "application/x-www-form-urlencoded";
        http.post(format!("{url}{path}")).header("content-type", form_type).body(form.to_owned())
    };
    for (what, request, status) in [
        ("unsigned", post("/voice/twilio"), 403),
        ("forged", post("/voice/twilio").header("x-twilio-signature", "AVj0rjPIB3GPzugQYTPJQtObGY8="), 403),
        ("no base64", post("/voice/twilio").header("x-twilio-signature", "!!"), 403),
        ("unsigned step", post("/voice/twilio/keys/AAAA"), 403),
        ("a profile that is off", post("/voice/telnyx"), 404),
        ("no such profile", post("/voice/nobody"), 404),
        ("no such kind", post("/voice/twilio/bogus/AAAA"), 404),
        ("no such page", post("/elsewhere"), 404),
        ("huge", post("/voice/twilio").body("x".repeat(1 << 20)), 413),
        ("empty", http.post(format!("{url}/voice/twilio")), 403),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{what}");
        assert_eq!(answer.text().await.unwrap(), "", "{what}");
    }
    let mut caller = server.caller(7);
    caller.arrives().await;
    let first = caller.document.clone();
    // A step of a call that nobody knows, one of another call, a stale one: documents, and nothing happens.
    let mut stranger = server.caller(8);
    let (status, unknown) = stranger.post(&caller.keys_url(), What::Silent).await;
    assert_eq!(status, 200);
    assert!(unknown.contains("<Hangup/>") && !unknown.contains("<Gather"), "{unknown}");
    stranger.arrives().await;
    let stale = caller.keys_url();
    caller.is_silent().await;
    assert_ne!(caller.document, first);
    assert_eq!(caller.post(&stale, What::Silent).await, (200, caller.document.clone()));
    assert_eq!(caller.hangs_up().await, 204);
    let over = caller.keys_url();
    let (status, over) = caller.post(&over, What::Silent).await;
    assert_eq!(status, 200);
    assert!(over.contains("<Hangup/>"), "{over}");
    let log = server.stop();
    assert!(!log.contains("ERROR"), "{log}");
}

#[test]
fn a_start_that_cannot_be_says_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let fails = |arguments: &[&str], secret: Option<&str>| -> (Option<i32>, String) {
        let mut command = command(data.path());
        match secret {
            Some(secret) => command.env("HOTLINE_TWILIO_AUTH_TOKEN", secret),
            None => command.env_remove("HOTLINE_TWILIO_AUTH_TOKEN"),
        };
        let output = command.args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = fails(&[], None);
    assert!(code == Some(2) && said.contains("HOTLINE_TWILIO_AUTH_TOKEN") && said.contains("--demo"), "{said}");
    let (code, said) = fails(&[], Some(""));
    assert!(code == Some(2) && said.contains("HOTLINE_TWILIO_AUTH_TOKEN is empty"), "{said}");
    let (code, said) = fails(&["--public-url", "ivr.example.org"], Some(SECRET));
    assert!(code == Some(2) && said.contains("public URL"), "{said}");
    let (code, said) = fails(&["--line", "nowhere"], Some(SECRET));
    assert!(code == Some(2) && said.contains("no line folder"), "{said}");
    std::fs::write(data.path().join("hotline.toml"), "lisen = \"127.0.0.1:1\"\n").unwrap();
    let (code, said) = fails(&[], Some(SECRET));
    assert!(code == Some(2) && said.contains("hotline.toml") && said.contains("lisen"), "{said}");
}

#[tokio::test]
async fn a_broken_line_stops_the_start_and_not_a_running_server() {
    let data = tempfile::tempdir().unwrap();
    let line = shipped_line(data.path());
    let menu = line.join("entry.yaml");
    let good = std::fs::read_to_string(&menu).unwrap();
    let arguments = ["--demo", "--demo-members", "10", "--no-clips", "--line", line.to_str().unwrap()];
    let server = Server::start_with(data.path(), &arguments);
    let mut caller = server.caller(1);
    caller.arrives().await;

    let broken = good.replacen("kind: menu", "kind: meny", 1).replacen("next:", "nxt:", 1);
    std::fs::write(&menu, &broken).unwrap();
    let id = server.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    let mut other = server.caller(2);
    for _ in 0..200 {
        if text(&server.log).contains("callers hear the old version") {
            break;
        }
        std::thread::yield_now();
        other.arrives().await;
    }
    assert!(text(&server.log).contains("callers hear the old version"), "{}", text(&server.log));
    assert_eq!(caller.is_silent().await, 200);
    assert!(caller.heard("请按一"), "{}", caller.document);
    assert!(server.caller(3).arrives().await == 200);
    server.kill();

    let output = command(data.path()).args(arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in
        ["entry.yaml", "unknown kind `meny`", "did you mean `menu`", "unknown field `nxt`", "missing field `next`"]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[tokio::test]
async fn clips_of_a_line_folder_are_kept_with_the_data() {
    let data = tempfile::tempdir().unwrap();
    let line = shipped_line(data.path());
    let (files, clips) = tones::line();
    let manifest = "prompts/zh-CN/clips.csv";
    let rows = Manifest::read(&files.0[manifest]).0.rows;
    // What the first document says; one of its clips is not what the manifest has.
    let kept: Vec<_> = ["entry.welcome", "entry.notice"].map(|clip| rows[clip].clone()).into();
    let folder = line.join("prompts/zh-CN/clips");
    std::fs::create_dir(&folder).unwrap();
    for row in &kept {
        let file = clips.iter().find(|file| AudioHash::of(file) == row.audio).unwrap();
        std::fs::write(folder.join(format!("{}.wav", row.clip)), file).unwrap();
    }
    let good = folder.join("entry.welcome.wav");
    let cut = folder.join("entry.notice.wav");
    let whole = std::fs::read(&cut).unwrap();
    std::fs::write(&cut, &whole[..100]).unwrap();
    let rows = kept.into_iter().map(|row| (row.clip.clone(), row)).collect();
    std::fs::write(line.join(manifest), Manifest { rows }.write()).unwrap();

    let arguments = ["--demo", "--demo-members", "10", "--line", line.to_str().unwrap()];
    let heard = async |server: &Server| {
        let mut caller = server.caller(rand::random());
        caller.arrives().await;
        let url = caller.document.split("<Play>").nth(1).unwrap().split("</Play>").next().unwrap().to_owned();
        let file = server.http.get(&url).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(file[58..1_058], std::fs::read(data.path().join("heard")).unwrap()[58..1_058]);
        (caller.document.matches("<Play>").count(), caller.document.matches("<Say").count())
    };
    std::fs::copy(&good, data.path().join("heard")).unwrap();
    let server = Server::start_with(data.path(), &arguments);
    assert_eq!(heard(&server).await, (1, 1));
    let log = server.stop();
    assert_eq!(log.matches("clip `entry.notice` is left out").count(), 1, "{log}");
    assert!(log.contains("are missing") && log.contains("hotline prompts check"), "{log}");

    // The folder may change under a running service and an old call; it is put right by serving it again.
    std::fs::remove_file(&good).unwrap();
    std::fs::write(&cut, &whole).unwrap();
    let server = Server::start_with(data.path(), &arguments);
    assert_eq!(heard(&server).await, (2, 0));
    server.kill();
    let no_clips = [&arguments[..], &["--no-clips"]].concat();
    let server = Server::start_with(data.path(), &no_clips);
    let mut caller = server.caller(3);
    caller.arrives().await;
    assert!(!caller.heard("<Play>"), "{}", caller.document);
    server.kill();
}

/// A copy of the shipped line and its prompts.
pub(crate) fn shipped_line(into: &Path) -> PathBuf {
    let line = into.join("12333");
    for (path, text) in hotline::line_files::shipped().0 {
        let path = line.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    line
}
