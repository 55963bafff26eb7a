//! TwiML, as Twilio, SignalWire (cXML), Telnyx (TeXML) and Somleng speak it.
//!
//! One reader and one writer for all four: what differs in documents is data of the profile
//! ([`Capabilities`](super::Capabilities)), what differs in signatures and answers is `Service`. It is *not* the
//! REST interface of any of them. Facts are from <https://www.twilio.com/docs/voice/twiml>,
//! <https://developer.signalwire.com/compatibility-api/cxml>, <https://developers.telnyx.com/docs/voice/programmable-voice/texml-fundamentals>
//! and the source of <https://github.com/somleng/somleng-switch>.

mod authenticate;
mod control;
mod patience;
mod perform;
mod read;
mod report;
mod write;

use super::{
    Account, BadOverride, BadSecret, BadSignature, CannotReport, Control, Dialect, Document, Fault, OutRequest,
    Patience, Performance, Profile, RawRequest, Report, ResumeUrls, Secret, Unreadable, Unsupported,
};
use crate::call::{CallEvent, Kind, Reply, Sentence, Timestamp};

/// The dialect of one of the four services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twiml(Service);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    Twilio,
    SignalWire,
    Telnyx,
    Somleng,
}

/// TwiML as Twilio speaks it.
pub static TWILIO: Twiml = Twiml(Service::Twilio);
/// cXML of SignalWire.
pub static SIGNALWIRE: Twiml = Twiml(Service::SignalWire);
/// TeXML of Telnyx.
pub static TELNYX: Twiml = Twiml(Service::Telnyx);
/// TwiML as far as Somleng speaks it.
pub static SOMLENG: Twiml = Twiml(Service::Somleng);

/// The account that simulated phones call from; no provider gives it to anybody. A signature covers it.
const SIMULATED_ACCOUNT: &str = "AC00000000000000000000000000000000";

const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

/// The words in place of a withheld number. On some networks a number comes instead that spells the word on a
/// telephone's keys (source: <https://www.twilio.com/docs/voice/twiml#request-parameters>).
const WITHHELD: &[&str] = &["anonymous", "unknown", "restricted", "unavailable", "blocked", "private", "withheld"];

/// How many characters a letter is in a URL.
fn encoded_length(letter: char) -> usize {
    if letter.is_ascii_alphanumeric() { 1 } else { 3 * letter.len_utf8() }
}

impl Dialect for Twiml {
    fn name(&self) -> &'static str {
        "twiml"
    }

    fn read_secret(&self, text: &str) -> Result<Secret, BadSecret> {
        authenticate::read_secret(self.0, text)
    }

    fn authenticate(&self, profile: &Profile, request: &RawRequest<'_>, now: Timestamp) -> Result<(), BadSignature> {
        authenticate::authenticate(self.0, profile, request, now)
    }

    fn read(&self, _: &Profile, request: &RawRequest<'_>) -> Result<CallEvent, Unreadable> {
        read::read(request)
    }

    fn write(
        &self,
        profile: &Profile,
        reply: &Reply<Sentence>,
        urls: &ResumeUrls<'_>,
    ) -> Result<Document, Unsupported> {
        write::write(profile, reply, urls)
    }

    fn control(&self, account: &Account, control: &Control) -> Option<OutRequest> {
        // TeXML has another API, which needs an application for each call.
        (self.0 != Service::Telnyx).then(|| control::request(account, control))
    }

    fn content_type(&self) -> &'static str {
        CONTENT_TYPE
    }

    fn acknowledge(&self) -> Document {
        match self.0 {
            Service::Twilio | Service::SignalWire | Service::Somleng => {
                Document { status: 204, content_type: CONTENT_TYPE, body: Vec::new() }
            }
            // It wants a 200 and nothing else, or it asks the failover URL.
            Service::Telnyx => write::nothing(),
        }
    }

    fn perform(&self, profile: &Profile, document: &[u8]) -> Result<Performance, Unreadable> {
        perform::perform(profile, document)
    }

    fn report(
        &self,
        profile: &Profile,
        url: &str,
        report: &Report,
        now: Timestamp,
    ) -> Result<OutRequest, CannotReport> {
        report::report(self.0, profile, url, report, now)
    }

    fn patience(&self, kind: Kind, url: &str) -> Result<Patience, BadOverride> {
        patience::patience(self.0, kind, url)
    }

    fn takes(&self, content_type: &str) -> bool {
        patience::takes(content_type)
    }

    fn code(&self, fault: Fault) -> &'static str {
        patience::code(self.0, fault)
    }
}
