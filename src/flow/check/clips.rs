//! Clips that say nothing or something else: `missing-clip`, `stale-clip`.

use std::collections::BTreeSet;

use super::places::Places;
use super::{Check, Subject, report};
use crate::call::{Language, PromptId};
use crate::prompt::ClipState;
use crate::yaml::Problems;

/// How many texts are told one by one; `hotline prompts check` lists them all.
const SINGLY: usize = 5;

pub(super) const MISSING: Check = Check {
    name: "missing-clip",
    finds: "A text without a clip, in a language that has clips.",
    why: "It is spoken by the provider's voice, between sentences in ours. A language without any clips is spoken so \
          altogether, which is no finding.",
    example: "\
prompts/en/main.yaml:   main.menu: For your balance press one.
prompts/en/clips.csv:   (no row `main.menu`)
",
    fix: "run `hotline prompts render`, or `hotline prompts import` for a recording",
    run: |subject, problems| run(subject, problems, &MISSING, ClipState::Missing, "no clip says this text"),
};

pub(super) const STALE: Check = Check {
    name: "stale-clip",
    finds: "A clip that says what its text was before it was changed.",
    why: "It is not played: callers hear the provider's voice. A voice of yours that still says the old words would be \
          worse.",
    example: "\
prompts/en/main.yaml:   main.menu: For your balance press two.    # it said one
prompts/en/clips.csv:   main.menu,5d41402abc4b2a76,...            # the hash of the old text
",
    fix: "run `hotline prompts render`, or have a recording made anew (`hotline prompts sheet --missing`)",
    run: |subject, problems| run(subject, problems, &STALE, ClipState::Stale, "the clip of this text says another"),
};

fn run(subject: &Subject<'_>, problems: &Problems, check: &Check, state: ClipState, text: &str) {
    let catalogue = &subject.loaded.catalogue;
    for language in &subject.line().languages {
        if catalogue.manifest(language).is_none_or(|manifest| manifest.rows.is_empty()) {
            continue;
        }
        // The clips of a prompt are one finding; so are the pieces of figures, which belong to none.
        let wanted = catalogue.wanted(language).into_iter();
        let clips = wanted.filter(|wanted| catalogue.clip_state(language, &wanted.clip) == state);
        let (texts, pieces): (Vec<_>, Vec<_>) = clips.map(|wanted| wanted.prompt).partition(Option::is_some);
        let texts: BTreeSet<PromptId> = texts.into_iter().flatten().collect();
        if texts.len() <= SINGLY {
            for prompt in &texts {
                subject.in_text(problems, check, (prompt, language), None, text, check.fix);
            }
        } else {
            all(problems, check, language, &format!("{} texts in {language}: {text}", texts.len()));
        }
        if !pieces.is_empty() {
            all(problems, check, language, &format!("{} pieces of figures in {language}: {text}", pieces.len()));
        }
    }
}

/// What is wrong with many clips is told at their list.
fn all(problems: &Problems, check: &Check, language: &Language, text: &str) {
    report(problems, check, Places::of_clips(language), None, text, check.fix);
}
