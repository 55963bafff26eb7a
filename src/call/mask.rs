//! Masks for screens, logs and transcripts (domain reference 2.1): enough to recognise, not enough to use.

/// `张*`, `张*三`, `欧**娜`; Latin names keep the first letter of each part: `J*** S***`.
#[must_use]
pub fn mask_name(name: &str) -> String {
    if name.is_ascii() {
        let parts = name.split_whitespace().filter_map(|part| part.chars().next());
        return parts.map(|first| format!("{first}***")).collect::<Vec<_>>().join(" ");
    }
    let letters: Vec<char> = name.chars().collect();
    match letters.as_slice() {
        [] => String::new(),
        [first] | [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

/// First three and last four of an identity number: `310***********1234`.
#[must_use]
pub fn mask_id(id: &str) -> String {
    keep(id, 3, 4)
}

/// First three and last four of a telephone number: `138****5678`; shorter ones keep the last two only.
#[must_use]
pub fn mask_phone(number: &str) -> String {
    if number.chars().count() >= 9 { keep(number, 3, 4) } else { keep(number, 0, 2) }
}

/// The last four of a card or account number: `*****2211`.
#[must_use]
pub fn mask_card(card: &str) -> String {
    keep(card, 0, 4)
}

fn keep(text: &str, head: usize, tail: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    let hidden = head..letters.len().saturating_sub(tail).max(head);
    letters.iter().enumerate().map(|(at, letter)| if hidden.contains(&at) { '*' } else { *letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_those_of_the_domain_reference() {
        for (name, masked) in
            [("张三", "张*"), ("张小三", "张*三"), ("欧阳娜娜", "欧**娜"), ("John Smith", "J*** S***")]
        {
            assert_eq!(mask_name(name), masked);
        }
        assert_eq!(mask_id("000101198503121233"), "000***********1233");
        assert_eq!(mask_phone("12012345678"), "120****5678");
        assert_eq!(mask_card("000012211"), "*****2211");
        assert_eq!(mask_id(""), "");
    }
}
