//! One end of a call: it acts on its document, sends what comes of it, and gets the next.
//!
//! It neither waits nor moves a clock: a scripted [`Phone`](super::Phone) does the one, a live telephone the other. What
//! a dial rings, and what is heard meanwhile, is *not* its business.

use std::sync::Arc;

use super::carrier::Exchange;
use super::playing::{Happening, Playing, Take};
use super::said::{Medium, Said};
use super::trouble::Trouble;
use crate::call::{CallEvent, DialOutcome, EndCause, Ending, Kind, PhoneNumber, Recording, Refusal, Timestamp, What};
use crate::clock::Clock;
use crate::dialect::{Performance, Report};

/// What both ends of a call have in common.
#[derive(Clone)]
pub struct Wire {
    pub exchange: Arc<dyn Exchange>,
    /// `None` if the caller withholds the number.
    pub from: Option<PhoneNumber>,
    pub to: PhoneNumber,
    pub clock: Arc<dyn Clock>,
}

/// One end of a call, with the document that it acts on.
#[derive(Debug)]
pub struct Leg {
    /// As a provider names it.
    id: String,
    /// The caller's leg, for one that was dialled.
    parent: Option<String>,
    /// It does not ring any more.
    answered: bool,
    playing: Playing,
    /// The URL of the request that the document answers.
    asked: String,
}

/// What has come of a key, or of time that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing yet.
    Waits,
    /// There is another document.
    Plays,
    /// A recording is over, with something in it: [`Leg::recorded`] goes on once it is kept.
    Recorded(Take),
    /// Somebody is to be rung.
    Rings,
    /// This end is joined to the other.
    Joins,
    HangsUp(EndCause),
    Refuses(Refusal),
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a wire to {:?}", self.exchange)
    }
}

impl Wire {
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Tells that leg `id` is over, after `seconds`.
    ///
    /// # Errors
    /// [`Trouble`] if that is not acknowledged.
    pub async fn ended(&self, id: &str, verbatim: &str, seconds: u32) -> Result<(), Trouble> {
        // Only a call that was answered has a length.
        let seconds = (verbatim == "completed").then_some(seconds);
        let what = What::CallEnded { verbatim: verbatim.to_owned(), seconds };
        let event = CallEvent { leg: id.to_owned(), parent: None, what };
        self.exchange.tell(Kind::Status, None, self.report(event, true), self.now()).await
    }

    fn report(&self, event: CallEvent, answered: bool) -> Report {
        Report { caller: self.from.clone(), called: self.to.clone(), event, answered, ended_by: None, failed: None }
    }
}

impl Leg {
    /// A new end that begins with the answer to `what`.
    ///
    /// # Errors
    /// [`Trouble`] if that is no document.
    pub async fn begin(
        wire: &Wire,
        parent: Option<String>,
        kind: Kind,
        url: &str,
        what: What,
    ) -> Result<Self, Trouble> {
        let id = format!("CA{:032x}", rand::random::<u128>());
        Self::resume(wire, id, parent, (kind, url), what).await
    }

    /// An end that was known under `id` before, and goes on with the answer to `what`.
    ///
    /// # Errors
    /// As for [`Leg::begin`].
    pub async fn resume(
        wire: &Wire,
        id: String,
        parent: Option<String>,
        (kind, url): (Kind, &str),
        what: What,
    ) -> Result<Self, Trouble> {
        // A leg that was dialled has been picked up, and one that comes back was in a call.
        let answered = kind != Kind::Arrive;
        let event = CallEvent { leg: id.clone(), parent: parent.clone(), what };
        let performance = wire.exchange.ask(kind, url, wire.report(event, answered), wire.now()).await?;
        let answered = answered || answers(&performance);
        // Answers take time.
        Ok(Self { id, parent, answered, playing: Playing::new(performance, wire.now()), asked: url.to_owned() })
    }

    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The URL of the request that the document answers: whoever asks it again gets the document that is current.
    #[must_use]
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The document under way.
    #[must_use]
    pub fn playing(&self) -> &Playing {
        &self.playing
    }

    /// Whether it has been answered: a call rings until its first document says something, listens or records, or until
    /// the dial of that document is joined, where the provider can wait for that.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// The provider's word for how the call has ended, for [`Wire::ended`].
    #[must_use]
    pub fn last_status(&self) -> &'static str {
        match (&self.playing.performance().reply.ending, self.answered) {
            (_, true) => "completed",
            (Ending::Refuse(Refusal::Busy), false) => "busy",
            (_, false) => "no-answer",
        }
    }

    /// The caller is heard now: in a recording, silence has not begun yet.
    pub fn speaks(&mut self, wire: &Wire) {
        self.playing.speaks(wire.now());
    }

    /// A key is pressed now.
    ///
    /// # Errors
    /// [`Trouble`] if what comes of it is no document.
    pub async fn press(&mut self, wire: &Wire, key: char) -> Result<Then, Trouble> {
        let happening = self.playing.press(key, wire.now());
        self.happens(wire, happening).await
    }

    /// Time has passed.
    ///
    /// # Errors
    /// As for [`Leg::press`].
    pub async fn pass(&mut self, wire: &Wire) -> Result<Then, Trouble> {
        let happening = self.playing.pass(wire.now());
        self.happens(wire, happening).await
    }

    /// Something has happened outside of this leg, such as the end of a dial. Its document says where to send it.
    ///
    /// # Errors
    /// As for [`Leg::press`], and [`Trouble::NoUrl`].
    pub async fn ask(&mut self, wire: &Wire, kind: Kind, what: What) -> Result<(), Trouble> {
        let url = self.playing.performance().urls.get(&kind).ok_or(Trouble::NoUrl(kind))?;
        let joined = matches!(what, What::DialEnded { outcome: DialOutcome::Talked, .. });
        let report = wire.report(self.event(what), self.answered || joined);
        let performance = wire.exchange.ask(kind, url, report, wire.now()).await?;
        self.asked.clone_from(url);
        self.goes_on(performance, joined, wire.now());
        Ok(())
    }

    /// What was recorded can be fetched at `url`: the action is told so and the call goes on, and whoever wants to fetch
    /// it is told too. After a hang-up what answers is heard by nobody.
    ///
    /// # Errors
    /// As for [`Leg::ask`].
    pub async fn recorded(&mut self, wire: &Wire, url: &str, take: Take) -> Result<(), Trouble> {
        let made = |hung_up| Recording::Made { url: url.to_owned(), seconds: take.seconds(), hung_up };
        let named = |kind| self.playing.performance().urls.get(&kind).cloned().ok_or(Trouble::NoUrl(kind));
        let (action, file) = (named(Kind::Recorded)?, named(Kind::File)?);
        let report = wire.report(self.event(What::Recorded(made(take.is_hung_up()))), true);
        let report = Report { ended_by: take.digits(), ..report };
        let performance = wire.exchange.ask(Kind::Recorded, &action, report, wire.now()).await?;
        self.asked = action;
        self.goes_on(performance, true, wire.now());
        let ready = wire.report(self.event(What::FileReady(made(false))), true);
        wire.exchange.tell(Kind::File, Some(&file), ready, wire.now()).await
    }

    /// The talk of the document's dial was recorded: whoever wants to fetch that is told so, if the document asked for it.
    ///
    /// # Errors
    /// As for [`Leg::ask`].
    pub async fn talk_recorded(&self, wire: &Wire, recording: Recording) -> Result<(), Trouble> {
        let Some(talk) = self.playing.performance().urls.get(&Kind::Talk) else { return Ok(()) };
        let ready = wire.report(self.event(What::TalkReady(recording)), true);
        wire.exchange.tell(Kind::Talk, Some(talk), ready, wire.now()).await
    }

    /// Nothing was recorded before the hang-up: whoever waits for a file is told so.
    ///
    /// # Errors
    /// As for [`Leg::ask`].
    pub async fn nothing_recorded(&self, wire: &Wire) -> Result<(), Trouble> {
        let Some(file) = self.playing.performance().urls.get(&Kind::File) else { return Ok(()) };
        let absent = wire.report(self.event(What::FileReady(Recording::Nothing)), true);
        wire.exchange.tell(Kind::File, Some(file), absent, wire.now()).await
    }

    /// The provider could not record: whoever waits for a file is told so, and the document goes on behind it.
    ///
    /// # Errors
    /// As for [`Leg::ask`].
    pub async fn recording_failed(&mut self, wire: &Wire) -> Result<(), Trouble> {
        let file = self.playing.performance().urls.get(&Kind::File).ok_or(Trouble::NoUrl(Kind::File))?;
        let failed = wire.report(self.event(What::FileReady(Recording::Failed)), true);
        wire.exchange.tell(Kind::File, Some(file), failed, wire.now()).await?;
        self.ask(wire, Kind::Recorded, What::Recorded(Recording::Nothing)).await
    }

    fn event(&self, what: What) -> CallEvent {
        CallEvent { leg: self.id.clone(), parent: self.parent.clone(), what }
    }

    fn goes_on(&mut self, performance: Performance<Said>, joined: bool, now: Timestamp) {
        self.answered = self.answered || joined || answers(&performance);
        self.playing = Playing::new(performance, now);
    }

    async fn happens(&mut self, wire: &Wire, happening: Option<Happening>) -> Result<Then, Trouble> {
        Ok(match happening {
            None => Then::Waits,
            Some(Happening::Ask(kind, what)) => {
                self.ask(wire, kind, what).await?;
                Then::Plays
            }
            Some(Happening::Recorded(take)) => Then::Recorded(take),
            Some(Happening::Rings) => Then::Rings,
            Some(Happening::Joins) => Then::Joins,
            Some(Happening::HangsUp(cause)) => Then::HangsUp(cause),
            Some(Happening::Refuses(refusal)) => Then::Refuses(refusal),
        })
    }
}

/// Whether a document answers a call that rings.
fn answers(performance: &Performance<Said>) -> bool {
    // A pause that comes first only lets it ring for longer.
    let says = performance.reply.prompts.iter().any(|said| said.medium == Medium::Clip || said.has_words());
    says || match performance.reply.ending {
        Ending::Listen(_) | Ending::Record(_) => true,
        Ending::Dial(_) => !performance.answers_on_bridge,
        Ending::GoTo | Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => false,
    }
}
