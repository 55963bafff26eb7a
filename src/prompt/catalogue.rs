//! The catalogue: every prompt of a line in every language, ready to be said. How the files become one, and what
//! can be wrong with them, is in `files`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::clip::{Clip, Manifest};
use super::compose::{Composer, Pauses, Recipe};
use super::say::Tongue;
use super::template::{Piece, Slot, Template};
use super::voice::{self, ClipState, Voice, Wanted};
use super::{Reading, files, is_written, say, speaking_time};
use crate::call::{Language, PromptId, Spoken, Value};
use crate::yaml::Problems;

/// The prompts of a line. Shared by all its calls; nothing in it changes.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub(super) prompts: BTreeMap<PromptId, Entry>,
    /// Some texts could not be read, or it is not known in which languages: what is not here may well be in a file.
    pub(super) is_incomplete: bool,
    voices: BTreeMap<Language, Voice>,
    /// What is heard and is no speech, the same in every language; `None` for one that may not be played.
    sounds: BTreeMap<PromptId, Option<Arc<Clip>>>,
    sound_manifest: Manifest,
}

/// A prompt that is ready to be heard.
#[derive(Clone, PartialEq, Eq)]
pub struct Utterance {
    pub prompt: PromptId,
    pub language: Language,
    /// Fully written out: no digit is left to misread. Empty for a sound.
    pub text: String,
    /// The same in clips; `None` where one of them is missing.
    pub recipe: Option<Recipe>,
    /// It has no placeholders, so everybody hears the same.
    pub is_fixed: bool,
}

impl Utterance {
    /// How long it is heard: in clips exactly, as text about.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.recipe.as_ref().map_or_else(|| speaking_time(&self.language, &self.text), Recipe::length)
    }
}

impl fmt::Debug for Utterance {
    /// Its text may be somebody's balance.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` in {}, in clips: {:?}", self.prompt, self.language, self.recipe)
    }
}

/// One prompt.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) slots: Vec<Slot>,
    pub(super) texts: BTreeMap<Language, Template>,
}

/// Why a prompt cannot be said. It never holds a value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no prompt `{0}`")]
    UnknownPrompt(PromptId),
    #[error("prompt `{prompt}` has no text in `{language}`")]
    NoText { prompt: PromptId, language: Language },
    #[error("prompt `{prompt}` needs a value `{name}`")]
    MissingValue { prompt: PromptId, name: String },
    #[error("prompt `{prompt}` says `{name}` with a word that set `{set}` has not")]
    UnknownWord { prompt: PromptId, name: String, set: String },
    #[error("prompt `{prompt}` cannot say `{name}`")]
    Value { prompt: PromptId, name: String, source: say::Error },
    #[error("prompt `{prompt}` cannot write `{name}`")]
    Unwritable { prompt: PromptId, name: String },
    #[error("prompt `{prompt}` cannot be said")]
    Language { prompt: PromptId, source: say::Error },
}

/// Marks that no figure has in it: where one stands, a figure has ended.
const ENDS_A_FIGURE: [char; 7] = ['。', '！', '？', '；', '：', ':', ';'];

impl Catalogue {
    /// Reads all prompt files of a line and reports all that is wrong with them.
    ///
    /// `files`: path (`prompts/zh-CN/main.yaml`) -> text; the folder names the language. Files of languages that
    /// are not in `languages` are left alone. What could be read is usable even if there are problems.
    pub fn read(files: &BTreeMap<String, String>, languages: &[Language], problems: &Problems) -> Self {
        files::read(files, languages, problems)
    }

    /// Whether there is such a prompt.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.prompts.contains_key(id) || self.sounds.contains_key(id)
    }

    /// Whether there is no such prompt. Nobody knows while some texts cannot be read.
    #[must_use]
    pub fn lacks(&self, id: &str) -> bool {
        !self.is_incomplete && !self.contains(id)
    }

    /// All prompts, by name.
    pub fn ids(&self) -> impl Iterator<Item = &PromptId> {
        self.prompts.keys()
    }

    /// The placeholders of a prompt, each once; the same in every language. `None` if there is no such prompt.
    #[must_use]
    pub fn slots(&self, id: &str) -> Option<&[Slot]> {
        let sound = self.sounds.get(id).map(|_| [].as_slice());
        self.prompts.get(id).map(|entry| entry.slots.as_slice()).or(sound)
    }

    /// The text of a prompt as its file has it, placeholders and all. `None` if there is none.
    #[must_use]
    pub fn text(&self, id: &str, language: &Language) -> Option<String> {
        self.prompts.get(id)?.texts.get(language).map(ToString::to_string)
    }

    /// The prompt, ready to be heard: as text and, where every piece has one, as clips.
    ///
    /// # Errors
    /// An unknown prompt or language, a value that is missing, of another type or out of range.
    pub fn utterance(&self, spoken: &Spoken) -> Result<Utterance, Error> {
        let id = || spoken.prompt.clone();
        let (prompt, language) = (id(), spoken.language.clone());
        let pauses = Pauses::of(spoken.slow);
        if let Some(sound) = self.sounds.get(&spoken.prompt) {
            let mut composer = Composer::new();
            if let Some(sound) = sound {
                composer.clip(sound);
            }
            return Ok(Utterance { prompt, language, text: String::new(), recipe: composer.bare(), is_fixed: true });
        }
        let entry = self.prompts.get(&spoken.prompt).ok_or_else(|| Error::UnknownPrompt(id()))?;
        // A text without figures is always said the same way: its audio is everybody's.
        let pauses = if entry.slots.is_empty() { Pauses::of(false) } else { pauses };
        let tongue = say::tongue(&language).map_err(|source| Error::Language { prompt: id(), source })?;
        let template = entry.texts.get(&language);
        let template = template.ok_or_else(|| Error::NoText { prompt: id(), language: language.clone() })?;
        let mut figures = Vec::new();
        let text = template.fill(|slot| {
            let said = self.value(slot, spoken, tongue)?;
            figures.push(said.clone());
            Ok(said)
        })?;
        let recipe = self.recipe(template, spoken, tongue, &figures, pauses);
        Ok(Utterance { prompt, language, text, recipe, is_fixed: entry.slots.is_empty() })
    }

    /// How a value of a prompt is said.
    fn value(&self, slot: &Slot, spoken: &Spoken, tongue: &Tongue) -> Result<String, Error> {
        let (prompt, name) = (|| spoken.prompt.clone(), || slot.name.clone());
        let value = Value::at(&spoken.values, &slot.name);
        let value = value.ok_or_else(|| Error::MissingValue { prompt: prompt(), name: name() })?;
        match (&slot.reading, value) {
            (Reading::Word(set), Value::Word(word)) => self
                .word(set, word, &spoken.language)
                .ok_or_else(|| Error::UnknownWord { prompt: prompt(), name: name(), set: set.clone() }),
            (Reading::Text, Value::Text(text)) => Ok(text.clone()),
            (reading, value) => {
                tongue.value(reading, value).map_err(|source| Error::Value { prompt: prompt(), name: name(), source })
            }
        }
    }

    /// The prompt in clips. `figures`: its values as they are said, in the order of the text.
    fn recipe(
        &self,
        template: &Template,
        spoken: &Spoken,
        tongue: &Tongue,
        figures: &[String],
        pauses: Pauses,
    ) -> Option<Recipe> {
        let voice = self.voices.get(&spoken.language)?;
        let mut composer = Composer::new();
        if let [Piece::Text(_)] = template.pieces.as_slice() {
            composer.clip(voice.clip(spoken.prompt.as_str())?);
            return composer.finish(pauses);
        }
        let mut figures = figures.iter();
        let mut number = 0;
        for (place, piece) in template.pieces.iter().enumerate() {
            composer.pause(pauses.join);
            match piece {
                Piece::Text(text) => {
                    let words = voice::words_of(text, place + 1 == template.pieces.len());
                    let start = words.map_or(text.len(), |words| text.find(words).unwrap_or_default());
                    let (lead, rest) = text.split_at(start);
                    composer.marks(lead, pauses);
                    if let Some(words) = words {
                        number += 1;
                        composer.clip(voice.clip(&voice::fragment(&spoken.prompt, number))?);
                        composer.marks(rest.get(words.len()..).unwrap_or_default(), pauses);
                    }
                }
                Piece::Slot(slot) => {
                    let said = figures.next()?;
                    match (&slot.reading, Value::at(&spoken.values, &slot.name)) {
                        (Reading::Text, _) => return None,
                        (Reading::Word(set), Some(Value::Word(word))) => {
                            composer.clip(voice.clip(&format!("word.{set}.{word}"))?);
                        }
                        (reading, _) => voice.figure(&mut composer, tongue, reading, said, pauses)?,
                    }
                }
            }
        }
        composer.finish(pauses)
    }

    /// A figure in clips, alone: what `hotline say --wav` plays. `None` if it cannot be put together of them.
    #[must_use]
    pub fn figure(&self, language: &Language, kind: &str, said: &str, slow: bool) -> Option<Recipe> {
        let (tongue, voice) = (say::tongue(language).ok()?, self.voices.get(language)?);
        let reading = Reading::parse(&kind.replace('_', "-")).unwrap_or(Reading::Integer);
        voice.recipe_of(tongue, &reading, said, Pauses::of(slow))
    }

    /// The corrections that a text needs whose words are not pronounced as usual: `还款=huan2 kuan3;...`.
    #[must_use]
    pub fn pronounced(&self, language: &Language, text: &str) -> String {
        self.voices.get(language).map(|voice| voice.pronounced(text)).unwrap_or_default()
    }

    /// The clips that there have to be in a language: of every prompt, and the pieces of figures. Sorted by prompt,
    /// pieces last.
    #[must_use]
    pub fn wanted(&self, language: &Language) -> Vec<Wanted> {
        match (say::tongue(language), self.voices.get(language)) {
            (Ok(tongue), Some(voice)) => self.wanted_by(language, tongue, voice),
            _ => Vec::new(),
        }
    }

    fn wanted_by(&self, language: &Language, tongue: &Tongue, voice: &Voice) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for (id, entry) in self.prompts.iter().filter(|(id, _)| !is_written(id.as_str())) {
            if let Some(template) = entry.texts.get(language) {
                voice::wanted_of(id, template, voice, &mut wanted);
            }
        }
        wanted.extend(voice::wanted_pieces(tongue, voice));
        wanted
    }

    /// Whether a clip of [`Catalogue::wanted`] is there and says what its text says now.
    #[must_use]
    pub fn clip_state(&self, language: &Language, clip: &str) -> ClipState {
        self.voices.get(language).map_or(ClipState::Missing, |voice| voice.state(clip))
    }

    /// What is known of the clips of a language.
    #[must_use]
    pub fn manifest(&self, language: &Language) -> Option<&Manifest> {
        self.voices.get(language).map(|voice| &voice.manifest)
    }

    /// What is known of the sounds that are no speech: `sound.hold` is row `hold`.
    #[must_use]
    pub const fn sounds(&self) -> &Manifest {
        &self.sound_manifest
    }

    /// Drops the clips that may not be played: sentences that need one of them are spoken as text, and of a sound
    /// nothing is heard.
    #[must_use]
    pub fn with_clips(mut self, keep: impl Fn(&Clip, ClipState) -> bool) -> Self {
        self.voices.values_mut().for_each(|voice| voice.keep(&keep));
        for sound in self.sounds.values_mut() {
            sound.take_if(|clip| !keep(clip, ClipState::Good));
        }
        self
    }

    /// Has all speech spoken as text. Sounds stay what they are: they have none.
    #[must_use]
    pub fn as_text(mut self) -> Self {
        self.voices.values_mut().for_each(|voice| voice.keep(&|_, _| false));
        self
    }

    pub(super) fn give_voice(&mut self, language: &Language, tongue: &Tongue, mut voice: Voice) {
        voice.settle(&self.wanted_by(language, tongue, &voice));
        self.voices.insert(language.clone(), voice);
    }

    pub(super) fn give_sounds(&mut self, manifest: Manifest) {
        for row in manifest.rows.values() {
            let clip = Clip { id: row.clip.as_str().into(), audio: row.audio, samples: row.samples };
            self.sounds.insert(PromptId::from(format!("sound.{}", row.clip)), Some(Arc::new(clip)));
        }
        self.sound_manifest = manifest;
    }

    /// The prompts that could have been said so in `language`, the likeliest first: those with most text of their
    /// own. For the phone in the box, which hears the text of a document.
    #[must_use]
    pub fn recognise(&self, language: &Language, text: &str) -> Vec<PromptId> {
        let could_be = |reading: &Reading, said: &str| {
            if let Reading::Word(set) = reading {
                self.is_word(set, said, language)
            } else {
                !said.is_empty() && (*reading == Reading::Text || !said.contains(ENDS_A_FIGURE))
            }
        };
        let said = self.prompts.iter().filter(|(id, _)| !is_written(id.as_str()));
        let texts = said.filter_map(|(id, entry)| entry.texts.get(language).map(|text| (id, text)));
        let mut found: Vec<_> = texts.filter(|(_, template)| template.matches(text, &could_be)).collect();
        found.sort_by_key(|(_, template)| std::cmp::Reverse(template.fixed_length()));
        found.into_iter().map(|(id, _)| id.clone()).collect()
    }

    /// The text of `word.<set>.<word>`.
    pub(super) fn word(&self, set: &str, word: &str, language: &Language) -> Option<String> {
        let entry = self.prompts.get(format!("word.{set}.{word}").as_str())?;
        entry.texts.get(language).map(plain_text)
    }

    /// Whether `said` is a word of the set, give or take a capital and the mark that it shares with what follows.
    fn is_word(&self, set: &str, said: &str, language: &Language) -> bool {
        let prefix = format!("word.{set}.");
        let words = self.prompts.range(PromptId::from(prefix.as_str())..);
        let words = words.take_while(|(id, _)| id.as_str().starts_with(&prefix));
        let mut texts = words.filter_map(|(_, entry)| entry.texts.get(language)).map(plain_text);
        texts.any(|text| {
            text.eq_ignore_ascii_case(said) || text.trim_end_matches(['.', '。']).eq_ignore_ascii_case(said)
        })
    }
}

/// The text of a prompt without placeholders.
fn plain_text(template: &Template) -> String {
    template.fill(|_| Ok::<_, std::convert::Infallible>(String::new())).unwrap_or_else(|never| match never {})
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, Time};

    use super::super::{AudioHash, Maker, Part, Row};
    use super::*;
    use crate::call::{Period, YearMonth};

    const ZH: &str = r#"
med.balance: "截至{as-of: date}，您的医保账户余额共{total: amount}，其中当年账户{current: amount}，历年账户{previous: amount}。"
pay.record: "{month: year-month}，{insurance: word insurance}，基数{base: amount}，{status: word status}。"
pay.record.back: "{month: year-month}，{insurance: word insurance}，基数{base: amount}，已于{later: year-month}补缴。"
pay.arrears: "其中{months: periods}欠缴。"
op.queue: "座席忙，您排在第{place: integer}位，预计等待约{wait: count minute}。"
cb.ok: "我们会在{day: date}{time: clock}前回电，号码{phone: phone}。"
sys.hours: "营业到{time: clock}。谢谢。"
sys.bulletin: "{bulletin: text}"
sys.bye: 感谢来电，再见。
word.insurance.pension: 养老保险
word.insurance.medical: 医疗保险
word.status.paid: 已到账
"#;

    const EN: &str = r#"
med.balance: "As of {as-of: date}, your medical account holds {total: amount}: {current: amount} for the current year and {previous: amount} from previous years."
pay.record: "{month: year-month}, {insurance: word insurance}: base {base: amount}, {status: word status}."
pay.record.back: "{month: year-month}, {insurance: word insurance}: base {base: amount}, paid later in {later: year-month}."
pay.arrears: "{months: periods} are in arrears."
op.queue: "All operators are busy. You are number {place: integer} in line; about {wait: count minute}."
cb.ok: "We will call {phone: phone} before {time: clock} on {day: date}."
sys.hours: "We are open until {time: clock}. Thank you."
sys.bulletin: "{bulletin: text}"
sys.bye: Thank you for calling. Goodbye.
word.insurance.pension: pension
word.insurance.medical: medical
word.status.paid: paid
"#;

    fn catalogue() -> Catalogue {
        let files = [("prompts/zh-CN/main.yaml", ZH), ("prompts/en/main.yaml", EN)];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let problems = Problems::default();
        let languages = [Language::from("zh-CN"), Language::from("en")];
        let catalogue = Catalogue::read(&BTreeMap::from(files), &languages, &problems);
        assert_eq!(problems.into_sorted(), []);
        catalogue
    }

    fn values() -> BTreeMap<String, Value> {
        let month = |month| YearMonth::new(2026, month).unwrap();
        BTreeMap::from(
            [
                ("as-of", Value::Date(Date::constant(2026, 3, 31))),
                ("total", Value::Amount(1_102_355)),
                ("current", Value::Amount(102_305)),
                ("previous", Value::Amount(1_000_050)),
                ("month", Value::YearMonth(month(3))),
                ("later", Value::YearMonth(month(6))),
                ("insurance", Value::Word("pension".to_owned())),
                ("status", Value::Word("paid".to_owned())),
                ("base", Value::Amount(1_200_000)),
                (
                    "months",
                    Value::Periods(vec![
                        Period { from: month(1), to: month(2) },
                        Period { from: month(5), to: month(5) },
                    ]),
                ),
                ("place", Value::Number(4)),
                ("wait", Value::Number(2)),
                ("day", Value::Date(Date::constant(2026, 4, 1))),
                ("time", Value::Clock(Time::constant(14, 30, 0, 0))),
                ("phone", Value::Digits("021-12333".to_owned())),
                ("bulletin", Value::Text("今天停机".to_owned())),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        )
    }

    fn spoken(prompt: &str, language: &str) -> Spoken {
        Spoken {
            prompt: PromptId::from(prompt),
            language: Language::from(language),
            values: values(),
            personal: false,
            slow: false,
        }
    }

    fn said(prompt: &str, language: &str) -> String {
        let utterance = catalogue().utterance(&spoken(prompt, language)).unwrap();
        assert_eq!((utterance.prompt.as_str(), utterance.language.as_str()), (prompt, language));
        utterance.text
    }

    #[test]
    fn sentences_are_those_of_the_acceptance_transcript() {
        for (prompt, zh, en) in [
            (
                "med.balance",
                "截至二零二六年三月三十一日，您的医保账户余额共一万一千零二十三元五角五分，其中当年账户一千零二十三元零五分，历年账户一万元五角。",
                "As of March thirty-first, twenty twenty-six, your medical account holds eleven thousand twenty-three yuan and fifty-five fen: \
                 one thousand twenty-three yuan and five fen for the current year and ten thousand yuan and fifty fen from previous years.",
            ),
            (
                "pay.record",
                "二零二六年三月，养老保险，基数一万二千元，已到账。",
                "March twenty twenty-six, pension: base twelve thousand yuan, paid.",
            ),
            (
                "pay.arrears",
                "其中二零二六年一月至二月、二零二六年五月欠缴。",
                "January to February twenty twenty-six and May twenty twenty-six are in arrears.",
            ),
            (
                "op.queue",
                "座席忙，您排在第四位，预计等待约两分钟。",
                "All operators are busy. You are number four in line; about two minutes.",
            ),
            (
                "cb.ok",
                "我们会在二零二六年四月一日下午两点三十分前回电，号码零二幺，幺二三三三。",
                "We will call zero two one, one two three three three before two thirty p.m. on April first, twenty twenty-six.",
            ),
            ("sys.hours", "营业到下午两点三十分。谢谢。", "We are open until two thirty p.m. Thank you."),
            ("sys.bye", "感谢来电，再见。", "Thank you for calling. Goodbye."),
        ] {
            assert_eq!(said(prompt, "zh-CN"), zh);
            assert_eq!(said(prompt, "en"), en);
        }
    }

    #[test]
    fn every_sentence_is_recognised_as_its_own_prompt_first() {
        let catalogue = catalogue();
        for id in catalogue.ids() {
            for language in ["zh-CN", "en"] {
                let found = catalogue.recognise(&Language::from(language), &said(id.as_str(), language));
                assert_eq!(found.first(), Some(id), "{language}");
                // A bulletin could be any text; nothing else is taken for another prompt.
                let others: Vec<_> = found.iter().skip(1).map(PromptId::as_str).collect();
                assert!(others.iter().all(|other| *other == "sys.bulletin"), "{id} {others:?}");
            }
        }
        let unknown = catalogue.recognise(&Language::from("en"), "March, travel: base one yuan, paid.");
        assert_eq!(unknown, [PromptId::from("sys.bulletin")], "`travel` is no word of the set");
        assert_eq!(catalogue.recognise(&Language::from("nl"), "感谢来电，再见。"), []);
    }

    #[test]
    fn a_prompt_tells_what_it_needs() {
        let catalogue = catalogue();
        let slots = catalogue.slots("op.queue").unwrap();
        let shown: Vec<_> = slots.iter().map(|slot| format!("{}: {}", slot.name, slot.reading)).collect();
        assert_eq!(shown, ["place: integer", "wait: count minute"]);
        assert!(catalogue.contains("sys.bye") && catalogue.slots("sys.bye").is_some_and(<[Slot]>::is_empty));
        assert!(!catalogue.contains("sys.by") && catalogue.slots("sys.by").is_none());
        assert_eq!(catalogue.ids().count(), 12);
    }

    #[test]
    fn what_cannot_be_said_is_told_without_the_value() {
        let error = |prompt: &str, language: &str, name: &str, value: Option<Value>| {
            let mut spoken = spoken(prompt, language);
            match value {
                Some(value) => spoken.values.insert(name.to_owned(), value),
                None => spoken.values.remove(name),
            };
            let error = catalogue().utterance(&spoken).unwrap_err();
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            format!("{error}: {source}")
        };
        for (found, expected) in [
            (error("sys.by", "en", "", None), "there is no prompt `sys.by`: "),
            (error("sys.bye", "nl", "", None), "prompt `sys.bye` cannot be said: no readings for language `nl`"),
            (error("op.queue", "en", "wait", None), "prompt `op.queue` needs a value `wait`: "),
            (
                error("op.queue", "en", "wait", Some(Value::Amount(8812))),
                "prompt `op.queue` cannot say `wait`: `count` cannot say a value of type amount",
            ),
            (
                error("op.queue", "en", "wait", Some(Value::Number(-8812))),
                "prompt `op.queue` cannot say `wait`: count out of range: expected no negative number",
            ),
            (
                error("pay.record", "en", "status", Some(Value::Word("8812".to_owned()))),
                "prompt `pay.record` says `status` with a word that set `status` has not: ",
            ),
            (
                error("sys.bulletin", "en", "bulletin", Some(Value::Digits("8812".to_owned()))),
                "prompt `sys.bulletin` cannot say `bulletin`: `text` cannot say a value of type digits",
            ),
        ] {
            assert!(found.starts_with(expected) && !found.contains("8812"), "{found}");
        }
    }

    /// The files of a language with a clip for everything, as its manifest tells.
    fn with_clips(language: &str, prompts: &str) -> BTreeMap<String, String> {
        let mut files = BTreeMap::from([(format!("prompts/{language}/main.yaml"), prompts.to_owned())]);
        let read = |files| Catalogue::read(files, &[Language::from(language)], &Problems::default());
        let rows = read(&files).wanted(&Language::from(language)).into_iter().map(|wanted| Row {
            text: wanted.hash(),
            audio: AudioHash::of(wanted.clip.as_bytes()),
            samples: 8_000,
            level_dbfs: -20.0,
            peak_dbfs: -3.0,
            voice: "test".to_owned(),
            made_by: Maker::Voice,
            clip: wanted.clip,
        });
        let manifest = Manifest { rows: rows.map(|row| (row.clip.clone(), row)).collect() };
        files.insert(format!("prompts/{language}/clips.csv"), manifest.write());
        files
    }

    fn with_voice(language: &str, files: &BTreeMap<String, String>) -> Catalogue {
        let problems = Problems::default();
        let catalogue = Catalogue::read(files, &[Language::from(language)], &problems);
        assert_eq!(problems.into_sorted(), []);
        catalogue
    }

    /// The clips of a sentence with the pauses between them, in milliseconds.
    fn heard(catalogue: &Catalogue, spoken: &Spoken) -> Option<String> {
        let parts = catalogue.utterance(spoken).unwrap().recipe?.parts;
        let one = |part: &Part| match part {
            Part::Clip(clip) => clip.id.to_string(),
            Part::Pause(samples) => (samples / 8).to_string(),
        };
        Some(parts.iter().map(one).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_sentence_is_put_together_of_clips_and_pauses() {
        let catalogue = with_voice("zh-CN", &with_clips("zh-CN", ZH));
        for (prompt, parts) in [
            ("sys.bye", "sys.bye 400"),
            (
                "med.balance",
                "med.balance+1 40 value/二零二六年 30 value/三月三十一日 250 med.balance+2 40 value/一万 30 \
                 value/一千零 30 value/二十三元 30 value/五角 30 value/五分 250 med.balance+3 40 value/一千零 30 value/二十三元 30 \
                 value/零五分 250 med.balance+4 40 value/一万元 30 value/五角 400",
            ),
            (
                "pay.record",
                "value/二零二六年 30 value/三月 250 word.insurance.pension 250 pay.record+1 40 value/一万 30 value/二千元 250 \
                 word.status.paid 400",
            ),
            (
                "pay.arrears",
                "pay.arrears+1 40 value/二零二六年 30 value/一月 30 value/至二月 400 value/二零二六年 30 value/五月 40 pay.arrears+2 400",
            ),
            ("sys.hours", "sys.hours+1 40 value/下午两点 30 value/三十分 400 sys.hours+2 400"),
        ] {
            let found = heard(&catalogue, &spoken(prompt, "zh-CN"));
            assert_eq!(found.as_deref(), Some(parts));
        }
        let slow = heard(&catalogue, &Spoken { slow: true, ..spoken("sys.hours", "zh-CN") });
        assert_eq!(slow.as_deref(), Some("sys.hours+1 200 value/下午两点 180 value/三十分 900 sys.hours+2 900"));
        let phone = heard(&catalogue, &spoken("cb.ok", "zh-CN")).unwrap();
        assert!(
            phone.ends_with("cb.ok+2 40 value/零 150 value/二幺 250 value/幺 150 value/二三 150 value/三三 400"),
            "{phone}"
        );
        assert_eq!(heard(&catalogue, &spoken("sys.bulletin", "zh-CN")), None, "nobody has recorded that");
    }

    #[test]
    fn a_sentence_is_all_clips_or_all_text() {
        let mut files = with_clips("en", EN);
        let manifest = files.get("prompts/en/clips.csv").unwrap().clone();
        let prompts = ["med.balance", "pay.record", "op.queue", "sys.hours"];
        let clips = |files: &BTreeMap<String, String>| {
            let catalogue = with_voice("en", files);
            prompts.map(|prompt| heard(&catalogue, &spoken(prompt, "en")).is_some())
        };
        assert_eq!(clips(&files), [true; 4]);
        for (clip, expected) in [
            ("med.balance+3", [false, true, true, true]),
            ("value/march", [true, true, true, true]),
            ("value/March", [false, false, true, true]),
            ("word.insurance.pension", [true, false, true, true]),
            ("value/p.m.", [true, true, true, false]),
        ] {
            let without: String =
                manifest.split_inclusive('\n').filter(|line| !line.starts_with(&format!("{clip},"))).collect();
            files.insert("prompts/en/clips.csv".to_owned(), without);
            assert_eq!(clips(&files), expected, "without {clip}");
        }
    }

    #[test]
    fn a_clip_whose_text_has_changed_is_stale_and_is_played_only_if_told_so() {
        let mut files = with_clips("en", EN);
        files.insert("prompts/en/main.yaml".to_owned(), EN.replace("Thank you for calling", "Thanks for calling"));
        let catalogue = with_voice("en", &files);
        let language = Language::from("en");
        assert_eq!(catalogue.clip_state(&language, "sys.bye"), ClipState::Stale);
        assert_eq!(catalogue.clip_state(&language, "sys.hours+1"), ClipState::Good);
        assert_eq!(catalogue.clip_state(&language, "sys.hours+9"), ClipState::Missing);
        let hears = |catalogue: &Catalogue| heard(catalogue, &spoken("sys.bye", "en")).is_some();
        assert!(hears(&catalogue), "the catalogue has it; who may be heard is the installation's choice");
        assert!(!hears(&catalogue.clone().with_clips(|_, state| state == ClipState::Good)));
        // How a word is pronounced is a part of what a clip says.
        files.insert("prompts/en/main.yaml".to_owned(), EN.to_owned());
        files.insert("prompts/en/pronunciation.csv".to_owned(), "text,spoken\nGoodbye,good bye\n".to_owned());
        let catalogue = with_voice("en", &files);
        assert_eq!(catalogue.clip_state(&language, "sys.bye"), ClipState::Stale);
        let pronounced =
            catalogue.wanted(&language).into_iter().find(|wanted| wanted.clip == "sys.bye").unwrap().pronounced;
        assert_eq!(pronounced, "Goodbye=good bye");
    }

    #[test]
    fn a_third_language_is_its_prompts_its_readings_and_a_line() {
        let prompts = "sys.hours: \"Ni laboras ĝis {time: clock}. Dankon.\"\nsys.bye: Ĝis revido.\n";
        let catalogue = with_voice("eo", &with_clips("eo", prompts));
        let utterance = catalogue.utterance(&spoken("sys.hours", "eo")).unwrap();
        assert_eq!(utterance.text, "Ni laboras ĝis dek kvar horo tri dek. Dankon.");
        let parts = heard(&catalogue, &spoken("sys.hours", "eo"));
        let expected =
            "sys.hours+1 40 value/dek 30 value/kvar 30 value/horo 30 value/tri 30 value/dek 400 sys.hours+2 400";
        assert_eq!(parts.as_deref(), Some(expected));
    }

    #[test]
    fn a_sound_is_a_prompt_without_words() {
        let mut files = with_clips("en", EN);
        let manifest = files.get("prompts/en/clips.csv").unwrap().replace("sys.bye,", "hold,");
        files.insert("prompts/sounds/clips.csv".to_owned(), manifest);
        let catalogue = with_voice("en", &files);
        assert!(catalogue.contains("sound.hold") && catalogue.slots("sound.hold").is_some_and(<[Slot]>::is_empty));
        let utterance = catalogue.utterance(&spoken("sound.hold", "en")).unwrap();
        assert!(utterance.is_fixed && utterance.text.is_empty());
        assert_eq!(heard(&catalogue, &spoken("sound.hold", "en")).as_deref(), Some("hold"));
    }

    #[test]
    fn a_catalogue_is_shared_by_all_calls() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&catalogue());
    }
}
