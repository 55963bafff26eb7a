//! What was recorded, for the players of the pages.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::DeskState;
use super::api::Refused;
use crate::desk::accounts::Person;
use crate::desk::recordings::{Recorded, call_of, media_type, play};

pub(super) fn routes() -> Router<DeskState> {
    Router::new().route("/desk/api/recordings/{name}", get(recording))
}

async fn recording(
    person: Person,
    State(desk): State<DeskState>,
    Path(name): Path<String>,
) -> Result<Response, Refused> {
    let worker = desk.worker(&person);
    let call = call_of(&desk.database, &worker, &name).await?;
    let key = desk.service.key_of(call).await.ok().flatten();
    let no_store = (header::CACHE_CONTROL, "no-store");
    Ok(match play(&desk.database, &worker, &name, key.as_ref(), desk.clock.now()).await? {
        Recorded::Here(file) => {
            let kind = media_type(&file).unwrap_or("application/octet-stream");
            ([(header::CONTENT_TYPE, kind), no_store], file).into_response()
        }
        // The player asks again.
        Recorded::Coming => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5"), no_store]).into_response(),
        Recorded::Lost => (StatusCode::GONE, [no_store]).into_response(),
    })
}
