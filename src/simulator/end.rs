//! One end of a scripted call: a leg, what is heard at it, and how long its keys take. What it belongs to is a
//! [`Phone`](super::Phone).

use std::time::Duration;

use super::leg::{Leg, Then, Wire};
use super::pace::Pace;
use super::phone::Mistaken;
use super::playing::{Playing, Take};
use super::said::Said;
use crate::call::{Keys, Kind, Recording, What};

/// From when keys count to the first key: shorter than any timer.
const REACTION: Duration = Duration::from_millis(500);
/// From key to key.
const NEXT_KEY: Duration = Duration::from_millis(250);
/// Where recordings would be; nobody fetches them.
const RECORDINGS: &str = "https://recordings.invalid";

/// One end of a call.
#[derive(Debug)]
pub struct End {
    /// The called number is this end's own.
    wire: Wire,
    leg: Leg,
    heard: Vec<Said>,
}

impl End {
    /// An end that begins with the answer to `what`.
    pub(super) async fn pick_up(
        wire: Wire,
        parent: Option<String>,
        (kind, url): (Kind, &str),
        what: What,
    ) -> Result<Self, Mistaken> {
        let leg = Leg::begin(&wire, parent, kind, url, what).await?;
        let heard = leg.playing().says().cloned().collect();
        Ok(Self { wire, leg, heard })
    }

    pub(super) fn leg(&self) -> &Leg {
        &self.leg
    }

    /// What has been heard since the last action at this end.
    pub(super) fn heard(&self) -> &[Said] {
        &self.heard
    }

    /// This was heard too, before.
    pub(super) fn heard_before(&mut self, before: Vec<Said>) {
        self.heard.splice(0..0, before);
    }

    /// The next action begins.
    pub(super) fn forget(&mut self) {
        self.heard.clear();
    }

    pub(super) fn playing(&self) -> &Playing {
        self.leg.playing()
    }

    pub(super) async fn press(&mut self, clock: &dyn Pace, keys: &Keys) -> Result<(), Mistaken> {
        let Some(from) = self.playing().listens_from().or(self.playing().records_from()) else {
            return Err(Mistaken::NotNow("nothing listens: the keys would be lost"));
        };
        self.heard.clear();
        clock.until(from.max(clock.now()).plus(REACTION)).await;
        for (place, key) in keys.as_str().chars().enumerate() {
            if place > 0 {
                clock.until(clock.now().plus(NEXT_KEY)).await;
            }
            let then = self.leg.press(&self.wire, key).await?;
            self.comes(then).await?;
        }
        if self.playing().is_in_entry() { self.pass(clock).await } else { Ok(()) }
    }

    pub(super) async fn wait_silent(&mut self, clock: &dyn Pace) -> Result<(), Mistaken> {
        if self.playing().listens_from().is_none() {
            return Err(Mistaken::NotNow("nothing listens: there is no listen to run out"));
        }
        self.pass(clock).await
    }

    /// Until something happens by itself.
    pub(super) async fn pass(&mut self, clock: &dyn Pace) -> Result<(), Mistaken> {
        self.heard.clear();
        clock.until(self.playing().due()).await;
        let then = self.leg.pass(&self.wire).await?;
        self.comes(then).await
    }

    /// Sends what happened to the document's URL for it; the answer is heard next.
    pub(super) async fn ask(&mut self, kind: Kind, what: What) -> Result<(), Mistaken> {
        self.leg.ask(&self.wire, kind, what).await?;
        self.hear();
        Ok(())
    }

    pub(super) fn speaks(&mut self) {
        self.leg.speaks(&self.wire);
    }

    /// What was recorded is kept, and the call goes on.
    pub(super) async fn recorded(&mut self, take: Take) -> Result<(), Mistaken> {
        let url = format!("{RECORDINGS}/{:032x}", rand::random::<u128>());
        self.leg.recorded(&self.wire, &url, take).await?;
        self.hear();
        Ok(())
    }

    /// The talk that is over now was recorded, if the document asked for it.
    pub(super) async fn talk_recorded(&self, seconds: u32) -> Result<(), Mistaken> {
        let url = format!("{RECORDINGS}/{:032x}", rand::random::<u128>());
        Ok(self.leg.talk_recorded(&self.wire, Recording::Made { url, seconds, hung_up: false }).await?)
    }

    /// Nothing could be recorded, and the call goes on.
    pub(super) async fn recording_failed(&mut self) -> Result<(), Mistaken> {
        self.heard.clear();
        self.leg.recording_failed(&self.wire).await?;
        self.hear();
        Ok(())
    }

    /// The call is over, and nothing was recorded.
    pub(super) async fn nothing_recorded(&self) -> Result<(), Mistaken> {
        Ok(self.leg.nothing_recorded(&self.wire).await?)
    }

    async fn comes(&mut self, then: Then) -> Result<(), Mistaken> {
        match then {
            Then::Plays => self.hear(),
            Then::Recorded(take) => self.recorded(take).await?,
            Then::Waits | Then::Rings | Then::Joins | Then::HangsUp(_) | Then::Refuses(_) => {}
        }
        Ok(())
    }

    fn hear(&mut self) {
        self.heard.extend(self.leg.playing().says().cloned());
    }
}
