//! Charts, drawn by the server: bars on one another, or a line. Classes and attributes only, as the policy of the pages
//! wants it. What a chart shows stands in the table of times too, for whoever cannot see it.

use super::look::Look;
use crate::desk::figures::Sums;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 24.0;
/// How many times are written under a chart at most.
const MOST_LABELS: usize = 12;

/// A chart, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chart {
    pub(super) name: &'static str,
    pub(super) title: String,
    /// What the colours are: class and words.
    pub(super) keys: Vec<(&'static str, String)>,
    pub(super) bars: Vec<Bar>,
    /// Class and points of each line.
    pub(super) lines: Vec<(&'static str, String)>,
    pub(super) dots: Vec<(&'static str, String, String)>,
    pub(super) rules: Vec<Mark>,
    pub(super) times: Vec<Mark>,
}

impl Chart {
    /// There is nothing to be seen in it.
    pub(super) fn is_empty(&self) -> bool {
        self.bars.is_empty() && self.dots.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) told: String,
}

/// A place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    pub(super) at: String,
    pub(super) label: String,
}

/// What a colour stands for: class, words, and its figure of a time.
pub(super) type Series = (&'static str, String, fn(&Sums) -> Option<f64>);

fn px(length: f64) -> String {
    format!("{length:.1}")
}

#[allow(clippy::cast_precision_loss, reason = "a place on a screen")]
fn place(index: usize, count: usize) -> (f64, f64) {
    let step = (WIDTH - LEFT - RIGHT) / count.max(1) as f64;
    (LEFT + step * index as f64, step)
}

fn height(value: f64, most: f64) -> f64 {
    (HEIGHT - TOP - BOTTOM) * (value / most).min(1.0)
}

/// The least of 2, 4, 10, 20, 40, ... that is not less: half of it is a whole number too.
fn round_up(most: f64) -> f64 {
    let scales = (0..9).flat_map(|power| [2.0, 4.0, 10.0].map(|step| step * 10_f64.powi(power)));
    scales.into_iter().find(|scale| *scale >= most).unwrap_or(most)
}

impl Chart {
    fn new(name: &'static str, title: &str, labels: &[String], series: &[Series], most: f64, unit: &str) -> Self {
        let rules = [0.0, 0.5, 1.0]
            .map(|part| Mark { at: px(HEIGHT - BOTTOM - height(part, 1.0)), label: format!("{}{unit}", most * part) });
        let every = labels.len().div_ceil(MOST_LABELS).max(1);
        let times = labels.iter().enumerate().filter(|(index, _)| index.is_multiple_of(every)).map(|(index, label)| {
            let (x, step) = place(index, labels.len());
            Mark { at: px(x + step / 2.0), label: label.clone() }
        });
        Self {
            name,
            title: title.to_owned(),
            keys: series.iter().map(|(class, words, _)| (*class, words.clone())).collect(),
            rules: rules.into(),
            times: times.collect(),
            ..Self::default()
        }
    }

    /// Counts on one another.
    pub(super) fn bars(name: &'static str, title: &str, times: &[(String, &Sums)], series: &[Series]) -> Self {
        let value = |of: &Series, sums: &Sums| of.2(sums).unwrap_or_default();
        let sum = |sums: &Sums| series.iter().map(|one| value(one, sums)).sum::<f64>();
        let most = round_up(times.iter().map(|(_, sums)| sum(sums)).fold(1.0, f64::max));
        let labels: Vec<String> = times.iter().map(|(label, _)| label.clone()).collect();
        let mut chart = Self::new(name, title, &labels, series, most, "");
        for (index, (label, sums)) in times.iter().enumerate() {
            let (x, step) = place(index, times.len());
            let mut y = HEIGHT - BOTTOM;
            for one in series {
                let value = value(one, sums);
                let height = height(value, most);
                y -= height;
                if height > 0.0 {
                    chart.bars.push(Bar {
                        class: one.0,
                        x: px(x + step * 0.1),
                        y: px(y),
                        width: px(step * 0.8),
                        height: px(height),
                        told: format!("{label} {}: {value}", one.1),
                    });
                }
            }
        }
        chart
    }

    /// A line for each series, broken where there is nothing to be told.
    pub(super) fn lines(
        name: &'static str,
        title: &str,
        times: &[(String, &Sums)],
        series: &[Series],
        scale: Option<f64>,
        unit: &str,
    ) -> Self {
        let all = times.iter().flat_map(|(_, sums)| series.iter().filter_map(|one| one.2(sums)));
        let most = scale.unwrap_or_else(|| round_up(all.fold(1.0, f64::max)));
        let labels: Vec<String> = times.iter().map(|(label, _)| label.clone()).collect();
        let mut chart = Self::new(name, title, &labels, series, most, unit);
        for (class, _, value) in series {
            let points = times.iter().enumerate().map(|(index, (_, sums))| {
                let (x, step) = place(index, times.len());
                value(sums).map(|value| (px(x + step / 2.0), px(HEIGHT - BOTTOM - height(value, most))))
            });
            let points: Vec<Option<(String, String)>> = points.collect();
            for run in points.split(Option::is_none) {
                let run: Vec<String> = run.iter().flatten().map(|(x, y)| format!("{x},{y}")).collect();
                chart.lines.push((class, run.join(" ")));
            }
            chart.dots.extend(points.into_iter().flatten().map(|(x, y)| (*class, x, y)));
        }
        chart
    }
}

#[allow(clippy::cast_precision_loss, clippy::unnecessary_wraps, reason = "a place on a screen; others have none")]
fn count(count: u64) -> Option<f64> {
    Some(count as f64)
}

/// The charts of a row of times.
pub(super) fn charts(look: &Look, times: &[(String, &Sums)]) -> Vec<Chart> {
    let text = |chinese, english| look.of(chinese, english).to_owned();
    let calls: [Series; 4] = [
        ("one", text("自助办结", "Contained"), |sums| count(sums.contained)),
        ("two", text("人工接通", "Talked to a person"), |sums| count(sums.talked)),
        ("bad", text("要求人工未接通", "Wanted a person in vain"), |sums| {
            count(sums.wanted_person.saturating_sub(sums.talked))
        }),
        ("rest", text("其他", "Others"), |sums| {
            count(sums.calls.saturating_sub(sums.contained + sums.wanted_person.max(sums.talked)))
        }),
    ];
    let queue: [Series; 4] = [
        ("two", text("应答", "Answered"), |sums| count(sums.answered)),
        ("bad", text("放弃", "Abandoned"), |sums| count(sums.abandoned)),
        ("rest", text("5 秒内放弃", "Abandoned within 5 s"), |sums| count(sums.abandoned_at_once)),
        ("one", text("另作选择或转走", "Chose something else, or sent away"), |sums| {
            count(sums.chose_else + sums.sent_away)
        }),
    ];
    let rates: [Series; 4] = [
        ("two", text("20 秒服务水平（含放弃）", "Service level 20 s, abandoned counted"), |sums| {
            sums.level_of_all()[1].map(|share| share * 100.0)
        }),
        ("one", text("综合接通率", "Combined connection rate"), |sums| {
            sums.combined_connection_rate().map(|share| share * 100.0)
        }),
        ("rest", text("人工接通率", "Human connection rate"), |sums| {
            sums.human_connection_rate().map(|share| share * 100.0)
        }),
        ("bad", text("放弃率", "Abandonment"), |sums| sums.abandonment().map(|share| share * 100.0)),
    ];
    let waits: [Series; 2] = [
        ("two", text("平均应答速度", "Average speed of answer"), |sums| {
            sums.speed_of_answer().map(|time| time.as_secs_f64())
        }),
        ("bad", text("最长等候", "Longest wait"), |sums| {
            (sums.queued > 0).then_some(sums.longest_wait.as_secs_f64())
        }),
    ];
    vec![
        Chart::bars("chart-calls", look.of("通话", "Calls"), times, &calls),
        Chart::bars("chart-queue", look.of("排队", "The queue"), times, &queue),
        Chart::lines("chart-rates", look.of("比率", "Rates"), times, &rates, Some(100.0), " %"),
        Chart::lines("chart-waits", look.of("等候（秒）", "Waits, seconds"), times, &waits, None, " s"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round() {
        let scales = [0.3, 1.0, 3.0, 17.0, 101.0].map(|most| format!("{}", round_up(most)));
        assert_eq!(scales, ["2", "2", "4", "20", "200"]);
    }

    #[test]
    fn bars_stand_on_one_another_and_lines_break_where_there_is_nothing() {
        let (some, none) = (Sums { calls: 4, contained: 1, ..Sums::default() }, Sums::default());
        let times = [("a".to_owned(), &some), ("b".to_owned(), &none), ("c".to_owned(), &some)];
        let series: [Series; 2] = [
            ("one", "1".to_owned(), |sums| count(sums.contained)),
            ("two", "2".to_owned(), |sums| count(sums.calls - sums.contained)),
        ];
        let bars = Chart::bars("x", "x", &times, &series).bars;
        let first: Vec<_> = bars.iter().take(2).map(|bar| (bar.y.as_str(), bar.height.as_str())).collect();
        // Four, in 168 px above the axis at 176.
        assert_eq!(first, [("134.0", "42.0"), ("8.0", "126.0")]);
        assert_eq!(bars.len(), 4);
        let series: [Series; 1] = [("one", "1".to_owned(), Sums::containment)];
        let lines = Chart::lines("x", "x", &times, &series, Some(1.0), "").lines;
        assert_eq!(lines.iter().map(|(_, points)| points.split(' ').count()).collect::<Vec<_>>(), [1, 1]);
    }
}
