//! Queues: a node with a whole wait in it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::nodes::{Checker, RING, Site};
use crate::call::{Name, PromptId};
use crate::flow::definition::QueueNode;
use crate::flow::node::{self, Prompt};
use crate::yaml::At;

/// The announced wait from which something else can be offered.
const WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(1));
/// How many pieces the music on hold may be cut into.
const MOST_MUSIC: u8 = 99;

impl Checker<'_> {
    pub(super) fn queue(&self, site: Site<'_>, queue: &QueueNode) -> Option<node::Queue> {
        let told = |prompt: &At<String>| self.prompt(site, prompt, None, Some(&queue.name), None);
        let (place, better, soon) = (told(&queue.place), told(&queue.better), told(&queue.soon));
        let connecting = self.bare_prompt(site.file, &queue.connecting).map(Prompt::plain);
        let recorded = match &queue.recorded {
            Some(prompt) => Some(self.bare_prompt(site.file, prompt).map(Prompt::plain)?),
            None => None,
        };
        let offer = match queue.offer.as_ref().map(At::get) {
            Some(offer) => {
                let offer = offer?;
                let after = self.span(site.file, &offer.after, WAIT);
                let prompt = self.bare_prompt(site.file, &offer.prompt).map(Prompt::plain);
                Some(node::Offer { after: after?, prompt: prompt? })
            }
            None => None,
        };
        let mut keys = BTreeMap::new();
        for (key, target) in queue.keys.as_ref().and_then(At::get).into_iter().flatten() {
            if let (Some(key), Some(target)) = (self.key(site, target.place, key), self.target(site, target)) {
                keys.insert(key, target);
            }
        }
        let whisper = queue.whisper.get().and_then(|whisper| self.whisper(site, whisper));
        let ring = self.span(site.file, &queue.ring, RING);
        let on = self.outcomes(site, &queue.on, node::Queue::ends().collect());
        Some(node::Queue {
            queue: Name::from(queue.queue.get()?.as_str()),
            name: Name::from(queue.name.get()?.as_str()),
            connecting: connecting?,
            recorded,
            place: place?,
            better: better?,
            soon: soon?,
            offer,
            keys,
            whisper: whisper?,
            ring: ring?,
            overflow: Name::from(queue.overflow.get()?.as_str()),
            on,
            music: self.music(),
        })
    }

    /// The music on hold, as far as the line has any.
    fn music(&self) -> Vec<PromptId> {
        let piece = |number| PromptId::from(format!("sound.hold-{number}"));
        (0..MOST_MUSIC).map(piece).take_while(|piece| self.catalogue.contains(piece.as_str())).collect()
    }
}
