//! `/phone`: the telephone in the browser, and what it fetches.
//!
//! Pages and calls are handed on; a call is the switchboard's. Who may come in is in `guard.rs`.

mod guard;
mod key;
mod line;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State, WebSocketUpgrade};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Serialize;

use super::guard::{Site, headers, same_site};
use super::{Pages, files};
use crate::service::Service;
use crate::switchboard::Switchboard;

pub use key::Key;

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

/// Every route of the telephone.
pub fn routes(phone: Phone) -> Router {
    let site = Site { public: phone.service.settings().public.clone(), open: phone.key.is_none() };
    Router::new()
        .route("/phone", get(async || files::page("phone.html")))
        .route("/phone/key", post(guard::key).layer(DefaultBodyLimit::max(LARGEST_FORM)))
        .route("/phone/line", get(line::line))
        .route("/phone/picture.svg", get(line::picture))
        .route("/phone/recordings/{file}", get(recording))
        .route("/phone/ws", get(socket))
        .layer(from_fn_with_state(phone.clone(), guard::admit))
        .layer(from_fn_with_state(site, same_site))
        .layer(from_fn(headers))
        .with_state(phone)
}

/// A telephone to call from, for as long as the page is there.
async fn socket(State(phone): State<Phone>, upgrade: WebSocketUpgrade) -> Response {
    let switchboard = phone.switchboard;
    phone.pages.open(upgrade, move || switchboard.caller(), std::future::pending())
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
