//! What happens in a call from the terminal: what is typed, keys, time that has passed, a dial and its end.

use std::time::Duration;

use super::call::{Call, Failed, Stage};
use super::event::{Event, Who};
use super::hand::Typed;
use super::side::Side;
use crate::call::{Dial, DialOutcome, EndCause, Ending, Kind, What};
use crate::simulator::{Leg, Said, Then};

/// From key to key of a script.
const NEXT_KEY: Duration = Duration::from_millis(250);
/// How many documents in a row may say nothing and go on.
const MOST_UNNOTICED: u32 = 10;

impl Call<'_> {
    pub(super) async fn does(&mut self, typed: Typed) -> Result<(), Failed> {
        match (&mut self.stage, typed) {
            (_, Typed::HangUp) => self.hangs_up().await,
            (_, Typed::Keys(keys)) => {
                self.keys.extend(keys.as_str().chars());
                self.next_key = self.wire.now();
                Ok(())
            }
            (_, Typed::Wait) => {
                self.waits = true;
                Ok(())
            }
            (Stage::Ringing { .. }, Typed::Answer) => self.answers().await,
            (Stage::Ringing { .. }, Typed::Busy) => self.dial_ends(DialOutcome::Busy).await,
            (Stage::Ringing { .. } | Stage::Answered(_), Typed::Decline) => self.dial_ends(DialOutcome::Declined).await,
            (Stage::Talking { since, until }, Typed::Talk(time)) => {
                let now = self.wire.now();
                *until = since.plus(time).min(*until);
                if *until <= now {
                    return self.dial_ends(DialOutcome::Talked).await;
                }
                self.waits = true;
                Ok(())
            }
            (_, typed @ (Typed::Answer | Typed::Busy | Typed::Decline | Typed::Talk(_))) => {
                if self.hand.is_paced {
                    Err(Failed::Misfit(typed.name()))
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Something happens by itself.
    pub(super) async fn passes(&mut self) -> Result<(), Failed> {
        let (now, next_key) = (self.wire.now(), self.next_key);
        let (nothing_to_say, at_its_end) = (self.has_nothing_to_say(), self.is_at_its_end());
        match &mut self.stage {
            Stage::Hearing if now >= self.caller.leg.playing().due() => {
                if self.caller.asks() && at_its_end {
                    return self.hangs_up().await;
                }
                let then = self.caller.leg.pass(&self.wire).await?;
                self.caller_then(then).await
            }
            Stage::Answered(side) if now >= side.leg.playing().due() => {
                let then = side.leg.pass(&self.wire).await?;
                self.operator_then(then).await
            }
            Stage::Ringing { until, .. } if now >= *until => self.dial_ends(DialOutcome::NoAnswer).await,
            Stage::Talking { until, .. } if now >= *until || nothing_to_say => {
                self.dial_ends(DialOutcome::Talked).await
            }
            Stage::Talking { .. } if at_its_end => self.hangs_up().await,
            Stage::Hearing | Stage::Ringing { .. } | Stage::Answered(_) | Stage::Talking { .. } | Stage::Over(_) => {
                match self.keys.pop_front_if(|_| next_key <= now) {
                    Some(key) => self.presses(key).await,
                    None => Ok(()),
                }
            }
        }
    }

    async fn presses(&mut self, key: char) -> Result<(), Failed> {
        let now = self.wire.now();
        self.next_key = now.plus(NEXT_KEY);
        let (who, counts) = match &self.stage {
            Stage::Answered(side) => (Who::Operator, side.counts(key, now)),
            Stage::Hearing => (Who::Caller, self.caller.counts(key, now)),
            Stage::Ringing { .. } | Stage::Talking { .. } | Stage::Over(_) => (Who::Caller, false),
        };
        self.event(&Event::Key { who, key, lost: !counts });
        if !counts {
            self.lost += usize::from(self.hand.is_paced);
            return Ok(());
        }
        self.ears.stops();
        if let Stage::Answered(side) = &mut self.stage {
            side.stops(now);
            let then = side.leg.press(&self.wire, key).await?;
            return self.operator_then(then).await;
        }
        self.caller.stops(now);
        let then = self.caller.leg.press(&self.wire, key).await?;
        self.caller_then(then).await
    }

    async fn caller_then(&mut self, then: Then) -> Result<(), Failed> {
        match then {
            // Nobody speaks into a terminal.
            Then::Waits | Then::Recorded(_) => Ok(()),
            Then::Plays => self.plays(),
            Then::Rings => {
                self.rings();
                Ok(())
            }
            // Its own end is told nothing more.
            Then::Joins => self.ends(EndCause::Finished).await,
            Then::HangsUp(cause) => {
                let known = self.ears.known.as_ref();
                // A provider's document tells no cause.
                let said = self.caller.leg.playing();
                let sorry = known.is_some_and(|known| said.says().any(|said| known.is_apology(said)));
                self.ends(if sorry { EndCause::OurFault } else { cause }).await
            }
            Then::Refuses(_) => self.ends(EndCause::Refused).await,
        }
    }

    async fn operator_then(&mut self, then: Then) -> Result<(), Failed> {
        match then {
            Then::Waits | Then::Recorded(_) => Ok(()),
            Then::Plays => {
                self.waits = false;
                if let Stage::Answered(side) = &mut self.stage {
                    side.plays(self.wire.now(), self.ears);
                }
                Ok(())
            }
            Then::Joins => {
                self.talks();
                Ok(())
            }
            // Whoever picked up did not take the call.
            Then::HangsUp(_) | Then::Refuses(_) | Then::Rings => self.dial_ends(DialOutcome::Declined).await,
        }
    }

    /// The caller's next document is there.
    fn plays(&mut self) -> Result<(), Failed> {
        self.waits = false;
        self.caller.plays(self.wire.now(), self.ears);
        let playing = self.caller.leg.playing();
        let unnoticed = playing.performance().reply.ending == Ending::GoTo && playing.says().next().is_none();
        self.unnoticed = if unnoticed { self.unnoticed + 1 } else { 0 };
        if self.unnoticed > MOST_UNNOTICED {
            return Err(Failed::Endless);
        }
        Ok(())
    }

    fn dial(&self) -> Option<&Dial<Said>> {
        match &self.caller.leg.playing().performance().reply.ending {
            Ending::Dial(dial) => Some(dial),
            Ending::Listen(_)
            | Ending::Record(_)
            | Ending::GoTo
            | Ending::Join
            | Ending::HangUp(_)
            | Ending::Refuse(_) => None,
        }
    }

    fn rings(&mut self) {
        let now = self.wire.now();
        self.waits = false;
        let known = self.ears.known.as_ref();
        let target = self.dial().zip(known).and_then(|(dial, known)| known.target(dial));
        let ring = self.dial().map(|dial| dial.ring).unwrap_or_default();
        let name = target.as_ref().map(ToString::to_string);
        self.event(&Event::Rings { target: name, ring_s: ring.as_secs() });
        self.stage = Stage::Ringing { target, since: now, until: now.plus(ring) };
    }

    async fn answers(&mut self) -> Result<(), Failed> {
        self.waits = false;
        self.event(&Event::Answers);
        let url = self.caller.leg.playing().performance().urls.get(&Kind::Whisper).cloned();
        let Some(url) = url else {
            self.talks();
            return Ok(());
        };
        let parent = Some(self.caller.leg.id().to_owned());
        let leg = Leg::begin(&self.wire, parent, Kind::Whisper, &url, What::PeerAnswered).await?;
        self.stage = Stage::Answered(Box::new(Side::new(Who::Operator, leg, self.wire.now(), self.ears)));
        Ok(())
    }

    fn talks(&mut self) {
        let now = self.wire.now();
        self.waits = false;
        self.ears.stops();
        self.event(&Event::Talks);
        let limit = self.dial().map(|dial| dial.limit).unwrap_or_default();
        self.stage = Stage::Talking { since: now, until: now.plus(limit) };
    }

    async fn dial_ends(&mut self, outcome: DialOutcome) -> Result<(), Failed> {
        let talk_s = match (&self.stage, outcome) {
            (Stage::Talking { since, .. }, DialOutcome::Talked) => Some(self.wire.now().since(*since).as_secs()),
            _ => None,
        };
        self.event(&Event::Apart { outcome, talk_s });
        let talk = talk_s.map(|talk| u32::try_from(talk).unwrap_or(u32::MAX));
        let what = What::DialEnded { outcome, talk_s: talk, verbatim: outcome.name().to_owned() };
        self.caller.leg.ask(&self.wire, Kind::Dialled, what).await?;
        if outcome == DialOutcome::Abandoned {
            // Nobody is there to hear the answer.
            return self.ends(EndCause::CallerHungUp).await;
        }
        self.stage = Stage::Hearing;
        self.plays()
    }

    pub(super) async fn hangs_up(&mut self) -> Result<(), Failed> {
        match self.stage {
            Stage::Hearing => self.ends(EndCause::CallerHungUp).await,
            Stage::Ringing { .. } | Stage::Answered(_) | Stage::Talking { .. } => {
                self.dial_ends(DialOutcome::Abandoned).await
            }
            Stage::Over(_) => Ok(()),
        }
    }

    async fn ends(&mut self, cause: EndCause) -> Result<(), Failed> {
        if cause == EndCause::CallerHungUp {
            self.ears.stops();
        }
        let leg = &self.caller.leg;
        self.wire.ended(leg.id(), leg.last_status(), self.seconds()).await?;
        self.over(cause);
        Ok(())
    }
}
