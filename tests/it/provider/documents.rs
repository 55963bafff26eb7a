//! Section 5, and what of a whole document fails: order, nesting, size, texts; and what of it is different in sections 10
//! to 12.

use hotline::dialect::Unreadable;

use super::{ONE_KEY, UNTIL_POUND, gather, play, profile, redirect, response};

fn perform(name: &str, verbs: &str) -> Result<(), Unreadable> {
    let profile = profile(name);
    profile.dialect.perform(&profile, response(verbs).as_bytes()).map(|_| ())
}

fn say(text: &str) -> String {
    format!("<Say voice=\"Polly.Zhiyu\" language=\"cmn-CN\">{text}</Say>")
}

fn dial(nouns: &str) -> String {
    let attributes = "action=\"https://ivr.example.org/dialled\" method=\"POST\" timeout=\"25\" timeLimit=\"60\"";
    format!("<Dial {attributes}>{nouns}</Dial>")
}

const REJECT: &str = "<Reject reason=\"busy\"/>";
const HANGUP: &str = "<Hangup/>";
const PAUSE: &str = "<Pause length=\"1\"/>";
const NUMBER: &str = "<Number>+8601012333</Number>";

#[test]
fn s5_exactly_one_response() {
    let twilio = profile("twilio");
    let taken = |document: &str| twilio.dialect.perform(&twilio, document.as_bytes()).is_ok();
    for document in ["<Response/>", "<?xml version=\"1.0\"?>\n<Response> <!-- nothing --> </Response>\n"] {
        assert!(taken(document), "comments and white space are ignored: {document}");
    }
    for document in
        ["", "hello", "<Response/><Response/>", "<response/>", "<Say/>", "<Response>", "<Response>hello</Response>"]
    {
        assert!(!taken(document), "{document}");
    }
}

#[test]
fn s5_nothing_is_executed_behind_an_end() {
    let (say, menu) = (say("好"), gather(ONE_KEY, 5, ""));
    for end in [HANGUP.to_owned(), REJECT.to_owned(), redirect("next"), dial(NUMBER), super::recording::record(true)] {
        assert!(perform("twilio", &end).is_ok(), "{end}");
        for more in [&say, &play(1), PAUSE, HANGUP, REJECT, &redirect("other"), &dial(NUMBER), &menu] {
            let document = format!("{end}{more}");
            assert!(perform("twilio", &document).is_err(), "{document}");
        }
    }
}

#[test]
fn s5_text_of_a_say() {
    let english = |text: &str| format!("<Say voice=\"Polly.Joanna\" language=\"en-US\">{text}</Say>");
    assert_eq!(perform("twilio", &say(&"医".repeat(500))), Ok(()));
    assert!(matches!(perform("twilio", &say(&"医".repeat(501))), Err(Unreadable::LongText(_))), "9 characters each");
    assert_eq!(perform("twilio", &english(&"a".repeat(3_000))), Ok(()));
    assert!(matches!(perform("twilio", &english(&"a".repeat(3_001))), Err(Unreadable::LongText(_))), "Polly's own");
    assert!(matches!(perform("twilio", &english(&" a".repeat(1_126))), Err(Unreadable::LongText(_))), "4,500 in a URL");
    for nothing in ["", " ", "\n\t"] {
        assert_eq!(perform("twilio", &say(nothing)), Err(Unreadable::EmptyText));
    }
}

#[test]
fn s5_other_voices_read_more_and_less() {
    let with_voice = |name: &str, text: &str| {
        let mut profile = profile("twilio");
        profile.voices.values_mut().for_each(|voice| name.clone_into(&mut voice.name));
        let say = format!("<Say voice=\"{name}\" language=\"en-US\">{text}</Say>");
        profile.dialect.perform(&profile, response(&say).as_bytes()).is_ok()
    };
    let letters = |count| "a".repeat(count);
    assert!(with_voice("alice", &letters(4_096)) && !with_voice("alice", &letters(4_097)));
    assert!(
        with_voice("Google.en-US-Standard-C", &letters(4_500))
            && !with_voice("Google.en-US-Standard-C", &letters(4_501))
    );
}

#[test]
fn s5_numbers_per_dial() {
    assert!(perform("twilio", &dial("")).is_err());
    assert!(perform("twilio", &dial(&NUMBER.repeat(10))).is_ok());
    assert!(perform("twilio", &dial(&NUMBER.repeat(11))).is_err());
}

#[test]
fn s5_document_of_64_kb() {
    let body = format!("{}{HANGUP}", play(1).repeat(1_500));
    assert!(matches!(perform("twilio", &body), Err(Unreadable::TooLarge { most_bytes: 64_000, .. })));
}

#[test]
fn s6_4_nested_only_say_play_pause() {
    for fine in [say("好"), play(1), PAUSE.to_owned(), String::new()] {
        assert!(perform("twilio", &gather(UNTIL_POUND, 5, &fine)).is_ok(), "{fine}");
    }
    let nested = gather(ONE_KEY, 5, "");
    for other in [HANGUP, REJECT, "按一", &redirect("next"), &dial(NUMBER), &nested, "<Play digits=\"1\"/>"] {
        assert!(perform("twilio", &gather(UNTIL_POUND, 5, other)).is_err(), "{other}");
    }
}

/// Where silence is not followed by something of our own the provider hangs up: no document of ours may be without.
#[test]
fn s6_4_silence_leads_somewhere() {
    let menu = gather(ONE_KEY, 5, "");
    let alone = menu.replace(&redirect("silent"), "");
    assert!(perform("twilio", &menu).is_ok());
    for other in [alone.clone(), format!("{alone}{HANGUP}"), format!("{alone}{}", say("好"))] {
        assert!(perform("twilio", &other).is_err(), "{other}");
    }
}

#[test]
fn s6_7_reject_is_first() {
    assert!(perform("twilio", REJECT).is_ok());
    for before in [say("好"), play(1), PAUSE.to_owned()] {
        assert!(perform("twilio", &format!("{before}{REJECT}")).is_err(), "{before}");
    }
}

#[test]
fn s6_8_answer_on_bridge_is_for_a_first_verb() {
    let waiting = dial(NUMBER).replace("<Dial", "<Dial answerOnBridge=\"true\"");
    assert!(perform("twilio", &waiting).is_ok());
    assert!(perform("twilio", &format!("{}{waiting}", play(1))).is_err());
    assert!(perform("somleng", &waiting).is_err());
}

#[test]
fn s6_1_verbs_that_we_never_write() {
    for verb in
        ["<Enqueue>q</Enqueue>", "<Leave/>", "<Refer/>", "<Connect/>", "<Pay/>", "<Sms>好</Sms>", "<Number>1</Number>"]
    {
        assert!(perform("twilio", verb).is_err(), "{verb}");
    }
}

/// The family matrix of section 12.
#[test]
fn s12_what_each_provider_can_do() {
    let whisper = dial(&NUMBER.replace(">+", " url=\"https://ivr.example.org/whisper\" method=\"POST\">+"));
    let client = dial("<Client>desk</Client>");
    let waiting = dial(NUMBER).replace("<Dial", "<Dial answerOnBridge=\"true\"");
    let long_dial = dial(NUMBER).replace("\"25\"", "\"121\"");
    let short_talk = dial(NUMBER).replace("\"60\"", "\"59\"");
    let (in_menu, long_pause) = (gather(ONE_KEY, 5, PAUSE), "<Pause length=\"181\"/>".to_owned());
    for (verbs, able) in [
        (&PAUSE.to_owned(), "twilio signalwire telnyx"),
        (&in_menu, "twilio signalwire"),
        (&whisper, "twilio signalwire telnyx"),
        (&waiting, "twilio signalwire telnyx"),
        (&client, "twilio"),
        (&REJECT.to_owned(), "twilio signalwire telnyx somleng"),
        (&dial("<Sip>sip:desk@ivr.example.org</Sip>"), "twilio signalwire telnyx somleng"),
        (&gather(ONE_KEY, 121, ""), "twilio signalwire somleng"),
        (&long_dial, "twilio signalwire somleng"),
        (&short_talk, "twilio signalwire somleng"),
        (&long_pause, "twilio signalwire"),
    ] {
        for name in ["twilio", "signalwire", "telnyx", "somleng"] {
            assert_eq!(perform(name, verbs).is_ok(), able.contains(name), "{name}: {verbs}");
        }
    }
}
