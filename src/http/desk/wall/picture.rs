//! The picture of the line, with the calls that are in progress.

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::look::Look;
use super::{DeskState, trouble};
use crate::picture::{self, Overlay};

#[derive(Deserialize)]
pub(super) struct Asked {
    /// One part of the line.
    part: Option<String>,
}

pub(super) async fn picture(
    look: Look,
    State(desk): State<DeskState>,
    Query(Asked { part }): Query<Asked>,
) -> Response {
    let overlay = match desk.figures.now(&look.scope, look.now).await {
        Ok(now) => Overlay::of_counts(&now.at_nodes),
        Err(failed) => return trouble(&failed.into()),
    };
    let line = &look.loaded.line;
    let drawn = match part.filter(|part| !part.is_empty()) {
        Some(part) => picture::svg_of(line, &overlay, &part),
        None => Some(picture::svg(line, &overlay)),
    };
    let Some(svg) = drawn else { return StatusCode::NOT_FOUND.into_response() };
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-store")], svg).into_response()
}
