//! `branch`: goes by a value.

use super::Move;
use crate::call::{NodeId, Value};
use crate::flow::run::Run;

/// Goes by a value; the loader saw to it that the cases cover every value of its type.
#[derive(Clone, Debug)]
pub struct Branch {
    pub of: String,
    pub cases: Vec<(Case, NodeId)>,
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Case {
    Word(String),
    Flag(bool),
    /// From and to, both included.
    Numbers(i64, i64),
}

impl Case {
    pub(in crate::flow) fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Word(case), Value::Word(word)) => case == word,
            (Self::Flag(case), Value::Flag(flag)) => case == flag,
            (Self::Numbers(from, to), Value::Number(number)) => (*from..=*to).contains(number),
            _ => false,
        }
    }
}

impl Branch {
    pub(super) fn enter(&self, run: &Run<'_>) -> Move {
        let Some((value, _)) = run.session.value(&self.of) else { return Move::Missing(self.of.clone()) };
        match self.case_of(&value) {
            Some((_, target)) => Move::Goto(target.clone()),
            None => Move::Missing(self.of.clone()),
        }
    }

    /// The first case that holds.
    pub(in crate::flow) fn case_of(&self, value: &Value) -> Option<&(Case, NodeId)> {
        self.cases.iter().find(|(case, _)| case.holds(value))
    }
}
