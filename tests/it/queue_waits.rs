//! What callers are told while they wait: of operators whose desks a restart has cut off, and of call-backs.

use std::time::Duration;

use hotline::store::queue::{OperatorNow, Presence, Standing};

use crate::queue::{Caller, Hall};

const MINUTE: Duration = Duration::from_mins(1);

/// An operator who is available.
async fn operator(hall: &Hall, number: u32) -> i64 {
    let operator = hall.hired(number, r#"["zh-CN"]"#, "[]").await;
    hall.database.enter_presence(operator, hall.now()).await.unwrap();
    assert!(hall.database.set_presence(operator, Presence::Available, hall.now()).await.unwrap());
    operator
}

async fn ask(hall: &Hall, caller: &Caller) -> Standing {
    hall.database.ask_queue(hall.question(caller)).await.unwrap()
}

async fn now_of(hall: &Hall, operator: i64) -> OperatorNow {
    let all = hall.database.operators_now().await.unwrap();
    all.into_iter().find(|one| one.no == operator).unwrap()
}

/// The server is gone for so long, and starts again.
async fn restarted_after(hall: &mut Hall, gone: Duration) {
    hall.later(gone);
    hall.database = hall.another().await;
    hall.database.await_desks(hall.now()).await.unwrap();
}

#[tokio::test]
async fn after_a_long_restart_callers_wait_for_the_desks_to_come_back() {
    let mut hall = Hall::open().await;
    let first = operator(&hall, 1001).await;
    hall.later(MINUTE / 60);
    let second = operator(&hall, 1002).await;
    restarted_after(&mut hall, 2 * MINUTE).await;
    let (one, other) = (hall.caller().await, hall.caller().await);
    assert!(
        matches!(ask(&hall, &one).await, Standing::Waiting { place: 1, .. }),
        "nobody is rung at a desk that is gone"
    );
    assert!(matches!(ask(&hall, &other).await, Standing::Waiting { place: 2, .. }));
    hall.database.match_waiting(hall.now()).await.unwrap();
    assert_eq!(now_of(&hall, first).await.reason, "restart");
    hall.later(MINUTE / 6);
    hall.database.enter_presence(second, hall.now()).await.unwrap();
    assert!(matches!(ask(&hall, &one).await, Standing::Operator { number, .. } if number == "1002"));
    hall.database.enter_presence(first, hall.now()).await.unwrap();
    assert!(matches!(ask(&hall, &other).await, Standing::Operator { number, .. } if number == "1001"));
}

#[tokio::test]
async fn whose_desk_does_not_come_back_is_offline_after_a_minute() {
    let mut hall = Hall::open().await;
    let gone = operator(&hall, 1001).await;
    restarted_after(&mut hall, 2 * MINUTE).await;
    let caller = hall.caller().await;
    assert!(matches!(ask(&hall, &caller).await, Standing::Waiting { .. }));
    hall.later(MINUTE / 2);
    assert!(matches!(ask(&hall, &caller).await, Standing::Waiting { .. }));
    hall.later(MINUTE / 2 + MINUTE / 60);
    assert_eq!(ask(&hall, &caller).await, Standing::Nobody);
    hall.database.match_waiting(hall.now()).await.unwrap();
    assert_eq!(now_of(&hall, gone).await.state, "offline");
}

#[tokio::test]
async fn nobody_is_awaited_who_was_on_a_break_or_after_a_night() {
    let mut hall = Hall::open().await;
    let pausing = operator(&hall, 1001).await;
    let away = Presence::Away("break".to_owned());
    assert!(hall.database.set_presence(pausing, away, hall.now()).await.unwrap());
    restarted_after(&mut hall, 2 * MINUTE).await;
    let caller = hall.caller().await;
    assert_eq!(ask(&hall, &caller).await, Standing::Nobody);
    assert_eq!(now_of(&hall, pausing).await.reason, "break");
    assert!(hall.database.set_presence(pausing, Presence::Available, hall.now()).await.unwrap());
    restarted_after(&mut hall, 600 * MINUTE).await;
    assert_eq!(ask(&hall, &hall.caller().await).await, Standing::Nobody);
}

/// Somebody who is to be called back, who came after everybody; from when on they go before everybody, if ever.
async fn call_back(hall: &Hall, due: Duration) -> i64 {
    let (now, due) = (hall.now().as_millis(), hall.now().plus(due).as_millis());
    let made = hall.database.write(move |connection| {
        Box::pin(async move {
            sqlx::query_scalar(
                "INSERT INTO waiting (call, line, queue, kind, simulated, language, subject, priority, arrived_at, \
                 joined_at, state, seen_until, due_at) \
                 VALUES (randomblob(16), '12333', 'general', 'call-back', 0, 'zh-CN', '', 0, ?1, ?1, 'waiting', ?2, ?3) \
                 RETURNING no",
            )
            .bind(now)
            .bind(i64::MAX)
            .bind(due)
            .fetch_one(connection)
            .await
        })
    });
    made.await.unwrap()
}

#[tokio::test]
async fn call_backs_that_will_go_before_a_caller_are_in_what_is_foretold() {
    let mut hall = Hall::open().await;
    operator(&hall, 1001).await;
    let (talks, waits) = (hall.caller().await, hall.caller().await);
    assert!(matches!(ask(&hall, &talks).await, Standing::Operator { .. }));
    let told = async |hall: &Hall| {
        let standing = ask(hall, &waits).await;
        let Standing::Waiting { place, bound } = standing else { panic!("{standing:?}") };
        (place, bound)
    };
    let (place, alone) = told(&hall).await;
    assert_eq!(place, 1);
    hall.later(MINUTE / 60);
    call_back(&hall, 600 * MINUTE).await;
    assert_eq!(told(&hall).await, (1, alone), "it comes after them");
    call_back(&hall, 11 * MINUTE).await;
    let (place, later) = told(&hall).await;
    assert_eq!(place, 1, "it goes before them in a minute only");
    assert!(later > alone, "{later:?} for {alone:?}");
    call_back(&hall, MINUTE).await;
    let (place, latest) = told(&hall).await;
    assert_eq!(place, 2);
    assert!(latest > later, "{latest:?} for {later:?}");
}
