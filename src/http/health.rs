//! Whether the process lives, and whether it should be given calls.

use axum::extract::State;
use axum::http::StatusCode;
use tracing::error;

use super::App;

/// The process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The database can be read and written, and nobody has asked the process to stop.
pub(super) async fn readyz(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.service.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping: calls in progress go on, new ones are refused\n");
    }
    match app.database.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(failed) => {
            error!("the database does not answer: {:#}", anyhow::Error::from(failed));
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
