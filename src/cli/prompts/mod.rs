//! `hotline prompts`: the clips of a line, from the text to what callers hear. One file per subcommand; all of them see
//! the line as [`open::Opened`] and its clips on a [`shelf::Shelf`].

mod check;
mod examples;
pub(super) mod html;
mod import;
pub(super) mod open;
mod play;
mod render;
mod report;
mod sheet;
pub(super) mod shelf;

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Tells all that is wrong with the clips: missing, stale, edited, silent, clipped, too loud, too long, unused.
    Check(check::Args),
    /// Takes a person's recording: WAV or FLAC of any rate becomes a clip of our form and level.
    Import(import::Args),
    /// Plays a prompt or a clip as a caller hears it, or writes it to a WAV file.
    Play(play::Args),
    /// Has a synthesiser speak the clips that are missing or whose text has changed.
    Render(render::Args),
    /// Writes a page to listen to every clip.
    Report(report::Args),
    /// Writes the recording script: every clip, its text, where it is said, how long it may last.
    Sheet(sheet::Args),
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::Import(args) => import::run(args),
        Command::Play(args) => play::run(args),
        Command::Render(args) => render::run(args),
        Command::Report(args) => report::run(args),
        Command::Sheet(args) => sheet::run(args),
    }
}
