//! `browse` nodes: lists of records with lists of records in them.

use std::collections::BTreeMap;

use super::nodes::{Checker, Site, kind_of};
use super::values;
use crate::call::{Name, Type};
use crate::flow::definition::BrowseNode;
use crate::flow::node::{self, Walk};
use crate::yaml::At;

impl Checker<'_> {
    pub(super) fn browse(&self, site: Site<'_>, browse: &BrowseNode) -> Option<node::Browse> {
        // What does not depend on the list is told even if the list is wrong.
        let prompt = self.bare_prompt(site.file, &browse.prompt);
        let (past_end, past_start) = (self.target(site, &browse.past_end), self.target(site, &browse.past_start));
        let then = self.optional_target(site, browse.then.as_ref());
        let keys = self.walks(site, browse);
        let list = browse.list.get()?;
        let each = browse.each.get()?;
        let of = browse.of.get()?;
        let found = self.path(site, &browse.list)?;
        let Type::List(Type::Record(item)) = found else { return self.not_a_list(site, &browse.list, &found) };
        let entry = match values::within(item, each) {
            Some(Type::List(Type::Record(entry))) => *entry,
            Some(other) => return self.not_a_list(site, &browse.each, &other),
            None => {
                let known: Vec<&str> = item.iter().map(|field| field.name).collect();
                let text = format!("an item of `{list}` has no `{each}`");
                self.problems.report_choice(site.file, browse.each.place, "unknown-value", text, each, known);
                return None;
            }
        };
        let Some(Type::Word { words, .. }) = values::within(entry, of) else {
            let text = format!("`{of}` must be a word of the entries of `{list}`");
            self.problems.report(site.file, browse.of.place, "value-type", text);
            return None;
        };
        let mut cases = BTreeMap::new();
        for (word, prompt) in browse.cases.get()? {
            if !words.contains(&word.as_str()) {
                let text = format!("`{word}` is none of its words");
                self.problems.report_choice(site.file, prompt.place, "unknown-word", text, word, words.iter().copied());
            } else if let Some(prompt) = self.field_prompt(site, prompt, entry) {
                cases.insert(word.clone(), prompt);
            }
        }
        let written = browse.cases.get()?;
        let missing: Vec<&str> = words.iter().copied().filter(|word| !written.contains_key(*word)).collect();
        if !missing.is_empty() {
            let text = format!("the cases do not cover {}", missing.join(", "));
            self.problems.report(site.file, browse.cases.place, "case-missing", text);
        }
        Some(node::Browse {
            list: list.clone(),
            item: Name::from(browse.item.get()?.as_str()),
            each: each.clone(),
            of: of.clone(),
            cases,
            several: browse.several.as_ref().and_then(|prompt| self.field_prompt(site, prompt, item)),
            prompt: prompt?,
            keys,
            past_end: past_end?,
            past_start: past_start?,
            then,
        })
    }

    /// What the keys of the menu do.
    fn walks(&self, site: Site<'_>, browse: &BrowseNode) -> BTreeMap<char, Walk> {
        let mut keys = BTreeMap::new();
        for (key, target) in browse.keys.get().into_iter().flatten() {
            let walk = match target.get().map(String::as_str) {
                Some("next") => Some(Walk::Next),
                Some("previous") => Some(Walk::Previous),
                _ => self.target(site, target).map(Walk::Node),
            };
            if let (Some(key), Some(walk)) = (self.key(site, target.place, key), walk) {
                keys.insert(key, walk);
            }
        }
        keys
    }

    pub(super) fn not_a_list<T>(&self, site: Site<'_>, path: &At<String>, found: &Type) -> Option<T> {
        let text = format!("expected a list of records, found {}", kind_of(found));
        self.problems.report(site.file, path.place, "value-type", text);
        None
    }
}
