//! Notices, which are heard whole and cannot be stopped: `long-notice`, `personal-notice`.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Check, Subject};
use crate::call::NodeId;
use crate::flow::Node;
use crate::flow::definition::Listening;
use crate::flow::node::Say;
use crate::yaml::Problems;

/// The longest that a caller can be made to listen, twice if they press a key.
const LONGEST: Duration = Duration::from_secs(10);

pub(super) const LONG: Check = Check {
    name: "long-notice",
    finds: "A prompt with `listen: whole` that lasts longer than ten seconds.",
    why: "It cannot be stopped. A caller who presses a key hears it all once more.",
    example: "\
nodes:
  entry.notice:
    kind: say
    prompt: entry.terms       # a page of terms
    listen: whole
    next: main.menu
",
    fix: "keep to what has to be heard, and say the rest without `listen: whole`",
    run: long,
};

pub(super) const PERSONAL: Check = Check {
    name: "personal-notice",
    finds: "A prompt with `listen: whole` that says what was read about the caller.",
    why: "It cannot be stopped and may be said twice: a caller who is no longer alone has no way to silence their own \
          figures.",
    example: "\
nodes:
  balance.say:
    kind: say
    prompt: balance
    from: account             # the answer of a personal lookup
    listen: whole
    next: main.menu
",
    fix: "leave `listen: whole` out: the prompt is then heard with the next menu, where any key stops it",
    run: personal,
};

fn notices<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = (&'a NodeId, &'a Say)> {
    let says = subject
        .line()
        .nodes
        .iter()
        .filter_map(|(id, node)| if let Node::Say(say) = node { Some((id, say)) } else { None });
    says.filter(|(_, say)| say.listen == Some(Listening::Whole))
}

fn long(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    for (id, say) in notices(subject) {
        let lengths = line.languages.iter().filter_map(|language| {
            let utterance = subject.loaded.catalogue.with_long_values(&say.prompt.id, language)?;
            Some((utterance.length(), language))
        });
        if let Some((length, language)) = lengths.max().filter(|(length, _)| *length > LONGEST) {
            let (is, most) = (length.as_secs_f32(), LONGEST.as_secs());
            let text =
                format!("a notice of {is:.1} s in {language}; one that cannot be stopped lasts at most {most} s");
            subject.find(problems, &LONG, id, &["listen"], text);
        }
    }
}

fn personal(subject: &Subject<'_>, problems: &Problems) {
    let line = subject.line();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for node in line.nodes.values() {
        if let Node::Lookup(lookup) = node {
            names.extend(lookup.name.as_ref().filter(|_| lookup.signature.personal).map(crate::call::Name::as_str));
        }
    }
    let browses =
        line.nodes.values().filter_map(|node| if let Node::Browse(browse) = node { Some(browse) } else { None });
    let items: Vec<&str> =
        browses.filter(|browse| names.contains(root(&browse.list))).map(|browse| browse.item.as_str()).collect();
    names.extend(items);
    for (id, say) in notices(subject) {
        if let Some(binding) = say.prompt.bindings.iter().find(|binding| names.contains(root(&binding.path))) {
            let text = format!("a notice says `{}`, which is about the caller", binding.path);
            subject.find(problems, &PERSONAL, id, &["listen"], text);
        }
    }
}

/// The name under which the value at a path is held.
fn root(path: &str) -> &str {
    path.split_once('.').map_or(path, |(root, _)| root)
}
