//! What providers say and read, translated: bytes of theirs into [`CallEvent`], [`Reply`] into documents of theirs.
//!
//! Pure: no sockets, files, clock, environment or randomness; the bytes and the time are handed in. It does *not*
//! decide what happens in a call and knows nothing of flows or sessions. One folder per dialect; start with
//! [`Dialect`], then `twiml/mod.rs`. Facts come from the providers' published pages, named where they are used.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod control;
mod error;
mod form;
mod message;
mod patience;
mod profile;
mod providers;
pub mod twiml;
mod url;
pub(crate) mod xml;

pub use control::{Account, Api, Control};
pub use error::{BadOverride, BadSecret, BadSignature, CannotReport, Unreadable, Unsupported};
pub use message::{Document, Failed, OutRequest, Performance, RawRequest, Report};
pub use patience::{Fault, Missed, Patience};
pub use profile::{AudioFormat, Authentication, Capabilities, Feature, Profile, Secret, Voice};
pub use providers::{PROFILES, Paste, Provider, provider};
pub use url::{BadUrl, Place, PublicUrl, ResumeUrls};

use crate::call::{CallEvent, Kind, Reply, Sentence, Timestamp};

/// Every dialect; the services that speak nearly the same one each have a line.
pub static ALL: &[&dyn Dialect] = &[&twiml::TWILIO, &twiml::SIGNALWIRE, &twiml::TELNYX, &twiml::SOMLENG];

/// A small pure translator between one family of providers and our words.
///
/// The first seven are our side of the line; the others, from [`Dialect::perform`] on, are the provider's, for the
/// simulated phone and for tests, and understand exactly what we write and read.
pub trait Dialect: std::fmt::Debug + Send + Sync {
    /// The name of its folder here and under `tests/dialects/`.
    fn name(&self) -> &'static str;

    /// Reads a secret as the provider shows it to its customers.
    ///
    /// # Errors
    /// [`BadSecret`] says what was expected, never what was found.
    fn read_secret(&self, text: &str) -> Result<Secret, BadSecret>;

    /// Checks that the request comes from the provider: called before anything else is read, compares in constant
    /// time, tries every secret of the profile, and lets nothing through that it cannot check.
    ///
    /// # Errors
    /// [`BadSignature`] says for the log what was wrong; the provider gets 403 and nothing else.
    fn authenticate(&self, profile: &Profile, request: &RawRequest<'_>, now: Timestamp) -> Result<(), BadSignature>;

    /// Reads a request as an event of its [`Kind`](crate::call::Kind). What is not needed is ignored: providers
    /// add parameters without notice.
    ///
    /// A [`Fallback`](crate::call::Kind::Fallback) request carries all that the failed one did: call this again with
    /// [`RawRequest::read_as`] to get the failed step's own event.
    ///
    /// # Errors
    /// [`Unreadable`] names the parameter, never its value.
    fn read(&self, profile: &Profile, request: &RawRequest<'_>) -> Result<CallEvent, Unreadable>;

    /// Writes the document that answers a request. Well-formed whatever the texts are; timers are rounded up to what
    /// the provider counts in and clamped to its range.
    ///
    /// # Errors
    /// [`Unsupported`] if the provider cannot do what the reply asks and there is no fallback.
    fn write(&self, profile: &Profile, reply: &Reply<Sentence>, urls: &ResumeUrls<'_>)
    -> Result<Document, Unsupported>;

    /// The request that has the provider do something; `None` if it cannot be asked.
    fn control(&self, account: &Account, control: &Control) -> Option<OutRequest>;

    /// The media type of its documents.
    fn content_type(&self) -> &'static str;

    /// The answer to an event that needs none, such as a status callback.
    fn acknowledge(&self) -> Document;

    /// Reads a document of ours back, as the provider would act on it. Anything that [`Dialect::write`] never
    /// writes is refused.
    ///
    /// # Errors
    /// [`Unreadable`] names the element that is not understood.
    fn perform(&self, profile: &Profile, document: &[u8]) -> Result<Performance, Unreadable>;

    /// The request that the provider would send to `url` for this event, signed with the profile's first secret.
    ///
    /// # Errors
    /// [`CannotReport`] if the profile has no secret that can sign.
    fn report(&self, profile: &Profile, url: &str, report: &Report, now: Timestamp)
    -> Result<OutRequest, CannotReport>;

    /// How the provider asks for `url`, which is for that kind of event; its fragment may change what is usual.
    ///
    /// # Errors
    /// [`BadOverride`] names what the fragment cannot say.
    fn patience(&self, kind: Kind, url: &str) -> Result<Patience, BadOverride>;

    /// Whether the provider reads an answer of this media type as a document.
    fn takes(&self, content_type: &str) -> bool;

    /// The provider's number for a fault.
    fn code(&self, fault: Fault) -> &'static str;
}
