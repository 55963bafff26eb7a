//! Five hundred calls at once, then a search for what callers said and keyed in: it must be nowhere.

use std::collections::BTreeSet;
use std::path::Path;

use hotline::lookup::demo;
use hotline::prompt::say::read_text;

use crate::client::Caller;
use crate::server::Server;

const CALLS: u32 = 500;

/// What must not be found.
struct Canaries {
    id: String,
    pin: String,
    phone: String,
    card: Option<String>,
    name: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_calls_at_once_end_as_scripted_and_leave_no_trace() {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--demo", "--demo-members", "500", "--log", "debug", "--operators", "+12025550100"];
    let server = Server::start_with(data.path(), &arguments);
    let people: Vec<demo::Person> = demo::people(CALLS).collect();
    // The tables have numbers of their own, and six digits turn up by chance: what the calls add counts.
    let before = text_of(data.path());

    let mut calls = Vec::new();
    for (number, person) in (0_u64..).zip(&people) {
        let mut caller = server.caller(number);
        caller.from = format!("+86120{number:08}");
        let id = person.member.id.as_str().replace('X', "*");
        let pin = person.pin.as_ref().map(|pin| (pin.digits.clone(), pin.initial));
        let total = person.account.as_ref().map(|account| account.current + account.previous);
        calls.push(tokio::spawn(async move { play(&mut caller, &id, pin, total).await }));
    }
    let mut balances = 0;
    for call in calls {
        balances += usize::from(call.await.unwrap());
    }
    assert!(balances > 400, "only {balances} calls heard a balance");
    let log = server.stop();
    assert!(!log.contains("ERROR") && !log.contains("panic"), "{log}");
    assert_eq!(log.matches("a call has ended").count(), people.len(), "every call ends on record");

    let folder = text_of(data.path());
    let messages: Vec<&str> =
        log.lines().map(|line| line.split_once(' ').map_or(line, |(_, message)| message)).collect();
    let words: BTreeSet<&str> = messages.iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric())).collect();
    for (number, person) in people.iter().enumerate() {
        let canaries = Canaries {
            id: person.member.id.as_str().to_owned(),
            pin: person.pin.as_ref().map_or_else(|| "909090909".to_owned(), |pin| pin.digits.clone()),
            phone: format!("120{number:08}"),
            card: person.member.card_no.clone(),
            name: person.member.name.clone(),
        };
        assert!(!log.contains(&canaries.id), "an identity number is in the log");
        assert!(!words.contains(canaries.pin.as_str()), "a PIN is in the log");
        assert!(!log.contains(&canaries.phone), "a telephone number is in the log");
        assert!(canaries.card.is_none_or(|card| !log.contains(&card)), "a card number is in the log");
        assert!(!log.contains(&canaries.name), "a name is in the log");
        let new = |canary: &str| folder.contains(canary) && !before.contains(canary);
        assert!(!new(&canaries.phone), "a caller's number is in clear in the data folder");
        assert!(!new(&canaries.pin), "a PIN is in the data folder");
    }
}

/// One caller: to the balance if there is one, then to a person, then away. Whether a balance was heard.
async fn play(caller: &mut Caller, id: &str, pin: Option<(String, bool)>, total: Option<i64>) -> bool {
    assert_eq!(caller.arrives().await, 200);
    caller.is_silent().await;
    for keys in ["1", "1", "1"] {
        caller.presses(keys).await;
    }
    caller.presses(&format!("{id}#")).await;
    assert!(caller.heard("请输入六位查询密码"), "{}", caller.document);
    let (pin, initial) = pin.unwrap_or(("135792".to_owned(), false));
    let known = caller.presses(&format!("{pin}#")).await;
    assert_eq!(known, 200);
    let mut heard = false;
    if !initial
        && let Some(total) = total
        && caller.heard("您的医保账户余额共")
    {
        let total = format!("{}.{:02}", total / 100, total % 100);
        let spoken = read_text(&"zh-CN".into(), "amount", &total).unwrap();
        assert!(caller.heard(&format!("余额共{spoken}，")), "{}", caller.document);
        heard = true;
        caller.presses("0").await;
        assert!(caller.heard("<Dial") || caller.heard("人工服务"), "{}", caller.document);
    }
    assert_eq!(caller.hangs_up().await, 204);
    heard
}

/// Everything in a folder, file after file; bytes that are no text do not matter.
fn text_of(folder: &Path) -> String {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap());
    texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}
