//! An end with its page: what is heard goes out in time, and a page that is gone is waited for.

use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;

use bytes::Bytes;

use super::message::{Does, Told, TroubleTold};
use super::page::{FromPage, Page};
use super::playout::{Out, Playout};
use crate::call::Timestamp;
use crate::simulator::Playing;

/// How long a page may be gone before its end hangs up: long enough to start a server again.
pub(super) const GRACE: Duration = Duration::from_secs(20);

/// Ear and mouth of one end.
pub(super) struct Ear {
    page: Option<Page>,
    gone_since: Option<Timestamp>,
    playout: Playout,
    /// What the page did while a document was on its way.
    later: VecDeque<FromPage>,
}

impl Ear {
    pub(super) fn new(page: Page) -> Self {
        Self { page: Some(page), gone_since: None, playout: Playout::silent(), later: VecDeque::new() }
    }

    /// The page goes elsewhere.
    pub(super) fn take_page(&mut self) -> Option<Page> {
        self.page.take()
    }

    /// The page is there again.
    pub(super) fn back(&mut self, page: Page) {
        self.page = Some(page);
        self.gone_since = None;
        self.later.clear();
        self.tell(Told::Connected);
        self.playout.tell_again();
    }

    /// What the page does next; [`Ear::has_gone`] is told if that is nothing more.
    pub(super) async fn does(&mut self) -> Option<FromPage> {
        if let Some(done) = self.later.pop_front() {
            return Some(done);
        }
        match &mut self.page {
            Some(page) => page.does().await,
            None => pending().await,
        }
    }

    pub(super) fn has_gone(&mut self, now: Timestamp) {
        self.page = None;
        self.gone_since = Some(now);
    }

    /// When it has been gone for too long.
    pub(super) fn given_up(&self) -> Option<Timestamp> {
        self.gone_since.map(|since| since.plus(GRACE))
    }

    /// Keys that were pressed while a document was on its way are lost, as with any provider; the rest is for later.
    pub(super) fn lose_keys(&mut self) {
        while let Some(done) = self.page.as_mut().and_then(Page::has_done) {
            match done {
                FromPage::Text(Does::Key { .. }) => self.tell(Told::Key { lost: true }),
                FromPage::Sound(_) => {}
                FromPage::Text(_) | FromPage::Unreadable => self.later.push_back(done),
            }
        }
    }

    pub(super) fn tell(&mut self, told: Told) {
        if let Some(page) = &mut self.page {
            page.tell(told);
        }
    }

    pub(super) fn trouble(&mut self, what: TroubleTold) {
        self.tell(Told::Trouble { what });
    }

    pub(super) fn play(&self, sound: Bytes) {
        if let Some(page) = &self.page {
            page.play(sound);
        }
    }

    /// A document is heard from now on.
    pub(super) fn hear(&mut self, playing: &Playing, beep: &Bytes, now: Timestamp) {
        self.playout.document(playing, beep, now);
    }

    /// A tone is heard from now on.
    pub(super) fn hear_tone(&mut self, tone: Bytes, now: Timestamp) {
        self.playout.tone(tone, now);
    }

    /// Nothing is heard from now on.
    pub(super) fn stop(&mut self) {
        if self.playout.stop() {
            self.tell(Told::Stops);
        }
    }

    /// When something is to go out, or it has been gone for too long.
    pub(super) fn due(&self) -> Option<Timestamp> {
        [self.playout.due(), self.given_up()].into_iter().flatten().min()
    }

    /// Sends what is due.
    pub(super) fn pass(&mut self, now: Timestamp) {
        for out in self.playout.pass(now) {
            match out {
                Out::Told(told) => self.tell(told),
                Out::Sound(sound) => self.play(sound),
            }
        }
    }
}
