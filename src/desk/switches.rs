//! What supervisors may set a line's switches to. Where they are kept is `store::Switches`; what calls make of them, the
//! lookups'.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::audit::{Deed, Who};
use crate::call::{Language, Timestamp};
use crate::prompt::speaking_time;
use crate::store::{Database, Error};

/// Callers hear it before the main menu.
const LONGEST_BULLETIN: Duration = Duration::from_secs(10);

/// A switch of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Callers reach a person first, self-service is the overflow.
    DirectToOperator,
    /// Nobody answers today, whatever the calendar says.
    ClosedToday,
    /// Account queries are closed until a time of day.
    Maintenance,
    /// An announcement before the main menu.
    Bulletin,
}

/// Why a switch cannot be set so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("expected `on` or `off`, found `{0}`")]
    NotOnOrOff(String),
    #[error("expected a time of day like 14:30, or `off`, found `{0}`")]
    NoTime(String),
    #[error("write numbers in words, as they are to be spoken: 十点, ten o'clock")]
    Digits,
    #[error("the line does not speak `{0}`")]
    NoSuchLanguage(String),
    #[error("the text in `{0}` is missing; a bulletin is in every language of the line")]
    Missing(Language),
    #[error("the text in `{language}` takes about {seconds} s to say; at most {} s", LONGEST_BULLETIN.as_secs())]
    TooLong { language: Language, seconds: u64 },
}

impl Switch {
    /// Every switch, in the order in which pages show them.
    pub const ALL: &'static [Self] = &[Self::Bulletin, Self::ClosedToday, Self::Maintenance, Self::DirectToOperator];

    /// Its word in the database and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DirectToOperator => "direct-to-operator",
            Self::ClosedToday => "closed-today",
            Self::Maintenance => "maintenance",
            Self::Bulletin => "bulletin",
        }
    }

    /// The switch with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|switch| switch.name() == word)
    }

    /// Sets it, `None` for off, and has it on record who did.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn set(
        self,
        database: &Database,
        line: &str,
        value: Option<&Value>,
        who: Who,
        now: Timestamp,
    ) -> Result<(), Error> {
        let reason = value.map_or_else(|| "off".to_owned(), Value::to_string);
        let deed = Deed { reason, ..Deed::new(who, "switched", format!("{line} {}", self.name())) };
        deed.record(database, now).await?;
        database.set_switch(line, self.name(), value).await
    }
}

/// The value of a switch that is on or off.
///
/// # Errors
/// [`Unfit::NotOnOrOff`].
pub fn on_or_off(written: &str) -> Result<Option<Value>, Unfit> {
    match written {
        "on" => Ok(Some(json!(true))),
        "off" => Ok(None),
        other => Err(Unfit::NotOnOrOff(other.to_owned())),
    }
}

/// The value of a maintenance that lasts until this time of day.
///
/// # Errors
/// [`Unfit::NoTime`].
pub fn until(written: &str) -> Result<Value, Unfit> {
    let until: jiff::civil::Time = written.parse().map_err(|_| Unfit::NoTime(written.to_owned()))?;
    Ok(json!({ "until": until.strftime("%H:%M").to_string() }))
}

/// The value of a bulletin with these texts: one in every language of the line, and short.
///
/// # Errors
/// What is wrong with a text.
pub fn bulletin<'a>(
    languages: &[Language],
    texts: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Value, Unfit> {
    let mut value = Map::new();
    for (language, text) in texts {
        if !languages.iter().any(|known| known.as_str() == language) {
            return Err(Unfit::NoSuchLanguage(language.to_owned()));
        }
        if text.chars().any(|letter| letter.is_ascii_digit()) {
            return Err(Unfit::Digits);
        }
        value.insert(language.to_owned(), json!(text.trim()));
    }
    for language in languages {
        let text = value.get(language.as_str()).and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            return Err(Unfit::Missing(language.clone()));
        }
        let takes = speaking_time(language, text);
        if takes > LONGEST_BULLETIN {
            return Err(Unfit::TooLong { language: language.clone(), seconds: takes.as_secs() });
        }
    }
    Ok(Value::Object(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_take_what_their_lookups_read() {
        assert_eq!(on_or_off("on"), Ok(Some(json!(true))));
        assert_eq!(on_or_off("off"), Ok(None));
        assert_eq!(on_or_off("yes"), Err(Unfit::NotOnOrOff("yes".to_owned())));
        assert_eq!(until("14:30"), Ok(json!({ "until": "14:30" })));
        assert_eq!(until("soon"), Err(Unfit::NoTime("soon".to_owned())));
    }

    #[test]
    fn a_bulletin_is_short_and_in_every_language() {
        let languages = [Language::from("zh-CN"), Language::from("en")];
        let bulletin = |texts: &[(&'static str, &'static str)]| bulletin(&languages, texts.iter().copied());
        let both = [("zh-CN", "今天系统升级。"), ("en", "We are upgrading today.")];
        assert_eq!(bulletin(&both), Ok(json!({ "zh-CN": "今天系统升级。", "en": "We are upgrading today." })));
        assert_eq!(bulletin(&both[..1]), Err(Unfit::Missing("en".into())));
        assert_eq!(bulletin(&[both[0], ("en", "  ")]), Err(Unfit::Missing("en".into())));
        assert_eq!(bulletin(&[both[0], ("en", "at 10")]), Err(Unfit::Digits));
        assert_eq!(bulletin(&[both[0], ("eo", "Hodiaŭ")]), Err(Unfit::NoSuchLanguage("eo".to_owned())));
        let long = "We are upgrading all of our systems today, so that your figures will be there much sooner from \
                    tomorrow morning on, and we thank you very much for your patience with us.";
        assert!(matches!(bulletin(&[both[0], ("en", long)]), Err(Unfit::TooLong { .. })));
    }
}
