//! Sections 1 and 4: the HTTP contract, retries, connection overrides, the fallback URL; and what of it is different in
//! sections 10 to 12.

use hotline::dialect::{BadOverride, Missed, Patience};

use super::*;

const HANGUP: &str = "<Hangup/>";

/// A provider whose URLs have this fragment.
fn with_fragment(name: &str, fragment: Option<&'static str>) -> Profile {
    Profile { retry: fragment, ..profile(name) }
}

/// What comes of an arrival, how long that takes, and how many requests are made for each URL.
async fn arrives(profile: Profile, does: impl IntoIterator<Item = Does>) -> (Line, Result<Leg, Trouble>, Duration) {
    let line = Line::of(profile, does);
    let began = line.clock.now();
    let leg = line.arrives().await;
    let took = line.clock.now().since(began);
    assert!(line.script.does.lock().unwrap().is_empty(), "some of what the service would do was never asked for");
    (line, leg, took)
}

#[tokio::test]
async fn s1_method_and_post_body() {
    let (line, leg, _) = arrives(profile("twilio"), [answers(HANGUP)]).await;
    leg.unwrap();
    assert_eq!(line.script.requests.lock().unwrap()[0].method, "POST");
    assert_eq!(line.headers("content-type"), ["application/x-www-form-urlencoded; charset=utf-8"]);
}

#[tokio::test]
async fn s1_response_status() {
    for code in [201, 204, 302, 400, 403, 404, 500, 503] {
        let (line, leg, _) = arrives(with_fragment("twilio", None), [status(code), answers(HANGUP)]).await;
        leg.unwrap();
        assert_eq!(line.asked(), ["voice/twilio", "voice/twilio/fallback"], "{code}");
        assert_eq!(line.last("ErrorCode"), some("11200"), "{code}");
    }
}

#[tokio::test]
async fn s1_response_status_3xx_followed_at_most_10_hops() {
    for (name, hops, code) in [("twilio", 10, "11215"), ("signalwire", 3, "111215")] {
        let hop = |to| std::iter::repeat_n(Does::Redirects(to), hops);
        let (line, leg, _) = arrives(profile(name), hop("/voice/elsewhere").chain([answers(HANGUP)])).await;
        leg.unwrap();
        assert_eq!(line.asked().len(), hops + 1);
        assert_eq!(line.asked().last().unwrap(), "voice/elsewhere");
        assert_eq!(line.last("To"), some("+8601012333"), "what the first request had");

        let more = hop("https://ivr.example.org/voice/elsewhere").chain([Does::Redirects("/"), answers(HANGUP)]);
        let (line, leg, _) = arrives(profile(name), more).await;
        leg.unwrap();
        assert_eq!(line.asked().last().unwrap(), &format!("voice/{name}/fallback"));
        assert_eq!(line.last("ErrorCode"), some(code));
    }
}

#[tokio::test]
async fn s1_redirect_trap() {
    let menu = gather(ONE_KEY, 5, "");
    let line = Line::twilio([answers(menu), Does::Redirects("/other"), answers(HANGUP)]);
    let mut leg = line.arrives().await.unwrap();
    assert_eq!(leg.press(&line.wire, '1').await.unwrap(), Then::Plays);
    assert_eq!(line.asked()[1..], ["keys", "other"]);
    let digits: Vec<bool> = line.script.requests.lock().unwrap()[1..]
        .iter()
        .map(|request| request.parameters().iter().any(|(name, _)| name == "Digits"))
        .collect();
    assert_eq!(digits, [true, false]);
}

#[tokio::test]
async fn s1_response_type() {
    for (content_type, is_document) in [
        ("text/xml", true),
        ("text/xml; charset=utf-8", true),
        ("application/xml", true),
        ("text/html", true),
        ("text/plain", false),
        ("audio/mpeg", false),
        ("application/json", false),
        ("", false),
    ] {
        let sends = Does::Sends { status: 200, content_type, body: response(HANGUP) };
        let (line, leg, _) = if is_document {
            arrives(profile("twilio"), [sends]).await
        } else {
            arrives(profile("twilio"), [sends, answers(HANGUP)]).await
        };
        leg.unwrap();
        assert_eq!(line.last("ErrorCode"), (!is_document).then(|| "12300".to_owned()), "{content_type}");
    }
}

#[tokio::test]
async fn s1_hard_deadline() {
    // Twilio's own, without its overrides; the others have no more time either.
    for name in ["twilio", "telnyx"] {
        let in_time = takes(14, answers(HANGUP));
        let (line, leg, took) = arrives(with_fragment(name, None), [in_time]).await;
        leg.unwrap();
        assert_eq!((line.asked().len(), took), (1, s(14)));

        let late = takes(16, answers(HANGUP));
        let (line, leg, took) = arrives(with_fragment(name, None), [late, answers(HANGUP)]).await;
        leg.unwrap();
        assert_eq!((line.asked()[1].as_str(), took), (&*format!("voice/{name}/fallback"), s(15)));
        assert_eq!(line.last("ErrorCode"), some("11200"));
    }
}

#[tokio::test]
async fn s1_document_size_64_kb() {
    let one = format!("<Say voice=\"Polly.Joanna\" language=\"en-US\">{}</Say>", "a".repeat(2_900));
    let fits = one.repeat(21);
    let (line, leg, _) = arrives(profile("twilio"), [answers(fits.clone())]).await;
    leg.unwrap();
    assert_eq!(line.asked().len(), 1);
    let (line, leg, _) = arrives(profile("twilio"), [answers(fits + &one), answers(HANGUP)]).await;
    leg.unwrap();
    assert_eq!(line.last("ErrorCode"), some("11750"));
}

#[tokio::test]
async fn s1_status_callbacks_are_answered_204_or_200() {
    for (name, code, fine) in [
        ("twilio", 200, true),
        ("twilio", 204, true),
        ("twilio", 404, false),
        ("signalwire", 204, true),
        ("somleng", 204, true),
        ("telnyx", 200, true),
        ("telnyx", 204, false),
    ] {
        let line = Line::of(with_fragment(name, None), [answers(HANGUP), status(code)]);
        let leg = line.arrives().await.unwrap();
        let told = line.wire.ended(leg.id(), "completed", 3).await;
        assert_eq!(told.is_ok(), fine, "{name} {code}: {told:?}");
        assert_eq!(line.asked()[1], format!("voice/{name}/status"));
    }
}

#[tokio::test]
async fn s4_fallback_url() {
    let menu = gather(UNTIL_POUND, 5, "");
    let line = Line::twilio([answers(menu), status(500), answers(play(3) + HANGUP)]);
    let mut leg = line.arrives().await.unwrap();
    for key in "42#".chars() {
        leg.press(&line.wire, key).await.unwrap();
    }
    assert_eq!(line.asked()[1..], ["keys", "voice/twilio/fallback"]);
    // Everything of the failed request, and why it is there.
    assert_eq!(
        line.last_of(["CallSid", "Digits", "CallStatus", "ErrorCode", "ErrorUrl"]),
        [some(leg.id()), some("42"), some("in-progress"), some("11200"), Some(url("keys"))]
    );
    // Its answer takes over the call.
    assert_eq!(line.runs(&mut leg).await, (3, Then::HangsUp(hotline::call::EndCause::Finished)));
}

#[tokio::test]
async fn s4_fallback_of_a_document_that_cannot_be_executed() {
    for (verbs, code) in [
        ("<Enqueue>q</Enqueue>", "12100"),
        ("<Hangup>", "12100"),
        ("<Say voice=\"Polly.Zhiyu\" language=\"cmn-CN\"> </Say><Hangup/>", "13520"),
        (&format!("<Say voice=\"Polly.Zhiyu\" language=\"cmn-CN\">{}</Say><Hangup/>", "医".repeat(501)), "13521"),
    ] {
        let (line, leg, _) = arrives(profile("twilio"), [answers(verbs), answers(HANGUP)]).await;
        leg.unwrap();
        assert_eq!(line.last("ErrorCode"), some(code), "{verbs}");
        let told = line.panel.0.lock().unwrap()[0].clone();
        assert_eq!((told.0, told.1, told.2.is_some()), (Kind::Arrive, Some(200), true), "whoever watches knows why");
    }
}

#[tokio::test]
async fn s4_without_a_fallback_url_the_call_is_lost() {
    let (line, leg, _) = arrives(with_fragment("somleng", None), [status(500)]).await;
    assert!(matches!(leg, Err(Trouble::Status { kind: Kind::Arrive, status: 500 })), "{leg:?}");
    assert_eq!(line.asked(), ["voice/somleng"]);
    // One that fails is as good as none.
    let (_, leg, _) = arrives(with_fragment("twilio", None), [status(500), status(404)]).await;
    let Err(Trouble::Fallback { first, fallback }) = leg else { panic!("{leg:?}") };
    assert!(matches!(*first, Trouble::Status { kind: Kind::Arrive, status: 500 }), "{first:?}");
    assert!(matches!(*fallback, Trouble::Status { kind: Kind::Fallback, status: 404 }), "{fallback:?}");
}

#[tokio::test]
async fn s4_one_retry_only_when_the_connection_failed() {
    let plain = || with_fragment("twilio", None);
    let (line, leg, _) = arrives(plain(), [Does::IsDown, answers(HANGUP)]).await;
    leg.unwrap();
    assert_eq!(*line.panel.0.lock().unwrap(), [(Kind::Arrive, Some(200), None, 2)]);
    let (line, leg, _) = arrives(plain(), [Does::IsDown, Does::IsDown, answers(HANGUP)]).await;
    leg.unwrap();
    assert_eq!(line.asked(), ["voice/twilio/fallback"]);
    assert_eq!(line.last("ErrorCode"), some("11205"));
    for does in [status(404), status(500), Does::BreaksOff, takes(16, answers(HANGUP))] {
        let (line, leg, _) = arrives(plain(), [does, answers(HANGUP)]).await;
        leg.unwrap();
        assert_eq!(line.asked(), ["voice/twilio", "voice/twilio/fallback"]);
    }
}

#[tokio::test]
async fn s4_a_partially_received_answer_is_never_retried() {
    let everything = with_fragment("twilio", Some("rc=5&rp=all"));
    let (line, leg, _) = arrives(everything, [Does::CutsShort, answers(HANGUP)]).await;
    leg.unwrap();
    assert_eq!(line.asked(), ["voice/twilio", "voice/twilio/fallback"]);
}

#[tokio::test]
async fn s4_overrides_that_our_urls_have() {
    let ours = provider("twilio").unwrap().retry;
    assert_eq!(ours, Some("rc=2&rp=ct,rt,5xx&rt=5000"));
    let slow = || takes(6, answers(HANGUP));
    for (failing, waited) in [
        ([Does::IsDown, Does::IsDown], 0),
        ([status(500), status(503)], 0),
        ([Does::BreaksOff, Does::BreaksOff], 0),
        ([slow(), slow()], 10),
    ] {
        let (line, leg, took) = arrives(profile("twilio"), failing.into_iter().chain([answers(HANGUP)])).await;
        leg.unwrap();
        assert_eq!(took, s(waited));
        assert_eq!(*line.panel.0.lock().unwrap(), [(Kind::Arrive, Some(200), None, 3)]);
    }
    let (line, leg, _) = arrives(profile("twilio"), [status(404), answers(HANGUP)]).await;
    leg.unwrap();
    assert_eq!(line.asked(), ["voice/twilio", "voice/twilio/fallback"], "a 404 is not asked for again");
}

#[tokio::test]
async fn s4_ct() {
    for (fragment, limit) in [(None, 5_000), (Some("ct=2000&rc=0"), 2_000)] {
        let connects = |ms| Does::Connects(Duration::from_millis(ms));
        let (line, leg, took) =
            arrives(with_fragment("twilio", fragment), [connects(limit - 1), answers(HANGUP)]).await;
        leg.unwrap();
        assert_eq!((line.asked().len(), took.as_millis()), (1, u128::from(limit) - 1));
        let tries = if fragment.is_some() { 1 } else { 2 };
        let late = std::iter::repeat_n(connects(limit + 1), tries);
        let (line, leg, took) = arrives(with_fragment("twilio", fragment), late.chain([answers(HANGUP)])).await;
        leg.unwrap();
        assert_eq!(line.last("ErrorCode"), some("11205"));
        assert_eq!(took.as_millis(), u128::from(limit) * tries as u128);
    }
}

#[tokio::test]
async fn s4_rt_and_tt() {
    let slow = || takes(4, answers(HANGUP));
    let (line, leg, took) = arrives(with_fragment("twilio", Some("rt=3000")), [slow(), answers(HANGUP)]).await;
    leg.unwrap();
    assert_eq!((line.asked()[1].as_str(), took), ("voice/twilio/fallback", s(3)));
    // All tries together: the third is cut off.
    let tries = [slow(), slow(), slow(), answers(HANGUP)];
    let (line, leg, took) = arrives(with_fragment("twilio", Some("rc=5&rp=rt&rt=3000&tt=8000")), tries).await;
    leg.unwrap();
    assert_eq!((line.asked().len(), took), (4, s(8)));
    assert_eq!(line.panel.0.lock().unwrap()[0].3, 3);
}

#[tokio::test]
async fn s4_rc_and_rp() {
    let count = |code: u16, fragment: &'static str| async move {
        let does = std::iter::repeat_n(status(code), 6).chain([answers(HANGUP)]);
        let line = Line::of(with_fragment("twilio", Some(fragment)), does);
        let _ = line.arrives().await;
        line.panel.0.lock().unwrap()[0].3
    };
    for (code, fragment, tries) in [
        (500, "rc=0&rp=all", 1),
        (500, "rc=5&rp=5xx", 6),
        (500, "rc=3&rp=4xx,5xx", 4),
        (404, "rc=3&rp=4xx", 4),
        (404, "rc=3&rp=all", 4),
        (404, "rc=3&rp=5xx,rt,ct", 1),
        (500, "rc=3", 1),
    ] {
        assert_eq!(count(code, fragment).await, tries, "{code} with {fragment}");
    }
}

#[tokio::test]
async fn s4_idempotency_token() {
    let failing = [status(500), status(500), status(500), answers(HANGUP)];
    let (line, leg, _) = arrives(profile("twilio"), failing).await;
    leg.unwrap();
    let tokens = line.headers("i-twilio-idempotency-token");
    let [first, second, third, fallback] = tokens.as_slice() else { panic!("{tokens:?}") };
    assert!(first == second && second == third && first != fallback, "{tokens:?}");
    let (line, ..) = arrives(profile("signalwire"), [answers(HANGUP)]).await;
    assert!(line.headers("i-twilio-idempotency-token").is_empty());
}

/// The fragment is neither sent nor signed.
#[tokio::test]
async fn s4_fragments_stay_at_the_provider() {
    let (line, leg, _) = arrives(profile("twilio"), [status(404), answers(HANGUP)]).await;
    leg.unwrap();
    assert!(line.asked().iter().all(|url| !url.contains('#')), "{:?}", line.asked());
    assert_eq!(line.last("ErrorUrl"), Some(url("voice/twilio")));
}

fn patience(name: &str, kind: Kind, fragment: &str) -> Result<Patience, BadOverride> {
    profile(name).dialect.patience(kind, &format!("{HOST}/voice{fragment}"))
}

#[test]
fn s4_override_keys_and_their_ranges() {
    let ms = Duration::from_millis;
    let usual = patience("twilio", Kind::Keys, "").unwrap();
    assert_eq!((usual.connect, usual.read, usual.total), (ms(5_000), ms(15_000), ms(15_000)));
    assert_eq!((usual.retries, &usual.retry_on[..]), (1, &[Missed::Connect][..]));
    let set =
        patience("twilio", Kind::Keys, "#rc=2&rp=5xx,ct,rt&ct=2000&rt=5000&tt=9000&sni=n&e=ashburn,dublin").unwrap();
    assert_eq!((set.connect, set.read, set.total, set.retries), (ms(2_000), ms(5_000), ms(9_000), 2));
    assert_eq!(set.retry_on, [Missed::OurFault, Missed::Connect, Missed::Read]);
    for (key, fine, bad) in [
        ("ct", ["100", "10000"], ["99", "10001"]),
        ("rt", ["100", "15000"], ["99", "15001"]),
        ("tt", ["100", "15000"], ["99", "15001"]),
        ("rc", ["0", "5"], ["6", "-1"]),
        ("rp", ["all", "4xx,5xx,ct,rt"], ["", "3xx"]),
        ("sni", ["y", "n"], ["", "yes"]),
        ("e", ["ashburn", "ashburn,sao-paulo"], ["", "ash burn"]),
    ] {
        for value in fine {
            assert!(patience("twilio", Kind::Keys, &format!("#{key}={value}")).is_ok(), "{key}={value}");
        }
        for value in bad.into_iter().chain(["+1", "1s"]) {
            let refused = patience("twilio", Kind::Keys, &format!("#{key}={value}"));
            assert!(matches!(refused, Err(BadOverride::Value { .. })) || key == "e", "{key}={value}: {refused:?}");
        }
    }
    for (name, fragment) in [
        ("twilio", "#xy=1"),
        ("twilio", "#ot=200"),
        ("signalwire", "#ct=200"),
        ("signalwire", "#rc=1"),
        ("telnyx", "#rc=1"),
    ] {
        assert!(matches!(patience(name, Kind::Keys, fragment), Err(BadOverride::Unknown(_))), "{name} {fragment}");
    }
    assert!(matches!(patience("twilio", Kind::Keys, "#rc"), Err(BadOverride::Form(_))));
}

#[tokio::test]
async fn s4_a_fragment_that_is_not_understood_is_told() {
    let (line, leg, _) = arrives(with_fragment("twilio", Some("rc=9")), []).await;
    assert!(matches!(leg, Err(Trouble::Override(_))), "{leg:?}");
    assert!(line.asked().is_empty());
}

#[test]
fn s10_to_12_connections() {
    let of = |name, kind| {
        let patience = patience(name, kind, "").unwrap();
        let (connect, read) = (patience.connect.as_secs(), patience.read.as_secs());
        (connect, read, patience.total.as_secs(), patience.retries, patience.redirects, patience.falls_back)
    };
    assert_eq!(of("twilio", Kind::Status), (5, 15, 15, 1, 10, true));
    assert_eq!(of("signalwire", Kind::Keys), (2, 5, 15, 0, 3, true));
    assert_eq!(of("signalwire", Kind::Status), (2, 5, 15, 2, 3, true));
    assert_eq!(of("telnyx", Kind::Keys), (15, 15, 15, 0, 10, true));
    assert_eq!(of("somleng", Kind::Keys), (15, 15, 15, 0, 10, false));
    let set = patience("signalwire", Kind::Keys, "#ot=100&rt=7000&tt=12000").unwrap();
    assert_eq!((set.connect.as_millis(), set.read.as_secs(), set.total.as_secs()), (100, 7, 12));
}

#[tokio::test]
async fn s10_no_retry_goes_to_the_fallback_url() {
    for does in [Does::IsDown, Does::Connects(s(3)), takes(6, answers(HANGUP)), status(500), status(404)] {
        let (line, leg, _) = arrives(profile("signalwire"), [does, answers(HANGUP)]).await;
        leg.unwrap();
        assert_eq!(line.asked().last().unwrap(), "voice/signalwire/fallback");
        assert_eq!(line.panel.0.lock().unwrap()[0].3, 1);
    }
    let line = Line::of(profile("signalwire"), [answers(HANGUP), status(500), status(404), status(204)]);
    let leg = line.arrives().await.unwrap();
    line.wire.ended(leg.id(), "completed", 3).await.unwrap();
    assert_eq!(line.asked()[1..], ["voice/signalwire/status"; 3], "a status callback is asked for up to three times");
}

/// A leg that was dialled came to no number of ours: nothing is set there.
#[tokio::test]
async fn a_dialled_leg_has_no_fallback_url() {
    let line = Line::of(with_fragment("twilio", None), [answers(HANGUP), status(500)]);
    let caller = line.arrives().await.unwrap();
    let asked = (Kind::Whisper, url("whisper"));
    let parent = Some(caller.id().to_owned());
    let leg = Leg::begin(&line.wire, parent, asked.0, &asked.1, What::PeerAnswered).await;
    assert!(matches!(leg, Err(Trouble::Status { kind: Kind::Whisper, status: 500 })), "{leg:?}");
}
