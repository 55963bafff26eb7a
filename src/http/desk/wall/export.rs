//! Tables as files for spreadsheets. Who took which is on record.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::look::Look;
use super::table::Table;
use super::{DeskState, days, tables, trouble};
use crate::desk::audit::Deed;

#[derive(Deserialize)]
pub(super) struct Asked {
    /// The last so many days; today by half hours without.
    days: Option<u16>,
}

pub(super) async fn file(
    look: Look,
    State(desk): State<DeskState>,
    Path(file): Path<String>,
    Query(Asked { days }): Query<Asked>,
) -> Response {
    let name = file.strip_suffix(".csv").and_then(|name| tables::NAMES.iter().find(|known| **known == name));
    let (Some(name), true) = (name, days.is_none_or(|days| days::CHOICES.contains(&days))) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match table(&desk, &look, name, days).await {
        Ok(table) => send(&desk, &look, &table, days).await,
        Err(failed) => trouble(&failed),
    }
}

async fn table(desk: &DeskState, look: &Look, name: &str, count: Option<u16>) -> anyhow::Result<Table> {
    let all = desk.figures.days(&look.scope, count.unwrap_or(1), &look.loaded.line.zone, look.now).await?;
    let (_, details) = days::together(&all);
    Ok(match (name, count, all.last()) {
        ("tasks", ..) => tables::tasks(look, &details),
        ("hung-up", ..) => tables::hung_up(look, &details),
        ("asked-again", ..) => tables::asked_again(look, &details),
        ("causes", ..) => tables::causes(look, &details),
        (_, None, Some(day)) => tables::halves(look, day),
        _ => tables::days(look, &all),
    })
}

/// Sends a table as a file, once it is on record that it is taken.
pub(super) async fn send(desk: &DeskState, look: &Look, table: &Table, days: Option<u16>) -> Response {
    let (line, date) = (&look.scope.line, look.local(look.now).date());
    let of = days.map_or_else(String::new, |days| format!("-{days}-days"));
    let name = format!("{line}-{}{of}-{date}.csv", table.name);
    let deed = Deed::new(look.person.who(), "exported", name.clone());
    if let Err(failed) = deed.record(&desk.database, look.now).await {
        return trouble(&failed.into());
    }
    match table.csv() {
        Ok(csv) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, csv).into_response()
        }
        Err(failed) => trouble(&failed.into()),
    }
}
