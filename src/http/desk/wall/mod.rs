//! `/desk/wall`: what supervisors see of the line, and what they switch.
//!
//! The server writes the pages, in Chinese or English, and they work without a script; with one the wall is live.
//! Nothing is worked out here: figures are `desk::figures`'. Every table that a page shows can be had as CSV (`table.rs`).

mod accounts;
mod audit;
mod call;
mod calls;
mod chart;
mod days;
mod export;
mod live;
mod look;
mod picture;
mod replayed;
mod switches;
mod table;
mod tables;
mod told;
mod words;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tracing::error;

use super::{DeskState, refusal};

pub(super) fn routes() -> Router<DeskState> {
    Router::new()
        .route("/desk/wall", get(live::page))
        .route("/desk/wall/events", get(live::events))
        .route("/desk/wall/picture.svg", get(picture::picture))
        .route("/desk/wall/days", get(days::page))
        .route("/desk/wall/export/{file}", get(export::file))
        .route("/desk/wall/calls", get(calls::page))
        .route("/desk/wall/calls/{call}", get(call::page))
        .route("/desk/wall/switches", get(switches::page).post(switches::set))
        .route("/desk/wall/audit", get(audit::page))
        .route("/desk/wall/accounts", get(accounts::page).post(accounts::change))
}

/// A page, which nobody keeps.
fn html(status: StatusCode, page: &impl askama::Template) -> Response {
    match page.render() {
        Ok(html) => {
            let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
            (status, headers, html).into_response()
        }
        Err(failed) => trouble(&failed.into()),
    }
}

/// What went wrong is in the log; who asked is told that it did.
fn trouble(failed: &anyhow::Error) -> Response {
    error!("a page of the wall could not be made: {failed:#}");
    refusal::page(StatusCode::SERVICE_UNAVAILABLE, refusal::TROUBLE)
}

fn nothing() -> Response {
    refusal::page(StatusCode::NOT_FOUND, refusal::NOTHING)
}
