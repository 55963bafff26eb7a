//! `too-long`: a prompt that lasts longer than callers listen.

use std::collections::BTreeSet;

use super::{Check, Subject};
use crate::call::PromptId;
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "too-long",
    finds: "A menu that lasts longer than 15 seconds, or another prompt that lasts longer than 20.",
    why: "Callers forget what a menu began with and press what they heard last. The length is that of the clips, with \
          long values in it; where there are none, about as long as the text takes to say.",
    example: "\
guide.card: Bring your identity card and a copy of it, and a photograph, and the household register, and ...
",
    fix: "shorten the text, or make two of it",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    let (line, catalogue) = (subject.line(), &subject.loaded.catalogue);
    let menus: BTreeSet<&PromptId> = line.menu_prompts().collect();
    for prompt in catalogue.ids() {
        for language in &line.languages {
            let menu = menus.contains(prompt);
            if let Some(long) = catalogue.too_long(prompt, language, menu) {
                let help =
                    if menu { "shorten the text, or put some choices into a menu of their own" } else { CHECK.fix };
                subject.in_text(problems, &CHECK, (prompt, language), None, long.to_string(), help);
            }
        }
    }
}
