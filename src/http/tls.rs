//! Where connections come in: plain and encrypted ones on the same port. The first byte of a connection tells which.
//!
//! A handshake has a task of its own and a time limit, so that a slow client keeps nobody else waiting.

mod files;
mod own;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tracing::{debug, error};

pub use files::Error as CertificateError;
pub use own::{Error as OwnError, addresses, load_or_make};

/// The first byte of a TLS handshake (source: <https://www.rfc-editor.org/rfc/rfc8446#section-5.1>).
const HANDSHAKE: u8 = 0x16;
/// How long a connection may take until we know who speaks; who says nothing is dropped.
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(10);
/// How many connections may be at that point at once; one more is dropped.
const MOST_HANDSHAKES: usize = 1_024;
/// After an accept that failed because this process has no file left.
const PAUSE: Duration = Duration::from_secs(1);
/// What is told over a connection that should have been encrypted.
const PLAIN_REFUSED: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 51\r\n\
    connection: close\r\n\r\nThis port speaks https: write https:// in the URL.\n";

/// A connection.
pub type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    pub address: SocketAddr,
    /// The connection is.
    pub is_encrypted: bool,
}

/// Who may speak without encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    Everybody,
    /// A proxy or a probe on this machine.
    Loopback,
}

/// The certificate that the server shows, and may be given a new one while it runs.
#[derive(Clone, Debug)]
pub struct Encryption {
    certificate: PathBuf,
    key: PathBuf,
    plain: Plain,
    config: Arc<ArcSwap<ServerConfig>>,
}

impl Encryption {
    /// With the certificates and the key of two PEM files.
    ///
    /// # Errors
    /// What is wrong with the files.
    pub fn with(certificate: PathBuf, key: PathBuf, plain: Plain) -> Result<Self, CertificateError> {
        let config = files::read(&certificate, &key)?;
        Ok(Self { certificate, key, plain, config: Arc::new(ArcSwap::from_pointee(config)) })
    }

    /// Reads the files again; connections there are go on. What cannot be read changes nothing.
    ///
    /// # Errors
    /// As for [`Encryption::with`].
    pub fn reload(&self) -> Result<(), CertificateError> {
        self.config.store(Arc::new(files::read(&self.certificate, &self.key)?));
        Ok(())
    }

    /// Finds out who speaks; `None` if it is nobody whom we answer.
    async fn greet(&self, mut stream: TcpStream, address: SocketAddr) -> io::Result<Option<(Stream, Peer)>> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Ok(None);
        }
        if first == [HANDSHAKE] {
            let stream = TlsAcceptor::from(self.config.load_full()).accept(stream).await?;
            return Ok(Some((Either::Right(Box::new(stream)), Peer { address, is_encrypted: true })));
        }
        if self.plain == Plain::Loopback && !address.ip().to_canonical().is_loopback() {
            // What is not read would take the answer with it when the connection is closed.
            let _ = stream.read(&mut [0; 4_096]).await?;
            stream.write_all(PLAIN_REFUSED).await?;
            stream.shutdown().await?;
            return Ok(None);
        }
        Ok(Some((Either::Left(stream), Peer { address, is_encrypted: false })))
    }
}

/// Hands connections to the routes.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    /// Without it everything is plain.
    encryption: Option<Encryption>,
    room: Arc<Semaphore>,
    /// From the tasks of handshakes.
    greeted: mpsc::Receiver<(Stream, Peer)>,
    greets: mpsc::Sender<(Stream, Peer)>,
}

impl Listener {
    #[must_use]
    pub fn new(tcp: TcpListener, encryption: Option<Encryption>) -> Self {
        let (greets, greeted) = mpsc::channel(64);
        Self { tcp, encryption, room: Arc::new(Semaphore::new(MOST_HANDSHAKES)), greeted, greets }
    }

    /// A connection that can be handed on as it is.
    fn greet(&self, stream: TcpStream, address: SocketAddr) -> Option<(Stream, Peer)> {
        // A piece of sound must not wait for the next one.
        if let Err(failed) = stream.set_nodelay(true) {
            debug!("a connection keeps its delay: {failed}");
        }
        let Some(encryption) = self.encryption.clone() else {
            return Some((Either::Left(stream), Peer { address, is_encrypted: false }));
        };
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let greeted = self.greets.clone();
        tokio::spawn(async move {
            match tokio::time::timeout(LONGEST_HANDSHAKE, encryption.greet(stream, address)).await {
                Ok(Ok(Some(connection))) => drop(greeted.send(connection).await),
                Ok(Ok(None)) => {}
                Ok(Err(failed)) => debug!("a connection was not made: {failed}"),
                Err(_) => debug!("a connection was not made in {LONGEST_HANDSHAKE:?}"),
            }
            drop(room);
        });
        None
    }
}

impl axum::serve::Listener for Listener {
    type Io = Stream;
    type Addr = Peer;

    async fn accept(&mut self) -> (Stream, Peer) {
        loop {
            let accepted = tokio::select! {
                accepted = self.tcp.accept() => accepted,
                Some(connection) = self.greeted.recv() => return connection,
            };
            match accepted {
                Ok((stream, address)) => {
                    if let Some(connection) = self.greet(stream, address) {
                        return connection;
                    }
                }
                Err(failed) if is_of_one_connection(&failed) => {}
                Err(failed) => {
                    error!("a connection cannot be accepted: {failed}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer { address: self.tcp.local_addr()?, is_encrypted: false })
    }
}

fn is_of_one_connection(failed: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(failed.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        *stream.remote_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_has_the_length_that_it_tells() {
        let text = std::str::from_utf8(PLAIN_REFUSED).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }
}
