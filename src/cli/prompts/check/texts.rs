//! What can be wrong with whole prompts: they last too long, or nobody says them.

use std::collections::BTreeSet;

use super::super::open::Opened;
use super::Report;
use crate::call::{Language, PromptId};
use crate::flow::Line;
use crate::prompt::TooLong;

/// Prompts that last too long with long values in them. What has no clips has no length yet.
pub(super) fn too_long(opened: &Opened, language: &Language, found: &mut Report) {
    let menus: BTreeSet<&PromptId> = opened.line.iter().flat_map(Line::menu_prompts).collect();
    for prompt in opened.catalogue.ids() {
        let long = opened.catalogue.too_long(prompt, language, menus.contains(prompt)).filter(TooLong::is_exact);
        if let Some(long) = long {
            found.find(language.as_str(), prompt.as_str(), "too-long", format!("{long}: shorten the text"));
        }
    }
}

/// Prompts that no node and no setting names. Not known of a line that has mistakes.
pub(super) fn unused(opened: &Opened, found: &mut Report) {
    for prompt in opened.line.iter().flat_map(|line| line.unused_prompts(&opened.catalogue)) {
        let text = "no node and no setting of the line says this prompt: use it, or delete its texts";
        found.find("line", prompt.as_str(), "unused-prompt", text);
    }
}
