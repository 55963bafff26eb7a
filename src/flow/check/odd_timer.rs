//! `odd-timer`: a wait that is too short to press a key in, or a silence that lasts too long.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Check, Subject, report};
use crate::flow::Node;
use crate::yaml::Problems;

/// Seconds: a caller looks for the key, and takes a long silence for a lost call.
const KEY_S: RangeInclusive<u64> = 3..=20;
/// Seconds: somebody reaches for a telephone, and nobody listens to it ring for longer.
const RING_S: RangeInclusive<u64> = 10..=60;

pub(super) const CHECK: Check = Check {
    name: "odd-timer",
    finds: "A wait for keys that is not of 3 to 20 seconds, or a ring that is not of 10 to 60.",
    why: "In two seconds nobody who has to take the telephone from their ear presses a key. After half a minute of \
          silence callers take the call for lost.",
    example: "\
nodes:
  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: balance, 2: payments }
    first-key: 2s
",
    fix: "wait 3 to 20 seconds for a key, and ring 10 to 60 seconds",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    let timers = &subject.line().timers;
    for (field, timer) in [("first-key", timers.first_key), ("between-keys", timers.between_keys)] {
        if let Some(text) = odd("a wait for a key", timer, &KEY_S) {
            report(problems, &CHECK, subject.places.of_setting(&["timers", field]), None, text, CHECK.fix);
        }
    }
    for (id, node) in &subject.line().nodes {
        let found = match node {
            Node::Menu(menu) => {
                menu.first_key.and_then(|timer| Some(("first-key", odd("a wait for a key", timer, &KEY_S)?)))
            }
            Node::Dial(dial) => odd("a ring", dial.ring, &RING_S).map(|text| ("ring", text)),
            Node::Queue(queue) => odd("a ring", queue.ring, &RING_S).map(|text| ("ring", text)),
            Node::Say(_)
            | Node::Collect(_)
            | Node::Verify(_)
            | Node::Lookup(_)
            | Node::Effect(_)
            | Node::Branch(_)
            | Node::Set(_)
            | Node::Call(_)
            | Node::Return(_)
            | Node::Browse(_)
            | Node::Record(_)
            | Node::End(_) => None,
        };
        if let Some((field, text)) = found {
            subject.find(problems, &CHECK, id, &[field], text);
        }
    }
}

fn odd(what: &str, timer: Duration, range: &RangeInclusive<u64>) -> Option<String> {
    let fine = (Duration::from_secs(*range.start())..=Duration::from_secs(*range.end())).contains(&timer);
    let (least, most) = (range.start(), range.end());
    (!fine).then(|| format!("{what} of {} s; it should last {least} to {most} s", timer.as_secs_f32()))
}
