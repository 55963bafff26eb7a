//! Hotline: an interactive voice response (IVR) telephone service.
//!
//! A telephony provider sends an HTTP request for each thing that happens in a call; the service answers with
//! voice-menu XML. Between the two stands a call-flow state machine whose flows are text files. Start with the
//! Architecture part of `README.md`.

pub mod audio;
pub mod call;
pub mod cli;
pub mod clip_files;
pub mod clock;
pub mod config;
pub mod control;
pub mod desk;
pub mod dialect;
pub mod explore;
pub mod flow;
pub mod http;
pub mod line_files;
pub mod lookup;
pub mod picture;
pub mod prompt;
pub mod replay;
pub mod service;
pub mod simulator;
pub mod store;
pub mod switchboard;
pub mod synthesiser;
pub mod telemetry;
pub mod yaml;
