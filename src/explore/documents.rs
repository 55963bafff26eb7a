//! The documents of a reply for every provider that is known: written, and read back as the provider would.
//!
//! Each reply is written twice: as it is heard where there are clips, and as text, which every sentence is that one
//! of its clips is missing for. Numbers, addresses and tokens are examples.

use crate::call::{Ending, Kind, PhoneNumber, Reply, Segment, Sentence, Spoken};
use crate::dialect::{Authentication, PROFILES, Profile, PublicUrl, ResumeUrls};
use crate::prompt::{Catalogue, Utterance};

/// As long as the tokens of `service`.
const TOKEN: &str = "0000000000000000000000000000000000000000";
/// As long as the name of a person's audio.
const AUDIO: &str = "/audio/0000000000000000000000000000000000000000000000000000.wav";
/// What a filler ends with that is shorter than three seconds.
const REST: std::time::Duration = std::time::Duration::from_secs(3);

/// Writes replies for every provider.
pub(super) struct Documents<'a> {
    catalogue: &'a Catalogue,
    profiles: Vec<Profile>,
    public: PublicUrl,
    number: PhoneNumber,
}

/// What is wrong with a reply.
pub(super) enum Wrong {
    /// A prompt of it cannot be said.
    Prompt(String),
    /// A provider's document of it.
    Document(String),
}

impl<'a> Documents<'a> {
    pub(super) fn of(catalogue: &'a Catalogue) -> Self {
        let profiles = PROFILES.iter().map(|provider| provider.profile(Authentication::None)).collect();
        let public = PublicUrl::parse("https://hotline.example.org").expect("an example of a public URL is one");
        let number = PhoneNumber::parse("+12025550100").expect("an example of a number is one");
        Self { catalogue, profiles, public, number }
    }

    /// Writes a reply for every provider; how many documents that were.
    pub(super) fn write(&self, reply: &Reply) -> Result<usize, Wrong> {
        let said = self.said(reply)?;
        let as_text = self.sentences(&said, false);
        let as_heard = self.sentences(&said, true);
        let mut count = 0;
        for profile in &self.profiles {
            let voices = |sentence: &Sentence| profile.voices.contains_key(&sentence.language);
            // A language that has clips may do without a voice.
            if as_heard != as_text && all(&as_text).all(voices) {
                self.document(profile, &as_text)?;
                count += 1;
            }
            self.document(profile, &as_heard)?;
            count += 1;
        }
        Ok(count)
    }

    /// The reply with everything that it says, and with somebody to dial.
    fn said(&self, reply: &Reply) -> Result<Reply<Utterance>, Wrong> {
        let mut reply = reply.clone();
        if let Ending::Dial(dial) = &mut reply.ending {
            dial.numbers = vec![self.number.clone()];
        }
        let say = |spoken: Spoken| self.catalogue.utterance(&spoken).map_err(|error| Wrong::Prompt(error.to_string()));
        reply.try_map(say)
    }

    fn sentences(&self, said: &Reply<Utterance>, with_clips: bool) -> Reply<Sentence> {
        let one = |utterance: Utterance| {
            let segments = match &utterance.recipe {
                Some(_) if with_clips => vec![Segment::Audio { url: self.public.join(AUDIO) }],
                _ if utterance.text.is_empty() => Vec::new(),
                _ => vec![Segment::Text(utterance.text)],
            };
            Ok::<_, std::convert::Infallible>(Sentence {
                prompt: Some(utterance.prompt),
                language: utterance.language,
                segments,
            })
        };
        let Ok(mut reply) = said.clone().try_map(one);
        if let (Ending::GoTo, Some(last)) = (&reply.ending, reply.prompts.last_mut()) {
            last.segments.push(Segment::Silence(REST));
        }
        reply
    }

    fn document(&self, profile: &Profile, reply: &Reply<Sentence>) -> Result<(), Wrong> {
        let wrong = |why: String| Wrong::Document(format!("{}: {why}", profile.name));
        let urls = ResumeUrls { public: &self.public, profile, token: TOKEN, dialled: TOKEN };
        let document = profile.dialect.write(profile, reply, &urls).map_err(|refused| wrong(refused.to_string()))?;
        let read = profile.dialect.perform(profile, &document.body);
        let performance = read.map_err(|unreadable| wrong(unreadable.to_string()))?;
        let ending = std::mem::discriminant(&performance.reply.ending);
        if ending != std::mem::discriminant(&reply.ending) {
            return Err(wrong("the document ends otherwise than the reply".to_owned()));
        }
        let (told, heard) = (words(reply), words(&performance.reply));
        if told != heard {
            return Err(wrong("the document says something else than the reply".to_owned()));
        }
        match performance.urls.iter().find(|(kind, url)| **url != urls.url(**kind)) {
            Some((kind, _)) => Err(wrong(format!("the document has another URL for `{}`", Kind::name(*kind)))),
            None => Ok(()),
        }
    }
}

/// Every sentence of a document; a whisper is a document of its own.
fn all(reply: &Reply<Sentence>) -> impl Iterator<Item = &Sentence> {
    let within: &[Sentence] = if let Ending::Listen(listen) = &reply.ending { &listen.prompts } else { &[] };
    reply.prompts.iter().chain(within)
}

/// What is heard, blanks left out.
fn words(reply: &Reply<Sentence>) -> String {
    let segments = all(reply).flat_map(|sentence| &sentence.segments);
    let text = |segment: &Segment| match segment {
        Segment::Text(text) => text.chars().filter(|letter| !letter.is_whitespace()).collect(),
        Segment::Audio { url } => url.clone(),
        Segment::Silence(_) => String::new(),
    };
    segments.map(text).collect()
}
