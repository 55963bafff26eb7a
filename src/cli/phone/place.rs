//! Where a call goes: to a server that runs, or to a line that is served in this process and gone with the call.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use jiff::civil::DateTime;

use super::clock::PhoneClock;
use super::known::Known;
use crate::call::Timestamp;
use crate::cli::prompts::open::{Opened, Place};
use crate::cli::throw_away::ThrowAway;
use crate::cli::{providers, secret_file};
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::dialect::{Profile, PublicUrl};
use crate::lookup::identity::{self, Identity};
use crate::lookup::pin::PinHashing;
use crate::service::{Desk, Lines, Lookups, Service, Settings, SmsSettings};
use crate::simulator::{Carrier, Exchange, Hearing, Http, Memory, Neutral, Trouble, embedded, fictional_numbers};
use crate::store::DataKey;

/// A server as it was named.
pub(super) struct Server {
    pub(super) url: Option<String>,
    pub(super) profile: String,
    /// A PEM file of who vouches for it, beside whom this machine believes.
    pub(super) ca: Option<PathBuf>,
    pub(super) config: Option<PathBuf>,
    pub(super) data: Option<PathBuf>,
}

impl Server {
    /// What a telephone is connected to.
    pub(super) fn exchange(self) -> anyhow::Result<Arc<dyn Exchange>> {
        let listen = std::env::var("HOTLINE_LISTEN").ok().map(|address| address.parse()).transpose();
        let config = Config::read(Flags {
            config: self.config,
            data: self.data,
            listen: listen.context("HOTLINE_LISTEN is no IP:PORT, like 127.0.0.1:8080")?,
            public_url: self.url.or_else(|| std::env::var("HOTLINE_PUBLIC_URL").ok()),
            ..Flags::default()
        })?;
        let public = config.public_at(config.listen)?;
        let http = if public.is_encrypted() { Http::trusting(self.ca.as_deref())? } else { Http::default() };
        let mut profile = signing(&self.profile, &config)?;
        config.give_voices(&mut profile);
        Ok(Arc::new(Carrier::new(profile, public, Arc::new(http), Hearing::Words)))
    }
}

/// The provider that a phone plays, with its secret.
pub(in crate::cli) fn signing(name: &str, config: &Config) -> anyhow::Result<Profile> {
    if name != embedded::NAME {
        let variable = providers::find(name)?.secret_variable;
        return config.profiles()?.remove(name).with_context(|| {
            format!("a phone signs as `{name}` and needs its secret: set {variable} to the server's")
        });
    }
    let file = config.data.join(embedded::SECRET_FILE);
    // What is set for this call is meant, whatever lies about.
    let secret = match std::env::var(embedded::SECRET_VARIABLE) {
        Ok(secret) => Some(secret),
        Err(_) => secret_file::load(&file)?,
    };
    let secret = secret.with_context(|| {
        format!(
            "there is no secret to sign with: {} is not there and {} is not set. Start the server with `hotline serve \
             --demo` in this folder, give its data folder with --data, or call a line without a server: `hotline phone \
             --demo`",
            file.display(),
            embedded::SECRET_VARIABLE
        )
    })?;
    embedded::profile(&secret).context("the secret of the phone in the box")
}

/// Why no call could be made, with what to do about it.
pub(super) fn cannot_call(trouble: Trouble, exchange: &dyn Exchange) -> anyhow::Error {
    let (url, name) = (exchange.arrivals(), exchange.name());
    let url = url.split('#').next().unwrap_or_default();
    // What was wrong at first is what is to be mended.
    let trouble = if let Trouble::Fallback { first, .. } = trouble { *first } else { trouble };
    let hint = match &trouble {
        Trouble::Connect { .. } | Trouble::NotConnected => {
            "start a server with `hotline serve --demo`, give the URL of one, or call a line without a server: `hotline \
             phone --demo`"
                .to_owned()
        }
        Trouble::Status { status: 403, .. } => format!(
            "the server does not believe the signature: the secret of `{name}` is another one there, or its public URL \
             is; give its data folder with --data, and the very URL that it prints when it starts"
        ),
        Trouble::Status { status: 404, .. } => {
            format!("the server takes no calls of `{name}`: start it with --demo, or see --profile")
        }
        Trouble::Late
        | Trouble::Broken(_)
        | Trouble::CutShort(_)
        | Trouble::Redirects(_)
        | Trouble::ContentType { .. }
        | Trouble::Fallback { .. }
        | Trouble::Override(_)
        | Trouble::NotHttp(_)
        | Trouble::Url(_)
        | Trouble::Status { .. }
        | Trouble::NoUrl(_)
        | Trouble::AudioStatus(_)
        | Trouble::NoWav(_)
        | Trouble::NoAudio
        | Trouble::UnknownAudio
        | Trouble::Document(_)
        | Trouble::Report(_) => "what answers there is not this program's server".to_owned(),
    };
    anyhow!("no call could be made to {url}: {:#}; {hint}", anyhow::Error::from(trouble))
}

/// A line that is served here, with what it stands on.
pub(super) struct Served {
    pub(super) exchange: Arc<dyn Exchange>,
    ground: ThrowAway,
}

impl Served {
    /// Serves the line, with demo people.
    pub(super) async fn open(opened: &Opened, clock: Arc<PhoneClock>) -> anyhow::Result<Self> {
        let line = opened.line.as_ref().context("the line has problems")?;
        let ground = ThrowAway::open(opened).await?;
        let database = ground.database.clone();
        let key = DataKey::from_bytes(rand::random());
        let folder = (line.name.to_string(), opened.files.clone(), Vec::new());
        let lines = Lines::open(database.clone(), ground.speech.clone(), vec![folder], true).await?;
        let hashing = PinHashing::SMALLEST;
        let settings = identity::Settings { hashing, key: key.derive("identity"), checks_at_once: 1 };
        let dial = fictional_numbers(line);
        let identity = Identity::new(database.clone(), &settings)?;
        let desk: Arc<dyn Lookups> =
            Arc::new(Desk { database: database.clone(), identity, dial: dial.clone(), demo: false });
        let public = PublicUrl::parse("http://127.0.0.1")?;
        let profile = Neutral::profile();
        let profiles = BTreeMap::from([(profile.name.clone(), profile.clone())]);
        let settings = Settings {
            public: public.clone(),
            profiles,
            dial,
            most_calls: usize::MAX,
            sms: SmsSettings::default(),
            record_talks: false,
        };
        let service = Service::new(settings, lines, Arc::new(database), desk, clock as Arc<dyn Clock>, key);
        let transport = Arc::new(Memory(Arc::new(service)));
        let exchange = Arc::new(Carrier::new(profile, public, transport, Hearing::Words));
        Ok(Self { exchange, ground })
    }

    pub(super) async fn close(self) -> anyhow::Result<()> {
        drop(self.exchange);
        self.ground.close().await
    }
}

/// The line of a folder; without one that of this folder, or the shipped one.
pub(super) fn line(folder: Option<PathBuf>) -> anyhow::Result<Opened> {
    Place { line: folder }.open_good()
}

/// What is known of the line that a server has: the one of `folder`, which has to be right, else likely the shipped one.
pub(super) fn known(folder: Option<PathBuf>) -> anyhow::Result<Option<Known>> {
    let place = Place { line: folder };
    let opened = if place.line.is_some() { place.open_good()? } else { place.open()? };
    Ok(Known::of(&opened))
}

/// A clock that shows this time of the line's own now.
pub(super) fn clock_at(at: DateTime, opened: &Opened) -> anyhow::Result<PhoneClock> {
    let line = opened.line.as_ref().context("the line has problems")?;
    let at = at.to_zoned(line.zone.clone())?.timestamp();
    Ok(PhoneClock::at(Timestamp::from_millis(at.as_millisecond())))
}
