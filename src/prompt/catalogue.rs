//! The catalogue: every prompt of a line in every language, ready to be said. How the files become one, and what
//! can be wrong with them, is in `files`.

use std::collections::BTreeMap;

use super::template::{Slot, Template};
use super::{Reading, files, say};
use crate::call::{Language, PromptId, Segment, Sentence, Spoken, Value};
use crate::yaml::Problems;

/// The prompts of a line. Shared by all its calls; nothing in it changes.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub(super) prompts: BTreeMap<PromptId, Entry>,
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
        self.prompts.contains_key(id)
    }

    /// All prompts, by name.
    pub fn ids(&self) -> impl Iterator<Item = &PromptId> {
        self.prompts.keys()
    }

    /// The placeholders of a prompt, each once; the same in every language. `None` if there is no such prompt.
    #[must_use]
    pub fn slots(&self, id: &str) -> Option<&[Slot]> {
        self.prompts.get(id).map(|entry| entry.slots.as_slice())
    }

    /// The finished sentence: one piece of text, fully written out.
    ///
    /// # Errors
    /// An unknown prompt or language, a value that is missing, of another type or out of range.
    pub fn sentence(&self, spoken: &Spoken) -> Result<Sentence, Error> {
        let id = || spoken.prompt.clone();
        let entry = self.prompts.get(&spoken.prompt).ok_or_else(|| Error::UnknownPrompt(id()))?;
        let language = &spoken.language;
        let tongue = say::tongue(language).map_err(|source| Error::Language { prompt: id(), source })?;
        let template = entry.texts.get(language);
        let template = template.ok_or_else(|| Error::NoText { prompt: id(), language: language.clone() })?;
        let text = template.fill(|slot| {
            let name = || slot.name.clone();
            let value = Value::at(&spoken.values, &slot.name);
            let value = value.ok_or_else(|| Error::MissingValue { prompt: id(), name: name() })?;
            match (&slot.reading, value) {
                (Reading::Word(set), Value::Word(word)) => self
                    .word(set, word, language)
                    .ok_or_else(|| Error::UnknownWord { prompt: id(), name: name(), set: set.clone() }),
                (Reading::Text, Value::Text(text)) => Ok(text.clone()),
                (reading, value) => {
                    tongue.value(reading, value).map_err(|source| Error::Value { prompt: id(), name: name(), source })
                }
            }
        })?;
        Ok(Sentence {
            prompt: Some(spoken.prompt.clone()),
            language: language.clone(),
            segments: vec![Segment::Text(text)],
        })
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
        let texts = self.prompts.iter().filter_map(|(id, entry)| entry.texts.get(language).map(|text| (id, text)));
        let mut found: Vec<_> = texts.filter(|(_, template)| template.matches(text, &could_be)).collect();
        found.sort_by_key(|(_, template)| std::cmp::Reverse(template.fixed_length()));
        found.into_iter().map(|(id, _)| id.clone()).collect()
    }

    /// The text of `word.<set>.<word>`.
    fn word(&self, set: &str, word: &str, language: &Language) -> Option<String> {
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
        Spoken { prompt: PromptId::from(prompt), language: Language::from(language), values: values(), personal: false }
    }

    fn said(prompt: &str, language: &str) -> String {
        let sentence = catalogue().sentence(&spoken(prompt, language)).unwrap();
        assert_eq!(sentence.language.as_str(), language);
        match sentence.segments.as_slice() {
            [Segment::Text(text)] => text.clone(),
            other => panic!("one text expected, found {other:?}"),
        }
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
            let error = catalogue().sentence(&spoken).unwrap_err();
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

    #[test]
    fn a_catalogue_is_shared_by_all_calls() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&catalogue());
    }
}
