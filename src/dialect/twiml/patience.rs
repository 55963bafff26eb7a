//! How the four services ask for documents: their limits of time, what a URL's fragment changes, their error codes.
//!
//! Sources: <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>,
//! <https://www.twilio.com/docs/api/errors>, and SignalWire's pages on cXML. What Telnyx and Somleng do is not published:
//! for them stands what costs a caller most, one try within the deadline of the whole family.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::Service;
use crate::call::Kind;
use crate::dialect::{BadOverride, Fault, Missed, Patience};

/// The whole exchange, for all of the family.
const DEADLINE: Duration = Duration::from_secs(15);
const REPEATS: &str = "i-twilio-idempotency-token";

/// What can be set, in milliseconds.
const CONNECT_MS: RangeInclusive<u32> = 100..=10_000;
const READ_MS: RangeInclusive<u32> = 100..=15_000;
const RETRIES: RangeInclusive<u32> = 0..=5;

pub(super) fn patience(service: Service, kind: Kind, url: &str) -> Result<Patience, BadOverride> {
    let mut patience = usual(service, kind);
    let Some((_, fragment)) = url.split_once('#') else { return Ok(patience) };
    for part in fragment.split('&') {
        let (key, value) = part.split_once('=').ok_or_else(|| BadOverride::Form(part.to_owned()))?;
        let bad = || BadOverride::Value { key: key.to_owned(), value: value.to_owned() };
        let number = |range: RangeInclusive<u32>| {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            value.parse::<u32>().ok().filter(|number| digits && range.contains(number)).ok_or_else(bad)
        };
        let ms = |range| number(range).map(|ms| Duration::from_millis(ms.into()));
        match (service, key) {
            (Service::Twilio, "ct") | (Service::SignalWire, "ot") => patience.connect = ms(CONNECT_MS)?,
            (Service::Twilio | Service::SignalWire, "rt") => patience.read = ms(READ_MS)?,
            (Service::Twilio | Service::SignalWire, "tt") => patience.total = ms(READ_MS)?,
            (Service::Twilio, "rc") => patience.retries = number(RETRIES)?,
            (Service::Twilio, "rp") => patience.retry_on = retry_on(value).ok_or_else(bad)?,
            // Names of certificates and places to send from make no difference here.
            (Service::Twilio, "sni") if matches!(value, "y" | "n") => {}
            (Service::Twilio, "e") if value.split(',').all(is_word) => {}
            (Service::Twilio, "sni" | "e") => return Err(bad()),
            (Service::Twilio | Service::SignalWire | Service::Telnyx | Service::Somleng, _) => {
                return Err(BadOverride::Unknown(key.to_owned()));
            }
        }
    }
    Ok(patience)
}

fn usual(service: Service, kind: Kind) -> Patience {
    let once = Patience {
        connect: DEADLINE,
        read: DEADLINE,
        total: DEADLINE,
        retries: 0,
        retry_on: Vec::new(),
        redirects: 10,
        repeats: None,
        falls_back: true,
    };
    match service {
        Service::Twilio => Patience {
            connect: Duration::from_secs(5),
            retries: 1,
            retry_on: vec![Missed::Connect],
            repeats: Some(REPEATS),
            ..once
        },
        Service::SignalWire => {
            let times =
                Patience { connect: Duration::from_secs(2), read: Duration::from_secs(5), redirects: 3, ..once };
            match kind {
                // Three tries in all, but only where nobody waits for a document.
                Kind::Status | Kind::File | Kind::Talk => {
                    Patience { retries: 2, retry_on: Missed::ALL.to_vec(), ..times }
                }
                Kind::Arrive
                | Kind::Keys
                | Kind::Silent
                | Kind::Next
                | Kind::Dialled
                | Kind::Whisper
                | Kind::Recorded
                | Kind::Fallback => times,
            }
        }
        Service::Telnyx => once,
        Service::Somleng => Patience { falls_back: false, ..once },
    }
}

fn retry_on(value: &str) -> Option<Vec<Missed>> {
    let mut all = Vec::new();
    for word in value.split(',') {
        all.extend_from_slice(match word {
            "ct" => &[Missed::Connect],
            "rt" => &[Missed::Read],
            "4xx" => &[Missed::OurRefusal],
            "5xx" => &[Missed::OurFault],
            "all" => Missed::ALL,
            _ => return None,
        });
    }
    Some(all)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Twilio's numbers; the others took them over, with one slip that SignalWire's pages have too.
pub(super) fn code(service: Service, fault: Fault) -> &'static str {
    match fault {
        Fault::Url => "11100",
        Fault::Retrieval => "11200",
        Fault::Connection => "11205",
        Fault::Redirects if service == Service::SignalWire => "111215",
        Fault::Redirects => "11215",
        Fault::TooLarge => "11750",
        Fault::Document => "12100",
        Fault::ContentType => "12300",
        Fault::EmptyText => "13520",
        Fault::LongText => "13521",
    }
}

/// Whether an answer of this type is read as a document. Text would be read out and sound played: ours is neither.
pub(super) fn takes(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or(content_type).trim();
    ["text/xml", "application/xml", "text/html"].iter().any(|taken| essence.eq_ignore_ascii_case(taken))
}
