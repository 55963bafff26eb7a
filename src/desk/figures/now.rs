//! How it stands at this moment.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Scope;
use crate::call::{NodeId, Timestamp};
use crate::store::queue::OperatorNow;
use crate::store::{Database, Error};

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Now {
    pub waiting: u64,
    /// Since when whoever waits longest does.
    pub longest_since: Option<Timestamp>,
    /// People who are to be called back.
    pub call_backs: u64,
    pub calls: u64,
    /// How many calls stand where.
    pub at_nodes: BTreeMap<NodeId, u64>,
    /// Those who are there.
    pub operators: Vec<OperatorNow>,
}

impl Now {
    /// How many operators are in which state.
    #[must_use]
    pub fn states(&self) -> BTreeMap<&str, u64> {
        let mut states = BTreeMap::new();
        for operator in &self.operators {
            *states.entry(operator.state.as_str()).or_default() += 1;
        }
        states
    }

    /// How long whoever waits longest has waited.
    #[must_use]
    pub fn longest_wait(&self, now: Timestamp) -> Option<Duration> {
        self.longest_since.map(|since| now.since(since))
    }
}

/// Who has stopped asking for the next piece of music is passed over, and not counted.
const WAITING: &str = "SELECT kind, count(*), min(joined_at) FROM waiting \
     WHERE line = ? AND state IN ('waiting', 'reserved') AND simulated <= ? \
     AND (kind = 'call-back' OR seen_until >= ?) GROUP BY kind";

const CALLS: &str = "SELECT t.node, count(*) FROM calls c INDEXED BY calls_in_progress \
     JOIN sessions s ON s.call = c.no LEFT JOIN turns t ON t.no = s.log_end \
     WHERE c.ended_at IS NULL AND c.line = ? AND c.simulated <= ? GROUP BY t.node";

pub(super) async fn read(database: &Database, scope: &Scope, now: Timestamp) -> Result<Now, Error> {
    let mut all = Now::default();
    let waiting: Vec<(String, u64, Option<i64>)> = sqlx::query_as(WAITING)
        .bind(scope.line.as_str())
        .bind(scope.simulated)
        .bind(now.as_millis())
        .fetch_all(database.readers())
        .await?;
    for (kind, count, since) in waiting {
        if kind == "call" {
            (all.waiting, all.longest_since) = (count, since.map(Timestamp::from_millis));
        } else {
            all.call_backs = count;
        }
    }
    let calls: Vec<(Option<String>, u64)> =
        sqlx::query_as(CALLS).bind(scope.line.as_str()).bind(scope.simulated).fetch_all(database.readers()).await?;
    for (node, count) in calls {
        all.calls += count;
        if let Some(node) = node {
            all.at_nodes.insert(NodeId::from(node.as_str()), count);
        }
    }
    all.operators = database.operators_now().await?;
    all.operators.retain(|operator| operator.state != "offline");
    Ok(all)
}
