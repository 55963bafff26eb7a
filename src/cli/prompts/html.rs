//! Pages that stand by themselves: nothing in them is fetched from elsewhere. *Not* the desk's pages.

use std::fmt::Write as _;

/// A text for any place in a page, attributes too.
pub(in crate::cli) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A path for a link: each byte that could mean something else as `%xx`.
pub(super) fn link(path: &str) -> String {
    let mut linked = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~+".contains(&byte) {
            linked.push(char::from(byte));
        } else {
            write!(linked, "%{byte:02X}").expect("writing to a string does not fail");
        }
    }
    linked
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:75rem;padding:0 1rem}\
table{border-collapse:collapse;width:100%}\
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #8886}\
td.clip{font-family:ui-monospace,monospace;font-size:.85em;overflow-wrap:anywhere}\
td.text{font-size:1.15em}\
td.context{font-size:.85em}\
td.figure{text-align:right;white-space:nowrap}\
audio{width:15rem;height:2rem}\
.wanting{font-weight:bold}\
summary{cursor:pointer;padding:.4rem 0}\
@media print{body{margin:0;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}section{break-before:page}section:first-of-type{break-before:auto}}";

/// A whole page.
pub(in crate::cli) fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_means_something_to_a_browser() {
        assert_eq!(escape("<b a=\"x\" c='y'>您 & me"), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;您 &amp; me");
        assert_eq!(link("a b/med.balance+2.wav?#%"), "a%20b/med.balance+2.wav%3F%23%25");
        assert_eq!(link("二"), "%E4%BA%8C");
    }
}
