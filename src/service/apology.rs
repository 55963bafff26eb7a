//! What callers hear when we fail, from documents that need no database.

use tracing::error;

use super::Service;
use super::speech::OwnAudio;
use crate::call::{CallId, EndCause, Ending, Language, Leg, PromptId, Reply, Spoken, Step, ValueRecord};
use crate::dialect::{Document, Profile};
use crate::flow::Loaded;

/// How long a fallback number rings.
pub(crate) const RING: std::time::Duration = std::time::Duration::from_secs(30);
/// How long a caller may talk there.
pub(crate) const TALK: std::time::Duration = std::time::Duration::from_hours(1);

/// Heard before an apology.
pub(crate) const FAILURE: &str = "sound.failure";

/// A step of no call. What comes back to it finds none: a short apology and the end.
pub(super) const NO_STEP: Step = Step { call: CallId::from_bytes([0; 16]), leg: Leg::CALLER, turn: 0 };

/// How we apologise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Apology {
    /// Somebody who can help is dialled. When that dial has ended, the call goes on at this step.
    Dial(Step),
    /// The call ends: an apology has dialled already.
    End,
    /// To an operator, whose phone is hung up. The caller is still there, and was not taken.
    Peer,
}

impl Service {
    /// An apology in every language and a way to a person, or the end if there is nobody.
    pub(super) fn apology(&self, profile: &Profile, how: Apology) -> Document {
        let loaded = self.lines.first();
        let apology = &loaded.line.apology;
        let numbers = self.settings.dial.get(&apology.dial).cloned().unwrap_or_default();
        match how {
            Apology::Dial(here) if !numbers.is_empty() => {
                let target = apology.dial.clone();
                let dial =
                    crate::call::Dial { target, numbers, ring: RING, limit: TALK, whisper: None, recorded: false };
                let said = self.in_every_language(profile, &loaded, &apology.prompt, Ending::Dial(dial), here);
                // Numbers that the provider cannot dial must not cost the caller the farewell.
                said.unwrap_or_else(|| self.apology(profile, Apology::End))
            }
            Apology::Dial(_) | Apology::End => {
                let end = Ending::HangUp(EndCause::OurFault);
                self.in_every_language(profile, &loaded, &apology.end, end, NO_STEP)
                    .unwrap_or_else(|| profile.dialect.acknowledge())
            }
            Apology::Peer => {
                let reply = Reply { prompts: Vec::new(), ending: Ending::HangUp(EndCause::HandedOver) };
                let rendered = self.render(profile, &loaded, reply, &OwnAudio::default(), NO_STEP, Leg::CALLER);
                rendered.map_or_else(|_| profile.dialect.acknowledge(), |rendered| rendered.document)
            }
        }
    }

    /// A short apology to a call that is unknown or over.
    pub(super) fn unknown_call(&self, profile: &Profile) -> Document {
        let loaded = self.lines.first();
        let end = Ending::HangUp(EndCause::Unknown);
        self.in_every_language(profile, &loaded, &loaded.line.unknown_call, end, NO_STEP)
            .unwrap_or_else(|| profile.dialect.acknowledge())
    }

    fn in_every_language(
        &self,
        profile: &Profile,
        loaded: &Loaded,
        prompt: &PromptId,
        ending: Ending,
        here: Step,
    ) -> Option<Document> {
        let in_one = |language: &Language| Spoken {
            prompt: prompt.clone(),
            language: language.clone(),
            values: ValueRecord::new(),
            personal: false,
            slow: false,
        };
        let tone = loaded.line.languages.first().filter(|_| self.lines.speech().clips);
        let tone = tone.filter(|_| loaded.catalogue.contains(FAILURE));
        let tone = tone.map(|language| Spoken { prompt: PromptId::from(FAILURE), ..in_one(language) });
        let prompts = tone.into_iter().chain(loaded.line.languages.iter().map(in_one)).collect();
        let reply = Reply { prompts, ending };
        // It waits for nothing, and what it says is in no log: audio of it could not be found again.
        let rendered = self.render(profile, loaded, reply, &OwnAudio::default(), here, Leg::CALLER);
        rendered
            .map_err(|failed| error!(profile = %profile.name, "an apology cannot be written: {failed}"))
            .ok()
            .map(|rendered| rendered.document)
    }
}
