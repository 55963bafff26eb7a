//! A neutral reply, said: prompts become sentences, the dialect writes them.

use std::convert::Infallible;
use std::time::Duration;

use crate::call::{Ending, Leg, Listen, Reply, Segment, Step};
use crate::dialect::{Document, Profile, ResumeUrls, Unsupported};
use crate::flow::Loaded;
use crate::prompt;

use super::Service;
use super::speech::{Heard, OwnAudio};

/// What is said while a lookup is under way lasts at least this long, so that the next poll is not at once.
pub(crate) const SHORTEST_FILLER: Duration = Duration::from_secs(3);

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
    /// The document of a reply. `own`: what of it our own voice has spoken; `here` is the step that it is, `dialled` the
    /// leg that a dial in it rings.
    pub(super) fn render(
        &self,
        profile: &Profile,
        loaded: &Loaded,
        reply: Reply,
        own: &OwnAudio,
        here: Step,
        dialled: Leg,
    ) -> Result<Rendered, Error> {
        let mut numbers = 0..;
        let mut heard = reply.try_map(|spoken| {
            let number = numbers.next().unwrap_or(usize::MAX);
            self.heard(profile, loaded, &spoken, own.length(number), here, number)
        })?;
        if matches!(heard.ending, Ending::GoTo) {
            let rest = SHORTEST_FILLER.saturating_sub(heard.prompts.iter().map(|heard| heard.length).sum());
            if let (Some(last), true) = (heard.prompts.last_mut(), rest > Duration::ZERO) {
                last.sentence.segments.push(Segment::Silence(rest));
                last.length += rest;
            }
        }
        let lasts = lasts(&heard);
        let Ok(spoken) = heard.try_map(|heard| Ok::<_, Infallible>(heard.sentence));
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

fn lasts(reply: &Reply<Heard>) -> Duration {
    let said = |sentences: &[Heard]| sentences.iter().map(|heard| heard.length).sum::<Duration>();
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
