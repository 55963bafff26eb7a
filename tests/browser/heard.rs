//! What is to be heard in a call, from its `.call` file: prompts as the file tells them, texts as the same call has them
//! in a rehearsal today.

use std::path::Path;
use std::sync::Arc;

use hotline::call::Language;
use hotline::clip_files::ClipFiles;
use hotline::line_files;
use hotline::lookup::demo;
use hotline::lookup::pin::PinHashing;
use hotline::service::Speech;
use hotline::simulator::call_file::{self, Action, Expectation, Script, Step};
use hotline::simulator::{Hall, Stage, perform};
use hotline::store::Database;
use jiff::Zoned;

use crate::page::Shown;

/// What a caller does, and what is heard before.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) heard: Vec<Shown>,
    pub(crate) does: Does,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Presses(String),
    Waits,
    HangsUp,
}

/// The turns of a call file, up to where it changes the world around the call, which a browser cannot: there the caller
/// hangs up.
pub(crate) async fn turns(name: &str, language: &str) -> Vec<Turn> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("call-flows/12333/calls").join(name);
    let mut script = call_file::read(name, &std::fs::read_to_string(path).unwrap()).unwrap();
    let end = script.steps.iter().position(|(_, step)| matches!(step, Step::Sets(_)));
    script.steps.truncate(end.unwrap_or(script.steps.len()));
    let texts = texts(&script, language).await;
    let mut texts = texts.iter();
    let (mut turns, mut heard) = (Vec::new(), Vec::new());
    for (_, step) in &script.steps {
        let does = match step {
            Step::Expects(Expectation::Hears(prompts)) => {
                for expected in prompts {
                    let (language, text) = texts.next().unwrap().clone();
                    heard.push(Shown { prompt: expected.prompt.to_string(), language, text });
                }
                continue;
            }
            Step::Expects(Expectation::Says { .. } | Expectation::Ends(_)) => continue,
            Step::Does(Action::Presses(keys)) => Does::Presses(keys.as_str().to_owned()),
            Step::Does(Action::ChoosesLanguage) => Does::Presses(if language == "en" { "2" } else { "1" }.to_owned()),
            Step::Does(Action::WaitsSilent | Action::Waits) => Does::Waits,
            Step::Does(Action::HangsUp) => Does::HangsUp,
            step @ (Step::Sets(_) | Step::Does(_) | Step::Expects(_)) => panic!("a browser cannot do this: {step:?}"),
        };
        turns.push(Turn { heard: std::mem::take(&mut heard), does });
    }
    assert!(texts.next().is_none());
    if turns.last().is_none_or(|turn| turn.does != Does::HangsUp) {
        turns.push(Turn { heard, does: Does::HangsUp });
    }
    turns
}

/// Each sentence of the call, in order: its language and its text.
async fn texts(script: &Script, language: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("hotline.db")).await.unwrap();
    demo::fill(&database, Hall::PEOPLE, PinHashing::SMALLEST, |_, _| {}).await.unwrap();
    let speech = Speech::new(ClipFiles::in_folder(folder.path().join("clips")));
    let files = line_files::shipped();
    let hall = Hall::open(database.clone(), (line_files::SHIPPED.to_owned(), files), speech).await.unwrap();
    // Dates are said: the call is today's.
    let now = Zoned::now().in_tz("Asia/Shanghai").unwrap().datetime();
    let script = Script { at: now, ..script.clone() };
    let stage = Stage { threads: 1, times: 1, watched: false };
    let played = perform(&Arc::new(hall), &[script], &[Language::from(language)], stage).await;
    let transcript = played[0].ended.as_ref().unwrap_or_else(|failure| panic!("{failure:?}")).to_string();
    database.close().await.unwrap();
    let said = transcript.lines().filter_map(|line| line.trim_start().split_once("  hears "));
    let said = said.filter_map(|(_, said)| said.split_once(' '));
    said.map(|(language, text)| (language.to_owned(), text.trim_matches('"').to_owned())).collect()
}
