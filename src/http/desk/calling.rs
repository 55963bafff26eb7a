//! Calling back with one click: the operator's telephone rings, and is joined to the number that was left.
//!
//! For operators who are rung at a telephone, where the call's provider makes calls for us. All others dial the number
//! that their page shows.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;
use tracing::error;

use super::DeskState;
use crate::control;
use crate::desk::accounts::{self, Person};
use crate::desk::audit::Deed;
use crate::desk::work::{self, Stage, Work};
use crate::store::{CallKey, OutKind};

/// A call out that was asked for.
#[derive(Serialize)]
pub(super) struct Calling {
    /// `due`, `sending`, `done`, `failed`, `unknown`; empty if none was asked for.
    state: String,
    /// What was wrong, in words.
    trouble: String,
}

pub(super) fn routes() -> Router<DeskState> {
    Router::new().route("/desk/api/calls/{no}/ring", post(ring))
}

impl DeskState {
    /// What has become of calling somebody back; `None` if it cannot be done from here.
    pub(super) async fn calling(&self, operator: i64, work: &Work) -> Result<Option<Calling>, work::Error> {
        let Some(controls) = self.controls.as_ref().filter(|_| work.is_call_back && work.stage != Stage::WrapUp) else {
            return Ok(None);
        };
        let address = self.accounts.address(operator).await.ok().flatten();
        if address.is_none() || !controls.can_join(work.call).await? {
            return Ok(None);
        }
        let last = self.database.last_outgoing(work.call, OutKind::Call).await?;
        let (state, trouble) = last.unwrap_or_default();
        Ok(Some(Calling { state, trouble }))
    }
}

async fn ring(person: Person, State(desk): State<DeskState>, Path(no): Path<i64>) -> Response {
    let refused = |status: StatusCode, word: &str| (status, Json(json!({ "error": word }))).into_response();
    match place(&desk, &person, no).await {
        Ok(true) => Json(json!({})).into_response(),
        Ok(false) | Err(Failed::Work(work::Error::Over)) => refused(StatusCode::CONFLICT, "over"),
        Err(Failed::Control(control::Error::NotConfigured)) => refused(StatusCode::NOT_FOUND, "none"),
        Err(Failed::Control(control::Error::Undialable(_))) => refused(StatusCode::UNPROCESSABLE_ENTITY, "not-dialled"),
        Err(failed) => {
            error!("somebody could not be called back: {:#}", anyhow::Error::from(failed));
            refused(StatusCode::SERVICE_UNAVAILABLE, "failed")
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Control(#[from] control::Error),
    #[error(transparent)]
    Work(#[from] work::Error),
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}

/// Whether there is somebody to be called back by this operator, who is now rung.
async fn place(desk: &DeskState, person: &Person, no: i64) -> Result<bool, Failed> {
    let work = Work::on(&desk.database, person.no, no).await?;
    let controls = desk.controls.as_ref().ok_or(control::Error::NotConfigured)?;
    let address = desk.accounts.address(person.no).await?.ok_or(control::Error::NotConfigured)?;
    let Some(key): Option<CallKey> = desk.service.key_of(work.call).await.ok().flatten() else { return Ok(false) };
    let Some(number) = work::contact(&work, &key)? else { return Ok(false) };
    let deed = Deed { call: Some(work.call), ..Deed::new(person.who(), "called-back", no.to_string()) };
    deed.record(&desk.database, desk.clock.now()).await?;
    controls.join((work.call, &key), address, &number).await?;
    Ok(true)
}
