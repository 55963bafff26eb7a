//! A node as a card: its name and kind, and the ways that leave its part of the line.

use super::layout::Size;
use super::{Mark, Overlay, Tone, text};
use crate::call::NodeId;
use crate::flow::Node;
use crate::flow::node::Edge;

/// Sizes of letters, in pixels.
pub(super) const TITLE: f64 = 12.0;
pub(super) const SMALL: f64 = 10.0;
/// The height of a line of small letters.
pub(super) const LINE: f64 = 13.0;
/// The height of a card's head without a mark.
pub(super) const HEAD: f64 = 36.0;
/// From the side of a card to its text: the sides of some kinds are slanted.
pub(super) const SIDE: f64 = 12.0;
/// Letters in a line of a way that leaves the part.
const LONGEST_LINE: usize = 30;

/// The kind of a card that stands where a part begins.
pub(super) const BEGIN: &str = "begin";

/// A piece of a text with a tone of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) tone: Tone,
}

/// A way that leaves the part, or comes from outside it.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) lines: Vec<Vec<Piece>>,
    /// The node at its other end, if it is one.
    pub(super) other: Option<&'a NodeId>,
    pub(super) comes_in: bool,
}

/// What is drawn of a node, or of where a part begins.
#[derive(Clone, Debug)]
pub(super) struct Card<'a> {
    /// `None` where a part begins, and in the legend.
    pub(super) id: Option<&'a NodeId>,
    /// Its kind as flow files write it; `begin` where a part begins.
    pub(super) kind: &'static str,
    pub(super) title: String,
    /// Its kind, and what it asks.
    pub(super) about: String,
    pub(super) mark: Mark,
    pub(super) rows: Vec<Row<'a>>,
    pub(super) size: Size,
}

impl<'a> Card<'a> {
    pub(super) fn of(id: &'a NodeId, node: &'a Node, rows: Vec<Row<'a>>, overlay: &Overlay) -> Self {
        let mark = overlay.nodes.get(id).cloned().unwrap_or_default();
        let (title, about, size) = (id.to_string(), about(node), Size::default());
        Self { id: Some(id), kind: kind(node), title, about, mark, rows, size }.sized()
    }

    /// A card that shows what a kind looks like.
    pub(super) fn example(kind: &'static str, what: &str) -> Self {
        let (title, about, size) = (kind.to_owned(), what.to_owned(), Size::default());
        Self { id: None, kind, title, about, mark: Mark::default(), rows: Vec::new(), size }.sized()
    }

    /// Where calls come into a part.
    pub(super) fn begin(title: &str) -> Self {
        let size = Size { width: text::width(title, SMALL) + 2.0 * SIDE, height: 22.0 };
        let (title, about) = (title.to_owned(), String::new());
        Self { id: None, kind: BEGIN, title, about, mark: Mark::default(), rows: Vec::new(), size }
    }

    fn sized(mut self) -> Self {
        let rows = self.rows.iter().flat_map(|row| &row.lines).map(|line| width(line));
        let head =
            [text::width(&self.title, TITLE), text::width(&self.about, SMALL), text::width(&self.mark.label, SMALL)];
        let widest = rows.chain(head).fold(0.0, f64::max);
        let lines: u16 = self.rows.iter().map(|row| u16::try_from(row.lines.len()).unwrap_or(u16::MAX)).sum();
        let body = if lines == 0 { 0.0 } else { f64::from(lines) * LINE + 6.0 };
        self.size = Size { width: widest + 2.0 * SIDE, height: self.head() + body };
        self
    }

    /// The height of its head.
    pub(super) fn head(&self) -> f64 {
        if self.mark.label.is_empty() { HEAD } else { HEAD + LINE }
    }
}

/// The width of a line of pieces.
pub(super) fn width(line: &[Piece]) -> f64 {
    let text: Vec<&str> = line.iter().map(|piece| piece.text.as_str()).collect();
    text::width(&text.join(" "), SMALL)
}

/// The ways from one node to another as pieces of one text, and how strong they are together.
pub(super) fn joined(id: &NodeId, edges: &[Edge<'_>], overlay: &Overlay) -> (Vec<Piece>, Tone) {
    let marks: Vec<_> = edges.iter().map(|edge| overlay.edges.get(&(id.clone(), edge.name()))).collect();
    let mut pieces: Vec<Piece> = Vec::new();
    for (edge, mark) in edges.iter().zip(&marks) {
        let label = mark.map_or("", |mark| mark.label.as_str());
        let text = [label_of(edge), label].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            pieces.push(Piece { text, tone: mark.map(|mark| mark.tone).unwrap_or_default() });
        }
    }
    let last = pieces.len().saturating_sub(1);
    pieces.iter_mut().take(last).for_each(|piece| piece.text.push(','));
    let tone = marks.iter().flatten().map(|mark| mark.tone).fold(Tone::Plain, Tone::stronger);
    (pieces, tone)
}

/// The text of an edge: its key or outcome; nothing for the only way on.
pub(super) fn label_of<'a>(edge: &'a Edge<'_>) -> &'a str {
    match (edge.field, edge.key.as_deref()) {
        (_, Some(key)) => key,
        ("next", None) => "",
        ("then", None) => "3rd miss",
        (field, None) => field,
    }
}

/// The ways to a node of another part, as a row.
pub(super) fn leaving(pieces: Vec<Piece>, tone: Tone, target: &NodeId) -> Row<'_> {
    let last = Piece { text: format!("\u{2192} {target}"), tone };
    let pieces = pieces.into_iter().chain([last]).collect();
    Row {
        lines: text::lines(pieces, LONGEST_LINE, |piece: &Piece| piece.text.chars().count()),
        other: Some(target),
        comes_in: false,
    }
}

/// Where calls come from outside, as a row.
pub(super) fn coming<'a>(from: &str, other: Option<&'a NodeId>) -> Row<'a> {
    let piece = Piece { text: format!("\u{2190} {from}"), tone: Tone::Plain };
    Row { lines: vec![vec![piece]], other, comes_in: true }
}

/// The kind of a node as flow files write it.
pub(super) const fn kind(node: &Node) -> &'static str {
    match node {
        Node::Say(_) => "say",
        Node::Menu(_) => "menu",
        Node::Collect(_) => "collect",
        Node::Verify(_) => "verify",
        Node::Lookup(_) => "lookup",
        Node::Effect(_) => "effect",
        Node::Branch(_) => "branch",
        Node::Set(_) => "set",
        Node::Call(_) => "call",
        Node::Return(_) => "return",
        Node::Browse(_) => "browse",
        Node::Record(_) => "record",
        Node::Dial(_) => "dial",
        Node::Queue(_) => "queue",
        Node::End(_) => "end",
    }
}

/// The kind and what matters most of it.
fn about(node: &Node) -> String {
    let what = match node {
        Node::Say(say) if say.listen.is_some() => "and listen".to_owned(),
        Node::Collect(collect) => collect.format.in_words().to_owned(),
        Node::Lookup(lookup) => lookup.lookup.to_string(),
        Node::Branch(branch) => format!("on {}", branch.of),
        Node::Set(set) => {
            let language = set.language.iter().map(ToString::to_string);
            language
                .chain(set.values.iter().map(|(name, word)| format!("{name} {word}")))
                .collect::<Vec<_>>()
                .join(", ")
        }
        Node::Call(call) => call.flow.to_string(),
        Node::Return(exit) => exit.exit.to_string(),
        Node::Browse(browse) => browse.list.clone(),
        Node::Dial(dial) => dial.target.to_string(),
        Node::Queue(queue) => queue.queue.to_string(),
        Node::Record(record) => record.what.name().to_owned(),
        Node::Effect(effect) => effect.effect.signature().map_or("", |signature| signature.name).to_owned(),
        Node::Say(_) | Node::Menu(_) | Node::Verify(_) | Node::End(_) => String::new(),
    };
    format!("{} {what}", kind(node)).trim_end().to_owned()
}
