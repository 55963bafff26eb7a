//! `browse`: walks a list, an item at a time.

use std::collections::BTreeMap;

use super::{Binding, Missing, Move, Prompt, Waiting, Why};
use crate::call::{KeyPlan, Name, NodeId, PromptId, Spoken, Value, ValueRecord};
use crate::flow::run::Run;
use crate::flow::{Input, Stage, Universal};

/// Says an item of a list and a menu.
#[derive(Clone, Debug)]
pub struct Browse {
    pub list: String,
    /// The name of the item that is being heard.
    pub item: Name,
    /// The field of the item that lists its entries.
    pub each: String,
    /// The word of an entry that chooses its prompt.
    pub of: String,
    /// Word -> prompt; bindings are fields of the entry.
    pub cases: BTreeMap<String, Prompt>,
    /// Said first if an item has several entries; bindings are fields of the item.
    pub several: Option<Prompt>,
    pub prompt: PromptId,
    pub keys: BTreeMap<char, Walk>,
    pub past_end: NodeId,
    pub past_start: NodeId,
    pub then: Option<NodeId>,
}

/// What a key of a browse does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walk {
    Next,
    Previous,
    Node(NodeId),
}

impl Browse {
    pub(super) fn waiting(&self, run: &Run<'_>, at: usize) -> Result<Waiting, Missing> {
        let mut own = self.entries(run, at)?;
        own.extend(run.spoken(&Prompt::plain(self.prompt.clone()))?);
        Ok(Waiting { own, keys: KeyPlan::One, secret: false, first_key: None, stop: true, then: self.then.clone() })
    }

    /// The prompts of item `at`.
    fn entries(&self, run: &Run<'_>, at: usize) -> Result<Vec<Spoken>, Missing> {
        let missing = || Missing(self.list.clone());
        let (list, personal) = run.session.value(&self.list).ok_or_else(missing)?;
        let Value::List(items) = list else { return Err(missing()) };
        let Some(Value::Record(item)) = items.get(at) else { return Err(missing()) };
        let Some(Value::List(entries)) = item.get(&self.each) else { return Err(missing()) };
        let speak = |prompt: &Prompt, record: &ValueRecord| Spoken {
            prompt: prompt.id.clone(),
            language: run.session.language.clone(),
            values: fields(&prompt.bindings, record),
            personal,
            slow: false,
        };
        let mut spoken = Vec::new();
        if entries.len() > 1
            && let Some(several) = &self.several
        {
            spoken.push(speak(several, item));
        }
        for entry in entries {
            let Value::Record(entry) = entry else { return Err(missing()) };
            let Some(Value::Word(word)) = entry.get(&self.of) else { return Err(missing()) };
            spoken.push(speak(self.cases.get(word).ok_or_else(missing)?, entry));
        }
        Ok(spoken)
    }

    /// Holds item `at` under its name, so that what follows can use it.
    pub(in crate::flow) fn hold_item(&self, run: &mut Run<'_>, at: usize) {
        if let Some((Value::List(items), personal)) = run.session.value(&self.list)
            && let Some(item) = items.get(at)
        {
            run.hold(self.item.as_str(), item.clone(), personal);
        }
    }

    pub(super) fn resume(&self, run: &mut Run<'_>, input: &Input) -> Move {
        let Input::Pressed(keys) = input else { return Move::Retry(Why::Silent) };
        let Some(key) = keys.single() else { return Move::Retry(Why::WrongKey) };
        let universal = run.line.keys.get(&key).cloned();
        match (self.keys.get(&key), universal) {
            (Some(Walk::Node(target)), _) => run.moved_to(target),
            (Some(Walk::Next), _) | (None, Some(Universal::Onward)) => self.walk(run, true),
            (Some(Walk::Previous), _) => self.walk(run, false),
            (None, _) => run.universal(key),
        }
    }

    fn walk(&self, run: &mut Run<'_>, forward: bool) -> Move {
        let length = match run.session.value(&self.list) {
            Some((Value::List(items), _)) => items.len(),
            _ => return Move::Missing(self.list.clone()),
        };
        let Stage::Waiting { at, .. } = &mut run.session.stage else { return Move::Listen };
        let target = match forward {
            true if *at + 1 >= length => &self.past_end,
            false if *at == 0 => &self.past_start,
            _ => {
                *at = if forward { *at + 1 } else { *at - 1 };
                run.key_moved();
                return Move::Listen;
            }
        };
        run.moved_to(target)
    }
}

/// The values of the bindings, out of a record.
fn fields(bindings: &[Binding], record: &ValueRecord) -> ValueRecord {
    let value = |binding: &Binding| Some((binding.placeholder.clone(), Value::at(record, &binding.path)?.clone()));
    bindings.iter().filter_map(value).collect()
}
