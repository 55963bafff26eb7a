//! A configured provider: which dialect, with what secrets, what it can do, how it speaks.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use secrecy::SecretString;

use super::Dialect;
use crate::call::Language;

/// A provider as this installation uses it.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The word in our URLs, `/voice/<name>`.
    pub name: String,
    pub dialect: &'static dyn Dialect,
    pub authentication: Authentication,
    pub capabilities: Capabilities,
    /// Where else it keeps recordings than [`Capabilities::recordings`] says; written the same.
    pub recording_hosts: Vec<String>,
    /// Who speaks each language.
    pub voices: BTreeMap<Language, Voice>,
    /// The fragment that makes the provider ask again, for those that ask again only if told to.
    pub retry: Option<&'static str>,
}

/// How requests of a profile are told from anybody's.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Not at all: asked for by a flag, for loopback only.
    None,
    /// By the provider's own scheme; each of the secrets is tried, so that one can be replaced without a gap.
    /// An empty list lets nothing through.
    Secrets(Vec<Secret>),
}

/// One secret, or a public key in its place. Cannot be printed.
#[derive(Clone)]
pub enum Secret {
    /// The key of an HMAC: an auth token or a signing key.
    Token(SecretString),
    /// A key of an HMAC that requests ask for by its id.
    Named { id: String, key: SecretString },
    /// An Ed25519 public key: it checks and cannot sign.
    PublicKey([u8; 32]),
    /// An Ed25519 private key. Only the simulated phone has one; no configuration can name it.
    Seed([u8; 32]),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// What a provider can do, and within what numbers. Loading a line compares it with what the line needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    pub features: &'static [Feature],
    /// The timer of a listen, whole seconds. One timer serves for the first key and between keys.
    pub listen_s: RangeInclusive<u32>,
    pub pause_s: RangeInclusive<u32>,
    pub ring_s: RangeInclusive<u32>,
    pub talk_s: RangeInclusive<u32>,
    pub record_s: RangeInclusive<u32>,
    /// How many numbers ring at once.
    pub numbers_at_once: usize,
    /// The largest document, bytes.
    pub document_bytes: usize,
    /// The hosts that it has recordings at; `.example.org` stands for every host below `example.org`.
    pub recordings: &'static [&'static str],
    /// They are given to whoever has the account's token: the same that signs requests.
    pub recordings_by_token: bool,
    /// The files that it plays best of those that we have.
    pub audio: AudioFormat,
}

/// A format of our audio files; all of them are 8 kHz and one channel. The extension of a URL says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioFormat {
    /// WAV with mu-law samples, which need no conversion on a telephone line.
    MulawWav,
    /// WAV with samples of 16 bits.
    PcmWav,
    /// Mu-law samples and nothing else.
    Mulaw,
}

impl AudioFormat {
    /// Every format with its extension and its media type.
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::MulawWav, "wav", "audio/wav"),
        (Self::PcmWav, "pcm.wav", "audio/wav"),
        (Self::Mulaw, "ulaw", "audio/basic"),
    ];

    /// The format with this extension.
    #[must_use]
    pub fn parse(extension: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own, _)| *own == extension).map(|(format, ..)| *format)
    }

    /// What stands behind the point of a file's name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        Self::ALL.iter().find(|(format, ..)| *format == self).map_or("", |(_, extension, _)| extension)
    }

    /// Its media type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        Self::ALL.iter().find(|(format, ..)| *format == self).map_or("", |(.., media_type)| media_type)
    }
}

/// Something that not every provider can do. Without it the dialect uses the fallback that stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    /// Speaks to whoever picks up before joining them. Without: they are joined at once.
    Whisper,
    /// Is silent for a while between prompts. Without: goes on at once.
    Pause,
    /// The same inside a listen.
    PauseInListen,
    /// Keeps a caller ringing, unbilled, until somebody picks up. Without: the caller's leg is answered first.
    AnswerOnBridge,
    /// Rings `client:` addresses. Without: the reply is refused.
    Clients,
    /// Records the talk of a dial. Without: it is not asked to, and callers are not told that it is recorded.
    RecordsTalks,
}

impl Capabilities {
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }
}

impl Profile {
    /// Whether a URL is one of the provider's recordings: HTTPS, at one of its hosts or of those beside them, no user, no
    /// port.
    #[must_use]
    pub fn has_recording(&self, url: &str) -> bool {
        self.is_at_provider(url) || is_at(url, self.recording_hosts.iter().map(String::as_str))
    }

    /// Whether a recording is at one of the provider's own hosts: no other may see the provider's secret.
    #[must_use]
    pub fn is_at_provider(&self, url: &str) -> bool {
        is_at(url, self.capabilities.recordings.iter().copied())
    }
}

fn is_at<'a>(url: &str, mut hosts: impl Iterator<Item = &'a str>) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let host = host.to_ascii_lowercase();
    let is_known = |known: &str| match known.strip_prefix('.') {
        Some(_) => host.len() > known.len() && host.ends_with(known),
        None => host == known,
    };
    plain && !url.contains('\\') && hosts.any(is_known)
}

/// A voice of a provider, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// `Polly.Zhiyu`.
    pub name: String,
    /// The tag that goes with it, `cmn-CN`.
    pub language: String,
}

#[cfg(test)]
mod tests {
    use super::Authentication;
    use crate::dialect::provider;

    #[test]
    fn only_the_providers_own_hosts_have_recordings() {
        let mut profile = provider("twilio").unwrap().profile(Authentication::None);
        for (url, is_one) in [
            ("https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1", true),
            ("https://API.dublin.ie1.twilio.com/x", true),
            ("http://api.twilio.com/x", false),
            ("https://twilio.com.example.org/x", false),
            ("https://eviltwilio.com/x", false),
            ("https://.twilio.com/x", false),
            ("https://api.twilio.com:8443/x", false),
            ("https://user@api.twilio.com/x", false),
            ("https://169.254.169.254/?api.twilio.com", false),
            ("https://169.254.169.254#.twilio.com", false),
            ("https://169.254.169.254\\.twilio.com/x", false),
            ("https://", false),
            ("", false),
        ] {
            assert_eq!(profile.has_recording(url), is_one, "{url}");
        }
        // A bucket of one's own.
        let own = "https://bucket.example.org/RE1";
        assert!(!profile.has_recording(own));
        profile.recording_hosts = vec!["bucket.example.org".to_owned()];
        assert!(profile.has_recording(own) && !profile.has_recording("https://other.example.org/RE1"));
    }

    #[test]
    fn a_host_beside_the_providers_has_recordings_and_never_sees_the_secret() {
        let mut profile = provider("twilio").unwrap().profile(Authentication::None);
        profile.recording_hosts = vec!["bucket.example.org".to_owned()];
        let url = "https://bucket.example.org/2010-04-01/Accounts/AC1/Recordings/RE1";
        assert!(profile.has_recording(url) && !profile.is_at_provider(url));
        assert!(profile.is_at_provider("https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"));
    }
}
