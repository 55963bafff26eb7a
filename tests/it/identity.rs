//! Who gets in, who does not, and what a try costs.

use hotline::call::{Leg, PhoneNumber};
use hotline::lookup::demo::Person;
use hotline::lookup::identity::{
    Claim, Identity, NewPin, Outlet, SetPin, Settings, Verdict, Who, set_pin, unlock_person,
};
use hotline::lookup::pin::PinHashing;
use hotline::lookup::{PinHolder, Subject};
use jiff::civil::date;

use crate::members::{Bureau, call, secret};

const WRONG: &str = "738291";
const DAY_S: u64 = 24 * 60 * 60;

/// A try of person `k` in call `number`, at `turn`.
struct Try {
    k: u32,
    call: u32,
    turn: u32,
    pin: Option<&'static str>,
    caller: Option<&'static str>,
}

fn right(k: u32, call: u32, turn: u32) -> Try {
    Try { k, call, turn, pin: None, caller: None }
}

fn wrong(k: u32, call: u32, turn: u32) -> Try {
    Try { pin: Some(WRONG), ..right(k, call, turn) }
}

async fn give(bureau: &Bureau, attempt: Try) -> Verdict {
    let person = Person::nth(attempt.k);
    let pin = attempt.pin.map_or_else(|| person.pin.unwrap().digits, str::to_owned);
    by(bureau, Who::ById(person.member.id), &pin, &attempt).await
}

async fn by(bureau: &Bureau, by: Who, pin: &str, attempt: &Try) -> Verdict {
    let claim = Claim {
        by,
        pin: secret(pin),
        call: call(attempt.call),
        leg: Leg::CALLER,
        turn: attempt.turn,
        caller: attempt.caller.map(|number| PhoneNumber::parse(number).unwrap()),
        now: bureau.now,
    };
    bureau.identity.verify(claim).await.unwrap()
}

async fn subject(bureau: &Bureau, number: u32) -> Option<String> {
    Subject::of_call(&bureau.db, call(number), bureau.now).await.unwrap().map(|one| one.person_no().to_owned())
}

async fn failed(bureau: &Bureau) -> i64 {
    bureau.count("SELECT count(*) FROM tries WHERE failed = 1").await
}

#[tokio::test]
async fn a_right_pin_makes_a_subject_for_a_quarter_of_an_hour() {
    let mut bureau = Bureau::with(3).await;
    assert_eq!(subject(&bureau, 1).await, None);
    assert_eq!(give(&bureau, right(0, 1, 5)).await, Verdict::Verified);
    assert_eq!(subject(&bureau, 1).await.as_deref(), Some("d0000000"));
    assert_eq!(subject(&bureau, 2).await, None, "another call has verified nobody");
    bureau.later(15 * 60 - 1);
    assert_eq!(subject(&bureau, 1).await.as_deref(), Some("d0000000"));
    bureau.later(1);
    assert_eq!(subject(&bureau, 1).await, None);

    assert_eq!(give(&bureau, right(1, 1, 9)).await, Verdict::Verified);
    assert_eq!(subject(&bureau, 1).await.as_deref(), Some("d0000001"), "the next person takes the place of the first");
    bureau.later(15 * 60);
    bureau.identity.tidy(bureau.now).await.unwrap();
    assert_eq!(bureau.count("SELECT count(*) FROM verifications").await, 0);
}

#[tokio::test]
async fn three_wrong_tries_end_it_in_that_call_only() {
    let bureau = Bureau::with(3).await;
    assert_eq!(give(&bureau, wrong(0, 1, 1)).await, Verdict::Wrong { left: 2 });
    assert_eq!(give(&bureau, wrong(1, 1, 2)).await, Verdict::Wrong { left: 1 });
    assert_eq!(give(&bureau, wrong(0, 1, 3)).await, Verdict::Refused);
    assert_eq!(give(&bureau, right(2, 1, 4)).await, Verdict::Refused, "nobody gets in any more");
    assert_eq!(failed(&bureau).await, 3);
    assert_eq!(give(&bureau, right(2, 2, 1)).await, Verdict::Verified);
}

#[tokio::test]
async fn unknown_wrong_and_not_set_up_look_alike() {
    let bureau = Bureau::with(19).await;
    // 0 has another PIN, 18 has none, 30 is not in the tables.
    for (k, number) in [(0, 1), (18, 2), (30, 3)] {
        let mut verdicts = Vec::new();
        for turn in 1..=4 {
            verdicts.push(give(&bureau, wrong(k, number, turn)).await);
        }
        verdicts.push(give(&bureau, wrong(k, number + 10, 1)).await);
        verdicts.push(give(&bureau, wrong(k, number + 10, 2)).await);
        verdicts.push(give(&bureau, wrong(k, number + 10, 3)).await);
        let refused = Verdict::Refused;
        assert_eq!(
            verdicts,
            [
                Verdict::Wrong { left: 2 },
                Verdict::Wrong { left: 1 },
                refused,
                refused,
                Verdict::Wrong { left: 1 },
                Verdict::Locked,
                Verdict::Locked
            ],
            "person {k}"
        );
    }
    assert_eq!(failed(&bureau).await, 3 * 5);
    assert_eq!(bureau.count("SELECT count(DISTINCT person) FROM tries").await, 3);
}

#[tokio::test]
async fn five_wrong_tries_lock_for_a_day_from_the_last() {
    let mut bureau = Bureau::with(2).await;
    for number in 1..=4 {
        give(&bureau, wrong(0, number, 1)).await;
        bureau.later(3600);
    }
    assert_eq!(give(&bureau, wrong(0, 5, 1)).await, Verdict::Locked, "the try that locks says so");
    bureau.later(DAY_S - 1);
    assert_eq!(give(&bureau, right(0, 6, 1)).await, Verdict::Locked, "not even the right PIN");
    assert_eq!(failed(&bureau).await, 5, "a try while locked does not count");
    assert_eq!(give(&bureau, right(1, 7, 1)).await, Verdict::Verified, "others are not locked");
    bureau.later(1);
    assert_eq!(give(&bureau, right(0, 8, 1)).await, Verdict::Verified);
}

#[tokio::test]
async fn ten_wrong_tries_in_a_row_lock_until_an_outlet_unlocks() {
    let mut bureau = Bureau::with(1).await;
    for number in 1..=10 {
        give(&bureau, wrong(0, number, 1)).await;
        bureau.later(DAY_S);
    }
    bureau.later(100 * DAY_S);
    assert_eq!(give(&bureau, right(0, 20, 1)).await, Verdict::Locked);
    let id = Person::nth(0).member.id;
    assert_eq!(unlock_person(&bureau.db, &id, bureau.now).await.unwrap(), Outlet::Done);
    assert_eq!(give(&bureau, right(0, 21, 1)).await, Verdict::Verified);
    let unknown = Person::nth(30).member.id;
    assert_eq!(unlock_person(&bureau.db, &unknown, bureau.now).await.unwrap(), Outlet::NobodyHasThisId);
}

#[tokio::test]
async fn a_right_one_in_between_begins_the_row_of_ten_again() {
    let mut bureau = Bureau::with(1).await;
    for number in 1..=9 {
        give(&bureau, wrong(0, number, 1)).await;
        bureau.later(DAY_S);
    }
    assert_eq!(give(&bureau, right(0, 10, 1)).await, Verdict::Verified);
    bureau.later(DAY_S);
    give(&bureau, wrong(0, 11, 1)).await;
    bureau.later(DAY_S);
    assert_eq!(give(&bureau, right(0, 12, 1)).await, Verdict::Verified);
}

#[tokio::test]
async fn ten_wrong_tries_lock_a_calling_number_and_withheld_ones_share_none() {
    let mut bureau = Bureau::with(20).await;
    let from = |caller, k| Try { caller, ..wrong(k, 100 + k, 1) };
    for k in 0..9 {
        assert!(matches!(give(&bureau, from(Some("+8612012345678"), k)).await, Verdict::Wrong { .. }), "{k}");
        bureau.later(60);
    }
    assert_eq!(give(&bureau, from(Some("+8612012345678"), 9)).await, Verdict::Locked);
    let known = Try { caller: Some("+8612012345678"), ..right(10, 1, 1) };
    assert_eq!(give(&bureau, known).await, Verdict::Locked);
    assert_eq!(give(&bureau, Try { caller: Some("+8612021112222"), ..right(10, 2, 1) }).await, Verdict::Verified);
    bureau.later(DAY_S);
    assert_eq!(give(&bureau, Try { caller: Some("+8612012345678"), ..right(10, 3, 1) }).await, Verdict::Verified);

    for k in 0..12 {
        assert_eq!(give(&bureau, Try { call: 200 + k, ..from(None, k) }).await, Verdict::Wrong { left: 2 }, "{k}");
    }
}

#[tokio::test]
async fn a_repeat_costs_nothing_and_hears_the_same() {
    let bureau = Bureau::with(2).await;
    for _ in 0..3 {
        assert_eq!(give(&bureau, wrong(0, 1, 4)).await, Verdict::Wrong { left: 2 });
    }
    assert_eq!(give(&bureau, right(0, 1, 4)).await, Verdict::Wrong { left: 2 }, "the turn is decided");
    assert_eq!(failed(&bureau).await, 1);
    let twins = tokio::join!(give(&bureau, wrong(1, 2, 1)), give(&bureau, wrong(1, 2, 1)));
    assert_eq!(twins, (Verdict::Wrong { left: 2 }, Verdict::Wrong { left: 2 }));
    assert_eq!(failed(&bureau).await, 2);
}

#[tokio::test]
async fn a_crash_between_reservation_and_check_costs_one_try() {
    let bureau = Bureau::with(1).await;
    give(&bureau, wrong(0, 1, 1)).await;
    // So it looks to the next process if this one dies before the PIN is checked.
    bureau.execute("UPDATE tries SET verdict = NULL, tries_left = NULL").await.unwrap();
    assert_eq!(give(&bureau, wrong(0, 1, 1)).await, Verdict::Wrong { left: 2 });
    assert_eq!(failed(&bureau).await, 1);
    bureau.execute("UPDATE tries SET verdict = NULL, tries_left = NULL").await.unwrap();
    assert_eq!(give(&bureau, right(0, 1, 1)).await, Verdict::Verified);
    assert_eq!(failed(&bureau).await, 0);
}

#[tokio::test]
async fn a_reserved_try_counts_as_failed() {
    let bureau = Bureau::with(1).await;
    for number in 1..=4 {
        give(&bureau, wrong(0, number, 1)).await;
    }
    bureau.execute("UPDATE tries SET verdict = NULL").await.unwrap();
    assert_eq!(give(&bureau, wrong(0, 5, 1)).await, Verdict::Locked);
}

#[tokio::test]
async fn an_initial_pin_is_good_for_setting_one_only() {
    let bureau = Bureau::with(18).await;
    assert_eq!(give(&bureau, right(17, 1, 1)).await, Verdict::Initial);
    assert_eq!(subject(&bureau, 1).await, None);
    let holder = PinHolder::of_call(&bureau.db, call(1), bureau.now).await.unwrap().unwrap();
    assert_eq!(holder.person_no(), "d0000017");
    // So it is after the effect that sets the PIN.
    bureau.execute("UPDATE verifications SET full = 1").await.unwrap();
    assert_eq!(subject(&bureau, 1).await.as_deref(), Some("d0000017"));
}

#[tokio::test]
async fn cards_need_the_last_four_and_count_for_their_person() {
    let bureau = Bureau::with(23).await;
    // 20, 21 and 22 have cards with the same digits.
    let person = Person::nth(21);
    let digits = person.member.card_digits().unwrap();
    let card = |last_four: &str| Who::ByCard { digits: digits.clone(), last_four: last_four.to_owned() };
    let pin = person.pin.unwrap().digits;
    let last_four = person.member.id.last_four().to_owned();
    assert_eq!(by(&bureau, card(&last_four), &pin, &right(21, 1, 1)).await, Verdict::Verified);
    assert_eq!(subject(&bureau, 1).await.as_deref(), Some("d0000021"));
    assert_eq!(by(&bureau, card("0000"), &pin, &right(21, 2, 1)).await, Verdict::Wrong { left: 2 });
    assert_eq!(by(&bureau, card(&last_four), WRONG, &right(21, 2, 2)).await, Verdict::Wrong { left: 1 });
    assert_eq!(give(&bureau, wrong(21, 3, 1)).await, Verdict::Wrong { left: 2 });
    // The two tries of the person, by card and by number, share a counter; the card that is nobody's has its own.
    let counters = bureau.count("SELECT count(DISTINCT person) FROM tries WHERE failed = 1").await;
    assert_eq!((counters, failed(&bureau).await), (2, 3));
}

#[tokio::test]
async fn nothing_that_names_a_person_is_kept_with_a_try() {
    let mut bureau = Bureau::with(1).await;
    give(&bureau, Try { caller: Some("+8612012345678"), ..wrong(0, 1, 1) }).await;
    let plain = "SELECT count(*) FROM tries WHERE instr(person, '0001') OR instr(caller, '120')";
    assert_eq!(bureau.count(plain).await, 0);
    assert_eq!(bureau.count("SELECT count(*) FROM tries WHERE length(person) = 32 AND length(caller) = 32").await, 1);
    // Another key, other hashes: without it nobody can tell whose tries they are.
    let settings = Settings { hashing: PinHashing::SMALLEST, key: [8; 32], checks_at_once: 1 };
    bureau.identity = Identity::new(bureau.db.clone(), &settings).unwrap();
    give(&bureau, wrong(0, 2, 1)).await;
    assert_eq!(bureau.count("SELECT count(DISTINCT person) FROM tries").await, 2);
}

#[tokio::test]
async fn a_new_pin_is_hard_to_guess_and_keyed_twice() {
    let bureau = Bureau::with(1).await;
    give(&bureau, right(0, 1, 1)).await;
    let holder = PinHolder::of_call(&bureau.db, call(1), bureau.now).await.unwrap().unwrap();
    let caller = PhoneNumber::parse("+8612012349876").unwrap();
    let today = date(2026, 4, 1);
    let check = async |pin| bureau.identity.check_new_pin(&secret(pin), &holder, Some(&caller), today).await.unwrap();
    for weak in ["111111", "123456", "850312", "031285", "985031", "000122", "349876", "204816", "12345"] {
        assert!(check(weak).await == NewPin::Weak, "{weak}");
    }
    let NewPin::Accepted(hash) = check(WRONG).await else { panic!("a strong PIN was refused") };
    assert!(hash.starts_with("$argon2id$"));
    assert!(bureau.identity.confirm_new_pin(&secret(WRONG), &hash).await.unwrap());
    assert!(!bureau.identity.confirm_new_pin(&secret("738292"), &hash).await.unwrap());
    assert!(bureau.identity.confirm_new_pin(&secret(WRONG), "no hash").await.is_err());
}

#[tokio::test]
async fn an_outlet_sets_a_pin_and_unlocks() {
    let mut bureau = Bureau::with(1).await;
    for number in 1..=5 {
        give(&bureau, wrong(0, number, 1)).await;
    }
    bureau.later(1);
    let id = Person::nth(0).member.id;
    let set = |pin, initial, now| {
        let id = id.clone();
        let db = bureau.db.clone();
        async move {
            let pin = secret(pin);
            set_pin(&db, SetPin { id: &id, pin: &pin, initial, hashing: PinHashing::SMALLEST, now }).await.unwrap()
        }
    };
    assert_eq!(set("850312", false, bureau.now).await, Outlet::Weak);
    assert_eq!(set(WRONG, true, bureau.now).await, Outlet::Done);
    assert_eq!(give(&bureau, wrong(0, 6, 1)).await, Verdict::Initial, "what was wrong is the PIN now");
    assert_eq!(set("593821", false, bureau.now).await, Outlet::Done);
    assert_eq!(give(&bureau, Try { pin: Some("593821"), ..right(0, 7, 1) }).await, Verdict::Verified);
}
