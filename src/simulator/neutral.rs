//! The dialect of the phone in the box itself: our own words as JSON, both ways.
//!
//! No provider speaks it and no configuration can name it: it is *not* in [`crate::dialect::ALL`], authenticates
//! nobody, and only the players that run in our own process have a profile with it. A document of it tells which
//! prompt each sentence is, so a call can be followed without listening to texts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::call::{CallEvent, Ending, Kind, Reply, Sentence, Timestamp};
use crate::dialect::{
    Account, AudioFormat, Authentication, BadOverride, BadSecret, BadSignature, CannotReport, Capabilities, Control,
    Dialect, Document, Fault, Feature, OutRequest, Patience, Performance, Profile, RawRequest, Report, ResumeUrls,
    Secret, Unreadable, Unsupported,
};

/// Our own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neutral;

/// The one of it.
pub static NEUTRAL: Neutral = Neutral;

const CONTENT_TYPE: &str = "application/json";

/// What stands in a document.
#[derive(Serialize, Deserialize)]
struct Page {
    reply: Reply<Sentence>,
    /// Kind of event -> URL.
    urls: BTreeMap<String, String>,
}

impl Neutral {
    /// The word of its profile in our URLs.
    pub const PROFILE: &'static str = "neutral";

    /// A profile that can do everything.
    #[must_use]
    pub fn profile() -> Profile {
        let capabilities = Capabilities {
            features: &[
                Feature::Whisper,
                Feature::Pause,
                Feature::PauseInListen,
                Feature::AnswerOnBridge,
                Feature::Clients,
                Feature::RecordsTalks,
            ],
            listen_s: 1..=600,
            pause_s: 1..=600,
            ring_s: 5..=600,
            talk_s: 1..=14_400,
            record_s: 1..=3_600,
            numbers_at_once: 10,
            document_bytes: usize::MAX,
            recordings: &[],
            recordings_by_token: false,
            audio: AudioFormat::MulawWav,
        };
        Profile {
            name: Self::PROFILE.to_owned(),
            dialect: &NEUTRAL,
            authentication: Authentication::None,
            capabilities,
            recording_hosts: Vec::new(),
            voices: BTreeMap::new(),
            retry: None,
        }
    }
}

impl Dialect for Neutral {
    fn name(&self) -> &'static str {
        Self::PROFILE
    }

    /// It has none.
    fn read_secret(&self, _: &str) -> Result<Secret, BadSecret> {
        Err(BadSecret::None)
    }

    fn authenticate(&self, _: &Profile, _: &RawRequest<'_>, _: Timestamp) -> Result<(), BadSignature> {
        Ok(())
    }

    fn read(&self, _: &Profile, request: &RawRequest<'_>) -> Result<CallEvent, Unreadable> {
        serde_json::from_slice(request.body).map_err(|_| Unreadable::Bad("event"))
    }

    fn write(&self, _: &Profile, reply: &Reply<Sentence>, urls: &ResumeUrls<'_>) -> Result<Document, Unsupported> {
        let kinds: &[Kind] = match &reply.ending {
            Ending::Listen(_) => &[Kind::Keys, Kind::Silent],
            Ending::Dial(dial) if dial.numbers.is_empty() => return Err(Unsupported::NobodyToDial),
            Ending::Dial(dial) => match (dial.whisper.is_some(), dial.recorded) {
                (true, true) => &[Kind::Dialled, Kind::Whisper, Kind::Talk],
                (true, false) => &[Kind::Dialled, Kind::Whisper],
                (false, true) => &[Kind::Dialled, Kind::Talk],
                (false, false) => &[Kind::Dialled],
            },
            Ending::Record(_) => &[Kind::Recorded, Kind::File],
            Ending::GoTo => &[Kind::Next],
            Ending::Refuse(_) if !reply.prompts.is_empty() => return Err(Unsupported::RefusedTooLate),
            Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => &[],
        };
        let urls = kinds.iter().map(|kind| (kind.name().to_owned(), urls.url(*kind))).collect();
        let page = Page { reply: reply.clone(), urls };
        let body = serde_json::to_vec(&page).expect("a reply is texts, numbers and names");
        Ok(Document { status: 200, content_type: CONTENT_TYPE, body })
    }

    fn control(&self, _: &Account, _: &Control) -> Option<OutRequest> {
        None
    }

    fn content_type(&self) -> &'static str {
        CONTENT_TYPE
    }

    fn acknowledge(&self) -> Document {
        Document { status: 204, content_type: CONTENT_TYPE, body: Vec::new() }
    }

    fn perform(&self, _: &Profile, document: &[u8]) -> Result<Performance, Unreadable> {
        let refused = |why| Unreadable::Document { element: "document".to_owned(), why };
        let page: Page = serde_json::from_slice(document).map_err(|_| refused("it is no reply in JSON"))?;
        let urls = page.urls.into_iter().map(|(kind, url)| Some((Kind::parse(&kind)?, url)));
        let urls = urls.collect::<Option<_>>().ok_or_else(|| refused("it has a URL for no kind of event"))?;
        Ok(Performance { reply: page.reply, urls, answers_on_bridge: false })
    }

    fn report(&self, _: &Profile, url: &str, report: &Report, _: Timestamp) -> Result<OutRequest, CannotReport> {
        let body = serde_json::to_vec(&report.event).expect("an event is texts, numbers and names");
        let headers = vec![("content-type", CONTENT_TYPE.to_owned())];
        Ok(OutRequest { method: "POST", url: url.to_owned(), headers, body })
    }

    /// One try, and nothing in its place: what fails here is to be seen.
    fn patience(&self, _: Kind, _: &str) -> Result<Patience, BadOverride> {
        let deadline = Duration::from_secs(15);
        Ok(Patience {
            connect: deadline,
            read: deadline,
            total: deadline,
            retries: 0,
            retry_on: Vec::new(),
            redirects: 0,
            repeats: None,
            falls_back: false,
        })
    }

    fn takes(&self, content_type: &str) -> bool {
        content_type == CONTENT_TYPE
    }

    /// It has no numbers.
    fn code(&self, _: Fault) -> &'static str {
        "fault"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{
        Arrival, Dial, DialOutcome, EndCause, KeyPlan, Keys, Listen, PhoneNumber, Record, Recording, Refusal, Segment,
        What, Whisper,
    };
    use crate::dialect::PublicUrl;

    fn said(prompt: &str) -> Vec<Sentence> {
        let segments = vec![Segment::Text("请按一 <&\"".to_owned()), Segment::Silence(Duration::from_millis(1_500))];
        vec![Sentence { prompt: Some(prompt.into()), language: "zh-CN".into(), segments }]
    }

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    #[test]
    fn every_ending_is_read_back_with_its_urls() {
        let profile = Neutral::profile();
        let public = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
        let urls = ResumeUrls { public: &public, profile: &profile, token: "HERE", dialled: "LEG" };
        let second = Duration::from_secs(1);
        let listen = Listen {
            prompts: said("main.menu"),
            keys: KeyPlan::UntilPound,
            first_key: second,
            between_keys: second * 2,
            secret: true,
        };
        let whisper = Some(Whisper { prompts: said("op.whisper"), accept: '1' });
        let numbers = vec![number("+12025550100")];
        let dial = Dial { target: "operators".into(), numbers, ring: second, limit: second, whisper, recorded: false };
        let record = Record { beep: true, longest: second, silence: second };
        for (ending, kinds) in [
            (Ending::Listen(listen), vec![Kind::Keys, Kind::Silent]),
            (Ending::Dial(Dial { whisper: None, ..dial.clone() }), vec![Kind::Dialled]),
            (Ending::Dial(Dial { recorded: true, ..dial.clone() }), vec![Kind::Dialled, Kind::Whisper, Kind::Talk]),
            (Ending::Dial(dial), vec![Kind::Dialled, Kind::Whisper]),
            (Ending::Record(record), vec![Kind::Recorded, Kind::File]),
            (Ending::GoTo, vec![Kind::Next]),
            (Ending::Join, vec![]),
            (Ending::HangUp(EndCause::TooLong), vec![]),
        ] {
            let reply = Reply { prompts: said("sys.wait"), ending };
            let document = NEUTRAL.write(&profile, &reply, &urls).unwrap();
            let performance = NEUTRAL.perform(&profile, &document.body).unwrap();
            assert_eq!(performance.reply, reply);
            assert_eq!(performance.urls, kinds.into_iter().map(|kind| (kind, urls.url(kind))).collect());
        }
        let refuse = Reply { prompts: Vec::new(), ending: Ending::Refuse(Refusal::Busy) };
        let document = NEUTRAL.write(&profile, &refuse, &urls).unwrap();
        assert_eq!(NEUTRAL.perform(&profile, &document.body).unwrap().reply, refuse);
        let late = Reply { prompts: said("sys.bye"), ending: Ending::Refuse(Refusal::Busy) };
        assert_eq!(NEUTRAL.write(&profile, &late, &urls), Err(Unsupported::RefusedTooLate));
        assert!(NEUTRAL.perform(&profile, b"<Response/>").is_err());
    }

    #[test]
    fn every_event_is_read_back() {
        let profile = Neutral::profile();
        let public = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
        let recording = || Recording::Made { url: "http://127.0.0.1/a".to_owned(), seconds: 3, hung_up: false };
        let arrival = Arrival {
            caller: None,
            called: number("12333"),
            forwarded_from: Some(number("+12025550101")),
            simulated: true,
        };
        let word = || "word".to_owned();
        for what in [
            What::Arrived(arrival),
            What::Pressed(Keys::parse("12*#").unwrap()),
            What::Silent,
            What::Continued,
            What::DialEnded { outcome: DialOutcome::NoAnswer, talk_s: Some(4), verbatim: word() },
            What::PeerAnswered,
            What::Recorded(recording()),
            What::FileReady(recording()),
            What::TalkReady(recording()),
            What::CallEnded { verbatim: word(), seconds: None },
            What::Faulted { code: word(), failed: None },
            What::Progress { verbatim: word() },
        ] {
            let event = CallEvent { leg: "leg".to_owned(), parent: Some("parent".to_owned()), what };
            let report = Report {
                caller: None,
                called: number("12333"),
                event: event.clone(),
                answered: true,
                ended_by: None,
                failed: None,
            };
            let now = Timestamp::from_millis(0);
            let request = NEUTRAL.report(&profile, "http://127.0.0.1:8080/voice/neutral", &report, now).unwrap();
            let raw = RawRequest {
                kind: Kind::Arrive,
                method: request.method,
                public: &public,
                target: "/voice/neutral",
                headers: &[],
                body: &request.body,
            };
            assert_eq!(NEUTRAL.authenticate(&profile, &raw, now), Ok(()));
            assert_eq!(NEUTRAL.read(&profile, &raw), Ok(event));
        }
    }

    #[test]
    fn no_configuration_can_name_it() {
        assert!(crate::dialect::ALL.iter().all(|dialect| dialect.name() != NEUTRAL.name()));
        assert!(crate::dialect::provider(Neutral::PROFILE).is_none());
    }
}
