//! Takes the write-ahead log into the database file, on a connection of its own, so that no turn waits for it.

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::warn;

/// Turns (or what costs like them) after which the log is taken in.
const EVERY: u32 = 2_048;
/// Frames (pages of 4 KiB) from which on the writer is held up for a moment so that the log can begin anew. While
/// turns come without a gap, this alone keeps it from growing for ever.
const LONGEST_LOG: i64 = 16_384;

/// The writer's end: it tells how much was written.
pub(super) struct News {
    sender: mpsc::Sender<()>,
    since: u32,
    task: JoinHandle<()>,
}

impl News {
    /// This much more was written. Never waits; a checkpoint that is under way will do.
    pub(super) fn wrote(&mut self, weight: u32) {
        self.since = self.since.saturating_add(weight);
        if self.since >= EVERY && self.sender.try_send(()).is_ok() {
            self.since = 0;
        }
    }

    /// There is no more news; waits until the task has closed its connection.
    pub(super) async fn close(self) {
        drop(self.sender);
        if let Err(error) = self.task.await {
            warn!(%error, "the task that takes in the log of the database broke off");
        }
    }
}

/// Starts the task that checkpoints; it ends with the writer.
pub(super) async fn start(options: &SqliteConnectOptions) -> Result<News, sqlx::Error> {
    let connection = SqliteConnection::connect_with(options).await?;
    let (sender, news) = mpsc::channel(1);
    Ok(News { sender, since: 0, task: tokio::spawn(Checkpointer { connection }.run(news)) })
}

struct Checkpointer {
    connection: SqliteConnection,
}

impl Checkpointer {
    async fn run(mut self, mut news: mpsc::Receiver<()>) {
        while news.recv().await.is_some() {
            if let Err(error) = self.checkpoint().await {
                warn!(%error, "the log of the database could not be taken in; it grows until it can");
            }
        }
        if let Err(error) = self.connection.close().await {
            warn!(%error, "the connection that takes in the log of the database did not close");
        }
    }

    async fn checkpoint(&mut self) -> Result<(), sqlx::Error> {
        if checkpoint(&mut self.connection, "PRAGMA wal_checkpoint(PASSIVE)").await? > LONGEST_LOG {
            checkpoint(&mut self.connection, "PRAGMA wal_checkpoint(RESTART)").await?;
        }
        Ok(())
    }
}

/// Takes in all of the log and empties it: for a database that is about to be closed.
pub(super) async fn empty_log(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)").await.map(drop)
}

/// The frames in the log.
async fn checkpoint(connection: &mut SqliteConnection, pragma: &'static str) -> Result<i64, sqlx::Error> {
    let (_busy, frames, _taken): (i64, i64, i64) = sqlx::query_as(pragma).fetch_one(connection).await?;
    Ok(frames)
}
