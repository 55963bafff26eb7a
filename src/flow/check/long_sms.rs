//! `long-sms`: a text that takes more than two messages.

use super::{Check, Subject};
use crate::prompt::is_written;
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "long-sms",
    finds: "A text `sms.*` that is longer than two messages: 134 characters, or 306 of a text in plain English letters.",
    why: "Each message is paid for, and telephones show long texts in pieces. The length is that with long values in it.",
    example: "\
sms.reference: \"Your complaint has been registered with our office and will be looked at by our staff, who ...\"
",
    fix: "shorten the text",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    let catalogue = &subject.loaded.catalogue;
    for prompt in catalogue.ids().filter(|prompt| is_written(prompt.as_str())) {
        for language in &subject.line().languages {
            if let Some(more) = catalogue.longer_than_two_sms(prompt, language) {
                let text = format!("it is {more} characters longer than two messages, with long values in it");
                subject.in_text(problems, &CHECK, (prompt, language), None, text, CHECK.fix);
            }
        }
    }
}
