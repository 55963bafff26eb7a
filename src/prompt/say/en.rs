//! English, a full mirror of the Chinese line. Rules: domain reference, section 4.5.

use std::time::Duration;

use jiff::civil::{Date, Time};

use super::figure::Decimal;
use super::{Figure, Pace, Press, Tongue};
use crate::call::{Period, YearMonth};
use crate::prompt::Unit;

pub(super) static TONGUE: Tongue = Tongue {
    tag: "en",
    say,
    pieces,
    spaced: true,
    instead_of_digits: "write the words, `one two three three three`, or use a placeholder",
    press: Press { word: "press", or: " or ", no_key: &[" of", " more", " time"] },
    // About 2.6 words a second.
    pace: Pace { character: Duration::from_millis(227), word: Duration::from_millis(385) },
};

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const MONTHS: [&str; 13] = [
    "",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn say(figure: &Figure) -> String {
    match figure {
        Figure::Amount { negative, fen } => signed(*negative, amount(*fen)),
        Figure::Integer { negative, size } => signed(*negative, number(*size)),
        Figure::Count(size, unit) => count(*size, *unit),
        Figure::Months(months) => months_as_years(*months),
        Figure::Duration(seconds) => duration(*seconds),
        // "You are number two in line."
        Figure::Ordinal(size) => format!("number {}", number(*size)),
        Figure::Decimal(decimal) => signed(decimal.negative, unsigned(decimal)),
        Figure::Percent(decimal) => signed(decimal.negative, unsigned(decimal)) + " percent",
        Figure::Year(year) => year_said(*year),
        Figure::YearMonth(month) => year_month(*month),
        Figure::Date(date) => format!("{}, {}", month_day(*date), year_said(date.year())),
        Figure::MonthDay(date) => month_day(*date),
        Figure::Periods(all) => list(&all.iter().copied().map(period).collect::<Vec<_>>()),
        Figure::Clock(time) => clock(*time),
        Figure::Digits(groups) | Figure::Phone(groups) => {
            groups.iter().map(|group| one_by_one(group)).collect::<Vec<_>>().join(", ")
        }
        Figure::MenuKey(key) => key_name(*key).to_owned(),
        Figure::Masked(open) => format!("ending {}", one_by_one(open)),
    }
}

fn word(words: &[&'static str], at: u64) -> &'static str {
    usize::try_from(at).ok().and_then(|at| words.get(at)).copied().unwrap_or_default()
}

/// A number without "and": one thousand twenty-three.
fn number(size: u64) -> String {
    if size == 0 {
        return word(&SMALL, 0).to_owned();
    }
    let mut parts = Vec::new();
    for (place, unit) in [(1_000_000_000, " billion"), (1_000_000, " million"), (1000, " thousand"), (1, "")] {
        let group = size / place % 1000;
        if group > 0 {
            parts.push(below_thousand(group) + unit);
        }
    }
    parts.join(" ")
}

fn below_thousand(size: u64) -> String {
    match (size / 100, size % 100) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", word(&SMALL, hundreds)),
        (hundreds, rest) => format!("{} hundred {}", word(&SMALL, hundreds), below_hundred(rest)),
    }
}

fn below_hundred(size: u64) -> String {
    match (size / 10, size % 10) {
        (0 | 1, _) => word(&SMALL, size).to_owned(),
        (tens, 0) => word(&TENS, tens).to_owned(),
        (tens, ones) => format!("{}-{}", word(&TENS, tens), word(&SMALL, ones)),
    }
}

fn signed(negative: bool, said: String) -> String {
    if negative { format!("minus {said}") } else { said }
}

/// Yuan, then fen as one number; neither takes an s.
fn amount(fen: u64) -> String {
    match (fen / 100, fen % 100) {
        (yuan, 0) => format!("{} yuan", number(yuan)),
        (0, fen) => format!("{} fen", number(fen)),
        (yuan, fen) => format!("{} yuan and {} fen", number(yuan), number(fen)),
    }
}

fn count(size: u64, unit: Unit) -> String {
    let (one, several) = match unit {
        Unit::Second => ("second", "seconds"),
        Unit::Minute => ("minute", "minutes"),
        Unit::Hour => ("hour", "hours"),
        Unit::Day => ("day", "days"),
        Unit::WorkingDay => ("working day", "working days"),
        Unit::Month => ("month", "months"),
        Unit::Year => ("year", "years"),
        Unit::Person => ("person", "people"),
        Unit::Record => ("record", "records"),
        Unit::Time => ("time", "times"),
    };
    format!("{} {}", number(size), if size == 1 { one } else { several })
}

fn months_as_years(months: u64) -> String {
    match (months / 12, months % 12) {
        (0, months) => count(months, Unit::Month),
        (years, 0) => count(years, Unit::Year),
        (years, months) => format!("{} and {}", count(years, Unit::Year), count(months, Unit::Month)),
    }
}

/// As in Chinese: from an hour on, seconds are left out.
fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, seconds) => count(seconds, Unit::Second),
        (0, minutes, 0) => count(minutes, Unit::Minute),
        (0, minutes, seconds) => format!("{} and {}", count(minutes, Unit::Minute), count(seconds, Unit::Second)),
        (hours, 0, _) => count(hours, Unit::Hour),
        (hours, minutes, _) => format!("{} and {}", count(hours, Unit::Hour), count(minutes, Unit::Minute)),
    }
}

fn unsigned(decimal: &Decimal) -> String {
    if decimal.fraction.is_empty() {
        return number(decimal.whole);
    }
    format!("{} point {}", number(decimal.whole), one_by_one(&decimal.fraction))
}

/// In pairs, but "two thousand" and "two thousand nine".
fn year_said(year: i16) -> String {
    let year = u64::from(year.unsigned_abs());
    match (year / 100, year % 100) {
        (century, 0..=9) if century % 10 == 0 => number(year),
        (century, 0) => format!("{} hundred", below_hundred(century)),
        (century, rest @ 1..=9) => format!("{} oh {}", below_hundred(century), word(&SMALL, rest)),
        (century, rest) => format!("{} {}", below_hundred(century), below_hundred(rest)),
    }
}

fn month_said(month: i8) -> &'static str {
    word(&MONTHS, month.unsigned_abs().into())
}

fn year_month(month: YearMonth) -> String {
    format!("{} {}", month_said(month.month()), year_said(month.year()))
}

fn month_day(date: Date) -> String {
    format!("{} {}", month_said(date.month()), day(date.day().unsigned_abs().into()))
}

/// The day of a month: thirty-first.
fn day(day: u64) -> String {
    let ordinal = |day| match day {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        5 => "fifth".to_owned(),
        8 => "eighth".to_owned(),
        9 => "ninth".to_owned(),
        12 => "twelfth".to_owned(),
        other => format!("{}th", word(&SMALL, other)),
    };
    match (day / 10, day % 10) {
        (0 | 1, _) => ordinal(day),
        (2, 0) => "twentieth".to_owned(),
        (_, 0) => "thirtieth".to_owned(),
        (tens, ones) => format!("{}-{}", word(&TENS, tens), ordinal(ones)),
    }
}

fn period(Period { from, to }: Period) -> String {
    if from == to {
        year_month(from)
    } else if from.year() == to.year() {
        format!("{} to {}", month_said(from.month()), year_month(to))
    } else {
        format!("{} to {}", year_month(from), year_month(to))
    }
}

/// "a", "a and b", "a, b and c".
fn list(items: &[String]) -> String {
    match items {
        [several @ .., last] if !several.is_empty() => format!("{} and {last}", several.join(", ")),
        few => few.concat(),
    }
}

fn clock(time: Time) -> String {
    let (hour, minute) = (u64::from(time.hour().unsigned_abs()), u64::from(time.minute().unsigned_abs()));
    let of_twelve = word(&SMALL, if hour % 12 == 0 { 12 } else { hour % 12 });
    let half = if hour < 12 { "a.m." } else { "p.m." };
    match (hour, minute) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "twelve noon".to_owned(),
        (_, 0) => format!("{of_twelve} {half}"),
        (_, 1..=9) => format!("{of_twelve} oh {} {half}", word(&SMALL, minute)),
        (_, _) => format!("{of_twelve} {} {half}", below_hundred(minute)),
    }
}

/// What figures are put together of. English words can stand side by side as they are, so whole are only those that
/// nearly every call has.
fn pieces() -> Vec<String> {
    let digits = || (1..=9).map(|size| word(&SMALL, size).to_owned());
    let with = |unit: &'static str| move |size: u64| format!("{} {unit}", number(size));
    let mut pieces: Vec<String> = [
        "hundred",
        "thousand",
        "million",
        "billion",
        "yuan",
        "thousand yuan",
        "fen",
        "minus",
        "point",
        "percent",
        "number",
        "and",
        "to",
        "oh",
        "a.m.",
        "p.m.",
        "midnight",
        "twelve noon",
        "ending",
        "X",
        "star",
        "pound",
    ]
    .map(str::to_owned)
    .into();
    pieces.extend((0..=99).map(number));
    pieces.extend(
        digits()
            .flat_map(|digit| ["hundred", "hundred yuan", "hundred thousand"].map(|unit| format!("{digit} {unit}"))),
    );
    pieces.extend((1..=20).chain((30..=90).step_by(10)).map(with("thousand")));
    pieces.extend((1..=10).map(with("million")));
    pieces.extend((0..=99).map(with("yuan")));
    pieces.extend((1..=99).map(|fen| format!("and {} fen", number(fen))));
    pieces.extend((1..=20).map(with("fen")));
    for (unit, _) in Unit::ALL {
        let whole = if *unit == Unit::Month { 12 } else { 2 };
        pieces.extend((0..=whole).map(|size| count(size, *unit)));
        pieces.extend([1, 2].map(|size| count(size, *unit).split_once(' ').unwrap_or_default().1.to_owned()));
    }
    pieces.extend((2000..=2035).map(year_said));
    pieces.extend((1..=12).map(|month| month_said(month).to_owned()));
    pieces.extend((1..=31).map(day));
    pieces.extend(digits().map(|digit| format!("oh {digit}")));
    pieces.extend((1..12).flat_map(|hour| [hour, hour + 12]).map(|hour| clock(Time::constant(hour, 0, 0, 0))));
    pieces
}

fn one_by_one(text: &str) -> String {
    text.chars().map(key_name).collect::<Vec<_>>().join(" ")
}

fn key_name(key: char) -> &'static str {
    match key {
        'X' | 'x' => "X",
        '*' => "star",
        '#' => "pound",
        other => word(&SMALL, other.to_digit(10).unwrap_or(0).into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::call::Language;
    use crate::prompt::say::{kinds, read_text};

    const TABLE: &[(&str, &str, &str)] = &[
        ("integer", "0", "zero"),
        ("integer", "-2", "minus two"),
        ("integer", "110", "one hundred ten"),
        ("integer", "1023", "one thousand twenty-three"),
        ("integer", "10002005", "ten million two thousand five"),
        (
            "integer",
            "999999999999",
            concat!(
                "nine hundred ninety-nine billion nine hundred ninety-nine million ",
                "nine hundred ninety-nine thousand nine hundred ninety-nine"
            ),
        ),
        ("amount", "1023.05", "one thousand twenty-three yuan and five fen"),
        ("amount", "11023.55", "eleven thousand twenty-three yuan and fifty-five fen"),
        ("amount", "10000.50", "ten thousand yuan and fifty fen"),
        ("amount", "10000.5", "ten thousand yuan and fifty fen"),
        ("amount", "1.00", "one yuan"),
        ("amount", "0.05", "five fen"),
        ("amount", "0", "zero yuan"),
        ("amount", "-12.30", "minus twelve yuan and thirty fen"),
        ("amount", "-0.00", "zero yuan"),
        ("count", "1 month", "one month"),
        ("count", "2 month", "two months"),
        ("count", "0 record", "zero records"),
        ("count", "1 person", "one person"),
        ("count", "20 person", "twenty people"),
        ("count", "2 time", "two times"),
        ("count", "5 working-day", "five working days"),
        ("count", "1 working_day", "one working day"),
        ("count", "30 second", "thirty seconds"),
        ("count", "15 minute", "fifteen minutes"),
        ("count", "2 hour", "two hours"),
        ("count", "7 day", "seven days"),
        ("count", "1 year", "one year"),
        ("months", "5", "five months"),
        ("months", "12", "one year"),
        ("months", "24", "two years"),
        ("months", "27", "two years and three months"),
        ("duration", "45", "forty-five seconds"),
        ("duration", "62", "one minute and two seconds"),
        ("duration", "120", "two minutes"),
        ("duration", "3600", "one hour"),
        ("duration", "7325", "two hours and two minutes"),
        ("ordinal", "2", "number two"),
        ("decimal", "2.50", "two point five"),
        ("decimal", "-0.2", "minus zero point two"),
        ("percent", "0.5%", "zero point five percent"),
        ("percent", "10.5%", "ten point five percent"),
        ("percent", "100%", "one hundred percent"),
        ("percent", "-2.5%", "minus two point five percent"),
        ("year", "2026", "twenty twenty-six"),
        ("year", "2000", "two thousand"),
        ("year", "2009", "two thousand nine"),
        ("year", "2010", "twenty ten"),
        ("year", "1905", "nineteen oh five"),
        ("year", "1900", "nineteen hundred"),
        ("year", "1949", "nineteen forty-nine"),
        ("year", "2100", "twenty-one hundred"),
        ("year-month", "2026-03", "March twenty twenty-six"),
        ("date", "2026-03-31", "March thirty-first, twenty twenty-six"),
        ("date", "2011-11-11", "November eleventh, twenty eleven"),
        ("date", "2000-02-29", "February twenty-ninth, two thousand"),
        ("month-day", "12-22", "December twenty-second"),
        ("month-day", "01-20", "January twentieth"),
        ("month-day", "06-30", "June thirtieth"),
        ("month-day", "05-12", "May twelfth"),
        ("period", "2026-03..2026-03", "March twenty twenty-six"),
        ("period", "2026-01..2026-03", "January to March twenty twenty-six"),
        ("period", "2025-11..2026-02", "November twenty twenty-five to February twenty twenty-six"),
        ("periods", "2025-01", "January twenty twenty-five"),
        ("periods", "2025-01,2025-05", "January twenty twenty-five and May twenty twenty-five"),
        (
            "periods",
            "2025-01..2025-03,2025-05,2025-07",
            concat!("January to March twenty twenty-five, ", "May twenty twenty-five and July twenty twenty-five"),
        ),
        ("clock", "00:00", "midnight"),
        ("clock", "00:30", "twelve thirty a.m."),
        ("clock", "09:00", "nine a.m."),
        ("clock", "09:05", "nine oh five a.m."),
        ("clock", "12:00", "twelve noon"),
        ("clock", "12:22", "twelve twenty-two p.m."),
        ("clock", "14:30", "two thirty p.m."),
        ("digits", "0042", "zero zero four two"),
        ("digits", "1*#", "one star pound"),
        ("employee-no", "0112", "zero one one two"),
        ("phone", "021-12333", "zero two one, one two three three three"),
        ("phone", "12012345678", "one two zero, one two three four, five six seven eight"),
        ("hotline", "12345", "one two three four five"),
        ("ticket", "20260331-0042", "two zero two six zero three three one, zero zero four two"),
        (
            "id",
            "11010519491231002X",
            concat!("one one zero one zero five, one nine four nine, ", "one two three one, zero zero two X"),
        ),
        ("menu_key", "1", "one"),
        ("menu_key", "*", "star"),
        ("menu-key", "#", "pound"),
        ("masked", "310***********0015", "ending zero zero one five"),
        ("masked", "000***********037X", "ending zero three seven X"),
    ];

    #[test]
    fn english_is_said_as_the_reference_says() {
        for (kind, value, said) in TABLE {
            assert_eq!(read_text(&Language::from("en"), kind, value).as_deref(), Ok(*said), "{kind} {value}");
        }
    }

    #[test]
    fn the_table_has_every_kind() {
        for kind in kinds() {
            assert!(TABLE.iter().any(|(of, ..)| of.replace('_', "-") == kind), "{kind}");
        }
    }
}
