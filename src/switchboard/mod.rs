//! The provider in the box, live: browsers call our own line through it and talk to each other, on one machine or a LAN.
//!
//! It does what a telephony provider does, in real time, with our documents: it is *not* a second engine. What a page
//! says and hears is in [`message`].

pub mod message;
mod page;

use std::sync::Arc;

use bytes::Bytes;

pub use page::{Cord, FromPage, ToPage};

use crate::simulator::Exchange;

/// Stands in until the switchboard is there.
#[derive(Debug)]
pub struct Switchboard {
    exchange: Arc<dyn Exchange>,
}

impl Switchboard {
    #[must_use]
    pub fn new(exchange: Arc<dyn Exchange>) -> Arc<Self> {
        Arc::new(Self { exchange })
    }

    #[must_use]
    pub fn caller(self: &Arc<Self>) -> Cord {
        let (cord, mut page) = page::Page::plugged_in();
        let arrivals = self.exchange.arrivals();
        tokio::spawn(async move {
            tracing::debug!("calls would go to {arrivals}");
            while let Some(from) = page.does().await {
                match from {
                    FromPage::Text(_) => page.tell(message::Told::Connected),
                    FromPage::Unreadable => page.trouble(message::TroubleTold::BadMessage),
                    FromPage::Sound(sound) => page.play(sound),
                }
            }
        });
        cord
    }

    #[must_use]
    pub fn desk(self: &Arc<Self>) -> Cord {
        self.caller()
    }

    #[must_use]
    pub fn desks(&self) -> usize {
        0
    }

    #[must_use]
    pub fn recording(&self, _name: &str) -> Option<Bytes> {
        None
    }
}
