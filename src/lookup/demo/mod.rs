//! Demo people: made from their number alone, so that person `k` is the same on every machine and whatever their count.
//!
//! None of them can be a real person: their identity numbers begin with `0001`, which is issued nowhere. Their PINs are
//! public. Everything that a caller can meet is among the first [`SHOWCASE`]; the others are as most people are. Making
//! them is pure; [`fill`] writes them.
#![allow(
    clippy::inconsistent_digit_grouping,
    clippy::mistyped_literal_suffixes,
    reason = "1_023_05 is 1,023.05 yuan in fen"
)]

mod account;
mod fill;
mod money;
mod names;
mod payment;
mod story;

use std::sync::Arc;

use jiff::civil::{Date, date};

use super::Error;
use super::pin::{Known, is_weak};
use super::records::{
    Account, Costs, Credit, DocType, Employer, Filing, FilingState, Insurance, Member, Payment, Place, RemoteFiling,
    Rights,
};
use crate::call::{IdNumber, Keys, Secret, YearMonth};
use story::{PaymentStory, PinStory, Story};

pub use fill::{Filled, fill};

/// The first people, among whom everything that a caller can meet is met.
pub const SHOWCASE: u32 = 50;

/// From this person on there are records of twelve months, not of two years: a million people are for measuring.
const SHORT_RECORDS_FROM: u32 = 100_000;

/// The day to which accounts are told.
const AS_OF: Date = date(2026, 3, 31);
/// The day of the rights record: the end of the last whole year.
const RIGHTS_AS_OF: Date = date(2025, 12, 31);

/// A PIN of a demo person. It is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPin {
    pub digits: String,
    pub initial: bool,
}

/// A demo person with all that is on record.
#[derive(Clone)]
pub struct Person {
    pub member: Member,
    /// `None` for somebody who has not set one up.
    pub pin: Option<DemoPin>,
    pub employers: Vec<Employer>,
    pub payments: Vec<Payment>,
    pub account: Option<Account>,
    pub costs: Option<Costs>,
    pub credit: Option<Credit>,
    pub rights: Option<Rights>,
    pub filing: Option<RemoteFiling>,
    /// What is unusual about this person, in words.
    pub state: Vec<&'static str>,
}

/// The first `count` people.
pub fn people(count: u32) -> impl Iterator<Item = Person> {
    (0..count).map(Person::nth)
}

impl Person {
    /// Person `k`, from 0.
    #[must_use]
    pub fn nth(k: u32) -> Self {
        let id = id_number(k);
        let retires = retirement(&id);
        let story = story::of(k, retires);
        let person_no: Arc<str> = person_no(k).into();
        let (payments, employers) = payment::of(k, &person_no, &story);
        let medical = account::of(k, &person_no, &story, retires, &payments);
        let first_joined = first_joined(k, &id);
        let rights =
            (story.payments != PaymentStory::NeverSince).then(|| rights(&person_no, first_joined, retires, &payments));
        let card_no = card_no(k, &story);
        let pin = pin(k, &story, &id, &card_no);
        let member = Member {
            person_no: Arc::clone(&person_no),
            name: names::name(k),
            doc_type: match k {
                43 => DocType::HmtPermit,
                44 => DocType::ForeignPr,
                _ => DocType::Citizen,
            },
            card_no: (k != 45).then_some(card_no),
            phone: (k != 46)
                .then(|| if k == 0 { "12012345678".to_owned() } else { format!("120{:08}", k % 100_000_000) }),
            status: story.status,
            first_joined: Some(first_joined),
            id,
        };
        Self {
            member,
            pin,
            employers,
            payments,
            account: medical.as_ref().map(|medical| medical.account.clone()),
            costs: medical.as_ref().map(|medical| medical.costs.clone()),
            credit: medical.and_then(|medical| medical.credit),
            rights,
            filing: filing(&person_no, &story),
            state: story.state,
        }
    }

    /// The newest month on record and the member's own share of each insurance in it, in fen, all rows together.
    #[must_use]
    pub fn last_month(&self) -> Option<(YearMonth, Vec<(Insurance, i64)>)> {
        let newest = self.payments.iter().map(|payment| payment.for_period).max()?;
        let of = |insurance| {
            let rows = self.payments.iter().filter(|row| row.for_period == newest && row.insurance == insurance);
            (insurance, rows.map(|row| row.personal).sum())
        };
        Some((newest, Insurance::ALL.iter().copied().map(of).collect()))
    }
}

/// The number of person `k` in the tables; in the order of `k`.
fn person_no(k: u32) -> String {
    format!("d{k:07}")
}

/// A number below `below`, always the same for the same person and purpose.
fn draw(k: u32, purpose: u64, below: u64) -> u64 {
    // SplitMix64 (source: <https://prng.di.unimi.it/splitmix64.c>).
    let mut bits = (u64::from(k) << 8 | purpose).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ bits >> 31) % below
}

/// As [`draw`], for amounts and counts.
fn draw_signed(k: u32, purpose: u64, below: u64) -> i64 {
    i64::try_from(draw(k, purpose, below)).unwrap_or(0)
}

/// The first six are those of the domain reference. The rest of the showcase shares their area; everybody else has an
/// area and a sequence of their own, with another birthday once these are used up.
fn id_number(k: u32) -> IdNumber {
    const REFERENCE: [&str; 6] = [
        "00010119850312123",
        "00010119881020037",
        "00010119920229044",
        "00010120011105008",
        "00010119700101001",
        "00010119600708026",
    ];
    const AREAS: u32 = 98;
    const SEQUENCES: u32 = 1000;
    let body = match REFERENCE.get(usize::try_from(k).unwrap_or(usize::MAX)) {
        Some(body) => (*body).to_owned(),
        None if k < SHOWCASE => {
            let birth = day_after(date(1972, 1, 1), draw(k, 1, 26 * 365));
            format!("000101{}{:03}", birth.strftime("%Y%m%d"), 500 + k)
        }
        None => {
            let (place, round) = (k % (AREAS * SEQUENCES), k / (AREAS * SEQUENCES));
            let days = (draw(place, 1, 60 * 365) + u64::from(round) * 7919) % (60 * 365);
            let birth = day_after(date(1946, 1, 1), days);
            format!("0001{:02}{}{:03}", 2 + place / SEQUENCES, birth.strftime("%Y%m%d"), place % SEQUENCES)
        }
    };
    IdNumber::from_body(&body).expect("a body of demo digits has a real date in it")
}

fn day_after(first: Date, days: u64) -> Date {
    let days = i64::try_from(days).unwrap_or(0);
    first.saturating_add(jiff::Span::new().days(days))
}

/// The month in which somebody retires: at 60, women at 55.
fn retirement(id: &IdNumber) -> YearMonth {
    let age = match id.as_str().as_bytes().get(16) {
        Some(digit) if digit % 2 == 1 => 60,
        Some(_) | None => 55,
    };
    YearMonth::from(id.birth()).plus(age * 12)
}

fn first_joined(k: u32, id: &IdNumber) -> Date {
    let age = 20 + i16::try_from(draw(k, 2, 5)).unwrap_or(0);
    let year = (id.birth().year() + age).clamp(1993, 2023);
    Date::new(year, 1 + i8::try_from(draw(k, 3, 12)).unwrap_or(0), 1).expect("the first of a month is a date")
}

/// A letter and eight digits. Some people in the showcase have the same digits, behind another letter.
fn card_no(k: u32, story: &Story) -> String {
    let letter = char::from(b'A' + u8::try_from(k % 26).unwrap_or(0));
    match (k, story.shares_card_digits) {
        (0, _) => "A00012211".to_owned(),
        (_, true) => format!("{letter}70300020"),
        (_, false) => format!("{letter}{:08}", 10_000_000 + u64::from(k) * 37 % 60_000_000),
    }
}

fn pin(k: u32, story: &Story, id: &IdNumber, card_no: &str) -> Option<DemoPin> {
    let initial = match story.pin {
        PinStory::Set => false,
        PinStory::Initial => true,
        PinStory::NotSetUp => return None,
    };
    let known = Known { id, card_no: Some(card_no), caller: None };
    let digits = if k == 0 {
        "204816".to_owned()
    } else {
        let tries = (100..200).map(|purpose| format!("{:06}", draw(k, purpose, 1_000_000)));
        let strong = |pin: &String| Keys::parse(pin).is_ok_and(|keys| !is_weak(&Secret::from_keys(&keys), known));
        tries.into_iter().find(strong).expect("one of a hundred PINs is strong")
    };
    Some(DemoPin { digits, initial })
}

/// Months before the records that are kept here, and those in them up to the record's day.
fn rights(person_no: &Arc<str>, first_joined: Date, retires: YearMonth, payments: &[Payment]) -> Rights {
    let last = YearMonth::from(RIGHTS_AS_OF);
    let records_begin = payments.iter().map(|payment| payment.for_period).min().unwrap_or(last.plus(1)).min(retires);
    let before = i64::from(records_begin.months_since(first_joined.into()).max(0));
    let months = |insurance| {
        let mut months: Vec<YearMonth> = payments
            .iter()
            .filter(|row| row.insurance == insurance && row.status.has_come() && row.for_period <= last)
            .map(|row| row.for_period)
            .collect();
        months.dedup();
        months
    };
    let total = |insurance| before + i64::try_from(months(insurance).len()).unwrap_or(0);
    let pension = months(Insurance::Pension);
    let year_months = pension.iter().filter(|month| month.year() == last.year()).count();
    let paid_in: i64 = payments
        .iter()
        .filter(|row| row.insurance == Insurance::Pension && row.status.has_come() && row.for_period <= last)
        .map(|row| row.personal)
        .sum();
    // 300 yuan a month in the years before, which is what a clerk's eight per cent came to.
    let saved = before * 300_00 + paid_in;
    Rights {
        person_no: Arc::clone(person_no),
        as_of: RIGHTS_AS_OF,
        pension_months: total(Insurance::Pension),
        medical_months: total(Insurance::Medical),
        unemployment_months: total(Insurance::Unemployment),
        injury_months: total(Insurance::Injury),
        pension_account: saved,
        year_months: i64::try_from(year_months).unwrap_or(0),
        interest: money::share(saved, 150),
    }
}

fn filing(person_no: &Arc<str>, story: &Story) -> Option<RemoteFiling> {
    let (filing, state, place) = story.filing?;
    let lasting = match filing {
        Filing::Resettled | Filing::Resident | Filing::Posted => true,
        Filing::Referral | Filing::Emergency | Filing::Temporary => false,
    };
    let (valid_from, valid_until) = match state {
        FilingState::Active if lasting => (Some(date(2025, 9, 1)), None),
        FilingState::Active => (Some(date(2026, 3, 1)), Some(date(2030, 12, 31))),
        FilingState::Expired => (Some(date(2025, 3, 1)), Some(date(2025, 8, 31))),
        FilingState::Pending | FilingState::Rejected | FilingState::Cancelled => (None, None),
    };
    Some(RemoteFiling {
        person_no: Arc::clone(person_no),
        filed_on: valid_from.unwrap_or(date(2026, 3, 20)),
        place,
        filing,
        state,
        valid_from,
        valid_until,
    })
}

/// What a filing is, how it stands, and where.
type FilingStory = (Filing, FilingState, Place);

#[cfg(test)]
mod tests;
