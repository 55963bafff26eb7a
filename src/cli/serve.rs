//! `hotline serve`: answers providers until it is told to stop.

mod greet;
mod phone;
mod sounds;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use self::greet::Start;
use self::sounds::{FromProviders, keep_recordings};
use super::folders::folders;
use super::reload::{self, Reload};
use super::{machine, report, secret_file};
use crate::call::{Name, PhoneNumber};
use crate::clip_files::ClipFiles;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, Flags, Retention, Sync};
use crate::control::{self, Controls};
use crate::desk::accounts::Accounts;
use crate::desk::retention::forget_recordings;
use crate::dialect::{Feature, Profile, provider};
use crate::flow::{Files, Node};
use crate::http::tls::{Listener, Peer};
use crate::http::{self, App, DeskParts, DeskSettings, DeskState, Pages};
use crate::lookup::demo;
use crate::lookup::identity::{self, Identity};
use crate::lookup::pin::PinHashing;
use crate::service::{Desk, EVERY_DESK, Lines, LinesError, Lookups, Service, Settings, SmsSettings, Speech};
use crate::simulator::{embedded, trust};
use crate::store::{DataKey, Database, Options};
use crate::synthesiser::{OwnVoice, Source};

/// How long a stopping server waits for the calls in progress.
const DRAIN: Duration = Duration::from_secs(30);
/// How often the queue is looked after.
const QUEUE_EVERY: Duration = Duration::from_secs(1);
/// In every so many rounds of the sweeper, old versions of lines are looked for: once an hour.
const VERSIONS_EVERY: u64 = 120;
/// The provider that a demo can be called through when none is configured.
const DEMO_PROVIDER: &str = "twilio";

/// Where secrets come from: never from flags, which everybody on the machine can read.
const SECRETS: &str = "Secrets are in the environment, or in files that it names:\n  \
    HOTLINE_TWILIO_AUTH_TOKEN, HOTLINE_SIGNALWIRE_SIGNING_KEY, HOTLINE_TELNYX_PUBLIC_KEY, HOTLINE_SOMLENG_AUTH_TOKEN\n  \
    (or HOTLINE_TWILIO_AUTH_TOKEN_FILE, ...): a provider without one is off; several, with commas, while one is replaced\n  \
    HOTLINE_DATA_KEY_FILE: the key that protects what calls hold [default: data.key in the data folder, made if missing]";

#[derive(Debug, clap::Args)]
#[command(after_help = SECRETS, after_long_help = SECRETS)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
    /// Fill the data folder with demo people; nothing else is needed to try the line. /phone is on, for everybody; an
    /// operator and a supervisor can log in at /desk, and are on duty at any hour; the port speaks TLS too, with a
    /// certificate of the demo's own
    #[arg(long)]
    demo: bool,
    /// Publish the line folders whenever their files change, as long as nothing is wrong with them
    #[arg(long)]
    watch: bool,
    /// How many demo people; a person is the same whatever their number
    #[arg(long, value_name = "N", default_value_t = 1_000, requires = "demo")]
    demo_members: u32,
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut config = Config::read(args.flags)?;
    crate::telemetry::start(&config.log, config.log_format)?;
    if args.demo {
        config.hashing = PinHashing::SMALLEST;
    }
    if args.watch && config.lines.is_empty() {
        bail!("the line in the program does not change, so there is nothing to watch; give a line folder with --line");
    }
    let people = args.demo.then_some(args.demo_members);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(config, people, args.watch))
}

#[allow(clippy::too_many_lines, reason = "what a server is made of, one after the other")]
async fn serve(mut config: Config, demo_people: Option<u32>, watch: bool) -> anyhow::Result<ExitCode> {
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    config.listen = listener.local_addr()?;
    let public = config.public_at(config.listen)?;
    if let Err(few) = machine::raise_file_limit(config.most_calls as u64) {
        warn!("calls may be lost when many come at once: {few:#}");
    }
    let database = open(&config).await?;
    let key_file = std::env::var_os("HOTLINE_DATA_KEY_FILE").map_or_else(|| config.data.join("data.key"), Into::into);
    let key = DataKey::load_or_make(&key_file)?;
    let demo = demo_people.is_some();
    let (profiles, made_secret) = profiles(&config, demo)?;
    if demo || profiles.keys().all(|profile| profile == embedded::NAME) {
        // Where only the phone in the box calls, desks are who is rung.
        config.dial.entry(Name::from("operators")).or_insert_with(|| vec![desks()]);
    }
    let phone_key = if config.phone && !demo { Some(phone::key(&config.data)?) } else { None };
    let encryption = phone::encryption(&config, demo)?;
    if let Some(count) = demo_people {
        fill_demo(&database, count, config.hashing).await?;
    }
    let speech = speech(&config);
    let folders = folders(&config, &speech.files)?;
    let sources: BTreeMap<String, Files> =
        folders.iter().map(|(line, files, _)| (line.clone(), files.clone())).collect();
    let lines = match Lines::open(database.clone(), speech.clone(), folders, demo).await {
        Ok(lines) => lines,
        Err(LinesError::Broken { line, problems }) => {
            let nothing = Files::default();
            report::problems(sources.get(&line).unwrap_or(&nothing), &problems);
            eprintln!("hotline: line `{line}` has {} problem(s); nothing is served", problems.len());
            return Ok(ExitCode::FAILURE);
        }
        Err(failed) => return Err(failed.into()),
    };
    let desk = Arc::new(desk(&config, &database, &key, demo)?);
    let accounts = accounts(&desk, demo).await?;
    database.await_desks(SystemClock.now()).await?;
    let settings = Settings {
        public,
        profiles,
        dial: config.dial.clone(),
        most_calls: config.most_calls,
        sms: sms(&config)?,
        record_talks: config.record_talks,
    };
    let store = Arc::new(database.clone());
    let tickets = key.key_for("switchboard");
    let service = Arc::new(Service::new(
        settings,
        lines,
        store,
        Arc::clone(&desk) as Arc<dyn Lookups>,
        Arc::new(SystemClock),
        key,
    ));
    warn_of_talks(&service);
    let controls = controls(&config, &database, &service)?;
    if let Err(refused) = service.check_dial() {
        bail!("{refused}; see --operators and [dial]");
    }
    let people = if demo { greet::people(&service) } else { Vec::new() };
    greet::greet(&Start {
        config: &config,
        service: &service,
        demo,
        secret: made_secret.as_deref(),
        phone: config.phone || demo,
        key: phone_key.as_deref(),
        people: &people,
        no_operators: !accounts.is_anybody().await?,
    });
    let mut beside = JoinSet::new();
    let (warmed, kept) = (Arc::clone(&service), Arc::clone(&speech.files));
    beside.spawn(async move { warmed.try_own_voice().await });
    beside.spawn_blocking(move || keep_shipped(&kept));
    beside.spawn(sweep(Arc::clone(&service), desk, accounts.clone(), config.retention));
    beside.spawn(reload::follow(Arc::clone(&service)));
    beside.spawn(keep_queue(database.clone()));
    if let Some(controls) = controls.clone() {
        beside.spawn(controls.run());
    }
    if let Some(encryption) = encryption.clone() {
        beside.spawn(phone::renew(encryption));
    }
    let routes = http::router(App { service: Arc::clone(&service), database: database.clone() });
    let pages = Pages::default();
    let switchboard = (config.phone || demo).then(|| phone::switchboard(&routes, &service, tickets)).transpose()?;
    let recorder = switchboard.clone();
    let desk = DeskState::new(DeskParts {
        database: database.clone(),
        accounts,
        service: Arc::clone(&service),
        clock: Arc::new(SystemClock),
        switchboard,
        controls,
        pages: pages.clone(),
        settings: DeskSettings {
            demo,
            is_encrypted: encryption.is_some(),
            dial_prefixes: config.dial_prefixes.clone(),
        },
    });
    let routes = routes.merge(phone::pages(desk, phone_key, people));
    let sounds = FromProviders {
        service: Arc::clone(&service),
        switchboard: recorder,
        tls: trust(None)?,
        deletes: deletes(&config)?,
    };
    beside.spawn(keep_recordings(sounds, database.clone()));
    let reload = Reload { config, clips: speech.files, service: Arc::clone(&service) };
    reload.warn_of_findings(&sources);
    beside.spawn(reload.run(watch));
    answer(Listener::new(listener, encryption), routes, service, pages).await?;
    beside.abort_all();
    database.close().await?;
    info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Answers until it is told to stop.
async fn answer(listener: Listener, routes: Router, service: Arc<Service>, pages: Pages) -> std::io::Result<()> {
    let routes = routes.into_make_service_with_connect_info::<Peer>();
    let stopping = async move {
        stopped(service).await;
        pages.stop().await;
    };
    axum::serve(listener, routes).with_graceful_shutdown(stopping).await
}

/// The database in the data folder, which is made if there is none.
async fn open(config: &Config) -> anyhow::Result<Database> {
    // Members' records and the key are nobody else's business.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data)
        .with_context(|| format!("the data folder {} cannot be made", config.data.display()))?;
    let options = Options { full_sync: config.sync == Sync::Full, ..Options::default() };
    Ok(Database::open_with(&config.data.join("hotline.db"), options).await?)
}

/// The providers that may call, and the secret that was made for one of them.
fn profiles(config: &Config, demo: bool) -> anyhow::Result<(BTreeMap<String, Profile>, Option<String>)> {
    let mut profiles = config.profiles()?;
    let mut made_secret = None;
    if demo && profiles.is_empty() {
        let (mut profile, secret) = demo_profile(&config.data)?;
        config.give_voices(&mut profile);
        profiles.insert(profile.name.clone(), profile);
        made_secret = Some(secret);
    }
    if demo || config.phone {
        let mut embedded = phone::profile(&config.data)?;
        config.give_voices(&mut embedded);
        profiles.insert(embedded.name.clone(), embedded);
    }
    if profiles.is_empty() {
        bail!(
            "no provider is configured, so nobody could call. Set a provider's secret, like HOTLINE_TWILIO_AUTH_TOKEN \
             (`hotline providers` lists them), switch on the telephone in the browser with --phone, or try the line with \
             --demo"
        );
    }
    Ok((profiles, made_secret))
}

/// What answers the questions of calls.
fn desk(config: &Config, database: &Database, key: &DataKey, demo: bool) -> anyhow::Result<Desk> {
    let settings = identity::Settings {
        hashing: config.hashing,
        key: key.derive("identity"),
        checks_at_once: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    };
    let identity = Identity::new(database.clone(), &settings)?;
    Ok(Desk { database: database.clone(), identity, dial: config.dial.clone(), demo })
}

/// Who may log in at the desk; in a demo those whom everybody may be.
async fn accounts(desk: &Desk, demo: bool) -> anyhow::Result<Accounts> {
    let accounts = Accounts::new(desk.database.clone(), desk.identity.hasher());
    if demo {
        accounts.add_demo(SystemClock.now()).await?;
    }
    Ok(accounts)
}

/// What providers can be asked to do by themselves, if any can.
fn controls(config: &Config, database: &Database, service: &Arc<Service>) -> anyhow::Result<Option<Arc<Controls>>> {
    let settings = config.controls()?;
    if settings.is_empty() {
        return Ok(None);
    }
    Ok(Some(Arc::new(Controls::new(control::Parts {
        database: database.clone(),
        service: Arc::clone(service),
        clock: Arc::new(SystemClock),
        settings,
        prefixes: config.dial_prefixes.clone(),
        tls: trust(None)?,
        patience: control::PATIENCE,
    }))))
}

/// Says which talks are not recorded although talks shall be.
fn warn_of_talks(service: &Service) {
    if !service.settings().record_talks {
        return;
    }
    for profile in service.settings().profiles.values().filter(|it| !it.capabilities.has(Feature::RecordsTalks)) {
        warn!("record-talks: {} cannot record talks; those of its calls are not recorded", profile.name);
    }
    for (loaded, _) in service.lines().reached() {
        let line = &loaded.line;
        let silent =
            line.nodes.iter().filter(|(_, node)| matches!(node, Node::Queue(queue) if queue.recorded.is_none()));
        for (id, _) in silent {
            warn!(
                "record-talks: node `{id}` of line `{}` has no prompt `recorded` that would tell callers so; its talks are \
                 not recorded",
                line.name
            );
        }
    }
}

/// Which providers send texts for us, how many, and to which numbers.
fn sms(config: &Config) -> anyhow::Result<SmsSettings> {
    let controls = config.controls()?.into_iter();
    let profiles = controls.filter_map(|(name, settings)| settings.sms_from.map(|_| (name, settings.sms_per_day)));
    Ok(SmsSettings { profiles: profiles.collect(), prefixes: config.dial_prefixes.clone() })
}

/// Which providers are asked to delete the recordings that have been fetched.
fn deletes(config: &Config) -> anyhow::Result<BTreeSet<String>> {
    let controls = config.controls()?.into_iter();
    Ok(controls.filter(|(_, settings)| !settings.keep_recordings).map(|(name, _)| name).collect())
}

/// What the line speaks with.
fn speech(config: &Config) -> Speech {
    // What a synthesiser was saying when the program was killed: it may be somebody's figures.
    let _ = std::fs::remove_dir_all(config.data.join("speech").join("now"));
    if config.synthesiser.as_ref().is_some_and(Source::is_elsewhere) {
        warn!(
            "the synthesiser of [speech] is on another machine: callers' figures go there unencrypted; run it on this one"
        );
    }
    let own_voice = |source| Arc::new(OwnVoice::new(source, config.synthesiser_wait, &config.data));
    Speech {
        files: Arc::new(ClipFiles::in_folder(config.data.join("clips"))),
        clips: config.clips,
        play_stale: config.play_stale,
        own_voice: config.synthesiser.clone().map(own_voice),
    }
}

/// Has the shipped clips kept with the data, while calls are answered already.
fn keep_shipped(files: &ClipFiles) {
    if let Err(failed) = files.keep_shipped() {
        let failed = anyhow::Error::from(failed);
        warn!("calls of today would miss clips that a later program does not bring along: {failed:#}");
    }
}

async fn fill_demo(database: &Database, count: u32, hashing: PinHashing) -> anyhow::Result<()> {
    let shows = count >= 20_000;
    let progress = |done: u32, count: u32| {
        if shows && done.is_multiple_of(5_000) {
            eprint!("\rdemo people: {done} of {count}");
            let _ = std::io::stderr().flush();
        }
    };
    let filled = demo::fill(database, count, hashing, progress).await?;
    if shows {
        eprintln!();
    }
    info!(added = filled.added, people = filled.people, "demo people are in the data folder");
    Ok(())
}

/// A profile with a secret of the data folder's own, kept there for the next start.
fn demo_profile(data: &Path) -> anyhow::Result<(Profile, String)> {
    let secret = secret_file::load_or_make(&data.join("demo-secret"))?;
    let provider = provider(DEMO_PROVIDER).context("the demo's provider is not known")?;
    Ok((provider.profile(provider.read_secrets(&secret)?), secret))
}

/// Every desk that is open in a browser: the phone in the box rings nobody else.
fn desks() -> PhoneNumber {
    PhoneNumber::parse(EVERY_DESK).expect("it is an address")
}

/// Ends lost calls and deletes what need not be kept any longer.
async fn sweep(service: Arc<Service>, desk: Arc<Desk>, accounts: Accounts, retention: Retention) {
    let database = &desk.database;
    for round in 1_u64.. {
        SystemClock.sleep(Service::SWEEP_EVERY).await;
        service.sweep().await;
        let now = SystemClock.now();
        if round.is_multiple_of(VERSIONS_EVERY) {
            service.lines().forget_old(now).await;
        }
        if let Err(failed) = desk.identity.tidy(now).await {
            error!("verifications that have ended could not be deleted: {:#}", anyhow::Error::from(failed));
        }
        if let Err(failed) = accounts.tidy(now).await {
            error!("logins that have ended could not be deleted: {:#}", anyhow::Error::from(failed));
        }
        for deleted in [
            database.tidy(now).await,
            database.forget(now.before(retention.calls)).await,
            forget_recordings(database, now.before(retention.recordings)).await,
        ] {
            if let Err(failed) = deleted {
                error!("old calls could not be cleared away: {:#}", anyhow::Error::from(failed));
            }
        }
    }
}

/// Ends reservations and wrap-ups that are over, though nobody asks.
async fn keep_queue(database: Database) {
    loop {
        SystemClock.sleep(QUEUE_EVERY).await;
        if let Err(failed) = database.match_waiting(SystemClock.now()).await {
            error!("operators could not be given to those who wait: {:#}", anyhow::Error::from(failed));
        }
    }
}

/// Waits to be told to stop, then for the calls in progress.
async fn stopped(service: Arc<Service>) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    let mut told = async || {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    told().await;
    service.drain();
    let calls = service.calls_in_progress();
    if calls == 0 {
        return;
    }
    warn!(calls, "stopping: {calls} call(s) in progress go on for up to {DRAIN:?}; tell me again to stop now");
    let drained = async {
        while service.calls_in_progress() > 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        () = drained => {}
        () = told() => {}
        () = tokio::time::sleep(DRAIN) => warn!("calls are still in progress; they go on when the server starts again"),
    }
}
