//! A browser of its own, with nothing to remember and nobody to talk to but us.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::page::Page;
use crate::protocol::Protocol;
use crate::tone;

/// Nothing goes out; the page itself needs none of it. No sandbox, because root, as which CI runs, can have none.
const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-color-profile=srgb",
    "--window-size=1280,1000",
    "--hide-scrollbars",
    "--mute-audio",
    "--lang=en",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--remote-debugging-port=0",
];

/// A browser process. It ends with the test.
pub(crate) struct Browser {
    child: Child,
    /// Gone when dropped.
    _folder: TempDir,
}

impl Browser {
    /// One whose microphone hears a tone of `hertz`, and the page at `url` in it.
    pub(crate) async fn open(url: &str, hertz: u32) -> Page {
        let folder = tempfile::tempdir().unwrap();
        let microphone = folder.path().join("microphone.wav");
        std::fs::write(&microphone, tone::wav(hertz)).unwrap();
        let program = std::env::var("HOTLINE_CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let mut child = Command::new(&program)
            .args(ARGUMENTS)
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .arg(format!("--use-file-for-fake-audio-capture={}", microphone.display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|failed| {
                panic!("{program} cannot be started ({failed}): install it, or set HOTLINE_CHROMIUM")
            });
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let browser = Self { child, _folder: folder };
        let address = tokio::task::spawn_blocking(move || {
            let mut lines = stderr.lines().map_while(Result::ok);
            let address = lines.find_map(|line| line.strip_prefix("DevTools listening on ").map(str::to_owned));
            // It goes on writing there, and must be able to.
            std::thread::spawn(move || lines.for_each(drop));
            address
        });
        let address = address.await.unwrap().expect("the browser told no address");
        let events: Arc<Mutex<Vec<Value>>> = Arc::default();
        let into = Arc::clone(&events);
        let protocol = Protocol::connect(&address, move |event| into.lock().unwrap().push(event.clone())).await;
        let targets = protocol.command(None, "Target.getTargets", json!({})).await.unwrap();
        let page = targets["targetInfos"].as_array().unwrap().iter().find(|target| target["type"] == "page").unwrap();
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = protocol.command(None, "Target.attachToTarget", attach).await.unwrap();
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        Page::open(browser, protocol, session, events, url).await
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
