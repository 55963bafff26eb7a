//! An author watches a call: requests and documents as sent, where the call is, and nothing that a caller keyed.

use hotline::lookup::demo;

use crate::browser::Browser;
use crate::server::Server;

#[tokio::test]
async fn an_author_sees_turns_and_no_secrets() {
    // The first three stand on the page for everybody.
    let people = demo::people(demo::SHOWCASE).filter(|person| person.account.is_some());
    let mut with_pin = people.filter_map(|person| Some((person.member.id, person.pin.filter(|pin| !pin.initial)?)));
    let (id, pin) = with_pin.nth(3).unwrap();
    let (id, pin) = (id.as_str(), pin.digits.as_str());

    let server = Server::start();
    let phone = Browser::open(&server.url("/phone?measure"), 440).await;
    phone.click("#author-button").await;
    phone.until("document.querySelector('#picture svg')").await;
    phone.click("#call").await;
    phone.hears("entry.lang").await;
    for (key, heard) in [('2', "main.menu"), ('1', "auth.method"), ('1', "auth.id")] {
        phone.clicks_key(key).await;
        phone.hears(heard).await;
    }
    for key in format!("{}#", id.replace('X', "*")).chars() {
        phone.clicks_key(key).await;
    }
    phone.hears("auth.pin").await;
    for key in format!("{pin}#").chars() {
        phone.clicks_key(key).await;
    }
    phone.until("document.querySelector('#log [data-prompt=\"med.balance\"]')").await;

    // The turn in which the PIN went: it is open, its request and its document are there, and the call is on the picture.
    let open = "[...document.querySelectorAll('#turns details[open]')].map((turn) => turn.textContent)";
    let open = phone.eval(open).await;
    assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
    let turn = open[0].as_str().unwrap();
    for part in ["POST ", "/voice/embedded/", "CallSid", "<Response>", "<Gather", "/audio/"] {
        assert!(turn.contains(part), "{part} is not in the turn:\n{turn}");
    }
    assert!(phone.eval("document.querySelectorAll('#turns details').length").await.as_u64().unwrap() >= 6);
    assert_eq!(phone.eval("document.querySelectorAll('#picture .here').length").await, 1);

    let page = phone.eval("document.documentElement.outerHTML").await.to_string();
    let frames = phone.frames();
    assert!(frames.iter().any(|frame| frame.contains("<Gather")), "the frames are not all there");
    let kept = phone.eval("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])").await.to_string();
    for secret in [id, &id[..id.len() - 1], &id[6..], pin] {
        for (place, text) in [("the page", &page), ("a frame", &frames.join("\n")), ("what is kept", &kept)] {
            assert!(!text.contains(secret), "what was keyed is in {place}");
        }
    }
    phone.is_clean();
}
