//! The page where one logs in.

use std::time::Instant;

use axum::Form;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tracing::{error, warn};

use super::person::{Visitor, is_own, see};
use super::{DeskState, refusal, session};
use crate::desk::accounts::{self, DEMO, LogIn, Role};
use crate::http::guard::{Host, is_encrypted, remote};
use crate::http::tls::Peer;
use crate::store::queue::Presence;

const PAGE: &str = include_str!("login.html");
/// The same, whatever was wrong.
const WRONG: &str = "工号或密码不对。The number or the password is wrong.";
const LOCKED: &str =
    "这个工号试错太多次，请十五分钟后再试。Too many wrong tries with this number; wait fifteen minutes.";
const NOT_YET: &str = "试得太快，请稍等再试。Too many tries; wait a little.";
const TROUBLE: &str = "现在无法登录，请稍后再试。Nobody can log in just now; try again later.";
const UNENCRYPTED: &str =
    "此连接没有加密，请用 https 打开本页。This connection is not encrypted: open this page with https.";
const NOBODY: &str = "<p class=\"notice\">还没有坐席账号。请在服务器上运行 <code>hotline operator add</code>。 \
    <span lang=\"en\">There is no account yet: run <code>hotline operator add</code> on the server.</span></p>";

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Given {
    number: String,
    password: SecretText,
}

/// A text of a form that nothing shows.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(super) struct SecretText(pub(super) SecretString);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// What a form sends that only names its session.
#[derive(Deserialize)]
pub(super) struct Csrf {
    csrf: String,
}

pub(super) async fn form(State(desk): State<DeskState>) -> Response {
    page(&desk, StatusCode::OK, "").await
}

pub(super) async fn log_in(
    State(desk): State<DeskState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    let encrypted = is_encrypted(peer, &headers);
    // A password of a demo is no secret.
    if !encrypted && !desk.settings.demo && !Host::of(&headers).is_some_and(Host::is_loopback) {
        return page(&desk, StatusCode::FORBIDDEN, UNENCRYPTED).await;
    }
    let from = remote(peer, &headers);
    if let Err(wait) = desk.tries.begin(from, Instant::now()) {
        let mut response = page(&desk, StatusCode::TOO_MANY_REQUESTS, NOT_YET).await;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
        return response;
    }
    let instead = session::of(peer, &headers);
    let SecretText(password) = given.password;
    match desk.accounts.log_in(given.number.trim(), password, instead, desk.clock.now()).await {
        Ok(LogIn::In(made)) => {
            desk.tries.right(from);
            let mut response = see(if made.must_change { "/desk/password" } else { first_page(made.role) });
            session::set(&mut response, encrypted, Some(made.token.expose_secret()));
            response
        }
        Ok(LogIn::Wrong) => {
            warn!("somebody could not log in at the desk");
            page(&desk, StatusCode::FORBIDDEN, WRONG).await
        }
        Ok(LogIn::Locked) => {
            warn!("somebody tried to log in at the desk with a number that is locked");
            page(&desk, StatusCode::TOO_MANY_REQUESTS, LOCKED).await
        }
        Err(failed) => {
            error!("a login failed: {:#}", anyhow::Error::from(failed));
            page(&desk, StatusCode::SERVICE_UNAVAILABLE, TROUBLE).await
        }
    }
}

/// Where somebody's work is. Who opens the desk is there for callers; who looks at the wall is not.
pub(super) const fn first_page(role: Role) -> &'static str {
    match role {
        Role::Operator => "/desk",
        Role::Supervisor | Role::Admin => "/desk/wall",
    }
}

pub(super) async fn log_out(
    Visitor(person): Visitor,
    State(desk): State<DeskState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    Form(Csrf { csrf }): Form<Csrf>,
) -> Response {
    if !is_own(&person, &csrf) {
        return refusal::page(StatusCode::FORBIDDEN, refusal::OUT_OF_DATE);
    }
    let now = desk.clock.now();
    let leaving = async {
        if desk.accounts.log_out(&person, now).await? {
            // Not while they talk: then they are gone when the talk is over.
            desk.database.set_presence(person.no, Presence::Offline, now).await?;
        }
        Ok::<_, accounts::Error>(())
    };
    if let Err(failed) = leaving.await {
        error!("somebody could not log out: {:#}", anyhow::Error::from(failed));
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let mut response = see("/desk/login");
    session::set(&mut response, is_encrypted(peer, &headers), None);
    response
}

async fn page(desk: &DeskState, status: StatusCode, said: &str) -> Response {
    let known = if desk.settings.demo {
        let row = |(number, role, password): &(&str, &str, &str)| {
            format!("<tr><td>{number}</td><td>{role}</td><td><code>{password}</code></td></tr>")
        };
        let rows: String = DEMO.iter().map(row).collect();
        let heads = "<tr><th>工号 Number</th><th>角色 Role</th><th>密码 Password</th></tr>";
        format!("<table class=\"demo\"><caption>演示账号 Accounts of the demo</caption>{heads}{rows}</table>")
    } else if let Ok(false) = desk.accounts.is_anybody().await {
        NOBODY.to_owned()
    } else {
        String::new()
    };
    let html = PAGE.replace("{known}", &known).replace("{said}", said);
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, html).into_response()
}
