//! Where boxes and arrows lie: a layered drawing from left to right, made by `dagre`. It knows nothing of lines.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};

/// Between two boxes of a layer.
const BOX_GAP: f64 = 16.0;
/// Between two arrows that pass a layer side by side.
const ARROW_GAP: f64 = 8.0;
/// Between two layers.
const LAYER_GAP: f64 = 34.0;
/// Around the text of an arrow.
const LABEL_MARGIN: f64 = 3.0;
/// From the corner of a box to the first arrow on its side.
const CORNER: f64 = 6.0;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A place on the page, from its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Area {
    pub(super) at: Point,
    pub(super) size: Size,
}

impl Point {
    pub(super) fn moved(self, by: Self) -> Self {
        Self { x: self.x + by.x, y: self.y + by.y }
    }
}

impl Area {
    pub(super) fn around(centre: Point, size: Size) -> Self {
        Self { at: Point { x: centre.x - size.width / 2.0, y: centre.y - size.height / 2.0 }, size }
    }

    pub(super) fn centre(&self) -> Point {
        Point { x: self.at.x + self.size.width / 2.0, y: self.at.y + self.size.height / 2.0 }
    }

    /// How far down its side an arrow to or from `other` meets it.
    fn side(&self, other: Point) -> f64 {
        let centre = self.centre();
        let slope = (other.y - centre.y) / (other.x - centre.x).abs().max(1.0);
        let corner = CORNER.min(self.size.height / 2.0);
        (centre.y + slope * self.size.width / 2.0).clamp(self.at.y + corner, self.bottom() - corner)
    }

    pub(super) fn right(&self) -> f64 {
        self.at.x + self.size.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.at.y + self.size.height
    }

    pub(super) fn moved(self, by: Point) -> Self {
        Self { at: self.at.moved(by), size: self.size }
    }
}

/// An arrow to be drawn: between which boxes, and how large its text is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: Option<Size>,
}

/// An arrow that has its place.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) points: Vec<Point>,
    pub(super) text: Option<Area>,
}

/// What came of it. Boxes and routes are in the order in which they were given.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) boxes: Vec<Area>,
    pub(super) routes: Vec<Route>,
    pub(super) size: Size,
}

/// Lays out a graph. Of several links between the same two boxes in the same direction only the last has a route.
pub(super) fn layout(boxes: &[Size], links: &[Link]) -> Layout {
    let mut graph = Graph::with_options(GraphOptions { directed: true, multigraph: false, compound: false });
    for (index, size) in boxes.iter().enumerate() {
        let node = NodeLabel { width: size.width, height: size.height, ..NodeLabel::default() };
        graph.set_node(index.to_string(), Some(node));
    }
    for link in links {
        let text = link.text.map_or(Size::default(), |text| Size {
            width: text.width + 2.0 * LABEL_MARGIN,
            height: text.height + 2.0 * LABEL_MARGIN,
        });
        let edge =
            EdgeLabel { width: text.width, height: text.height, labelpos: LabelPos::Center, ..EdgeLabel::default() };
        graph.set_edge(link.from.to_string(), link.to.to_string(), Some(edge), None);
    }
    let options = LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: BOX_GAP,
        edgesep: ARROW_GAP,
        ranksep: LAYER_GAP,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));
    let placed = boxes.iter().enumerate().map(|(index, size)| {
        let node = graph.node(&index.to_string());
        let centre = node.and_then(|node| Some(Point { x: node.x?, y: node.y? })).unwrap_or_default();
        Area::around(centre, *size)
    });
    let routes = links.iter().map(|link| {
        let edge = graph.edge(&link.from.to_string(), &link.to.to_string(), None);
        let points = edge.map(|edge| edge.points.iter().map(|point| Point { x: point.x, y: point.y }).collect());
        let centre = edge.and_then(|edge| Some(Point { x: edge.x?, y: edge.y? }));
        let text = link.text.zip(centre).map(|(text, centre)| Area::around(centre, text));
        Route { points: points.unwrap_or_default(), text }
    });
    let mut layout = Layout { boxes: placed.collect(), routes: routes.collect(), size: Size::default() };
    turn_the_first_up(&mut layout, links);
    keep_off_boxes(&mut layout, links);
    fit(layout)
}

/// Mirrors the drawing if more links from the same box would then stand in their order, the first uppermost.
fn turn_the_first_up(layout: &mut Layout, links: &[Link]) {
    let target = |link: &Link| layout.boxes.get(link.to).map_or(0.0, |area| area.centre().y);
    let mut in_order = 0;
    for (index, first) in links.iter().enumerate() {
        for second in links.iter().skip(index + 1).filter(|second| second.from == first.from) {
            in_order += if target(first) <= target(second) { 1 } else { -1 };
        }
    }
    if in_order >= 0 {
        return;
    }
    let mirror = |area: &mut Area| area.at.y = -area.bottom();
    layout.boxes.iter_mut().for_each(mirror);
    for route in &mut layout.routes {
        route.points.iter_mut().for_each(|point| point.y = -point.y);
        route.text.iter_mut().for_each(mirror);
    }
}

/// `dagre` bends an arrow in the middle of each layer that it passes, so that it cuts the corners of wide boxes. Here it
/// goes straight through the whole layer, and leaves and meets boxes at their sides.
fn keep_off_boxes(layout: &mut Layout, links: &[Link]) {
    let texts = layout.routes.iter().filter_map(|route| route.text);
    let layers: Vec<(f64, f64)> =
        layout.boxes.iter().copied().chain(texts).map(|area| (area.centre().x, area.size.width)).collect();
    let half = |x: f64| {
        let same = layers.iter().filter(|(centre, _)| (centre - x).abs() < 1.0);
        same.map(|(_, width)| width / 2.0).fold(0.0, f64::max)
    };
    for (route, link) in layout.routes.iter_mut().zip(links) {
        let (Some(from), Some(to)) = (layout.boxes.get(link.from), layout.boxes.get(link.to)) else { continue };
        let (start, end) = (from.centre(), to.centre());
        let [_, between @ .., _] = route.points.as_slice() else { continue };
        // Against the layers `dagre` knows better.
        if start.x >= end.x {
            continue;
        }
        let (first, last) = (between.first().copied().unwrap_or(end), between.last().copied().unwrap_or(start));
        let (out, into) = (from.side(first), to.side(last));
        let mut points = vec![Point { x: from.right(), y: out }, Point { x: start.x + half(start.x), y: out }];
        for bend in between {
            let half = half(bend.x);
            points.extend([Point { x: bend.x - half, y: bend.y }, Point { x: bend.x + half, y: bend.y }]);
        }
        points.extend([Point { x: end.x - half(end.x), y: into }, Point { x: to.at.x, y: into }]);
        points.dedup_by(|one, two| (one.x - two.x).abs() < 0.05 && (one.y - two.y).abs() < 0.05);
        route.points = points;
    }
}

/// Moves everything so that it begins at 0, 0, and measures it.
fn fit(mut layout: Layout) -> Layout {
    let texts = layout.routes.iter().filter_map(|route| route.text);
    let points = layout.routes.iter().flat_map(|route| &route.points).map(|at| Area { at: *at, size: Size::default() });
    let all: Vec<Area> = layout.boxes.iter().copied().chain(texts).chain(points).collect();
    let left = all.iter().map(|area| area.at.x).fold(f64::INFINITY, f64::min);
    let top = all.iter().map(|area| area.at.y).fold(f64::INFINITY, f64::min);
    if all.is_empty() {
        return layout;
    }
    let by = Point { x: -left, y: -top };
    layout.boxes.iter_mut().for_each(|area| *area = area.moved(by));
    for route in &mut layout.routes {
        route.points.iter_mut().for_each(|point| *point = point.moved(by));
        route.text = route.text.map(|area| area.moved(by));
    }
    layout.size = Size {
        width: all.iter().map(Area::right).fold(0.0, f64::max) - left,
        height: all.iter().map(Area::bottom).fold(0.0, f64::max) - top,
    };
    layout
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apart(one: &Area, two: &Area) -> bool {
        one.right() <= two.at.x || two.right() <= one.at.x || one.bottom() <= two.at.y || two.bottom() <= one.at.y
    }

    fn sizes() -> impl Strategy<Value = Vec<Size>> {
        let size = (40.0..240.0_f64, 20.0..160.0_f64).prop_map(|(width, height)| Size { width, height });
        prop::collection::vec(size, 1..24)
    }

    /// Links without circles, which the drawing leaves out, and never two between the same boxes.
    fn graph() -> impl Strategy<Value = (Vec<Size>, Vec<Link>)> {
        sizes().prop_flat_map(|boxes| {
            let count = boxes.len();
            let text = prop::option::of((10.0..120.0_f64, 1..6_u8));
            let link = (0..count, 0..count, text).prop_filter_map("a circle", |(one, two, text)| {
                let text = text.map(|(width, lines)| Size { width, height: f64::from(lines) * 13.0 });
                (one != two).then(|| Link { from: one.min(two), to: one.max(two), text })
            });
            let links = if count > 1 { prop::collection::vec(link, 0..40).boxed() } else { Just(Vec::new()).boxed() };
            (Just(boxes), links).prop_map(|(boxes, mut links)| {
                links.sort_by_key(|link| (link.from, link.to));
                links.dedup_by_key(|link| (link.from, link.to));
                (boxes, links)
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn nothing_lies_on_anything_else((boxes, links) in graph()) {
            let layout = layout(&boxes, &links);
            let texts = layout.routes.iter().filter_map(|route| route.text);
            let all: Vec<Area> = layout.boxes.iter().copied().chain(texts).collect();
            for (index, one) in all.iter().enumerate() {
                prop_assert!(one.at.x >= -0.1 && one.at.y >= -0.1);
                prop_assert!(one.right() <= layout.size.width + 0.1 && one.bottom() <= layout.size.height + 0.1);
                for two in &all[index + 1..] {
                    prop_assert!(apart(one, two), "{one:?} lies on {two:?}");
                }
            }
        }

        #[test]
        fn every_arrow_goes_from_its_box_to_its_box_through_no_other((boxes, links) in graph()) {
            let layout = layout(&boxes, &links);
            for (route, link) in layout.routes.iter().zip(&links) {
                let (from, to) = (layout.boxes[link.from], layout.boxes[link.to]);
                let (first, last) = (route.points[0], route.points[route.points.len() - 1]);
                prop_assert!((first.x - from.right()).abs() < 0.1 && first.y >= from.at.y && first.y <= from.bottom());
                prop_assert!((last.x - to.at.x).abs() < 0.1 && last.y >= to.at.y && last.y <= to.bottom());
                for pair in route.points.windows(2) {
                    // Its parts within layers are level.
                    for other in layout.boxes.iter().filter(|other| **other != from && **other != to) {
                        let level = (pair[0].y - pair[1].y).abs() < 0.01;
                        let inside = pair[0].y > other.at.y + 0.1 && pair[0].y < other.bottom() - 0.1;
                        let passes = pair[0].x < other.right() - 0.1 && pair[1].x > other.at.x + 0.1;
                        prop_assert!(!(level && inside && passes), "{pair:?} goes through {other:?}");
                    }
                }
            }
        }
    }
}
