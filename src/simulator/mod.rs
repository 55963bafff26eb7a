//! The phone in the box: calls played as tests, against the very service that providers talk to.
//!
//! It is one more provider, *not* a back door: it sends what a provider sends and understands only what stands in the
//! answer, in memory ([`Memory`]) or over TCP ([`Http`]). What it adds is in the hands of a test alone: a clock that
//! moves, lookups and a store that fail when told to ([`World`]). Start with [`play`], which plays a `.call` file on
//! a [`Phone`]; how a telephone acts on a document is in `playing.rs`.

mod asking;
pub mod call_file;
mod carrier;
mod clock;
mod coverage;
pub mod embedded;
mod end;
mod failure;
mod http;
mod leg;
pub mod load;
mod memory;
mod neutral;
mod pace;
mod phone;
mod player;
mod playing;
mod rehearsal;
mod routes;
mod said;
mod suite;
mod transcript;
mod trouble;
mod trust;
mod world;

pub use asking::{Exchanged, Watcher};
pub use carrier::{Carrier, Exchange, Fetched, Hearing, Received, Transport};
pub use clock::MovableClock;
pub use coverage::{Coverage, Figures, Missed, Share, What};
pub use end::End;
pub use failure::{Difference, Failure};
pub use http::Http;
pub use leg::{Leg, Then, Wire};
pub use memory::Memory;
pub use neutral::{NEUTRAL, Neutral};
pub use pace::Pace;
pub use phone::{CallState, Mistaken, Peer, Phone};
pub use player::{Scene, hear, play};
pub use playing::{BEEP, Happening, Playing, Stopped, Take};
pub use rehearsal::{Error as RehearsalError, Hall, Rehearsal, Seen, fictional_numbers};
pub use routes::Routes;
pub use said::{Medium, Said};
pub use suite::{Played, Stage, Unreadable, calls_of, perform, read_calls};
pub use transcript::{Heard, Transcript};
pub use trouble::Trouble;
pub use trust::{NoCertificate, trust};
pub use world::{Error, ScriptedLookups, Setup, WatchedStore, World};
