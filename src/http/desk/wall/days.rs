//! The last days.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::chart::{Chart, charts};
use super::look::Look;
use super::table::{Group, Table};
use super::{DeskState, html, tables, trouble};
use crate::desk::figures::{Day, Details, Sums};

/// How many days a page shows.
pub(super) const CHOICES: [u16; 2] = [7, 30];

#[derive(Deserialize)]
pub(super) struct Asked {
    days: Option<u16>,
}

#[derive(Template)]
#[template(path = "days.html")]
struct Page<'a> {
    look: &'a Look,
    count: u16,
    charts: Vec<Chart>,
    times: Table,
    rates: Vec<Group>,
    details: Vec<Table>,
}

/// All of the days together.
pub(super) fn together(days: &[Arc<Day>]) -> (Sums, Details) {
    let (mut sums, mut details) = (Sums::default(), Details::default());
    for day in days {
        sums.add(&day.all);
        details.add(&day.details);
    }
    (sums, details)
}

pub(super) async fn page(look: Look, State(desk): State<DeskState>, Query(Asked { days }): Query<Asked>) -> Response {
    let count = days.filter(|days| CHOICES.contains(days)).unwrap_or(CHOICES[0]);
    let days = match desk.figures.days(&look.scope, count, &look.loaded.line.zone, look.now).await {
        Ok(days) => days,
        Err(failed) => return trouble(&failed.into()),
    };
    let label = |day: &Day| day.date.strftime("%m-%d").to_string();
    let times: Vec<(String, &Sums)> = days.iter().map(|day| (label(day), &day.all)).collect();
    let (sums, details) = together(&days);
    let page = Page {
        look: &look,
        count,
        charts: charts(&look, &times),
        times: tables::days(&look, &days),
        rates: tables::rates(&look, &sums),
        details: tables::details(&look, &details),
    };
    html(StatusCode::OK, &page)
}
