//! The names under which a line holds values, and the types of what is held.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::FlowSource;
use crate::call::{Field, Signature, Type};
use crate::flow::definition::{Format, NodeDefinition};
use crate::flow::node::{QUEUE, Record};
use crate::flow::{EffectKind, Verification};
use crate::yaml::{At, Problems};

/// What a verification answers under its `as`.
const VERIFY_ANSWER: &[Field] = &[Field::new("left", Type::Number)];

/// What is held under a name.
#[derive(Clone, Debug)]
enum Shape {
    One(Type),
    /// The fields of all outcomes of the lookups that answer under this name.
    Fields(Vec<Field>),
}

/// The types of all values of a line.
pub(super) struct Types {
    shapes: BTreeMap<String, Shape>,
    /// Every set of words that a lookup takes or gives.
    sets: BTreeMap<&'static str, &'static [&'static str]>,
    /// Under which names lookups about the verified member answer.
    personal: BTreeSet<String>,
}

impl Types {
    pub(super) fn gather(
        sources: &[FlowSource],
        signatures: &[&'static Signature],
        topic_from_the_start: bool,
        problems: &Problems,
    ) -> Self {
        let mut types = Self { shapes: BTreeMap::new(), sets: BTreeMap::new(), personal: BTreeSet::new() };
        types
            .shapes
            .insert("verification".into(), Shape::One(Type::Word { set: "verification", words: Verification::WORDS }));
        if topic_from_the_start {
            types.shapes.insert("topic".into(), Shape::One(Type::Word { set: "topic", words: &[] }));
        }
        types.shapes.insert("language".into(), Shape::One(Type::Word { set: "language", words: &[] }));
        for signature in signatures.iter().copied().chain(EffectKind::ALL.iter().map(|(signature, _)| *signature)) {
            let answers = signature.outcomes.iter().flat_map(|outcome| outcome.answer);
            for field in signature.args.iter().chain(answers) {
                types.note_sets(&field.of);
            }
        }
        // Items of lists are known when the lists are.
        let mut browses = Vec::new();
        for source in sources {
            for node in source.content.nodes.get().into_iter().flat_map(BTreeMap::values) {
                types.node(source, node, signatures, problems, &mut browses);
            }
        }
        for (source, list, item) in browses {
            if types.is_personal(&list) {
                types.personal.extend(item.get().cloned());
            }
            if let Some(Type::List(of)) = types.at(&list) {
                types.hold(&source.file, &item, Shape::One(*of), problems);
            }
        }
        types
    }

    fn node<'a>(
        &mut self,
        source: &'a FlowSource,
        node: &At<NodeDefinition>,
        signatures: &[&'static Signature],
        problems: &Problems,
        browses: &mut Vec<(&'a FlowSource, String, At<String>)>,
    ) {
        let Some(node) = node.get() else { return };
        match node {
            NodeDefinition::Collect(collect) => {
                if let (Some(name), Some(format)) = (&collect.name, collect.format.get()) {
                    self.hold(&source.file, name, Shape::One(entered(*format)), problems);
                }
            }
            NodeDefinition::Verify(verify) => {
                self.hold(&source.file, &verify.name, Shape::Fields(VERIFY_ANSWER.to_vec()), problems);
            }
            NodeDefinition::Lookup(lookup) => {
                let signature = lookup.lookup.get().and_then(|name| find(signatures, name));
                if let (Some(name), Some(signature)) = (&lookup.name, signature) {
                    let fields = signature.outcomes.iter().flat_map(|outcome| outcome.answer).copied();
                    self.hold(&source.file, name, Shape::Fields(fields.collect()), problems);
                    self.personal.extend(name.get().filter(|_| signature.personal).cloned());
                }
            }
            NodeDefinition::Set(set) => {
                for (name, word) in set.values.as_ref().and_then(At::get).into_iter().flatten() {
                    let known = word.get().and_then(|word| self.word(word));
                    match known {
                        Some((of, _)) => {
                            let name = At { place: word.place, value: Some(name.clone()) };
                            self.hold(&source.file, &name, Shape::One(of), problems);
                        }
                        None => problems.report_choice(
                            &source.file,
                            word.place,
                            "unknown-word",
                            format!("`{}` is no word; write set/word", word.get().map_or("", String::as_str)),
                            word.get().map_or("", String::as_str),
                            self.all_words().iter().map(String::as_str),
                        ),
                    }
                }
            }
            NodeDefinition::Browse(browse) => {
                if let Some(list) = browse.list.get() {
                    browses.push((source, list.clone(), browse.item.clone()));
                }
            }
            NodeDefinition::Record(record) => {
                self.hold(&source.file, &record.name, Shape::Fields(Record::FIELDS.to_vec()), problems);
            }
            NodeDefinition::Queue(queue) => {
                let fields = QUEUE.outcomes.iter().flat_map(|outcome| outcome.answer).copied();
                self.hold(&source.file, &queue.name, Shape::Fields(fields.collect()), problems);
            }
            NodeDefinition::Say(_)
            | NodeDefinition::Menu(_)
            | NodeDefinition::Effect(_)
            | NodeDefinition::Branch(_)
            | NodeDefinition::Call(_)
            | NodeDefinition::Return(_)
            | NodeDefinition::Dial(_)
            | NodeDefinition::End(_) => {}
        }
    }

    fn note_sets(&mut self, of: &Type) {
        match of {
            Type::Word { set, words } => {
                self.sets.insert(set, words);
            }
            Type::Record(fields) => fields.iter().for_each(|field| self.note_sets(&field.of)),
            Type::List(of) => self.note_sets(of),
            Type::Amount
            | Type::Number
            | Type::Date
            | Type::YearMonth
            | Type::Year
            | Type::Clock
            | Type::Digits
            | Type::Flag
            | Type::Text
            | Type::Periods => {}
        }
    }

    fn hold(&mut self, file: &Arc<str>, name: &At<String>, shape: Shape, problems: &Problems) {
        let Some(text) = name.get() else { return };
        match (self.shapes.get_mut(text), shape) {
            (None, shape) => {
                self.shapes.insert(text.clone(), shape);
            }
            (Some(Shape::Fields(known)), Shape::Fields(more)) => {
                for field in more {
                    match known.iter().find(|known| known.name == field.name) {
                        None => known.push(field),
                        Some(known) if known.of == field.of => {}
                        Some(_) => problems.report(
                            file,
                            name.place,
                            "value-type",
                            format!("`{text}.{}` has another type elsewhere in the line; use another name", field.name),
                        ),
                    }
                }
            }
            (Some(Shape::One(known)), Shape::One(of)) if *known == of => {}
            (Some(_), _) => problems.report(
                file,
                name.place,
                "value-type",
                format!("`{text}` holds something else elsewhere in the line; use another name"),
            ),
        }
    }

    /// The type of the value at `path`.
    pub(super) fn at(&self, path: &str) -> Option<Type> {
        let (root, rest) = path.split_once('.').map_or((path, None), |(root, rest)| (root, Some(rest)));
        match (self.shapes.get(root)?, rest) {
            (Shape::One(of), None) => Some(*of),
            (Shape::One(Type::Record(fields)), Some(rest)) => within(fields, rest),
            (Shape::Fields(fields), Some(rest)) => within(fields, rest),
            (Shape::One(_), Some(_)) | (Shape::Fields(_), None) => None,
        }
    }

    /// Whether the value at `path` is about the verified member.
    pub(super) fn is_personal(&self, path: &str) -> bool {
        self.personal.contains(path.split('.').next().unwrap_or(path))
    }

    /// Every path that leads to a value, for suggestions.
    pub(super) fn paths(&self) -> Vec<String> {
        let below = |root: &str, fields: &[Field]| -> Vec<String> {
            fields.iter().map(|field| format!("{root}.{}", field.name)).collect()
        };
        let one = |(root, shape): (&String, &Shape)| match shape {
            Shape::One(Type::Record(fields)) => below(root, fields),
            Shape::One(_) => vec![root.clone()],
            Shape::Fields(fields) => below(root, fields),
        };
        self.shapes.iter().flat_map(one).collect()
    }

    /// The word `set/word`, with its type.
    pub(super) fn word(&self, text: &str) -> Option<(Type, &'static str)> {
        let (set, word) = text.split_once('/')?;
        let (set, words) = self.sets.get_key_value(set)?;
        let word = words.iter().find(|known| **known == word)?;
        Some((Type::Word { set, words }, word))
    }

    fn all_words(&self) -> Vec<String> {
        self.sets.iter().flat_map(|(set, words)| words.iter().map(move |word| format!("{set}/{word}"))).collect()
    }
}

/// The type of what a collect of this format holds.
const fn entered(format: Format) -> Type {
    match format {
        Format::IdNumber | Format::LastFour | Format::CardNumber | Format::Pin | Format::Phone | Format::Free => {
            Type::Digits
        }
        Format::YearMonth => Type::YearMonth,
        Format::Year => Type::Year,
    }
}

/// The type at `path` within a record.
pub(super) fn within(fields: &[Field], path: &str) -> Option<Type> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let field = fields.iter().find(|field| field.name == first)?;
    match (&field.of, rest) {
        (of, None) => Some(*of),
        (Type::Record(fields), Some(rest)) => within(fields, rest),
        (_, Some(_)) => None,
    }
}

pub(super) fn find(signatures: &[&'static Signature], name: &str) -> Option<&'static Signature> {
    signatures.iter().find(|signature| signature.name == name).copied()
}
