//! The provider's side of a request: told as an event, sent by some [`Transport`], the answer understood.
//!
//! It asks as a provider asks: within its times, again where it asks again (`asking.rs`), and at the fallback URL where
//! nothing else came of it. What a telephone does with the answer is *not* here.

use std::collections::btree_map::Entry;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::asking::{Asked, Watcher, without_fragment};
use super::said::{Audio, Measured, Said, measure, samples};
use super::trouble::Trouble;
use crate::call::{Kind, Reply, Segment, Sentence, Timestamp};
use crate::clock::{Clock, SystemClock};
use crate::dialect::{Failed, OutRequest, Performance, Profile, PublicUrl, Report};
use crate::prompt::AudioHash;
use crate::service::Words;

/// How long audio may take to come.
const LONGEST_FETCH: Duration = Duration::from_secs(15);

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

    /// Tells what happened, where no document is expected. `url` is one that a document names; there is none for what is
    /// set beside the arrivals.
    ///
    /// # Errors
    /// [`Trouble`] if it is not acknowledged.
    async fn tell(&self, kind: Kind, url: Option<&str>, report: Report, now: Timestamp) -> Result<(), Trouble>;
}

/// What brings requests to the service and documents back.
#[async_trait]
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Makes a connection for the next request to this URL, where it takes one; it has a time of its own.
    ///
    /// # Errors
    /// [`Trouble::Connect`].
    async fn connect(&self, _url: &str) -> Result<(), Trouble> {
        Ok(())
    }

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
    /// Empty if there was none.
    pub content_type: String,
    /// Where a redirect leads, as written.
    pub location: Option<String>,
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

/// A provider, as far as a telephone needs one.
#[derive(Clone)]
pub struct Carrier {
    pub profile: Profile,
    /// Where the service is reached.
    pub public: PublicUrl,
    pub transport: Arc<dyn Transport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) watcher: Option<Arc<dyn Watcher>>,
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

    async fn ask(&self, kind: Kind, url: &str, report: Report, now: Timestamp) -> Result<Performance<Said>, Trouble> {
        let asked = Asked { kind, url, report: &report, now };
        let performance = match self.document(&asked).await {
            Ok(performance) => performance,
            Err(trouble) => self.fall_back(&asked, trouble).await?,
        };
        let audio = self.fetch(&performance.reply).await?;
        let Performance { reply, urls, answers_on_bridge } = performance;
        let reply = reply.try_map(|sentence| Said::of(sentence, &audio))?;
        Ok(Performance { reply, urls, answers_on_bridge })
    }

    async fn tell(&self, kind: Kind, url: Option<&str>, report: Report, now: Timestamp) -> Result<(), Trouble> {
        let beside = self.public.notices(&self.profile, kind);
        self.notice(&Asked { kind, url: url.unwrap_or(&beside), report: &report, now }).await
    }
}

impl Carrier {
    #[must_use]
    pub fn new(profile: Profile, public: PublicUrl, transport: Arc<dyn Transport>, hearing: Hearing) -> Self {
        let (clock, watcher, kept) = (Arc::new(SystemClock), None, Arc::default());
        Self { profile, public, transport, clock, watcher, hearing, kept }
    }

    /// The same, but this clock tells it how long it has waited; the machine's own does else.
    ///
    /// A clock that a phone moves is for transports that wait by it too: over TCP no time but the machine's passes.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The same, but somebody is told of every request.
    #[must_use]
    pub fn watched(self, watcher: Arc<dyn Watcher>) -> Self {
        Self { watcher: Some(watcher), ..self }
    }

    /// Asks the fallback URL, if there is one for what has failed: its answer takes over the call.
    async fn fall_back(&self, asked: &Asked<'_>, trouble: Trouble) -> Result<Performance, Trouble> {
        let dialect = self.profile.dialect;
        // It is set at the number that is called; a leg that is dialled has none.
        let has_one = asked.report.event.parent.is_none() && dialect.patience(asked.kind, asked.url)?.falls_back;
        let Some(fault) = trouble.fault().filter(|_| has_one) else { return Err(trouble) };
        let failed = Failed { code: dialect.code(fault).to_owned(), url: without_fragment(asked.url).to_owned() };
        let report = Report { failed: Some(failed), ..asked.report.clone() };
        let url = self.public.notices(&self.profile, Kind::Fallback);
        let instead = Asked { kind: Kind::Fallback, url: &url, report: &report, now: asked.now };
        let answered = self.document(&instead).await;
        answered.map_err(|fallback| Trouble::Fallback { first: Box::new(trouble), fallback: Box::new(fallback) })
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
        let fetched = self.within(LONGEST_FETCH, self.transport.fetch(url)).await?;
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
        let fetched = self.within(LONGEST_FETCH, self.transport.fetch(&format!("{base}.json"))).await?;
        if fetched.status != 200 {
            return Err(Trouble::AudioStatus(fetched.status));
        }
        serde_json::from_slice(&fetched.body.concat()).map_err(|_| Trouble::UnknownAudio)
    }

    fn kept(&self) -> MutexGuard<'_, Audio> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
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
