//! The published signatures of every provider, and what must not pass.

use hotline::call::{CallEvent, Kind, PhoneNumber, Timestamp, What};
use hotline::dialect::{
    Authentication, BadSignature, Document, OutRequest, PublicUrl, RawRequest, Report, Secret, provider,
};

use super::{NOW, TOKEN, profile, profiles, public, with_request};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const T1: &str = "CallSid=CA00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001\
                  &From=%2B8613800138000&To=%2B8601012333&CallStatus=ringing&Direction=inbound&ApiVersion=2010-04-01";
const T5: &str = "CallSid=CA1&CallStatus=completed&CallDuration=42";
const T7: &str = r#"{"event":"余额","amount":"12.50"}"#;
const T7_TARGET: &str = "/hook?bodySHA256=a8abb93a24e736953264569b5bbe9c17b1f2dfc80d14d6237d9545090435bd79";

/// A signed request as a table row.
struct Signed<'a> {
    profile: &'a str,
    secret: &'a str,
    method: &'a str,
    base: &'a str,
    target: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
    at_s: i64,
}

const TWILIO: Signed<'_> = Signed {
    profile: "twilio",
    secret: TOKEN,
    method: "POST",
    base: "https://ivr.example.org",
    target: "/voice",
    headers: &[],
    body: "",
    at_s: 1_760_000_001,
};

fn check(signed: &Signed<'_>) -> Result<(), BadSignature> {
    let provider = provider(signed.profile).unwrap();
    let profile = provider.profile(provider.read_secrets(signed.secret).unwrap());
    let headers: Vec<(&str, &[u8])> = signed.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let request = RawRequest {
        kind: Kind::Keys,
        method: signed.method,
        public: &PublicUrl::parse(signed.base).unwrap(),
        target: signed.target,
        headers: &headers,
        body: signed.body.as_bytes(),
    };
    profile.dialect.authenticate(&profile, &request, Timestamp::from_millis(signed.at_s * 1_000))
}

#[test]
fn twilios_published_signatures_pass() {
    let rows = [
        ("T1", "/voice", T1, "AVj0rjPIB3GPzugQYTPJQtObGY8="),
        (
            "T2",
            "/voice/step?flow=main&node=menu%2F1",
            "CallSid=CA00000000000000000000000000000001&Digits=1&FinishedOnKey=&CallStatus=in-progress",
            "/nAlqP0FAksNl+6ut2qIFjGtRtQ=",
        ),
        (
            "T3",
            "/voice/speech",
            "CallSid=CA00000000000000000000000000000001&SpeechResult=%E6%9F%A5%E8%AF%A2%E5%8C%BB%E4%BF%9D%E4%BD%99%E9\
             %A2%9D&Confidence=0.91&CallerName=%E5%BC%A0%E4%B8%89&FromCity=%E5%8C%97%E4%BA%AC",
            "zBkCnxXjJRug4jobA/q7ko5epqQ=",
        ),
        ("T4", "/voice/dup", "Tag=b&Tag=a&Tag=b&CallSid=CA1&Empty=&A=1", "dZLSM8wWQrcgbcg989/u0m8/WGE="),
    ];
    for (name, target, body, signature) in rows {
        let headers = [FORM, ("X-Twilio-Signature", signature)];
        assert_eq!(check(&Signed { target, body, headers: &headers, ..TWILIO }), Ok(()), "{name}");
        // Somleng signs the same way.
        assert_eq!(check(&Signed { profile: "somleng", target, body, headers: &headers, ..TWILIO }), Ok(()), "{name}");
    }
    let get = [("x-twilio-signature", "nvlkyABYYlMhfIaPE3QMCEGKbJQ=")];
    let target = "/voice?CallSid=CA1&Digits=12%23&From=%2B8613800138000";
    assert_eq!(check(&Signed { method: "GET", target, headers: &get, ..TWILIO }), Ok(()), "T6");
    let json = [JSON, ("X-Twilio-Signature", "/TFYAna+/RoKIy1PS4D2wGX2wjc=")];
    assert_eq!(check(&Signed { target: T7_TARGET, body: T7, headers: &json, ..TWILIO }), Ok(()), "T7");
    let shared = [
        FORM,
        ("X-Twilio-Signature", "HQIYHBYWmkgHjG3UaRtDIuqMTo4OMFA18oo9S+coWDE="),
        ("X-Twilio-Webhooks-Signature-Settings", "key=k1,algorithm=HMAC_SHA256"),
    ];
    assert_eq!(check(&Signed { secret: "k1:shared-key-secret", body: T5, headers: &shared, ..TWILIO }), Ok(()), "T8");
    let published = [FORM, ("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")];
    let t10 = Signed {
        secret: "12345",
        base: "https://mycompany.com",
        target: "/myapp.php?foo=1&bar=2",
        headers: &published,
        body: "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
        ..TWILIO
    };
    assert_eq!(check(&t10), Ok(()), "T10");
}

#[test]
fn a_port_may_be_signed_or_left_out() {
    for (base, signature) in [
        ("https://ivr.example.org:8443", "VNmHGckkA8orHjNaXMLHTKGI7XA="),
        ("https://ivr.example.org:8443", "HXwyJEhDDvhBXxwMwFchtqcmMjE="),
        ("https://ivr.example.org", "YBgC7keCHmGrzrQCkUYgh1SPuOM="),
    ] {
        let headers = [FORM, ("X-Twilio-Signature", signature)];
        assert_eq!(check(&Signed { base, target: "/voice/status", body: T5, headers: &headers, ..TWILIO }), Ok(()));
    }
    // A port that nobody signed.
    let headers = [FORM, ("X-Twilio-Signature", "VNmHGckkA8orHjNaXMLHTKGI7XA=")];
    let other =
        Signed { base: "https://ivr.example.org:8444", target: "/voice/status", body: T5, headers: &headers, ..TWILIO };
    assert_eq!(check(&other), Err(BadSignature::Wrong));
}

#[test]
fn what_twilio_did_not_sign_is_refused() {
    let right = [FORM, ("X-Twilio-Signature", "AVj0rjPIB3GPzugQYTPJQtObGY8=")];
    let t1 = Signed { body: T1, headers: &right, ..TWILIO };
    assert_eq!(check(&t1), Ok(()));
    for body in [
        T1.replace("ringing", "Ringing"),
        T1.replace("CA00000000000000000000000000000001", "CA00000000000000000000000000000002"),
        T1.replace("%2B8613800138000", "+8613800138000"),
        format!("{T1}&Digits=1"),
        format!("{T1}&CallStatus=completed"),
        T1.replace("&ApiVersion=2010-04-01", ""),
        String::new(),
    ] {
        assert_eq!(check(&Signed { body: &body, ..t1 }), Err(BadSignature::Wrong), "{body}");
    }
    // The same pair once more is the same set.
    assert_eq!(check(&Signed { body: &format!("{T1}&CallStatus=ringing"), ..t1 }), Ok(()));
    assert_eq!(check(&Signed { body: &format!("{T1}&a=%FF"), ..t1 }), Err(BadSignature::MalformedBody));
    assert_eq!(check(&Signed { base: "http://ivr.example.org", ..t1 }), Err(BadSignature::Wrong));
    for target in ["/Voice", "/voice/", "/voice?", "/voice?a=1"] {
        assert_eq!(check(&Signed { target, ..t1 }), Err(BadSignature::Wrong), "{target}");
    }
    assert_eq!(check(&Signed { secret: "0123456789abcdef0123456789abcdee", ..t1 }), Err(BadSignature::Wrong));
    assert_eq!(check(&Signed { secret: "k1:other", ..t1 }), Err(BadSignature::NoSecret));
    assert_eq!(check(&Signed { secret: &format!("another, {TOKEN}"), ..t1 }), Ok(()));
    for (headers, why) in [
        (vec![FORM], BadSignature::Missing("x-twilio-signature")),
        (vec![FORM, right[1], right[1]], BadSignature::Malformed("x-twilio-signature")),
        (vec![FORM, ("X-Twilio-Signature", "")], BadSignature::Wrong),
        (vec![FORM, ("X-Twilio-Signature", "AVj0rjPIB3GPzugQYTPJQtObGY8")], BadSignature::Wrong),
        (vec![FORM, ("X-Twilio-Signature", " AVj0rjPIB3GPzugQYTPJQtObGY8=")], BadSignature::Wrong),
        // A form that calls itself something else is not covered.
        (vec![("Content-Type", "text/plain"), right[1]], BadSignature::BodyNotCovered),
        (
            vec![FORM, right[1], ("X-Twilio-Webhooks-Signature-Settings", "key=k1,algorithm=NONE")],
            BadSignature::UnknownAlgorithm,
        ),
        (vec![FORM, right[1], ("X-Twilio-Webhooks-Signature-Settings", "")], BadSignature::UnknownAlgorithm),
        (
            vec![FORM, right[1], ("X-Twilio-Webhooks-Signature-Settings", "key=k1,algorithm=HMAC_SHA256")],
            BadSignature::NoSecret,
        ),
    ] {
        assert_eq!(check(&Signed { headers: &headers, ..t1 }), Err(why), "{headers:?}");
    }
    // T7 with another body: the signature still matches, the hash does not.
    let json = [JSON, ("X-Twilio-Signature", "/TFYAna+/RoKIy1PS4D2wGX2wjc=")];
    let t7 = Signed { target: T7_TARGET, body: T7, headers: &json, ..TWILIO };
    assert_eq!(check(&Signed { body: &T7.replace("12.50", "12.51"), ..t7 }), Err(BadSignature::BodyNotCovered));
    // A key of another id.
    let shared = [
        FORM,
        ("X-Twilio-Signature", "HQIYHBYWmkgHjG3UaRtDIuqMTo4OMFA18oo9S+coWDE="),
        ("X-Twilio-Webhooks-Signature-Settings", "key=k2,algorithm=HMAC_SHA256"),
    ];
    let t8 = Signed { secret: "k1:shared-key-secret", body: T5, headers: &shared, ..TWILIO };
    assert_eq!(check(&t8), Err(BadSignature::NoSecret));
}

const SIGNALWIRE_FORM: &str = "CallSid=b3877c40-da60-4998-90ad-b792e98472af&CallStatus=in-progress&Digits=2&SpeechResult=%E4%BA%BA%E5%B7%A5%E6%9C%8D%E5%8A%A1";
const SIGNALWIRE_JSON: &str = r#"{"call":{"call_id":"c1","call_state":"created","direction":"inbound","from":"+8613800138000","to":"+8601012333"},"vars":{"城市":"北京"}}"#;

#[test]
fn signalwires_published_signatures_pass_and_others_do_not() {
    let signalwire = Signed { profile: "signalwire", secret: "PSK_0123456789abcdefghijklmn", ..TWILIO };
    let signature = "SIjPdZP1O/cfO1LB9eAecfuRLKE=";
    for header in ["X-SignalWire-Signature", "X-Twilio-Signature"] {
        let headers = [FORM, (header, signature)];
        let form = Signed { target: "/voice/step?flow=main", headers: &headers, body: SIGNALWIRE_FORM, ..signalwire };
        assert_eq!(check(&form), Ok(()), "{header}");
        assert_eq!(check(&Signed { target: "/voice/step?flow=other", ..form }), Err(BadSignature::Wrong));
        assert_eq!(
            check(&Signed { body: &SIGNALWIRE_FORM.replace("Digits=2", "Digits=3"), ..form }),
            Err(BadSignature::Wrong)
        );
    }
    let headers = [JSON, ("X-SignalWire-Signature", "4ec2e74ffef64d7bde3397717064d1442050553c")];
    let json = Signed { target: "/swml", headers: &headers, body: SIGNALWIRE_JSON, ..signalwire };
    assert_eq!(check(&json), Ok(()));
    assert_eq!(check(&Signed { body: &SIGNALWIRE_JSON.replace("北京", "上海"), ..json }), Err(BadSignature::Wrong));
    assert_eq!(
        check(&Signed { headers: &[FORM], body: SIGNALWIRE_FORM, ..signalwire }),
        Err(BadSignature::Missing("x-signalwire-signature"))
    );
}

#[test]
fn telnyxs_published_signatures_pass_within_their_time() {
    let vectors = [
        (
            "CallSid=v3%3Aabc&From=%2B8613800138000&To=%2B8601012333&Digits=1&AccountSid=acc-1",
            "N1nQ0UDbahVj8mUKUqfdCtyLD8JfvsTMrRW/GhotvHKVthM0Cb12tT4k54rhjgfGEYY5E39T/51SvMtOkWcnCA==",
        ),
        (
            r#"{"data":{"event_type":"call.initiated","payload":{"from":"+8613800138000","note":"医保"}}}"#,
            "mgwBIwMwKTwAKzpg3Xq20blfRyVbRj4pa0LHVCJiaflaq5gNW86XAQh5FK1eVRQ3Czs7HwYezmVN2Ce0OnJJAQ==",
        ),
        ("", "tTNDI4hQN0u4tVDCgPYUqlxcVQVw5B1h1c0Is4R4cbKcpofxwPZJnDSmfoEDaqGX1bcI2/tQnbLduYwPa1++Aw=="),
    ];
    let key = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    let stale = Err(BadSignature::TooOld { window_s: 300 });
    for (body, signature) in vectors {
        let headers = [("telnyx-signature-ed25519", signature), ("Telnyx-Timestamp", "1760000000")];
        let telnyx = Signed { profile: "telnyx", secret: key, headers: &headers, body, ..TWILIO };
        for (at_s, result) in [
            (1_760_000_001, Ok(())),
            (1_760_000_300, Ok(())),
            (1_759_999_700, Ok(())),
            (1_760_000_301, stale),
            (1_759_999_699, stale),
            (0, stale),
        ] {
            assert_eq!(check(&Signed { at_s, ..telnyx }), result, "{at_s}");
        }
        assert_eq!(check(&Signed { body: &format!("{body}&a=1"), ..telnyx }), Err(BadSignature::Wrong));
        assert_eq!(check(&Signed { method: "GET", ..telnyx }), Err(BadSignature::ParametersNotCovered));
        // Another key (the first of RFC 8032, section 7.1).
        assert_eq!(
            check(&Signed { secret: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", ..telnyx }),
            Err(BadSignature::Wrong)
        );
        for (headers, why) in [
            (vec![headers[0]], BadSignature::Missing("telnyx-timestamp")),
            (vec![headers[1]], BadSignature::Missing("telnyx-signature-ed25519")),
            (vec![headers[0], ("telnyx-timestamp", "1760000001")], BadSignature::Wrong),
            (vec![headers[0], ("telnyx-timestamp", "+1760000000")], BadSignature::Malformed("telnyx-timestamp")),
            (
                vec![headers[0], ("telnyx-timestamp", "99999999999999999999")],
                BadSignature::Malformed("telnyx-timestamp"),
            ),
            (
                vec![("telnyx-signature-ed25519", "AAAA"), headers[1]],
                BadSignature::Malformed("telnyx-signature-ed25519"),
            ),
        ] {
            assert_eq!(check(&Signed { headers: &headers, ..telnyx }), Err(why), "{headers:?}");
        }
    }
}

/// A request of the provider's simulated side, with a Chinese value in it.
fn reported(name: &str, public: &PublicUrl) -> OutRequest {
    let event =
        CallEvent { leg: "CA1".to_owned(), parent: None, what: What::Progress { verbatim: "医保".to_owned() } };
    let number = |text| PhoneNumber::parse(text).unwrap();
    let report = Report {
        caller: Some(number("+8613800138000")),
        called: number("12333"),
        event,
        answered: true,
        ended_by: None,
        failed: None,
    };
    let profile = profile(name);
    profile.dialect.report(&profile, &public.join("/voice/x/status#rc=2"), &report, NOW).unwrap()
}

#[test]
fn what_is_reported_is_authenticated_and_nothing_changed_is() {
    let base = PublicUrl::parse("https://ivr.example.org:8443/line").unwrap();
    for profile in profiles() {
        let name = profile.name.as_str();
        let check = |public: &PublicUrl, out: &OutRequest, at: Timestamp| {
            with_request(Kind::Status, public, out, |request| profile.dialect.authenticate(&profile, request, at))
        };
        let out = reported(name, &base);
        assert_eq!(out.url, "https://ivr.example.org:8443/line/voice/x/status");
        assert_eq!(check(&base, &out, NOW), Ok(()), "{name}");

        let body = [out.body.as_slice(), b"&Digits=1"].concat();
        assert_eq!(check(&base, &OutRequest { body, ..out.clone() }, NOW), Err(BadSignature::Wrong), "{name}");
        let elsewhere = OutRequest { url: base.join("/voice/x/fallback"), ..out.clone() };
        let covers_url = name != "telnyx";
        assert_eq!(check(&base, &elsewhere, NOW).is_err(), covers_url, "{name}");
        let unsigned = OutRequest { headers: out.headers[..1].to_vec(), ..out.clone() };
        assert!(matches!(check(&base, &unsigned, NOW), Err(BadSignature::Missing(_))), "{name}");

        // Rotation: any of several; none of none; everything only if that is asked for.
        let other = if name == "telnyx" { Secret::Seed([8; 32]) } else { Secret::Token("another".into()) };
        let wrong_kind = if name == "telnyx" { Secret::Token(TOKEN.into()) } else { Secret::Seed([7; 32]) };
        let Authentication::Secrets(right) = profile.authentication.clone() else { panic!("{name} has secrets") };
        for (authentication, result) in [
            (Authentication::Secrets([vec![other.clone()], right].concat()), Ok(())),
            (Authentication::Secrets(vec![other]), Err(BadSignature::Wrong)),
            (Authentication::Secrets(vec![wrong_kind]), Err(BadSignature::NoSecret)),
            (Authentication::Secrets(Vec::new()), Err(BadSignature::NoSecret)),
            (Authentication::None, Ok(())),
        ] {
            let changed = hotline::dialect::Profile { authentication, ..profile.clone() };
            let checked =
                with_request(Kind::Status, &base, &out, |request| changed.dialect.authenticate(&changed, request, NOW));
            assert_eq!(checked, result, "{name}");
        }
    }
}

#[test]
fn secrets_are_never_printed() {
    for profile in profiles() {
        let shown = format!("{profile:?} {:?}", profile.authentication);
        assert!(!shown.contains(TOKEN) && !shown.contains("7, 7"), "{shown}");
    }
}

#[test]
fn status_callbacks_are_acknowledged_as_the_provider_wants() {
    for profile in profiles() {
        let Document { status, body, .. } = profile.dialect.acknowledge();
        if profile.name == "telnyx" {
            assert_eq!((status, body.ends_with(b"<Response/>")), (200, true));
        } else {
            assert_eq!((status, body.len()), (204, 0), "{}", profile.name);
        }
    }
    assert_eq!(public().to_string(), "https://ivr.example.org");
}
