//! One event in, one reply out: the only place where dialects, flows, prompts, lookups and the store meet.
//!
//! It does and decides nothing: what happens in a call is the engine's business, what a provider understands the
//! dialect's. Start with [`Service::answer`], then `turn.rs`.

mod apology;
mod audio;
mod calls;
mod context;
mod control;
mod duty;
mod effects;
mod fetch;
mod lines;
mod log;
mod lookups;
mod publishing;
mod queue;
mod recordings;
mod render;
mod sms;
mod speech;
mod sweep;
mod tickets;
mod token;
mod trace;
mod turn;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};
use tracing::{info, warn};

pub use audio::{Audio, Words};
pub use context::{Context, ContextError, InLanguages, Proof, ProvedBy, Read};
pub use control::Errand;
pub use duty::SIGNATURE as DUTY;
pub use fetch::{LARGEST_RECORDING, NotGiven, Sounds};
pub use lines::{Error as LinesError, Lines, Speech, signatures};
pub use log::{LogError, LoggedStep, read_log, read_steps};
pub use lookups::{Answered, Candidate, Desk, Lookups, Question};
pub use publishing::draft;
pub use queue::{EVERY_DESK, minutes};
pub use sms::SmsSettings;

pub(crate) use apology::{FAILURE, RING, TALK};
pub(crate) use duty::answer as duty_answer;
pub(crate) use lookups::claimed;
pub(crate) use render::SHORTEST_FILLER;
pub(crate) use sms::available as sms_available;
pub(crate) use tickets::{call_back_time, caller_number, proposed, simulated_reference, ticket};
pub use trace::Trace;
pub use turn::MOST_STEPS;
pub(crate) use turn::input;

use apology::{Apology, NO_STEP};
use speech::OwnAudio;

use crate::call::{CallId, Ending, Kind, Leg, Name, PhoneNumber, Recording, Reply, Step, What};
use crate::clock::Clock;
use crate::dialect::{Document, Place, Profile, PublicUrl, RawRequest};
use crate::store::{DataKey, Store};

/// What an installation sets.
#[derive(Debug)]
pub struct Settings {
    /// Where providers reach us.
    pub public: PublicUrl,
    pub profiles: BTreeMap<String, Profile>,
    /// The numbers behind the dial targets that flows name.
    pub dial: BTreeMap<Name, Vec<PhoneNumber>>,
    /// How many calls are admitted at once; one more hears the busy tone.
    pub most_calls: usize,
    pub sms: SmsSettings,
    /// Talks with operators are recorded where the flow tells callers so and the provider can.
    pub record_talks: bool,
}

/// The calls of this process.
pub struct Service {
    settings: Settings,
    lines: Lines,
    store: Arc<dyn Store>,
    lookups: Arc<dyn Lookups>,
    clock: Arc<dyn Clock>,
    key: DataKey,
    tokens: token::Tokens,
    audio_tokens: token::AudioTokens,
    calls: calls::Calls,
    draining: AtomicBool,
}

/// What `http` sends back.
#[derive(Debug)]
pub enum Answer {
    Document(Document),
    /// The profile is not configured.
    NoProfile,
    /// Whoever asks is not the provider.
    Forbidden,
}

impl Service {
    #[must_use]
    pub fn new(
        settings: Settings,
        lines: Lines,
        store: Arc<dyn Store>,
        lookups: Arc<dyn Lookups>,
        clock: Arc<dyn Clock>,
        key: DataKey,
    ) -> Self {
        let tokens = token::Tokens::new(key.derive("step-token"));
        let audio_tokens = token::AudioTokens::new(key.derive("audio-token"));
        Self {
            settings,
            lines,
            store,
            lookups,
            clock,
            key,
            tokens,
            audio_tokens,
            calls: calls::Calls::default(),
            draining: AtomicBool::new(false),
        }
    }

    #[must_use]
    pub const fn lines(&self) -> &Lines {
        &self.lines
    }

    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// From now on no call is admitted; those in progress go on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether [`Service::drain`] was called.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// How many calls this process knows to be in progress.
    #[must_use]
    pub fn calls_in_progress(&self) -> usize {
        self.calls.len()
    }

    /// Answers one request of a provider. `token` is what stands behind the kind in the path.
    pub async fn answer(&self, profile: &str, token: Option<&str>, request: RawRequest<'_>) -> Answer {
        let Some(profile) = self.settings.profiles.get(profile) else { return Answer::NoProfile };
        if let Err(refused) = profile.dialect.authenticate(profile, &request, self.clock.now()) {
            warn!(profile = %profile.name, kind = request.kind.name(), "a request was refused: {refused}");
            return Answer::Forbidden;
        }
        Answer::Document(self.event(profile, token, request).await)
    }

    /// The apology, when a request could not be answered at all: a panic, a stalled disk.
    #[must_use]
    pub fn apologise(&self, profile: &str, kind: Kind, token: Option<&str>) -> Answer {
        let Some(profile) = self.settings.profiles.get(profile) else { return Answer::NoProfile };
        let step = token.and_then(|token| self.tokens.read(token));
        let how = match step {
            Some(step) if step.leg != Leg::CALLER => Apology::Peer,
            _ if kind == Kind::Dialled => Apology::End,
            step => Apology::Dial(step.unwrap_or(NO_STEP)),
        };
        Answer::Document(self.apology(profile, how))
    }

    /// Whether every number that flows may dial can be dialled through every provider.
    ///
    /// # Errors
    /// Which cannot, and why.
    pub fn check_dial(&self) -> Result<(), String> {
        let loaded = self.lines.first();
        for profile in self.settings.profiles.values() {
            for (target, numbers) in &self.settings.dial {
                let dial = crate::call::Dial {
                    target: target.clone(),
                    numbers: numbers.clone(),
                    ring: std::time::Duration::from_secs(30),
                    limit: std::time::Duration::from_hours(1),
                    whisper: None,
                    recorded: false,
                };
                let reply = Reply { prompts: Vec::new(), ending: Ending::Dial(dial) };
                if let Err(refused) = self.render(profile, &loaded, reply, &OwnAudio::default(), NO_STEP, Leg(1)) {
                    return Err(format!("`{target}` cannot be dialled through {}: {refused}", profile.name));
                }
            }
        }
        Ok(())
    }

    /// The document for a request that is the provider's own.
    async fn event(&self, profile: &Profile, token: Option<&str>, request: RawRequest<'_>) -> Document {
        let event = match profile.dialect.read(profile, &request) {
            Ok(event) => event,
            Err(unreadable) => {
                warn!(profile = %profile.name, kind = request.kind.name(), "a request cannot be read: {unreadable}");
                return self.apology(profile, Apology::Dial(NO_STEP));
            }
        };
        if let What::Faulted { code, failed } = &event.what {
            warn!(profile = %profile.name, code, "the provider reports that a step failed");
            return self.failed_step(profile, code, failed.as_deref(), request).await;
        }
        let own = call_id(profile, event.parent.as_deref().unwrap_or(&event.leg));
        if let What::Progress { .. } | What::CallEnded { .. } = &event.what {
            if matches!(event.what, What::CallEnded { .. }) && event.parent.is_none() {
                self.hung_up(profile, own).await;
            }
            return profile.dialect.acknowledge();
        }
        if let What::Arrived(arrival) = event.what {
            return self.arrived(profile, own, &event.leg, arrival).await;
        }
        let step = match token.and_then(|token| self.tokens.read(token)) {
            // A signature need not cover the URL: the call of the body must be the one of the token.
            Some(step) if step.call == own || (step.leg.0 > 0 && event.parent.is_none()) => step,
            _ => {
                info!(profile = %profile.name, kind = request.kind.name(), "a request is for no call that we know");
                return self.unknown_call(profile);
            }
        };
        if let What::FileReady(recording) = event.what {
            self.file_ready(profile, step, recording).await;
            return profile.dialect.acknowledge();
        }
        if let What::TalkReady(recording) = event.what {
            self.talk_ready(profile, step, recording).await;
            return profile.dialect.acknowledge();
        }
        if matches!(event.what, What::Recorded(Recording::Made { hung_up: true, .. })) {
            // Nobody is asked anything any more: the call goes on as it does when the end is told first.
            self.hung_up(profile, own).await;
        }
        self.turn(profile, step, event.what).await
    }

    /// A provider could not do a step and asks the fallback URL, with everything that it would have said there.
    async fn failed_step(
        &self,
        profile: &Profile,
        code: &str,
        failed: Option<&str>,
        request: RawRequest<'_>,
    ) -> Document {
        // What could not be fetched can be had here. A document that could not be done would only fail again.
        let fetch = code.is_empty() || ["111", "112"].iter().any(|family| code.starts_with(family));
        let place = failed.and_then(Place::parse).filter(|place| place.profile == profile.name);
        match place {
            Some(place) if fetch && !matches!(place.kind, Kind::Fallback | Kind::Status) => {
                Box::pin(self.event(profile, place.token, request.read_as(place.kind))).await
            }
            _ => self.apology(profile, Apology::Dial(NO_STEP)),
        }
    }

    fn step_token(&self, step: Step) -> String {
        self.tokens.write(step)
    }
}

/// Our id of a provider's call: the same on every node, and for every repeat of its arrival.
fn call_id(profile: &Profile, provider_id: &str) -> CallId {
    let digest =
        Sha256::new().chain_update(profile.name.as_bytes()).chain_update([0]).chain_update(provider_id).finalize();
    let mut id = [0; 16];
    id.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    CallId::from_bytes(id)
}
