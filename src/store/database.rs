//! The embedded SQLite database: many readers, one writer.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use tokio::sync::{mpsc, oneshot, watch};

use super::checkpoint;
use super::switches::Seen;
use super::wakes::Wakes;
use super::writer::{Request, Work, Writer};
use super::{Committed, Error, Trouble, Turn};

const READERS: u32 = 4;
/// Requests that wait for the writer; who comes then waits to be let in.
const QUEUE: usize = 1024;
/// Statements that a connection keeps prepared: the writer has one text for each size of batch.
const STATEMENTS: usize = 256;
/// How long a statement waits for another process, `hotline members import` say.
const BUSY: Duration = Duration::from_secs(3);
/// The page cache of the writer, KiB. A smaller one reads the rows of calls in progress again and again.
const WRITER_CACHE_KIB: u32 = 16_000;
const READER_CACHE_KIB: u32 = 2_000;

/// Makes the file, if there is none, so that only this user may read it: records of members are in it. What goes
/// wrong here is told by the opening that follows.
fn keep_private(path: &Path) {
    let mut file = std::fs::OpenOptions::new();
    file.append(true).create(true).mode(0o600).open(path).ok();
}

/// How a database is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// What was answered survives a power loss too, for a wait on the disk at every batch. Without it, it survives
    /// the end of the process.
    pub full_sync: bool,
    /// The largest size, in pages of 4 KiB; `None` for as large as the disk. For tests of a full disk.
    pub max_pages: Option<u32>,
}

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Database {
    readers: SqlitePool,
    writer: mpsc::Sender<Request>,
    wakes: Arc<Mutex<Wakes>>,
    pub(super) seen_switches: Seen,
    /// Rings when who waits or who is at work has changed.
    bell: Arc<watch::Sender<u64>>,
}

impl Database {
    /// Opens (or makes) the database file and brings its tables up to date. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Open`], [`Error::Migrate`], [`Error::Newer`].
    pub async fn open(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, Options::default()).await
    }

    /// [`Self::open`], kept as `options` says.
    ///
    /// # Errors
    /// [`Error::Open`], [`Error::Migrate`], [`Error::Newer`].
    pub async fn open_with(path: &Path, options: Options) -> Result<Self, Error> {
        let failed = |source: sqlx::Error| Error::Open {
            path: path.display().to_string(),
            trouble: Trouble::of(&source),
            source: Arc::new(source),
        };
        keep_private(path);
        let writing = writing(path, options);
        let mut connection = SqliteConnection::connect_with(&writing).await.map_err(failed)?;
        migrate(&mut connection, path).await?;
        let reading = reading(path);
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(reading)
            .await
            .map_err(failed)?;
        let news = checkpoint::start(&writing).await.map_err(failed)?;
        let path: Arc<Path> = PathBuf::from(path).into();
        let (sender, requests) = mpsc::channel(QUEUE);
        let writer = Writer::new(path, writing, connection, news);
        tokio::spawn(writer.run(requests));
        Ok(Self {
            readers,
            writer: sender,
            wakes: Arc::default(),
            seen_switches: Seen::default(),
            bell: Arc::default(),
        })
    }

    /// Connections for reading; they never wait for the writer.
    #[must_use]
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Runs `work` on the one writing connection, with all or nothing of it written. Answers once it is committed.
    ///
    /// It shares a transaction with the work of others, so `work` must not begin or end one except by
    /// [`Connection::begin`] (which nests), and should be short: everybody waits for it.
    ///
    /// # Errors
    /// Whatever `work` or the commit fails with.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + 'static,
    {
        self.write_or(move |connection| Box::pin(async move { work(connection).await.map_err(Error::from) })).await
    }

    /// [`Self::write`], after which the bell rings.
    pub(super) async fn change_queue<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + 'static,
    {
        let done = self.write(work).await;
        self.ring_bell();
        done
    }

    /// Rings whenever this process has changed who waits or who is at work; what others change is seen by looking.
    #[must_use]
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// Tells whoever listens that something about waiting or about the desk has changed.
    pub fn ring_bell(&self) {
        self.bell.send_modify(|rung| *rung = rung.wrapping_add(1));
    }

    /// [`Self::write`] for work with errors of its own.
    pub(super) async fn write_or<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, Error>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Work(Box::new(Work::new(work, answer)))).await?;
        answered.await.map_err(|_| Error::WriterStopped)?
    }

    pub(super) async fn write_turn(&self, turn: Turn) -> Result<Committed, Error> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Turn { turn: Box::new(turn), answer }).await?;
        answered.await.map_err(|_| Error::WriterStopped)?
    }

    async fn send(&self, request: Request) -> Result<(), Error> {
        self.writer.send(request).await.map_err(|_| Error::WriterStopped)
    }

    /// What is due when, for as long as it is looked at. Nothing that can panic is done under the lock.
    pub(super) fn wakes<T>(&self, look: impl FnOnce(&mut Wakes) -> T) -> T {
        look(&mut self.wakes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the database can be read and written now: one trivial read, one trivial write.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1 FROM pings").fetch_optional(&self.readers).await?;
        self.write(|connection| {
            Box::pin(async move {
                let count = "INSERT INTO pings (one, count) VALUES (1, 1) ON CONFLICT DO UPDATE SET count = count + 1";
                sqlx::query(count).execute(connection).await
            })
        })
        .await
        .map(drop)
    }

    /// Writes what waits, takes the log into the database file and closes it. Who writes later gets
    /// [`Error::WriterStopped`].
    ///
    /// # Errors
    /// [`Error::WriterStopped`] if it is closed already; trouble of the database.
    pub async fn close(&self) -> Result<(), Error> {
        self.readers.close().await;
        let (answer, answered) = oneshot::channel();
        self.send(Request::Close(answer)).await?;
        answered.await.map_err(|_| Error::WriterStopped)?
    }
}

fn writing(path: &Path, options: Options) -> SqliteConnectOptions {
    let synchronous = if options.full_sync { SqliteSynchronous::Full } else { SqliteSynchronous::Normal };
    let writing = shared(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("wal_autocheckpoint", "0")
        .pragma("cache_size", format!("-{WRITER_CACHE_KIB}"));
    match options.max_pages {
        Some(pages) => writing.pragma("max_page_count", pages.to_string()),
        None => writing,
    }
}

pub(super) fn reading(path: &Path) -> SqliteConnectOptions {
    shared(path).read_only(true).pragma("cache_size", format!("-{READER_CACHE_KIB}"))
}

/// What readers and the writer have in common. Statements are not logged: that costs more than most of them do.
fn shared(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("temp_store", "MEMORY")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging()
}

async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), Error> {
    let path = || path.display().to_string();
    match sqlx::migrate!("src/store/migrations/sqlite").run(connection).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(_)) => Err(Error::Newer { path: path() }),
        Err(MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _))
            if Trouble::of(&source) != Trouble::Other =>
        {
            Err(Error::Open { path: path(), trouble: Trouble::of(&source), source: Arc::new(source) })
        }
        Err(source) => Err(Error::Migrate { path: path(), source: Arc::new(source) }),
    }
}
