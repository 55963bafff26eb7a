//! What was done, for supervisors.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tracing::error;

use super::{DeskState, Supervisor};
use crate::desk::audit;

/// How many rows at once.
const MOST: u32 = 200;

/// Which rows are asked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Older ones than this.
    before: Option<i64>,
}

pub(super) async fn list(
    _: Supervisor,
    State(desk): State<DeskState>,
    Query(Asked { before }): Query<Asked>,
) -> Response {
    match audit::list(&desk.database, before, MOST).await {
        Ok(entries) => ([(header::CACHE_CONTROL, "no-store")], Json(entries)).into_response(),
        Err(failed) => {
            error!("the audit log could not be read: {:#}", anyhow::Error::from(failed));
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
