//! The connection of a page: text is JSON, binary is sound, both ways. All of it is handed on.
//!
//! Nothing can pile up here: what waits for a slow page is bounded by the switchboard, which drops sound and no words.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::switchboard::message::{Does, Told, TroubleTold};
use crate::switchboard::{Cord, FromPage, ToPage};

/// How many pages may be connected at once.
const MOST_PAGES: usize = 1_000;
/// How long a stopping server waits until the pages have heard of it.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);
/// The largest message of a page, bytes.
const LARGEST: usize = 4 * 1_024;
/// How often a page is asked whether it is there; proxies close what is idle for a minute.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A page that says nothing for so long is gone: it has not even answered.
const SILENCE: Duration = Duration::from_secs(50);
/// A page that takes nothing for so long is gone.
const STUCK: Duration = Duration::from_secs(10);

/// Why a connection is closed (source: <https://www.iana.org/assignments/websocket/websocket.xhtml>).
const DONE: u16 = 1000;
const NOT_UNDERSTOOD: u16 = 1002;
const RESTARTS: u16 = 1012;
const FULL: u16 = 1013;
/// Our own: whoever was logged in is not any more.
const LOGGED_OUT: u16 = 4401;

/// The pages that are connected.
#[derive(Clone, Debug)]
pub struct Pages {
    stopping: CancellationToken,
    connected: TaskTracker,
    room: Arc<Semaphore>,
}

impl Default for Pages {
    fn default() -> Self {
        let room = Arc::new(Semaphore::new(MOST_PAGES));
        Self { stopping: CancellationToken::new(), connected: TaskTracker::new(), room }
    }
}

impl Pages {
    /// Tells all pages that the server stops: they connect again to the next one.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.connected.close();
        let _ = tokio::time::timeout(LONGEST_GOODBYE, self.connected.wait()).await;
    }

    /// Waits until the server stops: for answers that have no end of their own.
    pub(super) async fn stopped(&self) {
        self.stopping.cancelled().await;
    }

    /// Connects a page to what `plug_in` gives, until one end is gone, the server stops or `out` says that the page must
    /// go.
    pub(super) fn open(
        &self,
        upgrade: WebSocketUpgrade,
        plug_in: impl FnOnce() -> Cord + Send + 'static,
        out: impl Future<Output = ()> + Send + 'static,
    ) -> Response {
        let pages = self.clone();
        let upgrade = upgrade.max_message_size(LARGEST).max_frame_size(LARGEST);
        upgrade.on_upgrade(async move |socket| {
            let connected = pages.connected.token();
            match pages.room.clone().try_acquire_owned() {
                Ok(room) => {
                    carry(socket, &pages, plug_in(), out).await;
                    drop(room);
                }
                Err(_) => refuse(socket).await,
            }
            drop(connected);
        })
    }
}

/// Hands on what is said, until one end is gone or the server stops.
async fn carry(socket: WebSocket, pages: &Pages, cord: Cord, out: impl Future<Output = ()>) {
    let (mut sink, mut stream) = socket.split();
    let Cord { to, mut from } = cord;
    let reading = async {
        loop {
            let Ok(Some(message)) = timeout(SILENCE, stream.next()).await else { return DONE };
            // It is too large, or no WebSocket's.
            let Ok(message) = message else { return NOT_UNDERSTOOD };
            let is_taken = match message {
                Message::Text(text) => {
                    let does = serde_json::from_str::<Does>(&text);
                    to.send(does.map_or(FromPage::Unreadable, FromPage::Text)).await.is_ok()
                }
                // What comes faster than it is heard is lost.
                Message::Binary(sound) => !matches!(to.try_send(FromPage::Sound(sound)), Err(TrySendError::Closed(_))),
                Message::Ping(_) | Message::Pong(_) => true,
                Message::Close(_) => return DONE,
            };
            if !is_taken {
                return DONE;
            }
        }
    };
    let writing = async {
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let message = tokio::select! {
                told = from.recv() => match told {
                    Some(ToPage::Text(told)) => text(&told),
                    Some(ToPage::Sound(sound)) => Message::Binary(sound),
                    None => return DONE,
                },
                _ = pings.tick() => Message::Ping(bytes::Bytes::new()),
            };
            if !matches!(timeout(STUCK, sink.send(message)).await, Ok(Ok(()))) {
                return DONE;
            }
        }
    };
    let code = tokio::select! {
        code = reading => code,
        code = writing => code,
        () = pages.stopping.cancelled() => RESTARTS,
        () = out => LOGGED_OUT,
    };
    let _ = timeout(STUCK, sink.send(close(code))).await;
}

/// There are too many pages.
async fn refuse(mut socket: WebSocket) {
    let refusing = async {
        socket.send(text(&Told::Trouble { what: TroubleTold::Full })).await?;
        socket.send(close(FULL)).await
    };
    let _ = timeout(STUCK, refusing).await;
}

fn text(told: &Told) -> Message {
    Message::Text(serde_json::to_string(told).unwrap_or_default().into())
}

fn close(code: u16) -> Message {
    Message::Close(Some(CloseFrame { code, reason: axum::extract::ws::Utf8Bytes::default() }))
}
