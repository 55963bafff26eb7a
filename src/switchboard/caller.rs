//! The caller's end of a call, live: one task that hears documents in real time, presses what its page presses, and rings
//! desks where a document dials.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Switchboard;
use super::cords::{MOST_LETTERS, Ringing, ToCaller, ToDesk};
use super::ear::Ear;
use super::message::{Does, Told, TroubleTold};
use super::page::{FromPage, Page};
use super::ticket::{CallerTicket, Talk, Ticket};
use crate::call::{Arrival, DialOutcome, EndCause, Ending, Kind, PhoneNumber, Timestamp, What};
use crate::dialect;
use crate::simulator::{Leg, Then, Trouble, Wire};

/// How long an end waits for the other, after the server was started again in a talk.
pub(super) const FIND: Duration = Duration::from_secs(20);

/// A page, until it is gone: it may call again and again.
pub(super) async fn run(board: Arc<Switchboard>, page: Page) {
    let mut page = Some(page);
    while let Some(mut here) = page.take() {
        page = match here.does().await {
            None => return,
            Some(FromPage::Text(Does::Call { from, to })) => match numbers(from.as_deref(), &to) {
                Some((from, to)) => Caller::call(&board, here, from, to).await,
                None => told(here, TroubleTold::BadNumber),
            },
            Some(FromPage::Text(Does::Resume { ticket })) => match board.tickets.read(&ticket) {
                Some(Ticket::Caller(ticket)) => match board.cords.back_to_caller(&ticket.leg, here) {
                    Ok(()) => return,
                    Err(here) => Caller::take_up(&board, here, ticket).await,
                },
                Some(Ticket::Desk { .. }) | None => told(here, TroubleTold::CallGone),
            },
            Some(FromPage::Sound(_)) => Some(here),
            Some(FromPage::Text(_)) => told(here, TroubleTold::NotNow),
            Some(FromPage::Unreadable) => told(here, TroubleTold::BadMessage),
        };
    }
}

fn told(mut page: Page, what: TroubleTold) -> Option<Page> {
    page.trouble(what);
    Some(page)
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
    async fn call(board: &Arc<Switchboard>, page: Page, from: Option<PhoneNumber>, to: PhoneNumber) -> Option<Page> {
        let wire = Wire { exchange: Arc::clone(&board.exchange), from, to, clock: Arc::clone(&board.clock) };
        let began = wire.now();
        let url = wire.exchange.arrivals();
        let leg = Leg::begin(&wire, None, Kind::Arrive, &url, arrived(&wire)).await;
        Self::goes_on(board, page, wire, leg, (began, None)).await
    }

    /// Goes on with a call that another process has had.
    async fn take_up(board: &Arc<Switchboard>, page: Page, ticket: CallerTicket) -> Option<Page> {
        let CallerTicket { leg, from, to, began, asked, talk } = ticket;
        let wire = Wire { exchange: Arc::clone(&board.exchange), from, to, clock: Arc::clone(&board.clock) };
        let again = asked.as_deref().and_then(as_next);
        let leg = match &again {
            Some(url) => Leg::resume(&wire, leg, None, (Kind::Next, url), What::Continued).await,
            None => {
                let url = wire.exchange.arrivals();
                Leg::resume(&wire, leg, None, (Kind::Arrive, &url), arrived(&wire)).await
            }
        };
        Self::goes_on(board, page, wire, leg, (began, talk)).await
    }

    async fn goes_on(
        board: &Arc<Switchboard>,
        mut page: Page,
        wire: Wire,
        leg: Result<Leg, Trouble>,
        (began, talk): (Timestamp, Option<Talk>),
    ) -> Option<Page> {
        let leg = match leg {
            Ok(leg) => leg,
            Err(trouble) => {
                lost(&trouble);
                return told(page, TroubleTold::NoDocument);
            }
        };
        let (own, letters) = mpsc::channel(MOST_LETTERS);
        if !board.cords.enter(leg.id(), &own) {
            return told(page, TroubleTold::Full);
        }
        page.tell(Told::Connected);
        let (board, place) = (Arc::clone(board), Place::Hearing);
        let mut caller = Self { board, ear: Ear::new(page), wire, leg, place, began, own, letters };
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
            done = ear.does() => match done {
                Some(done) => self.does(done).await,
                None => {
                    self.ear.has_gone(clock.now());
                    Ok(())
                }
            },
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
                self.then(then)
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

    async fn does(&mut self, done: FromPage) -> Goes {
        match done {
            FromPage::Text(Does::Key { key }) => self.press(key).await,
            FromPage::Text(Does::HangUp) => Err(EndCause::CallerHungUp),
            FromPage::Sound(sound) => {
                if let Place::Talking { desk, .. } = &self.place {
                    let _ = desk.try_send(ToDesk::Voice(sound));
                }
                Ok(())
            }
            FromPage::Text(_) => {
                self.ear.trouble(TroubleTold::NotNow);
                Ok(())
            }
            FromPage::Unreadable => {
                self.ear.trouble(TroubleTold::BadMessage);
                Ok(())
            }
        }
    }

    async fn press(&mut self, key: char) -> Goes {
        if !key.is_ascii_digit() && key != '*' && key != '#' {
            self.ear.trouble(TroubleTold::BadMessage);
            return Ok(());
        }
        let from = self.leg.playing().listens_from();
        let lost = !matches!(self.place, Place::Hearing) || from.is_none_or(|from| self.wire.now() < from);
        self.ear.tell(Told::Key { lost });
        if lost {
            return Ok(());
        }
        self.ear.stop();
        let then = self.leg.press(&self.wire, key).await;
        self.then(then)
    }

    async fn reads(&mut self, letter: ToCaller) -> Goes {
        let now = self.wire.now();
        match (letter, &mut self.place) {
            (ToCaller::Back(page), _) => self.back(page),
            (ToCaller::Answered(desk), Place::Ringing { desk: nobody, .. }) => *nobody = Some(desk),
            (ToCaller::Joined(room), Place::Ringing { desk: Some(desk), limit, .. }) => {
                let (desk, until) = (desk.clone(), now.plus(*limit));
                self.talks(desk, Talk { room, since: now }, until);
            }
            (ToCaller::Found(desk), Place::Finding { talk, limit, .. }) => {
                let (talk, until) = (talk.clone(), talk.since.plus(*limit));
                self.talks(desk, talk, until);
            }
            (ToCaller::Declined, Place::Ringing { .. }) => return self.dial_ends(DialOutcome::Declined, None).await,
            (ToCaller::Busy, Place::Ringing { desk: None, .. }) => {
                return self.dial_ends(DialOutcome::Busy, None).await;
            }
            (ToCaller::Left, Place::Talking { talk, .. }) => {
                let talked = talk_s(talk, now);
                return self.dial_ends(DialOutcome::Talked, talked).await;
            }
            (ToCaller::Voice(sound), Place::Talking { .. }) => self.ear.play(sound),
            // It came too late.
            (ToCaller::Answered(desk) | ToCaller::Found(desk), _) => {
                let _ = desk.try_send(ToDesk::Left);
            }
            (
                ToCaller::Joined(_) | ToCaller::Declined | ToCaller::Busy | ToCaller::Left | ToCaller::Voice(_),
                Place::Hearing | Place::Ringing { .. } | Place::Talking { .. } | Place::Finding { .. },
            ) => {}
        }
        Ok(())
    }

    /// The page has come back: it is told where the call is.
    fn back(&mut self, page: Page) {
        self.ear.back(page);
        self.keep_ticket();
        match &self.place {
            Place::Hearing => {}
            Place::Ringing { until, .. } => {
                let ring_s = until.since(self.wire.now()).as_secs();
                self.ear.tell(Told::Dials { ring_s, desks: self.board.desks() });
            }
            Place::Talking { .. } => self.ear.tell(Told::Talks),
            Place::Finding { .. } => {}
        }
    }

    fn talks(&mut self, desk: mpsc::Sender<ToDesk>, talk: Talk, until: Timestamp) {
        self.ear.stop();
        self.place = Place::Talking { desk, talk, until };
        self.keep_ticket();
        self.ear.tell(Told::Talks);
    }

    /// What has come of a key or of time.
    fn then(&mut self, then: Result<Then, Trouble>) -> Goes {
        match then {
            Ok(Then::Waits) => {}
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
        self.ear.hear(self.leg.playing(), self.wire.now());
    }

    fn rings(&mut self) {
        let performance = self.leg.playing().performance();
        let Ending::Dial(dial) = &performance.reply.ending else { return };
        let now = self.wire.now();
        let (until, limit, ring_s) = (now.plus(dial.ring), dial.limit, dial.ring.as_secs());
        let ringing = Ringing {
            wire: self.wire.clone(),
            leg: self.leg.id().to_owned(),
            whisper: performance.urls.get(&Kind::Whisper).cloned(),
            until,
            caller: self.own.clone(),
        };
        let (call, desks) = self.board.cords.ring(ringing);
        self.place = Place::Ringing { call, until, limit, desk: None };
        self.ear.tell(Told::Dials { ring_s, desks });
        self.ear.hear_tone(self.board.ringing.clone(), now);
    }

    /// The dial is over; the document for that goes on.
    async fn dial_ends(&mut self, outcome: DialOutcome, talk_s: Option<u32>) -> Goes {
        self.hangs_up_on_desk();
        self.ear.stop();
        self.ear.tell(Told::Apart { outcome });
        let what = What::DialEnded { outcome, talk_s, verbatim: outcome.name().to_owned() };
        let then = self.leg.ask(&self.wire, Kind::Dialled, what).await;
        self.then(then.map(|()| Then::Plays))
    }

    /// The desk that rings, or talks, is let go.
    fn hangs_up_on_desk(&mut self) {
        match std::mem::replace(&mut self.place, Place::Hearing) {
            Place::Ringing { call, desk, .. } => {
                self.board.cords.take(&call);
                desk.and_then(|desk| desk.try_send(ToDesk::Left).ok());
            }
            Place::Talking { desk, .. } => {
                let _ = desk.try_send(ToDesk::Left);
            }
            Place::Finding { talk, .. } => self.board.cords.talked(&talk.room),
            Place::Hearing => {}
        }
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
        if let Some((outcome, talk_s)) = dialled {
            let what = What::DialEnded { outcome, talk_s, verbatim: outcome.name().to_owned() };
            // Nobody is there to hear the answer.
            let _ = self.leg.ask(&self.wire, Kind::Dialled, what).await;
        }
        if cause == EndCause::CallerHungUp {
            self.ear.stop();
        }
        let seconds = now.since(self.began).as_secs();
        let verbatim = match cause {
            EndCause::Refused => "busy",
            EndCause::ProviderFault => "failed",
            _ => "completed",
        };
        let told = self.wire.ended(self.leg.id(), verbatim, u32::try_from(seconds).unwrap_or(u32::MAX)).await;
        if let Err(trouble) = told {
            lost(&trouble);
        }
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
    let (caller, called) = (wire.from.clone(), wire.to.clone());
    What::Arrived(Arrival { caller, called, forwarded_from: None, simulated: true })
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
