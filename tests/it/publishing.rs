//! New versions while calls go on: none of them notices, and what was rolled back stays so.

use std::path::Path;
use std::process::{Command, Output};

use hotline::clip_files::ClipFiles;
use hotline::flow::{self, Files};
use hotline::line_files;
use hotline::replay::{Recorded, replay};
use hotline::service::{Lines, Speech, signatures};
use hotline::store::{Database, How, version_before};

use crate::app::{App, Way};
use crate::replay::{changed, finished, random_calls};
use crate::server::{Server, shipped_line, text};

const CALLS: u64 = 200;
/// Calls that go on at the same time.
const AT_ONCE: usize = 20;

/// All that is heard is another version, though the prompts have the same ids: keys lead elsewhere.
fn other() -> Files {
    changed(&[
        (
            "entry.yaml",
            "1: med.start, 2: pay.start, 3: guide.menu, 4: sup.menu",
            "1: pay.start, 2: med.start, 3: sup.menu, 4: guide.menu",
        ),
        ("line.yaml", "first-key: 6s", "first-key: 7s"),
    ])
}

async fn calls_with(publish: Option<(u64, &Files)>) -> Vec<Recorded> {
    let app = App::start(Way::Text).await;
    random_calls(&app, 0..CALLS, AT_ONCE, publish).await;
    let calls = finished(&app).await;
    app.stop().await;
    calls
}

#[tokio::test]
async fn publishing_in_the_middle_of_calls_changes_none_of_them() {
    let new = other();
    let middle = CALLS / 2;
    let calls = calls_with(Some((middle, &new))).await;
    assert_eq!(calls.len(), 200);
    let old_version = line_files::shipped().version();
    let loaded = flow::load(&new, &signatures()).unwrap();
    let began_before = calls.iter().take_while(|call| call.version == old_version).count();
    assert_eq!(began_before as u64, middle, "new calls start on the new version, and only they");
    let published_at = calls[began_before].started_at;
    let in_progress = calls.iter().take(began_before).filter(|call| call.ended_at > published_at).count();
    assert!(in_progress + 1 >= AT_ONCE / 2, "{in_progress} calls were in progress");
    let old = flow::load(&line_files::shipped(), &signatures()).unwrap();
    let (before, after) = calls.split_at(began_before);
    for (calls, version) in [(before, &old), (after, &loaded)] {
        for call in calls {
            assert_eq!(call.version, version.line.version);
            replay(&version.line, call).unwrap_or_else(|differs| panic!("call {}: {differs:?}", call.call));
        }
    }
}

#[tokio::test]
async fn a_rollback_survives_every_start_until_the_folder_says_something_new() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("hotline.db")).await.unwrap();
    let (first, second) = (line_files::shipped(), other());
    let third = changed(&[("line.yaml", "first-key: 6s", "first-key: 9s")]);
    let open = async |files: &Files, publish: bool| {
        let folders = vec![("12333".to_owned(), files.clone(), Vec::new())];
        let lines = Lines::open(database.clone(), Speech::new(ClipFiles::default()), folders, publish).await.unwrap();
        lines.first().line.version.clone()
    };
    assert_eq!(open(&first, true).await, first.version());
    // Without being told to, a start publishes nothing new.
    assert_eq!(open(&second, false).await, first.version());
    assert_eq!(open(&second, true).await, second.version());
    let publications = database.publications("12333").await.unwrap();
    let before = version_before(&publications).unwrap().to_owned();
    assert_eq!(before, first.version());
    database.activate("12333", &before, How::RolledBack, "ann").await.unwrap();
    assert_eq!(open(&second, false).await, first.version());
    assert_eq!(open(&second, true).await, first.version());
    assert_eq!(open(&third, true).await, third.version());
    let told: Vec<_> = database.publications("12333").await.unwrap();
    let told: Vec<_> = told.iter().map(|told| (told.how, told.who.as_str())).collect();
    let served = (How::Published, "server");
    assert_eq!(told, [served, served, (How::RolledBack, "ann"), served]);
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_running_service_follows_what_others_publish_and_its_calls_stay() {
    let app = App::start(Way::Text).await;
    let lines = app.world.service.lines();
    let (old, new) = (line_files::shipped().version(), other());
    let bundle = serde_json::to_vec(&new).unwrap();
    app.world.database.keep_version("12333", &new.version(), &bundle).await.unwrap();
    app.world.database.activate("12333", &new.version(), How::Published, "ann").await.unwrap();
    assert_eq!(lines.first().line.version, old);
    lines.follow().await.unwrap();
    assert_eq!(lines.first().line.version, new.version());
    // What this program cannot read is told once, and callers hear the version before.
    app.world.database.keep_version("12333", "later", b"{\"line.yaml\":\"format: 9\"}").await.unwrap();
    app.world.database.activate("12333", "later", How::Published, "ann").await.unwrap();
    assert!(lines.follow().await.is_err());
    lines.follow().await.unwrap();
    assert_eq!(lines.first().line.version, new.version());
    app.stop().await;
}

#[tokio::test]
async fn versions_are_kept_until_nothing_needs_them() {
    let app = App::start(Way::Text).await;
    random_calls(&app, 0..3, 1, None).await;
    let database = &app.world.database;
    let named = |number: u32| changed(&[("line.yaml", "first-key: 6s", &format!("first-key: {}s", number + 10))]);
    for number in 0..9 {
        app.world.service.lines().publish("12333", &named(number)).await.unwrap();
    }
    let kept =
        async || database.kept_of("12333").await.unwrap().into_iter().map(|kept| kept.version).collect::<Vec<_>>();
    assert_eq!(kept().await.len(), 10);
    // Servers may not have noticed yet.
    let now = hotline::clock::Clock::now(&hotline::clock::SystemClock);
    app.world.service.lines().forget_old(now).await;
    assert_eq!(kept().await.len(), 10);
    let later = now.plus(std::time::Duration::from_hours(2));
    app.world.service.lines().forget_old(later).await;
    let (first, left) = (line_files::shipped().version(), kept().await);
    // The active one, five rollbacks, and the one that the logs of calls name.
    assert_eq!(left.len(), 7, "{left:?}");
    assert!(left.contains(&first) && left.contains(&named(8).version()) && left.contains(&named(3).version()));
    database.forget(now.plus(std::time::Duration::from_hours(24 * 365))).await.unwrap();
    app.world.service.lines().forget_old(later).await;
    assert!(!kept().await.contains(&first));
    app.stop().await;
}

fn hotline(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.args(arguments).env_clear().env("USER", "ann").current_dir(data).output().unwrap()
}

/// What it printed, if it ended so.
fn prints(data: &Path, code: i32, arguments: &[&str]) -> String {
    let output = hotline(data, arguments);
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

/// Calls until a new call hears this.
async fn until_heard(server: &Server, words: &str) {
    for _ in 0..20_000 {
        let mut caller = server.caller(rand::random());
        caller.arrives().await;
        let heard = caller.heard(words);
        caller.hangs_up().await;
        if heard {
            return;
        }
    }
    panic!("{words} is not heard: {}", text(&server.log));
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[tokio::test]
async fn over_the_command_line_a_line_is_published_compared_replayed_and_rolled_back() {
    let data = tempfile::tempdir().unwrap();
    let line = shipped_line(data.path());
    // As text: an edited sentence has no clip. A text takes about as long, which may be a little more.
    std::fs::remove_file(line.join("prompts/zh-CN/clips.csv")).unwrap();
    edit(&line.join("line.yaml"), "silent: 200s", "silent: 300s");
    edit(&line.join("line.yaml"), "asking: 65s", "asking: 90s");
    // Whatever the time of day.
    edit(&line.join("line.yaml"), "  0: op.queue", "  0: op.transfer");
    let folder = line.to_str().unwrap();
    let place = ["--data", "."];
    let run = |code, arguments: &[&str]| prints(data.path(), code, &[arguments, &place].concat());
    let serve = ["--line", folder, "--no-clips", "--operators", "+12025550100"];
    let server = Server::start_with(data.path(), &serve);
    let mut caller = server.caller(1);
    caller.arrives().await;
    until_heard(&server, "您好").await;

    // A finding, a mistake: refused, with all of them.
    let system = line.join("system.yaml");
    edit(&system, "nodes:\n", "nodes:\n  nobody.here:\n    kind: end\n    prompt: sys.bye\n");
    let said = run(1, &["flow", "publish", folder]);
    assert!(said.contains("unreachable-node") && said.contains("is not published"), "{said}");
    edit(&system, "  nobody.here:\n    kind: end\n    prompt: sys.bye\n", "");
    let welcome = line.join("prompts/zh-CN/entry.yaml");
    edit(&welcome, "您好，欢迎致电", "早安，欢迎致电");
    edit(&line.join("entry.yaml"), "3: guide.menu, 4: sup.menu", "3: sup.menu, 4: guide.menu");
    let said = run(1, &["flow", "diff", folder]);
    for part in
        ["main.menu: 3 now leads to sup.menu instead of guide.menu", "entry.welcome, zh-CN", "    - 您好", "    + 早安"]
    {
        assert!(said.contains(part), "{said}");
    }

    let said = run(0, &["flow", "publish", folder, "--replay", "24h"]);
    assert!(said.contains("call(s) replayed") && said.contains("new calls start on version"), "{said}");
    until_heard(&server, "早安").await;
    // The call that was there before is where it was.
    assert_eq!(caller.is_silent().await, 200);
    assert_eq!(caller.presses("1").await, 200);
    assert_eq!(caller.presses("3").await, 200);
    assert!(caller.heard("医保卡申领请按一"), "{}", caller.document);
    let said = run(0, &["flow", "list"]);
    assert!(said.contains("by server, 1 call(s) in progress") && said.contains("by ann"), "{said}");
    assert_eq!(caller.hangs_up().await, 204);

    let said = run(0, &["replay", "--all"]);
    assert!(said.contains("the same") && !said.contains("differs"), "{said}");
    let said = run(1, &["replay", "--all", "--line", folder]);
    assert!(
        said.contains("call(s) hear sup.menu instead of guide.menu") && said.contains("entry.welcome in zh-CN"),
        "{said}"
    );
    let said = run(1, &["replay", "--since", "1h", "--line", folder, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["heard-otherwise"]["hear sup.menu instead of guide.menu"]["calls"], 1);
    let said = run(2, &["replay", "00000000000000000000000000000001"]);
    assert!(said.contains("no finished call"), "{said}");

    // Nobody would reach a person any more: the gate holds.
    let mut caller = server.caller(2);
    caller.arrives().await;
    caller.is_silent().await;
    caller.presses("1").await;
    caller.presses("0").await;
    caller.hangs_up().await;
    edit(&line.join("line.yaml"), "  0: op.transfer", "  0: sys.more");
    let said = run(1, &["flow", "publish", folder, "--replay", "1h"]);
    assert!(said.contains("is not published"), "{said}");
    edit(&line.join("line.yaml"), "  0: sys.more", "  0: op.transfer");

    let said = run(0, &["flow", "rollback"]);
    assert!(said.contains("again"), "{said}");
    until_heard(&server, "您好").await;
    server.kill();

    // The folder is what was rolled back: watching it does not undo that, a change does.
    let watching = Server::start_with(data.path(), &[&serve[..], &["--watch"]].concat());
    until_heard(&watching, "您好").await;
    edit(&line.join("entry.yaml"), "kind: menu", "kind: meny");
    edit(&welcome, "早安，欢迎致电", "晚安，欢迎致电");
    edit(&line.join("entry.yaml"), "kind: meny", "kind: menu");
    until_heard(&watching, "晚安").await;
    let log = watching.stop();
    assert!(log.contains("is what was rolled back"), "{log}");
}
