//! `line.yaml`: the settings of a line.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Span;
use crate::yaml::At;

/// The settings of a line. Names only: numbers, secrets and addresses are configuration.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct LineFile {
    /// The version of the format: 1.
    #[schemars(extend("const" = super::FORMAT))]
    pub format: At<u32>,
    /// The name of the line, as in configuration and logs.
    pub name: At<String>,
    /// What it speaks; the first is the one that a call begins in.
    pub languages: At<Vec<At<String>>>,
    /// The time zone of its clock and calendar: `Asia/Shanghai`.
    pub time_zone: At<String>,
    /// The node at which a call begins.
    pub start: At<String>,
    /// Where `back` goes when nothing is earlier on the path: the first menu of a call.
    pub home: At<String>,
    /// Keys that hold in every menu and while anything is said: a node, `again`, `back` or `onward`.
    pub keys: At<BTreeMap<String, At<String>>>,
    pub timers: At<Timers>,
    pub ladder: At<Ladder>,
    /// Said while a slow lookup is under way.
    pub wait: At<String>,
    /// When the verification of a call has ended and something personal would be said.
    pub expired: At<Expired>,
    /// When we fail: said in every language, then somebody is dialled.
    pub apology: At<Apology>,
    /// How near a person has to be, from anywhere in a call; `hotline check` proves it.
    #[serde(default)]
    pub escape: Option<At<Escape>>,
    /// Said in every language to a call that is unknown or over.
    pub unknown_call: At<String>,
    /// Said when the longest call is reached.
    pub too_long: At<String>,
    /// The longest call; at most 4h.
    pub longest_call: At<Span>,
    /// What operators are told a call is about: the first part of a node's name -> a word of the set `topic`.
    #[serde(default)]
    pub topics: Option<At<BTreeMap<String, At<String>>>>,
    /// What callers can do by themselves, for the figures: a word of `topics` -> the nodes at which it is done.
    #[serde(default)]
    pub tasks: Option<At<BTreeMap<String, DoneAt>>>,
}

/// The nodes at which a task is done.
pub(super) type DoneAt = At<Vec<At<String>>>;

/// How long to wait for keys.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Timers {
    /// From the end of the prompt to the first key; 1s to 600s.
    pub first_key: At<Span>,
    /// From key to key; 1s to 600s.
    pub between_keys: At<Span>,
    /// After so many silences in a call, the timers are half as long again.
    pub slow_after: At<u32>,
}

/// What a caller hears who presses nothing, or a key that means nothing; the third time the call goes to `then`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Ladder {
    /// Said after the first and the second silence.
    pub silent: At<Vec<At<String>>>,
    /// Said after the first and the second wrong key.
    pub wrong_key: At<Vec<At<String>>>,
    /// Said when too few digits were keyed.
    pub short: At<String>,
    /// Said when too many digits were keyed.
    pub long: At<String>,
    pub then: At<String>,
}

/// The end of a verification.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Expired {
    pub prompt: At<String>,
    pub next: At<String>,
}

/// How near a person has to be. A person is reached when somebody is dialled, or when the words begin that say that
/// nobody can be reached now.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Escape {
    /// Keys that a caller who asks for a person has to press; without this setting 2.
    pub keys: At<u32>,
    /// How long it takes them, from any moment on; without this setting 45s.
    pub asking: At<Span>,
    /// How long it takes a caller who presses nothing; without this setting 180s.
    pub silent: At<Span>,
}

/// Our own failure.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Apology {
    /// Said before somebody is dialled.
    pub prompt: At<String>,
    /// The name of the dial target.
    pub dial: At<String>,
    /// Said where nobody can be dialled, before hanging up.
    pub end: At<String>,
}
