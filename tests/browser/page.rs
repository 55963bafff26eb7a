//! A page, as a person uses it: by mouse, by keyboard, by ear.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::browser::Browser;
use crate::complaints;
use crate::protocol::Protocol;

/// Nothing takes that long, on a machine with other work too.
const PATIENCE: Duration = Duration::from_secs(100);
/// A level in decibels that only something heard has.
const HEARD: f64 = -55.0;
/// How many decibels below the other's tone one's own is: not there.
const ABSENT: f64 = 25.0;
const SHIFT: u32 = 8;
const ALT: u32 = 1;

/// What has been said, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) prompt: String,
    pub(crate) language: String,
    pub(crate) text: String,
}

/// A page in a browser of its own.
pub(crate) struct Page {
    protocol: Protocol,
    session: String,
    events: Arc<Mutex<Vec<Value>>>,
    origin: String,
    /// The server is away at times: connections that are refused are as they should be.
    pub(crate) server_goes: bool,
    /// Ends when dropped.
    _browser: Browser,
}

/// How often what moves is clicked at.
const TRIES: usize = 5;

impl Page {
    pub(crate) async fn open(
        browser: Browser,
        protocol: Protocol,
        session: String,
        events: Arc<Mutex<Vec<Value>>>,
        url: &str,
    ) -> Self {
        let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let page = Self { protocol, session, events, origin, server_goes: false, _browser: browser };
        for domain in ["Page", "Runtime", "Log", "Network", "Audits", "Accessibility"] {
            page.does(&format!("{domain}.enable"), json!({})).await;
        }
        page.goes(url).await;
        page
    }

    /// Goes to another page: one with keys, or where one logs in.
    pub(crate) async fn goes(&self, url: &str) {
        self.does("Page.navigate", json!({ "url": url })).await;
        self.is_there().await;
    }

    async fn is_there(&self) {
        self.until("document.readyState === 'complete' && document.querySelector('#keys button, .door, .wall')").await;
    }

    /// Logs in at the desk, by keyboard, and opens it at `url`.
    pub(crate) async fn logs_in(&self, number: &str, password: &str, url: &str) {
        for letter in number.chars() {
            self.types(&letter.to_string()).await;
        }
        self.types("Tab").await;
        self.writes(password).await;
        self.types("Enter").await;
        self.until("document.readyState === 'complete' && document.querySelector('#keys button, .wall')").await;
        if self.eval("location.href").await != url {
            self.goes(url).await;
        }
    }

    /// Text goes in where the focus is.
    pub(crate) async fn writes(&self, text: &str) {
        self.does("Input.insertText", json!({ "text": text })).await;
    }

    /// A command of the browser's protocol, to this page.
    pub(crate) async fn does(&self, method: &str, parameters: Value) -> Value {
        let answer = timeout(PATIENCE, self.protocol.command(Some(&self.session), method, parameters)).await;
        answer.unwrap_or_else(|_| panic!("{method}: no answer")).unwrap()
    }

    /// What a script gives.
    pub(crate) async fn eval(&self, script: &str) -> Value {
        let answer = timeout(PATIENCE, self.evaluate(script)).await.unwrap_or_else(|_| panic!("no end: {script}"));
        Self::value(script, answer.unwrap())
    }

    async fn evaluate(&self, script: &str) -> Result<Value, String> {
        let parameters = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        self.protocol.command(Some(&self.session), "Runtime.evaluate", parameters).await
    }

    fn value(script: &str, mut answer: Value) -> Value {
        assert!(answer["exceptionDetails"].is_null(), "{script}\n{}", answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }

    /// Waits until a script gives something that is true, and gives it.
    pub(crate) async fn until(&self, script: &str) -> Value {
        let watches = format!(
            "new Promise((done) => {{ const look = () => {{ const found = ({script}); \
             found ? done(found) : setTimeout(look, 20); }}; look(); }})"
        );
        let found = async {
            loop {
                match self.evaluate(&watches).await {
                    Ok(answer) => break Self::value(script, answer),
                    // The page has gone on to the next one: it may come there.
                    Err(gone) if gone.contains("navigated or closed") => {}
                    Err(failed) => panic!("{script}: {failed}"),
                }
            }
        };
        match timeout(PATIENCE, found).await {
            Ok(found) => found,
            Err(why) => panic!("it never came: {script}: {why}\n{}", self.looks().await),
        }
    }

    /// Waits until the page is doing this.
    pub(crate) async fn state(&self, state: &str) {
        self.until(&format!("document.body.dataset.state === {state:?}")).await;
    }

    /// What a person would see, for messages.
    async fn looks(&self) -> Value {
        self.eval("[document.body.dataset.state, document.querySelector('main').innerText].join('\\n')").await
    }

    /// Moves the mouse there and presses its button, as soon as a person could.
    pub(crate) async fn click(&self, selector: &str) {
        let script = format!(
            "(() => {{ const element = document.querySelector({selector:?}); \
             if (!element) {{ return null; }} \
             element.scrollIntoView({{ block: 'nearest', behavior: 'instant' }}); \
             const box = element.getBoundingClientRect(); \
             const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]; \
             const at = document.elementFromPoint(x, y); \
             if (!element.contains(at) || element.disabled) {{ return null; }} \
             window.isMissed = true; \
             element.addEventListener('click', () => {{ window.isMissed = false; }}, {{ once: true, capture: true }}); \
             return {{ x, y }}; }})()"
        );
        for _ in 0..TRIES {
            let at = self.until(&script).await;
            let mouse = |kind: &str| {
                let count = u8::from(kind != "mouseMoved");
                let event = json!({ "type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": count });
                self.does("Input.dispatchMouseEvent", event)
            };
            tokio::join!(mouse("mouseMoved"), mouse("mousePressed"), mouse("mouseReleased"));
            // What comes from the server may move what is to be clicked from under the mouse: so it is tried again, as a
            // person does. A page that has gone was clicked.
            match self.evaluate("window.isMissed === true").await {
                Ok(answer) if answer["result"]["value"] == true => {}
                Ok(_) | Err(_) => return,
            }
        }
        panic!("{selector} is never where it was: {}", self.looks().await);
    }

    /// Presses a key of the telephone with the mouse.
    pub(crate) async fn clicks_key(&self, key: char) {
        self.click(&format!("#keys [data-key='{key}']")).await;
    }

    /// Presses a key of the keyboard: a character, or `Tab` or `Enter`.
    pub(crate) async fn types(&self, key: &str) {
        let (code, number, text, modifiers) = match key {
            "Tab" => ("Tab".to_owned(), 9, "", 0),
            "Enter" => ("Enter".to_owned(), 13, "\r", 0),
            "Alt+S" => ("KeyS".to_owned(), 83, "", ALT),
            "#" => ("Digit3".to_owned(), 51, "#", SHIFT),
            "*" => ("Digit8".to_owned(), 56, "*", SHIFT),
            letter if letter.chars().all(char::is_alphabetic) => {
                (format!("Key{}", letter.to_uppercase()), u32::from(letter.to_uppercase().as_bytes()[0]), letter, 0)
            }
            digit => (format!("Digit{digit}"), u32::from(digit.as_bytes()[0]), digit, 0),
        };
        for kind in [if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "keyUp"] {
            let mut event = json!({
                "type": kind, "key": key.rsplit('+').next().unwrap(), "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers,
            });
            if kind == "keyDown" {
                event["text"] = text.into();
            }
            self.does("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Goes with the Tab key to what matches.
    pub(crate) async fn tabs_to(&self, selector: &str) {
        let there = format!("document.activeElement.matches({selector:?})");
        for _ in 0..60 {
            if self.eval(&there).await == true {
                return;
            }
            self.types("Tab").await;
        }
        panic!("the Tab key does not lead to {selector}");
    }

    /// Every sentence that is shown, in order.
    pub(crate) async fn said(&self) -> Vec<Shown> {
        let script = "[...document.querySelectorAll('#log .says')].map((line) => \
                      [line.dataset.prompt ?? '', line.lang, line.textContent])";
        let said = self.eval(script).await;
        let lines = said.as_array().unwrap().iter().map(|line| {
            let part = |at: usize| line[at].as_str().unwrap().to_owned();
            Shown { prompt: part(0), language: part(1), text: part(2) }
        });
        lines.collect()
    }

    /// Waits until this prompt is the last that is said.
    pub(crate) async fn hears(&self, prompt: &str) {
        self.until(&format!("[...document.querySelectorAll('#log .says')].at(-1)?.dataset.prompt === {prompt:?}"))
            .await;
    }

    /// Waits until sound comes out of the call.
    pub(crate) async fn sounds(&self) {
        self.until("window.measure.peak() > 0.05").await;
    }

    /// Waits until none does.
    pub(crate) async fn is_silent(&self) {
        self.until("window.measure.peak() < 0.001").await;
    }

    /// Waits until the other's tone is heard, and one's own is not.
    pub(crate) async fn hears_tone(&self, other: u32, own: u32) {
        let script = format!(
            "(() => {{ const [other, own] = [window.measure.level({other}), window.measure.level({own})]; \
             return other > {HEARD} && other - own > {ABSENT} && [other, Math.max(own, -200)]; }})()"
        );
        let levels = self.until(&script).await;
        println!("{other} Hz: {:.0} dB; {own} Hz: {:.0} dB", levels[0].as_f64().unwrap(), levels[1].as_f64().unwrap());
    }

    /// Whoever has this tone is not heard, whatever else is.
    pub(crate) async fn hears_not(&self, other: u32) {
        self.until(&format!("window.measure.level({other}) < {HEARD}")).await;
    }

    /// What the server has sent over its sockets, as text.
    pub(crate) fn frames(&self) -> Vec<String> {
        let events = self.events.lock().unwrap();
        let received = events.iter().filter(|event| event["method"] == "Network.webSocketFrameReceived");
        let texts = received.filter(|event| event["params"]["response"]["opcode"] == 1);
        texts.map(|event| event["params"]["response"]["payloadData"].as_str().unwrap().to_owned()).collect()
    }

    /// What the browser has told that should not be.
    fn complaints(&self) -> Vec<String> {
        let events = self.events.lock().unwrap();
        let found = events.iter().filter_map(|event| complaints::of(event, &self.origin));
        found.filter(|found| !(self.server_goes && complaints::is_refusal(found))).collect()
    }

    /// Waits until the browser complains of this.
    pub(crate) async fn complains_of(&self, what: &str) {
        let noticed = async {
            while !self.complaints().iter().any(|complaint| complaint.contains(what)) {
                self.eval("new Promise((done) => setTimeout(done, 20))").await;
            }
        };
        let noticed = timeout(PATIENCE, noticed).await;
        assert!(noticed.is_ok(), "the browser does not complain of {what}: {:?}", self.complaints());
    }

    /// Fails on whatever the browser has complained of.
    pub(crate) fn is_clean(&self) {
        let found = self.complaints();
        assert!(found.is_empty(), "{}", found.join("\n"));
        let events = self.events.lock().unwrap();
        let requests = events.iter().filter(|event| event["method"] == "Network.requestWillBeSent").count();
        assert!(requests > 5, "the browser has told of {requests} requests only");
    }
}
