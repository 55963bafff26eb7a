//! `hotline operator`: who answers, and the switches of a line.

mod accounts;
mod switches;

use std::process::ExitCode;

use crate::desk::audit::Who;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Adds an operator, and prints a password that they must change when they log in at /desk
    Add(accounts::Add),
    /// Lists the operators: number, role, languages, subjects, where they are rung
    List(accounts::Place),
    /// Issues a new password, ends their sessions, and opens a number that was locked
    Reset(accounts::One),
    /// Lets an operator in no more, and ends their sessions
    Disable(accounts::One),
    /// Lets an operator in again
    Enable(accounts::One),
    /// Shows the switches that are set
    Switches(switches::Where),
    /// Sets a switch, at once and for every call that has not passed it
    Switch(switches::Switch),
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        match &args.command {
            Command::Add(add) => accounts::add(add).await,
            Command::List(place) => accounts::list(place).await,
            Command::Reset(one) => accounts::reset(one).await,
            Command::Disable(one) => accounts::disable(one).await,
            Command::Enable(one) => accounts::enable(one).await,
            Command::Switches(place) => switches::show(place).await,
            Command::Switch(switch) => switches::set(switch).await,
        }
    })
}

/// Who gives the command, for the audit log.
fn who() -> Who {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok().filter(|user| !user.is_empty());
    Who::command_line(&user.unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw())))
}
