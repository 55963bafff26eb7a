//! Lookups that follow one another without a word to the caller: one request answers only so many.

use std::collections::{BTreeMap, BTreeSet};

use crate::service::MOST_STEPS;

/// Which question follows which, by their states.
#[derive(Default)]
pub(super) struct Chains {
    after: BTreeMap<usize, BTreeSet<usize>>,
}

impl Chains {
    pub(super) fn add(&mut self, asks: usize, then: usize) {
        self.after.entry(asks).or_default().insert(then);
    }

    /// Where chains begin that one request cannot answer, and why. The first of them is enough.
    pub(super) fn too_long(&self) -> Option<(usize, String)> {
        let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
        for first in self.after.keys() {
            match self.length(*first, &mut lengths, &mut BTreeSet::new()) {
                Err(round) => {
                    return Some((round, "the same lookups can be asked again and again without a word".to_owned()));
                }
                Ok(length) if length >= MOST_STEPS => {
                    let text = format!("more than {} lookups can follow one another without a word", MOST_STEPS - 1);
                    return Some((*first, text));
                }
                Ok(_) => {}
            }
        }
        None
    }

    /// How many questions follow one another from `asks` on.
    ///
    /// # Errors
    /// One that comes again, if they go round in circles.
    fn length(
        &self,
        asks: usize,
        known: &mut BTreeMap<usize, usize>,
        open: &mut BTreeSet<usize>,
    ) -> Result<usize, usize> {
        if let Some(length) = known.get(&asks) {
            return Ok(*length);
        }
        if !open.insert(asks) {
            return Err(asks);
        }
        let mut longest = 0;
        // A chain that is too long is not followed to its end.
        if open.len() <= MOST_STEPS {
            for next in self.after.get(&asks).into_iter().flatten() {
                longest = longest.max(self.length(*next, known, open)?);
            }
        }
        open.remove(&asks);
        known.insert(asks, longest + 1);
        Ok(longest + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_and_long_chains_are_found() {
        let mut chains = Chains::default();
        for state in 0..MOST_STEPS - 2 {
            chains.add(state, state + 1);
        }
        assert_eq!(chains.too_long(), None);
        let mut longer = Chains::default();
        for state in 0..MOST_STEPS - 1 {
            longer.add(state, state + 1);
        }
        assert_eq!(longer.too_long().map(|(state, _)| state), Some(0));
        chains.add(3, 2);
        assert_eq!(chains.too_long().map(|(state, _)| state), Some(2));
    }
}
