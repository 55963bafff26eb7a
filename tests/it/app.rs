//! The harness: the whole service in a folder of its own with demo people, a clock that moves and lookups that do as
//! they are told, and a telephone line into it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hotline::call::{PhoneNumber, Timestamp};
use hotline::clip_files::ClipFiles;
use hotline::clock::Clock;
use hotline::desk::DialPrefixes;
use hotline::dialect::{OutRequest, Profile, PublicUrl};
use hotline::flow::Files;
use hotline::http;
use hotline::line_files;
use hotline::lookup::demo;
use hotline::lookup::pin::PinHashing;
use hotline::service::{Lines, SmsSettings, Speech};
use hotline::simulator::{
    Carrier, Exchange, Exchanged, Fetched, Hearing, Http, Memory, Neutral, Received, Setup, Transport, Trouble,
    Watcher, World,
};
use hotline::store::Database;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use crate::client;

/// Demo people in each app: all that are unusual, and as many who are not.
const PEOPLE: u32 = 2 * demo::SHOWCASE;
pub(crate) const DATA_KEY: [u8; 32] = [7; 32];
/// Reserved for use in fiction: they ring nowhere.
/// How many texts one number is sent in 24 hours.
pub(crate) const TEXTS_A_DAY: u32 = 2;
const OPERATOR: &str = "+12025550100";
const MEDICAL_LINE: &str = "+12025550101";

/// How calls come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Straight to the service, in neutral words.
    Memory,
    /// Over TCP, as Twilio sends them.
    Http,
    /// Straight to the service, where clips are off.
    Text,
}

/// Over TCP; what is fetched has to be the service's own audio, byte for byte.
#[derive(Debug)]
struct CheckedHttp {
    http: Http,
    own: Memory,
}

#[async_trait]
impl Transport for CheckedHttp {
    async fn connect(&self, url: &str) -> Result<(), Trouble> {
        self.http.connect(url).await
    }

    async fn send(&self, request: OutRequest) -> Result<Received, Trouble> {
        self.http.send(request).await
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, Trouble> {
        let (fetched, own) = (self.http.fetch(url).await?, self.own.fetch(url).await?);
        assert_eq!((fetched.status, &fetched.content_type), (own.status, &own.content_type));
        assert!(fetched.body.concat() == own.body.concat(), "other bytes than the service's own came over HTTP");
        Ok(fetched)
    }
}

/// No document of ours may be one that a provider does not take: that would only be heard as an apology.
struct EveryDocumentIsTaken;

impl Watcher for EveryDocumentIsTaken {
    fn exchanged(&self, exchanged: &Exchanged<'_>) {
        if let Some(trouble) = exchanged.trouble {
            panic!("{:?}: {trouble}", exchanged.kind);
        }
    }
}

/// Never comes to the end of a wait: a machine that is busy with other things must not cost a call its time.
pub(crate) struct NoDeadlines;

#[async_trait]
impl Clock for NoDeadlines {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

/// A service of its own: what happens in one is not seen in another.
pub(crate) struct App {
    pub(crate) world: World,
    pub(crate) carrier: Carrier,
    server: Option<JoinHandle<()>>,
    folder: TempDir,
}

/// A database with demo people and the published line, made once and copied for each app.
pub(crate) async fn template() -> &'static [u8] {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    TEMPLATE.get_or_init(make_template).await
}

async fn make_template() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.db");
    let database = Database::open(&path).await.unwrap();
    demo::fill(&database, PEOPLE, PinHashing::SMALLEST, |_, _| {}).await.unwrap();
    let line = (line_files::SHIPPED.to_owned(), line_files::shipped(), Vec::new());
    Lines::open(database.clone(), Speech::new(ClipFiles::default()), vec![line], true).await.unwrap();
    database.close().await.unwrap();
    std::fs::read(&path).unwrap()
}

/// The shipped line as the template has it, read once.
async fn shipped(database: &Database, way: Way) -> Lines {
    static WITH_CLIPS: OnceCell<Lines> = OnceCell::const_new();
    static AS_TEXT: OnceCell<Lines> = OnceCell::const_new();
    let read = || open_lines(database, way, line_files::SHIPPED, line_files::shipped());
    let lines = if way == Way::Text { AS_TEXT.get_or_init(read).await } else { WITH_CLIPS.get_or_init(read).await };
    lines.over(database.clone())
}

async fn open_lines(database: &Database, way: Way, line: &str, files: Files) -> Lines {
    let speech = Speech { clips: way != Way::Text, ..Speech::new(ClipFiles::default()) };
    Lines::open(database.clone(), speech, vec![(line.to_owned(), files, Vec::new())], false).await.unwrap()
}

impl App {
    /// With the shipped line.
    pub(crate) async fn start(way: Way) -> Self {
        let (folder, database) = Self::database().await;
        let lines = shipped(&database, way).await;
        Self::of(way, folder, database, lines, false).await
    }

    /// With the shipped line, where talks are recorded.
    pub(crate) async fn start_recording(way: Way) -> Self {
        let (folder, database) = Self::database().await;
        let lines = shipped(&database, way).await;
        Self::of(way, folder, database, lines, true).await
    }

    /// With this line.
    pub(crate) async fn with(way: Way, line: &str, files: Files) -> Self {
        let (folder, database) = Self::database().await;
        let lines = open_lines(&database, way, line, files).await;
        Self::of(way, folder, database, lines, false).await
    }

    async fn database() -> (TempDir, Database) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hotline.db");
        std::fs::write(&path, template().await).unwrap();
        (folder, Database::open(&path).await.unwrap())
    }

    async fn of(way: Way, folder: TempDir, database: Database, lines: Lines, record_talks: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public = PublicUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let profile: Profile = match way {
            Way::Memory | Way::Text => Neutral::profile(),
            Way::Http => client::twilio(),
        };
        let setup = Setup {
            database: database.clone(),
            data_key: DATA_KEY,
            lines,
            public: public.clone(),
            profiles: vec![profile.clone()],
            dial: [("operators", OPERATOR), ("medical-line", MEDICAL_LINE)]
                .map(|(target, number)| (target.into(), vec![PhoneNumber::parse(number).unwrap()]))
                .into(),
            hashing: PinHashing::SMALLEST,
            sms: SmsSettings {
                profiles: [("twilio".to_owned(), TEXTS_A_DAY)].into(),
                prefixes: DialPrefixes::parse(&["+8613".to_owned()]).unwrap(),
            },
            record_talks,
        };
        let world = World::open(setup).unwrap();
        let memory = Memory(Arc::clone(&world.service));
        let (transport, server): (Arc<dyn Transport>, _) = match way {
            Way::Memory | Way::Text => (Arc::new(memory), None),
            Way::Http => {
                let routes = http::router(http::App { service: Arc::clone(&world.service), database });
                let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
                (Arc::new(CheckedHttp { http: Http::default(), own: memory }), Some(serving))
            }
        };
        let carrier = Carrier::new(profile, public, transport, Hearing::Words);
        let carrier = carrier.watched(Arc::new(EveryDocumentIsTaken)).with_clock(Arc::new(NoDeadlines));
        Self { world, carrier, server, folder }
    }

    /// Where its database is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a telephone is connected to.
    pub(crate) fn exchange(&self) -> Arc<dyn Exchange> {
        Arc::new(self.carrier.clone())
    }

    pub(crate) async fn stop(self) {
        if let Some(server) = self.server {
            server.abort();
        }
        self.world.database.close().await.unwrap();
    }
}
