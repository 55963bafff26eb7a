//! Who makes a request: handlers that take a [`Person`] are for those who are logged in, and for nobody else.

use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use tracing::error;

use super::{DeskState, refusal, session};
use crate::desk::accounts::{Person, Role};
use crate::http::guard::{Host, is_encrypted};
use crate::http::tls::Peer;

/// The header that requests of our pages bring the CSRF token in.
const CSRF: &str = "x-csrf-token";

/// A person who may see everybody's work.
pub struct Supervisor(pub Person);

/// A person who may add others.
pub(super) struct Admin;

/// Somebody who is logged in and may have to change their password first. For pages with forms, whose CSRF token is in
/// the form: whoever takes it checks that with [`is_own`].
pub(super) struct Visitor(pub(super) Person);

impl FromRequestParts<DeskState> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &DeskState) -> Result<Self, Response> {
        let Ok(ConnectInfo(peer)) = ConnectInfo::<Peer>::from_request_parts(parts, desk).await else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let refused = || refused(parts, StatusCode::UNAUTHORIZED, "log-in", "/desk/login");
        let Some(session) = session::of(peer, &parts.headers) else { return Err(refused()) };
        match desk.accounts.person(session, desk.clock.now()).await {
            Ok(person) => person.map(Self).ok_or_else(refused),
            Err(failed) => {
                error!("who is logged in could not be looked up: {:#}", anyhow::Error::from(failed));
                Err(StatusCode::SERVICE_UNAVAILABLE.into_response())
            }
        }
    }
}

impl FromRequestParts<DeskState> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &DeskState) -> Result<Self, Response> {
        let Visitor(person) = Visitor::from_request_parts(parts, desk).await?;
        if person.must_change {
            return Err(refused(parts, StatusCode::FORBIDDEN, "change-password", "/desk/password"));
        }
        let given = parts.headers.get(CSRF).and_then(|token| token.to_str().ok());
        if !matches!(parts.method, Method::GET | Method::HEAD) && !given.is_some_and(|given| is_own(&person, given)) {
            return Err((StatusCode::FORBIDDEN, Json(json!({ "error": "csrf" }))).into_response());
        }
        Ok(person)
    }
}

impl FromRequestParts<DeskState> for Supervisor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &DeskState) -> Result<Self, Response> {
        let person = Person::from_request_parts(parts, desk).await?;
        if person.role < Role::Supervisor { Err(not_for(parts, refusal::SUPERVISORS)) } else { Ok(Self(person)) }
    }
}

impl FromRequestParts<DeskState> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &DeskState) -> Result<Self, Response> {
        let person = Person::from_request_parts(parts, desk).await?;
        if person.role < Role::Admin { Err(not_for(parts, refusal::ADMINS)) } else { Ok(Self) }
    }
}

/// Whether a CSRF token is the one of this session.
pub(super) fn is_own(person: &Person, token: &str) -> bool {
    person.csrf.as_bytes().ct_eq(token.as_bytes()).into()
}

/// Whether somebody looks at a page or sends its form, and no script asks.
fn is_page(parts: &Parts) -> bool {
    let accepts = parts.headers.get(header::ACCEPT).and_then(|accepts| accepts.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// Sends who looks at a page on to another, and tells a script what is missing.
fn refused(parts: &Parts, status: StatusCode, error: &'static str, page: &'static str) -> Response {
    if is_page(parts) { see(page) } else { (status, Json(json!({ "error": error }))).into_response() }
}

fn not_for(parts: &Parts, said: &'static str) -> Response {
    if is_page(parts) {
        refusal::page(StatusCode::FORBIDDEN, said)
    } else {
        (StatusCode::FORBIDDEN, Json(json!({ "error": "role" }))).into_response()
    }
}

/// On to this page.
pub(super) fn see(page: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, page), (header::CACHE_CONTROL, "no-store")]).into_response()
}

/// What a page wants to know about who looks at it.
pub(super) async fn me(
    person: Person,
    State(desk): State<DeskState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
) -> Response {
    let host = Host::of(&headers);
    let is_secure = is_encrypted(peer, &headers) || host.is_some_and(Host::is_loopback);
    let https = host.filter(|_| desk.settings.is_encrypted && !is_secure);
    let about = json!({
        "number": person.number,
        "name": person.name,
        "role": person.role,
        "csrf": person.csrf,
        // The browser gives a microphone to this page; where it does, if not here.
        "secure": is_secure,
        "https-url": https.map(|host| format!("https://{host}/desk")),
        // Calls ring in the browser.
        "rings": desk.switchboard.is_some(),
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(about)).into_response()
}
