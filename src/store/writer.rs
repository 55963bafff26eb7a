//! The one task that writes: it takes what waits and commits it together.
//!
//! Turns of a batch go out by few many-row statements in one transaction (`turns.rs`); what these cannot say, and
//! all other work, goes one by one in the next, each piece in a savepoint of its own: one that fails takes nothing
//! else with it. If the transaction itself fails, everything in it failed, and the next batch starts on a new
//! connection.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Sqlite, Transaction};
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use super::checkpoint::{self, News};
use super::turns::{self, Many};
use super::{Committed, Error, Turn};

/// The most requests in one batch.
pub(super) const MAX_BATCH: usize = 64;
/// What a piece of other work counts as, in turns, towards a checkpoint; nobody knows how much it writes.
const WORK_WEIGHT: u32 = 64;

/// What the writer is asked for.
pub(super) enum Request {
    Turn { turn: Box<Turn>, answer: Answer<Committed> },
    Work(Box<dyn Job>),
    Close(Answer<()>),
}

/// Where an outcome goes. Whoever asked may have stopped waiting; what was committed stays committed.
pub(super) type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// Work for the writer, with whoever waits for it.
pub(super) trait Job: Send {
    /// Does the work, and keeps its result.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), Error>>;

    /// Tells who waits: the result that was kept if `outcome` says that it was committed.
    fn answer(self: Box<Self>, outcome: Result<(), Error>);
}

/// A [`Job`] that runs a closure once.
pub(super) struct Work<T, F> {
    todo: Option<F>,
    result: Option<T>,
    answer: Answer<T>,
}

impl<T, F> Work<T, F>
where
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, Error>>,
{
    pub(super) const fn new(work: F, answer: Answer<T>) -> Self {
        Self { todo: Some(work), result: None, answer }
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, Error>> + Send,
{
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let work = self.todo.take().ok_or(Error::JobBroke)?;
            self.result = Some(work(connection).await?);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        let Self { result, answer, .. } = *self;
        answer.send(outcome.and_then(|()| result.ok_or(Error::JobBroke))).ok();
    }
}

/// The task's state.
pub(super) struct Writer {
    path: Arc<Path>,
    options: SqliteConnectOptions,
    /// `None` after trouble, until the next batch.
    connection: Option<SqliteConnection>,
    news: News,
}

impl Writer {
    pub(super) fn new(
        path: Arc<Path>,
        options: SqliteConnectOptions,
        connection: SqliteConnection,
        news: News,
    ) -> Self {
        let options = options.create_if_missing(false);
        Self { path, options, connection: Some(connection), news }
    }

    /// Writes until it is told to close, or nobody is left who could ask.
    pub(super) async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        let mut closing = None;
        while closing.is_none() && requests.recv_many(&mut batch, MAX_BATCH).await > 0 {
            gather(&mut requests, &mut batch).await;
            closing = self.write(batch.drain(..)).await;
        }
        requests.close();
        while requests.recv_many(&mut batch, MAX_BATCH).await > 0 {
            if let Some(also) = self.write(batch.drain(..)).await {
                also.send(Err(Error::WriterStopped)).ok();
            }
        }
        let closed = self.close().await;
        if let Some(answer) = closing {
            answer.send(closed).ok();
        }
    }

    /// Writes a batch and answers everybody in it, except one who asked to close.
    async fn write(&mut self, batch: impl Iterator<Item = Request>) -> Option<Answer<()>> {
        let mut closing = None;
        let mut many = Many::default();
        let mut jobs: Vec<Box<dyn Job>> = Vec::new();
        for request in batch {
            match request {
                Request::Turn { turn, answer } => {
                    if let Err((turn, answer)) = many.take(turn, answer) {
                        jobs.push(turns::single(turn, answer));
                    }
                }
                Request::Work(job) => jobs.push(job),
                Request::Close(answer) => closing = Some(answer),
            }
        }
        let weight = many.len() + WORK_WEIGHT * u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        self.write_turns(many, &mut jobs).await;
        self.write_jobs(jobs).await;
        self.news.wrote(weight);
        closing
    }

    /// Writes these turns together; if one breaks a rule, all of them are left to be written one by one.
    async fn write_turns(&mut self, many: Many, jobs: &mut Vec<Box<dyn Job>>) {
        if many.is_empty() {
            return;
        }
        let ready = match self.ready().await {
            Ok(ready) => ready,
            Err(error) => return many.fail(&error),
        };
        match many.write(ready).await {
            turns::Outcome::Written => {}
            turns::Outcome::OneByOne(singles) => {
                jobs.splice(0..0, singles);
            }
            turns::Outcome::Failed => self.connection = None,
        }
    }

    async fn write_jobs(&mut self, jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        let mut done = Vec::with_capacity(jobs.len());
        let mut waiting = jobs.into_iter();
        let written = match self.ready().await {
            Ok(ready) => write_jobs(ready, &mut waiting, &mut done).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &written {
            error!(%error, "the database could not be written");
            self.connection = None;
        }
        for job in done.into_iter().chain(waiting) {
            job.answer(written.clone());
        }
    }

    /// The connection, made anew if there was trouble.
    async fn ready(&mut self) -> Result<&mut SqliteConnection, Error> {
        // SQLite goes on writing to a file that was removed; what it wrote would be lost.
        if !self.path.exists() {
            self.connection = None;
            return Err(Error::Gone { path: self.path.display().to_string() });
        }
        let ready = match self.connection.take() {
            Some(ready) => ready,
            None => SqliteConnection::connect_with(&self.options).await?,
        };
        Ok(self.connection.insert(ready))
    }

    async fn close(mut self) -> Result<(), Error> {
        let ready = self.ready().await.map(drop);
        self.news.close().await;
        ready?;
        match self.connection.take() {
            Some(mut ready) => {
                checkpoint::empty_log(&mut ready).await?;
                Ok(ready.close().await?)
            }
            None => Ok(()),
        }
    }
}

/// Lets those who are ready to ask do so first, and takes what they ask for into the batch as well. This waits for
/// nobody: with nothing else to run, the task goes on at once.
async fn gather(requests: &mut mpsc::Receiver<Request>, batch: &mut Vec<Request>) {
    tokio::task::yield_now().await;
    while batch.len() < MAX_BATCH
        && let Ok(request) = requests.try_recv()
    {
        batch.push(request);
    }
}

/// Writes each job in a savepoint, all in one transaction. Who failed alone is answered; the rest is moved to
/// `done` as it is done. An error is about all of them.
async fn write_jobs(
    connection: &mut SqliteConnection,
    waiting: &mut impl Iterator<Item = Box<dyn Job>>,
    done: &mut Vec<Box<dyn Job>>,
) -> Result<(), Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for mut job in waiting {
        match run(job.as_mut(), &mut transaction).await {
            Ok(Ok(())) => done.push(job),
            Ok(Err(error)) => job.answer(Err(error)),
            Err(error) => {
                done.push(job);
                return Err(error);
            }
        }
    }
    Ok(transaction.commit().await?)
}

/// The inner error is the job's own; the outer one is the transaction's.
async fn run(job: &mut dyn Job, transaction: &mut Transaction<'_, Sqlite>) -> Result<Result<(), Error>, Error> {
    let mut savepoint = transaction.begin().await?;
    let outcome = AssertUnwindSafe(job.run(&mut savepoint)).catch_unwind().await.unwrap_or(Err(Error::JobBroke));
    match &outcome {
        Ok(()) => savepoint.commit().await?,
        // On a full disk SQLite ends the whole transaction by itself: there is no savepoint to go back to.
        Err(error) => savepoint.rollback().await.map_err(|_| error.clone())?,
    }
    Ok(outcome)
}
