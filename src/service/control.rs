//! What whoever can ask providers needs: where a caller who waits can be sent on, and what the outbox says.

use tracing::warn;

use serde::{Deserialize, Serialize};

use super::Service;
use crate::call::{CallId, Kind, Leg, PhoneNumber, Step};
use crate::dialect::{Control, ResumeUrls};
use crate::store::{CallKey, SealError};

/// What the bodies of the outbox are bound to, beside their call.
const BODY: &[u8] = b"outbox";

/// What is to be said to whom: a body of the outbox.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Errand {
    Join { first: PhoneNumber, second: PhoneNumber },
    Sms { to: PhoneNumber, text: String },
}

impl Errand {
    /// Sealed under the key of its call.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn seal(&self, key: &CallKey) -> Result<Vec<u8>, serde_json::Error> {
        Ok(key.seal(BODY, &serde_json::to_vec(self)?))
    }

    /// What was sealed; `None` if it cannot be read.
    #[must_use]
    pub fn open(key: &CallKey, body: &[u8]) -> Option<Self> {
        let opened: Result<Vec<u8>, SealError> = key.open(BODY, body);
        serde_json::from_slice(&opened.ok()?).ok()
    }
}

impl Service {
    /// What sends a caller on who hears a piece of their wait; `None` if the call is not there, at another point, or
    /// over. The URL is good for this point only: later it gets whatever document is the current one.
    pub async fn send_on(&self, call: CallId, profile: &str) -> Option<Control> {
        let profile = self.settings.profiles.get(profile)?;
        let slot = self.calls.slot(call);
        let mut slot = slot.lock().await;
        if let Err(trouble) = self.wake(profile, &mut slot, call).await {
            warn!(call.id = %call, "a caller cannot be sent on, and goes on by themselves: {:#}", anyhow::Error::from(trouble));
            return None;
        }
        let live = slot.live.as_ref().filter(|live| live.kept.session.waits_in_queue())?;
        let current = live.legs.get(&Leg::CALLER).filter(|_| !live.kept.leg.is_empty())?;
        let token = self.step_token(Step { call, leg: Leg::CALLER, turn: current.turn });
        let urls = ResumeUrls { public: &self.settings.public, profile, token: &token, dialled: &token };
        Some(Control::Redirect { leg: live.kept.leg.clone(), url: urls.url(Kind::Next) })
    }
}
