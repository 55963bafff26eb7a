//! The command line: one file per command. Exit 0 fine, 1 problems found, 2 could not run.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to the person who gave it")]

mod check;
mod closed_pipe;
mod demo;
mod flow;
mod folders;
mod graph;
mod load;
mod machine;
mod members;
mod operator;
mod phone;
mod prompts;
mod providers;
mod reload;
mod replay;
mod report;
mod say;
mod secret_file;
mod serve;
mod system_player;
mod test;
mod throw_away;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An interactive voice response (IVR) telephone service.
#[derive(Debug, Parser)]
#[command(name = "hotline", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Finds everything that is wrong with a line, without a call.
    Check(check::Args),
    /// Lists the demo people: identity number, PIN, balances in fen, last payments.
    Demo(demo::Args),
    /// Publishes, lists, compares and rolls back versions of a line; prints what flow files may look like.
    Flow(flow::Args),
    /// Draws a line as a picture, with what real calls did in it.
    Graph(graph::Args),
    /// Makes many scripted calls at once on a server, and tells how long its turns take.
    Load(load::Args),
    /// Fills and mends the tables of members.
    Members(members::Args),
    /// Keeps the accounts of who answers, and the switches of a line.
    Operator(operator::Args),
    /// Calls a line from the terminal: what is said as text, keys as they are typed.
    Phone(Box<phone::Args>),
    /// Renders, imports, checks and plays the clips of a line.
    Prompts(prompts::Args),
    /// Prints the URLs to paste at each provider.
    Providers(providers::Args),
    /// Plays finished calls again from their logs, on their own version or on another.
    Replay(replay::Args),
    /// Prints how a value is said in a language.
    Say(say::Args),
    /// Answers providers until it is told to stop.
    Serve(Box<serve::Args>),
    /// Plays the calls beside a line, in each of its languages.
    Test(test::Args),
}

/// Runs the command that the program was called with.
#[must_use]
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    if !matches!(command, Command::Serve(_)) {
        closed_pipe::end_when_nobody_reads();
    }
    let result = match command {
        Command::Check(args) => check::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Flow(args) => flow::run(&args),
        Command::Graph(args) => graph::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Members(args) => members::run(&args),
        Command::Operator(args) => operator::run(&args),
        Command::Phone(args) => phone::run(*args),
        Command::Prompts(args) => prompts::run(&args),
        Command::Providers(args) => providers::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Say(args) => say::run(&args),
        Command::Serve(args) => serve::run(*args),
        Command::Test(args) => test::run(&args),
    };
    result.unwrap_or_else(|error| {
        closed_pipe::read_enough(&error).unwrap_or_else(|| {
            eprintln!("hotline: {error:#}");
            ExitCode::from(2)
        })
    })
}
