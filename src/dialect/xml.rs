//! XML as every dialect writes and reads it: one writer that escapes, one reader that takes no surprises.
//!
//! Documents have no white space between elements: some readers take it for content.

use std::borrow::Cow;

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer, XmlVersion};

use super::Unreadable;

/// How deep a document is ever nested; ours are three deep.
const DEEPEST: usize = 8;

/// A document under construction.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    pub(crate) fn new() -> Self {
        let mut xml = Self(Writer::new(Vec::new()));
        xml.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    /// One that is to stand inside another document: it does not say what it is.
    pub(crate) fn fragment() -> Self {
        Self(Writer::new(Vec::new()))
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.put(Event::Start(start(name, attributes)));
    }

    /// Closes it.
    pub(crate) fn close(&mut self, name: &str) {
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// An element with nothing in it.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.put(Event::Empty(start(name, attributes)));
    }

    /// An element with text in it.
    pub(crate) fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.put(Event::Text(BytesText::new(&allowed(text))));
        self.close(name);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }

    fn put(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("memory takes every write");
    }
}

fn start<'a>(name: &'a str, attributes: &'a [(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, allowed(value).as_ref()));
    }
    start
}

/// The text without the characters that XML 1.0 cannot carry, escaped or not
/// (source: <https://www.w3.org/TR/xml/#charsets>).
pub(super) fn allowed(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_allowed) { text.into() } else { text.chars().filter(|c| is_allowed(*c)).collect() }
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{1_0000}'..)
}

/// An element of a document that was read.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    /// Reads a whole document: one root, no document type, no processing instructions.
    pub(super) fn parse(document: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(document).map_err(|_| Unreadable::NotXml("it is not UTF-8"))?;
        if !text.chars().all(is_allowed) {
            return Err(Unreadable::NotXml("it has a character that XML cannot carry"));
        }
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|_| Unreadable::NotXml("it is not properly nested"))?;
            match event {
                Event::Start(start) => {
                    open.push(Self::read_start(&start)?);
                    if open.len() > DEEPEST {
                        return Err(Unreadable::NotXml("it is nested too deep"));
                    }
                }
                Event::Empty(start) => last(&mut open).children.push(Self::read_start(&start)?),
                Event::End(_) => {
                    let element = open.pop().unwrap_or_default();
                    last(&mut open).children.push(element);
                }
                Event::Text(content) => last(&mut open).text.push_str(&content.xml10_content()),
                Event::CData(content) => last(&mut open).text.push_str(&content.xml10_content()),
                Event::GeneralRef(reference) => last(&mut open).text.push(character(&reference)?),
                Event::Comment(_) | Event::Decl(_) => {}
                Event::PI(_) | Event::DocType(_) => {
                    return Err(Unreadable::NotXml("it has a document type or a processing instruction"));
                }
                Event::Eof => break,
            }
        }
        let (1, Some(mut page)) = (open.len(), open.pop()) else {
            return Err(Unreadable::NotXml("an element is not closed"));
        };
        match (page.children.pop(), page.children.is_empty(), page.text.trim().is_empty()) {
            (Some(root), true, true) => Ok(root),
            _ => Err(Unreadable::NotXml("it needs exactly one root element")),
        }
    }

    fn read_start(start: &BytesStart<'_>) -> Result<Self, Unreadable> {
        let mut element = Self { name: start.name().as_ref().to_owned(), ..Self::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| Unreadable::NotXml("an attribute is not well-formed"))?;
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|_| Unreadable::NotXml("an attribute has an unknown reference"))?;
            element.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        Ok(element)
    }

    /// That this element is not understood.
    pub(super) fn refuse(&self, why: &'static str) -> Unreadable {
        Unreadable::Document { element: self.name.clone(), why }
    }

    /// Its children, if there is no text between them.
    pub(super) fn children(&self) -> Result<&[Self], Unreadable> {
        if self.text.trim().is_empty() { Ok(&self.children) } else { Err(self.refuse("it has text of its own")) }
    }

    /// Its text, if there are no elements in it.
    pub(super) fn text(&self) -> Result<&str, Unreadable> {
        if self.children.is_empty() { Ok(&self.text) } else { Err(self.refuse("it has elements in it")) }
    }

    /// Nothing, if there is nothing in it.
    pub(super) fn nothing(&self) -> Result<(), Unreadable> {
        let empty = self.children.is_empty() && self.text.trim().is_empty();
        if empty { Ok(()) } else { Err(self.refuse("it has something in it")) }
    }

    /// Its attributes, to be taken one by one.
    pub(super) fn attributes(&self) -> Attributes<'_> {
        let left = self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        Attributes { element: self, left }
    }
}

/// The attributes of an element that nobody has asked for yet.
pub(super) struct Attributes<'a> {
    element: &'a Element,
    left: Vec<(&'a str, &'a str)>,
}

impl<'a> Attributes<'a> {
    /// Takes one, if it is there.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.left.iter().position(|(key, _)| *key == name)?;
        Some(self.left.swap_remove(at).1)
    }

    /// Takes one that has to be there.
    pub(super) fn need(&mut self, name: &str) -> Result<&'a str, Unreadable> {
        self.take(name).ok_or_else(|| self.element.refuse("an attribute is missing"))
    }

    /// Takes one that has to be there with this very value.
    pub(super) fn expect(&mut self, name: &str, value: &str) -> Result<(), Unreadable> {
        if self.need(name)? == value { Ok(()) } else { Err(self.element.refuse("an attribute has an unknown value")) }
    }

    /// Refuses the element if an attribute is left.
    pub(super) fn end(self) -> Result<(), Unreadable> {
        if self.left.is_empty() { Ok(()) } else { Err(self.element.refuse("it has an unknown attribute")) }
    }
}

fn last(open: &mut Vec<Element>) -> &mut Element {
    if open.is_empty() {
        open.push(Element::default());
    }
    open.last_mut().expect("there is one now")
}

fn character(reference: &quick_xml::events::BytesRef<'_>) -> Result<char, Unreadable> {
    let numbered = reference.resolve_char_ref().ok().flatten();
    let named = || match &**reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    };
    let found = numbered.or_else(named).filter(|c| is_allowed(*c));
    found.ok_or(Unreadable::NotXml("it has an unknown reference"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_a_plain_document_is_refused() {
        for bad in [
            "",
            "text",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "<!DOCTYPE a><a/>",
            "<?php ?><a/>",
            "<a>&unknown;</a>",
            "<a>&#0;</a>",
            "<a>&#1;</a>",
            "<a b='&x;'/>",
            "<a b='1' b='2'/>",
            "<a b/>",
            "<a>\u{1}</a>",
            "<a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a>",
        ] {
            assert!(Element::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(Element::parse(b"<a>\xFF</a>").is_err());
        let fine =
            Element::parse(b"<?xml version=\"1.0\"?><!-- a --> <a b='&lt;1'> <c>x&amp;<![CDATA[<]]>&#x67E5;</c></a>");
        let fine = fine.unwrap();
        assert_eq!(fine.children().unwrap()[0].text().unwrap(), "x&<查");
        assert_eq!(fine.attributes().need("b").unwrap(), "<1");
    }

    proptest! {
        #[test]
        fn any_text_survives(text in any::<String>(), attribute in any::<String>()) {
            let mut xml = Xml::new();
            xml.text("Say", &[("voice", &attribute)], &text);
            let read = Element::parse(&xml.finish()).unwrap();
            prop_assert_eq!(read.text().unwrap(), allowed(&text));
            let one_line = allowed(&attribute).replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
            let value = read.attributes().need("voice").unwrap().replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
            prop_assert_eq!(value, one_line);
        }

        #[test]
        fn no_bytes_panic(bytes in any::<Vec<u8>>()) {
            let _ = Element::parse(&bytes);
        }

        #[test]
        fn nothing_like_a_document_panics(text in "[<>/a&;#x!\\[\\]\"'= ?-]{0,60}") {
            let _ = Element::parse(text.as_bytes());
        }
    }
}
