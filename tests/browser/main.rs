//! The telephone and the desk in a real browser: Chromium without a window, the real program behind it, tones for
//! microphones. What is heard is measured, not believed.
//!
//! Not part of `cargo test`, as not everybody has a browser: `cargo test --test browser` (Debian: `apt-get install
//! chromium`; `HOTLINE_CHROMIUM` names another one). Pictures of the pages are in `target/screenshots` afterwards.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests may")]

mod author;
mod browser;
mod complaints;
mod desk;
mod heard;
mod looks;
mod page;
mod protocol;
mod restart;
mod server;
mod stranger;
mod talks;
mod tone;
mod voices;
mod wall;
