//! `/desk`: where operators and supervisors log in, and what they see and do there.
//!
//! Nothing is decided here; who may do what is said by what a handler takes: a [`Person`] or a [`Supervisor`]. Whoever
//! takes a [`Person`] on anything but GET has had their CSRF token looked at.

mod api;
mod audit;
mod calling;
mod events;
mod login;
mod page;
mod password;
mod person;
mod recordings;
mod refusal;
mod session;
mod snapshot;
mod stream;
mod wall;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

pub use self::person::Supervisor;

use super::guard::{Site, headers, same_site};
use super::tries::Tries;
use super::{Pages, files};
use crate::clock::Clock;
use crate::control::Controls;
use crate::desk::DialPrefixes;
use crate::desk::accounts::{Accounts, Person};
use crate::desk::figures::Figures;
use crate::service::Service;
use crate::store::Database;
use crate::switchboard::Switchboard;

/// The longest form or JSON that is sent to us.
const LARGEST: usize = 64 * 1_024;
/// So many wrong logins cost an address nothing: a whole office may have one.
const FREE_TRIES: u32 = 20;
/// How often an open connection looks whether its session has ended.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The desk and what stands behind it.
#[derive(Clone)]
pub struct DeskState {
    pub database: Database,
    pub accounts: Accounts,
    pub service: Arc<Service>,
    pub clock: Arc<dyn Clock>,
    /// Where a desk is rung in the browser; without the provider in the box it is rung elsewhere.
    pub switchboard: Option<Arc<Switchboard>>,
    /// What providers can be asked to do by themselves, if any can.
    pub controls: Option<Arc<Controls>>,
    pub pages: Pages,
    pub settings: Arc<DeskSettings>,
    figures: Figures,
    tries: Arc<Tries>,
}

/// What an installation sets for its desk.
#[derive(Clone, Debug)]
pub struct DeskSettings {
    /// A demo: its accounts are shown to everybody, and its calls, which are simulated, count.
    pub demo: bool,
    /// The port speaks TLS too.
    pub is_encrypted: bool,
    /// What may be dialled.
    pub dial_prefixes: DialPrefixes,
}

/// What a desk is made of.
pub struct DeskParts {
    pub database: Database,
    pub accounts: Accounts,
    pub service: Arc<Service>,
    pub clock: Arc<dyn Clock>,
    pub switchboard: Option<Arc<Switchboard>>,
    pub controls: Option<Arc<Controls>>,
    pub pages: Pages,
    pub settings: DeskSettings,
}

impl DeskState {
    #[must_use]
    pub fn new(parts: DeskParts) -> Self {
        let DeskParts { database, accounts, service, clock, switchboard, controls, pages, settings } = parts;
        let (settings, tries) = (Arc::new(settings), Arc::new(Tries::with_free(FREE_TRIES)));
        let figures = Figures::new(database.clone());
        Self { database, accounts, service, clock, switchboard, controls, pages, settings, figures, tries }
    }

    /// Waits until somebody is not logged in any more. The session does not become idle meanwhile: for connections that
    /// stay open.
    pub(super) async fn logged_out(self, person: Person) {
        loop {
            self.clock.sleep(LOOK_EVERY).await;
            // A database that is in trouble is no reason to cut a talk off.
            if let Ok(None) = self.accounts.person(person.session, self.clock.now()).await {
                return;
            }
        }
    }
}

/// Every route of the desk.
pub fn routes(desk: DeskState) -> Router {
    let site = Site { public: desk.service.settings().public.clone(), open: desk.settings.demo };
    Router::new()
        .merge(page::routes())
        .merge(api::routes())
        .merge(recordings::routes())
        .merge(calling::routes())
        .merge(wall::routes())
        .route("/desk/login", get(login::form).post(login::log_in))
        .route("/desk/logout", post(login::log_out))
        .route("/desk/password", get(password::form).post(password::change))
        .route("/desk/me", get(person::me))
        .route("/desk/audit", get(audit::list))
        // Of the telephone too; there is nothing in them that anybody may not see.
        .route("/phone/files/{*name}", get(files::file))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(from_fn_with_state(site, same_site))
        .layer(from_fn(headers))
        .with_state(desk)
}
