//! Requests as the provider makes them: [`super::read`] backwards, signed.

use super::{SIMULATED_ACCOUNT, Service, authenticate};
use crate::call::{DialOutcome, Recording, Timestamp, What};
use crate::dialect::{CannotReport, OutRequest, Profile, Report, form};

/// The account of calls that are to count as real ones: in tests of what is done with those.
const ACCOUNT: &str = "AC00000000000000000000000000000001";

pub(super) fn report(
    service: Service,
    profile: &Profile,
    url: &str,
    report: &Report,
    now: Timestamp,
) -> Result<OutRequest, CannotReport> {
    // A fragment is for the provider; it is neither sent nor signed.
    let url = url.split('#').next().unwrap_or(url);
    let mut parameters = parameters(service, report);
    if let What::CallEnded { .. } = report.event.what {
        parameters.extend(progress(service, now));
    }
    let body = form::encode(parameters.iter().map(|(name, value)| (*name, value.as_str())));
    let mut headers = vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
    headers.extend(authenticate::sign(service, profile, url, &body, now)?);
    Ok(OutRequest { method: "POST", url: url.to_owned(), headers, body })
}

fn parameters(service: Service, report: &Report) -> Vec<(&'static str, String)> {
    let event = &report.event;
    let caller = report.caller.as_ref().map_or("anonymous", |number| number.as_str());
    let mut parameters: Vec<(&'static str, String)> = vec![
        ("CallSid", event.leg.clone()),
        ("AccountSid", account(&event.what).to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("From", caller.to_owned()),
        ("To", report.called.as_str().to_owned()),
        ("Direction", if event.parent.is_some() { "outbound-dial" } else { "inbound" }.to_owned()),
        ("CallStatus", call_status(report).to_owned()),
    ];
    match service {
        Service::Twilio | Service::Somleng => {
            parameters.push(("Caller", caller.to_owned()));
            parameters.push(("Called", report.called.as_str().to_owned()));
        }
        Service::Telnyx => parameters.push(("CallSidLegacy", event.leg.clone())),
        Service::SignalWire => {}
    }
    parameters.extend(event.parent.iter().map(|parent| ("ParentCallSid", parent.clone())));
    match &event.what {
        What::Arrived(arrival) => {
            parameters.extend(arrival.forwarded_from.iter().map(|from| ("ForwardedFrom", from.as_str().to_owned())));
        }
        What::Pressed(keys) => parameters.push(("Digits", keys.as_str().to_owned())),
        What::DialEnded { outcome, talk_s, .. } => dial_ended(service, *outcome, *talk_s, &mut parameters),
        What::Recorded(Recording::Made { url, seconds, .. }) => {
            parameters.push(("RecordingUrl", url.clone()));
            parameters.push(("RecordingDuration", seconds.to_string()));
            parameters.extend(report.ended_by.map(|key| ("Digits", key.to_owned())));
        }
        // Where nothing was recorded the redirect behind it is followed; a redirect reports nothing.
        What::Recorded(Recording::Nothing | Recording::Failed)
        | What::Silent
        | What::Continued
        | What::PeerAnswered
        | What::Progress { .. } => {}
        What::FileReady(recording) | What::TalkReady(recording) => {
            let (status, url, seconds) = match recording {
                Recording::Made { url, seconds, .. } => ("completed", Some(url), *seconds),
                Recording::Nothing => ("absent", None, 0),
                Recording::Failed => ("failed", None, 0),
            };
            parameters.push(("RecordingStatus", status.to_owned()));
            parameters.extend(url.map(|url| ("RecordingUrl", url.clone())));
            parameters.push(("RecordingDuration", seconds.to_string()));
            if let What::TalkReady(_) = &event.what {
                parameters.push(("RecordingSource", "DialVerb".to_owned()));
            }
        }
        What::CallEnded { seconds, .. } => {
            parameters.extend(seconds.iter().map(|seconds| ("CallDuration", seconds.to_string())));
        }
        What::Faulted { code, failed } => {
            parameters.push(("ErrorCode", code.clone()));
            parameters.extend(failed.iter().map(|url| ("ErrorUrl", url.clone())));
        }
    }
    if let Some(failed) = &report.failed {
        parameters.push(("ErrorCode", failed.code.clone()));
        parameters.push(("ErrorUrl", failed.url.clone()));
    }
    parameters
}

fn account(what: &What) -> &'static str {
    match what {
        What::Arrived(arrival) if !arrival.simulated => ACCOUNT,
        What::Arrived(_)
        | What::Pressed(_)
        | What::Silent
        | What::Continued
        | What::DialEnded { .. }
        | What::PeerAnswered
        | What::Recorded(_)
        | What::FileReady(_)
        | What::TalkReady(_)
        | What::CallEnded { .. }
        | What::Faulted { .. }
        | What::Progress { .. } => SIMULATED_ACCOUNT,
    }
}

fn call_status(report: &Report) -> &str {
    match &report.event.what {
        What::Arrived(_) => "ringing",
        What::CallEnded { verbatim, .. } | What::Progress { verbatim } => verbatim,
        What::Pressed(_)
        | What::Silent
        | What::Continued
        | What::DialEnded { .. }
        | What::PeerAnswered
        | What::Recorded(_)
        | What::FileReady(_)
        | What::TalkReady(_)
        | What::Faulted { .. } => {
            if report.answered {
                "in-progress"
            } else {
                "ringing"
            }
        }
    }
}

/// What a status callback has besides. Only the last of a call is asked for at the number.
fn progress(service: Service, now: Timestamp) -> Vec<(&'static str, String)> {
    let at = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or_default();
    let sequence = ("SequenceNumber", "0".to_owned());
    let written = match service {
        Service::Somleng => return vec![sequence],
        Service::Telnyx => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Service::Twilio | Service::SignalWire => at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    };
    vec![("Timestamp", written), ("CallbackSource", "call-progress-events".to_owned()), sequence]
}

fn dial_ended(
    service: Service,
    outcome: DialOutcome,
    talk_s: Option<u32>,
    parameters: &mut Vec<(&'static str, String)>,
) {
    // Only Twilio tells whether the two were ever joined.
    let tells_bridged = service == Service::Twilio;
    let status = match outcome {
        DialOutcome::Talked => "completed",
        DialOutcome::Declined if tells_bridged => "completed",
        DialOutcome::Busy => "busy",
        DialOutcome::NoAnswer | DialOutcome::Declined => "no-answer",
        DialOutcome::Failed => "failed",
        DialOutcome::Abandoned => "canceled",
    };
    parameters.push(("DialCallStatus", status.to_owned()));
    parameters.extend(talk_s.iter().map(|seconds| ("DialCallDuration", seconds.to_string())));
    if tells_bridged {
        parameters.push(("DialBridged", (outcome == DialOutcome::Talked).to_string()));
    }
}
