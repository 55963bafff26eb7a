//! The providers that are known: what each can do, where its secret comes from, where our URLs are pasted there.

use std::collections::BTreeMap;

use super::twiml::{SIGNALWIRE, SOMLENG, TELNYX, TWILIO};
use super::{Api, AudioFormat, Authentication, BadSecret, Capabilities, Dialect, Feature, Profile, Voice};

/// A provider that a profile can be made for.
#[derive(Debug)]
pub struct Provider {
    /// The name of its profile, the word in our URLs.
    pub name: &'static str,
    /// As it calls itself.
    pub title: &'static str,
    pub dialect: &'static dyn Dialect,
    pub capabilities: Capabilities,
    /// The fragment on our URLs that makes it ask again.
    pub retry: Option<&'static str>,
    /// The environment variable with its secrets, separated by commas.
    pub secret_variable: &'static str,
    /// Where it shows that secret.
    pub secret_place: &'static str,
    /// Where it can be asked to do something by itself.
    pub api: Api,
    /// Where our URLs are pasted.
    pub paste: Paste,
}

/// The place at a provider for each of our URLs, in its own words.
#[derive(Debug)]
pub struct Paste {
    /// The page.
    pub page: &'static str,
    /// The field of the voice URL; its method is always POST.
    pub voice: &'static str,
    /// The field of the fallback URL, if it has one.
    pub fallback: Option<&'static str>,
    pub status: &'static str,
}

/// The largest document that the family reads is 64 kB; whether that is 64,000 or 65,536 is not said
/// (source: <https://www.twilio.com/docs/api/errors/11750>).
const DOCUMENT_BYTES: usize = 64_000;

/// Every known provider.
pub static PROFILES: &[Provider] = &[
    Provider {
        name: "twilio",
        title: "Twilio",
        dialect: &TWILIO,
        capabilities: Capabilities {
            features: &[
                Feature::Whisper,
                Feature::Pause,
                Feature::PauseInListen,
                Feature::AnswerOnBridge,
                Feature::Clients,
                Feature::RecordsTalks,
            ],
            listen_s: 1..=600,
            pause_s: 1..=600,
            ring_s: 5..=600,
            talk_s: 1..=14_400,
            record_s: 1..=3_600,
            numbers_at_once: 10,
            document_bytes: DOCUMENT_BYTES,
            recordings: &[".twilio.com"],
            recordings_by_token: true,
            audio: AudioFormat::MulawWav,
        },
        // Two more tries, also after a slow or failed answer; by itself it only tries again if it cannot connect
        // (source: <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>).
        retry: Some("rc=2&rp=ct,rt,5xx&rt=5000"),
        secret_variable: "HOTLINE_TWILIO_AUTH_TOKEN",
        secret_place: "the account's primary Auth Token, on the first page of the Console",
        api: Api::At("https://api.twilio.com"),
        paste: Paste {
            page: "Console > Phone Numbers > Manage > Active numbers > the number > Voice Configuration",
            voice: "A call comes in: Webhook, HTTP POST",
            fallback: Some("Primary handler fails: HTTP POST"),
            status: "Call status changes: HTTP POST",
        },
    },
    Provider {
        name: "signalwire",
        title: "SignalWire (cXML)",
        dialect: &SIGNALWIRE,
        capabilities: Capabilities {
            features: &[
                Feature::Whisper,
                Feature::Pause,
                Feature::PauseInListen,
                Feature::AnswerOnBridge,
                Feature::RecordsTalks,
            ],
            listen_s: 1..=600,
            pause_s: 1..=600,
            ring_s: 5..=600,
            talk_s: 1..=14_400,
            record_s: 1..=3_600,
            numbers_at_once: 10,
            document_bytes: DOCUMENT_BYTES,
            recordings: &[".signalwire.com"],
            recordings_by_token: false,
            audio: AudioFormat::MulawWav,
        },
        retry: None,
        secret_variable: "HOTLINE_SIGNALWIRE_SIGNING_KEY",
        secret_place: "the project's Signing Key (PSK_...), not its API token",
        api: Api::OwnHost,
        paste: Paste {
            page: "Dashboard > Phone Numbers > the number > Settings, handle calls using LaML Webhooks",
            voice: "When a call comes in: POST",
            fallback: Some("the fallback URL beside it: POST"),
            status: "Status change webhook: POST",
        },
    },
    Provider {
        name: "telnyx",
        title: "Telnyx (TeXML)",
        dialect: &TELNYX,
        capabilities: Capabilities {
            features: &[Feature::Whisper, Feature::Pause, Feature::AnswerOnBridge, Feature::RecordsTalks],
            listen_s: 1..=120,
            pause_s: 1..=180,
            ring_s: 5..=120,
            talk_s: 60..=14_400,
            record_s: 1..=3_600,
            numbers_at_once: 10,
            document_bytes: DOCUMENT_BYTES,
            recordings: &[".telnyx.com", "telephony-recorder-prod.s3.amazonaws.com"],
            recordings_by_token: false,
            audio: AudioFormat::MulawWav,
        },
        retry: None,
        secret_variable: "HOTLINE_TELNYX_PUBLIC_KEY",
        secret_place: "Mission Control > Keys & Credentials > Public Key (it is not secret, but it decides who is believed)",
        api: Api::None,
        paste: Paste {
            page: "Mission Control > Voice > TeXML Applications > the application; set Voice Method to POST (it is GET \
                   at first, which is not signed and is refused)",
            voice: "Webhook URL",
            fallback: Some("Webhook Failover URL"),
            status: "Call progress events URL, Status Callback Method POST",
        },
    },
    Provider {
        name: "somleng",
        title: "Somleng",
        dialect: &SOMLENG,
        capabilities: Capabilities {
            features: &[],
            listen_s: 1..=600,
            pause_s: 1..=600,
            ring_s: 5..=600,
            talk_s: 1..=14_400,
            record_s: 1..=3_600,
            numbers_at_once: 10,
            document_bytes: DOCUMENT_BYTES,
            recordings: &[".somleng.org"],
            recordings_by_token: true,
            audio: AudioFormat::MulawWav,
        },
        retry: None,
        secret_variable: "HOTLINE_SOMLENG_AUTH_TOKEN",
        secret_place: "the account's Auth Token",
        api: Api::At("https://api.somleng.org"),
        paste: Paste {
            page: "Phone Numbers > the number > Configuration",
            voice: "Voice URL, Voice Method POST",
            fallback: None,
            status: "Status Callback URL, Status Callback Method POST",
        },
    },
];

/// The provider with this profile name.
#[must_use]
pub fn provider(name: &str) -> Option<&'static Provider> {
    PROFILES.iter().find(|provider| provider.name == name)
}

impl Provider {
    /// Reads secrets as they stand in the environment variable: one, or several with commas between them.
    ///
    /// # Errors
    /// [`BadSecret`] for the first that cannot be one, and for none at all.
    pub fn read_secrets(&self, text: &str) -> Result<Authentication, BadSecret> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let secrets = words.map(|word| self.dialect.read_secret(word)).collect::<Result<Vec<_>, _>>()?;
        if secrets.is_empty() { Err(BadSecret::None) } else { Ok(Authentication::Secrets(secrets)) }
    }

    /// The profile under the provider's own name, with the voices that the whole family has.
    #[must_use]
    pub fn profile(&self, authentication: Authentication) -> Profile {
        // A voice goes with its own tag: a pair that does not fit can fail. The basic voices speak no Chinese
        // (source: <https://www.twilio.com/docs/voice/twiml/say/text-speech>).
        let voices = [("zh-CN", "Polly.Zhiyu", "cmn-CN"), ("en", "Polly.Joanna", "en-US")];
        let voices = voices
            .map(|(language, name, tag)| (language.into(), Voice { name: name.to_owned(), language: tag.to_owned() }));
        Profile {
            name: self.name.to_owned(),
            dialect: self.dialect,
            authentication,
            capabilities: self.capabilities.clone(),
            recording_hosts: Vec::new(),
            voices: BTreeMap::from(voices),
            retry: self.retry,
        }
    }
}
