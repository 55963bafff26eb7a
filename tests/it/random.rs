//! Callers who do anything: keys at random, the right ones now and then, silence, hang-ups, operators who do and do not
//! pick up, lookups that fail or are late, pauses of minutes. The same seed is the same caller.

use std::sync::Arc;
use std::time::Duration;

use hotline::call::{DialOutcome, Keys, Outcome, PhoneNumber, Timestamp};
use hotline::service::signatures;
use hotline::simulator::call_file::LookupDoes;
use hotline::simulator::{CallState, Mistaken, Peer, Phone};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use crate::app::App;

/// 2026-03-31 10:00 in China.
pub(crate) const MORNING: Timestamp = Timestamp::from_millis(1_774_922_400_000);
/// Actions of one caller at most.
const MOST_ACTIONS: usize = 30;

/// What is pressed where something is asked, by the prompt that asks. The numbers are those of demo people.
const ANSWERS: &[(&str, &[&str])] = &[
    ("auth.id", &["000101198503121233#", "000101198503121233#", "00010119881020037*#", "000101198503121234#"]),
    ("auth.pin", &["204816#", "204816#", "111222#", "12#"]),
    ("pin.new", &["135791#", "246813#", "123456#"]),
    ("pin.again", &["135791#", "246813#"]),
    ("pay.month", &["202602#", "202511#", "209901#", "1#"]),
    ("pay.year", &["2025#", "2026#", "1950#"]),
];

/// One caller in a call; others go on at the same time.
pub(crate) struct RandomCaller {
    dice: StdRng,
    phone: Phone,
    actions: usize,
}

impl RandomCaller {
    /// Calls, an hour or a day after the caller before.
    pub(crate) async fn calls(app: &App, seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        set_lookups(app, &mut dice);
        let number = PhoneNumber::parse("12333").unwrap();
        let phone = Phone::call(app.exchange(), Arc::clone(&app.world.clock) as _, None, number).await.unwrap();
        Self { dice, phone, actions: 0 }
    }

    /// Does something; `false` once the call is over for the caller.
    pub(crate) async fn acts(&mut self, app: &App) -> bool {
        self.actions += 1;
        if self.dice.random_ratio(1, 30) {
            set_lookups(app, &mut self.dice);
        }
        if self.dice.random_ratio(1, 60) {
            app.world.clock.advance(Duration::from_secs(self.dice.random_range(1..1_200)));
        }
        if self.actions > MOST_ACTIONS || self.dice.random_ratio(1, 60) {
            // Not every hang-up is reported.
            if self.dice.random_ratio(4, 5) {
                let _ = self.phone.hang_up().await;
            }
            return false;
        }
        let done = match self.phone.state() {
            CallState::Ended(_) => return false,
            CallState::Hearing => self.hears().await,
            CallState::Dialling(Peer::Ringing) if self.dice.random_ratio(1, 2) => self.phone.operator_answers().await,
            CallState::Dialling(Peer::Hearing(_)) if self.dice.random_ratio(2, 3) => {
                let key = *["1", "1", "1", "2", "*"].choose(&mut self.dice).unwrap();
                if self.dice.random_ratio(1, 6) {
                    self.phone.operator_waits().await
                } else {
                    self.phone.operator_presses(&keys(key)).await
                }
            }
            CallState::Dialling(_) => {
                let outcome = *DialOutcome::ALL.choose(&mut self.dice).unwrap();
                let talk = Duration::from_secs(self.dice.random_range(1..200));
                match self.phone.dial_ends(outcome, Some(talk)).await {
                    // They cannot have talked.
                    Err(Mistaken::NotNow(_)) => self.phone.dial_ends(DialOutcome::Declined, None).await,
                    done => done,
                }
            }
        };
        done.unwrap();
        true
    }

    async fn hears(&mut self) -> Result<(), Mistaken> {
        let asked = self.phone.heard().last().and_then(|said| said.prompt.clone());
        let answers = ANSWERS.iter().find(|(prompt, _)| asked.as_ref().is_some_and(|asked| asked.as_str() == *prompt));
        let done = match answers {
            Some((_, answers)) if self.dice.random_ratio(4, 5) => {
                let answer = *answers.choose(&mut self.dice).unwrap();
                self.phone.press(&keys(answer)).await
            }
            _ if self.dice.random_ratio(1, 5) => self.phone.wait_silent().await,
            _ => {
                let likely = "1112223345";
                let all = "0123456789*#";
                let from = if self.dice.random_ratio(4, 5) { likely } else { all };
                let key = from.as_bytes()[self.dice.random_range(0..from.len())];
                self.phone.press(&keys(std::str::from_utf8(&[key]).unwrap())).await
            }
        };
        match done {
            // A filler, or words that no key stops.
            Err(Mistaken::NotNow(_)) => self.phone.wait().await,
            done => done,
        }
    }
}

fn keys(text: &str) -> Keys {
    Keys::parse(text).unwrap()
}

/// From here on some lookups do not do as usual.
fn set_lookups(app: &App, dice: &mut StdRng) {
    for signature in signatures() {
        let bare: Vec<&Outcome> = signature.outcomes.iter().filter(|outcome| outcome.answer.is_empty()).collect();
        let does = match dice.next_u32() % 10 {
            0 => LookupDoes::Fails,
            1 => LookupDoes::Takes(Duration::from_millis(dice.random_range(500..10_000))),
            2 if !bare.is_empty() => {
                LookupDoes::Answers(bare.choose(dice).unwrap().name.to_owned(), std::collections::BTreeMap::new())
            }
            _ => LookupDoes::Works,
        };
        app.world.lookups.set(signature.name.into(), does);
    }
}
