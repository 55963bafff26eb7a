//! Requests, documents and what a provider reports: the bytes on both sides of a dialect.

use std::collections::BTreeMap;

use super::PublicUrl;
use super::form::Form;
use crate::call::{CallEvent, Kind, PhoneNumber, Reply, Sentence};

/// A request as it came in, nothing of it believed yet.
#[derive(Clone, Copy)]
pub struct RawRequest<'a> {
    /// What our own path says that it is about.
    pub kind: Kind,
    /// `POST` or `GET`, as sent.
    pub method: &'a str,
    /// Configured, never taken from a header: signatures are over URLs.
    pub public: &'a PublicUrl,
    /// Path and query exactly as sent, without a prefix that a proxy takes off.
    pub target: &'a str,
    /// Every header line, in any letter case.
    pub headers: &'a [(&'a str, &'a [u8])],
    pub body: &'a [u8],
}

impl<'a> RawRequest<'a> {
    /// The same request, read as an event of another kind: the failed step's, for a fallback request.
    #[must_use]
    pub fn read_as(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Every value of a header.
    pub fn header(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().filter(move |(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// What stands behind the `?` of the target; empty if there is none.
    #[must_use]
    pub fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Whether the body says that it is a form; one that says nothing counts as one.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.header("content-type").all(|value| {
            let essence = value.split(|byte| *byte == b';').next().unwrap_or(value);
            essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
        })
    }
}

impl std::fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} request of {} bytes", self.kind, self.body.len())
    }
}

/// What answers a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// 200, or 204 with an empty body.
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "document of {} bytes, status {}", self.body.len(), self.status)
    }
}

/// A document, understood as the provider understands it.
///
/// Some things are not in a document: each element that speaks comes back as a sentence of its own (audio and
/// silence in a language without a name), a dial has no target name and its whisper is only a URL, a call ends
/// for [`Finished`](crate::call::EndCause::Finished), both timers are the one that was written, and a document
/// that just ends is a [`Join`](crate::call::Ending::Join).
#[derive(Clone, Debug, PartialEq)]
pub struct Performance<P = Sentence> {
    pub reply: Reply<P>,
    /// The URLs of ours that the document names, as written (a fragment is for the provider and is not sent).
    pub urls: BTreeMap<Kind, String>,
    /// It dials, and a caller's phone that has not been answered goes on ringing until somebody picks up.
    pub answers_on_bridge: bool,
}

/// Something that a provider tells us: the event and what stands in every request besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// `None` if the caller withholds the number.
    pub caller: Option<PhoneNumber>,
    pub called: PhoneNumber,
    /// The words of the provider in it are not used: they follow from the outcome.
    pub event: CallEvent,
    /// The leg has been answered: it does not ring any more.
    pub answered: bool,
    /// What is reported as the key that ended a recording.
    pub ended_by: Option<&'static str>,
    /// Set when the step failed at the provider and this is its request to the fallback URL.
    pub failed: Option<Failed>,
}

/// What a provider adds to a step's parameters when it gives the step to the fallback URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The provider's own number for what went wrong.
    pub code: String,
    /// The URL of ours that it was for.
    pub url: String,
}

/// A request to be sent to us, signed.
#[derive(Clone, PartialEq, Eq)]
pub struct OutRequest {
    pub method: &'static str,
    /// Absolute, without a fragment.
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl OutRequest {
    /// Its parameters in the order in which they are sent; none for a body that is no form.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        Form::parse(&self.body).map(Form::into_pairs).unwrap_or_default()
    }
}

impl std::fmt::Debug for OutRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} request of {} bytes", self.method, self.body.len())
    }
}
