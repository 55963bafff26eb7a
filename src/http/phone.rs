//! `/phone` and `/desk`: the telephone and the operator's desk in the browser, and what they fetch.
//!
//! Pages and calls are handed on; a call is the switchboard's. Who may come in is in `guard.rs`, the way of a page's
//! messages in `socket.rs`.

mod files;
mod guard;
mod key;
mod line;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::service::Service;
use crate::switchboard::Switchboard;

pub use key::Key;

/// How many pages may be connected at once.
const MOST_PAGES: usize = 1_000;
/// How long a stopping server waits until the pages have heard of it.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);
/// The longest form that is sent to us: a key.
const LARGEST_FORM: usize = 4 * 1_024;

/// The pages and what stands behind them.
#[derive(Clone)]
pub struct Phone {
    pub service: Arc<Service>,
    pub switchboard: Arc<Switchboard>,
    /// What lets people in; everybody may come in without.
    pub key: Option<Arc<Key>>,
    /// Whom one may try to be.
    pub people: Arc<[Invented]>,
    /// Invented people, and desks at any hour.
    pub demo: bool,
    /// The port speaks TLS too.
    pub is_encrypted: bool,
    pub pages: Pages,
}

/// An invented person whom a caller may try to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invented {
    pub id: String,
    pub pin: String,
    /// How a letter in the identity number is keyed: `X = *`. Empty if there is none.
    pub hint: &'static str,
}

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
}

/// Every route of the pages.
pub fn routes(phone: Phone) -> Router {
    Router::new()
        .route("/phone", get(async || files::page("phone.html")))
        .route("/desk", get(async || files::page("desk.html")))
        .route("/phone/files/{name}", get(files::file))
        .route("/phone/key", post(guard::key).layer(DefaultBodyLimit::max(LARGEST_FORM)))
        .route("/phone/line", get(line::line))
        .route("/phone/picture.svg", get(line::picture))
        .route("/phone/recordings/{file}", get(recording))
        .route("/phone/ws", get(socket::phone))
        .route("/desk/ws", get(socket::desk))
        .layer(from_fn_with_state(phone.clone(), guard::admit))
        .layer(from_fn(guard::headers))
        .with_state(phone)
}

/// What the provider in the box has recorded, while it keeps it.
async fn recording(State(phone): State<Phone>, Path(file): Path<String>) -> Response {
    let recorded = file.strip_suffix(".wav").and_then(|name| phone.switchboard.recording(name));
    let Some(wav) = recorded else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = wav.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("audio/wav"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
