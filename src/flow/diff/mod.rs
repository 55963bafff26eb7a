//! What callers notice when a line goes from one version to another: not which lines of files differ, but which keys lead
//! elsewhere, what is new and who comes to it, what is said in other words.

mod fields;

use std::collections::{BTreeMap, BTreeSet};

use super::check::ways::{Ways, in_words};
use super::node::Edge;
use super::{Line, Loaded, Node};
use crate::call::{Language, NodeId, PromptId};

/// Changes of one kind, in the order in which they are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub title: &'static str,
    pub changes: Vec<String>,
}

/// What changes for callers from `old` to `new`; sections without changes are left out.
#[must_use]
pub fn diff(old: &Loaded, new: &Loaded) -> Vec<Section> {
    let sections = [
        ("Settings of the line", compare(&fields::of_line(&old.line), &fields::of_line(&new.line))),
        ("Keys", in_both(&old.line, &new.line, keys)),
        ("Other ways", in_both(&old.line, &new.line, other_ways)),
        ("What happens there", in_both(&old.line, &new.line, what_happens)),
        ("New", only_in(&new.line, &old.line)),
        ("Gone", only_in(&old.line, &new.line)),
        ("Said in other words", texts(old, new)),
        ("Recordings", recordings(old, new)),
    ];
    let sections = sections.into_iter().filter(|(_, changes)| !changes.is_empty());
    sections.map(|(title, changes)| Section { title, changes }).collect()
}

/// What differs in nodes that there are in both.
fn in_both(old: &Line, new: &Line, differ: impl Fn(&Node, &Node) -> Vec<String>) -> Vec<String> {
    let both = old.nodes.iter().filter_map(|(id, node)| Some((id, node, new.nodes.get(id)?)));
    let told = |(id, old, new): (&NodeId, &Node, &Node)| {
        let changes = differ(old, new);
        (!changes.is_empty()).then(|| format!("{id}: {}", changes.join(", ")))
    };
    both.filter_map(told).collect()
}

fn by_name<'a>(edges: &'a [Edge<'a>], keys: bool) -> BTreeMap<String, &'a Edge<'a>> {
    edges.iter().filter(|edge| (edge.field == "keys") == keys).map(|edge| (edge.name(), edge)).collect()
}

/// `3 now leads to guide.menu instead of sup.menu`.
fn keys(old: &Node, new: &Node) -> Vec<String> {
    let (before, after) = (old.edges(), new.edges());
    let (before, after) = (by_name(&before, true), by_name(&after, true));
    let key = |edge: &Edge<'_>| edge.key.as_deref().unwrap_or_default().to_owned();
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |name: &String| match (before.get(name), after.get(name)) {
        (Some(old), Some(new)) if old.target != new.target => {
            Some(format!("{} now leads to {} instead of {}", key(new), new.target, old.target))
        }
        (None, Some(new)) => Some(format!("{} is new and leads to {}", key(new), new.target)),
        (Some(old), None) => Some(format!("{} means nothing any more (it led to {})", key(old), old.target)),
        _ => None,
    };
    names.into_iter().filter_map(change).collect()
}

/// `who presses nothing now comes to ...`.
fn other_ways(old: &Node, new: &Node) -> Vec<String> {
    let (before, after) = (old.edges(), new.edges());
    let (before, after) = (by_name(&before, false), by_name(&after, false));
    let who = |node: &Node, edge: &Edge<'_>| match in_words(node, edge).as_str() {
        "" => "everybody".to_owned(),
        words => format!("a caller who {words}"),
    };
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |name: &String| match (before.get(name), after.get(name)) {
        (Some(a), Some(b)) if a.target != b.target => {
            Some(format!("{} now comes to {} instead of {}", who(new, b), b.target, a.target))
        }
        (None, Some(b)) => Some(format!("{} now comes to {}", who(new, b), b.target)),
        (Some(a), None) => Some(format!("{} no longer comes to {}", who(old, a), a.target)),
        _ => None,
    };
    names.into_iter().filter_map(change).collect()
}

fn what_happens(old: &Node, new: &Node) -> Vec<String> {
    compare(&fields::of_node(old), &fields::of_node(new))
}

/// Nodes that are in one version only, by the way that leads there.
fn only_in(line: &Line, other: &Line) -> Vec<String> {
    let ways = Ways::from_the_start(line);
    let told = |(id, node): (&NodeId, &Node)| {
        let kind = fields::kind(node);
        match ways.to(id) {
            Some(caller) => format!("{id} ({kind}): {caller}"),
            None if ways.reaches(id) => format!("{id} ({kind}): every caller"),
            None => format!("{id} ({kind}): nobody comes to it"),
        }
    };
    line.nodes.iter().filter(|(id, _)| !other.nodes.contains_key(*id)).map(told).collect()
}

/// Values by name: what is another, new or gone.
fn compare(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |name: &String| match (old.get(name), new.get(name)) {
        (Some(before), Some(now)) if before != now => Some(format!("{name} is {now} instead of {before}")),
        (None, Some(now)) => Some(format!("{name} is new: {now}")),
        (Some(before), None) => Some(format!("{name} is gone (it was {before})")),
        _ => None,
    };
    names.into_iter().filter_map(change).collect()
}

/// The texts of prompts, old and new, in every language.
fn texts(old: &Loaded, new: &Loaded) -> Vec<String> {
    let ids: BTreeSet<&PromptId> = old.catalogue.ids().chain(new.catalogue.ids()).collect();
    let languages: BTreeSet<&Language> = old.line.languages.iter().chain(&new.line.languages).collect();
    let mut changes = Vec::new();
    for id in ids {
        for language in &languages {
            let text = |loaded: &Loaded| loaded.catalogue.text(id.as_str(), language);
            let (before, now) = (text(old), text(new));
            if before == now {
                continue;
            }
            let told = [("- ", before), ("+ ", now)];
            let told = told.into_iter().filter_map(|(sign, text)| Some(format!("\n    {sign}{}", text?)));
            changes.push(format!("{id}, {language}{}", told.collect::<String>()));
        }
    }
    changes
}

/// How many clips sound otherwise.
fn recordings(old: &Loaded, new: &Loaded) -> Vec<String> {
    let mut changes = Vec::new();
    for language in &new.line.languages {
        let rows = |loaded: &Loaded| -> BTreeMap<String, String> {
            let manifest = loaded.catalogue.manifest(language);
            let rows = manifest.map(|manifest| &manifest.rows).into_iter().flatten();
            rows.map(|(clip, row)| (clip.clone(), row.audio.to_string())).collect()
        };
        let (before, now) = (rows(old), rows(new));
        let others = now.iter().filter(|(clip, audio)| before.get(*clip).is_some_and(|old| old != *audio)).count();
        let added = now.keys().filter(|clip| !before.contains_key(*clip)).count();
        let gone = before.keys().filter(|clip| !now.contains_key(*clip)).count();
        if others + added + gone > 0 {
            changes.push(format!("{language}: {others} clip(s) sound otherwise, {added} are new, {gone} are gone"));
        }
    }
    changes
}

#[cfg(test)]
mod tests;
