//! What lookups and effects are given, and the nodes of effects and recordings.

use std::collections::BTreeMap;
use std::time::Duration;

use super::nodes::{Checker, Edges, Site, kind_of};
use crate::call::{Field, Name, RecordOutcome, Signature, Type};
use crate::flow::EffectKind;
use crate::flow::definition::{EffectNode, RecordNode};
use crate::flow::node::{self, Argument, Binding, Prompt};
use crate::prompt::is_written;
use crate::yaml::At;

/// The shortest and the longest recording: ten minutes of sound are 5 MB.
const RECORDING: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(10));
/// The shortest and the longest silence that can end it.
const SILENCE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

impl Checker<'_> {
    /// The arguments that a signature asks for. `what` it is of: "lookup" or "effect".
    pub(super) fn arguments(
        &self,
        site: Site<'_>,
        signature: &Signature,
        what: &str,
        with: Option<&Edges>,
    ) -> BTreeMap<String, Argument> {
        let name = signature.name;
        let mut arguments = BTreeMap::new();
        let given = with.and_then(At::get);
        for (argument, path) in given.into_iter().flatten() {
            let Some(field) = signature.args.iter().find(|field| field.name == argument) else {
                let known: Vec<&str> = signature.args.iter().map(|field| field.name).collect();
                let text = format!("{what} `{name}` takes no `{argument}`");
                self.problems.report_choice(site.file, path.place, "unknown-argument", text, argument, known);
                continue;
            };
            if let Some(value) = self.argument(site, field, path) {
                arguments.insert(argument.clone(), value);
            }
        }
        for field in signature.args.iter().filter(|field| !field.optional) {
            if !given.is_some_and(|given| given.contains_key(field.name)) {
                let text = format!("{what} `{name}` needs `{}`", field.name);
                self.problems.report(site.file, site.place, "missing-argument", text);
            }
        }
        arguments
    }

    fn argument(&self, site: Site<'_>, field: &Field, path: &At<String>) -> Option<Argument> {
        let text = path.get()?;
        if let Type::Word { words, .. } = field.of
            && words.contains(&text.as_str())
        {
            return Some(Argument::Word(text.clone()));
        }
        if let Some((of, word)) = self.values.word(text)
            && of == field.of
        {
            return Some(Argument::Word(word.to_owned()));
        }
        if let Ok(number) = text.parse() {
            if field.of == Type::Number {
                return Some(Argument::Number(number));
            }
            let text = format!("`{}` takes {}, not a number", field.name, kind_of(&field.of));
            self.problems.report(site.file, path.place, "value-type", text);
            return None;
        }
        let of = self.path(site, path)?;
        if of == field.of {
            return Some(Argument::Path(text.clone()));
        }
        let text = format!("`{}` takes {}; `{text}` is {}", field.name, kind_of(&field.of), kind_of(&of));
        self.problems.report(site.file, path.place, "value-type", text);
        None
    }

    pub(super) fn effect(&self, site: Site<'_>, effect: &EffectNode) -> Option<node::EffectNode> {
        let next = self.target(site, &effect.next);
        let name = effect.effect.get()?;
        let Some((signature, kind)) = EffectKind::ALL.iter().find(|(known, _)| known.name == name) else {
            let known = EffectKind::ALL.iter().map(|(known, _)| known.name);
            let text = format!("there is no effect `{name}`");
            self.problems.report_choice(site.file, effect.effect.place, "unknown-effect", text, name, known);
            return None;
        };
        if *kind == EffectKind::Sms {
            let text = self.sms(site, effect)?;
            let argument = |value: Binding| (value.placeholder, Argument::Path(value.path));
            let arguments = text.bindings.into_iter().map(argument).collect();
            return Some(node::EffectNode { effect: *kind, arguments, text: Some(text.id), next: next? });
        }
        if let Some(prompt) = &effect.prompt {
            let text = format!("effect `{name}` sends no text; only `sms` has a `prompt`");
            self.problems.report(site.file, prompt.place, "sms-text", text);
        }
        let arguments = self.arguments(site, signature, "effect", effect.with.as_ref());
        Some(node::EffectNode { effect: *kind, arguments, text: None, next: next? })
    }

    /// The text of an SMS: one that is written, with nothing in it that only a verified caller may know.
    fn sms(&self, site: Site<'_>, effect: &EffectNode) -> Option<Prompt> {
        let Some(prompt) = &effect.prompt else {
            let text = "an `sms` needs a `prompt`, one of `sms.*`";
            self.problems.report(site.file, site.place, "sms-text", text);
            return None;
        };
        let id = prompt.get()?;
        if !is_written(id) {
            let text = format!("`{id}` is said; what is sent is a prompt `sms.*`");
            self.problems.report(site.file, prompt.place, "sms-text", text);
            return None;
        }
        for slot in self.catalogue.slots(id).unwrap_or_default().iter().filter(|slot| !slot.reading.is_written()) {
            let text = format!("`{{{}: {}}}` of `{id}` can be said only, not written", slot.name, slot.reading);
            self.problems.report(site.file, prompt.place, "sms-text", text);
        }
        for path in effect.with.iter().filter_map(At::get).flat_map(BTreeMap::values) {
            if path.get().is_some_and(|path| self.values.is_personal(path)) {
                let text = "an SMS may be read by others; nothing of the verified member is sent".to_owned();
                self.problems.report(site.file, path.place, "personal-sms", text);
            }
        }
        self.filled(site, prompt, effect.with.as_ref(), None)
    }

    pub(super) fn record(&self, site: Site<'_>, record: &RecordNode) -> Option<node::Record> {
        let prompt = self.prompt(site, &record.prompt, record.values.as_ref(), record.from.as_ref(), None);
        let edges = self.outcomes(site, &record.on, RecordOutcome::ALL.iter().map(|outcome| outcome.name()).collect());
        let on = RecordOutcome::ALL.iter().filter_map(|outcome| Some((*outcome, edges.get(outcome.name())?.clone())));
        let hung_up = self.optional_target(site, record.hung_up.as_ref());
        let then = self.optional_target(site, record.then.as_ref());
        let longest = self.span(site.file, &record.longest, RECORDING);
        let silence = self.span(site.file, &record.silence, SILENCE);
        Some(node::Record {
            prompt: prompt?,
            what: *record.what.get()?,
            longest: longest?,
            silence: silence?,
            name: Name::from(record.name.get()?.as_str()),
            on: on.collect(),
            hung_up,
            then,
        })
    }
}
