//! The integration tests: one binary, one module per subject.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests may")]

mod demo;
mod dialects;
mod identity;
mod members;
mod readings;
mod store;
mod tidy;
