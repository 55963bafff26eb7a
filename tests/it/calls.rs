//! The calls beside the shipped line, each played in every language, in memory and over HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use hotline::call::{Language, NodeId};
use hotline::flow;
use hotline::line_files;
use hotline::service::signatures;
use hotline::simulator::call_file::{self, Script};
use hotline::simulator::{Transcript, play};
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::{JoinSet, LocalSet};

use crate::app::{App, Way};

/// Calls that are played at a time; each has a service and a database of its own.
const AT_ONCE: usize = 8;

/// Every call that was played, by file and language.
#[derive(Default)]
struct Played {
    transcripts: BTreeMap<(String, Language), Transcript>,
    failures: Vec<String>,
    entered: BTreeSet<NodeId>,
}

fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows/12333/calls");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "call"));
    files.sort();
    let read = files.iter().map(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        call_file::read(name, &std::fs::read_to_string(file).unwrap())
    });
    let (good, bad): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    let mistakes: Vec<String> =
        bad.into_iter().flat_map(Result::unwrap_err).map(|mistake| mistake.to_string()).collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    good.into_iter().map(Result::unwrap).collect()
}

fn line() -> flow::Loaded {
    flow::load(&line_files::shipped(), &signatures()).unwrap()
}

async fn play_all(way: Way) -> Played {
    let languages = line().line.languages;
    let free = Arc::new(Semaphore::new(AT_ONCE));
    // One thread for all of them: the two tests that play have one each.
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
                    let played = play(&app.world, &app.carrier, &script, &language).await;
                    let entered = app.world.entered().await.unwrap();
                    app.stop().await;
                    ((script.file, language), played, entered)
                },
                &thread,
            );
        }
    }
    let mut all = Played::default();
    while let Some(played) = thread.run_until(playing.join_next()).await {
        let (call, played, entered) = played.unwrap();
        all.entered.extend(entered);
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

#[tokio::test]
async fn over_http_every_call_is_the_same() {
    let played = play_all(Way::Http).await;
    hold(&played.failures);
    for (call, transcript) in &in_memory().await.transcripts {
        let over_http = &played.transcripts[call];
        assert!(transcript == over_http, "{call:?}\nin memory:\n{transcript}\nover HTTP:\n{over_http}");
    }
}

#[tokio::test]
async fn every_node_is_reached_by_a_call() {
    let line = line().line;
    let entered = &in_memory().await.entered;
    let missed: Vec<&str> = line.nodes.keys().filter(|node| !entered.contains(*node)).map(NodeId::as_str).collect();
    assert!(missed.is_empty(), "no call comes to: {}", missed.join(" "));
}

/// A call of which one line does not hold, and how that is told.
#[tokio::test]
async fn what_does_not_hold_is_told_with_its_line_and_the_call_so_far() {
    let begin = "line 12333 at 2026-03-31 10:00\nhears entry.welcome entry.notice\nwaits silent\nhears entry.lang entry.lang\n\
                 chooses language\n";
    for (lines, told) in [
        ("hears med.menu", "a.call:6: expected to hear med.menu; heard main.menu\n  played in en through "),
        ("hears main.menu main.menu", "a.call:6: expected to hear main.menu main.menu; heard main.menu\n"),
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
            let failure = play(&app.world, &app.carrier, &script, &"en".into()).await.unwrap_err().to_string();
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
    let failure = play(&app.world, &app.carrier, &script, &"en".into()).await.unwrap_err().to_string();
    app.stop().await;
    assert!(failure.starts_with("a.call:2: expected line `12345`; this is line `12333`"), "{failure}");
}
