//! What the phone of one call of a load is connected to: a carrier whose requests are timed, and whose trouble is told.
//!
//! A turn is timed from when it *should* have been sent: an arrival from its place in the schedule, any other from when the
//! phone had waited long enough after the answer before it. So the load's own lateness is in the figures, not hidden.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::figures::{Figures, Timed};
use super::watch::Watch;
use crate::call::{CallEvent, Ending, Kind, PromptId, Timestamp, What};
use crate::dialect::{OutRequest, Performance, Report};
use crate::flow::{Line, Loaded, Node};
use crate::simulator::asking::{Exchanged, Watcher};
use crate::simulator::carrier::{Carrier, Exchange, Fetched, Received, Transport, audio_name};
use crate::simulator::said::Said;
use crate::simulator::trouble::Trouble;

/// Callers of a script are one person, whom a line locks when five tries are open: one fewer is under way at once.
pub(super) const PINS_AT_ONCE: usize = 4;

/// Times the requests of a call, on their way to the server that is meant and to no other.
#[derive(Debug)]
pub(super) struct TimedCall {
    transport: Arc<dyn Transport>,
    route: Arc<Route>,
    watch: Arc<dyn Watch>,
    figures: Arc<Figures>,
    state: Mutex<State>,
    /// The document under way asks for a PIN.
    asks_secret: AtomicBool,
}

/// Where a call is.
#[derive(Debug)]
struct State {
    /// When the next request should be sent.
    due: Duration,
    /// What was sent last, and whether it has been told that it failed.
    last: Timed,
    failed: bool,
}

/// From the URLs that documents name to the server that is meant.
#[derive(Debug)]
pub struct Route {
    /// What the server believes its URLs begin with.
    pub public: String,
    /// What they begin with from here.
    pub reached: String,
}

impl Route {
    fn to(&self, url: &str) -> Result<String, Trouble> {
        let rest = url.strip_prefix(&self.public).filter(|rest| rest.starts_with('/'));
        // Whoever named one host is not to have calls made to another.
        rest.map(|rest| format!("{}{rest}", self.reached)).ok_or_else(|| Trouble::Url(url.to_owned()))
    }
}

impl TimedCall {
    /// For a call that is due at `due`.
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        route: Arc<Route>,
        watch: Arc<dyn Watch>,
        figures: Arc<Figures>,
        due: Duration,
    ) -> Self {
        let state = Mutex::new(State { due, last: Timed::Turn(Kind::Arrive), failed: false });
        Self { transport, route, watch, figures, state, asks_secret: AtomicBool::new(false) }
    }

    /// The next request is not due before `then`.
    pub(super) fn due_at(&self, then: Duration) {
        let mut state = self.state();
        state.due = then.max(state.due);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for TimedCall {
    fn exchanged(&self, exchanged: &Exchanged<'_>) {
        let is_pin = exchanged.kind == Kind::Keys && self.asks_secret.load(Ordering::Relaxed);
        let timed = if is_pin { Timed::Pin } else { Timed::Turn(exchanged.kind) };
        let now = self.watch.now();
        let mut state = self.state();
        // What was never answered took at least as long as was waited for it; of a refusal the time says nothing.
        if exchanged.trouble.is_none_or(|trouble| matches!(trouble, Trouble::Late)) {
            self.figures.took(timed, now.saturating_sub(state.due));
        }
        match exchanged.trouble {
            Some(trouble) => self.figures.failed(timed, words_for(trouble)),
            None if exchanged.tries > 1 => self.figures.failed(timed, format!("answered at try {}", exchanged.tries)),
            None => {}
        }
        *state = State { due: now, last: timed, failed: exchanged.trouble.is_some() };
    }
}

#[async_trait]
impl Transport for TimedCall {
    async fn connect(&self, url: &str) -> Result<(), Trouble> {
        self.transport.connect(&self.route.to(url)?).await
    }

    async fn send(&self, request: OutRequest) -> Result<Received, Trouble> {
        let url = self.route.to(&request.url)?;
        self.transport.send(OutRequest { url, ..request }).await
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, Trouble> {
        let timed = if audio_name(url).is_some_and(|(_, kind)| kind == "json") { Timed::Words } else { Timed::Audio };
        let began = self.watch.now();
        *self.state() = State { due: began, last: timed, failed: false };
        let fetched = self.transport.fetch(&self.route.to(url)?).await?;
        let now = self.watch.now();
        if fetched.status == 200 {
            self.figures.took(timed, now.saturating_sub(began));
        }
        self.due_at(now);
        Ok(fetched)
    }
}

/// A carrier in a call of a load.
#[derive(Debug)]
pub(super) struct CallLine {
    carrier: Carrier,
    timed: Arc<TimedCall>,
    secrets: Arc<Secrets>,
    /// What the call began with, until it is told that it is over.
    arrived: Mutex<Option<Report>>,
    troubled: AtomicBool,
}

impl CallLine {
    pub(super) fn new(mut carrier: Carrier, timed: Arc<TimedCall>, secrets: Arc<Secrets>) -> Self {
        carrier.transport = Arc::clone(&timed) as _;
        let carrier = carrier.watched(Arc::clone(&timed) as _);
        Self { carrier, timed, secrets, arrived: Mutex::default(), troubled: AtomicBool::new(false) }
    }

    /// Whether something was not answered as it should have been.
    pub(super) fn is_troubled(&self) -> bool {
        self.troubled.load(Ordering::Relaxed)
    }

    /// Hangs up a call that did not go on as it should have. Whatever comes of that is no news.
    pub(super) async fn give_up(&self, due: Duration, now: Timestamp) {
        self.timed.due_at(due);
        let arrived = self.arrived().take();
        if let Some(arrived) = arrived {
            let what = What::CallEnded { verbatim: "completed".to_owned(), seconds: None };
            let event = CallEvent { what, ..arrived.event };
            let report = Report { event, answered: true, ..arrived };
            let _ = self.carrier.tell(Kind::Status, None, report, now).await;
        }
    }

    fn arrived(&self) -> MutexGuard<'_, Option<Report>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of trouble with an answer, unless it was with its request and has been told.
    fn heed<T>(&self, answered: &Result<T, Trouble>) {
        if let Err(trouble) = answered {
            self.troubled.store(true, Ordering::Relaxed);
            let State { last, failed, .. } = *self.timed.state();
            if !failed {
                self.timed.figures.failed(last, words_for(trouble));
            }
        }
    }
}

#[async_trait]
impl Exchange for CallLine {
    fn name(&self) -> &str {
        self.carrier.name()
    }

    fn arrivals(&self) -> String {
        self.carrier.arrivals()
    }

    async fn ask(&self, kind: Kind, url: &str, report: Report, now: Timestamp) -> Result<Performance<Said>, Trouble> {
        if kind == Kind::Arrive {
            *self.arrived() = Some(report.clone());
        }
        let brings_pin = kind == Kind::Keys && self.timed.asks_secret.load(Ordering::Relaxed);
        let turn = if brings_pin { self.secrets.at_once.acquire().await.ok() } else { None };
        if turn.is_some() {
            // That this waited is not the server's doing.
            self.timed.due_at(self.timed.watch.now());
        }
        self.timed.state().failed = false;
        let answered = self.carrier.ask(kind, url, report, now).await;
        drop(turn);
        self.heed(&answered);
        let asks = answered.as_ref().is_ok_and(|document| self.secrets.are_asked_in(document));
        self.timed.asks_secret.store(asks, Ordering::Relaxed);
        answered
    }

    async fn tell(&self, kind: Kind, url: Option<&str>, report: Report, now: Timestamp) -> Result<(), Trouble> {
        if kind == Kind::Status {
            self.arrived().take();
        }
        self.timed.state().failed = false;
        let told = self.carrier.tell(kind, url, report, now).await;
        self.heed(&told);
        told
    }
}

/// How a line asks for PINs.
#[derive(Debug)]
pub(super) struct Secrets {
    prompts: BTreeSet<PromptId>,
    loaded: Arc<Loaded>,
    /// Whoever holds a permit may bring a PIN.
    at_once: Semaphore,
}

impl Secrets {
    pub(super) fn of(loaded: &Arc<Loaded>) -> Self {
        let at_once = Semaphore::new(PINS_AT_ONCE);
        Self { prompts: prompts_of(&loaded.line), loaded: Arc::clone(loaded), at_once }
    }

    fn are_asked_in(&self, document: &Performance<Said>) -> bool {
        let Ending::Listen(listen) = &document.reply.ending else { return false };
        listen.prompts.iter().any(|said| {
            let known = || self.loaded.catalogue.recognise(&said.language, &said.text).into_iter().next();
            said.prompt.clone().or_else(known).is_some_and(|prompt| self.prompts.contains(&prompt))
        })
    }
}

fn prompts_of(line: &Line) -> BTreeSet<PromptId> {
    let asks =
        line.nodes.values().filter_map(|node| if let Node::Collect(collect) = node { Some(collect) } else { None });
    asks.filter(|collect| collect.secret).map(|collect| collect.prompt.id.clone()).collect()
}

/// What went wrong, without a value of the request or the answer.
fn words_for(trouble: &Trouble) -> String {
    if let Trouble::Url(_) = trouble {
        return "the document names another server than the one that was called (see --public-url)".to_owned();
    }
    if let Trouble::Status { status, .. } = trouble {
        return format!("status {status}");
    }
    if let Trouble::Connect { source, .. } = trouble {
        return format!("no connection: {source}");
    }
    trouble.to_string()
}
