//! The switchboard's end of a page: what it does comes in, what it is told goes out.
//!
//! A page that is slow loses sound, never words; one that takes no words any more counts as gone.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::message::{Does, Told, TroubleTold};

/// How many messages may lie before a page, and before us.
const MOST_WAITING: usize = 256;
/// From when on sound is dropped: two seconds of it, in pieces of 20 ms.
const MOST_SOUND: usize = 100;

/// What connects a page to the switchboard. It is plugged out by dropping it.
#[derive(Debug)]
pub struct Cord {
    /// From the page.
    pub to: mpsc::Sender<FromPage>,
    /// To the page.
    pub from: mpsc::Receiver<ToPage>,
}

/// What comes from a page.
#[derive(Debug)]
pub enum FromPage {
    Text(Does),
    /// Something that is none of it.
    Unreadable,
    /// Mu-law samples of its microphone.
    Sound(Bytes),
}

/// What goes to a page.
#[derive(Debug)]
pub enum ToPage {
    Text(Told),
    /// Mu-law samples to be played.
    Sound(Bytes),
}

/// Our end of a [`Cord`].
#[derive(Debug)]
pub(super) struct Page {
    from: mpsc::Receiver<FromPage>,
    to: mpsc::Sender<ToPage>,
}

impl Page {
    pub(super) fn plugged_in() -> (Cord, Self) {
        let (to, from_page) = mpsc::channel(MOST_WAITING);
        let (to_page, from) = mpsc::channel(MOST_WAITING);
        (Cord { to, from }, Self { from: from_page, to: to_page })
    }

    /// What the page does next; `None` once it is gone.
    pub(super) async fn does(&mut self) -> Option<FromPage> {
        self.from.recv().await
    }

    /// What it has done already.
    pub(super) fn has_done(&mut self) -> Option<FromPage> {
        self.from.try_recv().ok()
    }

    pub(super) fn tell(&mut self, told: Told) {
        if self.to.try_send(ToPage::Text(told)).is_err() {
            // Words would be missing: it has to come again.
            self.from.close();
        }
    }

    pub(super) fn play(&self, sound: Bytes) {
        if self.to.capacity() > MOST_WAITING - MOST_SOUND {
            let _ = self.to.try_send(ToPage::Sound(sound));
        }
    }

    pub(super) fn trouble(&mut self, what: TroubleTold) {
        self.tell(Told::Trouble { what });
    }
}
