//! Sections 6.2 to 6.8 and 6.10, attribute by attribute: which values the provider takes, and which a document fails with.
//! Everything that we ever write has a row here.

use std::collections::BTreeSet;

use hotline::dialect::{PublicUrl, ResumeUrls};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::{ONE_KEY, gather, play, profile, response};
use crate::dialects::documents::{any_reply, replies};

/// What stands in an attribute of an element, or as its text where the attribute has no name.
struct Row {
    element: &'static str,
    attribute: &'static str,
    taken: &'static [&'static str],
    refused: &'static [&'static str],
}

const fn row(
    element: &'static str,
    attribute: &'static str,
    taken: &'static [&'static str],
    refused: &'static [&'static str],
) -> Row {
    Row { element, attribute, taken, refused }
}

/// Absolute, in ASCII, with a host name that providers take.
const URLS: &[&str] = &["https://ivr.example.org/a", "http://127.0.0.1:8080/a#rc=2&amp;rp=5xx", "https://[::1]/a"];
const NO_URLS: &[&str] = &[
    "",
    "/a",
    "a",
    "ivr.example.org/a",
    "ftp://ivr.example.org/a",
    "https:///a",
    "https://my_ivr.example.org/a",
    "https://ivr.example.org:0/a",
    "https://ivr.example.org/医",
    "https://ivr.example.org/a b",
];
/// Others read `GET` too; we never write it, and what we sign would not cover it.
const METHODS: (&[&str], &[&str]) = (&["POST"], &["", "post", "GET", "PUT"]);
const SECONDS: &[&str] = &["", "0", "-1", "1.5", "+5", " 5", "5s", "auto"];

/// Every row, for Twilio.
const ROWS: &[Row] = &[
    row("Say", "voice", &["Polly.Zhiyu"], &["", "man", "alice", "polly.zhiyu", "Polly.Joanna"]),
    row("Say", "language", &["cmn-CN"], &["", "zh-CN", "en-US", "CMN-CN"]),
    row("Say", "", &["您好", "1 2 3 &lt;&amp;&gt;"], &["", " ", "<break/>"]),
    row("Play", "", URLS, NO_URLS),
    row("Pause", "length", &["1", "600"], SECONDS),
    row("Gather", "input", &["dtmf"], &["", "DTMF", "speech", "dtmf speech"]),
    row("Gather", "action", URLS, NO_URLS),
    row("Gather", "method", METHODS.0, METHODS.1),
    row("Gather", "timeout", &["1", "600"], SECONDS),
    row("Gather", "timeout", &[], &["601"]),
    row("Gather", "finishOnKey", &[""], &["#", "*", "##", "x"]),
    row("Gather", "numDigits", &["1"], &["", "0", "-1", "x"]),
    row("Redirect", "", URLS, NO_URLS),
    row("Redirect", "method", METHODS.0, METHODS.1),
    row("Reject", "reason", &["busy", "rejected"], &["", "Busy", "no-answer"]),
    row("Dial", "action", URLS, NO_URLS),
    row("Dial", "method", METHODS.0, METHODS.1),
    row("Dial", "timeout", &["5", "600"], SECONDS),
    row("Dial", "timeout", &[], &["4", "601"]),
    row("Dial", "timeLimit", &["1", "14400"], SECONDS),
    row("Dial", "timeLimit", &[], &["14401"]),
    row("Dial", "answerOnBridge", &["true"], &["", "True", "yes", "1"]),
    row(
        "Dial",
        "record",
        &["record-from-answer"],
        &["", "true", "do-not-record", "record-from-ringing", "record-from-answer-dual"],
    ),
    row("Dial", "recordingStatusCallback", URLS, NO_URLS),
    row("Dial", "recordingStatusCallbackMethod", METHODS.0, METHODS.1),
    row("Dial", "recordingStatusCallbackEvent", &["completed absent"], &["", "all", "in-progress"]),
    row("Number", "", &["+8601012333", "12333"], &["", " ", "12 <b/>"]),
    row("Number", "url", URLS, NO_URLS),
    row("Number", "method", METHODS.0, METHODS.1),
    row("Sip", "", &["sip:desk@ivr.example.org"], &["", " "]),
    row("Sip", "url", URLS, NO_URLS),
    row("Sip", "method", METHODS.0, METHODS.1),
    row("Client", "", &["desk"], &[""]),
    row("Client", "url", URLS, NO_URLS),
    row("Client", "method", METHODS.0, METHODS.1),
    // The redirect behind it leads to the same place, or it would be open where a recording goes.
    row("Record", "action", &["https://ivr.example.org/recorded"], NO_URLS),
    row("Record", "action", &[], &["https://ivr.example.org/elsewhere"]),
    row("Record", "method", METHODS.0, METHODS.1),
    row("Record", "maxLength", &["1", "3600"], SECONDS),
    row("Record", "maxLength", &[], &["3601"]),
    row("Record", "timeout", &["1", "600"], SECONDS),
    row("Record", "playBeep", &["true", "false"], &["", "True", "1"]),
    row("Record", "finishOnKey", &["#"], &["", "1234567890*#", "x"]),
    row("Record", "recordingStatusCallback", URLS, NO_URLS),
    row("Record", "recordingStatusCallbackMethod", METHODS.0, METHODS.1),
];

/// Elements that we write without attributes or text.
const BARE: &[&str] = &["Response", "Hangup"];

/// A document that has the element, with every attribute that we write.
fn document(element: &str) -> String {
    let dial = |noun: &str| {
        format!(
            "<Dial action=\"https://ivr.example.org/dialled\" method=\"POST\" timeout=\"25\" timeLimit=\"60\" \
             answerOnBridge=\"true\" record=\"record-from-answer\" \
             recordingStatusCallback=\"https://ivr.example.org/talk\" recordingStatusCallbackMethod=\"POST\" \
             recordingStatusCallbackEvent=\"completed absent\">{noun}</Dial>"
        )
    };
    let whisper = "url=\"https://ivr.example.org/whisper\" method=\"POST\"";
    let verbs = match element {
        "Say" => "<Say voice=\"Polly.Zhiyu\" language=\"cmn-CN\">您好</Say>".to_owned(),
        "Play" => play(1),
        "Pause" => "<Pause length=\"1\"/>".to_owned(),
        "Gather" => gather(ONE_KEY, 5, ""),
        "Redirect" => "<Redirect method=\"POST\">https://ivr.example.org/next</Redirect>".to_owned(),
        "Reject" => "<Reject reason=\"busy\"/>".to_owned(),
        "Dial" => dial("<Number>+8601012333</Number>"),
        "Number" => dial(&format!("<Number {whisper}>+8601012333</Number>")),
        "Sip" => dial(&format!("<Sip {whisper}>sip:desk@ivr.example.org</Sip>")),
        "Client" => dial(&format!("<Client {whisper}>desk</Client>")),
        "Record" => super::recording::record(true),
        "Hangup" => "<Hangup/>".to_owned(),
        _ => String::new(),
    };
    response(&verbs)
}

/// The document with another value in its first such attribute, or with another text in the element.
fn with(document: &str, element: &str, attribute: &str, value: &str) -> String {
    let at = document.find(&format!("<{element}")).unwrap();
    let (before, from) = document.split_at(at);
    let (begin, end) = if attribute.is_empty() {
        (from.find('>').unwrap() + 1, from.find(&format!("</{element}>")).unwrap())
    } else {
        let begin = from.find(&format!(" {attribute}=\"")).unwrap() + attribute.len() + 3;
        (begin, begin + from[begin..].find('"').unwrap())
    };
    format!("{before}{}{value}{}", &from[..begin], &from[end..])
}

fn is_taken(document: &str) -> bool {
    let twilio = profile("twilio");
    twilio.dialect.perform(&twilio, document.as_bytes()).is_ok()
}

#[test]
fn s6_every_attribute_takes_what_the_provider_takes() {
    for Row { element, attribute, taken, refused } in ROWS {
        let document = document(element);
        for value in *taken {
            assert!(is_taken(&with(&document, element, attribute, value)), "{element} {attribute}={value:?}");
        }
        for value in *refused {
            assert!(!is_taken(&with(&document, element, attribute, value)), "{element} {attribute}={value:?}");
        }
    }
}

#[test]
fn s5_names_are_case_sensitive_and_nothing_unknown_is_overlooked() {
    let elements: BTreeSet<&str> = ROWS.iter().map(|row| row.element).chain(BARE.iter().copied()).collect();
    for element in elements {
        let document = document(element);
        assert!(is_taken(&document), "{document}");
        let other = document.replace(&format!("<{element}"), &format!("<{}", element.to_lowercase()));
        let other = other.replace(&format!("</{element}>"), &format!("</{}>", element.to_lowercase()));
        assert!(!is_taken(&other), "{other}");
        let more = document.replacen(&format!("<{element}"), &format!("<{element} loop=\"1\""), 1);
        assert!(!is_taken(&more), "{more}");
    }
    for Row { element, attribute, .. } in ROWS.iter().filter(|row| !row.attribute.is_empty()) {
        let other =
            document(element).replace(&format!(" {attribute}=\""), &format!(" {}=\"", attribute.to_uppercase()));
        assert!(!is_taken(&other), "{other}");
    }
}

/// Element and attribute of everything in a document; a text has no name.
fn names(document: &str) -> BTreeSet<(String, String)> {
    let mut names = BTreeSet::new();
    for tag in document.split('<').skip(1).filter(|tag| !tag.starts_with(['/', '?'])) {
        let (tag, text) = tag.split_once('>').unwrap();
        let tag = tag.trim_end_matches('/');
        let (element, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut add = |attribute: &str| {
            names.insert((element.to_owned(), attribute.to_owned()));
        };
        if !text.is_empty() {
            add("");
        }
        // What stands between the quotation marks is every second piece.
        attributes.split('"').step_by(2).filter_map(|name| name.trim().strip_suffix('=')).for_each(&mut add);
        if attributes.is_empty() && text.is_empty() {
            add("-");
        }
    }
    names
}

#[test]
fn everything_that_we_write_has_a_row_and_every_row_is_written() {
    let public = PublicUrl::parse(super::HOST).unwrap();
    let mut random = TestRunner::deterministic();
    let drawn: Vec<_> = (0..100).map(|_| any_reply().new_tree(&mut random).unwrap().current()).collect();
    let mut written = BTreeSet::new();
    for profile in ["twilio", "signalwire", "telnyx", "somleng"].map(profile) {
        for reply in replies().into_iter().map(|(_, reply)| reply).chain(drawn.iter().cloned()) {
            let urls = ResumeUrls { public: &public, profile: &profile, token: "T0K", dialled: "LEG" };
            if let Ok(document) = profile.dialect.write(&profile, &reply, &urls) {
                written.extend(names(std::str::from_utf8(&document.body).unwrap()));
            }
        }
    }
    let bare = |(element, attribute): &(String, String)| attribute == "-" && element != "Number";
    let rows: BTreeSet<_> = ROWS.iter().map(|row| (row.element.to_owned(), row.attribute.to_owned())).collect();
    let unknown: Vec<_> = written.iter().filter(|name| !rows.contains(*name) && !bare(name)).collect();
    assert!(unknown.is_empty(), "written, but no row says what a provider makes of it: {unknown:?}");
    let elements: BTreeSet<&str> = written.iter().map(|(element, _)| element.as_str()).collect();
    let known: BTreeSet<&str> = ROWS.iter().map(|row| row.element).chain(BARE.iter().copied()).collect();
    assert_eq!(elements, known);
    let stale: Vec<_> = rows.difference(&written).collect();
    assert!(stale.is_empty(), "a row for what is never written: {stale:?}");
}
