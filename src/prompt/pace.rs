//! How long a text takes to say, about: for limits on prompts, and where no clip tells it exactly.

use std::time::Duration;

use super::say;
use crate::call::Language;

/// The pause at a mark inside a sentence.
const PAUSE: Duration = Duration::from_millis(250);
/// The pause at the end of a sentence.
const SENTENCE_END: Duration = Duration::from_millis(400);

/// How long `text` takes, pauses included: an estimate, good to about a fifth.
///
/// Chinese characters and words in letters are counted by themselves, so mixed texts come out right. A language
/// without readings is taken for the first of [`say::ALL`].
#[must_use]
pub fn speaking_time(language: &Language, text: &str) -> Duration {
    let known = say::tongue(language).ok().or_else(|| say::ALL.first().copied());
    let Some(pace) = known.map(|tongue| tongue.pace) else { return Duration::ZERO };
    let mut time = Duration::ZERO;
    let mut in_word = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let letter = character.is_ascii_alphanumeric() || character == '\'';
        // A point inside `p.m.` or a comma inside a figure is no pause.
        let mark = !character.is_ascii() || characters.peek().is_none_or(|next| next.is_whitespace());
        time += match character {
            _ if letter && in_word => Duration::ZERO,
            _ if letter => pace.word,
            '。' | '！' | '？' | '…' | '.' | '!' | '?' if mark => SENTENCE_END,
            '，' | '、' | '；' | '：' | ',' | ';' | ':' if mark => PAUSE,
            _ if character.is_alphanumeric() => pace.character,
            _ => Duration::ZERO,
        };
        in_word = letter;
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_as_long_as_its_syllables_words_and_pauses() {
        for (language, text, ms) in [
            ("zh-CN", "", 0),
            ("zh-CN", "您好", 454),
            ("zh-CN", "您好，再见。", 4 * 227 + 250 + 400),
            ("zh-CN", "请按一。For English, press two.", 3 * 227 + 400 + 4 * 385 + 250 + 400),
            ("en", "Thank you.", 2 * 385 + 400),
            ("en", "twenty-three", 2 * 385),
            ("en", "at two p.m. on", 5 * 385 + 400),
            ("en", "don't", 385),
        ] {
            assert_eq!(speaking_time(&Language::from(language), text), Duration::from_millis(ms), "{text}");
        }
    }

    #[test]
    fn the_main_menu_takes_about_as_long_as_it_was_measured() {
        let menu = "医保账户余额查询请按一，缴费记录查询请按二，办事指南请按三，参保监督请按四，更多服务请按五。";
        let seconds = speaking_time(&Language::from("zh-CN"), menu).as_secs_f64();
        assert!((9.0..12.0).contains(&seconds), "{seconds}");
    }
}
