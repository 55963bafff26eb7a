//! Strings of digits that identify: which characters they may have and where a speaker pauses. The same in every
//! language.

use super::Error;

const DIGITS: &str = "digits, X, * and # only, at least one";

/// Digits without a pause.
pub(super) fn digits(kind: &'static str, text: &str) -> Result<Vec<String>, Error> {
    let fine = !text.is_empty() && text.chars().all(|c| matches!(c, '0'..='9' | 'X' | 'x' | '*' | '#'));
    if fine { Ok(vec![text.to_owned()]) } else { Err(Error::WrongForm { kind, expected: DIGITS }) }
}

/// A hotline, `12333`, without a pause.
pub(super) fn hotline(text: &str) -> Result<Vec<String>, Error> {
    let wrong = Error::WrongForm { kind: "hotline", expected: "digits only, at least one" };
    if is_number(text) { Ok(vec![text.to_owned()]) } else { Err(wrong) }
}

/// 6-4-4-4 for 18 characters, 6-6-3 for the 15 of older numbers.
pub(super) fn id(text: &str) -> Result<Vec<String>, Error> {
    let wrong = Error::WrongForm { kind: "id", expected: "fifteen digits, or seventeen and a digit or X" };
    let body = text.strip_suffix(['X', 'x']).unwrap_or(text);
    match (is_number(body), body.len(), text.len()) {
        (true, 17 | 18, 18) => Ok(cut(text, &[6, 4, 4, 4])),
        (true, 15, 15) => Ok(cut(text, &[6, 6, 3])),
        _ => Err(wrong),
    }
}

/// The date of a ticket, then its number: `20260331-0042`, with or without the hyphen. One of eight digits has no
/// date and is said in fours.
pub(super) fn ticket(text: &str) -> Result<Vec<String>, Error> {
    let parts: Vec<&str> = text.split('-').collect();
    if !parts.iter().all(|part| is_number(part)) {
        return Err(Error::WrongForm { kind: "ticket", expected: "digits, with hyphens between them if any" });
    }
    match parts.as_slice() {
        [one] if one.len() > 8 => Ok(cut(one, &[8, usize::MAX])),
        [one] if one.len() == 8 => Ok(cut(one, &[4, 4])),
        several => Ok(several.iter().map(|part| (*part).to_owned()).collect()),
    }
}

/// A telephone number as callers and directories write it: a mobile 3-4-4; an area code, then 4-4 or 3-4; hyphens
/// are pauses. Numbers of no Chinese form are said in fours, counted from the end. The `+86` of home is left out.
pub(super) fn phone(text: &str) -> Result<Vec<String>, Error> {
    let wrong = || Error::WrongForm { kind: "phone", expected: "digits, with + in front and hyphens or spaces if any" };
    let bare = text.strip_prefix("+86").or_else(|| text.strip_prefix('+')).unwrap_or(text);
    let parts: Vec<&str> = bare.split([' ', '-']).filter(|part| !part.is_empty()).collect();
    if !parts.iter().all(|part| is_number(part)) {
        return Err(wrong());
    }
    match parts.as_slice() {
        [] => Err(wrong()),
        [one] => Ok(national(one)),
        several => Ok(several.iter().flat_map(|part| local(part)).collect()),
    }
}

/// One key of a telephone.
pub(super) fn menu_key(text: &str) -> Result<char, Error> {
    let mut keys = text.chars();
    match (keys.next(), keys.next()) {
        (Some(key @ ('0'..='9' | '*' | '#')), None) => Ok(key),
        _ => Err(Error::WrongForm { kind: "menu-key", expected: "one of the keys 0 to 9, * and #" }),
    }
}

/// What is open of a masked string, `310***********0015`: never more than the last four.
pub(super) fn masked(text: &str) -> Result<String, Error> {
    let wrong = Error::WrongForm { kind: "masked", expected: "digits or X at the end, stars for what is hidden" };
    let open: Vec<char> = text.rsplit('*').next().unwrap_or_default().chars().collect();
    let fine = !open.is_empty() && open.iter().all(|c| matches!(c, '0'..='9' | 'X' | 'x'));
    if fine { Ok(open.iter().skip(open.len().saturating_sub(4)).collect()) } else { Err(wrong) }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A number in one piece.
fn national(number: &str) -> Vec<String> {
    let area = match (number.get(..1), number.get(..2)) {
        (_, Some("01" | "02")) => 3,
        (Some("0"), _) => 4,
        _ => 0,
    };
    match number.len() {
        11 if number.starts_with('1') => cut(number, &[3, 4, 4]),
        10 if number.starts_with("400") || number.starts_with("800") => cut(number, &[3, 3, 4]),
        length if area > 0 && length > area => {
            let (code, rest) = number.split_at(area);
            [vec![code.to_owned()], local(rest)].concat()
        }
        _ => local(number),
    }
}

/// A number without its area code, or a part of one between hyphens.
fn local(number: &str) -> Vec<String> {
    match number.len() {
        ..=6 => vec![number.to_owned()],
        7 => cut(number, &[3, 4]),
        length => {
            let first = if length % 4 == 0 { 4 } else { length % 4 };
            cut(number, &[vec![first], vec![4; length / 4]].concat())
        }
    }
}

/// `text` in pieces of these sizes, as far as it goes.
fn cut(text: &str, sizes: &[usize]) -> Vec<String> {
    let mut rest = text.chars();
    let pieces = sizes.iter().map(|size| rest.by_ref().take(*size).collect::<String>());
    pieces.filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_pause_where_people_do() {
        for (number, said) in [
            ("13800138000", "138 0013 8000"),
            ("+8613800138000", "138 0013 8000"),
            ("138 0013 8000", "138 0013 8000"),
            ("021-12333", "021 12333"),
            ("02112333", "021 12333"),
            ("021-00001234", "021 0000 1234"),
            ("02100001234", "021 0000 1234"),
            ("0951-0001234", "0951 000 1234"),
            ("09510001234", "0951 000 1234"),
            ("00001234", "0000 1234"),
            ("0001234", "000 1234"),
            ("4008200000", "400 820 0000"),
            ("400-820-0000", "400 820 0000"),
            ("12333", "12333"),
            ("+15550100", "1555 0100"),
            ("021", "021"),
        ] {
            let groups =
                if number == "00001234" || number == "0001234" { local(number) } else { phone(number).unwrap() };
            assert_eq!(groups.join(" "), said, "{number}");
        }
        for wrong in ["", "+", "-", "12a", "１２３３３", "12333;1"] {
            assert!(phone(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_digit_is_lost_in_a_pause() {
        for length in 1..30 {
            for start in ["0", "1", "4", "01", "02", "400", "800", "09"] {
                let number: String = start.chars().chain("2345678901".chars().cycle()).take(length).collect();
                assert_eq!(phone(&number).unwrap().concat(), number);
            }
        }
    }

    #[test]
    fn what_identifies_has_its_own_characters() {
        assert_eq!(id("00010119881020037x").unwrap().join(" "), "000101 1988 1020 037x");
        assert_eq!(ticket("202603310042").unwrap(), ["20260331", "0042"]);
        assert_eq!(ticket("42").unwrap(), ["42"]);
        assert_eq!(ticket("48210573").unwrap(), ["4821", "0573"]);
        assert_eq!(masked("12345678").unwrap(), "5678", "never more than four");
        assert_eq!(masked("***78").unwrap(), "78");
        for wrong in ["", "00010119881020037", "0001011988102003XX", "00010100010100X", "0001011985031212339"] {
            assert!(id(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "-", "2026-", "2026*"] {
            assert!(ticket(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "310****", "***ab"] {
            assert!(masked(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "12", "a", "+"] {
            assert!(menu_key(wrong).is_err() && (wrong == "12" || digits("digits", wrong).is_err()), "{wrong}");
        }
    }
}
