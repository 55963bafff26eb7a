//! A neutral reply, said: prompts become sentences, the dialect writes them.

use std::time::Duration;

use crate::call::{Ending, Leg, Listen, Reply, Segment, Sentence, Spoken, Step};
use crate::dialect::{Document, Profile, ResumeUrls, Unsupported};
use crate::flow::Loaded;
use crate::prompt::{self, speaking_time};

use super::Service;

/// What is said while a lookup is under way lasts at least this long, so that the next poll is not at once.
const SHORTEST_FILLER: Duration = Duration::from_secs(3);

/// Why a reply cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Prompt(#[from] prompt::Error),
    #[error(transparent)]
    Dialect(#[from] Unsupported),
}

/// A reply that is ready to go.
pub(super) struct Rendered {
    pub(super) document: Document,
    /// How long it keeps the leg busy at most, timers and talk included.
    pub(super) lasts: Duration,
}

impl Service {
    /// The document of a reply. `here` is the step that it is, `dialled` the leg that a dial in it rings.
    pub(super) fn render(
        &self,
        profile: &Profile,
        loaded: &Loaded,
        reply: Reply,
        here: Step,
        dialled: Leg,
    ) -> Result<Rendered, Error> {
        let mut spoken = reply.try_map(|spoken: Spoken| loaded.catalogue.sentence(&spoken))?;
        if spoken.ending == Ending::GoTo {
            let rest = SHORTEST_FILLER.saturating_sub(spoken.prompts.iter().map(length).sum());
            if let (Some(last), true) = (spoken.prompts.last_mut(), rest > Duration::ZERO) {
                last.segments.push(Segment::Silence(rest));
            }
        }
        let lasts = lasts(&spoken);
        let urls = ResumeUrls {
            public: &self.settings.public,
            profile,
            token: &self.step_token(here),
            dialled: &self.step_token(Step { leg: dialled, turn: 0, ..here }),
        };
        let document = profile.dialect.write(profile, &spoken, &urls)?;
        Ok(Rendered { document, lasts })
    }
}

/// How long a sentence is heard, about.
fn length(sentence: &Sentence) -> Duration {
    let one = |segment: &Segment| match segment {
        Segment::Text(text) => speaking_time(&sentence.language, text),
        // The longest that a prompt may be (design section 6).
        Segment::Audio { .. } => Duration::from_secs(20),
        Segment::Silence(length) => *length,
    };
    sentence.segments.iter().map(one).sum()
}

fn lasts(reply: &Reply<Sentence>) -> Duration {
    let said = |sentences: &[Sentence]| sentences.iter().map(length).sum::<Duration>();
    let ending = match &reply.ending {
        // Keys are counted at their most: a caller may press as long as they like, but not endlessly.
        Ending::Listen(Listen { prompts, first_key, between_keys, .. }) => {
            said(prompts) + *first_key + *between_keys * 20
        }
        Ending::Dial(dial) => dial.ring + dial.limit,
        Ending::Record(record) => record.longest,
        Ending::GoTo | Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => Duration::ZERO,
    };
    said(&reply.prompts) + ending
}
