#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, dead_code, reason = "tests may")]
#[path = "it/app.rs"]
mod app;
#[path = "it/client.rs"]
mod client;
#[path = "it/day.rs"]
mod day;
#[path = "it/erlang.rs"]
mod erlang;
#[path = "it/queue.rs"]
mod queue;
#[path = "it/queue_random.rs"]
mod queue_random;
#[path = "it/queue_server.rs"]
mod queue_server;
#[path = "it/server.rs"]
mod server;
#[path = "it/tones.rs"]
mod tones;
