//! Demo people in a data folder that is kept and used again.

use hotline::lookup::demo::{self, Filled};
use hotline::lookup::pin::PinHashing;
use hotline::lookup::records::Account;

use crate::members::Bureau;

#[tokio::test]
async fn only_those_who_are_missing_are_added() {
    let bureau = Bureau::with(3).await;
    bureau.execute("UPDATE pins SET hash = 'changed' WHERE person_no = 'd0000001'").await.unwrap();
    let mut told = Vec::new();
    for (members, expected) in [
        (3, Filled { added: 0, people: 3 }),
        (600, Filled { added: 597, people: 600 }),
        (2, Filled { added: 0, people: 600 }),
    ] {
        let filled = demo::fill(&bureau.db, members, PinHashing::SMALLEST, |done, of| told.push((done, of))).await;
        assert_eq!(filled.unwrap(), expected);
    }
    assert_eq!(told, [(503, 600), (600, 600)]);
    assert_eq!(bureau.count("SELECT count(*) FROM members").await, 600);
    assert_eq!(bureau.count("SELECT count(*) FROM pins WHERE hash = 'changed'").await, 1);
}

#[tokio::test]
async fn what_is_in_the_tables_is_what_was_made() {
    let bureau = Bureau::with(200).await;
    let people: Vec<_> = demo::people(200).collect();
    let rows: usize = people.iter().map(|person| person.payments.len()).sum();
    let shares: i64 = people.iter().flat_map(|person| &person.payments).map(|row| row.personal).sum();
    assert_eq!(bureau.count("SELECT count(*) FROM payments").await, i64::try_from(rows).unwrap());
    assert_eq!(bureau.count("SELECT sum(personal) FROM payments").await, shares);
    let pins = people.iter().filter(|person| person.pin.is_some()).count();
    assert_eq!(bureau.count("SELECT count(*) FROM pins").await, i64::try_from(pins).unwrap());
    let totals: i64 = people.iter().filter_map(|person| person.account.as_ref()).map(Account::total).sum();
    assert_eq!(bureau.count("SELECT sum(current + previous) FROM accounts").await, totals);
}
