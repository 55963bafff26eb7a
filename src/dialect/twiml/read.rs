//! Requests: form parameters of a voice or status request, as an event.

use super::{SIMULATED_ACCOUNT, WITHHELD};
use crate::call::{Arrival, CallEvent, DialOutcome, Keys, Kind, PhoneNumber, Recording, What};
use crate::dialect::form::Form;
use crate::dialect::{RawRequest, Unreadable};

/// The longest call id that is taken; Telnyx has the longest, some 80 characters.
const LONGEST_ID: usize = 200;

/// The longest word of a provider that is kept for the log.
const LONGEST_WORD: usize = 40;

pub(super) fn read(request: &RawRequest<'_>) -> Result<CallEvent, Unreadable> {
    let form = parameters(request)?;
    let leg = id(&form, "CallSid")?.ok_or(Unreadable::Missing("CallSid"))?;
    let parent = id(&form, "ParentCallSid")?;
    let what = match request.kind {
        Kind::Arrive => What::Arrived(arrival(&form)?),
        Kind::Keys => keys(&form)?,
        Kind::Silent => What::Silent,
        Kind::Next => What::Continued,
        Kind::Dialled => dial_ended(&form)?,
        Kind::Whisper => What::PeerAnswered,
        Kind::Recorded => What::Recorded(recording(&form)?),
        Kind::File => file(&form, What::FileReady)?,
        Kind::Talk => file(&form, What::TalkReady)?,
        Kind::Status => status(&form)?,
        Kind::Fallback => What::Faulted {
            code: form.filled("ErrorCode")?.map(word).unwrap_or_default(),
            failed: form.filled("ErrorUrl")?.map(str::to_owned),
        },
    };
    Ok(CallEvent { leg, parent, what })
}

fn parameters(request: &RawRequest<'_>) -> Result<Form, Unreadable> {
    let bytes = match request.method {
        "GET" => request.query().as_bytes(),
        "POST" if request.is_form() => request.body,
        "POST" => return Err(Unreadable::NotAForm),
        _ => return Err(Unreadable::Method),
    };
    Form::parse(bytes).map_err(|_| Unreadable::Encoding)
}

fn id(form: &Form, name: &'static str) -> Result<Option<String>, Unreadable> {
    let Some(text) = form.filled(name)? else { return Ok(None) };
    let fine = text.len() <= LONGEST_ID && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fine { Ok(Some(text.to_owned())) } else { Err(Unreadable::Bad(name)) }
}

fn arrival(form: &Form) -> Result<Arrival, Unreadable> {
    let called = form.filled("To")?.ok_or(Unreadable::Missing("To"))?;
    Ok(Arrival {
        caller: form.filled("From")?.and_then(number),
        called: PhoneNumber::parse(called).map_err(|_| Unreadable::Bad("To"))?,
        forwarded_from: form.filled("ForwardedFrom")?.and_then(number),
        simulated: form.filled("AccountSid")? == Some(SIMULATED_ACCOUNT),
    })
}

/// An address, unless it stands for a withheld number or is none at all.
fn number(text: &str) -> Option<PhoneNumber> {
    let number = PhoneNumber::parse(text).ok()?;
    let bare = text.trim().to_ascii_lowercase();
    let bare = bare.strip_prefix("sips:").or_else(|| bare.strip_prefix("sip:")).unwrap_or(&bare);
    let user = bare.split('@').next().unwrap_or(bare);
    let withheld = WITHHELD.iter().any(|word| user == *word || user.trim_start_matches('+') == on_keys(word));
    (!withheld).then_some(number)
}

/// A word as it is spelled on a telephone's keys.
fn on_keys(word: &str) -> String {
    let key = |letter: char| match letter {
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        _ => '9',
    };
    word.chars().map(key).collect()
}

fn keys(form: &Form) -> Result<What, Unreadable> {
    // Some leave the parameter out, some send it empty.
    let keys = Keys::parse(form.get("Digits")?.unwrap_or_default()).map_err(|_| Unreadable::Bad("Digits"))?;
    Ok(if keys.is_empty() { What::Silent } else { What::Pressed(keys) })
}

fn dial_ended(form: &Form) -> Result<What, Unreadable> {
    let status = form.filled("DialCallStatus")?.ok_or(Unreadable::Missing("DialCallStatus"))?;
    let outcome = match status {
        // Whoever picked up hung up in the whisper: answered, yet never joined.
        "completed" | "answered" if form.get("DialBridged")? == Some("false") => DialOutcome::Declined,
        "completed" | "answered" => DialOutcome::Talked,
        "busy" => DialOutcome::Busy,
        "no-answer" => DialOutcome::NoAnswer,
        "canceled" => DialOutcome::Abandoned,
        _ => DialOutcome::Failed,
    };
    Ok(What::DialEnded { outcome, talk_s: seconds(form, "DialCallDuration")?, verbatim: word(status) })
}

fn recording(form: &Form) -> Result<Recording, Unreadable> {
    let Some(url) = form.filled("RecordingUrl")?.map(str::to_owned) else { return Ok(Recording::Nothing) };
    let hung_up = form.filled("Digits")? == Some("hangup");
    Ok(Recording::Made { url, seconds: seconds(form, "RecordingDuration")?.unwrap_or(0), hung_up })
}

fn file(form: &Form, ready: fn(Recording) -> What) -> Result<What, Unreadable> {
    Ok(match form.filled("RecordingStatus")? {
        Some("in-progress") => What::Progress { verbatim: "in-progress".to_owned() },
        Some("absent") => ready(Recording::Nothing),
        Some("failed") => ready(Recording::Failed),
        Some(_) | None => ready(recording(form)?),
    })
}

fn status(form: &Form) -> Result<What, Unreadable> {
    let status = form.filled("CallStatus")?.ok_or(Unreadable::Missing("CallStatus"))?;
    let verbatim = word(status);
    Ok(match status {
        "completed" | "busy" | "no-answer" | "failed" | "canceled" => {
            What::CallEnded { verbatim, seconds: seconds(form, "CallDuration")? }
        }
        _ => What::Progress { verbatim },
    })
}

/// Whole seconds; what is no number is not told.
fn seconds(form: &Form, name: &'static str) -> Result<Option<u32>, Unreadable> {
    Ok(form.filled(name)?.and_then(|text| text.parse().ok()))
}

/// A provider's word as it may stand in a log: no more than a word, whatever was sent.
fn word(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(LONGEST_WORD).collect()
}
