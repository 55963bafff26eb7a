//! Section 6.10: a recording, from the beep to the file.

use hotline::call::{EndCause, Keys};
use hotline::simulator::{BEEP, CallState, Then};

use super::*;

const HANGUP: &str = "<Hangup/>";

/// A recording of at most 20 s, with 5 s of silence at its end.
pub(super) fn record(beep: bool) -> String {
    let attributes = "maxLength=\"20\" timeout=\"5\" finishOnKey=\"#\" recordingStatusCallbackMethod=\"POST\"";
    format!(
        "<Record action=\"{HOST}/recorded\" method=\"POST\" playBeep=\"{beep}\" {attributes} \
         recordingStatusCallback=\"{HOST}/file\"/>{}",
        redirect("recorded")
    )
}

/// What was told when a recording had ended: to the action, and about the file.
fn told(line: &Line) -> [Vec<Option<String>>; 2] {
    let requests = line.script.requests.lock().unwrap();
    let of = |path: &str, names: &[&str]| {
        let request = requests.iter().find(|request| request.url == url(path)).expect("it was asked");
        let parameters = request.parameters();
        let value = |name: &&str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        names.iter().map(value).collect()
    };
    [
        of("recorded", &["RecordingDuration", "Digits", "CallStatus"]),
        of("file", &["RecordingStatus", "RecordingDuration"]),
    ]
}

/// A call in which the caller speaks for so long, or not at all, and then does something.
async fn recorded(beep: bool, seconds: Option<u64>) -> (Line, Phone) {
    let does = [answers(play(2) + &record(beep)), answers(play(1) + HANGUP), status(204), status(204)];
    let line = Line::twilio(does);
    let mut phone = line.phone().await;
    if let Some(seconds) = seconds {
        phone.speak(s(seconds)).await.unwrap();
    }
    (line, phone)
}

#[tokio::test]
async fn s6_10_timeout_of_silence_ends_it() {
    let (line, mut phone) = recorded(false, Some(7)).await;
    let began = line.clock.now();
    phone.wait().await.unwrap();
    assert_eq!(line.clock.now().since(began), s(5 + 1), "the silence, and the prompt after it");
    let [action, file] = told(&line);
    assert_eq!(action, [some("7"), None, some("in-progress")], "silence is trimmed");
    assert_eq!(file, [some("completed"), some("7")]);
    assert_eq!(line.asked(), ["voice/twilio", "recorded", "file", "voice/twilio/status"]);
    let urls: Vec<_> = line.script.requests.lock().unwrap()[1..3]
        .iter()
        .map(|request| request.parameters().into_iter().find(|(name, _)| name == "RecordingUrl").unwrap().1)
        .collect();
    assert_eq!(urls[0], urls[1], "the action and the callback name the same file");
}

#[tokio::test]
async fn s6_10_finish_on_key() {
    let (line, mut phone) = recorded(false, Some(7)).await;
    phone.press(&Keys::parse("5#").unwrap()).await.unwrap();
    let [action, _] = told(&line);
    assert_eq!(action[1..], [some("#"), some("in-progress")], "only a # ends it");
}

#[tokio::test]
async fn s6_10_max_length() {
    let (line, phone) = recorded(false, Some(60)).await;
    assert!(matches!(phone.state(), CallState::Ended(EndCause::Finished)));
    let [action, file] = told(&line);
    assert_eq!(action[..2], [some("20"), None]);
    assert_eq!(file[1], some("20"));
}

#[tokio::test]
async fn s6_10_nothing_recorded_and_the_next_verb_runs() {
    for beep in [true, false] {
        let line = Line::twilio([answers(play(2) + &record(beep)), answers(HANGUP)]);
        let mut leg = line.arrives().await.unwrap();
        let began = line.clock.now();
        let (_, then) = line.runs(&mut leg).await;
        let waited = s(2 + 5) + if beep { BEEP } else { Duration::ZERO };
        assert_eq!((then, line.clock.now().since(began)), (Then::Plays, waited));
        assert_eq!(line.asked(), ["voice/twilio", "recorded"], "the redirect behind it; there is no file");
        assert_eq!(line.last_of(["RecordingUrl", "RecordingDuration", "Digits"]), [None, None, None]);
    }
    // A # and nothing before it is nothing too.
    let (line, mut phone) = recorded(false, None).await;
    phone.press(&Keys::parse("#").unwrap()).await.unwrap();
    assert_eq!(line.asked()[1..], ["recorded", "voice/twilio/status"]);
}

#[tokio::test]
async fn s6_10_play_beep() {
    let line = Line::twilio([answers(play(2) + &record(true))]);
    let leg = line.arrives().await.unwrap();
    assert_eq!(leg.playing().records_from(), Some(line.clock.now().plus(s(2)).plus(BEEP)));
    let line = Line::twilio([answers(play(2) + &record(false))]);
    let leg = line.arrives().await.unwrap();
    assert_eq!(leg.playing().records_from(), Some(line.clock.now().plus(s(2))));
}

#[tokio::test]
async fn s7_caller_hangs_up_while_recorded() {
    let (line, mut phone) = recorded(false, Some(3)).await;
    phone.hang_up().await.unwrap();
    assert_eq!(line.asked(), ["voice/twilio", "recorded", "file", "voice/twilio/status"]);
    let [action, file] = told(&line);
    assert_eq!(action[..2], [some("3"), some("hangup")]);
    assert_eq!(file, [some("completed"), some("3")]);
    assert!(phone.heard().is_empty(), "what answers is heard by nobody");
    let (line, mut phone) = recorded(false, None).await;
    line.script.does.lock().unwrap().pop_front();
    phone.hang_up().await.unwrap();
    assert_eq!(line.asked(), ["voice/twilio", "voice/twilio/status", "file"], "that nothing was recorded is told");
}
