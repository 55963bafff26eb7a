//! `short-filler`: what is said while a lookup is slow ends before there is news.

use std::time::Duration;

use super::{Check, Subject};
use crate::call::{NodeId, PromptId};
use crate::flow::Node;
use crate::yaml::Problems;

/// The next poll comes after a filler: shorter ones are followed by silence, and by more requests than there is news.
const SHORTEST: Duration = Duration::from_secs(3);

pub(super) const CHECK: Check = Check {
    name: "short-filler",
    finds: "A prompt for a slow lookup (`wait`, `filler`) that lasts less than three seconds.",
    why: "What is left of the three seconds is silence, in which callers hang up; where a provider cannot pause, we are \
          asked for news again and again.",
    example: "\
sys.wait: One moment.
",
    fix: "say more: what is being looked up, and that it takes a moment",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    let lookups = line
        .nodes
        .iter()
        .filter_map(|(id, node)| if let Node::Lookup(lookup) = node { Some((id, lookup)) } else { None });
    let fillers = lookups.filter_map(|(id, lookup)| Some((&lookup.filler.as_ref()?.id, Some(id))));
    let mut told: Vec<&PromptId> = Vec::new();
    for (prompt, heard_at) in fillers.chain([(&line.wait, None::<&NodeId>)]) {
        if told.contains(&prompt) {
            continue;
        }
        told.push(prompt);
        for language in &line.languages {
            let Some(utterance) = subject.loaded.catalogue.with_long_values(prompt, language) else { continue };
            if utterance.length() < SHORTEST {
                let is = utterance.length().as_secs_f32();
                let text = format!("this covers a slow lookup and lasts {is:.1} s; it should last 3 s or more");
                subject.in_text(problems, &CHECK, (prompt, language), heard_at, text, CHECK.fix);
            }
        }
    }
}
