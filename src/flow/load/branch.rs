//! `branch` nodes: cases of the value's type, which together cover every value.

use super::nodes::{Checker, Site, kind_of};
use crate::call::Type;
use crate::flow::definition::BranchNode;
use crate::flow::node::{self, Case};
use crate::yaml::Place;

impl Checker<'_> {
    pub(super) fn branch(&self, site: Site<'_>, branch: &BranchNode) -> Option<node::Branch> {
        let of = self.path(site, &branch.of);
        let (mut cases, mut written_cases) = (Vec::new(), Vec::new());
        for (written, target) in branch.cases.get()? {
            let target_node = self.target(site, target);
            let Some(of) = of else { continue };
            let case = match of {
                Type::Word { words, .. } if words.contains(&written.as_str()) => Some(Case::Word(written.clone())),
                Type::Word { words, .. } => {
                    let text = format!("`{written}` is none of its words");
                    let words = words.iter().copied();
                    self.problems.report_choice(site.file, target.place, "unknown-word", text, written, words);
                    None
                }
                Type::Flag => match written.parse() {
                    Ok(flag) => Some(Case::Flag(flag)),
                    Err(_) => self.wrong_case(site, target.place, written, "`true` or `false`"),
                },
                Type::Number => match numbers(written) {
                    Some((from, to)) => Some(Case::Numbers(from, to)),
                    None => self.wrong_case(site, target.place, written, "numbers like `0`, `1..12` or `13..`"),
                },
                Type::Amount
                | Type::Date
                | Type::YearMonth
                | Type::Year
                | Type::Clock
                | Type::Digits
                | Type::Text
                | Type::Periods
                | Type::Record(_)
                | Type::List(_) => {
                    let expected = format!("a word, a flag or a number to go by, not {}", kind_of(&of));
                    self.wrong_case(site, target.place, written, &expected)
                }
            };
            written_cases.extend(case.clone());
            cases.extend(case.zip(target_node));
        }
        self.total(site, branch, &of?, &written_cases);
        Some(node::Branch { of: branch.of.get()?.clone(), cases })
    }

    pub(super) fn wrong_case(&self, site: Site<'_>, place: Place, written: &str, expected: &str) -> Option<Case> {
        self.problems.report(site.file, place, "wrong-case", format!("expected {expected}, found `{written}`"));
        None
    }

    /// A branch has a way on for every value.
    pub(super) fn total(&self, site: Site<'_>, branch: &BranchNode, of: &Type, cases: &[Case]) {
        let missing: Vec<String> = match of {
            Type::Word { words, .. } => {
                let has = |word: &&&str| !cases.contains(&Case::Word((**word).to_owned()));
                words.iter().filter(has).map(|word| (*word).to_owned()).collect()
            }
            Type::Flag => {
                let has = |flag: &bool| !cases.contains(&Case::Flag(*flag));
                [true, false].into_iter().filter(has).map(|flag| flag.to_string()).collect()
            }
            Type::Number => {
                let mut ranges: Vec<(i64, i64)> = cases
                    .iter()
                    .filter_map(|case| if let Case::Numbers(from, to) = case { Some((*from, *to)) } else { None })
                    .collect();
                ranges.sort_unstable();
                let mut next = Some(0);
                for (from, to) in ranges {
                    match next {
                        Some(expected) if from == expected => next = to.checked_add(1),
                        _ => break,
                    }
                }
                next.map(|next| format!("{next} and up")).into_iter().collect()
            }
            // The cases of any other type have been reported.
            Type::Amount
            | Type::Date
            | Type::YearMonth
            | Type::Year
            | Type::Clock
            | Type::Digits
            | Type::Text
            | Type::Periods
            | Type::Record(_)
            | Type::List(_) => Vec::new(),
        };
        if !missing.is_empty() {
            let text = format!("the cases do not cover {}", missing.join(", "));
            self.problems.report(site.file, branch.cases.place, "case-missing", text);
        }
    }
}

/// `7`, `1..12`, `13..`.
fn numbers(written: &str) -> Option<(i64, i64)> {
    let (from, to) = match written.split_once("..") {
        None => (written.parse().ok()?, written.parse().ok()?),
        Some((from, "")) => (from.parse().ok()?, i64::MAX),
        Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
    };
    (from <= to).then_some((from, to))
}
