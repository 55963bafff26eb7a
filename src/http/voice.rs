//! `/voice/...`: what providers request. The kind of event comes from the path; everything else is the dialect's.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures_util::FutureExt;
use tracing::{error, warn};

use super::App;
use crate::call::Kind;
use crate::dialect::RawRequest;
use crate::service::Answer;

/// Webhooks are a few kilobytes; providers' own documents may have 64.
const LARGEST_BODY: usize = 64 * 1024;
/// Nobody needs longer to send that much.
const LONGEST_BODY: Duration = Duration::from_secs(10);
/// The strictest provider waits 5 s for an answer.
const LONGEST_ANSWER: Duration = Duration::from_secs(4);

pub(super) async fn arrival(State(app): State<App>, Path(profile): Path<String>, request: Request) -> Response {
    answer(&app, &profile, Kind::Arrive, None, request).await
}

pub(super) async fn notice(
    State(app): State<App>,
    Path((profile, kind)): Path<(String, String)>,
    request: Request,
) -> Response {
    match Kind::parse(&kind) {
        Some(kind @ (Kind::Status | Kind::Fallback)) => answer(&app, &profile, kind, None, request).await,
        _ => empty(StatusCode::NOT_FOUND),
    }
}

pub(super) async fn step(
    State(app): State<App>,
    Path((profile, kind, token)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    match Kind::parse(&kind) {
        Some(kind) if !matches!(kind, Kind::Status | Kind::Fallback) => {
            answer(&app, &profile, kind, Some(&token), request).await
        }
        _ => empty(StatusCode::NOT_FOUND),
    }
}

async fn answer(app: &App, profile: &str, kind: Kind, token: Option<&str>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(Ok(body)) = tokio::time::timeout(LONGEST_BODY, to_bytes(body, LARGEST_BODY)).await else {
        warn!(kind = kind.name(), "a request was cut short or has over {LARGEST_BODY} bytes; it was not read");
        return empty(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let headers: Vec<(&str, &[u8])> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let raw = RawRequest {
        kind,
        method: head.method.as_str(),
        public: &app.service.settings().public,
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()),
        headers: &headers,
        body: &body,
    };
    // A panic or a stalled disk must not cost the caller the call.
    let answering = AssertUnwindSafe(app.service.answer(profile, token, raw)).catch_unwind();
    let answer = match tokio::time::timeout(LONGEST_ANSWER, answering).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => {
            error!(kind = kind.name(), "a request made the program panic; the caller hears an apology");
            app.service.apologise(profile, kind, token)
        }
        Err(_) => {
            error!(kind = kind.name(), "a request took over {LONGEST_ANSWER:?}; the caller hears an apology");
            app.service.apologise(profile, kind, token)
        }
    };
    match answer {
        Answer::Document(document) => Response::builder()
            .status(document.status)
            .header(header::CONTENT_TYPE, document.content_type)
            .header(header::CACHE_CONTROL, "no-store")
            .body(Body::from(document.body))
            .unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR)),
        Answer::NoProfile => empty(StatusCode::NOT_FOUND),
        Answer::Forbidden => empty(StatusCode::FORBIDDEN),
    }
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
