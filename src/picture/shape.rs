//! The outline of a card's head, by kind.

use super::layout::Area;
use super::svg::number;

/// How far slanted and cut sides go in.
const CUT: f64 = 7.0;

/// The outline as the data of an SVG path.
pub(super) fn outline(kind: &str, area: &Area) -> String {
    let (left, top, right, bottom) = (area.at.x, area.at.y, area.right(), area.bottom());
    let middle = f64::midpoint(top, bottom);
    match kind {
        "menu" | "browse" => polygon(&[
            (left + CUT, top),
            (right - CUT, top),
            (right, top + CUT),
            (right, bottom - CUT),
            (right - CUT, bottom),
            (left + CUT, bottom),
            (left, bottom - CUT),
            (left, top + CUT),
        ]),
        "collect" | "verify" => polygon(&[(left + CUT, top), (right, top), (right - CUT, bottom), (left, bottom)]),
        "branch" => polygon(&[
            (left, middle),
            (left + CUT, top),
            (right - CUT, top),
            (right, middle),
            (right - CUT, bottom),
            (left + CUT, bottom),
        ]),
        "dial" => polygon(&[(left, top), (right - CUT, top), (right, middle), (right - CUT, bottom), (left, bottom)]),
        "set" | "call" | "effect" => polygon(&[(left, top), (right, top), (right, bottom), (left, bottom)]),
        "return" | "end" | "begin" => rounded(area, area.size.height / 2.0),
        "lookup" => rounded(area, CUT),
        _ => rounded(area, CUT / 2.0),
    }
}

/// Lines inside it, as the data of an SVG path; empty if there are none.
pub(super) fn inner(kind: &str, area: &Area) -> String {
    let (left, top, right, bottom) = (area.at.x, area.at.y, area.right(), area.bottom());
    let upright = |x: f64| format!("M{} {}V{}", number(x), number(top), number(bottom));
    match kind {
        "call" => upright(left + CUT / 2.0) + &upright(right - CUT / 2.0),
        "lookup" => upright(left + CUT),
        "effect" => format!("M{} {}H{}", number(left), number(bottom - CUT / 2.0), number(right)),
        _ => String::new(),
    }
}

fn polygon(corners: &[(f64, f64)]) -> String {
    let corners: Vec<String> = corners.iter().map(|(x, y)| format!("{} {}", number(*x), number(*y))).collect();
    format!("M{}Z", corners.join("L"))
}

fn rounded(area: &Area, radius: f64) -> String {
    let (left, top, right, bottom) = (area.at.x, area.at.y, area.right(), area.bottom());
    let (r, from, to) = (number(radius), number(left + radius), number(right - radius));
    let (top, bottom, low, high) = (number(top), number(bottom), number(bottom - radius), number(top + radius));
    let (left, right) = (number(left), number(right));
    format!(
        "M{from} {top}H{to}A{r} {r} 0 0 1 {right} {high}V{low}A{r} {r} 0 0 1 {to} {bottom}H{from}\
         A{r} {r} 0 0 1 {left} {low}V{high}A{r} {r} 0 0 1 {from} {top}Z"
    )
}
