//! The page of the desk and the connection through which it rings.

use axum::Router;
use axum::extract::{State, WebSocketUpgrade};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::{DeskState, events};
use crate::desk::accounts::Person;
use crate::http::files;

pub(super) fn routes() -> Router<DeskState> {
    Router::new().route("/desk", get(page)).route("/desk/ws", get(socket)).route("/desk/events", get(events::events))
}

async fn page(person: Person) -> Response {
    let filled = [("{csrf}", person.csrf.as_str()), ("{number}", &person.number), ("{name}", &person.name)];
    let html = filled
        .iter()
        .fold(files::template("desk/desk.html"), |html, (place, text)| html.replace(place, &escaped(text)));
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, html).into_response()
}

/// Text in a page is text. Braces too: no name is taken for a place to fill in.
fn escaped(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        '{' => "&#123;".to_owned(),
        letter => letter.to_string(),
    });
    letters.collect()
}

/// The desk of this operator, for as long as they are logged in and the page is there.
async fn socket(person: Person, State(desk): State<DeskState>, upgrade: WebSocketUpgrade) -> Response {
    let Some(switchboard) = desk.switchboard.clone() else { return StatusCode::NOT_FOUND.into_response() };
    let pages = desk.pages.clone();
    let number = person.number.clone();
    pages.open(upgrade, move || switchboard.desk(&number), desk.logged_out(person))
}
