//! `hotline operator add|list|reset|disable|enable`: the accounts. A running server sees what changed at the next
//! request; connections of somebody who is let in no more are closed within seconds.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;

use super::who;
use crate::call::{Language, Name, PhoneNumber};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, Flags};
use crate::desk::accounts::{Accounts, NewOperator, Operator, Role};
use crate::lookup::hasher::Hasher;
use crate::prompt::say;
use crate::store::Database;

#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// The data folder of the server
    #[arg(long, value_name = "DIR", env = "HOTLINE_DATA", default_value = "data")]
    data: PathBuf,
    /// The server's settings file, for what a hash costs and what may be dialled; `hotline.toml` in this folder if there
    /// is one
    #[arg(long, value_name = "FILE", env = "HOTLINE_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct One {
    #[command(flatten)]
    place: Place,
    /// The operator's number
    number: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    #[command(flatten)]
    place: Place,
    /// What they log in with and callers are told: 2 to 8 digits
    number: String,
    /// Their name, for supervisors and colleagues
    #[arg(long)]
    name: String,
    /// What they may do; each may do what those before may
    #[arg(long, value_enum, default_value = "operator")]
    role: RoleWord,
    /// The languages of the callers whom they serve
    #[arg(long, value_name = "TAG", value_delimiter = ',', required = true)]
    languages: Vec<String>,
    /// The subjects that they know, as the queues of the line name them; all without
    #[arg(long, value_name = "SUBJECT", value_delimiter = ',')]
    subjects: Vec<String>,
    /// A number or a SIP address where they are rung; without it calls ring at their desk in the browser
    #[arg(long)]
    address: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RoleWord {
    /// Answers calls
    Operator,
    /// Sees everybody's work and sets the switches
    Supervisor,
    /// May do everything
    Admin,
}

pub(super) async fn add(add: &Add) -> anyhow::Result<ExitCode> {
    let config = config(&add.place)?;
    let known = || say::ALL.iter().map(|spoken| spoken.tag);
    if let Some(unknown) = add.languages.iter().find(|tag| !known().any(|known| known == *tag)) {
        bail!("`{unknown}` is no language that Hotline speaks; it speaks {}", known().collect::<Vec<_>>().join(", "));
    }
    let address = add.address.as_deref().map(|typed| config.dial_prefixes.dialable(typed)).transpose();
    let operator = NewOperator {
        number: add.number.clone(),
        name: add.name.trim().to_owned(),
        role: match add.role {
            RoleWord::Operator => Role::Operator,
            RoleWord::Supervisor => Role::Supervisor,
            RoleWord::Admin => Role::Admin,
        },
        languages: add.languages.iter().map(|tag| Language::from(tag.as_str())).collect(),
        subjects: add.subjects.iter().map(|subject| Name::from(subject.as_str())).collect(),
        address: address.context("--address")?,
    };
    // The first operator may come before the first start.
    let folder = &add.place.data;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
    let accounts = open(&add.place, &config).await?;
    let issued = accounts.add(who(), operator, SystemClock.now()).await?;
    println!("operator {} is added", add.number);
    tell(issued.expose_secret());
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn list(place: &Place) -> anyhow::Result<ExitCode> {
    let operators = there(place).await?.list().await?;
    if operators.is_empty() {
        println!("nobody; `hotline operator add` adds an operator");
    }
    for operator in operators {
        println!("{}", row(&operator));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reset(One { place, number }: &One) -> anyhow::Result<ExitCode> {
    let issued = there(place).await?.reset(who(), number, SystemClock.now()).await?;
    println!("operator {number} has a new password; all their sessions have ended");
    tell(issued.expose_secret());
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn disable(One { place, number }: &One) -> anyhow::Result<ExitCode> {
    there(place).await?.disable(who(), number, SystemClock.now()).await?;
    println!("operator {number} is let in no more; all their sessions have ended");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn enable(One { place, number }: &One) -> anyhow::Result<ExitCode> {
    there(place).await?.enable(who(), number, SystemClock.now()).await?;
    println!("operator {number} is let in again, with the password that they had");
    Ok(ExitCode::SUCCESS)
}

/// Once, and nowhere else.
fn tell(password: &str) {
    println!("password, shown only now, to be changed at the first login: {password}");
}

fn row(operator: &Operator) -> String {
    let list = |words: Vec<&str>, none: &str| if words.is_empty() { none.to_owned() } else { words.join(",") };
    let notes = [
        operator.must_change.then_some("has not logged in with a password of their own"),
        operator.disabled_at.map(|_| "disabled"),
    ];
    let cells = [
        operator.number.clone(),
        operator.role.name().to_owned(),
        operator.name.clone(),
        list(operator.languages.iter().map(Language::as_str).collect(), "no language"),
        list(operator.subjects.iter().map(Name::as_str).collect(), "all subjects"),
        operator.address.as_ref().map_or("desk", PhoneNumber::as_str).to_owned(),
        notes.into_iter().flatten().collect::<Vec<_>>().join("; "),
    ];
    cells.join("  ").trim_end().to_owned()
}

fn config(place: &Place) -> anyhow::Result<Config> {
    Config::read(Flags { config: place.config.clone(), ..Flags::default() })
}

/// The accounts of a server that has been started, or to which somebody was added.
async fn there(place: &Place) -> anyhow::Result<Accounts> {
    if !place.data.join("hotline.db").is_file() {
        bail!("there is no database in {}; name the data folder of the server with --data", place.data.display());
    }
    open(place, &config(place)?).await
}

async fn open(place: &Place, config: &Config) -> anyhow::Result<Accounts> {
    let database = Database::open(&place.data.join("hotline.db")).await?;
    Ok(Accounts::new(database, Hasher::new(config.hashing, 1)?))
}
