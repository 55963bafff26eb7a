//! Texts that are sent as an SMS and never said: the prompts `sms.*`. Figures stand in them as they are written, so their
//! texts may have digits, and there are no clips of them. Who gets one is *not* decided here.

use super::Reading;
use super::catalogue::{Catalogue, Error};
use crate::call::{Language, PromptId, Spoken, Value};

/// How the names of such texts begin.
const PREFIX: &str = "sms.";
/// The most that goes into two messages: characters, and those of a text that has none beyond ASCII.
const MOST: usize = 134;
const MOST_ASCII: usize = 306;

/// Whether this is the name of a text that is sent.
#[must_use]
pub fn is_written(id: &str) -> bool {
    id.starts_with(PREFIX)
}

impl Reading {
    /// Whether a value can be written so. What is counted has its measure word only when it is said.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        match self {
            Self::Amount
            | Self::Integer
            | Self::Decimal
            | Self::Percent
            | Self::Year
            | Self::YearMonth
            | Self::Date
            | Self::MonthDay
            | Self::Clock
            | Self::Digits
            | Self::Phone
            | Self::Id
            | Self::Hotline
            | Self::Ticket
            | Self::EmployeeNo
            | Self::Masked
            | Self::Word(_)
            | Self::Text => true,
            Self::Count(_)
            | Self::Months
            | Self::Duration
            | Self::Ordinal
            | Self::Period
            | Self::Periods
            | Self::MenuKey => false,
        }
    }
}

impl Catalogue {
    /// The text as it is sent.
    ///
    /// # Errors
    /// An unknown prompt or language, a value that is missing or cannot be written.
    pub fn written(&self, spoken: &Spoken) -> Result<String, Error> {
        let id = || spoken.prompt.clone();
        let entry = self.prompts.get(&spoken.prompt).ok_or_else(|| Error::UnknownPrompt(id()))?;
        let template = entry.texts.get(&spoken.language);
        let template = template.ok_or_else(|| Error::NoText { prompt: id(), language: spoken.language.clone() })?;
        template.fill(|slot| {
            let name = || slot.name.clone();
            let value = Value::at(&spoken.values, &slot.name);
            let value = value.ok_or_else(|| Error::MissingValue { prompt: id(), name: name() })?;
            if let (Reading::Word(set), Value::Word(word)) = (&slot.reading, value) {
                let unknown = || Error::UnknownWord { prompt: id(), name: name(), set: set.clone() };
                return self.word(set, word, &spoken.language).ok_or_else(unknown);
            }
            figure(&slot.reading, value).ok_or_else(|| Error::Unwritable { prompt: id(), name: name() })
        })
    }

    /// How much longer than two messages a text is, with long values in it; `None` if it is not, or says a text that is
    /// not known here.
    #[must_use]
    pub fn longer_than_two_sms(&self, prompt: &PromptId, language: &Language) -> Option<usize> {
        let values = self.long_values(prompt, language)?;
        let spoken =
            Spoken { prompt: prompt.clone(), language: language.clone(), values, personal: false, slow: false };
        let text = self.written(&spoken).ok()?;
        let most = if text.is_ascii() { MOST_ASCII } else { MOST };
        text.encode_utf16().count().checked_sub(most).filter(|more| *more > 0)
    }
}

fn figure(reading: &Reading, value: &Value) -> Option<String> {
    Some(match value {
        Value::Amount(fen) => {
            let sign = if *fen < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
        }
        Value::Number(number) if *reading == Reading::Percent => format!("{number}%"),
        Value::Number(number) => number.to_string(),
        Value::Date(date) if *reading == Reading::MonthDay => date.strftime("%m-%d").to_string(),
        Value::Date(date) => date.to_string(),
        Value::YearMonth(month) => format!("{}-{:02}", month.year(), month.month()),
        Value::Year(year) => year.to_string(),
        Value::Clock(time) => time.strftime("%H:%M").to_string(),
        Value::Digits(text) | Value::Text(text) => text.clone(),
        Value::Word(_) | Value::Flag(_) | Value::Periods(_) | Value::Record(_) | Value::List(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::call::ValueRecord;
    use crate::yaml::Problems;

    fn catalogue(zh: &str, en: &str) -> (Catalogue, Vec<String>) {
        let files = [("prompts/zh-CN/a.yaml", zh), ("prompts/en/a.yaml", en)];
        let files: BTreeMap<_, _> = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        let problems = Problems::default();
        let catalogue = Catalogue::read(&files, &["zh-CN".into(), "en".into()], &problems);
        (catalogue, problems.into_sorted().into_iter().map(|problem| problem.code.to_owned()).collect())
    }

    #[test]
    fn figures_stand_as_they_are_written() {
        let slots =
            "{r: ticket} {a: amount} {d: date} {m: month-day} {y: year-month} {c: clock} {p: percent} {w: word s}";
        let (catalogue, problems) = catalogue(
            &format!("sms.a: \"12333：{slots}\"\nword.s.x: 医保\n"),
            &format!("sms.a: \"12333: {slots}\"\nword.s.x: medical\n"),
        );
        assert_eq!(problems, [""; 0], "digits may stand in a text that is written");
        let date = jiff::civil::Date::constant(2026, 3, 31);
        let values: ValueRecord = [
            ("r", Value::Digits("48210573".to_owned())),
            ("a", Value::Amount(-102_305)),
            ("d", Value::Date(date)),
            ("m", Value::Date(date)),
            ("y", Value::YearMonth(crate::call::YearMonth::new(2026, 3).unwrap())),
            ("c", Value::Clock(jiff::civil::Time::constant(14, 30, 0, 0))),
            ("p", Value::Number(8)),
            ("w", Value::Word("x".to_owned())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let mut spoken =
            Spoken { prompt: "sms.a".into(), language: "zh-CN".into(), values, personal: false, slow: false };
        let figures = "48210573 -1023.05 2026-03-31 03-31 2026-03 14:30 8%";
        assert_eq!(catalogue.written(&spoken).unwrap(), format!("12333：{figures} 医保"));
        spoken.language = "en".into();
        assert_eq!(catalogue.written(&spoken).unwrap(), format!("12333: {figures} medical"));
        spoken.values.insert("r".to_owned(), Value::Flag(true));
        assert!(matches!(catalogue.written(&spoken), Err(Error::Unwritable { .. })));
    }

    #[test]
    fn two_messages_are_enough() {
        for (text, longer) in [("啊".repeat(134), None), ("啊".repeat(137), Some(3)), ("a".repeat(306), None)] {
            let (catalogue, _) = catalogue(&format!("sms.a: {text}\n"), "sms.a: a\n");
            assert_eq!(catalogue.longer_than_two_sms(&"sms.a".into(), &"zh-CN".into()), longer);
        }
    }

    #[test]
    fn a_text_that_is_written_has_no_clip_and_is_heard_by_nobody() {
        let (catalogue, _) = catalogue("sms.a: 您好。\n", "sms.a: Hello.\n");
        assert_eq!(catalogue.recognise(&"en".into(), "Hello."), []);
        assert!(catalogue.wanted(&"en".into()).iter().all(|wanted| wanted.prompt.is_none()));
    }
}
