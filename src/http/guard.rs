//! What pages in a browser are kept from, whoever looks at them.
//!
//! A page from elsewhere must not act through a visitor's browser: what names another origin is refused, and so is a name
//! that somebody else may have given to our address. Who may come in is the business of each door.

use std::fmt;
use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::tls::Peer;
use crate::dialect::PublicUrl;

/// Everything is our own, and nothing stands inside a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; media-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";
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

/// The address of the browser: a proxy on this machine says whom it speaks for.
pub(super) fn remote(peer: Peer, headers: &HeaderMap) -> IpAddr {
    let own = peer.address.ip().to_canonical();
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|list| list.to_str().ok());
    let last = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    last.filter(|_| own.is_loopback()).unwrap_or(own)
}

/// What every answer tells the browser.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // With `no-referrer` browsers send forms to us with the origin `null`.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), "microphone=(self), camera=(), geolocation=()"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What tells our own pages from others.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) public: PublicUrl,
    /// Everybody may come in, or everybody knows how: no cookie tells another name from ours.
    pub(super) open: bool,
}

/// Lets a request through that our own pages can make.
pub(super) async fn same_site(State(site): State<Site>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let Some(host) = Host::of(headers) else { return StatusCode::BAD_REQUEST.into_response() };
    let is_ours = !site.open || host.is_loopback() || host.address().is_some();
    if !is_ours && !host.name().eq_ignore_ascii_case(site.public.host()) {
        return (StatusCode::MISDIRECTED_REQUEST, OTHER_NAME).into_response();
    }
    let is_origin = |origin: &HeaderValue| {
        let authority =
            origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
        authority.is_some_and(|authority| {
            authority.eq_ignore_ascii_case(host.0) || authority.eq_ignore_ascii_case(&site.public.authority())
        })
    };
    if headers.get(header::ORIGIN).is_some_and(|origin| !is_origin(origin)) {
        return (StatusCode::FORBIDDEN, OTHER_ORIGIN).into_response();
    }
    next.run(request).await
}
