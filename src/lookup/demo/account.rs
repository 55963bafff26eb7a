//! The medical account of a demo person (source: domain reference 2.4): credited on 1 July from the year before, then
//! drawn by outpatient costs, stage by stage.

use std::sync::Arc;

use jiff::civil::date;

use super::super::records::{Account, AccountState, Costs, Credit, Insurance, Payment, medical_year};
use super::story::{AccountStory, PaymentStory, Story};
use super::{AS_OF, draw_signed};
use crate::call::YearMonth;

/// Self-pay standard of people in work, of retired ones, and of those who retired by the end of 2000.
const STANDARD: i64 = 500_00;
const STANDARD_RETIRED: i64 = 300_00;
const STANDARD_RETIRED_EARLY: i64 = 700_00;
/// What a retired person's account is credited each July.
const CREDIT_RETIRED: i64 = 1_680_00;
/// What the fund pays of costs beyond the standard, in hundredths of a per cent.
const FUND_SHARE: i64 = 7_000;

pub(super) struct Medical {
    pub(super) account: Account,
    pub(super) costs: Costs,
    /// `None` if nothing was paid in the year before.
    pub(super) credit: Option<Credit>,
}

pub(super) fn of(
    k: u32,
    person_no: &Arc<str>,
    story: &Story,
    retires: YearMonth,
    payments: &[Payment],
) -> Option<Medical> {
    if story.account == AccountStory::NoAccount {
        return None;
    }
    let credited_on = date(2025, 7, 1);
    let pensioner = story.payments == PaymentStory::Retired && retires <= YearMonth::from(credited_on);
    let credited = if pensioner { CREDIT_RETIRED } else { paid_in_the_year_before(payments) };
    let standard = match (pensioner, retires.year()) {
        (true, ..=2000) => STANDARD_RETIRED_EARLY,
        (true, _) => STANDARD_RETIRED,
        (false, _) => STANDARD,
    };
    let percent = 10 + draw_signed(k, 40, 80);
    let saved = if k == 0 { 10_000_50 } else { draw_signed(k, 41, 12_000_00) };
    // What was left, what the account paid, what of the self-pay amount was used, and what the fund and cash paid.
    let (current, previous, drawn, used, fund, cash) = match story.account {
        AccountStory::AccountStage
        | AccountStory::Sealed
        | AccountStory::Frozen
        | AccountStory::Closed
        | AccountStory::NoAccount => {
            let current = if k == 0 { 1_023_05 } else { credited * percent / 100 };
            (current, saved, credited - current, 0, 0, 0)
        }
        AccountStory::Empty => (0, 0, credited, 0, 0, 0),
        AccountStory::SelfPayStage => {
            let used = standard * percent / 100;
            let from_savings = (used / 2).min(saved);
            (0, saved - from_savings, credited + from_savings, used, 0, used - from_savings)
        }
        AccountStory::CoPayStage => {
            let from_savings = (standard / 2).min(saved);
            let beyond = 100_00 + draw_signed(k, 42, 8_000_00);
            let fund = super::money::share(beyond, FUND_SHARE);
            (0, saved - from_savings, credited + from_savings, standard, fund, standard - from_savings + beyond - fund)
        }
    };
    let state = match story.account {
        AccountStory::Sealed => AccountState::Sealed,
        AccountStory::Frozen => AccountState::Frozen,
        AccountStory::Closed => AccountState::Closed,
        AccountStory::AccountStage
        | AccountStory::SelfPayStage
        | AccountStory::CoPayStage
        | AccountStory::Empty
        | AccountStory::NoAccount => AccountState::Normal,
    };
    let person_no = || Arc::clone(person_no);
    Some(Medical {
        account: Account {
            person_no: person_no(),
            state,
            as_of: AS_OF,
            current,
            previous,
            self_pay_standard: standard,
            self_pay_used: used,
        },
        costs: Costs { person_no: person_no(), medical_year: medical_year(AS_OF), fund, account: drawn, cash },
        credit: (credited > 0).then(|| Credit { person_no: person_no(), credited_on, amount: credited }),
    })
}

/// The member's own two per cent of the months from July to June before the credit, as far as they have come.
pub(super) fn paid_in_the_year_before(payments: &[Payment]) -> i64 {
    let of_year = |row: &&Payment| medical_year_of(row.for_period) == 2024;
    let rows = payments.iter().filter(|row| row.insurance == Insurance::Medical && row.status.has_come());
    rows.filter(of_year).map(|row| row.personal).sum()
}

fn medical_year_of(month: YearMonth) -> i16 {
    super::money::base_year(month)
}
