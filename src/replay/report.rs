//! What became of many calls: what they have in common, how many they are, and which to look at.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::other::{Ends, Fate, Person};
use super::own::Difference;
use crate::call::CallId;

/// How many calls are named as examples.
const EXAMPLES: usize = 3;

/// What became of the calls that were replayed.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// All that were replayed.
    pub calls: u64,
    /// Those of which every reply was the same.
    pub same: u64,
    /// Those whose logs have been deleted.
    pub forgotten: u64,
    /// Those that were left out because they are of simulated phones, or because they are not.
    pub left_out: u64,
    /// Those that could not be replayed, by why.
    pub unreadable: BTreeMap<String, Group>,
    /// Those that did not go as their logs say on their own version: mistakes of this program.
    pub differ_on_their_own_version: Vec<OwnDifference>,
    /// What callers would hear otherwise, by the first such turn of each call.
    pub heard_otherwise: BTreeMap<String, Group>,
    /// What does not fit any more.
    pub cannot_be_followed: BTreeMap<String, Group>,
    /// How calls would end otherwise.
    pub end_otherwise: BTreeMap<String, Group>,
    /// Callers who would not reach a person any more.
    pub no_longer_reach_a_person: Group,
    pub newly_reach_a_person: Group,
    /// Callers of whom that cannot be told: something new is asked.
    pub may_not_reach_a_person: Group,
    /// Calls that a mistake of ours would stop.
    pub faults: BTreeMap<String, Group>,
    /// What would be heard in other words.
    pub reworded: BTreeMap<String, Group>,
}

/// Calls that have something in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Group {
    pub calls: u64,
    /// The earliest turn in any of them.
    pub from_turn: u32,
    /// A few of them.
    pub examples: Vec<String>,
}

/// A call that is not as its log says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct OwnDifference {
    pub call: String,
    pub leg: u16,
    pub turn: u32,
    pub node: Option<String>,
    pub expected: String,
    pub found: String,
}

impl Group {
    fn add(&mut self, call: CallId, turn: u32) {
        self.from_turn = if self.calls == 0 { turn } else { self.from_turn.min(turn) };
        self.calls += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(call.to_string());
        }
    }
}

impl Report {
    /// A call that went as its log says.
    pub fn same(&mut self) {
        self.calls += 1;
        self.same += 1;
    }

    /// A call that did not go as its log says.
    pub fn differs(&mut self, call: CallId, difference: Difference) {
        self.calls += 1;
        let Difference { leg, turn, node, expected, found } = difference;
        let node = node.map(|node| node.to_string());
        let call = call.to_string();
        self.differ_on_their_own_version.push(OwnDifference { call, leg: leg.0, turn, node, expected, found });
    }

    /// A call that could not be replayed.
    pub fn unreadable(&mut self, call: CallId, why: String) {
        self.unreadable.entry(why).or_default().add(call, 0);
    }

    /// What would become of a call on another version.
    pub fn follow(&mut self, call: CallId, fate: Fate) {
        self.calls += 1;
        if fate.is_same() {
            self.same += 1;
            return;
        }
        let Fate { differs, stopped, ends, person, fault, reworded } = fate;
        if let Some((turn, what)) = differs {
            self.heard_otherwise.entry(what).or_default().add(call, turn);
        }
        if let Some((turn, why)) = stopped {
            self.cannot_be_followed.entry(why).or_default().add(call, turn);
        }
        if let Some((own, new)) = ends {
            let new = match new {
                Ends::As(cause) => cause.name(),
                Ends::GoesOn => "nothing yet, they go on",
            };
            self.end_otherwise.entry(format!("end as {new} instead of {}", own.name())).or_default().add(call, 0);
        }
        match person {
            Person::Lost => self.no_longer_reach_a_person.add(call, 0),
            Person::Won => self.newly_reach_a_person.add(call, 0),
            Person::Unknown => self.may_not_reach_a_person.add(call, 0),
            Person::Same => {}
        }
        if let Some(fault) = fault {
            self.faults.entry(fault).or_default().add(call, 0);
        }
        for (prompt, language) in reworded {
            self.reworded.entry(format!("{prompt} in {language}")).or_default().add(call, 0);
        }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.same == self.calls && self.unreadable.is_empty()
    }

    /// Why a draft must not be published, if it must not: what callers would lose by it.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let (lost, faults) = (self.no_longer_reach_a_person.calls, self.faults.values().map(|group| group.calls).sum());
        match (lost, faults) {
            (0, 0) => None,
            (lost, 0) => Some(format!("{lost} caller(s) would not reach a person any more")),
            (0, faults) => Some(format!("{faults} call(s) would be stopped by a mistake of the line")),
            (lost, faults) => Some(format!(
                "{lost} caller(s) would not reach a person any more, {faults} call(s) would be stopped by a mistake of the line"
            )),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} call(s) replayed, {} the same", self.calls, self.same)?;
        if self.forgotten > 0 {
            writeln!(f, "{} older call(s) left out: their logs have been deleted", self.forgotten)?;
        }
        if self.left_out > 0 {
            writeln!(f, "{} call(s) left out: of simulated phones, or with --simulated all others", self.left_out)?;
        }
        for own in &self.differ_on_their_own_version {
            let OwnDifference { call, leg, turn, node, expected, found } = own;
            let node = node.as_deref().unwrap_or("the beginning");
            let leg = if *leg == 0 { String::new() } else { format!(" of leg {leg}") };
            writeln!(
                f,
                "call {call} differs at turn {turn}{leg}, at {node}:\n  expected: {expected}\n  found:    {found}"
            )?;
        }
        let many = |f: &mut fmt::Formatter<'_>, title: &str, groups: &BTreeMap<String, Group>| {
            if groups.is_empty() {
                return Ok(());
            }
            writeln!(f, "\n{title}:")?;
            let mut groups: Vec<_> = groups.iter().collect();
            groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.calls));
            groups
                .into_iter()
                .try_for_each(|(what, group)| writeln!(f, "  {} call(s) {what}{}", group.calls, like(group)))
        };
        let one = |f: &mut fmt::Formatter<'_>, what: &str, group: &Group| match group.calls {
            0 => Ok(()),
            calls => writeln!(f, "\n{calls} caller(s) {what}{}", like(group)),
        };
        one(f, "would no longer reach a person", &self.no_longer_reach_a_person)?;
        one(
            f,
            "may not reach a person any more: something is asked that was not asked then",
            &self.may_not_reach_a_person,
        )?;
        one(f, "would newly reach a person", &self.newly_reach_a_person)?;
        many(f, "Stopped by a mistake of the line", &self.faults)?;
        many(f, "Heard otherwise, by the first difference of each call", &self.heard_otherwise)?;
        many(f, "Cannot be followed with the same keys, because callers", &self.cannot_be_followed)?;
        many(f, "End otherwise", &self.end_otherwise)?;
        many(f, "Heard in other words", &self.reworded)?;
        many(f, "Cannot be replayed", &self.unreadable)
    }
}

/// Where to look.
fn like(group: &Group) -> String {
    let turn = if group.from_turn == 0 { String::new() } else { format!(", from turn {}", group.from_turn) };
    format!("{turn} (like {})", group.examples.first().map_or("", String::as_str))
}
