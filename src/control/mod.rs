//! Asks providers to do something by themselves: send a waiting caller on at once, join two people, send an SMS, delete a
//! recording that has been fetched.
//!
//! What is to be done is in the outbox (`store`), so it outlives the process; here it is delivered. It makes things
//! sooner and nothing possible: without it callers who wait ask by themselves within seconds. Start with
//! [`Controls::run`].

mod client;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio_rustls::TlsConnector;
use tracing::{error, info, warn};

use crate::call::{CallId, PhoneNumber, Timestamp};
use crate::clock::Clock;
use crate::config::ControlSettings;
use crate::desk::recordings::{self, Due};
use crate::desk::{DialPrefixes, Undialable};
use crate::dialect::Control;
use crate::service::{Errand, Service};
use crate::store::{self, CallKey, Database, OutKind, OutState, Outgoing, SOURCE};
use client::{Client, Sent};

/// How long connecting to a provider may take, and then its answer.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How often the outbox is looked at when nothing rings.
const EVERY: Duration = Duration::from_secs(1);
/// How often it is looked for recordings that are to be deleted.
const DELETE_EVERY: Duration = Duration::from_secs(30);
/// How many at once.
const AT_ONCE: u32 = 50;
/// A caller who waits has asked by themselves long before.
const REDIRECT_WITHIN: Duration = Duration::from_secs(30);
/// An operator sits there and waits for it.
const CALL_WITHIN: Duration = Duration::from_mins(1);
const SMS_WITHIN: Duration = Duration::from_mins(10);
/// The longest time between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Why nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the provider of this call cannot be asked to; set [provider.NAME] in hotline.toml")]
    NotConfigured,
    #[error(transparent)]
    Undialable(#[from] Undialable),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("what is to be sent could not be written down")]
    Unwritable(#[from] serde_json::Error),
}

/// What it works with.
pub struct Parts {
    pub database: Database,
    pub service: Arc<Service>,
    pub clock: Arc<dyn Clock>,
    /// By profile.
    pub settings: BTreeMap<String, ControlSettings>,
    pub prefixes: DialPrefixes,
    /// Whom to believe over TLS.
    pub tls: TlsConnector,
    /// [`PATIENCE`].
    pub patience: Duration,
}

/// The control APIs of an installation.
pub struct Controls {
    database: Database,
    service: Arc<Service>,
    clock: Arc<dyn Clock>,
    settings: BTreeMap<String, ControlSettings>,
    /// The profiles whose callers can be sent on: a JSON list.
    profiles: String,
    prefixes: DialPrefixes,
    client: Client,
}

impl Controls {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { database, service, clock, settings, prefixes, tls, patience } = parts;
        let profiles = serde_json::Value::from(settings.keys().cloned().collect::<Vec<_>>()).to_string();
        Self { database, service, clock, settings, profiles, prefixes, client: Client { tls, patience } }
    }

    /// Whether an operator can be joined to somebody because of this call: its provider makes calls for us.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn can_join(&self, call: CallId) -> Result<bool, store::Error> {
        Ok(self.settings_of(call).await?.is_some_and(|(_, settings)| settings.calls_from.is_some()))
    }

    /// Rings `first`, an operator, and joins them to `second`, because of a call whose key is `key`.
    ///
    /// # Errors
    /// [`Error`]: nobody is rung.
    pub async fn join(&self, (call, key): (CallId, &CallKey), first: PhoneNumber, second: &str) -> Result<(), Error> {
        let found = self.settings_of(call).await?.filter(|(_, settings)| settings.calls_from.is_some());
        let (profile, _) = found.ok_or(Error::NotConfigured)?;
        let second = self.prefixes.dialable(second)?;
        let sealed = Errand::Join { first, second }.seal(key)?;
        let now = self.clock.now();
        let writing = self.database.write(move |connection| {
            Box::pin(async move { store::enqueue(connection, call, &profile, OutKind::Call, sealed, now).await })
        });
        Ok(writing.await?)
    }

    /// The profile of a call, and how it is asked.
    async fn settings_of(&self, call: CallId) -> Result<Option<(String, &ControlSettings)>, store::Error> {
        let profile: Option<String> = sqlx::query_scalar("SELECT profile FROM calls WHERE id = ?")
            .bind(call.as_bytes().as_slice())
            .fetch_optional(self.database.readers())
            .await?;
        Ok(profile.and_then(|profile| self.settings.get(&profile).map(|settings| (profile, settings))))
    }

    /// Delivers what is due, for as long as the server runs.
    pub async fn run(self: Arc<Self>) {
        match self.database.recover_outgoing().await {
            Ok(0) => {}
            Ok(unknown) => warn!(unknown, "calls or SMS were being sent when the server stopped; the desk shows them"),
            Err(failed) => error!("the outbox cannot be read: {:#}", anyhow::Error::from(failed)),
        }
        let mut bell = self.database.bell();
        // A call or an SMS that waits for its answer keeps no caller waiting.
        let redirects = async {
            loop {
                tokio::select! { _ = bell.changed() => {}, () = self.clock.sleep(EVERY) => {} }
                self.redirect().await;
            }
        };
        let others = async {
            loop {
                self.clock.sleep(EVERY).await;
                self.deliver(false).await;
            }
        };
        let recordings = async {
            loop {
                self.clock.sleep(DELETE_EVERY).await;
                self.delete_recordings().await;
            }
        };
        tokio::join!(redirects, others, recordings);
    }

    /// Has providers delete the recordings that are here: again and again, for a day and a half.
    pub async fn delete_recordings(&self) {
        let due = recordings::to_be_deleted(&self.database, self.clock.now(), AT_ONCE).await;
        let due = due.unwrap_or_else(|failed| {
            error!("recordings that are to be deleted cannot be read: {:#}", anyhow::Error::from(failed));
            Vec::new()
        });
        for one in due {
            let written = match self.delete_recording(&one).await {
                Ok(()) => recordings::lost(&self.database, &one.name).await,
                Err(why) => {
                    warn!(call.id = %one.call, profile = %one.profile, tries = one.tries + 1, "a recording is not deleted at its provider: {why}");
                    recordings::tried(&self.database, &one.name).await
                }
            };
            if let Err(failed) = written {
                error!(call.id = %one.call, "what became of a recording is not on record: {:#}", anyhow::Error::from(failed));
            }
        }
    }

    /// Why a recording is still with its provider.
    async fn delete_recording(&self, due: &Due) -> Result<(), &'static str> {
        let settings = self.settings.get(&due.profile).filter(|settings| !settings.keep_recordings);
        let profile = self.service.settings().profiles.get(&due.profile);
        let (Some(settings), Some(profile)) = (settings, profile) else {
            return Err("the provider is not configured any more");
        };
        let Ok(Some(key)) = self.service.key_of(due.call).await else { return Err("the call was forgotten") };
        let url = key.open(SOURCE, &due.source).ok().and_then(|url| String::from_utf8(url).ok());
        let url = url.ok_or("where it is cannot be read")?;
        let request = profile.dialect.control(&settings.account, &Control::DeleteRecording { url });
        match self.client.send(request.ok_or("the provider cannot be asked")?).await {
            // Somebody else has deleted it.
            Sent::Answered(200..=299 | 404 | 410) => Ok(()),
            Sent::Answered(_) => Err("the provider refuses it"),
            Sent::Unreached | Sent::NoAnswer => Err("the provider does not answer"),
        }
    }

    /// Sends on whoever has an operator now, and whoever was not reached before.
    pub async fn redirect(&self) {
        if let Err(failed) = self.database.redirect_reserved(self.profiles.clone(), self.clock.now()).await {
            error!("callers who have an operator are not sent on: {:#}", anyhow::Error::from(failed));
        }
        self.deliver(true).await;
    }

    /// Delivers what is due: what may happen twice, or what may not.
    pub async fn deliver(&self, harmless: bool) {
        match self.database.outgoing(harmless, self.clock.now(), AT_ONCE).await {
            Ok(due) => drop(join_all(due.into_iter().map(|outgoing| self.send(outgoing))).await),
            Err(failed) => error!("the outbox cannot be read: {:#}", anyhow::Error::from(failed)),
        }
    }

    async fn send(&self, outgoing: Outgoing) {
        let (no, kind, call) = (outgoing.no, outgoing.kind.name(), outgoing.call);
        let (state, trouble) = match self.try_one(&outgoing).await {
            Ok(Some(settled)) => settled,
            // Somebody else sends it.
            Ok(None) => return,
            Err(failed) => {
                error!(call.id = %call, kind, "an outgoing message was not sent: {:#}", anyhow::Error::from(failed));
                return;
            }
        };
        match state {
            OutState::Done => info!(call.id = %call, kind, "a provider did what it was asked"),
            OutState::Due(_) => {}
            OutState::Failed | OutState::Unknown => warn!(call.id = %call, kind, "a provider was asked: {trouble}"),
        }
        if let Err(failed) = self.database.settle_outgoing(no, state, trouble).await {
            error!(call.id = %call, kind, "what became of a request is not on record: {:#}", anyhow::Error::from(failed));
        }
    }

    /// What became of it.
    async fn try_one(&self, outgoing: &Outgoing) -> Result<Option<(OutState, &'static str)>, store::Error> {
        let failed = |why| Ok(Some((OutState::Failed, why)));
        let now = self.clock.now();
        if now.since(outgoing.made_at) > within(outgoing.kind) {
            return failed("it was not possible in time");
        }
        let (Some(settings), Some(profile)) =
            (self.settings.get(&outgoing.profile), self.service.settings().profiles.get(&outgoing.profile))
        else {
            return failed("the provider is not configured any more");
        };
        let control = match outgoing.kind {
            OutKind::Redirect => match self.service.send_on(outgoing.call, &outgoing.profile).await {
                Some(control) => control,
                // They have come by themselves, or have gone.
                None => return Ok(Some((OutState::Done, ""))),
            },
            OutKind::Call | OutKind::Sms => match self.read(outgoing, settings).await? {
                Ok(control) => control,
                Err(why) => return failed(why),
            },
        };
        let Some(request) = profile.dialect.control(&settings.account, &control) else {
            return failed("the provider cannot be asked");
        };
        if !outgoing.kind.is_harmless() && !self.database.mark_sending(outgoing.no).await? {
            return Ok(None);
        }
        Ok(Some(settled(outgoing, self.client.send(request).await, self.clock.now())))
    }

    /// What a body asks for; why it cannot be done, if it cannot.
    async fn read(
        &self,
        outgoing: &Outgoing,
        settings: &ControlSettings,
    ) -> Result<Result<Control, &'static str>, store::Error> {
        let Ok(Some(key)) = self.service.key_of(outgoing.call).await else { return Ok(Err("the call was forgotten")) };
        let body = Errand::open(&key, &outgoing.body);
        // What may be dialled may have been changed meanwhile.
        Ok(match (body, &settings.calls_from, &settings.sms_from) {
            (Some(Errand::Join { second: number, .. } | Errand::Sms { to: number, .. }), ..)
                if !self.prefixes.allow(&number) =>
            {
                Err("the number may not be dialled")
            }
            (Some(Errand::Join { first, second }), Some(from), _) => {
                Ok(Control::Join { first, second, from: from.clone() })
            }
            (Some(Errand::Sms { to, text }), _, Some(from)) => Ok(Control::Sms { to, text, from: from.clone() }),
            (Some(_), ..) => Err("there is no number to call or write from"),
            (None, ..) => Err("it cannot be read"),
        })
    }
}

const fn within(kind: OutKind) -> Duration {
    match kind {
        OutKind::Redirect => REDIRECT_WITHIN,
        OutKind::Call => CALL_WITHIN,
        OutKind::Sms => SMS_WITHIN,
    }
}

/// What an answer means. Only what was surely not done, or may be done twice, is tried again.
fn settled(outgoing: &Outgoing, sent: Sent, now: Timestamp) -> (OutState, &'static str) {
    let again = |why| {
        let pause = Duration::from_secs(1 << outgoing.tries.min(10)).min(LONGEST_PAUSE);
        (OutState::Due(now.plus(pause)), why)
    };
    match sent {
        Sent::Answered(200..=299) => (OutState::Done, ""),
        Sent::Answered(429) => again("the provider asks to wait"),
        Sent::Unreached => again("the provider cannot be reached"),
        Sent::Answered(400..=499) => (OutState::Failed, "the provider refuses it"),
        Sent::Answered(_) | Sent::NoAnswer if outgoing.kind.is_harmless() => again("the provider does not answer"),
        Sent::Answered(_) | Sent::NoAnswer => {
            (OutState::Unknown, "the provider did not say whether it was done; look there before you try again")
        }
    }
}
