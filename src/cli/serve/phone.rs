//! The phone in the box of a server that starts: its provider, its key, its pages, and how connections are encrypted.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};

use super::secret_file;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::dialect::Profile;
use crate::http::tls::{self, Encryption, Plain};
use crate::http::{self, DeskState, Invented, Key, Phone};
use crate::service::Service;
use crate::simulator::{Carrier, Hearing, Routes, embedded};
use crate::store::CallKey;
use crate::switchboard::{Setup, Switchboard, Watching};

/// The file in the data folder with the key that lets people in.
pub(super) const KEY_FILE: &str = "phone-key";

/// The provider in the box.
pub(super) fn profile(data: &Path) -> anyhow::Result<Profile> {
    Ok(embedded::profile(&secret_file::load_or_make(&data.join(embedded::SECRET_FILE))?)?)
}

/// The key to a phone that is not for everybody.
pub(super) fn key(data: &Path) -> anyhow::Result<String> {
    secret_file::load_or_make(&data.join(KEY_FILE))
}

/// The switchboard, whose calls go through `routes` like any provider's.
pub(super) fn switchboard(
    routes: &Router,
    service: &Arc<Service>,
    tickets: CallKey,
) -> anyhow::Result<Arc<Switchboard>> {
    let settings = service.settings();
    let profile = settings.profiles.get(embedded::NAME).context("the provider in the box is off")?.clone();
    let (routes, public) = (routes.clone(), settings.public.clone());
    let transport = Arc::new(Routes { routes, public: public.clone() });
    let watching = Arc::new(Watching::default());
    let carrier = Carrier::new(profile, public, transport, Hearing::Words).watched(Arc::clone(&watching) as _);
    Ok(Switchboard::new(Setup {
        exchange: Arc::new(carrier),
        watching,
        service: Arc::clone(service),
        clock: Arc::new(SystemClock),
        key: tickets,
    }))
}

/// The pages of the telephone, if it is on, and of the desk.
pub(super) fn pages(desk: DeskState, key: Option<String>, people: Vec<Invented>) -> Router {
    let phone = desk.switchboard.clone().map(|switchboard| Phone {
        service: Arc::clone(&desk.service),
        switchboard,
        key: key.map(|key| Arc::new(Key::new(key))),
        people: people.into(),
        demo: desk.settings.demo,
        is_encrypted: desk.settings.is_encrypted,
        pages: desk.pages.clone(),
    });
    phone.map(http::phone_routes).unwrap_or_default().merge(http::desk_routes(desk))
}

/// How connections are encrypted: with the certificate that was given, or with the demo's own.
pub(super) fn encryption(config: &Config, demo: bool) -> anyhow::Result<Option<Encryption>> {
    if let Some((certificate, key)) = &config.tls {
        let given = Encryption::with(certificate.clone(), key.clone(), Plain::Loopback);
        return Ok(Some(given.context("the certificate (--tls-cert, --tls-key)")?));
    }
    if !demo {
        return Ok(None);
    }
    let mut addresses = tls::addresses();
    if !config.listen.ip().is_unspecified() && !addresses.contains(&config.listen.ip()) {
        addresses.push(config.listen.ip());
    }
    let today = SystemClock.now().in_zone(&jiff::tz::TimeZone::UTC).date();
    let (certificate, key) = tls::load_or_make(&config.data, &addresses, today)?;
    Ok(Some(Encryption::with(certificate, key, Plain::Everybody)?))
}

/// Reads the certificate again on SIGHUP.
pub(super) async fn renew(encryption: Encryption) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    while hangup.recv().await.is_some() {
        match encryption.reload() {
            Ok(()) => info!("the certificate was read again"),
            Err(failed) => {
                let failed = anyhow::Error::from(failed);
                error!("the certificate was not read again; the old one goes on: {failed:#}");
            }
        }
    }
}
