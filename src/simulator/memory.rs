//! Straight to the service, without a socket: where thousands of calls a second matter.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::carrier::{Fetched, Received, Transport, audio_name};
use super::trouble::Trouble;
use crate::audio::wav;
use crate::dialect::{OutRequest, Place, RawRequest};
use crate::service::{Answer, Service, Words};

/// Hands requests to a service of this process.
#[derive(Clone)]
pub struct Memory(pub Arc<Service>);

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a service of this process")
    }
}

#[async_trait]
impl Transport for Memory {
    async fn send(&self, request: OutRequest) -> Result<Received, Trouble> {
        let url = request.url.split('#').next().unwrap_or(&request.url);
        let place = Place::parse(url).ok_or_else(|| Trouble::Url(url.to_owned()))?;
        let headers: Vec<(&str, &[u8])> =
            request.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let raw = RawRequest {
            kind: place.kind,
            method: request.method,
            public: &self.0.settings().public,
            target: target(url),
            headers: &headers,
            body: &request.body,
        };
        Ok(match self.0.answer(place.profile, place.token, raw).await {
            Answer::Document(document) => received(document.status, document.content_type, document.body),
            Answer::NoProfile => received(404, "", Vec::new()),
            Answer::Forbidden => received(403, "", Vec::new()),
        })
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, Trouble> {
        let (name, extension) = audio_name(url).ok_or_else(|| Trouble::Url(url.to_owned()))?;
        let Some(audio) = self.0.audio(name).await else {
            return Ok(Fetched { status: 404, content_type: String::new(), immutable: false, body: Vec::new() });
        };
        let immutable = audio.everybody;
        if extension == "json" {
            let body = serde_json::to_vec(&Words::of(&audio.utterance)).map_err(|_| Trouble::UnknownAudio)?;
            let content_type = "application/json".to_owned();
            return Ok(Fetched { status: 200, content_type, immutable, body: vec![body.into()] });
        }
        let samples: usize = audio.parts.iter().map(Bytes::len).sum();
        let count = u32::try_from(samples).map_err(|_| Trouble::NoWav("it is longer than a header can tell"))?;
        let padding: &[u8] = if samples % 2 == 1 { &[0] } else { &[] };
        let (header, padding) = (Bytes::copy_from_slice(&wav::header(count)), Bytes::from_static(padding));
        let body = std::iter::once(header).chain(audio.parts).chain([padding]).collect();
        Ok(Fetched { status: 200, content_type: "audio/wav".to_owned(), immutable, body })
    }
}

fn received(status: u16, content_type: &str, body: Vec<u8>) -> Received {
    Received { status, content_type: content_type.to_owned(), location: None, body }
}

/// Path and query of an absolute URL.
fn target(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url.get(host..).and_then(|rest| rest.find('/')).and_then(|at| url.get(host + at..)).unwrap_or("/")
}
