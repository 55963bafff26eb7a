//! Who may come in to the telephone: without `--demo` whoever has the key.

use std::time::Instant;

use axum::Form;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tracing::warn;

use super::Phone;
use super::key::{Key, Tried};
use crate::clock::{Clock as _, SystemClock};
use crate::http::guard::{is_encrypted, remote};
use crate::http::tls::Peer;

/// The page with a form for the key.
const KEY_PAGE: &str = include_str!("key.html");
const WRONG_KEY: &str = "这不是钥匙。That is not the key.";
const NOT_YET: &str = "试得太快，请稍等再试。Too many tries; wait a little.";

/// Lets a request in, or does not.
pub(super) async fn admit(
    State(phone): State<Phone>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let Some(key) = phone.key.as_deref().filter(|key| !key.admits(headers, SystemClock.now())) else {
        return next.run(request).await;
    };
    let page = request.uri().path();
    let is_page = page == "/phone";
    let given = request.uri().query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("key=")));
    match given {
        _ if page == "/phone/key" && request.method() == Method::POST => next.run(request).await,
        Some(given) if is_page => try_key(key, given, peer, headers),
        Some(_) | None if is_page => form(StatusCode::FORBIDDEN, ""),
        Some(_) | None => StatusCode::FORBIDDEN.into_response(),
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Given {
    key: String,
}

/// A key that was written into the form.
pub(super) async fn key(
    State(phone): State<Phone>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    match &phone.key {
        Some(key) => try_key(key, given.key.trim(), peer, &headers),
        None => to_the_page(),
    }
}

/// To the page without the key in its URL, with a session; or to the form.
fn try_key(key: &Key, given: &str, peer: Peer, headers: &HeaderMap) -> Response {
    match key.try_one(given, remote(peer, headers), Instant::now()) {
        Tried::Right => {
            let mut response = to_the_page();
            let cookie = key.session(SystemClock.now(), is_encrypted(peer, headers));
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Tried::Wrong => {
            warn!("somebody tried a wrong key at /phone");
            form(StatusCode::FORBIDDEN, WRONG_KEY)
        }
        Tried::TooSoon(wait) => {
            let mut response = form(StatusCode::TOO_MANY_REQUESTS, NOT_YET);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            response
        }
    }
}

fn to_the_page() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/phone"), (header::CACHE_CONTROL, "no-store")]).into_response()
}

fn form(status: StatusCode, said: &str) -> Response {
    let html = KEY_PAGE.replace("{said}", said);
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, html).into_response()
}
