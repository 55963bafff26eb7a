//! The supervisor's wall, which shows what happens without being loaded again, and says when it cannot.

use crate::browser::Browser;
use crate::page::Page;
use crate::server::Server;
use crate::voices::{asks_for_a_person, both, talk};

/// The demo's supervisor at the wall.
pub(crate) async fn at_the_wall(server: &Server) -> Page {
    let wall = Browser::open(&server.url("/desk/login"), 440).await;
    wall.logs_in("9001", "demo-supervisor", &server.url("/desk/wall?lang=en")).await;
    wall
}

/// Waits until a tile shows a figure.
async fn shows(wall: &Page, tile: &str, figure: &str) {
    let found = format!(
        "[...document.querySelectorAll('.tile')].some((tile) => \
         tile.querySelector('span').textContent === {tile:?} && tile.querySelector('b').textContent === {figure:?})"
    );
    wall.until(&found).await;
}

/// Waits until a figure of today is this.
async fn counts(wall: &Page, name: &str, figure: &str) {
    let found = format!(
        "[...document.querySelectorAll('.rates div')].some((one) => \
         one.querySelector('dt').textContent === {name:?} && one.querySelector('dd').textContent === {figure:?})"
    );
    wall.until(&found).await;
}

#[tokio::test]
async fn a_call_is_on_the_wall_while_it_waits_is_answered_and_ends() {
    let mut server = Server::start();
    let ((phone, desk), mut wall) = tokio::join!(both(&server), at_the_wall(&server));
    shows(&wall, "Available", "1").await;
    shows(&wall, "Calls in progress", "0").await;
    wall.eval("window.loaded = 'once'").await;

    asks_for_a_person(&phone).await;
    shows(&wall, "Calls in progress", "1").await;
    shows(&wall, "Waiting", "1").await;
    shows(&wall, "Being rung", "1").await;
    talk(&phone, &desk).await;
    shows(&wall, "Waiting", "0").await;
    shows(&wall, "Talking", "1").await;
    desk.click("#hang-up").await;
    phone.hears("survey.ask").await;
    shows(&wall, "Wrap-up", "1").await;
    phone.click("#hang-up").await;
    shows(&wall, "Calls in progress", "0").await;
    counts(&wall, "Calls", "1").await;
    counts(&wall, "Talked to a person", "1").await;

    // Without a connection it says since when it is old, and with one it goes on.
    wall.server_goes = true;
    server.kill();
    wall.until("!document.getElementById('lost').hidden && document.querySelector('#live.stale')").await;
    assert_ne!(wall.eval("document.querySelector('#lost time').textContent").await, "");
    counts(&wall, "Calls", "1").await;
    server.start_again();
    wall.until("document.getElementById('lost').hidden && !document.querySelector('#live.stale')").await;
    let phone = Browser::open(&server.url("/phone?measure"), 440).await;
    phone.click("#call").await;
    shows(&wall, "Calls in progress", "1").await;
    assert_eq!(wall.eval("window.loaded").await, "once", "the page was loaded again");
    wall.is_clean();
}
