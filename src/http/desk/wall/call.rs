//! A call's page. Who looks at which call is on record before anything of it is shown.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::look::Look;
use super::replayed::{Replayed, replayed};
use super::table::{Cell, time_in_words};
use super::told::{Turn, turns};
use super::{DeskState, html, nothing, trouble};
use crate::call::{CallId, Timestamp};
use crate::desk::audit::Deed;
use crate::desk::calls::{self, Found, Passed, Wait};
use crate::desk::recordings::{self, Listed};
use crate::replay::{Recorded, Versions};

#[derive(Deserialize)]
pub(super) struct Asked {
    /// It is to be replayed.
    #[serde(default)]
    replay: bool,
}

#[derive(Template)]
#[template(path = "call.html")]
struct Page<'a> {
    look: &'a Look,
    call: Found,
    /// Those of a call that can be read.
    turns: Vec<Turn>,
    /// Those of one that cannot, and why.
    passed: Vec<Passed>,
    sealed: &'static str,
    waits: Vec<Wait>,
    score: Option<u32>,
    recordings: Vec<Listed>,
    replayed: Vec<Replayed>,
    replay: bool,
}

impl Page<'_> {
    fn cause(&self) -> String {
        self.call
            .cause
            .as_ref()
            .map_or_else(|| self.look.of("进行中", "In progress").to_owned(), |cause| self.look.cause(cause).to_owned())
    }

    fn lasted(&self) -> String {
        time_in_words(self.call.ended_at.unwrap_or(self.look.now).since(self.call.started_at))
    }

    fn waited(&self, wait: &Wait) -> String {
        let end = wait.answered_at.or(wait.ended_at).unwrap_or(self.look.now);
        time_in_words(end.since(wait.joined_at))
    }

    fn talked(&self, wait: &Wait) -> String {
        let end = wait.ended_at.unwrap_or(self.look.now);
        Cell::Time(wait.answered_at.map(|answered| end.since(answered))).to_string()
    }

    /// How far into the call.
    fn after(&self, at: Timestamp) -> String {
        time_in_words(at.since(self.call.started_at))
    }

    fn outcome<'w>(&self, wait: &'w Wait) -> &'w str {
        self.look.outcome(wait.outcome.as_deref().unwrap_or_default())
    }
}

pub(super) async fn page(
    look: Look,
    State(desk): State<DeskState>,
    Path(call): Path<String>,
    Query(Asked { replay }): Query<Asked>,
) -> Response {
    let Ok(call) = CallId::parse(&call) else { return nothing() };
    match read(&desk, &look, call, replay).await {
        Ok(Some(page)) => html(StatusCode::OK, &page),
        Ok(None) => nothing(),
        Err(failed) => trouble(&failed),
    }
}

async fn read<'a>(desk: &DeskState, look: &'a Look, call: CallId, replay: bool) -> anyhow::Result<Option<Page<'a>>> {
    let database = &desk.database;
    let Some(found) = calls::one(database, call, look.scope.simulated).await? else { return Ok(None) };
    let action = if replay { "replayed-call" } else { "looked-at-call" };
    let deed = Deed { call: Some(call), ..Deed::new(look.person.who(), action, "") };
    deed.record(database, look.now).await?;
    let mut page = Page {
        look,
        turns: Vec::new(),
        passed: Vec::new(),
        sealed: "",
        waits: calls::waits(database, call).await?,
        score: calls::score(database, call).await?,
        recordings: recordings::of_call(database, call).await?,
        replayed: Vec::new(),
        replay,
        call: found,
    };
    let records = database.records();
    let (finished, key) = (records.call(call).await?, desk.service.key_of(call).await?);
    let (Some(finished), Some(key)) = (finished, key) else {
        page.passed = calls::passed(database, call).await?;
        page.sealed = if page.call.ended_at.is_some() {
            look.of("通话内容已按保存期限删除。", "What was said has been deleted: it is older than that is kept.")
        } else {
            look.of(
                "通话进行中：结束后可以看到内容。",
                "The call is in progress: what is said can be read when it is over.",
            )
        };
        return Ok(Some(page));
    };
    let recorded = Recorded::read(&records, &key, finished).await?;
    let mut versions = Versions::new(&records);
    let own = match versions.get(&recorded.line, &recorded.version).await? {
        Ok(own) => own,
        Err(why) => {
            page.passed = calls::passed(database, call).await?;
            page.sealed =
                look.of("通话所用的版本已不可读。", "The version that the call was on cannot be read any more.");
            tracing::warn!(call.id = %call, "a call cannot be shown: {why}");
            return Ok(Some(page));
        }
    };
    page.turns = turns(look, &own, &recorded);
    if replay {
        let (look, active) = (look.clone(), desk.service.lines().named(&recorded.line));
        page.replayed = tokio::task::spawn_blocking(move || replayed(&look, &own, &active, &recorded)).await?;
    }
    Ok(Some(page))
}
