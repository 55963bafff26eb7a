//! Who may come in, and what browsers are told to keep from doing.
//!
//! A page from elsewhere must not call through a visitor's browser: what names another origin is refused, and so is a name
//! that somebody else may have given to our address. Without `--demo` a key lets people in.

use std::fmt;
use std::net::IpAddr;
use std::time::Instant;

use axum::Form;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tracing::warn;

use super::Phone;
use super::key::{Key, Tried};
use crate::clock::{Clock as _, SystemClock};
use crate::http::tls::Peer;

/// Everything is our own, and nothing stands inside a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; media-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";
/// The page with a form for the key.
const KEY_PAGE: &str = include_str!("key.html");
const WRONG_KEY: &str = "这不是钥匙。That is not the key.";
const NOT_YET: &str = "试得太快，请稍等再试。Too many tries; wait a little.";
const OTHER_NAME: &str =
    "This server does not know that it has this name. Open it by its address, or give the name with --public-url.\n";
const OTHER_ORIGIN: &str = "This comes from a page of another server.\n";

/// The host that a browser believes to talk to, with its port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host<'a>(&'a str);

impl<'a> Host<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        (!host.is_empty() && host.bytes().all(fits)).then_some(Self(host))
    }

    /// Without the port.
    fn name(self) -> &'a str {
        match self.0.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            Some(_) | None => self.0,
        }
    }

    fn address(self) -> Option<IpAddr> {
        self.name().trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// What browsers give a microphone without encryption.
    pub(super) fn is_loopback(self) -> bool {
        let name = self.name().to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || self.address().is_some_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Whether the browser's connection is encrypted: the one to us, or the one to a proxy before us.
pub(super) fn is_encrypted(peer: Peer, headers: &HeaderMap) -> bool {
    peer.is_encrypted || headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
}

/// What every answer tells the browser.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), "microphone=(self), camera=(), geolocation=()"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets a request in, or does not.
pub(super) async fn admit(
    State(phone): State<Phone>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let Some(host) = Host::of(headers) else { return StatusCode::BAD_REQUEST.into_response() };
    let public = &phone.service.settings().public;
    // With a key, another name would lack the cookie.
    let is_ours = phone.key.is_some() || host.is_loopback() || host.address().is_some();
    if !is_ours && !host.name().eq_ignore_ascii_case(public.host()) {
        return (StatusCode::MISDIRECTED_REQUEST, OTHER_NAME).into_response();
    }
    let is_origin = |origin: &HeaderValue| {
        let authority =
            origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
        authority.is_some_and(|authority| {
            authority.eq_ignore_ascii_case(host.0) || authority.eq_ignore_ascii_case(&public.authority())
        })
    };
    if headers.get(header::ORIGIN).is_some_and(|origin| !is_origin(origin)) {
        return (StatusCode::FORBIDDEN, OTHER_ORIGIN).into_response();
    }
    let Some(key) = phone.key.as_deref().filter(|key| !key.admits(headers, SystemClock.now())) else {
        return next.run(request).await;
    };
    let page = request.uri().path();
    let is_page = matches!(page, "/phone" | "/desk");
    let given = request.uri().query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("key=")));
    match given {
        _ if page == "/phone/key" && request.method() == Method::POST => next.run(request).await,
        Some(given) if is_page => try_key(key, given, page, peer, headers),
        Some(_) | None if is_page => form(StatusCode::FORBIDDEN, page, ""),
        Some(_) | None => StatusCode::FORBIDDEN.into_response(),
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Given {
    key: String,
    page: String,
}

/// A key that was written into the form.
pub(super) async fn key(
    State(phone): State<Phone>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    let page = if given.page == "/desk" { "/desk" } else { "/phone" };
    match &phone.key {
        Some(key) => try_key(key, given.key.trim(), page, peer, &headers),
        None => see(page),
    }
}

/// To the page without the key in its URL, with a session; or to the form.
fn try_key(key: &Key, given: &str, page: &str, peer: Peer, headers: &HeaderMap) -> Response {
    match key.try_one(given, peer.address.ip(), Instant::now()) {
        Tried::Right => {
            let mut response = see(page);
            let cookie = key.session(SystemClock.now(), is_encrypted(peer, headers));
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Tried::Wrong => {
            warn!("somebody tried a wrong key at {page}");
            form(StatusCode::FORBIDDEN, page, WRONG_KEY)
        }
        Tried::TooSoon(wait) => {
            let mut response = form(StatusCode::TOO_MANY_REQUESTS, page, NOT_YET);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            response
        }
    }
}

fn see(page: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, page), (header::CACHE_CONTROL, "no-store")]).into_response()
}

fn form(status: StatusCode, page: &str, said: &str) -> Response {
    let html = KEY_PAGE.replace("{page}", page).replace("{said}", said);
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, html).into_response()
}
