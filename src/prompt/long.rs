//! How long a prompt lasts when its values are long, and how long it may: callers forget what a menu began with.

use std::fmt;
use std::time::Duration;

use super::{Catalogue, Reading, Utterance, is_written, say};
use crate::call::{Language, PromptId, Spoken, Value, ValueRecord};

/// The longest that a menu lasts, and any other prompt.
const MENU: Duration = Duration::from_secs(15);
const PROMPT: Duration = Duration::from_secs(20);

/// A prompt that lasts too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    length: Duration,
    menu: bool,
    exact: bool,
}

impl TooLong {
    /// It is the length of clips; otherwise it is about so long.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.exact
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, most) = if self.menu { ("a menu", MENU) } else { ("a prompt", PROMPT) };
        let about = if self.exact { "" } else { "about " };
        let (is, most) = (self.length.as_secs_f32(), most.as_secs());
        write!(f, "it lasts {about}{is:.1} s with long values in it; {what} at most {most} s")
    }
}

/// A long but likely value (nine of ten amounts of the demo people are no longer), as [`say::read_value`] takes it;
/// `None` where an author or an operator writes the text.
fn long(reading: &Reading) -> Option<&'static str> {
    Some(match reading {
        Reading::Amount => "8765.43",
        Reading::Integer | Reading::Ordinal | Reading::Decimal | Reading::Percent | Reading::Count(_) => "25",
        Reading::Months => "27",
        Reading::Duration => "150",
        Reading::Year => "2027",
        Reading::YearMonth => "2027-11",
        Reading::Date => "2027-11-27",
        Reading::MonthDay => "11-27",
        Reading::Period => "2026-11..2027-12",
        Reading::Periods => "2026-11..2027-02,2027-04..2027-05",
        Reading::Clock => "15:25",
        Reading::Digits => "204816",
        Reading::Phone => "13812345678",
        Reading::Id => "000101198503121233",
        Reading::Hotline => "12333",
        Reading::Ticket => "20270331-0042",
        Reading::EmployeeNo => "1024",
        Reading::MenuKey => "1",
        Reading::Masked => "*0015",
        Reading::Word(_) | Reading::Text => return None,
    })
}

impl Catalogue {
    /// A prompt with long values. `None` if it says a text that is not known here, or cannot be said.
    #[must_use]
    pub fn with_long_values(&self, prompt: &PromptId, language: &Language) -> Option<Utterance> {
        let values = self.long_values(prompt, language)?;
        let spoken =
            Spoken { prompt: prompt.clone(), language: language.clone(), values, personal: false, slow: false };
        self.utterance(&spoken).ok()
    }

    /// A long value for each placeholder of a prompt.
    pub(super) fn long_values(&self, prompt: &PromptId, language: &Language) -> Option<ValueRecord> {
        let mut values = ValueRecord::new();
        for slot in self.slots(prompt.as_str())? {
            let value = if let Reading::Word(set) = &slot.reading {
                Value::Word(self.longest_word(set, language)?)
            } else {
                say::read_value(&slot.reading, long(&slot.reading)?).ok()?
            };
            values.insert(slot.name.clone(), value);
        }
        Some(values)
    }

    /// Whether a prompt lasts longer than it may: a menu, which is chosen from, or any other.
    #[must_use]
    pub fn too_long(&self, prompt: &PromptId, language: &Language, menu: bool) -> Option<TooLong> {
        if is_written(prompt.as_str()) {
            return None;
        }
        let utterance = self.with_long_values(prompt, language)?;
        let length = utterance.length();
        let most = if menu { MENU } else { PROMPT };
        (length > most).then_some(TooLong { length, menu, exact: utterance.recipe.is_some() })
    }

    fn longest_word(&self, set: &str, language: &Language) -> Option<String> {
        let prefix = format!("word.{set}.");
        let words = self.ids().filter_map(|id| id.as_str().strip_prefix(&prefix));
        let length = |word: &&str| self.text(&format!("{prefix}{word}"), language).map(|text| text.len());
        words.max_by_key(length).map(str::to_owned)
    }
}
