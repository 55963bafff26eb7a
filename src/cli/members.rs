//! `hotline members`: fills and mends the tables of members of a small deployment.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::call::{IdNumber, Keys, Secret, Timestamp};
use crate::config::{Config, Flags};
use crate::lookup::identity::{Outlet, SetPin, set_pin, unlock_person};
use crate::lookup::import::Import;
use crate::lookup::pin::PinHashing;
use crate::store::Database;

/// The database in a data folder.
const DATABASE: &str = "hotline.db";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Reads CSV files into the tables; if there is any mistake, all are listed and nothing is written.
    Import {
        /// One file per table, in any order; see docs/members-csv.md.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        data: Data,
    },
    /// Sets a person's PIN, read from standard input, and opens the telephone to them again.
    SetPin {
        /// The person's identity number.
        id: String,
        /// The person must choose another one on the first call.
        #[arg(long)]
        initial: bool,
        /// The server's settings file, for what a hash costs; `hotline.toml` in this folder if there is one.
        #[arg(long, value_name = "FILE", env = "HOTLINE_CONFIG")]
        config: Option<PathBuf>,
        #[command(flatten)]
        data: Data,
    },
    /// Opens the telephone again to a person whose PIN was tried too often.
    Unlock {
        /// The person's identity number.
        id: String,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, clap::Args)]
struct Data {
    /// The data folder of the service.
    #[arg(long = "data", env = "HOTLINE_DATA", value_name = "DIR", default_value = "data")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("threads could not be started")?;
    runtime.block_on(async {
        match &args.task {
            Task::Import { files, data } => import(files, &data.folder).await,
            Task::SetPin { id, initial, config, data } => {
                let pin = pin_from_input()?;
                // The server's own figures: how long a check takes must not tell who has a PIN.
                let flags = Flags { config: config.clone(), ..Flags::default() };
                let hashing = Config::read(flags)?.hashing;
                let choose = |db, id| async move { choose_pin(&db, &id, &pin, *initial, hashing).await };
                with_person(id, &data.folder, choose).await
            }
            Task::Unlock { id, data } => {
                with_person(id, &data.folder, |db, id| async move { unlock(&db, &id).await }).await
            }
        }
    })
}

async fn import(files: &[PathBuf], folder: &Path) -> anyhow::Result<ExitCode> {
    let mut import = Import::default();
    for file in files {
        let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        import.read(&file.display().to_string(), &bytes, today());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let db = Database::open(&folder.join(DATABASE)).await?;
    let mistakes = import.check(&db).await?;
    if mistakes.is_empty() {
        let rows = import.rows();
        import.write(&db).await?;
        println!("{rows} rows imported");
        return Ok(ExitCode::SUCCESS);
    }
    for mistake in &mistakes {
        eprintln!("{mistake}");
    }
    eprintln!("{} mistake(s); nothing was imported", mistakes.len());
    Ok(ExitCode::from(1))
}

async fn choose_pin(
    db: &Database,
    id: &IdNumber,
    pin: &Secret,
    initial: bool,
    hashing: PinHashing,
) -> anyhow::Result<ExitCode> {
    let set = SetPin { id, pin, initial, hashing, now: now() };
    match set_pin(db, set).await? {
        Outlet::Done => {
            println!("the PIN is set");
            Ok(ExitCode::SUCCESS)
        }
        Outlet::NobodyHasThisId => Ok(nobody()),
        Outlet::Weak => {
            eprintln!(
                "this PIN is too easy to guess: six digits, not all equal, no run, no birthday, \
                 no part of the identity or card number"
            );
            Ok(ExitCode::from(1))
        }
    }
}

async fn unlock(db: &Database, id: &IdNumber) -> anyhow::Result<ExitCode> {
    match unlock_person(db, id, now()).await? {
        Outlet::Done => {
            println!("unlocked");
            Ok(ExitCode::SUCCESS)
        }
        Outlet::NobodyHasThisId | Outlet::Weak => Ok(nobody()),
    }
}

/// Does `work` for the person with this identity number, in a database that must be there.
async fn with_person<F>(id: &str, folder: &Path, work: impl FnOnce(Database, IdNumber) -> F) -> anyhow::Result<ExitCode>
where
    F: Future<Output = anyhow::Result<ExitCode>>,
{
    let id = match IdNumber::parse(id, today()) {
        Ok(id) => id,
        Err(bad) => {
            eprintln!("{bad}");
            return Ok(ExitCode::from(1));
        }
    };
    let file = folder.join(DATABASE);
    anyhow::ensure!(file.exists(), "there is no database {}; is `--data` right?", file.display());
    work(Database::open(&file).await?, id).await
}

fn nobody() -> ExitCode {
    eprintln!("nobody in the database has this identity number");
    ExitCode::from(1)
}

/// The first line of standard input: an argument would be seen by everybody on the machine.
fn pin_from_input() -> anyhow::Result<Secret> {
    if io::stdin().is_terminal() {
        eprintln!("Type the PIN and press Enter:");
    }
    let mut text = String::new();
    // A PIN is short; whatever is longer is none.
    io::stdin().lock().take(64).read_line(&mut text).context("the PIN could not be read from standard input")?;
    let keys = Keys::parse(&text).context("the PIN is no row of digits")?;
    Ok(Secret::from_keys(&keys))
}

fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}
