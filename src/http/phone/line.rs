//! What a page asks about the line: which numbers there are to call, whom to try, what it looks like.

use axum::Json;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::{Invented, Phone};
use crate::call::{Language, Name, PhoneNumber};
use crate::http::guard::{self, Host};
use crate::http::tls::Peer;
use crate::line_files;
use crate::picture::{self, Overlay};

/// What there is to call and to try.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct About<'a> {
    /// The first is the one to call.
    lines: Vec<LineTold>,
    people: &'a [Invented],
    /// The browser gives a microphone to this page.
    secure: bool,
    /// Where it does, if not here.
    https_url: Option<String>,
    /// How many desks are open.
    desks: usize,
    demo: bool,
}

#[derive(Serialize)]
struct LineTold {
    name: Name,
    number: PhoneNumber,
    languages: Vec<Language>,
}

pub(super) async fn line(
    State(phone): State<Phone>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
) -> Response {
    let host = Host::of(&headers);
    let is_secure = guard::is_encrypted(peer, &headers) || host.is_some_and(Host::is_loopback);
    let https = host.filter(|_| phone.is_encrypted && !is_secure);
    let about = About {
        lines: lines(&phone),
        people: &phone.people,
        secure: is_secure,
        https_url: https.map(|host| format!("https://{host}/phone")),
        desks: phone.switchboard.desks(),
        demo: phone.demo,
    };
    let mut response = Json(about).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The lines that can be called. Any number reaches the first, the shipped line's own if it has no other.
fn lines(phone: &Phone) -> Vec<LineTold> {
    let reached = phone.service.lines().reached();
    let usual = || PhoneNumber::parse(line_files::SHIPPED).ok();
    let told = reached.into_iter().enumerate().filter_map(|(index, (loaded, numbers))| {
        let number = numbers.into_iter().next().or_else(|| usual().filter(|_| index == 0))?;
        Some(LineTold { name: loaded.line.name.clone(), number, languages: loaded.line.languages.clone() })
    });
    told.collect()
}

/// Which picture is asked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The name of a line; the first without.
    line: Option<String>,
    /// One part of it.
    part: Option<String>,
}

/// The active version of a line as a picture.
pub(super) async fn picture(State(phone): State<Phone>, Query(asked): Query<Asked>) -> Response {
    let reached = phone.service.lines().reached();
    let wanted =
        reached.iter().find(|(loaded, _)| asked.line.as_deref().is_none_or(|name| loaded.line.name.as_str() == name));
    let drawn = wanted.and_then(|(loaded, _)| match &asked.part {
        Some(part) => picture::svg_of(&loaded.line, &Overlay::default(), part),
        None => Some(picture::svg(&loaded.line, &Overlay::default())),
    });
    let Some(svg) = drawn else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-store")];
    (headers, svg).into_response()
}
