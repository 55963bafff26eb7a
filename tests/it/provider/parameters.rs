//! Sections 2.1, 2.2 and 3: what stands in each request. What is particular to a verb is with the verb.

use hotline::simulator::Then;

use super::*;

const HANGUP: &str = "<Hangup/>";

#[tokio::test]
async fn s2_1_on_every_voice_request() {
    let line = Line::twilio([answers(gather(ONE_KEY, 5, "")), answers(HANGUP), status(204)]);
    let mut leg = line.arrives().await.unwrap();
    let always = ["CallSid", "AccountSid", "From", "To", "Caller", "Called", "Direction", "ApiVersion"];
    let first = line.last_of(always);
    let [sid, account, from, to, copy_of_from, copy_of_to, direction, version] = first.clone().map(Option::unwrap);
    assert!(sid.starts_with("CA") && account.starts_with("AC") && sid.len() == 34 && account.len() == 34);
    assert_eq!((from.as_str(), to.as_str()), ("+8613800138000", "+8601012333"));
    assert_eq!((copy_of_from, copy_of_to, direction.as_str(), version.as_str()), (from, to, "inbound", "2010-04-01"));
    assert_eq!(line.last_of(["CallStatus", "ParentCallSid"]), [some("ringing"), None], "the first request");
    leg.press(&line.wire, '1').await.unwrap();
    assert_eq!(line.last_of(always), first);
    assert_eq!(line.last("CallStatus"), some("in-progress"), "once a verb has answered");
    line.wire.ended(leg.id(), leg.last_status(), 3).await.unwrap();
    assert_eq!(line.last_of(always), first);
}

#[tokio::test]
async fn s2_1_a_withheld_number_is_a_word() {
    let mut line = Line::twilio([answers(HANGUP)]);
    line.wire.from = None;
    line.arrives().await.unwrap();
    assert_eq!(line.last("From"), some("anonymous"));
}

#[tokio::test]
async fn s2_2_gather_action_and_silence() {
    let line =
        Line::twilio([answers(gather(UNTIL_POUND, 5, "")), answers(gather(UNTIL_POUND, 5, "")), answers(HANGUP)]);
    let mut leg = line.arrives().await.unwrap();
    for key in "12#".chars() {
        leg.press(&line.wire, key).await.unwrap();
    }
    assert_eq!(line.last("Digits"), some("12"));
    assert_eq!(line.runs(&mut leg).await, (5, Then::Plays));
    assert_eq!(line.last("Digits"), None);
}

#[tokio::test]
async fn s3_status_callback_at_the_end() {
    for (name, stamp) in [
        ("twilio", some("Thu, 09 Oct 2025 08:53:20 +0000")),
        ("signalwire", some("Thu, 09 Oct 2025 08:53:20 +0000")),
        ("telnyx", some("2025-10-09T08:53:20Z")),
        ("somleng", None),
    ] {
        let line = Line::of(profile(name), [answers(HANGUP), status(200)]);
        let leg = line.arrives().await.unwrap();
        line.wire.ended(leg.id(), "completed", 61).await.unwrap();
        assert_eq!(line.asked()[1], format!("voice/{name}/status"));
        let told = ["CallStatus", "CallDuration", "SequenceNumber", "Timestamp"];
        assert_eq!(line.last_of(told), [some("completed"), some("61"), some("0"), stamp.clone()], "{name}");
        let source = stamp.map(|_| "call-progress-events".to_owned());
        assert_eq!(line.last("CallbackSource"), source, "{name}");
    }
}

#[tokio::test]
async fn s3_call_duration_only_on_completed() {
    for last in ["busy", "no-answer", "failed", "canceled"] {
        let line = Line::twilio([answers(HANGUP), status(204)]);
        let leg = line.arrives().await.unwrap();
        line.wire.ended(leg.id(), last, 3).await.unwrap();
        assert_eq!(line.last_of(["CallStatus", "CallDuration"]), [some(last), None]);
    }
}

#[tokio::test]
async fn s10_to_12_parameters() {
    for (name, there, absent) in [
        (
            "signalwire",
            &["CallSid", "AccountSid", "ApiVersion", "CallStatus", "Direction"][..],
            &["Caller", "Called"][..],
        ),
        ("telnyx", &["CallSid", "CallSidLegacy", "AccountSid", "From", "To"], &["Caller", "Called"]),
        ("somleng", &["CallSid", "AccountSid", "Caller", "Called", "CallStatus"], &["CallSidLegacy"]),
    ] {
        let line = Line::of(profile(name), [answers(HANGUP)]);
        line.arrives().await.unwrap();
        for parameter in there {
            assert!(line.last(parameter).is_some(), "{name} {parameter}");
        }
        for parameter in absent {
            assert!(line.last(parameter).is_none(), "{name} {parameter}");
        }
    }
}
