//! A prompt text with placeholders, `您的余额是{total: amount}。`, parsed once. *Not* the readings: values come
//! here as finished words.

use std::fmt;
use std::ops::Range;

use super::Reading;

/// A placeholder: the name of a value and how it is said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// Lower-case words joined by hyphens: `as-of`.
    pub name: String,
    pub reading: Reading,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Slot(Slot),
}

/// The pieces of a text, in order. No two texts stand side by side, and none is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) pieces: Vec<Piece>,
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Slot(Slot { name, reading }) => write!(f, "{{{name}: {reading}}}"),
        })
    }
}

/// Something wrong in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) help: String,
    /// What to write there instead.
    pub(super) fix: Option<String>,
}

const FORM: &str = "a placeholder is `{name: reading}`, for example `{total: amount}` or `{n: count month}`";

/// Marks of which one is enough where a value ends in what the text goes on with: "at two p.m."
const MARKS: [char; 6] = ['.', ',', '。', '，', '！', '？'];

impl Template {
    /// Reads a text; what is wrong with it is left out and returned.
    pub(super) fn parse(text: &str) -> (Self, Vec<Fault>) {
        let mut template = Self::default();
        let mut faults = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let length = rest.find(['{', '}']).unwrap_or(rest.len());
            let (plain, braced) = rest.split_at(length);
            if !plain.is_empty() {
                template.pieces.push(Piece::Text(plain.to_owned()));
            }
            at += length;
            let inner = braced.strip_prefix('{').and_then(|inner| inner.split_once('}')).map(|(inner, _)| inner);
            match inner {
                Some(inner) => {
                    let range = at..at + inner.len() + 2;
                    at = range.end;
                    match slot(inner, range) {
                        Ok(slot) => template.pieces.push(Piece::Slot(slot)),
                        Err(fault) => faults.push(fault),
                    }
                }
                None if braced.is_empty() => {}
                None => {
                    faults.push(bad(at..at + 1, "a brace without its other half"));
                    at += 1;
                }
            }
        }
        (template, faults)
    }

    /// The placeholders, each once, in the order of the text.
    pub(super) fn slots(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        for piece in &self.pieces {
            if let Piece::Slot(slot) = piece
                && !slots.contains(slot)
            {
                slots.push(slot.clone());
            }
        }
        slots
    }

    /// The text with its values, as `say` words them. A value that begins a sentence takes a capital letter, and
    /// one that ends in the mark that follows it gives up its own.
    pub(super) fn fill<E>(&self, mut say: impl FnMut(&Slot) -> Result<String, E>) -> Result<String, E> {
        let mut filled = String::new();
        let mut value_before = false;
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    let mark = text.chars().next().filter(|mark| value_before && MARKS.contains(mark));
                    if mark.is_some_and(|mark| filled.ends_with(mark)) {
                        filled.pop();
                    }
                    filled.push_str(text);
                }
                Piece::Slot(slot) => {
                    let begins = filled.is_empty() || [". ", "! ", "? "].iter().any(|end| filled.ends_with(end));
                    let value = say(slot)?;
                    match value.chars().next() {
                        Some(first) if begins => {
                            filled.push(first.to_ascii_uppercase());
                            filled.extend(value.chars().skip(1));
                        }
                        _ => filled.push_str(&value),
                    }
                }
            }
            value_before = matches!(piece, Piece::Slot(_));
        }
        Ok(filled)
    }

    /// Whether `text` could be this template, filled; `could_be` judges what stands for a placeholder.
    pub(super) fn matches(&self, text: &str, could_be: &dyn Fn(&Reading, &str) -> bool) -> bool {
        matches(&self.pieces, text, could_be)
    }

    /// How much of it is text: of several templates that match, the one with most is most likely meant.
    pub(super) fn fixed_length(&self) -> usize {
        let texts = self.pieces.iter().map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 });
        texts.sum()
    }
}

fn matches(pieces: &[Piece], text: &str, could_be: &dyn Fn(&Reading, &str) -> bool) -> bool {
    match pieces {
        [] => text.is_empty(),
        [Piece::Text(start), rest @ ..] => {
            text.strip_prefix(start.as_str()).is_some_and(|text| matches(rest, text, could_be))
        }
        [Piece::Slot(slot)] => could_be(&slot.reading, text),
        [Piece::Slot(slot), rest @ ..] => {
            let here = |end: usize| {
                let (value, after) = text.split_at(end);
                matches(rest, after, could_be) && could_be(&slot.reading, value)
            };
            text.char_indices().any(|(end, _)| end > 0 && here(end))
        }
    }
}

fn bad(range: Range<usize>, text: impl Into<String>) -> Fault {
    Fault { range, code: "bad-placeholder", text: text.into(), help: FORM.to_owned(), fix: None }
}

fn slot(inner: &str, range: Range<usize>) -> Result<Slot, Fault> {
    let Some((name, reading)) = inner.split_once(':') else {
        return Err(bad(range, format!("`{{{inner}}}` does not say how it is read")));
    };
    let name = name.trim();
    let words = name.split('-').all(|word| !word.is_empty() && word.chars().all(is_name_character));
    if !words || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        let text = format!("`{name}` is no name for a value; names are lower-case words joined by hyphens");
        return Err(bad(range, text));
    }
    let space = if reading.starts_with(' ') { " " } else { "" };
    match Reading::parse(reading) {
        Ok(reading) => Ok(Slot { name: name.to_owned(), reading }),
        Err(unknown) => Err(Fault {
            range,
            code: "unknown-reading",
            text: unknown.what,
            help: unknown.help,
            // The author's own space: without quotes a colon and a space would be YAML's.
            fix: unknown.fix.map(|fix| format!("{{{name}:{space}{fix}}}")),
        }),
    }
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(text: &str, value: &str) -> String {
        let (template, faults) = Template::parse(text);
        assert_eq!(faults, []);
        template.fill(|_| Ok::<_, ()>(value.to_owned())).unwrap()
    }

    #[test]
    fn a_value_reads_well_where_it_stands() {
        for (text, value, said) in [
            ("The line opens at {c: clock}.", "nine a.m.", "The line opens at nine a.m."),
            ("It opens at {c: clock}. Goodbye.", "nine a.m.", "It opens at nine a.m. Goodbye."),
            ("From {c: clock} on.", "nine a.m.", "From nine a.m. on."),
            ("{n: count month} are owed.", "two months", "Two months are owed."),
            ("Thank you. {n: count month} are owed.", "two months", "Thank you. Two months are owed."),
            ("Number {n: integer}.", "two", "Number two."),
            ("{as-of: date}。", "三月一日", "三月一日。"),
            ("{t: text}。请按一。", "今天停机。", "今天停机。请按一。"),
        ] {
            assert_eq!(filled(text, value), said);
        }
    }

    #[test]
    fn every_fault_is_found_in_its_place() {
        let text = "截至{as of: date}，共{total}，当年{a: amuont}{n: count monht}}，{ ：amount";
        let (_, faults) = Template::parse(text);
        let found: Vec<_> = faults.iter().map(|fault| (text.get(fault.range.clone()).unwrap(), fault.code)).collect();
        assert_eq!(
            found,
            [
                ("{as of: date}", "bad-placeholder"),
                ("{total}", "bad-placeholder"),
                ("{a: amuont}", "unknown-reading"),
                ("{n: count monht}", "unknown-reading"),
                ("}", "bad-placeholder"),
                ("{", "bad-placeholder"),
            ]
        );
        let fixes: Vec<_> = faults.iter().filter_map(|fault| fault.fix.as_deref()).collect();
        assert_eq!(fixes, ["{a: amount}", "{n: count month}"]);
    }

    #[test]
    fn a_template_knows_its_own_sentences_and_no_others() {
        let (template, _) = Template::parse("{m: year-month}，{i: word insurance}，基数{b: amount}。");
        let any = |_: &Reading, _: &str| true;
        assert!(template.matches("二零二六年三月，养老保险，基数一万元。", &any));
        for other in
            ["，养老保险，基数一万元。", "三月，养老保险，基数一万元", "三月，养老保险，个人一万元。", "", "三月"]
        {
            assert!(!template.matches(other, &any), "{other}");
        }
        // The first comma is not always the one that ends the value.
        let (template, _) = Template::parse("号码{p: phone}，{n: integer}次");
        let digits_alone = |reading: &Reading, text: &str| *reading != Reading::Integer || text == "两";
        assert!(template.matches("号码零二幺，幺二三三三，两次", &digits_alone));
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_and_every_byte_is_accounted_for(text in "[a-z{}: 一。]{0,40}|\\PC{0,30}") {
            let (template, faults) = Template::parse(&text);
            for fault in &faults {
                prop_assert!(text.get(fault.range.clone()).is_some());
            }
            let plain: usize = template.fixed_length();
            let faulty: usize = faults.iter().map(|fault| fault.range.len()).sum();
            prop_assert!(plain + faulty <= text.len());
            if template.slots().is_empty() {
                prop_assert_eq!(plain + faulty, text.len());
            }
        }

        #[test]
        fn what_is_filled_is_recognised(
            texts in proptest::collection::vec("[a-z.，。]{0,3}", 1..6), value in "[a-z.，。]{1,5}"
        ) {
            let source = texts.join("{n: text}");
            let (template, faults) = Template::parse(&source);
            prop_assert!(faults.is_empty());
            let said = template.fill(|_| Ok::<_, ()>(value.clone())).unwrap();
            // A value that is nothing but the mark that follows it disappears, as it should.
            prop_assume!(value.chars().count() > 1);
            prop_assert!(template.matches(&said, &|_, _| true), "{} {}", source, said);
        }
    }
}
