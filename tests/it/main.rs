//! The integration tests: one binary, one module per subject.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests may")]

mod app;
mod audio;
mod call_tests;
mod calls;
mod checks;
mod client;
mod demo;
mod dialects;
mod engine;
mod explore;
mod flows_doc;
mod graph;
mod identity;
mod line;
mod load;
mod lost;
mod members;
mod mistakes;
mod other_lines;
mod privacy;
mod prompts;
mod publishing;
mod random;
mod random_flows;
mod readings;
mod replay;
mod schema;
mod server;
mod sounds;
mod store;
mod switchboard;
mod synthesiser;
mod tidy;
mod tones;
