//! What lookups may answer, by example: for each outcome enough answers that every word, every number that a branch
//! tells apart, short and long lists, and what may be missing come up.

use crate::call::{Field, Period, Signature, Type, Value, ValueRecord, YearMonth};
use crate::flow::node::Case;
use crate::flow::{Line, Node};

/// Numbers that are said differently: none, one, two, many, more than a year of months.
const NUMBERS: [i64; 5] = [1, 0, 2, 13, 185];
/// Money: a usual sum, nothing, fen alone, a large sum.
const AMOUNTS: [i64; 4] = [102_305, 0, 5, 123_456_700];
/// How long lists are: one item, and a first, a middle and a last one.
const LENGTHS: [usize; 2] = [1, 3];
/// A text that would break a document if it were not escaped.
const TEXT: &str = "A < B & \"C\".";

/// Answers for the lookups of a line.
pub(super) struct Answers {
    numbers: Vec<i64>,
    /// The paths that branches go by.
    branched: Vec<String>,
}

impl Answers {
    pub(super) fn of(line: &Line) -> Self {
        let mut answers = Self { numbers: NUMBERS.to_vec(), branched: Vec::new() };
        for node in line.nodes.values() {
            let Node::Branch(branch) = node else { continue };
            answers.branched.push(branch.of.clone());
            for (case, _) in &branch.cases {
                let Case::Numbers(from, to) = case else { continue };
                answers.numbers.extend([*from, *to].into_iter().filter(|number| *number < i64::MAX));
            }
        }
        answers.numbers.sort_unstable();
        answers.numbers.dedup();
        answers
    }

    /// Everything that outcome `outcome` may bring, held under `name`.
    pub(super) fn to(&self, signature: &Signature, outcome: &str, name: Option<&str>) -> Vec<ValueRecord> {
        let fields = signature.answer(outcome);
        let is_branched =
            |field: &&Field| name.is_some_and(|name| self.branched.contains(&format!("{name}.{}", field.name)));
        // What branches go by comes up in every combination.
        let apart: Vec<&Field> = fields.iter().filter(is_branched).collect();
        let together: usize = apart.iter().map(|field| self.count(&field.of)).product();
        let count = self.count(&Type::Record(fields)).div_ceil(together.max(1)) * together.max(1);
        let one = |number: usize| {
            let mut record = self.record(fields, number);
            let mut rest = number;
            for field in &apart {
                record.insert(field.name.to_owned(), self.value(&field.of, rest % self.count(&field.of)));
                rest /= self.count(&field.of);
            }
            record
        };
        if fields.is_empty() { vec![ValueRecord::new()] } else { (0..count).map(one).collect() }
    }

    /// How many values of a type are told apart.
    fn count(&self, of: &Type) -> usize {
        match of {
            Type::Amount => AMOUNTS.len(),
            Type::Number => self.numbers.len(),
            Type::Word { words, .. } => words.len().max(1),
            Type::Date | Type::YearMonth | Type::Year | Type::Clock | Type::Digits | Type::Flag | Type::Periods => 2,
            Type::Text => 1,
            Type::Record(fields) => {
                let most = fields.iter().map(|field| self.count(&field.of)).max().unwrap_or(1);
                if fields.iter().any(|field| field.optional) { 2 * most } else { most }
            }
            Type::List(of) => LENGTHS.len() * self.count(of).div_ceil(LENGTHS.into_iter().max().unwrap_or(1)),
        }
    }

    /// Value `number` of a type; they come round again.
    fn value(&self, of: &Type, number: usize) -> Value {
        fn turn<T: Copy>(choices: &[T], number: usize, otherwise: T) -> T {
            choices.get(number % choices.len().max(1)).copied().unwrap_or(otherwise)
        }
        let month = |back: usize| {
            let newest = YearMonth::new(2026, 3).expect("the third month of a year of this century is one");
            newest.plus(-i32::try_from(back).unwrap_or_default())
        };
        match of {
            Type::Amount => Value::Amount(turn(&AMOUNTS, number, 0)),
            Type::Number => Value::Number(turn(&self.numbers, number, 0)),
            Type::Date => Value::Date(turn(
                &[jiff::civil::date(2026, 3, 31), jiff::civil::date(2025, 12, 1)],
                number,
                jiff::civil::Date::ZERO,
            )),
            Type::YearMonth => Value::YearMonth(month(number % 24)),
            Type::Year => Value::Year(turn(&[2026, 2025], number, 2026)),
            Type::Clock => {
                let noon = jiff::civil::time(12, 0, 0, 0);
                Value::Clock(turn(&[jiff::civil::time(17, 30, 0, 0), noon], number, noon))
            }
            Type::Word { words, .. } => Value::Word(turn(words, number, "").to_owned()),
            Type::Digits => Value::Digits(turn(&["12333", "0037"], number, "0").to_owned()),
            Type::Flag => Value::Flag(number.is_multiple_of(2)),
            Type::Text => Value::Text(TEXT.to_owned()),
            Type::Periods => {
                let months = [month(0), month(1), month(14)];
                let some = months.get(..if number.is_multiple_of(2) { 1 } else { 3 }).unwrap_or_default();
                Value::Periods(Period::cover(some))
            }
            Type::Record(fields) => Value::Record(self.record(fields, number)),
            Type::List(of) => {
                let length = turn(&LENGTHS, number, 1);
                let first = number / LENGTHS.len() * length;
                Value::List((first..first + length).map(|item| self.value(of, item)).collect())
            }
        }
    }

    fn record(&self, fields: &[Field], number: usize) -> ValueRecord {
        let some_missing = fields.iter().any(|field| field.optional);
        let (number, whole) = if some_missing { (number / 2, number.is_multiple_of(2)) } else { (number, true) };
        let mut record: ValueRecord =
            fields.iter().map(|field| (field.name.to_owned(), self.value(&field.of, number))).collect();
        for field in fields.iter().filter(|field| field.optional && !whole) {
            let certain = field
                .certain
                .is_some_and(|(other, word)| matches!(record.get(other), Some(Value::Word(known)) if known == word));
            if !certain {
                record.remove(field.name);
            }
        }
        record
    }
}
