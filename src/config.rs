//! Settings of an installation: `hotline.toml`, then `HOTLINE_*`, then flags, the later over the earlier. Checked
//! once, here. `docs/hotline.toml` shows every setting with its default.

mod provider;
mod retention;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::call::{Language, Name, PhoneNumber};
use crate::desk::DialPrefixes;
use crate::dialect::{Authentication, PROFILES, Profile, Provider, PublicUrl, Voice, provider};
use crate::flow::definition::Span;
use crate::lookup::pin::PinHashing;
use crate::synthesiser::Source;
use crate::telemetry::LogFormat;

pub use provider::ControlSettings;
pub use retention::Retention;

/// What the file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct File {
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    phone: Option<bool>,
    data: Option<PathBuf>,
    lines: Option<Vec<PathBuf>>,
    most_calls: Option<usize>,
    record_talks: Option<bool>,
    sync: Option<Sync>,
    log: Option<String>,
    #[serde(default)]
    dial: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    numbers: BTreeMap<String, String>,
    #[serde(default)]
    dial_prefixes: Vec<String>,
    #[serde(default)]
    pin_hashing: Option<Hashing>,
    #[serde(default)]
    retention: retention::Written,
    #[serde(default)]
    provider: BTreeMap<String, provider::Written>,
    #[serde(default)]
    speech: Speech,
    /// Profile -> language -> the provider's name for a voice, and for its language.
    #[serde(default)]
    voices: BTreeMap<String, BTreeMap<String, (String, String)>>,
    #[serde(default)]
    recording_hosts: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Speech {
    clips: Option<bool>,
    play_stale: Option<bool>,
    synthesiser: Option<String>,
    synthesiser_wait: Option<Span>,
}

/// How long a caller's document waits for a synthesiser. With the longest wait for a lookup, no silence is over 3 s.
const SYNTHESISER_WAIT: Duration = Duration::from_millis(1_200);
const LONGEST_SYNTHESISER_WAIT: Duration = Duration::from_millis(1_500);

/// How much a commit survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Sync {
    /// The end of the process at any instant.
    Normal,
    /// The loss of power too.
    Full,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Hashing {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// What flags and the environment may say. Secrets are in neither: see [`Config::profiles`].
#[derive(Debug, Default, clap::Args)]
pub struct Flags {
    /// The settings file; `hotline.toml` in this folder if there is one
    #[arg(long, value_name = "FILE", env = "HOTLINE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "IP:PORT", env = "HOTLINE_LISTEN", value_parser = listen_address)]
    pub listen: Option<SocketAddr>,
    /// Where providers reach this server, like `https://ivr.example.org` [default: http:// or, with --tls-cert,
    /// https://, and the listen address]
    #[arg(long, value_name = "URL", env = "HOTLINE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Speak TLS with the certificates in this PEM file, the server's own first; read again on SIGHUP
    #[arg(long, value_name = "FILE", env = "HOTLINE_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificate, a PEM file without a password
    #[arg(long, value_name = "FILE", env = "HOTLINE_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Switch on /phone, the telephone in the browser, for those who have the key that the start shows, and let operators
    /// answer its calls at /desk; with --demo it is on, for everybody
    #[arg(long, env = "HOTLINE_PHONE", value_parser = clap::builder::BoolishValueParser::new())]
    pub phone: bool,
    /// The folder of the database and its key [default: data]
    #[arg(long, value_name = "DIR", env = "HOTLINE_DATA")]
    pub data: Option<PathBuf>,
    /// A line folder to serve instead of the shipped line; may be given several times
    #[arg(long = "line", value_name = "DIR", env = "HOTLINE_LINES", value_delimiter = ',')]
    pub lines: Vec<PathBuf>,
    /// The numbers that ring when a caller wants a person
    #[arg(long, value_name = "NUMBER", env = "HOTLINE_OPERATORS", value_delimiter = ',', hide_env_values = true)]
    pub operators: Vec<String>,
    /// How many calls are admitted at once; one more hears the busy tone [default: 5000]
    #[arg(long, value_name = "N", env = "HOTLINE_MOST_CALLS")]
    pub most_calls: Option<usize>,
    /// How much a commit survives: the end of the process, or the loss of power too [default: normal]
    #[arg(long, value_name = "HOW", env = "HOTLINE_SYNC")]
    pub sync: Option<Sync>,
    /// What is logged: a level, or a list like hotline=debug [default: info]
    #[arg(long, value_name = "FILTER", env = "HOTLINE_LOG")]
    pub log: Option<String>,
    /// How log lines look
    #[arg(long, value_name = "FORMAT", env = "HOTLINE_LOG_FORMAT", default_value = "text")]
    pub log_format: Option<LogFormat>,
    /// Play no clips: providers' own voices say everything
    #[arg(long)]
    pub no_clips: bool,
    /// Believe every request without a signature; on loopback only
    #[arg(long)]
    pub no_authentication: bool,
}

/// Settings, checked.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "switches that have nothing to do with each other")]
pub struct Config {
    pub listen: SocketAddr,
    /// `None`: [`Config::public_at`] the address that is listened on.
    pub public: Option<PublicUrl>,
    /// The PEM files of the certificate and of its key; without them nothing is encrypted here.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The phone in the box is on.
    pub phone: bool,
    pub data: PathBuf,
    /// Empty: the shipped line.
    pub lines: Vec<PathBuf>,
    /// Called number -> name of the line.
    pub numbers: Vec<(PhoneNumber, String)>,
    pub dial: BTreeMap<Name, Vec<PhoneNumber>>,
    /// What may be dialled of what callers key and operators type.
    pub dial_prefixes: DialPrefixes,
    pub retention: Retention,
    pub most_calls: usize,
    /// Talks with operators are recorded, and callers told so before.
    pub record_talks: bool,
    pub sync: Sync,
    pub log: String,
    pub log_format: LogFormat,
    pub hashing: PinHashing,
    /// What there are clips for is played.
    pub clips: bool,
    /// Clips are played although their texts have changed since.
    pub play_stale: bool,
    /// What says the rest, if it is not the providers' own voices, and how long a document waits for it.
    pub synthesiser: Option<Source>,
    pub synthesiser_wait: Duration,
    voices: BTreeMap<String, BTreeMap<Language, Voice>>,
    recording_hosts: BTreeMap<String, Vec<String>>,
    providers: BTreeMap<String, provider::Written>,
    pub no_authentication: bool,
}

impl Config {
    /// Lays the file, the environment and the flags over one another.
    ///
    /// # Errors
    /// What is wrong and what to write instead.
    pub fn read(flags: Flags) -> anyhow::Result<Self> {
        let file = read_file(flags.config.as_deref())?;
        let listen = flags.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let public = flags.public_url.or(file.public_url).map(|url| PublicUrl::parse(&url));
        let public = public.transpose().context("the public URL (--public-url)")?;
        let tls = match (flags.tls_cert.or(file.tls_cert), flags.tls_key.or(file.tls_key)) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => bail!("a certificate needs its key: give --tls-key too"),
            (None, Some(_)) => bail!("a key needs its certificate: give --tls-cert too"),
        };
        let mut dial = BTreeMap::new();
        for (target, written) in file.dial {
            dial.insert(Name::from(target), numbers(&written).context("[dial]")?);
        }
        if !flags.operators.is_empty() {
            dial.insert(Name::from("operators"), numbers(&flags.operators).context("--operators")?);
        }
        let mut called = Vec::new();
        for (number, line) in file.numbers {
            called.push((PhoneNumber::parse(&number).context("[numbers]")?, line));
        }
        if flags.no_authentication && !(listen.ip().is_loopback() && public.as_ref().is_none_or(PublicUrl::is_loopback))
        {
            bail!(
                "--no-authentication is for loopback only, the listen address and the public URL; configure a provider's secret"
            );
        }
        let voices = file.voices.into_iter().map(|(profile, voices)| {
            let known = provider(&profile).is_some();
            let voice = |(language, (name, tag))| (Language::from(language), Voice { name, language: tag });
            if known { Ok((profile, voices.into_iter().map(voice).collect())) } else { Err(profile) }
        });
        let voices: Result<_, String> = voices.collect();
        let voices = voices.map_err(|profile| {
            let known = PROFILES.iter().map(|provider| provider.name).collect::<Vec<_>>().join(", ");
            anyhow::anyhow!("[voices.{profile}] is for no provider that is known; known are {known}")
        })?;
        let synthesiser = file.speech.synthesiser.as_deref().map(Source::parse).transpose();
        let synthesiser = synthesiser.context("[speech] synthesiser")?;
        let synthesiser_wait = file.speech.synthesiser_wait.map_or(SYNTHESISER_WAIT, |wait| wait.0);
        if synthesiser_wait > LONGEST_SYNTHESISER_WAIT {
            bail!(
                "[speech] synthesiser-wait is {synthesiser_wait:?}; callers hear nothing meanwhile, so it is at most {LONGEST_SYNTHESISER_WAIT:?}"
            );
        }
        Ok(Self {
            listen,
            public,
            tls,
            phone: flags.phone || file.phone.unwrap_or(false),
            data: flags.data.or(file.data).unwrap_or_else(|| PathBuf::from("data")),
            lines: if flags.lines.is_empty() { file.lines.unwrap_or_default() } else { flags.lines },
            numbers: called,
            dial,
            dial_prefixes: DialPrefixes::parse(&file.dial_prefixes).context("dial-prefixes")?,
            retention: file.retention.check()?,
            most_calls: flags.most_calls.or(file.most_calls).unwrap_or(5_000),
            record_talks: file.record_talks.unwrap_or(false),
            sync: flags.sync.or(file.sync).unwrap_or(Sync::Normal),
            log: flags.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            log_format: flags.log_format.unwrap_or(LogFormat::Text),
            hashing: file.pin_hashing.map_or(PinHashing::default(), |hashing| PinHashing {
                memory_kib: hashing.memory_kib,
                passes: hashing.passes,
                lanes: hashing.lanes,
            }),
            clips: !flags.no_clips && file.speech.clips.unwrap_or(true),
            play_stale: file.speech.play_stale.unwrap_or(false),
            synthesiser,
            synthesiser_wait,
            voices,
            recording_hosts: recording_hosts(file.recording_hosts)?,
            providers: file.provider,
            no_authentication: flags.no_authentication,
        })
    }

    /// Where providers reach us; by default the address that is listened on, which is good for this machine only.
    ///
    /// # Errors
    /// If that address makes no URL.
    pub fn public_at(&self, listening: SocketAddr) -> anyhow::Result<PublicUrl> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        self.public.clone().map_or_else(|| Ok(PublicUrl::parse(&format!("{scheme}://{listening}"))?), Ok)
    }

    /// The providers that have a secret. It is in the environment (`HOTLINE_TWILIO_AUTH_TOKEN`) or in a file that
    /// the environment names (`HOTLINE_TWILIO_AUTH_TOKEN_FILE`); several, separated by commas, while one is replaced.
    ///
    /// # Errors
    /// If a secret is empty or not of its provider's form.
    pub fn profiles(&self) -> anyhow::Result<BTreeMap<String, Profile>> {
        let mut profiles = BTreeMap::new();
        for provider in PROFILES {
            if self.no_authentication {
                profiles.insert(provider.name.to_owned(), provider.profile(Authentication::None));
            } else if let Some(secret) = secret(provider)? {
                let secrets = provider.read_secrets(&secret).with_context(|| provider.secret_variable.to_owned())?;
                profiles.insert(provider.name.to_owned(), provider.profile(secrets));
            }
        }
        for profile in profiles.values_mut() {
            self.give_voices(profile);
        }
        Ok(profiles)
    }

    /// The providers that can be asked to do something by themselves. Their secrets are in the environment, or in files
    /// that it names.
    ///
    /// # Errors
    /// What is wrong with the settings, or which secret is missing.
    pub fn controls(&self) -> anyhow::Result<BTreeMap<String, ControlSettings>> {
        provider::check(&self.providers, |variable| secret_in(variable, "the secret of the provider's API"))
    }

    /// Has the voices that are configured for a profile speak, each in the place of its usual one, and its recordings
    /// come from the hosts that are configured beside its own.
    pub fn give_voices(&self, profile: &mut Profile) {
        profile.voices.extend(self.voices.get(&profile.name).cloned().unwrap_or_default());
        profile.recording_hosts.clone_from(self.recording_hosts.get(&profile.name).unwrap_or(&Vec::new()));
    }
}

/// Where providers keep recordings beside their own hosts.
fn recording_hosts(written: BTreeMap<String, Vec<String>>) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    for (profile, hosts) in &written {
        if provider(profile).is_none() {
            let known = PROFILES.iter().map(|provider| provider.name).collect::<Vec<_>>().join(", ");
            bail!("[recording-hosts] {profile} is no provider that is known; known are {known}");
        }
        // A host of one word, or an address: somebody could have the server fetch what is behind its own door.
        let bad = hosts.iter().find(|host| {
            let name = host.strip_prefix('.').unwrap_or(host);
            let last = name.rsplit('.').next().unwrap_or_default();
            !host.bytes().all(known) || !name.contains('.') || !last.bytes().any(|byte| byte.is_ascii_lowercase())
        });
        if let Some(bad) = bad {
            bail!(
                "[recording-hosts] {profile}: `{bad}` is no host; write a name like recordings.example.org, or \
                 .example.org for all hosts below it"
            );
        }
    }
    Ok(written)
}

fn listen_address(written: &str) -> Result<SocketAddr, String> {
    written.parse().map_err(|_| "expected IP:PORT, like 127.0.0.1:8080 or 0.0.0.0:8080".to_owned())
}

fn secret(provider: &Provider) -> anyhow::Result<Option<String>> {
    secret_in(provider.secret_variable, provider.secret_place)
}

/// The secret in a variable of the environment, or in the file that it names; `place` is where one finds it.
fn secret_in(variable: &str, place: &str) -> anyhow::Result<Option<String>> {
    let file = format!("{variable}_FILE");
    let secret = match (std::env::var(variable), std::env::var(&file)) {
        (Ok(_), Ok(_)) => bail!("{variable} and {file} are both set; set one"),
        (Ok(secret), Err(_)) => secret,
        (Err(_), Ok(path)) => std::fs::read_to_string(&path).with_context(|| format!("{file} names {path}"))?,
        (Err(_), Err(_)) => return Ok(None),
    };
    let secret = secret.trim().to_owned();
    if secret.is_empty() {
        bail!("{variable} is empty; set it to {place}, or do not set it at all");
    }
    Ok(Some(secret))
}

fn numbers(written: &[String]) -> anyhow::Result<Vec<PhoneNumber>> {
    let number = |written: &String| {
        let number = PhoneNumber::parse(written)?;
        let other = ["sip:", "sips:", "client:"].iter().any(|scheme| number.as_str().starts_with(scheme));
        if !number.is_number() && !other {
            bail!("`{written}` is neither a number like +861012345678 nor an address like sip:desk@pbx.example.org");
        }
        Ok(number)
    };
    written.iter().map(number).collect()
}

fn read_file(path: Option<&Path>) -> anyhow::Result<File> {
    let (path, asked_for) = path.map_or((Path::new("hotline.toml"), false), |path| (path, true));
    if !asked_for && !path.exists() {
        return Ok(File::default());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("the settings file {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the settings file {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_settings_are_the_defaults() {
        let documented: File = toml::from_str(include_str!("../docs/hotline.toml")).unwrap();
        let defaults = Config::read(Flags { config: Some("/dev/null".into()), ..Flags::default() }).unwrap();
        assert_eq!(documented.listen, Some(defaults.listen));
        assert_eq!(documented.phone, Some(defaults.phone));
        assert!(documented.tls_cert.is_none() && documented.tls_key.is_none() && defaults.tls.is_none());
        assert_eq!(documented.data, Some(defaults.data));
        assert_eq!(documented.most_calls, Some(defaults.most_calls));
        assert_eq!(documented.record_talks, Some(defaults.record_talks));
        assert_eq!(documented.sync, Some(defaults.sync));
        assert_eq!(documented.log, Some(defaults.log));
        assert_eq!(documented.speech.clips, Some(defaults.clips));
        assert_eq!(documented.speech.play_stale, Some(defaults.play_stale));
        assert_eq!(documented.speech.synthesiser_wait.map(|wait| wait.0), Some(defaults.synthesiser_wait));
        assert!(documented.speech.synthesiser.is_none() && defaults.synthesiser.is_none());
        assert_eq!(documented.retention.check().unwrap(), defaults.retention);
        assert_eq!(DialPrefixes::parse(&documented.dial_prefixes).unwrap(), defaults.dial_prefixes);
        assert_eq!(documented.pin_hashing.unwrap().memory_kib, defaults.hashing.memory_kib);
    }

    #[test]
    fn a_synthesiser_is_a_command_or_an_address_and_is_not_waited_for_long() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("hotline.toml");
        let read = |speech: &str| {
            std::fs::write(&config, format!("[speech]\n{speech}\n")).unwrap();
            Config::read(Flags { config: Some(config.clone()), ..Flags::default() })
                .map_err(|failed| format!("{failed:#}"))
        };
        // As it is documented, uncommented.
        let documented = include_str!("../docs/hotline.toml").lines();
        let examples: Vec<&str> = documented.filter_map(|line| line.strip_prefix("# synthesiser = ")).collect();
        assert_eq!(examples.len(), 2);
        for example in examples {
            assert!(read(&format!("synthesiser = {example}")).unwrap().synthesiser.is_some());
        }
        assert_eq!(read("synthesiser-wait = \"1s\"").unwrap().synthesiser_wait, Duration::from_secs(1));
        for (speech, expected) in [
            ("synthesiser = \"https://127.0.0.1/\"", "put a local proxy before it"),
            ("synthesiser = \"\"", "no command line"),
            ("synthesiser-wait = \"2s\"", "at most 1.5s"),
            ("synthesiser-wait = 2", "string"),
            ("synthesiser-wait = \"2\"", "write a number and its unit"),
        ] {
            let failed = read(speech).unwrap_err();
            assert!(failed.contains(expected), "{speech}: {failed}");
        }
    }

    #[test]
    fn a_certificate_and_its_key_are_given_together() {
        let flags = |certificate: Option<&str>, key: Option<&str>| {
            let flags = Flags { config: Some("/dev/null".into()), ..Flags::default() };
            let (tls_cert, tls_key) = (certificate.map(PathBuf::from), key.map(PathBuf::from));
            Config::read(Flags { tls_cert, tls_key, ..flags })
        };
        let here = SocketAddr::from(([127, 0, 0, 1], 8443));
        let public = |config: Config| config.public_at(here).unwrap().to_string();
        assert_eq!(public(flags(None, None).unwrap()), "http://127.0.0.1:8443");
        assert_eq!(public(flags(Some("c.pem"), Some("k.pem")).unwrap()), "https://127.0.0.1:8443");
        assert!(flags(Some("c.pem"), None).unwrap_err().to_string().contains("--tls-key"));
        assert!(flags(None, Some("k.pem")).unwrap_err().to_string().contains("--tls-cert"));
    }

    #[test]
    fn requests_are_believed_without_a_signature_on_loopback_only() {
        let flags = |listen: &str| Flags {
            config: Some("/dev/null".into()),
            listen: Some(listen.parse().unwrap()),
            no_authentication: true,
            ..Flags::default()
        };
        assert!(Config::read(flags("127.0.0.1:1")).is_ok());
        assert!(Config::read(flags("0.0.0.0:1")).unwrap_err().to_string().contains("loopback only"));
    }
}
