//! YAML text to a tree with places. The only file that knows the parser.

use std::sync::Arc;

use granit_parser::{Event, Parser};

use super::{Place, Problem, Problems};

/// A YAML document: scalars are text, mappings keep their order, everything knows its place.
#[derive(Debug)]
pub struct Tree {
    pub(super) file: Arc<str>,
    pub(super) root: Node,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) data: Data,
}

#[derive(Debug)]
pub(super) enum Data {
    Scalar(String),
    List(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(text) => Some(text),
            Data::List(_) | Data::Mapping(_) => None,
        }
    }

    /// What stands here, for "expected ..., found ...".
    pub(super) fn describe(&self) -> String {
        match &self.data {
            Data::Scalar(text) if text.is_empty() => "nothing".to_owned(),
            Data::Scalar(text) => format!("`{}`", text.chars().take(40).collect::<String>()),
            Data::List(_) => "a list".to_owned(),
            Data::Mapping(_) => "a mapping".to_owned(),
        }
    }
}

/// A collection that is not closed yet; `key` waits for its value.
struct Open {
    node: Node,
    key: Option<Node>,
}

impl Tree {
    /// Reads `text`. A mistake of syntax ends the file; it is reported and nothing is returned.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the parser's enum grows")]
    pub fn parse(file: &str, text: &str, problems: &Problems) -> Option<Self> {
        let file: Arc<str> = Arc::from(file);
        let mut open: Vec<Open> = Vec::new();
        let mut root = None;
        for step in Parser::new_from_str(text) {
            let (event, span) = match step {
                Ok(step) => step,
                Err(error) => {
                    let marker = error.marker();
                    let start = marker.byte_offset().unwrap_or(0);
                    let place = Place {
                        start,
                        end: (start + 1).min(text.len()),
                        line: marker.line(),
                        column: marker.col() + 1,
                    };
                    let what = format!("this is not YAML: {}", error.info());
                    let help = Some(likely_slip(text, place.line));
                    problems.add(Problem {
                        file,
                        place,
                        code: "yaml-syntax",
                        text: what,
                        caller: None,
                        help,
                        fix: None,
                    });
                    return None;
                }
            };
            let range = span.byte_range().unwrap_or(0..0);
            let place =
                Place { start: range.start, end: range.end, line: span.start.line(), column: span.start.col() + 1 };
            if let Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(_, anchor, tag)
            | Event::MappingStart(_, anchor, tag) = &event
            {
                refuse(*anchor, tag.is_some(), place, &file, problems);
            }
            let done = match event {
                Event::Scalar(text, ..) => {
                    // The parser writes `~` for a value that is not there.
                    let text = if range.is_empty() { String::new() } else { text.into_owned() };
                    Some(Node { place, data: Data::Scalar(text) })
                }
                Event::SequenceStart(..) => {
                    open.push(Open { node: Node { place, data: Data::List(Vec::new()) }, key: None });
                    None
                }
                Event::MappingStart(..) => {
                    open.push(Open { node: Node { place, data: Data::Mapping(Vec::new()) }, key: None });
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => open.pop().map(|open| open.node),
                Event::Alias(..) | Event::UnresolvedAlias(..) => {
                    problems.report(&file, place, "yaml-alias", "aliases are not used in these files; write it out");
                    Some(Node { place, data: Data::Scalar(String::new()) })
                }
                _ => None,
            };
            if let Some(node) = done {
                attach(node, &mut open, &mut root, &file, problems);
            }
        }
        let root = root.unwrap_or(Node {
            place: Place { line: 1, column: 1, ..Place::default() },
            data: Data::Mapping(Vec::new()),
        });
        Some(Self { file, root })
    }
}

impl Tree {
    /// The file that it was read from.
    #[must_use]
    pub const fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Where the value at the end of these keys stands; that of a mapping is its name's. The key of an item in a list
    /// is its text. `None` if there is none.
    #[must_use]
    pub fn place(&self, keys: &[&str]) -> Option<Place> {
        let mut node = &self.root;
        for key in keys {
            node = match &node.data {
                Data::Mapping(pairs) => &pairs.iter().find(|(known, _)| known.text() == Some(key))?.1,
                Data::List(items) => items.iter().find(|item| item.text() == Some(key))?,
                Data::Scalar(_) => return None,
            };
        }
        Some(node.place)
    }

    /// The names in the mapping at the end of these keys.
    #[must_use]
    pub fn names(&self, keys: &[&str]) -> Vec<&str> {
        let mut node = &self.root;
        for key in keys {
            let Data::Mapping(pairs) = &node.data else { return Vec::new() };
            let Some((_, value)) = pairs.iter().find(|(known, _)| known.text() == Some(key)) else { return Vec::new() };
            node = value;
        }
        let Data::Mapping(pairs) = &node.data else { return Vec::new() };
        pairs.iter().filter_map(|(name, _)| name.text()).collect()
    }
}

/// Anchors (numbered from 1) and tags change what is written elsewhere or how it is read.
fn refuse(anchor: usize, tag: bool, place: Place, file: &Arc<str>, problems: &Problems) {
    if anchor > 0 {
        problems.report(file, place, "yaml-alias", "anchors are not used in these files; leave it out");
    }
    if tag {
        problems.report(file, place, "yaml-tag", "tags are not used in these files; leave it out");
    }
}

/// Puts a finished node where it belongs.
fn attach(node: Node, open: &mut [Open], root: &mut Option<Node>, file: &Arc<str>, problems: &Problems) {
    let Some(parent) = open.last_mut() else {
        if root.is_some() {
            problems.report(file, node.place, "yaml-documents", "a file has one document; nothing may follow `---`");
        } else {
            *root = Some(node);
        }
        return;
    };
    match &mut parent.node.data {
        Data::List(items) => items.push(node),
        Data::Mapping(pairs) => match parent.key.take() {
            None => parent.key = Some(node),
            Some(key) => {
                // A mistake in a mapping as a whole is shown at its name; its own place is that of its first key.
                let place = if matches!(node.data, Data::Mapping(_)) { key.place } else { node.place };
                let node = Node { place, ..node };
                if let Some((first, _)) = pairs.iter().find(|(known, _)| known.text() == key.text()) {
                    let text =
                        format!("`{}` is written twice; first at line {}", key.text().unwrap_or("?"), first.place.line);
                    problems.report(file, key.place, "written-twice", text);
                } else {
                    pairs.push((key, node));
                }
            }
        },
        Data::Scalar(_) => {}
    }
}

/// What an author has most likely done where the parser gave up, at this line.
fn likely_slip(text: &str, line: usize) -> String {
    let indented_with_tab = |line: &str| line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t');
    if let Some((number, _)) = (1..).zip(text.lines()).find(|(_, line)| indented_with_tab(line)) {
        return format!("line {number} is indented with a tab; use spaces");
    }
    if text.lines().nth(line.saturating_sub(1)).is_some_and(|line| line.contains("*:")) {
        return "write `\"*\"` with quotation marks".to_owned();
    }
    "what belongs together begins in the same column, and what belongs to a name two spaces further right".to_owned()
}
