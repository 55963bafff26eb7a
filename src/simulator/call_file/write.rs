//! Lines of a `.call` file put in place of others; what else is in it stays as it was written.

use std::collections::BTreeMap;

use super::words::comment;

/// The text with other lines, by number from 1: `None` for one that goes. Indents and comments stay.
#[must_use]
pub fn with_lines(text: &str, lines: &BTreeMap<u32, Option<String>>) -> String {
    let mut written = String::with_capacity(text.len());
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let Some(instead) = lines.get(&number) else {
            written.push_str(line);
            continue;
        };
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        match (instead, comment(line)) {
            (Some(instead), None) => written.extend([indent, instead, end]),
            (Some(instead), Some(comment)) => written.extend([indent, instead, "  ", comment, end]),
            (None, Some(comment)) => written.extend([indent, comment, end]),
            (None, None) => {}
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_indents_and_other_lines_stay() {
        let text = "# What it shows.\nline 12333 at 2026-03-31 10:00\n  hears main.menu   # the menu\npresses 1#\n\n\
                    says en \"Not # a note.\" # a note\ndials operators # gone\nends finished";
        let lines = [
            (3, Some("hears sys.more".to_owned())),
            (6, Some("says en \"Other.\"".to_owned())),
            (7, None),
            (8, Some("ends lost".to_owned())),
        ];
        assert_eq!(
            with_lines(text, &lines.into()),
            "# What it shows.\nline 12333 at 2026-03-31 10:00\n  hears sys.more  # the menu\npresses 1#\n\n\
             says en \"Other.\"  # a note\n# gone\nends lost"
        );
        assert_eq!(with_lines("hears a\nwaits\n", &[(1, None)].into()), "waits\n");
    }
}
