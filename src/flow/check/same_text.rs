//! `same-text`: a text that has not been translated.

use super::{Check, Subject};
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "same-text",
    finds: "A prompt that has the same words in two languages.",
    why: "Who chose English hears Chinese, spoken by a voice that cannot say it.",
    example: "\
prompts/zh-CN/main.yaml:   sys.bye: Goodbye.
prompts/en/main.yaml:      sys.bye: Goodbye.
",
    fix: "translate it",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    let first = line.first_language();
    for prompt in subject.loaded.catalogue.ids() {
        let text_in = |language| subject.loaded.catalogue.text(prompt.as_str(), language);
        let Some(original) = text_in(first).filter(|text| has_words(text)) else { continue };
        for language in line.languages.iter().skip(1) {
            if text_in(language).as_ref() == Some(&original) {
                let text = format!("`{prompt}` says the same in {language} as in {first}");
                let help = format!("translate it: into {language} here, or into {first} there");
                subject.in_text(problems, &CHECK, (prompt, language), None, text, help);
            }
        }
    }
}

/// Whether a text says anything but its values.
fn has_words(text: &str) -> bool {
    let outside = text.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after));
    outside.collect::<String>().contains(char::is_alphabetic)
}
