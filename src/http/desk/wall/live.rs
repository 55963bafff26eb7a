//! The wall itself: now and today. With a script it is written anew whenever something has changed, at most once a second.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use tracing::error;

use super::chart::{Chart, charts};
use super::look::Look;
use super::table::{Cell, Table, time_in_words};
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

    fn rates(&self) -> Vec<(String, Cell)> {
        tables::rates(self.look, &self.day.all)
    }

    fn states(&self) -> Vec<(&'static str, u64)> {
        let states = self.now.states();
        let known = ["available", "reserved", "talking", "wrap-up", "away"];
        let count = |state: &&str| states.get(state).copied().unwrap_or_default();
        known.iter().map(|state| (state_in_words(self.look, state), count(state))).collect()
    }

    fn doing(&self, operator: &OperatorNow) -> String {
        let state = state_in_words(self.look, &operator.state);
        let reason = reason_in_words(self.look, &operator.reason);
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

fn state_in_words(look: &Look, state: &str) -> &'static str {
    match state {
        "available" => look.of("空闲", "Available"),
        "reserved" => look.of("振铃", "Being rung"),
        "talking" => look.of("通话", "Talking"),
        "wrap-up" => look.of("整理", "Wrap-up"),
        "away" => look.of("离开", "Away"),
        _ => look.of("离线", "Offline"),
    }
}

/// A reason that is not known here is shown as it is.
fn reason_in_words<'a>(look: &Look, reason: &'a str) -> &'a str {
    match reason {
        "no-answer" => look.of("未接", "did not answer"),
        "declined" => look.of("拒接", "declined"),
        "busy" => look.of("占线", "busy"),
        "failed" => look.of("无法接通", "could not be rung"),
        "restart" => look.of("系统重启后尚未连上", "not back since the server was started again"),
        "logged-in" => look.of("刚登录", "logged in"),
        "break" => look.of("小休", "break"),
        "lunch" => look.of("午餐", "lunch"),
        "training" => look.of("培训", "training"),
        "paperwork" => look.of("处理文书", "paperwork"),
        "gone" => look.of("页面断开", "the page was gone"),
        other => other,
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
    let gone = desk.clone().logged_out(look.person.clone());
    let stops = desk.pages.clone();
    let looker = Looker { desk, look, shown: String::new() };
    let events = stream::unfold(looker, |mut looker| async move {
        let event = looker.next().await;
        Some((Ok::<_, Infallible>(event), looker))
    });
    let ends = async move {
        tokio::select! { () = gone => {}, () = stops.stopped() => {} }
    };
    // Proxies would keep events until there are enough of them.
    let headers = [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    (headers, Sse::new(events.take_until(Box::pin(ends))).keep_alive(KeepAlive::new())).into_response()
}

impl Looker {
    /// The whole of what changes, when it is other than what is shown.
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
                    self.desk.clock.sleep(LOOK_EVERY).await;
                    continue;
                }
            };
            if shows != self.shown {
                self.shown = shows;
                return Event::default().data(&self.shown);
            }
        }
    }
}
