//! The provider in the box, live: browsers call our own line through it and talk to each other, on one machine or a LAN.
//!
//! It does what a telephony provider does, in real time, with our documents: it is *not* a second engine, and it rings no
//! telephone but desks in browsers. Start with [`Switchboard::caller`]; what a page says and hears is in [`message`].

mod caller;
mod cords;
mod desk;
mod ear;
pub mod message;
mod page;
mod playout;
mod ticket;

use std::sync::Arc;

use bytes::Bytes;

pub use page::{Cord, FromPage, ToPage};

use crate::audio::tone;
use crate::clock::Clock;
use crate::simulator::Exchange;
use crate::store::CallKey;
use cords::Cords;
use page::Page;
use ticket::Tickets;

/// The phones of this process.
pub struct Switchboard {
    exchange: Arc<dyn Exchange>,
    clock: Arc<dyn Clock>,
    tickets: Tickets,
    cords: Cords,
    ringing: Bytes,
}

impl std::fmt::Debug for Switchboard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a switchboard on {:?}", self.exchange)
    }
}

impl Switchboard {
    /// One that calls through `exchange`; `key` seals what pages keep of their calls.
    #[must_use]
    pub fn new(exchange: Arc<dyn Exchange>, clock: Arc<dyn Clock>, key: CallKey) -> Arc<Self> {
        let (tickets, ringing) = (Tickets(key), tone::ringing().into());
        Arc::new(Self { exchange, clock, tickets, cords: Cords::default(), ringing })
    }

    /// A telephone to call from. The other end of its cord must be on a runtime.
    #[must_use]
    pub fn caller(self: &Arc<Self>) -> Cord {
        let (cord, page) = Page::plugged_in();
        tokio::spawn(caller::run(Arc::clone(self), page));
        cord
    }

    /// A desk where calls ring.
    #[must_use]
    pub fn desk(self: &Arc<Self>) -> Cord {
        let (cord, page) = Page::plugged_in();
        tokio::spawn(desk::run(Arc::clone(self), page));
        cord
    }

    /// How many desks can answer a call now.
    #[must_use]
    pub fn desks(&self) -> usize {
        self.cords.desks()
    }
}
