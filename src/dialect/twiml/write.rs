//! Documents: a reply as `<Response>`.
//!
//! Source of every element and attribute: <https://www.twilio.com/docs/voice/twiml>.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{CONTENT_TYPE, encoded_length};
use crate::call::{Dial, Ending, KeyPlan, Kind, Listen, PhoneNumber, Record, Refusal, Reply, Segment, Sentence};
use crate::dialect::xml::{Xml, allowed};
use crate::dialect::{Capabilities, Document, Feature, Profile, ResumeUrls, Unsupported};

/// The longest text of one `<Say>`, percent-encoded: 450 Chinese characters of nine. Twilio reads 4,500
/// (source: <https://www.twilio.com/docs/api/errors/13521>).
const SAY_ENCODED: usize = 4_050;

/// The longest text of one `<Say>` in characters: what a Polly voice takes, less a margin.
const SAY_CHARACTERS: usize = 2_900;

/// Both voices in one channel, from when somebody picks up: what is said while it rings is nobody's business.
pub(super) const RECORD_TALK: &str = "record-from-answer";
/// That there is no recording is told as well.
pub(super) const RECORDING_EVENTS: &str = "completed absent";

pub(super) fn write(
    profile: &Profile,
    reply: &Reply<Sentence>,
    urls: &ResumeUrls<'_>,
) -> Result<Document, Unsupported> {
    let mut page = Page { xml: Xml::new(), profile, urls };
    page.xml.open("Response", &[]);
    for sentence in &reply.prompts {
        page.sentence(sentence, Feature::Pause)?;
    }
    match &reply.ending {
        Ending::Listen(listen) => page.listen(listen)?,
        Ending::Dial(dial) => page.dial(dial, reply.prompts.is_empty())?,
        Ending::Record(record) => page.record(record),
        Ending::GoTo => page.redirect(Kind::Next),
        // A whisper's document that ends joins the two.
        Ending::Join => {}
        Ending::HangUp(_) => page.xml.empty("Hangup", &[]),
        Ending::Refuse(_) if !reply.prompts.is_empty() => return Err(Unsupported::RefusedTooLate),
        Ending::Refuse(refusal) => page.refuse(*refusal),
    }
    page.xml.close("Response");
    let body = page.xml.finish();
    let most_bytes = profile.capabilities.document_bytes;
    if body.len() > most_bytes {
        return Err(Unsupported::TooLarge { size_bytes: body.len(), most_bytes });
    }
    Ok(Document { status: 200, content_type: CONTENT_TYPE, body })
}

/// A document that does nothing.
pub(super) fn nothing() -> Document {
    let mut xml = Xml::new();
    xml.empty("Response", &[]);
    Document { status: 200, content_type: CONTENT_TYPE, body: xml.finish() }
}

struct Page<'a> {
    xml: Xml,
    profile: &'a Profile,
    urls: &'a ResumeUrls<'a>,
}

impl Page<'_> {
    /// A sentence, where the provider can be silent only with the feature `pause`.
    fn sentence(&mut self, sentence: &Sentence, pause: Feature) -> Result<(), Unsupported> {
        let capabilities = &self.profile.capabilities;
        for segment in &sentence.segments {
            match segment {
                Segment::Text(text) => {
                    let voice = self.profile.voices.get(&sentence.language);
                    let voice = voice.ok_or_else(|| Unsupported::NoVoice(sentence.language.clone()))?;
                    for piece in pieces(&allowed(text)) {
                        self.xml.text("Say", &[("voice", &voice.name), ("language", &voice.language)], piece);
                    }
                }
                Segment::Audio { url } => self.xml.text("Play", &[], url),
                Segment::Silence(length) if capabilities.has(pause) => {
                    self.xml.empty("Pause", &[("length", &whole_seconds(*length, &capabilities.pause_s))]);
                }
                Segment::Silence(_) => {}
            }
        }
        Ok(())
    }

    /// Silence goes on behind the `<Gather>`: `actionOnEmptyResult` is not everywhere.
    fn listen(&mut self, listen: &Listen<Sentence>) -> Result<(), Unsupported> {
        let action = self.urls.url(Kind::Keys);
        let timer = match listen.keys {
            KeyPlan::One => listen.first_key,
            KeyPlan::UntilPound => listen.first_key.max(listen.between_keys),
        };
        let timeout = whole_seconds(timer, &self.profile.capabilities.listen_s);
        let mut attributes =
            vec![("input", "dtmf"), ("action", action.as_str()), ("method", "POST"), ("timeout", timeout.as_str())];
        match listen.keys {
            KeyPlan::One => attributes.extend([("finishOnKey", ""), ("numDigits", "1")]),
            KeyPlan::UntilPound => attributes.push(("finishOnKey", "#")),
        }
        self.xml.open("Gather", &attributes);
        for sentence in &listen.prompts {
            self.sentence(sentence, Feature::PauseInListen)?;
        }
        self.xml.close("Gather");
        self.redirect(Kind::Silent);
        Ok(())
    }

    fn dial(&mut self, dial: &Dial<Sentence>, first: bool) -> Result<(), Unsupported> {
        let capabilities = &self.profile.capabilities;
        let most = capabilities.numbers_at_once;
        if dial.numbers.is_empty() {
            return Err(Unsupported::NobodyToDial);
        }
        if dial.recorded && !capabilities.has(Feature::RecordsTalks) {
            return Err(Unsupported::RecordedTalk);
        }
        if dial.numbers.len() > most {
            return Err(Unsupported::TooManyNumbers { count: dial.numbers.len(), most });
        }
        let (action, whisper) = (self.urls.url(Kind::Dialled), self.urls.url(Kind::Whisper));
        let talk = self.urls.url(Kind::Talk);
        let timeout = whole_seconds(dial.ring, &capabilities.ring_s);
        let limit = whole_seconds(dial.limit, &capabilities.talk_s);
        let mut attributes = vec![
            ("action", action.as_str()),
            ("method", "POST"),
            ("timeout", timeout.as_str()),
            ("timeLimit", limit.as_str()),
        ];
        if first && capabilities.has(Feature::AnswerOnBridge) {
            attributes.push(("answerOnBridge", "true"));
        }
        if dial.recorded {
            attributes.extend([
                ("record", RECORD_TALK),
                ("recordingStatusCallback", talk.as_str()),
                ("recordingStatusCallbackMethod", "POST"),
                ("recordingStatusCallbackEvent", RECORDING_EVENTS),
            ]);
        }
        let whispers = dial.whisper.is_some() && capabilities.has(Feature::Whisper);
        let whisper: &[(&str, &str)] = if whispers { &[("url", &whisper), ("method", "POST")] } else { &[] };
        self.xml.open("Dial", &attributes);
        for number in &dial.numbers {
            let (noun, address) = noun(number, capabilities).ok_or(Unsupported::Address)?;
            self.xml.text(noun, whisper, address);
        }
        self.xml.close("Dial");
        Ok(())
    }

    /// Where nothing was recorded the document goes on, so it goes on to the same place.
    fn record(&mut self, record: &Record) {
        let capabilities = &self.profile.capabilities;
        let (action, file) = (self.urls.url(Kind::Recorded), self.urls.url(Kind::File));
        self.xml.empty(
            "Record",
            &[
                ("action", &action),
                ("method", "POST"),
                ("maxLength", &whole_seconds(record.longest, &capabilities.record_s)),
                ("timeout", &whole_seconds(record.silence, &capabilities.listen_s)),
                ("playBeep", if record.beep { "true" } else { "false" }),
                ("finishOnKey", "#"),
                ("recordingStatusCallback", &file),
                ("recordingStatusCallbackMethod", "POST"),
            ],
        );
        self.redirect(Kind::Recorded);
    }

    fn redirect(&mut self, kind: Kind) {
        let url = self.urls.url(kind);
        self.xml.text("Redirect", &[("method", "POST")], &url);
    }

    fn refuse(&mut self, refusal: Refusal) {
        let reason = match refusal {
            Refusal::Busy => "busy",
            Refusal::Rejected => "rejected",
        };
        self.xml.empty("Reject", &[("reason", reason)]);
    }
}

/// The element that rings an address, and what stands in it.
fn noun<'a>(number: &'a PhoneNumber, capabilities: &Capabilities) -> Option<(&'static str, &'a str)> {
    let address = number.as_str();
    if number.is_number() {
        return Some(("Number", address));
    }
    if address.starts_with("sip:") || address.starts_with("sips:") {
        return Some(("Sip", address));
    }
    let name = address.strip_prefix("client:").filter(|name| !name.is_empty())?;
    capabilities.has(Feature::Clients).then_some(("Client", name))
}

/// Rounded up: a caller never has less time than the flow gives.
fn whole_seconds(duration: Duration, range: &RangeInclusive<u32>) -> String {
    let up = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
    u32::try_from(up).unwrap_or(u32::MAX).clamp(*range.start(), *range.end()).to_string()
}

/// A text in pieces that one `<Say>` takes each, cut after a sentence where it can be, else after a comma or a
/// space. Nothing is lost; a text of blanks has no pieces, because an empty `<Say>` is an error.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, left) = rest.split_at(first_piece(rest));
        if !piece.trim().is_empty() {
            pieces.push(piece);
        }
        rest = left;
    }
    pieces
}

/// Where the first piece of a text that is not empty ends.
fn first_piece(text: &str) -> usize {
    let (mut encoded, mut after_sentence, mut after_word) = (0, None, None);
    for (count, (at, letter)) in text.char_indices().enumerate() {
        encoded += encoded_length(letter);
        if count >= SAY_CHARACTERS || encoded > SAY_ENCODED {
            return after_sentence.or(after_word).unwrap_or(at);
        }
        let end = at + letter.len_utf8();
        let followed_by_space = text.get(end..).is_some_and(|rest| rest.starts_with(char::is_whitespace));
        match letter {
            '。' | '！' | '？' | '；' | '\n' => after_sentence = Some(end),
            '.' | '!' | '?' | ';' if followed_by_space => after_sentence = Some(end),
            '，' | '、' | '：' => after_word = Some(end),
            _ if letter.is_whitespace() => after_word = Some(end),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_texts_are_cut_where_a_sentence_ends() {
        let sentence = format!("{}。", "医".repeat(99));
        let text = sentence.repeat(10);
        let cut = pieces(&text);
        assert_eq!(cut.len(), 3);
        assert!(cut.iter().all(|piece| piece.ends_with('。') && piece.chars().count() <= 450), "{:?}", cut.len());
        assert_eq!(cut.concat(), text);

        let text = "One word and another. ".repeat(200);
        let cut = pieces(&text);
        assert!(cut.len() > 1 && cut[0].ends_with('.') && cut[0].chars().count() <= SAY_CHARACTERS);
        assert_eq!(cut.concat(), text);

        let text = format!("{}，{}", "医".repeat(300), "保".repeat(300));
        assert_eq!(pieces(&text)[0].chars().count(), 301);
        assert_eq!(pieces(&"保".repeat(901)).len(), 3);
        assert_eq!(pieces(" \n "), Vec::<&str>::new());
    }

    #[test]
    fn seconds_are_rounded_up_and_kept_in_range() {
        for (ms, range, written) in [
            (1, 1..=600, "1"),
            (0, 1..=600, "1"),
            (6_000, 1..=600, "6"),
            (6_001, 1..=600, "7"),
            (900_000, 1..=120, "120"),
        ] {
            assert_eq!(whole_seconds(Duration::from_millis(ms), &range), written, "{ms} ms");
        }
    }

    proptest! {
        #[test]
        fn pieces_are_short_and_lose_nothing_but_blanks(text in "[医保查一。，；a-z .!?]{0,6000}") {
            let cut = pieces(&text);
            let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(solid(&cut.concat()), solid(&text));
            for piece in cut {
                let encoded: usize = piece.chars().map(|c| if c.is_ascii_alphanumeric() { 1 } else { 3 * c.len_utf8() }).sum();
                prop_assert!(encoded <= SAY_ENCODED && piece.chars().count() <= SAY_CHARACTERS);
            }
        }
    }
}
