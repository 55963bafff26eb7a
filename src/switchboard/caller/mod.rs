//! The caller's end of a call, live: one task that hears documents in real time, presses what its page presses, and rings
//! desks where a document dials.
//!
//! Here it begins, passes time and ends; what its page does is in `acts.rs`, ringing and talking in `dial.rs`.

mod acts;
mod dial;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Switchboard;
use super::cords::{ToCaller, ToDesk};
use super::ear::Ear;
use super::letters::MOST_LETTERS;
use super::message::{Does, Told, TroubleTold};
use super::page::{FromPage, Page};
use super::recording::{Recorder, TalkRecorder};
use super::ticket::{CallerTicket, Talk, Ticket};
use crate::call::{Arrival, DialOutcome, EndCause, Ending, Kind, PhoneNumber, Timestamp, What};
use crate::dialect;
use crate::simulator::{Leg, Then, Trouble, Wire};

/// How long an end waits for the other, after the server was started again in a talk.
pub(super) const FIND: Duration = Duration::from_secs(20);

/// A page, until it is gone: it may call again and again.
pub(super) async fn run(board: Arc<Switchboard>, page: Page) {
    let (mut page, mut watched) = (Some(page), false);
    while let Some(mut here) = page.take() {
        page = match here.does().await {
            None => return,
            Some(FromPage::Text(Does::Call { from, to })) => match numbers(from.as_deref(), &to) {
                Some((from, to)) => Caller::call(&board, here, watched, (from, to)).await,
                None => Some(told(here, TroubleTold::BadNumber)),
            },
            Some(FromPage::Text(Does::Resume { ticket })) => match board.tickets.read(&ticket) {
                Some(Ticket::Caller(ticket)) => match board.cords.back_to_caller(&ticket.leg, here) {
                    Ok(()) => return,
                    Err(here) => Caller::take_up(&board, here, watched, ticket).await,
                },
                Some(Ticket::Desk { .. }) | None => Some(told(here, TroubleTold::CallGone)),
            },
            Some(FromPage::Text(Does::Watch { on })) => {
                watched = on;
                Some(here)
            }
            Some(FromPage::Sound(_)) => Some(here),
            Some(FromPage::Text(_)) => Some(told(here, TroubleTold::NotNow)),
            Some(FromPage::Unreadable) => Some(told(here, TroubleTold::BadMessage)),
        };
    }
}

fn told(mut page: Page, what: TroubleTold) -> Page {
    page.trouble(what);
    page
}

/// Who calls whom.
fn numbers(from: Option<&str>, to: &str) -> Option<(Option<PhoneNumber>, PhoneNumber)> {
    let number = |text: &str| PhoneNumber::parse(text).ok().filter(PhoneNumber::is_number);
    let from = match from {
        Some(from) => Some(number(from)?),
        None => None,
    };
    Some((from, number(to)?))
}

struct Caller {
    board: Arc<Switchboard>,
    ear: Ear,
    wire: Wire,
    leg: Leg,
    place: Place,
    began: Timestamp,
    recorder: Recorder,
    /// The talk under way, if it is recorded. A new start of the server loses what was said before.
    talk: Option<TalkRecorder>,
    /// An author is told of turns; how many there were.
    watched: bool,
    turns: u32,
    own: mpsc::Sender<ToCaller>,
    letters: mpsc::Receiver<ToCaller>,
}

/// Where the call is.
enum Place {
    /// A document is acted on.
    Hearing,
    /// It rings, until somebody picks up: then `desk` hears who comes.
    Ringing {
        call: String,
        until: Timestamp,
        limit: Duration,
        desk: Option<mpsc::Sender<ToDesk>>,
    },
    Talking {
        desk: mpsc::Sender<ToDesk>,
        talk: Talk,
        until: Timestamp,
    },
    /// The other end of a talk is looked for.
    Finding {
        talk: Talk,
        until: Timestamp,
        limit: Duration,
    },
}

/// The end of the call, and why.
type Goes = Result<(), EndCause>;

impl Caller {
    async fn call(
        board: &Arc<Switchboard>,
        page: Page,
        watched: bool,
        (from, to): (Option<PhoneNumber>, PhoneNumber),
    ) -> Option<Page> {
        let wire = Wire { exchange: Arc::clone(&board.exchange), from, to, clock: Arc::clone(&board.clock) };
        let began = wire.now();
        let url = wire.exchange.arrivals();
        let leg = Leg::begin(&wire, None, Kind::Arrive, &url, arrived(&wire)).await;
        Self::goes_on(board, (page, watched), wire, leg, (began, None)).await
    }

    /// Goes on with a call that another process has had.
    async fn take_up(board: &Arc<Switchboard>, page: Page, watched: bool, ticket: CallerTicket) -> Option<Page> {
        let CallerTicket { leg, from, to, began, asked, talk } = ticket;
        let wire = Wire { exchange: Arc::clone(&board.exchange), from, to, clock: Arc::clone(&board.clock) };
        let (kind, url, what) = match asked.as_deref().and_then(as_next) {
            Some(url) => (Kind::Next, url, What::Continued),
            None => (Kind::Arrive, wire.exchange.arrivals(), arrived(&wire)),
        };
        let leg = Leg::resume(&wire, leg, None, (kind, &url), what).await;
        Self::goes_on(board, (page, watched), wire, leg, (began, talk)).await
    }

    async fn goes_on(
        board: &Arc<Switchboard>,
        (mut page, watched): (Page, bool),
        wire: Wire,
        leg: Result<Leg, Trouble>,
        (began, talk): (Timestamp, Option<Talk>),
    ) -> Option<Page> {
        let leg = match leg {
            Ok(leg) => leg,
            Err(trouble) => {
                lost(&trouble);
                return Some(told(page, TroubleTold::NoDocument));
            }
        };
        let (own, letters) = mpsc::channel(MOST_LETTERS);
        if !board.cords.enter(leg.id(), &own) {
            return Some(told(page, TroubleTold::Full));
        }
        page.tell(Told::Connected);
        let (board, place) = (Arc::clone(board), Place::Hearing);
        let (ear, recorder) = (Ear::new(page), Recorder::default());
        let mut caller =
            Self { board, ear, wire, leg, place, began, recorder, talk: None, watched, turns: 0, own, letters };
        caller.tell_turns().await;
        caller.hears();
        if let (Some(talk), Ending::Dial(dial)) = (talk, &caller.leg.playing().performance().reply.ending) {
            let (until, limit) = (caller.wire.now().plus(FIND), dial.limit);
            caller.ear.stop();
            caller.board.cords.find_desk(&talk.room, &caller.own);
            caller.place = Place::Finding { talk, until, limit };
        }
        let cause = loop {
            if let Err(cause) = caller.next().await {
                break cause;
            }
        };
        caller.ends(cause).await
    }

    /// Whatever happens next.
    async fn next(&mut self) -> Goes {
        self.pass().await?;
        let wake = self.due();
        let clock = Arc::clone(&self.wire.clock);
        let Self { ear, letters, .. } = self;
        tokio::select! {
            done = ear.does() => {
                let Some(done) = done else {
                    self.ear.has_gone(clock.now());
                    return Ok(());
                };
                self.does(done).await
            }
            Some(letter) = letters.recv() => self.reads(letter).await,
            () = clock.sleep(wake.since(clock.now())) => Ok(()),
        }
    }

    fn due(&self) -> Timestamp {
        let place = match &self.place {
            Place::Hearing => self.leg.playing().due(),
            Place::Ringing { desk: Some(_), .. } => self.wire.now().plus(FIND),
            Place::Ringing { until, desk: None, .. } | Place::Talking { until, .. } | Place::Finding { until, .. } => {
                *until
            }
        };
        self.ear.due().map_or(place, |ear| ear.min(place))
    }

    /// Does what is due.
    async fn pass(&mut self) -> Goes {
        let now = self.wire.now();
        self.ear.pass(now);
        if self.ear.given_up().is_some_and(|then| then <= now) {
            return Err(EndCause::CallerHungUp);
        }
        match &self.place {
            Place::Hearing if self.leg.playing().due() <= now => {
                let then = self.leg.pass(&self.wire).await;
                self.then(then).await
            }
            Place::Ringing { until, desk: None, .. } if *until <= now => {
                self.dial_ends(DialOutcome::NoAnswer, None).await
            }
            Place::Talking { until, talk, .. } | Place::Finding { until, talk, .. } if *until <= now => {
                let talked = talk_s(talk, now);
                self.dial_ends(DialOutcome::Talked, talked).await
            }
            Place::Hearing | Place::Ringing { .. } | Place::Talking { .. } | Place::Finding { .. } => Ok(()),
        }
    }

    /// What has come of a key or of time.
    async fn then(&mut self, then: Result<Then, Trouble>) -> Goes {
        let then = match then {
            Ok(Then::Recorded(take)) => self.recorded(take).await,
            then => then,
        };
        self.tell_turns().await;
        match then {
            // A recording has been, above.
            Ok(Then::Waits | Then::Recorded(_)) => {}
            Ok(Then::Plays) => {
                self.ear.lose_keys();
                self.hears();
            }
            Ok(Then::Rings) => self.rings(),
            Ok(Then::Joins) => return Err(EndCause::Finished),
            Ok(Then::HangsUp(cause)) => return Err(cause),
            Ok(Then::Refuses(_)) => return Err(EndCause::Refused),
            Err(trouble) => {
                lost(&trouble);
                self.ear.trouble(TroubleTold::NoDocument);
                return Err(EndCause::ProviderFault);
            }
        }
        Ok(())
    }

    fn hears(&mut self) {
        self.place = Place::Hearing;
        self.keep_ticket();
        self.recorder = Recorder::default();
        self.ear.hear(self.leg.playing(), &self.board.beep, self.wire.now());
    }

    /// The call is over. The page, if it is still there.
    async fn ends(mut self, cause: EndCause) -> Option<Page> {
        let now = self.wire.now();
        let dialled = match &self.place {
            Place::Hearing => None,
            Place::Ringing { .. } => Some((DialOutcome::Abandoned, None)),
            Place::Talking { talk, .. } | Place::Finding { talk, .. } => Some((DialOutcome::Talked, talk_s(talk, now))),
        };
        self.hangs_up_on_desk();
        self.talk_recorded().await;
        if let Some((outcome, talk_s)) = dialled {
            let what = What::DialEnded { outcome, talk_s, verbatim: outcome.name().to_owned() };
            // Nobody is there to hear the answer.
            let _ = self.leg.ask(&self.wire, Kind::Dialled, what).await;
        }
        if cause == EndCause::CallerHungUp {
            self.ear.stop();
        }
        let seconds = now.since(self.began).as_secs();
        if cause == EndCause::CallerHungUp
            && let Some(take) = self.leg.playing().hang_up()
        {
            let _ = self.recorded(take).await;
        }
        let verbatim = if cause == EndCause::ProviderFault { "failed" } else { self.leg.last_status() };
        let told = self.wire.ended(self.leg.id(), verbatim, u32::try_from(seconds).unwrap_or(u32::MAX)).await;
        if let Err(trouble) = told {
            lost(&trouble);
        }
        if cause == EndCause::CallerHungUp && self.leg.playing().records_from().is_some() {
            let _ = self.leg.nothing_recorded(&self.wire).await;
        }
        self.board.watching.take(self.leg.id());
        self.board.cords.leave(self.leg.id());
        self.ear.tell(Told::Ended { cause, seconds });
        self.ear.take_page()
    }

    fn keep_ticket(&mut self) {
        let arrivals = self.wire.exchange.arrivals();
        let asked = Some(self.leg.asked()).filter(|asked| *asked != arrivals).map(str::to_owned);
        let talk = match &self.place {
            Place::Talking { talk, .. } | Place::Finding { talk, .. } => Some(talk.clone()),
            Place::Hearing | Place::Ringing { .. } => None,
        };
        let (leg, from, to) = (self.leg.id().to_owned(), self.wire.from.clone(), self.wire.to.clone());
        let ticket = Ticket::Caller(CallerTicket { leg, from, to, began: self.began, asked, talk });
        let ticket = self.board.tickets.write(&ticket);
        self.ear.tell(Told::Ticket { ticket });
    }
}

fn arrived(wire: &Wire) -> What {
    let Wire { from, to, .. } = wire.clone();
    What::Arrived(Arrival { caller: from, called: to, forwarded_from: None, simulated: true })
}

/// The URL of a step, as one that brings no news: the step has been made, so it gives the current document.
fn as_next(url: &str) -> Option<String> {
    let place = dialect::Place::parse(url)?;
    place.token?;
    Some(url.replacen(&format!("/{}/", place.kind.name()), &format!("/{}/", Kind::Next.name()), 1))
}

fn talk_s(talk: &Talk, now: Timestamp) -> Option<u32> {
    u32::try_from(now.since(talk.since).as_secs()).ok()
}

fn lost(trouble: &Trouble) {
    tracing::warn!("a call of the phone in the box is lost: {trouble}");
}
