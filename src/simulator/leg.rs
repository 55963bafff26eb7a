//! One end of a call: it acts on its document, sends what comes of it, and gets the next.
//!
//! It neither waits nor moves a clock: a scripted [`Phone`](super::Phone) does the one, a live telephone the other. What
//! a dial rings, and what is heard meanwhile, is *not* its business.

use std::sync::Arc;

use super::carrier::{Exchange, Trouble};
use super::playing::{Happening, Playing};
use crate::call::{CallEvent, EndCause, Kind, PhoneNumber, Refusal, Timestamp, What};
use crate::clock::Clock;
use crate::dialect::Report;

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
        let what = What::CallEnded { verbatim: verbatim.to_owned(), seconds: Some(seconds) };
        self.exchange.tell(Kind::Status, self.report(id, None, what), self.now()).await
    }

    fn report(&self, leg: &str, parent: Option<String>, what: What) -> Report {
        let event = CallEvent { leg: leg.to_owned(), parent, what };
        Report { caller: self.from.clone(), called: self.to.clone(), event, failed: None }
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
        let performance = wire.exchange.ask(kind, url, wire.report(&id, parent.clone(), what), wire.now()).await?;
        // Answers take time.
        Ok(Self { id, parent, playing: Playing::new(performance, wire.now()), asked: url.to_owned() })
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
        let report = wire.report(&self.id, self.parent.clone(), what);
        let performance = wire.exchange.ask(kind, url, report, wire.now()).await?;
        self.asked = url.clone();
        self.playing = Playing::new(performance, wire.now());
        Ok(())
    }

    async fn happens(&mut self, wire: &Wire, happening: Option<Happening>) -> Result<Then, Trouble> {
        Ok(match happening {
            None => Then::Waits,
            Some(Happening::Ask(kind, what)) => {
                self.ask(wire, kind, what).await?;
                Then::Plays
            }
            Some(Happening::Rings) => Then::Rings,
            Some(Happening::Joins) => Then::Joins,
            Some(Happening::HangsUp(cause)) => Then::HangsUp(cause),
            Some(Happening::Refuses(refusal)) => Then::Refuses(refusal),
        })
    }
}
