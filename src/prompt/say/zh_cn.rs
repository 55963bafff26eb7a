//! Mandarin as it is spoken on the mainland. Rules by their letters are those of the domain reference, section 4.1.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use super::figure::Decimal;
use super::{Figure, Pace, Press, Tongue};
use crate::call::{Period, YearMonth};
use crate::prompt::Unit;

pub(super) static TONGUE: Tongue = Tongue {
    tag: "zh-CN",
    say,
    pieces,
    spaced: false,
    instead_of_digits: "write 一 for a key or a quantity, 幺 in a number that is dialled, or use a placeholder",
    press: Press { word: "按", or: "或", no_key: &["下", "次", "遍", "个", "十"] },
    // 4.4 syllables a second, measured on the voices that prompts are made with; foreign words as in English.
    pace: Pace { character: Duration::from_millis(227), word: Duration::from_millis(385) },
};

/// Hotlines that are read by the name that people know them by (rule H).
const NAMED_HOTLINES: &[(&str, &str)] = &[("12345", "一二三四五")];

/// The first day of a year that has every day.
const LEAP_YEAR: Date = Date::constant(2000, 1, 1);

fn say(figure: &Figure) -> String {
    match figure {
        Figure::Amount { negative, fen } => signed(*negative, amount(*fen)),
        Figure::Integer { negative, size } => signed(*negative, head(number(*size))),
        Figure::Count(size, unit) => measured(*size, measure_word(*unit)),
        Figure::Months(months) => months_as_years(*months),
        Figure::Duration(seconds) => duration(*seconds),
        Figure::Ordinal(size) => format!("第{}", number(*size)),
        Figure::Decimal(decimal) => signed(decimal.negative, unsigned(decimal)),
        Figure::Percent(decimal) => signed(decimal.negative, percent(decimal)),
        Figure::Year(year) => year_said(*year),
        Figure::YearMonth(month) => year_month(*month),
        Figure::Date(date) => format!("{}{}", year_said(date.year()), month_day(*date)),
        Figure::MonthDay(date) => month_day(*date),
        Figure::Periods(periods) => periods.iter().copied().map(period).collect::<Vec<_>>().join("、"),
        Figure::Clock(time) => clock(*time),
        Figure::Digits(groups) => groups.iter().map(|group| one_by_one(group)).collect::<Vec<_>>().join("，"),
        Figure::Phone(groups) => groups.iter().map(|group| hotline(group)).collect::<Vec<_>>().join("，"),
        Figure::MenuKey(key) => menu_key(*key).to_owned(),
        Figure::Masked(open) => format!("尾号{}", one_by_one(open)),
    }
}

fn digit(digit: u64) -> &'static str {
    match digit {
        0 => "零",
        1 => "一",
        2 => "二",
        3 => "三",
        4 => "四",
        5 => "五",
        6 => "六",
        7 => "七",
        8 => "八",
        _ => "九",
    }
}

/// A number with every 2 as 二 (rules N1 to N4).
fn number(size: u64) -> String {
    let mut said = String::new();
    let mut skipped = false;
    for (group, unit) in [(size / 100_000_000, "亿"), (size / 10_000 % 10_000, "万"), (size % 10_000, "")] {
        if group == 0 {
            skipped = !said.is_empty();
            continue;
        }
        if !said.is_empty() && (group < 1000 || skipped) {
            said.push('零');
        }
        add_group(&mut said, group);
        said.push_str(unit);
        skipped = false;
    }
    if said.is_empty() { digit(0).to_owned() } else { said }
}

/// Four digits. Only at the very beginning does ten drop its 一 (rule N4).
fn add_group(said: &mut String, group: u64) {
    let mut zero = false;
    let mut begun = false;
    for (place, unit) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let here = group / place % 10;
        if here == 0 {
            zero = begun;
            continue;
        }
        if zero {
            said.push('零');
        }
        if !(place == 10 && here == 1 && said.is_empty()) {
            said.push_str(digit(here));
        }
        said.push_str(unit);
        zero = false;
        begun = true;
    }
}

/// 两 for a 2 that begins a reading before 百, 千, 万 or 亿 (rule N5).
fn head(said: String) -> String {
    match said.strip_prefix('二') {
        Some(rest) if rest.starts_with(['百', '千', '万', '亿']) => format!("两{rest}"),
        _ => said,
    }
}

/// A number before a measure word: 两 if it is 2 altogether, too.
fn measured(size: u64, measure: &str) -> String {
    if size == 2 { format!("两{measure}") } else { format!("{}{measure}", head(number(size))) }
}

fn signed(negative: bool, said: String) -> String {
    if negative { format!("负{said}") } else { said }
}

/// Rules A1 to A5.
fn amount(fen: u64) -> String {
    let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut said = String::new();
    if yuan > 0 || (jiao == 0 && fen == 0) {
        said.push_str(&measured(yuan, "元"));
    }
    if jiao > 0 {
        said.push_str(&small_money(&said, jiao, "角"));
    } else if fen > 0 && yuan > 0 {
        said.push('零');
    }
    if fen > 0 {
        said.push_str(&small_money(&said, fen, "分"));
    }
    said
}

/// Jiao and fen are 两 only where the reading begins with them.
fn small_money(before: &str, size: u64, unit: &str) -> String {
    if before.is_empty() { measured(size, unit) } else { format!("{}{unit}", digit(size)) }
}

fn measure_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Second => "秒",
        Unit::Minute => "分钟",
        Unit::Hour => "小时",
        Unit::Day => "天",
        Unit::WorkingDay => "个工作日",
        Unit::Month => "个月",
        Unit::Year => "年",
        Unit::Person => "位",
        Unit::Record => "条",
        Unit::Time => "次",
    }
}

/// Rule M.
fn months_as_years(months: u64) -> String {
    match (months / 12, months % 12) {
        (0, months) => measured(months, "个月"),
        (years, 0) => measured(years, "年"),
        (years, months) => format!("{}零{}", measured(years, "年"), measured(months, "个月")),
    }
}

/// Rule T. From an hour on, seconds are left out.
fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, seconds) => measured(seconds, "秒"),
        (0, minutes, 0) => measured(minutes, "分钟"),
        (0, minutes, seconds) => format!("{}{}秒", measured(minutes, "分"), second_part(seconds)),
        (hours, 0, _) => measured(hours, "小时"),
        (hours, minutes, _) => format!("{}{}分钟", measured(hours, "小时"), second_part(minutes)),
    }
}

/// Minutes after hours, seconds after minutes: a single digit takes 零.
fn second_part(size: u64) -> String {
    if size < 10 { format!("零{}", digit(size)) } else { number(size) }
}

/// Rule F: no 两.
fn unsigned(decimal: &Decimal) -> String {
    let mut said = number(decimal.whole);
    if !decimal.fraction.is_empty() {
        said.push('点');
        said.extend(decimal.fraction.chars().map(|c| digit(c.to_digit(10).unwrap_or(0).into())));
    }
    said
}

/// Rule P.
fn percent(decimal: &Decimal) -> String {
    if decimal.whole == 100 && decimal.fraction.is_empty() {
        "百分之百".to_owned()
    } else {
        format!("百分之{}", unsigned(decimal))
    }
}

/// A year, digit by digit, never 幺 (rule D).
fn year_said(year: i16) -> String {
    let year = u64::from(year.unsigned_abs());
    [1000, 100, 10, 1].map(|place| digit(year / place % 10)).concat() + "年"
}

fn year_month(month: YearMonth) -> String {
    format!("{}{}", year_said(month.year()), month_said(month.month()))
}

fn month_said(month: i8) -> String {
    format!("{}月", number(month.unsigned_abs().into()))
}

fn month_day(date: Date) -> String {
    format!("{}{}日", month_said(date.month()), number(date.day().unsigned_abs().into()))
}

fn period(Period { from, to }: Period) -> String {
    if from == to {
        year_month(from)
    } else if from.year() == to.year() {
        format!("{}至{}", year_month(from), month_said(to.month()))
    } else {
        format!("{}至{}", year_month(from), year_month(to))
    }
}

/// Rule K.
fn clock(time: Time) -> String {
    let part_of_day = match time.hour() {
        ..=5 => "凌晨",
        6..=11 => "上午",
        12 => "中午",
        13..=17 => "下午",
        18.. => "晚上",
    };
    let hour = u64::from(time.hour().unsigned_abs());
    let hour = measured(if hour > 12 { hour - 12 } else { hour }, "点");
    match time.minute().unsigned_abs() {
        0 => format!("{part_of_day}{hour}"),
        minute => format!("{part_of_day}{hour}{}分", second_part(minute.into())),
    }
}

/// Characters of a string that identifies; 1 is 幺 (rule S).
fn one_by_one(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '1' => "幺",
            'X' | 'x' => "艾克斯",
            '*' => "星号",
            '#' => "井号",
            other => digit(other.to_digit(10).unwrap_or(0).into()),
        })
        .collect()
}

fn hotline(text: &str) -> String {
    let named = NAMED_HOTLINES.iter().find(|(hotline, _)| *hotline == text);
    named.map_or_else(|| one_by_one(text), |(_, said)| (*said).to_owned())
}

/// What figures are put together of. Money to 99,999,999.99 yuan and whatever else the line says comes out in few
/// pieces of two syllables or more, because lone syllables have the wrong tone beside others; what is rare may have one.
fn pieces() -> Vec<String> {
    let digits = || (1..=9).map(digit);
    let tens = || (2..=9).map(|ten| number(ten * 10));
    let small = |measure: &'static str| (0..=99).map(move |size| measured(size, measure));
    // Ten is 一十 there.
    let behind_hundreds = || (10..=19).map(|size| format!("一{}", number(size)));
    let leading = |unit: &'static str| digits().chain(["两"]).map(move |digit| format!("{digit}{unit}"));
    let mut pieces: Vec<String> =
        ["零", "负", "元", "至", "点", "第", "万元", "尾号", "百分之", "百分之百", "二万"].map(str::to_owned).into();
    // Money.
    pieces.extend(small("元").chain(behind_hundreds().map(|teen| teen + "元")));
    pieces.extend(["百", "百元", "千", "千元", "千零", "百万", "千万", "角", "分"].into_iter().flat_map(leading));
    for digit in digits() {
        let with_zero = ["", "元", "分", "百", "百元", "万", "十", "十元", "秒", "分钟"];
        pieces.extend(with_zero.map(|unit| format!("零{digit}{unit}")));
    }
    pieces.extend((1..=99).map(|size| measured(size, "万")).chain(behind_hundreds().map(|teen| teen + "万")));
    pieces.extend(digits().map(|digit| format!("{digit}万元")).chain(["两万元", "十万元"].map(str::to_owned)));
    // Numbers, and the end of a decimal.
    pieces.extend((0..=99).map(number).chain(behind_hundreds()));
    pieces.extend((0..=9).map(|size| format!("点{}", digit(size))));
    pieces.extend((1..=99).chain((100..=900).step_by(100)).map(|size| format!("第{}", number(size))));
    // Counts: whole with a measure word of one syllable up to twenty, then the last digit with it.
    for measure in ["秒", "天", "年", "位", "条", "次", "分"] {
        pieces.extend((0..=19).map(|size| measured(size, measure)).chain(tens().map(|ten| ten + measure)));
        pieces.push(measure.to_owned());
    }
    for measure in ["个月", "分钟", "小时", "个工作日"] {
        pieces.extend((0..=12).map(|size| measured(size, measure)));
        pieces.push(measure.to_owned());
    }
    pieces.extend((1..=11).map(|size| format!("零{}", measured(size, "个月"))));
    // Dates.
    pieces.extend((2015..=2035).map(year_said).chain(["一九", "二零", "二一"].map(str::to_owned)));
    pieces.extend((0..=99).map(|of_century| format!("{}{}年", digit(of_century / 10), digit(of_century % 10))));
    pieces.extend((1..=12).flat_map(|month| [month_said(month), format!("至{}", month_said(month))]));
    // Whole: 四日 behind a month, put together of two clips, is not understood.
    pieces.extend(LEAP_YEAR.series(1.day()).take(366).map(month_day));
    pieces.extend((0..24).map(|hour| clock(Time::constant(hour, 0, 0, 0))));
    // Strings of digits, in pairs.
    for first in "0123456789".chars() {
        pieces.push(one_by_one(&first.to_string()));
        pieces.extend("0123456789".chars().map(|second| one_by_one(&format!("{first}{second}"))));
    }
    pieces.extend(['X', '*', '#'].map(|key| one_by_one(&key.to_string())));
    pieces.extend(['*', '#'].map(|key| menu_key(key).to_owned()));
    pieces.extend(NAMED_HOTLINES.iter().map(|(_, said)| (*said).to_owned()));
    pieces
}

/// The words on the keypad: 一, not 幺; 二, not 两.
fn menu_key(key: char) -> &'static str {
    match key {
        '*' => "星号键",
        '#' => "井号键",
        other => digit(other.to_digit(10).unwrap_or(0).into()),
    }
}
