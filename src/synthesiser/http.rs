//! A synthesiser that is a service of its own, asked over plain HTTP/1.1: one request and one connection a text. It
//! follows no redirect and knows no proxy: what is to be said goes where it was told to go and nowhere else.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::speaker::MOST_BYTES;
use super::{BadSource, SpeakError, Words};

/// How long one text may take.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// Where texts are posted.
#[derive(Clone, Debug)]
pub(super) struct Address {
    host: String,
    port: u16,
    /// As in `Host`.
    authority: String,
    path: String,
}

impl Address {
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    pub(super) fn parse(url: &str) -> Result<Self, BadSource> {
        let bad = || BadSource::Url(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(bad)?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let port = authority.port_u16().unwrap_or(80);
        Ok(Self { host, port, authority: authority.to_string(), path: path.to_owned() })
    }

    /// Has a text spoken; the audio file that answers it.
    pub(super) async fn speak(&self, words: &Words) -> Result<Vec<u8>, SpeakError> {
        let mut asked = serde_json::json!({ "language": words.language.as_str(), "text": words.text });
        if let (Some(fields), false) = (asked.as_object_mut(), words.pronounced.is_empty()) {
            fields.insert("pronounced".to_owned(), words.pronounced.as_str().into());
        }
        let request = Request::post(self.path.as_str())
            .header(HOST, self.authority.as_str())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(asked.to_string())))
            .map_err(|_| SpeakError::Broken)?;
        let connection = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(SpeakError::Connect)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(connection)).await.map_err(|_| SpeakError::Broken)?;
        let answer = async {
            let response = sender.send_request(request).await.map_err(|_| SpeakError::Broken)?;
            if response.status() != StatusCode::OK {
                return Err(SpeakError::Status(response.status().as_u16()));
            }
            let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
            let body =
                body.map_err(
                    |failed| if failed.is::<hyper::Error>() { SpeakError::Broken } else { SpeakError::TooLarge },
                )?;
            Ok(body.to_bytes().to_vec())
        };
        // The connection moves only while somebody asks it to.
        let moved = async {
            let _ = connection.await;
            std::future::pending::<()>().await;
        };
        tokio::select! { answer = answer => answer, () = moved => Err(SpeakError::Broken) }
    }
}
