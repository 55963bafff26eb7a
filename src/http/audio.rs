//! `/audio/...`: what documents tell providers to play. Whoever has the URL may fetch it; it cannot be guessed where
//! somebody's data are in it.

use std::convert::Infallible;
use std::iter;
use std::ops::Range;

use axum::body::Body;
use axum::extract::State;
use axum::http::response::Builder;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;

use super::App;
use crate::audio::{mulaw, wav};
use crate::dialect::AudioFormat;
use crate::service::{Audio, Words};

/// The extension of what a file says.
const WORDS: &str = "json";
/// How many samples are converted at a time.
const CHUNK: usize = 2_000;

/// One file. `HEAD` is answered by this too; the router takes the body away.
pub(super) async fn file(State(app): State<App>, method: Method, uri: Uri, mut headers: HeaderMap) -> Response {
    // A part may be asked for with `GET` only (RFC 9110, 14.2).
    if method != Method::GET {
        headers.remove(header::RANGE);
    }
    // Names of ours have nothing in them that is written with `%`.
    let file = uri.path().rsplit('/').next().unwrap_or_default();
    let Some((name, extension)) = file.split_once('.') else { return not_found() };
    let format = match extension {
        WORDS => None,
        _ => Some(AudioFormat::parse(extension)),
    };
    if format == Some(None) {
        return not_found();
    }
    let Some(audio) = app.service.audio(name).await else { return not_found() };
    let Some(format) = format.flatten() else { return words(&audio) };
    let tag = audio.everybody.then(|| format!("\"{name}\""));
    respond(audio, format, tag.as_deref(), &headers).unwrap_or_else(|_| not_found())
}

/// What the file says, for those who cannot hear it and for simulated phones.
fn words(audio: &Audio) -> Response {
    let mut response = axum::Json(Words::of(&audio.utterance)).into_response();
    let kept = header::HeaderValue::from_static(kept(audio.everybody));
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}

/// Whether and how long others may keep a file.
const fn kept(everybody: bool) -> &'static str {
    if everybody { "public, max-age=31536000, immutable" } else { "no-store" }
}

fn not_found() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// `tag`: the entity tag, where the file is the same for ever.
fn respond(audio: Audio, format: AudioFormat, tag: Option<&str>, asked: &HeaderMap) -> axum::http::Result<Response> {
    let file = File::new(audio.parts, format);
    let mut response = Response::builder().header(header::CACHE_CONTROL, kept(tag.is_some()));
    if let Some(tag) = tag {
        response = response.header(header::ETAG, tag);
        if has_tag(asked, &header::IF_NONE_MATCH, tag) {
            return response.status(StatusCode::NOT_MODIFIED).body(Body::empty());
        }
    }
    response = response.header(header::CONTENT_TYPE, format.content_type()).header(header::ACCEPT_RANGES, "bytes");
    // A part is good only beside other parts of the same file.
    let same = !asked.contains_key(header::IF_RANGE) || tag.is_some_and(|tag| has_tag(asked, &header::IF_RANGE, tag));
    let range = asked.get(header::RANGE).filter(|_| same).and_then(|range| range.to_str().ok());
    let size = file.size;
    match range.and_then(|range| range_of(range, size)) {
        None => send(response, file, 0..size),
        Some(Ok(range)) => {
            let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            send(response.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, shown), file, range)
        }
        Some(Err(OutOfFile)) => {
            let response = response.status(StatusCode::RANGE_NOT_SATISFIABLE);
            response.header(header::CONTENT_RANGE, format!("bytes */{size}")).body(Body::empty())
        }
    }
}

fn send(response: Builder, file: File, range: Range<usize>) -> axum::http::Result<Response> {
    let response = response.header(header::CONTENT_LENGTH, range.len());
    response.body(Body::from_stream(stream::iter(file.bytes(range).map(Ok::<_, Infallible>))))
}

/// Whether a header names this tag; `*` is any.
fn has_tag(headers: &HeaderMap, name: &HeaderName, tag: &str) -> bool {
    let named = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    named
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|named| named == "*" || named.trim_start_matches("W/") == tag)
}

/// There are no such bytes in the file.
#[derive(Debug, PartialEq)]
struct OutOfFile;

/// The one range of bytes that is asked for; `None` if it is none, or several, and the whole file answers (source:
/// <https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2>).
fn range_of(header: &str, size: usize) -> Option<Result<Range<usize>, OutOfFile>> {
    let (unit, range) = header.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    // A position too long for a number is behind the end of any file.
    let position = |digits: &str| -> Option<usize> {
        let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        are_digits.then(|| digits.parse().unwrap_or(usize::MAX))
    };
    let range = match (first, last) {
        ("", last) => size.saturating_sub(position(last)?)..size,
        (first, "") => position(first)?..size,
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            if last < first {
                return None;
            }
            first..size.min(last.saturating_add(1))
        }
    };
    Some(if range.start < range.end { Ok(range) } else { Err(OutOfFile) })
}

/// A file as it goes out: what stands before the samples, the samples, what fills up an odd number of them.
struct File {
    head: Bytes,
    parts: Vec<Bytes>,
    tail: Bytes,
    /// Its samples have two bytes each, made as they are sent.
    pcm: bool,
    size: usize,
}

impl File {
    fn new(parts: Vec<Bytes>, format: AudioFormat) -> Self {
        let count: usize = parts.iter().map(Bytes::len).sum();
        let samples = u32::try_from(count).unwrap_or(u32::MAX);
        let (head, tail, pcm) = match format {
            AudioFormat::MulawWav => {
                let padding: &[u8] = if count % 2 == 1 { &[0] } else { &[] };
                (Bytes::copy_from_slice(&wav::header(samples)), Bytes::from_static(padding), false)
            }
            AudioFormat::PcmWav => (Bytes::copy_from_slice(&wav::pcm_header(samples)), Bytes::new(), true),
            AudioFormat::Mulaw => (Bytes::new(), Bytes::new(), false),
        };
        let size = head.len() + if pcm { 2 * count } else { count } + tail.len();
        Self { head, parts, tail, pcm, size }
    }

    /// The bytes of a range, piece by piece.
    fn bytes(self, range: Range<usize>) -> impl Iterator<Item = Bytes> + Send + 'static {
        let pcm = self.pcm;
        let samples = self.parts.into_iter().flat_map(move |part| pieces(part, pcm));
        let all = iter::once(self.head).chain(samples).chain(iter::once(self.tail));
        let mut at = 0;
        let cut = move |piece: Bytes| {
            let here = at..at + piece.len();
            at = here.end;
            let (from, to) = (range.start.max(here.start), range.end.min(here.end));
            (from < to).then(|| piece.slice(from - here.start..to - here.start))
        };
        all.filter_map(cut)
    }
}

/// The samples of a part as they go out.
fn pieces(part: Bytes, pcm: bool) -> impl Iterator<Item = Bytes> + Send {
    let chunk = if pcm { CHUNK } else { part.len() };
    let mut left = part;
    iter::from_fn(move || {
        if left.is_empty() {
            return None;
        }
        let piece = left.split_to(chunk.min(left.len()));
        Some(if pcm { Bytes::from(mulaw::to_pcm(&piece)) } else { piece })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_anything_else_is_the_whole_file() {
        for (header, range) in [
            ("bytes=0-0", Some(Ok(0..1))),
            ("bytes=0-99", Some(Ok(0..100))),
            ("bytes=10-500", Some(Ok(10..100))),
            ("Bytes = 5-", Some(Ok(5..100))),
            ("bytes=-5", Some(Ok(95..100))),
            ("bytes=-500", Some(Ok(0..100))),
            ("bytes=99999999999999999999999-", Some(Err(OutOfFile))),
            ("bytes=0-99999999999999999999999", Some(Ok(0..100))),
            ("bytes=100-", Some(Err(OutOfFile))),
            ("bytes=100-200", Some(Err(OutOfFile))),
            ("bytes=-0", Some(Err(OutOfFile))),
            ("bytes=5-4", None),
            ("bytes=0-1,5-6", None),
            ("bytes=", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("bytes=a-b", None),
            ("lines=0-1", None),
            ("0-1", None),
            ("", None),
        ] {
            assert_eq!(range_of(header, 100), range, "{header}");
        }
        assert_eq!(range_of("bytes=0-", 0), Some(Err(OutOfFile)));
    }

    #[test]
    fn any_range_of_any_format_is_that_part_of_the_file() {
        let parts = vec![Bytes::from_static(&[1, 2, 3]), Bytes::new(), Bytes::from_static(&[0xFF; 4_000])];
        for format in [AudioFormat::MulawWav, AudioFormat::PcmWav, AudioFormat::Mulaw] {
            let file = || File::new(parts.clone(), format);
            let size = file().size;
            let whole: Vec<u8> = file().bytes(0..size).flatten().collect();
            assert_eq!(whole.len(), size);
            for range in [0..1, 0..58, 43..47, 57..62, 58..59, 60..size, size - 1..size, 1..size - 1] {
                let part: Vec<u8> = file().bytes(range.clone()).flatten().collect();
                assert_eq!(part, whole[range.clone()], "{format:?} {range:?}");
            }
        }
    }

    #[test]
    fn the_size_in_the_header_is_the_size_of_the_file() {
        for count in [0, 1, 2, 3, 8_001] {
            let samples = vec![0x55; count];
            for format in [AudioFormat::MulawWav, AudioFormat::PcmWav] {
                let file = File::new(vec![Bytes::from(samples.clone())], format);
                let size = file.size;
                let bytes: Vec<u8> = file.bytes(0..size).flatten().collect();
                let told = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
                assert_eq!((bytes.len(), told as usize + 8), (size, size), "{format:?} {count}");
            }
            let file = File::new(vec![Bytes::from(samples.clone())], AudioFormat::MulawWav);
            let size = file.size;
            assert_eq!(file.bytes(0..size).flatten().collect::<Vec<u8>>(), wav::file(&samples));
        }
    }
}
