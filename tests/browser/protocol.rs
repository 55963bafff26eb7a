//! Chromium's own protocol: commands, their answers, and what a browser tells unasked. Values stay JSON, so that nothing
//! which a newer browser tells is lost (source: <https://chromedevtools.github.io/devtools-protocol/>).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::connect_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// The answers that are waited for, by the number of their command.
type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// A connection to a browser.
pub(crate) struct Protocol {
    commands: mpsc::UnboundedSender<String>,
    waiting: Waiting,
    numbers: AtomicU64,
}

impl Protocol {
    /// `told` hears of every event.
    pub(crate) async fn connect(url: &str, told: impl Fn(&Value) + Send + 'static) -> Self {
        // A picture of a page is one message.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (socket, _) = connect_async_with_config(url, Some(config), true).await.unwrap();
        let (mut out, mut messages) = socket.split();
        let (commands, mut waits) = mpsc::unbounded_channel::<String>();
        let waiting = Waiting::default();
        let answers = Arc::clone(&waiting);
        tokio::spawn(async move {
            while let Some(command) = waits.recv().await {
                if out.send(Message::text(command)).await.is_err() {
                    return;
                }
            }
        });
        tokio::spawn(async move {
            while let Some(Ok(message)) = messages.next().await {
                let Ok(text) = message.into_text() else { continue };
                let Ok(message) = serde_json::from_str::<Value>(&text) else { continue };
                match message["id"].as_u64().and_then(|number| answers.lock().unwrap().remove(&number)) {
                    Some(answer) => drop(answer.send(message)),
                    None => told(&message),
                }
            }
            // Nobody is answered any more.
            answers.lock().unwrap().clear();
        });
        Self { commands, waiting, numbers: AtomicU64::new(1) }
    }

    /// Does it and gives the result, or what is wrong with it.
    pub(crate) async fn command(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value, String> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut command = json!({ "id": number, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let (answer, answered) = oneshot::channel();
        self.waiting.lock().unwrap().insert(number, answer);
        let gone = || format!("{method}: the browser has gone");
        self.commands.send(command.to_string()).map_err(|_| gone())?;
        let mut answer = answered.await.map_err(|_| gone())?;
        let error = &answer["error"];
        if error.is_null() { Ok(answer["result"].take()) } else { Err(format!("{method}: {error}")) }
    }
}
