//! What a kind of problem is, for an author who has never met it.

/// A kind of problem explained: what `hotline check --explain` prints and `docs/checks.md` is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Its stable name, the code of a [`Problem`](super::Problem).
    pub name: &'static str,
    /// What is found, one sentence.
    pub finds: &'static str,
    /// What it does to a caller, an author, or whoever runs the line.
    pub why: &'static str,
    /// A piece of a file that has it.
    pub example: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// The problems of reading any file.
pub const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        name: "missing-field",
        finds: "A field that has to be there and is not.",
        why: "What a node does to a call is not known without it.",
        example: "\
nodes:
  main.menu:
    kind: menu
    keys: { 1: balance }      # no `prompt`
",
        fix: "add the field; call-flows/README.md and the schema in your editor list those of each kind",
    },
    Explanation {
        name: "unknown-field",
        finds: "A field that nothing reads.",
        why: "It would have no effect, and its author would think that it has; most often it is a slip.",
        example: "\
nodes:
  main.menu:
    kind: menu
    promt: main.menu
    keys: { 1: balance }
",
        fix: "correct its name, or delete it",
    },
    Explanation {
        name: "unknown-kind",
        finds: "A word in a place where only certain words can stand: the kind of a node, a format, a way to listen.",
        why: "It is not known what to do.",
        example: "\
nodes:
  main.month:
    kind: collect
    prompt: main.month
    format: month             # year-month is meant
",
        fix: "write one of the words that the message lists",
    },
    Explanation {
        name: "wrong-type",
        finds: "A list where a mapping is expected, a text where a number is, and so on.",
        why: "The value cannot be read.",
        example: "\
languages: en                 # [en] is meant
",
        fix: "write what the message expects",
    },
    Explanation {
        name: "wrong-value",
        finds: "A value that cannot be read as what is expected: a length of time without its unit, a day that does not \
              exist.",
        why: "Timers, opening hours and holidays would be guessed at.",
        example: "\
timers:
  first-key: 6                # 6s is meant
",
        fix: "write it as the message shows: 6s, 09:00, 2026-05-01..2026-05-05",
    },
    Explanation {
        name: "written-twice",
        finds: "A field, a node, a sub-flow or a prompt that is written twice.",
        why: "Only one of them could be heard, and which one nobody sees.",
        example: "\
main.menu: For your balance press one.
main.menu: For your payments press one.
",
        fix: "delete one of them, or give it another name",
    },
    Explanation {
        name: "yaml-alias",
        finds: "An anchor (`&name`) or an alias (`*name`).",
        why: "What is written in one place would change another. An alias is also how a `*` comes out that was meant as a \
              key.",
        example: "\
keys: { *: back }             # \"*\" is meant
",
        fix: "write it out; quote a key: \"*\"",
    },
    Explanation {
        name: "yaml-documents",
        finds: "A second document behind `---`.",
        why: "Only the first would be read.",
        example: "\
format: 1
nodes: {}
---
format: 1
",
        fix: "put it into a file of its own",
    },
    Explanation {
        name: "yaml-syntax",
        finds: "A text that is not YAML.",
        why: "Nothing of the file behind that place can be read, so nothing else of it is told.",
        example: "\
sys.fail: You can try again: {left: count time}.    # needs quotes
",
        fix: "quote texts with a colon and a space in them, indent with spaces, and close every bracket",
    },
    Explanation {
        name: "yaml-tag",
        finds: "A tag (`!name`).",
        why: "These files have no types but those that their fields ask for.",
        example: "\
first-key: !duration 6s
",
        fix: "leave the tag out",
    },
];
