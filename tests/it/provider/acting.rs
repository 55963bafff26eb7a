//! Sections 6.2 to 6.7 and 7: what is said when, which keys count, what runs next.

use hotline::call::{EndCause, Kind, Refusal};
use hotline::simulator::Then;

use super::*;

const HANGUP: &str = "<Hangup/>";
const PAUSE: &str = "<Pause length=\"3\"/>";

/// A call on this document; whatever comes next says a second and hangs up.
async fn on(verbs: &str) -> (Line, Leg) {
    let line = Line::twilio([answers(verbs), answers(play(1) + HANGUP)]);
    let leg = line.arrives().await.unwrap();
    (line, leg)
}

/// Keys are pressed a second apart, the first one so many seconds after the document came.
async fn press(line: &Line, leg: &mut Leg, after: u64, keys: &str) -> Then {
    let mut then = Then::Waits;
    for (key, wait) in keys.chars().zip(std::iter::once(after).chain(std::iter::repeat(1))) {
        line.clock.advance(s(wait));
        then = leg.press(&line.wire, key).await.unwrap();
    }
    then
}

#[tokio::test]
async fn s6_2_say_and_s6_3_play_last_as_long_as_they_sound() {
    let (line, mut leg) = on(&(play(4) + &play(2) + HANGUP)).await;
    assert_eq!(line.runs(&mut leg).await, (6, Then::HangsUp(EndCause::Finished)));
    let say = |text: &str| format!("<Say voice=\"Polly.Zhiyu\" language=\"cmn-CN\">{text}</Say>{HANGUP}");
    let (short, mut leg) = on(&say("您好")).await;
    let (short, _) = short.runs(&mut leg).await;
    let (long, mut leg) = on(&say(&"您好".repeat(20))).await;
    let (long, _) = long.runs(&mut leg).await;
    assert!(long >= 8 && long > 5 * short, "{short} s and {long} s");
}

#[tokio::test]
async fn s6_4_rule_1_prompts_play_and_a_key_stops_them() {
    let (line, mut leg) = on(&gather(UNTIL_POUND, 5, &play(10))).await;
    assert_eq!(line.clock.now().plus(s(10 + 5)), leg.playing().due(), "the timer starts when the prompts end");
    assert_eq!(press(&line, &mut leg, 2, "1").await, Then::Waits);
    assert_eq!(leg.playing().due(), line.clock.now().plus(s(5)), "the key stops them and starts it");
    assert_eq!(press(&line, &mut leg, 4, "2").await, Then::Waits);
    assert_eq!(leg.playing().due(), line.clock.now().plus(s(5)), "and so does each further key");
    assert_eq!(line.runs(&mut leg).await, (5, Then::Plays));
    assert_eq!((line.asked()[1].as_str(), line.last("Digits")), ("keys", some("12")));
}

#[tokio::test]
async fn s6_4_rule_2_num_digits_and_finish_key_end_it() {
    let (line, mut leg) = on(&gather(ONE_KEY, 5, &play(10))).await;
    assert_eq!(press(&line, &mut leg, 1, "7").await, Then::Plays, "the first key at once");
    assert_eq!((line.asked()[1].as_str(), line.last("Digits")), ("keys", some("7")));
    let (line, mut leg) = on(&gather(UNTIL_POUND, 5, "")).await;
    assert_eq!(press(&line, &mut leg, 1, "000*").await, Then::Waits, "there is no other end");
    assert_eq!(press(&line, &mut leg, 1, "#").await, Then::Plays);
    assert_eq!(line.last("Digits"), some("000*"), "the finish key is not reported");
}

#[tokio::test]
async fn s6_4_rule_3_after_input_nothing_else_of_the_document_runs() {
    let (line, mut leg) = on(&gather(ONE_KEY, 5, "")).await;
    press(&line, &mut leg, 1, "1").await;
    assert_eq!(line.runs(&mut leg).await, (1, Then::HangsUp(EndCause::Finished)), "the action's document");
    assert_eq!(line.asked(), ["voice/twilio", "keys"]);
}

#[tokio::test]
async fn s6_4_rule_4_without_input_the_next_verb_runs() {
    let (line, mut leg) = on(&gather(UNTIL_POUND, 5, &play(2))).await;
    assert_eq!(line.runs(&mut leg).await, (2 + 5, Then::Plays));
    assert_eq!((line.asked()[1].as_str(), line.last("Digits")), ("silent", None));
    let (line, mut leg) = on(&gather(UNTIL_POUND, 5, &play(2))).await;
    assert_eq!(press(&line, &mut leg, 1, "#").await, Then::Plays, "the finish key as the very first");
    assert_eq!((line.asked()[1].as_str(), line.last("Digits")), ("silent", None));
}

#[tokio::test]
async fn s6_4_rule_5_without_a_finish_key_every_key_counts() {
    for key in ["#", "*"] {
        let (line, mut leg) = on(&gather(ONE_KEY, 5, "")).await;
        assert_eq!(press(&line, &mut leg, 1, key).await, Then::Plays);
        assert_eq!((line.asked()[1].as_str(), line.last("Digits")), ("keys", some(key)));
    }
}

#[tokio::test]
async fn s6_4_keys_in_plain_prompts_are_lost() {
    let (line, mut leg) = on(&(play(4) + &gather(ONE_KEY, 5, &play(3)))).await;
    assert_eq!(press(&line, &mut leg, 2, "1").await, Then::Waits);
    assert_eq!(line.runs(&mut leg).await, (2 + 3 + 5, Then::Plays));
    assert_eq!(line.asked()[1], "silent");
    let (line, mut leg) = on(&(play(4) + HANGUP)).await;
    assert_eq!(press(&line, &mut leg, 2, "1").await, Then::Waits);
    assert_eq!(line.runs(&mut leg).await, (2, Then::HangsUp(EndCause::Finished)));
}

#[tokio::test]
async fn s6_5_pause() {
    let (line, mut leg) = on(&(play(1) + PAUSE + &play(1) + HANGUP)).await;
    assert_eq!(line.runs(&mut leg).await, (5, Then::HangsUp(EndCause::Finished)));
    let (line, leg) = on(&gather(ONE_KEY, 5, &(play(1) + PAUSE))).await;
    assert_eq!(leg.playing().due(), line.clock.now().plus(s(1 + 3 + 5)));
    // As first verb it delays answering: the caller hears it ring.
    let line = Line::twilio([answers(PAUSE.to_owned() + &redirect("next")), answers(play(1) + HANGUP)]);
    let mut leg = line.arrives().await.unwrap();
    assert!(!leg.is_answered());
    assert_eq!(line.runs(&mut leg).await, (3, Then::Plays));
    assert_eq!((line.last("CallStatus"), leg.is_answered()), (some("ringing"), true));
}

#[tokio::test]
async fn s6_6_redirect() {
    let (line, mut leg) = on(&(play(2) + &redirect("next"))).await;
    assert_eq!(line.runs(&mut leg).await, (2, Then::Plays));
    assert_eq!(line.asked()[1], "next");
    // No verb parameters are sent: it has exactly what every request has.
    let names: Vec<String> = {
        let requests = line.script.requests.lock().unwrap();
        requests[1].parameters().into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(
        names,
        ["CallSid", "AccountSid", "ApiVersion", "From", "To", "Direction", "CallStatus", "Caller", "Called"]
    );
    assert_eq!(line.last("CallStatus"), some("in-progress"));
}

#[tokio::test]
async fn s6_7_hangup() {
    let (line, mut leg) = on(HANGUP).await;
    assert_eq!(line.runs(&mut leg).await, (0, Then::HangsUp(EndCause::Finished)));
}

#[tokio::test]
async fn s6_7_reject() {
    for (reason, refusal, last) in [("busy", Refusal::Busy, "busy"), ("rejected", Refusal::Rejected, "no-answer")] {
        let line = Line::twilio([answers(format!("<Reject reason=\"{reason}\"/>")), status(204)]);
        let mut leg = line.arrives().await.unwrap();
        assert_eq!(line.runs(&mut leg).await, (0, Then::Refuses(refusal)));
        assert_eq!((leg.is_answered(), leg.last_status()), (false, last));
        let line = Line::twilio([answers(format!("<Reject reason=\"{reason}\"/>")), status(204)]);
        line.phone().await;
        assert_eq!(line.last_of(["CallStatus", "CallDuration"]), [some(last), None], "neither answered nor billed");
    }
}

#[tokio::test]
async fn s6_7_reject_is_too_late_for_a_call_that_was_answered() {
    let reject = "<Reject reason=\"busy\"/>";
    let line = Line::twilio([answers(play(1) + &redirect("next")), answers(reject), answers(HANGUP)]);
    let mut leg = line.arrives().await.unwrap();
    line.runs(&mut leg).await;
    assert_eq!(line.asked().last().unwrap(), "voice/twilio/fallback");
    // A redirect does not answer.
    let line = Line::twilio([answers(redirect("next")), answers(reject)]);
    let mut leg = line.arrives().await.unwrap();
    assert_eq!(line.runs(&mut leg).await, (0, Then::Plays));
    assert_eq!(line.runs(&mut leg).await, (0, Then::Refuses(Refusal::Busy)));
}

#[tokio::test]
async fn s7_end_of_document_hangs_up() {
    let line = Line::twilio([answers(play(2)), status(204)]);
    let phone = line.phone().await;
    assert_eq!(phone.ended(), Some(EndCause::Finished));
    assert_eq!(line.last("CallStatus"), some("completed"));
}

#[tokio::test]
async fn s7_caller_hangs_up() {
    let line = Line::twilio([answers(gather(ONE_KEY, 5, &play(10))), status(204)]);
    let mut phone = line.phone().await;
    line.clock.advance(s(42));
    phone.hang_up().await.unwrap();
    assert_eq!(line.asked(), ["voice/twilio", "voice/twilio/status"], "no further document matters");
    assert_eq!(line.last_of(["CallStatus", "CallDuration"]), [some("completed"), some("42")]);
}

#[tokio::test]
async fn s7_error_in_a_document() {
    let line = Line::twilio([answers(gather(ONE_KEY, 5, "")), answers("<Leave/>"), answers(play(1) + HANGUP)]);
    let mut leg = line.arrives().await.unwrap();
    assert_eq!(press(&line, &mut leg, 1, "1").await, Then::Plays, "the fallback's document");
    assert_eq!(line.last_of(["Digits", "ErrorCode"]), [some("1"), some("12100")]);
    let line = Line::of(profile("somleng"), [answers(gather(ONE_KEY, 5, "")), answers("<Leave/>")]);
    let mut leg = line.arrives().await.unwrap();
    let lost = leg.press(&line.wire, '1').await;
    assert!(matches!(lost, Err(Trouble::Document(_))), "an error sentence and the end: {lost:?}");
    assert_eq!(line.panel.0.lock().unwrap()[1].0, Kind::Keys);
}
