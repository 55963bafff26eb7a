//! Problems found without a call: what a line that can be read would do to its callers.
//!
//! The loader (`flow/load`) sees to names and types; this looks at ways. One file and one line in [`ALL`] per check, each
//! with what it finds, why that matters, an example and the fix, from which `hotline check --explain` and
//! `docs/checks.md` are made. It is *not* a test of a flow's own calls (`hotline test`).

mod clips;
mod definite;
mod disclosure;
mod end_without_words;
mod endless_loop;
mod escape;
mod ladder_to_itself;
mod long_menu;
mod long_sms;
mod loops;
mod menu_order;
mod notices;
mod odd_timer;
mod open_pin;
mod places;
mod proved;
mod recursive_flow;
mod same_text;
mod short_filler;
mod spoken_keys;
mod states;
mod too_long;
mod unreachable;
mod unused;
pub(super) mod ways;

use std::sync::Arc;

use escape::Trapped;
pub use escape::{Escape, Worst};
pub use places::Places;
use states::{Misuse, States};
use ways::Ways;

use super::{Files, Line, Loaded};
use crate::call::{Language, NodeId, PromptId};
use crate::yaml::{Explanation, Place, Problem, Problems};

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
pub const ALL: &[&Check] = &[
    &unreachable::CHECK,
    &unused::FLOW,
    &unused::EXIT,
    &unused::PROMPT,
    &unused::LANGUAGE,
    &unused::TOPIC,
    &recursive_flow::CHECK,
    &endless_loop::CHECK,
    &ladder_to_itself::CHECK,
    &end_without_words::CHECK,
    &long_menu::CHECK,
    &menu_order::CHECK,
    &spoken_keys::CHECK,
    &open_pin::CHECK,
    &odd_timer::CHECK,
    &too_long::CHECK,
    &long_sms::CHECK,
    &notices::LONG,
    &notices::PERSONAL,
    &short_filler::CHECK,
    &same_text::CHECK,
    &clips::MISSING,
    &clips::STALE,
    &escape::CHECK,
    &disclosure::CHECK,
    &definite::CHECK,
    &proved::CHECK,
];

/// What checks look at.
struct Subject<'a> {
    loaded: &'a Loaded,
    places: Places<'a>,
    ways: Ways<'a>,
    /// Without values ...
    states: &'a States<'a>,
    /// ... and with each of them.
    values: Vec<States<'a>>,
    /// By language.
    escapes: Vec<(&'a Language, Result<Escape, Trapped>)>,
}

/// What was found of a line.
#[derive(Debug)]
pub struct Report {
    /// Everything that is wrong, by file and place.
    pub problems: Vec<Problem>,
    /// How near a person is in the worst case, in each language in which one is in reach from everywhere.
    pub escapes: Vec<Escape>,
}

/// Looks for everything that is wrong with a line that could be read.
#[must_use]
pub fn check(files: &Files, loaded: &Loaded) -> Report {
    let states = States::of(&loaded.line);
    let subject = Subject {
        loaded,
        places: Places::of(files, &loaded.line),
        ways: Ways::from_the_start(&loaded.line),
        values: states.of_values(),
        escapes: escape::measured(loaded, &states),
        states: &states,
    };
    let problems = Problems::default();
    for check in ALL {
        (check.run)(&subject, &problems);
    }
    let escapes = subject.escapes.into_iter().filter_map(|(_, escape)| escape.ok()).collect();
    Report { problems: problems.into_sorted(), escapes }
}

impl Subject<'_> {
    /// Every value that is needed where it may not be there, with the states that show it. Each is shown once.
    fn misuses(&self) -> impl Iterator<Item = (&States<'_>, &Misuse)> {
        let mut seen = Vec::new();
        let all = self.values.iter().flat_map(|states| states.misuses.iter().map(move |misuse| (states, misuse)));
        all.filter(move |(states, misuse)| {
            let key = (states.node(misuse.at).0, misuse.of.clone(), misuse.path.clone(), misuse.wrong);
            let new = !seen.contains(&key);
            seen.push(key);
            new
        })
    }

    /// Adds what is wrong with a value that is needed, at the place that needs it, with the way there.
    fn find_misuse(&self, problems: &Problems, check: &Check, (states, misuse): (&States<'_>, &Misuse), text: String) {
        let (id, _) = states.node(misuse.at);
        report(problems, check, self.places.of_use(id, &misuse.of), states.way_to(misuse.at), text, check.fix);
    }

    /// Adds what is wrong at a node in this call.
    fn find_called(&self, problems: &Problems, check: &Check, node: &NodeId, call: &str, text: impl Into<String>) {
        report(problems, check, self.places.of_node(node, &[]), Some(call.to_owned()), text, check.fix);
    }
}

/// Where nodes are written, for whoever finds something wrong with them otherwise.
#[must_use]
pub fn written_at(files: &Files, line: &Line, nodes: &[NodeId]) -> Vec<(Arc<str>, Place)> {
    let places = Places::of(files, line);
    nodes.iter().map(|node| places.of_node(node, &[])).collect()
}

/// Everything that can be told of a line: what the loader tells, and what a line that could be read is checked for.
#[must_use]
pub fn explanations() -> Vec<Explanation> {
    let checks = ALL.iter().map(|check| check.explanation());
    let mut all: Vec<Explanation> = checks.collect();
    for module in [super::load::EXPLANATIONS, crate::prompt::EXPLANATIONS, crate::yaml::EXPLANATIONS] {
        all.extend(module);
    }
    all
}

impl Check {
    /// The check as `hotline check --explain` tells it.
    #[must_use]
    pub const fn explanation(&self) -> Explanation {
        let Self { name, finds, why, example, fix, .. } = *self;
        Explanation { name, finds, why, example, fix }
    }
}

impl Subject<'_> {
    /// Adds what a check has found. `keys`: where in the node; what is not written there is shown at its node.
    fn find(&self, problems: &Problems, check: &Check, node: &NodeId, keys: &[&str], text: impl Into<String>) {
        self.advise(problems, check, node, keys, text, check.fix);
    }

    /// The same with what to do about this very node.
    fn advise(
        &self,
        problems: &Problems,
        check: &Check,
        node: &NodeId,
        keys: &[&str],
        text: impl Into<String>,
        help: impl Into<String>,
    ) {
        let at = self.places.of_node(node, keys);
        report(problems, check, at, self.ways.to(node), text, help);
    }

    /// Adds what is wrong with a text. `heard_at`: a node at which it is heard, if it takes one to show.
    fn in_text(
        &self,
        problems: &Problems,
        check: &Check,
        (prompt, language): (&PromptId, &Language),
        heard_at: Option<&NodeId>,
        text: impl Into<String>,
        help: impl Into<String>,
    ) {
        let at = self.places.of_text(prompt.as_str(), language);
        report(problems, check, at, heard_at.and_then(|node| self.ways.to(node)), text, help);
    }

    fn line(&self) -> &Line {
        &self.loaded.line
    }
}

fn report(
    problems: &Problems,
    check: &Check,
    (file, place): (Arc<str>, Place),
    caller: Option<String>,
    text: impl Into<String>,
    help: impl Into<String>,
) {
    problems.add(Problem {
        file,
        place,
        code: check.name,
        text: text.into(),
        caller,
        help: Some(help.into()),
        fix: None,
    });
}
