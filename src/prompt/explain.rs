//! What can be wrong with prompt files, explained.

use crate::yaml::Explanation;

/// The problems of prompt files.
pub const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        name: "bad-id",
        finds: "A prompt with a name that no node can write.",
        why: "Names of prompts are words of a-z with dots and hyphens between, so that files, clips and calls can name \
              them alike.",
        example: "\
Main Menu: For your balance press one.
",
        fix: "name it `main.menu`",
    },
    Explanation {
        name: "bad-placeholder",
        finds: "A placeholder that cannot be read.",
        why: "It would be spoken as it stands, braces and all.",
        example: "\
balance: \"You have {total}.\"  # how is it said?
",
        fix: "write `{name: reading}`: `{total: amount}`",
    },
    Explanation {
        name: "bad-row",
        finds: "A line of a table (`clips.csv`, `pronunciation.csv`) that cannot be read.",
        why: "The clip is not known and the sentence is spoken by another voice, or a word is mispronounced.",
        example: "\
text,spoken
还款
",
        fix: "write what the message expects, or let `hotline prompts render` write the manifest anew",
    },
    Explanation {
        name: "digit-in-text",
        finds: "A digit in a text.",
        why: "Voices read `12333` as a number, as digits, or in another language, each as it pleases.",
        example: "\
sys.hotline: Call 12333.
",
        fix: "write the words, `one two three three three`, or use a placeholder",
    },
    Explanation {
        name: "empty-text",
        finds: "A prompt that says nothing.",
        why: "The caller hears silence and takes the call for lost.",
        example: "\
sys.bye: \"\"
",
        fix: "write what it says, or delete the prompt",
    },
    Explanation {
        name: "missing-language",
        finds: "A language of the line without any prompts.",
        why: "A caller who chooses it hears nothing.",
        example: "\
languages: [zh-CN, en]        # and there is no folder prompts/en
",
        fix: "write its prompts, or take it out of `languages`",
    },
    Explanation {
        name: "missing-text",
        finds: "A prompt that one language has and another has not.",
        why: "A caller in that language would hear nothing there.",
        example: "\
prompts/zh-CN/main.yaml:   sys.bye: 再见。
prompts/en/main.yaml:      (nothing)
",
        fix: "write it in the other language too",
    },
    Explanation {
        name: "placeholders-differ",
        finds: "A prompt whose placeholders are not the same in every language.",
        why: "A figure would be left out in one language, or said as something else.",
        example: "\
prompts/zh-CN:   balance: \"余额{total: amount}。\"
prompts/en:      balance: \"You have {total: integer}.\"
",
        fix: "use the same placeholders with the same readings in every language",
    },
    Explanation {
        name: "unknown-language",
        finds: "A language that has no readings, or one that the line does not speak.",
        why: "Figures cannot be said in it, or no text is there to be said.",
        example: "\
nodes:
  entry.lang.fr:
    kind: set
    language: fr
    next: main.menu
",
        fix: "use a language that the message lists",
    },
    Explanation {
        name: "unknown-reading",
        finds: "A placeholder with a reading that is not there.",
        why: "It is not known how the value is said.",
        example: "\
balance: \"You have {total: money}.\"   # amount is meant
",
        fix: "use one of the readings of call-flows/README.md; `hotline say` prints what they say",
    },
    Explanation {
        name: "unknown-word-set",
        finds: "A placeholder that says a word of a set that has no prompts.",
        why: "There is nothing to say for any of its words.",
        example: "\
pay.status: \"{status: word pay-status}\"   # the prompts are word.payment-status.paid, ...
",
        fix: "name a set that has prompts `word.<set>.<word>`",
    },
    Explanation {
        name: "word-with-placeholder",
        finds: "A prompt `word.<set>.<word>` with a placeholder in it.",
        why: "A word is said inside the sentence of another prompt, which has no value for it.",
        example: "\
word.status.paid: \"paid {n: count time}\"
",
        fix: "put the placeholder into the prompt that says the word",
    },
];
