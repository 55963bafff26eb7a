//! What a line has and no call uses: `unused-flow`, `unused-exit`, `unused-prompt`, `unused-language`, `unused-topic`.

use super::{Check, Subject, report};
use crate::flow::Node;
use crate::yaml::Problems;

pub(super) const FLOW: Check = Check {
    name: "unused-flow",
    finds: "A sub-flow that no call comes into.",
    why: "None of its nodes is ever heard; most often a `call` names another sub-flow, or was deleted.",
    example: "\
format: 1
flow: verify-again       # no node has `flow: verify-again`
start: again.say
exits: [verified, refused]
",
    fix: "call it from a node that callers come to, or delete its file",
    run: flows,
};

pub(super) const EXIT: Check = Check {
    name: "unused-exit",
    finds: "An exit of a sub-flow that none of its nodes returns.",
    why: "Every `call` has to name an edge for it, and no caller ever takes that edge: either a way out was forgotten, \
          or the exit is not needed.",
    example: "\
format: 1
flow: verify
start: verify.id
exits: [verified, refused, locked]   # no node has `exit: locked`
",
    fix: "return it from a node of the sub-flow, or take it out of `exits` and of the `on` of its callers",
    run: exits,
};

pub(super) const PROMPT: Check = Check {
    name: "unused-prompt",
    finds: "A prompt that no node and no setting names.",
    why: "It is translated, recorded and kept for nobody; most often a node names another prompt by mistake.",
    example: "\
main.menu: For your balance press one.
main.menu.old: For your balance press two.    # named nowhere
",
    fix: "name it in a node, or delete its texts",
    run: prompts,
};

pub(super) const LANGUAGE: Check = Check {
    name: "unused-language",
    finds: "A language that no node sets.",
    why: "A call begins in the first language of the line. Nobody can come to hear the other one.",
    example: "\
languages: [zh-CN, en]       # and no node has `kind: set` with `language: en`
",
    fix: "set it in a node that callers can choose, or take it out of `languages`",
    run: languages,
};

pub(super) const TOPIC: Check = Check {
    name: "unused-topic",
    finds: "A topic for a part of the line that has no nodes.",
    why: "Operators are told what a call is about by the first part of its nodes' names. A slip there leaves them \
          with the topic of an earlier part.",
    example: "\
topics:
  medicl: medical      # the nodes are called `medical.menu`, `medical.balance`
",
    fix: "write the first part of the nodes' names, or delete the topic",
    run: topics,
};

fn flows(subject: &Subject<'_>, problems: &Problems) {
    for (name, flow) in subject.line().flows.iter().filter(|(_, flow)| !subject.ways.reaches(&flow.start)) {
        let at = subject.places.of_flow(flow, &["flow"]);
        report(problems, &FLOW, at, None, format!("no call comes into sub-flow `{name}`"), FLOW.fix);
    }
}

fn exits(subject: &Subject<'_>, problems: &Problems) {
    for (name, flow) in &subject.line().flows {
        let file = subject.places.of_flow(flow, &[]).0;
        let inside = subject.line().nodes.iter().filter(|(id, _)| subject.places.of_node(id, &[]).0 == file);
        let returned: Vec<_> = inside
            .filter_map(|(_, node)| if let Node::Return(leaves) = node { Some(&leaves.exit) } else { None })
            .collect();
        for exit in flow.exits.iter().filter(|exit| !returned.contains(exit)) {
            let at = subject.places.of_flow(flow, &["exits", exit.as_str()]);
            report(problems, &EXIT, at, None, format!("no node of `{name}` returns `{exit}`"), EXIT.fix);
        }
    }
}

fn prompts(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    for prompt in line.unused_prompts(&subject.loaded.catalogue) {
        let at = (prompt, line.first_language());
        subject.in_text(problems, &PROMPT, at, None, format!("nobody is ever told `{prompt}`"), PROMPT.fix);
    }
}

fn languages(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    for language in line.languages.iter().skip(1) {
        let sets = |node: &Node| matches!(node, Node::Set(set) if set.language.as_ref() == Some(language));
        if !line.nodes.iter().any(|(id, node)| sets(node) && subject.ways.reaches(id)) {
            let at = subject.places.of_setting(&["languages", language.as_str()]);
            let help = format!(
                "lead callers who choose it to a node of kind `set` with `language: {language}`, or take it out"
            );
            report(problems, &LANGUAGE, at, None, format!("no caller can choose `{language}`"), help);
        }
    }
}

fn topics(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    for part in line.topics.keys() {
        let has = line.nodes.keys().any(|id| id.as_str().split('.').next() == Some(part));
        if !has {
            let at = subject.places.of_setting(&["topics", part]);
            report(problems, &TOPIC, at, None, format!("no node has a name that begins with `{part}`"), TOPIC.fix);
        }
    }
}
