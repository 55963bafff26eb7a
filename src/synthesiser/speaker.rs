//! The synthesiser of an installation, whichever kind it is: words in, telephone samples out. A few at once, a few
//! more that wait, and a time limit on each.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::http::{self, Address};
use super::{Error, Request, Synthesiser};
use crate::audio::{decode, prepare};
use crate::call::Language;

/// How many texts are spoken at once: as many processes of a command there are at most.
const AT_ONCE: usize = 2;
/// How many more may wait. One that would wait longer than its caller is better not asked for.
const MOST_WAITING: usize = 16;
/// How long a program may take for a text, and for its first one: it may have a voice to load.
const LIMIT: Duration = Duration::from_secs(30);
const FIRST_LIMIT: Duration = Duration::from_mins(2);
/// The largest audio file that is taken: more than a minute of any format.
pub(super) const MOST_BYTES: usize = 32 << 20;

/// Which synthesiser, as the settings say.
#[derive(Clone, Debug)]
pub struct Source {
    pub(super) written: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Command,
    Http(Address),
}

/// Why a setting names no synthesiser.
#[derive(Debug, thiserror::Error)]
pub enum BadSource {
    #[error("the synthesiser is asked over plain http:// only: run it on this machine, or put a local proxy before it")]
    Https,
    #[error("`{0}` is no address of a synthesiser; expected is one like http://127.0.0.1:5002/speak, without a user")]
    Url(String),
    #[error(transparent)]
    Command(#[from] Error),
}

impl Source {
    /// Whether what it is to say goes to another machine, in clear.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        match &self.kind {
            Kind::Command => false,
            Kind::Http(address) => !address.is_loopback(),
        }
    }

    /// `http://...`, or a command line.
    ///
    /// # Errors
    /// [`BadSource`], with what to write instead.
    pub fn parse(written: &str) -> Result<Self, BadSource> {
        let scheme = written.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let kind = match scheme.as_deref() {
            Some("https") => return Err(BadSource::Https),
            Some("http") => Kind::Http(Address::parse(written)?),
            _ => {
                Synthesiser::new(written, LIMIT)?;
                Kind::Command
            }
        };
        Ok(Self { written: written.to_owned(), kind })
    }
}

/// What is to be said.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    pub language: Language,
    pub text: String,
    /// Words that are not pronounced as usual: `还款=huan2 kuan3;...`.
    pub pronounced: String,
    /// Everybody hears the same.
    pub is_fixed: bool,
}

impl fmt::Debug for Words {
    /// They may be somebody's balance.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} characters in {}", self.text.chars().count(), self.language)
    }
}

/// Why words were not spoken. It has nothing in it of the words, nor of what a synthesiser says about them.
#[derive(Debug, thiserror::Error)]
pub enum SpeakError {
    #[error("{MOST_WAITING} texts wait for it already: it is too slow for so many calls")]
    Busy,
    #[error("it took longer than {} s", .0.as_secs())]
    Late(Duration),
    #[error(transparent)]
    Command(Error),
    #[error("it ended before it answered ({0})")]
    Died(String),
    #[error("it answered that it cannot say a text")]
    Refused,
    #[error("it answered for another text than it was asked for; it has to answer in turn")]
    OutOfTurn,
    #[error("the folder {0} for what it speaks cannot be used")]
    Folder(PathBuf, #[source] io::Error),
    #[error("it cannot be reached")]
    Connect(#[source] io::Error),
    #[error("it broke off before it answered in whole")]
    Broken,
    #[error("it answered with status {0}; expected is 200")]
    Status(u16),
    #[error("it answered with more than {} MB", MOST_BYTES >> 20)]
    TooLarge,
    #[error("it answered with something else than WAV or FLAC")]
    Decode(#[from] decode::Error),
    #[error("what it spoke cannot be played")]
    Prepare(#[from] prepare::Error),
}

impl From<Error> for SpeakError {
    /// A program's own words may repeat the text.
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(_) => Self::Refused,
            Error::OutOfTurn(_) => Self::OutOfTurn,
            Error::Died(how) => Self::Died(how),
            Error::Late(limit) => Self::Late(limit),
            Error::NoCommand(_) | Error::Start { .. } | Error::NoFile => Self::Command(error),
        }
    }
}

/// A synthesiser that is asked for one text after another.
#[derive(Debug)]
pub(super) struct Speaker {
    source: Source,
    /// Where a command's files go: nobody else can look into it, and each is gone as soon as it was read.
    folder: PathBuf,
    /// The processes that nobody is asking at the moment.
    idle: Mutex<Vec<Synthesiser>>,
    places: Semaphore,
    turns: Semaphore,
}

impl Speaker {
    /// `folder` is emptied: a process that was killed may have left something there.
    pub(super) fn new(source: Source, folder: PathBuf) -> Self {
        // If there is none that is well, and if it cannot be emptied it cannot be written either, which will be told.
        let _ = std::fs::remove_dir_all(&folder);
        Self {
            source,
            folder,
            idle: Mutex::default(),
            places: Semaphore::new(AT_ONCE + MOST_WAITING),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Has words spoken: mu-law samples at the telephone's rate and level.
    pub(super) async fn speak(&self, words: &Words) -> Result<Vec<u8>, SpeakError> {
        let _place = self.places.try_acquire().map_err(|_| SpeakError::Busy)?;
        let _turn = self.turns.acquire().await.map_err(|_| SpeakError::Busy)?;
        let file = match &self.source.kind {
            Kind::Command => self.run(words).await?,
            Kind::Http(address) => {
                timeout(http::LIMIT, address.speak(words)).await.map_err(|_| SpeakError::Late(http::LIMIT))??
            }
        };
        let prepared = tokio::task::spawn_blocking(move || {
            Ok::<_, SpeakError>(prepare::prepare(&decode::decode(&file, None)?, &prepare::Target::default())?)
        });
        prepared.await.unwrap_or(Err(SpeakError::Broken))
    }

    async fn run(&self, words: &Words) -> Result<Vec<u8>, SpeakError> {
        let in_folder = |failed| SpeakError::Folder(self.folder.clone(), failed);
        make_private(&self.folder).map_err(in_folder)?;
        let idle = self.idle().pop();
        let mut synthesiser = match idle {
            Some(synthesiser) => synthesiser,
            None => Synthesiser::new(&self.source.written, FIRST_LIMIT)?.quiet(),
        };
        let id = format!("{:016x}", rand::random::<u64>());
        let file = Scratch(self.folder.join(format!("{id}.wav")));
        let Words { language, text, pronounced, .. } = words;
        let request = Request { id: &id, language: language.as_str(), text, pronounced, path: &file.0 };
        let limit = if synthesiser.is_running() { LIMIT } else { FIRST_LIMIT };
        let spoken = timeout(limit, synthesiser.speak(&request)).await;
        self.idle().push(synthesiser);
        spoken.map_err(|_| SpeakError::Late(limit))??;
        file.read().await.map_err(in_folder)?.ok_or(SpeakError::TooLarge)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Synthesiser>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is gone when it has been read, or was not.
struct Scratch(PathBuf);

impl Scratch {
    /// `None` if it is too large.
    async fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let most = MOST_BYTES as u64 + 1;
        tokio::fs::File::open(&self.0).await?.take(most).read_to_end(&mut bytes).await?;
        Ok((bytes.len() <= MOST_BYTES).then_some(bytes))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // There may be none.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_command_or_an_address() {
        for (written, expected) in [
            ("http://127.0.0.1:5002/speak?voice=a", ""),
            ("http://speech", ""),
            ("HTTP://[::1]:80/", ""),
            ("python3 prompts/render/render.py --voice-dir voices", ""),
            ("https://127.0.0.1/speak", "put a local proxy before it"),
            ("http://user:word@127.0.0.1/speak", "without a user"),
            ("http:///speak", "expected is one like http://"),
            ("", "no command line"),
            ("say 'x", "close its quotation"),
        ] {
            let found = Source::parse(written).err().map(|bad| bad.to_string()).unwrap_or_default();
            assert!(found.contains(expected) && found.is_empty() == expected.is_empty(), "{written}: {found}");
        }
    }

    #[test]
    fn a_programs_own_words_are_not_repeated() {
        for error in [Error::Refused("8888".to_owned()), Error::OutOfTurn("8888".to_owned())] {
            let error = SpeakError::from(error);
            assert!(!format!("{error} {error:?}").contains("8888"));
        }
    }
}
