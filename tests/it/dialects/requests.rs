//! Requests as each provider sends them, and what they mean.

use hotline::call::{Arrival, CallEvent, DialOutcome, Keys, Kind, PhoneNumber, Recording, What};
use hotline::dialect::{Failed, Profile, RawRequest, Report, Unreadable};
use proptest::prelude::*;

use super::{NOW, profile, profiles, public, with_request};

const CA: &str = "CA00000000000000000000000000000001";
const CHILD: &str = "CA00000000000000000000000000000002";
const UUID: &str = "b3877c40-da60-4998-90ad-b792e98472af";
const V3: &str = "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ";

fn read(profile: &Profile, kind: Kind, method: &str, body: &str) -> Result<CallEvent, Unreadable> {
    let target = if method == "GET" { format!("/voice/x?{body}") } else { "/voice/x".to_owned() };
    let form: [(&str, &[u8]); 1] = [("content-type", b"application/x-www-form-urlencoded")];
    let body = if method == "GET" { b"".as_slice() } else { body.as_bytes() };
    let request = RawRequest { kind, method, public: &public(), target: &target, headers: &form, body };
    profile.dialect.read(profile, &request)
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn arrived(from: Option<&str>, to: &str) -> What {
    What::Arrived(Arrival { caller: from.map(number), called: number(to), forwarded_from: None, simulated: false })
}

fn pressed(keys: &str) -> What {
    What::Pressed(Keys::parse(keys).unwrap())
}

fn dial_ended(outcome: DialOutcome, talk_s: Option<u32>, verbatim: &str) -> What {
    What::DialEnded { outcome, talk_s, verbatim: verbatim.to_owned() }
}

fn ended(verbatim: &str, seconds: Option<u32>) -> What {
    What::CallEnded { verbatim: verbatim.to_owned(), seconds }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn real_requests_mean_what_they_should() {
    // Every Twilio request starts so; other services leave some of it out.
    let twilio = format!(
        "CallSid={CA}&AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&From=%2B8613800138000\
         &To=%2B8601012333&Caller=%2B8613800138000&Called=%2B8601012333&Direction=inbound&FromCity=&FromCountry=CN"
    );
    let signalwire = format!(
        "CallSid={UUID}&AccountSid=720796a0-8ee9-4350-83bd-2d07a3121f1e&ApiVersion=2010-04-01&Direction=inbound\
         &From=%2B8613800138000&To=%2B8601012333"
    );
    let telnyx = "AccountSid=acc-1&CallSid=v3%3AT02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ\
                  &CallSidLegacy=v3%3AT02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ&From=%2B8613800138000&To=%2B8601012333";
    let somleng = format!("CallSid={UUID}&AccountSid={UUID}&ApiVersion=2010-04-01&From=8613800138000&To=12333");
    let child =
        format!("CallSid={CHILD}&ParentCallSid={CA}&Direction=outbound-dial&From=%2B8613800138000&To=%2B8601012333");
    let recording = "RecordingUrl=https%3A%2F%2Fapi.twilio.com%2FRecordings%2FRE1&RecordingSid=RE1&RecordingDuration=7";
    let recorded =
        || Recording::Made { url: "https://api.twilio.com/Recordings/RE1".to_owned(), seconds: 7, hung_up: false };
    let hung_up =
        || Recording::Made { url: "https://api.twilio.com/Recordings/RE1".to_owned(), seconds: 7, hung_up: true };
    let rows: Vec<(&str, Kind, String, &str, What)> = vec![
        (
            "twilio",
            Kind::Arrive,
            format!("{twilio}&CallStatus=ringing"),
            CA,
            arrived(Some("+8613800138000"), "+8601012333"),
        ),
        (
            "twilio",
            Kind::Keys,
            format!("{twilio}&CallStatus=in-progress&msg=Gather+End&Digits=1&FinishedOnKey="),
            CA,
            pressed("1"),
        ),
        (
            "twilio",
            Kind::Keys,
            format!("{twilio}&Digits=11010519491231002%2A&FinishedOnKey=%23"),
            CA,
            pressed("11010519491231002*"),
        ),
        ("twilio", Kind::Keys, format!("{twilio}&Digits=%23"), CA, pressed("#")),
        ("twilio", Kind::Keys, format!("{twilio}&Digits=1+2%203"), CA, pressed("123")),
        ("twilio", Kind::Keys, format!("{twilio}&Digits="), CA, What::Silent),
        ("twilio", Kind::Keys, twilio.clone(), CA, What::Silent),
        ("twilio", Kind::Silent, twilio.clone(), CA, What::Silent),
        ("twilio", Kind::Next, twilio.clone(), CA, What::Continued),
        (
            "twilio",
            Kind::Dialled,
            format!("{twilio}&DialCallStatus=completed&DialCallSid={CHILD}&DialCallDuration=42&DialBridged=true"),
            CA,
            dial_ended(DialOutcome::Talked, Some(42), "completed"),
        ),
        (
            "twilio",
            Kind::Dialled,
            format!("{twilio}&DialCallStatus=completed&DialCallDuration=3&DialBridged=false"),
            CA,
            dial_ended(DialOutcome::Declined, Some(3), "completed"),
        ),
        (
            "twilio",
            Kind::Dialled,
            format!("{twilio}&DialCallStatus=answered"),
            CA,
            dial_ended(DialOutcome::Talked, None, "answered"),
        ),
        (
            "twilio",
            Kind::Dialled,
            format!("{twilio}&DialCallStatus=busy&DialBridged=false"),
            CA,
            dial_ended(DialOutcome::Busy, None, "busy"),
        ),
        (
            "twilio",
            Kind::Dialled,
            format!("{twilio}&DialCallStatus=no-answer"),
            CA,
            dial_ended(DialOutcome::NoAnswer, None, "no-answer"),
        ),
        (
            "twilio",
            Kind::Dialled,
            format!("{twilio}&DialCallStatus=failed"),
            CA,
            dial_ended(DialOutcome::Failed, None, "failed"),
        ),
        (
            "twilio",
            Kind::Dialled,
            format!("{twilio}&DialCallStatus=canceled"),
            CA,
            dial_ended(DialOutcome::Abandoned, None, "canceled"),
        ),
        (
            "twilio",
            Kind::Dialled,
            format!("{twilio}&DialCallStatus=new%0Aword%3C%E4%BD%99"),
            CA,
            dial_ended(DialOutcome::Failed, None, "newword"),
        ),
        ("twilio", Kind::Recorded, format!("{twilio}&{recording}&Digits=%23"), CA, What::Recorded(recorded())),
        ("twilio", Kind::Recorded, format!("{twilio}&{recording}&Digits=hangup"), CA, What::Recorded(hung_up())),
        ("twilio", Kind::Recorded, twilio.clone(), CA, What::Recorded(Recording::Nothing)),
        (
            "twilio",
            Kind::File,
            format!("CallSid={CA}&{recording}&RecordingStatus=completed&RecordingChannels=1"),
            CA,
            What::FileReady(recorded()),
        ),
        (
            "twilio",
            Kind::File,
            format!("CallSid={CA}&RecordingStatus=absent&RecordingUrl=https%3A%2F%2Fa"),
            CA,
            What::FileReady(Recording::Nothing),
        ),
        (
            "twilio",
            Kind::Talk,
            format!("CallSid={CA}&{recording}&RecordingStatus=completed&RecordingSource=DialVerb"),
            CA,
            What::TalkReady(recorded()),
        ),
        (
            "telnyx",
            Kind::Talk,
            format!("CallSid={CA}&RecordingStatus=absent&RecordingSource=DialVerb"),
            CA,
            What::TalkReady(Recording::Nothing),
        ),
        (
            "twilio",
            Kind::File,
            format!("CallSid={CA}&RecordingStatus=in-progress"),
            CA,
            What::Progress { verbatim: "in-progress".to_owned() },
        ),
        (
            "twilio",
            Kind::Status,
            format!(
                "{twilio}&CallStatus=completed&CallDuration=61&Duration=2&CallbackSource=call-progress-events&SequenceNumber=0"
            ),
            CA,
            ended("completed", Some(61)),
        ),
        ("twilio", Kind::Status, format!("{twilio}&CallStatus=no-answer"), CA, ended("no-answer", None)),
        (
            "twilio",
            Kind::Status,
            format!("{twilio}&CallStatus=in-progress&SequenceNumber=2"),
            CA,
            What::Progress { verbatim: "in-progress".to_owned() },
        ),
        (
            "signalwire",
            Kind::Arrive,
            format!("{signalwire}&CallStatus=ringing"),
            UUID,
            arrived(Some("+8613800138000"), "+8601012333"),
        ),
        ("signalwire", Kind::Keys, format!("{signalwire}&CallStatus=in-progress&Digits=0"), UUID, pressed("0")),
        (
            "signalwire",
            Kind::Status,
            format!("{signalwire}&CallStatus=completed&CallDuration=5&AudioInMos=4.5&HangupBy=caller"),
            UUID,
            ended("completed", Some(5)),
        ),
        (
            "telnyx",
            Kind::Arrive,
            format!("{telnyx}&ConnectionId=1&CallingPartyType=pstn&CallerId=%2B8613800138000"),
            V3,
            arrived(Some("+8613800138000"), "+8601012333"),
        ),
        ("telnyx", Kind::Keys, format!("{telnyx}&Digits=2"), V3, pressed("2")),
        ("telnyx", Kind::Keys, telnyx.to_owned(), V3, What::Silent),
        (
            "telnyx",
            Kind::Status,
            format!("{telnyx}&CallStatus=answered"),
            V3,
            What::Progress { verbatim: "answered".to_owned() },
        ),
        (
            "telnyx",
            Kind::Status,
            format!("{telnyx}&CallStatus=completed&CallDuration=9&HangupSource=caller&HangupCause=normal_clearing"),
            V3,
            ended("completed", Some(9)),
        ),
        (
            "somleng",
            Kind::Arrive,
            format!("{somleng}&CallStatus=ringing&Direction=inbound"),
            UUID,
            arrived(Some("8613800138000"), "12333"),
        ),
        ("somleng", Kind::Keys, format!("{somleng}&Digits=1"), UUID, pressed("1")),
        (
            "somleng",
            Kind::Status,
            format!("{somleng}&CallStatus=completed&CallDuration=5&SipResponseCode=200&SequenceNumber=0"),
            UUID,
            ended("completed", Some(5)),
        ),
    ];
    for (name, kind, body, leg, what) in rows {
        for method in ["POST", "GET"] {
            let event = CallEvent { leg: leg.to_owned(), parent: None, what: what.clone() };
            assert_eq!(read(&profile(name), kind, method, &body), Ok(event), "{name} {kind:?} {method} {body}");
        }
    }
    for (kind, body, what) in [
        (Kind::Whisper, child.clone(), What::PeerAnswered),
        (Kind::Keys, format!("{child}&Digits=1"), pressed("1")),
        (Kind::Status, format!("{child}&CallStatus=busy"), ended("busy", None)),
    ] {
        let event = CallEvent { leg: CHILD.to_owned(), parent: Some(CA.to_owned()), what };
        assert_eq!(read(&profile("twilio"), kind, "POST", &body), Ok(event), "{kind:?}");
    }
}

#[test]
fn a_withheld_number_is_no_number() {
    for (from, caller) in [
        ("%2B8613800138000", Some("+8613800138000")),
        ("+8613800138000", Some("8613800138000")),
        ("sip%3Adesk%40ivr.example.org", Some("sip:desk@ivr.example.org")),
        ("client%3Adesk", Some("client:desk")),
        ("anonymous", None),
        ("Anonymous", None),
        ("Restricted", None),
        ("unavailable", None),
        ("unknown", None),
        ("sip%3Aanonymous%40anonymous.invalid", None),
        // The words, spelled on the keys.
        ("%2B266696687", None),
        ("%2B7378742833", None),
        ("%2B86282452253", None),
        ("", None),
        ("two+words", None),
    ] {
        let read =
            read(&profile("twilio"), Kind::Arrive, "POST", &format!("CallSid={CA}&From={from}&To=12333")).unwrap();
        assert_eq!(read.what, arrived(caller, "12333"), "{from}");
    }
    let forwarded =
        read(&profile("twilio"), Kind::Arrive, "POST", &format!("CallSid={CA}&To=12333&ForwardedFrom=%2B8601012333"));
    let What::Arrived(arrival) = forwarded.unwrap().what else { panic!("it arrived") };
    assert_eq!((arrival.caller, arrival.forwarded_from), (None, Some(number("+8601012333"))));
}

#[test]
fn what_cannot_be_is_refused_without_saying_what_it_was() {
    for (kind, method, body, why) in [
        (Kind::Keys, "POST", "Digits=1", Unreadable::Missing("CallSid")),
        (Kind::Keys, "POST", "CallSid=&Digits=1", Unreadable::Missing("CallSid")),
        (Kind::Keys, "POST", "CallSid=a%00b", Unreadable::Bad("CallSid")),
        (Kind::Keys, "POST", "CallSid=CA1&ParentCallSid=a+b", Unreadable::Bad("ParentCallSid")),
        (Kind::Keys, "POST", "CallSid=CA1&Digits=4711x", Unreadable::Bad("Digits")),
        (Kind::Keys, "POST", "CallSid=CA1&Digits=hangup", Unreadable::Bad("Digits")),
        (Kind::Keys, "POST", "CallSid=CA1&Digits=%EF%BC%91", Unreadable::Bad("Digits")),
        (Kind::Keys, "POST", "CallSid=CA1&Digits=4711&Digits=4712", Unreadable::Twice("Digits")),
        (Kind::Keys, "POST", "CallSid=CA1&CallSid=CA2", Unreadable::Twice("CallSid")),
        (Kind::Keys, "POST", "CallSid=CA1&Digits=%4", Unreadable::Encoding),
        (Kind::Keys, "POST", "CallSid=CA1&FromCity=%C3%28", Unreadable::Encoding),
        (Kind::Keys, "POST", "CallSid=CA1&FromCity=北京", Unreadable::Encoding),
        (Kind::Keys, "PUT", "CallSid=CA1", Unreadable::Method),
        (Kind::Arrive, "POST", "CallSid=CA1&From=1", Unreadable::Missing("To")),
        (Kind::Arrive, "POST", "CallSid=CA1&To=a+b", Unreadable::Bad("To")),
        (Kind::Dialled, "POST", "CallSid=CA1", Unreadable::Missing("DialCallStatus")),
        (Kind::Status, "POST", "CallSid=CA1", Unreadable::Missing("CallStatus")),
    ] {
        let refused = read(&profile("twilio"), kind, method, body).unwrap_err();
        assert!(!refused.to_string().contains("471"), "{refused}");
        assert_eq!(refused, why, "{body}");
    }
    let json: [(&str, &[u8]); 1] = [("Content-Type", b"application/json")];
    let request =
        RawRequest { kind: Kind::Keys, method: "POST", public: &public(), target: "/", headers: &json, body: b"{}" };
    let profile = profile("twilio");
    assert_eq!(profile.dialect.read(&profile, &request), Err(Unreadable::NotAForm));
}

#[test]
fn a_failed_step_tells_its_own_event_too() {
    let profile = profile("twilio");
    let failed = "https://ivr.example.org/voice/twilio/keys/T0K#rc=2";
    let report = Report {
        caller: None,
        called: number("12333"),
        event: CallEvent { leg: CA.to_owned(), parent: None, what: pressed("42#") },
        answered: true,
        ended_by: None,
        failed: Some(Failed { code: "11200".to_owned(), url: failed.to_owned() }),
    };
    let out = profile.dialect.report(&profile, "https://ivr.example.org/voice/twilio/fallback", &report, NOW).unwrap();
    with_request(Kind::Fallback, &public(), &out, |request| {
        assert_eq!(profile.dialect.authenticate(&profile, request, NOW), Ok(()));
        let fault = profile.dialect.read(&profile, request).unwrap();
        assert_eq!(fault.what, What::Faulted { code: "11200".to_owned(), failed: Some(failed.to_owned()) });
        let kind = hotline::dialect::Place::parse(failed).unwrap().kind;
        assert_eq!(profile.dialect.read(&profile, &request.read_as(kind)).unwrap(), report.event);
    });
}

#[test]
fn whatever_is_reported_is_read_as_it_was() {
    let recording =
        Recording::Made { url: "https://ivr.example.org/r/1?a=b&c=查".to_owned(), seconds: 12, hung_up: false };
    let nothing = Recording::Nothing;
    let from = Some(number("+8613800138000"));
    let to = number("12333");
    let arrival = Arrival {
        caller: from.clone(),
        called: to.clone(),
        forwarded_from: Some(number("+8601012333")),
        simulated: true,
    };
    let mut rows = vec![
        (Kind::Arrive, What::Arrived(arrival)),
        (Kind::Keys, pressed("110105194912310*2X".replace('X', "#").as_str())),
        (Kind::Keys, What::Silent),
        (Kind::Silent, What::Silent),
        (Kind::Next, What::Continued),
        (Kind::Whisper, What::PeerAnswered),
        (Kind::Recorded, What::Recorded(recording.clone())),
        (Kind::Recorded, What::Recorded(nothing.clone())),
        (Kind::File, What::FileReady(recording.clone())),
        (Kind::File, What::FileReady(nothing.clone())),
        (Kind::Talk, What::TalkReady(recording)),
        (Kind::Talk, What::TalkReady(nothing)),
        (Kind::File, What::FileReady(Recording::Failed)),
        (Kind::Status, ended("completed", Some(90))),
        (Kind::Status, What::Progress { verbatim: "ringing".to_owned() }),
        (
            Kind::Fallback,
            What::Faulted { code: "11200".to_owned(), failed: Some("https://ivr.example.org/voice/x".to_owned()) },
        ),
    ];
    for outcome in DialOutcome::ALL {
        let verbatim = match outcome {
            DialOutcome::Talked | DialOutcome::Declined => "completed",
            DialOutcome::Busy => "busy",
            DialOutcome::NoAnswer => "no-answer",
            DialOutcome::Failed => "failed",
            DialOutcome::Abandoned => "canceled",
        };
        rows.push((Kind::Dialled, dial_ended(*outcome, Some(3), verbatim)));
    }
    for profile in profiles() {
        for (kind, what) in &rows {
            let parent = (*kind == Kind::Whisper).then(|| CA.to_owned());
            let event = CallEvent { leg: CHILD.to_owned(), parent, what: what.clone() };
            let report = Report {
                caller: from.clone(),
                called: to.clone(),
                event: event.clone(),
                answered: true,
                ended_by: None,
                failed: None,
            };
            let out = profile.dialect.report(&profile, "https://ivr.example.org/voice/x", &report, NOW).unwrap();
            let read = with_request(*kind, &public(), &out, |request| profile.dialect.read(&profile, request)).unwrap();
            let declined = matches!(what, What::DialEnded { outcome: DialOutcome::Declined, .. });
            if declined && profile.name != "twilio" {
                // Only Twilio tells a refusal from a telephone that nobody picks up.
                assert_eq!(read.what, dial_ended(DialOutcome::NoAnswer, Some(3), "no-answer"), "{}", profile.name);
            } else {
                assert_eq!(read, event, "{}", profile.name);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_request_panics(
        body in any::<Vec<u8>>(),
        target in "/[ -~]{0,40}",
        header in any::<Vec<u8>>(),
        method in prop_oneof![Just("GET"), Just("POST"), Just("DELETE")],
        kind in proptest::sample::select(Kind::ALL),
        json in any::<bool>(),
    ) {
        let public = public();
        for profile in profiles() {
            let mut headers: Vec<(&str, &[u8])> = vec![
                ("X-Twilio-Signature", &header),
                ("X-SignalWire-Signature", &header),
                ("telnyx-signature-ed25519", &header),
                ("telnyx-timestamp", b"1760000000"),
            ];
            if json {
                headers.push(("content-type", &header));
            }
            let request =
                RawRequest { kind: kind.0, method, public: &public, target: &target, headers: &headers, body: &body };
            prop_assert!(profile.dialect.authenticate(&profile, &request, NOW).is_err());
            let _ = profile.dialect.read(&profile, &request);
        }
    }

    #[test]
    fn no_form_panics(body in "(CallSid|Digits|To|From|CallStatus|DialCallStatus)=[0-9a-z%+&=]{0,30}") {
        for profile in profiles() {
            for (kind, _) in Kind::ALL {
                let _ = read(&profile, *kind, "POST", &body);
            }
        }
    }
}
