//! The calls beside the shipped line, each played in every language: with clips in memory and over HTTP, and as text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hotline::call::{Keys, Language, PhoneNumber, Timestamp};
use hotline::clip_files::ClipFiles;
use hotline::flow;
use hotline::line_files;
use hotline::service::{Speech, signatures};
use hotline::simulator::call_file::{self, Script};
use hotline::simulator::{
    Coverage, Hall, Missed, Phone, Played as Rehearsed, Said, Stage, Transcript, Unreadable, What, calls_of, perform,
    play, read_calls,
};
use hotline::store::Database;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::{JoinSet, LocalSet};

use crate::app::{App, Way, template};
use crate::client::Caller;

/// Calls that are played at a time on a thread; each has a service and a database of its own. Few, so that on a machine
/// that is busy with other things no request waits for longer than it may.
const AT_ONCE: usize = 4;

/// 2026-03-31 10:00 in China.
const MORNING: Timestamp = Timestamp::from_millis(1_774_922_400_000);

/// Every call that was played, by file and language.
#[derive(Default)]
struct Played {
    transcripts: BTreeMap<(String, Language), Transcript>,
    failures: Vec<String>,
}

/// The calls beside the shipped line, known by their names.
fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows/12333/calls");
    let mut scripts = match read_calls(&calls_of(&folder).unwrap()) {
        Ok(scripts) => scripts,
        Err(Unreadable::Mistakes(mistakes)) => panic!("{mistakes:#?}"),
        Err(unreadable) => panic!("{unreadable}"),
    };
    for script in &mut scripts {
        script.file = script.file.rsplit('/').next().unwrap().to_owned();
    }
    scripts
}

fn line() -> flow::Loaded {
    flow::load(&line_files::shipped(), &signatures()).unwrap()
}

async fn play_all(way: Way) -> Played {
    let languages = line().line.languages;
    let free = Arc::new(Semaphore::new(AT_ONCE));
    // One thread for all of them: the tests that play have one each.
    let thread = LocalSet::new();
    let mut playing = JoinSet::new();
    for script in scripts() {
        for language in
            languages.iter().filter(|language| script.language.as_ref().is_none_or(|only| only == *language))
        {
            let (script, language, free) = (script.clone(), language.clone(), Arc::clone(&free));
            playing.spawn_local_on(
                async move {
                    let _place = free.acquire_owned().await.unwrap();
                    let app = App::start(way).await;
                    let played = play(&app.world, app.exchange(), &script, &language).await;
                    app.stop().await;
                    ((script.file, language), played)
                },
                &thread,
            );
        }
    }
    let mut all = Played::default();
    while let Some(played) = thread.run_until(playing.join_next()).await {
        let (call, played) = played.unwrap();
        match played {
            Ok(transcript) => drop(all.transcripts.insert(call, transcript)),
            Err(failure) => all.failures.push(failure.to_string()),
        }
    }
    all.failures.sort();
    all
}

async fn in_memory() -> &'static Played {
    static PLAYED: OnceCell<Played> = OnceCell::const_new();
    PLAYED.get_or_init(|| play_all(Way::Memory)).await
}

fn hold(failures: &[String]) {
    assert!(failures.is_empty(), "{} call(s) did not go as told:\n\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn every_call_goes_as_told_in_every_language() {
    let played = in_memory().await;
    hold(&played.failures);
    assert!(played.transcripts.len() > 100);
}

/// Plays everything in another way; it has to go as told, and as in memory.
async fn is_the_same(way: Way) {
    let played = play_all(way).await;
    hold(&played.failures);
    for (call, transcript) in &in_memory().await.transcripts {
        let other = &played.transcripts[call];
        assert!(transcript == other, "{call:?}\nin memory:\n{transcript}\nby way of {way:?}:\n{other}");
    }
}

#[tokio::test]
async fn over_http_every_call_is_the_same() {
    is_the_same(Way::Http).await;
}

#[tokio::test]
async fn as_text_every_call_is_the_same() {
    is_the_same(Way::Text).await;
}

/// The shipped line's calls on the engine itself.
async fn rehearsed() -> &'static [Rehearsed] {
    static REHEARSED: OnceCell<Vec<Rehearsed>> = OnceCell::const_new();
    REHEARSED.get_or_init(rehearse).await
}

async fn rehearse() -> Vec<Rehearsed> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hotline.db");
    std::fs::write(&path, template().await).unwrap();
    let database = Database::open(&path).await.unwrap();
    let line = (line_files::SHIPPED.to_owned(), line_files::shipped());
    let hall = Hall::open(database.clone(), line, Speech::new(ClipFiles::default())).await.unwrap();
    let languages = hall.loaded().line.languages.clone();
    let stage = Stage { threads: 1, times: 1, watched: true };
    let played = perform(&Arc::new(hall), &scripts(), &languages, stage).await;
    database.close().await.unwrap();
    played
}

#[tokio::test]
async fn in_a_rehearsal_every_call_is_the_same() {
    let rehearsed = rehearsed().await;
    let failures: Vec<String> =
        rehearsed.iter().filter_map(|played| Some(played.ended.as_ref().err()?.to_string())).collect();
    hold(&failures);
    for played in rehearsed {
        let transcript = played.ended.as_ref().unwrap();
        let served = &in_memory().await.transcripts[&(played.file.clone(), played.language.clone())];
        let (file, language) = (&played.file, &played.language);
        assert!(transcript == served, "{file} in {language}\nrehearsed:\n{transcript}\nserved:\n{served}");
    }
}

#[tokio::test]
async fn the_calls_take_every_edge_in_every_language() {
    let coverage = Coverage::of(&line_files::shipped(), &line().line, rehearsed().await);
    let of_flows = |missed: &&Missed| !matches!(missed.what, What::Prompt(_));
    let missed: Vec<String> = coverage
        .missed
        .iter()
        .filter(of_flows)
        .map(|missed| format!("{}:{}: {} in {:?}", missed.file, missed.line, missed.what, missed.languages))
        .collect();
    assert!(missed.is_empty(), "no call comes by:\n{}", missed.join("\n"));
    let edges: Vec<usize> = coverage.total().iter().map(|figures| figures.edges.all).collect();
    assert!(edges.len() == 2 && edges.iter().all(|edges| *edges > 300), "{edges:?}");
}

/// A call of which one line does not hold, and how that is told.
#[tokio::test]
async fn what_does_not_hold_is_told_with_its_line_and_the_call_so_far() {
    let begin = "line 12333 at 2026-03-31 10:00\nhears entry.welcome entry.notice\nwaits silent\nhears entry.lang entry.lang\n\
                 chooses language\n";
    for (lines, told) in [
        ("hears med.menu", "a.call:6: expected to hear med.menu; heard main.menu\n  played in en through "),
        ("hears main.menu main.menu", "a.call:6: expected to hear main.menu main.menu; heard main.menu\n"),
        ("hears text main.menu", "a.call:6: expected main.menu as text; it came from clips\n"),
        ("says en \"Hello.\"", "a.call:6: expected \"Hello.\"\n  heard    \"Medical account balance, press one. "),
        ("says zh-CN \"您好。\"\nends finished", "a.call:7: expected the end of the call, `finished`; it goes on\n"),
        ("dials operators", "a.call:6: expected a dial of `operators`; nobody is dialled\n"),
        ("presses 0\ndials nobody", "a.call:7: expected a dial of `nobody`; others are dialled\n"),
        ("presses 0\npresses 1", "a.call:7: somebody is dialled: expected `dial ends ...` first\n"),
        ("presses 0\noperator hears op.whisper", "a.call:7: expected to hear op.whisper; heard nothing\n"),
        (
            "presses 0\noperator answers\noperator waits\ndial ends talked 60s",
            "a.call:9: they cannot have talked: whoever picked up has not taken the call\n",
        ),
        ("operator answers", "a.call:6: no phone rings\n"),
        ("waits", "a.call:6: keys are waited for: nothing comes by itself"),
        (
            "hangs up\nends finished",
            "a.call:7: expected the end of the call for `finished`; it has ended for `caller-hung-up`\n",
        ),
        ("hangs up\nhangs up", "a.call:7: the call is over\n"),
    ] {
        for way in [Way::Memory, Way::Http] {
            let script = call_file::read("a.call", &format!("{begin}{lines}\n")).unwrap();
            let app = App::start(way).await;
            let failure = play(&app.world, app.exchange(), &script, &"en".into()).await.unwrap_err().to_string();
            app.stop().await;
            assert!(failure.starts_with(told), "{lines}: {failure}");
            assert!(failure.contains("    5  hears en \"Medical account balance"), "the call so far: {failure}");
        }
    }
}

#[tokio::test]
async fn a_call_is_for_one_line() {
    let app = App::start(Way::Memory).await;
    let script = call_file::read("a.call", "line 12345 at 2026-03-31 10:00\nhangs up\n").unwrap();
    let failure = play(&app.world, app.exchange(), &script, &"en".into()).await.unwrap_err().to_string();
    app.stop().await;
    assert!(failure.starts_with("a.call:2: expected line `12345`; this is line `12333`"), "{failure}");
}

/// What is read out although clips are expected is told; where clips are off, either is fine.
#[tokio::test]
async fn clip_and_text_are_told_apart_where_there_are_clips() {
    let lines = "line 12333 at 2026-03-31 10:00\nswitch bulletin \"今天。\" \"Today.\"\nhears entry.welcome entry.notice\n\
                 waits silent\nhears entry.lang entry.lang\nchooses language\nhears clip entry.emergency main.menu\n";
    let script = call_file::read("a.call", lines).unwrap();
    for (way, told) in [
        (Way::Memory, Some("a.call:7: expected entry.emergency from clips; it came as text\n")),
        (Way::Http, Some("a.call:7: expected entry.emergency from clips; it came as text\n")),
        (Way::Text, None),
    ] {
        let app = App::start(way).await;
        let failure =
            play(&app.world, app.exchange(), &script, &"en".into()).await.err().map(|failure| failure.to_string());
        app.stop().await;
        match (&failure, told) {
            (Some(failure), Some(told)) => assert!(failure.starts_with(told), "{failure}"),
            (failure, told) => assert_eq!((failure.as_deref(), told), (None, None), "{way:?}"),
        }
    }
}

/// Balance, costs, the latest credit, payments and an operator: the documents of a whole call, as a provider gets them.
#[tokio::test]
async fn the_main_paths_are_played_and_nothing_is_read_out() {
    for language in ["1", "2"] {
        let app = App::start(Way::Http).await;
        app.world.clock.set(MORNING);
        let mut caller = Caller::new(&reqwest::Client::new(), &app.carrier.public.to_string(), 1);
        caller.arrives().await;
        let mut documents = vec![caller.document.clone()];
        caller.is_silent().await;
        documents.push(caller.document.clone());
        let balance = [language, "1", "1", "000101198503121233#", "204816#", "1", "2", "*"];
        for keys in balance.into_iter().chain(["2", "1", "1", "1", "0"]) {
            assert_eq!(caller.presses(keys).await, 200);
            documents.push(caller.document.clone());
        }
        assert!(caller.heard("<Dial"), "{}", caller.document);
        for document in &documents {
            assert!(document.contains("<Play>") && !document.contains("<Say"), "{document}");
        }
        let different: BTreeSet<&String> = documents.iter().collect();
        assert_eq!(different.len(), documents.len(), "no key was in vain");
        app.stop().await;
    }
}

/// A caller who was silent twice hears figures slowly; words are said as ever.
#[tokio::test]
async fn after_two_silences_figures_are_slower_and_nothing_else() {
    let app = App::start(Way::Memory).await;
    let usual = balance(&app, 0).await;
    assert_eq!(balance(&app, 1).await, usual);
    let slow = balance(&app, 2).await;
    app.stop().await;
    assert_eq!(usual.len(), slow.len());
    for (usual, slow) in usual.iter().zip(&slow) {
        assert_eq!((&usual.prompt, &usual.text, usual.medium), (&slow.prompt, &slow.text, slow.medium));
        if usual.prompt.as_ref().is_some_and(|prompt| prompt.as_str() == "med.balance") {
            assert!(slow.length > usual.length + Duration::from_secs(2), "{usual:?}, then {slow:?}");
        } else {
            assert_eq!(usual.length, slow.length, "{:?}", usual.prompt);
        }
    }
}

/// What is said with the balance after so many silences in the main menu.
async fn balance(app: &App, silences: usize) -> Vec<Said> {
    let (exchange, clock) = (app.exchange(), Arc::clone(&app.world.clock));
    clock.set(MORNING);
    let mut phone = Phone::call(exchange, clock, None, PhoneNumber::parse("12333").unwrap()).await.unwrap();
    phone.wait_silent().await.unwrap();
    phone.press(&Keys::parse("2").unwrap()).await.unwrap();
    for _ in 0..silences {
        phone.wait_silent().await.unwrap();
    }
    for keys in ["1", "1", "000101198503121233#", "204816#"] {
        phone.press(&Keys::parse(keys).unwrap()).await.unwrap();
    }
    let said = phone.heard().to_vec();
    assert!(said.iter().any(|said| said.text.contains("eleven thousand twenty-three yuan")));
    phone.hang_up().await.unwrap();
    said
}
