//! `application/x-www-form-urlencoded`, read strictly: what is signed and what is read must be the same text.

use super::Unreadable;

/// Decoded parameters in the order in which they came.
pub(super) struct Form(Vec<(String, String)>);

/// The bytes are no form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAForm;

impl Form {
    /// Reads a body or a query. Empty pairs are skipped; a pair without `=` has an empty value.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NotAForm> {
        let mut pairs = Vec::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            pairs.push((name, decode(halves.next().unwrap_or_default())?));
        }
        Ok(Self(pairs))
    }

    /// The only value of a parameter, `None` if it is not there.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<&str>, Unreadable> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.all(|other| Some(other) == first) { Ok(first) } else { Err(Unreadable::Twice(name)) }
    }

    /// The only value of a parameter, `None` if it is not there or empty.
    pub(super) fn filled(&self, name: &'static str) -> Result<Option<&str>, Unreadable> {
        Ok(self.get(name)?.filter(|value| !value.is_empty()))
    }

    /// All pairs.
    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

fn decode(text: &[u8]) -> Result<String, NotAForm> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next())? << 4 | hex(bytes.next())?,
            b'!'..=b'~' => *byte,
            _ => return Err(NotAForm),
        });
    }
    String::from_utf8(decoded).map_err(|_| NotAForm)
}

fn hex(digit: Option<&u8>) -> Result<u8, NotAForm> {
    let value = digit.and_then(|digit| char::from(*digit).to_digit(16)).ok_or(NotAForm)?;
    u8::try_from(value).map_err(|_| NotAForm)
}

/// Writes a body.
pub(super) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in pairs {
        if !body.is_empty() {
            body.push(b'&');
        }
        encode_into(name, &mut body);
        body.push(b'=');
        encode_into(value, &mut body);
    }
    body
}

fn encode_into(text: &str, body: &mut Vec<u8>) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| HEX.get(usize::from(value)).map_or(b'0', |digit| *digit as u8);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => body.push(byte),
            b' ' => body.push(b'+'),
            _ => body.extend([b'%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decoding_is_strict() {
        for bad in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%FF", "%C3=1", "a=查", "a=b c", "a=\u{1}"] {
            assert!(Form::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let form = Form::parse(b"&a=1+2%2B3&empty=&bare&&a=1+2%2B3&d=1&d=2&q=%E6%9F%A5=").unwrap();
        assert_eq!(form.get("a").unwrap(), Some("1 2+3"));
        assert_eq!(form.get("empty").unwrap(), Some(""));
        assert_eq!(form.get("bare").unwrap(), Some(""));
        assert_eq!(form.filled("bare").unwrap(), None);
        assert_eq!(form.get("absent").unwrap(), None);
        assert_eq!(form.get("q").unwrap(), Some("查="));
        assert_eq!(form.get("d"), Err(Unreadable::Twice("d")));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(pairs in proptest::collection::vec((any::<String>(), any::<String>()), 0..8)) {
            let body = encode(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            prop_assert_eq!(Form::parse(&body).unwrap().into_pairs(), pairs);
        }

        #[test]
        fn no_bytes_panic(bytes in any::<Vec<u8>>()) {
            let _ = Form::parse(&bytes);
        }
    }
}
