//! What providers tell of recordings: whether it may be believed, and what comes after a call.
//!
//! The sound itself is fetched by `fetch.rs`: here nothing is read from a network.

use tracing::{error, warn};

use super::{ContextError, Service};
use crate::call::{Recording, Step, What};
use crate::desk::recordings::{Talk, add_talk, lost};
use crate::dialect::Profile;
use crate::flow::Session;
use crate::store::SOURCE;

const ELSEWHERE: &str =
    "a recording is said to be at a host that is none of the provider's; it is not fetched (see [recording-hosts])";

impl Service {
    /// A recording can be fetched, or it cannot be had. For a caller who hung up while they were recorded the call goes
    /// on with it, and so it does where nothing could be recorded; everybody else's went on when the recording ended.
    pub(super) async fn file_ready(&self, profile: &Profile, step: Step, recording: Recording) {
        let is_lost = matches!(recording, Recording::Nothing | Recording::Failed);
        let slot = self.calls.slot(step.call);
        let mut held = slot.lock().await;
        let woken = self.wake(profile, &mut held, step.call).await;
        let session = held.live.as_ref().map(|live| &live.kept.session);
        // Who is told that nothing could be recorded hears so, instead of being asked to speak up.
        let waits = session.is_some_and(Session::awaits_recording) || recording == Recording::Failed;
        let goes_on = woken.is_ok() && session.is_some_and(|session| session.ended().is_none());
        drop(held);
        if waits {
            // What answers is heard by nobody, or by whoever asks for the current document.
            self.turn(profile, step, What::FileReady(recording)).await;
        } else if !goes_on {
            self.calls.forget(step.call);
        }
        if is_lost && let Err(error) = lost(&self.lines.database, &self.tokens.recording(step)).await {
            error!(call.id = %step.call, "that a recording is lost could not be written: {error}");
        }
    }

    /// The recording of a talk can be fetched, or it cannot be had. The call has gone on, and may be over.
    pub(super) async fn talk_ready(&self, profile: &Profile, step: Step, recording: Recording) {
        let database = &self.lines.database;
        let (url, seconds) = match recording {
            Recording::Made { url, seconds, .. } => (url, seconds),
            Recording::Nothing => return,
            Recording::Failed => return warn!(call.id = %step.call, "the provider could not record a talk"),
        };
        let kept = async {
            let Some(key) = self.key_of(step.call).await? else { return Ok(()) };
            let simulated = self.store.load(step.call).await?.is_some_and(|stored| stored.simulated);
            if !simulated && !profile.has_recording(&url) {
                warn!(profile = %profile.name, "{ELSEWHERE}");
                return Ok(());
            }
            let (name, source) = (self.tokens.recording(step), key.seal(SOURCE, url.as_bytes()));
            let talk = Talk { call: step.call, name, seconds, source };
            Ok::<_, ContextError>(add_talk(database, talk, self.clock.now()).await?)
        };
        if let Err(failed) = kept.await {
            let failed = anyhow::Error::from(failed);
            error!(call.id = %step.call, "where the recording of a talk is could not be written: {failed:#}");
        }
    }

    /// A recording as the provider tells it, or one that cannot be had if it is told to be where the provider has none:
    /// whoever fetches it would be sent anywhere.
    pub(super) fn believed(profile: &Profile, simulated: bool, what: What) -> What {
        let (What::Recorded(recording) | What::FileReady(recording)) = &what else { return what };
        let Recording::Made { url, .. } = recording else { return what };
        if simulated || profile.has_recording(url) {
            return what;
        }
        warn!(profile = %profile.name, "{ELSEWHERE}");
        What::Recorded(Recording::Failed)
    }
}
