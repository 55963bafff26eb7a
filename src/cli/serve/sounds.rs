//! Where recordings come from: the provider's own host over HTTPS, or the phone in the box.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tracing::error;

use crate::clock::{Clock as _, SystemClock};
use crate::dialect::{Authentication, Profile, Secret};
use crate::service::{LARGEST_RECORDING, NotGiven, Service, Sounds};
use crate::store::Database;
use crate::switchboard::Switchboard;

/// How often it is looked for recordings that are due; after trouble of the database, such as a full disk, later.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const LOOK_AFTER_TROUBLE: Duration = Duration::from_secs(30);
/// How long a provider has to give one.
const PATIENCE: Duration = Duration::from_mins(1);

/// Gives the sound of recordings.
pub(super) struct FromProviders {
    pub(super) service: Arc<Service>,
    /// The phone in the box.
    pub(super) switchboard: Option<Arc<Switchboard>>,
    pub(super) tls: TlsConnector,
    /// The profiles whose providers are asked to delete what they have given.
    pub(super) deletes: BTreeSet<String>,
}

/// Fetches what is due, for as long as the server runs.
pub(super) async fn keep_recordings(sounds: FromProviders, database: Database) {
    loop {
        let fetched = sounds.service.fetch_recordings(&database, &sounds, SystemClock.now()).await;
        let next = match fetched {
            Ok(()) => LOOK_EVERY,
            Err(failed) => {
                error!("recordings could not be kept; they are fetched again: {:#}", anyhow::Error::from(failed));
                LOOK_AFTER_TROUBLE
            }
        };
        SystemClock.sleep(next).await;
    }
}

#[async_trait]
impl Sounds for FromProviders {
    fn deletes(&self, profile: &str) -> bool {
        self.deletes.contains(profile)
    }

    async fn give(&self, profile: &str, simulated: bool, url: &str) -> Result<Vec<u8>, NotGiven> {
        if simulated {
            let name = url.rsplit('/').next().unwrap_or_default().trim_end_matches(".wav");
            let sound = self.switchboard.as_ref().and_then(|switchboard| switchboard.recording(name));
            return sound.map(|sound| sound.to_vec()).ok_or(NotGiven::Ever("the phone in the box has it no longer"));
        }
        let profile = self.service.settings().profiles.get(profile).ok_or(NotGiven::Yet("the provider is off"))?;
        let token = token_for(profile, url)?;
        match tokio::time::timeout(PATIENCE, self.fetch(url, token)).await {
            Ok(given) => given,
            Err(_) => Err(NotGiven::Yet("the provider took too long")),
        }
    }
}

/// The secret that goes along when `url` is asked for: to a host of the provider's own, where it wants one. What is at no
/// host that is known is not asked for at all.
fn token_for<'a>(profile: &'a Profile, url: &str) -> Result<Option<&'a str>, NotGiven> {
    if !profile.has_recording(url) {
        return Err(NotGiven::Ever("its host is none of the provider's"));
    }
    let secrets = match &profile.authentication {
        Authentication::Secrets(secrets) => secrets.as_slice(),
        Authentication::None => &[],
    };
    Ok(secrets.iter().find_map(|secret| match secret {
        Secret::Token(token) if profile.capabilities.recordings_by_token && profile.is_at_provider(url) => {
            Some(token.expose_secret())
        }
        Secret::Token(_) | Secret::Named { .. } | Secret::PublicKey(_) | Secret::Seed(_) => None,
    }))
}

impl FromProviders {
    async fn fetch(&self, url: &str, token: Option<&str>) -> Result<Vec<u8>, NotGiven> {
        let rest = url.strip_prefix("https://").ok_or(NotGiven::Ever("it is no https URL"))?;
        let (host, path) = rest.split_at(rest.find('/').ok_or(NotGiven::Ever("its URL has no path"))?);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| NotGiven::Ever("its host is no name"))?;
        let connection =
            TcpStream::connect((host, 443)).await.map_err(|_| NotGiven::Yet("the provider cannot be reached"))?;
        let connection =
            self.tls.connect(name, connection).await.map_err(|_| NotGiven::Yet("the connection is not safe"))?;
        let login = token.and_then(|token| login(path, token));
        ask(connection, host, path, login).await
    }
}

/// The account stands in the path of its recordings.
fn login(path: &str, token: &str) -> Option<String> {
    let account = path.split_once("/Accounts/")?.1.split('/').next()?;
    Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{account}:{token}"))))
}

/// One request. A redirect is not followed: it could lead anywhere.
async fn ask<S>(connection: S, host: &str, path: &str, login: Option<String>) -> Result<Vec<u8>, NotGiven>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    const BROKEN: NotGiven = NotGiven::Yet("the connection broke");
    let mut request = Request::get(path).header(HOST, host);
    if let Some(login) = login {
        request = request.header(AUTHORIZATION, login);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| NotGiven::Ever("its URL is none"))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(connection)).await.map_err(|_| BROKEN)?;
    let moves = tokio::spawn(connection);
    let answer = async {
        let response = sender.send_request(request).await.map_err(|_| BROKEN)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::GONE => return Err(NotGiven::Ever("the provider has deleted it")),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(NotGiven::Yet("the provider refuses our secret"));
            }
            // A file may not be there yet.
            _ => return Err(NotGiven::Yet("the provider does not give it")),
        }
        let body = Limited::new(response.into_body(), LARGEST_RECORDING).collect().await;
        let body = body.map_err(|failed| {
            if failed.is::<hyper::Error>() { BROKEN } else { NotGiven::Ever("it is larger than any recording") }
        })?;
        Ok(body.to_bytes().to_vec())
    };
    let given = answer.await;
    moves.abort();
    given
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::dialect::provider;

    /// A provider with a secret of every kind, whose recordings are in a bucket too.
    fn profile(name: &str) -> Profile {
        let named = Secret::Named { id: "key".to_owned(), key: "named".into() };
        let secrets = vec![Secret::PublicKey([1; 32]), Secret::Seed([2; 32]), named, Secret::Token("token".into())];
        let mut profile = provider(name).unwrap().profile(Authentication::Secrets(secrets));
        profile.recording_hosts = vec!["bucket.example.org".to_owned()];
        profile
    }

    #[test]
    fn a_providers_token_goes_to_its_own_hosts_and_nowhere_else() {
        let at = |name: &str, host: &str| {
            let url = format!("{host}/2010-04-01/Accounts/AC1/Recordings/RE1");
            token_for(&profile(name), &url).map(|token| token.map(str::to_owned))
        };
        let token = Some("token".to_owned());
        // With SignalWire and Telnyx the secret is no login: it checks what they send.
        for (name, host, login) in [
            ("twilio", "https://api.twilio.com", token.clone()),
            ("somleng", "https://api.somleng.org", token),
            ("signalwire", "https://space.signalwire.com", None),
            ("telnyx", "https://telephony-recorder-prod.s3.amazonaws.com", None),
        ] {
            assert_eq!(at(name, host), Ok(login), "{name}");
            assert_eq!(at(name, "https://bucket.example.org"), Ok(None), "{name}");
            for elsewhere in [
                "https://other.example.org",
                "https://api.twilio.com.example.org",
                "https://api.twilio.com@example.org",
                "https://127.0.0.1",
                &host.replace("https", "http"),
            ] {
                assert!(matches!(at(name, elsewhere), Err(NotGiven::Ever(_))), "{name}: {elsewhere}");
            }
        }
    }

    /// What is made of an answer, and the request that it was to.
    async fn asked(answer: Vec<u8>) -> (Result<Vec<u8>, NotGiven>, String) {
        let (ours, mut theirs) = tokio::io::duplex(1_024);
        let provider = tokio::spawn(async move {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(theirs.read_u8().await.unwrap());
            }
            // Whoever has read enough hangs up.
            let _ = theirs.write_all(&answer).await;
            String::from_utf8(request).unwrap()
        });
        let path = "/2010-04-01/Accounts/AC123/Recordings/RE1";
        let given = ask(ours, "api.twilio.com", path, login(path, "token")).await;
        (given, provider.await.unwrap())
    }

    fn answer(status: &str, body: &[u8]) -> Vec<u8> {
        let mut answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        answer.extend_from_slice(body);
        answer
    }

    #[tokio::test]
    async fn a_file_is_fetched_with_the_accounts_token() {
        let (given, request) = asked(answer("200 OK", b"RIFF")).await;
        assert_eq!(given, Ok(b"RIFF".to_vec()));
        assert!(request.starts_with("GET /2010-04-01/Accounts/AC123/Recordings/RE1 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("authorization: Basic QUMxMjM6dG9rZW4=\r\n"), "{request}");
        assert_eq!(login("/anything/else", "token"), None);
    }

    #[tokio::test]
    async fn what_is_not_given_is_asked_for_again_or_lost() {
        let yet = |given: &Result<Vec<u8>, NotGiven>| matches!(given, Err(NotGiven::Yet(_)));
        for status in ["404 Not Found", "401 Unauthorized", "500 Oh", "302 Found"] {
            assert!(yet(&asked(answer(status, b"")).await.0), "{status}");
        }
        assert!(matches!(asked(answer("410 Gone", b"")).await.0, Err(NotGiven::Ever(_))));
        // Cut short.
        assert!(yet(&asked(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nRIFF".to_vec()).await.0));
        assert!(yet(&asked(Vec::new()).await.0));
        let large = vec![0; LARGEST_RECORDING + 1];
        assert!(matches!(asked(answer("200 OK", &large)).await.0, Err(NotGiven::Ever(_))));
    }
}
