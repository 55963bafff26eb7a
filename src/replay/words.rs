//! What is heard, in words: ids of prompts and what comes after them, never a value.

use std::time::Duration;

use crate::call::{Dial, Ending, KeyPlan, Listen, Reply, Spoken};

/// `main.menu sys.bye`, or `nothing`.
pub(super) fn prompts(spoken: &[Spoken]) -> String {
    let ids: Vec<&str> = spoken.iter().map(|spoken| spoken.prompt.as_str()).collect();
    if ids.is_empty() { "nothing".to_owned() } else { ids.join(" ") }
}

/// What comes after the words of a reply.
pub(super) fn ending<P>(ending: &Ending<P>) -> String {
    match ending {
        Ending::Listen(Listen { keys, first_key, between_keys, secret, .. }) => {
            let secret = if *secret { " of a secret" } else { "" };
            match keys {
                KeyPlan::One => format!("waits {} for a key", seconds(*first_key)),
                KeyPlan::UntilPound => {
                    format!("waits {} for keys{secret}, {} between them", seconds(*first_key), seconds(*between_keys))
                }
            }
        }
        Ending::Dial(Dial { target, ring, .. }) => format!("rings {target} for {}", seconds(*ring)),
        Ending::Record(record) => format!("records for {}", seconds(record.longest)),
        Ending::GoTo => "goes on by itself".to_owned(),
        Ending::Join => "joins the caller".to_owned(),
        Ending::HangUp(cause) => format!("hangs up ({})", cause.name()),
        Ending::Refuse(_) => "refuses the call".to_owned(),
    }
}

/// What comes after the words, and how many of them can be stopped by a key.
pub(super) fn shape(reply: Option<&Reply<()>>) -> String {
    let Some(reply) = reply else { return "asks a lookup".to_owned() };
    let said = match reply.prompts.len() {
        0 => String::new(),
        plain => format!("says {plain} prompt(s) that no key stops, "),
    };
    format!("{said}{}", ending(&reply.ending))
}

/// What is said instead of what: the words in which both agree, at the beginning and at the end, are left out.
pub(super) fn instead(own: &[Spoken], new: &[Spoken]) -> Option<String> {
    let same = |(own, new): &(&Spoken, &Spoken)| own.prompt == new.prompt;
    let head = own.iter().zip(new).take_while(same).count();
    let (own, new) = (own.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = own.iter().rev().zip(new.iter().rev()).take_while(same).count();
    let cut = |spoken: &[Spoken]| prompts(spoken.get(..spoken.len() - tail).unwrap_or_default());
    match (own.len() - tail, new.len() - tail) {
        (0, 0) => None,
        (0, _) => Some(format!("hear {} besides", cut(new))),
        (_, 0) => Some(format!("no longer hear {}", cut(own))),
        _ => Some(format!("hear {} instead of {}", cut(new), cut(own))),
    }
}

fn seconds(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{} ms", time.as_millis()) }
}
