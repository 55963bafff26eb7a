//! Signatures: an HMAC over URL and form (Twilio, SignalWire, Somleng), Ed25519 over time and body (Telnyx).
//!
//! Sources: <https://www.twilio.com/docs/usage/security#validating-requests> and the validators of the vendors'
//! own libraries, <https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks>.

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::Service;
use crate::call::Timestamp;
use crate::dialect::form::Form;
use crate::dialect::{Authentication, BadSecret, BadSignature, CannotReport, Profile, RawRequest, Secret};

const TWILIO_SIGNATURE: &str = "x-twilio-signature";
const TWILIO_SETTINGS: &str = "x-twilio-webhooks-signature-settings";
const SIGNALWIRE_SIGNATURE: &str = "x-signalwire-signature";
const TELNYX_SIGNATURE: &str = "telnyx-signature-ed25519";
const TELNYX_TIME: &str = "telnyx-timestamp";

/// How far the time in a Telnyx signature may be from ours, seconds.
const WINDOW_S: u32 = 300;

/// Reads a secret as the service shows it: a token, for Twilio also `id:key` for a shared key, for Telnyx the
/// base64 text of the public key.
pub(super) fn read_secret(service: Service, text: &str) -> Result<Secret, BadSecret> {
    if text.is_empty() {
        return Err(BadSecret::None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(BadSecret::NotAWord);
    }
    match service {
        Service::SignalWire | Service::Somleng => Ok(Secret::Token(text.into())),
        Service::Twilio => Ok(match text.split_once(':') {
            Some((id, key)) => Secret::Named { id: id.to_owned(), key: key.into() },
            None => Secret::Token(text.into()),
        }),
        Service::Telnyx => {
            let bytes = BASE64_STANDARD.decode(text).map_err(|_| BadSecret::NotAPublicKey)?;
            let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| BadSecret::NotAPublicKey)?;
            let key = VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak());
            key.map(|_| Secret::PublicKey(bytes)).ok_or(BadSecret::NotAPublicKey)
        }
    }
}

/// How a service signs with an HMAC.
struct Scheme {
    algorithm: Algorithm,
    /// The headers that may carry the signature; the first that is there counts.
    headers: &'static [&'static str],
    other_body: OtherBody,
}

enum Algorithm {
    /// With an auth token.
    Sha1,
    /// With the shared key of this id.
    Sha256 { id: String },
}

/// How a body that is no form is signed.
enum OtherBody {
    /// By its SHA-256 in the query of the URL.
    HashInUrl,
    /// By the bytes behind the URL; the signature is then written in hexadecimal.
    BehindUrl,
}

pub(super) fn authenticate(
    service: Service,
    profile: &Profile,
    request: &RawRequest<'_>,
    now: Timestamp,
) -> Result<(), BadSignature> {
    let secrets = match &profile.authentication {
        Authentication::None => return Ok(()),
        Authentication::Secrets(secrets) => secrets.as_slice(),
    };
    let scheme = match service {
        Service::Telnyx => return check_ed25519(secrets, request, now),
        Service::Twilio => Scheme {
            algorithm: asked_algorithm(request)?,
            headers: &[TWILIO_SIGNATURE],
            other_body: OtherBody::HashInUrl,
        },
        Service::Somleng => {
            Scheme { algorithm: Algorithm::Sha1, headers: &[TWILIO_SIGNATURE], other_body: OtherBody::HashInUrl }
        }
        Service::SignalWire => Scheme {
            algorithm: Algorithm::Sha1,
            headers: &[SIGNALWIRE_SIGNATURE, TWILIO_SIGNATURE],
            other_body: OtherBody::BehindUrl,
        },
    };
    check_hmac(secrets, &scheme, request)
}

fn check_hmac(secrets: &[Secret], scheme: &Scheme, request: &RawRequest<'_>) -> Result<(), BadSignature> {
    let keys: Vec<&SecretString> = secrets.iter().filter_map(|secret| hmac_key(&scheme.algorithm, secret)).collect();
    if keys.is_empty() {
        return Err(BadSignature::NoSecret);
    }
    let signature = first_header(request, scheme.headers)?;
    let tail = signed_tail(scheme, request)?;
    // Every secret and every form of the URL is tried, right or not: how long it takes tells nothing.
    let mut right = Choice::from(0);
    for key in keys {
        for url in request.public.signed_forms(request.target) {
            let expected = mac(&scheme.algorithm, key, &url, &tail.bytes);
            let expected = if tail.in_hex { hex(&expected) } else { base64(&expected) };
            right |= expected.as_bytes().ct_eq(signature);
        }
    }
    if right.into() { Ok(()) } else { Err(BadSignature::Wrong) }
}

/// What is signed behind the URL.
struct Tail {
    bytes: Vec<u8>,
    /// The signature is in hexadecimal, not in base64.
    in_hex: bool,
}

fn signed_tail(scheme: &Scheme, request: &RawRequest<'_>) -> Result<Tail, BadSignature> {
    // The parameters of a GET are in the URL; its body is read by nobody.
    if request.method == "GET" || request.body.is_empty() {
        return Ok(Tail { bytes: Vec::new(), in_hex: false });
    }
    if request.is_form() {
        return Ok(Tail { bytes: form_tail(request.body)?, in_hex: false });
    }
    match scheme.other_body {
        OtherBody::BehindUrl => Ok(Tail { bytes: request.body.to_vec(), in_hex: true }),
        OtherBody::HashInUrl => {
            check_body_hash(request)?;
            Ok(Tail { bytes: Vec::new(), in_hex: false })
        }
    }
}

fn hmac_key<'a>(algorithm: &Algorithm, secret: &'a Secret) -> Option<&'a SecretString> {
    match (algorithm, secret) {
        (Algorithm::Sha1, Secret::Token(key)) => Some(key),
        (Algorithm::Sha256 { id: asked }, Secret::Named { id, key }) => (id == asked).then_some(key),
        (Algorithm::Sha1, Secret::Named { .. })
        | (Algorithm::Sha256 { .. }, Secret::Token(_))
        | (_, Secret::PublicKey(_) | Secret::Seed(_)) => None,
    }
}

fn mac(algorithm: &Algorithm, key: &SecretString, url: &str, tail: &[u8]) -> Vec<u8> {
    let key = key.expose_secret().as_bytes();
    match algorithm {
        Algorithm::Sha1 => mac_of::<Hmac<Sha1>>(key, url, tail),
        Algorithm::Sha256 { .. } => mac_of::<Hmac<Sha256>>(key, url, tail),
    }
}

fn mac_of<M: Mac + KeyInit>(key: &[u8], url: &str, tail: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("an HMAC takes a key of any length");
    mac.update(url.as_bytes());
    mac.update(tail);
    mac.finalize().into_bytes().to_vec()
}

/// What the header `x-twilio-webhooks-signature-settings` (`key=<id>,algorithm=HMAC_SHA256`) asks for; nothing is
/// HMAC-SHA1.
fn asked_algorithm(request: &RawRequest<'_>) -> Result<Algorithm, BadSignature> {
    let settings = match one_header(request, TWILIO_SETTINGS) {
        Ok(settings) => settings,
        Err(BadSignature::Missing(_)) => return Ok(Algorithm::Sha1),
        Err(other) => return Err(other),
    };
    let settings = std::str::from_utf8(settings).map_err(|_| BadSignature::Malformed(TWILIO_SETTINGS))?;
    let setting = |name: &str| {
        settings.split(',').filter_map(|part| part.split_once('=')).find(|(key, _)| key.trim() == name).map(|it| it.1)
    };
    match setting("algorithm").map(str::trim) {
        Some("HMAC_SHA1") => Ok(Algorithm::Sha1),
        Some("HMAC_SHA256") => {
            let id = setting("key").ok_or(BadSignature::Malformed(TWILIO_SETTINGS))?;
            Ok(Algorithm::Sha256 { id: id.trim().to_owned() })
        }
        Some(_) | None => Err(BadSignature::UnknownAlgorithm),
    }
}

/// Names and values of a form, decoded, each different pair once, sorted by name and then value.
fn form_tail(body: &[u8]) -> Result<Vec<u8>, BadSignature> {
    let mut pairs = Form::parse(body).map_err(|_| BadSignature::MalformedBody)?.into_pairs();
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs.into_iter().flat_map(|(name, value)| [name, value]).collect::<String>().into_bytes())
}

fn check_body_hash(request: &RawRequest<'_>) -> Result<(), BadSignature> {
    let query = Form::parse(request.query().as_bytes()).map_err(|_| BadSignature::BodyNotCovered)?;
    let told = query.filled("bodySHA256").ok().flatten().ok_or(BadSignature::BodyNotCovered)?;
    let right: bool = hex(&Sha256::digest(request.body)).as_bytes().ct_eq(told.as_bytes()).into();
    if right { Ok(()) } else { Err(BadSignature::BodyNotCovered) }
}

fn check_ed25519(secrets: &[Secret], request: &RawRequest<'_>, now: Timestamp) -> Result<(), BadSignature> {
    let keys: Vec<VerifyingKey> = secrets.iter().filter_map(verifying_key).collect();
    if keys.is_empty() {
        return Err(BadSignature::NoSecret);
    }
    // The signature covers the body alone.
    if request.method == "GET" {
        return Err(BadSignature::ParametersNotCovered);
    }
    let time = one_header(request, TELNYX_TIME)?;
    let signature = one_header(request, TELNYX_SIGNATURE)?;
    let malformed = BadSignature::Malformed(TELNYX_SIGNATURE);
    let signature = BASE64_STANDARD.decode(signature).map_err(|_| malformed)?;
    let signature = Signature::from_slice(&signature).map_err(|_| malformed)?;
    let signed_at = read_time(time).ok_or(BadSignature::Malformed(TELNYX_TIME))?;
    let apart = now.since(signed_at).max(signed_at.since(now));
    if apart > std::time::Duration::from_secs(WINDOW_S.into()) {
        return Err(BadSignature::TooOld { window_s: WINDOW_S });
    }
    let message = timed_body(time, request.body);
    let right = keys.iter().filter(|key| key.verify_strict(&message, &signature).is_ok()).count();
    if right > 0 { Ok(()) } else { Err(BadSignature::Wrong) }
}

fn verifying_key(secret: &Secret) -> Option<VerifyingKey> {
    match secret {
        Secret::PublicKey(key) => VerifyingKey::from_bytes(key).ok(),
        Secret::Seed(seed) => Some(SigningKey::from_bytes(seed).verifying_key()),
        Secret::Token(_) | Secret::Named { .. } => None,
    }
}

/// Unix seconds in decimal digits.
fn read_time(text: &[u8]) -> Option<Timestamp> {
    let digits = std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse::<i64>().ok()?.checked_mul(1_000).map(Timestamp::from_millis)
}

fn timed_body(time: &[u8], body: &[u8]) -> Vec<u8> {
    [time, b"|", body].concat()
}

/// The headers that sign a form for `url`, as the service's first secret does.
pub(super) fn sign(
    service: Service,
    profile: &Profile,
    url: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Vec<(&'static str, String)>, CannotReport> {
    let first = match &profile.authentication {
        Authentication::None => return Ok(Vec::new()),
        Authentication::Secrets(secrets) => secrets.first().ok_or(CannotReport::NoSigningSecret)?,
    };
    let header = match service {
        Service::Twilio | Service::Somleng => TWILIO_SIGNATURE,
        Service::SignalWire => SIGNALWIRE_SIGNATURE,
        Service::Telnyx => TELNYX_SIGNATURE,
    };
    match first {
        Secret::Token(key) => {
            let tail = form_tail(body).expect("a form of our own can be read");
            Ok(vec![(header, base64(&mac(&Algorithm::Sha1, key, url, &tail)))])
        }
        Secret::Named { id, key } => {
            let tail = form_tail(body).expect("a form of our own can be read");
            let settings = format!("key={id},algorithm=HMAC_SHA256");
            let signature = base64(&mac(&Algorithm::Sha256 { id: id.clone() }, key, url, &tail));
            Ok(vec![(TWILIO_SETTINGS, settings), (header, signature)])
        }
        Secret::Seed(seed) => {
            let time = now.as_millis().div_euclid(1_000).to_string();
            let signature = SigningKey::from_bytes(seed).sign(&timed_body(time.as_bytes(), body));
            Ok(vec![(TELNYX_TIME, time), (header, base64(&signature.to_bytes()))])
        }
        Secret::PublicKey(_) => Err(CannotReport::NoSigningSecret),
    }
}

/// The only value of a header; one that is there twice could be read either way.
fn one_header<'a>(request: &RawRequest<'a>, name: &'static str) -> Result<&'a [u8], BadSignature> {
    let mut values = request.header(name);
    let first = values.next().ok_or(BadSignature::Missing(name))?;
    if values.next().is_some() { Err(BadSignature::Malformed(name)) } else { Ok(first) }
}

fn first_header<'a>(request: &RawRequest<'a>, names: &[&'static str]) -> Result<&'a [u8], BadSignature> {
    let there = names.iter().find(|name| request.header(name).next().is_some()).or(names.first());
    one_header(request, there.expect("every scheme names a header"))
}

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("memory takes every write");
        text
    })
}
