//! How the pages look, from a small telephone to a desk, by day and by night: pictures for people to look at, and what
//! can be checked without eyes: nothing sticks out, everything has a name, the Tab key leads everywhere.

use std::path::Path;

use base64::prelude::*;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::page::Page;
use crate::server::Server;
use crate::voices::{CALLER, OPERATOR, asks_for_a_person, both, talk, verifies_and_asks_for_a_person};
use crate::wall::at_the_wall;

const SIZES: [(u32, u32); 3] = [(360, 740), (768, 1024), (1440, 900)];
/// Roles of what a person can use.
const CONTROLS: &[&str] = &[
    "button",
    "checkbox",
    "combobox",
    "link",
    "textbox",
    "DisclosureTriangle",
    "log",
    "radio",
    "slider",
    "spinbutton",
];

/// Everything that a key can get to, in the order of the page.
const STOPS: &str =
    "[...document.querySelectorAll('a[href], button, input, select, summary, textarea, [tabindex=\"0\"]')]
    .filter((element) => !element.disabled && element.getClientRects().length > 0)
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))";

/// Takes pictures in every size, by day and by night, and checks what a program can see.
async fn shows(page: &Page, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    for (width, height) in SIZES {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        page.does("Emulation.setDeviceMetricsOverride", size).await;
        for scheme in ["light", "dark"] {
            let features = json!({ "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ] });
            page.does("Emulation.setEmulatedMedia", features).await;
            let wide = page.eval("document.documentElement.scrollWidth").await;
            assert_eq!(wide, width, "{name} scrolls sideways: {}", page.eval(STICKS_OUT).await);
            let size = page.does("Page.getLayoutMetrics", json!({})).await["cssContentSize"].clone();
            let clip = json!({ "x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1 });
            let taken = json!({ "clip": clip, "captureBeyondViewport": true, "optimizeForSpeed": true });
            let picture = page.does("Page.captureScreenshot", taken).await;
            let picture = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
            std::fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), picture).unwrap();
        }
    }
    page.does("Emulation.clearDeviceMetricsOverride", json!({})).await;
    has_names(page, name).await;
}

/// Where the focus is.
const FOCUS: &str = "(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
        isNowhere: element === document.body,
        stop: stops.indexOf(element),
        isMarked: parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none',
        isInSight: box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        element: element.outerHTML.slice(0, 99),
    };
})()";

/// What is further right than the window.
const STICKS_OUT: &str = "[...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > innerWidth).map((element) => element.outerHTML.slice(0, 99))";

/// Every control tells a screen reader what it is.
async fn has_names(page: &Page, name: &str) {
    let tree = page.does("Accessibility.getFullAXTree", json!({})).await;
    let is_control =
        |node: &&Value| node["ignored"] == false && CONTROLS.iter().any(|role| node["role"]["value"] == *role);
    let controls: Vec<&Value> = tree["nodes"].as_array().unwrap().iter().filter(is_control).collect();
    assert!(controls.len() > 3, "{name}: {controls:?}");
    let nameless = |node: &&&Value| node["name"]["value"].as_str().is_none_or(|name| name.trim().is_empty());
    let nameless: Vec<_> = controls.iter().filter(nameless).collect();
    assert!(nameless.is_empty(), "{name}: {nameless:?}");
}

/// The Tab key comes by every control once, in the order of the page, and shows where it is.
async fn tab_leads_everywhere(page: &Page) {
    page.eval("scrollTo(0, 0)").await;
    let stops = page.eval(&format!("window.stops = {STOPS}; stops.length")).await.as_u64().unwrap();
    assert!(stops > 3, "{stops}");
    while page.eval("document.activeElement !== document.body").await == true {
        page.types("Tab").await;
    }
    let mut went = Vec::new();
    loop {
        page.types("Tab").await;
        let at = page.eval(FOCUS).await;
        if at["isNowhere"] == true {
            break;
        }
        assert!(at["isMarked"] == true && at["isInSight"] == true, "it is not seen where the focus is: {at}");
        // The parts of a date are stops within one field.
        let stop = at["stop"].as_i64().unwrap();
        if went.last() != Some(&stop) {
            went.push(stop);
        }
    }
    let all: Vec<i64> = (0..i64::try_from(stops).unwrap()).collect();
    assert_eq!(went, all, "{}", page.eval("stops.map((element) => element.outerHTML.slice(0, 99))").await);
}

#[tokio::test]
async fn a_telephone_in_every_size() {
    let mut server = Server::start();
    let mut phone = Browser::open(&server.url("/phone?measure"), CALLER).await;
    phone.click("#language").await;
    shows(&phone, "phone-ready").await;
    tab_leads_everywhere(&phone).await;

    phone.click("#author-button").await;
    phone.click("#call").await;
    phone.hears("entry.lang").await;
    for (key, heard) in [('1', "main.menu"), ('1', "auth.method"), ('1', "auth.id")] {
        phone.clicks_key(key).await;
        phone.hears(heard).await;
    }
    for (keys, heard) in [("000101198503121233#", "auth.pin"), ("204816#", "med.menu")] {
        for key in keys.chars() {
            phone.clicks_key(key).await;
        }
        phone.hears(heard).await;
    }
    phone.until("document.querySelector('#picture .here') && document.querySelector('#turns details[open] pre')").await;
    shows(&phone, "phone-author").await;
    // The call does not wait for pictures: it is kept going.
    phone.clicks_key('9').await;
    phone.click("#author-button").await;
    shows(&phone, "phone-in-call").await;
    phone.clicks_key('9').await;
    tab_leads_everywhere(&phone).await;
    phone.state("in-call").await;

    phone.server_goes = true;
    server.kill();
    phone.state("lost").await;
    shows(&phone, "phone-lost").await;
    server.start_again();
    phone.state("in-call").await;
    phone.click("#hang-up").await;
    phone.state("over").await;
    shows(&phone, "phone-ended").await;
    // Turns stand still now.
    phone.click("#author-button").await;
    tab_leads_everywhere(&phone).await;
    phone.is_clean();
}

#[tokio::test]
async fn a_desk_in_every_size() {
    let server = Server::start();
    let (phone, desk) = both(&server).await;
    shows(&desk, "desk-waiting").await;
    tab_leads_everywhere(&desk).await;
    verifies_and_asks_for_a_person(&phone).await;
    talk(&phone, &desk).await;
    desk.click("#looks button").await;
    desk.until("document.querySelector('#found table')").await;
    desk.click("#member button").await;
    tokio::join!(shows(&phone, "phone-talking"), shows(&desk, "desk-talking"));
    tab_leads_everywhere(&desk).await;
    phone.hears_tone(OPERATOR, CALLER).await;
    desk.click("#hang-up").await;
    phone.hears("survey.ask").await;
    phone.click("#hang-up").await;
    phone.state("over").await;
    desk.click("#finish").await;
    desk.until("document.body.dataset.presence === 'available'").await;
    asks_for_a_person(&phone).await;
    desk.state("ringing").await;
    shows(&desk, "desk-ringing").await;
    phone.is_clean();
    desk.is_clean();
}

#[tokio::test]
async fn a_wall_in_every_size() {
    let server = Server::start();
    let phone = Browser::open(&server.url("/phone?measure"), CALLER).await;
    phone.until("document.getElementById('state').textContent !== ''").await;
    phone.click("#call").await;
    phone.hears("entry.welcome").await;
    phone.click("#hang-up").await;
    phone.state("over").await;

    let wall = at_the_wall(&server).await;
    wall.until("document.querySelector('#table-causes .figure')").await;
    shows(&wall, "wall-now").await;
    wall.goes(&server.url("/desk/wall/calls?lang=en")).await;
    shows(&wall, "wall-calls").await;
    tab_leads_everywhere(&wall).await;
    wall.click("td a").await;
    wall.until("document.querySelector('.told li')").await;
    shows(&wall, "wall-call").await;
    tab_leads_everywhere(&wall).await;
    for page in ["days", "switches", "audit"] {
        wall.goes(&server.url(&format!("/desk/wall/{page}?lang=en"))).await;
        shows(&wall, &format!("wall-{page}")).await;
        tab_leads_everywhere(&wall).await;
    }
    wall.is_clean();

    let admin = Browser::open(&server.url("/desk/login"), 440).await;
    admin.logs_in("9009", "demo-admin", &server.url("/desk/wall/accounts?lang=en")).await;
    shows(&admin, "wall-accounts").await;
    tab_leads_everywhere(&admin).await;
    admin.is_clean();
}
