//! The server is killed in the middle of a call and started again: the pages say so, come back, and the call goes on.

use crate::browser::Browser;
use crate::server::Server;
use crate::voices::{OPERATOR, asks_for_a_person, both, hear_each_other, talk};

#[tokio::test]
async fn a_call_in_a_menu_goes_on() {
    let mut server = Server::start();
    let mut phone = Browser::open(&server.url("/phone?measure"), 440).await;
    phone.click("#call").await;
    phone.hears("entry.lang").await;
    phone.clicks_key('2').await;
    phone.hears("main.menu").await;

    phone.server_goes = true;
    server.kill();
    phone.state("lost").await;
    server.start_again();
    phone.state("in-call").await;
    phone.sounds().await;
    phone.clicks_key('5').await;
    phone.hears("more.menu").await;
    phone.sounds().await;
    phone.click("#hang-up").await;
    phone.state("over").await;
    phone.is_clean();
}

#[tokio::test]
async fn a_talk_goes_on() {
    let mut server = Server::start();
    let (mut phone, mut desk) = both(&server).await;
    asks_for_a_person(&phone).await;
    talk(&phone, &desk).await;

    (phone.server_goes, desk.server_goes) = (true, true);
    server.kill();
    tokio::join!(phone.state("lost"), desk.state("lost"));
    // What is shown may be old: the page says so.
    desk.until("!document.getElementById('offline').hidden && document.querySelector('#work.stale')").await;
    server.start_again();
    hear_each_other(&phone, &desk).await;
    desk.until("document.getElementById('offline').hidden && !document.querySelector('#work.stale')").await;
    desk.click("#hang-up").await;
    phone.hears("survey.ask").await;
    phone.click("#hang-up").await;
    phone.state("over").await;
    desk.state("waiting").await;
    phone.is_clean();
    desk.is_clean();
}

#[tokio::test]
async fn a_caller_on_hold_stays_on_hold() {
    let mut server = Server::start();
    let (mut phone, mut desk) = both(&server).await;
    asks_for_a_person(&phone).await;
    talk(&phone, &desk).await;
    desk.click("#hold").await;
    desk.state("held").await;

    (phone.server_goes, desk.server_goes) = (true, true);
    server.kill();
    tokio::join!(phone.state("lost"), desk.state("lost"));
    server.start_again();
    desk.state("held").await;
    // Music, and nobody who does not know that they are heard.
    phone.sounds().await;
    phone.hears_not(OPERATOR).await;
    desk.is_silent().await;
    desk.click("#hold").await;
    hear_each_other(&phone, &desk).await;
    phone.is_clean();
    desk.is_clean();
}
