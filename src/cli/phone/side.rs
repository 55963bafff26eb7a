//! One end of a call as it is followed: which sentence begins when, what is listened for after them.

use std::collections::VecDeque;
use std::time::Duration;

use super::ears::Ears;
use super::event::{Event, Taken, Who};
use crate::call::{Ending, KeyPlan, Timestamp};
use crate::simulator::{Leg, Medium, Said};

/// A listen this short only lets a key cut short what is said.
const CUTS_SHORT: Duration = Duration::from_secs(1);

/// An end of a call, with what is still to be told of its document.
pub(super) struct Side {
    who: Who,
    pub(super) leg: Leg,
    /// Sentences that have not begun, with when they do.
    sentences: VecDeque<(Timestamp, Said)>,
    /// When all is said.
    pub(super) said_at: Timestamp,
    /// It has been told what comes after all is said.
    told: bool,
}

impl Side {
    /// An end with its first document, which has come `now`.
    pub(super) fn new(who: Who, leg: Leg, now: Timestamp, ears: &mut Ears) -> Self {
        let mut side = Self { who, leg, sentences: VecDeque::new(), said_at: now, told: false };
        side.plays(now, ears);
        side
    }

    /// A document has come `now`.
    pub(super) fn plays(&mut self, now: Timestamp, ears: &mut Ears) {
        let document = self.leg.playing();
        ears.document(now, self.who, document);
        let mut begins = now;
        self.sentences = document
            .says()
            .map(|said| {
                let began = begins;
                begins = begins.plus(said.length);
                (began, said.clone())
            })
            .collect();
        self.said_at = begins;
        self.told = false;
    }

    /// Tells what has begun by `now`.
    pub(super) fn tells(&mut self, now: Timestamp, ears: &mut Ears) {
        while let Some((began, said)) = self.sentences.pop_front_if(|(begins, _)| *begins <= now) {
            if said.has_words() {
                let prompt = ears.known.as_ref().map_or_else(|| said.prompt.clone(), |known| known.prompt(&said));
                let says = Event::Says {
                    who: self.who,
                    prompt: prompt.map(|prompt| prompt.to_string()),
                    language: said.language.to_string(),
                    text: said.text.to_string(),
                    is_text: said.medium == Medium::Text,
                    ms: u64::try_from(said.length.as_millis()).unwrap_or(u64::MAX),
                };
                ears.event(began, &says);
            }
        }
        if !self.told && self.said_at <= now {
            self.told = true;
            if let Some(event) = self.after_all() {
                ears.event(self.said_at, &event);
            }
        }
    }

    /// When something happens next by itself.
    pub(super) fn next(&self) -> Timestamp {
        let sentence = self.sentences.front().map(|(begins, _)| *begins);
        let said = (!self.told).then_some(self.said_at);
        [sentence, said].into_iter().flatten().fold(self.leg.playing().due(), Timestamp::min)
    }

    /// What is listened for.
    pub(super) fn listens(&self) -> Option<Taken> {
        match &self.leg.playing().performance().reply.ending {
            Ending::Listen(listen) => Some(match listen.keys {
                KeyPlan::One => Taken::One,
                KeyPlan::UntilPound => Taken::UntilPound,
            }),
            Ending::Dial(_)
            | Ending::Record(_)
            | Ending::GoTo
            | Ending::Join
            | Ending::HangUp(_)
            | Ending::Refuse(_) => None,
        }
    }

    /// Whether something has to be pressed: a question, and not what a key only cuts short.
    pub(super) fn asks(&self) -> bool {
        let document = self.leg.playing();
        self.listens().is_some() && !document.is_in_entry() && document.due().since(self.said_at) > CUTS_SHORT
    }

    /// Whether a key does something `now`.
    pub(super) fn counts(&self, key: char, now: Timestamp) -> bool {
        self.leg.playing().takes(key, now)
    }

    /// A key has stopped what was being said.
    pub(super) fn stops(&mut self, now: Timestamp) {
        self.sentences.clear();
        self.said_at = self.said_at.min(now);
        self.told = true;
    }

    fn after_all(&self) -> Option<Event> {
        let document = self.leg.playing();
        let timer = document.due().since(self.said_at);
        let timer_ms = u64::try_from(timer.as_millis()).unwrap_or(u64::MAX);
        match &document.performance().reply.ending {
            Ending::Listen(_) => self.listens().map(|keys| Event::Listens { who: self.who, keys, timer_ms }),
            Ending::Record(record) => Some(Event::Records { longest_s: record.longest.as_secs() }),
            Ending::Dial(_) | Ending::GoTo | Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => None,
        }
    }
}
