//! Documents: every ending for every profile as a file, and read back with the same meaning.
//!
//! A file has one element a line; the document has no white space between them. `HOTLINE_WRITE_DOCUMENTS=1` writes
//! the files anew; read what changed before it is kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use hotline::call::{
    Dial, EndCause, Ending, KeyPlan, Kind, Language, Listen, Name, PhoneNumber, Record, Refusal, Reply, Segment,
    Sentence, Whisper,
};
use hotline::dialect::{Feature, Performance, Profile, ResumeUrls, Unreadable, Unsupported};
use proptest::prelude::*;

use super::{profile, profiles, public};

fn says(language: &str, text: &str) -> Sentence {
    Sentence { prompt: None, language: language.into(), segments: vec![Segment::Text(text.to_owned())] }
}

fn plays(path: &str) -> Segment {
    Segment::Audio { url: format!("https://ivr.example.org/audio/{path}") }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn listen(prompts: Vec<Sentence>, keys: KeyPlan) -> Ending<Sentence> {
    Ending::Listen(Listen { prompts, keys, first_key: ms(5_500), between_keys: ms(8_000), secret: false })
}

fn dial(numbers: &[&str], whisper: bool) -> Ending<Sentence> {
    let whisper =
        whisper.then(|| Whisper { prompts: vec![says("zh-CN", "医保来电，接听请按一")], accept: '1' });
    Ending::Dial(Dial {
        target: "desk".into(),
        numbers: numbers.iter().map(|number| PhoneNumber::parse(number).unwrap()).collect(),
        ring: ms(200_000),
        limit: ms(30_000),
        whisper,
        recorded: false,
    })
}

fn recorded(dial: Ending<Sentence>) -> Ending<Sentence> {
    let Ending::Dial(dial) = dial else { panic!("a dial is recorded") };
    Ending::Dial(Dial { recorded: true, ..dial })
}

/// One reply and more for each ending, by the name of its file.
pub(crate) fn replies() -> Vec<(&'static str, Reply<Sentence>)> {
    let alone = |ending| Reply { prompts: Vec::new(), ending };
    let menu = || {
        let segments = vec![Segment::Text("查询余额请按一".to_owned()), Segment::Silence(ms(300)), plays("a.wav")];
        vec![Sentence { prompt: None, language: "zh-CN".into(), segments }, says("en", "For English, press two.")]
    };
    let notice = || {
        let segments =
            vec![plays("notice.wav"), Segment::Silence(ms(1_200)), Segment::Text("<您好> & \"欢迎\"".to_owned())];
        vec![Sentence { prompt: None, language: "zh-CN".into(), segments }]
    };
    let record = Record { beep: true, longest: ms(120_000), silence: ms(4_001) };
    vec![
        ("listen-one", alone(listen(menu(), KeyPlan::One))),
        ("listen-until-pound", Reply { prompts: notice(), ending: listen(menu(), KeyPlan::UntilPound) }),
        ("listen-in-silence", alone(listen(Vec::new(), KeyPlan::One))),
        ("dial", alone(dial(&["+8601012333"], false))),
        ("dial-whisper", Reply { prompts: notice(), ending: dial(&["+8601012333", "sip:desk@ivr.example.org"], true) }),
        ("dial-recorded", Reply { prompts: notice(), ending: recorded(dial(&["+8601012333"], true)) }),
        ("dial-client", alone(dial(&["client:desk"], true))),
        ("record", Reply { prompts: notice(), ending: Ending::Record(record) }),
        ("record-quietly", alone(Ending::Record(Record { beep: false, longest: ms(9_000_000), silence: ms(0) }))),
        ("go-to", Reply { prompts: notice(), ending: Ending::GoTo }),
        ("join", alone(Ending::Join)),
        ("hang-up", Reply { prompts: vec![says("en", "Goodbye.")], ending: Ending::HangUp(EndCause::TooLong) }),
        ("refuse-busy", alone(Ending::Refuse(Refusal::Busy))),
        ("refuse-rejected", alone(Ending::Refuse(Refusal::Rejected))),
    ]
}

/// What a reply names, beside what it says and does.
fn urls_of(profile: &Profile, reply: &Reply<Sentence>) -> Vec<Kind> {
    match &reply.ending {
        Ending::Listen(_) => vec![Kind::Keys, Kind::Silent],
        Ending::Dial(dial) => {
            let whispers = dial.whisper.is_some() && profile.capabilities.has(Feature::Whisper);
            let besides = [(Kind::Whisper, whispers), (Kind::Talk, dial.recorded)];
            let besides = besides.into_iter().filter(|(_, has)| *has).map(|(kind, _)| kind);
            [Kind::Dialled].into_iter().chain(besides).collect()
        }
        Ending::Record(_) => vec![Kind::Recorded, Kind::File],
        Ending::GoTo => vec![Kind::Next],
        Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => vec![],
    }
}

fn up(duration: Duration, range: &std::ops::RangeInclusive<u32>) -> Duration {
    let seconds = u32::try_from(duration.as_millis().div_ceil(1_000)).unwrap().clamp(*range.start(), *range.end());
    Duration::from_secs(seconds.into())
}

/// What is heard, joined where a document cannot tell pieces apart; blanks do not count.
fn heard(profile: &Profile, sentences: &[Sentence], pause: Feature) -> Vec<(Language, Segment)> {
    let mut all: Vec<(Language, Segment)> = Vec::new();
    for sentence in sentences {
        for segment in &sentence.segments {
            match segment {
                Segment::Text(text) => {
                    let fit = |c: &char| !c.is_whitespace() && (*c >= ' ') && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
                    let text: String = text.chars().filter(fit).collect();
                    match all.last_mut() {
                        Some((language, Segment::Text(before))) if *language == sentence.language => {
                            before.push_str(&text);
                        }
                        _ if text.is_empty() => {}
                        _ => all.push((sentence.language.clone(), Segment::Text(text))),
                    }
                }
                Segment::Audio { .. } => all.push(("".into(), segment.clone())),
                Segment::Silence(length) if profile.capabilities.has(pause) => {
                    all.push(("".into(), Segment::Silence(up(*length, &profile.capabilities.pause_s))));
                }
                Segment::Silence(_) => {}
            }
        }
    }
    all
}

/// A reply as the provider can know it.
#[derive(Debug, PartialEq)]
struct Meaning {
    before: Vec<(Language, Segment)>,
    during: Vec<(Language, Segment)>,
    ending: Ending<Sentence>,
    urls: BTreeMap<Kind, String>,
}

fn meaning(profile: &Profile, reply: &Reply<Sentence>, urls: BTreeMap<Kind, String>) -> Meaning {
    let can = &profile.capabilities;
    let mut during = Vec::new();
    let ending = match reply.ending.clone() {
        Ending::Listen(listen) => {
            during = heard(profile, &listen.prompts, Feature::PauseInListen);
            let timer = match listen.keys {
                KeyPlan::One => listen.first_key,
                KeyPlan::UntilPound => listen.first_key.max(listen.between_keys),
            };
            let timer = up(timer, &can.listen_s);
            Ending::Listen(Listen {
                prompts: Vec::new(),
                first_key: timer,
                between_keys: timer,
                secret: false,
                ..listen
            })
        }
        Ending::Dial(dial) => {
            let (ring, limit) = (up(dial.ring, &can.ring_s), up(dial.limit, &can.talk_s));
            Ending::Dial(Dial { target: Name::from(""), ring, limit, whisper: None, ..dial })
        }
        Ending::Record(record) => {
            let (longest, silence) = (up(record.longest, &can.record_s), up(record.silence, &can.listen_s));
            Ending::Record(Record { longest, silence, ..record })
        }
        Ending::HangUp(_) => Ending::HangUp(EndCause::Finished),
        Ending::GoTo => Ending::GoTo,
        Ending::Join => Ending::Join,
        Ending::Refuse(refusal) => Ending::Refuse(refusal),
    };
    Meaning { before: heard(profile, &reply.prompts, Feature::Pause), during, ending, urls }
}

/// Writes a reply and reads the document back: the meaning has to be the same.
fn there_and_back(profile: &Profile, reply: &Reply<Sentence>) -> Result<String, Unsupported> {
    let public = public();
    let urls = ResumeUrls { public: &public, profile, token: "T0K", dialled: "LEG" };
    let document = profile.dialect.write(profile, reply, &urls)?;
    assert_eq!((document.status, document.content_type), (200, "text/xml; charset=utf-8"));
    let Performance { reply: back, urls: named, .. } = profile.dialect.perform(profile, &document.body).unwrap();
    let wanted = urls_of(profile, reply).into_iter().map(|kind| (kind, urls.url(kind))).collect();
    assert_eq!(meaning(profile, &back, named), meaning(profile, reply, wanted), "{}", profile.name);
    Ok(String::from_utf8(document.body).unwrap())
}

#[test]
fn every_ending_for_every_profile_is_written_as_on_file() {
    let anew = std::env::var_os("HOTLINE_WRITE_DOCUMENTS").is_some();
    for profile in profiles() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/dialects");
        let folder = root.join(profile.dialect.name()).join(&profile.name);
        for (name, reply) in replies() {
            let (file, text) = match there_and_back(&profile, &reply) {
                Ok(document) => (format!("{name}.xml"), document.replace("><", ">\n<")),
                Err(unsupported) => (format!("{name}.refused"), unsupported.to_string()),
            };
            let path = folder.join(file);
            if anew {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, format!("{text}\n")).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
            assert_eq!(text, kept.trim_end(), "{}", path.display());
        }
    }
}

#[test]
fn what_a_provider_cannot_do_is_refused() {
    let alone = |ending| Reply { prompts: Vec::new(), ending };
    let twilio = profile("twilio");
    let crowd = vec!["+8601012333"; 11];
    let long = "医".repeat(400).repeat(60);
    for (reply, why) in [
        (alone(dial(&[], false)), Unsupported::NobodyToDial),
        (alone(dial(&crowd, false)), Unsupported::TooManyNumbers { count: 11, most: 10 }),
        (alone(dial(&["desk@ivr.example.org"], false)), Unsupported::Address),
        (alone(dial(&["client:"], false)), Unsupported::Address),
        (
            Reply { prompts: vec![says("en", "No.")], ending: Ending::Refuse(Refusal::Busy) },
            Unsupported::RefusedTooLate,
        ),
        (Reply { prompts: vec![says("yue", "你好")], ending: Ending::GoTo }, Unsupported::NoVoice("yue".into())),
    ] {
        assert_eq!(there_and_back(&twilio, &reply), Err(why));
    }
    let too_large = there_and_back(&twilio, &Reply { prompts: vec![says("zh-CN", &long)], ending: Ending::GoTo });
    assert!(matches!(too_large, Err(Unsupported::TooLarge { most_bytes: 64_000, .. })), "{too_large:?}");
}

#[test]
fn a_document_that_is_not_ours_is_refused_loudly() {
    let redirect = r#"<Redirect method="POST">https://ivr.example.org/s</Redirect>"#;
    let gather = |attributes: &str, inside: &str| {
        format!(
            r#"<Response><Gather input="dtmf" action="https://ivr.example.org/k" method="POST" {attributes}>{inside}</Gather>{redirect}</Response>"#
        )
    };
    let one = r#"timeout="5" finishOnKey="" numDigits="1""#;
    let say = r#"<Say voice="Polly.Zhiyu" language="cmn-CN">好</Say>"#;
    let pause = r#"<Pause length="1"/>"#;
    let twilio = profile("twilio");
    assert!(twilio.dialect.perform(&twilio, recorded_dial("record-from-answer").as_bytes()).is_ok());
    assert!(twilio.dialect.perform(&twilio, gather(one, say).as_bytes()).is_ok());
    assert!(twilio.dialect.perform(&twilio, gather(one, pause).as_bytes()).is_ok());
    for document in [
        String::new(),
        "<Response>".to_owned(),
        "<response/>".to_owned(),
        "<Response a=\"1\"/>".to_owned(),
        "<Response>hello</Response>".to_owned(),
        "<Response><Enqueue>q</Enqueue></Response>".to_owned(),
        "<Response><hangup/></Response>".to_owned(),
        "<Response><Hangup/><Hangup/></Response>".to_owned(),
        "<Response><Hangup reason=\"x\"/></Response>".to_owned(),
        "<Response><Reject/></Response>".to_owned(),
        format!("<Response>{say}<Reject reason=\"busy\"/></Response>"),
        format!("<Response>{redirect}{say}</Response>"),
        "<Response><Redirect method=\"POST\">/relative</Redirect></Response>".to_owned(),
        "<Response><Redirect>https://ivr.example.org/</Redirect></Response>".to_owned(),
        "<Response><Say>hello</Say></Response>".to_owned(),
        "<Response><Say voice=\"alice\" language=\"zh-CN\">好</Say></Response>".to_owned(),
        "<Response><Say voice=\"Polly.Zhiyu\" language=\"cmn-CN\"> </Say></Response>".to_owned(),
        "<Response><Say voice=\"Polly.Zhiyu\" language=\"cmn-CN\" loop=\"2\">好</Say></Response>".to_owned(),
        gather(r#"timeout="5" finishOnKey="""#, say),
        gather(r#"timeout="5" finishOnKey="*" numDigits="1""#, say),
        gather(r#"timeout="5" finishOnKey="" numDigits="4""#, say),
        gather(r#"timeout="0" finishOnKey="" numDigits="1""#, say),
        gather(&format!("{one} bargeIn=\"true\""), say),
        gather(one, "<Hangup/>"),
        gather(one, "press one"),
        gather(one, say).replace(redirect, ""),
        gather(one, say).replace("POST", "GET"),
        "<Response><Dial action=\"https://ivr.example.org/d\" method=\"POST\" timeout=\"30\" timeLimit=\"60\"/></Response>"
            .to_owned(),
    ] {
        assert!(twilio.dialect.perform(&twilio, document.as_bytes()).is_err(), "{document}");
    }
    // What one provider takes another does not.
    for (name, document) in [
        ("telnyx", gather(one, pause)),
        ("telnyx", gather(r#"timeout="121" finishOnKey="" numDigits="1""#, say)),
        ("somleng", gather(one, pause)),
        ("somleng", format!("<Response>{pause}</Response>")),
        ("somleng", recorded_dial("record-from-answer")),
        ("twilio", recorded_dial("record-from-ringing")),
    ] {
        let profile = profile(name);
        let refused = profile.dialect.perform(&profile, document.as_bytes());
        assert!(matches!(refused, Err(Unreadable::Document { .. })), "{name} {document}");
    }
}

fn recorded_dial(how: &str) -> String {
    let url = |kind| format!("https://ivr.example.org/{kind}");
    format!(
        "<Response><Dial action=\"{}\" method=\"POST\" timeout=\"30\" timeLimit=\"60\" record=\"{how}\" \
         recordingStatusCallback=\"{}\" recordingStatusCallbackMethod=\"POST\" recordingStatusCallbackEvent=\"completed absent\">\
         <Number>+8601012333</Number></Dial></Response>",
        url("d"),
        url("t"),
    )
}

fn any_sentence() -> impl Strategy<Value = Sentence> {
    let segment = prop_oneof![
        4 => any::<String>().prop_map(Segment::Text),
        1 => "[医保余额，。a-z <&>]{0,1200}".prop_map(Segment::Text),
        1 => "[a-z0-9/?&=%#]{1,20}".prop_map(|path| plays(&path)),
        1 => (0_u64..5_000).prop_map(|length| Segment::Silence(ms(length))),
    ];
    let language = prop_oneof![Just("zh-CN"), Just("en")];
    (language, proptest::collection::vec(segment, 0..4)).prop_map(|(language, segments)| Sentence {
        prompt: None,
        language: language.into(),
        segments,
    })
}

pub(crate) fn any_reply() -> impl Strategy<Value = Reply<Sentence>> {
    let sentences = || proptest::collection::vec(any_sentence(), 0..4);
    let time = || (0_u64..4_000_000).prop_map(ms);
    let keys = prop_oneof![Just(KeyPlan::One), Just(KeyPlan::UntilPound)];
    let numbers = proptest::collection::vec(prop_oneof![Just("+8601012333"), Just("sip:a&b@ivr.example.org")], 1..10);
    let ending = prop_oneof![
        (sentences(), keys, time(), time()).prop_map(|(prompts, keys, first_key, between_keys)| {
            Ending::Listen(Listen { prompts, keys, first_key, between_keys, secret: true })
        }),
        (numbers, any::<bool>()).prop_map(|(numbers, whisper)| dial(&numbers, whisper)),
        (any::<bool>(), time(), time()).prop_map(|(beep, longest, silence)| Ending::Record(Record {
            beep,
            longest,
            silence
        })),
        Just(Ending::GoTo),
        Just(Ending::Join),
        Just(Ending::HangUp(EndCause::Lost)),
    ];
    (sentences(), ending).prop_map(|(prompts, ending)| Reply { prompts, ending })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_reply_keeps_its_meaning(reply in any_reply()) {
        for profile in profiles() {
            there_and_back(&profile, &reply).unwrap();
        }
    }

    #[test]
    fn no_document_panics(document in any::<Vec<u8>>(), almost in "<Response>[<>/a-zA-Z\"=& ]{0,60}</Response>") {
        for profile in profiles() {
            let _ = profile.dialect.perform(&profile, &document);
            let _ = profile.dialect.perform(&profile, almost.as_bytes());
        }
    }
}
