//! Somebody who was told nothing calls and hears a balance: with the mouse, with the keyboard alone, with the buttons of
//! the card. What is heard is compared with the `.call` file of the same call.

use crate::browser::Browser;
use crate::heard::{self, Does, Turn};
use crate::page::{Page, Shown};
use crate::server::Server;

/// Its prompts are the same on every day and at every hour; the texts, which have dates, are compared with today's.
const CALL: &str = "medical.call";
const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// The page in a language.
async fn phone(server: &Server, language: &str) -> Page {
    let page = Browser::open(&server.url("/phone?measure"), 440).await;
    if page.eval("document.documentElement.lang").await != language {
        page.click("#language").await;
    }
    page.until(&format!("document.documentElement.lang === {language:?}")).await;
    page
}

/// Waits for what is to be heard next, and checks all that was heard so far: by eye and by ear.
async fn hears(page: &Page, so_far: &mut Vec<Shown>, turn: &Turn) {
    so_far.extend(turn.heard.iter().cloned());
    page.until(&format!("document.querySelectorAll('#log .says').length >= {}", so_far.len())).await;
    assert_eq!(page.said().await, *so_far);
    page.sounds().await;
}

/// The keys that the card on the page tells to press now.
async fn told_to_press(page: &Page) -> Option<String> {
    let told = page.eval("document.querySelector('#try [aria-current=step] kbd')?.textContent").await;
    told.as_str().map(str::to_owned)
}

/// No key was lost, and after the call there is nothing to be heard any more.
async fn ends(page: &Page, so_far: &[Shown]) {
    page.state("over").await;
    page.is_silent().await;
    assert_eq!(page.said().await, so_far);
    assert_eq!(page.eval("document.querySelectorAll('#log .lost').length").await, 0);
    page.is_clean();
}

async fn by_mouse(server: &Server, language: &str) {
    let turns = heard::turns(CALL, language).await;
    let page = phone(server, language).await;
    page.click("#call").await;
    let mut so_far = Vec::new();
    for turn in &turns {
        hears(&page, &mut so_far, turn).await;
        match &turn.does {
            Does::Presses(keys) => {
                if let Some(told) = told_to_press(&page).await {
                    assert_eq!(told, *keys, "the page tells to press something else");
                }
                for key in keys.chars() {
                    page.clicks_key(key).await;
                }
            }
            Does::Waits => {}
            Does::HangsUp => page.click("#hang-up").await,
        }
    }
    ends(&page, &so_far).await;
}

async fn by_keyboard(server: &Server, language: &str) {
    let turns = heard::turns(CALL, language).await;
    let page = phone(server, language).await;
    page.tabs_to("#call").await;
    page.types("Enter").await;
    let mut so_far = Vec::new();
    for turn in &turns {
        hears(&page, &mut so_far, turn).await;
        match &turn.does {
            Does::Presses(keys) => {
                for key in keys.chars() {
                    page.types(&key.to_string()).await;
                }
            }
            Does::Waits => {}
            Does::HangsUp => {
                page.tabs_to("#hang-up").await;
                page.types("Enter").await;
            }
        }
    }
    ends(&page, &so_far).await;
}

#[tokio::test]
async fn a_stranger_hears_a_balance_by_mouse() {
    let server = Server::start();
    tokio::join!(by_mouse(&server, LANGUAGES[0]), by_mouse(&server, LANGUAGES[1]));
}

#[tokio::test]
async fn a_stranger_hears_a_balance_by_keyboard_alone() {
    let server = Server::start();
    tokio::join!(by_keyboard(&server, LANGUAGES[0]), by_keyboard(&server, LANGUAGES[1]));
}

#[tokio::test]
async fn the_buttons_of_the_card_lead_to_a_balance() {
    let server = Server::start();
    let page = phone(&server, "en").await;
    for (button, heard) in
        ["entry.lang", "main.menu", "auth.method", "auth.id", "auth.pin", "med.balance"].iter().enumerate()
    {
        page.click(&format!("#try li:nth-child({}) [aria-current=step]", button + 1)).await;
        page.until(&format!("document.querySelector('#log [data-prompt=\"{heard}\"]')")).await;
        page.sounds().await;
    }
    assert_eq!(page.eval("document.querySelector('#try .done-all').hidden").await, false);
    page.click("#hang-up").await;
    page.state("over").await;
    page.is_clean();
}
