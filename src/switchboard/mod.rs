//! The provider in the box, live: browsers call our own line through it and talk to each other, on one machine or a LAN.
//!
//! It does what a telephony provider does, in real time, with our documents: it is *not* a second engine, and it rings no
//! telephone but desks in browsers. Start with [`Switchboard::caller`]; what a page says and hears is in [`message`].

mod caller;
mod cords;
mod desk;
mod ear;
mod letters;
pub mod message;
mod page;
mod playout;
mod recording;
mod ticket;
mod watch;

use std::sync::Arc;

use bytes::Bytes;

pub use page::{Cord, FromPage, ToPage};
pub use watch::Watching;

use crate::audio::tone;
use crate::clock::Clock;
use crate::service::Service;
use crate::simulator::Exchange;
use crate::store::CallKey;
use cords::Cords;
use page::Page;
use recording::Recordings;
use ticket::Tickets;

/// The path of recordings; behind it stands a name with `.wav`.
pub const RECORDINGS: &str = "/phone/recordings/";

/// What a switchboard works with.
pub struct Setup {
    /// What calls go through; it tells `watching` of every request.
    pub exchange: Arc<dyn Exchange>,
    pub watching: Arc<Watching>,
    /// Tells authors what the line did.
    pub service: Arc<Service>,
    pub clock: Arc<dyn Clock>,
    /// Seals what pages keep of their calls.
    pub key: CallKey,
}

/// The phones of this process.
pub struct Switchboard {
    exchange: Arc<dyn Exchange>,
    watching: Arc<Watching>,
    service: Arc<Service>,
    clock: Arc<dyn Clock>,
    tickets: Tickets,
    cords: Cords,
    recordings: Recordings,
    ringing: Bytes,
    beep: Bytes,
}

impl std::fmt::Debug for Switchboard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a switchboard on {:?}", self.exchange)
    }
}

impl Switchboard {
    #[must_use]
    pub fn new(setup: Setup) -> Arc<Self> {
        let Setup { exchange, watching, service, clock, key } = setup;
        Arc::new(Self {
            exchange,
            watching,
            service,
            clock,
            tickets: Tickets(key),
            cords: Cords::default(),
            recordings: Recordings::default(),
            ringing: tone::ringing().into(),
            beep: tone::beep().into(),
        })
    }

    /// A telephone to call from. The other end of its cord must be on a runtime.
    #[must_use]
    pub fn caller(self: &Arc<Self>) -> Cord {
        let (cord, page) = Page::plugged_in();
        tokio::spawn(caller::run(Arc::clone(self), page));
        cord
    }

    /// The desk of an operator, by their number: it rings for them, and for whatever is for all desks. An operator has
    /// one: another page takes the place of the first, with the call that it has.
    #[must_use]
    pub fn desk(self: &Arc<Self>, operator: &str) -> Cord {
        let (cord, page) = Page::plugged_in();
        if let Err(page) = self.cords.other_page(operator, page) {
            tokio::spawn(desk::run(Arc::clone(self), operator.to_owned(), page));
        }
        cord
    }

    /// How many desks can answer a call now.
    #[must_use]
    pub fn desks(&self) -> usize {
        self.cords.desks()
    }

    /// What was recorded, by its name in [`RECORDINGS`]: a WAV file. `None` if there is none, or not any more.
    #[must_use]
    pub fn recording(&self, name: &str) -> Option<Bytes> {
        self.recordings.get(name, self.clock.now())
    }

    fn recording_url(&self, name: &str) -> String {
        self.service.settings().public.join(&format!("{RECORDINGS}{name}.wav"))
    }
}
