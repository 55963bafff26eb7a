//! Where a call did not go as its file says: told with the first difference, and as the file would have to say it.

use std::fmt;

use super::transcript::Transcript;
use crate::call::Language;

/// Where a call did not go as its file says.
#[derive(Debug)]
pub struct Failure {
    pub file: String,
    pub line: u32,
    pub language: Language,
    /// The way that it was played: a profile, or `rehearsal`.
    pub way: String,
    /// What was expected and what was heard.
    pub text: String,
    /// `None` where something that was done was not possible.
    pub difference: Option<Difference>,
    /// The call so far.
    pub transcript: Transcript,
}

/// An expectation that does not hold, and what is so instead, both as lines of a `.call` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub expected: String,
    /// `None` if nothing is: nobody is dialled, nothing is heard, the call goes on.
    pub instead: Option<String>,
}

impl Difference {
    /// Where the two part: the byte at which the first word begins that is different.
    #[must_use]
    pub fn first(&self) -> usize {
        let instead = self.instead.as_deref().unwrap_or_default();
        let same = self.expected.char_indices().zip(instead.chars());
        let parts = same.take_while(|((_, expected), heard)| expected == heard).last();
        let parts = parts.map_or(0, |((at, expected), _)| at + expected.len_utf8());
        // A text without spaces parts at its sign, names at their beginning.
        if self.expected.starts_with("says ") {
            return parts;
        }
        let ends = |line: &str| line.get(parts..).is_none_or(|rest| rest.is_empty() || rest.starts_with(' '));
        let word = |line: &str| line.get(..parts).and_then(|same| same.rfind(' ')).map_or(0, |space| space + 1);
        if ends(&self.expected) && ends(instead) { parts } else { word(&self.expected) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, language, way, text, transcript, .. } = self;
        write!(f, "{file}:{line}: {text}\n  played in {language} through {way}; so far:\n{transcript}")
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_part_at_the_first_word_that_is_different() {
        for (expected, instead, same) in [
            ("hears main.menu", "hears main.more", "hears "),
            ("hears main.menu sys.more", "hears main.menu", "hears main.menu"),
            ("hears main.menu", "hears main.menu sys.more", "hears main.menu"),
            ("hears main.menu", "hears main.menus", "hears "),
            ("ends finished", "", ""),
            ("says zh-CN \"您好。请按一。\"", "says zh-CN \"您好。请按二。\"", "says zh-CN \"您好。请按"),
        ] {
            let instead = (!instead.is_empty()).then(|| instead.to_owned());
            let difference = Difference { expected: expected.to_owned(), instead };
            assert_eq!(&expected[..difference.first()], same);
        }
    }
}
