//! One end of a call acting on one document, as a provider acts on it: what is said when, which keys count, when a
//! timer has run out.
//!
//! Pure: it is told the time and the keys. What happens next comes back as a [`Happening`]; it is *not* sent from here.

use std::time::Duration;

use super::said::{Said, length};
use crate::call::{EndCause, Ending, KeyPlan, Keys, Kind, Listen, Recording, Refusal, Timestamp, What};
use crate::dialect::Performance;

/// A document under way.
#[derive(Clone, Debug)]
pub struct Playing {
    performance: Performance<Said>,
    began: Timestamp,
    /// Keys that count, so far.
    keys: String,
    last_key: Option<Timestamp>,
}

/// What comes of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// This is to be sent to the document's URL for that kind of event.
    Ask(Kind, What),
    /// Somebody is rung.
    Rings,
    /// This end is joined to the other.
    Joins,
    HangsUp(EndCause),
    Refuses(Refusal),
}

impl Playing {
    /// A document that arrives `now`.
    #[must_use]
    pub fn new(performance: Performance<Said>, now: Timestamp) -> Self {
        Self { performance, began: now, keys: String::new(), last_key: None }
    }

    /// The document.
    #[must_use]
    pub fn performance(&self) -> &Performance<Said> {
        &self.performance
    }

    /// All that it says, in order.
    pub fn says(&self) -> impl Iterator<Item = &Said> {
        let listened = self.listen().map_or(&[][..], |listen| &listen.prompts);
        self.performance.reply.prompts.iter().chain(listened)
    }

    /// From when on keys count: plain prompts are heard whole. `None` if it does not listen.
    #[must_use]
    pub fn listens_from(&self) -> Option<Timestamp> {
        self.listen().map(|_| self.plain_until())
    }

    /// Whether keys have been pressed that are not reported yet.
    #[must_use]
    pub fn is_in_entry(&self) -> bool {
        !self.keys.is_empty()
    }

    /// When something happens by itself.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        let plain = self.plain_until();
        match &self.performance.reply.ending {
            Ending::Listen(listen) => match self.last_key {
                Some(key) => key.plus(timer(listen)),
                None => plain.plus(length(&listen.prompts)).plus(timer(listen)),
            },
            // Nobody speaks here: the silence ends it.
            Ending::Record(record) => plain.plus(record.silence.min(record.longest)),
            Ending::Refuse(_) => self.began,
            Ending::Dial(_) | Ending::GoTo | Ending::Join | Ending::HangUp(_) => plain,
        }
    }

    /// Time has passed to `now`.
    #[must_use]
    pub fn pass(&self, now: Timestamp) -> Option<Happening> {
        if now < self.due() {
            return None;
        }
        Some(match &self.performance.reply.ending {
            Ending::Listen(_) => self.entered(),
            Ending::Record(_) => recorded(),
            Ending::GoTo => Happening::Ask(Kind::Next, What::Continued),
            Ending::Dial(_) => Happening::Rings,
            Ending::Join => Happening::Joins,
            Ending::HangUp(cause) => Happening::HangsUp(*cause),
            Ending::Refuse(refusal) => Happening::Refuses(*refusal),
        })
    }

    /// A key is pressed. Where nothing listens it is lost; in a listen it stops what is being said.
    #[must_use]
    pub fn press(&mut self, key: char, now: Timestamp) -> Option<Happening> {
        if let Some(happened) = self.pass(now) {
            return Some(happened);
        }
        if now < self.plain_until() {
            return None;
        }
        match &self.performance.reply.ending {
            Ending::Listen(Listen { keys: KeyPlan::One, .. }) => Some(pressed(&key.to_string())),
            Ending::Listen(Listen { keys: KeyPlan::UntilPound, .. }) if key == '#' => Some(self.entered()),
            Ending::Listen(Listen { keys: KeyPlan::UntilPound, .. }) => {
                self.keys.push(key);
                self.last_key = Some(now);
                None
            }
            Ending::Record(_) if key == '#' => Some(recorded()),
            Ending::Record(_)
            | Ending::GoTo
            | Ending::Dial(_)
            | Ending::Join
            | Ending::HangUp(_)
            | Ending::Refuse(_) => None,
        }
    }

    fn listen(&self) -> Option<&Listen<Said>> {
        match &self.performance.reply.ending {
            Ending::Listen(listen) => Some(listen),
            Ending::Dial(_)
            | Ending::Record(_)
            | Ending::GoTo
            | Ending::Join
            | Ending::HangUp(_)
            | Ending::Refuse(_) => None,
        }
    }

    fn plain_until(&self) -> Timestamp {
        self.began.plus(length(&self.performance.reply.prompts))
    }

    /// The entry is over. Without a key it was silence: a `#` that comes first is not reported either.
    fn entered(&self) -> Happening {
        if self.keys.is_empty() { Happening::Ask(Kind::Silent, What::Silent) } else { pressed(&self.keys) }
    }
}

fn recorded() -> Happening {
    Happening::Ask(Kind::Recorded, What::Recorded(Recording { url: None, seconds: 0 }))
}

fn pressed(keys: &str) -> Happening {
    Happening::Ask(Kind::Keys, What::Pressed(Keys::parse(keys).unwrap_or_default()))
}

/// Providers have one timer: for the first key, and for an entry the longer of the two all the way.
fn timer(listen: &Listen<Said>) -> Duration {
    match listen.keys {
        KeyPlan::One => listen.first_key,
        KeyPlan::UntilPound => listen.first_key.max(listen.between_keys),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::call::{Dial, Record, Reply};
    use crate::simulator::Medium;

    const BEGAN: Timestamp = Timestamp::from_millis(0);

    fn said(seconds: u64) -> Vec<Said> {
        let length = Duration::from_secs(seconds);
        vec![Said {
            prompt: None,
            language: "en".into(),
            text: "".into(),
            medium: Medium::Clip,
            length,
            sound: Arc::default(),
        }]
    }

    /// `plain` seconds of plain prompts, then `ending`.
    fn playing(plain: u64, ending: Ending<Said>) -> Playing {
        let reply = Reply { prompts: said(plain), ending };
        Playing::new(Performance { reply, urls: BTreeMap::new() }, BEGAN)
    }

    fn listen(keys: KeyPlan) -> Ending<Said> {
        let (first_key, between_keys) = (Duration::from_secs(3), Duration::from_secs(5));
        Ending::Listen(Listen { prompts: said(10), keys, first_key, between_keys, secret: false })
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn keys(text: &str) -> Happening {
        Happening::Ask(Kind::Keys, What::Pressed(Keys::parse(text).unwrap()))
    }

    const SILENT: Happening = Happening::Ask(Kind::Silent, What::Silent);

    #[test]
    fn a_menu_takes_one_key_at_once_and_loses_keys_in_plain_prompts() {
        let mut menu = playing(4, listen(KeyPlan::One));
        assert_eq!(menu.listens_from(), Some(at(4)));
        assert_eq!(menu.press('1', at(3)), None, "lost");
        assert_eq!(menu.due(), at(4 + 10 + 3));
        assert_eq!(menu.press('#', at(5)), Some(keys("#")), "stops the prompt; a `#` is a key like others");
        assert_eq!((menu.pass(at(16)), menu.pass(at(17))), (None, Some(SILENT)));
        assert_eq!(menu.press('1', at(17)), Some(SILENT), "too late");
    }

    #[test]
    fn an_entry_ends_on_pound_or_the_longer_timer() {
        let fresh = || playing(0, listen(KeyPlan::UntilPound));
        assert_eq!(fresh().due(), at(10 + 5), "the longer of the two timers");
        assert_eq!(fresh().press('#', at(1)), Some(SILENT), "a `#` as the first key");
        let mut entry = fresh();
        assert_eq!(entry.press('1', at(1)), None);
        assert_eq!(entry.due(), at(6), "the prompt has stopped");
        assert_eq!(entry.press('*', at(2)), None);
        assert_eq!(entry.clone().press('#', at(3)), Some(keys("1*")), "`#` is not reported");
        assert_eq!((entry.pass(at(6)), entry.pass(at(7))), (None, Some(keys("1*"))));
    }

    #[test]
    fn other_endings_happen_when_all_has_been_said() {
        let dial = Dial {
            target: "operators".into(),
            numbers: Vec::new(),
            ring: Duration::from_secs(25),
            limit: Duration::from_mins(1),
            whisper: None,
        };
        let second = Duration::from_secs(1);
        let recorded = What::Recorded(Recording { url: None, seconds: 0 });
        for (ending, after, happening) in [
            (Ending::GoTo, 2, Happening::Ask(Kind::Next, What::Continued)),
            (Ending::Dial(dial), 2, Happening::Rings),
            (Ending::Join, 2, Happening::Joins),
            (Ending::HangUp(EndCause::Finished), 2, Happening::HangsUp(EndCause::Finished)),
            (Ending::Refuse(Refusal::Busy), 0, Happening::Refuses(Refusal::Busy)),
            (
                Ending::Record(Record { beep: true, longest: second * 60, silence: second * 5 }),
                7,
                Happening::Ask(Kind::Recorded, recorded),
            ),
        ] {
            let mut playing = playing(2, ending);
            assert_eq!(playing.listens_from(), None);
            if after > 0 {
                assert_eq!(playing.press('#', at(1)), None, "lost in plain prompts");
                assert_eq!(playing.pass(at(after - 1)), None);
            }
            assert_eq!((playing.due(), playing.pass(at(after))), (at(after), Some(happening)));
        }
    }
}
