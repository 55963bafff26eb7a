//! The doors: routes and what goes through them. Nothing is decided here.

mod audio;
mod desk;
mod files;
mod guard;
mod health;
mod phone;
mod socket;
pub mod tls;
mod tries;
mod voice;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

use crate::service::Service;
use crate::store::Database;

pub use desk::{DeskParts, DeskSettings, DeskState, Supervisor, routes as desk_routes};
pub use phone::{Invented, Key, Phone, routes as phone_routes};
pub use socket::Pages;

/// What the routes need.
#[derive(Clone)]
pub struct App {
    pub service: Arc<Service>,
    pub database: Database,
}

/// Every route of the server.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/voice/{profile}", any(voice::arrival))
        .route("/voice/{profile}/{kind}", any(voice::notice))
        .route("/voice/{profile}/{kind}/{token}", any(voice::step))
        .route("/audio/{file}", get(audio::file))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .with_state(app)
}
