//! What was said and pressed in a call, with everything masked that is somebody's: their numbers, their figures.
//!
//! A prompt is shown as its file has it. A value stands in it only if it was read about nobody and cannot name anybody:
//! a date, a word, a count. Of what was keyed, choices and months are shown, and masks of the rest.

use super::look::Look;
use crate::call::{Keys, NodeId, Spoken, Timestamp, Value, mask_card, mask_id, mask_phone};
use crate::flow::definition::Format;
use crate::flow::{Event, Input, Line, Loaded, Node, SecretEntry};
use crate::replay::Recorded;

/// What stands for a value that is not shown.
const HIDDEN: &str = "＊＊";

/// A turn of a call, to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) at: Timestamp,
    pub(super) of_operator: bool,
    /// Where the call came to.
    pub(super) nodes: Vec<String>,
    pub(super) came: Vec<String>,
    /// Name and text of each prompt.
    pub(super) said: Vec<(String, String)>,
}

/// The turns of a call.
pub(super) fn turns(look: &Look, loaded: &Loaded, call: &Recorded) -> Vec<Turn> {
    let mut here: Option<NodeId> = None;
    let mut turns = Vec::with_capacity(call.turns.len());
    for recorded in &call.turns {
        let mut turn = Turn { at: recorded.at, of_operator: recorded.leg.0 > 0, ..Turn::default() };
        for event in recorded.events() {
            match event {
                Event::Input(input) => turn.came.extend(came(look, &loaded.line, here.as_ref(), input)),
                Event::Entered(node) => {
                    turn.nodes.push(node.to_string());
                    here = Some(node.clone());
                }
                Event::Said(said) => turn.said.extend(said.iter().map(|said| in_words(loaded, said))),
                Event::Fault(_) => turn.came.push(look.of("系统故障", "our fault").to_owned()),
                Event::Ended(_) => {}
            }
        }
        turns.push(turn);
    }
    turns
}

/// What came, in words; nothing where there is no news in it.
fn came(look: &Look, line: &Line, here: Option<&NodeId>, input: &Input) -> Option<String> {
    let text = |chinese: &str, english: &str| Some(look.of(chinese, english).to_owned());
    match input {
        Input::Arrived => text("来电", "the call arrives"),
        Input::Pressed(keys) => {
            let node = here.and_then(|node| line.nodes.get(node));
            let collects = if let Some(Node::Collect(collect)) = node { Some(collect.format) } else { None };
            Some(format!("{} {}", look.of("按", "pressed"), pressed(keys, collects)))
        }
        Input::Entered(SecretEntry::Operator) => text("按 0", "pressed 0"),
        Input::Entered(SecretEntry::Left) => text("按 *", "pressed *"),
        Input::Entered(_) => text("输入了密码（不记录）", "keyed a secret, which is not kept"),
        Input::Silent => text("没有按键", "pressed nothing"),
        Input::Continued | Input::LookupLate => None,
        // What it answered may be about somebody.
        Input::LookupDone { outcome, .. } => {
            let asked = here.map(ToString::to_string).unwrap_or_default();
            Some(format!("{} {asked} → {outcome}", look.of("查询", "the lookup")))
        }
        Input::DialEnded { outcome, talk_s } => {
            let talked = talk_s.map_or_else(String::new, |talked| format!(", {talked} s"));
            Some(format!("{} {}{talked}", look.of("呼叫结束：", "the dial ends:"), look.dial(outcome.name())))
        }
        Input::RecordEnded { seconds, .. } => Some(format!("{} {seconds} s", look.of("录音", "a recording of"))),
        Input::PeerAnswered { .. } => text("坐席摘机", "somebody picks up"),
        Input::PeerPressed { keys, .. } => Some(format!("{} {}", look.of("坐席按", "they press"), pressed(keys, None))),
        Input::PeerSilent { .. } => text("坐席没有按键", "they press nothing"),
        Input::HungUp => text("挂机", "hung up"),
        Input::Lost => text("失去联系", "nothing has come for too long"),
    }
}

/// A choice is shown; of an entry what its format allows.
fn pressed(keys: &Keys, collects: Option<Format>) -> String {
    let keys = keys.as_str();
    match collects {
        _ if keys.len() <= 1 => keys.to_owned(),
        Some(Format::YearMonth | Format::Year) if keys.len() <= 6 => keys.to_owned(),
        Some(Format::IdNumber) if keys.len() >= 15 => mask_id(keys),
        Some(Format::CardNumber) if keys.len() >= 8 => mask_card(keys),
        Some(Format::Phone) if keys.len() >= 5 => mask_phone(keys),
        _ => "*".repeat(keys.len()),
    }
}

/// A prompt, with the values that may be shown in their places.
fn in_words(loaded: &Loaded, said: &Spoken) -> (String, String) {
    let text = loaded.catalogue.text(said.prompt.as_str(), &said.language).unwrap_or_default();
    let mut words = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, slot)) = rest.split_once('{') {
        let (slot, after) = slot.split_once('}').unwrap_or((slot, ""));
        let (name, form) = slot.split_once(':').unwrap_or((slot, ""));
        let value = if said.personal { None } else { said.values.get(name.trim()).and_then(shown) };
        // A word is said as its set says it.
        let set = form.trim().strip_prefix("word ").map(str::trim);
        let value = value.map(|value| {
            let spoken = set.and_then(|set| loaded.catalogue.text(&format!("word.{set}.{value}"), &said.language));
            spoken.unwrap_or(value)
        });
        words.push_str(before);
        let value = value.as_deref().unwrap_or(HIDDEN);
        // A date and a time are two values, spoken one after the other.
        if words.ends_with(|last: char| last.is_ascii_digit())
            && value.starts_with(|first: char| first.is_ascii_digit())
        {
            words.push(' ');
        }
        words.push_str(value);
        rest = after;
    }
    words.push_str(rest);
    (said.prompt.to_string(), words)
}

/// A value that is nobody's.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::Date(date) => Some(date.to_string()),
        Value::YearMonth(month) => Some(month.to_string()),
        Value::Year(year) => Some(year.to_string()),
        Value::Clock(clock) => Some(clock.strftime("%H:%M").to_string()),
        Value::Word(word) => Some(word.clone()),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Amount(_)
        | Value::Digits(_)
        | Value::Text(_)
        | Value::Periods(_)
        | Value::Record(_)
        | Value::List(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_shown_and_numbers_masked() {
        let keys = |text: &str| Keys::parse(text).unwrap();
        for (text, format, told) in [
            ("3", None, "3"),
            ("31", None, "**"),
            ("202603", Some(Format::YearMonth), "202603"),
            ("2026031", Some(Format::YearMonth), "*******"),
            ("000101198503121233", Some(Format::IdNumber), "000***********1233"),
            ("0001011985", Some(Format::IdNumber), "**********"),
            ("1233", Some(Format::LastFour), "****"),
            ("12012345678", Some(Format::Phone), "120****5678"),
            ("12012345678", None, "***********"),
        ] {
            assert_eq!(pressed(&keys(text), format), told);
        }
    }

    #[test]
    fn amounts_and_numbers_of_people_are_no_values_to_show() {
        assert_eq!(shown(&Value::Amount(102_305)), None);
        assert_eq!(shown(&Value::Digits("12345678".to_owned())), None);
        assert_eq!(shown(&Value::Text("张三".to_owned())), None);
        assert_eq!(shown(&Value::Number(3)).as_deref(), Some("3"));
    }

    #[test]
    fn of_what_was_read_about_somebody_no_date_is_shown_either() {
        let loaded = crate::flow::load(&crate::line_files::shipped(), &crate::service::signatures()).unwrap();
        let date = Value::Date(jiff::civil::Date::constant(2026, 3, 31));
        let values: crate::call::ValueRecord = [("as-of".to_owned(), date)].into();
        let (prompt, language) = ("med.balance".into(), "en".into());
        let mut said = Spoken { prompt, language, values, personal: true, slow: false };
        assert!(in_words(&loaded, &said).1.starts_with("As of ＊＊,"));
        said.personal = false;
        assert!(in_words(&loaded, &said).1.starts_with("As of 2026-03-31,"));
    }

    #[test]
    fn a_word_is_told_as_it_was_said() {
        let loaded = crate::flow::load(&crate::line_files::shipped(), &crate::service::signatures()).unwrap();
        let values = [("language", "en"), ("verification", "verified"), ("topic", "medical")];
        let values = values.map(|(name, word)| (name.to_owned(), Value::Word(word.to_owned()))).into();
        let said = Spoken { prompt: "op.whisper".into(), language: "en".into(), values, personal: false, slow: false };
        let (_, words) = in_words(&loaded, &said);
        assert!(words.contains("about the medical account.") && !words.contains('{'), "{words}");
    }
}
