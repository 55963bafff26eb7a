//! What a caller says into a recording: kept in memory, as a provider keeps it, until the service has had time to fetch it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::audio::{self, SILENCE, mulaw, wav};
use crate::call::Timestamp;
use crate::simulator::Take;

/// From what level on somebody speaks: 40 dB below full scale, as the mean square of samples of 16 bits.
const VOICE: i64 = 107_000;
/// How long a recording can be fetched.
const KEPT: Duration = Duration::from_mins(10);
/// How much is kept in all, bytes: over two hours.
const MOST_KEPT: usize = 64 << 20;
/// The longest of one, bytes: what a document may ask for, an hour.
const LONGEST: usize = 3_600 * audio::RATE as usize;

/// A recording under way.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    /// When its first sample was said.
    began: Option<Timestamp>,
    samples: Vec<u8>,
}

impl Recorder {
    /// Takes in what was just said. Whether that was a voice.
    pub(super) fn hears(&mut self, sound: &[u8], now: Timestamp) -> bool {
        let length = audio::length(sound.len());
        let began = *self.began.get_or_insert(now.before(length));
        // What did not arrive was not said: the rest stays where it belongs.
        let here = audio::samples(now.before(length).since(began)).min(LONGEST);
        if here > self.samples.len() + GAP {
            self.samples.resize(here, SILENCE);
        }
        if self.samples.len() + sound.len() <= LONGEST {
            self.samples.extend_from_slice(sound);
        }
        is_voice(sound)
    }

    /// The part that counts.
    pub(super) fn cut(&self, take: Take) -> &[u8] {
        let Some(began) = self.began else { return &[] };
        let at = |time: Timestamp| audio::samples(time.since(began)).min(self.samples.len());
        self.samples.get(at(take.from)..at(take.to)).unwrap_or_default()
    }
}

/// A talk that is recorded: what each of the two says, as it comes to the caller's end.
#[derive(Debug)]
pub(super) struct TalkRecorder {
    caller: Recorder,
    desk: Recorder,
    /// Whoever waits on hold talks to nobody: that is not recorded.
    on_hold: bool,
}

impl TalkRecorder {
    pub(super) fn from(now: Timestamp) -> Self {
        let recorder = || Recorder { began: Some(now), samples: Vec::new() };
        Self { caller: recorder(), desk: recorder(), on_hold: false }
    }

    pub(super) fn caller_says(&mut self, sound: &[u8], now: Timestamp) {
        if !self.on_hold {
            self.caller.hears(sound, now);
        }
    }

    pub(super) fn desk_says(&mut self, sound: &[u8], now: Timestamp) {
        if !self.on_hold {
            self.desk.hears(sound, now);
        }
    }

    pub(super) fn hold(&mut self, on: bool) {
        self.on_hold = on;
    }

    /// Both voices in one.
    pub(super) fn mixed(&self) -> Vec<u8> {
        let (caller, desk) = (&self.caller.samples, &self.desk.samples);
        let (long, short) = if caller.len() < desk.len() { (desk, caller) } else { (caller, desk) };
        let quiet = std::iter::repeat(&SILENCE);
        let both = long.iter().zip(short.iter().chain(quiet));
        both.map(|(one, other)| mulaw::encode(mulaw::decode(*one).saturating_add(mulaw::decode(*other)))).collect()
    }
}

/// Where more is missing, something did not arrive: a quarter of a second.
const GAP: usize = audio::RATE as usize / 4;

fn is_voice(sound: &[u8]) -> bool {
    let squares: i64 = sound.iter().map(|code| i64::from(mulaw::decode(*code)).pow(2)).sum();
    squares > VOICE * i64::try_from(sound.len()).unwrap_or(i64::MAX) && !sound.is_empty()
}

/// Recordings that can be fetched.
#[derive(Debug, Default)]
pub(super) struct Recordings(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    name: String,
    file: Bytes,
    since: Timestamp,
}

impl Recordings {
    /// Keeps samples as a file. Its name, which nobody can guess.
    pub(super) fn keep(&self, samples: &[u8], now: Timestamp) -> String {
        let name = format!("{:032x}", rand::random::<u128>());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(Kept { name: name.clone(), file: wav::file(samples).into(), since: now });
        let mut all: usize = kept.iter().map(|kept| kept.file.len()).sum();
        while let Some(oldest) = kept.front()
            && (oldest.since.plus(KEPT) <= now || all > MOST_KEPT)
        {
            all -= oldest.file.len();
            kept.pop_front();
        }
        name
    }

    /// The WAV file with this name.
    pub(super) fn get(&self, name: &str, now: Timestamp) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|kept| kept.name == name && kept.since.plus(KEPT) > now)?;
        Some(found.file.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Stopped;

    const BEGAN: Timestamp = Timestamp::from_millis(10_000);

    fn at(ms: u64) -> Timestamp {
        BEGAN.plus(Duration::from_millis(ms))
    }

    #[test]
    fn a_recording_is_cut_to_the_voice_and_what_did_not_arrive_is_silence() {
        let mut recorder = Recorder::default();
        assert!(!recorder.hears(&[SILENCE; 160], at(20)));
        assert!(recorder.hears(&[0x10; 160], at(40)));
        // A second is missing.
        assert!(recorder.hears(&[0x20; 160], at(1_060)));
        let take = |from, to| Take { from: at(from), to: at(to), stopped: Stopped::Timer };
        assert_eq!(recorder.cut(take(20, 40)), [0x10; 160]);
        assert_eq!(recorder.cut(take(40, 1_040)), [SILENCE; 8_000]);
        assert_eq!(recorder.cut(take(1_040, 9_000)), [0x20; 160]);
        assert_eq!(Recorder::default().cut(take(0, 9)), [0; 0]);
    }

    #[test]
    fn a_talk_has_both_voices_where_they_were_said() {
        let mut talk = TalkRecorder::from(at(0));
        let (loud, soft) = (mulaw::encode(20_000), mulaw::encode(1_000));
        talk.caller_says(&[loud; 160], at(20));
        talk.desk_says(&[soft; 160], at(20));
        // Only one of them speaks, and both together are louder than there is room for.
        talk.desk_says(&[soft; 160], at(1_020));
        talk.caller_says(&[loud; 160], at(2_020));
        talk.desk_says(&[loud; 160], at(2_020));
        let mixed = talk.mixed();
        let at_ms = |ms: usize| mulaw::decode(mixed[ms * 8]);
        assert_eq!(mixed.len(), 2_020 * 8);
        assert!((at_ms(10) - 21_000).abs() < 700, "{}", at_ms(10));
        assert_eq!((at_ms(500), at_ms(1_010)), (mulaw::decode(SILENCE), mulaw::decode(soft)));
        assert!(at_ms(2_010) > 31_000);
        // Nothing is while they wait.
        talk.hold(true);
        talk.caller_says(&[loud; 160], at(2_520));
        talk.hold(false);
        talk.caller_says(&[soft; 160], at(3_020));
        let mixed = talk.mixed();
        assert_eq!(mixed.len(), 3_020 * 8);
        assert_eq!(mixed[2_020 * 8..3_000 * 8], [SILENCE; 980 * 8]);
        assert_eq!(TalkRecorder::from(at(0)).mixed(), [0; 0]);
    }

    #[test]
    fn recordings_are_there_for_a_while() {
        let recordings = Recordings::default();
        let name = recordings.keep(&[1, 2, 3, 4], at(0));
        assert_eq!(recordings.get(&name, at(0)).unwrap(), wav::file(&[1, 2, 3, 4]));
        assert_eq!(recordings.get("other", at(0)), None);
        assert_eq!(recordings.get(&name, at(600_000)), None);
        recordings.keep(&[1], at(600_000));
        assert_eq!(recordings.0.lock().unwrap().len(), 1);
    }
}
