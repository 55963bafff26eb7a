//! What holds everywhere and is drawn nowhere else: keys, the end of patience, and what each shape means.

use std::collections::BTreeSet;

use super::card::{self, Card};
use super::drawing::Frame;
use super::layout::{Area, Point, Size};
use crate::flow::{Line, Universal};

/// Between two cards.
const GAP: f64 = 8.0;
const COLUMNS: usize = 3;

/// Each kind, and what it does.
const KINDS: &[(&str, &str)] = &[
    ("say", "says something"),
    ("menu", "takes one key"),
    ("collect", "takes digits"),
    ("browse", "walks a list"),
    ("lookup", "asks a system"),
    ("verify", "checks a PIN"),
    ("effect", "changes something"),
    ("branch", "chooses by a value"),
    ("set", "notes a value"),
    ("call", "runs a sub-flow"),
    ("return", "leaves a sub-flow"),
    ("dial", "rings a person"),
    ("end", "says goodbye"),
];

/// The legend of a line.
pub(super) fn frame(line: &Line) -> Frame<'_> {
    let used: BTreeSet<&str> = line.nodes.values().map(card::kind).collect();
    let examples: Vec<Card<'_>> =
        KINDS.iter().filter(|(kind, _)| used.contains(kind)).map(|(kind, what)| Card::example(kind, what)).collect();
    let cell = examples.iter().fold(Size::default(), |most, card| Size {
        width: most.width.max(card.size.width),
        height: most.height.max(card.size.height),
    });
    let mut right: f64 = 0.0;
    let mut bottom: f64 = 0.0;
    let mut cards = Vec::new();
    let mut at = Point::default();
    for (index, card) in examples.into_iter().enumerate() {
        if index % COLUMNS == 0 && index > 0 {
            at = Point { x: 0.0, y: bottom + GAP };
        }
        let area = Area { at, size: Size { width: cell.width, height: cell.height } };
        (right, bottom) = (right.max(area.right()), bottom.max(area.bottom()));
        at.x = area.right() + GAP;
        cards.push((area, card));
    }
    Frame::around("legend", &everywhere(line), Size { width: right, height: bottom }, cards, Vec::new())
}

fn everywhere(line: &Line) -> Vec<String> {
    let keys = line.keys.iter().map(|(key, universal)| match universal {
        Universal::Node(target) => format!("{key} \u{2192} {target}"),
        Universal::Again => format!("{key} says it again"),
        Universal::Back => format!("{key} goes back"),
        Universal::Onward => format!("{key} goes on"),
    });
    vec![
        format!("Anywhere: {}.", keys.collect::<Vec<_>>().join("; ")),
        format!("3rd miss: the third silence or wrong key \u{2192} {}, where nothing else is drawn.", line.ladder.then),
        format!("Where a personal value is due and the verification is over \u{2192} {}.", line.expired.1),
        "\u{2190} is who comes from another box, \u{2192} is where a way leads to another box.".to_owned(),
    ]
}
