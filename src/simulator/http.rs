//! Over TCP, as a provider comes: a client for HTTP/1.1 that does what our own routes need and no more.
//!
//! It is *not* a general client: no chunks, because our server answers with a length; so it is a page of code. A
//! connection is kept for the next request.

use std::io::{Error, ErrorKind};
use std::path::Path;

use async_trait::async_trait;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use super::carrier::{Fetched, Received, Transport};
use super::trouble::Trouble;
use super::trust::{NoCertificate, trust};
use crate::dialect::OutRequest;

/// The largest answer that is read, bytes: a document has at most 64 kB.
const LARGEST: usize = 1024 * 1024;
/// The longest line of a head, bytes, and the most lines of it.
const LONGEST_LINE: u64 = 8 * 1024;
const MOST_LINES: usize = 100;

type Stream = BufReader<Either<TcpStream, Box<TlsStream<TcpStream>>>>;

/// A connection to the server, opened when it is needed.
#[derive(Default)]
pub struct Http {
    /// Without it only `http` is spoken.
    tls: Option<TlsConnector>,
    /// The server that it goes to, and the connection.
    kept: Mutex<Option<(String, Stream)>>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.tls.is_some() { "HTTP with TLS" } else { "HTTP" })
    }
}

#[async_trait]
impl Transport for Http {
    async fn connect(&self, url: &str) -> Result<(), Trouble> {
        let server = split(url)?.server;
        // Whoever is in the middle of a request has a connection.
        let Ok(mut kept) = self.kept.try_lock() else { return Ok(()) };
        if kept.as_ref().is_none_or(|(kept, _)| kept != server) {
            *kept = Some((server.to_owned(), self.open(url).await?));
        }
        Ok(())
    }

    async fn send(&self, request: OutRequest) -> Result<Received, Trouble> {
        let Answer { status, content_type, location, body, .. } = self.exchange(&request).await?;
        Ok(Received { status, content_type, location, body })
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, Trouble> {
        let request = OutRequest { method: "GET", url: url.to_owned(), headers: Vec::new(), body: Vec::new() };
        let Answer { status, content_type, immutable, body, .. } = self.exchange(&request).await?;
        Ok(Fetched { status, content_type, immutable, body: vec![body.into()] })
    }
}

/// What came back.
struct Answer {
    status: u16,
    content_type: String,
    location: Option<String>,
    /// It may be kept for ever.
    immutable: bool,
    body: Vec<u8>,
}

impl Http {
    /// One that speaks `https` too, and believes whom this machine believes and the certificates in the PEM file `ca`.
    ///
    /// # Errors
    /// [`NoCertificate`] if there is none in the file.
    pub fn trusting(ca: Option<&Path>) -> Result<Self, NoCertificate> {
        Ok(Self { tls: Some(trust(ca)?), kept: Mutex::default() })
    }

    /// Another connection that believes the same.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { tls: self.tls.clone(), kept: Mutex::default() }
    }

    async fn exchange(&self, request: &OutRequest) -> Result<Answer, Trouble> {
        let Parts { server, target, .. } = split(&request.url)?;
        let bytes = write(request, server.rsplit('/').next().unwrap_or(server), target);
        let mut kept = self.kept.lock().await;
        if let Some((_, mut stream)) = kept.take_if(|(kept, _)| kept == server) {
            match exchange(&mut stream, &bytes).await {
                // The server has closed it meanwhile; nothing has been answered.
                Err(Trouble::Broken(_)) => {}
                Err(trouble) => return Err(trouble),
                Ok(answer) => {
                    *kept = Some((server.to_owned(), stream));
                    return Ok(answer);
                }
            }
        }
        let mut stream = self.open(&request.url).await?;
        let answer = exchange(&mut stream, &bytes).await?;
        *kept = Some((server.to_owned(), stream));
        Ok(answer)
    }

    /// A connection to the server of `url`.
    async fn open(&self, url: &str) -> Result<Stream, Trouble> {
        let Parts { server, host, port, .. } = split(url)?;
        let unconnected = |source| Trouble::Connect { address: server.to_owned(), source };
        let connected = TcpStream::connect((host, port)).await.map_err(unconnected)?;
        if !server.starts_with("https:") {
            return Ok(BufReader::new(Either::Left(connected)));
        }
        let tls = self.tls.as_ref().ok_or_else(|| Trouble::Url(url.to_owned()))?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Trouble::Url(url.to_owned()))?;
        Ok(BufReader::new(Either::Right(Box::new(tls.connect(name, connected).await.map_err(unconnected)?))))
    }
}

/// An absolute URL.
struct Parts<'a> {
    /// Up to its path.
    server: &'a str,
    /// Without the brackets of an address.
    host: &'a str,
    port: u16,
    /// Path and query.
    target: &'a str,
}

fn split(url: &str) -> Result<Parts<'_>, Trouble> {
    let parts = || {
        let url = url.split('#').next()?;
        let (scheme, rest) = url.split_once("://")?;
        let usual = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let (server, target) = match rest.find('/') {
            Some(at) => url.split_at(url.len() - rest.len() + at),
            None => (url, "/"),
        };
        let authority = server.rsplit('/').next()?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            Some(_) | None => (authority, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then_some(Parts { server, host, port, target })
    };
    parts().ok_or_else(|| Trouble::Url(url.to_owned()))
}

fn write(request: &OutRequest, address: &str, target: &str) -> Vec<u8> {
    let length = request.body.len();
    let mut head = format!("{} {target} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n", request.method);
    for (name, value) in &request.headers {
        for part in [name, ": ", value.as_str(), "\r\n"] {
            head.push_str(part);
        }
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&request.body);
    bytes
}

async fn exchange(stream: &mut Stream, request: &[u8]) -> Result<Answer, Trouble> {
    stream.get_mut().write_all(request).await?;
    stream.get_mut().flush().await?;
    let status_line = line(stream).await?;
    let answered = answer(stream, &status_line).await;
    answered.map_err(|trouble| if let Trouble::Broken(source) = trouble { Trouble::CutShort(source) } else { trouble })
}

/// The rest of an answer that has begun.
async fn answer(stream: &mut Stream, status_line: &str) -> Result<Answer, Trouble> {
    let status = status_line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status: u16 = status.ok_or(Trouble::NotHttp("a status line was expected"))?;
    let (mut length, mut content_type, mut location, mut immutable) = (0, String::new(), None, false);
    for _ in 0..MOST_LINES {
        let header = line(stream).await?;
        if header.is_empty() {
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await?;
            return Ok(Answer { status, content_type, location, immutable, body });
        }
        let Some((name, value)) = header.split_once(':') else {
            return Err(Trouble::NotHttp("a header was expected"));
        };
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Trouble::NotHttp("an answer with a length was expected"));
        }
        if name.eq_ignore_ascii_case("content-type") {
            value.trim().clone_into(&mut content_type);
        }
        if name.eq_ignore_ascii_case("location") {
            location = Some(value.trim().to_owned());
        }
        if name.eq_ignore_ascii_case("cache-control") {
            immutable = value.contains("immutable");
        }
        if name.eq_ignore_ascii_case("content-length") {
            let told = value.trim().parse().ok().filter(|told| *told <= LARGEST);
            length = told.ok_or(Trouble::NotHttp("a length of at most a megabyte was expected"))?;
        }
    }
    Err(Trouble::NotHttp("its head does not end"))
}

/// A line of the head, without its end.
async fn line(stream: &mut Stream) -> Result<String, Trouble> {
    let mut line = String::new();
    let read = AsyncReadExt::take(&mut *stream, LONGEST_LINE).read_line(&mut line).await?;
    if read == 0 {
        return Err(Error::from(ErrorKind::UnexpectedEof).into());
    }
    let Some(text) = line.strip_suffix("\r\n") else { return Err(Trouble::NotHttp("a line of it does not end")) };
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Answers each connection with the given texts, one for each request that has come whole.
    async fn server(connections: Vec<Vec<&'static str>>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/voice/neutral?a=b#rc=2", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let mut requests = Vec::new();
            for answers in connections {
                let (mut stream, _) = listener.accept().await.unwrap();
                for answer in answers {
                    let mut request = Vec::new();
                    // A request that fetches has no body.
                    while !request.ends_with(if request.starts_with(b"GET") { b"\r\n\r\n" } else { b"BODY" }) {
                        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
                    }
                    requests.push(String::from_utf8(request).unwrap());
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
            requests
        });
        (url, serving)
    }

    fn request(url: &str) -> OutRequest {
        let headers = vec![("x-signature", "abc=".to_owned())];
        OutRequest { method: "POST", url: url.to_owned(), headers, body: b"BODY".to_vec() }
    }

    #[tokio::test]
    async fn requests_go_out_and_a_connection_is_kept_or_opened_anew() {
        let document = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Type: text/xml\r\n\r\n<R/>";
        let nothing = "HTTP/1.1 204 No Content\r\n\r\n";
        let (url, serving) = server(vec![vec![document, nothing], vec![document]]).await;
        let http = Http::default();
        let answer = |status, content_type: &str, body: &str| Received {
            status,
            content_type: content_type.to_owned(),
            location: None,
            body: body.as_bytes().to_vec(),
        };
        assert_eq!(http.send(request(&url)).await.unwrap(), answer(200, "text/xml", "<R/>"));
        assert_eq!(http.send(request(&url)).await.unwrap(), answer(204, "", ""));
        // The server has closed the connection.
        assert_eq!(http.send(request(&url)).await.unwrap(), answer(200, "text/xml", "<R/>"));
        let requests = serving.await.unwrap();
        let address = url.split('/').nth(2).unwrap();
        let expected = format!(
            "POST /voice/neutral?a=b HTTP/1.1\r\nhost: {address}\r\ncontent-length: 4\r\nx-signature: abc=\r\n\r\nBODY"
        );
        assert_eq!(requests, [expected.as_str(); 3]);
    }

    #[test]
    fn a_url_says_where_to_connect() {
        for (url, server, host, port, target) in [
            ("http://127.0.0.1:8080/voice?a=b#c", "http://127.0.0.1:8080", "127.0.0.1", 8080, "/voice?a=b"),
            ("https://[::1]:8443/", "https://[::1]:8443", "::1", 8443, "/"),
            ("https://[::1]/a", "https://[::1]", "::1", 443, "/a"),
            ("https://ivr.example.org", "https://ivr.example.org", "ivr.example.org", 443, "/"),
            ("http://ivr.example.org/a:1/b", "http://ivr.example.org", "ivr.example.org", 80, "/a:1/b"),
        ] {
            let parts = split(url).unwrap();
            assert_eq!((parts.server, parts.host, parts.port, parts.target), (server, host, port, target), "{url}");
        }
    }

    #[tokio::test]
    async fn audio_is_fetched_with_its_type() {
        let audio = "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\ncontent-length: 4\r\n\r\nRIFF";
        let (url, serving) = server(vec![vec![audio, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"]]).await;
        let http = Http::default();
        let fetched = http.fetch(&url).await.unwrap();
        assert_eq!((fetched.status, fetched.content_type.as_str()), (200, "audio/wav"));
        assert_eq!(fetched.body.concat(), b"RIFF");
        assert_eq!(http.fetch(&url).await.unwrap().status, 404);
        assert!(serving.await.unwrap()[0].starts_with("GET /voice/neutral?a=b HTTP/1.1\r\n"));
    }

    #[tokio::test]
    async fn what_is_not_expected_is_told() {
        for answer in [
            "SMTP ready\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        ] {
            let (url, _serving) = server(vec![vec![answer]]).await;
            let told = Http::default().send(request(&url)).await;
            assert!(matches!(told, Err(Trouble::NotHttp(_))), "{answer}: {told:?}");
        }
        let (url, _serving) = server(vec![vec!["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n<R/>"]]).await;
        assert!(matches!(Http::default().send(request(&url)).await, Err(Trouble::CutShort(_))));
        for url in ["ftp://127.0.0.1/", "http:///voice", "127.0.0.1", "http://127.0.0.1:x/"] {
            assert!(matches!(Http::default().send(request(url)).await, Err(Trouble::Url(_))), "{url}");
        }
    }
}
