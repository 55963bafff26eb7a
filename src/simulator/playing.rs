//! One end of a call acting on one document, as a provider acts on it: what is said when, which keys count, when a
//! timer has run out.
//!
//! Pure: it is told the time and the keys. What happens next comes back as a [`Happening`]; it is *not* sent from here.

use std::time::Duration;

use super::said::{Said, length};
use crate::call::{EndCause, Ending, KeyPlan, Keys, Kind, Listen, Record, Recording, Refusal, Timestamp, What};
use crate::dialect::Performance;

/// How long the sound is that a recording begins after. No provider tells; about half a second is heard.
pub const BEEP: Duration = Duration::from_millis(500);

/// A document under way.
#[derive(Clone, Debug)]
pub struct Playing {
    performance: Performance<Said>,
    began: Timestamp,
    /// Keys that count, so far.
    keys: String,
    last_key: Option<Timestamp>,
    /// When the caller was first and last heard in a recording.
    spoke: Option<(Timestamp, Timestamp)>,
}

/// What was recorded: the caller, from the first sound to the last, as silence at both ends is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    pub from: Timestamp,
    pub to: Timestamp,
    pub stopped: Stopped,
}

/// What has ended a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The caller was silent, or it was as long as it may be.
    Timer,
    Pound,
    HangUp,
}

impl Take {
    /// Its length as providers tell it: whole seconds, rounded up.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        u32::try_from(self.to.since(self.from).as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
    }

    /// Whether the caller hung up.
    pub(super) fn is_hung_up(&self) -> bool {
        self.stopped == Stopped::HangUp
    }

    /// What providers report as the key that ended it.
    #[must_use]
    pub fn digits(&self) -> Option<&'static str> {
        match self.stopped {
            Stopped::Timer => None,
            Stopped::Pound => Some("#"),
            Stopped::HangUp => Some("hangup"),
        }
    }
}

/// What comes of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// This is to be sent to the document's URL for that kind of event.
    Ask(Kind, What),
    /// A recording has come to its end, with something in it.
    Recorded(Take),
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
        Self { performance, began: now, keys: String::new(), last_key: None, spoke: None }
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

    /// From when on the caller is recorded: when all has been said and the beep is over. `None` if nobody is.
    #[must_use]
    pub fn records_from(&self) -> Option<Timestamp> {
        self.record().map(|record| self.plain_until().plus(if record.beep { BEEP } else { Duration::ZERO }))
    }

    /// Whether a key that is pressed `now` counts: what listens takes any, a recording the `#` that ends it.
    #[must_use]
    pub fn takes(&self, key: char, now: Timestamp) -> bool {
        let from = self.listens_from().or_else(|| self.records_from().filter(|_| key == '#'));
        from.is_some_and(|from| from <= now)
    }

    /// The caller is heard `now`. Nothing but a recording takes notice: it ends some time after it was last so.
    pub fn speaks(&mut self, now: Timestamp) {
        if self.records_from().is_some_and(|from| from <= now) && now < self.due() {
            let first = self.spoke.map_or(now, |(first, _)| first);
            self.spoke = Some((first, now));
        }
    }

    /// The caller hangs up: what was recorded, if something was.
    #[must_use]
    pub fn hang_up(&self) -> Option<Take> {
        self.spoke.map(|(from, to)| Take { from, to, stopped: Stopped::HangUp })
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
            Ending::Record(record) => {
                let from = self.records_from().unwrap_or(plain);
                let heard = self.spoke.map_or(from, |(_, last)| last);
                heard.plus(record.silence).min(from.plus(record.longest))
            }
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
            Ending::Record(_) => self.recorded(Stopped::Timer),
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
            Ending::Record(_) if self.takes(key, now) => Some(self.recorded(Stopped::Pound)),
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

    fn record(&self) -> Option<&Record> {
        match &self.performance.reply.ending {
            Ending::Record(record) => Some(record),
            Ending::Listen(_)
            | Ending::Dial(_)
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

    /// A recording is over. Where nobody spoke nothing was recorded, and the document goes on behind it.
    fn recorded(&self, stopped: Stopped) -> Happening {
        match self.spoke {
            Some((from, to)) => Happening::Recorded(Take { from, to, stopped }),
            None => Happening::Ask(Kind::Recorded, What::Recorded(Recording::Nothing)),
        }
    }
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
        Playing::new(Performance { reply, urls: BTreeMap::new(), answers_on_bridge: false }, BEGAN)
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

    const NOTHING: Happening = Happening::Ask(Kind::Recorded, What::Recorded(Recording::Nothing));
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
            recorded: false,
        };
        let second = Duration::from_secs(1);
        for (ending, after, happening) in [
            (Ending::GoTo, 2, Happening::Ask(Kind::Next, What::Continued)),
            (Ending::Dial(dial), 2, Happening::Rings),
            (Ending::Join, 2, Happening::Joins),
            (Ending::HangUp(EndCause::Finished), 2, Happening::HangsUp(EndCause::Finished)),
            (Ending::Refuse(Refusal::Busy), 0, Happening::Refuses(Refusal::Busy)),
            (Ending::Record(Record { beep: false, longest: second * 60, silence: second * 5 }), 7, NOTHING),
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

    fn recording(beep: bool) -> Playing {
        let second = Duration::from_secs(1);
        playing(2, Ending::Record(Record { beep, longest: second * 20, silence: second * 5 }))
    }

    fn take(from: i64, to: i64, stopped: Stopped) -> Take {
        Take { from: at(from), to: at(to), stopped }
    }

    #[test]
    fn a_recording_lasts_until_nobody_speaks_any_more() {
        assert_eq!(recording(true).records_from(), Some(at(2).plus(BEEP)));
        let mut recording = recording(false);
        assert_eq!((recording.records_from(), recording.due()), (Some(at(2)), at(7)));
        recording.speaks(at(1));
        assert_eq!(recording.due(), at(7), "not recorded yet");
        recording.speaks(at(4));
        recording.speaks(at(6));
        assert_eq!((recording.due(), recording.pass(at(10))), (at(11), None));
        assert_eq!(recording.press('1', at(10)), None, "only a # ends it");
        let ended = take(4, 6, Stopped::Timer);
        assert_eq!(recording.pass(at(11)), Some(Happening::Recorded(ended)));
        assert_eq!((ended.seconds(), ended.digits()), (2, None));
        recording.speaks(at(11));
        assert_eq!(recording.due(), at(11), "too late");
    }

    #[test]
    fn a_recording_ends_with_a_pound_a_hang_up_or_when_it_is_as_long_as_it_may_be() {
        let mut recording = recording(false);
        assert_eq!(recording.hang_up(), None);
        assert_eq!(recording.clone().press('#', at(3)), Some(NOTHING));
        recording.speaks(at(3));
        let hung_up = recording.hang_up().unwrap();
        assert_eq!((hung_up, hung_up.digits()), (take(3, 3, Stopped::HangUp), Some("hangup")));
        assert_eq!(hung_up.seconds(), 1, "something was recorded");
        let pound = take(3, 3, Stopped::Pound);
        assert_eq!(recording.clone().press('#', at(4)), Some(Happening::Recorded(pound)));
        assert_eq!(pound.digits(), Some("#"));
        (4..22).for_each(|second| recording.speaks(at(second)));
        assert_eq!((recording.due(), recording.pass(at(21))), (at(22), None));
        assert_eq!(recording.pass(at(22)), Some(Happening::Recorded(take(3, 21, Stopped::Timer))));
    }

    #[test]
    fn nobody_is_recorded_before_the_beep_is_over() {
        let mut recording = recording(true);
        let in_the_beep = at(2).plus(BEEP / 2);
        recording.speaks(in_the_beep);
        assert_eq!((recording.hang_up(), recording.press('#', in_the_beep)), (None, None));
        assert_eq!(recording.due(), at(7).plus(BEEP));
    }
}
