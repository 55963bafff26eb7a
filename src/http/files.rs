//! The files of the pages, which are in the program.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::prelude::*;
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "src/http/pages/"]
struct Pages;

/// A whole page.
pub(super) fn page(name: &str) -> Response {
    Pages::get(name).map_or_else(not_found, |file| send(&file, "text/html; charset=utf-8"))
}

/// The text of a page that is filled in.
pub(super) fn template(name: &str) -> String {
    Pages::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
}

/// What a page is made of.
pub(super) async fn file(Path(name): Path<String>, asked: HeaderMap) -> Response {
    let content_type = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "png")) => "image/png",
        Some(_) | None => return not_found(),
    };
    let Some(file) = Pages::get(&name) else { return not_found() };
    let response = send(&file, content_type);
    let tag = response.headers().get(header::ETAG);
    if asked.get(header::IF_NONE_MATCH).is_some_and(|known| Some(known) == tag) {
        return (StatusCode::NOT_MODIFIED, response.headers().clone()).into_response();
    }
    response
}

fn send(file: &EmbeddedFile, content_type: &'static str) -> Response {
    let mut response = file.data.clone().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // A page and its files are of one program: after an update none may be of the one before.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let hash = BASE64_URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash());
    if let Ok(tag) = HeaderValue::try_from(format!("\"{hash}\"")) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}
