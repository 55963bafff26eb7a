//! What the caller's page does, and what others tell this end.

use std::sync::LazyLock;

use bytes::Bytes;

use super::{Caller, Goes, Place, talk_s};
use crate::audio::tone;
use crate::call::{DialOutcome, EndCause, Ending};
use crate::simulator::{Take, Then, Trouble};
use crate::switchboard::cords::{ToCaller, ToDesk};
use crate::switchboard::letters::speak;
use crate::switchboard::message::{Does, Told, TroubleTold, TurnTold};
use crate::switchboard::page::{FromPage, Page};
use crate::switchboard::playout::listens;
use crate::switchboard::ticket::Talk;

/// What a caller hears who is asked to wait. Made when somebody is for the first time.
static HOLD: LazyLock<Vec<u8>> = LazyLock::new(tone::hold);

impl Caller {
    pub(super) async fn does(&mut self, done: FromPage) -> Goes {
        match done {
            FromPage::Text(Does::Key { key }) => self.press(key).await,
            FromPage::Text(Does::HangUp) => Err(EndCause::CallerHungUp),
            FromPage::Sound(sound) => {
                let now = self.wire.now();
                match &self.place {
                    Place::Talking { desk, .. } => {
                        self.talk.iter_mut().for_each(|talk| talk.caller_says(&sound, now));
                        speak(desk, ToDesk::Voice(sound));
                    }
                    Place::Hearing => self.record(&sound),
                    Place::Ringing { .. } | Place::Finding { .. } => {}
                }
                Ok(())
            }
            FromPage::Text(Does::Watch { on }) => {
                self.watched = on;
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

    pub(super) fn record(&mut self, sound: &[u8]) {
        let records = matches!(self.leg.playing().performance().reply.ending, Ending::Record(_));
        if records && self.recorder.hears(sound, self.wire.now()) {
            self.leg.speaks(&self.wire);
        }
    }

    /// What was recorded is kept, and the document for that goes on.
    pub(super) async fn recorded(&mut self, take: Take) -> Result<Then, Trouble> {
        let name = self.board.recordings.keep(self.recorder.cut(take), self.wire.now());
        self.ear.tell(Told::Recorded { seconds: take.seconds().into() });
        self.leg.recorded(&self.wire, &self.board.recording_url(&name), take).await?;
        Ok(Then::Plays)
    }

    /// Tells an author what went over the wire since this was done last.
    pub(super) async fn tell_turns(&mut self) {
        let seen = self.board.watching.take(self.leg.id());
        let last = seen.len();
        for (number, seen) in (1..).zip(seen) {
            if self.watched {
                let told = seen.told(&self.board, self.leg.id(), None, number == last).await;
                self.tell_turn(told);
            }
        }
    }

    pub(super) fn tell_turn(&mut self, told: TurnTold) {
        self.turns += 1;
        self.ear.tell(Told::Turn(Box::new(TurnTold { number: self.turns, ..told })));
    }

    pub(super) async fn press(&mut self, key: char) -> Goes {
        if !key.is_ascii_digit() && key != '*' && key != '#' {
            self.ear.trouble(TroubleTold::BadMessage);
            return Ok(());
        }
        let lost = !matches!(self.place, Place::Hearing) || !self.leg.playing().takes(key, self.wire.now());
        self.ear.tell(Told::Key { lost });
        if lost {
            return Ok(());
        }
        self.ear.stop();
        let then = self.leg.press(&self.wire, key).await;
        self.then(then).await
    }

    pub(super) async fn reads(&mut self, letter: ToCaller) -> Goes {
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
            (ToCaller::Voice(sound), Place::Talking { .. }) => {
                self.talk.iter_mut().for_each(|talk| talk.desk_says(&sound, now));
                self.ear.play(sound);
            }
            (ToCaller::Held(on), Place::Talking { .. }) => {
                self.talk.iter_mut().for_each(|talk| talk.hold(on));
                self.ear.tell(Told::Held { on });
                if on {
                    self.ear.hear_tone(Bytes::from_static(&HOLD), now);
                } else {
                    self.ear.stop();
                }
            }
            (ToCaller::Turn(told), _) => {
                if self.watched {
                    self.tell_turn(*told);
                }
            }
            // It came too late.
            (ToCaller::Answered(desk) | ToCaller::Found(desk), _) => {
                let _ = desk.try_send(ToDesk::Left);
            }
            (
                ToCaller::Joined(_)
                | ToCaller::Declined
                | ToCaller::Busy
                | ToCaller::Left
                | ToCaller::Voice(_)
                | ToCaller::Held(_),
                Place::Hearing | Place::Ringing { .. } | Place::Talking { .. } | Place::Finding { .. },
            ) => {}
        }
        Ok(())
    }

    /// The page has come back: it is told where the call is.
    pub(super) fn back(&mut self, page: Page) {
        self.ear.back(page);
        self.keep_ticket();
        match &self.place {
            Place::Ringing { until, .. } => {
                let ring_s = until.since(self.wire.now()).as_secs();
                self.ear.tell(Told::Dials { ring_s, desks: self.board.desks() });
            }
            Place::Talking { .. } => self.ear.tell(Told::Talks),
            Place::Hearing => {
                if let Some(told) = listens(self.leg.playing(), self.wire.now()) {
                    self.ear.tell(told);
                }
            }
            Place::Finding { .. } => {}
        }
    }
}
