//! One simulated telephone: calls, hears, presses keys, and plays the operator's end of a dial.
//!
//! Things take their time, which is moved or waited for ([`Pace`]): prompts as long as they are said, timers as long as
//! they run. Keys are pressed as soon as somebody listens: callers who know the line do not hear it out.

use std::sync::Arc;
use std::time::Duration;

use super::carrier::Exchange;
use super::end::End;
use super::leg::Wire;
use super::pace::Pace;
use super::said::Said;
use super::trouble::Trouble;
use crate::call::{Arrival, Dial, DialOutcome, EndCause, Ending, Keys, Kind, PhoneNumber, Timestamp, What};

/// How long it rings until somebody picks up, or it is known that nobody will.
const RINGS: Duration = Duration::from_secs(3);

/// From breath to breath of somebody who speaks: shorter than any silence that ends a recording.
const BREATH: Duration = Duration::from_millis(500);

/// How many documents in a row may say nothing.
const MOST_UNNOTICED: usize = 10;

/// A telephone in a call.
#[derive(Debug)]
pub struct Phone {
    wire: Wire,
    clock: Arc<dyn Pace>,
    caller: End,
    state: CallState,
    began: Timestamp,
}

/// What the call is doing.
#[derive(Debug)]
pub enum CallState {
    /// Something is said, or keys are waited for.
    Hearing,
    /// Somebody is rung, or talked to.
    Dialling(Peer),
    /// The call is over: for this cause, as far as the document tells.
    Ended(EndCause),
}

/// The other end of a dial.
#[derive(Debug)]
pub enum Peer {
    Ringing,
    /// Somebody has picked up and hears who comes.
    Hearing(Box<End>),
    Joined,
    /// Whoever picked up did not take the call.
    Gone(Box<End>),
}

/// Something that was asked of a telephone and did not work.
#[derive(Debug, thiserror::Error)]
pub enum Mistaken {
    #[error("{0}")]
    NotNow(&'static str),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Phone {
    /// Calls number `to`; `from` is `None` for a withheld number.
    ///
    /// # Errors
    /// [`Mistaken::Trouble`] if the service does not answer with a document.
    pub async fn call(
        exchange: Arc<dyn Exchange>,
        clock: Arc<dyn Pace>,
        from: Option<PhoneNumber>,
        to: PhoneNumber,
    ) -> Result<Self, Mistaken> {
        let began = clock.now();
        let wire = Wire { exchange, from, to, clock: Arc::clone(&clock) as _ };
        let arrival =
            Arrival { caller: wire.from.clone(), called: wire.to.clone(), forwarded_from: None, simulated: true };
        let url = wire.exchange.arrivals();
        let caller = End::pick_up(wire.clone(), None, (Kind::Arrive, &url), What::Arrived(arrival)).await?;
        let mut phone = Self { wire, clock, caller, state: CallState::Hearing, began };
        phone.settle().await?;
        Ok(phone)
    }

    /// What the caller has heard since their last action.
    #[must_use]
    pub fn heard(&self) -> &[Said] {
        self.caller.heard()
    }

    /// What whoever picked up has heard since their last action.
    #[must_use]
    pub fn operator_heard(&self) -> &[Said] {
        match &self.state {
            CallState::Dialling(Peer::Hearing(end) | Peer::Gone(end)) => end.heard(),
            CallState::Dialling(Peer::Ringing | Peer::Joined) | CallState::Hearing | CallState::Ended(_) => &[],
        }
    }

    /// What the call is doing.
    #[must_use]
    pub fn state(&self) -> &CallState {
        &self.state
    }

    /// The dial under way.
    #[must_use]
    pub fn dialling(&self) -> Option<&Dial<Said>> {
        match (&self.state, &self.caller.playing().performance().reply.ending) {
            (CallState::Dialling(_), Ending::Dial(dial)) => Some(dial),
            _ => None,
        }
    }

    /// The cause of its end, as far as the last document tells it.
    #[must_use]
    pub fn ended(&self) -> Option<EndCause> {
        match &self.state {
            CallState::Ended(cause) => Some(*cause),
            CallState::Hearing | CallState::Dialling(_) => None,
        }
    }

    /// The caller presses keys. Those that come after an entry is over reach whatever listens next.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if nothing listens.
    pub async fn press(&mut self, keys: &Keys) -> Result<(), Mistaken> {
        self.hears_something()?;
        self.caller.press(&*self.clock, keys).await?;
        self.settle().await
    }

    /// The caller presses nothing until the listen ends.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if nothing listens.
    pub async fn wait_silent(&mut self) -> Result<(), Mistaken> {
        self.hears_something()?;
        self.caller.wait_silent(&*self.clock).await?;
        self.settle().await
    }

    /// The caller waits until the next document comes by itself.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if none does.
    pub async fn wait(&mut self) -> Result<(), Mistaken> {
        self.hears_something()?;
        if self.caller.playing().listens_from().is_some() {
            return Err(Mistaken::NotNow(
                "keys are waited for: nothing comes by itself (`waits silent` lets it run out)",
            ));
        }
        self.caller.pass(&*self.clock).await?;
        self.settle().await
    }

    /// The caller speaks for so long into a recording, or for as long as it goes on.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if nothing is recorded.
    pub async fn speak(&mut self, duration: Duration) -> Result<(), Mistaken> {
        let from = self.wait_for_beep().await?;
        let from = from.ok_or(Mistaken::NotNow("nothing is recorded: what is spoken would be lost"))?;
        self.caller.forget();
        self.clock.until(from).await;
        let until = self.clock.now().plus(duration);
        loop {
            self.caller.speaks();
            let (now, due) = (self.clock.now(), self.caller.playing().due());
            if now >= due {
                return self.wait().await;
            }
            if now >= until {
                return Ok(());
            }
            self.clock.until(now.plus(BREATH).min(until).min(due)).await;
        }
    }

    /// The provider cannot record, whatever is spoken.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if nothing is recorded.
    pub async fn recording_fails(&mut self) -> Result<(), Mistaken> {
        let from = self.wait_for_beep().await?;
        let from = from.ok_or(Mistaken::NotNow("nothing is recorded: there is nothing that could fail"))?;
        self.clock.until(from).await;
        self.caller.recording_failed().await?;
        self.settle().await
    }

    /// Whoever is asked to speak after the beep waits for it. When it is over; `None` if nothing is recorded.
    async fn wait_for_beep(&mut self) -> Result<Option<Timestamp>, Mistaken> {
        self.hears_something()?;
        if self.caller.playing().listens_from().is_some() {
            self.wait_silent().await?;
        }
        Ok(self.caller.playing().records_from())
    }

    /// Whether the next document comes by itself.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        matches!(self.state, CallState::Hearing) && self.caller.playing().performance().reply.ending == Ending::GoTo
    }

    /// What was said last only filled the time: the next document is heard in its place.
    ///
    /// # Errors
    /// As for [`Phone::wait`].
    pub async fn wait_on(&mut self) -> Result<(), Mistaken> {
        let mut before = self.caller.heard().to_vec();
        before.pop();
        self.wait().await?;
        self.caller.heard_before(before);
        Ok(())
    }

    /// The caller hangs up.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if the call is over.
    pub async fn hang_up(&mut self) -> Result<(), Mistaken> {
        match &self.state {
            CallState::Hearing => {
                if let Some(take) = self.caller.playing().hang_up() {
                    self.caller.recorded(take).await?;
                }
                // What answers that is heard by nobody.
                self.caller.forget();
                let nothing = self.caller.playing().records_from().is_some();
                self.end(EndCause::CallerHungUp).await?;
                if nothing { self.caller.nothing_recorded().await } else { Ok(()) }
            }
            CallState::Dialling(_) => self.dial_ends(DialOutcome::Abandoned, None).await,
            CallState::Ended(_) => Err(OVER),
        }
    }

    /// Somebody picks up.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if no phone rings.
    pub async fn operator_answers(&mut self) -> Result<(), Mistaken> {
        // All of them ring; the first one picks up.
        let number = self.dialling().and_then(|dial| dial.numbers.first()).unwrap_or(&self.wire.to).clone();
        let CallState::Dialling(Peer::Ringing) = &self.state else {
            return Err(Mistaken::NotNow("no phone rings"));
        };
        self.clock.until(self.clock.now().plus(RINGS)).await;
        let peer = match self.caller.playing().performance().urls.get(&Kind::Whisper) {
            Some(url) => {
                let parent = Some(self.caller.leg().id().to_owned());
                let asked = (Kind::Whisper, url.as_str());
                let wire = Wire { to: number, ..self.wire.clone() };
                let end = End::pick_up(wire, parent, asked, What::PeerAnswered).await?;
                Peer::settled(Box::new(end))
            }
            None => Peer::Joined,
        };
        self.state = CallState::Dialling(peer);
        Ok(())
    }

    /// Whoever picked up presses keys.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if nobody has picked up or nothing listens.
    pub async fn operator_presses(&mut self, keys: &Keys) -> Result<(), Mistaken> {
        let mut end = self.take_operator()?;
        let done = end.press(&*self.clock, keys).await;
        self.state = CallState::Dialling(Peer::settled(end));
        done
    }

    /// Whoever picked up presses nothing.
    ///
    /// # Errors
    /// As for [`Phone::operator_presses`].
    pub async fn operator_waits(&mut self) -> Result<(), Mistaken> {
        let mut end = self.take_operator()?;
        let done = end.wait_silent(&*self.clock).await;
        self.state = CallState::Dialling(Peer::settled(end));
        done
    }

    /// The dial is over; `talk` is how long they talked.
    ///
    /// # Errors
    /// [`Mistaken::NotNow`] if nobody is dialled, or if they cannot have talked.
    pub async fn dial_ends(&mut self, outcome: DialOutcome, talk: Option<Duration>) -> Result<(), Mistaken> {
        let CallState::Dialling(peer) = &self.state else { return Err(Mistaken::NotNow("nobody is dialled")) };
        let Some(dial) = self.dialling() else { return Err(Mistaken::NotNow("nobody is dialled")) };
        let took = match (outcome, peer) {
            (DialOutcome::Talked, Peer::Hearing(_) | Peer::Gone(_)) => {
                return Err(Mistaken::NotNow("they cannot have talked: whoever picked up has not taken the call"));
            }
            (DialOutcome::Talked, Peer::Ringing | Peer::Joined) => talk.unwrap_or_default().min(dial.limit),
            (DialOutcome::NoAnswer, _) => dial.ring,
            (DialOutcome::Busy | DialOutcome::Declined | DialOutcome::Failed | DialOutcome::Abandoned, _) => RINGS,
        };
        self.clock.until(self.clock.now().plus(took)).await;
        let talk_s = (outcome == DialOutcome::Talked).then(|| u32::try_from(took.as_secs()).unwrap_or(u32::MAX));
        let what = What::DialEnded { outcome, talk_s, verbatim: outcome.name().to_owned() };
        self.caller.forget();
        if let Some(seconds) = talk_s {
            self.caller.talk_recorded(seconds).await?;
        }
        self.caller.ask(Kind::Dialled, what).await?;
        if outcome == DialOutcome::Abandoned {
            // Nobody is there to hear the answer.
            self.caller.forget();
            return self.end(EndCause::CallerHungUp).await;
        }
        self.state = CallState::Hearing;
        self.settle().await
    }

    fn hears_something(&self) -> Result<(), Mistaken> {
        match &self.state {
            CallState::Hearing => Ok(()),
            CallState::Dialling(_) => Err(Mistaken::NotNow("somebody is dialled: expected `dial ends ...` first")),
            CallState::Ended(_) => Err(OVER),
        }
    }

    /// Takes the end of whoever picked up; it has to be put back.
    fn take_operator(&mut self) -> Result<Box<End>, Mistaken> {
        match std::mem::replace(&mut self.state, CallState::Hearing) {
            CallState::Dialling(Peer::Hearing(end)) => Ok(end),
            other @ (CallState::Hearing | CallState::Dialling(_) | CallState::Ended(_)) => {
                self.state = other;
                Err(Mistaken::NotNow("nobody has picked up, or they are past the question"))
            }
        }
    }

    /// Goes on to whatever needs nobody to do anything: a dial rings, a hang-up ends the call, and a document that
    /// says nothing and goes on is nothing that a caller can notice.
    async fn settle(&mut self) -> Result<(), Mistaken> {
        for _ in 0..MOST_UNNOTICED {
            let goes_on = self.caller.playing().performance().reply.ending == Ending::GoTo;
            if !goes_on || self.caller.playing().says().next().is_some() {
                return self.settle_ending().await;
            }
            self.caller.ask(Kind::Next, What::Continued).await?;
        }
        Err(Mistaken::NotNow("the call goes on and on without a word"))
    }

    async fn settle_ending(&mut self) -> Result<(), Mistaken> {
        let due = self.caller.playing().due();
        match &self.caller.playing().performance().reply.ending {
            Ending::Dial(_) => {
                self.clock.until(due).await;
                self.state = CallState::Dialling(Peer::Ringing);
                Ok(())
            }
            Ending::HangUp(cause) => {
                let cause = *cause;
                self.clock.until(due).await;
                self.end(cause).await
            }
            // A caller's end that is to be joined is told nothing more.
            Ending::Join => self.end(EndCause::Finished).await,
            Ending::Refuse(_) => self.end(EndCause::Refused).await,
            Ending::Listen(_) | Ending::Record(_) | Ending::GoTo => Ok(()),
        }
    }

    async fn end(&mut self, cause: EndCause) -> Result<(), Mistaken> {
        let seconds = u32::try_from(self.clock.now().since(self.began).as_secs()).unwrap_or(u32::MAX);
        self.wire.ended(self.caller.leg().id(), self.caller.leg().last_status(), seconds).await?;
        self.state = CallState::Ended(cause);
        Ok(())
    }
}

const OVER: Mistaken = Mistaken::NotNow("the call is over");

impl Peer {
    /// Where whoever picked up is, by the document that they got.
    fn settled(end: Box<End>) -> Self {
        match end.playing().performance().reply.ending {
            Ending::Listen(_) => Self::Hearing(end),
            Ending::Join => Self::Joined,
            Ending::HangUp(_) | Ending::GoTo | Ending::Dial(_) | Ending::Record(_) | Ending::Refuse(_) => {
                Self::Gone(end)
            }
        }
    }
}
