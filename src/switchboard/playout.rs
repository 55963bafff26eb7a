//! What one end of a call hears, laid out in time: sentence after sentence, sound in small pieces as it is due.
//!
//! Pure: it is told the time. Sound goes out a little ahead, so that a page never runs dry.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::message::{KeysTold, Told};
use crate::audio::{self, RATE};
use crate::call::{Ending, KeyPlan, Listen, Timestamp};
use crate::simulator::{BEEP, Medium, Playing, Said};

/// How far ahead sound goes out.
const AHEAD: Duration = Duration::from_millis(80);
/// The length of a piece.
const PIECE: Duration = Duration::from_millis(20);

/// A part of what is heard, in its turn.
#[derive(Clone, Debug)]
enum Cue {
    Says(Said),
    /// From here on keys count.
    Listens(KeysTold, Duration),
    /// From here on the caller is recorded, for at most so long.
    Records(Duration),
    /// Samples over and over, until something else is heard.
    Round(Bytes),
}

/// What goes to the page now.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Out {
    Told(Told),
    Sound(Bytes),
}

/// A document, or a tone, on its way to an end.
#[derive(Debug)]
pub(super) struct Playout {
    began: Timestamp,
    /// How much has gone out since then, samples.
    sent: u64,
    /// Where the cue at the front began, samples.
    front_at: u64,
    front_told: bool,
    cues: VecDeque<Cue>,
    /// Sentences so far, on this connection.
    number: u32,
}

impl Playout {
    pub(super) fn silent() -> Self {
        Self { began: Timestamp::default(), sent: 0, front_at: 0, front_told: false, cues: VecDeque::new(), number: 0 }
    }

    /// A document is heard from now on, in place of what was.
    pub(super) fn document(&mut self, playing: &Playing, beep: &Bytes, now: Timestamp) {
        let reply = &playing.performance().reply;
        let mut cues: VecDeque<Cue> = reply.prompts.iter().cloned().map(Cue::Says).collect();
        if let Ending::Listen(listen) = &reply.ending {
            let (keys, timer) = plan(listen);
            cues.push_back(Cue::Listens(keys, timer));
            cues.extend(listen.prompts.iter().cloned().map(Cue::Says));
        }
        if let Ending::Record(record) = &reply.ending {
            if record.beep {
                cues.push_back(Cue::Says(Said { length: BEEP, sound: [beep.clone()].into(), ..silence() }));
            }
            cues.push_back(Cue::Records(record.longest));
        }
        self.restart(cues, now);
    }

    /// A tone is heard from now on, over and over.
    pub(super) fn tone(&mut self, samples: Bytes, now: Timestamp) {
        self.restart(VecDeque::from([Cue::Round(samples)]), now);
    }

    /// Nothing is heard any more. Whether something was still to be.
    pub(super) fn stop(&mut self) -> bool {
        // What has gone out may not have been heard yet.
        let was_heard = self.sent > self.front_at || !self.cues.is_empty();
        self.cues.clear();
        was_heard
    }

    /// A page has come back: what it hears at the moment is told once more.
    pub(super) fn tell_again(&mut self) {
        self.front_told = false;
    }

    fn restart(&mut self, cues: VecDeque<Cue>, now: Timestamp) {
        *self = Self { began: now, sent: 0, front_at: 0, front_told: false, cues, number: self.number };
    }

    /// When a whole piece is to go out again; `None` if there is nothing more.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let front = self.cues.front()?;
        let sent = Duration::from_micros(self.sent * 1_000_000 / u64::from(RATE));
        let then = self.began.plus(sent + PIECE);
        Some(if matches!(front, Cue::Records(_)) { then } else { then.before(AHEAD) })
    }

    /// What goes out now.
    pub(super) fn pass(&mut self, now: Timestamp) -> Vec<Out> {
        let mut out = Vec::new();
        let until = audio::samples(now.plus(AHEAD).since(self.began)) as u64;
        while let Some(front) = self.cues.front() {
            match front {
                Cue::Listens(keys, timer) => {
                    // Keys count when what was said before has been heard: now, but for what is ahead.
                    let timer_ms = millis(*timer);
                    out.push(Out::Told(Told::Listens { keys: *keys, timer_ms }));
                    self.cues.pop_front();
                    self.front_told = false;
                }
                Cue::Records(longest) => {
                    // Not ahead: who speaks too early is not heard.
                    if now.since(self.began) < Duration::from_micros(self.sent * 1_000_000 / u64::from(RATE)) {
                        break;
                    }
                    out.push(Out::Told(Told::Records { longest_s: longest.as_secs() }));
                    self.cues.pop_front();
                }
                Cue::Round(samples) => {
                    let round = samples.len() as u64;
                    if self.sent >= until || round == 0 {
                        break;
                    }
                    let at = self.sent % round;
                    let piece = piece(until - self.sent).min(round - at);
                    out.push(Out::Sound(samples.slice(index(at)..index(at + piece))));
                    self.sent += piece;
                }
                Cue::Says(said) => {
                    if !self.front_told {
                        self.number += 1;
                        self.front_told = true;
                        out.push(Out::Told(says(self.number, said)));
                    }
                    let end = self.front_at + audio::samples(said.length) as u64;
                    if self.sent >= end {
                        self.front_at = end;
                        self.front_told = false;
                        self.cues.pop_front();
                        continue;
                    }
                    if self.sent >= until {
                        break;
                    }
                    let piece = piece(until - self.sent).min(end - self.sent);
                    let from = self.sent - self.front_at;
                    let bytes = cut(&said.sound, index(from), index(piece));
                    if !bytes.is_empty() {
                        out.push(Out::Sound(bytes));
                    }
                    self.sent += piece;
                }
            }
        }
        out
    }
}

/// A sound that is no speech.
fn silence() -> Said {
    let (text, language) = ("".into(), "".into());
    Said { prompt: None, language, text, medium: Medium::Clip, length: Duration::ZERO, sound: [].into() }
}

/// What tells a page that keys count, if they do by now.
pub(super) fn listens(playing: &Playing, now: Timestamp) -> Option<Told> {
    let Ending::Listen(listen) = &playing.performance().reply.ending else { return None };
    let (keys, timer) = plan(listen);
    let begun = playing.listens_from().is_some_and(|from| from <= now);
    begun.then_some(Told::Listens { keys, timer_ms: millis(timer) })
}

fn plan(listen: &Listen<Said>) -> (KeysTold, Duration) {
    match listen.keys {
        KeyPlan::One => (KeysTold::One, listen.first_key),
        KeyPlan::UntilPound => (KeysTold::UntilPound, listen.first_key.max(listen.between_keys)),
    }
}

fn says(number: u32, said: &Said) -> Told {
    Told::Says {
        number,
        prompt: said.prompt.as_ref().map(ToString::to_string),
        language: said.language.to_string(),
        text: said.text.to_string(),
        is_text: said.medium == Medium::Text && !said.text.is_empty(),
        ms: millis(said.length),
    }
}

/// `length` samples of a sound from `from` on; fewer where it ends.
fn cut(sound: &[Bytes], from: usize, length: usize) -> Bytes {
    let mut at = 0;
    let mut pieces = Vec::new();
    for part in sound {
        let (begin, end) = (from.max(at), (from + length).min(at + part.len()));
        if begin < end {
            pieces.push(part.slice(begin - at..end - at));
        }
        at += part.len();
    }
    match pieces.as_slice() {
        [one] => one.clone(),
        _ => pieces.concat().into(),
    }
}

fn piece(wanted: u64) -> u64 {
    wanted.min(audio::samples(PIECE) as u64)
}

fn index(samples: u64) -> usize {
    usize::try_from(samples).unwrap_or(usize::MAX)
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::call::Reply;
    use crate::dialect::Performance;

    const BEGAN: Timestamp = Timestamp::from_millis(1_000);

    fn said(text: &str, ms: u64, sound: &[&[u8]]) -> Said {
        Said {
            prompt: None,
            language: "en".into(),
            text: text.into(),
            medium: if sound.is_empty() { Medium::Text } else { Medium::Clip },
            length: Duration::from_millis(ms),
            sound: sound.iter().map(|part| Bytes::copy_from_slice(part)).collect(),
        }
    }

    fn playout(plain: Vec<Said>, listened: Vec<Said>) -> Playout {
        let second = Duration::from_secs(1);
        let keys = KeyPlan::UntilPound;
        let listen = Listen { prompts: listened, keys, first_key: second, between_keys: second * 2, secret: false };
        let reply = Reply { prompts: plain, ending: Ending::Listen(listen) };
        let mut playout = Playout::silent();
        let performance = Performance { reply, urls: BTreeMap::new(), answers_on_bridge: false };
        playout.document(&Playing::new(performance, BEGAN), &Bytes::new(), BEGAN);
        playout
    }

    /// All that goes out in the first milliseconds, text in letters: S says, L listens, a digit for each 80 samples.
    fn out(playout: &mut Playout, ms: u64) -> String {
        let mut text = String::new();
        for out in playout.pass(BEGAN.plus(Duration::from_millis(ms))) {
            match out {
                Out::Told(Told::Says { text: said, .. }) => text.push_str(&said),
                Out::Told(Told::Listens { .. }) => text.push('L'),
                Out::Told(_) => text.push('?'),
                Out::Sound(bytes) => text.extend(bytes.chunks(80).map(|piece| char::from(piece[0]))),
            }
        }
        text
    }

    #[test]
    fn sentences_and_their_sound_go_out_in_order_and_a_little_ahead() {
        let (one, two) = ([b'1'; 800], [b'2'; 400]);
        let mut playout =
            playout(vec![said("A", 150, &[&one, &two])], vec![said("B", 30, &[&[b'3'; 80]]), said("C", 200, &[])]);
        // 80 ms ahead, in tens of milliseconds.
        assert_eq!(out(&mut playout, 0), "A11111111");
        assert_eq!(playout.due(), Some(BEGAN.plus(PIECE)));
        assert_eq!(out(&mut playout, 20), "11");
        assert_eq!(out(&mut playout, 70), "22222LB");
        // The rest of a sentence whose sound is shorter is silence; a text has no sound at all.
        assert_eq!(out(&mut playout, 110), "3C");
        assert_eq!(out(&mut playout, 200), "");
        assert!(playout.due().is_some());
        assert_eq!(out(&mut playout, 400), "");
        assert_eq!(playout.due(), None);
    }

    #[test]
    fn a_tone_goes_round_until_it_is_stopped() {
        let mut playout = Playout::silent();
        assert_eq!((playout.due(), playout.stop()), (None, false));
        playout.tone([[b'1'; 80], [b'2'; 80], [b'3'; 80]].concat().into(), BEGAN);
        assert_eq!(out(&mut playout, 0), "12312312");
        assert_eq!(out(&mut playout, 20), "31");
        assert!(playout.stop());
        assert_eq!(out(&mut playout, 500), "");
    }
}
