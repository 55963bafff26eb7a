//! Everything that is drawn, with its place on the page: frames with cards and arrows in them.

use std::collections::BTreeMap;

use super::card::{self, Card, LINE, Piece, Row, SMALL};
use super::layout::{Area, Link, Point, Route, Size, layout};
use super::parts::{Part, parts};
use super::{Overlay, Tone, legend, page, text};
use crate::call::NodeId;
use crate::flow::node::Edge;
use crate::flow::{Line, Node, Universal};

/// Between a frame and what is in it.
const PADDING: f64 = 14.0;
/// The height of a frame's name.
const NAME: f64 = 26.0;
/// A heading is broken no narrower than this.
const NARROWEST: f64 = 260.0;
/// Letters in a line of an arrow's text.
const LONGEST_LINE: usize = 18;
/// An arrow that is longer is not drawn: its card names the target.
const FARTHEST: f64 = 700.0;
/// Where more ways than these come from outside, they are counted.
const MOST_NAMED: usize = 3;

/// A page.
#[derive(Debug)]
pub(super) struct Drawing<'a> {
    pub(super) frames: Vec<Frame<'a>>,
    pub(super) size: Size,
}

/// A part of the line, or the legend.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) area: Area,
    pub(super) name: String,
    /// A sub-flow, which calls refer to.
    pub(super) is_flow: bool,
    pub(super) heading: Vec<String>,
    pub(super) cards: Vec<(Area, Card<'a>)>,
    pub(super) arrows: Vec<Arrow<'a>>,
}

/// An arrow between two cards of a frame.
#[derive(Debug)]
pub(super) struct Arrow<'a> {
    pub(super) ends: Option<(&'a NodeId, &'a NodeId)>,
    pub(super) points: Vec<Point>,
    pub(super) text: Option<(Area, Vec<Vec<Piece>>)>,
    pub(super) tone: Tone,
}

/// Draws a line, or one part of it.
pub(super) fn draw<'a>(line: &'a Line, overlay: &Overlay, only: Option<&str>) -> Drawing<'a> {
    let all = parts(line);
    let outside = from_outside(line, &all);
    let drawn = all.iter().filter(|part| only.is_none_or(|only| part.name == only));
    let frames = drawn.map(|part| frame(line, part, &outside, overlay));
    let mut frames: Vec<Frame<'_>> = frames.chain([legend::frame(line)]).collect();
    let (places, size) = page::arrange(&frames.iter().map(|frame| frame.area.size).collect::<Vec<_>>());
    frames.iter_mut().zip(places).for_each(|(frame, at)| frame.move_to(at));
    Drawing { frames, size }
}

impl<'a> Frame<'a> {
    /// A frame at 0, 0 around what has its places already.
    pub(super) fn around(
        name: &str,
        heading: &[String],
        inside: Size,
        cards: Vec<(Area, Card<'a>)>,
        arrows: Vec<Arrow<'a>>,
    ) -> Self {
        let width = inside.width.max(NARROWEST);
        let heading: Vec<String> = heading.iter().flat_map(|paragraph| broken(paragraph, width)).collect();
        let above = NAME + rows(heading.len()) + PADDING;
        let size = Size { width: width + 2.0 * PADDING, height: above + inside.height + PADDING };
        let area = Area { at: Point::default(), size };
        let mut frame = Self { area, name: name.to_owned(), is_flow: false, heading, cards, arrows };
        frame.move_inside(Point { x: PADDING, y: above });
        frame
    }

    fn move_to(&mut self, at: Point) {
        self.area.at = at;
        self.move_inside(at);
    }

    fn move_inside(&mut self, by: Point) {
        self.cards.iter_mut().for_each(|(area, _)| *area = area.moved(by));
        for arrow in &mut self.arrows {
            arrow.points.iter_mut().for_each(|point| *point = point.moved(by));
            arrow.text.iter_mut().for_each(|(area, _)| *area = area.moved(by));
        }
    }

    /// Where the lines of its heading begin: name first.
    pub(super) fn heading_at(&self) -> Point {
        self.area.at.moved(Point { x: PADDING, y: NAME - 6.0 })
    }
}

/// The height of so many lines.
pub(super) fn rows(lines: usize) -> f64 {
    f64::from(u32::try_from(lines).unwrap_or(u32::MAX)) * LINE
}

fn broken(paragraph: &str, width: f64) -> Vec<String> {
    let mut most = 1;
    while text::width(&"m".repeat(most + 1), SMALL) <= width {
        most += 1;
    }
    let words: Vec<&str> = paragraph.split(' ').collect();
    text::lines(words, most, |word| word.chars().count()).into_iter().map(|line| line.join(" ")).collect()
}

/// Who comes to a node from outside its part.
type Outside<'a> = BTreeMap<&'a NodeId, Vec<Comer<'a>>>;
/// Somebody who comes to a node, in words, and the node that they come from.
type Comer<'a> = (String, Option<&'a NodeId>);

fn from<'a>(id: &'a NodeId, pieces: &[Piece]) -> Comer<'a> {
    let ways: Vec<&str> = std::iter::once(id.as_str()).chain(pieces.iter().map(|piece| piece.text.as_str())).collect();
    (ways.join(" "), Some(id))
}

fn from_outside<'a>(line: &'a Line, parts: &[Part<'a>]) -> Outside<'a> {
    let mut outside: Outside<'_> = BTreeMap::new();
    for part in parts {
        for id in &part.nodes {
            for (target, edges) in ways(line, id) {
                if !part.nodes.contains(&target) {
                    let pieces = card::joined(id, &edges, &Overlay::default()).0;
                    outside.entry(target).or_default().push(from(id, &pieces));
                }
            }
        }
    }
    for (key, universal) in &line.keys {
        if let Universal::Node(target) = universal {
            outside.entry(target).or_default().push((format!("key {key}, anywhere"), None));
        }
    }
    outside.entry(&line.ladder.then).or_default().push(("3rd miss, anywhere".to_owned(), None));
    outside.entry(&line.expired.1).or_default().push(("verification over".to_owned(), None));
    outside
}

/// The ways on from a node, those to the same node together.
pub(super) fn ways<'a>(line: &'a Line, id: &NodeId) -> Vec<(&'a NodeId, Vec<Edge<'a>>)> {
    let mut ways: Vec<(&NodeId, Vec<Edge<'_>>)> = Vec::new();
    for edge in line.nodes.get(id).map(Node::edges).unwrap_or_default() {
        match ways.iter_mut().find(|(target, _)| *target == edge.target) {
            Some((_, edges)) => edges.push(edge),
            None => ways.push((edge.target, vec![edge])),
        }
    }
    ways
}

/// The ways from one card to another of its part.
struct Inside<'a> {
    from: usize,
    to: usize,
    pieces: Vec<Piece>,
    tone: Tone,
    target: &'a NodeId,
    /// Drawn as an arrow; otherwise named on the card.
    drawn: bool,
}

fn frame<'a>(line: &'a Line, part: &Part<'a>, outside: &Outside<'a>, overlay: &Overlay) -> Frame<'a> {
    let mut inside = Vec::new();
    let mut leaving: Vec<Vec<Row<'a>>> = Vec::new();
    for (from, id) in part.nodes.iter().enumerate() {
        let mut rows = coming_in(outside.get(id).map_or(&[], Vec::as_slice));
        for (target, edges) in ways(line, id) {
            let (pieces, tone) = card::joined(id, &edges, overlay);
            match part.nodes.iter().position(|other| *other == target) {
                Some(to) => inside.push(Inside { from, to, pieces, tone, target, drawn: true }),
                None => rows.push(card::leaving(pieces, tone, target)),
            }
        }
        leaving.push(rows);
    }
    name_those_that_go_back(part.nodes.len(), &mut inside);
    let begin = part.flow.map_or(&line.start, |flow| &flow.start);
    let begin = part.nodes.iter().position(|id| *id == begin);
    loop {
        let cards = cards(line, part, &leaving, &inside, begin.is_some(), overlay);
        let mut links: Vec<Link> = inside.iter().filter(|ways| ways.drawn).map(link).collect();
        links.extend(begin.map(|to| Link { from: part.nodes.len(), to, text: None }));
        let placed = layout(&cards.iter().map(|card| card.size).collect::<Vec<_>>(), &links);
        if name_those_that_go_far(&placed.boxes, &mut inside) {
            continue;
        }
        let mut routes = placed.routes.into_iter();
        let drawn = inside.iter().filter(|ways| ways.drawn).map(Some).chain([None]);
        let arrows = drawn.zip(routes.by_ref()).map(|(ways, route)| arrow(part, ways, route)).collect();
        let cards = placed.boxes.into_iter().zip(cards).collect();
        let mut frame = Frame::around(&part.name, &heading(line, part), placed.size, cards, arrows);
        frame.is_flow = part.flow.is_some();
        return frame;
    }
}

fn cards<'a>(
    line: &'a Line,
    part: &Part<'a>,
    leaving: &[Vec<Row<'a>>],
    inside: &[Inside<'a>],
    begins: bool,
    overlay: &Overlay,
) -> Vec<Card<'a>> {
    let of_node = part.nodes.iter().zip(leaving).enumerate().filter_map(|(index, (id, leaving))| {
        let named = inside.iter().filter(|ways| ways.from == index && !ways.drawn);
        let named = named.map(|ways| card::leaving(ways.pieces.clone(), ways.tone, ways.target));
        // Where no arrow comes, nothing else would say who does.
        let (arrows, others): (Vec<_>, Vec<_>) =
            inside.iter().filter(|ways| ways.to == index).partition(|ways| ways.drawn);
        let others = others.iter().filter(|_| arrows.is_empty());
        let others: Vec<_> = others.filter_map(|ways| Some(from(*part.nodes.get(ways.from)?, &ways.pieces))).collect();
        let rows = coming_in(&others).into_iter().chain(leaving.iter().cloned()).chain(named).collect();
        Some(Card::of(id, line.nodes.get(*id)?, rows, overlay))
    });
    let begin = begins.then(|| Card::begin(if part.flow.is_some() { "start" } else { "a call arrives" }));
    of_node.chain(begin).collect()
}

fn link(ways: &Inside<'_>) -> Link {
    let lines = text_lines(ways);
    Link { from: ways.from, to: ways.to, text: (!lines.is_empty()).then(|| text_size(&lines)) }
}

fn arrow<'a>(part: &Part<'a>, ways: Option<&Inside<'a>>, route: Route) -> Arrow<'a> {
    Arrow {
        ends: ways.and_then(|ways| Some((*part.nodes.get(ways.from)?, ways.target))),
        points: route.points,
        text: route.text.zip(ways.map(text_lines)),
        tone: ways.map(|ways| ways.tone).unwrap_or_default(),
    }
}

/// An arrow that closes a circle would run against all others.
fn name_those_that_go_back(nodes: usize, inside: &mut [Inside<'_>]) {
    let mut seen = vec![false; nodes];
    for first in 0..nodes {
        let mut path: Vec<(usize, usize)> = vec![(first, 0)];
        while let Some((node, next)) = path.pop() {
            if let Some(seen) = seen.get_mut(node) {
                *seen = true;
            }
            let Some(at) = (next..inside.len()).find(|at| inside.get(*at).is_some_and(|ways| ways.from == node)) else {
                continue;
            };
            path.push((node, at + 1));
            let Some(ways) = inside.get_mut(at) else { continue };
            if path.iter().any(|(before, _)| *before == ways.to) {
                ways.drawn = false;
            } else if !seen.get(ways.to).copied().unwrap_or(true) {
                path.push((ways.to, 0));
            }
        }
    }
}

/// An arrow that passes many cards is hard to follow; whether there was one more of them.
fn name_those_that_go_far(cards: &[Area], inside: &mut [Inside<'_>]) -> bool {
    let mut more = false;
    for ways in inside.iter_mut().filter(|ways| ways.drawn) {
        let (Some(from), Some(to)) = (cards.get(ways.from), cards.get(ways.to)) else { continue };
        if to.at.x - from.right() > FARTHEST {
            ways.drawn = false;
            more = true;
        }
    }
    more
}

fn text_lines(ways: &Inside<'_>) -> Vec<Vec<Piece>> {
    text::lines(ways.pieces.clone(), LONGEST_LINE, |piece: &Piece| piece.text.chars().count())
}

fn text_size(lines: &[Vec<Piece>]) -> Size {
    let width = lines.iter().map(|line| card::width(line)).fold(0.0, f64::max);
    Size { width, height: rows(lines.len()) }
}

fn coming_in<'a>(from: &[Comer<'a>]) -> Vec<Row<'a>> {
    if from.len() > MOST_NAMED {
        return vec![card::coming(&format!("{} ways", from.len()), None)];
    }
    from.iter().map(|(from, other)| card::coming(from, *other)).collect()
}

/// What stands under the name of a frame.
fn heading(line: &Line, part: &Part<'_>) -> Vec<String> {
    let Some(flow) = part.flow else {
        let topic = line.topics.get(&part.name).map_or(String::new(), |topic| format!(" ({topic})"));
        return vec![format!("main flow{topic}, {} nodes", part.nodes.len())];
    };
    let exits: Vec<&str> = flow.exits.iter().map(crate::call::Name::as_str).collect();
    let calls = |node: &Node| matches!(node, Node::Call(call) if call.flow.as_str() == part.name);
    let callers = line.nodes.iter().filter(|(_, node)| calls(node)).map(|(id, _)| id.as_str());
    vec![
        format!("sub-flow, {} nodes; exits: {}", part.nodes.len(), exits.join(", ")),
        format!("called by {}", callers.collect::<Vec<_>>().join(", ")),
    ]
}
