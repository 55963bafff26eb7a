//! What has been spoken: in memory whatever it is, on disk only what everybody hears.
//!
//! Nothing here can be read back into a text: an entry is found by a [`Key`] alone.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::Words;
use crate::audio::wav;
use crate::clip_files;

/// Which words of which synthesiser.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// The hash of words. What is not everybody's is hashed with `salt`, which dies with the process, so that nobody
    /// finds out by trying what somebody heard.
    pub(super) fn of(words: &Words, setting: &str, salt: &[u8; 32]) -> Self {
        let salt: &[u8] = if words.is_fixed { &[] } else { salt };
        let parts = [
            salt,
            setting.as_bytes(),
            words.language.as_str().as_bytes(),
            words.text.as_bytes(),
            words.pronounced.as_bytes(),
        ];
        let digest = parts.into_iter().fold(Sha256::new(), |digest, part| {
            digest.chain_update((part.len() as u64).to_be_bytes()).chain_update(part)
        });
        Self(digest.finalize().into())
    }
}

/// Samples in memory, the least recently used out first.
#[derive(Default)]
pub(super) struct Memory {
    most_bytes: usize,
    bytes: usize,
    uses: u64,
    entries: HashMap<Key, (u64, Bytes)>,
    /// The entries by their last use.
    order: BTreeMap<u64, Key>,
}

impl Memory {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, ..Self::default() }
    }

    pub(super) fn get(&mut self, key: &Key) -> Option<Bytes> {
        let (used, samples) = self.entries.get_mut(key)?;
        self.order.remove(used);
        self.uses += 1;
        *used = self.uses;
        self.order.insert(self.uses, *key);
        Some(samples.clone())
    }

    /// What is larger than all there is room for is not kept.
    pub(super) fn insert(&mut self, key: Key, samples: Bytes) {
        self.remove(&key);
        self.bytes += samples.len();
        self.uses += 1;
        self.entries.insert(key, (self.uses, samples));
        self.order.insert(self.uses, key);
        while self.bytes > self.most_bytes
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some((used, samples)) = self.entries.remove(key) {
            self.order.remove(&used);
            self.bytes -= samples.len();
        }
    }
}

/// Files that a restart finds again, the oldest out first.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    most_bytes: u64,
}

impl Disk {
    pub(super) const fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self { folder, most_bytes }
    }

    /// The samples of a file; `None` if there is none that is whole.
    pub(super) fn read(&self, key: &Key) -> Option<Bytes> {
        let file = Bytes::from(std::fs::read(self.path(key)).ok()?);
        wav::read(&file).ok().map(|samples| file.slice_ref(samples))
    }

    pub(super) fn write(&self, key: &Key, samples: &[u8]) -> io::Result<()> {
        clip_files::write(&self.path(key), &wav::file(samples))?;
        self.make_room()
    }

    fn make_room(&self) -> io::Result<()> {
        let mut files = files(&self.folder)?;
        files.sort_unstable();
        let mut bytes: u64 = files.iter().map(|(_, _, size)| size).sum();
        for (_, path, size) in files {
            if bytes <= self.most_bytes {
                break;
            }
            std::fs::remove_file(path)?;
            bytes -= size;
        }
        Ok(())
    }

    fn path(&self, key: &Key) -> PathBuf {
        let mut name = String::with_capacity(68);
        for byte in key.0 {
            let _ = write!(name, "{byte:02x}");
        }
        self.folder.join(name + ".wav")
    }
}

/// The files of a folder: when each was written, where it is, its size.
fn files(folder: &Path) -> io::Result<Vec<(SystemTime, PathBuf, u64)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        if about.is_file() {
            files.push((about.modified()?, entry.path(), about.len()));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, is_fixed: bool) -> Words {
        Words { language: "zh-CN".into(), text: text.to_owned(), pronounced: String::new(), is_fixed }
    }

    fn key(text: &str) -> Key {
        Key::of(&words(text, true), "", &[0; 32])
    }

    #[test]
    fn a_key_depends_on_everything_that_is_heard_and_personal_ones_on_the_process() {
        let all = Words { pronounced: "a=b".to_owned(), ..words("text", false) };
        let key = |words: &Words, setting, salt| Key::of(words, setting, &[salt; 32]).0;
        let own = key(&all, "setting", 1);
        let others = [
            key(&all, "other", 1),
            key(&all, "setting", 2),
            key(&Words { language: "en".into(), ..all.clone() }, "setting", 1),
            key(&Words { text: "texta=b".to_owned(), pronounced: String::new(), ..all.clone() }, "setting", 1),
            key(&Words { is_fixed: true, ..all.clone() }, "setting", 1),
        ];
        assert!(others.iter().all(|other| *other != own));
        assert_eq!(key(&all.clone(), "setting", 1), own);
        let fixed = Words { is_fixed: true, ..all };
        assert_eq!(key(&fixed, "setting", 1), key(&fixed, "setting", 2), "after a restart it is found again");
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_was_used_last() {
        let mut memory = Memory::new(25);
        let samples = |byte| Bytes::from(vec![byte; 10]);
        for (name, byte) in [("a", 1), ("b", 2)] {
            memory.insert(key(name), samples(byte));
        }
        assert_eq!(memory.get(&key("a")), Some(samples(1)));
        memory.insert(key("c"), samples(3));
        assert_eq!((memory.get(&key("b")), memory.bytes), (None, 20));
        assert_eq!((memory.get(&key("a")), memory.get(&key("c"))), (Some(samples(1)), Some(samples(3))));
        memory.insert(key("a"), samples(4));
        assert_eq!((memory.get(&key("a")), memory.bytes), (Some(samples(4)), 20));
        memory.insert(key("d"), Bytes::from(vec![0; 26]));
        assert_eq!((memory.bytes, memory.entries.len(), memory.order.len()), (0, 0, 0), "too large for all of it");
    }

    #[test]
    fn the_disk_is_bounded_and_what_is_not_whole_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path().join("speech"), 3_000);
        for (number, name) in ["a", "b", "c"].into_iter().enumerate() {
            disk.write(&key(name), &[1; 1_000]).unwrap();
            let age = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64);
            std::fs::File::options().append(true).open(disk.path(&key(name))).map(|file| file.set_modified(age)).ok();
        }
        let there = ["a", "b", "c"].map(|name| disk.read(&key(name)).is_some());
        assert_eq!(there, [false, true, true], "the oldest is out");
        assert_eq!(disk.read(&key("b")).unwrap(), vec![1; 1_000]);
        std::fs::write(disk.path(&key("b")), b"RIFF").unwrap();
        assert_eq!(disk.read(&key("b")), None);
    }
}
