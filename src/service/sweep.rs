//! Ends the calls of which nothing comes any more.

use std::time::Duration;

use tracing::{error, info};

use super::Service;
use crate::flow::Input;

/// How many lost calls are ended at a time.
const AT_ONCE: u32 = 500;

impl Service {
    /// How often [`Service::sweep`] should run.
    pub const SWEEP_EVERY: Duration = Duration::from_secs(30);

    /// One round. Not every provider reports a hang-up, and no call may stay for ever.
    pub async fn sweep(&self) {
        let now = self.clock.now();
        match self.store.overdue(now, AT_ONCE).await {
            Ok(lost) => {
                for call in lost {
                    info!(call.id = %call, "nothing has come of a call for too long: it counts as lost");
                    if let Some(profile) = self.profile_of(call).await {
                        self.end(&profile, call, Input::Lost).await;
                    }
                }
            }
            Err(failed) => error!("lost calls could not be looked for: {:#}", anyhow::Error::from(failed)),
        }
    }

    async fn profile_of(&self, call: crate::call::CallId) -> Option<crate::dialect::Profile> {
        let stored = self.store.load(call).await.ok()??;
        let known = self.settings.profiles.get(&stored.profile);
        // A profile that is switched off while calls of it were in progress: any dialect can write their end.
        known.or_else(|| self.settings.profiles.values().next()).cloned()
    }
}
