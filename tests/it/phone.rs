//! `hotline phone` as the real binary: against a server, and with a line that it serves itself.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::termios::{LocalModes, tcgetattr};
use serde_json::Value;

use crate::server::{Server, shipped_line};

/// As the first demo person, up to the balance.
const BALANCE: &str = "1,1,1,000101198503121233#,204816#";
/// When somebody answers.
const OPEN: &str = "2026-03-31 10:00";

fn phone(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotline"));
    command.arg("phone").args(arguments).env_clear().current_dir(std::env::temp_dir());
    command
}

/// Exit code, what was printed, and what was said beside it.
fn call(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = phone(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn events(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn prompts(events: &[Value]) -> Vec<&str> {
    events.iter().filter(|event| event["t"] == "says").map(|event| event["prompt"].as_str().unwrap()).collect()
}

fn demo_server(data: &Path) -> Server {
    Server::start_with(data, &["--demo", "--demo-members", "200"])
}

#[test]
fn a_script_calls_a_server_and_hears_a_balance() {
    let data = tempfile::tempdir().unwrap();
    let server = demo_server(data.path());
    let folder = data.path().to_str().unwrap();
    let (code, printed, said) = call(&[&server.url, "--data", folder, "--fast", "--json", "--keys", BALANCE]);
    assert_eq!((code, said.as_str()), (0, ""), "{printed}");
    let events = events(&printed);
    let told = prompts(&events);
    assert!(told.starts_with(&["entry.welcome", "entry.notice", "entry.lang", "entry.lang", "main.menu"]), "{told:?}");
    assert!(told.contains(&"med.balance"), "{told:?}");
    let balance = events.iter().find(|event| event["prompt"] == "med.balance").unwrap();
    assert!(balance["text"].as_str().unwrap().contains("一万一千零二十三元五角五分"), "{balance}");
    assert_eq!((&balance["language"], &balance["is-text"]), (&"zh-CN".into(), &false.into()));
    // Each sentence begins when the one before has been heard.
    let says: Vec<_> = events.iter().filter(|event| event["t"] == "says").collect();
    assert_eq!(
        says[1]["at-ms"].as_u64().unwrap() - says[0]["at-ms"].as_u64().unwrap(),
        says[0]["ms"].as_u64().unwrap()
    );
    let keys: String =
        events.iter().filter(|event| event["t"] == "key").map(|event| event["key"].as_str().unwrap()).collect();
    assert_eq!(keys, BALANCE.replace(',', ""));
    let last = events.last().unwrap();
    assert_eq!((&last["t"], &last["cause"]), (&"ended".into(), &"caller-hung-up".into()));
    let log = server.stop();
    assert!(!log.contains("in progress") && !log.contains("ERROR"), "the call is over for the server too: {log}");
}

#[test]
fn who_calls_another_provider_or_with_another_secret_is_told_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let server = demo_server(data.path());
    let with = |variable: &str, secret: &str, arguments: &[&str]| {
        let mut command = phone(arguments);
        let output = command.arg(&server.url).args(["--fast", "--keys", "1"]).env(variable, secret).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let other = "ffffffffffffffffffffffffffffffff";
    let (code, said) = with("HOTLINE_EMBEDDED_SECRET", other, &[]);
    assert!(code == 2 && said.contains("403") && said.contains("--data"), "{said}");
    let (code, said) = with("HOTLINE_TWILIO_AUTH_TOKEN", crate::client::SECRET, &["--profile", "twilio"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = with("HOTLINE_SOMLENG_AUTH_TOKEN", other, &["--profile", "somleng"]);
    assert!(code == 2 && said.contains("404") && said.contains("takes no calls of `somleng`"), "{said}");
    let (code, _, said) = call(&[&server.url, "--profile", "twilio"]);
    assert!(code == 2 && said.contains("HOTLINE_TWILIO_AUTH_TOKEN"), "{said}");
    server.kill();
}

#[test]
fn a_call_that_cannot_be_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().to_str().unwrap();
    let fails = |arguments: &[&str]| {
        let (code, printed, said) = call(arguments);
        assert_eq!(code, 2, "{printed}");
        said
    };
    let said = fails(&["--data", folder]);
    assert!(said.contains("embedded-secret is not there") && said.contains("hotline serve --demo"), "{said}");
    fs::write(empty.path().join("embedded-secret"), "ffffffffffffffffffffffffffffffff\n").unwrap();
    // Nobody listens on the first port.
    let said = fails(&["http://127.0.0.1:1", "--data", folder]);
    assert!(said.contains("nothing answers at http://127.0.0.1:1") && said.contains("hotline serve --demo"), "{said}");
    let said = fails(&["https://127.0.0.1:1", "--data", folder, "--ca", "/nowhere.pem"]);
    assert!(said.contains("/nowhere.pem has no certificate"), "{said}");
    let said = fails(&["--data", folder, "--at", OPEN]);
    assert!(said.contains("--demo or --line"), "{said}");
    let said = fails(&["--demo", "--keys", "1,9x"]);
    assert!(said.contains("piece 2") && said.contains("talk 60s") && !said.contains("`9x`"), "{said}");
    let said = fails(&["--demo", "--from", "nobody"]);
    assert!(said.contains("withheld"), "{said}");
    let said = fails(&["--line", folder]);
    assert!(said.contains("no line folder"), "{said}");
}

#[test]
fn what_a_script_has_left_over_or_loses_is_a_failure() {
    let (code, printed, said) = call(&["--demo", "--fast", "--at", OPEN, "--keys", "1,0,answer,1,talk 5s,2,1"]);
    assert!(code == 1 && said.contains("1 piece(s)") && printed.contains("finished"), "{said}{printed}");
    let (code, printed, _) = call(&["--demo", "--fast", "--keys", "1,1,answer"]);
    assert!(code == 1 && printed.contains("`answer` fits nothing"), "{printed}");
    // The second key comes while the operator is being called.
    let (code, printed, said) = call(&["--demo", "--fast", "--at", OPEN, "--keys", "1,05"]);
    assert!(code == 1 && printed.contains("> 5  (lost: nothing listens)") && said.contains("1 key(s)"), "{printed}");
}

#[test]
fn lines_of_a_pipe_are_pieces_and_a_wrong_one_is_told() {
    let piped = |lines: &str| {
        let mut command = phone(&["--demo", "--fast", "--at", OPEN]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, printed) = piped("2\n\n0\nbusy\n1\nwait\nhang up\n");
    assert_eq!(code, 0, "{printed}");
    let ringing = "[ringing operators, 20 s: answer, busy, decline or wait]";
    assert_eq!(printed.matches(ringing).count(), 2, "{printed}");
    let (busy, silent) = (printed.find("the dial is over: busy").unwrap(), printed.find("over: no-answer").unwrap());
    assert!(
        busy < silent && printed.contains("  [one key, 6 s]\n") && printed.ends_with("caller-hung-up\n"),
        "{printed}"
    );
    let (code, printed) = piped("1\nmaybe\n1\n");
    assert!(code == 1 && printed.contains("line 2 of the input: expected keys"), "{printed}");
}

/// The text of the file that a call was written into, once `hotline test` has played it.
fn recorded(line: &Path, name: &str, arguments: &[&str]) -> String {
    let file = line.join("calls").join(name);
    let written = file.to_str().unwrap();
    let (code, printed, said) = call(&[arguments, &["--fast", "--record", written]].concat());
    assert!(code == 0 && said.contains("demo person") && !said.contains("are no prompts"), "{said}{printed}");
    let played = Command::new(env!("CARGO_BIN_EXE_hotline")).arg("test").arg(&file).output().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(played.status.success(), "{}{text}", String::from_utf8_lossy(&played.stdout));
    text
}

#[test]
fn a_call_is_written_as_a_test_that_passes() {
    let folder = tempfile::tempdir().unwrap();
    let line = shipped_line(folder.path());
    fs::create_dir(line.join("calls")).unwrap();
    let own = ["--line", line.to_str().unwrap(), "--at", OPEN];
    let record = |name, more: &[&str]| recorded(&line, name, &[&own, more].concat());

    let text = record("talks.call", &["--keys", "1,0,answer,1,talk 90s,5", "--from", "withheld"]);
    let expected = "line 12333 at 2026-03-31 10:00 from withheld in zh-CN

hears entry.welcome entry.notice
waits silent
hears entry.lang entry.lang
presses 1
hears main.menu
presses 0
hears op.transfer
dials operators
operator answers
operator hears op.whisper
operator presses 1
dial ends talked 90s
hears survey.ask
presses 5
hears survey.thanks
ends finished
";
    assert_eq!(text.split_once('\n').unwrap().1, expected);

    let text = record("balance.call", &["--keys", BALANCE]);
    assert!(text.contains("\npresses 204816#\nhears auth.ok med.balance "), "{text}");
    assert!(text.ends_with("hangs up\nends caller-hung-up\n") && text.contains(" from +8612012345678 "), "{text}");
    // An entry that the timer ends, a silence, a wrong key, an operator who is not taken or does not answer.
    let text = record("slow.call", &["--keys", "2,wait,8,1,1,0001,0,answer,wait,1,decline,1,wait,hang up"]);
    for line in ["presses 0001", "operator waits", "dial ends declined", "dial ends no-answer", "waits silent"] {
        assert!(text.contains(&format!("\n{line}\n")), "{line}: {text}");
    }
    let text = record("abandons.call", &["--keys", "1,0,answer,1,hang up"]);
    assert!(text.ends_with("dial ends abandoned\nends caller-hung-up\n"), "{text}");

    // A file that is there stays unless it is told to go.
    let file = line.join("calls/talks.call");
    let arguments = ["--line", line.to_str().unwrap(), "--fast", "--keys", "1", "--record", file.to_str().unwrap()];
    let (code, _, said) = call(&arguments);
    assert!(code == 2 && said.contains("--force"), "{said}");
    assert!(fs::read_to_string(&file).unwrap().ends_with("ends finished\n"));
    assert_eq!(call(&[&arguments[..], &["--force"]].concat()).0, 0);
    assert!(fs::read_to_string(&file).unwrap().ends_with("ends caller-hung-up\n"));
}

#[test]
fn a_call_to_a_server_is_written_too_where_texts_are_all_that_is_heard() {
    let data = tempfile::tempdir().unwrap();
    let line = shipped_line(data.path());
    fs::create_dir(line.join("calls")).unwrap();
    let server = Server::start(data.path());
    let arguments = [&server.url, "--data", data.path().to_str().unwrap(), "--keys", BALANCE];
    let text = recorded(&line, "server.call", &arguments);
    assert!(text.contains("\npresses 204816#\nhears auth.ok med.balance "), "{text}");
    server.kill();
}

#[test]
fn who_interrupts_hangs_up_and_the_server_is_told() {
    let data = tempfile::tempdir().unwrap();
    let server = demo_server(data.path());
    let mut command = phone(&[&server.url, "--data", data.path().to_str().unwrap()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("calling 12333"));
    assert!(lines.next().unwrap().unwrap().contains("您好"));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(rest.last().unwrap().ends_with(": caller-hung-up"), "{rest:?}");
    assert!(child.wait().unwrap().success());
    let log = server.stop();
    assert!(!log.contains("in progress"), "{log}");
}

#[test]
fn what_is_heard_is_played_by_a_program_of_the_system() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (pipe, player) = (folder.path().join("heard"), folder.path().join("aplay"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::write(&player, format!("#!/bin/sh\nexec /bin/cat \"$2\" > {}\n", pipe.display())).unwrap();
    fs::set_permissions(&player, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = phone(&["--demo", "--audio"]);
    let mut child = command
        .env("PATH", folder.path())
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut heard = Vec::new();
    fs::File::open(&pipe).unwrap().read_to_end(&mut heard).unwrap();
    let samples = &heard[44..];
    assert!(heard.starts_with(b"RIFF") && samples.len() > 5 * 16_000, "the first sentence alone lasts 5 s");
    assert!(samples.iter().any(|byte| *byte != 0));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    // Nothing of it stays.
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");

    let output = phone(&["--demo", "--audio"]).env("PATH", "/nowhere").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("aplay") && said.contains("ffplay"), "{said}");
}

/// A terminal for a program, and the end at which somebody sits.
fn terminal() -> (OwnedFd, OwnedFd) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let desk = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&desk).unwrap();
    unlockpt(&desk).unwrap();
    let name = ptsname(&desk, Vec::new()).unwrap().into_string().unwrap();
    let no_controlling_terminal = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap();
    let mut options = fs::OpenOptions::new();
    let program = options.read(true).write(true).custom_flags(no_controlling_terminal).open(name).unwrap();
    (desk, program.into())
}

#[test]
fn keys_of_a_terminal_are_pressed_at_once_and_it_is_left_as_it_was() {
    let (desk, program) = terminal();
    let is_line_by_line = |desk: &OwnedFd| {
        let modes = tcgetattr(desk).unwrap().local_modes;
        (modes.contains(LocalModes::ICANON), modes.contains(LocalModes::ECHO))
    };
    assert_eq!(is_line_by_line(&desk), (true, true));
    let mut command = phone(&["--demo", "--fast", "--at", OPEN]);
    let end = || Stdio::from(program.try_clone().unwrap());
    let mut child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
    // Else nobody would notice if it ended.
    drop((command, program));
    let mut screen = fs::File::from(desk.try_clone().unwrap());
    let mut keyboard = fs::File::from(desk.try_clone().unwrap());
    let mut shown = String::new();
    for (what, keys) in [
        ("[one key, 6 s]", "2"),
        ("> 2", ""),
        ("Guidance, press three", "0"),
        ("b (busy)", "a"),
        ("operator: ", "1"),
        ("[talking", "e"),
        ("the dial is over: talked for 0 s", "h"),
        ("caller-hung-up", ""),
    ] {
        while !shown.contains(what) {
            let mut piece = [0; 4096];
            let read = screen.read(&mut piece).unwrap_or_else(|_| panic!("it ended before `{what}`: {shown}"));
            shown.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
        if what == "[one key, 6 s]" {
            assert_eq!(is_line_by_line(&desk), (false, false));
        }
        keyboard.write_all(keys.as_bytes()).unwrap();
    }
    assert!(shown.contains("h hangs up") && shown.contains("operator: > 1"), "{shown}");
    assert!(child.wait().unwrap().success());
    assert_eq!(is_line_by_line(&desk), (true, true));
}
