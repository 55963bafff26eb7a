//! `set`: the language, or values that are words.

use std::collections::BTreeMap;

use super::Move;
use crate::call::{Language, NodeId, Value};
use crate::flow::run::Run;

/// Sets the language or values.
#[derive(Clone, Debug)]
pub struct Set {
    pub language: Option<Language>,
    /// Name -> word.
    pub values: BTreeMap<String, String>,
    pub next: NodeId,
}

impl Set {
    pub(super) fn enter(&self, run: &mut Run<'_>) -> Move {
        if let Some(language) = &self.language {
            run.session.language = language.clone();
        }
        for (name, word) in &self.values {
            run.hold(name, Value::Word(word.clone()), false);
        }
        Move::Goto(self.next.clone())
    }
}
