//! What is around a call of a load: a server that somebody else set up. It can be called, and nothing else.

use std::sync::Arc;

use async_trait::async_trait;

use crate::call::{EndCause, Name, PhoneNumber, Timestamp};
use crate::flow::Loaded;
use crate::simulator::call_file::Setting;
use crate::simulator::pace::Pace;
use crate::simulator::player::Scene;

/// A server as it is seen from outside.
pub(super) struct Outside {
    pub(super) loaded: Arc<Loaded>,
    pub(super) clock: Arc<dyn Pace>,
    pub(super) caller: PhoneNumber,
}

#[async_trait]
impl Scene for Outside {
    fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.loaded)
    }

    fn clock(&self) -> Arc<dyn Pace> {
        Arc::clone(&self.clock)
    }

    /// It is what time it is.
    fn begin(&self, _: Timestamp) {}

    fn anybody(&self) -> PhoneNumber {
        self.caller.clone()
    }

    fn is_outside(&self) -> bool {
        true
    }

    /// Whether the server has clips is its own affair.
    fn has_clips(&self) -> bool {
        false
    }

    fn target_of(&self, _: &[PhoneNumber]) -> Option<Name> {
        None
    }

    async fn set(&self, _: &Setting) -> Result<(), String> {
        Err("the server that is called is nobody's to set here".to_owned())
    }

    async fn cause_of_last_end(&self) -> Result<Option<EndCause>, String> {
        Ok(None)
    }
}
