//! The cookie of a session.
//!
//! Over TLS its name begins with `__Host-`: browsers take it from nobody else, so that no neighbour can give a visitor a
//! session of their own. On this machine without TLS it has a plain name; the two are never taken for each other.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::desk::accounts::{ABSOLUTE, SessionId};
use crate::http::guard::is_encrypted;
use crate::http::tls::Peer;

const ENCRYPTED: &str = "__Host-hotline";
const PLAIN: &str = "hotline-desk";

fn name(encrypted: bool) -> &'static str {
    if encrypted { ENCRYPTED } else { PLAIN }
}

/// The session that a request names, whether there is one or not.
pub(super) fn of(peer: Peer, headers: &HeaderMap) -> Option<SessionId> {
    let own = name(is_encrypted(peer, headers));
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == own).map(|(_, token)| SessionId::of(token))
}

/// Has the browser keep a session; without a token it drops the one that it has.
pub(super) fn set(response: &mut Response, encrypted: bool, token: Option<&str>) {
    let (name, secure) = (name(encrypted), if encrypted { "; Secure" } else { "" });
    let longest = token.map_or(0, |_| ABSOLUTE.as_secs());
    let token = token.unwrap_or_default();
    let cookie = format!("{name}={token}; Path=/; Max-Age={longest}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(mut cookie) = HeaderValue::try_from(cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
