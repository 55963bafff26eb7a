//! What was done, for supervisors: a list that can be narrowed down, and taken as a file.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::look::Look;
use super::table::{Cell, Table};
use super::{DeskState, export, html, trouble};
use crate::call::Timestamp;
use crate::desk::audit::{self, Entry, Which};

/// How many rows a page shows.
const MOST: u32 = 200;
const MOST_IN_FILE: u32 = 100_000;

#[derive(Deserialize)]
pub(super) struct Asked {
    before: Option<i64>,
    #[serde(default)]
    who: String,
    #[serde(default)]
    action: String,
    /// As a file.
    #[serde(default)]
    csv: bool,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page<'a> {
    look: &'a Look,
    asked: &'a Asked,
    entries: Vec<Entry>,
}

impl Page<'_> {
    fn clock(&self, at: i64) -> String {
        self.look.clock(Timestamp::from_millis(at))
    }

    fn reason<'e>(&self, entry: &'e Entry) -> &'e str {
        match entry.action.as_str() {
            "noted" => self.look.result(&entry.reason),
            "operator-added" | "operator-role" => self.look.role(&entry.reason),
            _ => &entry.reason,
        }
    }

    /// The last row that is shown, if there may be older ones.
    fn last(&self) -> Option<i64> {
        self.entries.last().filter(|_| self.entries.len() >= MOST as usize).map(|entry| entry.no)
    }
}

pub(super) async fn page(look: Look, State(desk): State<DeskState>, Query(asked): Query<Asked>) -> Response {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let which = Which { before: asked.before, who: given(&asked.who), action: given(&asked.action) };
    match audit::find(&desk.database, &which, if asked.csv { MOST_IN_FILE } else { MOST }).await {
        Ok(entries) if asked.csv => export::send(&desk, &look, &table(&look, &entries), None).await,
        Ok(entries) => html(StatusCode::OK, &Page { look: &look, asked: &asked, entries }),
        Err(failed) => trouble(&failed.into()),
    }
}

fn table(look: &Look, entries: &[Entry]) -> Table {
    let heads = [
        look.of("时间", "Time"),
        look.of("谁", "Who"),
        look.of("做了什么", "Action"),
        look.of("通话", "Call"),
        look.of("对象", "Subject"),
        look.of("原因", "Reason"),
    ];
    let row = |entry: &Entry| {
        let call = entry.call.clone().unwrap_or_default();
        let at = look.clock(Timestamp::from_millis(entry.at));
        let words = [&at, &entry.who, &entry.action, &call, &entry.subject, &entry.reason];
        words.map(Cell::text).into()
    };
    Table {
        name: "audit",
        title: String::new(),
        heads: heads.map(ToOwned::to_owned).into(),
        rows: entries.iter().map(row).collect(),
    }
}
