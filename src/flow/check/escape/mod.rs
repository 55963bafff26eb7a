//! `escape`: from wherever a caller is, a person is near: so many keys, so many seconds.
//!
//! A person is reached at the moment that somebody is dialled, or that the words begin that say that nobody can be
//! reached now. Two callers are followed from every state: one who asks, as soon as a key counts (`asking`), and one who
//! presses nothing (`silent`). Lookups are as slow as they can be, prompts last as long as their clips with long values,
//! and the subject's time is over whenever that is worse.
#![allow(clippy::indexing_slicing, reason = "by the numbers of states, which are those of all that is looked at")]
#![allow(clippy::wildcard_enum_match_arm, reason = "most questions are about one or two kinds of node or way")]

mod asking;
mod lengths;
mod silent;

use std::time::Duration;

use super::states::{How, States, What};
use super::{Check, Subject};
use crate::call::{Language, NodeId};
use crate::flow::node::QUEUE;
use crate::flow::{Loaded, Node};
use crate::yaml::Problems;
use lengths::Lengths;

pub(super) const CHECK: Check = Check {
    name: "escape",
    finds: "A place in a call from which a person is too far: too many keys, too long to wait, or out of reach.",
    why: "Callers who want a person and do not get one hang up and call again, or give up. How many keys and seconds \
          are too many is set in line.yaml (`escape`). The words that say that nobody can be reached now count as \
          reaching a person: the caller knows where they are.",
    example: "\
  sup.menu:
    kind: menu
    prompt: sup.menu
    keys: { 1: sup.hours }
    then: sup.bye          # a caller who says nothing is hung up on, and nobody was offered
",
    fix: "let a key that holds everywhere lead to a person (line.yaml, `keys`), and every `then` and `silent` too; \
          shorten what cannot be stopped",
    run,
};

/// How near a person is in the worst case, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escape {
    pub language: Language,
    /// Keys that a caller who asks has to press.
    pub keys: u32,
    /// From any moment on, until a caller who asks has a person.
    pub asking: Worst,
    /// The same for a caller who presses nothing, all retries included.
    pub silent: Worst,
}

/// The worst case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst {
    pub time: Duration,
    /// Where it is.
    pub node: NodeId,
    /// How a caller comes there, and on to the person.
    pub call: String,
}

/// How near a person is in each language, or from where one is out of reach.
pub(super) fn measured<'a>(loaded: &'a Loaded, states: &States<'_>) -> Vec<(&'a Language, Result<Escape, Trapped>)> {
    // Of what is not all known, nothing is said; another check tells that.
    let languages = loaded.line.languages.iter().filter(|_| states.complete);
    languages.map(|language| (language, measure(loaded, states, language))).collect()
}

/// In what way there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trap {
    NoKey,
    /// Who presses nothing goes round for ever.
    Round,
    /// The call ends, and the caller neither chose that nor was offered anybody.
    End,
}

/// A state from which there is no person, and how a caller comes there.
pub(super) struct Trapped {
    at: usize,
    how: Trap,
    call: String,
}

fn measure(loaded: &Loaded, states: &States<'_>, language: &Language) -> Result<Escape, Trapped> {
    let lengths = Lengths::of(loaded, language);
    let asking = asking::Asking::of(states, &lengths);
    let silent = silent::Silent::of(states, &lengths);
    if let Some(at) = asking.trapped(states) {
        return Err(Trapped { at, how: Trap::NoKey, call: states.call(at, &[]) });
    }
    if let Some((at, how, call)) = silent.trapped(states) {
        return Err(Trapped { at, how, call });
    }
    Ok(Escape {
        language: language.clone(),
        keys: asking.keys(),
        asking: asking.worst(states),
        silent: silent.worst(states),
    })
}

fn run(subject: &Subject<'_>, problems: &Problems) {
    let (line, states) = (&subject.loaded.line, &subject.states);
    let bounds = &line.escape;
    let mut told = Vec::new();
    for (language, escape) in &subject.escapes {
        match escape {
            Err(trapped) => {
                let (node, _) = states.node(trapped.at);
                if !told.contains(&(node, trapped.how)) {
                    told.push((node, trapped.how));
                    let how = match trapped.how {
                        Trap::NoKey => "no key leads to a person from here",
                        Trap::Round => "a caller who presses nothing from here on goes round for ever",
                        Trap::End => "the call ends here for a caller who did not ask for that and was offered nobody",
                    };
                    subject.find_called(problems, &CHECK, node, &trapped.call, format!("`{node}`: {how}"));
                }
            }
            Ok(found) => {
                let far = |worst: &Worst, most: Duration| worst.time > most;
                let about = |what: &str, worst: &Worst, most: Duration| {
                    format!(
                        "in {language} a person is {:.1} s away for a caller who {what}; at most {} s (line.yaml, `escape`)",
                        worst.time.as_secs_f32(),
                        most.as_secs()
                    )
                };
                if found.keys > bounds.keys {
                    let text = format!("in {language} a person is {} key(s) away; at most {}", found.keys, bounds.keys);
                    subject.find_called(problems, &CHECK, &found.asking.node, &found.asking.call, text);
                }
                if far(&found.asking, bounds.asking) {
                    let text = about("asks for one", &found.asking, bounds.asking);
                    subject.find_called(problems, &CHECK, &found.asking.node, &found.asking.call, text);
                }
                if far(&found.silent, bounds.silent) {
                    let text = about("presses nothing", &found.silent, bounds.silent);
                    subject.find_called(problems, &CHECK, &found.silent.node, &found.silent.call, text);
                }
            }
        }
    }
}

/// Whether a way leads to a person: into a dial, or to the words that nobody can be reached.
fn reaches_a_person(states: &States<'_>, at: usize, how: How) -> bool {
    match (states.node(at).1, how.what) {
        (Node::Lookup(lookup), What::Outcome(number)) => {
            lookup.signature.outcomes.get(number).is_some_and(|outcome| outcome.nobody)
        }
        (Node::Queue(_), What::Outcome(number)) => QUEUE.outcomes.get(number).is_some_and(|outcome| outcome.nobody),
        _ => false,
    }
}
