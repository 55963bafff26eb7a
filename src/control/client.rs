//! HTTP/1.1 to a provider's API, a connection for each request. It follows no redirect and knows no proxy: a secret goes
//! where it was told to go and nowhere else.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::HOST;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::either::Either;

use crate::dialect::OutRequest;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// With this status.
    Answered(u16),
    /// It was surely not received: there was no connection.
    Unreached,
    /// It may have been received.
    NoAnswer,
}

/// Who asks providers.
pub(super) struct Client {
    pub(super) tls: TlsConnector,
    /// How long connecting may take, and then the answer.
    pub(super) patience: Duration,
}

impl Client {
    pub(super) async fn send(&self, request: OutRequest) -> Sent {
        let Ok(uri) = request.url.parse::<Uri>() else { return Sent::Unreached };
        let Some(Some(stream)) = timeout(self.patience, self.connect(&uri)).await.ok() else { return Sent::Unreached };
        let answered = timeout(self.patience, exchange(stream, &uri, request)).await;
        answered.ok().flatten().map_or(Sent::NoAnswer, Sent::Answered)
    }

    async fn connect(&self, uri: &Uri) -> Option<Stream> {
        let encrypted = uri.scheme_str() == Some("https");
        let host = uri.host()?.trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let stream = TcpStream::connect((host, port)).await.ok()?;
        if !encrypted {
            return Some(Either::Left(stream));
        }
        let name = ServerName::try_from(host.to_owned()).ok()?;
        Some(Either::Right(Box::new(self.tls.connect(name, stream).await.ok()?)))
    }
}

type Stream = Either<TcpStream, Box<tokio_rustls::client::TlsStream<TcpStream>>>;

/// The status of the answer.
async fn exchange(stream: Stream, uri: &Uri, request: OutRequest) -> Option<u16> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut asked = Request::builder().method(request.method).uri(path).header(HOST, uri.authority()?.as_str());
    for (name, value) in &request.headers {
        asked = asked.header(*name, value);
    }
    let asked = asked.body(Full::new(Bytes::from(request.body))).ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let answer = async { Some(sender.send_request(asked).await.ok()?.status().as_u16()) };
    // The connection moves only while somebody asks it to.
    let moved = async {
        let _ = connection.await;
        std::future::pending::<()>().await;
    };
    tokio::select! { answer = answer => answer, () = moved => None }
}
