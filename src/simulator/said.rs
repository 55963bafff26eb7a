//! What a document says, as a telephone hears it: each sentence with its length, and whether it comes from clips or as
//! text for the provider's voice.
//!
//! Audio is measured by its bytes, text by the pace of its language; nothing else in this folder knows a length.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::carrier::Fetched;
use super::trouble::Trouble;
use crate::audio::{self, wav};
use crate::call::{Language, PromptId, Segment, Sentence};
use crate::prompt::speaking_time;
use crate::service::Words;

/// A sentence as it is heard.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    /// Which prompt it is; `None` where the document tells only its text.
    pub prompt: Option<PromptId>,
    pub language: Language,
    /// Empty for silence, for a sound that is no speech, and for audio of which nobody tells what it says.
    pub text: Arc<str>,
    pub medium: Medium,
    pub length: Duration,
    /// Mu-law samples; empty where nothing is played. The rest of the length is silence.
    pub sound: Arc<[Bytes]>,
}

/// What carries a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Our own audio.
    Clip,
    /// A text, for the provider's voice.
    Text,
}

/// The audio of a document, fetched and measured, by its URL as written.
pub(super) type Audio = BTreeMap<String, Measured>;

/// An audio file as it came.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) length: Duration,
    pub(super) sound: Arc<[Bytes]>,
    /// What it says, if that was asked.
    pub(super) words: Option<Words>,
}

impl Measured {
    /// Audio that was not fetched.
    pub(super) fn nothing() -> Self {
        Self { length: Duration::ZERO, sound: Arc::default(), words: None }
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {:?}", self.medium, self.length)
    }
}

impl Said {
    /// Silence and sounds are nothing that is said.
    #[must_use]
    pub fn has_words(&self) -> bool {
        !self.text.is_empty()
    }

    /// Audio of which nobody has told what it says.
    pub(super) fn is_unheard(&self) -> bool {
        self.medium == Medium::Clip && self.prompt.is_none() && self.text.is_empty()
    }

    /// A sentence of a document whose audio is in `audio`.
    ///
    /// # Errors
    /// [`Trouble::NoAudio`] if some of it is not.
    pub(super) fn of(sentence: Sentence, audio: &Audio) -> Result<Self, Trouble> {
        let Sentence { prompt, language, segments } = sentence;
        let (medium, length) = (Medium::Text, Duration::ZERO);
        let (text, sound) = (Arc::default(), Arc::default());
        let (mut said, mut text_of) = (Self { prompt, language, text, medium, length, sound }, String::new());
        for segment in segments {
            match segment {
                Segment::Text(text) => {
                    said.length += speaking_time(&said.language, &text);
                    text_of.push_str(&text);
                }
                Segment::Audio { url } => {
                    let Measured { length, sound, words } = audio.get(&url).ok_or(Trouble::NoAudio)?;
                    said.length += *length;
                    said.medium = Medium::Clip;
                    said.sound = if said.sound.is_empty() {
                        Arc::clone(sound)
                    } else {
                        said.sound.iter().chain(sound.iter()).cloned().collect()
                    };
                    if let Some(Words { prompt, language, text }) = words {
                        said.prompt.get_or_insert_with(|| prompt.clone());
                        said.language = language.clone();
                        text_of.push_str(text);
                    }
                }
                Segment::Silence(length) => said.length += length,
            }
        }
        said.text = text_of.into();
        Ok(said)
    }
}

/// How long sentences are heard, one after the other.
pub(super) fn length(said: &[Said]) -> Duration {
    said.iter().map(|said| said.length).sum()
}

/// How long an audio file of ours is heard, by its header, which has to agree with how much came.
///
/// # Errors
/// Why it is none.
pub(super) fn measure(fetched: &Fetched) -> Result<Duration, Trouble> {
    if fetched.status != 200 {
        return Err(Trouble::AudioStatus(fetched.status));
    }
    if fetched.content_type != "audio/wav" {
        return Err(Trouble::NoWav("its type is not audio/wav"));
    }
    let head = fetched.body.first().and_then(|first| first.first_chunk::<{ wav::HEADER_BYTES }>());
    let head = head.ok_or(Trouble::NoWav("it is shorter than a header"))?;
    let samples = head.last_chunk().map_or(0, |count| u32::from_le_bytes(*count));
    if *head != wav::header(samples) {
        return Err(Trouble::NoWav("its header is of another format"));
    }
    let samples = samples as usize;
    let expected = wav::HEADER_BYTES + samples + samples % 2;
    if fetched.body.iter().map(Bytes::len).sum::<usize>() != expected {
        return Err(Trouble::NoWav("it is not as long as its header tells"));
    }
    Ok(audio::length(samples))
}

/// The samples of a file that has been measured: what lies between its header and its padding.
pub(super) fn samples(fetched: Fetched, length: Duration) -> Arc<[Bytes]> {
    let mut left = audio::samples(length);
    let mut skip = wav::HEADER_BYTES;
    let pieces = fetched.body.into_iter().filter_map(|mut piece| {
        let head = skip.min(piece.len());
        skip -= head;
        let _ = piece.split_to(head);
        piece.truncate(left);
        left -= piece.len();
        (!piece.is_empty()).then_some(piece)
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetched(status: u16, content_type: &str, pieces: &[&[u8]]) -> Fetched {
        let body = pieces.iter().map(|piece| Bytes::copy_from_slice(piece)).collect();
        Fetched { status, content_type: content_type.to_owned(), immutable: false, body }
    }

    #[test]
    fn audio_is_as_long_as_its_samples() {
        for count in [0, 1, 8_000] {
            let file = wav::file(&vec![0x55; count]);
            let (head, rest) = file.split_at(wav::HEADER_BYTES);
            for pieces in [&[&file[..]][..], &[head, rest]] {
                let file = fetched(200, "audio/wav", pieces);
                let length = measure(&file).unwrap();
                assert_eq!(length, Duration::from_micros(count as u64 * 125));
                assert_eq!(samples(file, length).concat(), vec![0x55; count]);
            }
        }
    }

    #[test]
    fn what_is_no_wav_of_ours_is_told() {
        let file = wav::file(&[1, 2, 3, 4]);
        let mut other = file.clone();
        other[24] += 1;
        let told = |status, content_type, body: &[u8]| {
            measure(&fetched(status, content_type, &[body])).unwrap_err().to_string()
        };
        assert_eq!(told(404, "audio/wav", &file), "audio was answered with status 404");
        for (content_type, body, why) in [
            ("text/plain", &file[..], "its type is not audio/wav"),
            ("audio/wav", &file[..57], "it is shorter than a header"),
            ("audio/wav", &other, "its header is of another format"),
            ("audio/wav", &file[..61], "it is not as long as its header tells"),
            ("audio/wav", &[&file[..], b" "].concat(), "it is not as long as its header tells"),
        ] {
            assert!(told(200, content_type, body).ends_with(why), "{why}");
        }
    }

    #[test]
    fn a_sentence_is_heard_as_its_segments_tell() {
        let words = Words { prompt: "sys.bye".into(), language: "en".into(), text: "Goodbye.".to_owned() };
        let measured = |seconds, words| Measured { length: Duration::from_secs(seconds), sound: Arc::default(), words };
        let known = ("known".to_owned(), measured(3, Some(words)));
        let unknown = ("unknown".to_owned(), measured(5, None));
        let audio = Audio::from([known, unknown]);
        let say =
            |language: &str, segments| Said::of(Sentence { prompt: None, language: language.into(), segments }, &audio);
        let play = |url: &str| Segment::Audio { url: url.to_owned() };
        let rest = Segment::Silence(Duration::from_secs(2));

        let text = say("en", vec![Segment::Text("Goodbye.".to_owned()), rest.clone()]).unwrap();
        let length = speaking_time(&"en".into(), "Goodbye.") + Duration::from_secs(2);
        assert_eq!((&*text.text, text.medium, text.length), ("Goodbye.", Medium::Text, length));
        assert_eq!(text.prompt, None);

        let clip = say("", vec![play("known"), rest]).unwrap();
        assert_eq!((&*clip.text, clip.medium, clip.length), ("Goodbye.", Medium::Clip, Duration::from_secs(5)));
        assert_eq!((clip.prompt, clip.language), (Some("sys.bye".into()), "en".into()));

        let measured = say("", vec![play("unknown")]).unwrap();
        assert_eq!((&*measured.text, measured.length), ("", Duration::from_secs(5)), "only measured");
        assert!(matches!(say("", vec![play("other")]), Err(Trouble::NoAudio)));
    }
}
