//! Esperanto, for tests: what a third language takes is this file and its line in `ALL`, and prompts beside it.

use std::time::Duration;

use jiff::civil::{Date, Time};

use super::figure::Decimal;
use super::{Figure, Pace, Press, Tongue};
use crate::call::{Period, YearMonth};

pub(super) static TONGUE: Tongue = Tongue {
    tag: "eo",
    say,
    pieces,
    spaced: true,
    instead_of_digits: "write the words, `unu du tri`, or use a placeholder",
    press: Press { word: "premu", or: " aŭ ", no_key: &[] },
    pace: Pace { character: Duration::from_millis(227), word: Duration::from_millis(400) },
};

const DIGITS: [&str; 10] = ["nul", "unu", "du", "tri", "kvar", "kvin", "ses", "sep", "ok", "naŭ"];

fn say(figure: &Figure) -> String {
    match figure {
        Figure::Amount { negative, fen } => signed(*negative, amount(*fen)),
        Figure::Integer { negative, size } => signed(*negative, number(*size)),
        Figure::Count(size, unit) => format!("{} {}", number(*size), unit.name()),
        Figure::Months(months) => format!("{} monatoj", number(*months)),
        Figure::Duration(seconds) => format!("{} sekundoj", number(*seconds)),
        Figure::Ordinal(size) => format!("numero {}", number(*size)),
        Figure::Decimal(decimal) => signed(decimal.negative, unsigned(decimal)),
        Figure::Percent(decimal) => signed(decimal.negative, unsigned(decimal)) + " procentoj",
        Figure::Year(year) => number(year.unsigned_abs().into()),
        Figure::YearMonth(month) => year_month(*month),
        Figure::Date(date) => format!("{} {}", month_day(*date), number(date.year().unsigned_abs().into())),
        Figure::MonthDay(date) => month_day(*date),
        Figure::Periods(all) => all.iter().copied().map(period).collect::<Vec<_>>().join(", "),
        Figure::Clock(time) => clock(*time),
        Figure::Digits(groups) | Figure::Phone(groups) => {
            groups.iter().map(|group| one_by_one(group)).collect::<Vec<_>>().join(", ")
        }
        Figure::MenuKey(key) => key_name(*key).to_owned(),
        Figure::Masked(open) => format!("fine {}", one_by_one(open)),
    }
}

/// Every word by itself: in Esperanto none changes beside another.
fn pieces() -> Vec<String> {
    let words = "dek cent mil milionoj miliardoj juanoj fenoj minus punkto procentoj numero ĝis de fine la horo X steleto krado \
                 monatoj sekundoj second minute hour day working-day month year person record time";
    DIGITS.iter().copied().chain(words.split_whitespace()).map(str::to_owned).collect()
}

fn digit(size: u64) -> &'static str {
    usize::try_from(size).ok().and_then(|at| DIGITS.get(at)).copied().unwrap_or_default()
}

fn number(size: u64) -> String {
    let groups = [(1_000_000_000, "miliardoj"), (1_000_000, "milionoj"), (1_000, "mil"), (1, "")];
    let mut words = Vec::new();
    for (place, unit) in groups {
        let group = size / place % 1_000;
        for (place, unit) in [(100, "cent"), (10, "dek"), (1, "")] {
            match group / place % 10 {
                0 => {}
                1 if !unit.is_empty() => words.push(unit),
                here => words.extend([digit(here), unit]),
            }
        }
        if group > 0 {
            words.push(unit);
        }
    }
    words.retain(|word| !word.is_empty());
    if words.is_empty() { digit(0).to_owned() } else { words.join(" ") }
}

fn signed(negative: bool, said: String) -> String {
    if negative { format!("minus {said}") } else { said }
}

fn amount(fen: u64) -> String {
    match (fen / 100, fen % 100) {
        (yuan, 0) => format!("{} juanoj", number(yuan)),
        (yuan, fen) => format!("{} juanoj {} fenoj", number(yuan), number(fen)),
    }
}

fn unsigned(decimal: &Decimal) -> String {
    if decimal.fraction.is_empty() {
        return number(decimal.whole);
    }
    format!("{} punkto {}", number(decimal.whole), one_by_one(&decimal.fraction))
}

fn year_month(month: YearMonth) -> String {
    format!("{} de {}", number(month.month().unsigned_abs().into()), number(month.year().unsigned_abs().into()))
}

fn month_day(date: Date) -> String {
    let [month, day] = [date.month(), date.day()].map(|part| number(part.unsigned_abs().into()));
    format!("la {day} de {month}")
}

fn period(Period { from, to }: Period) -> String {
    if from == to { year_month(from) } else { format!("{} ĝis {}", year_month(from), year_month(to)) }
}

fn clock(time: Time) -> String {
    let [hour, minute] = [time.hour(), time.minute()].map(|part| number(part.unsigned_abs().into()));
    format!("{hour} horo {minute}")
}

fn one_by_one(text: &str) -> String {
    text.chars().map(key_name).collect::<Vec<_>>().join(" ")
}

fn key_name(key: char) -> &'static str {
    match key {
        'X' | 'x' => "X",
        '*' => "steleto",
        '#' => "krado",
        other => digit(other.to_digit(10).unwrap_or(0).into()),
    }
}
