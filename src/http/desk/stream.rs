//! Server-sent events, for as long as somebody is logged in and the server goes on. Each event is the whole of what a
//! page shows, so that one that was away has missed nothing. What is in them is not known here.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderName, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _};

use super::DeskState;
use crate::desk::accounts::Person;

/// How often the page hears of us at least. One that does not knows that it is cut off.
const BEAT: Duration = Duration::from_secs(5);

/// Sends events until the session of `person` has ended.
pub(super) fn send(desk: &DeskState, person: Person, events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let (gone, stops) = (desk.clone().logged_out(person), desk.pages.clone());
    let ends = async move {
        tokio::select! { () = gone => {}, () = stops.stopped() => {} }
    };
    let events = events.map(Ok::<_, Infallible>).take_until(Box::pin(ends));
    let beat = KeepAlive::new().interval(BEAT).event(Event::default().event("beat").data(""));
    // Proxies would keep events until there are enough of them.
    let headers = [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    (headers, Sse::new(events).keep_alive(beat)).into_response()
}

/// In place of what was told last: whatever comes next is news.
pub(super) const STALE: &str = "stale";

/// What a page shows cannot be read any more: what it last heard is old.
pub(super) fn stale() -> Event {
    Event::default().event(STALE).data("")
}
