//! The invariants of the domain reference 2.3 to 2.5, over the first thousand people and some far ones.

use std::collections::{BTreeMap, BTreeSet};

use super::super::records::{AccountState, PaymentKind, PaymentStatus, Stage, digits_of};
use super::*;

fn some_people() -> impl Iterator<Item = (u32, Person)> {
    (0..1_000).chain((1..40).map(|far| far * 49_999)).map(|k| (k, Person::nth(k)))
}

#[test]
fn the_first_is_the_person_of_the_worked_call() {
    let person = Person::nth(0);
    assert_eq!(person.member.id.as_str(), "000101198503121233");
    assert_eq!(person.pin, Some(DemoPin { digits: "204816".to_owned(), initial: false }));
    let account = person.account.unwrap();
    assert_eq!((account.total(), account.current, account.previous), (11_023_55, 1_023_05, 10_000_50));
    assert_eq!((account.as_of, account.stage()), (date(2026, 3, 31), Stage::Account));
    let march = person.payments.iter().rfind(|row| row.insurance == Insurance::Pension).unwrap();
    assert_eq!(march.for_period, YearMonth::new(2026, 3).unwrap());
    assert_eq!((march.base, march.employer_amount, march.personal), (12_000_00, 1_920_00, 960_00));
    assert_eq!(march.status, PaymentStatus::Paid);
    assert!(person.state.is_empty());
}

#[test]
fn identity_numbers_are_right_and_unlike() {
    let mut seen = BTreeSet::new();
    let everybody = (0..110_000).chain((110_000..3_000_000).step_by(97));
    for k in everybody {
        let id = id_number(k);
        assert!(id.as_str().starts_with("0001"), "{k}");
        assert_eq!(IdNumber::parse(id.as_str(), date(2026, 4, 1)).as_ref(), Ok(&id), "{k}");
        assert!((1940..=2006).contains(&id.birth().year()), "{k}");
        assert!(seen.insert(id.as_str().to_owned()), "{k} has the number of another");
    }
}

#[test]
fn pins_are_hard_to_guess_and_always_the_same() {
    for (k, person) in some_people() {
        let Some(pin) = person.pin else { continue };
        let known = Known { id: &person.member.id, card_no: person.member.card_no.as_deref(), caller: None };
        assert!(!is_weak(&Secret::from_keys(&Keys::parse(&pin.digits).unwrap()), known), "{k}");
        assert_eq!(Person::nth(k).pin, Some(pin));
    }
}

#[test]
fn payments_follow_bases_and_rates() {
    for (k, person) in some_people() {
        for row in &person.payments {
            if row.status == PaymentStatus::NotInsured {
                assert_eq!((row.base, row.employer_amount, row.personal), (0, 0, 0), "{k}");
                continue;
            }
            let (lower, upper) = money::limits(row.for_period);
            assert!((lower..=upper).contains(&row.base), "{k}");
            let employer: u32 = digits_of(&row.employer_no).parse().unwrap();
            let (employer_rate, personal_rate) = money::rates(row.insurance, employer, row.for_period);
            assert_eq!(row.employer_amount, money::share(row.base, employer_rate), "{k}");
            assert_eq!(row.personal, money::share(row.base, personal_rate), "{k}");
        }
    }
}

#[test]
fn bases_change_in_july_only() {
    for (k, person) in some_people() {
        let mut bases: BTreeMap<i16, BTreeSet<i64>> = BTreeMap::new();
        for row in person.payments.iter().filter(|row| row.status != PaymentStatus::NotInsured) {
            bases.entry(money::base_year(row.for_period)).or_default().insert(row.base);
        }
        assert!(bases.values().all(|bases| bases.len() == 1), "{k}");
    }
}

#[test]
fn payments_have_the_keys_and_periods_that_they_may() {
    let (first, last) = (YearMonth::new(2024, 4).unwrap(), payment::last_month());
    for (k, person) in some_people() {
        let mut keys = BTreeSet::new();
        for row in &person.payments {
            assert!((first..=last).contains(&row.for_period), "{k}");
            let key = (row.for_period, row.insurance, row.employer_no.clone(), row.kind.name());
            assert!(keys.insert(key), "{k} has two rows with one key");
            let settled_late = row.settled_period.is_some_and(|settled| settled > row.for_period);
            match row.status {
                PaymentStatus::Paid => assert_eq!(row.settled_period, Some(row.for_period), "{k}"),
                PaymentStatus::BackPaid => assert!(settled_late && row.kind == PaymentKind::BackPaid, "{k}"),
                PaymentStatus::Refunded => assert!(settled_late && row.kind == PaymentKind::Refund, "{k}"),
                PaymentStatus::Processing
                | PaymentStatus::Arrears
                | PaymentStatus::Deferred
                | PaymentStatus::NotInsured => assert_eq!(row.settled_period, None, "{k}"),
            }
        }
    }
}

#[test]
fn accounts_add_up() {
    for (k, person) in some_people() {
        let Some(account) = person.account else { continue };
        let costs = person.costs.unwrap();
        assert_eq!(account.total(), account.current + account.previous, "{k}");
        assert!(account.current >= 0 && account.previous >= 0, "{k}");
        assert!((0..=account.self_pay_standard).contains(&account.self_pay_used), "{k}");
        assert_eq!(costs.total(), costs.fund + costs.account + costs.cash, "{k}");
        assert!(costs.fund >= 0 && costs.account >= 0 && costs.cash >= 0, "{k}");

        // On 1 July the account got the member's own shares of the year before; since then costs have drawn it.
        let credited = person.credit.as_ref().map_or(0, |credit| credit.amount);
        if let Some(credit) = &person.credit {
            assert_eq!(credit.credited_on, date(2025, 7, 1), "{k}");
        }
        let own_shares = account::paid_in_the_year_before(&person.payments);
        let retired = person.state.contains(&"retired") && account.self_pay_standard != 500_00;
        assert_eq!(credited, if retired { 1_680_00 } else { own_shares }, "{k}");
        let drawn_from_current = credited - account.current;
        assert!(drawn_from_current >= 0 && costs.account >= drawn_from_current, "{k}");

        // Stage by stage: nothing is paid in cash or by the fund before its stage has come.
        let from_savings = costs.account - drawn_from_current;
        match account.stage() {
            Stage::Account => {
                assert_eq!((account.self_pay_used, costs.fund, costs.cash, from_savings), (0, 0, 0, 0), "{k}");
            }
            Stage::SelfPay => {
                assert_eq!(account.current, 0, "{k}");
                assert_eq!((costs.fund, costs.cash + from_savings), (0, account.self_pay_used), "{k}");
            }
            Stage::CoPay => {
                assert_eq!((account.current, account.self_pay_used), (0, account.self_pay_standard), "{k}");
                assert!(costs.cash + from_savings >= account.self_pay_standard, "{k}");
            }
        }
    }
}

#[test]
fn rights_count_the_months_that_were_paid() {
    for (k, person) in some_people() {
        let Some(rights) = person.rights else { continue };
        let paid: BTreeSet<YearMonth> = person
            .payments
            .iter()
            .filter(|row| row.insurance == Insurance::Pension && row.status.has_come() && row.for_period.year() == 2025)
            .map(|row| row.for_period)
            .collect();
        assert_eq!(rights.year_months, i64::try_from(paid.len()).unwrap(), "{k}");
        assert!((0..=12).contains(&rights.year_months) && rights.pension_months >= rights.year_months, "{k}");
        assert!(rights.pension_account >= 0 && rights.interest <= rights.pension_account, "{k}");
    }
}

#[test]
fn everything_that_a_caller_can_meet_is_in_the_showcase() {
    let showcase: Vec<Person> = people(SHOWCASE).collect();
    let rows = || showcase.iter().flat_map(|person| &person.payments);
    for status in PaymentStatus::ALL {
        assert!(rows().any(|row| row.status == *status), "{status:?}");
    }
    let accounts: Vec<&Account> = showcase.iter().filter_map(|person| person.account.as_ref()).collect();
    for state in AccountState::ALL {
        assert!(accounts.iter().any(|account| account.state == *state), "{state:?}");
    }
    for stage in Stage::ALL {
        let normal = |account: &&&Account| account.state == AccountState::Normal;
        assert!(accounts.iter().filter(normal).any(|account| account.stage() == *stage), "{stage:?}");
    }
    let filings: Vec<&RemoteFiling> = showcase.iter().filter_map(|person| person.filing.as_ref()).collect();
    for state in FilingState::ALL {
        assert!(filings.iter().any(|filing| filing.state == *state), "{state:?}");
    }
    for filing in Filing::ALL {
        assert!(filings.iter().any(|one| one.filing == *filing), "{filing:?}");
    }
    for place in Place::ALL {
        assert!(filings.iter().any(|one| one.place == *place), "{place:?}");
    }
    for status in super::super::records::MemberStatus::ALL {
        assert!(showcase.iter().any(|person| person.member.status == *status), "{status:?}");
    }
    for (what, holds) in [
        ("an initial PIN", showcase.iter().any(|person| person.pin.as_ref().is_some_and(|pin| pin.initial))),
        ("no PIN", showcase.iter().any(|person| person.pin.is_none())),
        ("no account", showcase.iter().any(|person| person.account.is_none())),
        ("no records", showcase.iter().any(|person| person.payments.is_empty())),
        ("no rights record", showcase.iter().any(|person| person.rights.is_none())),
        ("no credit", showcase.iter().any(|person| person.account.is_some() && person.credit.is_none())),
        ("no card", showcase.iter().any(|person| person.member.card_no.is_none())),
        ("an X", showcase.iter().any(|person| person.member.id.as_str().ends_with('X'))),
        ("two employers in a month", showcase.iter().any(|person| person.employers.len() == 2)),
        ("the last month missing", showcase.iter().any(|person| person.state == ["last-month-missing"])),
    ] {
        assert!(holds, "{what}");
    }
    let owing = |person: &Person| {
        let months = person.payments.iter().filter(|row| row.status == PaymentStatus::Arrears);
        months.map(|row| row.for_period).collect::<BTreeSet<_>>().len()
    };
    assert!(showcase.iter().any(|person| owing(person) > 12), "more than twelve months of arrears");
    let mut cards: BTreeMap<String, u32> = BTreeMap::new();
    for digits in showcase.iter().filter_map(|person| person.member.card_digits()) {
        *cards.entry(digits).or_default() += 1;
    }
    assert!(cards.values().any(|people| *people == 3), "three people whose cards have the same digits");
}

#[test]
fn the_last_month_is_summed_over_employers() {
    let (month, shares) = Person::nth(0).last_month().unwrap();
    assert_eq!(month, YearMonth::new(2026, 3).unwrap());
    let expected = [960_00, 240_00, 60_00, 0];
    assert_eq!(shares.iter().map(|(_, share)| *share).collect::<Vec<_>>(), expected);
    assert_eq!(Person::nth(34).last_month(), None);
}
