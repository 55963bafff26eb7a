//! The loudspeaker: what a document plays, by the system's own player. Text for the provider's voice is *not* heard.

use tokio::process::{Child, Command};

use crate::audio::{SILENCE, samples};
use crate::cli::system_player::{SoundFile, SystemPlayer};
use crate::simulator::{Playing, Said};

/// A player of the system, with what it is playing.
pub(super) struct Speaker {
    player: SystemPlayer,
    /// The file goes when its player has gone.
    playing: Option<(Child, SoundFile)>,
}

impl Speaker {
    pub(super) const fn new(player: SystemPlayer) -> Self {
        Self { player, playing: None }
    }

    /// Plays a document from its beginning.
    pub(super) fn plays(&mut self, document: &Playing) -> anyhow::Result<()> {
        self.stops();
        if document.says().all(|said| said.sound.is_empty()) {
            return Ok(());
        }
        let file = SoundFile::of(&document.says().flat_map(sound).collect::<Vec<u8>>())?;
        let mut command = Command::new(self.player.name);
        let child = command.args(self.player.arguments).arg(file.path()).kill_on_drop(true).spawn()?;
        self.playing = Some((child, file));
        Ok(())
    }

    /// What is still to be heard is not heard any more.
    pub(super) fn stops(&mut self) {
        self.playing = None;
    }

    /// What is still to be heard is heard.
    pub(super) async fn ends(&mut self) {
        if let Some((mut child, _file)) = self.playing.take() {
            let _ = child.wait().await;
        }
    }
}

/// A sentence with its silence.
fn sound(said: &Said) -> Vec<u8> {
    let mut sound = said.sound.concat();
    sound.resize(samples(said.length).max(sound.len()), SILENCE);
    sound
}
