//! To our own routes, without a socket: the phone in the browser goes through what a provider's requests go through,
//! wherever the server listens and whether it speaks TLS or not.

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, header};
use bytes::Bytes;
use tower::ServiceExt as _;

use super::carrier::{Fetched, Received, Transport};
use super::trouble::Trouble;
use crate::dialect::{OutRequest, PublicUrl};

/// The largest answer that is read, bytes: audio has a length, a document at most 64 kB.
const LARGEST: usize = 16 * 1024 * 1024;

/// Hands requests to routes of this process.
#[derive(Clone)]
pub struct Routes {
    pub routes: Router,
    /// Where providers would reach them.
    pub public: PublicUrl,
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the routes of this process")
    }
}

#[async_trait]
impl Transport for Routes {
    async fn send(&self, request: OutRequest) -> Result<Received, Trouble> {
        let (head, body) = self.ask(request).await?.into_parts();
        let told = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let content_type = told(header::CONTENT_TYPE).unwrap_or_default();
        let location = told(header::LOCATION);
        Ok(Received { status: head.status.as_u16(), content_type, location, body: whole(body).await?.into() })
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, Trouble> {
        let request = OutRequest { method: "GET", url: url.to_owned(), headers: Vec::new(), body: Vec::new() };
        let (head, body) = self.ask(request).await?.into_parts();
        let told = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = told(header::CONTENT_TYPE).to_owned();
        let immutable = told(header::CACHE_CONTROL).contains("immutable");
        Ok(Fetched { status: head.status.as_u16(), content_type, immutable, body: vec![whole(body).await?] })
    }
}

impl Routes {
    async fn ask(&self, request: OutRequest) -> Result<Response<Body>, Trouble> {
        let url = request.url.split('#').next().unwrap_or(&request.url);
        // A proxy would have taken the prefix off.
        let target = url.strip_prefix(&self.public.to_string()).filter(|target| target.starts_with('/'));
        let target = target.ok_or_else(|| Trouble::Url(url.to_owned()))?;
        let mut asked =
            Request::builder().method(request.method).uri(target).header(header::HOST, self.public.authority());
        for (name, value) in &request.headers {
            asked = asked.header(*name, value);
        }
        let asked = asked.body(Body::from(request.body)).map_err(|_| Trouble::Url(url.to_owned()))?;
        match self.routes.clone().oneshot(asked).await {
            Ok(response) => Ok(response),
            Err(never) => match never {},
        }
    }
}

async fn whole(body: Body) -> Result<Bytes, Trouble> {
    to_bytes(body, LARGEST).await.map_err(|failed| std::io::Error::other(failed).into())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri};
    use axum::routing::get;

    use super::*;

    #[tokio::test]
    async fn requests_reach_routes_below_the_public_url_only() {
        let told = async |uri: Uri, headers: HeaderMap, body: String| {
            let header = |name| headers.get(name).map_or("", |value: &axum::http::HeaderValue| value.to_str().unwrap());
            format!("{uri} {} {} {body}", header("host"), header("x-signature"))
        };
        let kept = ([(header::CACHE_CONTROL, "public, immutable"), (header::CONTENT_TYPE, "audio/wav")], "RIFF");
        let routes =
            Router::new().route("/voice/embedded", get(told).post(told)).route("/audio/a.wav", get(async move || kept));
        let public = PublicUrl::parse("https://ivr.example.org:8443/line").unwrap();
        let routes = Routes { routes, public };
        let request = |url: &str| OutRequest {
            method: "POST",
            url: url.to_owned(),
            headers: vec![("x-signature", "abc=".to_owned())],
            body: b"BODY".to_vec(),
        };
        let answer = routes.send(request("https://ivr.example.org:8443/line/voice/embedded?a=b#rc=2")).await.unwrap();
        let body = "/voice/embedded?a=b ivr.example.org:8443 abc= BODY".to_owned().into_bytes();
        assert_eq!((answer.status, answer.content_type.as_str()), (200, "text/plain; charset=utf-8"));
        assert_eq!(answer.body, body);
        let fetched = routes.fetch("https://ivr.example.org:8443/line/audio/a.wav").await.unwrap();
        assert_eq!((fetched.content_type.as_str(), fetched.immutable), ("audio/wav", true));
        assert_eq!(fetched.body.concat(), b"RIFF");
        assert_eq!(routes.fetch("https://ivr.example.org:8443/line/audio/b.wav").await.unwrap().status, 404);
        for elsewhere in ["https://ivr.example.org:8443/voice/embedded", "http://127.0.0.1/line/voice/embedded", "x"] {
            assert!(matches!(routes.send(request(elsewhere)).await, Err(Trouble::Url(_))), "{elsewhere}");
        }
    }
}
