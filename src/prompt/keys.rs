//! Which keys a text tells its hearer to press, and what for: "to leave, press three". *Not* which keys are listened for:
//! that is the flow's.

use super::say::{self, Tongue};
use crate::call::Language;

/// Every key of a telephone.
const KEYS: &str = "0123456789*#";

/// The keys that a text asks for, in its order. A language without readings has none.
#[must_use]
pub fn spoken_keys(language: &Language, text: &str) -> Vec<char> {
    let Ok(tongue) = say::tongue(language) else { return Vec::new() };
    let text = text.to_lowercase();
    let mut keys = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(tongue.press.word) {
        rest = after;
        let inside_a_word = tongue.spaced && before.ends_with(char::is_alphabetic);
        let mut names = after.strip_prefix(' ').filter(|_| tongue.spaced).unwrap_or(after);
        while let (false, Some((key, more))) = (inside_a_word, key_at_start(tongue, names)) {
            keys.push(key);
            let Some(other) = more.strip_prefix(tongue.press.or) else { break };
            names = other;
        }
    }
    keys
}

/// What a text says that `key` is for: "to leave" of "to leave, press three". `None` if it does not ask for that key.
#[must_use]
pub fn key_words(language: &Language, text: &str, key: char) -> Option<String> {
    let tongue = say::tongue(language).ok()?;
    let lower = text.to_lowercase();
    // Of a letter that has another length in lower case, no place in the text is known any more.
    let text = if lower.len() == text.len() { text } else { lower.as_str() };
    let press = tongue.press.word;
    let places = lower.match_indices(press).filter_map(|(place, _)| {
        let names = lower.get(place + press.len()..)?.trim_start_matches(' ');
        let (found, more) = key_at_start(tongue, names)?;
        Some((found, place, lower.len() - more.len()))
    });
    let mut from = 0;
    for (found, place, end) in places {
        if found == key {
            let before = text.get(from..place)?;
            let start =
                before.trim_end_matches(ENDS).rfind(ENDS).map_or(before, |at| before.get(at..).unwrap_or(before));
            let words =
                start.trim_matches(|letter: char| letter.is_whitespace() || "。！？；：.!?;:,，、".contains(letter));
            let words = words.strip_suffix("请").unwrap_or(words).trim_end_matches(['，', ',']);
            return (!words.is_empty()).then(|| words.to_owned());
        }
        from = end;
    }
    None
}

/// What ends a sentence.
const ENDS: [char; 10] = ['。', '！', '？', '；', '：', '.', '!', '?', ';', ':'];

/// The key whose name a text begins with, and what follows it.
fn key_at_start<'a>(tongue: &Tongue, text: &'a str) -> Option<(char, &'a str)> {
    let named = KEYS.chars().find_map(|key| Some((key, text.strip_prefix(tongue.key(key).as_str())?)));
    let (key, more) = named?;
    let cut = tongue.spaced && more.starts_with(|next: char| next.is_alphabetic() || next == '-');
    let no_key = tongue.press.no_key.iter().any(|follows| more.starts_with(follows));
    (!cut && !no_key).then_some((key, more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_what_a_key_is_for() {
        for (language, text, key, words) in [
            (
                "zh-CN",
                "您好。医保账户余额查询请按一，缴费记录查询请按二。重听请按九，返回请按星号键。",
                '1',
                Some("医保账户余额查询"),
            ),
            (
                "zh-CN",
                "医保账户余额查询请按一，缴费记录查询，请按二。重听请按九，返回请按星号键。",
                '2',
                Some("缴费记录查询"),
            ),
            ("zh-CN", "缴费记录查询请按二。重听请按九，返回请按星号键。", '*', Some("返回")),
            ("zh-CN", "缴费记录查询请按二。", '1', None),
            (
                "en",
                "Welcome. Your balance, press one. To report your employer, press two.",
                '2',
                Some("To report your employer"),
            ),
            ("en", "Welcome. Your balance, press one.", '1', Some("Your balance")),
            ("xx", "press one", '1', None),
        ] {
            assert_eq!(key_words(&Language::from(language), text, key).as_deref(), words, "{text} {key}");
        }
    }

    #[test]
    fn a_text_says_which_keys_to_press() {
        for (language, text, keys) in [
            ("zh-CN", "查账户请按一，查月份请按二，返回请按星号键，听下一步请按井号键。", "12*#"),
            ("zh-CN", "请稍后再试，或按零转人工。", "0"),
            ("zh-CN", "已按月缴费，请按键，按一下也可以。按一或二都可以。", "12"),
            ("zh-CN", "拨打幺二三三三。", ""),
            ("en", "For your account press one. To leave, press NINE; or press star.", "19*"),
            ("en", "Pressure one, suppress two, press one of the keys, press twenty-three.", ""),
            ("en", "Press one or two, press pound for the next.", "12#"),
            ("eo", "Premu unu.", "1"),
            ("xx", "press one", ""),
        ] {
            assert_eq!(spoken_keys(&Language::from(language), text).iter().collect::<String>(), keys, "{text}");
        }
    }
}
