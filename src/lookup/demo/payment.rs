//! Payments of a demo person: regular ones first, then what their story changes.

use std::sync::Arc;

use super::super::records::{Employer, Insurance, Payment, PaymentKind, PaymentStatus};
use super::story::{PaymentStory, Story, Wage};
use super::{SHORT_RECORDS_FROM, draw_signed, money, names};
use crate::call::YearMonth;

/// How many people work for one employer.
const STAFF: u32 = 25;

/// The newest month on record.
pub(super) fn last_month() -> YearMonth {
    month(2026, 3)
}

fn month(year: i16, month: i8) -> YearMonth {
    YearMonth::new(year, month).expect("a month of the demo is a month")
}

pub(super) fn of(k: u32, person_no: &Arc<str>, story: &Story) -> (Vec<Payment>, Vec<Employer>) {
    let number = k / STAFF;
    let first = if k >= SHORT_RECORDS_FROM { month(2025, 4) } else { month(2024, 4) };
    let (from, to) = match story.payments {
        PaymentStory::JustJoined => (month(2025, 9), last_month()),
        PaymentStory::Paused => (first, month(2025, 4)),
        PaymentStory::LastMissing => (first, last_month().plus(-1)),
        PaymentStory::NeverSince => return (Vec::new(), Vec::new()),
        PaymentStory::Retired => (first, last_paid_before_retiring(k)),
        PaymentStory::Regular
        | PaymentStory::TwoEmployers
        | PaymentStory::BackPaid
        | PaymentStory::Arrears
        | PaymentStory::ManyArrears
        | PaymentStory::LastProcessing
        | PaymentStory::Refunded
        | PaymentStory::Deferred
        | PaymentStory::Gap => (first, last_month()),
    };
    let mut maker = Maker { k, person_no, story, payments: Vec::with_capacity(100), employers: Vec::new() };
    let employer = maker.employer(number);
    match story.payments {
        PaymentStory::TwoEmployers => {
            let change = month(2026, 2);
            let second = maker.employer(number + 1);
            maker.regular(&employer, number, from, change);
            maker.regular(&second, number + 1, change, to);
        }
        PaymentStory::Regular
        | PaymentStory::BackPaid
        | PaymentStory::Arrears
        | PaymentStory::ManyArrears
        | PaymentStory::LastMissing
        | PaymentStory::LastProcessing
        | PaymentStory::Refunded
        | PaymentStory::Deferred
        | PaymentStory::Gap
        | PaymentStory::Paused
        | PaymentStory::JustJoined
        | PaymentStory::Retired
        | PaymentStory::NeverSince => maker.regular(&employer, number, from, to),
    }
    maker.change();
    // In the order of the table's key: rows that come in order are written fastest.
    maker.payments.sort_by(|a, b| {
        let key = |row: &Payment| (row.for_period, row.insurance.name(), row.kind.name());
        key(a).cmp(&key(b))
    });
    (maker.payments, maker.employers)
}

fn last_paid_before_retiring(k: u32) -> YearMonth {
    super::retirement(&super::id_number(k)).plus(-1)
}

struct Maker<'a> {
    k: u32,
    person_no: &'a Arc<str>,
    story: &'a Story,
    payments: Vec<Payment>,
    employers: Vec<Employer>,
}

impl Maker<'_> {
    fn employer(&mut self, number: u32) -> Arc<str> {
        let employer_no: Arc<str> = format!("e{number:05}").into();
        self.employers.push(Employer { employer_no: Arc::clone(&employer_no), employer_name: names::employer(number) });
        employer_no
    }

    /// All four insurances, paid in their own month.
    fn regular(&mut self, employer_no: &Arc<str>, number: u32, from: YearMonth, to: YearMonth) {
        for at in 0..=to.months_since(from) {
            let for_period = from.plus(at);
            let base = self.base(for_period);
            for insurance in Insurance::ALL {
                let (employer_rate, personal_rate) = money::rates(*insurance, number, for_period);
                self.payments.push(Payment {
                    person_no: Arc::clone(self.person_no),
                    for_period,
                    insurance: *insurance,
                    employer_no: Arc::clone(employer_no),
                    kind: PaymentKind::Normal,
                    base,
                    employer_amount: money::share(base, employer_rate),
                    personal: money::share(base, personal_rate),
                    status: PaymentStatus::Paid,
                    settled_period: Some(for_period),
                });
            }
        }
    }

    /// The wage within the limits of the month; it grows each July.
    fn base(&self, for_period: YearMonth) -> i64 {
        let year = i64::from(money::base_year(for_period));
        let yuan = match self.story.wage {
            Wage::Example => match year {
                2025.. => 12_000,
                2024 => 11_400,
                _ => 11_000,
            },
            Wage::Usual => (8_000 + draw_signed(self.k, 30, 20_000)) * (100 + 4 * (year - 2023)) / 100,
            Wage::High => 60_000,
            Wage::Low => 3_000,
        };
        let (lower, upper) = money::limits(for_period);
        (yuan * 100).clamp(lower, upper)
    }

    fn change(&mut self) {
        match self.story.payments {
            PaymentStory::BackPaid => self.each(month(2025, 11), month(2026, 1), |row| {
                row.kind = PaymentKind::BackPaid;
                row.status = PaymentStatus::BackPaid;
                row.settled_period = Some(month(2026, 3));
            }),
            PaymentStory::Arrears => self.each(month(2025, 11), month(2026, 2), owe),
            PaymentStory::ManyArrears => self.each(month(2024, 12), month(2026, 1), owe),
            PaymentStory::LastProcessing => self.each(last_month(), last_month(), |row| {
                row.status = PaymentStatus::Processing;
                row.settled_period = None;
            }),
            PaymentStory::Deferred => self.each(month(2025, 12), month(2026, 1), |row| {
                row.status = PaymentStatus::Deferred;
                row.settled_period = None;
            }),
            PaymentStory::Refunded => {
                let refunded = month(2026, 2);
                let refunds = self.payments.iter().filter(|row| row.for_period == refunded).map(|row| Payment {
                    kind: PaymentKind::Refund,
                    status: PaymentStatus::Refunded,
                    settled_period: Some(last_month()),
                    ..row.clone()
                });
                let refunds: Vec<Payment> = refunds.collect();
                self.payments.extend(refunds);
            }
            PaymentStory::Gap => {
                self.payments.retain(|row| !(month(2025, 8)..=month(2025, 10)).contains(&row.for_period));
                self.each(month(2025, 11), month(2025, 11), |row| {
                    row.base = 0;
                    row.employer_amount = 0;
                    row.personal = 0;
                    row.status = PaymentStatus::NotInsured;
                    row.settled_period = None;
                });
            }
            PaymentStory::Regular
            | PaymentStory::TwoEmployers
            | PaymentStory::LastMissing
            | PaymentStory::Paused
            | PaymentStory::JustJoined
            | PaymentStory::Retired
            | PaymentStory::NeverSince => {}
        }
    }

    fn each(&mut self, from: YearMonth, to: YearMonth, change: impl Fn(&mut Payment)) {
        self.payments.iter_mut().filter(|row| (from..=to).contains(&row.for_period)).for_each(change);
    }
}

fn owe(row: &mut Payment) {
    row.status = PaymentStatus::Arrears;
    row.settled_period = None;
}
