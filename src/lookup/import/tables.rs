//! Which tables can be imported, their columns, and how a line becomes a row.

use std::sync::Arc;

use jiff::civil::Date;

use super::super::records::{
    Account, AccountState, Costs, Credit, DocType, Employer, Filing, FilingState, Insurance, Member, MemberStatus,
    Payment, PaymentKind, PaymentStatus, Place, RemoteFiling, Rights,
};
use super::cells::Cells;
use crate::call::IdNumber;

/// A table that a file can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Members,
    Employers,
    Accounts,
    AccountCosts,
    AccountCredits,
    Payments,
    Rights,
    Filings,
}

/// A table, its key, its other required columns, and those that may be left out.
type Columns = (Table, &'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

pub(super) const ALL: &[Columns] = &[
    (
        Table::Members,
        "members",
        &["person_no"],
        &["id_no", "name"],
        &["doc_type", "card_no", "phone", "status", "first_joined"],
    ),
    (Table::Employers, "employers", &["employer_no"], &["employer_name"], &[]),
    (
        Table::Accounts,
        "accounts",
        &["person_no"],
        &["as_of", "current", "previous", "self_pay_standard", "self_pay_used"],
        &["state"],
    ),
    (Table::AccountCosts, "account_costs", &["person_no", "medical_year"], &["fund", "account", "cash"], &[]),
    (Table::AccountCredits, "account_credits", &["person_no", "credited_on"], &["amount"], &[]),
    (
        Table::Payments,
        "payments",
        &["person_no", "for_period", "insurance", "employer_no"],
        &["base", "employer_amount", "personal", "status"],
        &["kind", "settled_period"],
    ),
    (
        Table::Rights,
        "rights",
        &["person_no"],
        &[
            "as_of",
            "pension_months",
            "medical_months",
            "unemployment_months",
            "injury_months",
            "pension_account",
            "year_months",
            "interest",
        ],
        &[],
    ),
    (
        Table::Filings,
        "filings",
        &["person_no", "filed_on"],
        &["place", "filing", "state"],
        &["valid_from", "valid_until"],
    ),
];

impl Table {
    /// The table that a file with these columns is for: the one that has most of them.
    pub(super) fn of_columns(columns: &[String]) -> Result<Self, Vec<String>> {
        let has = |name: &str| columns.iter().any(|column| column == name);
        let fitting = |(_, _, key, rest, optional): &&Columns| {
            [*key, *rest, *optional].concat().iter().filter(|name| has(name)).count()
        };
        let required = |(_, _, key, rest, _): &Columns| [*key, *rest].concat();
        let complete = |table: &&Columns| required(table).iter().all(|name| has(name));
        let best = ALL.iter().filter(complete).max_by_key(fitting).or_else(|| ALL.iter().max_by_key(fitting));
        let Some(best @ (table, name, key, rest, optional)) = best.filter(|best| fitting(best) > 0) else {
            return Err(vec!["the first line names no column of any table; docs/members-csv.md has them".to_owned()]);
        };
        let all = [*key, *rest, *optional].concat();
        let missing = required(best).into_iter().filter(|name| !has(name));
        let mut wrong: Vec<String> =
            missing.map(|column| format!("column `{column}` of table `{name}` is missing")).collect();
        for (at, column) in columns.iter().enumerate() {
            if columns.iter().take(at).any(|other| other == column) {
                wrong.push(format!("column {} has the name of another", at + 1));
            } else if !all.contains(&column.as_str()) {
                wrong.push(format!("column {} is none of table `{name}`, which has {}", at + 1, all.join(", ")));
            }
        }
        if wrong.is_empty() { Ok(*table) } else { Err(wrong) }
    }

    /// What tells rows of the table apart.
    pub(super) fn key(self, cells: &Cells<'_>) -> String {
        let (_, _, key, _, _) = ALL.iter().find(|(table, ..)| *table == self).expect("every table is in the list");
        let kind = (self == Self::Payments).then(|| cells.peek("kind").unwrap_or_else(|| "normal".to_owned()));
        let parts = key.iter().map(|column| {
            let cell = cells.peek(column).unwrap_or_default();
            // Both ways to write a month are one month.
            if *column == "for_period" { cell.replace('-', "") } else { cell }
        });
        parts.chain(kind).collect::<Vec<_>>().join("\n")
    }
}

fn person_no(cells: &mut Cells<'_>) -> Option<Arc<str>> {
    cells.text("person_no").map(Arc::from)
}

// Each of the following reads every cell before it gives up, so that all mistakes of a line are told.

pub(super) fn member(cells: &mut Cells<'_>, today: Date) -> Option<Member> {
    let person_no = person_no(cells);
    let id = cells.text("id_no").and_then(|text| {
        let id = IdNumber::parse(&text, today);
        if let Err(bad) = &id {
            cells.wrong(Some("id_no"), bad.to_string());
        }
        id.ok()
    });
    let name = cells.text("name");
    let doc_type = cells.word("doc_type", DocType::WORDS, DocType::parse, Some(DocType::Citizen));
    let status = cells.word("status", MemberStatus::WORDS, MemberStatus::parse, Some(MemberStatus::Active));
    let first_joined = cells.optional_date("first_joined");
    let card_no = cells.peek("card_no");
    if card_no.as_deref().is_some_and(|card| !(4..=20).contains(&card.chars().count())) {
        cells.wrong(Some("card_no"), "a card number has 4 to 20 characters");
    }
    let phone = cells.peek("phone");
    Some(Member {
        person_no: person_no?,
        id: id?,
        name: name?,
        doc_type: doc_type?,
        card_no,
        phone,
        status: status?,
        first_joined: first_joined?,
    })
}

pub(super) fn employer(cells: &mut Cells<'_>) -> Option<Employer> {
    let employer_no = cells.text("employer_no");
    let employer_name = cells.text("employer_name");
    Some(Employer { employer_no: employer_no?.into(), employer_name: employer_name? })
}

pub(super) fn account(cells: &mut Cells<'_>) -> Option<Account> {
    let person_no = person_no(cells);
    let state = cells.word("state", AccountState::WORDS, AccountState::parse, Some(AccountState::Normal));
    let as_of = cells.date("as_of");
    let current = not_negative(cells, "current");
    let previous = not_negative(cells, "previous");
    let standard = not_negative(cells, "self_pay_standard");
    let used = not_negative(cells, "self_pay_used");
    if let (Some(standard), Some(used)) = (standard, used)
        && used > standard
    {
        cells.wrong(Some("self_pay_used"), "more is used than the standard");
        return None;
    }
    Some(Account {
        person_no: person_no?,
        state: state?,
        as_of: as_of?,
        current: current?,
        previous: previous?,
        self_pay_standard: standard?,
        self_pay_used: used?,
    })
}

pub(super) fn costs(cells: &mut Cells<'_>) -> Option<Costs> {
    let person_no = person_no(cells);
    let medical_year = cells.number("medical_year", 1990..=2199).and_then(|year| i16::try_from(year).ok());
    let fund = not_negative(cells, "fund");
    let account = not_negative(cells, "account");
    let cash = not_negative(cells, "cash");
    Some(Costs { person_no: person_no?, medical_year: medical_year?, fund: fund?, account: account?, cash: cash? })
}

pub(super) fn credit(cells: &mut Cells<'_>) -> Option<Credit> {
    let person_no = person_no(cells);
    let credited_on = cells.date("credited_on");
    let amount = cells.amount("amount");
    Some(Credit { person_no: person_no?, credited_on: credited_on?, amount: amount? })
}

pub(super) fn payment(cells: &mut Cells<'_>) -> Option<Payment> {
    let person_no = person_no(cells);
    let for_period = cells.month("for_period");
    let insurance = cells.word("insurance", Insurance::WORDS, Insurance::parse, None);
    let employer_no = cells.text("employer_no");
    let kind = cells.word("kind", PaymentKind::WORDS, PaymentKind::parse, Some(PaymentKind::Normal));
    let base = not_negative(cells, "base");
    let employer_amount = not_negative(cells, "employer_amount");
    let personal = not_negative(cells, "personal");
    let status = cells.word("status", PaymentStatus::WORDS, PaymentStatus::parse, None);
    let settled_period = cells.optional_month("settled_period");
    if let (Some(for_period), Some(Some(settled))) = (for_period, settled_period)
        && settled < for_period
    {
        cells.wrong(Some("settled_period"), "a month cannot be settled before it has come");
    }
    if status == Some(PaymentStatus::BackPaid) && settled_period == Some(None) {
        cells.wrong(Some("settled_period"), "a month that is back-paid was settled in a month: which?");
    }
    Some(Payment {
        person_no: person_no?,
        for_period: for_period?,
        insurance: insurance?,
        employer_no: employer_no?.into(),
        kind: kind?,
        base: base?,
        employer_amount: employer_amount?,
        personal: personal?,
        status: status?,
        settled_period: settled_period?,
    })
}

pub(super) fn rights(cells: &mut Cells<'_>) -> Option<Rights> {
    const MOST_MONTHS: std::ops::RangeInclusive<i64> = 0..=1_200;
    let person_no = person_no(cells);
    let as_of = cells.date("as_of");
    let pension_months = cells.number("pension_months", MOST_MONTHS);
    let medical_months = cells.number("medical_months", MOST_MONTHS);
    let unemployment_months = cells.number("unemployment_months", MOST_MONTHS);
    let injury_months = cells.number("injury_months", MOST_MONTHS);
    let pension_account = not_negative(cells, "pension_account");
    let year_months = cells.number("year_months", 0..=12);
    let interest = not_negative(cells, "interest");
    Some(Rights {
        person_no: person_no?,
        as_of: as_of?,
        pension_months: pension_months?,
        medical_months: medical_months?,
        unemployment_months: unemployment_months?,
        injury_months: injury_months?,
        pension_account: pension_account?,
        year_months: year_months?,
        interest: interest?,
    })
}

pub(super) fn filing(cells: &mut Cells<'_>) -> Option<RemoteFiling> {
    let person_no = person_no(cells);
    let filed_on = cells.date("filed_on");
    let place = cells.word("place", Place::WORDS, Place::parse, None);
    let filing = cells.word("filing", Filing::WORDS, Filing::parse, None);
    let state = cells.word("state", FilingState::WORDS, FilingState::parse, None);
    let valid_from = cells.optional_date("valid_from");
    let valid_until = cells.optional_date("valid_until");
    if state == Some(FilingState::Active) && valid_from == Some(None) {
        cells.wrong(Some("valid_from"), "an active filing has a first day");
    }
    if state == Some(FilingState::Expired) && valid_until == Some(None) {
        cells.wrong(Some("valid_until"), "an expired filing has a last day");
    }
    if let (Some(Some(from)), Some(Some(until))) = (valid_from, valid_until)
        && until < from
    {
        cells.wrong(Some("valid_until"), "the last day is before the first");
    }
    Some(RemoteFiling {
        person_no: person_no?,
        filed_on: filed_on?,
        place: place?,
        filing: filing?,
        state: state?,
        valid_from: valid_from?,
        valid_until: valid_until?,
    })
}

fn not_negative(cells: &mut Cells<'_>, column: &str) -> Option<i64> {
    let amount = cells.amount(column)?;
    if amount < 0 {
        cells.wrong(Some(column), "this amount cannot be negative");
        return None;
    }
    Some(amount)
}
