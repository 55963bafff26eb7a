//! The page of the desk and the connection through which it rings.

use axum::Router;
use axum::extract::{State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::DeskState;
use crate::desk::accounts::Person;
use crate::http::files;

pub(super) fn routes() -> Router<DeskState> {
    Router::new().route("/desk", get(page)).route("/desk/ws", get(socket))
}

async fn page(_: Person) -> Response {
    files::page("desk.html")
}

/// The desk of this operator, for as long as they are logged in and the page is there.
async fn socket(person: Person, State(desk): State<DeskState>, upgrade: WebSocketUpgrade) -> Response {
    let Some(switchboard) = desk.switchboard.clone() else { return StatusCode::NOT_FOUND.into_response() };
    let pages = desk.pages.clone();
    pages.open(upgrade, move || switchboard.desk(), desk.logged_out(person))
}
