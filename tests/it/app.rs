//! The harness: the whole service in a folder of its own with demo people, a clock that moves and lookups that do as
//! they are told, and a telephone line into it.

use std::sync::Arc;

use hotline::call::PhoneNumber;
use hotline::dialect::{Profile, PublicUrl};
use hotline::http;
use hotline::line_files;
use hotline::lookup::demo;
use hotline::lookup::pin::PinHashing;
use hotline::service::Lines;
use hotline::simulator::{Carrier, Http, Memory, Neutral, Setup, Transport, World};
use hotline::store::Database;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use crate::client;

/// Demo people in each app: all that are unusual, and as many who are not.
const PEOPLE: u32 = 2 * demo::SHOWCASE;
const DATA_KEY: [u8; 32] = [7; 32];
/// Reserved for use in fiction: it rings nowhere.
const OPERATOR: &str = "+12025550100";

/// How calls come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Straight to the service, in neutral words.
    Memory,
    /// Over TCP, as Twilio sends them.
    Http,
}

/// A service of its own: what happens in one is not seen in another.
pub(crate) struct App {
    pub(crate) world: World,
    pub(crate) carrier: Carrier,
    server: Option<JoinHandle<()>>,
    _folder: TempDir,
}

/// A database with demo people and the published line, made once and copied for each app.
async fn template() -> &'static [u8] {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    TEMPLATE.get_or_init(make_template).await
}

async fn make_template() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.db");
    let database = Database::open(&path).await.unwrap();
    demo::fill(&database, PEOPLE, PinHashing::SMALLEST, |_, _| {}).await.unwrap();
    let line = (line_files::SHIPPED.to_owned(), line_files::shipped(), Vec::new());
    Lines::open(database.clone(), vec![line], true).await.unwrap();
    database.close().await.unwrap();
    std::fs::read(&path).unwrap()
}

impl App {
    pub(crate) async fn start(way: Way) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hotline.db");
        std::fs::write(&path, template().await).unwrap();
        let database = Database::open(&path).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public = PublicUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let profile: Profile = match way {
            Way::Memory => Neutral::profile(),
            Way::Http => client::twilio(),
        };
        let setup = Setup {
            database: database.clone(),
            data_key: DATA_KEY,
            line: (line_files::SHIPPED.to_owned(), line_files::shipped()),
            public: public.clone(),
            profiles: vec![profile.clone()],
            dial: [("operators".into(), vec![PhoneNumber::parse(OPERATOR).unwrap()])].into(),
            hashing: PinHashing::SMALLEST,
        };
        let world = World::open(setup).await.unwrap();
        let (transport, server): (Arc<dyn Transport>, _) = match way {
            Way::Memory => (Arc::new(Memory(Arc::clone(&world.service))), None),
            Way::Http => {
                let routes = http::router(http::App { service: Arc::clone(&world.service), database });
                let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
                (Arc::new(Http::default()), Some(serving))
            }
        };
        Self { world, carrier: Carrier { profile, public, transport }, server, _folder: folder }
    }

    pub(crate) async fn stop(self) {
        if let Some(server) = self.server {
            server.abort();
        }
        self.world.database.close().await.unwrap();
    }
}
