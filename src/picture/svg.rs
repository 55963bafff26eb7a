//! A drawing as SVG: one style, no script, nothing fetched from elsewhere.

use super::card::{BEGIN, Card, LINE, Piece, SIDE};
use super::drawing::{Arrow, Drawing, Frame};
use super::layout::{Area, Point, Size};
use super::{Tone, shape};
use crate::dialect::xml::Xml;
use crate::flow::Line;

const STYLE: &str = include_str!("style.css");
/// How far before a bend an arrow begins to turn.
const BEND: f64 = 8.0;
/// From the top of a line of text to its base.
const BASE: f64 = 9.5;
/// How wide the lightest and the heaviest arrow are.
const WIDTHS: (f32, f32) = (1.0, 7.0);
/// The length of the point of an arrow.
const POINT: f64 = 7.0;

pub(super) fn write(line: &Line, drawing: &Drawing<'_>) -> String {
    let mut xml = Xml::fragment();
    let (width, height) = (number(drawing.size.width), number(drawing.size.height));
    let root = [
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("class", "line"),
        ("role", "img"),
        ("aria-labelledby", "line-title line-desc"),
        ("width", &width),
        ("height", &height),
        ("viewBox", &format!("0 0 {width} {height}")),
    ];
    xml.open("svg", &root);
    xml.text("title", &[("id", "line-title")], &format!("Line {}", line.name));
    xml.text("desc", &[("id", "line-desc")], &description(line, drawing));
    xml.text("style", &[], STYLE);
    for frame in &drawing.frames {
        write_frame(&mut xml, frame);
    }
    xml.close("svg");
    String::from_utf8(xml.finish()).expect("it is written from strings")
}

/// A coordinate: a tenth of a pixel is enough, and the same on every machine.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

fn description(line: &Line, drawing: &Drawing<'_>) -> String {
    let names: Vec<&str> = drawing.frames.iter().map(|frame| frame.name.as_str()).collect();
    format!("{} nodes, {} sub-flows. Frames: {}.", line.nodes.len(), line.flows.len(), names.join(", "))
}

fn write_frame(xml: &mut Xml, frame: &Frame<'_>) {
    if frame.is_flow {
        xml.open("g", &[("id", &format!("flow-{}", frame.name))]);
    } else {
        xml.open("g", &[]);
    }
    rectangle(xml, if frame.is_flow { "frame flow" } else { "frame" }, &frame.area, 8.0);
    let at = frame.heading_at();
    write_text(xml, "name", at, &frame.name);
    for (index, heading) in (0_u32..).zip(&frame.heading) {
        write_text(xml, "quiet", Point { x: at.x, y: at.y + f64::from(index + 1) * LINE + 2.0 }, heading);
    }
    for arrow in &frame.arrows {
        write_arrow(xml, arrow);
    }
    for (area, card) in &frame.cards {
        write_card(xml, area, card);
    }
    // Last, so that no other arrow passes over it.
    for (area, lines) in frame.arrows.iter().filter_map(|arrow| arrow.text.as_ref()) {
        rectangle(xml, "under", area, 2.0);
        for (index, line) in (0_u32..).zip(lines) {
            write_pieces(xml, "middle", centre(area, index), line);
        }
    }
    xml.close("g");
}

fn centre(area: &Area, line: u32) -> Point {
    Point { x: area.at.x + area.size.width / 2.0, y: area.at.y + BASE + f64::from(line) * LINE }
}

fn write_card(xml: &mut Xml, area: &Area, card: &Card<'_>) {
    let tone = tone_class(card.mark.tone).map_or(String::new(), |tone| format!(" {tone}"));
    let class = format!("{}{tone}", card.kind);
    match card.id {
        Some(id) => xml.open("g", &[("class", &class), ("id", &format!("node-{id}"))]),
        None => xml.open("g", &[("class", &class)]),
    }
    xml.text("title", &[], &tip(card));
    // Unseen: the tip shows anywhere on the card.
    rectangle(xml, "card", area, 0.0);
    let head_height = if card.kind == BEGIN { area.size.height } else { card.head() };
    let head = Area { at: area.at, size: Size { width: area.size.width, height: head_height } };
    if !card.rows.is_empty() {
        let at = Point { x: area.at.x + 4.0, y: area.at.y + head_height - 4.0 };
        let size = Size { width: area.size.width - 8.0, height: area.size.height - head_height + 4.0 };
        rectangle(xml, "body", &Area { at, size }, 3.0);
    }
    xml.empty("path", &[("class", "head"), ("d", &shape::outline(card.kind, &head))]);
    if let Tone::Weight(weight) = card.mark.tone {
        let strength = format!("{:.2}", 0.75 * weight.clamp(0.0, 1.0));
        let outline = shape::outline(card.kind, &head);
        xml.empty("path", &[("class", "warm"), ("d", &outline), ("fill-opacity", &strength)]);
    }
    let inner = shape::inner(card.kind, &head);
    if !inner.is_empty() {
        xml.empty("path", &[("class", "inner"), ("d", &inner)]);
    }
    write_head(xml, &head, card);
    let mut at = Point { x: area.at.x + SIDE, y: area.at.y + head_height + 1.0 + BASE };
    for row in &card.rows {
        if let Some(other) = row.other {
            xml.open("a", &[("href", &format!("#node-{other}"))]);
        }
        for line in &row.lines {
            write_pieces(xml, if row.comes_in { "quiet" } else { "" }, at, line);
            at.y += LINE;
        }
        if row.other.is_some() {
            xml.close("a");
        }
    }
    xml.close("g");
}

fn write_head(xml: &mut Xml, head: &Area, card: &Card<'_>) {
    let middle = head.at.x + head.size.width / 2.0;
    if card.kind == BEGIN {
        return write_text(xml, "middle", Point { x: middle, y: head.at.y + 14.5 }, &card.title);
    }
    write_text(xml, "title middle", Point { x: middle, y: head.at.y + 15.0 }, &card.title);
    write_text(xml, "quiet middle", Point { x: middle, y: head.at.y + 28.0 }, &card.about);
    if !card.mark.label.is_empty() {
        let piece = Piece { text: card.mark.label.clone(), tone: card.mark.tone };
        write_pieces(xml, "middle", Point { x: middle, y: head.at.y + 28.0 + LINE }, &[piece]);
    }
}

/// What is shown when the pointer rests on a card, and read out by a screen reader.
fn tip(card: &Card<'_>) -> String {
    let mut tip = format!("{}: {}", card.title, card.about);
    if !card.mark.label.is_empty() {
        tip = format!("{tip}; {}", card.mark.label);
    }
    for row in &card.rows {
        let line: Vec<&str> = row.lines.iter().flatten().map(|piece| piece.text.as_str()).collect();
        tip = format!("{tip}\n{}", line.join(" "));
    }
    tip
}

fn write_arrow(xml: &mut Xml, arrow: &Arrow<'_>) {
    let tone = tone_class(arrow.tone);
    let class = |of: &str| tone.map_or_else(|| of.to_owned(), |tone| format!("{of} {tone}"));
    xml.open("g", &[]);
    if let Some((from, to)) = arrow.ends {
        xml.text("title", &[], &format!("{from} \u{2192} {to}"));
    }
    let path = path(&arrow.points);
    match arrow.tone {
        Tone::Weight(weight) => {
            let (least, most) = WIDTHS;
            let width = format!("{:.1}", least + (most - least) * weight.clamp(0.0, 1.0));
            xml.empty("path", &[("class", &class("arrow")), ("d", &path), ("stroke-width", &width)]);
        }
        Tone::Plain | Tone::Good | Tone::Missing => xml.empty("path", &[("class", &class("arrow")), ("d", &path)]),
    }
    if let [.., before, last] = arrow.points.as_slice() {
        xml.empty("path", &[("class", &class("point")), ("d", &point(*before, *last))]);
    }
    xml.close("g");
}

/// The way of an arrow, with its bends rounded.
fn path(points: &[Point]) -> String {
    let Some(first) = points.first() else { return String::new() };
    let mut path = format!("M{}", pair(*first));
    for corner in points.windows(3) {
        if let [before, bend, after] = corner {
            let (begins, ends) = (pair(toward(*bend, *before)), pair(toward(*bend, *after)));
            path.extend(["L", &begins, "Q", &pair(*bend), " ", &ends]);
        }
    }
    if let Some(last) = points.last() {
        path.extend(["L", &pair(*last)]);
    }
    path
}

/// A little way from one point to another.
fn toward(from: Point, to: Point) -> Point {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let part = (BEND / dx.hypot(dy).max(BEND)).min(0.5);
    Point { x: from.x + dx * part, y: from.y + dy * part }
}

/// The triangle at the end of an arrow.
fn point(before: Point, last: Point) -> String {
    let (dx, dy) = (last.x - before.x, last.y - before.y);
    let length = dx.hypot(dy).max(f64::EPSILON);
    let (dx, dy) = (dx / length * POINT, dy / length * POINT);
    let side = |turn: f64| Point { x: last.x - dx + dy * 0.5 * turn, y: last.y - dy - dx * 0.5 * turn };
    format!("M{}L{}L{}Z", pair(last), pair(side(1.0)), pair(side(-1.0)))
}

fn pair(point: Point) -> String {
    format!("{} {}", number(point.x), number(point.y))
}

fn rectangle(xml: &mut Xml, class: &str, area: &Area, radius: f64) {
    xml.empty(
        "rect",
        &[
            ("class", class),
            ("x", &number(area.at.x)),
            ("y", &number(area.at.y)),
            ("width", &number(area.size.width)),
            ("height", &number(area.size.height)),
            ("rx", &number(radius)),
        ],
    );
}

fn write_text(xml: &mut Xml, class: &str, at: Point, text: &str) {
    xml.text("text", &[("class", class), ("x", &number(at.x)), ("y", &number(at.y))], text);
}

fn write_pieces(xml: &mut Xml, class: &str, at: Point, pieces: &[Piece]) {
    let plain = pieces.iter().all(|piece| tone_class(piece.tone).is_none());
    if plain {
        let text: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
        return write_text(xml, class, at, &text.join(" "));
    }
    xml.open("text", &[("class", class), ("x", &number(at.x)), ("y", &number(at.y))]);
    for (index, piece) in pieces.iter().enumerate() {
        let text = format!("{}{}", if index == 0 { "" } else { " " }, piece.text);
        xml.text("tspan", &[("class", tone_class(piece.tone).unwrap_or_default())], &text);
    }
    xml.close("text");
}

const fn tone_class(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Missing => Some("missing"),
        Tone::Weight(_) => Some("heat"),
    }
}
