//! The calls beside every line under `call-flows/` that the program does not bring along, in memory and over HTTP. Such a
//! line has no clips of its own: it is spoken as text.

use std::collections::BTreeMap;
use std::path::Path;

use hotline::call::Language;
use hotline::simulator::call_file::{self, Script};
use hotline::simulator::{Transcript, play};
use hotline::{flow, line_files, service};

use crate::app::{App, Way};
use crate::line::{line_folder, line_folders};

/// The calls beside a line, by their names.
fn scripts(line: &Path) -> Vec<Script> {
    let files = std::fs::read_dir(line.join("calls")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|ending| ending == "call")).collect();
    files.sort();
    let read = |file: &Path| {
        let name = file.file_name().unwrap().to_str().unwrap();
        call_file::read(name, &std::fs::read_to_string(file).unwrap()).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
    };
    files.iter().map(|file| read(file)).collect()
}

/// What was heard in each call; every one goes as told.
async fn play_all(line: &Path, way: Way) -> BTreeMap<(String, Language), Transcript> {
    let name = line.file_name().unwrap().to_str().unwrap();
    let files = line_files::read_folder(line).unwrap();
    let languages = flow::load(&files, &service::signatures()).unwrap().line.languages;
    let mut transcripts = BTreeMap::new();
    for script in scripts(line) {
        for language in languages.iter().filter(|own| script.language.as_ref().is_none_or(|only| only == *own)) {
            let app = App::with(way, name, files.clone()).await;
            let played = play(&app.world, app.exchange(), &script, language).await;
            app.stop().await;
            let transcript = played.unwrap_or_else(|failure| panic!("{failure}"));
            transcripts.insert((script.file.clone(), language.clone()), transcript);
        }
    }
    transcripts
}

#[tokio::test]
async fn every_call_goes_as_told_in_memory_and_over_http() {
    let lines = line_folders().into_iter().filter(|line| *line != line_folder(line_files::SHIPPED));
    let lines = lines.chain([crate::left_behind::folder()]);
    let mut played = 0;
    for line in lines {
        let (in_memory, over_http) = (play_all(&line, Way::Memory).await, play_all(&line, Way::Http).await);
        for (call, transcript) in &in_memory {
            let other = &over_http[call];
            assert!(transcript == other, "{call:?}\nin memory:\n{transcript}\nover HTTP:\n{other}");
        }
        played += in_memory.len();
    }
    assert!(played > 10, "{played}");
}
