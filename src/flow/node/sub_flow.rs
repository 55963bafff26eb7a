//! `call` and `return`: sub-flows with named exits.

use std::collections::BTreeMap;

use super::Move;
use crate::call::{Name, NodeId};
use crate::flow::Fault;
use crate::flow::run::Run;

/// Runs a sub-flow.
#[derive(Clone, Debug)]
pub struct Call {
    pub flow: Name,
    pub on: BTreeMap<Name, NodeId>,
}

/// Leaves a sub-flow.
#[derive(Clone, Debug)]
pub struct Return {
    pub exit: Name,
}

impl Call {
    pub(super) fn enter(&self, id: &NodeId, run: &mut Run<'_>) -> Move {
        match run.line.flows.get(&self.flow) {
            Some(flow) => {
                run.open_frame(&self.flow, id);
                Move::Goto(flow.start.clone())
            }
            None => Move::Fault(Fault::UnknownNode { node: NodeId::from(self.flow.as_str()) }),
        }
    }
}
