//! Section 6.8 and its rows of 2.2 and 7: ringing, the whisper, the talk, and how it all ends.

use hotline::call::{DialOutcome, EndCause, Keys};
use hotline::simulator::{CallState, Peer};

use super::*;

const HANGUP: &str = "<Hangup/>";
/// What the operator's leg is told: who comes, and to press a key.
const WHISPER_DECLINES: &str = "<Hangup/>";

/// A dial that rings for 25 s and lasts 60 s at most.
fn dial(whisper: bool, attributes: &str) -> String {
    let whisper = if whisper { format!(" url=\"{HOST}/whisper\" method=\"POST\"") } else { String::new() };
    format!(
        "<Dial action=\"{HOST}/dialled\" method=\"POST\" timeout=\"25\" timeLimit=\"60\"{attributes}>\
         <Number{whisper}>+12025550100</Number><Number{whisper}>+12025550101</Number></Dial>"
    )
}

fn keys(text: &str) -> Keys {
    Keys::parse(text).unwrap()
}

/// A caller for whom a phone rings.
async fn ringing(verbs: &str, then: impl IntoIterator<Item = Does>) -> (Line, Phone) {
    let line = Line::twilio([answers(verbs)].into_iter().chain(then));
    let phone = line.phone().await;
    assert!(matches!(phone.state(), CallState::Dialling(Peer::Ringing)));
    (line, phone)
}

/// What comes of a dial that ends, and how long it was from the ring.
async fn ends(outcome: DialOutcome, talk: Option<u64>) -> (Line, u64) {
    let (line, mut phone) = ringing(&dial(false, ""), [answers(play(1) + &redirect("next"))]).await;
    let began = line.clock.now();
    if outcome == DialOutcome::Talked {
        phone.operator_answers().await.unwrap();
    }
    let answered = line.clock.now();
    phone.dial_ends(outcome, talk.map(s)).await.unwrap();
    let since = if talk.is_some() { answered } else { began };
    let took = line.clock.now().since(since).as_secs();
    (line, took)
}

const REPORT: [&str; 4] = ["DialCallStatus", "DialCallDuration", "DialBridged", "CallStatus"];

#[tokio::test]
async fn s6_8_action_tells_how_it_ended() {
    for (outcome, status) in
        [(DialOutcome::Busy, "busy"), (DialOutcome::NoAnswer, "no-answer"), (DialOutcome::Failed, "failed")]
    {
        let (line, _) = ends(outcome, None).await;
        assert_eq!(line.asked()[1], "dialled");
        assert_eq!(line.last_of(REPORT), [some(status), None, some("false"), some("in-progress")]);
    }
    let (line, _) = ends(DialOutcome::Talked, Some(42)).await;
    assert_eq!(line.last_of(REPORT), [some("completed"), some("42"), some("true"), some("in-progress")]);
}

#[tokio::test]
async fn s6_8_timeout() {
    let (_, rang) = ends(DialOutcome::NoAnswer, None).await;
    assert_eq!(rang, 25);
}

#[tokio::test]
async fn s6_8_time_limit() {
    let (line, talked) = ends(DialOutcome::Talked, Some(3_600)).await;
    assert_eq!((talked, line.last("DialCallDuration")), (60, some("60")));
}

#[tokio::test]
async fn s6_8_a_callee_who_hangs_up_does_not_end_the_call() {
    let (line, mut phone) = ringing(&dial(false, ""), [answers(gather(ONE_KEY, 5, &play(2)))]).await;
    phone.operator_answers().await.unwrap();
    phone.dial_ends(DialOutcome::Talked, Some(s(10))).await.unwrap();
    assert!(matches!(phone.state(), CallState::Hearing) && phone.heard().len() == 1);
    assert_eq!(line.asked(), ["voice/twilio", "dialled"], "the action's document continues the caller");
}

#[tokio::test]
async fn s6_8_rings_when_everything_before_it_has_been_said() {
    let line = Line::twilio([answers(play(4) + &dial(false, ""))]);
    let began = line.clock.now();
    line.phone().await;
    assert_eq!(line.clock.now().since(began), s(4));
}

#[tokio::test]
async fn s6_8_whisper_runs_on_the_callee_before_the_bridge() {
    let whisper = answers(gather(ONE_KEY, 5, &play(3)));
    let (line, mut phone) = ringing(&dial(true, ""), [whisper, answers("")]).await;
    phone.operator_answers().await.unwrap();
    assert!(matches!(phone.state(), CallState::Dialling(Peer::Hearing(_))));
    assert_eq!((phone.operator_heard().len(), line.asked()[1].as_str()), (1, "whisper"));
    // The standard parameters of the callee's own leg.
    let caller = line.script.requests.lock().unwrap()[0].parameters()[0].1.clone();
    let [leg, parent] = line.last_of(["CallSid", "ParentCallSid"]);
    assert!(leg.is_some() && leg != parent && parent == Some(caller));
    let standard = line.last_of(["Direction", "To", "From", "CallStatus"]);
    assert_eq!(standard, [some("outbound-dial"), some("+12025550100"), some("+8613800138000"), some("in-progress")]);
    // Press one to accept: the end of the document is the bridge.
    phone.operator_presses(&keys("1")).await.unwrap();
    assert_eq!((line.asked()[2].as_str(), line.last("Digits")), ("keys", some("1")));
    assert_eq!(line.last("CallSid"), leg);
    assert!(matches!(phone.state(), CallState::Dialling(Peer::Joined)));
}

#[tokio::test]
async fn s6_8_hangup_in_a_whisper_declines() {
    let whisper = || answers(gather(ONE_KEY, 5, &play(3)));
    for presses in [Some("2"), None] {
        let does = [whisper(), answers(WHISPER_DECLINES), answers(play(1) + &redirect("next"))];
        let (line, mut phone) = ringing(&dial(true, ""), does).await;
        phone.operator_answers().await.unwrap();
        match presses {
            Some(text) => phone.operator_presses(&keys(text)).await.unwrap(),
            None => phone.operator_waits().await.unwrap(),
        }
        assert_eq!(line.asked()[2], if presses.is_some() { "keys" } else { "silent" });
        assert!(matches!(phone.state(), CallState::Dialling(Peer::Gone(_))));
        phone.dial_ends(DialOutcome::Declined, None).await.unwrap();
        assert_eq!(line.last_of(REPORT)[..3], [some("completed"), None, some("false")], "answered, yet never joined");
    }
}

/// Allowed are `Play`, `Say`, `Gather`, `Pause`, `Redirect` and `Hangup`.
#[tokio::test]
async fn s6_8_whisper_does_not_dial_record_or_reject() {
    for verbs in [dial(false, ""), super::recording::record(true), "<Reject reason=\"busy\"/>".to_owned()] {
        let (_, mut phone) = ringing(&dial(true, ""), [answers(verbs.clone())]).await;
        let failed = phone.operator_answers().await.unwrap_err().to_string();
        assert!(failed.contains("whoever picks up can be spoken to"), "{verbs}: {failed}");
    }
    for verbs in [play(1) + &redirect("next"), play(1) + "<Pause length=\"1\"/>", HANGUP.to_owned()] {
        let (_, mut phone) = ringing(&dial(true, ""), [answers(verbs)]).await;
        phone.operator_answers().await.unwrap();
    }
}

#[tokio::test]
async fn s6_8_without_whisper_whoever_answers_is_joined() {
    let (line, mut phone) = ringing(&dial(false, ""), []).await;
    phone.operator_answers().await.unwrap();
    assert!(matches!(phone.state(), CallState::Dialling(Peer::Joined)));
    assert_eq!(line.asked().len(), 1);
}

#[tokio::test]
async fn s6_8_answer_on_bridge() {
    let waiting = dial(false, " answerOnBridge=\"true\"");
    let after = || answers(play(1) + &redirect("next"));
    // The call rings until the two are joined: nobody picked up, and the action is told so.
    let (line, mut phone) = ringing(&waiting, [after()]).await;
    phone.dial_ends(DialOutcome::NoAnswer, None).await.unwrap();
    assert_eq!(line.last("CallStatus"), some("ringing"));
    let (line, mut phone) = ringing(&waiting, [after()]).await;
    phone.operator_answers().await.unwrap();
    phone.dial_ends(DialOutcome::Talked, Some(s(9))).await.unwrap();
    assert_eq!(line.last("CallStatus"), some("in-progress"));
    // Without it the caller is answered first.
    let (line, mut phone) = ringing(&dial(false, ""), [after()]).await;
    phone.dial_ends(DialOutcome::NoAnswer, None).await.unwrap();
    assert_eq!(line.last("CallStatus"), some("in-progress"));
    // A caller who goes while it rings was never answered: nothing is billed.
    let (line, mut phone) = ringing(&waiting, [answers(HANGUP), status(204)]).await;
    phone.hang_up().await.unwrap();
    assert_eq!(line.last_of(["CallStatus", "CallDuration"]), [some("no-answer"), None]);
}

#[tokio::test]
async fn s7_caller_hangs_up_in_a_dial() {
    let (line, mut phone) = ringing(&dial(false, ""), [answers(play(9) + HANGUP), status(204)]).await;
    phone.hang_up().await.unwrap();
    assert_eq!(line.asked(), ["voice/twilio", "dialled", "voice/twilio/status"]);
    assert!(phone.heard().is_empty(), "the answer of the action is unused");
    assert_eq!(phone.ended(), Some(EndCause::CallerHungUp));
    let dialled = line.script.requests.lock().unwrap()[1].parameters();
    assert!(dialled.contains(&("DialCallStatus".to_owned(), "canceled".to_owned())), "{dialled:?}");
}

/// Only Twilio tells whether the two were joined.
#[tokio::test]
async fn s12_dial_parameters_of_the_others() {
    for name in ["signalwire", "telnyx", "somleng"] {
        let line = Line::of(profile(name), [answers(dial(false, "")), answers(play(1) + &redirect("next"))]);
        let mut phone = line.phone().await;
        phone.dial_ends(DialOutcome::Declined, None).await.unwrap();
        assert_eq!(line.last_of(REPORT)[..3], [some("no-answer"), None, None], "{name}");
    }
}
