//! Where calls are rehearsed: a folder of its own for the demo people, gone when all have been played.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Opened;
use crate::clip_files::ClipFiles;
use crate::lookup::demo;
use crate::lookup::pin::PinHashing;
use crate::service::Speech;
use crate::simulator::Hall;
use crate::store::Database;

/// A hall and what it stands on.
pub(super) struct House {
    pub(super) hall: Arc<Hall>,
    database: Database,
    _folder: Folder,
}

impl House {
    pub(super) async fn open(opened: &Opened) -> anyhow::Result<Self> {
        let folder = Folder::make()?;
        let database = Database::open(&folder.0.join("hotline.db")).await?;
        demo::fill(&database, Hall::PEOPLE, PinHashing::SMALLEST, |_, _| {}).await?;
        let files = ClipFiles::in_folder(folder.0.join("clips"));
        if let Some(prompts) = opened.prompts() {
            files.take_in(prompts, &opened.files)?;
        }
        let name = opened.line.as_ref().map(|line| line.name.to_string()).unwrap_or_default();
        let hall = Hall::open(database.clone(), (name, opened.files.clone()), Speech::new(files)).await?;
        Ok(Self { hall: Arc::new(hall), database, _folder: folder })
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
