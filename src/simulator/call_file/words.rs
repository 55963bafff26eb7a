//! A line in words.

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Bare(String),
    /// Between double quotes; `\"` and `\\` stand for themselves.
    Quoted(String),
}

/// Splits a line at blanks. A `#` that begins a word and stands before a blank begins a comment; at the end of the
/// line, or before anything else, it is a key.
///
/// # Errors
/// What is wrong with a quotation.
pub(super) fn words(line: &str) -> Result<Vec<Word>, &'static str> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() && !is_comment(rest) {
        let (word, left) = if let Some(quotation) = rest.strip_prefix('"') { quoted(quotation)? } else { bare(rest) };
        words.push(word);
        rest = left.trim_start();
    }
    Ok(words)
}

/// The comment behind a line, from its `#` on.
pub(super) fn comment(line: &str) -> Option<&str> {
    let mut rest = line.trim();
    while !rest.is_empty() && !is_comment(rest) {
        let (_, left) = match rest.strip_prefix('"') {
            Some(quotation) => quoted(quotation).ok()?,
            None => bare(rest),
        };
        rest = left.trim_start();
    }
    (!rest.is_empty()).then_some(rest)
}

fn is_comment(rest: &str) -> bool {
    rest.strip_prefix('#').is_some_and(|after| after.starts_with(char::is_whitespace))
}

fn bare(text: &str) -> (Word, &str) {
    let (word, left) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    (Word::Bare(word.to_owned()), left)
}

/// Reads up to the closing quotation mark.
fn quoted(text: &str) -> Result<(Word, &str), &'static str> {
    let mut read = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let rest = text.get(at + 1..).unwrap_or_default();
                if rest.starts_with(|next: char| !next.is_whitespace()) {
                    return Err("expected a blank after a closing quotation mark");
                }
                return Ok((Word::Quoted(read), rest));
            }
            '\\' => match letters.next() {
                Some((_, letter @ ('"' | '\\'))) => read.push(letter),
                _ => return Err("expected `\\\"` or `\\\\` where a backslash stands between quotation marks"),
            },
            _ => read.push(letter),
        }
    }
    Err("expected a closing quotation mark on the same line")
}
