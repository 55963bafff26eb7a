//! The wall itself: now and today. With a script it is written anew whenever something has changed, at most once a second.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::stream;
use tracing::error;

use super::super::stream::{STALE, send, stale};
use super::chart::{Chart, charts};
use super::look::Look;
use super::table::{Cell, Group, Table, time_in_words};
use super::words::STATES;
use super::{DeskState, html, tables, trouble};
use crate::desk::figures::{Day, Now, Sums};
use crate::store;
use crate::store::queue::OperatorNow;

/// How soon a change is seen.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Template)]
#[template(path = "live.html")]
struct Page<'a> {
    look: &'a Look,
    live: &'a Live<'a>,
    parts: Vec<String>,
}

/// What changes by itself.
#[derive(Template)]
#[template(path = "live_part.html")]
struct Live<'a> {
    look: &'a Look,
    now: Now,
    day: Arc<Day>,
    charts: Vec<Chart>,
    times: Table,
    details: Vec<Table>,
}

impl<'a> Live<'a> {
    async fn read(desk: &DeskState, look: &'a Look) -> Result<Self, store::Error> {
        let now = desk.figures.now(&look.scope, look.now).await?;
        let zone = &look.loaded.line.zone;
        let day = desk.figures.day(&look.scope, look.local(look.now).date(), zone, look.now).await?;
        let label = |index: usize| format!("{:02}:{:02}", index / 2, index % 2 * 30);
        let halves: Vec<(String, &Sums)> =
            day.halves.iter().enumerate().map(|(index, sums)| (label(index), sums)).collect();
        let charts = charts(look, &halves);
        let (times, details) = (tables::halves(look, &day), tables::details(look, &day.details));
        Ok(Self { look, now, day, charts, times, details })
    }

    /// How long whoever waits longest has waited.
    fn longest(&self) -> String {
        Cell::Time(self.now.longest_wait(self.look.now)).to_string()
    }

    fn rates(&self) -> Vec<Group> {
        tables::rates(self.look, &self.day.all)
    }

    fn states(&self) -> Vec<(&'static str, u64)> {
        let states = self.now.states();
        let count = |state: &str| states.get(state).copied().unwrap_or_default();
        STATES.iter().map(|(state, ..)| (self.look.state(state), count(state))).collect()
    }

    fn doing(&self, operator: &OperatorNow) -> String {
        let (state, reason) = (self.look.state(&operator.state), self.look.reason(&operator.reason));
        if reason.is_empty() { state.to_owned() } else { format!("{state} · {reason}") }
    }

    fn since(&self, operator: &OperatorNow) -> String {
        time_in_words(self.look.now.since(operator.since))
    }

    /// Where calls are now, most first.
    fn places(&self) -> Vec<(&str, u64)> {
        let mut places: Vec<_> = self.now.at_nodes.iter().map(|(node, count)| (node.as_str(), *count)).collect();
        places.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        places.truncate(12);
        places
    }
}

pub(super) async fn page(look: Look, State(desk): State<DeskState>) -> Response {
    let parts = crate::picture::parts(&look.loaded.line);
    match Live::read(&desk, &look).await {
        Ok(live) => html(StatusCode::OK, &Page { look: &look, live: &live, parts }),
        Err(failed) => trouble(&failed.into()),
    }
}

/// A wall that is looked at.
struct Looker {
    desk: DeskState,
    look: Look,
    shown: String,
}

pub(super) async fn events(look: Look, State(desk): State<DeskState>) -> Response {
    let looker = Looker { desk: desk.clone(), look: look.clone(), shown: String::new() };
    let events = stream::unfold(looker, |mut looker| async move { Some((looker.next().await, looker)) });
    send(&desk, look.person, events)
}

impl Looker {
    /// The whole of what changes, when it is other than what is shown, or that it cannot be had.
    async fn next(&mut self) -> Event {
        loop {
            if !self.shown.is_empty() {
                self.desk.clock.sleep(LOOK_EVERY).await;
            }
            self.look.now = self.desk.clock.now();
            self.look.loaded = self.desk.service.lines().named(&self.look.scope.line);
            let shows = match Live::read(&self.desk, &self.look).await {
                Ok(live) => live.render().unwrap_or_default(),
                Err(failed) => {
                    error!("the wall could not be read: {:#}", anyhow::Error::from(failed));
                    STALE.clone_into(&mut self.shown);
                    return stale();
                }
            };
            if shows != self.shown {
                self.shown = shows;
                return Event::default().data(&self.shown);
            }
        }
    }
}
