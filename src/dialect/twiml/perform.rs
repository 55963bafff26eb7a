//! Documents read back, as the provider acts on them. Strict on purpose: what [`super::write`] never writes, and
//! what this provider would not take, is refused.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::encoded_length;
use super::write::{RECORD_TALK, RECORDING_EVENTS};
use crate::call::{
    Dial, EndCause, Ending, KeyPlan, Kind, Listen, Name, PhoneNumber, Record, Refusal, Reply, Segment, Sentence,
};
use crate::dialect::url::is_fetchable;
use crate::dialect::xml::{Attributes, Element};
use crate::dialect::{Feature, Performance, Profile, Unreadable};

/// The longest text of one `<Say>`, percent-encoded (source: <https://www.twilio.com/docs/api/errors/13521>).
const LONGEST_ENCODED: usize = 4_500;

/// The longest text of one `<Say>` in characters, by how the names of voices begin; basic voices have other names.
const LONGEST_TEXT: &[(&str, usize)] = &[("Polly.", 3_000), ("Google.", 5_000), ("", 4_096)];

pub(super) fn perform(profile: &Profile, document: &[u8]) -> Result<Performance, Unreadable> {
    let most_bytes = profile.capabilities.document_bytes;
    if document.len() > most_bytes {
        return Err(Unreadable::TooLarge { size_bytes: document.len(), most_bytes });
    }
    let response = Element::parse(document)?;
    if response.name != "Response" {
        return Err(response.refuse("a document is one <Response>"));
    }
    response.attributes().end()?;
    let verbs = response.children()?;
    let speech = verbs.iter().take_while(|verb| is_speech(verb)).count();
    let (prompts, ending) = verbs.split_at(speech);
    let mut stage = Stage { profile, urls: BTreeMap::new(), answers_on_bridge: false };
    let prompts = prompts.iter().map(|verb| stage.sentence(verb, Feature::Pause)).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<&str> = ending.iter().map(|verb| verb.name.as_str()).collect();
    let ending = match (names.as_slice(), ending) {
        ([], _) => Ending::Join,
        (["Gather", "Redirect"], [gather, redirect]) => Ending::Listen(stage.listen(gather, redirect)?),
        (["Dial"], [dial]) => Ending::Dial(stage.dial(dial, prompts.is_empty())?),
        (["Record", "Redirect"], [record, redirect]) => Ending::Record(stage.record(record, redirect)?),
        (["Redirect"], [redirect]) => {
            stage.redirect(redirect, Kind::Next)?;
            Ending::GoTo
        }
        (["Hangup"], [hangup]) => {
            hangup.nothing()?;
            hangup.attributes().end()?;
            Ending::HangUp(EndCause::Finished)
        }
        (["Reject"], [reject]) if prompts.is_empty() => Ending::Refuse(refusal(reject)?),
        (_, [first, ..]) => return Err(first.refuse("it is unknown, or not where it can be acted on")),
        (_, []) => return Err(response.refuse("it is empty")),
    };
    let Stage { urls, answers_on_bridge, .. } = stage;
    Ok(Performance { reply: Reply { prompts, ending }, urls, answers_on_bridge })
}

fn is_speech(verb: &Element) -> bool {
    matches!(verb.name.as_str(), "Say" | "Play" | "Pause")
}

struct Stage<'a> {
    profile: &'a Profile,
    urls: BTreeMap<Kind, String>,
    answers_on_bridge: bool,
}

impl Stage<'_> {
    fn sentence(&self, verb: &Element, pause: Feature) -> Result<Sentence, Unreadable> {
        let mut attributes = verb.attributes();
        let mut language = "".into();
        let segment = match verb.name.as_str() {
            "Say" => {
                let (voice, tag) = (attributes.need("voice")?, attributes.need("language")?);
                let known = self.profile.voices.iter().find(|(_, it)| it.name == voice && it.language == tag);
                language = known.ok_or_else(|| verb.refuse("the profile has no such voice"))?.0.clone();
                Segment::Text(spoken(voice, verb.text()?)?.to_owned())
            }
            "Play" => Segment::Audio { url: absolute(verb, verb.text()?)?.to_owned() },
            "Pause" => {
                if !self.profile.capabilities.has(pause) {
                    return Err(verb.refuse("the provider does not know it here"));
                }
                verb.nothing()?;
                Segment::Silence(seconds(verb, attributes.need("length")?, &self.profile.capabilities.pause_s)?)
            }
            _ => return Err(verb.refuse("it cannot stand here")),
        };
        attributes.end()?;
        Ok(Sentence { prompt: None, language, segments: vec![segment] })
    }

    fn listen(&mut self, gather: &Element, silent: &Element) -> Result<Listen<Sentence>, Unreadable> {
        let mut attributes = gather.attributes();
        attributes.expect("input", "dtmf")?;
        self.action(gather, &mut attributes, Kind::Keys)?;
        let timer = seconds(gather, attributes.need("timeout")?, &self.profile.capabilities.listen_s)?;
        let keys = match (attributes.need("finishOnKey")?, attributes.take("numDigits")) {
            ("", Some("1")) => KeyPlan::One,
            ("#", None) => KeyPlan::UntilPound,
            _ => return Err(gather.refuse("it takes one key, or keys up to #")),
        };
        attributes.end()?;
        let prompts = gather.children()?.iter().map(|verb| self.sentence(verb, Feature::PauseInListen));
        let prompts = prompts.collect::<Result<Vec<_>, _>>()?;
        self.redirect(silent, Kind::Silent)?;
        Ok(Listen { prompts, keys, first_key: timer, between_keys: timer, secret: false })
    }

    fn dial(&mut self, dial: &Element, first: bool) -> Result<Dial<Sentence>, Unreadable> {
        let capabilities = &self.profile.capabilities;
        let mut attributes = dial.attributes();
        self.action(dial, &mut attributes, Kind::Dialled)?;
        let ring = seconds(dial, attributes.need("timeout")?, &capabilities.ring_s)?;
        let limit = seconds(dial, attributes.need("timeLimit")?, &capabilities.talk_s)?;
        self.answers_on_bridge = match (attributes.take("answerOnBridge"), capabilities.has(Feature::AnswerOnBridge)) {
            (None, _) => false,
            (Some("true"), true) if first => true,
            (Some("true"), true) => return Err(dial.refuse("only the first verb can wait with the answer")),
            (Some(_), _) => return Err(dial.refuse("the provider cannot answer on the bridge")),
        };
        let recorded = match attributes.take("record") {
            None => false,
            Some(RECORD_TALK) if capabilities.has(Feature::RecordsTalks) => true,
            Some(_) => return Err(dial.refuse("the provider does not record a talk so")),
        };
        if recorded {
            self.file(dial, &mut attributes, Kind::Talk)?;
            attributes.expect("recordingStatusCallbackEvent", RECORDING_EVENTS)?;
        }
        attributes.end()?;
        let nouns = dial.children()?;
        if nouns.is_empty() || nouns.len() > capabilities.numbers_at_once {
            return Err(dial.refuse("it rings nobody, or too many"));
        }
        let numbers = nouns.iter().map(|noun| self.noun(noun)).collect::<Result<Vec<_>, _>>()?;
        Ok(Dial { target: Name::from(""), numbers, ring, limit, whisper: None, recorded })
    }

    fn noun(&mut self, noun: &Element) -> Result<PhoneNumber, Unreadable> {
        let capabilities = &self.profile.capabilities;
        let address = match noun.name.as_str() {
            "Number" | "Sip" => noun.text()?.to_owned(),
            "Client" if capabilities.has(Feature::Clients) => format!("client:{}", noun.text()?),
            _ => return Err(noun.refuse("the provider cannot ring it")),
        };
        if noun.text()?.trim().is_empty() {
            return Err(noun.refuse("it has no address in it"));
        }
        let mut attributes = noun.attributes();
        if let Some(url) = attributes.take("url") {
            if !capabilities.has(Feature::Whisper) {
                return Err(noun.refuse("the provider does not whisper"));
            }
            attributes.expect("method", "POST")?;
            self.keep(Kind::Whisper, absolute(noun, url)?, noun)?;
        }
        attributes.end()?;
        PhoneNumber::parse(&address).map_err(|_| noun.refuse("it has no address in it"))
    }

    fn record(&mut self, record: &Element, nothing: &Element) -> Result<Record, Unreadable> {
        let mut attributes = record.attributes();
        self.action(record, &mut attributes, Kind::Recorded)?;
        let longest = seconds(record, attributes.need("maxLength")?, &self.profile.capabilities.record_s)?;
        let silence = seconds(record, attributes.need("timeout")?, &self.profile.capabilities.listen_s)?;
        let beep = match attributes.need("playBeep")? {
            "true" => true,
            "false" => false,
            _ => return Err(record.refuse("it beeps or it does not")),
        };
        attributes.expect("finishOnKey", "#")?;
        self.file(record, &mut attributes, Kind::File)?;
        attributes.end()?;
        record.nothing()?;
        self.redirect(nothing, Kind::Recorded)?;
        Ok(Record { beep, longest, silence })
    }

    fn redirect(&mut self, redirect: &Element, kind: Kind) -> Result<(), Unreadable> {
        let mut attributes = redirect.attributes();
        attributes.expect("method", "POST")?;
        attributes.end()?;
        self.keep(kind, absolute(redirect, redirect.text()?)?, redirect)
    }

    fn action(&mut self, verb: &Element, attributes: &mut Attributes<'_>, kind: Kind) -> Result<(), Unreadable> {
        attributes.expect("method", "POST")?;
        self.keep(kind, absolute(verb, attributes.need("action")?)?, verb)
    }

    /// Where it is told that a recording can be fetched.
    fn file(&mut self, verb: &Element, attributes: &mut Attributes<'_>, kind: Kind) -> Result<(), Unreadable> {
        attributes.expect("recordingStatusCallbackMethod", "POST")?;
        self.keep(kind, absolute(verb, attributes.need("recordingStatusCallback")?)?, verb)
    }

    /// Keeps the URL for a kind of event: a document that named two would leave it open which.
    fn keep(&mut self, kind: Kind, url: &str, verb: &Element) -> Result<(), Unreadable> {
        let before = self.urls.entry(kind).or_insert_with(|| url.to_owned());
        if before == url { Ok(()) } else { Err(verb.refuse("two URLs are for the same event")) }
    }
}

fn refusal(reject: &Element) -> Result<Refusal, Unreadable> {
    let mut attributes = reject.attributes();
    let refusal = match attributes.need("reason")? {
        "busy" => Refusal::Busy,
        "rejected" => Refusal::Rejected,
        _ => return Err(reject.refuse("its reason is unknown")),
    };
    attributes.end()?;
    reject.nothing()?;
    Ok(refusal)
}

/// A text, if the voice can say it.
fn spoken<'a>(voice: &str, text: &'a str) -> Result<&'a str, Unreadable> {
    let most = LONGEST_TEXT.iter().find(|(family, _)| voice.starts_with(family)).map_or(0, |(_, most)| *most);
    if text.trim().is_empty() {
        return Err(Unreadable::EmptyText);
    }
    if text.chars().count() > most {
        return Err(Unreadable::LongText("it has too many characters for its voice"));
    }
    if text.chars().map(encoded_length).sum::<usize>() > LONGEST_ENCODED {
        return Err(Unreadable::LongText("percent-encoded it has over 4,500 characters"));
    }
    Ok(text)
}

fn absolute<'a>(element: &Element, url: &'a str) -> Result<&'a str, Unreadable> {
    if is_fetchable(url) {
        Ok(url)
    } else {
        Err(element.refuse("a URL of it is not absolute, or has a host that is none"))
    }
}

fn seconds(element: &Element, text: &str, range: &RangeInclusive<u32>) -> Result<Duration, Unreadable> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse::<u32>().ok().filter(|seconds| digits && range.contains(seconds));
    seconds
        .map(|s| Duration::from_secs(s.into()))
        .ok_or_else(|| element.refuse("a time is out of the provider's range"))
}
