//! The provider's side of a request: told as an event, sent by some [`Transport`], the answer understood.

use std::collections::btree_map::Entry;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::said::{Audio, Measured, Said, measure, samples};
use crate::call::{Kind, Reply, Segment, Sentence, Timestamp};
use crate::dialect::{CannotReport, OutRequest, Performance, Profile, PublicUrl, Report, Unreadable};
use crate::prompt::AudioHash;
use crate::service::Words;

/// What a telephone is connected to: it is told what happened and gives what is heard next.
#[async_trait]
pub trait Exchange: std::fmt::Debug + Send + Sync {
    /// The way that calls go, for messages.
    fn name(&self) -> &str;

    /// Where a call arrives.
    fn arrivals(&self) -> String;

    /// Tells what happened and gives the document for it, with all audio in it measured. `url` is one that a document
    /// names.
    ///
    /// # Errors
    /// [`Trouble`] if there is no document that can be acted on.
    async fn ask(&self, kind: Kind, url: &str, report: Report, now: Timestamp) -> Result<Performance<Said>, Trouble>;

    /// Tells what happened, where no document is expected.
    ///
    /// # Errors
    /// As for [`Exchange::ask`].
    async fn tell(&self, kind: Kind, report: Report, now: Timestamp) -> Result<(), Trouble>;
}

/// What brings requests to the service and documents back.
#[async_trait]
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Sends one request.
    ///
    /// # Errors
    /// Why nothing came back, without anything of the request.
    async fn send(&self, request: OutRequest) -> Result<Received, Trouble>;

    /// Fetches audio by a URL of ours.
    ///
    /// # Errors
    /// As for [`Transport::send`].
    async fn fetch(&self, url: &str) -> Result<Fetched, Trouble>;
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    pub status: u16,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes, status {}", self.body.len(), self.status)
    }
}

/// What was fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    pub status: u16,
    /// Empty if there was none.
    pub content_type: String,
    /// It is the same for ever, and may be kept.
    pub immutable: bool,
    /// In pieces, as they came or were at hand; the first has the whole header.
    pub body: Vec<Bytes>,
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pieces of {}, status {}", self.body.len(), self.content_type, self.status)
    }
}

/// Why a request was not answered with a document that can be acted on.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("nothing answers at {address}")]
    Connect { address: String, source: std::io::Error },
    #[error("the connection broke off")]
    Broken(#[from] std::io::Error),
    #[error("what came back is not the HTTP/1.1 that is expected: {0}")]
    NotHttp(&'static str),
    #[error("`{0}` is no URL that can be asked; expected http:// and a host")]
    Url(String),
    #[error("the request for {kind:?} was answered with status {status}")]
    Status { kind: Kind, status: u16 },
    #[error("the document names no URL for {0:?}")]
    NoUrl(Kind),
    #[error("audio was answered with status {0}")]
    AudioStatus(u16),
    #[error("what a document plays is no WAV of ours: {0}")]
    NoWav(&'static str),
    #[error("a document plays what has not been fetched")]
    NoAudio,
    #[error("what audio says cannot be read")]
    UnknownAudio,
    #[error(transparent)]
    Document(#[from] Unreadable),
    #[error(transparent)]
    Report(#[from] CannotReport),
}

/// A provider, as far as a telephone needs one.
#[derive(Clone)]
pub struct Carrier {
    pub profile: Profile,
    /// Where the service is reached.
    pub public: PublicUrl,
    pub transport: Arc<dyn Transport>,
    hearing: Hearing,
    /// What may be kept of all that was fetched, by its URL.
    kept: Arc<Mutex<Audio>>,
}

/// What is wanted of the audio of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// Only how long it is, as a provider does.
    Lengths,
    /// Also what it says, for a person or a test that follows the call.
    Words,
    /// The same, but of audio for everybody only, which is fetched once; what one caller alone hears is not fetched.
    WordsOfEverybodys,
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {:?} by {:?}", self.profile.name, self.public, self.transport)
    }
}

#[async_trait]
impl Exchange for Carrier {
    fn name(&self) -> &str {
        &self.profile.name
    }

    fn arrivals(&self) -> String {
        self.public.arrivals(&self.profile)
    }

    /// A status of other than success is an error, and audio that cannot be played.
    async fn ask(&self, kind: Kind, url: &str, report: Report, now: Timestamp) -> Result<Performance<Said>, Trouble> {
        let received = self.send(url, &report, now).await?;
        if received.status != 200 {
            return Err(Trouble::Status { kind, status: received.status });
        }
        let Performance { reply, urls } = self.profile.dialect.perform(&self.profile, &received.body)?;
        let audio = self.fetch(&reply).await?;
        Ok(Performance { reply: reply.try_map(|sentence| Said::of(sentence, &audio))?, urls })
    }

    async fn tell(&self, kind: Kind, report: Report, now: Timestamp) -> Result<(), Trouble> {
        let received = self.send(&self.public.notices(&self.profile, kind), &report, now).await?;
        match received.status {
            200 | 204 => Ok(()),
            status => Err(Trouble::Status { kind, status }),
        }
    }
}

impl Carrier {
    #[must_use]
    pub fn new(profile: Profile, public: PublicUrl, transport: Arc<dyn Transport>, hearing: Hearing) -> Self {
        Self { profile, public, transport, hearing, kept: Arc::default() }
    }

    /// Fetches the audio of a document, each file once.
    async fn fetch(&self, reply: &Reply<Sentence>) -> Result<Audio, Trouble> {
        let mut audio = Audio::new();
        for url in audio_urls(reply) {
            if let Entry::Vacant(new) = audio.entry(url) {
                let known = self.kept().get(new.key()).cloned();
                let measured = match known {
                    Some(known) => known,
                    None if self.hearing == Hearing::WordsOfEverybodys && !is_everybodys(new.key()) => {
                        Measured::nothing()
                    }
                    None => self.fetch_one(new.key()).await?,
                };
                new.insert(measured);
            }
        }
        Ok(audio)
    }

    async fn fetch_one(&self, url: &str) -> Result<Measured, Trouble> {
        let fetched = self.transport.fetch(url).await?;
        let length = measure(&fetched)?;
        let words = match self.hearing {
            Hearing::Lengths => None,
            Hearing::Words | Hearing::WordsOfEverybodys => Some(self.words(url).await?),
        };
        let immutable = fetched.immutable;
        let measured = Measured { length, sound: samples(fetched, length), words };
        if immutable {
            self.kept().insert(url.to_owned(), measured.clone());
        }
        Ok(measured)
    }

    /// What a file of audio says.
    async fn words(&self, url: &str) -> Result<Words, Trouble> {
        let base = url.strip_suffix(".wav").ok_or_else(|| Trouble::Url(url.to_owned()))?;
        let fetched = self.transport.fetch(&format!("{base}.json")).await?;
        if fetched.status != 200 {
            return Err(Trouble::AudioStatus(fetched.status));
        }
        serde_json::from_slice(&fetched.body.concat()).map_err(|_| Trouble::UnknownAudio)
    }

    fn kept(&self) -> MutexGuard<'_, Audio> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, url: &str, report: &Report, now: Timestamp) -> Result<Received, Trouble> {
        let dialect = self.profile.dialect;
        self.transport.send(dialect.report(&self.profile, url, report, now)?).await
    }
}

/// What stands between `/audio/` and the extension, and the extension.
pub(super) fn audio_name(url: &str) -> Option<(&str, &str)> {
    url.rsplit_once("/audio/")?.1.split_once('.')
}

/// Whether everybody hears the same there.
fn is_everybodys(url: &str) -> bool {
    audio_name(url).is_some_and(|(name, _)| AudioHash::parse(name).is_ok())
}

/// Every audio file that a document plays, in order.
fn audio_urls(reply: &Reply<Sentence>) -> Vec<String> {
    let mut urls = Vec::new();
    let all = reply.clone().try_map(|sentence| {
        urls.extend(sentence.segments.into_iter().filter_map(|segment| match segment {
            Segment::Audio { url } => Some(url),
            Segment::Text(_) | Segment::Silence(_) => None,
        }));
        Ok::<_, Infallible>(())
    });
    all.map_or_else(|never| match never {}, |_| urls)
}
