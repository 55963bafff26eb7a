//! Two people talk through their browsers: each hears the other's tone, and not the own one.

use crate::browser::Browser;
use crate::page::Page;
use crate::server::Server;

/// What the microphones hear.
pub(crate) const CALLER: u32 = 600;
pub(crate) const OPERATOR: u32 = 1_000;

/// The telephone and a desk where somebody is.
pub(crate) async fn both(server: &Server) -> (Page, Page) {
    let phone = server.url("/phone?measure");
    tokio::join!(Browser::open(&phone, CALLER), at_work(server))
}

/// The demo's operator at the desk, waiting for calls.
pub(crate) async fn at_work(server: &Server) -> Page {
    let desk = Browser::open(&server.url("/desk"), OPERATOR).await;
    desk.logs_in("1001", "demo-operator", &server.url("/desk?measure")).await;
    desk.click("#here").await;
    desk.state("waiting").await;
    desk
}

/// Calls and asks for a person at once.
pub(crate) async fn asks_for_a_person(phone: &Page) {
    phone.click("#call").await;
    phone.hears("entry.welcome").await;
    phone.clicks_key('0').await;
    phone.hears("op.transfer").await;
}

/// Hears the balance in English, and then asks for a person.
pub(crate) async fn verifies_and_asks_for_a_person(phone: &Page) {
    phone.click("#call").await;
    phone.hears("entry.lang").await;
    for (key, heard) in [('2', "main.menu"), ('1', "auth.method"), ('1', "auth.id")] {
        phone.clicks_key(key).await;
        phone.hears(heard).await;
    }
    for (keys, heard) in [("000101198503121233#", "auth.pin"), ("204816#", "med.menu")] {
        for key in keys.chars() {
            phone.clicks_key(key).await;
        }
        phone.hears(heard).await;
    }
    phone.clicks_key('0').await;
    phone.hears("op.transfer").await;
}

/// The desk answers, which takes the call; both hear each other.
pub(crate) async fn talk(phone: &Page, desk: &Page) {
    desk.state("ringing").await;
    desk.click("#answer").await;
    hear_each_other(phone, desk).await;
}

pub(crate) async fn hear_each_other(phone: &Page, desk: &Page) {
    tokio::join!(phone.state("talking"), desk.state("talking"));
    tokio::join!(phone.hears_tone(OPERATOR, CALLER), desk.hears_tone(CALLER, OPERATOR));
    let counts = "document.getElementById('timer').textContent !== '0:00'";
    tokio::join!(phone.until(counts), desk.until(counts));
}

#[tokio::test]
async fn caller_and_operator_hear_each_other() {
    let server = Server::start();
    let (phone, desk) = both(&server).await;
    asks_for_a_person(&phone).await;

    // Not wanted: the operator is away, and the caller waits on.
    desk.state("ringing").await;
    phone.state("ringing").await;
    desk.click("#decline").await;
    desk.until("document.body.dataset.presence === 'away'").await;
    phone.hears("op.queue").await;
    phone.sounds().await;
    desk.click("#here").await;

    talk(&phone, &desk).await;
    // Who is muted is not heard.
    phone.click("#mute").await;
    desk.is_silent().await;
    phone.hears_tone(OPERATOR, CALLER).await;
    phone.click("#mute").await;
    hear_each_other(&phone, &desk).await;

    // The operator leaves; the call goes on.
    desk.click("#hang-up").await;
    phone.hears("survey.ask").await;
    phone.state("in-call").await;
    phone.sounds().await;
    desk.state("waiting").await;
    desk.is_silent().await;
    phone.click("#hang-up").await;
    phone.state("over").await;
    desk.click("#finish").await;
    asks_for_a_person(&phone).await;

    // The caller leaves; the desk waits for the next call.
    talk(&phone, &desk).await;
    phone.click("#hang-up").await;
    phone.state("over").await;
    desk.state("waiting").await;
    tokio::join!(phone.is_silent(), desk.is_silent());
    phone.is_clean();
    desk.is_clean();
}
