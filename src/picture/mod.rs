//! A line as a picture: SVG for people, DOT for other programs.
//!
//! Pure: a [`Line`] and an [`Overlay`] in, text out, the same for the same. The overlay is what somebody has found out
//! about nodes and edges (how often they were taken, which no test has been to); the picture knows nothing of where
//! that is from. It is *not* a check. Start with [`svg`]: `parts.rs` divides the line, `card.rs` says what is drawn of a
//! node, `layout.rs` where, `svg.rs` how.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod card;
mod dot;
mod drawing;
mod heat;
mod layout;
mod legend;
mod page;
mod parts;
mod shape;
mod svg;
mod text;

pub use heat::seconds;

use std::collections::BTreeMap;

use crate::call::NodeId;
use crate::flow::Line;

/// What a picture shows beside the line itself.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    pub nodes: BTreeMap<NodeId, Mark>,
    /// By node and [`Edge::name`](crate::flow::node::Edge::name): `on.found`.
    pub edges: BTreeMap<(NodeId, String), Mark>,
}

/// What is shown of one node or edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// A few words; with an edge they stand behind its key or outcome.
    pub label: String,
    pub tone: Tone,
}

/// How it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Missing,
    /// 0 to 1: how wide an arrow is, how strong the colour.
    Weight(f32),
}

impl Tone {
    /// Which of two is shown where there is room for one: what is missing, then the heavier, then what is good.
    fn stronger(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missing, _) | (_, Self::Missing) => Self::Missing,
            (Self::Weight(one), Self::Weight(two)) => Self::Weight(one.max(two)),
            (Self::Weight(weight), _) | (_, Self::Weight(weight)) => Self::Weight(weight),
            (Self::Good, _) | (_, Self::Good) => Self::Good,
            (Self::Plain, Self::Plain) => Self::Plain,
        }
    }
}

/// The line as one page: a frame for each sub-flow and each topic of the main flow. Self-contained, without script,
/// light and dark.
#[must_use]
pub fn svg(line: &Line, overlay: &Overlay) -> String {
    svg::write(line, &drawing::draw(line, overlay, None))
}

/// One part of the line as a page; `None` if there is no such part.
#[must_use]
pub fn svg_of(line: &Line, overlay: &Overlay, part: &str) -> Option<String> {
    parts(line).iter().any(|known| known == part).then(|| svg::write(line, &drawing::draw(line, overlay, Some(part))))
}

/// The line for Graphviz and what else reads DOT.
#[must_use]
pub fn dot(line: &Line, overlay: &Overlay) -> String {
    dot::write(line, overlay, None)
}

/// One part of the line for Graphviz; `None` if there is no such part.
#[must_use]
pub fn dot_of(line: &Line, overlay: &Overlay, part: &str) -> Option<String> {
    parts(line).iter().any(|known| known == part).then(|| dot::write(line, overlay, Some(part)))
}

/// The parts of a line by name: sub-flows, and topics of the main flow.
#[must_use]
pub fn parts(line: &Line) -> Vec<String> {
    parts::parts(line).into_iter().map(|part| part.name).collect()
}
