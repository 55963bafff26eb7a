//! What calls did, as marks: how often, how many hung up there, how long they stayed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Mark, Overlay, Tone};
use crate::call::NodeId;
use crate::flow::Traffic;

impl Overlay {
    /// Shows what calls did. A weight is the root of the share in the busiest, so that what is seldom still shows.
    #[must_use]
    pub fn of_traffic(traffic: &Traffic<'_>) -> Self {
        let busiest = traffic.nodes.values().map(|node| node.visits).max().unwrap_or_default();
        let nodes = traffic.nodes.iter().map(|(id, node)| {
            let stay = node.mean_stay().map(|stay| format!("{} each", seconds(stay)));
            let left = (node.left > 0).then(|| format!("{} hung up", node.left));
            let parts: Vec<String> = [Some(node.visits.to_string()), left, stay].into_iter().flatten().collect();
            (id.clone(), Mark { label: parts.join(", "), tone: weight(node.visits, busiest) })
        });
        let most = traffic.edges.values().copied().max().unwrap_or_default();
        let edges = traffic
            .edges
            .iter()
            .map(|(edge, times)| (edge.clone(), Mark { label: format!("({times})"), tone: weight(*times, most) }));
        Self { nodes: nodes.collect(), edges: edges.collect() }
    }

    /// Shows how many are at which node now.
    #[must_use]
    pub fn of_counts(counts: &BTreeMap<NodeId, u64>) -> Self {
        let busiest = counts.values().copied().max().unwrap_or_default();
        let mark = |count: u64| Mark { label: count.to_string(), tone: weight(count, busiest) };
        Self { nodes: counts.iter().map(|(id, count)| (id.clone(), mark(*count))).collect(), edges: BTreeMap::new() }
    }
}

/// A length of time as it is read: `8.2 s`.
#[must_use]
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a width on a screen")]
fn weight(times: u64, most: u64) -> Tone {
    Tone::Weight((times as f64 / most.max(1) as f64).sqrt() as f32)
}
