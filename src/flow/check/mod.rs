//! Problems found without a call: what a line that can be read would do to its callers.
//!
//! The loader (`flow/load`) sees to names and types; this looks at ways. One file and one line in [`ALL`] per check, each
//! with what it finds, why that matters, an example and the fix, from which `hotline check --explain` and
//! `docs/checks.md` are made. It is *not* a test of a flow's own calls (`hotline test`).

mod places;
mod unreachable;
mod ways;

use std::sync::Arc;

use places::Places;
use ways::Ways;

use super::{Files, Line, Loaded};
use crate::call::NodeId;
use crate::yaml::{Place, Problem, Problems};

/// Something that every line is checked for.
#[derive(Debug)]
pub struct Check {
    /// A stable name: `unreachable-node`.
    pub name: &'static str,
    /// What it finds, one sentence.
    pub finds: &'static str,
    /// What it does to a caller, or to whoever runs the line.
    pub why: &'static str,
    /// A piece of a file that has it.
    pub example: &'static str,
    /// What to do about it.
    pub fix: &'static str,
    run: fn(&Subject<'_>, &Problems),
}

/// Every check, in the order of the documentation.
pub const ALL: &[&Check] = &[&unreachable::CHECK];

/// What checks look at.
struct Subject<'a> {
    loaded: &'a Loaded,
    places: Places<'a>,
    ways: Ways<'a>,
}

/// Looks for everything that is wrong with a line that could be read.
#[must_use]
pub fn check(files: &Files, loaded: &Loaded) -> Vec<Problem> {
    let subject =
        Subject { loaded, places: Places::of(files, &loaded.line), ways: Ways::from_the_start(&loaded.line) };
    let problems = Problems::default();
    for check in ALL {
        (check.run)(&subject, &problems);
    }
    problems.into_sorted()
}

/// Where nodes are written, for whoever finds something wrong with them otherwise.
#[must_use]
pub fn written_at(files: &Files, line: &Line, nodes: &[NodeId]) -> Vec<(Arc<str>, Place)> {
    let places = Places::of(files, line);
    nodes.iter().map(|node| places.of_node(node, &[])).collect()
}

impl Subject<'_> {
    /// Adds what a check has found. `keys`: where in the node; what is not written there is shown at its node.
    fn find(&self, problems: &Problems, check: &Check, node: &NodeId, keys: &[&str], text: impl Into<String>) {
        let (file, place) = self.places.of_node(node, keys);
        problems.add(Problem {
            file,
            place,
            code: check.name,
            text: text.into(),
            caller: self.ways.to(node),
            help: Some(check.fix.to_owned()),
            fix: None,
        });
    }
}
