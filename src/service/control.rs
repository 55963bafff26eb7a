//! Where a caller who waits can be sent on, by whoever can ask their provider to.

use tracing::warn;

use super::Service;
use crate::call::{CallId, Kind, Leg, Step};
use crate::dialect::{Control, ResumeUrls};

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
