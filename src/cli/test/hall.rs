//! Where calls are rehearsed: a hall on a store of its own.

use std::sync::Arc;

use super::Opened;
use crate::cli::throw_away::ThrowAway;
use crate::simulator::Hall;

/// A hall and what it stands on.
pub(super) struct House {
    pub(super) hall: Arc<Hall>,
    ground: ThrowAway,
}

impl House {
    pub(super) async fn open(opened: &Opened) -> anyhow::Result<Self> {
        let ground = ThrowAway::open(opened).await?;
        let name = opened.line.as_ref().map(|line| line.name.to_string()).unwrap_or_default();
        let line = (name, opened.files.clone());
        let hall = Hall::open(ground.database.clone(), line, ground.speech.clone()).await?;
        Ok(Self { hall: Arc::new(hall), ground })
    }

    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.ground.close().await
    }
}
