//! The audio of what was said: found again by the name in its URL, put together of clips that are shared.
//!
//! What everybody hears is named by the hash of its recipe. What one caller hears is named by its place in the call, and
//! is there for as long as the call is: this process has what was said last at hand, anything else is on record. Where
//! there are no clips, our own voice says it, if there is one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tracing::{error, warn};

use super::speech::{SENTENCE_END, words_of};
use super::turn::Trouble;
use super::{LoggedStep, Service, read_steps};
use crate::call::{EndCause, Language, Leg, PromptId, Spoken, Step, Timestamp};
use crate::flow::{Event, Loaded};
use crate::prompt::{AudioHash, Utterance};
use crate::store::{CallKey, StoredCall};

/// How long a provider waits for a sentence that has to be spoken again.
const SPOKEN_AGAIN_WITHIN: Duration = Duration::from_secs(5);

/// A sentence, ready to be sent.
pub struct Audio {
    pub utterance: Utterance,
    /// Its mu-law samples, in order. Shared by all that are heard at the moment.
    pub parts: Vec<Bytes>,
    /// It is the same for everybody and for ever, and anybody may keep it.
    pub everybody: bool,
}

/// What a file of audio says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub prompt: PromptId,
    pub language: Language,
    pub text: String,
}

impl Words {
    #[must_use]
    pub fn of(utterance: &Utterance) -> Self {
        let Utterance { prompt, language, text, .. } = utterance;
        Self { prompt: prompt.clone(), language: language.clone(), text: text.clone() }
    }
}

impl Service {
    /// The audio that has this name in its URL, without the extension; `None` if there is none, or not any more.
    pub async fn audio(&self, name: &str) -> Option<Audio> {
        if let Ok(hash) = AudioHash::parse(name) {
            let (loaded, spoken) = self.lines.fixed(hash, self.clock.now()).await?;
            return self.in_clips(&loaded, &spoken).ok();
        }
        let (step, number) = self.audio_tokens.read(name)?;
        match self.said(step, number).await {
            Ok(None) => None,
            Ok(Some((loaded, spoken))) => match self.in_clips(&loaded, &spoken) {
                Ok(audio) => Some(Audio { everybody: false, ..audio }),
                Err(utterance) => self.by_own_voice(&loaded, utterance?, step).await,
            },
            Err(trouble) => {
                let call = step.call;
                error!(call.id = %call, turn = step.turn, "a sentence cannot be played: {:#}", anyhow::Error::from(trouble));
                None
            }
        }
    }

    /// A sentence in clips; if it has none, what is to be said, if that is known.
    fn in_clips(&self, loaded: &Loaded, spoken: &Spoken) -> Result<Audio, Option<Utterance>> {
        let utterance = loaded.catalogue.utterance(spoken).map_err(|_| None)?;
        match utterance.recipe.as_ref().and_then(|recipe| self.lines.speech().files.parts(recipe)) {
            Some(parts) => Ok(Audio { utterance, parts, everybody: true }),
            None => Err(Some(Utterance { recipe: None, ..utterance })),
        }
    }

    /// A sentence that our own voice has spoken, or speaks once more if that was long ago or on another node.
    async fn by_own_voice(&self, loaded: &Loaded, utterance: Utterance, step: Step) -> Option<Audio> {
        let own_voice = self.lines.speech().own_voice.as_ref()?;
        let words = words_of(loaded, &utterance)?;
        let samples = tokio::select! {
            biased;
            samples = own_voice.ask(&words, self.clock.now()) => samples,
            () = self.clock.sleep(SPOKEN_AGAIN_WITHIN) => None,
        };
        let Some(samples) = samples else {
            warn!(call.id = %step.call, turn = step.turn, "a sentence of the synthesiser is not at hand any more, and it did not speak it again in time");
            return None;
        };
        Some(Audio { utterance, parts: vec![samples, Bytes::from_static(&SENTENCE_END)], everybody: false })
    }

    /// Sentence `number` of the reply of a step, on the version that its call is on.
    async fn said(&self, step: Step, number: u8) -> Result<Option<(Arc<Loaded>, Spoken)>, Trouble> {
        let now = self.clock.now();
        if let Some(said) = self.said_just_now(step, number, now) {
            return Ok(Some(said));
        }
        let Some(stored) = self.store.load(step.call).await? else { return Ok(None) };
        if !can_be_heard(&stored, step, now) {
            return Ok(None);
        }
        let Some(log) = self.store.turn_log(step.call, step.leg, step.turn).await? else { return Ok(None) };
        let key = CallKey::unwrap(&self.key, step.call, &stored.key)?;
        let steps = read_steps(&key, &log).map_err(|_| Trouble::State)?;
        let Some(spoken) = said_last(&steps).get(usize::from(number)).cloned() else { return Ok(None) };
        let loaded = self.lines.version(&stored.line, &stored.version).await?;
        Ok(Some((loaded, spoken)))
    }

    /// The same from memory, if this process said it last and nothing else happens in the call at the moment. Not past
    /// the time when something should have come of it: then another node may know better.
    fn said_just_now(&self, step: Step, number: u8, now: Timestamp) -> Option<(Arc<Loaded>, Spoken)> {
        let slot = self.calls.find(step.call)?;
        let slot = slot.try_lock().ok()?;
        let live = slot.live.as_ref().filter(|live| live.wake_at > now && live.kept.session.ended().is_none())?;
        let current = live.legs.get(&step.leg).filter(|current| current.turn == step.turn)?;
        let spoken = current.said.get(usize::from(number))?.clone();
        Some((Arc::clone(&live.loaded), spoken))
    }
}

/// What the reply of a turn said; nothing if it said nothing.
pub(super) fn said_last(steps: &[LoggedStep]) -> &[Spoken] {
    let mut events = steps.iter().rev().flat_map(|step| step.events.iter().rev());
    let said = events.find_map(|event| match event {
        Event::Said(said) => Some(said.as_slice()),
        Event::Input(_) | Event::Entered(_) | Event::Fault(_) | Event::Ended(_) => None,
    });
    said.unwrap_or_default()
}

/// While a call goes on, and the last words of one that we ended. Who hung up hears nothing more.
fn can_be_heard(stored: &StoredCall, step: Step, now: Timestamp) -> bool {
    let Some((cause, _)) = stored.ended else { return true };
    let last = stored.legs.iter().any(|leg| leg.leg == Leg::CALLER && leg.turn == step.turn);
    match cause {
        EndCause::CallerHungUp | EndCause::Lost | EndCause::ProviderFault => false,
        EndCause::Finished
        | EndCause::HandedOver
        | EndCause::Refused
        | EndCause::TooLong
        | EndCause::OurFault
        | EndCause::Unknown => step.leg == Leg::CALLER && last && now < stored.wake_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallId;
    use crate::store::StoredLeg;

    #[test]
    fn the_last_words_of_a_call_are_heard_and_nothing_after_it_was_hung_up() {
        let at = Timestamp::from_millis;
        let leg = |leg, turn| StoredLeg { leg: Leg(leg), turn, document: Vec::new(), ended: None };
        let stored = |cause: Option<EndCause>| StoredCall {
            line: String::new(),
            version: String::new(),
            profile: String::new(),
            simulated: false,
            key: Vec::new(),
            legs: vec![leg(0, 7), leg(1, 2)],
            session: Vec::new(),
            started_at: at(0),
            wake_at: at(100),
            ended: cause.map(|cause| (cause, at(50))),
        };
        let heard = |cause, leg, turn, now| {
            can_be_heard(&stored(cause), Step { call: CallId::from_bytes([1; 16]), leg: Leg(leg), turn }, at(now))
        };
        assert!(heard(None, 0, 7, 99) && heard(None, 0, 3, 500) && heard(None, 1, 2, 99));
        assert!(heard(Some(EndCause::Finished), 0, 7, 99) && heard(Some(EndCause::TooLong), 0, 7, 99));
        for (cause, leg, turn, now) in [
            (EndCause::Finished, 0, 7, 100),
            (EndCause::Finished, 0, 6, 60),
            (EndCause::Finished, 1, 2, 60),
            (EndCause::Finished, 1, 7, 60),
            (EndCause::CallerHungUp, 0, 7, 60),
            (EndCause::Lost, 0, 7, 60),
        ] {
            assert!(!heard(Some(cause), leg, turn, now), "{cause:?} {leg} {turn} {now}");
        }
    }
}
