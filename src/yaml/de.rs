//! serde's deserializer over a [`Tree`]: unknown fields, wrong kinds and wrong values are reported and skipped.

use std::fmt;
use std::slice;

use serde::de::value::SeqDeserializer;
use serde::de::{self, Deserialize, DeserializeSeed, IntoDeserializer, Visitor};

use super::tree::{Data, Node};
use super::{Place, Problem, Problems, Tree, at, did_you_mean};

/// The field that names the kind of a node.
const TAG: &str = "kind";

/// Boxed: results carry it through every layer of serde.
#[derive(Debug)]
pub(super) struct Error(Box<Mistake>);

#[derive(Debug)]
struct Mistake {
    code: &'static str,
    text: String,
    help: Option<String>,
    fix: Option<String>,
    place: Option<Place>,
}

impl Error {
    fn new(code: &'static str, text: String) -> Self {
        Self(Box::new(Mistake { code, text, help: None, fix: None, place: None }))
    }

    fn at(mut self, place: Place) -> Self {
        self.0.place.get_or_insert(place);
        self
    }

    /// Offers the closest of `choices`, or all of them.
    fn choose(mut self, written: &str, choices: &[&'static str], what: &str) -> Self {
        self.0.fix = did_you_mean(written, choices.iter().copied());
        self.0.help = Some(match &self.0.fix {
            Some(fix) => format!("did you mean `{fix}`?"),
            None => format!("{what}: {}", choices.join(", ")),
        });
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new("wrong-value", text.to_string())
    }
}

/// Reads one node; `tagged` hides the `kind` that has been read already.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    tree: &'a Tree,
    node: &'a Node,
    problems: &'a Problems,
    tagged: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tree: &'a Tree, problems: &'a Problems) -> Self {
        Self { tree, node: &tree.root, problems, tagged: false }
    }

    pub(super) fn read<T: Deserialize<'a>>(self) -> Option<T> {
        T::deserialize(self).map_err(|error| self.report(error)).ok()
    }

    fn child(self, node: &'a Node) -> Self {
        Self { node, tagged: false, ..self }
    }

    fn report(self, Error(error): Error) {
        self.problems.add(Problem {
            file: self.tree.file.clone(),
            place: error.place.unwrap_or(self.node.place),
            code: error.code,
            text: error.text,
            caller: None,
            help: error.help,
            fix: error.fix,
        });
    }

    fn expected(self, wanted: &dyn de::Expected) -> Error {
        Error::new("wrong-type", format!("expected {wanted}, found {}", self.node.describe())).at(self.node.place)
    }

    fn mapping(self, wanted: &dyn de::Expected) -> Result<&'a [(Node, Node)], Error> {
        match &self.node.data {
            Data::Mapping(pairs) => Ok(pairs),
            // `keys:` with nothing behind it is an empty mapping to an author.
            Data::Scalar(text) if text.is_empty() => Ok(&[]),
            Data::Scalar(_) | Data::List(_) => Err(self.expected(wanted)),
        }
    }

    fn parsed<T: std::str::FromStr>(self, wanted: &dyn de::Expected) -> Result<T, Error> {
        self.node.text().and_then(|text| text.parse().ok()).ok_or_else(|| self.expected(wanted))
    }
}

struct Pairs<'a> {
    reader: Reader<'a>,
    rest: slice::Iter<'a, (Node, Node)>,
    value: Option<&'a Node>,
    /// The fields of a struct; any other is reported here and skipped.
    fields: Option<&'static [&'static str]>,
}

impl<'a> de::MapAccess<'a> for Pairs<'a> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        for (key, value) in self.rest.by_ref() {
            let name = key.text().unwrap_or_default();
            if self.reader.tagged && name == TAG {
                continue;
            }
            if let Some(fields) = self.fields
                && !fields.contains(&name)
            {
                let unknown = Error::new("unknown-field", format!("unknown field `{name}`"));
                self.reader.report(unknown.choose(name, fields, "fields here").at(key.place));
                continue;
            }
            self.value = Some(value);
            return seed.deserialize(self.reader.child(key)).map(Some).map_err(|error| error.at(key.place));
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take().ok_or_else(|| Error::new("wrong-value", "a value without a key".to_owned()))?;
        seed.deserialize(self.reader.child(value)).map_err(|error| error.at(value.place))
    }
}

struct Items<'a> {
    reader: Reader<'a>,
    rest: slice::Iter<'a, Node>,
}

impl<'a> de::SeqAccess<'a> for Items<'a> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let read = |item: &'a Node| seed.deserialize(self.reader.child(item)).map_err(|error| error.at(item.place));
        self.rest.next().map(read).transpose()
    }
}

/// Feeds an `At`: first the place, then the value or nothing.
struct Guarded<'a> {
    reader: Reader<'a>,
    place_given: bool,
}

impl<'a> de::SeqAccess<'a> for Guarded<'a> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let place = self.reader.node.place;
        if !self.place_given {
            self.place_given = true;
            let numbers = [place.start, place.end, place.line, place.column];
            return seed.deserialize(SeqDeserializer::new(numbers.into_iter())).map(Some);
        }
        Ok(seed.deserialize(self.reader).map_err(|error| self.reader.report(error.at(place))).ok())
    }
}

/// A mapping whose `kind` names the variant.
struct Tagged<'a> {
    reader: Reader<'a>,
    kind: &'a str,
}

impl<'a> de::EnumAccess<'a> for Tagged<'a> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(self.kind.into_deserializer())?, self))
    }
}

impl<'a> de::VariantAccess<'a> for Tagged<'a> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(Reader { tagged: true, ..self.reader })
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        Err(self.reader.expected(&visitor))
    }

    fn struct_variant<V: Visitor<'a>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_struct(Reader { tagged: true, ..self.reader }, "", fields, visitor)
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty),*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
            let number: $type = self.parsed(&"a whole number")?;
            visitor.$visit(number)
        }
    )*};
}

impl<'a> de::Deserializer<'a> for Reader<'a> {
    type Error = Error;

    numbers!(deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32,
             deserialize_u64 visit_u64 u64, deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64);

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.parsed(&"`true` or `false`")?)
    }

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.data {
            Data::Scalar(text) => visitor.visit_borrowed_str(text),
            Data::List(items) => visitor.visit_seq(Items { reader: self, rest: items.iter() }),
            Data::Mapping(pairs) => {
                visitor.visit_map(Pairs { reader: self, rest: pairs.iter(), value: None, fields: None })
            }
        }
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.text() {
            Some(text) if !text.is_empty() => visitor.visit_borrowed_str(text),
            _ => Err(self.expected(&"a word or text")),
        }
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.data {
            Data::List(items) => visitor.visit_seq(Items { reader: self, rest: items.iter() }),
            Data::Scalar(_) | Data::Mapping(_) => Err(self.expected(&"a list")),
        }
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        let pairs = self.mapping(&"a mapping")?;
        visitor.visit_map(Pairs { reader: self, rest: pairs.iter(), value: None, fields: None })
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let pairs = self.mapping(&"a mapping")?;
        let access = Pairs { reader: self, rest: pairs.iter(), value: None, fields: Some(fields) };
        let (result, missing) = at::with_missing(|| visitor.visit_map(access));
        for text in missing {
            self.report(Error::new("missing-field", text));
        }
        result
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (kind, place) = match &self.node.data {
            Data::Scalar(text) if text.is_empty() => {
                return Err(self.expected(&"a word or a mapping").choose("", variants, "possible here"));
            }
            Data::Scalar(text) => (text.as_str(), self.node.place),
            Data::Mapping(pairs) => {
                if let Some((_, kind)) = pairs.iter().find(|(key, _)| key.text() == Some(TAG)) {
                    (kind.text().unwrap_or_default(), kind.place)
                } else {
                    let missing = Error::new("missing-field", format!("missing field `{TAG}`"));
                    return Err(missing.choose("", variants, "kinds").at(self.node.place));
                }
            }
            Data::List(_) => return Err(self.expected(&"a word or a mapping")),
        };
        if !variants.contains(&kind) {
            let text = match &self.node.data {
                Data::Mapping(_) => format!("unknown kind `{kind}`"),
                Data::Scalar(_) | Data::List(_) => format!("`{kind}` cannot stand here"),
            };
            return Err(Error::new("unknown-kind", text).choose(kind, variants, "possible here").at(place));
        }
        visitor.visit_enum(Tagged { reader: self, kind })
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == at::NAME {
            visitor.visit_seq(Guarded { reader: self, place_given: false })
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'a>>
        i8 i16 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}
