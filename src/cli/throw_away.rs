//! What calls of a line need where no server runs: a store of their own with demo people, and the line's clips. It is gone
//! when they are over.

use std::path::{Path, PathBuf};

use super::prompts::open::Opened;
use crate::clip_files::ClipFiles;
use crate::lookup::demo;
use crate::lookup::pin::PinHashing;
use crate::service::Speech;
use crate::simulator::Hall;
use crate::store::Database;

/// A store with demo people, and clips.
pub(super) struct ThrowAway {
    pub(super) database: Database,
    pub(super) speech: Speech,
    _folder: Folder,
}

impl ThrowAway {
    /// For calls of this line.
    pub(super) async fn open(opened: &Opened) -> anyhow::Result<Self> {
        let folder = Folder::make()?;
        let database = Database::open(&folder.0.join("hotline.db")).await?;
        demo::fill(&database, Hall::PEOPLE, PinHashing::SMALLEST, |_, _| {}).await?;
        let files = ClipFiles::in_folder(folder.0.join("clips"));
        if let Some(prompts) = opened.prompts() {
            files.take_in(prompts, &opened.files)?;
        }
        Ok(Self { database, speech: Speech::new(files), _folder: folder })
    }

    pub(super) async fn close(self) -> anyhow::Result<()> {
        Ok(self.database.close().await?)
    }
}

/// A folder that only this user may read, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn make() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("hotline-test-{:016x}", rand::random::<u64>()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let path: &Path = &self.0;
        if let Err(failed) = std::fs::remove_dir_all(path) {
            eprintln!("{} could not be removed: {failed}", path.display());
        }
    }
}
