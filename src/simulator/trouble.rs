//! Why a request was not answered with a document that can be acted on, and what a provider makes of it.

use crate::call::Kind;
use crate::dialect::{BadOverride, CannotReport, Fault, Missed, Unreadable};

/// Why a request was not answered with a document that can be acted on. A caller hears the provider's own words for that,
/// and the call ends.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("nothing answers at {address}")]
    Connect { address: String, source: std::io::Error },
    #[error("there was no connection in time")]
    NotConnected,
    #[error("there was no answer in time")]
    Late,
    #[error("the connection broke off")]
    Broken(#[from] std::io::Error),
    #[error("the answer broke off")]
    CutShort(#[source] std::io::Error),
    #[error("what came back is not the HTTP/1.1 that is expected: {0}")]
    NotHttp(&'static str),
    #[error("`{0}` is no URL that can be asked; expected http:// and a host")]
    Url(String),
    #[error("the request for {kind:?} was answered with status {status}")]
    Status { kind: Kind, status: u16 },
    #[error("the request for {0:?} was redirected more often than the provider follows")]
    Redirects(Kind),
    #[error(
        "the request for {kind:?} was answered with `{content_type}`, which the provider does not read as a document"
    )]
    ContentType { kind: Kind, content_type: String },
    #[error("the fallback URL did not help: {fallback}")]
    Fallback {
        #[source]
        first: Box<Trouble>,
        fallback: Box<Trouble>,
    },
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
    #[error(transparent)]
    Override(#[from] BadOverride),
}

impl Trouble {
    /// Why a try was in vain, where another could help.
    pub(super) fn missed(&self) -> Option<Missed> {
        match self {
            Self::Connect { .. } | Self::NotConnected => Some(Missed::Connect),
            Self::Late | Self::Broken(_) => Some(Missed::Read),
            // What has come in part is not asked for again.
            Self::CutShort(_)
            | Self::NotHttp(_)
            | Self::Url(_)
            | Self::Status { .. }
            | Self::Redirects(_)
            | Self::ContentType { .. }
            | Self::Fallback { .. }
            | Self::NoUrl(_)
            | Self::AudioStatus(_)
            | Self::NoWav(_)
            | Self::NoAudio
            | Self::UnknownAudio
            | Self::Document(_)
            | Self::Report(_)
            | Self::Override(_) => None,
        }
    }

    /// What the fallback URL is told; `None` where a provider would never have come so far.
    pub(super) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Url(_) => Some(Fault::Url),
            Self::Connect { .. } | Self::NotConnected => Some(Fault::Connection),
            Self::Late | Self::Broken(_) | Self::CutShort(_) | Self::NotHttp(_) | Self::Status { .. } => {
                Some(Fault::Retrieval)
            }
            Self::Redirects(_) => Some(Fault::Redirects),
            Self::ContentType { .. } => Some(Fault::ContentType),
            Self::Document(Unreadable::TooLarge { .. }) => Some(Fault::TooLarge),
            Self::Document(Unreadable::EmptyText) => Some(Fault::EmptyText),
            Self::Document(Unreadable::LongText(_)) => Some(Fault::LongText),
            Self::Document(_) => Some(Fault::Document),
            Self::Fallback { .. }
            | Self::NoUrl(_)
            | Self::AudioStatus(_)
            | Self::NoWav(_)
            | Self::NoAudio
            | Self::UnknownAudio
            | Self::Report(_)
            | Self::Override(_) => None,
        }
    }
}
