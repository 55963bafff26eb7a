//! How frames lie on a page: each as far up as there is room, on a page of the shape of a sheet.

use super::layout::{Point, Size};

/// Between two frames, and around all.
const GAP: f64 = 24.0;
/// Width by height of a sheet that lies.
const SHEET: f64 = std::f64::consts::SQRT_2;
/// How many widths of page are tried.
const TRIES: u32 = 60;

/// The upper left corner of each frame, and the size of the page.
pub(super) fn arrange(frames: &[Size]) -> (Vec<Point>, Size) {
    let widest = frames.iter().map(|frame| frame.width).fold(0.0, f64::max);
    let all: f64 = frames.iter().map(|frame| frame.width + GAP).sum();
    let tried = (0..=TRIES).map(|step| {
        let width = widest + (all - widest).max(0.0) * f64::from(step) / f64::from(TRIES);
        place(frames, width + GAP)
    });
    tried.min_by(|(_, one), (_, two)| waste(*one).total_cmp(&waste(*two))).unwrap_or_default()
}

/// The area of the smallest sheet that a page fits on.
fn waste(page: Size) -> f64 {
    let height = page.height.max(page.width / SHEET);
    height * height * SHEET
}

/// Places frames on a page of this width, each where its top is highest, then leftmost.
fn place(frames: &[Size], width: f64) -> (Vec<Point>, Size) {
    let mut placed: Vec<(Point, Size)> = Vec::new();
    let mut corners = vec![Point::default(); frames.len()];
    for (index, frame) in by_height(frames) {
        let lefts = std::iter::once(GAP).chain(placed.iter().map(|(at, size)| at.x + size.width + GAP));
        let fits = lefts.filter(|x| x + frame.width <= width + f64::EPSILON || *x <= GAP);
        let spots = fits.map(|x| Point { x, y: top(&placed, x, frame.width) });
        let spot = spots.min_by(|one, two| one.y.total_cmp(&two.y).then(one.x.total_cmp(&two.x)));
        let spot = spot.unwrap_or_default();
        placed.push((spot, *frame));
        if let Some(corner) = corners.get_mut(index) {
            *corner = spot;
        }
    }
    let right = placed.iter().map(|(at, size)| at.x + size.width).fold(0.0, f64::max);
    let bottom = placed.iter().map(|(at, size)| at.y + size.height).fold(0.0, f64::max);
    (corners, Size { width: right + GAP, height: bottom + GAP })
}

/// The first stays the first; of the others the highest come first, which leaves the fewest holes.
fn by_height(frames: &[Size]) -> Vec<(usize, &Size)> {
    let mut order: Vec<_> = frames.iter().enumerate().collect();
    if let [_, others @ ..] = order.as_mut_slice() {
        others.sort_by(|(_, one), (_, two)| two.height.total_cmp(&one.height));
    }
    order
}

/// How far up a frame of this width can lie at `x`: under everything that is placed there.
fn top(placed: &[(Point, Size)], x: f64, width: f64) -> f64 {
    let beside = |(at, size): &&(Point, Size)| at.x < x + width + GAP && x < at.x + size.width + GAP;
    placed.iter().filter(beside).map(|(at, size)| at.y + size.height + GAP).fold(GAP, f64::max)
}
