//! An operator at the desk, by keyboard only: a caller has proved who they are and wants a person; the page rings, shows
//! why they call, answers, holds, writes it up.

use std::time::Instant;

use crate::server::Server;
use crate::voices::{CALLER, OPERATOR, at_work, both, hear_each_other, verifies_and_asks_for_a_person};

/// Of the member who calls.
const ID: &str = "000101198503121233";

#[tokio::test]
async fn an_operator_sees_who_calls_and_why_and_writes_it_up() {
    let server = Server::start();
    let (phone, desk) = both(&server).await;
    verifies_and_asks_for_a_person(&phone).await;
    let began = Instant::now();
    desk.state("ringing").await;
    println!("rings {} ms after the caller was told", began.elapsed().as_millis());
    // Who rings is not told who it is, only why.
    desk.until("document.getElementById('path').textContent.includes('Medical account balance')").await;
    desk.until("document.title !== '' && document.getElementById('ringing').textContent !== ''").await;
    assert_eq!(desk.eval("document.getElementById('member').textContent").await, "");

    desk.types("a").await;
    hear_each_other(&phone, &desk).await;
    desk.until("document.getElementById('member').textContent.includes('000***********1233')").await;
    desk.until("document.getElementById('proof').textContent.includes('Verified')").await;
    desk.until("document.querySelectorAll('#read li').length > 0").await;
    assert_eq!(desk.eval(&format!("document.documentElement.outerHTML.includes('{ID}')")).await, false);

    // On hold the caller hears music, and the two do not hear each other.
    desk.types("h").await;
    desk.state("held").await;
    desk.is_silent().await;
    phone.sounds().await;
    desk.types("h").await;
    hear_each_other(&phone, &desk).await;
    phone.hears_tone(OPERATOR, CALLER).await;

    // Records, and one field in full for a reason.
    desk.tabs_to("#member button").await;
    desk.tabs_to("#member [data-id=id]").await;
    desk.types("Enter").await;
    desk.writes("the caller doubts the number").await;
    desk.types("Enter").await;
    desk.until(&format!("document.getElementById('member').textContent.includes('{ID}')")).await;
    desk.tabs_to("#looks [data-id=medical-account]").await;
    desk.types("Enter").await;
    desk.until("document.getElementById('found').textContent.includes('¥')").await;

    // A note is text, whatever stands in it.
    desk.types("n").await;
    desk.writes("<img src=x onerror=alert(1)>").await;
    desk.types("Alt+S").await;
    desk.until("document.getElementById('kept').textContent !== ''").await;

    // Shortcuts are for the page, not for what is written; and that is kept when they pause.
    desk.types("x").await;
    desk.state("talking").await;
    desk.until("fetch('/desk/api/state').then((answer) => answer.json()).then(({ work }) => work.note.endsWith('>x'))")
        .await;
    desk.tabs_to("#keep").await;
    desk.types("x").await;
    phone.hears("survey.ask").await;
    desk.until("document.body.dataset.presence === 'wrap-up'").await;
    // With the caller all that was looked up goes.
    desk.until("document.getElementById('found').textContent === ''").await;
    assert_eq!(desk.eval(&format!("document.documentElement.outerHTML.includes('{ID}')")).await, false);
    assert_eq!(desk.eval("document.getElementById('note').value").await, "<img src=x onerror=alert(1)>x");
    desk.types("w").await;
    desk.until("document.body.dataset.presence === 'available'").await;

    phone.clicks_key('5').await;
    phone.hears("survey.thanks").await;
    phone.state("over").await;
    phone.is_clean();
    desk.is_clean();
}

/// Another tab of the browser logs in as somebody else: this one must not show their work under the first one's name.
#[tokio::test]
async fn a_tab_of_somebody_who_is_not_logged_in_any_more_is_loaded_again() {
    let server = Server::start();
    let desk = at_work(&server).await;
    let other = "fetch('/desk/login', { method: 'POST', redirect: 'manual', \
                 body: new URLSearchParams({ number: '9001', password: 'demo-supervisor' }) }).then(() => 0)";
    desk.eval(other).await;
    desk.until("document.querySelector('.me .quiet')?.textContent === '9001'").await;
    // What was pressed in it would be done by nobody.
    desk.until("document.body.dataset.presence === 'away'").await;
    desk.is_clean();
}
