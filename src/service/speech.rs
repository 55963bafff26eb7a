//! What is said, as it goes out: a prompt becomes one audio file of ours, or text for the provider's own voice. Never
//! half and half. Audio is put together of clips, or spoken by a synthesiser of ours just before.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::Service;
use super::apology::NO_STEP;
use crate::audio::{self, SILENCE};
use crate::call::{Segment, Sentence, Spoken, Step, ValueRecord};
use crate::dialect::Profile;
use crate::flow::Loaded;
use crate::prompt::{Error, Utterance};
use crate::synthesiser::Words;

/// What is heard behind a sentence that is spoken whole, because another may follow: 400 ms, as behind clips.
pub(super) static SENTENCE_END: [u8; 3_200] = [SILENCE; 3_200];

/// A sentence as it goes out, and how long it is heard.
pub(super) struct Heard {
    pub(super) sentence: Sentence,
    pub(super) length: Duration,
}

/// The sentences of a reply that our own voice has spoken: their numbers, and how long they are heard.
#[derive(Debug, Default)]
pub(super) struct OwnAudio(BTreeMap<usize, Duration>);

impl OwnAudio {
    pub(super) fn length(&self, number: usize) -> Option<Duration> {
        self.0.get(&number).copied()
    }
}

/// What is to be said of an utterance without clips; `None` for a sound.
pub(super) fn words_of(loaded: &Loaded, utterance: &Utterance) -> Option<Words> {
    let Utterance { language, text, is_fixed, .. } = utterance;
    let pronounced = loaded.catalogue.pronounced(language, text);
    let words = || Words { language: language.clone(), text: text.clone(), pronounced, is_fixed: *is_fixed };
    (!text.is_empty()).then(words)
}

impl Service {
    /// Has our own voice say what a reply says and what there are no clips for, and waits for all of it together as
    /// long as is set. What comes later is at hand when it is said again.
    pub(super) async fn speak_ahead(&self, loaded: &Loaded, said: &[Spoken]) -> OwnAudio {
        let Some(own_voice) = &self.lines.speech().own_voice else { return OwnAudio::default() };
        let now = self.clock.now();
        let words: Vec<(usize, Words)> = (0..)
            .zip(said)
            .filter_map(|(number, spoken)| {
                let utterance = loaded.catalogue.utterance(spoken).ok()?;
                let recipe = utterance.recipe.as_ref();
                let has_clips = recipe.is_some_and(|recipe| self.lines.speech().files.parts(recipe).is_some());
                let words = words_of(loaded, &utterance).filter(|_| !has_clips)?;
                Some((number, words))
            })
            .collect();
        let missing: Vec<_> = words
            .iter()
            .filter(|(_, words)| own_voice.held(words).is_none())
            .map(|(_, words)| own_voice.ask(words, now))
            .collect();
        let wait = own_voice.wait(now);
        if !missing.is_empty() && wait > Duration::ZERO {
            let in_time = tokio::select! {
                biased;
                _ = join_all(missing) => true,
                () = self.clock.sleep(wait) => false,
            };
            own_voice.waited(in_time, self.clock.now());
        }
        let length = |(number, words): (usize, Words)| {
            let samples = own_voice.held(&words)?.len() + SENTENCE_END.len();
            Some((number, audio::length(samples)))
        };
        OwnAudio(words.into_iter().filter_map(length).collect())
    }

    /// Has our own voice, if there is one, say something in every language of the first line: then it is warm when
    /// somebody calls, and the log says whether it works.
    pub async fn try_own_voice(&self) {
        let Some(own_voice) = &self.lines.speech().own_voice else { return };
        let loaded = self.lines.first();
        for language in &loaded.line.languages {
            let utterance = loaded.catalogue.utterance(&Spoken {
                prompt: loaded.line.apology.end.clone(),
                language: language.clone(),
                values: ValueRecord::new(),
                personal: false,
                slow: false,
            });
            if let Some(words) = utterance.ok().and_then(|utterance| words_of(&loaded, &utterance)) {
                own_voice.check(&words, self.clock.now()).await;
            }
        }
    }

    /// A prompt, said. It is sentence `number` of the reply of step `here`; `own`: how long it is in our own voice,
    /// if that has spoken it.
    pub(super) fn heard(
        &self,
        profile: &Profile,
        loaded: &Loaded,
        spoken: &Spoken,
        own: Option<Duration>,
        here: Step,
        number: usize,
    ) -> Result<Heard, Error> {
        let mut utterance = loaded.catalogue.utterance(spoken)?;
        let clips = self.clips_url(profile, &utterance, here, number);
        let own = own.filter(|_| clips.is_none()).zip(self.own_url(profile, here, number));
        if clips.is_none() {
            utterance.recipe = None;
        }
        let length = own.as_ref().map_or_else(|| utterance.length(), |(length, _)| *length);
        let url = clips.or(own.map(|(_, url)| url));
        let Utterance { prompt, language, text, .. } = utterance;
        let segments = match url {
            Some(url) => vec![Segment::Audio { url }],
            // A sound that cannot be played.
            None if text.is_empty() => Vec::new(),
            None => vec![Segment::Text(text)],
        };
        Ok(Heard { sentence: Sentence { prompt: Some(prompt), language, segments }, length })
    }

    /// Where the sentence can be fetched in clips; `None` if it cannot be played.
    fn clips_url(&self, profile: &Profile, utterance: &Utterance, here: Step, number: usize) -> Option<String> {
        let recipe = utterance.recipe.as_ref()?;
        self.lines.speech().files.parts(recipe)?;
        if utterance.is_fixed {
            return Some(self.audio_url(profile, &recipe.hash().to_string()));
        }
        self.own_url(profile, here, number)
    }

    /// Where a sentence of a call can be fetched; `None` for one of no call, which could not be found again.
    fn own_url(&self, profile: &Profile, here: Step, number: usize) -> Option<String> {
        if here == NO_STEP {
            return None;
        }
        Some(self.audio_url(profile, &self.audio_tokens.write(here, u8::try_from(number).ok()?)))
    }

    fn audio_url(&self, profile: &Profile, name: &str) -> String {
        let extension = profile.capabilities.audio.extension();
        self.settings.public.join(&format!("/audio/{name}.{extension}"))
    }
}
