//! Hundreds of calls at once, then a search for what callers said and keyed in: it must be nowhere. Once as text, and
//! once with clips, whose URLs let whoever has them listen.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use hotline::call::{Language, PromptId, Spoken, ValueRecord};
use hotline::clip_files::ClipFiles;
use hotline::flow;
use hotline::line_files;
use hotline::lookup::demo;
use hotline::prompt::say::read_text;
use hotline::prompt::{Catalogue, Part};
use hotline::service::signatures;
use tokio::sync::Semaphore;

use crate::client::Caller;
use crate::server::Server;

/// How many requests of all these calls are under way at a time: a machine that is busy with other things answers these
/// too before they have waited for too long.
static LINES: Semaphore = Semaphore::const_new(16);
const CHINESE: &str = "zh-CN";
/// What stands between `/audio/` and the extension of a sentence that everybody hears.
const FIXED_NAME: usize = 32;

/// How callers understand what a document says.
#[derive(Clone)]
enum Ear {
    Text,
    Clips(Arc<Catalogue>),
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_calls_at_once_end_as_scripted_and_leave_no_trace() {
    leave_no_trace(500, Ear::Text, &["--no-clips"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_calls_that_hear_clips_leave_no_trace() {
    let catalogue = flow::load(&line_files::shipped(), &signatures()).unwrap().catalogue;
    leave_no_trace(200, Ear::Clips(catalogue), &[]).await;
}

/// Plays so many calls at once on a server with these arguments.
async fn leave_no_trace(calls: u32, ear: Ear, more: &[&str]) {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--demo", "--demo-members", "500", "--log", "debug", "--operators", "+12025550100"];
    let server = Server::start_with(data.path(), &[&arguments, more].concat());
    let people: Vec<demo::Person> = demo::people(calls).collect();
    // The tables have numbers of their own, and six digits turn up by chance: what the calls add counts.
    let before = bytes_of(data.path());

    let mut playing = Vec::new();
    for (number, person) in (0_u64..).zip(&people) {
        let mut caller = server.caller(number);
        caller.from = format!("+86120{number:08}");
        let id = person.member.id.as_str().replace('X', "*");
        let pin = person.pin.as_ref().map(|pin| (pin.digits.clone(), pin.initial));
        let total = person.account.as_ref().map(|account| account.current + account.previous);
        let (ear, http) = (ear.clone(), server.http.clone());
        playing.push(tokio::spawn(async move { play(&mut caller, &ear, &http, &id, pin, total).await }));
    }
    let (mut balances, mut played) = (0, Vec::new());
    for call in playing {
        let (balance, own) = call.await.unwrap();
        balances += usize::from(balance);
        played.extend(own);
    }
    assert!(balances * 5 > people.len() * 4, "only {balances} calls heard a balance");
    assert_eq!(played.is_empty(), matches!(ear, Ear::Text));
    let log = server.stop();
    assert!(!log.contains("ERROR") && !log.contains("panic"), "{log}");
    assert_eq!(log.matches("a call has ended").count(), people.len(), "every call ends on record");

    let messages: Vec<&str> =
        log.lines().map(|line| line.split_once(' ').map_or(line, |(_, message)| message)).collect();
    let words: HashSet<&str> = messages.iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric())).collect();
    let names: String = log.chars().filter(|letter| !letter.is_ascii()).collect();
    let [log_8, log_11, log_17] = [8, 11, 17].map(|length| numbers(log.as_bytes(), length));
    let after = bytes_of(data.path());
    let [new_6, new_11] = [6, 11].map(|length| {
        let before = numbers(&before, length);
        numbers(&after, length).into_iter().filter(|number| !before.contains(number)).collect::<HashSet<_>>()
    });
    for (number, person) in people.iter().enumerate() {
        let (id, phone) = (person.member.id.as_str(), format!("120{number:08}"));
        assert!(!log_17.contains(&id.as_bytes()[..17]), "an identity number is in the log");
        assert!(!log_11.contains(phone.as_bytes()), "a telephone number is in the log");
        assert!(!new_11.contains(phone.as_bytes()), "a caller's number is in clear in the data folder");
        if let Some(card) = &person.member.card_no {
            assert!(!log_8.contains(&card.as_bytes()[1..9]), "a card number is in the log");
        }
        if let Some(pin) = &person.pin {
            assert!(!words.contains(pin.digits.as_str()), "a PIN is in the log");
            assert!(!new_6.contains(pin.digits.as_bytes()), "a PIN is in the data folder");
        }
        assert!(!names.contains(&person.member.name), "a name is in the log");
    }
    // Words of a log have no `-`, which a name of audio may have.
    let words: HashSet<&str> =
        log.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_' && c != '=').collect();
    assert!(played.iter().all(|name| !words.contains(name.as_str())), "a URL of somebody's audio is in the log");
}

/// One caller: to the balance if there is one, then to a person, then away. Whether a balance was heard, and the names
/// of the audio that was only for this caller.
async fn play(
    caller: &mut Caller,
    ear: &Ear,
    http: &reqwest::Client,
    id: &str,
    pin: Option<(String, bool)>,
    total: Option<i64>,
) -> (bool, Vec<String>) {
    assert_eq!(in_turn(caller.arrives()).await, 200);
    in_turn(caller.is_silent()).await;
    for keys in ["1", "1", "1"] {
        in_turn(caller.presses(keys)).await;
    }
    in_turn(caller.presses(&format!("{id}#"))).await;
    assert!(ear.asks_for_pin(caller), "{}", caller.document);
    let (pin, initial) = pin.unwrap_or(("135792".to_owned(), false));
    let known = in_turn(caller.presses(&format!("{pin}#"))).await;
    assert_eq!(known, 200);
    let mut own = Vec::new();
    for url in audio_urls(&caller.document) {
        let answer = in_turn(http.get(&url).send()).await.unwrap();
        assert_eq!(answer.status(), 200);
        let name = url.rsplit('/').next().unwrap().trim_end_matches(".wav");
        if name.len() != FIXED_NAME {
            own.push((name.to_owned(), url, answer.bytes().await.unwrap()));
        }
    }
    let mut heard = false;
    if !initial && let Some(total) = total {
        let total = format!("{}.{:02}", total / 100, total % 100);
        let spoken = read_text(&CHINESE.into(), "amount", &total).unwrap();
        heard = match ear {
            Ear::Text if caller.heard("您的医保账户余额共") => {
                assert!(caller.heard(&format!("余额共{spoken}，")), "{}", caller.document);
                true
            }
            Ear::Text => false,
            Ear::Clips(catalogue) => {
                let figure = amount(catalogue, &spoken);
                own.iter().any(|(_, _, file)| file.windows(figure.len()).any(|window| window == figure))
            }
        };
    }
    if heard {
        in_turn(caller.presses("0")).await;
        assert!(caller.heard("<Dial") || caller.heard("人工服务") || caller.heard("<Play>"), "{}", caller.document);
    }
    assert_eq!(in_turn(caller.hangs_up()).await, 204);
    for (_, url, _) in &own {
        assert_eq!(in_turn(http.get(url).send()).await.unwrap().status(), 404, "nobody is there to hear it");
    }
    (heard, own.into_iter().map(|(name, ..)| name).collect())
}

/// A request, once it is its turn: all calls go on side by side, none is left behind.
async fn in_turn<T>(request: impl Future<Output = T>) -> T {
    let _turn = LINES.acquire().await.unwrap();
    request.await
}

impl Ear {
    fn asks_for_pin(&self, caller: &Caller) -> bool {
        match self {
            Self::Text => caller.heard("请输入六位查询密码"),
            Self::Clips(catalogue) => {
                let language = Language::from(CHINESE);
                let prompt = PromptId::from("auth.pin");
                let spoken = Spoken { prompt, language, values: ValueRecord::new(), personal: false, slow: false };
                let recipe = catalogue.utterance(&spoken).unwrap().recipe.unwrap();
                caller.heard(&format!("/audio/{}.wav", recipe.hash())) && !caller.heard("<Say")
            }
        }
    }
}

/// The samples that say an amount, up to where its last piece ends.
fn amount(catalogue: &Catalogue, said: &str) -> Vec<u8> {
    let mut recipe = catalogue.figure(&CHINESE.into(), "amount", said, false).unwrap();
    recipe.parts.pop_if(|part| matches!(part, Part::Pause(_)));
    ClipFiles::default().parts(&recipe).unwrap().concat()
}

fn audio_urls(document: &str) -> Vec<String> {
    let plays = document.split("<Play>").skip(1);
    plays.map(|rest| rest.split("</Play>").next().unwrap().to_owned()).collect()
}

/// Every run of so many digits, also within longer ones.
fn numbers(bytes: &[u8], length: usize) -> HashSet<&[u8]> {
    bytes.windows(length).filter(|window| window.iter().all(u8::is_ascii_digit)).collect()
}

/// Everything in a folder, file after file.
fn bytes_of(folder: &Path) -> Vec<u8> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn a_number_is_found_wherever_it_stands() {
    let found = numbers("x204816y 1204816 20481 6".as_bytes(), 6);
    assert_eq!(found, HashSet::from([&b"204816"[..], b"120481"]));
}
