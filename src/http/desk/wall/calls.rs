//! Looks for calls: by id, time, place and cause. Nobody can be looked for.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::civil::DateTime;
use serde::Deserialize;

use super::look::Look;
use super::table::{Cell, Table, time_in_words};
use super::{DeskState, export, html, trouble};
use crate::call::{CallId, Timestamp};
use crate::desk::calls::{self, Found, Wanted};

/// How many calls a page shows; whoever looks for more narrows it down.
const MOST: u32 = 100;
const MOST_IN_FILE: u32 = 10_000;
/// The causes that a call can be looked for by.
const CAUSES: &[&str] = &["finished", "caller-hung-up", "too-long", "lost", "our-fault", "provider-fault", "refused"];

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    id: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    node: String,
    #[serde(default)]
    cause: String,
    /// Those in progress, rather than those that are over.
    #[serde(default)]
    now: bool,
    /// As a file.
    #[serde(default)]
    csv: bool,
}

#[derive(Template)]
#[template(path = "calls.html")]
struct Page<'a> {
    look: &'a Look,
    asked: &'a Asked,
    found: Vec<Found>,
    trouble: &'static str,
}

impl Page<'_> {
    fn causes(&self) -> Vec<(&'static str, &'static str)> {
        CAUSES.iter().map(|cause| (*cause, self.look.cause(cause))).collect()
    }

    fn nodes(&self) -> impl Iterator<Item = String> {
        self.look.loaded.line.nodes.keys().map(ToString::to_string).collect::<Vec<_>>().into_iter()
    }

    fn cause(&self, call: &Found) -> String {
        cause(self.look, call)
    }

    fn lasted(&self, call: &Found) -> String {
        time_in_words(call.ended_at.unwrap_or(self.look.now).since(call.started_at))
    }

    fn is_full(&self) -> bool {
        self.found.len() >= MOST as usize
    }
}

fn cause(look: &Look, call: &Found) -> String {
    let cause = call.cause.as_deref().map(|cause| look.cause(cause));
    cause.unwrap_or_else(|| look.of("进行中", "In progress")).to_owned()
}

pub(super) async fn page(look: Look, State(desk): State<DeskState>, Query(asked): Query<Asked>) -> Response {
    if !asked.id.is_empty() {
        return by_id(&desk, &look, &asked).await;
    }
    let (Ok(from), Ok(until)) = (instant(&look, &asked.from), instant(&look, &asked.until)) else {
        let trouble = look.of("时间写法：2026-03-31T10:00", "Write a time as 2026-03-31T10:00");
        return html(StatusCode::BAD_REQUEST, &Page { look: &look, asked: &asked, found: Vec::new(), trouble });
    };
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let wanted = Wanted { from, until, node: given(&asked.node), cause: given(&asked.cause) };
    let most = if asked.csv { MOST_IN_FILE } else { MOST };
    let found = if asked.now {
        calls::in_progress(&desk.database, &look.scope, most).await
    } else {
        calls::search(&desk.database, &look.scope, &wanted, most).await
    };
    match found {
        Ok(found) if asked.csv => export::send(&desk, &look, &table(&look, &found), None).await,
        Ok(found) => html(StatusCode::OK, &Page { look: &look, asked: &asked, found, trouble: "" }),
        Err(failed) => trouble(&failed.into()),
    }
}

async fn by_id(desk: &DeskState, look: &Look, asked: &Asked) -> Response {
    let found = match CallId::parse(asked.id.trim()) {
        Ok(id) => calls::one(&desk.database, id, look.scope.simulated).await,
        Err(_) => Ok(None),
    };
    match found {
        Ok(Some(found)) => {
            let page = format!("/desk/wall/calls/{}?{}", found.id, look.query());
            (StatusCode::SEE_OTHER, [(header::LOCATION, page)]).into_response()
        }
        Ok(None) => {
            let trouble = look.of("没有这个编号的通话。", "There is no call with this id.");
            html(StatusCode::NOT_FOUND, &Page { look, asked, found: Vec::new(), trouble })
        }
        Err(failed) => trouble(&failed.into()),
    }
}

/// What a browser's field for a time has; nothing for an empty one.
fn instant(look: &Look, written: &str) -> Result<Option<Timestamp>, jiff::Error> {
    if written.is_empty() {
        return Ok(None);
    }
    let local: DateTime = written.parse()?;
    let zoned = local.to_zoned(look.loaded.line.zone.clone())?;
    Ok(Some(Timestamp::from_millis(zoned.timestamp().as_millisecond())))
}

fn table(look: &Look, found: &[Found]) -> Table {
    let heads = [
        look.of("编号", "Id"),
        look.of("开始", "Began"),
        look.of("时长（秒）", "Seconds"),
        look.of("结束原因", "Why it ended"),
        look.of("节点", "Node"),
    ];
    let row = |call: &Found| {
        let lasted = call.ended_at.unwrap_or(look.now).since(call.started_at);
        let node = call.node.clone().unwrap_or_default();
        let words = [call.id.to_string(), look.clock(call.started_at)].map(Cell::Text);
        words.into_iter().chain([Cell::Time(Some(lasted)), Cell::Text(cause(look, call)), Cell::Text(node)]).collect()
    };
    Table {
        name: "calls",
        title: String::new(),
        heads: heads.map(ToOwned::to_owned).into(),
        rows: found.iter().map(row).collect(),
    }
}
