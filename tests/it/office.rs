//! A desk and its wall over HTTP, with people to log in as and a caller who proves who they are, on a clock that is moved.

use std::sync::Arc;

use hotline::call::{CallId, Keys, Language, PhoneNumber};
use hotline::config::ControlSettings;
use hotline::control::{Controls, PATIENCE, Parts};
use hotline::desk::DialPrefixes;
use hotline::desk::accounts::{Accounts, NewOperator, Role};
use hotline::desk::audit::Who;
use hotline::dialect::Account;
use hotline::http::tls::{Listener, Peer};
use hotline::http::{DeskParts, DeskSettings, DeskState, Pages, desk_routes};
use hotline::lookup::hasher::Hasher;
use hotline::lookup::pin::PinHashing;
use hotline::simulator::{Neutral, Phone, trust};
use reqwest::{Response, StatusCode};
use sqlx::Executor as _;
use tokio::net::TcpListener;

use crate::app::{App, Way};
use crate::phone_door::{browser, header};
use crate::random::MORNING;

pub(crate) const PASSWORD: &str = "correct horse battery";
/// A name that would be a page of its own, with a place to fill in.
pub(crate) const NAME: &str = "<script>alert('{csrf}')</script>";
/// Who can log in.
const PEOPLE: [(&str, Role); 4] =
    [("1001", Role::Operator), ("1002", Role::Operator), ("9001", Role::Supervisor), ("9009", Role::Admin)];

pub(crate) struct Office {
    pub(crate) app: App,
    pub(crate) url: String,
}

/// Somebody who is logged in.
pub(crate) struct Seat {
    pub(crate) url: String,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

/// A provider that calls out for us as far as it is written down: nothing is sent.
fn controls(app: &App) -> Arc<Controls> {
    let account =
        Account { url: "http://127.0.0.1:1".to_owned(), id: "A".to_owned(), user: "A".to_owned(), secret: "s".into() };
    let settings = ControlSettings {
        account,
        calls_from: PhoneNumber::parse("+12025550123").ok(),
        sms_from: None,
        sms_per_day: 1,
        keep_recordings: false,
    };
    Arc::new(Controls::new(Parts {
        database: app.world.database.clone(),
        service: Arc::clone(&app.world.service),
        clock: Arc::clone(&app.world.clock) as _,
        settings: [(Neutral::PROFILE.to_owned(), settings)].into(),
        prefixes: DialPrefixes::parse(&["+86120".to_owned()]).unwrap(),
        tls: trust(None).unwrap(),
        patience: PATIENCE,
    }))
}

impl Office {
    pub(crate) async fn open(demo: bool) -> Self {
        Self::over(App::start(Way::Text).await, demo).await
    }

    pub(crate) async fn over(app: App, demo: bool) -> Self {
        app.world.clock.set(MORNING);
        let database = app.world.database.clone();
        let accounts = Accounts::new(database.clone(), Hasher::new(PinHashing::SMALLEST, 2).unwrap());
        for (number, role) in PEOPLE {
            let operator = NewOperator {
                number: number.to_owned(),
                name: NAME.to_owned(),
                role,
                languages: vec![Language::from("zh-CN"), Language::from("en")],
                subjects: Vec::new(),
                address: None,
            };
            accounts.add_known(Who::command_line("root"), operator, PASSWORD, MORNING).await.unwrap();
        }
        let parts = DeskParts {
            database,
            accounts,
            service: Arc::clone(&app.world.service),
            clock: Arc::clone(&app.world.clock) as Arc<_>,
            switchboard: None,
            controls: Some(controls(&app)),
            pages: Pages::default(),
            settings: DeskSettings { demo, is_encrypted: false, dial_prefixes: DialPrefixes::default() },
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = desk_routes(DeskState::new(parts)).into_make_service_with_connect_info::<Peer>();
        tokio::spawn(async move { axum::serve(Listener::new(listener, None), routes).await.unwrap() });
        Self { app, url }
    }

    /// What comes of logging in with a password.
    pub(crate) async fn enters(&self, number: &str, password: &str) -> Response {
        let login = browser().post(format!("{}/desk/login", self.url));
        let login = login.header("content-type", "application/x-www-form-urlencoded");
        login.body(format!("number={number}&password={password}")).send().await.unwrap()
    }

    pub(crate) async fn seat(&self, number: &str) -> Seat {
        let entered = self.enters(number, PASSWORD).await;
        assert_eq!(entered.status(), StatusCode::SEE_OTHER);
        let cookie = header(&entered, "set-cookie").split(';').next().unwrap().to_owned();
        let mut seat = Seat { url: self.url.clone(), cookie, csrf: String::new() };
        let me: serde_json::Value = serde_json::from_str(&seat.text("/desk/me").await).unwrap();
        me["csrf"].as_str().unwrap().clone_into(&mut seat.csrf);
        seat
    }

    /// A caller who has keyed who they are and heard the balance.
    pub(crate) async fn verified(&self) -> (Phone, CallId) {
        let (carrier, clock) = (self.app.exchange(), Arc::clone(&self.app.world.clock));
        let from = PhoneNumber::parse("+8612000000001").ok();
        let mut phone = Phone::call(carrier, clock, from, PhoneNumber::parse("12333").unwrap()).await.unwrap();
        phone.wait_silent().await.unwrap();
        for keys in ["1", "1", "1", "000101198503121233#", "204816#"] {
            phone.press(&Keys::parse(keys).unwrap()).await.unwrap();
        }
        let id = sqlx::query_scalar("SELECT id FROM calls ORDER BY no DESC LIMIT 1");
        let id: Vec<u8> = id.fetch_one(self.app.world.database.readers()).await.unwrap();
        (phone, CallId::from_bytes(id.try_into().unwrap()))
    }

    pub(crate) async fn write(&self, sql: &'static str) {
        let database = &self.app.world.database;
        let written =
            database.write(move |connection| Box::pin(async move { connection.execute(sql).await.map(drop) }));
        written.await.unwrap();
        database.ring_bell();
    }
}

impl Seat {
    pub(crate) async fn get(&self, path: &str) -> Response {
        browser().get(format!("{}{path}", self.url)).header("cookie", &self.cookie).send().await.unwrap()
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    /// Sends a form as a page does.
    pub(crate) async fn sends(&self, path: &str, fields: &str) -> Response {
        let post = browser().post(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        post.header("content-type", "application/x-www-form-urlencoded").body(fields.to_owned()).send().await.unwrap()
    }

    /// The next event of a stream that is not a beat.
    pub(crate) async fn event(stream: &mut Response) -> String {
        let mut text = String::new();
        while !text.ends_with("\n\n") {
            text += &String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap());
        }
        text
    }
}
