//! A call as it goes on, in real time: both ends of it, since whoever calls plays the operator too.
//!
//! What is said, which keys count and when timers run out is the business of [`Leg`]; how it looks is `screen.rs`'s.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::clock::PhoneClock;
use super::ears::Ears;
use super::event::{Event, Taken, Who};
use super::hand::{Hand, Typed};
use super::screen::listens;
use super::side::Side;
use crate::call::{Arrival, EndCause, Kind, Name, Timestamp, What};
use crate::clock::Clock as _;
use crate::simulator::{Leg, Trouble, Wire};

/// From what was heard to a scripted key: shorter than any timer.
const REACTION: Duration = Duration::from_millis(500);
/// How long it rings until a scripted operator does something.
const RINGS: Duration = Duration::from_secs(3);
/// How often a running timer is shown.
const TICK: Duration = Duration::from_millis(250);

/// A call from the terminal.
pub(super) struct Call<'a> {
    pub(super) wire: Wire,
    clock: Arc<PhoneClock>,
    /// Prompts are not waited out, nor what a script does nothing about.
    is_fast: bool,
    pub(super) hand: &'a mut Hand,
    pub(super) ears: &'a mut Ears,
    pub(super) caller: Side,
    pub(super) stage: Stage,
    /// Scripted keys that are still to be pressed, and when the next is.
    pub(super) keys: VecDeque<char>,
    pub(super) next_key: Timestamp,
    /// The script has what is under way run out.
    pub(super) waits: bool,
    /// Scripted keys that nothing listened for.
    pub(super) lost: usize,
    pub(super) unnoticed: u32,
}

pub(super) enum Stage {
    /// The caller hears something or is waited for.
    Hearing,
    Ringing {
        target: Option<Name>,
        since: Timestamp,
        until: Timestamp,
    },
    /// Somebody has picked up and hears who comes.
    Answered(Box<Side>),
    Talking {
        since: Timestamp,
        until: Timestamp,
    },
    Over(EndCause),
}

/// Why a call breaks off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error(transparent)]
    Trouble(#[from] Trouble),
    #[error("the call goes on and on without a word")]
    Endless,
    #[error("`{0}` fits nothing that goes on; the caller hangs up")]
    Misfit(&'static str),
}

/// How a call went.
pub(super) struct Went {
    pub(super) cause: EndCause,
    /// Scripted keys that nothing listened for.
    pub(super) lost: usize,
    /// It broke off, or a piece of a script fitted nothing.
    pub(super) is_broken: bool,
}

impl<'a> Call<'a> {
    /// Calls, and goes on to the end. `stop` counts how often it was told to hang up.
    ///
    /// # Errors
    /// [`Trouble`] if no call could be made.
    pub(super) async fn make(
        around: (Wire, Arc<PhoneClock>),
        is_fast: bool,
        hand: &'a mut Hand,
        ears: &'a mut Ears,
        stop: watch::Receiver<u32>,
    ) -> Result<Went, Trouble> {
        Ok(Self::begin(around, is_fast, hand, ears).await?.go(stop).await)
    }

    async fn begin(
        (wire, clock): (Wire, Arc<PhoneClock>),
        is_fast: bool,
        hand: &'a mut Hand,
        ears: &'a mut Ears,
    ) -> Result<Self, Trouble> {
        let number = wire.from.as_ref().map(|from| from.as_str().to_owned());
        ears.event(wire.now(), &Event::Calls { to: wire.to.as_str().to_owned(), from: number });
        let arrival =
            Arrival { caller: wire.from.clone(), called: wire.to.clone(), forwarded_from: None, simulated: true };
        let url = wire.exchange.arrivals();
        let leg = Leg::begin(&wire, None, Kind::Arrive, &url, What::Arrived(arrival)).await?;
        let caller = Side::new(Who::Caller, leg, wire.now(), ears);
        let next_key = wire.now();
        let (stage, keys) = (Stage::Hearing, VecDeque::new());
        Ok(Self {
            wire,
            clock,
            is_fast,
            hand,
            ears,
            caller,
            stage,
            keys,
            next_key,
            waits: false,
            lost: 0,
            unnoticed: 0,
        })
    }

    async fn go(mut self, mut stop: watch::Receiver<u32>) -> Went {
        let mut is_broken = false;
        loop {
            if let Stage::Over(cause) = self.stage {
                return Went { cause, lost: self.lost, is_broken };
            }
            let done = if *stop.borrow() > 0 { self.hangs_up().await } else { self.round(&mut stop).await };
            let Err(failed) = done else { continue };
            is_broken = true;
            let is_misfit = matches!(failed, Failed::Misfit(_));
            self.event(&Event::Trouble { text: format!("{:#}", anyhow::Error::from(failed)) });
            if !is_misfit || self.hangs_up().await.is_err() {
                let _ = self.wire.ended(self.caller.leg.id(), "failed", self.seconds()).await;
                self.over(EndCause::ProviderFault);
            }
        }
    }

    /// Up to the next thing that happens.
    async fn round(&mut self, stop: &mut watch::Receiver<u32>) -> Result<(), Failed> {
        self.tells();
        self.hand.look();
        for mistake in std::mem::take(&mut self.hand.mistakes) {
            self.event(&Event::Trouble { text: mistake });
            self.lost += 1;
        }
        if self.takes()
            && let Some(typed) = self.hand.next.take()
        {
            return self.does(typed).await;
        }
        let next = self.next();
        if self.skips(next) {
            self.clock.skip_to(next);
        }
        let left = next.since(self.wire.now());
        if left.is_zero() {
            return self.passes().await;
        }
        let left = if self.ears.screen.has_timers { left.min(TICK) } else { left };
        let waited = self.waited_for();
        self.ears.screen.waits(waited);
        tokio::select! {
            biased;
            _ = stop.changed() => {}
            () = self.hand.ready() => {}
            () = self.clock.sleep(left) => {}
        }
        Ok(())
    }

    /// The end that hears something, if there is one.
    fn side(&self) -> Option<&Side> {
        match &self.stage {
            Stage::Hearing => Some(&self.caller),
            Stage::Answered(side) => Some(side),
            Stage::Ringing { .. } | Stage::Talking { .. } | Stage::Over(_) => None,
        }
    }

    /// Tells what has begun by now.
    fn tells(&mut self) {
        let now = self.wire.now();
        match &mut self.stage {
            Stage::Hearing => self.caller.tells(now, self.ears),
            Stage::Answered(side) => side.tells(now, self.ears),
            Stage::Ringing { .. } | Stage::Talking { .. } | Stage::Over(_) => {}
        }
    }

    /// Whether the next piece is done now. What is typed always is; a script waits for its moment.
    fn takes(&self) -> bool {
        if !self.hand.is_paced {
            return true;
        }
        self.moment().is_some_and(|moment| moment <= self.wire.now())
    }

    /// When the next piece of a script is done, if it is known by now.
    fn moment(&self) -> Option<Timestamp> {
        let next = self.hand.next.as_ref().filter(|_| self.keys.is_empty() && !self.waits)?;
        match &self.stage {
            Stage::Hearing | Stage::Answered(_) => {
                let side = self.side().filter(|side| side.asks())?;
                Some(side.said_at.plus(REACTION))
            }
            Stage::Ringing { since, .. } => match next {
                // Whoever presses a key next is not the one who is rung.
                Typed::Keys(_) | Typed::Talk(_) => None,
                Typed::Wait | Typed::Answer | Typed::Busy | Typed::Decline | Typed::HangUp => Some(since.plus(RINGS)),
            },
            Stage::Talking { since, .. } => Some(*since).filter(|_| !self.has_nothing_to_say()),
            Stage::Over(_) => None,
        }
    }

    /// Whether a script has no more to do.
    pub(super) fn is_at_its_end(&self) -> bool {
        self.hand.is_paced && self.hand.is_used_up && self.hand.next.is_none() && self.keys.is_empty() && !self.waits
    }

    /// Whether a script has the operator hang up as soon as they talk, because it goes on with keys.
    pub(super) fn has_nothing_to_say(&self) -> bool {
        self.hand.is_paced && !self.waits && matches!(self.hand.next, Some(Typed::Keys(_)))
    }

    /// When something happens next by itself.
    fn next(&self) -> Timestamp {
        let own = match &self.stage {
            Stage::Hearing => self.caller.next(),
            Stage::Answered(side) => side.next(),
            Stage::Talking { since, .. } if self.is_at_its_end() || self.has_nothing_to_say() => *since,
            Stage::Ringing { until, .. } | Stage::Talking { until, .. } => *until,
            Stage::Over(_) => self.wire.now(),
        };
        let key = (!self.keys.is_empty()).then_some(self.next_key);
        let piece = self.moment().filter(|_| self.hand.is_paced);
        [key, piece].into_iter().flatten().fold(own, Timestamp::min)
    }

    /// Whether nobody wants to wait for `next`.
    fn skips(&self, next: Timestamp) -> bool {
        let says = self.side().is_some_and(|side| next <= side.said_at);
        let hand = &self.hand;
        let is_known = hand.is_paced && (hand.is_used_up || hand.next.is_some() || self.waits || !self.keys.is_empty());
        self.is_fast && (says || is_known)
    }

    pub(super) fn over(&mut self, cause: EndCause) {
        self.event(&Event::Ended { cause, seconds: self.seconds().into() });
        self.stage = Stage::Over(cause);
    }

    pub(super) fn seconds(&self) -> u32 {
        u32::try_from(self.wire.now().since(self.ears.began).as_secs()).unwrap_or(u32::MAX)
    }

    pub(super) fn event(&mut self, event: &Event) {
        self.ears.event(self.wire.now(), event);
    }

    /// What is waited for now, for a line that passes.
    fn waited_for(&self) -> Option<String> {
        let now = self.wire.now();
        match &self.stage {
            Stage::Hearing | Stage::Answered(_) => {
                let side = self.side().filter(|side| now >= side.said_at)?;
                let keys: Taken = side.listens()?;
                Some(listens(keys, side.leg.playing().due().since(now)))
            }
            Stage::Ringing { target, until, .. } => {
                Some(self.ears.screen.rings(target.as_ref().map(Name::as_str), until.since(now)))
            }
            Stage::Talking { since, .. } => Some(self.ears.screen.talks(now.since(*since))),
            Stage::Over(_) => None,
        }
    }
}
