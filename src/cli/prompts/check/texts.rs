//! What can be wrong with whole prompts: they last too long, or nobody says them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::examples;
use super::super::open::Opened;
use super::Report;
use crate::call::{Language, PromptId};
use crate::flow::Node;

/// The longest that a prompt lasts: callers forget what a menu began with.
const MENU: Duration = Duration::from_secs(15);
const PROMPT: Duration = Duration::from_secs(20);

/// Prompts that last too long with long values in them. What has no clips has no length yet.
pub(super) fn too_long(opened: &Opened, language: &Language, found: &mut Report) {
    let menus = menus(opened);
    for prompt in opened.catalogue.ids() {
        let utterance = examples::utterance(&opened.catalogue, prompt, language);
        let Some(length) = utterance.and_then(|utterance| utterance.recipe).map(|recipe| recipe.length()) else {
            continue;
        };
        let (what, most) = if menus.contains(prompt) { ("a menu", MENU) } else { ("a prompt", PROMPT) };
        if length > most {
            let (is, most) = (length.as_secs_f32(), most.as_secs());
            let text = format!("it lasts {is:.1} s with long values in it; {what} at most {most} s: shorten the text");
            found.find(language.as_str(), prompt.as_str(), "too-long", text);
        }
    }
}

fn menus(opened: &Opened) -> BTreeSet<&PromptId> {
    let nodes = opened.line.iter().flat_map(|line| line.nodes.values());
    nodes.filter_map(|node| if let Node::Menu(menu) = node { Some(&menu.prompt.id) } else { None }).collect()
}

/// Prompts that no node and no setting names. Not known of a line that has mistakes.
pub(super) fn unused(opened: &Opened, found: &mut Report) {
    let Some(line) = &opened.line else { return };
    for prompt in opened.catalogue.ids().filter(|prompt| !line.prompts.contains(*prompt)) {
        let text = "no node and no setting of the line says this prompt: use it, or delete its texts";
        found.find("line", prompt.as_str(), "unused-prompt", text);
    }
}
