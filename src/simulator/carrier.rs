//! The provider's side of a request: told as an event, sent by some [`Transport`], the answer understood.

use std::sync::Arc;

use async_trait::async_trait;

use crate::call::{Kind, Timestamp};
use crate::dialect::{CannotReport, OutRequest, Performance, Profile, PublicUrl, Report, Unreadable};

/// What brings requests to the service and documents back.
#[async_trait]
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Sends one request.
    ///
    /// # Errors
    /// Why nothing came back, without anything of the request.
    async fn send(&self, request: OutRequest) -> Result<Received, Trouble>;
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
    #[error(transparent)]
    Document(#[from] Unreadable),
    #[error(transparent)]
    Report(#[from] CannotReport),
}

/// A provider, as far as a telephone needs one.
#[derive(Clone, Debug)]
pub struct Carrier {
    pub profile: Profile,
    /// Where the service is reached.
    pub public: PublicUrl,
    pub transport: Arc<dyn Transport>,
}

impl Carrier {
    /// Tells the service what happened and gives its document. `url` is one of ours, as a document names it.
    ///
    /// # Errors
    /// [`Trouble`]; a status of other than success is one.
    pub async fn ask(&self, kind: Kind, url: &str, report: &Report, now: Timestamp) -> Result<Performance, Trouble> {
        let received = self.send(url, report, now).await?;
        match received.status {
            200 => Ok(self.profile.dialect.perform(&self.profile, &received.body)?),
            status => Err(Trouble::Status { kind, status }),
        }
    }

    /// Tells the service what happened, where no document is expected.
    ///
    /// # Errors
    /// As for [`Carrier::ask`].
    pub async fn tell(&self, kind: Kind, report: &Report, now: Timestamp) -> Result<(), Trouble> {
        let received = self.send(&self.public.notices(&self.profile, kind), report, now).await?;
        match received.status {
            200 | 204 => Ok(()),
            status => Err(Trouble::Status { kind, status }),
        }
    }

    async fn send(&self, url: &str, report: &Report, now: Timestamp) -> Result<Received, Trouble> {
        let dialect = self.profile.dialect;
        self.transport.send(dialect.report(&self.profile, url, report, now)?).await
    }
}
