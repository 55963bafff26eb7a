//! What nodes refer to: outcomes, other nodes, values, prompts, keys. Every name leads somewhere, and the types fit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::nodes::{Checker, Edges, Site, kind_of};
use super::values;
use crate::call::{Field, NodeId, PromptId, Type};
use crate::flow::definition::{BrowseNode, MenuNode, NodeDefinition, Span};
use crate::flow::node::{Binding, Prompt};
use crate::prompt::{Reading, is_written};
use crate::yaml::{At, Place, Problem};

impl Checker<'_> {
    /// The edges of a node: each outcome has one, and there is no other.
    pub(super) fn outcomes(&self, site: Site<'_>, edges: &Edges, outcomes: Vec<&str>) -> BTreeMap<String, NodeId> {
        let mut on = BTreeMap::new();
        for (outcome, target) in edges.get().into_iter().flatten() {
            if !outcomes.contains(&outcome.as_str()) {
                let text = format!("`{outcome}` cannot happen here");
                let known = outcomes.iter().copied();
                self.problems.report_choice(site.file, target.place, "unknown-outcome", text, outcome, known);
            } else if let Some(target) = self.target(site, target) {
                on.insert(outcome.clone(), target);
            }
        }
        let given = edges.get();
        let missing: Vec<&str> =
            outcomes.into_iter().filter(|outcome| !given.is_some_and(|given| given.contains_key(*outcome))).collect();
        if !missing.is_empty() && given.is_some() {
            let text = format!("no edge for {}", missing.join(", "));
            let write: Vec<String> = missing.iter().map(|outcome| format!("`{outcome}: NODE`")).collect();
            let help = Some(format!("say where the call goes then: {}", write.join(", ")));
            let file = Arc::clone(site.file);
            self.problems.add(Problem {
                file,
                place: edges.place,
                code: "missing-outcome",
                text,
                caller: None,
                help,
                fix: None,
            });
        }
        on
    }

    /// A node of the same flow.
    pub(super) fn target(&self, site: Site<'_>, target: &At<String>) -> Option<NodeId> {
        let name = target.get()?;
        match self.index.nodes.get_key_value(name.as_str()) {
            Some((id, flow)) if flow.as_ref() == site.flow => Some(id.clone()),
            Some((_, flow)) => {
                let there = flow.as_ref().map_or("the main flow".to_owned(), |flow| format!("sub-flow `{flow}`"));
                let text = format!("`{name}` is in {there}; a sub-flow is entered by `call` and left by `return`");
                self.problems.report(site.file, target.place, "other-flow", text);
                None
            }
            None if !self.index.complete => None,
            None => {
                let here = self.index.nodes.iter().filter(|(_, flow)| flow.as_ref() == site.flow);
                let known: Vec<&str> = here.map(|(id, _)| id.as_str()).collect();
                let text = format!("`{name}` is no node");
                self.problems.report_choice(site.file, target.place, "unknown-target", text, name, known);
                None
            }
        }
    }

    pub(super) fn optional_target(&self, site: Site<'_>, target: Option<&At<String>>) -> Option<NodeId> {
        target.and_then(|target| self.target(site, target))
    }

    /// The type of the value at a path.
    pub(super) fn path(&self, site: Site<'_>, path: &At<String>) -> Option<Type> {
        let text = path.get()?;
        let of = self.values.at(text);
        if of.is_none() && self.index.complete {
            let known = self.values.paths();
            let message = match text.as_str() {
                "topic" => {
                    "nothing is held as `topic`: `topics` in line.yaml has no word for the first node".to_owned()
                }
                _ => format!("nothing is held as `{text}`"),
            };
            let known = known.iter().map(String::as_str);
            self.problems.report_choice(site.file, path.place, "unknown-value", message, text, known);
        }
        of
    }

    /// A prompt that takes no values.
    pub(super) fn bare_prompt(&self, file: &Arc<str>, prompt: &At<String>) -> Option<PromptId> {
        let site = Site { file, flow: None, place: prompt.place };
        self.prompt(site, prompt, None, None, None).map(|prompt| prompt.id)
    }

    /// A prompt of the catalogue, each of its placeholders bound to a value of the right type.
    pub(super) fn prompt(
        &self,
        site: Site<'_>,
        prompt: &At<String>,
        given: Option<&Edges>,
        from: Option<&At<String>>,
        every_language: Option<&At<bool>>,
    ) -> Option<Prompt> {
        self.is_said(site, prompt);
        let every_language = every_language.and_then(At::get).copied().unwrap_or(false);
        Some(Prompt { every_language, ..self.filled(site, prompt, given, from)? })
    }

    /// A text that is sent is not said.
    fn is_said(&self, site: Site<'_>, prompt: &At<String>) {
        if let Some(id) = prompt.get().filter(|id| is_written(id)) {
            let text = format!("`{id}` is sent as an SMS and cannot be said");
            self.problems.report(site.file, prompt.place, "sms-text", text);
        }
    }

    /// A text of the catalogue, said or sent.
    pub(super) fn filled(
        &self,
        site: Site<'_>,
        prompt: &At<String>,
        given: Option<&Edges>,
        from: Option<&At<String>>,
    ) -> Option<Prompt> {
        let id = self.known_prompt(site, prompt)?;
        let slots = self.catalogue.slots(id).unwrap_or_default();
        let given = given.and_then(At::get);
        let mut bindings = Vec::new();
        for slot in slots {
            let explicit = given.and_then(|given| given.get(&slot.name));
            let path = match (explicit, from) {
                (Some(path), _) => path.clone(),
                (None, Some(from)) => {
                    At { place: from.place, value: from.get().map(|root| format!("{root}.{}", slot.name)) }
                }
                (None, None) => {
                    let text = format!("prompt `{id}` needs a value for `{{{}}}`", slot.name);
                    self.problems.report(site.file, prompt.place, "missing-value", text);
                    continue;
                }
            };
            if let Some(of) = self.path(site, &path) {
                self.fits(site, path.place, &slot.name, &slot.reading, &of);
                bindings.push(Binding { placeholder: slot.name.clone(), path: path.value? });
            }
        }
        for (name, path) in given.into_iter().flatten() {
            if !slots.iter().any(|slot| slot.name == *name) {
                let known: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
                let text = format!("prompt `{id}` has no placeholder `{{{name}}}`");
                self.problems.report_choice(site.file, path.place, "unknown-placeholder", text, name, known);
            }
        }
        Some(Prompt { id: PromptId::from(id), bindings, every_language: false })
    }

    /// A prompt whose placeholders are fields of a record.
    pub(super) fn field_prompt(&self, site: Site<'_>, prompt: &At<String>, record: &[Field]) -> Option<Prompt> {
        self.is_said(site, prompt);
        let id = self.known_prompt(site, prompt)?;
        let mut bindings = Vec::new();
        for slot in self.catalogue.slots(id).unwrap_or_default() {
            let Some(of) = values::within(record, &slot.name) else {
                let known: Vec<&str> = record.iter().map(|field| field.name).collect();
                let text = format!("prompt `{id}` needs `{{{}}}`, which is no field here", slot.name);
                self.problems.report_choice(site.file, prompt.place, "missing-value", text, &slot.name, known);
                continue;
            };
            self.fits(site, prompt.place, &slot.name, &slot.reading, &of);
            bindings.push(Binding { placeholder: slot.name.clone(), path: slot.name.clone() });
        }
        Some(Prompt { id: PromptId::from(id), bindings, every_language: false })
    }

    pub(super) fn known_prompt<'b>(&self, site: Site<'_>, prompt: &'b At<String>) -> Option<&'b str> {
        let id = prompt.get()?;
        if self.catalogue.contains(id) {
            self.named.borrow_mut().insert(PromptId::from(id.as_str()));
            return Some(id);
        }
        // What keeps texts from being read has been reported.
        if !self.catalogue.lacks(id) {
            return None;
        }
        let known: Vec<&str> = self.catalogue.ids().map(PromptId::as_str).collect();
        let text = format!("there is no prompt `{id}`");
        self.problems.report_choice(site.file, prompt.place, "unknown-prompt", text, id, known);
        None
    }

    /// The value can be said so, and all of its words have a prompt.
    pub(super) fn fits(&self, site: Site<'_>, place: Place, name: &str, reading: &Reading, of: &Type) {
        if !reading.accepts(of) {
            let text = format!("`{{{name}}}` is said as {reading}; the value is {}", kind_of(of));
            let fitting: Vec<&str> = Reading::plain_of(of).collect();
            let help = (!fitting.is_empty()).then(|| format!("readings of such a value: {}", fitting.join(", ")));
            let file = Arc::clone(site.file);
            self.problems.add(Problem { file, place, code: "value-type", text, caller: None, help, fix: None });
        }
        if let Type::Word { set, words } = of {
            if words.is_empty() {
                let all = self.catalogue.ids().filter(|id| id.as_str().starts_with(&format!("word.{set}.")));
                self.named.borrow_mut().extend(all.cloned());
            }
            for word in *words {
                let id = format!("word.{set}.{word}");
                if self.catalogue.contains(&id) {
                    self.named.borrow_mut().insert(PromptId::from(id));
                } else if self.catalogue.lacks(&id) {
                    let text = format!("the word `{set}/{word}` has no prompt `{id}`");
                    self.problems.report(site.file, place, "unknown-prompt", text);
                }
            }
        }
    }

    pub(super) fn key(&self, site: Site<'_>, place: Place, key: &str) -> Option<char> {
        let mut all = key.chars();
        if let (Some(key @ ('0'..='9' | '*' | '#')), None) = (all.next(), all.next()) {
            Some(key)
        } else {
            self.problems.report(site.file, place, "unknown-key", format!("`{key}` is no key; keys are 0-9, * and #"));
            None
        }
    }

    pub(super) fn span(
        &self,
        file: &Arc<str>,
        span: &At<Span>,
        (least, most): (Duration, Duration),
    ) -> Option<Duration> {
        let length = span.get()?.0;
        if (least..=most).contains(&length) {
            return Some(length);
        }
        let text = format!("expected {} to {} seconds", least.as_secs(), most.as_secs());
        self.problems.report(file, span.place, "out-of-range", text);
        None
    }

    /// A key that holds everywhere means the same everywhere.
    pub(super) fn shadowed(&self, site: Site<'_>, definition: &NodeDefinition, universal: &BTreeSet<&str>) {
        let (NodeDefinition::Menu(MenuNode { keys, .. }) | NodeDefinition::Browse(BrowseNode { keys, .. })) =
            definition
        else {
            return;
        };
        for (key, target) in keys.get().into_iter().flatten() {
            if universal.contains(key.as_str()) {
                let text = format!("key `{key}` holds everywhere (line.yaml) and cannot mean something else here");
                self.problems.report(site.file, target.place, "shadowed-key", text);
            }
        }
    }
}
